//! Lessons as a student, a teacher and an author meet them.

use std::path::{Path, PathBuf};
use std::process::Output;

use super::lab::{FORKSCOPE, Mark};
use super::pty::Terminal;

/// What the program says to these arguments, with that folder for its state.
fn lesson(state: &Path, args: &[&str]) -> Output {
    let mark = Mark::new();
    let mut command = mark.command(FORKSCOPE);
    command.arg("lesson").args(args).env("XDG_STATE_HOME", state);
    command.output().expect("the program under test")
}

/// Exit code, and what was said on standard output or on standard error.
fn check(args: &[&str], code: i32, said: &str) {
    let state = tempfile::tempdir().expect("a folder");
    let output = lesson(state.path(), args);
    let all = [output.stdout, output.stderr].concat();
    let all = String::from_utf8_lossy(&all);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {all}");
    assert!(all.contains(said), "{args:?}: {all}");
}

fn in_terminal(state: &Path, args: &[&str]) -> Terminal {
    let env = [("XDG_STATE_HOME", state.to_str().expect("a plain name"))];
    let args = [&["lesson"], args].concat();
    Terminal::run_in((24, 80), &env, FORKSCOPE, &args)
}

#[test]
fn every_lesson_fails_unsolved_and_passes_with_its_solution() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/lessons");
    let entries = std::fs::read_dir(folder).expect("the lessons are there");
    let files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    assert!(files.len() > 20, "the lessons were not found");
    let lanes = 4;
    std::thread::scope(|scope| {
        for lane in 0..lanes {
            let files = files.iter().skip(lane).step_by(lanes);
            scope.spawn(move || {
                for file in files {
                    check(&["--check", file.to_str().expect("a plain name")], 0, "good");
                }
            });
        }
    });
}

#[test]
fn a_script_is_told_what_is_not_reached() {
    check(&["first-fork", "--headless"], 1, "is not reached");
    check(
        &["zombie", "--headless", "--keys", "f @A f @B 7x s 9k @A w"],
        0,
        "goal: ✓ A has reaped it",
    );
    check(&["first-fork", "--headless", "--seed", "5"], 1, "seed: 5");
    check(&["--headless"], 2, "needs the name of a lesson");
    check(&["nothing"], 2, "there is no lesson nothing");
    check(&["zombie", "--list"], 2, "cannot be used with");
    check(&["/nowhere/x.md"], 2, "cannot be read");
}

#[test]
fn the_worked_example_for_authors_is_good() {
    let page = include_str!("../../docs/lesson-format.md");
    let example = page.split("````").nth(1).expect("the page has an example");
    let example = example.strip_prefix("markdown\n").expect("of Markdown");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("seven.md");
    std::fs::write(&file, example).expect("it can be written");
    check(
        &["--check", file.to_str().expect("a plain name")],
        0,
        "good, in the playground",
    );
}

/// A good lesson in which `from` is written as `to` is refused with these words.
fn check_changed(good: &str, from: &str, to: &str, said: &str) {
    assert!(good.contains(from), "{from}");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.md");
    std::fs::write(&file, good.replace(from, to)).expect("it can be written");
    let args = ["--check", file.to_str().expect("a plain name"), "--language", "c"];
    check(&args, 1, said);
}

#[test]
fn an_author_is_told_the_place_of_a_mistake() {
    let good = include_str!("../../assets/lessons/first-fork.md");
    let wrong = |from, to, said| check_changed(good, from, to, said);
    let goals = &good[good.find("## Goals").expect("it has goals")..];
    wrong(
        "`A ended and B ended`",
        "`A ended and`",
        "mine.md:41:21: the phrase ends too early",
    );
    wrong("    return 0;", "    return zero;", "mine.md:59:12: ");
    wrong("= \"r 2 r", "= \"rr 2 r", "mine.md:5:13: in the keys");
    wrong("r r 2 r ?A=gone ?B=gone", "", "with its solution: the goal");
    wrong(
        "- 3 `lines = 3`",
        "- 3 `never`",
        "with its solution: the kernel gave none",
    );
    wrong(
        goals,
        "## Goals\n\n- A `A is born`\n",
        "reached before a key is pressed",
    );
}

#[test]
fn a_student_goes_through_the_first_lesson() {
    let state = tempfile::tempdir().expect("a folder");
    let receipt = state.path().join("receipt.txt");
    let report = receipt.to_str().expect("a plain name");
    let mut terminal = in_terminal(state.path(), &["first-fork", "--report", report]);
    terminal.shows("1 of 7");
    terminal.press("\r");
    terminal.shows("about to be made");
    terminal.press("nn");
    terminal.shows("PREDICT");
    // The step that would answer it waits.
    terminal.press("n");
    terminal.shows("First your answer");
    terminal.press("1");
    terminal.press("n");
    terminal.shows("→ the kernel");
    terminal.press("\r\r\r");
    terminal.shows("How many lines");
    terminal.press("2r++++++");
    terminal.shows("✓ you, and the kernel");
    terminal.press("\r\r");
    terminal.shows("Solved; predictions that were right: 1 of 2");
    terminal.press("q");
    assert!(terminal.ended().success());
    let told = std::fs::read_to_string(&receipt).expect("the receipt");
    assert!(
        told.contains("right: 1 of 2") && told.contains("solved: yes"),
        "{told}"
    );
    let list = lesson(state.path(), &["--list"]);
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    assert!(
        list.contains("✓ first-fork") && !list.contains("✓ two-roles"),
        "{list}"
    );
}

