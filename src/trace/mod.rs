//! Tracing a program that we did not write: ptrace(2), from one thread, with its source lines.
//!
//! Every fork, exec, end, wait and signal of the whole tree becomes a [`Fact`], however short the life. What is
//! *shown* of them is decided elsewhere; this knows neither screen nor keyboard.
//!
//! What reads a program's file and memory ([`image`], [`space`], [`locals`]) needs no process, so that broken files can be
//! tried without one.
//!
//! What tracing distorts is not hidden: a held process is in state `t`, and all is slower.

mod births;
mod call;
mod command;
mod compile;
mod decode;
mod ends;
pub mod events;
mod fact;
mod findings;
pub mod headless;
pub mod image;
pub mod locals;
mod numbers;
mod places;
mod python;
mod report;
mod returns;
mod scratch;
pub mod space;
mod step;
mod stops;
mod table;
mod tracer;
pub mod types;
mod unchecked;
mod watch;

pub use call::{Ask, Call, Detail, Kind, OnChild, Who, wait_options};
pub use command::{Command, TraceError};
pub use compile::{CompileError, Compiled, compile};
pub use fact::{Fact, Line, Place, Returned, Variable, What};
pub use findings::{Finding, Findings, Name};
pub use report::{Counts, Report};
pub use table::{Grain, Mode, Point};
pub use tracer::{Pumped, Settings, Tracer};
