//! The limit, for programs that fork without asking: frozen first, so that no new one slips away, then killed.

use std::collections::BTreeSet;

use super::Lab;
use crate::model::event::{Limit, Role};
use crate::model::{Pid, Signal, What};
use crate::sys::proc::{self, StatFile};
use crate::sys::signal;

/// How often a session is stopped anew because another process has appeared in it.
const ROUNDS: usize = 50;

impl Lab {
    /// Ends the programs of the lab if there are more processes than the limit allows.
    pub(super) fn contain(&mut self) {
        if self.population() <= self.limit as usize {
            return;
        }
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

    /// Stops every program of the lab's sessions, again until no new one appears.
    fn freeze(&self) -> BTreeSet<Pid> {
        let sessions: BTreeSet<Pid> = self
            .tracked
            .values()
            .filter(|tracked| tracked.role == Role::Foreign)
            .filter_map(|tracked| tracked.seen.as_ref().map(|seen| seen.sid))
            .collect();
        let obedient: BTreeSet<Pid> = self
            .tracked
            .values()
            .filter(|tracked| tracked.role != Role::Foreign)
            .map(|tracked| tracked.pid)
            .collect();
        let mut frozen = BTreeSet::new();
        for _ in 0..ROUNDS {
            let fresh: Vec<Pid> = proc::all_pids()
                .into_iter()
                .filter(|pid| !frozen.contains(pid) && !obedient.contains(pid))
                .filter(|pid| is_program_of(*pid, &sessions))
                .collect();
            if fresh.is_empty() {
                break;
            }
            for pid in fresh {
                let _ = signal::send(pid, Signal::STOP);
                frozen.insert(pid);
            }
        }
        frozen
    }
}

fn is_program_of(pid: Pid, sessions: &BTreeSet<Pid>) -> bool {
    StatFile::open(pid)
        .and_then(|file| file.look())
        .is_some_and(|seen| sessions.contains(&seen.sid))
}
