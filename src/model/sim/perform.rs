//! What each call does, and what happens by itself.
//!
//! A call that may sleep is kept in the process that made it, until [`Kernel::step`] lets it complete or a signal
//! interrupts it. Sources: the page of each call in section 2 of the manual, and signal(7) for what interrupts.

use nix::errno::Errno as E;

use super::call::{Answer, Call, Return};
use super::facts::Facts;
use super::files::{Written, failed};
use super::kernel::Kernel;
use super::process::{Proc, Stage};
use super::signal::{UNSTOPPABLE, is_doomed};
use crate::model::event::Text;
use crate::model::{Pid, Signal, WaitStatus, What};

/// What can happen without a call being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Pending signals act.
    Deliver(Pid),
    /// The call in which it sleeps returns.
    Complete(Pid),
    /// Its timer expires.
    Alarm(Pid),
    /// Its end, which could be seen by the closing of its files, reaches its parent.
    Die(Pid),
}

impl Step {
    /// To whom it happens.
    pub const fn pid(self) -> Pid {
        match self {
            Self::Deliver(pid) | Self::Complete(pid) | Self::Alarm(pid) | Self::Die(pid) => pid,
        }
    }
}

impl Kernel {
    /// Makes a call. Who does not run (is dead, stopped, or in another call) cannot, and nothing happens.
    ///
    /// Signals that have come act on the caller before its program goes on, as a step of their own: others may do
    /// something first, and the caller may not live to see what its call returned.
    pub fn call(&mut self, who: Pid, call: &Call, facts: &mut Facts) -> Answer {
        if !self.get(who).is_some_and(Proc::is_running) {
            return Answer::Blocked;
        }
        let answer = self.perform(who, call, facts);
        self.come_back(who);
        answer
    }

    /// A process on its way back from a call does not run before the signals that have come have acted.
    fn come_back(&mut self, who: Pid) {
        if self.get(who).is_some_and(Proc::is_running) && self.next_signal(who).is_some() {
            self.proc_mut(who).returning = true;
        }
    }

