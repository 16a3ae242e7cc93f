//! How processes, threads and programs begin: fork(2), clone(2), execve(2).

use std::path::Path;

use super::call::{Ask, Call, Kind, OnChild};
use super::fact::{Place, What};
use super::python;
use super::table::{Point, Task};
use super::tracer::Tracer;
use crate::model::{Link, Pid, ProcId, Signal};
use crate::sys::ptrace::{Birth, News, Stop, Tid};

impl Tracer {
    /// Takes off that the newborn is not to be traced: it would never be seen, and all its own calls that are looked
    /// at would fail.
    pub(super) fn uncover(&mut self, proc: ProcId, stop: &Stop, arch: u32, argument: u64, call: &Call) {
        let Ask::Fork { flags } = call.ask else {
            return;
        };
        let hidden = libc::CLONE_UNTRACED as u64;
        let changed = if call.kernel == "clone3" {
            stop.write(argument, flags & !hidden)
        } else {
            stop.set_first_argument(arch, argument & !hidden)
        };
        if changed.is_ok() {
            let text = "this asks that the newborn is not traced (CLONE_UNTRACED): forkscope takes that off, or you would not see it";
            self.tell(proc, What::Note { text: text.into() }, None);
        }
    }

    pub(super) fn new_task(&mut self, proc: ProcId, stop: Stop, birth: Birth) {
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
            let born = self.born(proc, child, call.as_ref(), at);
            if let (Some(call), Some(process)) = (call, self.table.get_mut(born)) {
                process.end_signal = end_signal(&call, birth);
            }
        }
        let stays = self.holds(stop.tid(), &Point::After(Kind::Fork));
        if !stays && let Some(task) = self.table.tasks.get_mut(&stop.tid()) {
            // The return value is known from the birth, so the return itself need not be seen.
            task.call = None;
        }
        if birth == Birth::Vfork
            && let Some(task) = self.table.tasks.get_mut(&child.into())
        {
            task.maker = Some(stop.tid());
        }
        if self.frozen {
            self.keep(stop, Point::Limit, None);
        } else {
            self.resume(stop, None);
        }
        self.catch_up(child.into());
    }

    fn new_thread(&mut self, proc: ProcId, tid: Tid) {
        self.table.tasks.insert(tid, Task::new(proc));
        if let Some(process) = self.table.get_mut(proc) {
            process.threads += 1;
            let threads = process.threads;
            self.tell(proc, What::Thread { tid: tid.0, threads }, None);
        }
    }

    pub(super) fn born(&mut self, by: ProcId, pid: Pid, call: Option<&Call>, at: Option<Place>) -> ProcId {
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
        if let Some(process) = self.table.get(by) {
            self.places.forked(process.pid, pid);
        }
        let fork = What::Fork {
            kernel: call.map(|call| call.kernel),
            child: Some(child),
            result: Ok(i64::from(pid.0)).into(),
        };
        self.tell(by, fork, at.clone());
        self.tell(child, What::Born { parent, by }, at);
        if self.table.len() > self.settings.limit && !self.frozen {
            self.look_after_zombies();
        }
        if self.table.len() > self.settings.limit && !self.frozen {
            self.freeze(child);
        }
        child
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

    pub(super) fn executed(&mut self, proc: ProcId, stop: Stop) {
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
            self.places.forget(process.pid);
        }
        self.executed = true;
        if self.settings.unattended
            && let Some(process) = self.table.get(proc)
        {
            // A stop at its end would only tell where in the program that is. If it is gone, that is told next.
            let _ = stop.set_stop_at_end(self.places.tells(process.pid));
        }
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
        let is_setuid = || std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o6000 != 0);
        if !nix::unistd::geteuid().is_root() && is_setuid() {
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
}

/// The signal that the end of a newborn will send to its parent. One that shares signal handlers with its parent may
/// yet change what becomes of it.
fn end_signal(call: &Call, birth: Birth) -> Option<Signal> {
    let is_known = match birth {
        Birth::Fork => !call.shares_handlers() && !call.makes_sibling(),
        Birth::Vfork => call.kernel == "vfork",
        Birth::Clone => false,
    };
    is_known.then_some(Signal::CHLD)
}

fn is_thread(pid: Pid) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("Tgid:"))
        .and_then(|tgid| tgid.trim().parse().ok())
        .is_some_and(|tgid: i32| tgid != pid.0)
}
