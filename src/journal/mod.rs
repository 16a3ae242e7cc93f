//! The past: sessions kept, recorded, read back, replayed and exported.
//!
//! Because the world is a fold of facts, everything here is one idea: keep the facts. [`Journal`] keeps those of this
//! session and gives back the world as it was after any of them; [`Recorder`] writes them to a file as they happen;
//! [`Recording`] reads such a file, also while it grows; [`Player`] says where a replay stands; [`export`] turns a
//! moment, or all of it, into what other programs open. The file's format is in docs/journal-format.md.
//!
//! Invariant: nothing in here starts a process or looks at one. It knows `model` and files, and no clock: times come
//! from the facts, or are passed in.

pub mod export;
mod header;
mod history;
mod index;
mod player;
mod recorder;
mod recording;
#[cfg(test)]
mod samples;
mod shelf;
mod store;

#[cfg(test)]
use crate::model;

pub use header::{Header, NotOurs, Program};
pub use history::{Journal, JournalError};
pub use player::{Player, Speed};
pub use recorder::{RecordError, Recorder};
pub use recording::{OpenError, Problem, Progress, Recording, Remark};
