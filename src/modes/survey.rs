//! What is possible beside what real runs come to: each run a headless forkscope of its own, a few at a time, and one
//! more that explores.
//!
//! All that it starts ends with it: when nobody reads any more what it prints, it ends them first, and waits for them.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};

use rustix::event::{PollFd, PollFlags, poll};

use super::Failure;
use super::explore::{json, told};
use crate::app::outlook::{End, Found, Survey};
use crate::cli::RunArgs;
use crate::headless::STANDSTILL;
use crate::model::{Event, Link, Pid, ProcId, Signal, What, World, lettered};
use crate::sys::{self, signal};

/// How many runs there are at a time. Most of their life they sleep.
const LANES: usize = 4;

/// After so many seconds without any change a run is left. One that has come to a standstill says so at once.
const PATIENCE: &str = "20";

/// How many bytes are read at a time.
const PIECE: usize = 1 << 16;

/// Explores a program, runs it so often, and prints all.
pub(super) fn survey(args: &RunArgs, name: &str, text: &str, runs: u32) -> Result<ExitCode, Failure> {
    let mut lanes = Lanes {
        args,
        name,
        text: sys::pipe::text(text)?,
        running: Vec::new(),
    };
    let mut survey = Survey::default();
    lanes.start(Job::Explore)?;
    let mut left = runs;
    while left > 0 || !lanes.running.is_empty() {
        while left > 0 && lanes.runs() < LANES {
            lanes.start(Job::Run)?;
            left -= 1;
        }
        let Some(lines) = lanes.wait() else {
            lanes.end();
            return Ok(ExitCode::SUCCESS);
        };
        for line in lines {
            survey.learn(&line);
            if args.session.json && !say(&line) {
                lanes.end();
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
    if let Some(complaint) = survey.complaint {
        return Err(Failure::Survey(complaint));
    }
    if args.session.json {
        return Ok(ExitCode::SUCCESS);
    }
    super::print(&told(&survey, Some(runs)))
}

/// Prints a line at once; says whether anybody reads it.
fn say(line: &str) -> bool {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).is_ok()
}

/// What a forkscope is started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Job {
    Explore,
    Run,
}

struct Lanes<'a> {
    args: &'a RunArgs,
    name: &'a str,
    /// The program, as all of them read it: whatever happens to its file meanwhile.
    text: OwnedFd,
    running: Vec<Running>,
}

struct Running {
    job: Job,
    child: Child,
    out: ChildStdout,
    said: Vec<u8>,
}

impl Lanes<'_> {
    fn runs(&self) -> usize {
        self.running.iter().filter(|one| one.job == Job::Run).count()
    }

    fn start(&mut self, job: Job) -> Result<(), Failure> {
        let failed =
            |error: std::io::Error| Failure::Survey(format!("forkscope itself cannot be run: {error}"));
        let mut command = Command::new("/proc/self/exe");
        command.args(["run", "--json", "--name", self.name]);
        match job {
            Job::Explore => command.arg("--explore"),
            Job::Run => command.args(["--headless", "--timeout", PATIENCE]),
        };
        if self.args.pipe {
            command.arg("--pipe");
        }
        command.arg("/dev/stdin");
        // The descriptor stands at the end of the text, so the program has nothing to read. What a run complains of
        // is that it does not end, and that is seen in its facts.
        let text = self.text.try_clone().map_err(failed)?;
        command.stdin(text).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(failed)?;
        let Some(out) = child.stdout.take() else {
            return Ok(());
        };
        self.running.push(Running {
            job,
            child,
            out,
            said: Vec::new(),
        });
        Ok(())
    }

    /// Waits until something is said; gives what those have found who are done. None if nobody listens to us.
    fn wait(&mut self) -> Option<Vec<String>> {
        let own = rustix::stdio::stdout();
        let mut fds = vec![PollFd::from_borrowed_fd(own, PollFlags::empty())];
        fds.extend(
            self.running
                .iter()
                .map(|one| PollFd::from_borrowed_fd(one.out.as_fd(), PollFlags::IN)),
        );
        // Interrupted or not: what is ready is looked at.
        let _ = poll(&mut fds, None);
        if fds[0].revents().intersects(PollFlags::ERR | PollFlags::NVAL) {
            return None;
        }
        let ready: Vec<bool> = fds[1..].iter().map(|fd| !fd.revents().is_empty()).collect();
        let mut lines = Vec::new();
        let mut still = Vec::new();
        for (mut one, is_ready) in std::mem::take(&mut self.running).into_iter().zip(ready) {
            if is_ready && one.read() {
                lines.extend(one.finish());
            } else {
                still.push(one);
            }
        }
        self.running = still;
        Some(lines)
    }

    /// Ends all that still run, each together with its lab.
    fn end(&mut self) {
        for one in &self.running {
            let _ = signal::send(Pid(one.child.id() as i32), Signal::TERM);
        }
        for mut one in self.running.drain(..) {
            let _ = one.child.wait();
        }
    }
}

impl Running {
    /// Reads what is there; says whether that was the end.
    fn read(&mut self) -> bool {
        let mut piece = vec![0; PIECE];
        match self.out.read(&mut piece) {
            Ok(0) | Err(_) => true,
            Ok(length) => {
                self.said.extend_from_slice(&piece[..length]);
                false
            }
        }
    }

    /// What it found, as a line.
    fn finish(mut self) -> Option<String> {
        let _ = self.child.wait();
        let said = String::from_utf8_lossy(&self.said);
        match self.job {
            Job::Explore => said.lines().next_back().map(str::to_owned),
            Job::Run => Some(json(&end_of(&said))),
        }
    }
}

/// How a run has ended, by the facts that it told.
fn end_of(facts: &str) -> Found {
    let mut world = World::default();
    let mut output = String::new();
    let mut names = HashMap::new();
    let mut stands_still = false;
    for event in facts
        .lines()
        .filter_map(|line| serde_json::from_str::<Event>(line).ok())
    {
        world.apply(&event);
        // What is told of somebody who is gone has no pid any more.
        if event.pid != Pid(0) {
            names.insert(event.pid.0, event.proc);
        }
        match &event.what {
            What::Output(text) => output.push_str(&text.text),
            What::Note(note) => stands_still |= note.text.as_deref() == Some(STANDSTILL),
            _ => {}
        }
    }
    let lab = || world.processes().filter(|process| process.id.is_lab());
    let first = world.gone().find(|gone| gone.id == ProcId::lab(0));
    let alive = || lab().filter(|process| process.is_alive());
    if alive().count() > 0 && !stands_still {
        return Found::Unfinished;
    }
    let is_kept = |parent: &Link| parent.proc().is_some_and(ProcId::is_lab);
    Found::Run(End {
        output: lettered(&output, |pid| names.get(&pid).copied()),
        exit: first
            .and_then(|gone| gone.status)
            .map(|status| status.shell_code().into()),
        // Who is not below the lab any more is reaped in a moment.
        zombies: lab()
            .filter(|process| process.is_zombie() && is_kept(&process.parent))
            .count() as u32,
        orphans: alive()
            .filter(|process| !is_kept(&process.parent) && process.id != ProcId::lab(0))
            .count() as u32,
        stuck: alive().count() as u32,
    })
}
