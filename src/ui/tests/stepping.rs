//! Pictures of a program that is stepped through.

use super::story::{Story, id};
use super::{Theme, check, check_80, compare, render_to_buffer, styles};
use crate::model::event::Phase;
use crate::model::{Link, Pid, ProcId, WaitCall, WaitTarget};

const COPY: &str = r#"#include <stdio.h>
int main(void) {
    int n = 10;
    printf("one\n");
    pid_t pid = fork();   /* returns twice */
    if (pid == 0) {
        n = n + 1;
        printf("B: %d\n", n);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    printf("A: %d\n", n);
    return 0;
}
"#;

const COPY_PY: &str = r#"import os

n = 10
words = ["one"]
pid = os.fork()   # returns twice
if pid == 0:
    n = n + 1
    words.append('two')
    print(f"B: {n}", words)
    os._exit(0)
os.waitpid(pid, 0)
print(f"A: {n}", words)
"#;

/// Right after the fork: both stand inside line 5.
fn forked() -> Story {
    let mut story = Story::of_program("copy.c", COPY);
    story
        .select("A")
        .write("A", "one\n")
        .vars(
            "A",
            &[("n", Some("10"), "7ffc00007d10"), ("pid", None, "7ffc00007d14")],
        )
        .fork("A", "B")
        .at("A", 5, Phase::After, Some(("fork()", Some(4102))))
        .at("B", 5, Phase::After, Some(("fork()", Some(0))))
        .vars(
            "B",
            &[("n", Some("10"), "7ffc00007d10"), ("pid", None, "7ffc00007d14")],
        );
    story
}

/// B has changed its copy, A waits for it.
fn parted() -> Story {
    let mut story = forked();
    story
        .key()
        .at("B", 8, Phase::Line, None)
        .vars(
            "B",
            &[
                ("n", Some("11"), "7ffc00007d10"),
                ("pid", Some("0"), "7ffc00007d14"),
            ],
        )
        .at("A", 11, Phase::In, Some(("waitpid(4102, NULL, 0)", None)))
        .vars(
            "A",
            &[
                ("n", Some("10"), "7ffc00007d10"),
                ("pid", Some("4102"), "7ffc00007d14"),
            ],
        )
        .select("B");
    story
}

#[test]
fn right_after_a_fork() {
    check_80("stepping_forked", &forked());
    check("stepping_forked_120x40", &forked().app, 120, 40);
}

/// The same program in Python, right after the fork.
fn forked_python() -> Story {
    let mut story = Story::of_program("copy.py", COPY_PY);
    let vars = [
        ("n", Some("10"), ""),
        ("pid", None, ""),
        ("words", Some("['one']"), ""),
    ];
    story
        .select("A")
        .vars("A", &vars)
        .fork("A", "B")
        .at("A", 5, Phase::After, Some(("os.fork()", Some(4102))))
        .at("B", 5, Phase::After, Some(("os.fork()", Some(0))))
        .vars("B", &vars);
    story
}

/// In Python, B has changed its copies, and A is blocked until B ends.
fn parted_python() -> Story {
    let mut story = forked_python();
    let call = WaitCall {
        target: WaitTarget::Child(Pid(4102)),
        ..WaitCall::default()
    };
    story
        .key()
        .vars(
            "A",
            &[
                ("n", Some("10"), ""),
                ("pid", Some("4102"), ""),
                ("words", Some("['one']"), ""),
            ],
        )
        .at("A", 11, Phase::In, Some(("os.waitpid(4102, 0)", None)))
        .wait_in("A", call)
        .at("B", 9, Phase::Line, None)
        .vars(
            "B",
            &[
                ("n", Some("11"), ""),
                ("pid", Some("0"), ""),
                ("words", Some("['one', 'two']"), ""),
            ],
        );
    story
}

#[test]
fn python_right_after_a_fork() {
    check_80("stepping_python_forked", &forked_python());
    check("stepping_python_forked_120x40", &forked_python().app, 120, 40);
    let picture = render_to_buffer(&forked_python().app, 80, 24);
    compare("styles_stepping_python", &styles::style_map(&picture));
}

#[test]
fn a_blocked_parent() {
    check("stepping_parted_120x40", &parted().app, 120, 40);
    check_80("stepping_python_parted", &parted_python());
    check("stepping_python_parted_120x40", &parted_python().app, 120, 40);
}

#[test]
fn a_program_before_a_class() {
    for (name, mut story) in [
        ("stepping_forked_presenter", forked()),
        ("stepping_parted_presenter", parted()),
        ("stepping_python_forked_presenter", forked_python()),
        ("stepping_python_parted_presenter", parted_python()),
    ] {
        story.app.view.presenter = true;
        check(name, &story.app, 60, 18);
    }
}

#[test]
fn one_address_two_values() {
    check_80("stepping_parted", &parted());
    let picture = render_to_buffer(&parted().app, 80, 24);
    compare("styles_stepping", &styles::style_map(&picture));
    let mut story = parted();
    story.app.view.theme = Theme::Light;
    story.app.view.ascii = true;
    check_80("stepping_ascii", &story);
}

#[test]
fn what_comes_after_the_prompt() {
    let mut story = parted();
    story
        .exit("A", 0)
        .adopt("B", "A", Link::Proc(ProcId::Keeper))
        .reap("screen", "A", 0)
        .write("B", "B: 11\n")
        .key()
        .select("B");
    check_80("stepping_prompt", &story);
}

#[test]
fn a_program_in_small_windows() {
    check("stepping_60x18", &parted().app, 60, 18);
    check("stepping_40x10", &parted().app, 40, 10);
}

#[test]
fn a_run_shows_its_speed_and_where_it_pauses() {
    let mut story = parted();
    story.app.stepping.breakpoints.extend([4, 12]);
    story.app.stepping.running = true;
    check_80("stepping_running", &story);
}

#[test]
fn help_covers_a_program_too() {
    let mut story = parted();
    check_80("stepping_help", story.press("?"));
}

#[test]
fn many_processes_of_a_long_program() {
    let text = "    x = x + 1;\n".repeat(200);
    let mut story = Story::of_program("long.c", &text);
    for n in 1..12 {
        let child = ProcId::lab(n).to_string();
        story.fork("A", &child).at(&child, 90 + n, Phase::Line, None);
    }
    story.key().select("J");
    check_80("stepping_many", &story);
    assert_eq!(id("J"), ProcId::lab(9));
}
