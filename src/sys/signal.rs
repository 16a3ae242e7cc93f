//! Signals: dispositions, masks, and the one handler a lab process has. See signal(7).

#![expect(unsafe_code, reason = "sigaction takes a handler that runs at any moment")]

use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicUsize, Ordering};

use nix::libc;
use nix::sys::signal::{self, SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal as Standard};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::{Named, Result, checked};
use crate::model::event::Action;
use crate::model::{Pid, Signal};

/// Blocks `signals` and opens a descriptor on which they arrive instead.
pub fn descriptor(signals: &[Signal]) -> Result<SignalFd> {
    let set: SigSet = signals
        .iter()
        .filter_map(|signal| Standard::try_from(signal.0).ok())
        .collect();
    set.thread_block().named("sigprocmask")?;
    SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK).named("signalfd")
}

/// Blocks a signal; returns whether it was blocked before.
pub fn block(signal: Signal) -> Result<bool> {
    let Ok(named) = Standard::try_from(signal.0) else {
        return Ok(false);
    };
    let mut set = SigSet::empty();
    set.add(named);
    let before = set.thread_swap_mask(SigmaskHow::SIG_BLOCK).named("sigprocmask")?;
    Ok(before.contains(named))
}

/// Unblocks a signal.
pub fn unblock(signal: Signal) -> Result<()> {
    let Ok(named) = Standard::try_from(signal.0) else {
        return Ok(());
    };
    let mut set = SigSet::empty();
    set.add(named);
    set.thread_unblock().named("sigprocmask")
}

/// Gives every signal its default action, SIGCHLD apart, and blocks none. Rust ignores SIGPIPE and the UI blocks
/// what it reads from a descriptor; both would pass through exec. What came since the fork, such as Ctrl-C before a
/// session of its own, was meant for others: to ignore a signal discards it.
pub fn reset_all() -> Result<()> {
    for number in (1..=64).filter(|number| *number != libc::SIGCHLD) {
        for action in [libc::SIG_IGN, libc::SIG_DFL] {
            // SAFETY: neither action is a function. Numbers that may not be changed (SIGKILL, the two that libc keeps)
            // fail and stay as they are.
            unsafe { libc::signal(number, action) };
        }
    }
    SigSet::empty().thread_set_mask().named("sigprocmask")
}

/// Sets what a signal does: its default, or nothing.
pub fn set_action(signal: Signal, action: Action) -> Result<()> {
    let handler = if action == Action::Ignore {
        SigHandler::SigIgn
    } else {
        SigHandler::SigDfl
    };
    let Ok(named) = Standard::try_from(signal.0) else {
        return Ok(());
    };
    let new = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: SIG_IGN and SIG_DFL are no functions.
    unsafe { signal::sigaction(named, &new) }
        .map(drop)
        .named("sigaction")
}

static LINE: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());
static LENGTH: AtomicUsize = AtomicUsize::new(0);
static WHERE: AtomicI32 = AtomicI32::new(-1);

/// Catches `signal`: a handler writes `line` to the descriptor `to`. System calls are not restarted, so a blocked
/// one returns EINTR.
///
/// The line is leaked: the handler may run at any moment until the process ends.
pub fn catch(signal: Signal, to: i32, line: &str) -> Result<()> {
    let Ok(named) = Standard::try_from(signal.0) else {
        return Ok(());
    };
    let leaked: &'static mut [u8] = Box::leak(line.as_bytes().into());
    WHERE.store(-1, Ordering::SeqCst);
    LENGTH.store(leaked.len(), Ordering::SeqCst);
    LINE.store(leaked.as_mut_ptr(), Ordering::SeqCst);
    WHERE.store(to, Ordering::SeqCst);
    let new = SigAction::new(SigHandler::Handler(write_line), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler calls write(2) alone, which signal-safety(7) lists as async-signal-safe, on memory that
    // is never freed, and leaves errno as it was.
    unsafe { signal::sigaction(named, &new) }
        .map(drop)
        .named("sigaction")
}

extern "C" fn write_line(_: libc::c_int) {
    let errno = nix::errno::Errno::last_raw();
    let fd = WHERE.load(Ordering::SeqCst);
    let line = LINE.load(Ordering::SeqCst);
    if fd >= 0 && !line.is_null() {
        // SAFETY: `catch` stored the pointer and length of one leaked slice before it stored the descriptor.
        unsafe { libc::write(fd, line.cast_const().cast(), LENGTH.load(Ordering::SeqCst)) };
    }
    nix::errno::Errno::set_raw(errno);
}

/// kill(2) to a whole process group.
pub fn send_to_group(group: Pid, signal: Signal) -> Result<()> {
    // SAFETY: kill takes any two numbers.
    checked("kill", i64::from(unsafe { libc::kill(-group.0, signal.0) })).map(drop)
}

/// kill(2) to one pid.
pub fn send(pid: Pid, signal: Signal) -> Result<()> {
    // SAFETY: kill takes any two numbers.
    checked("kill", i64::from(unsafe { libc::kill(pid.0, signal.0) })).map(drop)
}

/// Stops this process as Ctrl-Z does. Returns once it is continued; at once, if the kernel does not stop it because
/// its process group is orphaned.
pub fn stop_self() {
    let _ = set_action(Signal::TSTP, Action::Default);
    let _ = send(Pid(std::process::id() as i32), Signal::TSTP);
}

/// Ends this process by a signal with its default action, as if nobody had ever caught it.
pub fn raise_default(signal: Signal) {
    // A core dump of a process that only passes a death on would say nothing.
    let _ = nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_CORE, 0, 0);
    let _ = set_action(signal, Action::Default);
    let _ = unblock(signal);
    let _ = send(Pid(std::process::id() as i32), signal);
}
