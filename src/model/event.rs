//! The one language of facts: an [`Event`] says when, who and what.
//!
//! Its JSON form, one object a line, is what `--json` prints, what recordings hold and what graders read;
//! docs/journal-format.md has every field, and [`wire`](super::wire) reads it back. Fields carry the kernel's words.
//! A system call of the student's that fails is a fact like any other: `"ret":-1` and an errno.

use serde::{Deserialize, Serialize};

use super::call::{Ret, WaitCall};
use super::ident::{Link, Pid, ProcId, Time};
use super::state::State;
use super::status::{Errno, Signal, WaitStatus};

/// One fact about one process.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// When it was learnt, since the start of the session. Never decreasing.
    pub t: Time,
    /// Whom it is about.
    pub proc: ProcId,
    /// What the kernel calls that process.
    pub pid: Pid,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened to the process that the event names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum What {
    /// fork(2) returned in the parent. The child's return, 0, is its `born`.
    Fork(Fork),
    /// The process exists.
    Born(Birth),
    /// execve(2) replaced its program, or failed and returned.
    Exec(Exec),
    /// It called `_exit`.
    Exit {
        /// What is left of the code: eight bits.
        status: WaitStatus,
    },
    /// A signal ended it.
    Killed {
        /// By which signal, and whether core was dumped.
        status: WaitStatus,
    },
    /// A signal stopped it.
    Stopped {
        /// Which, where it is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        signal: Option<Signal>,
    },
    /// SIGCONT continued it.
    Continued,
    /// It was seen dead and not yet reaped: state Z.
    Zombie {
        /// The status it holds for its parent; null where the kernel does not show it.
        status: Option<WaitStatus>,
    },
    /// A wait was called (no outcome yet), or returned.
    Wait(Wait),
    /// Somebody's wait took its status; pid and entry are free again.
    Reaped(Reaped),
    /// Its parent ended, and the kernel gave it another.
    Adopted {
        /// The parent that ended.
        from: Link,
        /// The parent it has now.
        by: Link,
    },
    /// A signal was sent to it, or a handler of its own caught one.
    Signal(SignalSent),
    /// It changed what a signal does to it.
    Disposition {
        /// The signal.
        signal: Signal,
        /// What it does from now on.
        action: Action,
    },
    /// It called prctl(2) with `PR_SET_CHILD_SUBREAPER`.
    Subreaper {
        /// Whether orphans below it come to it from now on.
        on: bool,
    },
    /// It is in another process group.
    Group {
        /// The group's id.
        pgid: Pid,
    },
    /// It is in another session.
    Session {
        /// The session's id.
        sid: Pid,
    },
    /// It wrote to standard output or standard error.
    Output(Text),
    /// It was given input.
    Stdin(Text),
    /// A descriptor was opened, duplicated or closed.
    Fd(Fd),
    /// Where it stands in its program.
    Line(Line),
    /// The variables of its program.
    Vars {
        /// All that are in scope, the innermost frame last.
        vars: Vec<Var>,
    },
    /// The number of its threads changed.
    Thread {
        /// How many there are now.
        threads: u32,
    },
    /// The limit on lab processes was met: a fork was refused, or a session of programs was ended.
    Limit(Limit),
    /// Something of ours failed.
    Error {
        /// What, on what, and what to do.
        text: String,
    },
    /// The student pressed a key.
    Key {
        /// As `--keys` writes it.
        key: String,
    },
    /// What the other events have no word for: a change of the state letter, or a remark.
    Note(Note),
}

/// The limit on lab processes, met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// How many there may be, living and zombies.
    pub limit: u32,
    /// Whether programs were killed, as opposed to one fork refused.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub killed: bool,
    /// Whether they are held as they are: a tracer can, and kills them at the end.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
}

/// How fork(2) came back in the parent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fork {
    /// The child; none if fork failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child: Option<ProcId>,
    /// The child's pid, or -1 and why.
    #[serde(flatten)]
    pub ret: Ret,
    /// Whether it was vfork(2), which keeps the parent waiting until the child execs or ends.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub vfork: bool,
}

/// What a process is like when it is first known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Birth {
    /// Its parent.
    pub parent: Link,
    /// When it started, in clock ticks since boot, field 22 of /proc/PID/stat: pid and start time together are
    /// never reused.
    pub start: u64,
    /// Its command, field 2 of /proc/PID/stat.
    pub comm: String,
    /// Its process group.
    pub pgid: Pid,
    /// Its session.
    pub sid: Pid,
    /// How much of it is ours.
    pub role: Role,
}

