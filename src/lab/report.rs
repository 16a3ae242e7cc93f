//! What processes of ours say, made into facts: pids get their letters, ends and reapings their order.

use std::time::Instant;

use super::Lab;
use super::order::Order;
use super::wire::{Line, Report};
use crate::model::event::{Exec, Fork, Line as Stand, Phase, Reaped, Role, SignalSent, Wait, WaitEnd};
use crate::model::{Link, Pid, ProcId, Ret, Signal, WaitCall, WaitStatus, What};
use crate::sys::proc::{self, ChildrenFile};

impl Lab {
    /// Reads all that the report pipe holds.
    pub(super) fn read_reports(&mut self) {
        let mut bytes = [0; 16 * 1024];
        while let Ok(length @ 1..) = rustix::io::read(&self.given.reports, &mut bytes) {
            for line in self.reader.take(&bytes[..length]) {
                self.hear(line);
            }
        }
    }

    fn hear(&mut self, line: Line) {
        if follows_output(&line) {
            self.read_outputs();
        }
        match line {
            Line::Fact(report) => self.reported(report),
            Line::Reaped { pid, status } => self.keeper_reaped(pid, status),
            Line::Sent { by, pid, signal, ret } => self.sent(by, pid, signal, ret),
            Line::Part { .. } => {}
        }
    }

    fn reported(&mut self, report: Report) {
        let Report {
            proc,
            pid,
            done,
            what,
            ..
        } = report;
        let begins_to_wait = matches!(
            what,
            What::Wait(Wait { end: None, .. }) | What::Line(Stand { phase: Phase::In, .. })
        );
        match what {
            What::Born(birth) => {
                self.expect(proc, pid, birth.role, birth.parent);
                self.tell_birth(proc);
            }
            What::Fork(fork) => self.forked(proc, pid, fork),
            What::Exec(Exec { argv, failed: None }) => {
                if let Some(tracked) = self.tracked.get_mut(&proc) {
                    tracked.announced = Some(argv);
                }
            }
            What::Exec(exec) => {
                if let Some(tracked) = self.tracked.get_mut(&proc) {
                    tracked.announced = None;
                }
                self.tell(proc, What::Exec(exec));
            }
            What::Exit { status } => self.ended(proc, status),
            What::Wait(Wait { call, end: Some(end) }) => self.wait_ended(proc, call, end.ret, end.status),
            What::Limit(_) => {
                // Those that no answer ever named are free again.
                self.refuse(proc);
            }
            what => {
                if let (
                    What::Disposition {
                        signal: Signal::CHLD,
                        action,
                    },
                    Some(tracked),
                ) = (&what, self.tracked.get_mut(&proc))
                {
                    tracked.ignores_sigchld = *action == crate::model::event::Action::Ignore;
                }
                self.tell(proc, what);
            }
        }
        if let Some(tracked) = self.tracked.get_mut(&proc) {
            tracked.blocked = begins_to_wait || tracked.order == Some(Order::Finish);
            if done {
                tracked.order = None;
            }
        }
    }

    /// A program has sent a signal: told of whom it reached, or of the sender if that is nobody we know.
    fn sent(&mut self, by: ProcId, pid: Pid, signal: Signal, ret: Ret) {
        let group = pid.0 <= 0;
        let to = self.pids.get(&pid).copied().unwrap_or(by);
        self.tell(
            to,
            What::Signal(SignalSent {
                signal,
                by: Some(by),
                ret,
                group,
                caught: false,
            }),
        );
    }

    /// A process of ours exists: from its parent's fork or from itself, whichever is heard first.
    pub(super) fn expect(&mut self, id: ProcId, pid: Pid, role: Role, parent: Link) {
        let order = parent
            .proc()
            .and_then(|id| self.tracked.get(&id))
            .and_then(|parent| parent.order.clone());
        self.follow(id, pid, role, parent);
        if order == Some(Order::Finish)
            && let Some(tracked) = self
                .tracked
                .get_mut(&id)
                .filter(|tracked| tracked.order.is_none())
        {
            // It goes on to the end as its parent does.
            tracked.order = order;
            tracked.blocked = true;
        }
    }

    fn forked(&mut self, parent: ProcId, pid: Pid, fork: Fork) {
        let child = fork.child.zip(fork.ret.pid());
        self.tell_of(parent, pid, What::Fork(fork));
        match child {
            Some((child, child_pid)) => {
                let role = self.tracked.get(&parent).map_or(Role::Lab, |parent| parent.role);
                self.expect(child, child_pid, role, Link::Proc(parent));
            }
            None => self.release_unborn(),
        }
    }

    /// A fork failed: the channel that was meant for the child has lost its other end.
    fn release_unborn(&mut self) {
        let granted: Vec<ProcId> = self.granted.keys().copied().collect();
        for id in granted {
            self.read_channel(id);
        }
    }

    /// How a process ended is known: told once, after all that it wrote. Whose that was can be told only as long as its
    /// pid is known.
    pub(super) fn ended(&mut self, id: ProcId, status: WaitStatus) {
        self.read_outputs();
        let Some(tracked) = self
            .tracked
            .get_mut(&id)
            .filter(|tracked| tracked.ended.is_none())
        else {
            return;
        };
        tracked.ended = Some(status);
        let what = match status {
            WaitStatus::Signaled { .. } => What::Killed { status },
            _ => What::Exit { status },
        };
        self.tell(id, what);
    }

