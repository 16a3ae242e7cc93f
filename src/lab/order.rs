//! What a process of ours can be told to do: one system call each.

use serde::{Deserialize, Serialize};

use crate::model::WaitCall;
use crate::model::event::Action;

/// An order to make a system call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "lowercase")]
pub enum Order {
    /// fork(2).
    Fork,
    /// execvp(3).
    Exec {
        /// The program and its arguments.
        argv: Vec<String>,
    },
    /// `_exit(2)`.
    Exit {
        /// The code, of which the kernel keeps eight bits.
        code: i32,
    },
    /// waitpid(2).
    Wait {
        /// Which children, and how.
        call: WaitCall,
    },
    /// sigaction(2) for SIGCHLD.
    Sigchld {
        /// What it does from now on.
        action: Action,
    },
    /// prctl(2), `PR_SET_CHILD_SUBREAPER`.
    Subreaper {
        /// On or off.
        on: bool,
    },
    /// The program's next step: a line, or one of the two halves of a line with a system call.
    Step,
    /// The program on to its end, and what it forks with it.
    Finish,
}
