//! Programs that nobody here wrote: shells, make, Python's ways to make processes.

use crate::harness::{Fixture, Run, has};

/// Every birth has an end, A ended with `code`, and nobody was left.
#[track_caller]
fn check(fixture: &Fixture, code: u8) -> Run {
    let run = fixture.run();
    run.check_complete();
    let end = run
        .events("exit")
        .find(|fact| fact["proc"] == "A")
        .unwrap_or_else(|| panic!("A does not exit:\n{}\n{}", run.output, run.all()));
    assert_eq!(end["code"], code, "{}\n{}", run.output, run.all());
    run
}

#[test]
fn a_shell_waits_for_its_background_job() {
    let run = check(&Fixture::shell("sh", "sleep 0.05 & wait; exit 4"), 4);
    run.check(
        "B",
        &["code", "by"],
        &["born by=A", "exec", "exit code=0", "zombie", "reaped by=A"],
    );
}

#[test]
fn a_pipeline() {
    let run = check(&Fixture::shell("sh", "echo a b c | tr ' ' '\\n' | wc -l"), 0);
    assert_eq!(run.output.trim(), "3");
    assert!(run.count("born") >= 4);
}

#[test]
fn a_shell_runs_a_hundred_programs() {
    let run = check(
        &Fixture::shell("sh", "for i in $(seq 100); do /bin/true; done"),
        0,
    );
    let programs = run.events("exec").filter(|fact| fact["path"] == "/bin/true");
    assert_eq!(programs.count(), 100);
}

#[test]
fn that_nobody_will_hold_a_process_changes_nothing_that_is_told() {
    let script =
        "(exit 3); /bin/true; sh -c 'kill -9 $$'; sh -c '(sh -c \"exit 5\") & wait' & wait; exec false";
    let stories = ["facts", "attended"].map(|mode| {
        let run = check(&Fixture::shell("sh", script).mode(mode), 1);
        // When a SIGCHLD is seen, and how often a shell looks whether a job has ended, is up to the kernel.
        let told = |proc: &str| {
            let mut story = run.story(proc, &["signal", "code", "errno", "by", "child"]);
            story.retain(|line| !matches!(line.as_str(), "call" | "wait" | "signal signal=SIGCHLD"));
            story
        };
        ["A", "B", "C", "D", "E", "F"].map(told)
    });
    assert!(stories[0].iter().all(|story| !story.is_empty()), "{stories:#?}");
    assert_eq!(stories[0], stories[1]);
}

/// How often strace saw programs loaded, and processes made.
fn account_of_strace(script: &str) -> Option<(usize, usize)> {
    if !has("strace") {
        return None;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("account");
    let status = std::process::Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-e",
            "trace=execve,fork,vfork,clone,clone3",
            "-e",
            "signal=none",
            "-o",
        ])
        .arg(&file)
        .args(["sh", "-c", script])
        .stdout(std::process::Stdio::null())
        .status()
        .expect("strace starts");
    assert!(status.success());
    let text = std::fs::read_to_string(file).expect("strace wrote its account");
    // A call that another process interrupts is written in two lines; only the second has a result. One that a signal
    // interrupts has "?" for a result, and is made again.
    let has_succeeded = |line: &str| {
        let result = line.rsplit_once(" = ").map(|(_, result)| result);
        result.is_some_and(|result| result.starts_with(|first: char| first.is_ascii_digit()))
    };
    let succeeded = |name: &str| {
        let lines = text.lines().filter(|line| line.contains(name));
        lines.filter(|line| has_succeeded(line)).count()
    };
    let forks = [
        "fork(",
        "fork resumed",
        "clone(",
        "clone resumed",
        "clone3(",
        "clone3 resumed",
    ];
    Some((
        succeeded("execve"),
        forks.iter().map(|name| succeeded(name)).sum(),
    ))
}

