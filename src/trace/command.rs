//! What to trace, and why it may not be possible.
//!
//! A program is looked for as execvp(3) does, but before the fork, so that what is wrong can be said in a sentence.

use std::ffi::{CString, OsStr, OsString};
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use super::python::Slots;
use crate::model::{Errno, WaitStatus};

/// What to trace.
#[derive(Debug)]
pub struct Command<'a> {
    /// The file to execute.
    pub program: CString,
    /// Its arguments, the name it is called by among them.
    pub argv: Vec<CString>,
    /// Its environment, `NAME=value`.
    pub environment: Vec<CString>,
    /// What becomes its descriptors 0, 1 and 2.
    pub stdio: [BorrowedFd<'a>; 3],
}

/// Why a program cannot be traced.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// No process could be made for it.
    #[error("no process could be made for the program: {0}")]
    Spawn(#[source] std::io::Error),
    /// ptrace is refused.
    #[error(
        "this system does not let one process trace another ({0}): a container may need --cap-add=SYS_PTRACE; \
         all else of forkscope works without"
    )]
    Forbidden(Errno),
    /// The filter is refused.
    #[error("this kernel refuses the seccomp filter that tracing needs ({0})")]
    Filter(Errno),
    /// There is no such program.
    #[error("{program} is not found")]
    NotFound {
        /// Which.
        program: String,
    },
    /// The program does not start.
    #[error("{program} cannot be executed: {}", .errno.describe())]
    Exec {
        /// Which.
        program: String,
        /// Why.
        errno: Errno,
    },
    /// It ended before it was executed.
    #[error("the program ended before it began: {0}")]
    Ended(WaitStatus),
    /// The kernel answers wait(2) with an error that has no place here.
    #[error("waiting for news of the traced program failed: {0}")]
    Wait(Errno),
}

impl TraceError {
    /// The exit code for this, as env(1) has it: 127 not found, 126 not executable, 125 trouble of ours.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::NotFound { .. } => 127,
            Self::Exec { .. } => 126,
            _ => 125,
        }
    }
}

impl<'a> Command<'a> {
    /// A command with this process's environment; its program is looked for on PATH if it is a bare name.
    pub fn new(argv: &[OsString], stdio: [BorrowedFd<'a>; 3]) -> Result<Self, TraceError> {
        let name = argv.first().map(OsString::as_os_str).unwrap_or_default();
        let program = find(name, std::env::var_os("PATH").unwrap_or_default().as_os_str())?;
        // The arguments of a process and its environment never hold a zero byte; what does was made up.
        let text = |bytes: &[u8]| CString::new(bytes).map_err(|_| not_found(name));
        Ok(Self {
            program: text(program.as_os_str().as_bytes())?,
            argv: argv
                .iter()
                .map(|argument| text(argument.as_bytes()))
                .collect::<Result<_, _>>()?,
            environment: std::env::vars_os()
                .map(|(name, value)| text(&[name.as_bytes(), b"=", value.as_bytes()].concat()))
                .collect::<Result<_, _>>()?,
            stdio,
        })
    }

    /// The environment, with what makes Python tell its lines.
    pub(super) fn environment_with(&self, python: Option<&Slots>) -> Vec<CString> {
        let Some(python) = python else {
            return self.environment.clone();
        };
        let name_of = |pair: &CString| {
            pair.to_bytes()
                .split(|&byte| byte == b'=')
                .next()
                .map(<[u8]>::to_vec)
        };
        let value = |name: &str| {
            self.environment
                .iter()
                .find_map(|pair| pair.to_bytes().strip_prefix(name.as_bytes())?.strip_prefix(b"="))
        };
        let more = python.environment(value("PYTHONPATH"));
        let replaced = |pair: &CString| {
            more.iter()
                .any(|(name, _)| name_of(pair).as_deref() == Some(name.as_bytes()))
        };
        self.environment
            .iter()
            .filter(|pair| !replaced(pair))
            .cloned()
            .chain(more.iter().filter_map(|(name, value)| {
                CString::new([name.as_bytes(), b"=", value.as_bytes()].concat()).ok()
            }))
            .collect()
    }
}

/// The file of a program. One that is there but not executable is only told if there is no better one.
fn find(name: &OsStr, path: &OsStr) -> Result<PathBuf, TraceError> {
    if name.is_empty() {
        return Err(not_found(name));
    }
    let candidates: Vec<_> = if name.as_bytes().contains(&b'/') {
        vec![PathBuf::from(name)]
    } else {
        std::env::split_paths(path)
            .map(|folder| folder.join(name))
            .collect()
    };
    let files: Vec<_> = candidates.into_iter().filter(|file| file.exists()).collect();
    match files.iter().find(|file| is_executable(file)) {
        Some(file) => Ok(file.clone()),
        None if files.is_empty() => Err(not_found(name)),
        None => Err(TraceError::Exec {
            program: name.to_string_lossy().into_owned(),
            errno: Errno(libc::EACCES),
        }),
    }
}

fn is_executable(file: &Path) -> bool {
    file.is_file() && access(file, AccessFlags::X_OK).is_ok()
}

fn not_found(name: &OsStr) -> TraceError {
    TraceError::NotFound {
        program: name.to_string_lossy().into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, path: &str, found: Result<&str, u8>) {
        let answer = find(OsStr::new(name), OsStr::new(path));
        match (&answer, found) {
            (Ok(file), Ok(wanted)) => assert_eq!(file, Path::new(wanted)),
            (Err(error), Err(code)) => assert_eq!(error.exit_code(), code, "{error}"),
            _ => panic!("{name} on {path}: {answer:?}"),
        }
    }

    #[test]
    fn programs_are_found_as_a_shell_finds_them() {
        check("sh", "/nowhere:/bin", Ok("/bin/sh"));
        check("/bin/sh", "", Ok("/bin/sh"));
        check("sh", "/nowhere", Err(127));
        check("", "/bin", Err(127));
        check("/etc/passwd", "", Err(126));
        check("passwd", "/etc", Err(126));
        check("/", "", Err(126));
    }
}
