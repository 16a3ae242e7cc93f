//! What each kind of stop means for the tree; "Stopped states" in ptrace(2).
//!
//! Every branch ends in exactly one of: the task goes on, is held, or listens. The type of a stop sees to that.

use std::path::Path;

use super::call::{self, Ask, Call, Kind, OnChild};
use super::fact::{Place, Returned, What};
use super::python;
use super::table::{Point, Task};
use super::tracer::Tracer;
use crate::model::{Errno, Link, Pid, ProcId, Signal, WaitStatus};
use crate::sys::ptrace::{Birth, CallInfo, News, Origin, Stop, Tid, Why};

/// Errors that never reach a program: the kernel begins the call again, or turns them into EINTR.
const RESTARTS: std::ops::RangeInclusive<i32> = 512..=516;

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
            self.set_call(stop.tid(), Some(call), stack);
            return self.resume(stop, None);
        }
        if self.stops_itself(proc, &call) {
            return self.resume(stop, None);
        }
        let at = self.place_of(proc, &stop);
        if call.ask == Ask::Ptrace {
            let text = "this program uses ptrace itself, but forkscope traces it already: it will be refused";
            self.tell(proc, What::Note { text: text.into() }, at.clone());
        }
        let told = What::Call {
            call: Box::new(call.clone()),
            kernel: call.kernel,
        };
        self.tell(proc, told, at.clone());
        self.set_call(stop.tid(), Some(call.clone()), stack);
        if let Some(task) = self.table.tasks.get_mut(&stop.tid()) {
            task.at = at;
        }
        self.go_on(stop, Some(Point::Before(Box::new(call))), None);
    }

    /// Whether this is a script that stops at its line, and no call of the program's.
    fn stops_itself(&self, proc: ProcId, call: &Call) -> bool {
        let (Some(process), Some(places)) = (self.table.get(proc), &self.places) else {
            return false;
        };
        let trap = Ask::Kill {
            target: process.pid,
            signal: Signal(libc::SIGTRAP),
        };
        call.ask == trap && places.stops_at_lines(process.pid)
    }

    fn set_call(&mut self, tid: Tid, call: Option<Call>, stack: u64) {
        if let Some(task) = self.table.tasks.get_mut(&tid) {
            task.call = call;
            task.stack = stack;
        }
    }

    /// Whether this call is one that a signal interrupted and the kernel begins again. A call at or above the
    /// stack of an interrupted one shows that the latter came back to the program, with EINTR.
    fn begins_again(&mut self, proc: ProcId, tid: Tid, call: &Call, stack: u64) -> bool {
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

    fn call_ends(&mut self, proc: ProcId, stop: Stop) {
        let Some(task) = self.table.tasks.get_mut(&stop.tid()) else {
            return;
        };
        let (Some(call), Ok(CallInfo::Ends(result))) = (task.call.take(), stop.call()) else {
            return self.resume(stop, None);
        };
        if let Err(errno) = result
            && RESTARTS.contains(&errno.0)
        {
            let stack = task.stack;
            task.interrupted.push((call, stack));
            return self.resume(stop, None);
        }
        let kind = call.kind();
        match kind {
            Kind::Wait => self.wait_returned(proc, &stop, &call, result),
            // A success was told at the birth.
            Kind::Fork if result.is_ok() => {}
            _ => {
                let at = self.called_at(proc, &stop);
                self.tell_return(proc, &call, result, at);
            }
        }
        let point = matches!(kind, Kind::Fork | Kind::Wait | Kind::Exec).then_some(Point::After(kind));
        self.go_on(stop, point, None);
    }

    fn tell_return(&mut self, proc: ProcId, call: &Call, result: Result<i64, Errno>, at: Option<Place>) {
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
                    action: action.to_string(),
                };
                self.tell(proc, told, None);
            }
            Ask::Subreaper(on) => self.tell(proc, What::Subreaper { on }, None),
            _ => {}
        }
    }

    fn wait_returned(&mut self, proc: ProcId, stop: &Stop, call: &Call, result: Result<i64, Errno>) {
        let Ask::Wait { options, .. } = call.ask else {
            return;
        };
        let told = self.told_child(proc, stop, call, result);
        let child = told.and_then(|pid| self.table.by_pid(pid));
        let end = child.and_then(|child| self.table.get(child)?.end);
        let status = end.or_else(|| {
            let raw = call::stored_status(stop, call).ok().flatten()?;
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
            self.reaped(child, proc.into());
        }
    }

    /// The pid that a finished wait told of.
    fn told_child(&self, proc: ProcId, stop: &Stop, call: &Call, result: Result<i64, Errno>) -> Option<Pid> {
        match result {
            Ok(pid) if pid > 0 => Some(Pid(pid as i32)),
            Ok(_) if call.kernel == "waitid" => match call::stored_child(stop, call) {
                Some((pid, ..)) => (pid.0 > 0).then_some(pid),
                None => self.vanished_child(proc),
            },
            _ => None,
        }
    }

    fn new_task(&mut self, proc: ProcId, stop: Stop, birth: Birth) {
        let Ok(message) = stop.message() else {
            return self.resume(stop, None);
        };
        let child = Pid(message as i32);
        let call = self
            .table
            .tasks
            .get(&stop.tid())
            .and_then(|task| task.call.clone());
        let thread = match &call {
            Some(call) => call.makes_thread(),
            None => birth == Birth::Clone && is_thread(child),
        };
        if thread {
            self.new_thread(proc, child.into());
        } else {
            let at = self.called_at(proc, &stop);
            self.born(proc, child, call.as_ref(), at);
        }
        let stays = self.holds(stop.tid(), &Point::After(Kind::Fork));
        if !stays && let Some(task) = self.table.tasks.get_mut(&stop.tid()) {
            // The return value is known from the birth, so the return itself need not be seen.
            task.call = None;
        }
        if self.frozen {
            self.keep(stop, Point::Limit, None);
        } else {
            self.resume(stop, None);
        }
        self.catch_up(child.into());
    }

    /// Where the call began that a task is in: it need not be looked up twice.
    fn called_at(&mut self, proc: ProcId, stop: &Stop) -> Option<Place> {
        match self.table.tasks.get(&stop.tid()) {
            Some(task) if task.at.is_some() => task.at.clone(),
            _ => self.place_of(proc, stop),
        }
    }

    fn new_thread(&mut self, proc: ProcId, tid: Tid) {
        self.table.tasks.insert(tid, Task::new(proc));
        if let Some(process) = self.table.get_mut(proc) {
            process.threads += 1;
            let threads = process.threads;
            self.tell(proc, What::Thread { tid: tid.0, threads }, None);
        }
    }

    pub(super) fn born(&mut self, by: ProcId, pid: Pid, call: Option<&Call>, at: Option<Place>) {
        if let Some(stale) = self.table.by_pid(pid) {
            // The kernel gave this pid out again: whoever had it has been reaped by its adopter.
            self.reaped_outside(stale);
        }
        let parent = if call.is_some_and(Call::makes_sibling) {
            self.table
                .get(by)
                .map_or(Link::Proc(by), |process| process.parent.clone())
        } else {
            Link::Proc(by)
        };
        let child = self.table.enter(pid, parent.clone(), Some(by));
        if let (Some(places), Some(process)) = (&mut self.places, self.table.get(by)) {
            places.forked(process.pid, pid);
        }
        let fork = What::Fork {
            kernel: call.map(|call| call.kernel),
            child: Some(child),
            result: Ok(i64::from(pid.0)).into(),
        };
        self.tell(by, fork, at.clone());
        self.tell(child, What::Born { parent, by }, at);
        if self.table.len() > self.settings.limit && !self.frozen {
            self.freeze(child);
        }
    }

    /// Stops everything: each newborn is born stopped, so nothing escapes this.
    fn freeze(&mut self, last: ProcId) {
        self.frozen = true;
        let limit = self.settings.limit;
        self.tell(last, What::Limit { limit }, None);
        for (&tid, task) in &self.table.tasks {
            if task.held.is_none() {
                // Whoever has just ended needs no stopping.
                let _ = crate::sys::ptrace::interrupt(tid);
            }
        }
    }

    /// Takes the news of a newborn that came before its birth was told.
    pub(super) fn catch_up(&mut self, tid: Tid) {
        match self.early.remove(&tid) {
            Some(News::Stopped(stop)) => self.stopped(stop),
            Some(News::Ended(tid, status)) => self.task_ended(tid, status),
            None => {}
        }
    }

    fn executed(&mut self, proc: ProcId, stop: Stop) {
        let former = stop.message().map_or(stop.tid(), |tid| Tid(tid as i32));
        let call = self
            .table
            .tasks
            .get_mut(&former)
            .and_then(|task| task.call.take());
        // All other threads are gone, and the one that called exec has taken the pid for its id.
        for tid in self.table.tids_of(proc) {
            self.table.tasks.remove(&tid);
        }
        let mut task = Task::new(proc);
        task.born = true;
        self.table.tasks.insert(stop.tid(), task);
        if let Some(process) = self.table.get_mut(proc) {
            process.threads = 1;
            if !process.on_child.reaps_by_itself() || process.on_child == OnChild::HandlerNoZombies {
                process.on_child = OnChild::Default;
            }
            let pid = process.pid;
            if let Some(places) = &mut self.places {
                places.forget(pid);
            }
        }
        self.executed = true;
        let (path, argv) = match call.map(|call| call.ask) {
            Some(Ask::Exec { path, argv }) => (path, argv),
            _ => Default::default(),
        };
        self.note_setuid(proc, &path);
        self.note_silent(proc, &path, &argv);
        let exec = What::Exec {
            path,
            argv,
            errno: None,
        };
        self.tell(proc, exec, None);
        self.go_on(stop, Some(Point::After(Kind::Exec)), None);
    }

    fn note_setuid(&mut self, proc: ProcId, path: &str) {
        use std::os::unix::fs::PermissionsExt;
        let setuid = std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o6000 != 0);
        if setuid && !nix::unistd::geteuid().is_root() {
            let text =
                format!("{path} is setuid: while it is traced it runs without the rights of its owner");
            self.tell(proc, What::Note { text }, None);
        }
    }

    fn note_silent(&mut self, proc: ProcId, path: &str, argv: &[String]) {
        if let Some(option) = python::silencing_option(argv)
            && python::is_python(Path::new(path))
        {
            let text = format!("Python does not tell its lines with the option {option}");
            self.tell(proc, What::Note { text }, None);
        }
    }

    fn ends(&mut self, proc: ProcId, stop: Stop) {
        let threads = self.table.get(proc).map_or(1, |process| process.threads);
        let status = stop.message().map(|raw| WaitStatus::from_raw(raw as i32));
        let Ok(status) = status else {
            return self.resume(stop, None);
        };
        if let Some(task) = self.table.tasks.get_mut(&stop.tid()) {
            task.call = None;
        }
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
    fn stop_state(&mut self, proc: ProcId, status: WaitStatus) -> bool {
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

    /// Whether a handler begins here that interrupted a call. Only now is it decided whether that call begins
    /// again or fails with EINTR: it stands in the frame that the handler will return to.
    fn handler_begins(&mut self, proc: ProcId, stop: &Stop) -> bool {
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

    /// The name of a process, ours or not.
    pub(super) fn link(&self, pid: Pid) -> Link {
        if pid.0 == std::process::id() as i32 {
            return Link::Proc(ProcId::Screen);
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

fn is_thread(pid: Pid) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("Tgid:"))
        .and_then(|tgid| tgid.trim().parse().ok())
        .is_some_and(|tgid: i32| tgid != pid.0)
}
