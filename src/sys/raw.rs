//! System calls as a student's program makes them: on descriptors by number, interrupted by signals, failing as they
//! fail. Each is the call of its name in section 2 of the manual.

#![expect(
    unsafe_code,
    reason = "a program names descriptors and signals by number, which no safe wrapper takes"
)]

use std::ffi::CString;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};

use nix::libc;

use super::{Named as _, Result, checked};
use crate::model::{Pid, Signal};

/// A set of signals, bit 0 for signal 1, as the kernel has it.
pub type Signals = u64;

/// read(2), of at most `count` bytes.
pub fn read(fd: i32, count: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    // SAFETY: the kernel writes at most as many bytes as the vector holds.
    let ret = unsafe { libc::read(fd, bytes.as_mut_ptr().cast(), bytes.len()) };
    bytes.truncate(checked("read", ret as i64)? as usize);
    Ok(bytes)
}

/// write(2).
pub fn write(fd: i32, bytes: &[u8]) -> Result<i64> {
    // SAFETY: the kernel reads as many bytes as the slice holds.
    checked(
        "write",
        unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) } as i64,
    )
}

/// pipe2(2): the reading end, the writing end.
pub fn pipe(cloexec: bool) -> Result<(i32, i32)> {
    let mut ends = [0; 2];
    let flags = if cloexec { libc::O_CLOEXEC } else { 0 };
    // SAFETY: the array has room for the two numbers that the kernel writes.
    let ret = unsafe { libc::pipe2(ends.as_mut_ptr(), flags) };
    checked("pipe", i64::from(ret))?;
    Ok((ends[0], ends[1]))
}

/// close(2).
pub fn close(fd: i32) -> Result<i64> {
    // SAFETY: the descriptor is the program's; what forkscope itself owns in this process is refused by the caller.
    checked("close", i64::from(unsafe { libc::close(fd) }))
}

/// dup(2), or its like that exec closes.
pub fn dup(fd: i32, cloexec: bool) -> Result<i64> {
    let how = if cloexec {
        libc::F_DUPFD_CLOEXEC
    } else {
        libc::F_DUPFD
    };
    // SAFETY: numbers only.
    checked("dup", i64::from(unsafe { libc::fcntl(fd, how, 0) }))
}

/// The descriptor once more, at the first free number from `least` up, closed by exec.
pub fn dup_above(fd: BorrowedFd<'_>, least: i32) -> Result<OwnedFd> {
    rustix::io::fcntl_dupfd_cloexec(fd, least).named("fcntl")
}

/// dup2(2), or dup3(2) where exec is to close the copy.
pub fn dup2(from: i32, to: i32, cloexec: bool) -> Result<i64> {
    // dup3 refuses equal numbers, which dup2 takes.
    let ret = if cloexec && from != to {
        // SAFETY: numbers only; `to` is the program's, as in `close`.
        unsafe { libc::dup3(from, to, libc::O_CLOEXEC) }
    } else {
        // SAFETY: as above.
        unsafe { libc::dup2(from, to) }
    };
    checked("dup2", i64::from(ret))
}

/// open(2).
pub fn open(path: &[u8], flags: i32, mode: u32) -> Result<i64> {
    let path = c_string(path);
    // SAFETY: the path is a string that lives until the call returns.
    checked(
        "open",
        i64::from(unsafe { libc::open(path.as_ptr(), flags, mode) }),
    )
}

/// lseek(2).
pub fn lseek(fd: i32, offset: i64, whence: i32) -> Result<i64> {
    // SAFETY: numbers only.
    checked("lseek", unsafe { libc::lseek(fd, offset, whence) })
}

/// unlink(2).
pub fn unlink(path: &[u8]) -> Result<i64> {
    let path = c_string(path);
    // SAFETY: the path is a string that lives until the call returns.
    checked("unlink", i64::from(unsafe { libc::unlink(path.as_ptr()) }))
}

/// chdir(2).
pub fn chdir(path: &[u8]) -> Result<i64> {
    let path = c_string(path);
    // SAFETY: the path is a string that lives until the call returns.
    checked("chdir", i64::from(unsafe { libc::chdir(path.as_ptr()) }))
}

/// umask(2), which cannot fail.
pub fn umask(mask: u32) -> i64 {
    // SAFETY: a number only.
    i64::from(unsafe { libc::umask(mask) })
}

/// time(2): seconds since 1970.
pub fn time() -> i64 {
    // SAFETY: with a null pointer the time is only returned.
    unsafe { libc::time(std::ptr::null_mut()) }
}

/// pause(2): always ends in EINTR.
pub fn pause() -> Result<i64> {
    // SAFETY: takes nothing.
    checked("pause", i64::from(unsafe { libc::pause() }))
}

/// alarm(2): the seconds that an earlier one had left.
pub fn alarm(seconds: u32) -> i64 {
    // SAFETY: a number only.
    i64::from(unsafe { libc::alarm(seconds) })
}

/// nanosleep(2): the nanoseconds that were left when a signal came, else 0.
pub fn sleep(nanos: u64) -> i64 {
    const SECOND: u64 = 1_000_000_000;
    let asked = libc::timespec {
        tv_sec: (nanos / SECOND) as i64,
        tv_nsec: (nanos % SECOND) as i64,
    };
    let mut left = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: both are variables of this frame.
    match unsafe { libc::nanosleep(&raw const asked, &raw mut left) } {
        0 => 0,
        _ => left.tv_sec * SECOND as i64 + left.tv_nsec,
    }
}

/// setpgid(2).
pub fn setpgid(pid: Pid, group: Pid) -> Result<i64> {
    // SAFETY: numbers only.
    checked("setpgid", i64::from(unsafe { libc::setpgid(pid.0, group.0) }))
}

