//! Ends: who becomes a zombie, whose parent link moves, and who reaps; "exit" and "wait" as the kernel does them.
//!
//! The tracer's own wait comes first: only after it is a dead tracee a zombie for its real parent. So a zombie is
//! told before the wait that takes it, always. When a process ends, its direct children move at the same moment,
//! and *who* adopts them is read from /proc, never guessed.

use super::fact::{Place, What};
use super::table::Process;
use super::tracer::Tracer;
use crate::model::{Link, Pid, ProcId, WaitStatus};
use crate::sys::ptrace::{News, Tid};

impl Tracer {
    /// A known task is over, and the tracer's wait has taken it.
    pub(super) fn task_ended(&mut self, tid: Tid, status: WaitStatus) {
        let Some(task) = self.table.tasks.remove(&tid) else {
            return;
        };
        let proc = task.proc;
        if task.is_forking() {
            self.lost.push(proc);
        }
        let Some(process) = self.table.get_mut(proc) else {
            return;
        };
        if process.pid.0 != tid.0 {
            process.threads -= 1;
            let threads = process.threads;
            self.tell(proc, What::Thread { tid: tid.0, threads }, None);
            return;
        }
        // The first thread is told last, but for those that exec took away.
        for rest in self.table.tids_of(proc) {
            self.table.tasks.remove(&rest);
        }
        self.process_ended(proc, status);
    }

    fn process_ended(&mut self, proc: ProcId, status: WaitStatus) {
        self.tell_end(proc, status, None);
        let Some(process) = self.table.get_mut(proc) else {
            return;
        };
        process.end = Some(status);
        let pid = process.pid;
        let children: Vec<_> = process.children.iter().copied().collect();
        self.places.forget(pid);
        if proc == ProcId::lab(0) {
            self.ended = Some(status);
        }
        for child in children {
            self.orphaned(child, proc);
        }
        self.dead(proc, status);
    }

    /// Tells that a process is about to end, once.
    pub(super) fn tell_end(&mut self, proc: ProcId, status: WaitStatus, at: Option<Place>) {
        let Some(process) = self.table.get_mut(proc) else {
            return;
        };
        if std::mem::replace(&mut process.ending, true) {
            return;
        }
        let what = match status {
            WaitStatus::Signaled { signal, core } => What::Killed { signal, core },
            WaitStatus::Exited(code) => What::Exit { code },
            WaitStatus::Stopped(_) | WaitStatus::Continued => return,
        };
        self.tell(proc, what, at);
    }

    /// A dead process is a zombie, unless nobody wants one.
    fn dead(&mut self, proc: ProcId, status: WaitStatus) {
        let Some(parent) = self.table.get(proc).map(|process| process.parent.clone()) else {
            return;
        };
        let unwanted = parent
            .proc()
            .and_then(|parent| self.table.get(parent))
            .is_some_and(|parent| parent.on_child.reaps_by_itself());
        if unwanted {
            self.reaped(proc, parent, true);
            return;
        }
        self.tell(proc, What::Zombie { status }, None);
        if parent == Link::Proc(ProcId::Screen) {
            // As tracer and parent in one, this process needs one wait only.
            self.reaped(proc, parent, false);
        }
    }

    /// A process is gone for good.
    pub(super) fn reaped(&mut self, proc: ProcId, by: Link, auto: bool) {
        let Some(Process { pid, end, .. }) = self.table.remove(proc) else {
            return;
        };
        if let Some(status) = end {
            self.tell_of(proc, pid, What::Reaped { by, status, auto }, None);
        }
    }

    /// A zombie is gone, and none of ours took it: its adopter outside did.
    pub(super) fn reaped_outside(&mut self, proc: ProcId) {
        let Some(parent) = self.table.get(proc).map(|process| process.parent.clone()) else {
            return;
        };
        self.reaped(proc, parent, false);
    }

    /// The parent of `child` has ended.
    fn orphaned(&mut self, child: ProcId, parent: ProcId) {
        let Some(process) = self.table.get(child) else {
            return;
        };
        let read = parent_of(process.pid).map(|pid| self.link(pid));
        if let Some(outside @ Link::Outside(..)) = &read {
            self.adopter = Some(outside.clone());
        }
        let is_gone = read.is_none();
        let to = read.unwrap_or_else(|| self.adopter_of(parent));
        if to == Link::Proc(parent) {
            return;
        }
        self.table.adopt(child, &to);
        let from = Link::Proc(parent);
        self.tell(child, What::Adopted { from, to: to.clone() }, None);
        let unwanted = to
            .proc()
            .and_then(|to| self.table.get(to))
            .is_some_and(|to| to.on_child.reaps_by_itself());
        let is_zombie = self.table.get(child).is_some_and(|child| child.end.is_some());
        // A traced adopter's wait may have taken it before it was known to be that one's child.
        if is_zombie && (unwanted || is_gone && !is_outside(&to)) {
            self.reaped(child, to, unwanted);
        }
    }

