//! What is printed outside the screen: a sentence about a file or a name may quote it, and a terminal must not obey that.

use std::fs;
use std::process::{Command, Stdio};

/// Clears the screen, colours it, and sets the title of the window, in seven bits and in eight.
const NASTY: &str = "\x1b[2J\x1b[31m\x1b]0;pwned\x07\u{9b}31m\x7f";

/// Runs forkscope in a folder that holds this file; what it says names the trouble, and nothing that a terminal obeys.
fn check(args: &[&str], file: (&str, &str), said: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(file.0), file.1).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_forkscope"))
        .args(args)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8(printed).expect("what is printed is UTF-8");
    let obeyed = printed.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(obeyed, None, "{args:?}: {printed:?}");
    assert!(printed.contains(said), "{args:?}: {printed}");
}

#[test]
fn programs_that_are_refused() {
    let c = format!("int main(void) {{ return {NASTY}; }}\n");
    check(&["run", "--headless", "a.c"], ("a.c", &c), "this is no C");
    let python = format!("print({NASTY})\n");
    check(
        &["run", "--headless", "a.py"],
        ("a.py", &python),
        "this is no Python",
    );
    let name = format!("{NASTY}.c");
    check(&["run", "--headless", &name], (&name, "int main"), "␛[2J");
}

#[test]
fn outcomes_of_a_program_that_prints_anything() {
    let source = format!("#include <stdio.h>\nint main(void) {{ puts(\"{NASTY}\"); }}\n");
    check(&["run", "--explore", "a.c"], ("a.c", &source), "␛[2J");
}

#[test]
fn recordings_that_say_anything() {
    let recording = format!(
        "{{\"forkscope\":1,\"started\":\"2026-01-01T00:00:00Z\",\"command\":\"play\"}}\n{{\"event\":\"{NASTY}\"}}\n"
    )
    .replace('\x1b', "\\u001b")
    .replace('\x07', "\\u0007");
    for format in ["text", "dot", "mermaid", "svg", "json", "cast"] {
        check(
            &["export", "a.jsonl", "--format", format],
            ("a.jsonl", &recording),
            "is an event of a newer forkscope",
        );
    }
}

#[test]
fn lessons_with_mistakes() {
    check(&["lesson", "--check", "a.md"], ("a.md", NASTY), "a.md");
    let lesson = format!("+++\ntitle = \"Any\"\n+++\n{NASTY}\n");
    check(&["lesson", "--check", "a.md"], ("a.md", &lesson), "a.md");
}

#[test]
fn programs_that_are_traced_and_call_themselves_anything() {
    // What the program itself says is passed on as it is, so it says nothing.
    let script = format!("exec 2>/dev/null\ncp /bin/true '{NASTY}'\n'./{NASTY}'\nexec './{NASTY}gone'\n");
    check(
        &["trace", "--headless", "--", "/bin/sh", "a.sh"],
        ("a.sh", &script),
        "␛[2J",
    );
}

/// What prints something, each with its exit code where nobody reads, and where nothing can be written.
const PRINTING: [(&[&str], i32, i32); 12] = [
    (&["completions", "bash"], 0, 1),
    (&["completions", "zsh"], 0, 1),
    (&["completions", "fish"], 0, 1),
    (&["man"], 0, 1),
    (&["lesson", "--list"], 0, 1),
    (&["lesson", "--check", "assets/lessons/zombie.md"], 0, 1),
    (&["quiz", "--headless"], 0, 1),
    (&["run", "--explore", "assets/programs/first_fork.c"], 0, 1),
    (&["run", "--headless", "assets/programs/first_fork.c"], 0, 1),
    (&["play", "--headless", "--keys", "f"], 0, 1),
    (&["trace", "--headless", "--", "sh", "-c", "exit 3"], 3, 125),
    (
        &["trace", "--headless", "--json", "--", "sh", "-c", "exit 3"],
        3,
        125,
    ),
];

/// The exit code, and what is said beside.
fn print_to(args: &[&str], out: impl Into<Stdio>) -> (Option<i32>, String) {
    let state = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_forkscope"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("XDG_STATE_HOME", state.path())
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(Stdio::piped())
        .output()
        .expect("it runs");
    let said = String::from_utf8(output.stderr).expect("what is said is UTF-8");
    (output.status.code(), said)
}

#[test]
fn who_reads_only_the_beginning_is_served() {
    for (args, code, _) in PRINTING {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        assert_eq!(print_to(args, writer), (Some(code), String::new()), "{args:?}");
    }
}

#[test]
fn a_full_disk_is_said_in_one_sentence() {
    for (args, _, code) in PRINTING {
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("Linux has it");
        let (ended, said) = print_to(args, full);
        assert_eq!(ended, Some(code), "{args:?}: {said}");
        assert!(
            said.contains("No space left on device") && said.lines().count() == 1,
            "{args:?}: {said}"
        );
    }
}

#[test]
fn what_is_hidden_is_in_no_completion_script() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Command::new(env!("CARGO_BIN_EXE_forkscope"))
            .args(["completions", shell])
            .output()
            .expect("it runs");
        let script = String::from_utf8(script.stdout).expect("a script is UTF-8");
        for shown in ["lesson", "trace", "--theme", "--explore"] {
            assert!(
                script.contains(shown.trim_start_matches("--")),
                "{shell}: {shown}"
            );
        }
        assert!(!script.contains("threads"), "{shell}");
    }
}
