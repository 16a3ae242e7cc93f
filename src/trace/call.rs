//! The calls that are about processes: their numbers, their arguments in words, both their names.
//!
//! A program calls `fork()` or `waitpid()` of its C library; the kernel is asked for `clone` or `wait4`. A
//! student knows the first, strace prints the second, so both are kept. Nothing in here resumes or waits.

use std::fmt;

use crate::model::{Errno, Pid, Signal};
use crate::sys::ptrace::{Stop, read_memory};
use crate::sys::seccomp::{Rule, arch};

/// A call that begins, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The kernel's name of it.
    pub kernel: &'static str,
    /// What it asks for.
    pub ask: Ask,
}

/// What a call asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A new process or thread; `CLONE_` flags of clone(2).
    Fork {
        /// The flags, without the exit signal.
        flags: u64,
    },
    /// Another program.
    Exec {
        /// The file.
        path: String,
        /// Its arguments, at most [`MOST_ARGUMENTS`] of them.
        argv: Vec<String>,
    },
    /// The end.
    Exit {
        /// The code, as given.
        code: i32,
    },
    /// News of a child.
    Wait {
        /// Of which.
        who: Who,
        /// `W` flags of wait(2).
        options: i32,
        /// Where the status is to be stored, or 0.
        store: u64,
    },
    /// A signal for others.
    Kill {
        /// A pid; 0, -1 or a negative group, as kill(2) has it.
        target: Pid,
        /// Which.
        signal: Signal,
    },
    /// A session of one's own.
    Setsid,
    /// A process group.
    Setpgid {
        /// Whose; 0 is the caller.
        pid: Pid,
        /// Which; 0 is that process's own.
        group: Pid,
    },
    /// What shall become of SIGCHLD.
    OnChild(OnChild),
    /// To adopt orphans, or no longer.
    Subreaper(bool),
    /// To trace others, or be traced: the tracer's place is taken.
    Ptrace,
    /// A call that is shown only if asked for.
    Descriptors(String),
}

/// Whom a wait is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Any child.
    Any,
    /// This child.
    Child(Pid),
    /// Any child in this group; 0 is the caller's.
    Group(Pid),
}

/// What a process does at the end of a child.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnChild {
    /// Nothing: the zombie waits.
    #[default]
    Default,
    /// `SIG_IGN`: no zombies, no statuses.
    Ignore,
    /// A handler runs.
    Handler,
    /// A handler runs, but `SA_NOCLDWAIT`: no zombies.
    HandlerNoZombies,
}

impl OnChild {
    /// Whether dead children vanish by themselves.
    pub const fn reaps_by_itself(self) -> bool {
        matches!(self, Self::Ignore | Self::HandlerNoZombies)
    }
}

/// Kinds of call, to stop at and to choose by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// fork, vfork, clone.
    Fork,
    /// execve, execveat.
    Exec,
    /// `_exit`.
    Exit,
    /// wait4, waitid.
    Wait,
    /// kill, tkill, tgkill.
    Kill,
    /// setsid, setpgid, sigaction of SIGCHLD, subreaper.
    Family,
    /// pipe, dup, close, write.
    Descriptors,
}

/// How many calls the filter looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Those about processes.
    #[default]
    Processes,
    /// Also pipe, dup, close and write.
    Descriptors,
}

/// More arguments of an exec than these are not read.
pub const MOST_ARGUMENTS: usize = 32;
const LONGEST_STRING: usize = 256;

const SIGCHLD: u32 = libc::SIGCHLD as u32;
const SET_CHILD_SUBREAPER: u32 = libc::PR_SET_CHILD_SUBREAPER as u32;

