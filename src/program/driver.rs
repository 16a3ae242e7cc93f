//! Driving a machine over a kernel: stop by stop for the student, or to its end.
//!
//! A stop is the beginning of a line, or one of two moments of a system call: about to be made, and returned but not yet
//! assigned. The second is where, after fork, two processes stand on the same line with different values.

use super::call::{Call, Kernel, Return};
use super::machine::{Fault, Machine, Outcome};
use crate::model::WaitStatus;

/// Where a program stands still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The line.
    pub line: u32,
    /// What about it.
    pub phase: Phase,
}

/// What a stop is before or after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The line is about to be executed.
    Line,
    /// This call is about to be made.
    Before(Call),
    /// This call has returned; its value is not assigned yet.
    After(Call, Return),
    /// The program failed; its end follows.
    Fault(Fault),
    /// The program has ended.
    Done(WaitStatus),
}

/// Goes on to the next stop. Calls are made as they come; those of a library are no stops.
pub fn run_to_stop(machine: &mut Machine, kernel: &mut impl Kernel) -> Stop {
    loop {
        deliver(machine, kernel);
        let phase = match machine.step() {
            Outcome::Ran => continue,
            Outcome::Line(_) => Phase::Line,
            Outcome::Call(call) => match make(machine, kernel, call) {
                Some(phase) => phase,
                None => continue,
            },
            Outcome::Fault(fault) => Phase::Fault(fault),
            Outcome::Done(status) => Phase::Done(status),
        };
        return Stop {
            line: machine.line(),
            phase,
        };
    }
}

/// Goes on to the end, without a stop.
pub fn run_to_end(machine: &mut Machine, kernel: &mut impl Kernel) -> WaitStatus {
    loop {
        deliver(machine, kernel);
        match machine.step() {
            Outcome::Ran | Outcome::Line(_) | Outcome::Fault(_) => {}
            Outcome::Call(call) => {
                let answer = kernel.call(&call);
                deliver(machine, kernel);
                machine.resume(answer);
            }
            Outcome::Done(status) => return status,
        }
    }
}

/// Announces a notable call the first time, and makes it the second.
fn make(machine: &mut Machine, kernel: &mut impl Kernel, call: Call) -> Option<Phase> {
    if call.is_notable() && machine.announce() {
        return Some(Phase::Before(call));
    }
    let answer = kernel.call(&call);
    // The handlers of what interrupted the call must be known before its answer.
    deliver(machine, kernel);
    machine.resume(answer.clone());
    call.is_notable().then_some(Phase::After(call, answer))
}

fn deliver(machine: &mut Machine, kernel: &mut impl Kernel) {
    for signal in kernel.signals().iter() {
        machine.deliver(signal);
    }
}
