//! System calls as a student writes them, and what they return.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ident::Pid;
use super::status::Errno;

/// What a system call returned: a number, or -1 and errno.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Words", into = "Words")]
pub enum Ret {
    /// It succeeded.
    Ok(i64),
    /// It returned -1, and errno says why.
    Err(Errno),
}

impl Ret {
    /// The pid that the call returned, if it returned one.
    pub const fn pid(self) -> Option<Pid> {
        match self {
            Self::Ok(pid) if pid > 0 => Some(Pid(pid as i32)),
            _ => None,
        }
    }

    /// Why the call failed, if it did.
    pub const fn errno(self) -> Option<Errno> {
        match self {
            Self::Ok(_) => None,
            Self::Err(errno) => Some(errno),
        }
    }
}

impl fmt::Display for Ret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok(value) => write!(f, "{value}"),
            Self::Err(errno) => write!(f, "-1 {errno}"),
        }
    }
}

/// [`Ret`] as JSON has it.
#[derive(Serialize, Deserialize)]
struct Words {
    ret: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    errno: Option<Errno>,
}

impl From<Words> for Ret {
    fn from(words: Words) -> Self {
        words.errno.map_or(Self::Ok(words.ret), Self::Err)
    }
}

impl From<Ret> for Words {
    fn from(ret: Ret) -> Self {
        match ret {
            Ret::Ok(ret) => Self { ret, errno: None },
            Ret::Err(errno) => Self {
                ret: -1,
                errno: Some(errno),
            },
        }
    }
}

/// Which children a wait asks about: the first argument of waitpid(2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "i32", into = "i32")]
pub enum WaitTarget {
    /// -1: any child.
    #[default]
    Any,
    /// 0: any child in the caller's process group.
    OwnGroup,
    /// A pid: that child.
    Child(Pid),
    /// A negative number: any child in that process group.
    Group(Pid),
}

impl From<i32> for WaitTarget {
    fn from(pid: i32) -> Self {
        match pid {
            -1 => Self::Any,
            0 => Self::OwnGroup,
            pid if pid > 0 => Self::Child(Pid(pid)),
            group => Self::Group(Pid(group.saturating_neg())),
        }
    }
}

impl From<WaitTarget> for i32 {
    fn from(target: WaitTarget) -> Self {
        match target {
            WaitTarget::Any => -1,
            WaitTarget::OwnGroup => 0,
            WaitTarget::Child(pid) => pid.0,
            WaitTarget::Group(group) => group.0.saturating_neg(),
        }
    }
}

/// The third argument of waitpid(2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<OptionName>", into = "Vec<OptionName>")]
pub struct WaitOptions {
    /// WNOHANG: return 0 at once if no child has changed.
    pub nohang: bool,
    /// WUNTRACED: a child that was stopped counts as changed.
    pub untraced: bool,
    /// WCONTINUED: a child that was continued counts as changed.
    pub continued: bool,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum OptionName {
    #[serde(rename = "WNOHANG")]
    NoHang,
    #[serde(rename = "WUNTRACED")]
    Untraced,
    #[serde(rename = "WCONTINUED")]
    Continued,
}

impl WaitOptions {
    const NOHANG: i32 = 1;
    const UNTRACED: i32 = 2;
    const CONTINUED: i32 = 8;

    /// The options that the bits of linux/wait.h mean. Others are none of waitpid's.
    pub const fn from_raw(bits: i32) -> Self {
        Self {
            nohang: bits & Self::NOHANG != 0,
            untraced: bits & Self::UNTRACED != 0,
            continued: bits & Self::CONTINUED != 0,
        }
    }

    /// The bits of linux/wait.h.
    pub const fn to_raw(self) -> i32 {
        (if self.nohang { Self::NOHANG } else { 0 })
            | (if self.untraced { Self::UNTRACED } else { 0 })
            | (if self.continued { Self::CONTINUED } else { 0 })
    }

    /// Whether the call is waitpid's plain form, with 0 for options.
    pub const fn is_plain(&self) -> bool {
        !(self.nohang || self.untraced || self.continued)
    }
}

impl From<Vec<OptionName>> for WaitOptions {
    fn from(names: Vec<OptionName>) -> Self {
        names
            .into_iter()
            .fold(Self::default(), |options, name| match name {
                OptionName::NoHang => Self {
                    nohang: true,
                    ..options
                },
                OptionName::Untraced => Self {
                    untraced: true,
                    ..options
                },
                OptionName::Continued => Self {
                    continued: true,
                    ..options
                },
            })
    }
}

impl From<WaitOptions> for Vec<OptionName> {
    fn from(options: WaitOptions) -> Self {
        [
            (options.nohang, OptionName::NoHang),
            (options.untraced, OptionName::Untraced),
            (options.continued, OptionName::Continued),
        ]
        .into_iter()
        .filter_map(|(on, name)| on.then_some(name))
        .collect()
    }
}

impl fmt::Display for WaitOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = [
            (self.nohang, "WNOHANG"),
            (self.untraced, "WUNTRACED"),
            (self.continued, "WCONTINUED"),
        ]
        .into_iter()
        .filter_map(|(on, name)| on.then_some(name));
        match names.next() {
            None => f.write_str("0"),
            Some(first) => {
                f.write_str(first)?;
                names.try_for_each(|name| write!(f, "|{name}"))
            }
        }
    }
}

/// A waitpid(2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WaitCall {
    /// Which children.
    pub target: WaitTarget,
    /// How.
    #[serde(default, skip_serializing_if = "WaitOptions::is_plain")]
    pub options: WaitOptions,
}

impl fmt::Display for WaitCall {
    /// As C writes it: `waitpid(-1, &status, WNOHANG)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "waitpid({}, &status, {})",
            i32::from(self.target),
            self.options
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_reads_as_c_writes_it() {
        let mut call = WaitCall::default();
        assert_eq!(call.to_string(), "waitpid(-1, &status, 0)");
        call.target = WaitTarget::Child(Pid(4103));
        call.options = WaitOptions {
            nohang: true,
            untraced: true,
            continued: false,
        };
        assert_eq!(call.to_string(), "waitpid(4103, &status, WNOHANG|WUNTRACED)");
    }

    #[test]
    fn every_number_is_a_target() {
        for pid in [-1, 0, 1, 4103, -4103, i32::MAX, i32::MIN + 1] {
            assert_eq!(i32::from(WaitTarget::from(pid)), pid);
        }
    }
}
