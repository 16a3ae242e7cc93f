//! fork(2), and what a newborn does first.
//!
//! A bare fork is correct here because a forkscope process has one thread, for its whole life: no lock can be
//! copied held, so the child may allocate, print and go on as it likes (fork(2), NOTES). `tests/playground/inheritance.rs` holds it.

#![expect(unsafe_code, reason = "fork, close_range and _exit have no safe wrapper")]

use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::libc;

use super::{Named, Result, checked};
use crate::model::Pid;

/// What fork returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fork {
    /// In the parent: the child's pid.
    Parent(Pid),
    /// In the child: 0.
    Child,
}

impl Fork {
    /// The number itself: a pid in the parent, 0 in the child.
    pub const fn number(self) -> i64 {
        match self {
            Self::Parent(pid) => pid.0 as i64,
            Self::Child => 0,
        }
    }
}

/// fork(2).
pub fn fork() -> Result<Fork> {
    // SAFETY: the calling process has a single thread, so no other thread can hold a lock or a half-made value
    // that the child would inherit.
    let ret = checked("fork", i64::from(unsafe { libc::fork() }))?;
    Ok(if ret == 0 {
        Fork::Child
    } else {
        Fork::Parent(Pid(ret as i32))
    })
}

/// fork(2) in a process with threads, which only the program of the lesson about them is. The child has one thread,
/// and sleeps until a signal ends it.
pub fn fork_sleeper() -> Result<Pid> {
    // SAFETY: another thread may hold a lock in this moment, and the child would wait for it in vain. The child
    // asks for none: it calls pause and nothing else, which signal-safety(7) allows.
    let ret = checked("fork", i64::from(unsafe { libc::fork() }))?;
    if ret == 0 {
        loop {
            // SAFETY: pause(2) takes no argument and touches no memory.
            unsafe { libc::pause() };
        }
    }
    Ok(Pid(ret as i32))
}

/// `_exit(2)`: ends the process at once. No handler of exit(3) runs and nothing is flushed, which is right for a
/// copy: what is buffered belongs to the original.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: _exit takes any number and does not return; nothing of the process is used after it.
    unsafe { libc::_exit(code) }
}

/// Closes every descriptor from 3 up but those to keep. Copies of other processes' channels would keep their ends
/// of file from ever coming.
pub fn close_all_but(keep: &[BorrowedFd<'_>]) -> Result<()> {
    let mut keep: Vec<u32> = keep.iter().map(|fd| fd.as_raw_fd() as u32).collect();
    keep.sort_unstable();
    let mut from = 3;
    for fd in keep {
        if from < fd {
            close_range(from, fd - 1)?;
        }
        from = from.max(fd + 1);
    }
    close_range(from, u32::MAX)
}

fn close_range(first: u32, last: u32) -> Result<()> {
    // SAFETY: the closed descriptors are owned by values of the parent's life, which this process never touches
    // again: it leaves by _exit, so their destructors do not run.
    let ret = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    match checked("close_range", ret) {
        Ok(_) => Ok(()),
        // Kernels before 5.9 have no close_range(2).
        Err(failed) if failed.errno.0 == libc::ENOSYS => {
            close_each(first, last);
            Ok(())
        }
        Err(failed) => Err(failed),
    }
}

fn close_each(first: u32, last: u32) {
    let Ok(dir) = std::fs::read_dir("/proc/self/fd") else {
        return;
    };
    let open: Vec<u32> = dir
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    for fd in open.into_iter().filter(|fd| (first..=last).contains(fd)) {
        // SAFETY: as in `close_range`.
        unsafe { libc::close(fd as i32) };
    }
}

/// Puts the null device on descriptor 0 and `output` on 1 and 2.
pub fn redirect(input: impl AsFd, output: impl AsFd) -> Result<()> {
    rustix::stdio::dup2_stdin(input).named("dup2")?;
    rustix::stdio::dup2_stdout(&output).named("dup2")?;
    rustix::stdio::dup2_stderr(&output).named("dup2")
}

/// setsid(2). A process group alone would leave the terminal within reach through /dev/tty, and would let the
/// kernel's rule on orphaned groups end stopped processes.
pub fn new_session() -> Result<()> {
    nix::unistd::setsid().map(drop).named("setsid")
}

/// Names the process, as /proc/PID/comm shows it, and lets `tracer` look at it where Yama would forbid it.
pub fn introduce(name: &std::ffi::CStr, tracer: Pid) {
    // Both are comforts: without them the process works as well.
    let _ = rustix::thread::set_name(name);
    if let Some(tracer) = super::rustix_pid(tracer) {
        let _ = rustix::process::set_ptracer(rustix::process::PTracer::ProcessID(tracer));
    }
}
