//! For tests: a table of processes as values, just enough to run a program through fork, exit and wait.
//!
//! The judge of what a program does is the real kernel (`tests/program_c.rs`); this one only makes the
//! machine's own tests independent of it.

use std::sync::Arc;

use super::call::Call;
use super::machine::{Buffering, Machine, Outcome};
use super::{Return, compile};
use crate::model::{Errno, Signal, WaitStatus};

/// Who goes on after a fork.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    Child,
    Parent,
}

/// The processes, in order of birth.
pub(super) struct Table {
    processes: Vec<Process>,
    first: First,
    /// What was written to descriptor 1.
    pub(super) output: String,
    /// What was written to descriptor 2.
    pub(super) errors: String,
    /// What descriptor 0 gives, line by line.
    pub(super) input: Vec<&'static str>,
    /// The sentences of faults.
    pub(super) faults: Vec<String>,
}

struct Process {
    pid: i32,
    parent: i32,
    machine: Machine,
    /// The first argument of the wait that it is in.
    waits_for: Option<i32>,
    status: Option<WaitStatus>,
    reaped: bool,
}

impl Table {
    /// A table with one process, 100, child of 1.
    pub(super) fn new(name: &str, source: &str, buffering: Buffering, first: First) -> Self {
        let program = Arc::new(compile(name, source).unwrap_or_else(|rejected| panic!("{rejected}")));
        let machine = Machine::new(program, &["program".to_owned()], buffering);
        Self {
            processes: vec![Process {
                pid: 100,
                parent: 1,
                machine,
                waits_for: None,
                status: None,
                reaped: false,
            }],
            first,
            output: String::new(),
            errors: String::new(),
            input: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Runs until nobody can go on; gives the first process's status.
    pub(super) fn run(&mut self) -> Option<WaitStatus> {
        let mut turns = 0;
        while let Some(index) = self.next() {
            turns += 1;
            assert!(turns < 1_000_000, "the program does not end");
            self.turn(index);
        }
        self.processes[0].status
    }

    fn next(&self) -> Option<usize> {
        let can = |index: &usize| {
            let process = &self.processes[*index];
            process.status.is_none() && !self.blocks(process)
        };
        let mut order = 0..self.processes.len();
        match self.first {
            First::Parent => order.find(can),
            First::Child => order.rev().find(can),
        }
    }

    /// Whether the wait that a process is in would block.
    fn blocks(&self, process: &Process) -> bool {
        process.waits_for.is_some_and(|wanted| {
            let mut children = self.children(process.pid, wanted).peekable();
            children.peek().is_some() && !children.any(|index| self.processes[index].status.is_some())
        })
    }

    fn children(&self, parent: i32, wanted: i32) -> impl Iterator<Item = usize> {
        (0..self.processes.len()).filter(move |index| {
            let process = &self.processes[*index];
            process.parent == parent && !process.reaped && (wanted == -1 || wanted == process.pid)
        })
    }

    fn turn(&mut self, index: usize) {
        match self.processes[index].machine.step() {
            Outcome::Ran | Outcome::Line(_) => {}
            Outcome::Fault(fault) => self.faults.push(format!("{}: {}", fault.line, fault.sentence)),
            Outcome::Done(status) => self.processes[index].status = Some(status),
            Outcome::Call(Call::Wait { pid, options: 0, .. })
                if self.processes[index].waits_for.replace(pid).is_none() => {}
            Outcome::Call(call) => {
                self.processes[index].waits_for = None;
                let answer = self.answer(index, call);
                self.processes[index].machine.resume(answer);
            }
        }
    }

    fn answer(&mut self, index: usize, call: Call) -> Return {
        let pid = self.processes[index].pid;
        match call {
            Call::Fork | Call::Vfork => {
                let born = 100 + self.processes.len() as i32;
                let mut machine = self.processes[index].machine.clone();
                machine.resume(Return::Value(0));
                self.processes.push(Process {
                    pid: born,
                    parent: pid,
                    machine,
                    waits_for: None,
                    status: None,
                    reaped: false,
                });
                Return::Value(i64::from(born))
            }
            Call::Wait { pid: wanted, .. } => {
                let children: Vec<usize> = self.children(pid, wanted).collect();
                if children.is_empty() {
                    return Return::Error(Errno(10));
                }
                let ended = children
                    .into_iter()
                    .find(|index| self.processes[*index].status.is_some());
                match ended {
                    Some(child) => {
                        let child = &mut self.processes[child];
                        child.reaped = true;
                        Return::Waited {
                            pid: child.pid,
                            status: child.status.map(|status| i32::from(status.to_raw())),
                        }
                    }
                    None => Return::Waited { pid: 0, status: None },
                }
            }
            Call::Getpid => Return::Value(i64::from(pid)),
            Call::Getppid => Return::Value(i64::from(self.processes[index].parent)),
            Call::Write { fd, data, .. } => {
                let text = String::from_utf8_lossy(&data);
                if fd == 1 {
                    self.output.push_str(&text);
                } else {
                    self.errors.push_str(&text);
                }
                Return::Value(data.len() as i64)
            }
            Call::Read { .. } if self.input.is_empty() => Return::Data(Vec::new()),
            Call::Read { .. } => Return::Data(self.input.remove(0).into()),
            Call::Kill { signal, .. } | Call::Raise(signal) => {
                self.processes[index].machine.deliver(signal);
                Return::Value(0)
            }
            Call::Exit { .. }
            | Call::Die(_)
            | Call::Sigaction { .. }
            | Call::Sleep { .. }
            | Call::Alarm(_) => Return::Value(0),
            other => panic!("the table does not know {other}"),
        }
    }
}

/// Runs a program with the child first; gives its output and how it ended.
pub(super) fn run(name: &str, source: &str) -> (String, Option<WaitStatus>) {
    let mut table = Table::new(name, source, Buffering::Line, First::Child);
    let status = table.run();
    (table.output, status)
}

/// A plain death, for comparisons.
pub(super) fn killed(signal: Signal) -> WaitStatus {
    WaitStatus::signaled(signal)
}
