//! What forkscope knows, as plain values: the language of facts and what follows from them.
//!
//! Invariant: nothing in here makes a system call, reads a clock or does I/O, and nothing in here knows another
//! module of the program. What is shown at any moment is the fold of a prefix of [`Event`]s, so going back in
//! time, recordings, replays and tests without a kernel all come for free.

mod ident;
mod status;

pub use ident::{Letter, Link, Pid, ProcId, Time};
pub use status::{Errno, Signal, WaitStatus};
