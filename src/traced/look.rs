//! What /proc says of the traced processes meanwhile: their state letters, and how much of a CPU they had.
//!
//! The tracer knows all that happens; only whether a process runs, sleeps or is held is the kernel's to say.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{CALM, SOON, Traced};
use crate::model::event::Note;
use crate::model::{Pid, ProcId, State, What};
use crate::sys::proc::{Seen, StatFile};

/// A process that is looked at.
#[derive(Debug)]
pub(super) struct Watched {
    pid: Pid,
    stat: Option<StatFile>,
    pub(super) seen: Option<Seen>,
}

impl Watched {
    fn new(pid: Pid) -> Self {
        Self {
            pid,
            stat: StatFile::open(pid),
            seen: None,
        }
    }

    pub(super) const fn pid(&self) -> Pid {
        self.pid
    }

    pub(super) fn state(&self) -> Option<State> {
        self.seen.as_ref().map(|seen| seen.state)
    }
}

impl Traced {
    /// Looks at every living process; only differences become facts.
    pub(super) fn look_around(&mut self) {
        self.follow();
        let mut changes = Vec::new();
        for (id, watched) in &mut self.watched {
            let Some(mut seen) = watched.stat.as_ref().and_then(StatFile::look) else {
                continue;
            };
            if seen.state == State::TRACED && !self.tracer.keeps(*id) {
                // It is passing through a stop and not held there: alone it would run.
                seen.state = State::RUNNING;
                watched.seen = Some(seen);
                continue;
            }
            let before = watched.seen.replace(seen).map(|seen| seen.state);
            let now = watched.state();
            // Of the dead, the tracer tells.
            if let Some(state) = now.filter(|state| now != before && *state != State::ZOMBIE) {
                changes.push((*id, state));
            }
        }
        let is_quiet = changes.is_empty();
        for (id, state) in changes {
            let note = Note {
                state: Some(state),
                ..Note::default()
            };
            self.tell(id, What::Note(note));
        }
        self.look_at_descriptors();
        self.pause = if is_quiet {
            (self.pause * 2).min(CALM)
        } else {
            SOON
        };
        self.next_look = Instant::now() + self.pause;
    }

    /// Whoever lives is looked at: the program's processes, and the two above them.
    fn follow(&mut self) {
        let above = [
            (ProcId::Keeper, self.given.keeper),
            (ProcId::Screen, Pid(std::process::id() as i32)),
        ];
        let living: BTreeMap<ProcId, Pid> = self
            .tracer
            .processes()
            .filter(|(.., end)| end.is_none())
            .map(|(id, pid, ..)| (id, pid))
            .chain(above)
            .collect();
        self.watched.retain(|id, _| living.contains_key(id));
        for (id, pid) in living {
            self.watched.entry(id).or_insert_with(|| Watched::new(pid));
        }
        if let Some(tables) = &mut self.descriptors {
            tables.retain(|id| self.watched.contains_key(&id));
        }
    }

    pub(super) fn look_at_descriptors(&mut self) {
        let Some(mut tables) = self.descriptors.take() else {
            return;
        };
        let changes = tables.changes(self.watched.iter().map(|(id, watched)| (*id, watched.pid())));
        self.descriptors = Some(tables);
        for (id, fd) in changes {
            self.tell(id, What::Fd(fd));
        }
    }
}
