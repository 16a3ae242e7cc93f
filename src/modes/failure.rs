//! Failures of ours, in one sentence each, and how they are said.

use std::io::Write as _;

use crate::export::ExportError;
use crate::journal::{JournalError, OpenError, RecordError};
use crate::model::harmless;
use crate::sys::CallFailed;
use crate::trace::{CompileError, TraceError};

/// A failure of ours. Its text is one sentence: what failed, on what, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing was started, because it could not work.
    #[error("{0}")]
    Usage(String),
    /// A system call failed.
    #[error("{0}, so the lab could not be set up; see the manual page of that call.")]
    Call(#[from] CallFailed),
    /// The session cannot be kept.
    #[error("{0}.")]
    Journal(#[from] JournalError),
    /// There is no recording to be read.
    #[error("{0}.")]
    Open(#[from] OpenError),
    /// Something could not be exported: to that file, or to standard output.
    #[error("{name} could not be written: {source}.")]
    Export {
        /// What it is called in a sentence.
        name: String,
        /// What failed.
        source: ExportError,
    },
    /// It cannot be recorded.
    #[error("{0}.")]
    Record(#[from] RecordError),
    /// What came of a lesson cannot be kept.
    #[error("{path} cannot be written: {error}; name another place.")]
    Report {
        /// The file.
        path: std::path::PathBuf,
        /// What failed.
        error: std::io::Error,
    },
    /// A program cannot be traced.
    #[error("{0}.")]
    Trace(#[from] TraceError),
    /// A program cannot be compiled: the compiler's own words.
    #[error("{0}")]
    Compile(#[from] CompileError),
    /// A program could not be run, or explored.
    #[error("{0}")]
    Survey(String),
    /// Something could not be printed.
    #[error("the output could not be written: {0}")]
    Output(std::io::Error),
}

impl Failure {
    /// The exit code of the contract.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Trace(error) => error.exit_code(),
            _ => 1,
        }
    }

    /// Says it. What a compiler says stands as it is.
    pub fn say(&self) {
        let lead = match self {
            Self::Compile(CompileError::Refused(_)) => "",
            _ => "forkscope: ",
        };
        say(&format!("{lead}{self}"));
    }
}

/// Says it, and gives the exit code.
pub(super) fn complain(complaint: &str) -> u8 {
    say(&format!("forkscope: {complaint}"));
    1
}

/// Prints to standard error. What is said may quote a file or a name, so it must not be obeyed by a terminal.
pub(super) fn say(text: &str) {
    let mut err = std::io::stderr().lock();
    for line in text.trim_end().lines() {
        // Who closed standard error wants to hear nothing.
        let _ = writeln!(err, "{}", harmless(line));
    }
}
