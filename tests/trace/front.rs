//! Tracing without a screen: exit codes, where the output goes, what is written.

use crate::harness::Fixture;

#[track_caller]
fn check(argv: &[&str], code: u8, written: &str) {
    let (ended, text, _) = Fixture::command(argv).headless("graph", "");
    assert_eq!(ended, code, "{argv:?}: {text}");
    assert!(text.contains(written), "{argv:?}: {text}");
}

#[test]
fn the_exit_code_is_the_programs_own() {
    check(&["sh", "-c", "exit 0"], 0, "exit 0 · reaped by forkscope");
    check(&["sh", "-c", "exit 3"], 3, "exit 3 · reaped by forkscope");
    check(
        &["sh", "-c", "kill -TERM $$"],
        143,
        "SIGTERM · reaped by forkscope",
    );
}

#[test]
fn a_program_that_cannot_be_run_is_a_sentence() {
    check(&["/nowhere/prog"], 127, "/nowhere/prog is not found");
    check(&["nosuchprogram"], 127, "nosuchprogram is not found");
    check(
        &["/etc/passwd"],
        126,
        "/etc/passwd cannot be executed: Permission denied",
    );
}

#[test]
fn a_file_that_is_no_program_is_a_sentence() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::command(&["./noise"]);
    let file = fixture.write("noise", "\u{1}\u{2}no program");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    let (code, text, _) = fixture.headless("graph", "");
    assert_eq!(
        (code, text.as_str()),
        (126, "./noise cannot be executed: Exec format error")
    );
}

#[test]
fn input_and_output_are_passed_through() {
    let (code, text, output) =
        Fixture::command(&["sh", "-c", "cat; echo $0 >&2", "name"]).headless("graph", "hello\n");
    assert_eq!((code, output.as_str()), (0, "hello\nname\n"));
    assert!(!text.contains("hello"));
}

#[test]
fn a_c_file_is_compiled_first() {
    let fixture = Fixture::command(&["hw.c", "7"]);
    fixture.write(
        "hw.c",
        "#include <stdlib.h>\nint main(int c, char **v) { return atoi(v[1]); }\n",
    );
    let (code, text, _) = fixture.headless("graph", "");
    assert_eq!(code, 7, "{text}");
    let fixture = Fixture::command(&["hw.c"]);
    fixture.write("hw.c", "int main(void) { retrun 0; }\n");
    let (code, text, _) = fixture.headless("graph", "");
    assert_eq!(code, 125);
    assert!(text.contains("hw.c:1:18: error"), "{text}");
}

#[test]
fn as_json_each_line_is_an_event_or_a_finding_and_the_last_is_the_tree() {
    let fixture = Fixture::command(&["hw.c"]);
    fixture.write(
        "hw.c",
        "#include <sys/wait.h>\n#include <unistd.h>\nint main(void) {\n    if (fork() == 0) _exit(7);\n    wait(0);\n}\n",
    );
    let (_, text, _) = fixture.headless("json", "");
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    let story = |proc: &str| -> Vec<&str> {
        let of_it = lines.iter().filter(|line| line["proc"] == proc);
        of_it
            .filter_map(|line| line["event"].as_str())
            .filter(|event| !["line", "signal"].contains(event))
            .collect()
    };
    assert_eq!(story("screen"), ["born"]);
    assert_eq!(
        story("A"),
        ["born", "exec", "fork", "wait", "wait", "exit", "zombie", "reaped"],
        "{text}"
    );
    assert_eq!(story("B"), ["born", "exit", "zombie", "reaped"], "{text}");
    let finding = &lines[lines.len() - 2];
    assert_eq!(finding["finding"], "fork-unchecked");
    let tree = lines.last().expect("there are lines");
    assert_eq!(tree["gone"][1]["proc"], "B");
    assert_eq!(tree["gone"][1]["by"], "A");
    assert_eq!(tree["gone"][1]["status"], serde_json::json!({ "exited": 7 }));
}

#[test]
fn a_python_file_is_run_by_the_interpreter_itself() {
    if !crate::harness::has("python3") {
        return;
    }
    let fixture = Fixture::command(&["hw.py", "9"]);
    fixture.write("hw.py", "import sys\nsys.exit(int(sys.argv[1]))\n");
    let (code, text, _) = fixture.headless("graph", "");
    assert_eq!(code, 9, "{text}");
    let counts = "1 process: 0 forked, 1 exec, 1 exited, 0 killed, 0 orphaned, 1 reaped\n";
    assert!(text.ends_with(counts), "{text}");
}

/// What the program itself writes for `trace --headless`, keeper and all.
fn forkscope(dir: &std::path::Path, args: &[&str]) -> String {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_forkscope"))
        .args(["trace", "--headless"])
        .args(args)
        .current_dir(dir)
        .stdin(std::process::Stdio::null())
        .output()
        .expect("forkscope starts");
    String::from_utf8(output.stdout).expect("it writes text")
}

#[test]
fn who_adopts_and_reaps_orphans_is_called_keeper_and_a_recording_says_the_same() {
    // B's child is adopted alive, and ends after A; A's second child is a zombie when it is adopted.
    let fixture = Fixture::command(&[]);
    let text = "#include <unistd.h>
#include <sys/wait.h>
int main(void) {
    int p[2]; pipe(p); char x;
    if (fork() == 0) {
        if (fork() == 0) { close(p[1]); read(p[0], &x, 1); _exit(0); }
        _exit(0);
    }
    wait(0);
    if (fork() == 0) _exit(3);
    siginfo_t info;
    waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
    return 0;
}
";
    fixture.write("left.c", text);
    let dir = fixture.path("");
    let graph = forkscope(&dir, &["left.c"]);
    assert!(
        graph.contains("orphan: adopted by keeper · reaped by keeper"),
        "{graph}"
    );
    assert!(
        graph.contains("exit 3 · never waited for · reaped by keeper"),
        "{graph}"
    );
    forkscope(&dir, &["--record", "left.jsonl", "left.c"]);
    let recording = fixture.text("left.jsonl");
    let reaped = r#""event":"reaped","by":"keeper""#;
    assert_eq!(recording.matches(reaped).count(), 2, "{recording}");
}