/// Name, number on 64-bit x86, on 32-bit x86, on 64-bit ARM, and a first argument to tell by.
type Row = (&'static str, Option<u32>, Option<u32>, Option<u32>, Option<u32>);

const CALLS: &[Row] = &[
    ("clone", Some(56), Some(120), Some(220), None),
    ("fork", Some(57), Some(2), None, None),
    ("vfork", Some(58), Some(190), None, None),
    ("clone3", Some(435), Some(435), Some(435), None),
    ("execve", Some(59), Some(11), Some(221), None),
    ("execveat", Some(322), Some(358), Some(281), None),
    ("wait4", Some(61), Some(114), Some(260), None),
    ("waitpid", None, Some(7), None, None),
    ("waitid", Some(247), Some(284), Some(95), None),
    ("kill", Some(62), Some(37), Some(129), None),
    ("tkill", Some(200), Some(238), Some(130), None),
    ("tgkill", Some(234), Some(270), Some(131), None),
    ("setsid", Some(112), Some(66), Some(157), None),
    ("setpgid", Some(109), Some(57), Some(154), None),
    ("rt_sigaction", Some(13), Some(174), Some(134), Some(SIGCHLD)),
    ("signal", None, Some(48), None, Some(SIGCHLD)),
    (
        "prctl",
        Some(157),
        Some(172),
        Some(167),
        Some(SET_CHILD_SUBREAPER),
    ),
    ("ptrace", Some(101), Some(26), Some(117), None),
];

const DESCRIPTOR_CALLS: &[Row] = &[
    ("pipe", Some(22), Some(42), None, None),
    ("pipe2", Some(293), Some(331), Some(59), None),
    ("dup", Some(32), Some(41), Some(23), None),
    ("dup2", Some(33), Some(63), None, None),
    ("dup3", Some(292), Some(330), Some(24), None),
    ("close", Some(3), Some(6), Some(57), None),
    ("write", Some(1), Some(4), Some(64), None),
];

/// The rules of a filter that shows these calls.
pub fn rules(detail: Detail) -> Vec<Rule> {
    rows(detail)
        .flat_map(|&(_, x86_64, i386, aarch64, first)| {
            [
                (arch::X86_64, x86_64),
                (arch::I386, i386),
                (arch::AARCH64, aarch64),
            ]
            .into_iter()
            .filter_map(move |(arch, number)| {
                Some(Rule {
                    arch,
                    number: number?,
                    first,
                })
            })
        })
        .filter(|rule| belongs_here(rule.arch))
        .collect()
}

fn rows(detail: Detail) -> impl Iterator<Item = &'static Row> {
    let more: &[Row] = match detail {
        Detail::Processes => &[],
        Detail::Descriptors => DESCRIPTOR_CALLS,
    };
    CALLS.iter().chain(more)
}

fn belongs_here(arch: u32) -> bool {
    if cfg!(target_arch = "aarch64") {
        arch == arch::AARCH64
    } else {
        arch != arch::AARCH64
    }
}

fn name(call_arch: u32, wanted: u64) -> Option<&'static str> {
    rows(Detail::Descriptors)
        .find(|&&(_, x86_64, i386, aarch64, _)| {
            let number = match call_arch {
                arch::X86_64 => x86_64,
                arch::I386 => i386,
                _ => aarch64,
            };
            number.is_some_and(|number| u64::from(number) == wanted)
        })
        .map(|row| row.0)
}

impl Call {
    /// Decodes a call that begins at `stop`. `None` if it changes nothing worth a fact, such as a sigaction that
    /// only asks.
    pub fn decode(stop: &Stop, call_arch: u32, number: u64, args: [u64; 6]) -> Option<Self> {
        let kernel = name(call_arch, number)?;
        let memory = Memory {
            stop,
            narrow: call_arch == arch::I386,
        };
        let int = |n: usize| args[n] as i32;
        let ask = match kernel {
            "fork" => Ask::Fork { flags: 0 },
            "vfork" => Ask::Fork {
                flags: (libc::CLONE_VM | libc::CLONE_VFORK) as u64,
            },
            // The lowest byte is the exit signal.
            "clone" => Ask::Fork {
                flags: args[0] & !0xff,
            },
            "clone3" => Ask::Fork {
                flags: memory.number(args[0]).unwrap_or(0),
            },
            "execve" => memory.exec(args[0], args[1]),
            "execveat" => memory.exec(args[1], args[2]),
            "wait4" | "waitpid" => Ask::Wait {
                who: Who::from_waitpid(int(0)),
                options: int(2),
                store: args[1],
            },
            "waitid" => Ask::Wait {
                who: Who::from_waitid(args[0], int(1)),
                options: int(3),
                store: args[2],
            },
            "kill" | "tkill" => Ask::Kill {
                target: Pid(int(0)),
                signal: Signal(int(1)),
            },
            "tgkill" => Ask::Kill {
                target: Pid(int(0)),
                signal: Signal(int(2)),
            },
            "setsid" => Ask::Setsid,
            "setpgid" => Ask::Setpgid {
                pid: Pid(int(0)),
                group: Pid(int(1)),
            },
            "rt_sigaction" => Ask::OnChild(memory.on_child(args[1])?),
            "signal" => Ask::OnChild(on_child(args[1], 0)),
            "prctl" => Ask::Subreaper(args[1] != 0),
            "ptrace" => Ask::Ptrace,
            "write" => Ask::Descriptors(format!("write({}, …, {})", int(0), args[2])),
            "dup2" | "dup3" => Ask::Descriptors(format!("{kernel}({}, {})", int(0), int(1))),
            "pipe" | "pipe2" => Ask::Descriptors(format!("{kernel}(fd)")),
            _ => Ask::Descriptors(format!("{kernel}({})", int(0))),
        };
        Some(Self { kernel, ask })
    }

