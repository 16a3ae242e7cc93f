//! Tracing a program from the command line.

use std::ffi::OsStr;
use std::io::{BufWriter, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::{Begun, Failure, Leave, Plan, Subject, say};
use crate::app::tracing::Tracing;
use crate::app::{App, Pane, Source};
use crate::cli::{LookArgs, RunArgs, SessionArgs, TraceArgs};
use crate::journal::{RecordError, Recorder};
use crate::keeper::{self, Again, Endowment};
use crate::lab::sweep::Trail;
use crate::model::{Event, Pid, Signal, WaitStatus, command_line};
use crate::poll;
use crate::sys::{self, signal};
use crate::trace::headless::{HeadlessError, Job, Runnable, run};
use crate::trace::{Command, CompileError, Detail, Grain, Mode, Settings};
use crate::traced::{Stdio, Traced};

/// A failure of ours: a number that no program uses for itself, as timeout(1) and env(1) have it.
const FAILED: u8 = 125;

/// Traces a program: on the screen, by keys alone, or without either to its end, with the program's own exit code.
pub fn trace(args: &TraceArgs) -> Result<ExitCode, Failure> {
    trace_with(args, None)
}

/// Traces a program in C or Python if what it needs is installed, and steps it without if not; says which.
pub fn open(file: &Path, look: &LookArgs, session: &SessionArgs) -> Result<ExitCode, Failure> {
    let name = file
        .file_name()
        .unwrap_or(file.as_os_str())
        .to_string_lossy()
        .into_owned();
    let (tool, made) = match file.extension().and_then(OsStr::to_str) {
        Some("c") => ("cc", "compiled and traced"),
        Some("py") => ("python3", "run by Python and traced"),
        _ => {
            return Err(Failure::Usage(format!(
                "{name} is neither a program in C (FILE.c) nor in Python (FILE.py); `forkscope trace {name}` traces any program."
            )));
        }
    };
    if Command::new(&[tool.into()], [std::io::stdin().as_fd(); 3]).is_ok() {
        let args = TraceArgs {
            command: vec![file.into()],
            descriptors: false,
            look: look.clone(),
            session: session.clone(),
        };
        let notice = format!("{name} is {made}: what the kernel does is shown, one step at a time (n).");
        return trace_with(&args, Some(notice));
    }
    let args = RunArgs {
        file: file.to_owned(),
        pipe: false,
        explore: false,
        runs: None,
        name: None,
        look: look.clone(),
        session: session.clone(),
    };
    super::run_with(
        &args,
        Some(format!(
            "{tool} is not installed, so {name} is not traced but stepped by forkscope itself."
        )),
    )
}

fn trace_with(args: &TraceArgs, notice: Option<String>) -> Result<ExitCode, Failure> {
    let begun = Begun::now();
    if args.session.headless && args.session.keys.is_none() {
        return Ok(keeper::run(|given| {
            let Endowment { keeper, reports, .. } = given;
            to_the_end(args, keeper, &reports, &begun)
        })?);
    }
    super::begin(&Plan {
        look: &args.look,
        args: &args.session,
        subject: Subject::Trace(Tracee { args, notice }),
        begun,
    })
}

/// A program that is to be traced.
pub(super) struct Tracee<'a> {
    args: &'a TraceArgs,
    notice: Option<String>,
}

/// What a program believes its terminal to be.
const TERMINAL: Stdio = Stdio::Terminal(24, 80);

