//! How a traced program is stepped: by call or by line, where it stops of itself, and whether it runs freely.

use std::collections::BTreeSet;

use crate::model::event::{Line, Phase};
use crate::model::{ProcId, Process, State};
pub use crate::trace::{Grain, Kind};

/// The state of tracing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tracing {
    /// The command, as the header shows it.
    pub name: String,
    /// How long a step is.
    pub grain: Grain,
    /// The kinds of call before which every process stops.
    pub breaks: BTreeSet<Kind>,
    /// Whether the processes run on without steps, until they are held again.
    pub free: bool,
}

/// What the tracer is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Let a process take its next step.
    Step(ProcId, Grain),
    /// Let a process, and the children it will have, run freely.
    Run(ProcId),
    /// Hold a process wherever it is.
    Hold(ProcId, Grain),
    /// Hold whoever comes to a call of this kind, or no longer.
    Break(Kind, bool),
}

/// The kinds of call that `b` offers.
pub const KINDS: [Kind; 5] = [Kind::Fork, Kind::Exec, Kind::Exit, Kind::Wait, Kind::Kill];

impl Tracing {
    /// The kind of break that a held process has come to, if any.
    pub fn stopped_at(&self, process: &Process) -> Option<Kind> {
        let kind = match process.line.as_ref()? {
            Line {
                phase: Phase::Before,
                call: Some(call),
                ..
            } => kind_of(call)?,
            Line {
                phase: Phase::End, ..
            } => Kind::Exit,
            _ => return None,
        };
        self.breaks.contains(&kind).then_some(kind)
    }
}

/// Whether the tracer holds a process.
pub fn is_held(process: &Process) -> bool {
    process.is_alive() && process.state == State::TRACED && process.stopped_by.is_none()
}

/// The kind of a call, by the name that its author wrote.
fn kind_of(call: &str) -> Option<Kind> {
    match call.split('(').next()? {
        "fork" | "vfork" | "clone" => Some(Kind::Fork),
        "execve" => Some(Kind::Exec),
        "waitpid" | "waitid" => Some(Kind::Wait),
        "kill" => Some(Kind::Kill),
        _ => None,
    }
}
