//! The tracer's records: every process that is not reaped, and every task that has not ended.
//!
//! Only what is needed to read the next stop rightly is kept. What is gone lives on in the facts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use super::call::{Call, Kind, OnChild};
use super::fact::Place;
use super::step::Stepping;
use crate::model::{Link, Pid, ProcId, Signal, WaitStatus};
use crate::sys::ptrace::{Stop, Tid};

/// How a process proceeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Freely, but for breakpoints.
    #[default]
    Run,
    /// From point to point.
    Step(Grain),
}

/// How long a step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grain {
    /// To the next call, or its return.
    #[default]
    Call,
    /// To the next line of source, too.
    Line,
}

/// Where a task is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    /// It has just been born: its fork returned 0.
    Born,
    /// Before a call.
    Before(Box<Call>),
    /// A call of this kind has returned.
    After(Kind),
    /// A new source line.
    Line,
    /// Where it was when it was told to stop.
    Anywhere,
    /// There are too many processes; nobody goes on.
    Limit,
}

/// A process that is not reaped.
#[derive(Debug)]
pub struct Process {
    pub pid: Pid,
    pub parent: Link,
    pub children: BTreeSet<ProcId>,
    pub threads: u32,
    /// The signal that its end sends to its parent, where that is known.
    pub end_signal: Option<Signal>,
    pub on_child: OnChild,
    pub subreaper: bool,
    pub mode: Mode,
    pub stopped: Option<Signal>,
    /// Whether its parent's wait told of its stop before the stop itself was seen.
    pub stop_told_ahead: bool,
    /// Whether it was told that it ends, which comes before [`Process::end`].
    pub ending: bool,
    /// How it ended: it is a zombie.
    pub end: Option<WaitStatus>,
}

/// A task that has not ended: the first thread of a process, or another.
#[derive(Debug)]
pub struct Task {
    pub proc: ProcId,
    /// Whether its first stop has been seen.
    pub born: bool,
    /// The call it is in, if its return is wanted.
    pub call: Option<Call>,
    /// How its return is seen.
    pub returns: Return,
    /// Calls that a signal interrupted, each with its stack pointer: the kernel may begin them again.
    pub interrupted: Vec<(Call, u64)>,
    /// Whether the next stop may be the first instruction of a handler that interrupted a call.
    pub entering_handler: bool,
    /// The stack pointer at the last call.
    pub stack: u64,
    pub listening: bool,
    pub held: Option<Held>,
    pub stepping: Option<Stepping>,
    /// The hardware breakpoint that is set.
    pub breakpoint: Option<u64>,
    /// Where its last call began.
    pub at: Option<Place>,
    /// Who sleeps until it execs or ends, as vfork(2) has it.
    pub maker: Option<Tid>,
}

/// How it is seen that a call returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// The task stops for that.
    ByItself,
    /// The task stops for a signal that comes with it.
    WithSignal,
}

/// A stop that is kept.
#[derive(Debug)]
pub struct Held {
    pub stop: Stop,
    pub point: Point,
    /// The signal to deliver when it goes on.
    pub signal: Option<Signal>,
}

impl fmt::Display for Point {
    /// As a status word of the tree: `held before wait4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Born => f.write_str("held at birth"),
            Self::Before(call) => write!(f, "held before {}", call.kernel),
            Self::After(Kind::Exec) => f.write_str("held at its first instruction"),
            Self::After(kind) => write!(f, "held after {kind}"),
            Self::Line => f.write_str("held at a line"),
            Self::Anywhere => f.write_str("held"),
            Self::Limit => f.write_str("frozen: too many processes"),
        }
    }
}

impl Point {
    /// Whether a step by line ends here.
    pub const fn ends_line(&self) -> bool {
        match self {
            Self::Born | Self::Line | Self::Anywhere | Self::Limit | Self::After(Kind::Fork | Kind::Exec) => {
                true
            }
            Self::Before(call) => matches!(call.kind(), Kind::Exit),
            Self::After(_) => false,
        }
    }
}

impl Task {
    pub const fn new(proc: ProcId) -> Self {
        Self {
            proc,
            born: false,
            call: None,
            returns: Return::ByItself,
            interrupted: Vec::new(),
            entering_handler: false,
            stack: 0,
            listening: false,
            held: None,
            stepping: None,
            breakpoint: None,
            at: None,
            maker: None,
        }
    }

