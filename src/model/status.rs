//! Wait statuses, signals and error numbers: what the kernel says of an end, in its own words.
//!
//! A wait status is the 16 bits that wait(2) stores: an exit code in the high byte, or a signal in the low one.
//! The names are those of signal(7) and errno(3).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ident::serde_as_text;

/// A signal number, named as in signal(7).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(pub i32);

/// The first real-time signal that glibc leaves to programs; the kernel's own count starts at 32.
const RTMIN: i32 = 34;
const RTMAX: i32 = 64;

impl Signal {
    /// Hang-up of the terminal.
    pub const HUP: Self = Self(1);
    /// Ctrl-C.
    pub const INT: Self = Self(2);
    /// Ctrl-\.
    pub const QUIT: Self = Self(3);
    /// abort(3).
    pub const ABRT: Self = Self(6);
    /// Ends a process, whatever it does.
    pub const KILL: Self = Self(9);
    /// For the program's own use; a lab process catches it.
    pub const USR1: Self = Self(10);
    /// A division by zero.
    pub const FPE: Self = Self(8);
    /// An invalid memory reference.
    pub const SEGV: Self = Self(11);
    /// For the program's own use.
    pub const USR2: Self = Self(12);
    /// A write to a pipe that nobody reads.
    pub const PIPE: Self = Self(13);
    /// The timer of alarm(2).
    pub const ALRM: Self = Self(14);
    /// A polite request to end.
    pub const TERM: Self = Self(15);
    /// A child ended, stopped or continued.
    pub const CHLD: Self = Self(17);
    /// Continues a stopped process.
    pub const CONT: Self = Self(18);
    /// Stops a process, whatever it does.
    pub const STOP: Self = Self(19);
    /// Ctrl-Z.
    pub const TSTP: Self = Self(20);
    /// A process in the background reads from the terminal.
    pub const TTIN: Self = Self(21);
    /// A process in the background changes the terminal's modes, or writes to it where that is forbidden.
    pub const TTOU: Self = Self(22);
    /// A file has become larger than a limit allows.
    pub const XFSZ: Self = Self(25);
    /// The terminal has another size.
    pub const WINCH: Self = Self(28);

    /// All standard signals, 1 to 31.
    pub fn standard() -> impl Iterator<Item = Self> {
        (1..=31).map(Self)
    }

    fn standard_name(self) -> Option<&'static str> {
        nix::sys::signal::Signal::try_from(self.0)
            .ok()
            .map(nix::sys::signal::Signal::as_str)
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.standard_name(), self.0) {
            (Some(name), _) => f.pad(name),
            (None, RTMIN) => f.pad("SIGRTMIN"),
            (None, number) if number > RTMIN && number <= RTMAX => {
                f.pad(&format!("SIGRTMIN+{}", number - RTMIN))
            }
            (None, number) => f.pad(&number.to_string()),
        }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Signal {
    type Err = BadSignal;

    /// Reads `SIGTERM`, `TERM`, `term` or `15`. 0 is a signal too: kill(2) then only checks.
    fn from_str(text: &str) -> Result<Self, BadSignal> {
        let bad = || BadSignal(text.to_owned());
        if let Ok(number) = text.parse::<i32>() {
            return if (0..=RTMAX).contains(&number) {
                Ok(Self(number))
            } else {
                Err(bad())
            };
        }
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        if let Some(rest) = name.strip_prefix("RTMIN") {
            let offset = match rest.strip_prefix('+') {
                Some(digits) => digits.parse::<i32>().map_err(|_| bad())?,
                None if rest.is_empty() => 0,
                None => return Err(bad()),
            };
            return if (0..=RTMAX - RTMIN).contains(&offset) {
                Ok(Self(RTMIN + offset))
            } else {
                Err(bad())
            };
        }
        Self::standard()
            .find(|signal| signal.standard_name().is_some_and(|full| &full[3..] == name))
            .ok_or_else(bad)
    }
}

/// A text that names no signal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no signal: write a name such as TERM or a number from 0 to 64")]
pub struct BadSignal(pub String);

serde_as_text!(Signal, "the name or number of a signal");

/// An error number of a failed system call, named as in errno(3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Errno(pub i32);

impl Errno {
    /// The largest error number Linux has.
    const LAST: i32 = 133;

    /// The sentence that strerror(3) gives.
    pub fn describe(self) -> &'static str {
        self.known().desc()
    }

    fn known(self) -> nix::errno::Errno {
        nix::errno::Errno::from_raw(self.0)
    }
}

impl From<nix::errno::Errno> for Errno {
    fn from(errno: nix::errno::Errno) -> Self {
        Self(errno as i32)
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known() {
            nix::errno::Errno::UnknownErrno => f.pad(&self.0.to_string()),
            known => f.pad(&format!("{known:?}")),
        }
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Errno {
    type Err = BadErrno;

    fn from_str(text: &str) -> Result<Self, BadErrno> {
        if let Ok(number) = text.parse() {
            return Ok(Self(number));
        }
        ERRNOS.get(text).copied().ok_or_else(|| BadErrno(text.to_owned()))
    }
}

/// All names, so that reading one of a long recording need not write them all.
static ERRNOS: LazyLock<BTreeMap<String, Errno>> = LazyLock::new(|| {
    let all = (1..=Errno::LAST).map(Errno);
    all.map(|errno| (errno.to_string(), errno)).collect()
});

/// A text that names no error number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no error number of errno(3)")]
pub struct BadErrno(pub String);

serde_as_text!(Errno, "the name or number of an error");

/// What wait(2) says of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaitStatus {
    /// It called `_exit`; eight bits of the code are left.
    Exited(u8),
    /// A signal ended it.
    Signaled {
        /// Which.
        signal: Signal,
        /// Whether the kernel says that it dumped core.
        core: bool,
    },
    /// A signal stopped it.
    Stopped(Signal),
    /// SIGCONT continued it.
    Continued,
}

impl WaitStatus {
    /// A plain death by `signal`.
    pub const fn signaled(signal: Signal) -> Self {
        Self::Signaled { signal, core: false }
    }

