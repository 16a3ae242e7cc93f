//! Names and numbers, each in a type of its own: letters, pids, times, parent links.
//!
//! A pid is no name: the kernel reuses pids, and letters are never reused. So the world, scripts, goals and
//! recordings speak of letters, and a pid is only what the kernel called the process meanwhile.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A process id, as fork(2) returns it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pid(pub i32);

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Microseconds since the start of the session; written as seconds in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

impl Time {
    /// More seconds than any session has (31 years), and few enough that a microsecond more or less survives being
    /// written as a fraction of seconds.
    const MAX_SECONDS: f64 = 1e9;

    /// The time in seconds.
    #[expect(clippy::cast_precision_loss, reason = "microseconds are exact for 285 years")]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.seconds())
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        if (0.0..=Self::MAX_SECONDS).contains(&seconds) {
            Ok(Self((seconds * 1e6).round() as u64))
        } else {
            Err(D::Error::custom(
                "a time is a number of seconds, neither negative nor longer than a session",
            ))
        }
    }
}

/// The place of a lab process in the order of birth: 0 is A, 25 is Z, 26 is AA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Letter(pub u32);

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0_u8; 7];
        let mut start = digits.len();
        // Bijective base 26: there is no letter for zero, so each digit borrows one.
        let mut rest = u64::from(self.0) + 1;
        while rest > 0 {
            rest -= 1;
            start -= 1;
            digits[start] = b'A' + (rest % 26) as u8;
            rest /= 26;
        }
        for &digit in &digits[start..] {
            f.write_str(char::from(digit).encode_utf8(&mut [0; 4]))?;
        }
        Ok(())
    }
}

impl FromStr for Letter {
    type Err = BadName;

    fn from_str(name: &str) -> Result<Self, BadName> {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(BadName(name.to_owned()));
        }
        name.bytes()
            .try_fold(0_u32, |sum, b| {
                sum.checked_mul(26)?.checked_add(u32::from(b - b'A') + 1)
            })
            .map(|number| Self(number - 1))
            .ok_or_else(|| BadName(name.to_owned()))
    }
}

/// The name of a process of ours. The order is that of the tree: keeper, screen, then by birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProcId {
    /// The guardian that adopts and reaps.
    Keeper,
    /// The process that draws the screen.
    Screen,
    /// A lab process.
    Lab(Letter),
}

impl ProcId {
    /// The `n`th lab process, counted from 0.
    pub const fn lab(n: u32) -> Self {
        Self::Lab(Letter(n))
    }

    /// Whether this is a lettered process.
    pub const fn is_lab(self) -> bool {
        matches!(self, Self::Lab(_))
    }
}

impl fmt::Display for ProcId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keeper => f.pad("keeper"),
            Self::Screen => f.pad("screen"),
            Self::Lab(letter) => f.pad(&letter.to_string()),
        }
    }
}

impl FromStr for ProcId {
    type Err = BadName;

    fn from_str(name: &str) -> Result<Self, BadName> {
        match name {
            "keeper" => Ok(Self::Keeper),
            "screen" => Ok(Self::Screen),
            letter => letter.parse().map(Self::Lab),
        }
    }
}

/// A text that names no process: neither `screen`, nor `keeper`, nor capital letters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no process: write screen, keeper, or a letter such as A or AB")]
pub struct BadName(pub String);

/// Where a parent link points: to one of ours, or to an adopter outside, named by pid and command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    /// A process of the tree.
    Proc(ProcId),
    /// A process outside, such as `1:systemd`.
    Outside(Pid, String),
}

impl Link {
    /// The process of the tree that the link points to.
    pub const fn proc(&self) -> Option<ProcId> {
        match self {
            Self::Proc(id) => Some(*id),
            Self::Outside(..) => None,
        }
    }
}

impl From<ProcId> for Link {
    fn from(id: ProcId) -> Self {
        Self::Proc(id)
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proc(id) => fmt::Display::fmt(id, f),
            Self::Outside(pid, comm) => write!(f, "{pid}:{comm}"),
        }
    }
}

impl FromStr for Link {
    type Err = BadName;

    fn from_str(name: &str) -> Result<Self, BadName> {
        match name.split_once(':') {
            Some((pid, comm)) => {
                let pid = pid.parse().map_err(|_| BadName(name.to_owned()))?;
                Ok(Self::Outside(Pid(pid), comm.to_owned()))
            }
            None => name.parse().map(Self::Proc),
        }
    }
}

/// Serialises a type as the text its `Display` writes and its `FromStr` reads.
macro_rules! serde_as_text {
    ($type:ty, $expected:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}
pub(super) use serde_as_text;

serde_as_text!(ProcId, "screen, keeper or a letter");
serde_as_text!(Link, "screen, keeper, a letter, or pid:command");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_count_like_the_columns_of_a_spreadsheet() {
        for (number, name) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (51, "AZ"),
            (52, "BA"),
            (701, "ZZ"),
            (702, "AAA"),
        ] {
            assert_eq!(Letter(number).to_string(), name);
            assert_eq!(name.parse(), Ok(Letter(number)));
        }
        let last = Letter(u32::MAX - 1);
        assert_eq!(last.to_string().parse(), Ok(last));
    }

    #[test]
    fn what_is_no_letter_is_refused() {
        for name in ["", "a", "A1", "é", "ZZZZZZZZ"] {
            assert_eq!(name.parse::<Letter>(), Err(BadName(name.to_owned())));
        }
    }

    #[test]
    fn an_adopter_outside_is_named_by_pid_and_command() {
        let link: Link = "1:systemd".parse().expect("a link");
        assert_eq!(link, Link::Outside(Pid(1), "systemd".into()));
        assert_eq!(link.to_string(), "1:systemd");
        assert_eq!("keeper".parse(), Ok(Link::Proc(ProcId::Keeper)));
    }

    #[test]
    fn times_are_seconds_in_json() {
        let json = serde_json::to_string(&Time(1_234_567)).expect("a number");
        assert_eq!(json, "1.234567");
        assert_eq!(
            serde_json::from_str::<Time>(&json).expect("a time"),
            Time(1_234_567)
        );
        for absurd in ["-1", "1e10", "1e308", "null"] {
            assert!(serde_json::from_str::<Time>(absurd).is_err(), "{absurd}");
        }
    }

    #[test]
    fn no_microsecond_is_lost_in_json() {
        for micros in (0..1_000_000_000_000_000).step_by(9_999_999_999_937) {
            let json = serde_json::to_string(&Time(micros)).expect("a number");
            assert_eq!(serde_json::from_str::<Time>(&json).expect("a time"), Time(micros));
        }
    }
}
