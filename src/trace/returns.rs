//! What a call returned, and what follows from it; whom a wait took, and what a signal does to a waiting call.

use super::call::{Ask, Call, Kind, Who};
use super::decode;
use super::fact::{Place, Returned, What};
use super::table::{Point, Process, Return};
use super::tracer::Tracer;
use crate::model::{Errno, Pid, ProcId, Signal, WaitStatus};
use crate::sys::ptrace::{CallInfo, Stop, Tid};
use crate::sys::seccomp::arch;

/// Errors that never reach a program: the kernel begins the call again, or turns them into EINTR.
const RESTARTS: std::ops::RangeInclusive<i32> = 512..=516;

impl Tracer {
    pub(super) fn call_ends(&mut self, proc: ProcId, stop: Stop) {
        let point = match stop.call() {
            Ok(CallInfo::Ends(result)) => self.returned(proc, &stop, result),
            _ => None,
        };
        self.go_on(stop, point, None);
    }

    /// At a stop for a signal, or for us who interrupted: a call that returns with one has returned.
    pub(super) fn returned_with_signal(&mut self, proc: ProcId, stop: &Stop) {
        let task = self.table.tasks.get(&stop.tid());
        if task.is_some_and(|task| task.returns == Return::WithSignal)
            && let Some(result) = stop.returning_from(libc::SYS_wait4)
        {
            // It runs freely, so this is no point at which it could be held.
            let _ = self.returned(proc, stop, result);
        }
    }

    /// Tells what the call that a task was in returned. The point at which it may be held then.
    fn returned(&mut self, proc: ProcId, stop: &Stop, result: Result<i64, Errno>) -> Option<Point> {
        let task = self.table.tasks.get_mut(&stop.tid())?;
        task.returns = Return::ByItself;
        let call = task.call.take()?;
        if let Err(errno) = result
            && RESTARTS.contains(&errno.0)
        {
            let stack = task.stack;
            task.interrupted.push((call, stack));
            return None;
        }
        let kind = call.kind();
        match kind {
            Kind::Wait => self.wait_returned(proc, stop, &call, result),
            // A success was told at the birth.
            Kind::Fork if result.is_ok() => {}
            _ => {
                let at = self.called_at(proc, stop);
                self.tell_return(proc, &call, result, at);
            }
        }
        matches!(kind, Kind::Fork | Kind::Wait | Kind::Exec).then_some(Point::After(kind))
    }

    /// How the return of a call that begins can be seen. A wait returns together with a signal if it is for living
    /// children that send SIGCHLD when they end, by a process that lets it come: every other way out of that wait is a
    /// signal, too.
    pub(super) fn way_of_return(&self, proc: ProcId, stop: &Stop, call_arch: u32, call: &Call) -> Return {
        let (Ask::Wait { who, options: 0, .. }, Some(process)) = (&call.ask, self.table.get(proc)) else {
            return Return::ByItself;
        };
        let is_simple = call.kernel == "wait4"
            && call_arch == arch::X86_64
            && process.threads == 1
            && !process.on_child.reaps_by_itself();
        let children = || process.children.iter().filter_map(|&child| self.table.get(child));
        let will_tell = |child: &Process| child.end.is_none() && child.end_signal == Some(Signal::CHLD);
        let children_will_tell = match *who {
            Who::Any => !process.children.is_empty() && children().all(will_tell),
            Who::Child(pid) => children().any(|child| child.pid == pid && will_tell(child)),
            Who::Group(_) => false,
        };
        if is_simple && children_will_tell && stop.blocks(Signal::CHLD) == Ok(false) {
            Return::WithSignal
        } else {
            Return::ByItself
        }
    }

    /// Whether a wait will find that there is nobody to wait for: ECHILD, for certain, and so its return need not be
    /// seen. A shell asks so after each of its commands.
    pub(super) fn finds_nobody(&self, proc: ProcId, call: &Call) -> bool {
        const VALID: i32 = libc::WNOHANG | libc::WUNTRACED | libc::WCONTINUED;
        let (Ask::Wait { who, options, .. }, Some(process)) = (&call.ask, self.table.get(proc)) else {
            return false;
        };
        let is_valid = call.kernel == "wait4" && options & !VALID == 0 && !matches!(who, Who::Group(_));
        // A child of a thread, or one whose maker was killed, may not have been told yet.
        let knows_all = process.threads == 1 && !self.table.tracers.contains(&proc) && self.lost.is_empty();
        is_valid && knows_all && process.children.is_empty()
    }

    pub(super) fn tell_return(
        &mut self,
        proc: ProcId,
        call: &Call,
        result: Result<i64, Errno>,
        at: Option<Place>,
    ) {
        let returned = Returned::from(result);
        match &call.ask {
            Ask::Fork { .. } => {
                let fork = What::Fork {
                    kernel: Some(call.kernel),
                    child: None,
                    result: returned,
                };
                self.tell(proc, fork, at);
            }
            Ask::Wait { .. } => {
                let wait = What::Wait {
                    call: call.kernel,
                    child: None,
                    result: returned,
                    status: None,
                };
                self.tell(proc, wait, at);
            }
            Ask::Exec { path, argv } => {
                let exec = What::Exec {
                    path: path.clone(),
                    argv: argv.clone(),
                    errno: returned.errno,
                };
                self.tell(proc, exec, at);
            }
            _ => {
                let other = What::Returned {
                    call: call.to_string(),
                    result: returned,
                };
                self.tell(proc, other, at);
                if result.is_ok() {
                    self.tell_consequence(proc, &call.ask);
                }
            }
        }
    }

