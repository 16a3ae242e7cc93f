//! One process as the facts describe it.
//!
//! Three things are never mixed up here: the state letter (from /proc), the parent link (from /proc), and whether
//! somebody has reaped it. "Orphan" is no state: it is a parent link that moved.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::call::WaitCall;
use super::event::{Action, Birth, Fd, Line, Role, Var};
use super::ident::{Link, Pid, ProcId};
use super::state::State;
use super::status::{Signal, WaitStatus};

/// A process of the tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Process {
    /// Its name.
    pub id: ProcId,
    /// What the kernel calls it.
    pub pid: Pid,
    /// When it started, in clock ticks since boot; 0 while that is not known.
    pub start: u64,
    /// Whom it obeys.
    pub role: Role,
    /// Its parent now.
    pub parent: Link,
    /// The parent it had before the present one; none if it was never adopted.
    pub orphan_of: Option<Link>,
    /// The letter /proc shows.
    pub state: State,
    /// How far its life has come.
    pub life: Life,
    /// Its command, as the kernel names it.
    pub comm: String,
    /// The program and arguments it exec'd; empty while it is a fork of its parent's program.
    pub argv: Vec<String>,
    /// Its process group.
    pub pgid: Pid,
    /// Its session.
    pub sid: Pid,
    /// How many threads it has.
    pub threads: u32,
    /// The wait it has called and that has not returned.
    pub waiting: Option<WaitCall>,
    /// Where it stands in its program.
    pub line: Option<Line>,
    /// The variables of its program.
    pub vars: Vec<Var>,
    /// What it does about signals, where that is not the default.
    pub actions: BTreeMap<Signal, Action>,
    /// Whether it adopts the orphans below it.
    pub subreaper: bool,
    /// The signal that stopped it, while it is stopped and that is known.
    pub stopped_by: Option<Signal>,
    /// Descriptors it has told of.
    pub fds: BTreeMap<i32, Fd>,
    /// What the last key changed about it.
    pub mark: Option<Mark>,
}

/// How far a life has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Life {
    /// It runs, sleeps or is stopped.
    Alive,
    /// It has said that it ends, or a signal has ended it; /proc has not yet shown how that went on.
    Ending(WaitStatus),
    /// Dead, not reaped. The status is unknown where the kernel does not show it.
    Zombie(Option<WaitStatus>),
    /// Its status was taken.
    Reaped {
        /// By whom.
        by: Link,
        /// The status, if anybody could read it.
        status: Option<WaitStatus>,
        /// The kernel threw the status away, because the parent ignores SIGCHLD.
        auto: bool,
    },
}

/// What the last key changed, shown until the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mark {
    /// The process is new.
    Born,
    /// It has another parent.
    Moved,
    /// It was reaped.
    Reaped,
}

impl Process {
    /// A process at its birth.
    pub(super) fn new(id: ProcId, pid: Pid, birth: &Birth) -> Self {
        Self {
            id,
            pid,
            start: birth.start,
            role: birth.role,
            parent: birth.parent.clone(),
            orphan_of: None,
            state: State::RUNNING,
            life: Life::Alive,
            comm: birth.comm.clone(),
            argv: Vec::new(),
            pgid: birth.pgid,
            sid: birth.sid,
            threads: 1,
            waiting: None,
            line: None,
            vars: Vec::new(),
            actions: BTreeMap::new(),
            subreaper: id == ProcId::Keeper,
            stopped_by: None,
            fds: BTreeMap::new(),
            mark: None,
        }
    }

    /// Whether it still runs, sleeps or is stopped.
    pub const fn is_alive(&self) -> bool {
        matches!(self.life, Life::Alive | Life::Ending(_))
    }

    /// Whether it is dead and not reaped.
    pub const fn is_zombie(&self) -> bool {
        matches!(self.life, Life::Zombie(_))
    }

    /// Whether its entry is gone.
    pub const fn is_reaped(&self) -> bool {
        matches!(self.life, Life::Reaped { .. })
    }

    /// Whether it is stopped by a signal.
    pub fn is_stopped(&self) -> bool {
        self.is_alive() && self.state == State::STOPPED
    }

    /// The status it ended with, if it has and that is known.
    pub const fn status(&self) -> Option<WaitStatus> {
        match self.life {
            Life::Alive => None,
            Life::Ending(status) => Some(status),
            Life::Zombie(status) | Life::Reaped { status, .. } => status,
        }
    }

    /// What it does about `signal`.
    pub fn action(&self, signal: Signal) -> Action {
        self.actions.get(&signal).copied().unwrap_or_default()
    }

    /// What runs in it, as the tree shows it: the command line it exec'd, else its command.
    pub fn program(&self) -> String {
        if self.is_zombie() {
            "(ended)".to_owned()
        } else if self.argv.is_empty() {
            self.comm.clone()
        } else {
            let mut argv = self.argv.clone();
            // As the kernel names a command: without the folders that it was found in.
            if let Some(name) = self.argv[0].rsplit('/').next() {
                name.clone_into(&mut argv[0]);
            }
            command_line(&argv)
        }
    }
}

/// A program and its arguments as a shell would be told them: what holds a blank stands in quotes.
pub fn command_line(argv: &[String]) -> String {
    // Only a NUL byte cannot be quoted, and no argument holds one.
    shlex::try_join(argv.iter().map(String::as_str)).unwrap_or_else(|_| argv.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_with_blanks_are_quoted() {
        let check = |argv: &[&str], line: &str| {
            let argv: Vec<String> = argv.iter().map(|arg| (*arg).to_owned()).collect();
            assert_eq!(command_line(&argv), line);
        };
        check(&["sleep", "60"], "sleep 60");
        check(&["sh", "-c", "sleep 60 & wait"], "sh -c 'sleep 60 & wait'");
        check(&["echo", ""], "echo ''");
        check(&["nul\0"], "nul\0");
    }
}
