//! Tracing without a screen: a program runs freely to its end, and what happened is written down.
//!
//! The facts, or the process graph, go to one place; the program's own output goes elsewhere, and its standard
//! input is ours. Which places these are, the caller says.

use std::ffi::{CString, OsStr, OsString};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::command::{Command, TraceError};
use super::compile::{CompileError, Compiled, compile};
use super::events::{self, Translator};
use super::fact::{Fact, What};
use super::findings::Findings;
use super::python;
use super::report::Report;
use super::tracer::{Pumped, Settings, Tracer};
use super::watch::Watch;
use crate::model::{Event, World, harmless};

/// What to run, and how to tell of it.
#[derive(Debug)]
pub struct Job<'a> {
    /// A command, or a file of C or Python.
    pub argv: Vec<OsString>,
    /// How to trace it.
    pub settings: Settings,
    /// One fact a line as JSON, instead of the graph.
    pub json: bool,
    /// How long nothing may happen; without, for ever.
    pub patience: Option<Duration>,
    /// The program's descriptors 0, 1 and 2.
    pub stdio: [BorrowedFd<'a>; 3],
    /// Where there is a keeper: readable whenever it has reaped somebody. What it says there is let go.
    pub reaping: Option<BorrowedFd<'a>>,
}

/// Who is told every event, to record it.
pub type Witness<'a> = &'a mut dyn FnMut(&Event);

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All processes have ended.
    Over,
    /// There were too many processes; all have been killed.
    Limit,
    /// Nothing happened for too long; the tree is as it was left.
    Silence,
}

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
pub enum HeadlessError {
    /// Its source does not compile.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// It cannot be traced.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// What happened cannot be written.
    #[error("the facts cannot be written: {0}")]
    Write(#[from] io::Error),
}

impl HeadlessError {
    /// The exit code for this.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Trace(error) => error.exit_code(),
            Self::Compile(_) | Self::Write(_) => 125,
        }
    }
}

/// Runs a job and writes to `out` what happened. The exit code is the program's own, as a shell reports it, or 1
/// if nothing happened for too long.
pub fn run<'a>(
    job: &Job<'_>,
    out: &'a mut dyn Write,
    witness: Option<Witness<'a>>,
) -> Result<u8, HeadlessError> {
    let runnable = Runnable::new(&job.argv)?;
    let command = runnable.command(job.stdio)?;
    let settings = Settings {
        unattended: true,
        ..job.settings
    };
    let mut tracer = Tracer::start(&command, settings)?;
    let mut account = Account::new(job, out, witness);
    let end = follow(&mut tracer, job.patience, job.reaping, |fact| account.add(&fact))?;
    match account.finish() {
        // Who reads only the beginning is served.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    Ok(match (end, tracer.status()) {
        (End::Silence, _) | (_, None) => 1,
        (End::Over | End::Limit, Some(status)) => status.shell_code(),
    })
}

/// A command as it can be executed.
#[derive(Debug)]
pub struct Runnable {
    argv: Vec<OsString>,
    /// What the program is called, where that is not its file.
    name: Option<OsString>,
    /// It is there as long as this is kept.
    compiled: Option<Compiled>,
}

impl Runnable {
    /// C is compiled first, Python is given to its interpreter.
    pub fn new(argv: &[OsString]) -> Result<Self, CompileError> {
        let file = argv.first().map_or_else(|| Path::new(""), Path::new);
        let mut runnable = Self {
            argv: argv.to_vec(),
            name: None,
            compiled: None,
        };
        match file.extension().and_then(OsStr::to_str) {
            Some("c") => {
                let compiled = compile(file)?;
                compiled.program().as_os_str().clone_into(&mut runnable.argv[0]);
                // As if it had been compiled here: the temporary folder says nothing to anybody.
                let stem = file.file_stem().unwrap_or_default();
                runnable.name = Some([OsStr::new("./"), stem].into_iter().collect());
                runnable.compiled = Some(compiled);
            }
            Some("py") => {
                let python = python::interpreter().unwrap_or_else(|| OsString::from("python3"));
                runnable.argv.insert(0, python);
            }
            _ => {}
        }
        Ok(runnable)
    }

    /// The command, with these for its descriptors 0, 1 and 2.
    pub fn command<'a>(&self, stdio: [BorrowedFd<'a>; 3]) -> Result<Command<'a>, TraceError> {
        let mut command = Command::new(&self.argv, stdio)?;
        let name = self.name.as_ref().map(|name| CString::new(name.as_bytes()));
        if let (Some(Ok(name)), Some(first)) = (name, command.argv.first_mut()) {
            *first = name;
        }
        Ok(command)
    }

    /// What the compiler warned of; empty if nothing.
    pub fn warnings(&self) -> &str {
        self.compiled.as_ref().map_or("", Compiled::warnings)
    }
}

/// What is written of a run.
struct Account<'a> {
    out: &'a mut dyn Write,
    witness: Option<Witness<'a>>,
    findings: Findings,
    translator: Translator,
    form: Form,
    /// The first failure to write, kept until the program has ended.
    written: io::Result<()>,
}

enum Form {
    /// The process graph.
    Graph(Report),
    /// Events as they come, and what they make of the world.
    Json(Box<World>),
}

