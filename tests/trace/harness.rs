//! Compiling a fixture, tracing it in a process of its own, and reading the facts.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use forkscope::model::ProcId;
use forkscope::sys::spawn::{self, Pty};
use forkscope::trace::{
    self, Detail, Fact, Finding, Findings, Grain, Kind, Mode, Report, Settings, Tracer, What, headless,
};
use serde_json::Value;

const JOB: &str = "FORKSCOPE_TEST_TRACE";
const FACTS: &str = "FORKSCOPE_TEST_FACTS";
const LIMIT: &str = "FORKSCOPE_TEST_LIMIT";
const MODE: &str = "FORKSCOPE_TEST_MODE";

const HEAD: &str = "
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
";

/// A C program with the headers that are about processes.
pub fn c(body: &str) -> Fixture {
    Fixture::c(&format!("{HEAD}{body}"))
}

/// A folder with a program in it.
pub struct Fixture {
    dir: tempfile::TempDir,
    argv: Vec<String>,
    limit: usize,
    mode: &'static str,
    environment: Vec<(String, String)>,
}

/// All facts of a run, and what the program printed.
pub struct Run {
    pub facts: Vec<Value>,
    pub output: String,
    /// One a line.
    pub findings: String,
    pub report: String,
}

impl Fixture {
    /// A C program.
    pub fn c(source: &str) -> Self {
        Self::compiled(source, &["-g", "-O0", "-pthread"])
    }

    /// A C program compiled in some other way.
    pub fn compiled(source: &str, flags: &[&str]) -> Self {
        Self::try_compiled(source, flags).expect("the fixture compiles")
    }

    /// A C program compiled in a way that not every compiler knows.
    pub fn try_compiled(source: &str, flags: &[&str]) -> Option<Self> {
        let mut fixture = Self::command(&[]);
        let file = fixture.write("program.c", source);
        let program = fixture.path("program");
        let made = Command::new("cc")
            .args(flags)
            .arg("-o")
            .args([&program, &file])
            .output()
            .expect("a C compiler is installed");
        eprint!("{}", String::from_utf8_lossy(&made.stderr));
        fixture.argv = vec![program.to_string_lossy().into_owned()];
        made.status.success().then_some(fixture)
    }

    /// A shell script, given to `shell -c`.
    pub fn shell(shell: &str, script: &str) -> Self {
        Self::command(&[shell, "-c", script])
    }

    /// A command as it stands.
    pub fn command(argv: &[&str]) -> Self {
        Self {
            dir: tempfile::tempdir().expect("a folder for the fixture"),
            argv: argv.iter().map(|&argument| argument.to_owned()).collect(),
            limit: 1000,
            mode: "facts",
            environment: Vec::new(),
        }
    }

    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Steps every process, by `call` or by `line`, and tells of each point where one was held.
    pub fn stepped(mut self, grain: &'static str) -> Self {
        self.mode = grain;
        self
    }

    /// Runs the program as `trace --headless` does: the exit code, and what was written.
    pub fn headless(mut self, mode: &'static str, input: &str) -> (u8, String, String) {
        self.mode = mode;
        self.write("input", input);
        self.run();
        let code = self.text("code").parse().expect("an exit code was written");
        (code, self.text("written"), self.text("output"))
    }

    /// Traces the program in one of the ways that the tracer's process knows.
    pub fn mode(mut self, mode: &'static str) -> Self {
        self.mode = mode;
        self
    }

    /// Runs the program on a pseudoterminal.
    pub fn on_a_terminal(mut self) -> Self {
        self.mode = "terminal";
        self
    }

    /// Sets a variable that the program will see.
    pub fn with_environment(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("the fixture can be written");
        path
    }

    /// Starts the tracer, and does not wait for it.
    pub fn start(&self) -> Child {
        let this = std::env::current_exe().expect("this test has a path");
        Command::new(this)
            .args(["--ignored", "--exact", "tracer_process", "--nocapture"])
            .env(JOB, serde_json::to_string(&self.argv).expect("strings are JSON"))
            .env(FACTS, self.path("facts"))
            .env(LIMIT, self.limit.to_string())
            .envs(self.environment.iter().cloned())
            .env(MODE, self.mode)
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the tracer starts")
    }

