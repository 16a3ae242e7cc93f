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
fn a_stepped_program_is_listed_wherever_its_recording_goes() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("session.jsonl");
    let name = path.to_str().expect("text");
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/programs/two_roles.c");
    let run = forkscope(&["run", "--headless", "--record", name, program]);
    assert!(run.status.success());
    let recording = Recording::open(&path).expect("a recording");
    let kept = recording.header().and_then(|header| header.program.as_ref());
    assert_eq!(kept.map(|kept| kept.name.as_str()), Some("two_roles.c"));
    for format in ["svg", "cast"] {
        let output = forkscope(&["export", name, "--format", format, "--size", "120x40"]);
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(text.contains("two_roles.c") && text.contains("stdio.h"), "{text}");
    }
}

#[test]
fn a_new_start_is_recorded_to_a_file_of_its_own() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("class.jsonl");
    let name = path.to_str().expect("text");
    let keys = "f @A x @screen w R f f f";
    let play = forkscope(&["play", "--headless", "--record", name, "--keys", keys]);
    assert!(play.status.success(), "{}", String::from_utf8_lossy(&play.stderr));
    let check = |name, alive, reaped| {
        let recording = Recording::open(&dir.path().join(name)).expect("a recording");
        assert_eq!(recording.remarks(), []);
        let world = recording.journal().live();
        assert_eq!(
            (world.alive(), world.reaped() as usize),
            (alive, reaped),
            "{name}"
        );
    };
    check("class-1.jsonl", 0, 1);
    check("class.jsonl", 3, 0);
}

#[test]
fn a_full_disk_ends_the_recording_and_not_the_session() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("class.jsonl");
    // A limit on the size of files (setrlimit(2)) fails as a full disk does, and needs no rights.
    let output = Command::new("sh")
        .args([
            "-c",
            "ulimit -f 8 && exec \"$0\" \"$@\"",
            env!("CARGO_BIN_EXE_forkscope"),
        ])
        .args(["play", "--headless", "--keys", "30f @A f", "--record"])
        .arg(&path)
        .output()
        .expect("a shell");
    let (text, said) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("ends here, whole up to its last line"), "{said}");
    assert!(text.contains("31 alive"), "{text}");
    let recording = Recording::open(&path).expect("a recording");
    assert_eq!(recording.remarks(), []);
    let alive = recording.journal().live().alive();
    assert!((1..31).contains(&alive), "{alive} alive");
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
