//! Standard output, where it shows no screen.

use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use super::Failure;

/// Prints it, and one line's end.
pub fn print(text: &str) -> Result<ExitCode, Failure> {
    match writeln!(io::stdout(), "{}", text.trim_end()) {
        Err(error) if reader_left(&error) => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS).map_err(Failure::Output),
    }
}

/// Whether nobody reads on. Who reads only the beginning is served: it is no failure.
pub fn reader_left(error: &io::Error) -> bool {
    error.kind() == ErrorKind::BrokenPipe
}
