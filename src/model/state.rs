//! The state letter that proc(5) shows: a witness, and no more than that. What it means is in `explain`.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use super::ident::serde_as_text;

/// The state letter, field 3 of /proc/PID/stat.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct State(pub char);

impl State {
    /// On a CPU or queued for one.
    pub const RUNNING: Self = Self('R');
    /// Asleep, and a signal can wake it.
    pub const SLEEPING: Self = Self('S');
    /// Dead, not reaped.
    pub const ZOMBIE: Self = Self('Z');
    /// Stopped by a signal.
    pub const STOPPED: Self = Self('T');
    /// Held by a tracer.
    pub const TRACED: Self = Self('t');
    /// Asleep, and no signal wakes it.
    pub const DISK: Self = Self('D');
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char(self.0)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for State {
    type Err = BadState;

    fn from_str(text: &str) -> Result<Self, BadState> {
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if letter.is_ascii_alphabetic() => Ok(Self(letter)),
            _ => Err(BadState(text.to_owned())),
        }
    }
}

/// A text that is no state letter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no state of proc(5): they are single letters such as S or Z")]
pub struct BadState(pub String);

serde_as_text!(State, "a state letter");
