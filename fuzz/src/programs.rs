//! Programs in C and Python: compiled or refused; then run by a kernel that answers anything, and by the pure kernel.

use std::sync::Arc;

use forkscope::model::Errno;
use forkscope::model::explore::Bound;
use forkscope::program::{Buffering, Call, Explorer, Machine, Outcome, Program, Return, compile};

/// How many steps one program may take.
const STEPS: usize = 3000;

/// A few processes and orders: enough to come through every call.
const BOUND: Bound = Bound {
    states: 60,
    processes: 6,
    reduced: true,
};

/// A program in C.
pub fn c(input: &[u8]) {
    program("any.c", input);
}

/// A program in Python.
pub fn python(input: &[u8]) {
    program("any.py", input);
}

fn program(name: &str, input: &[u8]) {
    let Ok(source) = std::str::from_utf8(input) else {
        return;
    };
    match compile(name, source) {
        Err(rejected) => assert!(rejected.line > 0 && rejected.column > 0, "{rejected}"),
        Ok(program) => {
            let program = Arc::new(program);
            if run(&program, input) {
                let explorer = Explorer::new(program, source, &["any".to_owned()], Buffering::Line);
                explorer.outcomes(b"one\ntwo\n", BOUND);
            }
        }
    }
}

/// Runs a program whose calls are answered by the bytes of its own source; says whether it soon asks or ends, and so
/// whether it may be explored.
fn run(program: &Arc<Program>, answers: &[u8]) -> bool {
    let mut machine = Machine::new(Arc::clone(program), &["any".to_owned()], Buffering::Line);
    let mut answers = answers.iter().rev().copied().cycle();
    let mut since_asked = 0;
    let mut longest = 0;
    for _ in 0..STEPS {
        since_asked += 1;
        match machine.step() {
            Outcome::Ran | Outcome::Fault(_) => {}
            Outcome::Line(_) => look_at(&machine),
            Outcome::Done(_) => break,
            Outcome::Call(call) => {
                longest = since_asked.max(longest);
                since_asked = 0;
                machine.resume(answer(&call, answers.next().unwrap_or(0)));
            }
        }
    }
    look_at(&machine);
    machine.ended().is_some() || since_asked.max(longest) < STEPS / 2
}

/// What the screen shows of a program that stands still.
fn look_at(machine: &Machine) {
    assert!(!machine.variables().is_empty());
    assert!(machine.calls().iter().all(|(_, line)| *line > 0));
}

/// An answer that fits the call, or one that does not.
pub fn answer(call: &Call, choice: u8) -> Return {
    match (choice % 4, call) {
        (0, _) => Return::Error(Errno(i32::from(choice) / 4)),
        (1, Call::Wait { .. }) => Return::Waited {
            pid: 1,
            status: Some(i32::from(choice) << 8),
        },
        (1 | 2, Call::Read { .. }) => Return::Data(vec![choice; usize::from(choice % 8)]),
        (1, Call::Pipe { .. }) => Return::Pipe(3, 4),
        (number, _) => Return::Value(i64::from(number)),
    }
}
