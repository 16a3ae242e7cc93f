//! Nothing outlives forkscope: who is left kills and reaps what is left.
//!
//! A subreaper gets every orphan below it back, daemons and double forks too, so killing one's own children again
//! and again until there are none ends the whole tree. What was orphaned past the keeper while that was no
//! subreaper is found by its pidfd, by the mark in its environment, or by the output socket it still holds.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, setrlimit};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::child::set_subreaper;
use crate::model::{Pid, Signal, WaitCall, WaitOptions};
use crate::sys::proc::{self, ChildrenFile, StatFile};
use crate::sys::{pidfd, wait};

/// How long the whole may take. A process in an uninterruptible sleep outlasts it and ends when it wakes: SIGKILL
/// is already pending then.
const DEADLINE: Duration = Duration::from_secs(1);

/// How processes of this session are known, wherever they have gone.
#[derive(Debug, Default)]
pub struct Trail {
    /// An entry of the environment of every exec'd program.
    pub marker: String,
    /// What /proc/PID/fd shows for the output socket.
    pub output: String,
    /// The limit by which all below the keeper are marked.
    pub limit: u64,
    /// Every process that was known, and is not known to be gone.
    pub pidfds: Vec<OwnedFd>,
    /// Whether some may have been orphaned past who sweeps, because that was no subreaper all the time.
    pub has_gaps: bool,
}

/// The limit that marks all processes below this keeper, and no others: of time under a realtime scheduler, in
/// microseconds, and of some 140,000 years, so that it binds nobody. That of a later session is smaller, so that one
/// inside another can have its own.
pub fn limit_below(keeper: Pid) -> u64 {
    const HIGHEST: u64 = 1 << 62;
    /// Pids have at most 22 bits (proc(5), `pid_max`).
    const PID_BITS: u32 = 22;
    HIGHEST - (proc::start_of(keeper) << PID_BITS | u64::from(keeper.0.unsigned_abs()))
}

/// Marks this process, and all that will descend from it. Where less is allowed already there is no mark, and nobody
/// carries it.
pub fn take_mark(limit: u64) {
    let _ = setrlimit(Resource::RLIMIT_RTTIME, limit, limit);
}

/// Whether the process has inherited that mark.
pub fn carries(pid: Pid, limit: u64) -> bool {
    proc::realtime_limit(pid) == Some(limit)
}

/// Kills and reaps all children and descendants of the caller, and kills those that got away.
pub fn sweep(trail: &Trail) {
    let deadline = Instant::now() + DEADLINE;
    // Without it, orphans made by the killing would go past the caller.
    let _ = set_subreaper(true);
    for known in &trail.pidfds {
        let _ = pidfd::send_signal(known, Signal::KILL);
    }
    end_children(deadline);
    if !trail.has_gaps {
        return;
    }
    loop {
        let strays = strays(trail);
        if strays.is_empty() || Instant::now() > deadline {
            break;
        }
        end(&strays, deadline);
        end_children(deadline);
    }
}

fn end_children(deadline: Instant) {
    let me = Pid(std::process::id() as i32);
    let any = WaitCall {
        options: WaitOptions {
            nohang: true,
            ..WaitOptions::default()
        },
        ..WaitCall::default()
    };
    while Instant::now() < deadline {
        while let Ok(Some(_)) = wait::wait(any) {}
        let children: Vec<OwnedFd> = children(me)
            .into_iter()
            .filter_map(|pid| pidfd::open(pid).ok())
            .collect();
        if children.is_empty() {
            return;
        }
        end(&children, deadline);
    }
}

fn children(me: Pid) -> Vec<Pid> {
    match ChildrenFile::open(me) {
        Some(file) => file.look(),
        None => proc::all_pids()
            .into_iter()
            .filter(|pid| {
                StatFile::open(*pid)
                    .and_then(|file| file.look())
                    .is_some_and(|seen| seen.ppid == me)
            })
            .collect(),
    }
}

/// Kills, and waits until one of them is dead, or all the time is up.
fn end(pidfds: &[OwnedFd], deadline: Instant) {
    for one in pidfds {
        let _ = pidfd::send_signal(one, Signal::KILL);
    }
    let left = deadline.saturating_duration_since(Instant::now());
    let mut fds: Vec<PollFd<'_>> = pidfds
        .iter()
        .map(|fd| PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN))
        .collect();
    let _ = poll(&mut fds, Timespec::try_from(left).ok().as_ref());
}

/// Living processes of this session that are no descendants of the caller.
fn strays(trail: &Trail) -> Vec<OwnedFd> {
    let me = Pid(std::process::id() as i32);
    proc::all_pids()
        .into_iter()
        .filter(|pid| *pid != me && is_ours(*pid, trail))
        .filter_map(|pid| pidfd::open(pid).ok())
        .collect()
}

fn is_ours(pid: Pid, trail: &Trail) -> bool {
    let dead = || {
        StatFile::open(pid)
            .and_then(|file| file.look())
            .is_none_or(|seen| seen.status.is_some())
    };
    let marked = carries(pid, trail.limit)
        || proc::environment_holds(pid, &trail.marker)
        || proc::holds_open(pid, &trail.output);
    marked && !dead()
}