    /// Decodes the word that waitpid stores, as the macros of wait(2) do.
    pub const fn from_raw(raw: i32) -> Self {
        let low = raw & 0x7f;
        let high = (raw >> 8) & 0xff;
        match low {
            0 => Self::Exited(high as u8),
            0x7f if raw & 0xffff == 0xffff => Self::Continued,
            0x7f => Self::Stopped(Signal(high)),
            signal => Self::Signaled {
                signal: Signal(signal),
                core: raw & 0x80 != 0,
            },
        }
    }

    /// The word that waitpid stores for this.
    pub const fn to_raw(self) -> u16 {
        match self {
            Self::Exited(code) => (code as u16) << 8,
            Self::Signaled { signal, core } => signal.0 as u16 | if core { 0x80 } else { 0 },
            Self::Stopped(signal) => (signal.0 as u16) << 8 | 0x7f,
            Self::Continued => 0xffff,
        }
    }

    /// Whether the process is over.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Exited(_) | Self::Signaled { .. })
    }

    /// The exit code that a shell would report: the code, or 128 and the signal's number.
    pub const fn shell_code(self) -> u8 {
        match self {
            Self::Exited(code) => code,
            Self::Signaled { signal, .. } => 128 + signal.0 as u8,
            Self::Stopped(_) | Self::Continued => 0,
        }
    }
}

impl fmt::Display for WaitStatus {
    /// As short as a row of the tree wants it: `exit 7`, `SIGKILL`, `SIGSEGV, core dumped`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exit {code}"),
            Self::Signaled { signal, core: false } => write!(f, "{signal}"),
            Self::Signaled { signal, core: true } => write!(f, "{signal}, core dumped"),
            Self::Stopped(signal) => write!(f, "stopped by {signal}"),
            Self::Continued => f.write_str("continued"),
        }
    }
}

impl Serialize for WaitStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Exited(code) => map.serialize_entry("exited", code)?,
            Self::Signaled { signal, core } => {
                map.serialize_entry("signaled", signal)?;
                map.serialize_entry("core", core)?;
            }
            Self::Stopped(signal) => map.serialize_entry("stopped", signal)?,
            Self::Continued => map.serialize_entry("continued", &true)?,
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for WaitStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Words {
            exited: Option<u8>,
            signaled: Option<Signal>,
            #[serde(default)]
            core: bool,
            stopped: Option<Signal>,
            continued: Option<bool>,
        }
        match Words::deserialize(deserializer)? {
            Words {
                exited: Some(code), ..
            } => Ok(Self::Exited(code)),
            Words {
                signaled: Some(signal),
                core,
                ..
            } => Ok(Self::Signaled { signal, core }),
            Words {
                stopped: Some(signal),
                ..
            } => Ok(Self::Stopped(signal)),
            Words {
                continued: Some(true),
                ..
            } => Ok(Self::Continued),
            _ => Err(D::Error::custom(
                "a wait status is exited, signaled, stopped or continued",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_words_that_linux_was_seen_to_store() {
        for (raw, status) in [
            (0x0700, WaitStatus::Exited(7)),
            (0x0300, WaitStatus::Exited(3)),
            (0x0009, WaitStatus::signaled(Signal::KILL)),
            (
                0x008b,
                WaitStatus::Signaled {
                    signal: Signal::SEGV,
                    core: true,
                },
            ),
            (0x137f, WaitStatus::Stopped(Signal::STOP)),
            (0xffff, WaitStatus::Continued),
        ] {
            assert_eq!(WaitStatus::from_raw(raw), status);
            assert_eq!(i32::from(status.to_raw()), raw);
        }
    }

    #[test]
    fn statuses_are_the_kernels_words_in_json() {
        for (status, json) in [
            (WaitStatus::Exited(7), r#"{"exited":7}"#),
            (
                WaitStatus::signaled(Signal::KILL),
                r#"{"signaled":"SIGKILL","core":false}"#,
            ),
            (WaitStatus::Stopped(Signal::STOP), r#"{"stopped":"SIGSTOP"}"#),
            (WaitStatus::Continued, r#"{"continued":true}"#),
        ] {
            assert_eq!(serde_json::to_string(&status).expect("json"), json);
            assert_eq!(
                serde_json::from_str::<WaitStatus>(json).expect("a status"),
                status
            );
        }
        assert!(serde_json::from_str::<WaitStatus>("{}").is_err());
    }

    #[test]
    fn signals_are_read_as_people_write_them() {
        for text in ["TERM", "SIGTERM", "term", "15"] {
            assert_eq!(text.parse(), Ok(Signal::TERM));
        }
        assert_eq!("RTMIN+3".parse(), Ok(Signal(37)));
        assert_eq!(Signal(37).to_string(), "SIGRTMIN+3");
        for text in ["", "NOPE", "65", "-1", "RTMIN3", "RTMIN+99"] {
            assert!(text.parse::<Signal>().is_err(), "{text}");
        }
    }

    #[test]
    fn errors_go_by_their_names() {
        assert_eq!(Errno(10).to_string(), "ECHILD");
        assert_eq!("EAGAIN".parse(), Ok(Errno(11)));
        assert_eq!(Errno(11).describe(), "Try again");
        assert!("ENOTHING".parse::<Errno>().is_err());
    }
}
