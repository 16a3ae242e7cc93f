//! Known puzzles with known answers, as the program that a student writes.

use std::collections::BTreeSet;

use super::*;
use crate::program::compile;

const HEAD: &str = "#include <stdio.h>\n#include <unistd.h>\n#include <sys/wait.h>\nint main(void) {\n";

fn found(body: &str, buffering: Buffering) -> Outcomes {
    let source = format!("{HEAD}{body}\nreturn 0;\n}}\n");
    let program = compile("test.c", &source).unwrap_or_else(|why| panic!("{why}"));
    let args = ["test".to_owned()];
    let explorer = Explorer::new(program.into(), &source, &args, buffering);
    let outcomes = explorer.outcomes(b"", Bound::default());
    assert_eq!(outcomes.incomplete, None, "{body}");
    outcomes
}

/// A program with this body can print exactly these.
fn check(body: &str, buffering: Buffering, outputs: &[&str]) {
    let found = found(body, buffering).found;
    let printed: BTreeSet<_> = found.iter().map(|(outcome, _)| outcome.text()).collect();
    let expected = outputs.iter().map(|&text| text.to_owned()).collect();
    assert_eq!(printed, expected, "{body}");
}

#[test]
fn parent_and_child_print_in_either_order() {
    let body = r#"if (fork() == 0) printf("child\n"); else printf("parent\n");"#;
    check(body, Buffering::Line, &["child\nparent\n", "parent\nchild\n"]);
}

#[test]
fn a_wait_leaves_one_order() {
    let body = r#"if (fork() == 0) { printf("child\n"); _exit(0); } wait(NULL); printf("parent\n");"#;
    check(body, Buffering::Line, &["child\nparent\n"]);
}

#[test]
fn a_buffer_is_copied_by_fork() {
    let body = r#"printf("once\n"); fork();"#;
    check(body, Buffering::Line, &["once\n"]);
    check(body, Buffering::Block, &["once\nonce\n"]);
}

/// However it runs, there are so many processes in all, and each is reaped.
fn makes(body: &str, processes: u32) {
    for (outcome, _) in found(body, Buffering::Line).found {
        assert_eq!((outcome.gone, outcome.stuck), (processes, 0), "{body}");
    }
}

#[test]
fn the_puzzles_of_every_course_have_their_known_answers() {
    makes("fork();", 2);
    makes("fork(); fork(); fork();", 8);
    makes("fork() && fork();", 3);
    makes("fork() || fork();", 3);
    makes("fork() && fork() || fork();", 5);
    makes("for (int i = 0; i < 3; i++) if (fork() == 0) _exit(0);", 4);
    makes("for (int i = 0; i < 3; i++) fork();", 8);
    makes("for (int i = 0; i < 3; i++) if (fork() != 0) break;", 4);
    makes(
        "for (int i = 0; i < 3; i++) { if (fork() == 0) _exit(0); wait(NULL); }",
        4,
    );
}

#[test]
fn what_is_not_written_yet_is_forked_too() {
    let body = r#"for (int i = 0; i < 2; i++) { fork(); printf("-"); }"#;
    check(body, Buffering::Line, &["--------"]);
    let body = r#"for (int i = 0; i < 2; i++) { fork(); printf("-\n"); }"#;
    check(body, Buffering::Line, &["-\n-\n-\n-\n-\n-\n"]);
    check(
        r#"printf("a"); if (fork() == 0) _exit(0);"#,
        Buffering::Line,
        &["a"],
    );
}

#[test]
fn only_who_has_a_child_can_wait_for_it() {
    let parent = r#"if (fork() != 0) { wait(NULL); printf("parent\n"); } else printf("child\n");"#;
    check(parent, Buffering::Line, &["child\nparent\n"]);
    let child = r#"if (fork() == 0) { wait(NULL); printf("child\n"); } else printf("parent\n");"#;
    check(child, Buffering::Line, &["child\nparent\n", "parent\nchild\n"]);
}

#[test]
fn four_children_print_in_twenty_four_orders() {
    let body = r#"for (int i = 0; i < 4; i++) if (fork() == 0) { printf("%d\n", i); _exit(0); }
        for (int i = 0; i < 4; i++) wait(NULL);"#;
    assert_eq!(found(body, Buffering::Line).found.len(), 24);
}

#[test]
fn a_forgotten_write_end_is_a_deadlock() {
    let body = "int ends[2]; char c; pipe(ends); if (fork() == 0) { read(ends[0], &c, 1); _exit(0); }
        close(ends[1]); wait(NULL);";
    let found = found(body, Buffering::Line);
    assert!(
        found.found.iter().all(|(outcome, _)| outcome.stuck == 2),
        "{:?}",
        found.found
    );
}

#[test]
fn what_is_not_named_cannot_be_done() {
    assert!(!named_in("fork(); wait(NULL);").has(Effects::SEND.and(Effects::KIN).and(Effects::WAIT)));
    assert!(named_in("kill(pid, 9);").has(Effects::SEND));
    for (source, effects) in [
        ("fork();", Effects::NONE),
        ("#include <sys/wait.h>\nwait(NULL);", Effects::JOIN),
        ("os.wait()\n", Effects::JOIN),
        ("pid = wait(NULL);", Effects::WAIT),
        ("while (wait(NULL) > 0) ;", Effects::WAIT),
        ("wait(&status);", Effects::WAIT),
    ] {
        assert_eq!(waits_in(source), effects, "{source}");
    }
}
