//! What screen holds of each process: kept-open files, a pidfd, the channel, and what was last seen.

use std::os::fd::OwnedFd;
use std::time::Instant;

use super::order::Order;
use crate::model::event::Role;
use crate::model::{Link, Pid, ProcId, Signal, State, WaitStatus};
use crate::sys::pidfd;
use crate::sys::proc::{ChildrenFile, Seen, StatFile};

/// A process that is followed.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent marks, not the states of one thing"
)]
pub struct Tracked {
    pub id: ProcId,
    pub pid: Pid,
    pub role: Role,
    pub parent: Link,
    /// None where the kernel has no pidfds, or the process was gone before one could be opened.
    pub pidfd: Option<OwnedFd>,
    pub stat: Option<StatFile>,
    /// Kept for those who may have children that do not report: exec'd programs and the keeper.
    pub children: Option<ChildrenFile>,
    /// Its control channel, while it obeys keys.
    pub channel: Option<OwnedFd>,
    /// The order that is not yet answered.
    pub order: Option<Order>,
    /// Whether that order's call has begun to wait for something.
    pub blocked: bool,
    pub seen: Option<Seen>,
    /// Whether its birth was told. A process of ours tells of it itself, once it has left screen's session.
    pub told: bool,
    /// The state letter that was last told.
    pub shown: Option<State>,
    /// The program it said it would exec.
    pub announced: Option<Vec<String>>,
    /// How it ended, once that is known and told.
    pub ended: Option<WaitStatus>,
    /// Whether it was told to be a zombie.
    pub zombie: bool,
    /// Since when its entry is gone, while it is not known who reaped it.
    pub vanished: Option<Instant>,
    pub ignores_sigchld: bool,
    /// The last stopping signal that was sent to it.
    pub stopping: Option<Signal>,
}

impl Tracked {
    /// Begins to follow a process.
    pub fn new(id: ProcId, pid: Pid, role: Role, parent: Link) -> Self {
        let stat = StatFile::open(pid);
        Self {
            id,
            pid,
            role,
            parent,
            pidfd: pidfd::open(pid).ok(),
            seen: stat.as_ref().and_then(StatFile::look),
            stat,
            told: false,
            shown: None,
            children: None,
            channel: None,
            order: None,
            blocked: false,
            announced: None,
            ended: None,
            zombie: false,
            vanished: None,
            ignores_sigchld: false,
            stopping: None,
        }
    }

    /// A look at /proc; none once its entry is gone.
    pub fn look(&self) -> Option<Seen> {
        self.stat.as_ref().and_then(StatFile::look)
    }

    /// Whether it executes nothing any more, by a look at /proc: its end may not have been told yet.
    pub fn is_ending(&self) -> bool {
        self.look().is_none_or(|seen| seen.exiting)
    }

    /// Whether it has said its last word, but is no zombie yet: its end may take a while on a busy machine.
    pub fn is_dying(&self) -> bool {
        let is_stopped = self
            .seen
            .as_ref()
            .is_some_and(|seen| seen.state == State::STOPPED);
        self.ended.is_some() && !self.zombie && !is_stopped
    }

    /// Whether it is in a wait that it was ordered to make.
    pub fn is_waiting(&self) -> bool {
        matches!(self.order, Some(Order::Wait { .. }))
    }

    /// Whether it is carrying out an order, and neither blocked in it nor kept from it.
    pub fn is_busy(&self) -> bool {
        let kept = self
            .seen
            .as_ref()
            .is_some_and(|seen| matches!(seen.state, State::STOPPED | State::ZOMBIE));
        self.order.is_some() && !self.blocked && !kept && self.vanished.is_none()
    }
}
