//! What runs in a process of the model: something that asks for system calls, one after the other.

use std::hash::Hash;

use crate::model::sim::{Call, Image, Return};
use crate::model::{Signal, WaitTarget};

/// A program under way, as a value. A fork makes a copy of it, and both go on with what the call returned to them.
pub trait Actor: Clone + Eq + Hash {
    /// Computes until it wants something, and says what. Asked again before [`Self::resume`], it says the same, or
    /// what a handler wants first that was caught meanwhile.
    fn next(&mut self) -> Wish;

    /// Takes what the call returned.
    fn resume(&mut self, ret: &Return);

    /// A signal was caught: its handler is to run before anything else.
    fn catch(&mut self, signal: Signal);

    /// All that it, and the children that it forks, may still ask for. Saying too much costs time, saying too little
    /// loses outcomes.
    fn future(&self) -> Effects {
        Effects::ALL
    }
}

/// What an actor wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// This call.
    Call(Call),
    /// Nothing any more: it computes for ever, or does what the model does not know; here is why.
    Lost(String),
}

/// What calls can do to other processes, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Effects(u16);

impl Effects {
    /// Nothing: what it does is its own affair, but for its end.
    pub const NONE: Self = Self(0);
    /// Makes processes.
    pub const FORK: Self = Self(1);
    /// Waits for children in a way that shows when they end, or which of them did.
    pub const WAIT: Self = Self(1 << 1);
    /// Waits until some child has ended, blocking, and does not look which it was.
    pub const JOIN: Self = Self(1 << 7);
    /// Waits until a certain child has ended, blocking.
    pub const AWAIT: Self = Self(1 << 8);
    /// Uses descriptors.
    pub const IO: Self = Self(1 << 2);
    /// Sends signals, or arranges for some to come.
    pub const SEND: Self = Self(1 << 3);
    /// Changes what signals do to it, or waits for some.
    pub const CATCH: Self = Self(1 << 4);
    /// Looks at or changes parents, groups, sessions, subreapers, limits.
    pub const KIN: Self = Self(1 << 5);
    /// Becomes another program.
    pub const EXEC: Self = Self(1 << 6);
    /// Anything.
    pub const ALL: Self = Self(u16::MAX);

    /// This and that.
    #[must_use]
    pub const fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// Whether any of `some` is in it.
    pub const fn has(self, some: Self) -> bool {
        self.0 & some.0 != 0
    }

    /// Whether the order in which children end can matter to who does this. For each kind of blocking wait alone it
    /// cannot; but a wait for any child may take the one that a later wait asks for.
    pub const fn looks_at_ends(self) -> bool {
        self.has(Self::WAIT.and(Self::CATCH)) || self.has(Self::JOIN) && self.has(Self::AWAIT)
    }

    /// What one call does.
    pub const fn of(call: &Call) -> Self {
        match call {
            Call::Fork | Call::Vfork => Self::FORK,
            Call::Wait(wait) if !wait.options.is_plain() => Self::WAIT,
            Call::Wait(wait) => match wait.target {
                WaitTarget::Child(_) => Self::AWAIT,
                _ => Self::WAIT,
            },
            Call::Pipe { .. }
            | Call::Read { .. }
            | Call::Write { .. }
            | Call::Close(_)
            | Call::Dup { .. }
            | Call::Dup2 { .. }
            | Call::Open { .. }
            | Call::Lseek { .. }
            | Call::Unlink(_) => Self::IO,
            Call::Kill { .. } | Call::Raise(_) | Call::Alarm(_) | Call::Pdeathsig(_) => Self::SEND,
            Call::Sigaction(_)
            | Call::Sigprocmask { .. }
            | Call::Sigpending
            | Call::Sigsuspend(_)
            | Call::Sigwait(_)
            | Call::Pause => Self::CATCH,
            Call::Getppid
            | Call::Getpgid(_)
            | Call::Getsid(_)
            | Call::Setpgid { .. }
            | Call::Setsid
            | Call::Subreaper(_)
            | Call::Setlimit(_) => Self::KIN,
            Call::Exec(_) => Self::EXEC.and(Self::IO),
            Call::Exit(_) | Call::Fault(_) | Call::Getpid | Call::Sleep | Call::Local(_) => Self::NONE,
        }
    }
}

/// What is known of the programs that textbook programs exec: the calls they make.
pub(super) fn program(image: &Image) -> Option<Vec<Call>> {
    let args: Vec<&str> = image.argv.iter().map(String::as_str).collect();
    let name = args.first()?.rsplit('/').next()?;
    let write = |text: String| Call::Write {
        fd: 1,
        data: text.into_bytes(),
    };
    Some(match (name, &args[1..]) {
        ("true", _) => vec![Call::Exit(0)],
        ("false", _) => vec![Call::Exit(1)],
        ("sleep", [_]) => vec![Call::Sleep, Call::Exit(0)],
        ("echo", ["-n", words @ ..]) => vec![write(words.join(" ")), Call::Exit(0)],
        ("echo", words) => vec![write(words.join(" ") + "\n"), Call::Exit(0)],
        ("sh" | "bash" | "dash", ["-c", script]) => {
            let code = script.strip_prefix("exit ")?.trim().parse().ok()?;
            vec![Call::Exit(code)]
        }
        _ => return None,
    })
}