impl Tracee<'_> {
    /// Makes it executable, and shows what is known of it.
    pub(super) fn prepare(&self, app: &mut App) -> Result<Runnable, Failure> {
        let command = &self.args.command;
        let program = Runnable::new(command)?;
        let file = command.first().map_or_else(|| Path::new(""), Path::new);
        let words: Vec<String> = command
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let is_source = matches!(file.extension().and_then(OsStr::to_str), Some("c" | "py"));
        if is_source && let Ok(text) = std::fs::read(file) {
            app.source = Some(Source::of_file(file, &String::from_utf8_lossy(&text)));
        }
        let base = words
            .first()
            .map_or("", |word| word.rsplit('/').next().unwrap_or(word));
        let shown: Vec<String> = [base.to_owned()]
            .into_iter()
            .chain(words.iter().skip(1).cloned())
            .collect();
        app.tracing = Some(Tracing {
            name: command_line(&shown),
            grain: if is_source { Grain::Line } else { Grain::Call },
            ..Tracing::default()
        });
        if app.source.is_none() {
            app.view.pane = Pane::Output;
        }
        let warned = program.warnings().lines().find(|line| line.contains("warning:"));
        app.notice = warned
            .map(|line| format!("cc warns: {line}"))
            .or_else(|| self.notice.clone());
        Ok(program)
    }

    /// Starts it; it is held at its first instruction.
    pub(super) fn start(
        &self,
        given: Endowment,
        program: &Runnable,
        plan: &Plan<'_>,
        has_screen: bool,
    ) -> Result<Traced, Failure> {
        let settings = Settings {
            mode: Mode::Step(Grain::Call),
            ..settings(self.args, given.keeper, &plan.begun)
        };
        let stdio = if has_screen { TERMINAL } else { Stdio::Ours };
        Ok(Traced::start(given, program, settings, stdio)?)
    }
}

impl Leave for Traced {
    fn begin_again(&self, again: Again) -> sys::Result<()> {
        self.begin_again(again)
    }

    fn into_trail(self) -> Trail {
        self.into_trail()
    }

    fn code(&self) -> u8 {
        self.status().map_or(0, WaitStatus::shell_code)
    }
}

/// Traces freely, and writes what happened.
fn to_the_end(args: &TraceArgs, keeper: Pid, reports: &OwnedFd, begun: &Begun) -> u8 {
    // The keeper has blocked them and passes them on: here they act as on any program.
    for signal in poll::FATAL.into_iter().chain([Signal::TSTP]) {
        let _ = signal::unblock(signal);
    }
    let mut record = match Record::begin(args, begun) {
        Ok(record) => record,
        Err(error) => return failed(&error, FAILED),
    };
    let (input, error) = (std::io::stdin(), std::io::stderr());
    let job = Job {
        argv: args.command.clone(),
        settings: settings(args, keeper, begun),
        json: args.session.json,
        patience: Some(Duration::from_secs_f64(args.session.timeout)),
        stdio: [input.as_fd(), error.as_fd(), error.as_fd()],
        reaping: Some(reports.as_fd()),
    };
    let mut write = |event: &Event| record.write(event);
    let witness = args.session.record.is_some().then_some(&mut write as _);
    let code = match run(&job, &mut BufWriter::new(std::io::stdout()), witness) {
        Ok(code) => code,
        Err(HeadlessError::Compile(CompileError::Refused(words))) => {
            let _ = write!(std::io::stderr(), "{words}");
            FAILED
        }
        Err(failure) => failed(&failure, failure.exit_code()),
    };
    match record.trouble {
        Some(error) => failed(&error, FAILED),
        None => code,
    }
}

fn settings(args: &TraceArgs, keeper: Pid, begun: &Begun) -> Settings {
    Settings {
        limit: args.session.limit as usize,
        detail: if args.descriptors {
            Detail::Descriptors
        } else {
            Detail::Processes
        },
        start: begun.clock,
        keeper: Some(keeper),
        ..Settings::default()
    }
}

/// Says it, and gives the exit code.
fn failed(error: &dyn std::error::Error, code: u8) -> u8 {
    say(&format!("forkscope: {error}."));
    code
}

/// The recording, if one is wanted, and what became of it.
struct Record {
    recorder: Option<Recorder>,
    trouble: Option<RecordError>,
}

impl Record {
    fn begin(args: &TraceArgs, begun: &Begun) -> Result<Self, RecordError> {
        let path = args.session.record.as_deref();
        let recorder = path.map(|path| Recorder::create(path, &begun.header()));
        Ok(Self {
            recorder: recorder.transpose()?,
            trouble: None,
        })
    }

    fn write(&mut self, event: &Event) {
        let written = self
            .recorder
            .as_mut()
            .map_or(Ok(()), |recorder| recorder.write(event));
        self.trouble = self.trouble.take().or(written.err());
    }
}
