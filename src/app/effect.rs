//! What the state asks the outside for, as values: an engine performs them in one place.

use std::path::PathBuf;

use super::past::Travel;
use super::replay;
use super::save::Saving;
use super::script::Token;
use super::tracing;
use crate::lab::order::Order;
use crate::model::{ProcId, Signal, What};

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A fact about screen itself, to be stamped with the time and taken in.
    Fact(What),
    /// Order a process of ours to make a system call.
    Order(ProcId, Order),
    /// Send a signal to a lab process, or to its whole process group.
    Signal {
        /// To whom.
        to: ProcId,
        /// Which.
        signal: Signal,
        /// To its whole group.
        group: bool,
    },
    /// Let a traced process go on, or hold it.
    Trace(tracing::Turn),
    /// Give typed text to the program.
    TypeIn(String),
    /// Close what the program reads.
    EndInput,
    /// Let screen's wait go.
    GiveUpWait,
    /// Read something on demand.
    Look(Look),
    /// Go on with these keys.
    Play(Vec<Token>),
    /// Find out what the program can do, and what it does in real runs.
    Survey,
    /// Nobody wants to know any more.
    EndSurvey,
    /// Go through time.
    Travel(Travel),
    /// Play a recording, or hold it, or change its speed.
    Replay(replay::Turn),
    /// Record all so far, and from now on, to this file.
    Record(PathBuf),
    /// Write what is shown to a file.
    Save(Saving),
    /// Tell of descriptors as they change, or no more.
    WatchDescriptors(bool),
    /// Start again: end the lab, begin with these keys.
    Restart(String),
    /// Let the student edit the program, and start again with it.
    Edit,
    /// Capture the mouse, or no more.
    Mouse(bool),
    /// Draw everything anew.
    Redraw,
    /// Stop as a job of the shell.
    Suspend,
    /// Leave.
    Quit,
}

/// What can be read on demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// What /proc says of a process.
    Evidence(ProcId),
    /// What ps(1) prints of all.
    Ps,
}
