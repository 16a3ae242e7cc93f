//! Signals: sent, pending, ignored, caught; stop and continue; the end.
//!
//! Sources: signal(7), kill(2), sigaction(2), sigprocmask(2), sigsuspend(2). A standard signal that is pending already
//! is merged into the one that is. SIGCONT acts when it is sent, whatever the receiver does about it; everything
//! else acts when the receiver next runs its program, and on a stopped process only SIGKILL does. A caught signal
//! makes a sleeping call fail with EINTR; a stop does not, the call goes on after SIGCONT.

use nix::errno::Errno as E;

use super::call::{Call, MaskHow, Return, Sigaction};
use super::facts::Facts;
use super::files::failed;
use super::kernel::Kernel;
use super::process::Proc;
use super::signals::Signals;
use crate::model::event::{Action, SignalSent};
use crate::model::{Pid, Ret, Signal, WaitStatus, What};

const TTIN: Signal = Signal(21);
const TTOU: Signal = Signal(22);
const URG: Signal = Signal(23);
const WINCH: Signal = Signal(28);

/// The highest signal number.
const LAST: i32 = 64;

const STOPS: Signals = Signals::only(Signal::STOP)
    .with(Signal::TSTP)
    .with(TTIN)
    .with(TTOU);
const IGNORED_BY_DEFAULT: Signals = Signals::only(Signal::CHLD)
    .with(Signal::CONT)
    .with(URG)
    .with(WINCH);
/// What can be neither caught nor blocked nor waited for.
pub(super) const UNSTOPPABLE: Signals = Signals::only(Signal::KILL).with(Signal::STOP);

/// What a signal does when it acts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reaction {
    Nothing,
    Handler,
    Stop,
    End,
}

impl Kernel {
    /// kill(2).
    pub(super) fn kill(&mut self, who: Pid, pid: i32, signal: Signal, facts: &mut Facts) -> Return {
        let group = pid <= 0 && pid != -1;
        let targets: Vec<Pid> = match pid {
            0 => self
                .group(self.proc(who).group)
                .map(|member| member.pid)
                .collect(),
            -1 => self.others(who),
            pid if pid > 0 => self.get(Pid(pid)).map(|target| target.pid).into_iter().collect(),
            group => self
                .group(Pid(group.saturating_neg()))
                .map(|member| member.pid)
                .collect(),
        };
        if targets.is_empty() {
            return failed(E::ESRCH);
        }
        if !(0..=LAST).contains(&signal.0) {
            return failed(E::EINVAL);
        }
        let by = self.proc(who).id();
        for target in targets {
            facts.tell(self.proc(target).id(), target, || {
                What::Signal(SignalSent {
                    signal,
                    by,
                    ret: Ret::Ok(0),
                    group,
                    caught: false,
                })
            });
            if signal.0 != 0 {
                self.send(target, signal, facts);
            }
        }
        Return::Value(0)
    }

    /// A signal comes: it becomes pending, unless it is to be ignored or is pending already.
    pub(super) fn send(&mut self, pid: Pid, signal: Signal, facts: &mut Facts) {
        if !self.proc(pid).is_alive() {
            return;
        }
        if signal == Signal::CONT {
            self.go_on(pid, facts);
        } else if STOPS.contains(signal) {
            let proc = self.proc_mut(pid);
            proc.pending = proc.pending.without(Signal::CONT);
        }
        let proc = self.proc(pid);
        let (reaction, masked) = (reaction(proc, signal), proc.mask.contains(signal));
        if reaction == Reaction::Nothing && !masked {
            return;
        }
        let proc = self.proc_mut(pid);
        proc.pending = proc.pending.with(signal);
        if !masked && proc.vforked.is_some() {
            // What sleeps in vfork is woken only by what ends it, and only if nothing else has come before, even if
            // that was taken back since (a stop, by SIGCONT).
            if reaction == Reaction::End && !proc.shielded {
                proc.doomed = Some(signal);
            }
            proc.shielded = true;
        }
        if !masked {
            self.look_again(pid);
        }
    }

