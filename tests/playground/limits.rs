//! What is refused, what is ended, and what is not begun at all.

use std::io::Write as _;
use std::process::Command;

use serde_json::Value;

use super::game::Game;
use super::headless::{forkscope, play_with};
use super::lab::FORKSCOPE;
use super::pty::Terminal;

fn lab_processes(tree: &Value) -> usize {
    let is_lab = |process: &&Value| !matches!(process["proc"].as_str(), Some("keeper" | "screen"));
    tree["processes"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(is_lab)
        .count()
}

#[test]
fn keys_meet_the_limit_exactly() {
    for keys in ["5f", "f @A 5f", "2f *f *f"] {
        let run = play_with(&["--limit", "3"], keys);
        assert_eq!(lab_processes(&run.tree), 3, "{keys}");
        let met = run
            .facts
            .iter()
            .any(|fact| fact["event"] == "limit" && fact["limit"] == 3);
        assert!(met, "{keys}");
    }
}

#[test]
fn zombies_count_until_they_are_reaped() {
    let run = play_with(&["--limit", "2"], "2f @A x @screen f w f");
    let forks = run.facts.iter().filter(|fact| fact["event"] == "fork").count();
    assert_eq!(forks, 3);
}

#[test]
fn a_fork_bomb_of_a_program_is_ended_and_that_is_said() {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    // A tree of 255, so that a failing test does no harm.
    let bomb = "b() { if [ $1 -gt 0 ]; then b $(($1 - 1)) & b $(($1 - 1)) & wait; else sleep 60; fi; }; b 7";
    file.write_all(bomb.as_bytes()).expect("room");
    let keys = format!(r#"2f @B e "sh {}" <Enter> ?B=Z"#, file.path().display());
    let run = play_with(&["--limit", "20"], &keys);
    let told = run
        .facts
        .iter()
        .any(|fact| fact["event"] == "limit" && fact["killed"] == true);
    assert!(told, "nobody said that it was ended");
    let tree = run.tree["processes"].as_array().expect("a list");
    let is_alive = |name: &str| {
        tree.iter()
            .any(|process| process["proc"] == name && process["state"] == "S")
    };
    assert!(is_alive("A"), "who has nothing to do with it lives on");
    assert!(!tree.iter().any(|process| process["comm"] == "sleep"), "{tree:?}");
}

/// The kernel's own limit. It does not bind root, so root becomes nobody first.
#[test]
fn the_kernels_limit_is_told_with_its_errno() {
    let is_root = rustix::process::geteuid().is_root();
    let as_nobody: &[&str] = if is_root {
        &[
            "setpriv",
            "--reuid",
            "65534",
            "--regid",
            "65534",
            "--clear-groups",
        ]
    } else {
        &["env"]
    };
    let args = [&as_nobody[1..], &[FORKSCOPE, "play"]].concat();
    let mut game = Game::started(Terminal::run(as_nobody[0], &args));
    let done = Command::new(as_nobody[0])
        .args(&as_nobody[1..])
        .args(["prlimit", "--pid", &game.screen.to_string(), "--nproc=1:1"])
        .status()
        .expect("setpriv(1) and prlimit(1) are installed");
    assert!(done.success());
    game.terminal.press("f");
    game.terminal.shows("EAGAIN");
}

/// Nothing is started: exit code 2, nothing on stdout, and one sentence with `word` in it on stderr.
fn check_refused(args: &[&str], word: &str) {
    let output = forkscope(args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
    assert!(output.stdout.is_empty(), "{args:?}");
    assert!(stderr.contains(word), "{args:?}: {stderr}");
}

#[test]
fn wrong_usage_starts_nothing() {
    check_refused(&["play", "--headless", "--limit", "0"], "--limit");
    check_refused(&["play", "--headless", "--limit", "4000000000"], "RLIMIT_NOFILE");
    check_refused(&["play", "--headless", "--keys", "ff"], "ff");
    check_refused(&["play", "--headless", "--no-such-flag"], "--no-such-flag");
    check_refused(&["play"], "standard input is no terminal");
}

/// In such a terminal nothing is started.
fn check_terminal(size: (u16, u16), env: &[(&str, &str)], word: &str) {
    let mut terminal = Terminal::run_in(size, env, FORKSCOPE, &["play"]);
    assert_eq!(terminal.ended().code(), Some(2), "{word}");
    terminal.until(word, |terminal| {
        terminal.screen().contents().replace('\n', "").contains(word)
    });
    assert!(!terminal.screen().alternate_screen());
}

#[test]
fn terminals_that_cannot_do() {
    check_terminal((24, 80), &[("TERM", "dumb")], "TERM");
    check_terminal((24, 80), &[("TERM", "")], "TERM");
    check_terminal((8, 30), &[], "30x8");
}
