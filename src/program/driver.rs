//! Driving a machine over a kernel: stop by stop for the student, or to its end.
//!
//! A stop is the beginning of a line, or one of two moments of a system call: about to be made, and returned
//! but not yet assigned. The second is where, after fork, two processes stand on the same line with different
//! values.

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
        machine.give_way();
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Errno, Signal};
    use crate::program::call::{Language, SignalSet};
    use crate::program::compile;
    use crate::program::machine::Buffering;

    /// A kernel that gives the answers it was told, in order.
    struct Told {
        answers: Vec<Return>,
        signals: Vec<(usize, Signal)>,
        made: Vec<String>,
    }

    impl Kernel for Told {
        fn call(&mut self, call: &Call) -> Return {
            self.made.push(call.source(Language::C));
            match call {
                Call::Write { data, .. } => Return::Value(data.len() as i64),
                _ => self.answers.remove(0),
            }
        }

        fn signals(&mut self) -> SignalSet {
            let made = self.made.len();
            let (now, later) = self.signals.drain(..).partition(|(after, _)| *after <= made);
            self.signals = later;
            let now: Vec<(usize, Signal)> = now;
            now.into_iter()
                .fold(SignalSet::default(), |set, (_, signal)| set.with(signal))
        }
    }

    fn machine(source: &str) -> Machine {
        let program = compile("test.c", source).unwrap_or_else(|rejected| panic!("{rejected}"));
        Machine::new(Arc::new(program), &["test".to_owned()], Buffering::Line)
    }

    /// The stops of a program, each as a word and its line.
    fn stops(source: &str, kernel: &mut Told) -> Vec<String> {
        let mut machine = machine(source);
        let mut stops = Vec::new();
        loop {
            let stop = run_to_stop(&mut machine, kernel);
            let what = match &stop.phase {
                Phase::Line => "line".to_owned(),
                Phase::Before(call) => format!("before {call}"),
                Phase::After(call, answer) => answer.told(call, Language::C),
                Phase::Fault(fault) => fault.sentence.clone(),
                Phase::Done(_) => return stops,
            };
            stops.push(format!("{} {what}", stop.line));
        }
    }

    #[test]
    fn a_line_with_a_call_has_two_more_stops() {
        let source = "#include <stdio.h>\n#include <unistd.h>\nint main(void) {\n  int n = 1;\n  pid_t pid = fork();\n  \
                      printf(\"%d\\n\", pid + n);\n}";
        let mut kernel = Told {
            answers: vec![Return::Value(41), Return::Value(0)],
            signals: Vec::new(),
            made: Vec::new(),
        };
        assert_eq!(
            stops(source, &mut kernel),
            [
                "4 line",
                "5 line",
                "5 before fork()",
                "5 fork() gave 41",
                "6 line",
                "7 line",
                "7 before _exit(0)",
                "7 _exit(0) gave 0",
            ]
        );
        assert_eq!(kernel.made, ["fork()", "write(1, \"42\\n\", 3)", "_exit(0)"]);
    }

    #[test]
    fn after_fork_both_stand_on_the_same_line_and_nothing_is_assigned() {
        let source =
            "#include <unistd.h>\nint main(void) {\n  int n = 10;\n  pid_t pid = fork();\n  return n;\n}";
        let mut parent = machine(source);
        while !matches!(parent.step(), Outcome::Call(Call::Fork)) {}
        let mut child = parent.clone();
        parent.resume(Return::Value(41));
        child.resume(Return::Value(0));
        let pid = |machine: &Machine| {
            let views = machine.variables();
            let main = views.last().expect("main").clone();
            (main.line, main.variables[1].clone())
        };
        let (parents, childs) = (pid(&parent), pid(&child));
        assert_eq!(parents, childs);
        assert_eq!((parents.0, parents.1.value), (4, None));
        assert_eq!(child.last_return(), Some((&Call::Fork, &Return::Value(0))));
        while parent.step() != Outcome::Line(5) {}
        while child.step() != Outcome::Line(5) {}
        assert_eq!(pid(&parent).1.value.as_deref(), Some("41"));
        assert_eq!(pid(&child).1.value.as_deref(), Some("0"));
        assert_eq!(pid(&parent).1.address, pid(&child).1.address);
    }

    #[test]
    fn an_answer_that_nobody_asked_for_changes_nothing() {
        let mut machine = machine("int main(void) { return 3; }");
        let before = machine.clone();
        machine.resume(Return::Value(7));
        assert_eq!(machine, before);
        while !matches!(machine.step(), Outcome::Call(_)) {}
        machine.resume(Return::Value(0));
        machine.resume(Return::Value(0));
        assert_eq!(machine.step(), Outcome::Done(WaitStatus::Exited(3)));
    }

    #[test]
    fn an_interrupted_call_is_made_again_after_the_handler() {
        let source = "#include <signal.h>\n#include <sys/wait.h>\nint seen;\nvoid handler(int n) { seen = n; }\n\
                      int main(void) { signal(SIGUSR1, handler); pid_t pid = wait(NULL); return pid + seen; }";
        let mut kernel = Told {
            answers: vec![
                Return::Value(0),
                Return::Error(Errno(4)),
                Return::Waited {
                    pid: 20,
                    status: Some(0),
                },
                Return::Value(0),
            ],
            signals: vec![(2, Signal::USR1)],
            made: Vec::new(),
        };
        let status = run_to_end(&mut machine(source), &mut kernel);
        assert_eq!(status, WaitStatus::Exited(30));
        assert_eq!(
            kernel.made,
            [
                "signal(SIGUSR1, handler)",
                "wait(NULL)",
                "wait(NULL)",
                "_exit(30)"
            ]
        );
    }

    #[test]
    fn what_arrives_before_a_call_is_handled_before_it() {
        let source = "#include <signal.h>\n#include <unistd.h>\nint seen;\nvoid handler(int n) {\n  seen = n;\n}\n\
                      int main(void) {\n  signal(SIGUSR1, handler);\n  pause();\n  return seen;\n}";
        let mut kernel = Told {
            answers: vec![Return::Value(0), Return::Error(Errno(4)), Return::Value(0)],
            signals: Vec::new(),
            made: Vec::new(),
        };
        let mut machine = machine(source);
        let pause = Phase::Before(Call::Pause);
        while run_to_stop(&mut machine, &mut kernel).phase != pause {}
        machine.deliver(Signal::USR1);
        assert_eq!(run_to_stop(&mut machine, &mut kernel).line, 5);
        assert_eq!(
            run_to_stop(&mut machine, &mut kernel),
            Stop {
                line: 6,
                phase: Phase::Line
            }
        );
        // The signal is gone: what pause waits for now is another one.
        assert_eq!(run_to_stop(&mut machine, &mut kernel).phase, pause);
        assert_eq!(kernel.made, ["signal(SIGUSR1, handler)"]);
        assert_eq!(run_to_end(&mut machine, &mut kernel), WaitStatus::Exited(10));
        assert_eq!(kernel.made, ["signal(SIGUSR1, handler)", "pause()", "_exit(10)"]);
    }

    #[test]
    fn states_that_hold_the_same_are_equal() {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let source = "void f(void) { int x = 3; x++; }\nint main(void) {\n  for (;;) {\n    f();\n  }\n}";
        let mut machine = machine(source);
        let mut at_loop = || {
            while machine.step() != Outcome::Line(4) {}
            let mut hasher = DefaultHasher::new();
            machine.hash(&mut hasher);
            (machine.clone(), hasher.finish())
        };
        assert_eq!(at_loop(), at_loop());
    }
}
