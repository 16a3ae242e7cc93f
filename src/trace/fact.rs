//! What happened in the traced tree, one fact at a time, in the words of the contract.
//!
//! A fact names its process by letter, which is never reused, and adds the pid. As JSON it is one object a line.
//! The names of the events are those of docs/json.md; `call` is this module's own: a call that begins.

use std::fmt;
use std::path::PathBuf;
use std::rc::Rc;

use serde::Serialize;

use super::call::{Call, OnChild};
use crate::model::{Errno, Link, Pid, ProcId, Signal, Time, WaitStatus};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// When it was seen.
    #[serde(rename = "t")]
    pub time: Time,
    /// To whom.
    pub proc: ProcId,
    /// What the kernel calls it.
    pub pid: Pid,
    /// What.
    #[serde(flatten)]
    pub what: What,
    /// Where in the program, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
}

/// A place in a program.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Place {
    /// The function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<Rc<str>>,
    /// The source line; none without debug information.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub line: Option<Line>,
}

/// A line of source.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Line {
    /// The file.
    pub file: Rc<PathBuf>,
    /// The line, from 1.
    pub line: u32,
}

/// A variable and what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value, as the language would write it; none before its declaration has run.
    pub value: Option<String>,
    /// Where it lives; unknown in Python.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<u64>,
}

/// The kinds of fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// A call begins.
    Call {
        /// As the program's author wrote it.
        #[serde(serialize_with = "as_text")]
        call: Box<Call>,
        /// The kernel's name of it.
        kernel: &'static str,
    },
    /// The fork family returned to the parent.
    Fork {
        /// The kernel's name of the call, where the call was seen.
        #[serde(skip_serializing_if = "Option::is_none")]
        kernel: Option<&'static str>,
        /// The new process.
        #[serde(skip_serializing_if = "Option::is_none")]
        child: Option<ProcId>,
        /// What it returned.
        #[serde(flatten)]
        result: Returned,
    },
    /// A process begins its life, as a copy of another.
    Born {
        /// Whose child it is.
        parent: Link,
        /// Whose copy it is.
        by: ProcId,
    },
    /// A thread began or ended.
    Thread {
        /// Its id.
        tid: i32,
        /// How many the process has now.
        threads: u32,
    },
    /// Another program was loaded, or could not be.
    Exec {
        /// The file.
        path: String,
        /// Its arguments.
        argv: Vec<String>,
        /// Why not.
        #[serde(skip_serializing_if = "Option::is_none")]
        errno: Option<Errno>,
    },
    /// It is about to end by itself.
    Exit {
        /// With this code.
        code: u8,
    },
    /// A signal is about to end it.
    Killed {
        /// Which.
        signal: Signal,
        /// Whether there will be a core.
        core: bool,
    },
    /// It has ended and is kept for its parent.
    Zombie {
        /// What the parent will be told.
        status: WaitStatus,
    },
    /// A wait returned.
    Wait {
        /// The call.
        call: &'static str,
        /// Which child it told of.
        #[serde(skip_serializing_if = "Option::is_none")]
        child: Option<ProcId>,
        /// What it returned.
        #[serde(flatten)]
        result: Returned,
        /// What it told of the child.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<WaitStatus>,
    },
    /// It is gone, and its pid is free again.
    Reaped {
        /// Whose wait took it, or who the parent was that wants no zombies.
        by: Link,
        /// How it had ended.
        status: WaitStatus,
        /// No wait took it: its parent wants no zombies.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        auto: bool,
    },
    /// Its parent link moved.
    Adopted {
        /// From.
        from: Link,
        /// To.
        to: Link,
    },
    /// A signal was delivered to it.
    Signal {
        /// Which.
        signal: Signal,
        /// Who sent it; none is the kernel.
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<Link>,
    },
    /// A call of another kind returned.
    Returned {
        /// The call.
        call: String,
        /// What it returned.
        #[serde(flatten)]
        result: Returned,
    },
    /// A signal stopped it.
    Stopped {
        /// Which.
        signal: Signal,
    },
    /// It goes on after a stop.
    Continued,
    /// It is in another process group.
    Group {
        /// Which.
        pgid: Pid,
    },
    /// It leads a session of its own.
    Session {
        /// Which.
        sid: Pid,
    },
    /// What it does at the end of a child has changed.
    Disposition {
        /// SIGCHLD.
        signal: Signal,
        /// What.
        #[serde(serialize_with = "as_text")]
        action: OnChild,
    },
    /// It adopts orphans from now on, or no longer.
    Subreaper {
        /// Which.
        on: bool,
    },
    /// It is at a line, having been told to step there.
    Line {
        /// Whether its function is another one now.
        entered: bool,
    },
    /// It was stopped inside a call, which goes on when it does.
    Inside {
        /// The call.
        #[serde(serialize_with = "as_text")]
        call: Box<Call>,
    },
    /// The values of the variables at its line.
    Vars {
        /// All that could be read.
        vars: Vec<Variable>,
    },
    /// There are too many processes: all are held.
    Limit {
        /// How many are allowed.
        limit: usize,
    },
    /// Something to know about this program under tracing.
    Note {
        /// In a sentence.
        text: String,
    },
}

/// What a call returned: a value, or -1 and an error number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Returned {
    /// The value.
    pub ret: i64,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errno: Option<Errno>,
}

impl From<Result<i64, Errno>> for Returned {
    fn from(result: Result<i64, Errno>) -> Self {
        match result {
            Ok(ret) => Self { ret, errno: None },
            Err(errno) => Self {
                ret: -1,
                errno: Some(errno),
            },
        }
    }
}

impl fmt::Display for Place {
    /// `loop.c:31`, or `in main` where there is no line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.line, &self.function) {
            (Some(Line { file, line }), _) => {
                let name = file.file_name().unwrap_or(file.as_os_str());
                write!(f, "{}:{line}", name.to_string_lossy())
            }
            (None, Some(function)) => write!(f, "in {function}"),
            (None, None) => f.write_str("somewhere"),
        }
    }
}

fn as_text<S: serde::Serializer>(call: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(what: What, json: &str) {
        let fact = Fact {
            time: Time(1_500_000),
            proc: ProcId::lab(1),
            pid: Pid(41),
            what,
            at: None,
        };
        assert_eq!(serde_json::to_string(&fact).expect("json"), json);
    }

    #[test]
    fn facts_are_json_in_the_words_of_the_contract() {
        check(
            What::Fork {
                kernel: Some("clone"),
                child: Some(ProcId::lab(3)),
                result: Ok(44).into(),
            },
            r#"{"t":1.5,"proc":"B","pid":41,"event":"fork","kernel":"clone","child":"D","ret":44}"#,
        );
        check(
            What::Fork {
                kernel: Some("clone"),
                child: None,
                result: Err(Errno(11)).into(),
            },
            r#"{"t":1.5,"proc":"B","pid":41,"event":"fork","kernel":"clone","ret":-1,"errno":"EAGAIN"}"#,
        );
        check(
            What::Reaped {
                by: ProcId::lab(0).into(),
                status: WaitStatus::Exited(7),
                auto: false,
            },
            r#"{"t":1.5,"proc":"B","pid":41,"event":"reaped","by":"A","status":{"exited":7}}"#,
        );
        check(
            What::Continued,
            r#"{"t":1.5,"proc":"B","pid":41,"event":"continued"}"#,
        );
    }
}
