//! The calls that are about processes: what they ask for, in words, under both their names.
//!
//! A program calls `fork()` or `waitpid()` of its C library; the kernel is asked for `clone` or `wait4`. A
//! student knows the first, strace prints the second, so both are kept. Where they come from is told
//! in `decode`, their numbers in `numbers`.

use std::fmt;

use crate::model::{Pid, Signal};

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
        /// Its arguments, at most 32 of them.
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

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fork => "fork",
            Self::Exec => "exec",
            Self::Exit => "exit",
            Self::Wait => "wait",
            Self::Kill => "kill",
            Self::Family => "a family call",
            Self::Descriptors => "a descriptor call",
        })
    }
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
impl Call {
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

    /// Whether its caller wants the newborn not to be traced.
    pub const fn hides_newborn(&self) -> bool {
        matches!(self.ask, Ask::Fork { flags } if flags & libc::CLONE_UNTRACED as u64 != 0)
    }

    /// Whether the new process has its signal handlers in common with the caller.
    pub const fn shares_handlers(&self) -> bool {
        matches!(self.ask, Ask::Fork { flags } if flags & libc::CLONE_SIGHAND as u64 != 0)
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
    pub(super) const fn from_waitpid(pid: i32) -> Self {
        match pid {
            -1 => Self::Any,
            1.. => Self::Child(Pid(pid)),
            _ => Self::Group(Pid(pid.wrapping_neg())),
        }
    }

    pub(super) fn from_waitid(idtype: u64, id: i32) -> Self {
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
}
