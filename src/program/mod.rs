//! Programs that are stepped line by line: a student's C or Python, compiled for a small machine of our own.
//!
//! ```text
//!   source ──front end──▶ Program ──▶ Machine ──step──▶ Call ──▶ Kernel
//!             c, python   (code.rs)  (a value)  ◀─resume── Return ◀──┘
//! ```
//!
//! A front end turns a syntax tree into [`Program`]: functions of instructions. A [`Machine`] runs them in
//! small steps; its state is a plain value that can be copied, compared and hashed, so that a forked process
//! and an explorer of all outcomes run the very same thing. It makes no system call: it asks for each one as
//! a [`Call`], and whoever drives it answers with a [`Return`]. The lab answers by making the call, in a real
//! process; a model answers without one.
//!
//! A front end is a folder beside `c` with
//! - `compile(name, source) -> Result<Program, Rejected>`, which refuses what it does not know, with its place:
//!   a program is never run differently from what its language says;
//! - an enum of its library functions, one variant of `code::Native`, with a function that runs one of them and
//!   answers with a `machine::Flow`: a value, a system call to make first, or an exit;
//! - an enum of what happens to the answer of a system call, one variant of `machine::Then`, with a function that
//!   makes a value of it (for C: -1 and errno; for Python: an exception).
//!
//! Invariant: nothing in here makes a system call, reads a clock or does I/O; of the rest of the program only
//! [`model`](crate::model) is known.

mod c;
mod call;
mod code;
mod driver;
mod error_text;
mod machine;
mod memory;
mod outcomes;
mod python;
#[cfg(test)]
mod table;
mod types;
mod value;

use std::fmt;

use tree_sitter::{Node, TreeCursor};

pub use call::{
    Action, ActionForm, Call, Disposition, Exec, ExecForm, Kernel, Language, MaskHow, Prctl, Return,
    SA_NODEFER, SA_RESETHAND, SA_RESTART, SignalSet, SleepForm, WaitForm,
};
pub use code::Program;
pub use driver::{Phase, Stop, run_to_end, run_to_stop};
pub use machine::{Buffering, Fault, FrameView, Machine, Outcome, VariableView};
pub use outcomes::{Explorer, sets_timers};

/// The longest program that is read.
const MAX_SOURCE: usize = 1 << 20;

/// Reads a program in the language that its file's name tells.
pub fn compile(name: &str, source: &str) -> Result<Program, Rejected> {
    let reject = |reason| Rejected {
        file: name.to_owned(),
        line: 1,
        column: 1,
        reason,
    };
    if source.len() > MAX_SOURCE {
        return Err(reject(Reason::Unsupported(
            "a program of more than one megabyte".to_owned(),
        )));
    }
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("c") => c::compile(name, source),
        Some("py") => python::compile(name, source),
        _ => Err(reject(Reason::Unsupported(
            "a file whose name ends neither in .c nor in .py".to_owned(),
        ))),
    }
}

/// The first place where the source is no program of its language.
fn first_error(root: Node) -> Option<Node> {
    if !root.has_error() {
        return None;
    }
    // Down to the innermost node that has the error, without recursion: a mangled source nests deeply.
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.is_missing() || !go_to_error(&mut cursor) {
            return Some(node);
        }
    }
}

/// On to the first child that has an error; false if there is none.
fn go_to_error(cursor: &mut TreeCursor) -> bool {
    let is_wrong = |node: Node| node.is_error() || node.is_missing() || node.has_error();
    let mut is_there = cursor.goto_first_child();
    while is_there && !is_wrong(cursor.node()) {
        is_there = cursor.goto_next_sibling();
    }
    is_there
}

/// A program that cannot be stepped, with the place and the reason. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
    /// Why.
    pub reason: Reason,
}

/// Why a program cannot be stepped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is no program of its language; what was expected or found.
    Syntax(String),
    /// It is one, and uses something beyond what can be stepped: this.
    Unsupported(String),
    /// It means nothing in its language, although the grammar allows it.
    Meaning(String),
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file, line, column, ..
        } = self;
        write!(f, "{file}:{line}:{column}: ")?;
        match &self.reason {
            Reason::Syntax(what) | Reason::Meaning(what) => f.write_str(what),
            Reason::Unsupported(what) => {
                write!(
                    f,
                    "stepping does not know {what}; trace the program instead: forkscope trace {file}"
                )
            }
        }
    }
}

impl std::error::Error for Rejected {}
