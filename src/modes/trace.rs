//! Tracing a program from the command line.

use std::io::{BufWriter, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::ExitCode;
use std::time::Duration;

use super::{Begun, Failure};
use crate::cli::TraceArgs;
use crate::journal::{RecordError, Recorder};
use crate::keeper::{self, Endowment};
use crate::model::{Event, Pid, Signal};
use crate::poll;
use crate::sys::signal;
use crate::trace::headless::{Job, run};
use crate::trace::{Detail, Settings};

/// A failure of ours: a number that no program uses for itself, as timeout(1) and env(1) have it.
const FAILED: u8 = 125;

/// Traces a program to its end, without a screen. The exit code is the program's own.
pub fn trace(args: &TraceArgs) -> Result<ExitCode, Failure> {
    if !args.session.headless {
        return Err(Failure::Usage(
            "trace has no screen; use it with --headless.".to_owned(),
        ));
    }
    let begun = Begun::now();
    Ok(keeper::run(|given| {
        let Endowment { keeper, reports, .. } = given;
        to_the_end(args, keeper, &reports, &begun)
    })?)
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
    let _ = writeln!(std::io::stderr(), "forkscope: {error}.");
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