    /// Traces the program to its end.
    pub fn run(&self) -> Run {
        let mut tracer = self.start();
        let start = Instant::now();
        while tracer.try_wait().expect("the tracer is our child").is_none() {
            if start.elapsed() > Duration::from_secs(20) {
                let _ = tracer.kill();
                panic!("the program does not end; facts so far:\n{}", self.text("facts"));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Run {
            facts: self
                .text("facts")
                .lines()
                .map(|line| serde_json::from_str(line).expect("each fact is JSON"))
                .collect(),
            output: self.text("output"),
            findings: self.text("findings"),
            report: self.text("report"),
        }
    }

    pub fn text(&self, name: &str) -> String {
        let bytes = std::fs::read(self.path(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Reads the facts so far until one of them is as wanted.
    pub fn until(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let text = self.text("facts");
            let complete = text.rfind('\n').map_or("", |end| &text[..end]);
            let found = complete
                .lines()
                .map(|line| serde_json::from_str(line).expect("each fact is JSON"))
                .find(&wanted);
            if let Some(fact) = found {
                return fact;
            }
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "no such fact in:\n{text}"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Run {
    /// The facts of one kind.
    pub fn events<'a>(&'a self, event: &'a str) -> impl Iterator<Item = &'a Value> {
        self.facts.iter().filter(move |fact| fact["event"] == event)
    }

    /// The pid of a process.
    pub fn pid(&self, proc: &str) -> i64 {
        let born = self.events("born").find(|fact| fact["proc"] == proc);
        born.and_then(|fact| fact["pid"].as_i64()).expect("it was born")
    }

    /// The file that was executed first.
    pub fn program(&self) -> &str {
        let exec = self.events("exec").next();
        exec.and_then(|fact| fact["path"].as_str())
            .expect("something was executed")
    }

    pub fn count(&self, event: &str) -> usize {
        self.events(event).count()
    }

    /// The facts of one process, each as `event` and the fields asked for: `exit code=7`.
    pub fn story(&self, proc: &str, fields: &[&str]) -> Vec<String> {
        self.facts
            .iter()
            .filter(|fact| fact["proc"] == proc)
            .map(|fact| {
                let event = fact["event"].as_str().expect("an event has a name").to_owned();
                let fields = fields.iter().filter_map(|field| match &fact[field] {
                    Value::Null => None,
                    Value::String(text) => Some(format!("{field}={text}")),
                    other => Some(format!("{field}={other}")),
                });
                [event].into_iter().chain(fields).collect::<Vec<_>>().join(" ")
            })
            .collect()
    }

    /// Holds a process's story against `after`; but for the calls, and for SIGCHLD, which may come sooner or later.
    #[track_caller]
    pub fn check(&self, proc: &str, fields: &[&str], after: &[&str]) {
        let fields = [fields, &["signal"]].concat();
        let story: Vec<_> = self
            .story(proc, &fields)
            .into_iter()
            .filter(|line| !line.starts_with("call") && line != "signal signal=SIGCHLD")
            .collect();
        assert_eq!(story, after, "the story of {proc} in\n{}", self.all());
    }

    /// Every birth has its end, and the counts agree.
    #[track_caller]
    pub fn check_complete(&self) {
        let births = self.count("born");
        let ends = self.count("exit") + self.count("killed");
        assert_eq!(births, ends, "births and ends in\n{}", self.all());
    }

    pub fn all(&self) -> String {
        let lines: Vec<_> = self.facts.iter().map(Value::to_string).collect();
        lines.join("\n")
    }
}

/// The life of the tracer's process.
pub fn be_the_tracer() {
    let Ok(job) = std::env::var(JOB) else {
        return;
    };
    let argv: Vec<OsString> = serde_json::from_str::<Vec<String>>(&job)
        .expect("a list of arguments")
        .into_iter()
        .map(OsString::from)
        .collect();
    let mode = std::env::var(MODE).expect("a mode");
    let settings = Settings {
        limit: std::env::var(LIMIT)
            .ok()
            .and_then(|limit| limit.parse().ok())
            .expect("a limit"),
        mode: match mode.as_str() {
            "line" => Mode::Step(Grain::Line),
            "call" => Mode::Step(Grain::Call),
            _ => Mode::Run,
        },
        detail: match mode.as_str() {
            "descriptors" => Detail::Descriptors,
            _ => Detail::Processes,
        },
        unattended: !matches!(mode.as_str(), "line" | "call" | "attended"),
        ..Settings::default()
    };
    let input = File::open("input")
        .or_else(|_| File::open("/dev/null"))
        .expect("/dev/null is there");
    let output = File::create("output").expect("the folder can be written");
    let stdio = [input.as_fd(), output.as_fd(), output.as_fd()];
    match mode.as_str() {
        "graph" | "json" => write_headless(&headless::Job {
            argv,
            settings,
            json: mode == "json",
            patience: None,
            stdio,
            reaping: None,
        }),
        "terminal" => {
            let Pty { master, slave } = spawn::pty(24, 80).expect("a pseudoterminal");
            let ends = [slave.as_fd(), slave.as_fd(), slave.as_fd()];
            tell_facts(start(&argv, ends, settings));
            drop(slave);
            let mut master = File::from(master);
            // The last end of the other side is closed, so this ends with EIO, after all that was printed.
            let _ = std::io::copy(&mut master, &mut &output);
        }
        "facts" | "descriptors" => tell_facts(start(&argv, stdio, settings)),
        "drop" => drop_when_stopped(start(&argv, stdio, settings)),
        "break" => break_before_wait(start(&argv, stdio, settings)),
        _ => step_all(start(&argv, stdio, settings)),
    }
}

fn start(argv: &[OsString], stdio: [BorrowedFd<'_>; 3], settings: Settings) -> Tracer {
    let mut command = trace::Command::new(argv, stdio).expect("the program is there");
    command
        .environment
        .retain(|pair| !pair.to_bytes().starts_with(b"FORKSCOPE_TEST"));
    Tracer::start(&command, settings).expect("the program can be traced")
}

fn facts_file() -> File {
    let path = std::env::var_os(FACTS).expect("a place for the facts");
    File::create(path).expect("the folder can be written")
}

fn tell_facts(mut tracer: Tracer) {
    let mut facts = facts_file();
    let (mut report, mut findings) = (Report::default(), Findings::default());
    headless::follow(&mut tracer, None, None, |fact| {
        report.add(&fact);
        findings.add(&fact);
        writeln!(facts, "{}", json(&fact)).expect("facts can be written");
    })
    .expect("waiting works");
    let lines: Vec<_> = findings.finish().iter().map(Finding::to_string).collect();
    std::fs::write("findings", lines.join("\n")).expect("the folder can be written");
    std::fs::write("report", report.to_string()).expect("the folder can be written");
}

fn write_headless(job: &headless::Job<'_>) {
    let mut written = File::create("written").expect("the folder can be written");
    let code = headless::run(job, &mut written, None).unwrap_or_else(|error| {
        write!(written, "{error}").expect("the folder can be written");
        error.exit_code()
    });
    std::fs::write("code", code.to_string()).expect("the folder can be written");
}

/// Steps whatever is held until all is over.
fn step_all(mut tracer: Tracer) {
    let mut facts = facts_file();
    let mut write = |line: String| writeln!(facts, "{line}").expect("facts can be written");
    let grain = match std::env::var(MODE).as_deref() {
        Ok("line") => Grain::Line,
        _ => Grain::Call,
    };
    while !tracer.is_over() {
        for fact in tracer.facts() {
            write(json(&fact));
        }
        let procs: Vec<_> = tracer.processes().map(|(proc, ..)| proc).collect();
        let held: Vec<_> = procs
            .into_iter()
            .filter(|&proc| tracer.held(proc).is_some())
            .collect();
        for &proc in &held {
            let point = format!("{:?}", tracer.held(proc).expect("it is held"));
            let held = serde_json::json!({
                "event": "held",
                "proc": proc,
                "point": point,
                "at": tracer.place(proc),
                "vars": tracer.variables(proc),
            });
            write(held.to_string());
            tracer.step(proc, grain);
        }
        if held.is_empty() {
            tracer.wait().expect("waiting works");
        }
    }
    for fact in tracer.facts() {
        write(json(&fact));
    }
}

/// Follows until a process is stopped by a signal, and then drops the tracer, whatever lives.
fn drop_when_stopped(mut tracer: Tracer) {
    let mut facts = facts_file();
    let mut stopped = false;
    while !stopped {
        tracer.wait().expect("waiting works");
        for fact in tracer.facts() {
            stopped |= matches!(fact.what, What::Stopped { .. });
            writeln!(facts, "{}", json(&fact)).expect("facts can be written");
        }
    }
    drop(tracer);
}

/// Runs freely, but for waits: each is held until all children are dead, and what /proc says of them is told.
fn break_before_wait(mut tracer: Tracer) {
    let mut facts = facts_file();
    let first = ProcId::lab(0);
    tracer.break_at(Kind::Wait, true);
    while !tracer.is_over() {
        tracer.wait().expect("waiting works");
        for fact in tracer.facts() {
            writeln!(facts, "{}", json(&fact)).expect("facts can be written");
        }
        let alive = tracer.processes().filter(|(.., end)| end.is_none()).count();
        if tracer.held(first).is_some() && alive == 1 {
            for (proc, pid, ..) in tracer.processes() {
                let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it is there");
                let state = text.rsplit_once(") ").map(|(_, rest)| &rest[..1]);
                let seen = serde_json::json!({ "event": "seen", "proc": proc, "state": state });
                writeln!(facts, "{seen}").expect("facts can be written");
            }
            tracer.break_at(Kind::Wait, false);
            tracer.run(first);
        }
    }
    for fact in tracer.facts() {
        writeln!(facts, "{}", json(&fact)).expect("facts can be written");
    }
}

fn json(fact: &Fact) -> String {
    serde_json::to_string(fact).expect("a fact is JSON")
}

pub fn which(program: &str) -> PathBuf {
    if program.contains('/') {
        return program.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
        .unwrap_or_else(|| Path::new(program).into())
}

/// Whether a program is installed; says so if not.
pub fn has(program: &str) -> bool {
    let has = which(program).is_file();
    if !has {
        eprintln!("skipped: {program} is not installed");
    }
    has
}
