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
