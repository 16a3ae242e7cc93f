//! The kernel, as far as the crates do not wrap it safely: the only unsafe code of forkscope.
//!
//! Each function makes one system call or reads one file, and returns what the kernel said. Nothing in here
//! decides anything.

pub mod fork;
pub mod pidfd;
pub mod pipe;
pub mod proc;
pub mod ptrace;
pub mod raw;
pub mod seccomp;
pub mod signal;
pub mod socket;
pub mod spawn;
pub mod wait;

use crate::model::{Errno, Pid};

/// A system call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{call} failed: {} ({errno})", .errno.describe())]
pub struct CallFailed {
    /// The call, as its manual page is named.
    pub call: &'static str,
    /// Why.
    pub errno: Errno,
}

/// What a system call returned.
pub type Result<T> = std::result::Result<T, CallFailed>;

/// Names the call that failed.
trait Named<T> {
    fn named(self, call: &'static str) -> Result<T>;
}

impl<T> Named<T> for rustix::io::Result<T> {
    fn named(self, call: &'static str) -> Result<T> {
        self.map_err(|errno| CallFailed {
            call,
            errno: Errno(errno.raw_os_error()),
        })
    }
}

impl<T> Named<T> for nix::Result<T> {
    fn named(self, call: &'static str) -> Result<T> {
        self.map_err(|errno| CallFailed {
            call,
            errno: errno.into(),
        })
    }
}

/// -1 is a failure, and errno says which.
fn checked(call: &'static str, ret: i64) -> Result<i64> {
    if ret == -1 {
        Err(CallFailed {
            call,
            errno: nix::errno::Errno::last().into(),
        })
    } else {
        Ok(ret)
    }
}

/// A pid for rustix, which has no zero pid.
fn rustix_pid(pid: Pid) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(pid.0)
}