    /// What a call that succeeded changed.
    fn tell_consequence(&mut self, proc: ProcId, ask: &Ask) {
        match *ask {
            Ask::Setsid => {
                let sid = self.table.get(proc).map_or(Pid(0), |process| process.pid);
                self.tell(proc, What::Session { sid }, None);
            }
            Ask::Setpgid { pid, group } => {
                let whose = if pid.0 == 0 {
                    Some(proc)
                } else {
                    self.table.by_pid(pid)
                };
                if let Some((whose, process)) = whose.and_then(|whose| Some((whose, self.table.get(whose)?)))
                {
                    let pgid = if group.0 == 0 { process.pid } else { group };
                    self.tell(whose, What::Group { pgid }, None);
                }
            }
            Ask::OnChild(action) => {
                if let Some(process) = self.table.get_mut(proc) {
                    process.on_child = action;
                }
                let told = What::Disposition {
                    signal: Signal::CHLD,
                    action,
                };
                self.tell(proc, told, None);
            }
            Ask::Subreaper(on) => {
                if let Some(process) = self.table.get_mut(proc) {
                    process.subreaper = on;
                }
                self.tell(proc, What::Subreaper { on }, None);
            }
            _ => {}
        }
    }

    fn wait_returned(&mut self, proc: ProcId, stop: &Stop, call: &Call, result: Result<i64, Errno>) {
        let Ask::Wait { options, .. } = call.ask else {
            return;
        };
        let child = self.told_child(proc, stop, call, result);
        let end = child.and_then(|child| self.table.get(child)?.end);
        let status = end.or_else(|| {
            let raw = decode::stored_status(stop, call).ok().flatten()?;
            child.map(|_| WaitStatus::from_raw(raw))
        });
        if let (Some(child), Some(status)) = (child, status) {
            let told = self.stop_state(child, status);
            if let Some(process) = self.table.get_mut(child) {
                process.stop_told_ahead |= told && matches!(status, WaitStatus::Stopped(_));
            }
        }
        let wait = What::Wait {
            call: call.kernel,
            child,
            result: result.into(),
            status,
        };
        let at = self.called_at(proc, stop);
        self.tell(proc, wait, at);
        if let (Some(child), Some(_), 0) = (child, end, options & libc::WNOWAIT) {
            self.reaped(child, proc.into(), false);
        }
    }

    /// The child that a finished wait told of. What the wait stored may be missing, or not be a pid of ours, as
    /// in a PID namespace; then it is the zombie that is there no more.
    fn told_child(
        &self,
        proc: ProcId,
        stop: &Stop,
        call: &Call,
        result: Result<i64, Errno>,
    ) -> Option<ProcId> {
        let told = match result {
            Ok(0) if call.kernel == "waitid" => match decode::stored_child(stop, call) {
                // WNOHANG, and nobody.
                Some(Pid(0)) => return None,
                told => told,
            },
            Ok(pid) if pid > 0 => Some(Pid(pid as i32)),
            _ => return None,
        };
        told.and_then(|pid| self.table.by_pid(pid))
            .or_else(|| self.vanished_child(proc))
    }

    /// Where the call began that a task is in: it need not be looked up twice.
    pub(super) fn called_at(&mut self, proc: ProcId, stop: &Stop) -> Option<Place> {
        match self.table.tasks.get(&stop.tid()) {
            Some(task) if task.at.is_some() => task.at.clone(),
            _ => self.place_of(proc, stop),
        }
    }

    /// Whether this call is one that a signal interrupted and the kernel begins again. A call at or above the
    /// stack of an interrupted one shows that the latter came back to the program, with EINTR.
    pub(super) fn begins_again(&mut self, proc: ProcId, tid: Tid, call: &Call, stack: u64) -> bool {
        loop {
            let Some(task) = self.table.tasks.get_mut(&tid) else {
                return false;
            };
            match task.interrupted.last() {
                Some((earlier, at)) if *at == stack && earlier == call => {
                    task.interrupted.pop();
                    return true;
                }
                // The stack grows down: a deeper call comes from a signal handler.
                Some((_, at)) if stack >= *at => {
                    if let Some((earlier, _)) = task.interrupted.pop() {
                        self.tell_return(proc, &earlier, Err(Errno(libc::EINTR)), None);
                    }
                }
                _ => return false,
            }
        }
    }

    /// Whether a handler begins here that interrupted a call. Only now is it decided whether that call begins
    /// again or fails with EINTR: it stands in the frame that the handler will return to.
    pub(super) fn handler_begins(&mut self, proc: ProcId, stop: &Stop) -> bool {
        let Some(task) = self.table.tasks.get_mut(&stop.tid()) else {
            return false;
        };
        if !std::mem::take(&mut task.entering_handler) {
            return false;
        }
        if stop.interrupted_result() == Some(-i64::from(libc::EINTR))
            && let Some((call, _)) = task.interrupted.pop()
        {
            self.tell_return(proc, &call, Err(Errno(libc::EINTR)), None);
        }
        true
    }
}
