//! What is possible, held against what real processes do: nothing is seen that was not foreseen, and every outcome can
//! be brought about by stepping.

use std::process::{Command, Stdio};

use forkscope::app::outlook::Survey;

use super::lab::{FORKSCOPE, Mark};
use super::pty::Terminal;

/// What forkscope prints; whatever it ends with.
fn said(args: &[&str]) -> String {
    let mark = Mark::new();
    let mut command: Command = mark.command(FORKSCOPE);
    let output = command.args(args).stdin(Stdio::null()).output();
    let output = output.expect("the program under test");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn survey(args: &[&str]) -> Survey {
    let mut survey = Survey::default();
    for line in said(args).lines() {
        survey.learn(line);
    }
    assert_eq!(survey.complaint, None, "{args:?}");
    survey
}

/// Programs that print no pids but their own and their relatives', and read no clock.
const PROGRAMS: [&str; 6] = [
    "assets/programs/two_roles.c",
    "assets/programs/five_awaited.py",
    "assets/corpus/c/fork_wait.c",
    "assets/corpus/c/doubled_line.c",
    "assets/corpus/c/pipe_message.c",
    "assets/corpus/python/chain.py",
];

#[test]
fn nothing_is_seen_that_is_not_possible() {
    for program in PROGRAMS {
        let survey = survey(&["run", "--explore", "--json", "--runs", "8", program]);
        assert_eq!((survey.runs, &survey.incomplete), (8, &None), "{program}");
        for row in survey.rows() {
            assert!(row.is_possible, "{program}: {:?}", row.end);
        }
    }
}

/// The words of an output, without pids or the letters that stand for them.
fn words(output: &str) -> Vec<&str> {
    let is_word = |word: &&str| !word.starts_with('<') && word.parse::<u32>().is_err();
    output.split_whitespace().filter(is_word).collect()
}

#[test]
fn every_possible_outcome_can_be_brought_about_by_stepping() {
    for program in ["assets/programs/two_roles.c", "assets/programs/first_fork.py"] {
        let survey = survey(&["run", "--explore", "--json", program]);
        let rows = survey.rows();
        assert!(rows.len() > 1, "{program} has one outcome only");
        for row in rows {
            let run = row.run.expect("an order of steps");
            let keys: Vec<String> = run.iter().map(|who| format!("@{who} n")).collect();
            let told = said(&["run", "--headless", "--json", "--keys", &keys.join(" "), program]);
            let printed: String = told
                .lines()
                .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
                .filter(|fact| fact["event"] == "output")
                .filter_map(|fact| fact["text"].as_str().map(str::to_owned))
                .collect();
            assert_eq!(words(&printed), words(&row.end.output), "{program}");
        }
    }
}

#[test]
fn five_children_can_print_in_a_hundred_and_twenty_orders() {
    let told = said(&["run", "--explore", "assets/programs/five_awaited.c"]);
    assert!(told.ends_with("\n120 outputs are possible.\n"), "{told}");
}

/// A program with this body, in a folder that goes with it.
fn program(body: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.c");
    let heads = ["signal.h", "stdio.h", "unistd.h", "sys/wait.h"].map(|head| format!("#include <{head}>\n"));
    let text = format!("{}int main(void) {{\n{body}\nreturn 0;\n}}\n", heads.concat());
    std::fs::write(&file, text).expect("it can be written");
    let path = file.to_str().expect("a plain name").to_owned();
    (folder, path)
}

/// A forgotten write end: the child reads for ever, and its parent waits for it.
const DEADLOCK: &str = "int ends[2]; char c; pipe(ends); if (fork() == 0) { read(ends[0], &c, 1); _exit(0); }
    close(ends[1]); wait(NULL);";

#[test]
fn a_standstill_is_told_at_once_and_a_sleep_is_none() {
    let check = |body: &str, code: i32, complaint: &str| {
        let (_folder, file) = program(body);
        let mark = Mark::new();
        let mut command: Command = mark.command(FORKSCOPE);
        command.args(["run", "--headless", "--timeout", "60", &file]);
        let output = command
            .stdin(Stdio::null())
            .output()
            .expect("the program under test");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{body}: {said}");
        assert!(said.contains(complaint), "{body}: {said}");
    };
    let never = "the run never ends: every process sleeps until another of them does something";
    check(DEADLOCK, 1, never);
    check(
        "pid_t pid = fork(); if (pid == 0) pause(); kill(pid, SIGSTOP); wait(NULL);",
        1,
        never,
    );
    check("if (fork() == 0) { sleep(2); _exit(0); } wait(NULL);", 0, "");
    check(
        "pid_t pid = fork(); if (pid == 0) { alarm(1); pause(); } wait(NULL);",
        0,
        "",
    );
}

#[test]
fn real_runs_are_told_apart_that_sleep_for_ever_and_that_sleep_long() {
    let check = |body: &str, stuck: u32| {
        let (_folder, file) = program(body);
        let survey = survey(&["run", "--explore", "--json", "--runs", "2", &file]);
        let rows: Vec<_> = survey
            .rows()
            .iter()
            .map(|row| (row.end.stuck, row.seen, row.is_possible))
            .collect();
        assert_eq!((rows, survey.unfinished), (vec![(stuck, 2, true)], 0), "{body}");
    };
    check(DEADLOCK, 2);
    check("if (fork() == 0) { sleep(4); _exit(0); } wait(NULL);", 0);
}

/// Exit code, and what was said on standard error.
fn refused(args: &[&str], what: &str) {
    let mark = Mark::new();
    let output = mark.command(FORKSCOPE).args(args).output();
    let output = output.expect("the program under test");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
    assert!(said.contains(what), "{args:?}: {said}");
}

#[test]
fn a_fork_puzzle_runs_on_real_processes() {
    let told = said(&["play", "--headless", "--actions", "aF(Wb,cX)d"]);
    assert!(told.contains("0 alive, 0 zombies, 2 reaped"), "{told}");
    refused(
        &["play", "--headless", "--actions", "F(a"],
        "at character 2: this bracket is never closed",
    );
    refused(
        &["play", "--headless", "--actions", "a+b,c+d"],
        "at character 5: nobody has forked c",
    );
    refused(&["quiz", "--headless", "--json"], "leave --json out");
}

#[test]
fn possible_and_seen_beside_each_other() {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/programs/two_roles.c");
    let mut terminal = Terminal::run_in((24, 80), &[], FORKSCOPE, &["run", program]);
    terminal.shows("H outcomes");
    terminal.press("H");
    // Keys are answered while runs are made.
    terminal.press("q");
    terminal.shows("Variables");
    terminal.press("H");
    terminal.shows("3 possible");
    terminal.shows("50 runs ─");
    terminal.press("\r");
    terminal.shows("Start again, to go this run?");
    terminal.press("\r");
    terminal.shows("n takes the next step of this run");
    terminal.press("r++++++");
    terminal.shows("child");
    terminal.press("qq");
    assert!(terminal.ended().success());
}

#[test]
fn a_quiz_is_answered_by_real_processes() {
    let args = ["quiz", "--seed", "3", "--level", "5"];
    let mut terminal = Terminal::run_in((24, 80), &[], FORKSCOPE, &args);
    terminal.shows("Question 1 of 10");
    terminal.press("f");
    terminal.shows("First your answer");
    terminal.press("2");
    terminal.shows("10 reaped");
    terminal.press("\r");
    terminal.shows("Which is the tree then?");
    terminal.press("2");
    terminal.shows("you, and the kernel");
    terminal.shows("orphan: B's, now keeper's");
    terminal.press("\r");
    terminal.shows("Question 3 of 10");
    terminal.press("qq");
    assert!(terminal.ended().success());
}
