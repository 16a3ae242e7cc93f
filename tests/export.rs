//! `forkscope export` and `--record`, as they are used: (arguments, what is printed, exit code).

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use forkscope::journal::Recording;
use forkscope::model::World;

const ORPHAN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings/orphan.jsonl");

fn forkscope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_forkscope"))
        .args(args)
        .output()
        .expect("the program")
}

/// `export` of the orphan's recording prints something that begins and ends like this.
fn check(args: &[&str], begins: &str, ends: &str) {
    let output = forkscope(&[&["export", ORPHAN], args].concat());
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success() && output.stderr.is_empty(), "{args:?}");
    assert!(
        text.starts_with(begins) && text.trim_end().ends_with(ends),
        "{args:?}: {text}"
    );
}

/// It is refused with this sentence and exit code, and prints nothing.
fn check_refused(args: &[&str], sentence: &str, code: i32) {
    let output = forkscope(&[&["export"], args].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(sentence), "{args:?}: {said}");
    assert_eq!(
        (output.status.code(), output.stdout.len()),
        (Some(code), 0),
        "{args:?}"
    );
}

#[test]
fn every_format_is_written() {
    check(&["--format", "text"], "process", "");
    check(&["--format", "text", "--graph"], "keeper", "");
    check(&["--format", "svg"], "<svg", "</svg>");
    check(
        &["--format", "svg", "--theme", "light", "--size", "120x40"],
        "<svg",
        "</svg>",
    );
    check(&["--format", "mermaid"], "", "");
    check(&["--format", "dot", "--graph"], "digraph", "}");
    check(&["--format", "cast"], "{\"version\":2", "]");
    check(&["--format", "json", "--at", "3"], "{\"event\":\"tree\"", "}");
}

#[test]
fn what_cannot_be_exported_is_said() {
    check_refused(&[ORPHAN, "--format", "svg", "--graph"], "--graph goes with", 2);
    check_refused(
        &[ORPHAN, "--format", "text", "--at", "9999"],
        "is beyond the end",
        2,
    );
    check_refused(
        &["nowhere.jsonl", "--format", "text"],
        "cannot read nowhere.jsonl",
        1,
    );
    check_refused(&[file!(), "--format", "text"], "it is no recording", 1);
    check_refused(
        &[ORPHAN, "--format", "text", "-o", "/dev/null/x"],
        "could not be written",
        1,
    );
}

/// What a headless run recorded is the world that it printed.
fn check_recorded(keys: &str, record: &[&str], file: &Path) {
    let args = [&["play", "--headless", "--json", "--keys", keys], record].concat();
    let output = forkscope(&args);
    assert!(
        output.status.success(),
        "{keys}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let printed = String::from_utf8(output.stdout).expect("JSON");
    let recording = Recording::open(file).expect("a recording");
    assert_eq!(recording.remarks(), []);
    let mut world = World::default();
    for line in printed
        .lines()
        .filter(|line| !line.contains("\"event\":\"tree\""))
    {
        world.apply(&serde_json::from_str(line).expect("a fact"));
    }
    assert_eq!(recording.journal().live(), &world, "{keys}");
}

#[test]
fn a_recording_replays_to_the_same_world() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("session.jsonl");
    let name = path.to_str().expect("text");
    for keys in ["f @A f f @B 7x @A w", "f @A f @B f @B x", "f @A 9k f 2, . <lt>"] {
        check_recorded(keys, &["--record", name], &path);
    }
    // From the middle of things on, with what was before.
    let path = dir.path().join("later.jsonl");
    check_recorded(
        &format!("f @A f o \"{}\" <Enter> @B 7x", path.display()),
        &[],
        &path,
    );
}

#[test]
fn no_key_and_no_recording_writes_over_another_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("main.dot");
    fs::write(&path, "mine").expect("room");
    let keys = format!("f o \"{}\" <Enter>", path.display());
    assert!(
        forkscope(&["play", "--headless", "--keys", &keys])
            .status
            .success()
    );
    assert!(dir.path().join("main-2.dot").exists());
    let output = forkscope(&["play", "--headless", "--record", path.to_str().expect("text")]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(&path).expect("the file"), "mine");
}
