//! How processes come and go: fork, exec, the end, adoption, reaping.
//!
//! Sources: fork(2), vfork(2), execve(2), _exit(2), prctl(2) for subreapers and `PDEATHSIG`, and the NOTES of wait(2).
//! When a process ends, in this order: its vfork parent wakes, its files are closed, its children get their new
//! parent (the nearest living subreaper above, else init), and its own parent is told. Only *its* children move.

use nix::errno::Errno as E;

use super::call::{Answer, Image};
use super::facts::Facts;
use super::files::failed;
use super::kernel::Kernel;
use super::process::{Proc, Stage};
use super::signals::Signals;
use crate::model::event::{Birth, Exec, Fork, Reaped, Role};
use crate::model::{Link, Pid, ProcId, Ret, Signal, WaitStatus, What};

/// How much of a program's name the kernel keeps as the command.
const COMM: usize = 15;

impl Kernel {
    /// fork(2) and vfork(2).
    pub(super) fn fork(&mut self, who: Pid, vfork: bool, facts: &mut Facts) -> Answer {
        let parent = self.proc(who);
        let id = parent.id();
        // RLIMIT_NPROC counts the zombies too, and the new one.
        if parent
            .limit
            .is_some_and(|limit| self.count() + 1 > limit as usize)
        {
            let ret = Ret::Err(E::EAGAIN.into());
            let child = None;
            facts.tell(id, who, || What::Fork(Fork { child, ret, vfork }));
            return Answer::Returned(failed(E::EAGAIN));
        }
        let pid = self.next_pid();
        let name = ProcId::lab(self.next_letter());
        let child = self.proc(who).child(pid, Link::Proc(name));
        let birth = birth(&child, self.proc(who).name.clone());
        self.files.share(&child.fds);
        self.insert(child);
        let parent = self.proc_mut(who);
        parent.children.push(pid);
        let ret = Ret::Ok(i64::from(pid.0));
        let child = Some(name);
        facts.tell(id, who, || What::Fork(Fork { child, ret, vfork }));
        facts.tell(Some(name), pid, || What::Born(birth));
        if vfork {
            self.proc_mut(who).vforked = Some(pid);
            self.block(who, super::Call::Vfork, facts);
            Answer::Vforked(pid)
        } else {
            Answer::Forked(pid)
        }
    }

    /// execve(2): another program, the same process. Handlers fall back, ignored signals stay ignored, the mask and
    /// what is pending stay, close-on-exec descriptors go.
    pub(super) fn exec(&mut self, who: Pid, image: &Image, facts: &mut Facts) -> Answer {
        let id = self.proc(who).id();
        let failed_with = image.missing.map(Ret::Err);
        facts.tell(id, who, || {
            What::Exec(Exec {
                argv: image.argv.clone(),
                failed: failed_with,
            })
        });
        if let Some(errno) = image.missing {
            return Answer::Returned(super::Return::Error(errno));
        }
        let mut fds = std::mem::take(&mut self.proc_mut(who).fds);
        self.files.close_all(&mut fds, true);
        let proc = self.proc_mut(who);
        proc.fds = fds;
        proc.handled = Signals::NONE;
        proc.caught = Signals::NONE;
        // With the handlers go all flags of sigaction(2), those of ignored signals too.
        (proc.nocldstop, proc.nocldwait) = (false, false);
        proc.execed = true;
        if let Some(program) = image.argv.first() {
            let name = program.rsplit('/').next().unwrap_or(program);
            proc.comm = name.chars().take(COMM).collect();
        }
        Answer::Replaced
    }

    /// The end, as far as others see it first: the descriptors are closed. If that cannot be seen, the rest follows
    /// at once; else it is a step of its own ([`super::Step::Die`]).
    pub(super) fn end(&mut self, who: Pid, status: WaitStatus, facts: &mut Facts) {
        let id = self.proc(who).id();
        facts.tell(id, who, || match status {
            WaitStatus::Exited(_) => What::Exit { status },
            _ => What::Killed { status },
        });
        let mut fds = std::mem::take(&mut self.proc_mut(who).fds);
        let shows = self.files.closing_shows(&fds);
        self.files.close_all(&mut fds, false);
        let vfork_parent = self
            .get(self.proc(who).parent)
            .is_some_and(|parent| parent.vforked == Some(who));
        let proc = self.proc_mut(who);
        proc.stage = Stage::Exiting(status);
        proc.stopped = None;
        proc.news = None;
        proc.blocked_in = None;
        proc.vforked = None;
        proc.saved_mask = None;
        (proc.restarts, proc.returning) = (false, false);
        proc.alarm = None;
        proc.pending = Signals::NONE;
        proc.caught = Signals::NONE;
        if !shows && !vfork_parent {
            self.die(who, facts);
        }
    }

