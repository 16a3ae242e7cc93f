//! One entry of the process table.

use super::call::Call;
use super::files::Table;
use super::signals::Signals;
use crate::model::event::Action;
use crate::model::{Link, Pid, ProcId, Signal, State, WaitStatus};

/// A process as the kernel sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent settings of a process, each with a system call of its own"
)]
pub struct Proc {
    /// Its pid.
    pub pid: Pid,
    /// Its name, or pid and command for one that is none of ours.
    pub name: Link,
    /// Its parent; its own pid for the init of the namespace.
    pub parent: Pid,
    /// The parent it lost last.
    pub orphan_of: Option<Pid>,
    /// Its children, in the order in which wait(2) looks at them: by birth, the adopted last.
    pub children: Vec<Pid>,
    /// Its process group.
    pub group: Pid,
    /// Its session.
    pub session: Pid,
    /// How far its life has come.
    pub stage: Stage,
    /// What stopped it, while it is stopped.
    pub stopped: Option<Signal>,
    /// A stop or continuation that no wait has taken yet.
    pub(super) news: Option<WaitStatus>,
    /// The call it sleeps in.
    pub blocked_in: Option<Call>,
    /// Whether the wait in which it sleeps has been woken and has found something.
    pub(super) woken: bool,
    /// How much of the write in which it sleeps is done.
    pub(super) written: usize,
    /// The child that a vfork waits for.
    pub vforked: Option<Pid>,
    /// What ends it though it sleeps in vfork.
    pub(super) doomed: Option<Signal>,
    /// Whether a signal has come while it slept in vfork; no later one but SIGKILL ends it there.
    pub(super) shielded: bool,
    /// What it ignores.
    pub(super) ignored: Signals,
    /// What it has handlers for.
    pub(super) handled: Signals,
    /// What it has blocked.
    pub mask: Signals,
    /// The mask to go back to after a sigsuspend.
    pub(super) saved_mask: Option<Signals>,
    /// Whether it goes on after a stop, so that its sigsuspend starts over.
    pub(super) restarts: bool,
    /// Whether it is on its way back from a call and signals that have come act first.
    pub(super) returning: bool,
    /// What has been sent and not acted.
    pub pending: Signals,
    /// What its handlers have still to be run for.
    pub caught: Signals,
    /// `SA_NOCLDSTOP`.
    pub(super) nocldstop: bool,
    /// `SA_NOCLDWAIT`.
    pub(super) nocldwait: bool,
    /// Whether it adopts the orphans below it.
    pub subreaper: bool,
    /// Whether it waits for every child at once, as an init and the keeper do.
    pub reaps: bool,
    /// The signal it asked for when its parent ends.
    pub(super) pdeathsig: Option<Signal>,
    /// The seconds of its timer, while that runs.
    pub alarm: Option<u32>,
    /// `RLIMIT_NPROC`, where there is one.
    pub(super) limit: Option<u32>,
    /// Whether it has called exec since it was forked.
    pub execed: bool,
    /// Its command.
    pub comm: String,
    /// Its descriptors.
    pub(super) fds: Table,
}

/// How far a life has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It can act, sleeps or is stopped.
    Alive,
    /// It has ended and its files are closed; its parent has not been told yet. A reader may see the end of file
    /// before a wait sees the zombie.
    Exiting(WaitStatus),
    /// Dead, not reaped.
    Zombie(WaitStatus),
}

impl Proc {
    /// One of ours, by name.
    pub const fn id(&self) -> Option<ProcId> {
        self.name.proc()
    }

    /// Whether it can make calls or be made to.
    pub const fn is_alive(&self) -> bool {
        matches!(self.stage, Stage::Alive)
    }

    /// Whether it is dead and not reaped.
    pub const fn is_zombie(&self) -> bool {
        matches!(self.stage, Stage::Zombie(_))
    }

    /// Whether it runs its program: alive, not stopped, in no call.
    pub const fn is_running(&self) -> bool {
        self.is_alive() && self.stopped.is_none() && self.blocked_in.is_none() && !self.returning
    }

    /// What it does about `signal`, the mask aside.
    pub const fn action(&self, signal: Signal) -> Action {
        if self.handled.contains(signal) {
            Action::Handler
        } else if self.ignored.contains(signal) {
            Action::Ignore
        } else {
            Action::Default
        }
    }

    /// Whether a limit or a signal at its parent's end hangs over it.
    pub const fn has_strings(&self) -> bool {
        self.limit.is_some() || self.pdeathsig.is_some()
    }

    /// Whether it has installed any handler.
    pub const fn catches(&self) -> bool {
        !self.handled.is_empty()
    }

    /// The letter that proc(5) would show.
    pub const fn state(&self) -> State {
        match self {
            Self {
                stage: Stage::Zombie(_),
                ..
            } => State::ZOMBIE,
            Self { stopped: Some(_), .. } => State::STOPPED,
            Self { vforked: Some(_), .. } => State::DISK,
            Self {
                blocked_in: Some(_), ..
            } => State::SLEEPING,
            _ => State::RUNNING,
        }
    }

    /// The child of this that fork(2) makes: a copy, but for what its page lists.
    pub(super) fn child(&self, pid: Pid, name: Link) -> Self {
        Self {
            pid,
            name,
            parent: self.pid,
            orphan_of: None,
            children: Vec::new(),
            news: None,
            blocked_in: None,
            woken: false,
            written: 0,
            vforked: None,
            doomed: None,
            shielded: false,
            saved_mask: None,
            restarts: false,
            returning: false,
            pending: Signals::NONE,
            caught: Signals::NONE,
            subreaper: false,
            reaps: false,
            pdeathsig: None,
            alarm: None,
            execed: false,
            ..self.clone()
        }
    }
}
