//! The reduction against the search without it, on programs whose output tells what their calls returned.
//!
//! A puzzle never looks at what a wait returned. These do: each answer is printed, so that an order that is left out
//! wrongly is an output that is missing.

use std::collections::BTreeSet;
use std::sync::Arc;

use forkscope::model::explore::{Actor, Bound, Effects, Outcome, Wish, explore};
use forkscope::model::sim::{Call, Return};
use forkscope::model::{Pid, Signal, WaitCall, WaitOptions, WaitTarget};
use proptest::prelude::*;

/// One line of a program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Line {
    /// A call whose answer is not looked at.
    Do(Call),
    /// A child that runs these lines and ends.
    Fork(Arc<[Line]>),
    /// A wait for any child, or for the child of that number; who came is printed.
    Wait { child: Option<usize>, nohang: bool },
    /// A read from the pipe; what came is printed.
    Read,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Program {
    lines: Arc<[Line]>,
    at: usize,
    children: Vec<Pid>,
    /// What is to be printed next.
    say: Option<u8>,
}

impl Program {
    fn new(lines: Arc<[Line]>) -> Self {
        Self {
            lines,
            at: 0,
            children: Vec::new(),
            say: None,
        }
    }

    fn call(&self, line: &Line) -> Call {
        match line {
            Line::Do(call) => call.clone(),
            Line::Fork(_) => Call::Fork,
            Line::Read => Call::Read { fd: 3, count: 1 },
            Line::Wait { child, nohang } => {
                let target = match child.map(|child| self.children.get(child)) {
                    Some(Some(&pid)) => WaitTarget::Child(pid),
                    // Nobody has that pid.
                    Some(None) => WaitTarget::Child(Pid(99_999)),
                    None => WaitTarget::Any,
                };
                let options = WaitOptions {
                    nohang: *nohang,
                    ..WaitOptions::default()
                };
                Call::Wait(WaitCall { target, options })
            }
        }
    }

    fn letter(&self, ret: &Return) -> Option<u8> {
        match ret {
            Return::Waited { pid: Pid(0), .. } => Some(b'0'),
            Return::Waited { pid, .. } => {
                let at = self.children.iter().position(|child| child == pid)?;
                Some(b'A' + at as u8)
            }
            Return::Data(data) => Some(data.first().copied().unwrap_or(b'.')),
            Return::Error(_) => Some(b'e'),
            _ => None,
        }
    }
}

impl Actor for Program {
    fn next(&mut self) -> Wish {
        Wish::Call(match (self.say, self.lines.get(self.at)) {
            (Some(letter), _) => write(1, letter),
            (None, Some(line)) => self.call(line),
            (None, None) => Call::Exit(0),
        })
    }

    fn resume(&mut self, ret: &Return) {
        if self.say.take().is_some() {
            return;
        }
        match (self.lines.get(self.at).cloned(), ret) {
            (Some(Line::Fork(lines)), Return::Value(0)) => {
                *self = Self::new(lines);
                return;
            }
            (Some(Line::Fork(_)), Return::Value(pid)) => self.children.push(Pid(*pid as i32)),
            (Some(Line::Wait { .. } | Line::Read), ret) => self.say = self.letter(ret),
            _ => {}
        }
        self.at += 1;
    }

    fn catch(&mut self, _signal: Signal) {}

    fn future(&self) -> Effects {
        let said = self.say.map_or(Effects::NONE, |_| Effects::IO);
        said.and(future(self.lines.get(self.at..).unwrap_or_default()))
    }
}

fn future(lines: &[Line]) -> Effects {
    lines.iter().fold(Effects::NONE, |all, line| {
        all.and(match line {
            Line::Do(call) => Effects::of(call),
            Line::Fork(lines) => Effects::FORK.and(future(lines)),
            Line::Read => Effects::IO,
            Line::Wait {
                child: Some(_),
                nohang: false,
            } => Effects::AWAIT.and(Effects::IO),
            Line::Wait { .. } => Effects::WAIT.and(Effects::IO),
        })
    })
}

fn write(fd: i32, letter: u8) -> Call {
    Call::Write {
        fd,
        data: vec![letter],
    }
}

/// Random lines, with at most three forks below each other.
fn lines() -> impl Strategy<Value = Vec<Line>> {
    let kill = |name: &str| Call::Kill {
        pid: 0,
        signal: name.parse().expect("a signal"),
    };
    let line = prop_oneof![
        3 => "[a-c]".prop_map(|text| Line::Do(write(1, text.as_bytes()[0]))),
        2 => prop::option::of(0..2_usize).prop_map(|child| Line::Wait { child, nohang: false }),
        1 => prop::option::of(0..2_usize).prop_map(|child| Line::Wait { child, nohang: true }),
        2 => "[x-z]".prop_map(|text| Line::Do(write(4, text.as_bytes()[0]))),
        2 => Just(Line::Read),
        1 => Just(Line::Do(Call::Close(3))),
        2 => Just(Line::Do(Call::Close(4))),
        1 => Just(Line::Do(Call::Getpid)),
        1 => Just(Line::Do(Call::Sleep)),
        1 => (0..3).prop_map(|code| Line::Do(Call::Exit(code))),
        1 => Just(Line::Do(kill("TERM"))),
    ];
    let line = line.prop_recursive(2, 6, 3, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(|lines| Line::Fork(lines.into()))
    });
    prop::collection::vec(line, 1..6).prop_map(|lines| {
        let mut all = vec![Line::Do(Call::Pipe { cloexec: false })];
        all.extend(lines);
        all
    })
}

fn outcomes(lines: &[Line], reduced: bool) -> Option<BTreeSet<Outcome>> {
    let bound = Bound {
        states: 1_000,
        reduced,
        ..Bound::default()
    };
    let found = explore(Program::new(lines.into()), b"", bound);
    found
        .incomplete
        .is_none()
        .then(|| found.found.into_iter().map(|(outcome, _)| outcome).collect())
}

proptest! {
    // Thousands of them are run with PROPTEST_CASES=5000 in a release build.
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn no_answer_is_lost(lines in lines()) {
        if let Some(full) = outcomes(&lines, false) {
            prop_assert_eq!(outcomes(&lines, true), Some(full));
        }
    }
}