    /// The rest of the end: the children move, the parent is told, and a zombie stays or does not.
    pub(super) fn die(&mut self, who: Pid, facts: &mut Facts) {
        let Stage::Exiting(status) = self.proc(who).stage else {
            return;
        };
        self.orphan_children(who, facts);
        let parent = self.proc(who).parent;
        self.wake_orphaned(who, parent, Some(who), facts);
        self.proc_mut(who).stage = Stage::Zombie(status);
        facts.tell(self.proc(who).id(), who, || What::Zombie { status: Some(status) });
        self.report_death(who, facts);
    }

    /// Takes a zombie out of the table. With `auto`, no wait took its status.
    pub(super) fn reap(&mut self, pid: Pid, auto: bool, facts: &mut Facts) {
        let proc = self.proc(pid);
        let (id, parent) = (proc.id(), proc.parent);
        let status = match proc.stage {
            Stage::Zombie(status) if !auto => Some(status),
            _ => None,
        };
        let by = self.proc(parent).name.clone();
        facts.tell(id, pid, || What::Reaped(Reaped { by, status, auto }));
        self.proc_mut(parent).children.retain(|child| *child != pid);
        self.remove(pid);
    }

    /// prctl(2) with `PR_SET_CHILD_SUBREAPER`: at once also for those already below.
    pub(super) fn set_subreaper(&mut self, who: Pid, on: bool, facts: &mut Facts) {
        self.proc_mut(who).subreaper = on;
        facts.tell(self.proc(who).id(), who, || What::Subreaper { on });
    }

    /// The nearest living subreaper above `who`, else init.
    fn adopter(&self, who: Pid) -> Pid {
        let mut above = self.proc(who).parent;
        while above != self.init() {
            let proc = self.proc(above);
            if proc.subreaper && proc.is_alive() {
                return above;
            }
            above = proc.parent;
        }
        above
    }

    fn orphan_children(&mut self, who: Pid, facts: &mut Facts) {
        let children = std::mem::take(&mut self.proc_mut(who).children);
        if children.is_empty() {
            return;
        }
        let adopter = self.adopter(who);
        let from = self.proc(who).name.clone();
        let by = self.proc(adopter).name.clone();
        let new = self.proc_mut(adopter);
        new.children.extend(&children);
        if new.reaps {
            // It takes whoever ends, so their order means nothing, and equal states shall be equal.
            new.children.sort_unstable();
        }
        for child in children {
            let proc = self.proc_mut(child);
            proc.parent = adopter;
            proc.orphan_of = Some(who);
            let (id, pdeathsig) = (proc.id(), proc.pdeathsig);
            facts.tell(id, child, || What::Adopted {
                from: from.clone(),
                by: by.clone(),
            });
            if let Some(signal) = pdeathsig {
                self.send(child, signal, facts);
            }
            // A zombie was a link between its group and the session too.
            self.wake_orphaned(child, who, None, facts);
            if self.proc(child).is_zombie() {
                self.report_death(child, facts);
            }
        }
    }

    /// Tells the parent of a zombie: SIGCHLD, unless it ignores that, and then no zombie stays.
    fn report_death(&mut self, pid: Pid, facts: &mut Facts) {
        let dead = self.proc(pid).clone();
        let parent = dead.parent;
        let proc = self.proc(parent);
        let ignores = proc.ignored.contains(Signal::CHLD);
        let auto = ignores || proc.nocldwait;
        let waits = proc.reaps;
        if !ignores {
            self.send(parent, Signal::CHLD, facts);
        }
        if auto || waits {
            self.reap(pid, auto, facts);
        }
        self.wake_waiter(&dead);
    }
}

fn birth(child: &Proc, parent: Link) -> Birth {
    Birth {
        parent,
        start: 0,
        comm: child.comm.clone(),
        pgid: child.group,
        sid: child.session,
        role: Role::Lab,
    }
}
