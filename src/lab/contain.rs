//! The limit, for programs that fork without asking: frozen first, so that no new one slips away, then killed.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::Lab;
use super::sweep::carries;
use super::tracked::Tracked;
use crate::model::event::{Limit, Role};
use crate::model::{Pid, ProcId, Signal, What};
use crate::sys::proc::{self, ChildrenFile, StatFile};
use crate::sys::signal;

/// How long new ones are chased; the next look at the lab goes on with it.
const LONGEST: Duration = Duration::from_secs(1);

impl Lab {
    /// Ends the programs of the lab if there are more processes than the limit allows.
    pub(super) fn contain(&mut self) {
        if self.population() <= self.limit as usize {
            return;
        }
        // Who obeys and was just born may have said so meanwhile.
        self.read_reports();
        let Some(first) = self
            .tracked
            .values()
            .find(|tracked| tracked.role == Role::Foreign)
        else {
            return;
        };
        let who = first.id;
        let frozen = self.freeze();
        for pid in &frozen {
            let _ = signal::send(*pid, Signal::KILL);
        }
        self.tell(
            who,
            What::Limit(Limit {
                limit: self.limit,
                killed: true,
                held: false,
            }),
        );
    }

    /// Stops every program of the lab, again until no new one appears. After each its children: a chain of forks is
    /// longer at its end before every process of the machine has been looked at.
    fn freeze(&self) -> BTreeSet<Pid> {
        let wanted = Wanted::of(self);
        let mut frozen = BTreeSet::new();
        let begun = Instant::now();
        loop {
            let mut fresh = proc::all_pids();
            fresh.retain(|pid| !frozen.contains(pid) && wanted.includes(*pid));
            if fresh.is_empty() {
                return frozen;
            }
            while let Some(pid) = fresh.pop() {
                if begun.elapsed() > LONGEST {
                    return frozen;
                }
                if !wanted.obedient.contains(&pid) && frozen.insert(pid) {
                    let _ = signal::send(pid, Signal::STOP);
                    let children = ChildrenFile::open(pid).map(|file| file.look());
                    fresh.extend(children.unwrap_or_default());
                }
            }
        }
    }
}

/// Which processes of the machine are programs of the lab, whether they were seen yet or not.
struct Wanted {
    /// The sessions of those that were seen.
    sessions: BTreeSet<Pid>,
    /// The mark of those that have left them.
    limit: u64,
    /// The session of keeper and screen, in which no program is.
    own: Option<Pid>,
    /// Who obeys keys.
    obedient: BTreeSet<Pid>,
    /// Whose children obey keys too, though they may not have said so yet.
    parents: BTreeSet<Pid>,
}

impl Wanted {
    fn of(lab: &Lab) -> Self {
        let (programs, obedient): (Vec<&Tracked>, Vec<&Tracked>) = lab
            .tracked
            .values()
            .partition(|tracked| tracked.role == Role::Foreign);
        let session = |tracked: &&Tracked| tracked.seen.as_ref().map(|seen| seen.sid);
        let keeper = lab.tracked.get(&ProcId::Keeper);
        Self {
            sessions: programs.iter().filter_map(session).collect(),
            limit: lab.given.limit,
            own: keeper.as_ref().and_then(session),
            parents: obedient
                .iter()
                .filter(|tracked| tracked.id != ProcId::Keeper)
                .map(|tracked| tracked.pid)
                .collect(),
            obedient: obedient.iter().map(|tracked| tracked.pid).collect(),
        }
    }

    fn includes(&self, pid: Pid) -> bool {
        let Some(seen) = StatFile::open(pid).and_then(|file| file.look()) else {
            return false;
        };
        let strayed = || !self.parents.contains(&seen.ppid) && carries(pid, self.limit);
        !self.obedient.contains(&pid)
            && Some(seen.sid) != self.own
            && (self.sessions.contains(&seen.sid) || strayed())
    }
}
