//! Two processes above the test proper, so that nothing is left behind whoever dies.
//!
//! The first is what was started. The second is the *keeper*: a subreaper in a session of its own, to which the
//! puppets' orphans come, and which reaps them, as the keeper of the model does. It ends everything below it when the
//! third, which runs the test, has ended, and also when the first is gone.

use std::os::fd::{AsFd, OwnedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, pipe, setsid};

/// Runs `test` below a keeper; gives the exit code. `test` gets the keeper's pid.
pub fn guarded(test: impl FnOnce(Pid) -> i32) -> i32 {
    let (ours, theirs) = pipe().expect("a pipe");
    // SAFETY: this process has one thread.
    match unsafe { fork() }.expect("a keeper") {
        ForkResult::Parent { child } => {
            drop(ours);
            let code = code_of(waitpid(child, None).expect("the keeper's end"));
            drop(theirs);
            code
        }
        ForkResult::Child => {
            drop(theirs);
            std::process::exit(keep(&ours, test))
        }
    }
}

fn keep(started: &OwnedFd, test: impl FnOnce(Pid) -> i32) -> i32 {
    setsid().expect("a child leads no group");
    nix::sys::prctl::set_child_subreaper(true).expect("a subreaper");
    let children: SigSet = [Signal::SIGCHLD].into_iter().collect();
    children.thread_block().expect("SIGCHLD is blocked");
    let deaths = SignalFd::with_flags(&children, SfdFlags::SFD_CLOEXEC).expect("a signalfd");
    let keeper = Pid::this();
    // SAFETY: this process has one thread.
    let runner = match unsafe { fork() }.expect("a runner") {
        ForkResult::Parent { child } => child,
        ForkResult::Child => {
            nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).expect("PDEATHSIG");
            sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&children), None).expect("SIGCHLD is unblocked");
            drop(deaths);
            std::process::exit(test(keeper))
        }
    };
    let mut code = None;
    while code.is_none() {
        let mut fds = [
            PollFd::new(deaths.as_fd(), PollFlags::POLLIN),
            PollFd::new(started.as_fd(), PollFlags::POLLIN),
        ];
        if poll(&mut fds, PollTimeout::NONE).is_err() {
            continue;
        }
        if fds[1].any() == Some(true) {
            // Whoever started the test is gone, and nobody asks for the result.
            let _ = kill(runner, Signal::SIGKILL);
        }
        let _ = deaths.read_signal();
        while let Ok(status) = waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            match status.pid() {
                Some(pid) if pid == runner => code = Some(code_of(status)),
                Some(_) => {}
                None => break,
            }
        }
    }
    sweep();
    code.unwrap_or(1)
}

/// Ends all that is below this process: kills its children and reaps, until none is left; the grandchildren come to
/// it meanwhile.
fn sweep() {
    let me = Pid::this().as_raw();
    loop {
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if let Some(pid) = pid
                && super::linux::Seen::of(pid).is_some_and(|seen| seen.parent == me)
            {
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
        }
        if waitpid(None, None).is_err() {
            return;
        }
    }
}

fn code_of(status: WaitStatus) -> i32 {
    match status {
        WaitStatus::Exited(_, code) => code,
        _ => 1,
    }
}