#[test]
fn the_menu_leads_into_a_lesson_and_its_solution_counts_for_nothing() {
    let state = tempfile::tempdir().expect("a folder");
    let mut terminal = in_terminal(state.path(), &[]);
    terminal.shows("0 of 41 solved");
    terminal.press("\r");
    terminal.shows("lesson · The first fork");
    terminal.press("SS++++++");
    terminal.shows("That was the solution");
    terminal.press("q");
    assert!(terminal.ended().success());
    let list = lesson(state.path(), &["--list"]);
    assert!(!String::from_utf8_lossy(&list.stdout).contains('✓'));
}

#[test]
fn a_lesson_begins_again_in_the_other_language() {
    let state = tempfile::tempdir().expect("a folder");
    let mut terminal = in_terminal(state.path(), &["five-children"]);
    terminal.shows("five_children.c");
    terminal.press("c");
    terminal.shows("five_children.py");
    terminal.shows("c in C");
    terminal.press("c");
    terminal.shows("five_children.c");
    terminal.press("qq");
    assert!(terminal.ended().success());
}

#[test]
fn outputs_that_were_found_outlast_a_new_start_and_not_the_program() {
    let script = |keys: &str, code, said: &str| {
        check(&["scheduler", "--headless", "--keys", keys], code, said);
    };
    let run = "r 1 r ?A=gone ?B=gone";
    let child_first = "r 2 @B 5n r ?A=gone ?B=gone";
    script(run, 1, "outputs: 1 of 3 found");
    script(&format!("{run} R {child_first}"), 1, "outputs: 2 of 3 found");
    script(&format!("{run} R {run}"), 1, "outputs: 1 of 3 found");
    script(
        &format!("{run} R {child_first} c {run}"),
        1,
        "outputs: 1 of 3 found",
    );
    let last = "r 1 @A 5n r ?A=gone ?B=gone";
    script(
        &format!("{run} R {child_first} R {last}"),
        0,
        "outputs: 3 of 3 found",
    );
    // Who has found all begins from nothing.
    script(
        &format!("{run} R {child_first} R {last} <Enter> <Enter> R {run}"),
        1,
        "outputs: 1 of 3 found",
    );
    // Killing B is no way of ordering steps.
    script("r 1 @B 9k r ?A=gone ?B=gone", 1, "outputs: 0 of 3 found");
}

#[test]
fn a_solution_that_starts_again_is_played_to_its_end() {
    let state = tempfile::tempdir().expect("a folder");
    let mut terminal = in_terminal(state.path(), &["scheduler"]);
    terminal.shows("outputs: 0 of 3 found");
    terminal.press("SS");
    terminal.shows("outputs: 1 of 3 found");
    terminal.shows("That was the solution");
    terminal.shows("outputs: 3 of 3 found");
    terminal.press("R");
    terminal.shows("outputs: 0 of 3 found");
    terminal.press("qq");
    assert!(terminal.ended().success());
}

#[test]
fn an_author_is_told_where_the_outputs_cannot_be_known() {
    let good = include_str!("../../assets/lessons/scheduler.md");
    let wrong = |from, to, said| check_changed(good, from, to, said);
    let fork = "if (fork() == 0) {";
    wrong(
        fork,
        "while (1)\n        fork();\n    {",
        "mine.md:28:10: which outputs are possible cannot be known: a run was left",
    );
    wrong(
        fork,
        "pause();\n    {",
        "mine.md:28:10: no run of this program comes to an end",
    );
    let programs = &good[good.find("```c").expect("C")..good.find("## Goals").expect("goals")];
    wrong(programs, "", "mine.md:28:10: only a program has possible outputs");
}

#[test]
fn a_lesson_without_the_students_language_opens_in_the_other() {
    let state = tempfile::tempdir().expect("a folder");
    let mut terminal = in_terminal(state.path(), &["job-race", "--language", "python"]);
    terminal.shows("job_race.py");
    terminal.press("m");
    terminal.shows("of 41 solved");
    // To the last one, of which there is no program in Python.
    terminal.press("\x1b[F\r");
    terminal.shows("Begin the lesson");
    terminal.press("\r");
    terminal.shows("vfork.c");
    // The student's language comes back with the next lesson that has it.
    terminal.press("m");
    terminal.shows("of 41 solved");
    terminal.press("\x1b[H\r");
    terminal.shows("Begin the lesson");
    terminal.press("\r");
    terminal.shows("first_fork.py");
    terminal.press("qq");
    assert!(terminal.ended().success());
    check(&["vfork", "--language", "python"], 2, "has no program in Python");
}

#[test]
fn without_a_home_nothing_is_kept_and_nothing_fails() {
    let mark = Mark::new();
    let mut command = mark.command(FORKSCOPE);
    command.args(["lesson", "--list"]);
    command.env_remove("HOME").env_remove("XDG_STATE_HOME");
    let output = command.output().expect("the program under test");
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("first-fork"));
}
