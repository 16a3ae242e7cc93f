//! A process that a tracer holds: what it is about to do, or what has just come back to it.
//!
//! A call is told under both its names: the program's, and the kernel's, which strace(1) prints.

use super::about::{forked, zombies};
use super::list;
use crate::model::event::{Line, Phase};
use crate::model::{Process, Ret, World};

/// A sentence or two on a held process.
pub(super) fn held(world: &World, process: &Process) -> String {
    let id = process.id;
    let Some(line) = &process.line else {
        let program = process.program();
        return format!("{id} is held at the first instruction of {program}. n lets it take its first step.");
    };
    let place = place(line);
    match (line.phase, &line.call, line.ret) {
        (Phase::Before, Some(call), _) => {
            let kernel = kernels_name(line, call);
            let then = before(world, process, line);
            format!("{id} is about to call {call}{place}{kernel}. {then}")
        }
        (Phase::In, Some(call), _) => {
            format!("{id} was stopped inside {call}. It is in it again as soon as it goes on.")
        }
        (Phase::After, Some(call), Some(ret)) if call.contains("fork()") => forked(world, process, ret),
        (Phase::After, Some(call), Some(Ret::Err(errno))) => {
            let why = errno.describe();
            format!("{call} failed in {id}: {why} ({errno}). n lets it go on with that.")
        }
        (Phase::After, Some(call), Some(ret)) => {
            format!("{call} has returned {ret} to {id}{place}. {}", taken(world, ret))
        }
        _ if line.line > 0 => {
            format!(
                "{id} is held before line {}: it has not run yet. n runs it.",
                line.line
            )
        }
        _ => format!("{id} is held by the tracer{place}. n lets it go on."),
    }
}

/// The function, where there is no line that would say more.
fn place(line: &Line) -> String {
    match (&line.function, line.line) {
        (Some(function), 0) => format!(" in {function}()"),
        _ => String::new(),
    }
}

fn kernels_name(line: &Line, call: &str) -> String {
    match line.kernel.as_deref() {
        Some(kernel) if !call.starts_with(kernel) => format!("; the kernel calls that {kernel}"),
        _ => String::new(),
    }
}

/// What there is to see while a process is held before its call.
fn before(world: &World, process: &Process, line: &Line) -> String {
    let is_wait = line.call.as_deref().is_some_and(|call| call.starts_with("wait"));
    let dead: Vec<_> = world
        .children(process.id)
        .filter(|child| is_wait && child.is_zombie())
        .map(|child| child.id)
        .collect();
    if !dead.is_empty() {
        return format!("Until it has, {} of it: {}.", zombies(dead.len()), list(&dead));
    }
    if line.function.is_some() && line.line == 0 {
        return "n lets it. Compiled with -g, the program would show its lines.".to_owned();
    }
    "n lets it.".to_owned()
}

/// Whose pid a call returned.
fn taken(world: &World, ret: Ret) -> String {
    let whose = |pid| {
        let gone = || {
            let gone = world.gone().find(|gone| gone.pid == pid);
            gone.map(|gone| (gone.id, gone.status))
        };
        let here = world.by_pid(pid).map(|process| (process.id, process.status()));
        here.or_else(gone)
    };
    match ret.pid().and_then(whose) {
        Some((id, Some(status))) => format!("That is {id}: {status}. n lets it go on."),
        Some((id, None)) => format!("That is {id}. n lets it go on."),
        None => "n lets it go on.".to_owned(),
    }
}