    /// `_exit`, which is seen at the end itself and not at the call.
    pub const fn exit(code: i32) -> Self {
        Self {
            kernel: "exit_group",
            ask: Ask::Exit { code },
        }
    }

    /// What kind of call this is.
    pub const fn kind(&self) -> Kind {
        match self.ask {
            Ask::Fork { .. } => Kind::Fork,
            Ask::Exec { .. } => Kind::Exec,
            Ask::Exit { .. } => Kind::Exit,
            Ask::Wait { .. } => Kind::Wait,
            Ask::Kill { .. } => Kind::Kill,
            Ask::Setsid | Ask::Setpgid { .. } | Ask::OnChild(_) | Ask::Subreaper(_) | Ask::Ptrace => {
                Kind::Family
            }
            Ask::Descriptors(_) => Kind::Descriptors,
        }
    }

    /// Whether this makes a thread of the calling process, and no process.
    pub const fn makes_thread(&self) -> bool {
        matches!(self.ask, Ask::Fork { flags } if flags & libc::CLONE_THREAD as u64 != 0)
    }

    /// Whether the new process will be a sibling of the caller, and not its child.
    pub const fn makes_sibling(&self) -> bool {
        matches!(self.ask, Ask::Fork { flags } if flags & libc::CLONE_PARENT as u64 != 0)
    }
}

impl fmt::Display for Call {
    /// As the program's author would write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.ask {
            Ask::Fork { flags } => f.write_str(library_fork(*flags)),
            Ask::Exec { path, argv } => write!(f, "execve({path:?}, {argv:?})"),
            Ask::Exit { code } => write!(f, "_exit({code})"),
            Ask::Wait { who, options, store } if self.kernel == "waitid" => {
                let info = if *store == 0 { "NULL" } else { "&info" };
                write!(
                    f,
                    "waitid({}, {info}, {})",
                    who.as_waitid(),
                    wait_options(*options)
                )
            }
            Ask::Wait { who, options, store } => {
                let status = if *store == 0 { "NULL" } else { "&status" };
                write!(
                    f,
                    "waitpid({}, {status}, {})",
                    who.as_waitpid(),
                    wait_options(*options)
                )
            }
            Ask::Kill { target, signal } => write!(f, "kill({target}, {signal})"),
            Ask::Setsid => f.write_str("setsid()"),
            Ask::Setpgid { pid, group } => write!(f, "setpgid({pid}, {group})"),
            Ask::OnChild(action) => write!(f, "sigaction(SIGCHLD, {action})"),
            Ask::Subreaper(on) => write!(f, "prctl(PR_SET_CHILD_SUBREAPER, {})", i32::from(*on)),
            Ask::Ptrace => f.write_str("ptrace(…)"),
            Ask::Descriptors(text) => f.write_str(text),
        }
    }
}

