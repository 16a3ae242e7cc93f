//! The word in a process's row: more than the kernel's letter says, and never other than it.

use std::fmt::Display;

use super::{list, living};
use crate::model::call::{WaitCall, WaitTarget};
use crate::model::event::{Line, Phase, Role};
use crate::model::process::{Life, Process};
use crate::model::{ProcId, State, World};

/// What a row says of its process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// One word. In capitals where the process does not run on by itself.
    pub word: &'static str,
    /// The rest.
    pub detail: String,
    /// Less of the rest, for little room, each shorter than the one before. Of an orphan its links
    /// are what matters.
    shorter: Vec<String>,
}

impl Status {
    fn new(word: &'static str, detail: impl Into<String>) -> Self {
        Self {
            word,
            detail: detail.into(),
            shorter: Vec::new(),
        }
    }

    /// What is left of the rest where there is less room.
    fn or(mut self, less: impl Into<String>) -> Self {
        self.shorter.push(less.into());
        self
    }

    /// Of a place, what the listing does not show: what the call gave that has returned there.
    fn or_result(self, line: Option<&Line>) -> Self {
        match line {
            Some(Line {
                phase: Phase::After,
                ret: Some(ret),
                ..
            }) => self.or(format!("gave {ret}")),
            _ => self,
        }
    }

    /// As much of the rest as the room holds; where it holds none of it, the shortest.
    pub fn detail_where(&self, fits: impl Fn(&str) -> bool) -> &str {
        let mut all = std::iter::once(&self.detail).chain(&self.shorter);
        let shortest = self.shorter.last().unwrap_or(&self.detail);
        all.find(|text| fits(text)).unwrap_or(shortest)
    }
}

/// The status of a process in words.
pub fn status(world: &World, process: &Process) -> Status {
    let own = own_status(world, process);
    match &process.orphan_of {
        Some(from) if process.is_alive() => {
            let orphan = format!("orphan: {from}'s, now {}'s", process.parent);
            let detail = if own.detail.is_empty() {
                orphan.clone()
            } else {
                format!("{}; {orphan}", own.detail)
            };
            Status::new(own.word, detail)
                .or(orphan)
                .or(format!("orphan, now {}'s", process.parent))
                .or("orphan")
        }
        _ => own,
    }
}

fn own_status(world: &World, process: &Process) -> Status {
    match &process.life {
        Life::Reaped { by, auto: true, .. } => {
            Status::new("reaped", format!("at once: {by} ignores SIGCHLD"))
                .or("at once")
                .or("")
        }
        Life::Reaped { by, .. } => Status::new("reaped", format!("by {by}")).or(""),
        Life::Zombie(status) => {
            let held = status.map_or_else(|| "status unknown".to_owned(), |status| status.to_string());
            Status::new("ZOMBIE", format!("{held}, kept until {} waits", process.parent))
                .or(format!("{held}, kept for {}", process.parent))
                .or(held)
        }
        Life::Ending(_) if process.state == State::TRACED => Status::new("exiting", "held"),
        Life::Ending(_) => Status::new("exiting", ""),
        Life::Alive => living_status(world, process),
    }
}

fn living_status(world: &World, process: &Process) -> Status {
    match process.state {
        State::STOPPED => return Status::new("STOPPED", "until SIGCONT").or(""),
        State::TRACED if process.stopped_by.is_some() => {
            return Status::new("STOPPED", "until SIGCONT").or("");
        }
        State::TRACED => return Status::new("held", held(process)).or_result(process.line.as_ref()),
        _ => {}
    }
    if let Some(call) = process.waiting {
        return waiting(world, process, call);
    }
    if let Some(line) = process.line.as_ref().filter(|line| line.phase == Phase::In) {
        let call = line.call.as_deref().unwrap_or("a system call");
        let name = call.split('(').next().unwrap_or(call);
        return match process.state {
            State::DISK if name.ends_with("vfork") => Status::new("WAITING", "until its child execs or ends"),
            _ => Status::new("WAITING", format!("in {name}")).or(""),
        };
    }
    match process.id {
        ProcId::Keeper if process.subreaper => {
            Status::new("adopts", "and reaps orphans (subreaper)").or("and reaps orphans")
        }
        ProcId::Keeper => Status::new("reaps", "its own children; adopts nobody (no subreaper)")
            .or("its own children (no subreaper)")
            .or("its own children"),
        ProcId::Screen if process.role == Role::Tracer => {
            Status::new("traces", "the program, and draws this picture").or("the program")
        }
        ProcId::Screen => Status::new("draws", "this picture"),
        ProcId::Lab(_) => by_role(process),
    }
}

fn by_role(process: &Process) -> Status {
    let extra = if process.subreaper { "subreaper" } else { "" };
    match (process.role, process.state) {
        (Role::Foreign, State::RUNNING) => Status::new("running", "hears signals only"),
        (Role::Foreign, State::DISK) => Status::new("asleep", "in the kernel: not even a signal wakes it"),
        (Role::Foreign, _) => Status::new("asleep", "hears signals only"),
        (Role::Traced, State::SLEEPING | State::DISK) => Status::new("asleep", extra),
        (_, State::RUNNING) => Status::new("running", extra),
        (Role::Program, _) => match &process.line {
            Some(line) => Status::new("ready", place(line)).or_result(Some(line)),
            None => Status::new("ready", extra),
        },
        _ => Status::new("ready", extra),
    }
}

/// Where a program stands: a call that has returned is not yet assigned, so the value is said.
fn place(line: &Line) -> String {
    let call = line
        .call
        .as_deref()
        .map(|call| call.split('(').next().unwrap_or(call));
    match (line.phase, call, line.ret) {
        (Phase::End, ..) => "at its end".to_owned(),
        (Phase::Before, Some(call), _) => format!("before {call}()"),
        (Phase::After, Some(call), Some(ret)) => format!("{call}() gave {ret}"),
        _ => format!("at line {}", line.line),
    }
}

/// Where the tracer holds a process: a call goes by the kernel's name, as strace(1) would print it.
fn held(process: &Process) -> String {
    let Some(line) = &process.line else {
        return "at its first instruction".to_owned();
    };
    let name = || {
        let call = line.call.as_deref()?;
        Some(call.split('(').next().unwrap_or(call))
    };
    match (line.phase, line.kernel.as_deref().or_else(name), line.ret) {
        (Phase::Before, Some(kernel), _) => format!("before {kernel}"),
        (Phase::In, Some(kernel), _) => format!("inside {kernel}"),
        (Phase::After, ..) => place(line),
        _ if line.line > 0 => format!("at line {}", line.line),
        _ => "by the tracer".to_owned(),
    }
}

fn waiting(world: &World, process: &Process, call: WaitCall) -> Status {
    if process.id == ProcId::Screen {
        return Status::new("WAITING", "in waitpid: looks at each SIGCHLD").or("in waitpid");
    }
    let ends = |child: &dyn Display| (format!("{child} has not ended"), format!("until {child} ends"));
    let (for_whom, shorter) = match call.target {
        WaitTarget::Child(pid) => match world.by_pid(pid) {
            Some(child) => ends(&child.id),
            None => ends(&pid),
        },
        _ => match living(world, process).as_slice() {
            [] => ("no child has ended".to_owned(), "until a child ends".to_owned()),
            [one] => ends(one),
            several => (
                format!("{} are alive", list(several)),
                "until one ends".to_owned(),
            ),
        },
    };
    Status::new("WAITING", format!("in waitpid: {for_whom}"))
        .or(shorter)
        .or("in waitpid")
        .or("")
}