    fn is_waiting(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.kind() == Kind::Wait)
    }

    /// Whether it is in a call that makes a task.
    pub fn is_forking(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.kind() == Kind::Fork)
    }
}

/// All records.
#[derive(Debug, Default)]
pub struct Table {
    pub tasks: HashMap<Tid, Task>,
    processes: BTreeMap<ProcId, Process>,
    by_pid: HashMap<Pid, ProcId>,
    /// Who has called ptrace(2), by which one may have others to wait for than children.
    pub tracers: BTreeSet<ProcId>,
    born: u32,
}

impl Table {
    /// Enters a newborn, and gives it the next letter.
    pub fn enter(&mut self, pid: Pid, parent: Link, like: Option<ProcId>) -> ProcId {
        let proc = ProcId::lab(self.born);
        self.born += 1;
        if let Some(parent) = parent.proc().and_then(|parent| self.processes.get_mut(&parent)) {
            parent.children.insert(proc);
        }
        let model = like.and_then(|like| self.processes.get(&like));
        let process = Process {
            pid,
            parent,
            children: BTreeSet::new(),
            threads: 1,
            end_signal: None,
            on_child: model.map_or(OnChild::Default, |model| model.on_child),
            // fork(2) does not pass it on.
            subreaper: false,
            mode: model.map_or(Mode::Run, |model| model.mode),
            stopped: None,
            stop_told_ahead: false,
            ending: false,
            end: None,
        };
        self.processes.insert(proc, process);
        self.by_pid.insert(pid, proc);
        self.tasks.insert(pid.into(), Task::new(proc));
        proc
    }

    /// Forgets a process that has been reaped.
    pub fn remove(&mut self, proc: ProcId) -> Option<Process> {
        let process = self.processes.remove(&proc)?;
        self.tracers.remove(&proc);
        self.unlink(proc, &process.parent);
        if self.by_pid.get(&process.pid) == Some(&proc) {
            self.by_pid.remove(&process.pid);
        }
        Some(process)
    }

    /// Moves a process to another parent.
    pub fn adopt(&mut self, proc: ProcId, to: &Link) {
        let Some(process) = self.processes.get_mut(&proc) else {
            return;
        };
        let from = std::mem::replace(&mut process.parent, to.clone());
        self.unlink(proc, &from);
        if let Some(parent) = to.proc().and_then(|parent| self.processes.get_mut(&parent)) {
            parent.children.insert(proc);
        }
    }

    fn unlink(&mut self, child: ProcId, parent: &Link) {
        if let Some(parent) = parent.proc().and_then(|parent| self.processes.get_mut(&parent)) {
            parent.children.remove(&child);
        }
    }

    pub fn get(&self, proc: ProcId) -> Option<&Process> {
        self.processes.get(&proc)
    }

    pub fn get_mut(&mut self, proc: ProcId) -> Option<&mut Process> {
        self.processes.get_mut(&proc)
    }

    pub fn by_pid(&self, pid: Pid) -> Option<ProcId> {
        self.by_pid.get(&pid).copied()
    }

    pub fn iter(&self) -> impl Iterator<Item = (ProcId, &Process)> {
        self.processes.iter().map(|(&proc, process)| (proc, process))
    }

    /// How many processes there are, living and zombie.
    pub fn len(&self) -> usize {
        self.processes.len()
    }

    /// How many tasks may want a processor: those that are not held, and do not sleep until a child gets so far.
    pub fn busy(&self) -> usize {
        let sleepers = self.tasks.values().map(|task| {
            let itself = task.held.is_some() || task.is_waiting();
            usize::from(itself) + usize::from(task.maker.is_some())
        });
        self.tasks.len().saturating_sub(sleepers.sum())
    }

    pub fn tids_of(&self, proc: ProcId) -> Vec<Tid> {
        let mut tids: Vec<_> = self
            .tasks
            .iter()
            .filter(|(_, task)| task.proc == proc)
            .map(|(&tid, _)| tid)
            .collect();
        tids.sort_unstable();
        tids
    }
}