/// Whom a process obeys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A lab process: obeys keys until it execs.
    #[default]
    Lab,
    /// A lab process that interprets a program.
    Program,
    /// Another program: it hears signals only.
    Foreign,
    /// Held and released by the tracer.
    Traced,
    /// Screen itself, where it traces a program.
    Tracer,
}

/// An execve(2).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exec {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Why it failed; none if the process is another program now.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Ret>,
}

/// One of the two facts of a wait: the call, or its end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Wait {
    /// What was asked for.
    #[serde(flatten)]
    pub call: WaitCall,
    /// How it came back; none while it is under way.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub end: Option<WaitEnd>,
}

/// How a wait came back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WaitEnd {
    /// The pid, 0 (WNOHANG, and nobody has changed yet), or -1 and why.
    #[serde(flatten)]
    pub ret: Ret,
    /// What it stored in `status`.
    pub status: Option<WaitStatus>,
    /// Whose status that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child: Option<ProcId>,
}

/// The moment of reaping.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reaped {
    /// Whose wait it was, as far as can be known: the parent.
    pub by: Link,
    /// The status that was taken; null if nobody could read it.
    pub status: Option<WaitStatus>,
    /// No wait took it: the parent ignores SIGCHLD, so the kernel threw the status away.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub auto: bool,
}

/// A signal on its way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SignalSent {
    /// Which.
    pub signal: Signal,
    /// Who sent it; none if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<ProcId>,
    /// What kill(2) returned to the sender.
    #[serde(flatten)]
    pub ret: Ret,
    /// Whether a whole process group was meant.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub group: bool,
    /// Whether this is the receiver's handler saying that it ran.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub caught: bool,
}

impl SignalSent {
    /// The receiver's handler runs: the signal has come, whoever sent it.
    pub const fn caught(signal: Signal) -> Self {
        Self {
            signal,
            by: None,
            ret: Ret::Ok(0),
            group: false,
            caught: true,
        }
    }
}

/// What a signal does to a process, in the words of signal(7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// The default action.
    #[default]
    #[serde(rename = "SIG_DFL")]
    Default,
    /// Nothing: it is discarded.
    #[serde(rename = "SIG_IGN")]
    Ignore,
    /// A function of the program's runs.
    #[serde(rename = "handler")]
    Handler,
    /// It is kept pending (not an action, but what sigprocmask(2) does to one).
    #[serde(rename = "blocked")]
    Blocked,
}

/// What was written or read, lossily as text; `b64` has the bytes where that loses something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The text, with U+FFFD for what is no UTF-8.
    pub text: String,
    /// The bytes in base64, if they are no UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub b64: Option<String>,
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self { text, b64: None },
            Err(error) => Self {
                text: String::from_utf8_lossy(error.as_bytes()).into_owned(),
                b64: Some(data_encoding::BASE64.encode(error.as_bytes())),
            },
        }
    }
}

/// A change in a descriptor table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fd {
    /// The number.
    pub fd: i32,
    /// What it refers to, as /proc/PID/fd names it, such as `pipe:[4711]`; none once it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Which end of a pipe, or how a file is open: `r`, `w` or `rw`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Whether exec closes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cloexec: bool,
}

/// Where a process stands in its program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Counted from 1; 0 where only the function is known.
    pub line: u32,
    /// The file, where a program has more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// Where on the line.
    pub phase: Phase,
    /// The system call, as the student would write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// What the kernel, and strace(1), call it, where the call was seen there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// What it returned.
    #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
    pub ret: Option<Ret>,
}

/// Where on its line a process stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Before the line.
    Line,
    /// Inside it, before a system call is made.
    Before,
    /// In the system call.
    In,
    /// The call has returned, and its value is not yet assigned.
    After,
    /// The program is over.
    End,
}

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Var {
    /// Its name.
    pub name: String,
    /// Its value, as text; none while it has not been given one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Its address in the memory of its process, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The function it lives in; none for a global.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

/// A state letter of /proc, or a remark.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The state letter from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// A remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// An error number the remark is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errno: Option<Errno>,
}