    /// A wait of `parent` has returned: the fact itself, and the reaping if it was one.
    pub(super) fn wait_ended(
        &mut self,
        parent: ProcId,
        call: WaitCall,
        ret: Ret,
        status: Option<WaitStatus>,
    ) {
        let child = ret.pid().and_then(|pid| self.pids.get(&pid).copied());
        let end = status.filter(|status| status.is_end());
        if let (Some(child), Some(status)) = (child, end) {
            self.learn_exec(child);
            self.ended(child, status);
        }
        self.tell(
            parent,
            What::Wait(Wait {
                call,
                end: Some(WaitEnd { ret, status, child }),
            }),
        );
        if let (Some(child), Some(status)) = (child, end) {
            self.reaped(child, Link::Proc(parent), Some(status), false);
        }
    }

    fn keeper_reaped(&mut self, pid: Pid, status: WaitStatus) {
        let Some(id) = self.pids.get(&pid).copied() else {
            return;
        };
        self.learn_exec(id);
        self.ended(id, status);
        let keeper = Link::Proc(ProcId::Keeper);
        if let Some(tracked) = self.tracked.get_mut(&id)
            && tracked.parent != keeper
        {
            // Adopted and reaped faster than /proc could be looked at.
            let from = std::mem::replace(&mut tracked.parent, keeper.clone());
            self.tell(
                id,
                What::Adopted {
                    from,
                    by: keeper.clone(),
                },
            );
        }
        self.reaped(id, keeper, Some(status), false);
    }

    /// The entry of a process is gone.
    pub(super) fn reaped(&mut self, id: ProcId, by: Link, status: Option<WaitStatus>, auto: bool) {
        let status = status.or(self.tracked.get(&id).and_then(|tracked| tracked.ended));
        self.tell(id, What::Reaped(Reaped { by, status, auto }));
        if let Some(gone) = self.tracked.remove(&id) {
            self.pids.remove(&gone.pid);
            if let Some(pidfd) = &gone.pidfd {
                // The keeper has a copy of it, so closing ours would not end the watch.
                self.unwatch(pidfd);
            }
        }
        if let Some(tables) = &mut self.descriptors {
            tables.retain(|other| other != id);
        }
    }

    /// The control channel is closed: the process runs another program now, or it is dead.
    pub(super) fn channel_closed(&mut self, id: ProcId) {
        self.read_reports();
        let Some(tracked) = self.tracked.get_mut(&id) else {
            return;
        };
        tracked.channel = None;
        self.learn_exec(id);
    }

    /// If an announced exec has succeeded, that is told. `PF_FORKNOEXEC` tells it, of a zombie too; where the entry
    /// is gone already, a process that exec'd said nothing of its end before it.
    pub(super) fn learn_exec(&mut self, id: ProcId) {
        let Some(tracked) = self.tracked.get_mut(&id) else {
            return;
        };
        let seen = tracked.look();
        let succeeded = match &seen {
            Some(seen) => !seen.forked_only,
            None => tracked.ended.is_none(),
        };
        if !succeeded {
            if seen.as_ref().is_some_and(|seen| seen.exiting) {
                tracked.announced = None;
            }
            return;
        }
        let Some(argv) = tracked.announced.take() else {
            return;
        };
        tracked.role = Role::Foreign;
        tracked.order = None;
        tracked.children = ChildrenFile::open(tracked.pid);
        if let (Some(old), Some(new)) = (&mut tracked.seen, seen) {
            // The exec itself is told here; looking must not find it again.
            old.comm = new.comm;
            old.code = new.code;
            old.forked_only = new.forked_only;
        }
        self.tell(id, What::Exec(Exec { argv, failed: None }));
    }

    /// The entry of `id` is gone, and nobody has said yet that he reaped it.
    pub(super) fn vanished(&mut self, id: ProcId) {
        self.tell_birth(id);
        self.learn_exec(id);
        let Some(tracked) = self.tracked.get_mut(&id) else {
            return;
        };
        let since = *tracked.vanished.get_or_insert_with(Instant::now);
        let parent = tracked.parent.clone();
        let explained_soon = match &parent {
            Link::Proc(ProcId::Keeper) => true,
            // In a wait, it says so itself; if it is dying, whoever adopts its children reaps them.
            Link::Proc(id) => self
                .tracked
                .get(id)
                .is_none_or(|parent| parent.is_waiting() || parent.ended.is_some() || parent.is_ending()),
            Link::Outside(..) => false,
        };
        if explained_soon && since.elapsed() < super::UNEXPLAINED {
            return;
        }
        let auto = parent
            .proc()
            .and_then(|id| self.tracked.get(&id))
            .is_some_and(|parent| parent.ignores_sigchld);
        let status = self.tracked.get(&id).and_then(|tracked| {
            tracked
                .ended
                .or_else(|| tracked.pidfd.as_ref().and_then(crate::sys::pidfd::exit_status))
        });
        if let Some(status) = status {
            self.ended(id, status);
        }
        self.reaped(id, parent, status, auto);
    }

    /// Another program appeared below an exec'd one.
    pub(super) fn discovered(&mut self, pid: Pid, parent: ProcId) {
        let id = self.names.give();
        let argv = proc::argv(pid);
        let parents = self.tracked.get(&parent).map(|tracked| proc::argv(tracked.pid));
        self.follow(id, pid, Role::Foreign, Link::Proc(parent));
        self.tell_birth(id);
        if !argv.is_empty() && parents.as_ref() != Some(&argv) {
            self.tell(id, What::Exec(Exec { argv, failed: None }));
        }
    }
}

/// Whether what a process wrote before it said this must be told first: nobody writes after his end, and what a line
/// of a program prints belongs before the next.
const fn follows_output(line: &Line) -> bool {
    match line {
        Line::Fact(report) => matches!(
            report.what,
            What::Exit { .. } | What::Exec(_) | What::Line(_) | What::Wait(Wait { end: Some(_), .. })
        ),
        Line::Reaped { .. } => true,
        Line::Sent { .. } | Line::Part { .. } => false,
    }
}
