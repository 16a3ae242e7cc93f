//! The lines of Python programs.

use std::process::Command;

use crate::harness::{Fixture, Run};
use crate::steps::held;

/// All Python interpreters here that are recent enough; none is fine.
fn interpreters() -> Vec<String> {
    let mut found = Vec::new();
    for name in [
        "python3",
        "python3.8",
        "python3.9",
        "python3.10",
        "python3.11",
        "python3.12",
        "python3.13",
        "python3.14",
    ] {
        let asked = Command::new(name)
            .args([
                "-c",
                "import sys; print(sys.executable) if sys.version_info >= (3, 8) else exit(1)",
            ])
            .output();
        if let Ok(answer) = asked
            && answer.status.success()
        {
            let path = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
            if !found.contains(&path) {
                found.push(path);
            }
        }
    }
    if found.is_empty() {
        eprintln!("skipped: Python 3.8 or later is not installed");
    }
    found
}

const SOURCE: &str = "import os
def work(n):
    m = n * 2
    return m

pid = os.fork()
if pid == 0:
    os._exit(work(21))
os.waitpid(pid, 0)
";

fn script(python: &str, source: &str) -> Fixture {
    let fixture = Fixture::command(&[python, "program.py"]);
    fixture.write("program.py", source);
    fixture
}

fn places(run: &Run, proc: &str) -> Vec<String> {
    run.facts
        .iter()
        .filter(|fact| fact["proc"] == proc && !fact["at"]["line"].is_null())
        .map(|fact| {
            format!(
                "{} {}",
                fact["event"].as_str().expect("a name"),
                fact["at"]["line"]
            )
        })
        .collect()
}

#[test]
fn the_line_of_the_script_is_told_at_each_call() {
    for python in interpreters() {
        let run = script(&python, SOURCE).run();
        assert_eq!(
            places(&run, "A"),
            ["call 6", "fork 6", "call 9", "wait 9", "exit 9"],
            "{python}\n{}",
            run.all()
        );
        assert_eq!(places(&run, "B"), ["born 6", "exit 8"], "{python}\n{}", run.all());
        assert!(run.events("signal").all(|fact| fact["signal"] == "SIGCHLD"));
    }
}

#[test]
fn a_script_is_stepped_by_line() {
    for python in interpreters() {
        let run = script(&python, SOURCE).stepped("line").run();
        assert_eq!(
            held(&run, "A"),
            [
                "After ?:null",
                "Line <module>:1",
                "Line <module>:2",
                "Line <module>:6",
                "After <module>:6",
                "Line <module>:7",
                "Line <module>:9",
                "Before <module>:9",
            ],
            "{python}\n{}",
            run.all()
        );
        assert_eq!(
            held(&run, "B"),
            [
                "Born <module>:6",
                "Line <module>:7",
                "Line <module>:8",
                "Line work:3",
                "Line work:4",
                "Before <module>:8",
            ],
            "{python}\n{}",
            run.all()
        );
        let at = run
            .events("held")
            .find(|fact| fact["at"]["line"] == 4 && fact["point"] == "Line");
        assert_eq!(
            at.expect("it was held there")["vars"],
            serde_json::json!([{ "name": "n", "value": "21" }, { "name": "m", "value": "42" }])
        );
        run.check_complete();
    }
}

#[test]
fn a_program_that_a_script_starts_is_no_script() {
    for python in interpreters() {
        let run = script(
            &python,
            "import subprocess\nsubprocess.run(['sh', '-c', 'exit 3'])\n",
        )
        .run();
        let end = run
            .events("exit")
            .find(|fact| fact["proc"] == "B")
            .expect("B exits");
        assert!(end["at"].is_null(), "{python}: {end}");
        assert_eq!(end["code"], 3);
    }
}

#[test]
fn a_sitecustomize_of_the_users_own_still_runs() {
    for python in interpreters() {
        let fixture = script(&python, "import sitecustomize\nprint(sitecustomize.MINE)\n");
        std::fs::create_dir(fixture.path("own")).expect("the folder can be written");
        fixture.write("own/sitecustomize.py", "MINE = 'mine'\n");
        let own = fixture.path("own").to_string_lossy().into_owned();
        let run = fixture.with_environment("PYTHONPATH", own).run();
        assert_eq!(run.output, "mine\n", "{python}");
    }
}

#[test]
fn a_silent_python_is_noted() {
    for python in interpreters() {
        let fixture = Fixture::command(&[&python, "-I", "program.py"]);
        fixture.write("program.py", SOURCE);
        let run = fixture.run();
        let note = run.events("note").next().expect("a note");
        assert!(note["text"].as_str().expect("a text").ends_with("option -I"));
        run.check_complete();
    }
}
