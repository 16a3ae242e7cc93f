//! What forkscope knows, as plain values: the language of facts and what follows from them.
//!
//! Invariant: nothing in here makes a system call, reads a clock or does I/O, and nothing in here knows another
//! module of the program. What is shown at any moment is the fold of a prefix of [`Event`]s, so going back in
//! time, recordings, replays and tests without a kernel all come for free.

pub mod call;
pub mod event;
pub mod explain;
pub mod explore;
mod gone;
mod harmless;
mod ident;
pub mod lanes;
mod letters;
mod names;
pub mod notation;
mod process;
pub mod quiz;
mod random;
mod record;
pub mod sim;
mod state;
mod status;
mod tree;
mod tree_json;
pub mod wire;
mod world;

pub use call::{Ret, WaitCall, WaitOptions, WaitTarget};
pub use event::{Event, What};
pub use gone::{Gone, GoneList, Latest, Shelf};
pub use harmless::harmless;
pub use ident::{Letter, Link, Pid, ProcId, Time};
pub use letters::{anonymous, lettered};
pub use process::{Life, Mark, Process, command_line};
pub use random::Random;
pub use record::{Record, Scene};
pub use state::State;
pub use status::{Errno, Signal, WaitStatus};
pub use tree::{Node, Row};
pub use world::{CAUGHT, Piece, World};
