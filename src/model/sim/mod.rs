//! A kernel of processes as a value: what fork, exec, exit, wait and signals mean, stated so that it can be run.
//!
//! [`Kernel`] is a table of processes with their parents, groups, sessions, signals and descriptors. It is told
//! system calls ([`Kernel::call`]) and the things that happen by themselves ([`Kernel::step`]: a signal acts, a
//! blocked call completes, a timer expires), answers as Linux would, and tells [`Event`](super::Event)s on the way,
//! so that a [`World`](super::World) can be folded from a run that never was. It is `Clone`, `Eq` and `Hash` and
//! cheap to clone, so every order of steps can be tried.
//!
//! It has no clock: a sleep may end, and a timer may expire, any time after. It has no memory, no threads, no users
//! and no permissions, and no terminal; a handler is always installed without `SA_RESTART`. Where Linux promises no
//! order but has a habit (which of several zombies a wait takes), the habit is kept, and said.
//!
//! Each rule names its source: a page of the manual, or the observation on Linux in `tests/model_vs_linux.rs`, which
//! runs random calls here and on the real kernel and compares the two after every one. docs/model.md tells the whole
//! of it in prose.

mod call;
mod facts;
mod files;
mod group;
mod kernel;
mod life;
mod perform;
mod process;
mod signal;
mod signals;
mod wait;

pub use call::{Answer, Call, Image, MaskHow, OpenFlags, Return, Sigaction, Whence};
pub use facts::Facts;
pub use kernel::Kernel;
pub use perform::Step;
pub use process::{Proc, Stage};
pub use signals::Signals;