    /// Lets every pending signal act that can; says how the call came back that this interrupted.
    pub(super) fn deliver(&mut self, pid: Pid, facts: &mut Facts) -> Option<Return> {
        self.proc_mut(pid).returning = false;
        if self.act(pid, facts) {
            return self.interrupt(pid, facts);
        }
        self.start_over(pid, facts);
        None
    }

    /// Lets every pending signal act that can; says whether a handler is among them.
    fn act(&mut self, pid: Pid, facts: &mut Facts) -> bool {
        let mut caught = false;
        while let Some(signal) = self.next_signal(pid) {
            let reaction = reaction(self.proc(pid), signal);
            let proc = self.proc_mut(pid);
            proc.pending = proc.pending.without(signal);
            match reaction {
                Reaction::Nothing => proc.restarts = proc.saved_mask.is_some(),
                Reaction::Handler => {
                    proc.caught = proc.caught.with(signal);
                    caught = true;
                    facts.tell(self.proc(pid).id(), pid, || {
                        What::Signal(SignalSent::caught(signal))
                    });
                }
                Reaction::Stop => self.stop(pid, signal, facts),
                Reaction::End => {
                    self.end(pid, WaitStatus::signaled(signal), facts);
                    return false;
                }
            }
        }
        caught
    }

    /// A sigsuspend that was broken off without a handler starts over, and in between the old mask holds: what that
    /// lets through acts, and a handler that it lets through does not end the call.
    fn start_over(&mut self, pid: Pid, facts: &mut Facts) {
        let Some(proc) = self
            .get(pid)
            .filter(|proc| proc.restarts && proc.stopped.is_none())
        else {
            return;
        };
        let Some(old) = proc.saved_mask else {
            return;
        };
        let own = proc.mask;
        let proc = self.proc_mut(pid);
        (proc.mask, proc.saved_mask, proc.restarts) = (old, None, false);
        let is_over = proc.blocked_in.is_none();
        self.act(pid, facts);
        if !is_over && self.get(pid).is_some_and(Proc::is_alive) {
            let proc = self.proc_mut(pid);
            (proc.mask, proc.saved_mask) = (own, Some(old));
            proc.restarts = proc.stopped.is_some();
        }
    }

    /// The signal that acts next on `pid`, if one can: SIGKILL first, then by number.
    pub(super) fn next_signal(&self, pid: Pid) -> Option<Signal> {
        let proc = self.proc(pid);
        if proc.pending.is_empty() || !proc.is_alive() {
            return None;
        }
        if proc.pending.contains(Signal::KILL) {
            return Some(Signal::KILL);
        }
        if proc.stopped.is_some() {
            return None;
        }
        match proc.vforked {
            Some(_) => proc.doomed,
            None => proc.pending.minus(proc.mask).iter().next(),
        }
    }

    /// sigaction(2). Setting a signal to be ignored also discards one that is pending.
    pub(super) fn sigaction(&mut self, who: Pid, act: Sigaction, facts: &mut Facts) -> Return {
        let Sigaction { signal, action, .. } = act;
        if !(1..=LAST).contains(&signal.0) || UNSTOPPABLE.contains(signal) || action == Action::Blocked {
            return failed(E::EINVAL);
        }
        let proc = self.proc_mut(who);
        proc.ignored = proc.ignored.without(signal);
        proc.handled = proc.handled.without(signal);
        match action {
            Action::Ignore => proc.ignored = proc.ignored.with(signal),
            Action::Handler => proc.handled = proc.handled.with(signal),
            Action::Default | Action::Blocked => {}
        }
        if signal == Signal::CHLD {
            proc.nocldstop = act.nocldstop;
            proc.nocldwait = act.nocldwait;
        }
        if reaction(proc, signal) == Reaction::Nothing {
            proc.pending = proc.pending.without(signal);
        }
        facts.tell(self.proc(who).id(), who, || What::Disposition { signal, action });
        Return::Value(0)
    }

    /// sigprocmask(2); gives the old mask.
    pub(super) fn sigprocmask(&mut self, who: Pid, how: MaskHow, set: Signals) -> Return {
        let proc = self.proc_mut(who);
        let old = proc.mask;
        proc.mask = match how {
            MaskHow::Block => old.or(set),
            MaskHow::Unblock => old.minus(set),
            MaskHow::Set => set,
        }
        .minus(UNSTOPPABLE);
        Return::Signals(old)
    }

