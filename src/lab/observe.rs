//! Looking at /proc: only differences become facts.

use super::Lab;
use super::tracked::Tracked;
use crate::model::event::{Exec, Note, Role};
use crate::model::{Link, Pid, ProcId, State, What};
use crate::sys::proc::{self, Seen};

impl Lab {
    /// Looks at every process; whether anything was different.
    pub fn look(&mut self) -> bool {
        let before = self.facts.len();
        let ids: Vec<ProcId> = self.tracked.keys().copied().collect();
        let mut looks: Vec<(ProcId, Seen)> = Vec::with_capacity(ids.len());
        for id in ids {
            match self.tracked.get(&id).map(Tracked::look) {
                // A newborn speaks first; one that died before it could is told of all the same.
                Some(Some(seen)) if self.is_unborn(id) && seen.state != State::ZOMBIE => {}
                Some(Some(seen)) => looks.push((id, seen)),
                Some(None) => self.vanished(id),
                None => {}
            }
        }
        // States first: a parent's death is told before its children's new parent.
        for (id, seen) in &looks {
            self.compare_state(*id, seen);
        }
        for (id, seen) in looks {
            self.compare_links(id, seen);
        }
        self.discover();
        self.contain();
        self.look_at_descriptors();
        self.facts.len() > before
    }

    fn is_unborn(&self, id: ProcId) -> bool {
        self.tracked.get(&id).is_some_and(|tracked| !tracked.told)
    }

    fn compare_state(&mut self, id: ProcId, seen: &Seen) {
        let Some(tracked) = self.tracked.get_mut(&id) else {
            return;
        };
        if seen.state == State::ZOMBIE && is_dead(tracked) {
            if tracked.zombie {
                return;
            }
            tracked.zombie = true;
            let status = seen.status.or(tracked.ended);
            self.tell_birth(id);
            self.learn_exec(id);
            if let Some(status) = status {
                self.ended(id, status);
            }
            self.tell(id, What::Zombie { status });
            return;
        }
        if tracked.shown == Some(seen.state) {
            return;
        }
        let was = tracked.shown.replace(seen.state);
        let what = match (was, seen.state) {
            (_, State::STOPPED) => What::Stopped {
                signal: tracked.stopping.take(),
            },
            (Some(State::STOPPED), _) => What::Continued,
            _ => What::Note(Note {
                state: Some(seen.state),
                ..Note::default()
            }),
        };
        let continued = what == What::Continued;
        self.tell(id, what);
        if continued && seen.state != State::SLEEPING {
            self.tell(
                id,
                What::Note(Note {
                    state: Some(seen.state),
                    ..Note::default()
                }),
            );
        }
    }

    fn compare_links(&mut self, id: ProcId, seen: Seen) {
        let Some(tracked) = self.tracked.get(&id) else {
            return;
        };
        let Some(old) = tracked.seen.clone() else { return };
        let parent = tracked.parent.clone();
        if id != ProcId::Keeper && !self.leads_to(&parent, seen.ppid) {
            self.tell_death_of(&parent);
            let by = self
                .pids
                .get(&seen.ppid)
                .map_or_else(|| proc::outside(seen.ppid), |id| Link::Proc(*id));
            self.tell(
                id,
                What::Adopted {
                    from: parent,
                    by: by.clone(),
                },
            );
            if let Some(tracked) = self.tracked.get_mut(&id) {
                tracked.parent = by;
            }
        }
        if seen.sid != old.sid {
            self.tell(id, What::Session { sid: seen.sid });
        }
        if seen.pgid != old.pgid {
            self.tell(id, What::Group { pgid: seen.pgid });
        }
        if seen.threads != old.threads && seen.state != State::ZOMBIE {
            self.tell(
                id,
                What::Thread {
                    threads: seen.threads,
                },
            );
        }
        self.compare_program(id, &old, &seen);
        if let Some(tracked) = self.tracked.get_mut(&id) {
            tracked.seen = Some(seen);
        }
    }

    /// A parent that has just lost its children is dying: its last words come before the consequences.
    fn tell_death_of(&mut self, parent: &Link) {
        self.read_reports();
        let Some(id) = parent.proc() else { return };
        if let Some(seen) = self.tracked.get(&id).and_then(Tracked::look) {
            self.compare_state(id, &seen);
        }
    }

    fn leads_to(&self, parent: &Link, ppid: Pid) -> bool {
        match parent {
            Link::Proc(id) => self.tracked.get(id).is_some_and(|parent| parent.pid == ppid),
            Link::Outside(pid, _) => *pid == ppid,
        }
    }

    /// A program that says nothing has exec'd another: its code lies elsewhere now.
    fn compare_program(&mut self, id: ProcId, old: &Seen, seen: &Seen) {
        let Some(tracked) = self
            .tracked
            .get(&id)
            .filter(|tracked| tracked.role == Role::Foreign)
        else {
            return;
        };
        let other = seen.code != old.code && seen.code != 0 || seen.forked_only != old.forked_only;
        if !other || seen.state == State::ZOMBIE || tracked.announced.is_some() {
            return;
        }
        let argv = proc::argv(tracked.pid);
        if !argv.is_empty() {
            self.tell(id, What::Exec(Exec { argv, failed: None }));
        }
    }

    /// Children of programs that do not report, and orphans that the keeper got before they were ever seen.
    pub(super) fn discover(&mut self) {
        let mut found = Vec::new();
        for tracked in self.tracked.values() {
            let Some(children) = &tracked.children else {
                continue;
            };
            found.extend(children.look().into_iter().map(|pid| (pid, tracked.id)));
        }
        for (pid, parent) in found {
            if !self.pids.contains_key(&pid) && self.is_lab_process(pid, parent) {
                self.discovered(pid, parent);
            }
        }
    }

    /// The keeper has a child of its own now and then, which runs ps for us: that one is in its session.
    fn is_lab_process(&self, pid: Pid, parent: ProcId) -> bool {
        if parent != ProcId::Keeper {
            return true;
        }
        let session = self
            .tracked
            .get(&ProcId::Keeper)
            .and_then(|keeper| keeper.seen.as_ref())
            .map(|seen| seen.sid);
        proc::StatFile::open(pid)
            .and_then(|file| file.look())
            .is_some_and(|seen| Some(seen.sid) != session)
    }
}

/// Z *and* a readable pidfd: a group leader that left its threads behind is Z without being dead.
fn is_dead(tracked: &Tracked) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let Some(pidfd) = &tracked.pidfd else { return true };
    let mut fds = [PollFd::new(pidfd, PollFlags::IN)];
    poll(
        &mut fds,
        Some(&Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        }),
    )
    .is_ok_and(|ready| ready > 0)
}