    /// Who adopts the children of a process that ends, as prctl(2) has it: the nearest living subreaper above. A
    /// zombie may be adopted and reaped before one can look.
    fn adopter_of(&self, parent: ProcId) -> Link {
        let mut above = self.table.get(parent).map(|process| &process.parent);
        while let Some(process) = above.and_then(|link| self.table.get(link.proc()?)) {
            if process.subreaper && process.end.is_none() {
                return self.link(process.pid);
            }
            above = Some(&process.parent);
        }
        match (&self.adopter, self.settings.keeper) {
            (Some(adopter), _) => adopter.clone(),
            (None, Some(_)) => Link::Proc(ProcId::Keeper),
            (None, None) => self.link(Pid(1)),
        }
    }

    /// Looks whether zombies that were adopted outside are still there.
    pub(super) fn look_after_zombies(&mut self) {
        let gone: Vec<_> = self
            .table
            .iter()
            .filter(|(_, process)| process.end.is_some() && is_outside(&process.parent))
            .filter(|(_, process)| parent_of(process.pid).is_none())
            .map(|(proc, _)| proc)
            .collect();
        for proc in gone {
            self.reaped_outside(proc);
        }
    }

    /// Whether a zombie is left that the keeper is about to reap.
    pub fn is_keeper_owed(&self) -> bool {
        let mut processes = self.table.iter();
        processes.any(|(_, process)| process.parent == Link::Proc(ProcId::Keeper) && process.end.is_some())
    }

    /// The zombie child that is there no more, after a wait that did not say whom it took.
    pub(super) fn vanished_child(&self, proc: ProcId) -> Option<ProcId> {
        let parent = self.table.get(proc)?;
        parent.children.iter().copied().find(|&child| {
            let child = self.table.get(child);
            child.is_some_and(|child| child.end.is_some() && parent_of(child.pid).is_none())
        })
    }

    /// Whether this is the second end of a zombie: adopted by this process, it was reaped by its wait.
    pub(super) fn taken_by_us(&mut self, tid: Tid) -> bool {
        let zombie = self
            .table
            .by_pid(tid.as_pid())
            .filter(|&proc| self.table.get(proc).is_some_and(|process| process.end.is_some()));
        if let Some(proc) = zombie {
            self.reaped(proc, Link::Proc(ProcId::Screen), false);
        }
        zombie.is_some()
    }

    /// Parents were killed between making a child and telling of it. Such a child stands at its first stop, and
    /// nobody else will ever claim it, unless its living parent is just forking.
    pub(super) fn claim_newborns(&mut self) {
        if self.lost.is_empty() {
            return;
        }
        let unclaimed: Vec<_> = self
            .early
            .iter()
            .filter(|(_, news)| matches!(news, News::Stopped(_)))
            .map(|(&tid, _)| tid)
            .filter(|&tid| !self.parent_forks(tid))
            .collect();
        for tid in unclaimed {
            // Of several such parents any may be the one; the last is the likeliest.
            let Some(by) = self.lost.pop() else {
                return;
            };
            let child = self.born(by, tid.as_pid(), None, None);
            self.orphaned(child, by);
            self.catch_up(tid);
        }
    }

    fn parent_forks(&self, tid: Tid) -> bool {
        let parent = parent_of(tid.as_pid()).and_then(|parent| self.table.by_pid(parent));
        parent.is_some_and(|parent| {
            let mut tasks = self.table.tasks.values();
            tasks.any(|task| task.proc == parent && task.is_forking())
        })
    }
}

/// Whether a parent is none of the traced processes, so that its waits are not seen.
const fn is_outside(parent: &Link) -> bool {
    matches!(parent, Link::Outside(..) | Link::Proc(ProcId::Keeper))
}

/// The parent that /proc tells of a process; none if there is no such process.
pub(super) fn parent_of(pid: Pid) -> Option<Pid> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command stands in parentheses and may itself contain blanks and parentheses.
    let (_, after) = stat.rsplit_once(')')?;
    // Of one that is just being reaped, the parent reads as 0.
    let parent = after.split_ascii_whitespace().nth(1)?.parse().ok()?;
    (parent != 0).then_some(Pid(parent))
}