fn library_fork(flags: u64) -> &'static str {
    let has = |flag: i32| flags & flag as u64 != 0;
    if has(libc::CLONE_THREAD) {
        "pthread_create()"
    } else if has(libc::CLONE_VFORK) && has(libc::CLONE_VM) {
        "vfork()"
    } else if has(libc::CLONE_PARENT) || has(libc::CLONE_VM) {
        "clone()"
    } else {
        "fork()"
    }
}

impl fmt::Display for OnChild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "SIG_DFL",
            Self::Ignore => "SIG_IGN",
            Self::Handler => "a handler",
            Self::HandlerNoZombies => "a handler, SA_NOCLDWAIT",
        })
    }
}

impl Who {
    const fn from_waitpid(pid: i32) -> Self {
        match pid {
            -1 => Self::Any,
            1.. => Self::Child(Pid(pid)),
            _ => Self::Group(Pid(pid.wrapping_neg())),
        }
    }

    fn from_waitid(idtype: u64, id: i32) -> Self {
        match idtype as libc::idtype_t {
            libc::P_PID => Self::Child(Pid(id)),
            libc::P_PGID => Self::Group(Pid(id)),
            _ => Self::Any,
        }
    }

    const fn as_waitpid(self) -> i32 {
        match self {
            Self::Any => -1,
            Self::Child(pid) => pid.0,
            Self::Group(group) => group.0.wrapping_neg(),
        }
    }

    fn as_waitid(self) -> String {
        match self {
            Self::Any => "P_ALL, 0".into(),
            Self::Child(pid) => format!("P_PID, {pid}"),
            Self::Group(group) => format!("P_PGID, {group}"),
        }
    }
}

/// The flags of wait(2) in words; `0` if there are none.
pub fn wait_options(options: i32) -> String {
    let names: Vec<_> = [
        (libc::WNOHANG, "WNOHANG"),
        (libc::WUNTRACED, "WUNTRACED"),
        (libc::WEXITED, "WEXITED"),
        (libc::WCONTINUED, "WCONTINUED"),
        (libc::WNOWAIT, "WNOWAIT"),
    ]
    .into_iter()
    .filter(|(bit, _)| options & bit != 0)
    .map(|(_, name)| name)
    .collect();
    if names.is_empty() {
        "0".into()
    } else {
        names.join("|")
    }
}

/// The memory of the caller, whose pointers may be narrow.
struct Memory<'a> {
    stop: &'a Stop,
    narrow: bool,
}

impl Memory<'_> {
    fn width(&self) -> usize {
        if self.narrow { 4 } else { 8 }
    }

    fn number(&self, address: u64) -> Option<u64> {
        word(&self.stop.read(address, 8).ok()?, 8)
    }

    fn exec(&self, path: u64, argv: u64) -> Ask {
        let pointers = self
            .stop
            .read(argv, MOST_ARGUMENTS * self.width())
            .unwrap_or_default();
        Ask::Exec {
            path: self.string(path).unwrap_or_default(),
            argv: pointers
                .chunks_exact(self.width())
                .map_while(|bytes| word(bytes, self.width()))
                .take_while(|&pointer| pointer != 0)
                .map_while(|pointer| self.string(pointer))
                .collect(),
        }
    }

    fn string(&self, address: u64) -> Option<String> {
        read_string(self.stop, address)
    }

    fn on_child(&self, action: u64) -> Option<OnChild> {
        if action == 0 {
            return None;
        }
        let bytes = self.stop.read(action, 2 * self.width()).ok()?;
        let handler = word(&bytes, self.width())?;
        let flags = word(bytes.get(self.width()..)?, self.width())?;
        Some(on_child(handler, flags))
    }
}

fn on_child(handler: u64, flags: u64) -> OnChild {
    match handler as usize {
        libc::SIG_DFL => OnChild::Default,
        libc::SIG_IGN => OnChild::Ignore,
        _ if flags & libc::SA_NOCLDWAIT as u64 != 0 => OnChild::HandlerNoZombies,
        _ => OnChild::Handler,
    }
}

fn word(bytes: &[u8], width: usize) -> Option<u64> {
    if width == 4 {
        Some(u64::from(u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?)))
    } else {
        Some(u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?))
    }
}

