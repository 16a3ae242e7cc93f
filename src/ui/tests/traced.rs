//! Pictures of a program that is traced.

use super::story::Story;
use super::{Pane, check, check_80};
use crate::app::tracing::{Grain, Kind, Tracing};
use crate::model::event::{Line, Phase, Role};
use crate::model::{Errno, Ret};

const SHELL: &str = r#"#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    printf("one\n");
    pid_t pid = fork();
    if (pid == 0)
        _exit(7);
    int status;
    waitpid(pid, &status, 0);
    execlp("no-such", "no-such", NULL);
    return 1;
}
"#;

/// A and B right after the fork, both held.
fn forked() -> Story {
    let mut story = Story::of_program("shell.c", SHELL);
    story.app.tracing = Some(Tracing {
        name: "shell.c".to_owned(),
        grain: Grain::Line,
        ..Tracing::default()
    });
    story
        .trace()
        .exec("A", &["./shell"])
        .write("screen", "one\r\n")
        .select("A")
        .fork("A", "B")
        .at("A", 7, Phase::After, Some(("fork()", Some(4102))))
        .at("B", 7, Phase::After, Some(("fork()", Some(0))))
        .vars(
            "A",
            &[
                ("pid", None, "7ffc00007d14"),
                ("status", Some("0"), "7ffc00007d10"),
            ],
        )
        .vars(
            "B",
            &[
                ("pid", None, "7ffc00007d14"),
                ("status", Some("0"), "7ffc00007d10"),
            ],
        )
        .state("A", 't')
        .state("B", 't');
    story
}

fn called(line: u32, phase: Phase, call: &str, kernel: &str, ret: Option<Ret>) -> Line {
    Line {
        line,
        file: None,
        function: Some("main".to_owned()),
        phase,
        call: Some(call.to_owned()),
        kernel: Some(kernel.to_owned()),
        ret,
    }
}

/// A is held there.
fn held_at(story: &mut Story, line: Line) {
    story.stand("A", line).state("A", 't');
}

/// A is held before its wait; B is dead meanwhile.
fn before_wait() -> Story {
    let mut story = forked();
    let call = "waitpid(4102, &status, 0)";
    story.key().exit("B", 7);
    held_at(&mut story, called(11, Phase::Before, call, "wait4", None));
    story
}

#[test]
fn both_held_after_their_fork() {
    check_80("traced_forked", &forked());
    check("traced_forked_120x40", &forked().app, 120, 40);
    let mut story = forked();
    check("traced_presenter", &story.press("P").app, 60, 18);
}

#[test]
fn a_parent_before_its_wait_and_after() {
    check_80("traced_before_wait", &before_wait());
    let mut story = before_wait();
    let call = "waitpid(4102, &status, 0)";
    story.key().wait("A").reap("A", "B", 7);
    held_at(
        &mut story,
        called(11, Phase::After, call, "wait4", Some(Ret::Ok(4102))),
    );
    check_80("traced_after_wait", &story);
    let call = r#"execve("/bin/no-such", ["no-such"])"#;
    let failed = Some(Ret::Err(Errno(2)));
    story.key();
    held_at(&mut story, called(12, Phase::After, call, "execve", failed));
    check("traced_failed_exec_120x40", &story.app, 120, 40);
}

#[test]
fn breaks_are_chosen() {
    let mut story = before_wait();
    check_80("traced_break", story.press("b"));
}

#[test]
fn a_program_without_source_shows_its_terminal() {
    let mut story = Story::new();
    story.app.tracing = Some(Tracing {
        name: "sh -c 'ls & wait'".to_owned(),
        breaks: [Kind::Fork].into(),
        free: true,
        ..Tracing::default()
    });
    story.app.view.pane = Pane::Output;
    story
        .trace()
        .fork("screen", "A")
        .exec("A", &["sh", "-c", "ls & wait"])
        .fork("A", "B")
        .exec("B", &["ls"])
        .key()
        .select("B")
        .write("B", "\x1b[1;34mfolder\x1b[0m  file\r\n100 %\rdone \r\n")
        .exit("B", 0)
        .reap("A", "B", 0)
        .exit("A", 0)
        .reap("screen", "A", 0)
        .write("screen", "late\r\n");
    assert_eq!(
        story.app.world.get(super::id("B")).map(|b| b.role),
        Some(Role::Traced)
    );
    check_80("traced_terminal", &story);
    check_80("traced_typing", story.press_key(crate::app::Key::Tab));
}