    /// What can happen by itself now.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for proc in self.procs() {
            let pid = proc.pid;
            if matches!(proc.stage, Stage::Exiting(_)) {
                steps.push(Step::Die(pid));
            }
            let completes = proc.stopped.is_none() && self.can_complete(proc);
            if completes {
                steps.push(Step::Complete(pid));
            }
            // A sleeping call looks for what it waits for before it looks for signals; only a sleep may be cut short.
            let may_act = !completes || matches!(proc.blocked_in, Some(Call::Sleep));
            let must_act = (proc.restarts || proc.returning) && proc.stopped.is_none();
            if may_act && (must_act || self.next_signal(pid).is_some()) {
                steps.push(Step::Deliver(pid));
            }
            if proc.alarm.is_some() {
                steps.push(Step::Alarm(pid));
            }
        }
        steps
    }

    /// Lets one of [`Self::steps`] happen; says how a sleeping call came back, if one did. To a process that is gone
    /// nothing happens.
    pub fn step(&mut self, step: Step, facts: &mut Facts) -> Option<(Pid, Return)> {
        let pid = step.pid();
        self.get(pid)?;
        let ret = match step {
            Step::Deliver(_) => self.deliver(pid, facts),
            Step::Complete(_) => {
                let ret = self.complete(pid, facts);
                self.come_back(pid);
                ret
            }
            Step::Alarm(_) => {
                self.proc_mut(pid).alarm = None;
                self.send(pid, Signal::ALRM, facts);
                None
            }
            Step::Die(_) => {
                self.die(pid, facts);
                None
            }
        };
        ret.map(|ret| (pid, ret))
    }

    /// Lets everything happen that needs no time to pass, and says which sleeping calls came back, in what order.
    pub fn settle(&mut self, facts: &mut Facts) -> Vec<(Pid, Return)> {
        let mut returned = Vec::new();
        loop {
            let needs_time = |step: &Step| match step {
                Step::Alarm(_) => true,
                Step::Complete(pid) => matches!(self.proc(*pid).blocked_in, Some(Call::Sleep)),
                Step::Deliver(_) | Step::Die(_) => false,
            };
            let Some(step) = self.steps().into_iter().find(|step| !needs_time(step)) else {
                return returned;
            };
            returned.extend(self.step(step, facts));
        }
    }

    fn perform(&mut self, who: Pid, call: &Call, facts: &mut Facts) -> Answer {
        let ret = match call {
            Call::Fork => return self.fork(who, false, facts),
            Call::Vfork => return self.fork(who, true, facts),
            Call::Exec(image) => return self.exec(who, image, facts),
            Call::Exit(code) => {
                self.end(who, WaitStatus::Exited(*code as u8), facts);
                return Answer::Ended;
            }
            Call::Fault(signal) => {
                self.end(who, WaitStatus::signaled(*signal), facts);
                return Answer::Ended;
            }
            Call::Wait(call) => match self.wait(who, *call, facts) {
                Some(ret) => ret,
                None => return Answer::Blocked,
            },
            Call::Sigsuspend(set) => {
                self.sigsuspend(who, *set, facts);
                return Answer::Blocked;
            }
            // Neither SIGKILL nor SIGSTOP can be waited for, and that is no error.
            Call::Sigwait(set) => return self.wait_for(who, &Call::Sigwait(set.minus(UNSTOPPABLE)), facts),
            Call::Pause | Call::Sleep | Call::Read { .. } | Call::Write { .. } => {
                return self.wait_for(who, call, facts);
            }
            call => self.at_once(who, call, facts),
        };
        Answer::Returned(ret)
    }

    /// A call that may sleep: it returns if it need not.
    fn wait_for(&mut self, who: Pid, call: &Call, facts: &mut Facts) -> Answer {
        self.proc_mut(who).blocked_in = Some(call.clone());
        // Time passes in a sleep, so it never returns at once.
        if *call != Call::Sleep
            && self.can_complete(self.proc(who))
            && let Some(ret) = self.complete(who, facts)
        {
            return Answer::Returned(ret);
        }
        if self.get(who).is_some_and(Proc::is_alive) {
            self.tell_letter(who, facts);
        }
        Answer::Blocked
    }

    /// A call that never sleeps.
    fn at_once(&mut self, who: Pid, call: &Call, facts: &mut Facts) -> Return {
        let proc = self.proc(who);
        match call {
            Call::Getpid => value(who),
            Call::Getppid => value(proc.parent),
            Call::Getpgid(pid) => self
                .lookup(who, *pid)
                .map_or_else(|| failed(E::ESRCH), |p| value(p.group)),
            Call::Getsid(pid) => self
                .lookup(who, *pid)
                .map_or_else(|| failed(E::ESRCH), |p| value(p.session)),
            Call::Setpgid { pid, group } => self.setpgid(who, *pid, *group, facts),
            Call::Setsid => self.setsid(who, facts),
            Call::Kill { pid, signal } => self.kill(who, *pid, *signal, facts),
            Call::Raise(signal) => self.kill(who, who.0, *signal, facts),
            Call::Sigaction(action) => self.sigaction(who, *action, facts),
            Call::Sigprocmask { how, set } => self.sigprocmask(who, *how, *set),
            // Only what is held back by the mask can be pending in a process that runs.
            Call::Sigpending => Return::Signals(proc.pending.and(proc.mask)),
            Call::Alarm(seconds) => {
                let before = self.proc_mut(who).alarm.take();
                self.proc_mut(who).alarm = (*seconds > 0).then_some(*seconds);
                Return::Value(i64::from(before.unwrap_or(0)))
            }
            Call::Subreaper(on) => {
                self.set_subreaper(who, *on, facts);
                Return::Value(0)
            }
            Call::Pdeathsig(signal) => {
                self.proc_mut(who).pdeathsig = (signal.0 != 0).then_some(*signal);
                Return::Value(0)
            }
            Call::Setlimit(limit) => {
                self.proc_mut(who).limit = Some(*limit);
                Return::Value(0)
            }
            Call::Unlink(path) => self.files.unlink(path),
            Call::Local(ret) => Return::Value(*ret),
            call => self.on_descriptors(who, call),
        }
    }

    fn on_descriptors(&mut self, who: Pid, call: &Call) -> Return {
        let mut fds = std::mem::take(&mut self.proc_mut(who).fds);
        let files = &mut self.files;
        let ret = match call {
            Call::Pipe { cloexec } => files.pipe(&mut fds, *cloexec),
            Call::Close(fd) => files.close(&mut fds, *fd),
            Call::Dup { fd, cloexec } => files.dup(&mut fds, *fd, *cloexec),
            Call::Dup2 { from, to, cloexec } => files.dup2(&mut fds, *from, *to, *cloexec),
            Call::Open { path, flags } => files.open(&mut fds, path, *flags),
            Call::Lseek { fd, offset, whence } => files.lseek(&fds, *fd, *offset, *whence),
            _ => failed(E::ENOSYS),
        };
        self.proc_mut(who).fds = fds;
        ret
    }

    /// Whether the call in which `proc` sleeps can return by itself.
    fn can_complete(&self, proc: &Proc) -> bool {
        match &proc.blocked_in {
            Some(Call::Wait(call)) => proc.woken && self.can_wait(proc.pid, *call),
            Some(Call::Read { fd, count }) => self.files.can_read(&proc.fds, *fd, *count),
            Some(Call::Write { fd, data }) => self.files.can_write(&proc.fds, *fd, data.len()),
            Some(Call::Sleep) => true,
            Some(Call::Sigwait(set)) => !proc.pending.and(*set).is_empty() && !is_doomed(proc),
            Some(Call::Vfork) => {
                let child = proc.vforked.and_then(|child| self.get(child));
                !child.is_some_and(|child| child.is_alive() && !child.execed)
            }
            _ => false,
        }
    }

    /// Does what the sleeping call waits for; none if that was a part and the rest has to wait on.
    fn complete(&mut self, pid: Pid, facts: &mut Facts) -> Option<Return> {
        let ret = match self.proc(pid).blocked_in.clone()? {
            Call::Wait(call) => self.waited(pid, call, facts),
            Call::Read { fd, count } => self.files.read(&self.table[&pid].fds, fd, count),
            Call::Write { fd, data } => self.write(pid, fd, &data, facts)?,
            Call::Sigwait(set) => {
                let signal = self.proc(pid).pending.and(set).iter().next()?;
                let proc = self.proc_mut(pid);
                proc.pending = proc.pending.without(signal);
                Return::Value(i64::from(signal.0))
            }
            Call::Vfork => value(self.proc_mut(pid).vforked.take()?),
            _ => Return::Value(0),
        };
        self.unblock(pid, facts);
        Some(ret)
    }

    fn write(&mut self, pid: Pid, fd: i32, data: &[u8], facts: &mut Facts) -> Option<Return> {
        let before = self.files.output().len();
        let written = self.files.write(&self.table[&pid].fds, fd, data);
        let fresh = self.files.output()[before..].to_vec();
        if !fresh.is_empty() {
            let text = String::from_utf8_lossy(&fresh).into_owned();
            facts.tell(self.proc(pid).id(), pid, || {
                What::Output(Text { text, b64: None })
            });
        }
        let already = self.proc(pid).written;
        match written {
            Written::Done(Return::Value(count)) => Some(Return::Value(count + already as i64)),
            Written::Done(ret) => Some(ret),
            Written::Partly(count) => {
                let proc = self.proc_mut(pid);
                proc.written += count;
                proc.blocked_in = Some(Call::Write {
                    fd,
                    data: data[count..].to_vec(),
                });
                None
            }
            Written::Broken => {
                self.send(pid, Signal::PIPE, facts);
                Some(failed(E::EPIPE))
            }
        }
    }

    /// Puts a process to sleep in a call.
    pub(super) fn block(&mut self, pid: Pid, call: Call, facts: &mut Facts) {
        self.proc_mut(pid).blocked_in = Some(call);
        self.tell_letter(pid, facts);
    }

    /// Lets a process go on after the call in which it slept.
    pub(super) fn unblock(&mut self, pid: Pid, facts: &mut Facts) {
        let proc = self.proc_mut(pid);
        proc.blocked_in = None;
        proc.written = 0;
        proc.woken = false;
        proc.shielded = false;
        self.tell_letter(pid, facts);
    }
}

const fn value(pid: Pid) -> Return {
    Return::Value(pid.0 as i64)
}