/// getpgid(2).
pub fn getpgid(pid: Pid) -> Result<i64> {
    // SAFETY: a number only.
    checked("getpgid", i64::from(unsafe { libc::getpgid(pid.0) }))
}

/// getsid(2).
pub fn getsid(pid: Pid) -> Result<i64> {
    // SAFETY: a number only.
    checked("getsid", i64::from(unsafe { libc::getsid(pid.0) }))
}

/// setsid(2).
pub fn setsid() -> Result<i64> {
    // SAFETY: takes nothing.
    checked("setsid", i64::from(unsafe { libc::setsid() }))
}

/// fork(2) whose parent waits until the child has exec'd or ended, as that of vfork(2) does. The memory is copied
/// and not lent: an interpreter cannot live in its parent's.
pub fn vfork() -> Result<i64> {
    let flags = i64::from(libc::CLONE_VFORK | libc::SIGCHLD);
    // SAFETY: without CLONE_VM and with no stack given, clone(2) copies the process as fork does, and the process has
    // one thread.
    checked("clone", unsafe {
        libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0)
    })
}

static ARRIVED: AtomicU64 = AtomicU64::new(0);

extern "C" fn note(signal: libc::c_int) {
    ARRIVED.fetch_or(1 << (signal - 1), Ordering::SeqCst);
}

/// What sigaction(2) is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Disposition {
    /// Default, ignored, or noted for [`arrived`].
    pub action: crate::model::event::Action,
    /// What is blocked while the handler runs.
    pub mask: Signals,
    /// `SA_NOCLDSTOP`, `SA_NOCLDWAIT` and their like.
    pub flags: i32,
}

/// sigaction(2). A caught signal is noted, and interrupts what it finds blocked.
pub fn sigaction(signal: Signal, disposition: Disposition) -> Result<i64> {
    use crate::model::event::Action;
    let handler = match disposition.action {
        Action::Default | Action::Blocked => libc::SIG_DFL,
        Action::Ignore => libc::SIG_IGN,
        Action::Handler => note as extern "C" fn(libc::c_int) as libc::sighandler_t,
    };
    let raw = libc::sigaction {
        sa_sigaction: handler,
        sa_mask: to_raw(disposition.mask),
        sa_flags: disposition.flags & !libc::SA_RESTART & !libc::SA_SIGINFO & !libc::SA_ONSTACK,
        sa_restorer: None,
    };
    // SAFETY: the handler only sets a bit of an atomic number, which signal-safety(7) allows.
    checked(
        "sigaction",
        i64::from(unsafe { libc::sigaction(signal.0, &raw const raw, std::ptr::null_mut()) }),
    )
}

/// The caught signals that have come since the last time.
pub fn arrived() -> Signals {
    ARRIVED.swap(0, Ordering::SeqCst)
}

/// How sigprocmask(2) takes its set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Block these too.
    Block,
    /// Unblock these.
    Unblock,
    /// Block exactly these.
    Set,
}

/// sigprocmask(2): the mask before.
pub fn sigprocmask(how: How, set: Signals) -> Result<Signals> {
    let how = match how {
        How::Block => libc::SIG_BLOCK,
        How::Unblock => libc::SIG_UNBLOCK,
        How::Set => libc::SIG_SETMASK,
    };
    let (set, mut old) = (to_raw(set), to_raw(0));
    // SAFETY: both are variables of this frame.
    let ret = unsafe { libc::sigprocmask(how, &raw const set, &raw mut old) };
    checked("sigprocmask", i64::from(ret))?;
    Ok(from_raw(&old))
}

/// sigpending(2).
pub fn sigpending() -> Result<Signals> {
    let mut set = to_raw(0);
    // SAFETY: a variable of this frame.
    checked("sigpending", i64::from(unsafe { libc::sigpending(&raw mut set) }))?;
    Ok(from_raw(&set))
}

/// sigsuspend(2): always ends in EINTR.
pub fn sigsuspend(set: Signals) -> Result<i64> {
    let set = to_raw(set);
    // SAFETY: a variable of this frame.
    checked(
        "sigsuspend",
        i64::from(unsafe { libc::sigsuspend(&raw const set) }),
    )
}

/// sigwait(3): the signal that came.
pub fn sigwait(set: Signals) -> Result<i64> {
    let (set, mut signal) = (to_raw(set), 0);
    // SAFETY: both are variables of this frame.
    match unsafe { libc::sigwait(&raw const set, &raw mut signal) } {
        0 => Ok(i64::from(signal)),
        errno => Err(super::CallFailed {
            call: "sigwait",
            errno: crate::model::Errno(errno),
        }),
    }
}

/// raise(3).
pub fn raise(signal: Signal) -> Result<i64> {
    // SAFETY: a number only.
    checked("raise", i64::from(unsafe { libc::raise(signal.0) }))
}

fn c_string(bytes: &[u8]) -> CString {
    // A path of a program has no NUL in it: both languages end or refuse a text there.
    CString::new(bytes).unwrap_or_default()
}

fn to_raw(set: Signals) -> libc::sigset_t {
    // SAFETY: a set of zeros is an empty one, and it is changed by the library's own functions only.
    unsafe {
        let mut raw: libc::sigset_t = std::mem::zeroed();
        for number in (1..=64).filter(|number| set & (1 << (number - 1)) != 0) {
            libc::sigaddset(&raw mut raw, number);
        }
        raw
    }
}

fn from_raw(raw: &libc::sigset_t) -> Signals {
    (1..=64)
        // SAFETY: the set was made by `to_raw` or filled by the kernel.
        .filter(|number| unsafe { libc::sigismember(raw, *number) } == 1)
        .fold(0, |set, number| set | 1 << (number - 1))
}
