//! What a lesson waits for, as a value. It speaks of processes by their letters or of any process at all, so that a
//! lesson holds whatever pids the kernel gives.
//!
//! [`phrase`](super::phrase) reads it, [`judge`](super::judge) decides it.

use crate::model::event::Phase;
use crate::model::{Errno, ProcId, Signal, WaitStatus};

/// Something that is so or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// All of these.
    And(Vec<Predicate>),
    /// Any of these.
    Or(Vec<Predicate>),
    /// Not this.
    Not(Box<Predicate>),
    /// A plain fact.
    Fact(Fact),
}

impl Predicate {
    /// Whether it speaks of more than one run: of the outputs that the program can print.
    pub fn is_about_outputs(&self) -> bool {
        match self {
            Self::And(some) | Self::Or(some) => some.iter().any(Self::is_about_outputs),
            Self::Not(other) => other.is_about_outputs(),
            Self::Fact(fact) => *fact == Fact::EveryOutput,
        }
    }
}

/// A plain fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// So many of them.
    Count(Count, Compare, u64),
    /// The lab has had processes, and each of them is reaped.
    NoProcessLeft,
    /// The parent of that process.
    Parent(Who, Parent),
    /// What was written holds this.
    Output(String),
    /// What was written holds the one before the other.
    OutputOrder(String, String),
    /// Every output that the program can print has been printed, by one run or another.
    EveryOutput,
    /// What a process is, or has done.
    Of(Who, Is),
    /// What no kernel does: for a choice that is only a belief.
    Never,
}

/// What can be counted of lab processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Those that live.
    Alive,
    /// Those that are dead and not reaped.
    Zombies,
    /// Those that have been reaped.
    Reaped,
    /// All that were ever born.
    Born,
    /// Those that were ever adopted.
    Orphans,
    /// The lines that were written.
    Lines,
}

/// How two numbers stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// They are the same.
    Equal,
    /// The first is less.
    Less,
    /// The first is less, or they are the same.
    AtMost,
    /// The first is more.
    More,
    /// The first is more, or they are the same.
    AtLeast,
}

/// Of whom something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Of this one.
    One(ProcId),
    /// Of any lab process: which one does not matter.
    Some,
}

/// A parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// A process of ours.
    Proc(ProcId),
    /// A process that is none of ours: init, or a subreaper above the keeper.
    Outside,
}

/// What a process is, or has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Is {
    /// It was ever born.
    Born,
    /// It runs, sleeps or is stopped.
    Alive,
    /// It is dead and not reaped; with a status, if one is asked for.
    Zombie(Option<End>),
    /// It has been reaped.
    Gone,
    /// A signal has stopped it.
    Stopped,
    /// It was ever adopted.
    Orphan,
    /// Orphans below it come to it.
    Subreaper,
    /// It has ended; so, if that is asked for.
    Ended(Option<End>),
    /// It ended before another did, which may be alive.
    EndedBefore(Who),
    /// It is asleep in a wait.
    Waits,
    /// Its wait took the other's status.
    Reaped(Who),
    /// The other became its child when a parent ended.
    Adopted(Who),
    /// It made the call at least so often.
    Called(Call, u64),
    /// A call of it returned this.
    Got(Answer, Call),
    /// It has become this program.
    Runs(String),
    /// It wrote this.
    Wrote(String),
    /// It was sent this signal.
    Sent(Signal),
    /// Its handler for this signal ran.
    Caught(Signal),
    /// It ignores this signal.
    Ignores(Signal),
    /// It stands there in its program.
    Stands(Phase, Call),
    /// It leads a process group.
    LeadsGroup,
    /// It leads a session.
    LeadsSession,
    /// It lives, and has so many threads.
    Threads(u32),
    /// A variable of it has this value.
    Holds(String, String),
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With this code.
    Exit(u8),
    /// By this signal.
    By(Signal),
}

impl End {
    /// Whether that status says so.
    pub(super) fn is(self, status: WaitStatus) -> bool {
        match (self, status) {
            (Self::Exit(code), WaitStatus::Exited(other)) => code == other,
            (Self::By(signal), WaitStatus::Signaled { signal: other, .. }) => signal == other,
            _ => false,
        }
    }
}

/// A system call, by the name that all spellings of it share: `wait` for waitpid, os.wait and waitid.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call(String);

impl Call {
    /// The call that is so spelled: `os.waitpid(pid, 0)`, `_exit`, `execlp`.
    pub(super) fn spelled(source: &str) -> Self {
        let name = source.split('(').next().unwrap_or_default().trim();
        let name = name.rsplit('.').next().unwrap_or_default();
        Self(
            match name {
                "waitpid" | "waitid" | "wait3" | "wait4" => "wait",
                "_exit" => "exit",
                name if name.starts_with("exec") => "exec",
                name => name,
            }
            .to_owned(),
        )
    }
}

/// What a call returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This number.
    Number(i64),
    /// -1, and this errno.
    Error(Errno),
    /// The pid of this process.
    Pid(Who),
}
