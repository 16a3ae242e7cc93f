//! Fork puzzles: `F(aWb,cX)`.
//!
//! A lower-case letter is printed, `W` is wait(NULL), `X` is `_exit(0)`. `F` is a fork after which parent and child go
//! on with what follows; `F(p,c)` is one after which the parent does p and the child c first. The end of the text is
//! the end of every process that reaches it. Blanks are skipped.

use std::sync::Arc;

use super::Mistake;
use crate::model::explore::{Actor, Effects, Wish};
use crate::model::sim::{Call, Return};
use crate::model::{Signal, WaitCall};

/// One process of a puzzle: the text as instructions, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Puzzle {
    code: Arc<[Op]>,
    /// For each instruction, all that may follow from there.
    futures: Arc<[Effects]>,
    at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Op {
    Print(u8),
    Wait,
    Exit,
    /// The child goes on there, the parent here.
    Fork(usize),
    Jump(usize),
}

/// Reads a puzzle.
pub fn parse(text: &str) -> Result<Puzzle, Mistake> {
    let mut code = Vec::new();
    // The forks whose branches are being read: where the fork stands, where its parent's jump does, where it was read.
    let mut open: Vec<(usize, Option<usize>, usize)> = Vec::new();
    let letters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        match letter {
            'a'..='z' => code.push(Op::Print(letter as u8)),
            'W' => code.push(Op::Wait),
            'X' => code.push(Op::Exit),
            'F' => {
                code.push(Op::Fork(code.len() + 1));
                if letters.get(at + 1) == Some(&'(') {
                    at += 1;
                    open.push((code.len() - 1, None, at));
                }
            }
            ',' => match open.last_mut() {
                Some((fork, jump @ None, _)) => {
                    *jump = Some(code.len());
                    code.push(Op::Jump(0));
                    code[*fork] = Op::Fork(code.len());
                }
                Some(_) => return Err(Mistake::new(at, "a fork has two branches: F(parent,child)")),
                None => return Err(Mistake::new(at, "a comma stands between the branches of F(…,…)")),
            },
            ')' => match open.pop() {
                Some((_, Some(jump), _)) => code[jump] = Op::Jump(code.len()),
                Some(_) => return Err(Mistake::new(at, "the child's branch is missing: F(parent,child)")),
                None => return Err(Mistake::new(at, "this closes nothing")),
            },
            blank if blank.is_whitespace() => {}
            '(' => return Err(Mistake::new(at, "a bracket opens the branches of an F only")),
            other => {
                let known = "letters a to z are printed, F forks, W waits, X exits";
                return Err(Mistake::new(at, format!("`{other}` means nothing here: {known}")));
            }
        }
        at += 1;
    }
    match open.last() {
        Some((_, _, at)) => Err(Mistake::new(*at, "this bracket is never closed")),
        None => Ok(Puzzle {
            futures: futures(&code).into(),
            code: code.into(),
            at: 0,
        }),
    }
}

impl Actor for Puzzle {
    fn next(&mut self) -> Wish {
        while let Some(Op::Jump(to)) = self.code.get(self.at) {
            self.at = *to;
        }
        Wish::Call(match self.code.get(self.at) {
            Some(Op::Print(letter)) => Call::Write {
                fd: 1,
                data: vec![*letter],
            },
            Some(Op::Wait) => Call::Wait(WaitCall::default()),
            Some(Op::Fork(_)) => Call::Fork,
            Some(Op::Exit | Op::Jump(_)) | None => Call::Exit(0),
        })
    }

    fn resume(&mut self, ret: &Return) {
        self.at = match self.code.get(self.at) {
            Some(Op::Fork(child)) if *ret == Return::Value(0) => *child,
            _ => self.at + 1,
        };
    }

    fn catch(&mut self, _signal: Signal) {}

    fn future(&self) -> Effects {
        self.futures.get(self.at).copied().unwrap_or_default()
    }
}

/// What may follow from each instruction. Jumps lead forward only, so it is known from the end on.
fn futures(code: &[Op]) -> Vec<Effects> {
    let mut futures = vec![Effects::NONE; code.len() + 1];
    for (at, op) in code.iter().enumerate().rev() {
        futures[at] = match op {
            Op::Print(_) => Effects::IO.and(futures[at + 1]),
            Op::Wait => Effects::JOIN.and(futures[at + 1]),
            Op::Fork(child) => Effects::FORK.and(futures[at + 1]).and(futures[*child]),
            Op::Jump(to) => futures[*to],
            Op::Exit => Effects::NONE,
        };
    }
    futures
}