#[test]
fn strace_gives_the_same_account() {
    let script = "for i in 1 2 3; do (sh -c 'true | cat; nosuchcommand; exit 0' 2>/dev/null); done; ls | wc -l & wait; ls /nowhere 2>/dev/null; true";
    let Some((execs, forks)) = account_of_strace(script) else {
        return;
    };
    let run = check(&Fixture::shell("sh", script), 0);
    let told = run.events("exec").filter(|fact| fact["errno"].is_null()).count();
    assert_eq!((told, run.count("born") - 1), (execs, forks), "{}", run.all());
}

#[test]
fn descriptors_are_shown_if_asked_for() {
    let fixture = Fixture::shell("sh", "echo hello | cat");
    let run = fixture.mode("descriptors").run();
    let calls: Vec<_> = run
        .events("call")
        .filter_map(|fact| fact["kernel"].as_str())
        .collect();
    for kernel in ["pipe2", "dup2", "close", "write"] {
        let either = kernel.trim_end_matches('2');
        assert!(
            calls.iter().any(|call| *call == kernel || *call == either),
            "{kernel}: {calls:?}"
        );
    }
    assert_eq!(run.output, "hello\n");
}

#[test]
fn job_control_of_bash() {
    if !has("bash") {
        return;
    }
    let script = "set -m; sleep 60 & kill -STOP %1; wait -n 2>/dev/null; jobs; kill -CONT %1; kill -TERM %1; wait %1; echo $?";
    let script = script.replace(
        "wait -n 2>/dev/null; ",
        "while [ \"$(ps -o state= -p $!)\" != t ]; do :; done; ",
    );
    let run = check(&Fixture::shell("bash", &script), 0);
    assert!(run.output.ends_with("143\n"), "{}", run.output);
    assert!(run.events("group").count() >= 1);
    assert_eq!(run.count("stopped"), 1);
    assert_eq!(run.count("continued"), 1);
}

#[test]
fn make_with_eight_jobs() {
    if !has("make") {
        return;
    }
    let fixture = Fixture::command(&["make", "-s", "-j8"]);
    let targets: Vec<_> = (0..16).map(|n| format!("t{n}")).collect();
    fixture.write(
        "Makefile",
        &format!(
            "all: {0}\n{0}:\n\t@echo $@ >> made; sh -c 'exit 0'\n",
            targets.join(" ")
        ),
    );
    check(&fixture, 0);
    let mut made: Vec<_> = fixture.text("made").lines().map(str::to_owned).collect();
    made.sort();
    let mut wanted = targets;
    wanted.sort();
    assert_eq!(made, wanted);
}

fn python(source: &str) -> Option<Fixture> {
    has("python3").then(|| {
        let fixture = Fixture::command(&["python3", "program.py"]);
        fixture.write("program.py", source);
        fixture
    })
}

#[test]
fn multiprocessing_in_all_its_ways() {
    for way in ["fork", "spawn", "forkserver"] {
        let Some(fixture) = python(&format!(
            "import multiprocessing as m, os
def work(n): print(os.getpid(), flush=True); os._exit(n)
if __name__ == '__main__':
    c = m.get_context('{way}')
    ps = [c.Process(target=work, args=(n,)) for n in (3, 4)]
    for p in ps: p.start()
    for p in ps: p.join()
    assert [p.exitcode for p in ps] == [3, 4]
"
        )) else {
            return;
        };
        let run = check(&fixture, 0);
        let born: Vec<_> = run.events("born").map(|fact| fact["pid"].to_string()).collect();
        assert_eq!(run.output.lines().count(), 2, "{}", run.output);
        for pid in run.output.lines() {
            assert!(born.iter().any(|born| born == pid), "{way}: {pid} was not told");
        }
    }
}

#[test]
fn subprocess() {
    let Some(fixture) = python(
        "import subprocess
for n in range(5):
    assert subprocess.run(['sh', '-c', f'exit {n}']).returncode == n
",
    ) else {
        return;
    };
    let run = check(&fixture, 0);
    let shells = run
        .events("exec")
        .filter(|fact| fact["argv"][0] == "sh" && fact["errno"].is_null());
    assert_eq!(shells.count(), 5);
}