/// A string of a stopped task up to its zero byte, and at most [`LONGEST_STRING`] bytes of it.
fn read_string(stop: &Stop, address: u64) -> Option<String> {
    if address == 0 {
        return None;
    }
    // A read that crosses into an unmapped page fails as a whole, so it ends where the page does.
    let page_left = 4096 - (address as usize & 4095);
    let mut bytes = stop.read(address, LONGEST_STRING.min(page_left)).ok()?;
    if !bytes.contains(&0) && bytes.len() < LONGEST_STRING {
        let more = stop.read(address + bytes.len() as u64, LONGEST_STRING - bytes.len());
        bytes.extend(more.unwrap_or_default());
    }
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

/// The status word that a finished wait stored, if it was asked to.
pub fn stored_status(stop: &Stop, call: &Call) -> Result<Option<i32>, Errno> {
    let Ask::Wait { store, .. } = call.ask else {
        return Ok(None);
    };
    if store == 0 || call.kernel == "waitid" {
        return Ok(None);
    }
    let bytes = read_memory(stop.tid(), store, 4)?;
    Ok(bytes.try_into().ok().map(i32::from_ne_bytes))
}

/// The child that a finished waitid stored: its pid, `si_code` and `si_status`.
pub fn stored_child(stop: &Stop, call: &Call) -> Option<(Pid, i32, i32)> {
    const CODE: usize = 8;
    // The fields of SIGCHLD begin where pointers would be aligned, on 64 bits; 32-bit programs have 12.
    const PID: usize = 16;
    const STATUS: usize = 24;
    let Ask::Wait { store, .. } = call.ask else {
        return None;
    };
    if store == 0 {
        return None;
    }
    let bytes = stop.read(store, 32).ok()?;
    let int = |at: usize| Some(i32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    Some((Pid(int(PID)?), int(CODE)?, int(STATUS)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ask: Ask, kernel: &'static str, shown: &str) {
        assert_eq!(Call { kernel, ask }.to_string(), shown);
    }

    #[test]
    fn calls_read_as_their_author_wrote_them() {
        let wait = |who, options, store| Ask::Wait { who, options, store };
        check(Ask::Fork { flags: 0x0120_0000 }, "clone", "fork()");
        check(Ask::Fork { flags: 0x4100 }, "clone3", "vfork()");
        check(Ask::Fork { flags: 0x003d_0f00 }, "clone3", "pthread_create()");
        check(wait(Who::Any, 0, 8), "wait4", "waitpid(-1, &status, 0)");
        check(
            wait(Who::Child(Pid(7)), 1, 0),
            "wait4",
            "waitpid(7, NULL, WNOHANG)",
        );
        check(
            wait(Who::Group(Pid(0)), 3, 0),
            "wait4",
            "waitpid(0, NULL, WNOHANG|WUNTRACED)",
        );
        check(wait(Who::Any, 4, 0), "waitid", "waitid(P_ALL, 0, NULL, WEXITED)");
        check(
            Ask::Kill {
                target: Pid(-5),
                signal: Signal::TERM,
            },
            "kill",
            "kill(-5, SIGTERM)",
        );
    }

    #[test]
    fn no_number_is_named_twice() {
        let rules = rules(Detail::Descriptors);
        for (n, rule) in rules.iter().enumerate() {
            assert!(
                rules[n + 1..]
                    .iter()
                    .all(|other| (rule.arch, rule.number) != (other.arch, other.number)),
                "{rule:?}"
            );
        }
    }

    #[test]
    fn the_numbers_are_the_headers_numbers() {
        #[cfg(target_arch = "x86_64")]
        for (number, wanted) in [
            (libc::SYS_clone3, "clone3"),
            (libc::SYS_wait4, "wait4"),
            (libc::SYS_waitid, "waitid"),
            (libc::SYS_execveat, "execveat"),
            (libc::SYS_tgkill, "tgkill"),
            (libc::SYS_setpgid, "setpgid"),
            (libc::SYS_rt_sigaction, "rt_sigaction"),
            (libc::SYS_prctl, "prctl"),
            (libc::SYS_dup3, "dup3"),
        ] {
            assert_eq!(name(arch::X86_64, number as u64), Some(wanted));
        }
    }
}