impl Event {
    /// Whether this is worth a line for the reader: a passing state letter is not.
    pub fn is_told(&self) -> bool {
        match &self.what {
            What::Note(note) => note.text.is_some(),
            What::Key { .. } | What::Vars { .. } | What::Line(_) | What::Thread { .. } => false,
            _ => true,
        }
    }

    /// The processes of ours that the event names: the one it is about, and those who did it or to whom it was done.
    pub fn names(&self) -> impl Iterator<Item = ProcId> + '_ {
        let (one, other) = match &self.what {
            What::Fork(Fork { child, .. }) => (*child, None),
            What::Born(Birth { parent, .. }) => (parent.proc(), None),
            What::Wait(Wait { end: Some(end), .. }) => (end.child, None),
            What::Reaped(Reaped { by, .. }) => (by.proc(), None),
            What::Adopted { from, by } => (from.proc(), by.proc()),
            What::Signal(SignalSent { by, .. }) => (*by, None),
            _ => (None, None),
        };
        [Some(self.proc), one, other].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::super::call::{WaitOptions, WaitTarget};
    use super::*;

    /// An event of B at 1.234567 s is written as this, and read back as itself.
    fn check(what: What, json: &str) {
        let event = Event {
            t: Time(1_234_567),
            proc: ProcId::lab(1),
            pid: Pid(4123),
            what,
        };
        let expected = format!(r#"{{"t":1.234567,"proc":"B","pid":4123,{json}}}"#);
        assert_eq!(serde_json::to_string(&event).expect("json"), expected);
        assert_eq!(serde_json::from_str::<Event>(&expected).expect("an event"), event);
    }

    #[test]
    fn a_fork_and_a_failed_fork() {
        let fork = |child, ret| {
            What::Fork(Fork {
                child,
                ret,
                vfork: false,
            })
        };
        check(
            fork(Some(ProcId::lab(3)), Ret::Ok(4128)),
            r#""event":"fork","child":"D","ret":4128"#,
        );
        check(
            fork(None, Ret::Err(Errno(11))),
            r#""event":"fork","ret":-1,"errno":"EAGAIN""#,
        );
    }

    #[test]
    fn an_exec_and_a_failed_exec() {
        let exec = |failed| {
            What::Exec(Exec {
                argv: vec!["sleep".into(), "60".into()],
                failed,
            })
        };
        check(exec(None), r#""event":"exec","argv":["sleep","60"]"#);
        check(
            exec(Some(Ret::Err(Errno(2)))),
            r#""event":"exec","argv":["sleep","60"],"ret":-1,"errno":"ENOENT""#,
        );
    }

    #[test]
    fn the_two_facts_of_a_wait() {
        let call = WaitCall {
            target: WaitTarget::Any,
            options: WaitOptions {
                nohang: true,
                ..WaitOptions::default()
            },
        };
        check(
            What::Wait(Wait { call, end: None }),
            r#""event":"wait","target":-1,"options":["WNOHANG"]"#,
        );
        let end = WaitEnd {
            ret: Ret::Ok(4128),
            status: Some(WaitStatus::Exited(7)),
            child: Some(ProcId::lab(3)),
        };
        check(
            What::Wait(Wait { call, end: Some(end) }),
            r#""event":"wait","target":-1,"options":["WNOHANG"],"ret":4128,"status":{"exited":7},"child":"D""#,
        );
        let end = WaitEnd {
            ret: Ret::Err(Errno(10)),
            status: None,
            child: None,
        };
        check(
            What::Wait(Wait { call, end: Some(end) }),
            r#""event":"wait","target":-1,"options":["WNOHANG"],"ret":-1,"errno":"ECHILD","status":null"#,
        );
    }

    #[test]
    fn the_rest_in_the_kernels_words() {
        check(What::Zombie { status: None }, r#""event":"zombie","status":null"#);
        check(What::Continued, r#""event":"continued""#);
        check(
            What::Adopted {
                from: ProcId::lab(2).into(),
                by: Link::Outside(Pid(1), "systemd".into()),
            },
            r#""event":"adopted","from":"C","by":"1:systemd""#,
        );
        check(
            What::Disposition {
                signal: Signal::CHLD,
                action: Action::Ignore,
            },
            r#""event":"disposition","signal":"SIGCHLD","action":"SIG_IGN""#,
        );
        check(
            What::Note(Note {
                state: Some(State::SLEEPING),
                ..Note::default()
            }),
            r#""event":"note","state":"S""#,
        );
    }
}