    /// sigsuspend(2): another mask until a handler has run.
    pub(super) fn sigsuspend(&mut self, who: Pid, set: Signals, facts: &mut Facts) {
        let proc = self.proc_mut(who);
        proc.saved_mask = Some(proc.mask);
        proc.mask = set.minus(UNSTOPPABLE);
        self.block(who, Call::Sigsuspend(set), facts);
    }

    /// A caught signal makes the call fail in which the process sleeps. glibc's sigwait starts over by itself.
    fn interrupt(&mut self, pid: Pid, facts: &mut Facts) -> Option<Return> {
        let proc = self.proc_mut(pid);
        // The old mask comes back when the handler has run, and a stopped process runs none.
        if proc.stopped.is_none()
            && let Some(mask) = proc.saved_mask.take()
        {
            (proc.mask, proc.restarts) = (mask, false);
            self.act(pid, facts);
        }
        // What the old mask lets through may have ended it.
        let proc = self.get(pid)?;
        let interrupted = match proc.blocked_in.as_ref()? {
            Call::Sigwait(_) | Call::Vfork => return None,
            Call::Write { .. } if proc.written > 0 => Return::Value(proc.written as i64),
            Call::Wait(call) => self.wait_interrupted(pid, *call, facts),
            _ => failed(E::EINTR),
        };
        self.unblock(pid, facts);
        Some(interrupted)
    }

    fn stop(&mut self, pid: Pid, signal: Signal, facts: &mut Facts) {
        // Nobody could continue an orphaned group, so the terminal's stops do nothing there.
        if signal != Signal::STOP && self.is_orphaned(self.proc(pid).group, None) {
            let proc = self.proc_mut(pid);
            proc.restarts = proc.saved_mask.is_some();
            return;
        }
        let proc = self.proc_mut(pid);
        proc.stopped = Some(signal);
        proc.news = Some(WaitStatus::Stopped(signal));
        facts.tell(self.proc(pid).id(), pid, || What::Stopped {
            signal: Some(signal),
        });
        self.report_news(pid, facts);
    }

    fn go_on(&mut self, pid: Pid, facts: &mut Facts) {
        let proc = self.proc_mut(pid);
        proc.pending = proc.pending.minus(STOPS);
        if proc.stopped.take().is_some() {
            proc.news = Some(WaitStatus::Continued);
            proc.restarts = proc.saved_mask.is_some();
            let state = proc.state();
            let id = proc.id();
            facts.tell(id, pid, || What::Continued);
            facts.tell(id, pid, || super::kernel::letter(state));
            // The stop had broken off the call, which now starts over.
            self.look_again(pid);
            self.report_news(pid, facts);
        }
    }

    /// SIGCHLD for a stop or a continuation.
    fn report_news(&mut self, pid: Pid, facts: &mut Facts) {
        let parent = self.proc(pid).parent;
        let proc = self.proc(parent);
        if !proc.ignored.contains(Signal::CHLD) && !proc.nocldstop {
            self.send(parent, Signal::CHLD, facts);
        }
        let child = self.proc(pid).clone();
        self.wake_waiter(&child);
    }
}

/// Whether a signal has come that ends the process. Linux decides that when it comes, so that a sigwait for it does
/// not get it (POSIX wants the awaited signals to be blocked).
pub(super) fn is_doomed(proc: &Proc) -> bool {
    proc.pending
        .minus(proc.mask)
        .iter()
        .any(|signal| reaction(proc, signal) == Reaction::End)
}

/// What `signal` does when it acts on `proc`.
fn reaction(proc: &Proc, signal: Signal) -> Reaction {
    match proc.action(signal) {
        Action::Handler => Reaction::Handler,
        Action::Ignore => Reaction::Nothing,
        _ if IGNORED_BY_DEFAULT.contains(signal) => Reaction::Nothing,
        _ if STOPS.contains(signal) => Reaction::Stop,
        _ => Reaction::End,
    }
}
