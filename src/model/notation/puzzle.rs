//! Fork puzzles: `F(aWb,cX)`.
//!
//! A lower-case letter is printed, `W` is wait(NULL), `X` is `_exit(0)`. `F` is a fork after which parent and child go
//! on with what follows; `F(p,c)` is one after which the parent does p and the child c first. The end of the text is
//! the end of every process that reaches it. Blanks are skipped.
//!
//! The same as a C program ([`in_c`]) can be stepped in real processes.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::sync::Arc;

use super::Mistake;
use crate::model::explore::{Actor, Effects, Wish};
use crate::model::sim::{Call, Return};
use crate::model::{Signal, WaitCall};

/// How deep forks may stand in the branches of forks.
const DEEPEST: usize = 20;

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
                    if open.len() == DEEPEST {
                        let what = format!("forks stand in each other at most {DEEPEST} deep");
                        return Err(Mistake::new(at, what));
                    }
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

/// The puzzle as a C program. A letter is written at once, past the buffer of printf: a fork would copy that.
pub fn in_c(text: &str) -> Result<String, Mistake> {
    parse(text)?;
    let mut source = "#include <unistd.h>\n#include <sys/wait.h>\n\nint main(void) {\n".to_owned();
    source += &statements(&mut text.chars().peekable(), 1);
    source += "    return 0;\n}\n";
    Ok(source)
}

/// The statements up to the comma or bracket that ends this branch.
fn statements(letters: &mut Peekable<impl Iterator<Item = char>>, depth: usize) -> String {
    let margin = "    ".repeat(depth);
    let mut source = String::new();
    while let Some(letter) = letters.next_if(|letter| !matches!(letter, ',' | ')')) {
        // Writing to a string does not fail.
        let _ = match letter {
            'W' => writeln!(source, "{margin}wait(NULL);"),
            'X' => writeln!(source, "{margin}_exit(0);"),
            'F' if letters.next_if_eq(&'(').is_some() => {
                let parent = statements(letters, depth + 1);
                letters.next();
                let child = statements(letters, depth + 1);
                letters.next();
                source += &branches(&margin, &parent, &child);
                Ok(())
            }
            'F' => writeln!(source, "{margin}fork();"),
            blank if blank.is_whitespace() => Ok(()),
            letter => writeln!(source, "{margin}write(1, \"{letter}\", 1);"),
        };
    }
    source
}

/// A fork, and what parent and child do first.
fn branches(margin: &str, parent: &str, child: &str) -> String {
    match (parent, child) {
        ("", "") => format!("{margin}fork();\n"),
        ("", child) => format!("{margin}if (fork() == 0) {{\n{child}{margin}}}\n"),
        (parent, "") => format!("{margin}if (fork() > 0) {{\n{parent}{margin}}}\n"),
        (parent, child) => {
            format!("{margin}if (fork() > 0) {{\n{parent}{margin}}} else {{\n{child}{margin}}}\n")
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_puzzle_is_a_c_program() {
        let check = |text: &str, body: &str| {
            let source = in_c(text).expect("a puzzle");
            let (_, main) = source.split_once("{\n").expect("main");
            assert_eq!(main.replace("    return 0;\n}\n", ""), body, "{text}");
        };
        check("", "");
        check("a F", "    write(1, \"a\", 1);\n    fork();\n");
        check(
            "F(aW,X)b",
            "    if (fork() > 0) {\n        write(1, \"a\", 1);\n        wait(NULL);\n    } else {\n        \
             _exit(0);\n    }\n    write(1, \"b\", 1);\n",
        );
        check("F(,X)", "    if (fork() == 0) {\n        _exit(0);\n    }\n");
        check("F(W,)", "    if (fork() > 0) {\n        wait(NULL);\n    }\n");
        check("F(,)", "    fork();\n");
        check(
            "F(,F(,X))",
            "    if (fork() == 0) {\n        if (fork() == 0) {\n            _exit(0);\n        }\n    }\n",
        );
    }

    #[test]
    fn branches_that_are_too_deep_are_refused_in_their_place() {
        let deep = |depth| "F(".repeat(depth) + &",)".repeat(depth);
        assert!(in_c(&deep(DEEPEST)).is_ok());
        assert_eq!(
            in_c(&deep(DEEPEST + 1)).expect_err("too deep").at,
            2 * DEEPEST + 2
        );
    }
}
