//! Tracing a program from the command line.

use std::io::{BufWriter, Write as _};
use std::os::fd::AsFd as _;
use std::process::ExitCode;
use std::time::Duration;

use super::Failure;
use crate::cli::TraceArgs;
use crate::keeper;
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
    Ok(keeper::run(|_| job(args))?)
}

fn job(args: &TraceArgs) -> u8 {
    let (input, error) = (std::io::stdin(), std::io::stderr());
    let settings = Settings {
        limit: args.session.limit as usize,
        detail: if args.descriptors {
            Detail::Descriptors
        } else {
            Detail::Processes
        },
        ..Settings::default()
    };
    let job = Job {
        argv: args.command.clone(),
        settings,
        json: args.session.json,
        patience: Some(Duration::from_secs_f64(args.session.timeout)),
        stdio: [input.as_fd(), error.as_fd(), error.as_fd()],
    };
    match run(&job, &mut BufWriter::new(std::io::stdout())) {
        Ok(code) => code,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "forkscope: {failure}.");
            failure.exit_code().max(FAILED)
        }
    }
}
