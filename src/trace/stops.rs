//! What each kind of stop means for the tree; "Stopped states" in ptrace(2).
//!
//! Every branch ends in exactly one of: the task goes on, is held, or listens. The type of a stop sees to that.

use super::call::{Ask, Call};
use super::fact::What;
use super::table::Point;
use super::tracer::Tracer;
use crate::model::{Errno, Link, Pid, ProcId, Signal, WaitStatus};
use crate::sys::ptrace::{CallInfo, Origin, Stop, Why};

impl Tracer {
    /// A known task has stopped.
    pub(super) fn stopped(&mut self, stop: Stop) {
        let Some(task) = self.table.tasks.get_mut(&stop.tid()) else {
            return;
        };
        let proc = task.proc;
        let first = !std::mem::replace(&mut task.born, true);
        if !matches!(stop.why(), Why::Signal(_)) {
            task.entering_handler = false;
        }
        if matches!(stop.why(), Why::Signal(_) | Why::Trap | Why::Group(_)) {
            self.returned_with_signal(proc, &stop);
        }
        match stop.why() {
            Why::CallBegins => self.call_begins(proc, stop),
            Why::CallEnds => self.call_ends(proc, stop),
            Why::NewTask(birth) => self.new_task(proc, stop, birth),
            Why::Exec => self.executed(proc, stop),
            Why::Ends => self.ends(proc, stop),
            Why::Group(signal) => self.group_stop(proc, stop, signal),
            Why::Trap if first => self.go_on(stop, Some(Point::Born), None),
            Why::Trap => self.trap(proc, stop),
            Why::Signal(signal) => self.signal(proc, stop, signal),
        }
    }

    fn call_begins(&mut self, proc: ProcId, stop: Stop) {
        let Ok(CallInfo::Begins {
            arch,
            number,
            args,
            stack,
        }) = stop.call()
        else {
            return self.resume(stop, None);
        };
        let Some(call) = Call::decode(&stop, arch, number, args) else {
            return self.resume(stop, None);
        };
        if self.begins_again(proc, stop.tid(), &call, stack) {
            self.set_call(proc, &stop, arch, call, stack);
            return self.resume(stop, None);
        }
        if self.stops_itself(proc, &call) {
            return self.resume(stop, None);
        }
        let at = self.place_of(proc, &stop);
        if call.ask == Ask::Ptrace {
            let text = "this program uses ptrace itself: a process has one tracer, so it is refused for all that forkscope traces";
            self.tell(proc, What::Note { text: text.into() }, at.clone());
            self.table.tracers.insert(proc);
        }
        if call.hides_newborn() {
            self.uncover(proc, &stop, arch, args[0], &call);
        }
        let told = What::Call {
            call: Box::new(call.clone()),
            kernel: call.kernel,
        };
        self.tell(proc, told, at.clone());
        let point = Point::Before(Box::new(call.clone()));
        let stays = self.frozen || self.holds(stop.tid(), &point);
        if !stays && self.finds_nobody(proc, &call) {
            self.tell_return(proc, &call, Err(Errno(libc::ECHILD)), at);
            return self.resume(stop, None);
        }
        self.set_call(proc, &stop, arch, call, stack);
        if let Some(task) = self.table.tasks.get_mut(&stop.tid()) {
            task.at = at;
        }
        self.go_on(stop, Some(point), None);
    }

    /// Whether this is a script that stops at its line, and no call of the program's.
    fn stops_itself(&self, proc: ProcId, call: &Call) -> bool {
        let Some(process) = self.table.get(proc) else {
            return false;
        };
        let trap = Ask::Kill {
            target: process.pid,
            signal: Signal(libc::SIGTRAP),
        };
        call.ask == trap && self.places.stops_at_lines(process.pid)
    }

    fn set_call(&mut self, proc: ProcId, stop: &Stop, arch: u32, call: Call, stack: u64) {
        let returns = self.way_of_return(proc, stop, arch, &call);
        if let Some(task) = self.table.tasks.get_mut(&stop.tid()) {
            task.call = Some(call);
            task.returns = returns;
            task.stack = stack;
        }
    }

