//! What happened in a run, told in the one language of facts.

use crate::model::{Event, Pid, ProcId, Time, What};

/// The facts of a run, or nothing where nobody listens.
#[derive(Debug, Default)]
pub struct Facts {
    kept: Option<Vec<Event>>,
}

/// A fact comes a millisecond after the one before: the model has no clock, and only the order says something.
const TICK: u64 = 1000;

impl Facts {
    /// Nobody listens.
    pub const fn unheard() -> Self {
        Self { kept: None }
    }

    /// All are kept.
    pub const fn kept() -> Self {
        Self {
            kept: Some(Vec::new()),
        }
    }

    /// What was told so far.
    pub fn events(&self) -> &[Event] {
        self.kept.as_deref().unwrap_or_default()
    }

    /// Tells a fact about a process of ours; of the others there is nothing to tell.
    pub(super) fn tell(&mut self, proc: Option<ProcId>, pid: Pid, what: impl FnOnce() -> What) {
        if let (Some(kept), Some(proc)) = (&mut self.kept, proc) {
            kept.push(Event {
                t: Time(TICK * kept.len() as u64),
                proc,
                pid,
                what: what(),
            });
        }
    }
}
