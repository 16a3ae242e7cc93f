//! Whether a run has come to a standstill: every process of the lab sleeps, and each in a call that only another of
//! them could end. That is no guess after some time, but certain: nobody is left who could do anything.
//!
//! Follows `proc_pid_syscall(5)`, which says in which call a process sleeps and with which arguments. Where it may not
//! be read nothing is certain. Timers cannot be read there: who asks must know that the program sets none. Of a program
//! that was exec'd nobody knows that, so while one lives nothing is certain either.

use nix::libc;

use super::Lab;
use super::tracked::Tracked;
use crate::model::event::Role;
use crate::model::{Pid, ProcId, State};
use crate::sys::proc;

impl Lab {
    /// Whether nobody will ever move again, if no timer is set and nobody outside sends a signal.
    pub fn is_at_a_standstill(&self) -> bool {
        // A process that had just been woken by one that was looked at later is somewhere else at the second look.
        let first = self.standing();
        first.is_some() && first == self.standing()
    }

    /// Where each living process sleeps; none if there is nobody, or somebody runs or may wake by himself.
    fn standing(&self) -> Option<Vec<(ProcId, String)>> {
        let is_living = |tracked: &&Tracked| tracked.id.is_lab() && !tracked.zombie;
        let living = self.tracked.values().filter(is_living);
        let standing: Option<Vec<_>> = living
            .map(|tracked| self.place(tracked).map(|place| (tracked.id, place)))
            .collect();
        standing.filter(|standing| !standing.is_empty())
    }

    /// Where a process sleeps that only others can wake.
    fn place(&self, tracked: &Tracked) -> Option<String> {
        let seen = tracked.look().filter(|_| tracked.role != Role::Foreign)?;
        match seen.state {
            State::STOPPED => Some(State::STOPPED.to_string()),
            State::SLEEPING => {
                let place = proc::syscall(tracked.pid)?;
                let call = Asleep::read(&place)?;
                call.needs_others(|fd| self.is_between_them(tracked.pid, fd))
                    .then_some(place)
            }
            _ => None,
        }
    }

    /// Whether a descriptor leads to a pipe of which no end is outside the lab.
    fn is_between_them(&self, pid: Pid, fd: u64) -> bool {
        let Some(target) = proc::target_of(pid, fd).filter(|target| target.starts_with("pipe:")) else {
            return false;
        };
        let others = self.tracked.values().filter(|tracked| !tracked.id.is_lab());
        !others
            .into_iter()
            .any(|tracked| proc::holds_open(tracked.pid, &target))
    }
}

/// A call that a process sleeps in.
struct Asleep {
    number: i64,
    args: [u64; 3],
}

impl Asleep {
    /// Reads a line of `proc_pid_syscall(5)`: the number, and the arguments in hexadecimal.
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let number = words.next()?.parse().ok()?;
        let mut arg = || u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok();
        Some(Self {
            number,
            args: [arg()?, arg()?, arg()?],
        })
    }

    /// Whether it ends only by what other processes do. `is_between_them` says so of a descriptor.
    fn needs_others(&self, is_between_them: impl Fn(u64) -> bool) -> bool {
        let [first, second, third] = self.args;
        match self.number {
            libc::SYS_wait4 | libc::SYS_waitid | libc::SYS_rt_sigsuspend => true,
            #[cfg(target_arch = "x86_64")]
            libc::SYS_pause => true,
            // pause(3) is this where there is no such call: no descriptors, and no time after which it returns.
            libc::SYS_ppoll => second == 0 && third == 0,
            // Without a time after which it returns.
            libc::SYS_rt_sigtimedwait => third == 0,
            libc::SYS_read | libc::SYS_write => is_between_them(first),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process that sleeps there needs others; descriptor 3 is a pipe between them.
    fn check(number: i64, args: &str, needs_others: bool) {
        let call = Asleep::read(&format!("{number} {args} 0x7ffd5 0x7f1c")).expect("a call");
        assert_eq!(call.needs_others(|fd| fd == 3), needs_others, "{number} {args}");
    }

    #[test]
    fn who_may_wake_by_himself_is_no_proof() {
        check(libc::SYS_wait4, "0xffffffffffffffff 0x7ffd 0x0 0x0 0x0 0x0", true);
        check(libc::SYS_read, "0x3 0x7ffd 0x1 0x0 0x0 0x0", true);
        check(libc::SYS_read, "0x0 0x7ffd 0x1 0x0 0x0 0x0", false);
        check(libc::SYS_clock_nanosleep, "0x0 0x0 0x7ffd 0x7ffd 0x0 0x0", false);
        check(libc::SYS_rt_sigtimedwait, "0x7ffd 0x0 0x0 0x8 0x0 0x0", true);
        check(libc::SYS_rt_sigtimedwait, "0x7ffd 0x0 0x7ffe 0x8 0x0 0x0", false);
        check(libc::SYS_recvmsg, "0x3 0x7ffd 0x0 0x0 0x0 0x0", false);
    }

    #[test]
    fn who_runs_sleeps_in_no_call() {
        assert!(Asleep::read("running").is_none());
        assert!(Asleep::read("-1 0x7ffd5 0x7f1c").is_none());
        assert!(Asleep::read("").is_none());
    }
}