    fn ends(&mut self, proc: ProcId, stop: Stop) {
        let threads = self.table.get(proc).map_or(1, |process| process.threads);
        let status = stop.message().map(|raw| WaitStatus::from_raw(raw as i32));
        let Ok(status) = status else {
            return self.resume(stop, None);
        };
        let whole = threads <= 1
            || matches!(status, WaitStatus::Signaled { .. })
            || stop
                .registers()
                .is_ok_and(|registers| registers.call == libc::SYS_exit_group);
        let already = self.table.get(proc).is_some_and(|process| process.ending);
        if !whole || already {
            return self.resume(stop, None);
        }
        let at = self.place_of(proc, &stop);
        self.tell_end(proc, status, at);
        let point = match status {
            WaitStatus::Exited(code) => Some(Point::Before(Box::new(Call::exit(i32::from(code))))),
            _ => None,
        };
        self.go_on(stop, point, None);
    }

    fn group_stop(&mut self, proc: ProcId, stop: Stop, signal: Signal) {
        if self
            .table
            .get(proc)
            .is_some_and(|process| !process.stop_told_ahead)
        {
            self.stop_state(proc, WaitStatus::Stopped(signal));
        }
        if let Some(task) = self.table.tasks.get_mut(&stop.tid()) {
            task.listening = true;
        }
        // As with resuming: a task that is gone has its end told next.
        let _ = stop.listen();
    }

    fn goes_on(&mut self, proc: ProcId) {
        self.stop_state(proc, WaitStatus::Continued);
        if let Some(process) = self.table.get_mut(proc) {
            process.stop_told_ahead = false;
        }
    }

    /// Tells that a process has been stopped, or goes on, unless that has been told. A parent may hear of a stop,
    /// and end it, before the stopped task itself was seen to stop.
    pub(super) fn stop_state(&mut self, proc: ProcId, status: WaitStatus) -> bool {
        let Some(process) = self.table.get_mut(proc) else {
            return false;
        };
        let what = match status {
            WaitStatus::Stopped(signal) if process.stopped.replace(signal).is_none() => {
                What::Stopped { signal }
            }
            WaitStatus::Continued if process.stopped.take().is_some() => What::Continued,
            _ => return false,
        };
        self.tell(proc, what, None);
        true
    }

    fn trap(&mut self, proc: ProcId, stop: Stop) {
        let Some(task) = self.table.tasks.get_mut(&stop.tid()) else {
            return;
        };
        if std::mem::take(&mut task.listening) {
            self.goes_on(proc);
            return self.go_on(stop, None, None);
        }
        self.go_on(stop, Some(Point::Anywhere), None);
    }

    fn signal(&mut self, proc: ProcId, stop: Stop, signal: Signal) {
        if signal.0 == libc::SIGTRAP && self.handler_begins(proc, &stop) {
            return self.resume(stop, None);
        }
        if signal.0 == libc::SIGTRAP && Self::stepping_trap(&stop) {
            return self.stepped(proc, stop);
        }
        if signal.0 == libc::SIGTRAP && self.script_trap(proc, &stop) {
            return self.script_line(proc, stop);
        }
        // A SIGCHLD comes with every end; its sender is known from that.
        let from = match signal {
            Signal::CHLD => None,
            _ => match stop.origin() {
                Ok(Origin::Process(pid)) => Some(self.link(pid)),
                _ => None,
            },
        };
        if signal == Signal::CONT {
            self.goes_on(proc);
        }
        self.tell(proc, What::Signal { signal, from }, None);
        if let Some(task) = self.table.tasks.get_mut(&stop.tid()) {
            task.entering_handler = !task.interrupted.is_empty();
        }
        self.go_on(stop, None, Some(signal));
    }

    /// The name of a process, ours or not.
    pub(super) fn link(&self, pid: Pid) -> Link {
        if pid.0 == std::process::id() as i32 {
            return Link::Proc(ProcId::Screen);
        }
        if self.settings.keeper == Some(pid) {
            return Link::Proc(ProcId::Keeper);
        }
        match self.table.by_pid(pid) {
            Some(proc) => Link::Proc(proc),
            None => Link::Outside(pid, command_of(pid)),
        }
    }
}

/// The command of a process outside, or nothing if it cannot be read any more.
fn command_of(pid: Pid) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/comm"))
        .map(|comm| comm.trim_end().to_owned())
        .unwrap_or_default()
}