impl<'a> Account<'a> {
    fn new(job: &Job<'_>, out: &'a mut dyn Write, witness: Option<Witness<'a>>) -> Self {
        let mut account = Self {
            out,
            witness,
            findings: Findings::default(),
            translator: Translator::of_a_killer(),
            form: Form::Graph(Report::default()),
            written: Ok(()),
        };
        if job.json {
            account.form = Form::Json(Box::default());
        }
        account.tell(&events::ancestors(job.settings.keeper));
        account
    }

    fn add(&mut self, fact: &Fact) {
        self.findings.add(fact);
        if let Form::Graph(report) = &mut self.form {
            report.add(fact);
            if self.witness.is_none() {
                return;
            }
        }
        let events = self.translator.events(fact);
        self.tell(&events);
    }

    fn tell(&mut self, events: &[Event]) {
        for event in events {
            if let Some(witness) = &mut self.witness {
                witness(event);
            }
            if let Form::Json(world) = &mut self.form {
                world.apply(event);
                if self.written.is_ok() {
                    self.written = write_json(self.out, event);
                }
            }
        }
    }

    fn finish(self) -> io::Result<()> {
        self.written?;
        for finding in self.findings.finish() {
            match self.form {
                Form::Graph(_) => writeln!(self.out, "{}", harmless(&finding.to_string()))?,
                Form::Json(_) => write_json(self.out, &finding)?,
            }
        }
        match self.form {
            Form::Graph(report) => write!(self.out, "{report}")?,
            Form::Json(world) => writeln!(self.out, "{}", world.tree_json())?,
        }
        self.out.flush()
    }
}

fn write_json(out: &mut dyn Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// Follows the tree until no task is left, and hands on every fact. With `patience`, gives up once nothing has
/// happened for so long; for that, this must be the only thread of its process.
pub fn follow(
    tracer: &mut Tracer,
    patience: Option<Duration>,
    reaping: Option<BorrowedFd<'_>>,
    mut sink: impl FnMut(Fact),
) -> Result<End, TraceError> {
    let alarm = patience
        .map(|patience| Alarm::new(patience, reaping))
        .transpose()?;
    let mut end = End::Over;
    let mut watch = Watch::new();
    loop {
        let facts: Vec<_> = tracer.facts().collect();
        for fact in facts {
            if matches!(fact.what, What::Limit { .. }) {
                end = End::Limit;
                tracer.end();
            }
            sink(fact);
        }
        if tracer.is_over() {
            // Orphans' zombies are their adopter's to reap; this looks whether it has.
            pump_all(tracer)?;
            if let Some(alarm) = alarm.as_ref().filter(|_| tracer.is_keeper_owed())
                && !alarm.rings()?
            {
                continue;
            }
            tracer.facts().for_each(sink);
            return Ok(end);
        }
        if !tracer.poll()? {
            if watch.goes_on() {
                std::hint::spin_loop();
                continue;
            }
            match &alarm {
                None => tracer.wait()?,
                Some(alarm) if alarm.rings()? => return Ok(End::Silence),
                Some(_) => {
                    // What woke it may be the signal of news that was taken while awake.
                    watch.slept();
                    continue;
                }
            }
        }
        watch.heard(tracer.busy());
    }
}

fn pump_all(tracer: &mut Tracer) -> Result<(), TraceError> {
    while tracer.pump()? == Pumped::Some {}
    Ok(())
}

/// Tells news from silence.
struct Alarm<'a> {
    news: SignalFd,
    reaping: Option<BorrowedFd<'a>>,
    patience: PollTimeout,
}

impl<'a> Alarm<'a> {
    fn new(patience: Duration, reaping: Option<BorrowedFd<'a>>) -> Result<Self, TraceError> {
        let failed = |errno: nix::errno::Errno| TraceError::Wait(errno.into());
        let mask = SigSet::from(Signal::SIGCHLD);
        mask.thread_block().map_err(failed)?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        let news = SignalFd::with_flags(&mask, flags).map_err(failed)?;
        // The first news may have come before the signal was blocked: it counts as having come now.
        nix::sys::signal::raise(Signal::SIGCHLD).map_err(failed)?;
        let patience = PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX);
        Ok(Self {
            news,
            reaping,
            patience,
        })
    }

    /// Sleeps until there is news, or true if there was none for too long.
    fn rings(&self) -> Result<bool, TraceError> {
        let fds = [Some(self.news.as_fd()), self.reaping];
        let mut fds: Vec<_> = fds
            .into_iter()
            .flatten()
            .map(|fd| PollFd::new(fd, PollFlags::POLLIN))
            .collect();
        let ready = match poll(&mut fds, self.patience) {
            Err(nix::errno::Errno::EINTR) => return Ok(false),
            result => result.map_err(|errno| TraceError::Wait(errno.into()))?,
        };
        let mut came = fds.iter().map(|fd| fd.any().unwrap_or(false));
        // Signals merge, so reading it once makes the next poll sleep.
        if came.next() == Some(true) {
            let _ = self.news.read_signal();
        }
        if let (Some(reaping), Some(true)) = (self.reaping, came.next()) {
            let _ = nix::unistd::read(reaping, &mut [0; 1 << 12]);
        }
        Ok(ready == 0)
    }
}
