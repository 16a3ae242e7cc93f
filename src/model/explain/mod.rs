//! Cause and effect in the field's words: each fact gets one sentence, written once, here.
//!
//! [`tell`] says what a fact means; [`status`] is the word in a process's row; [`about`] explains the state of one
//! process and [`check`] names a command that shows the same in another terminal. Everything is worked out from the
//! world and nothing is looked up. The facts themselves are those of fork(2), execve(2), wait(2), kill(2),
//! signal(7), prctl(2) and proc(5).

mod about;
mod held;
mod pipes;
mod status;
mod tell;

pub use about::{Check, about, check, status_bits};
pub use pipes::end_of_file;
pub use status::{Status, status};
pub use tell::{Told, tell};

use super::process::Process;
use super::world::World;
use super::{Link, ProcId};

/// `A`, `A and B`, `A, B and C`; of many, the first three and how many more.
fn list(names: &[ProcId]) -> String {
    const SHOWN: usize = 3;
    let text = |names: &[ProcId]| {
        names
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    match names {
        [] => String::new(),
        [one] => one.to_string(),
        [head @ .., last] if names.len() <= SHOWN + 1 => format!("{} and {last}", text(head)),
        _ => format!("{} and {} more", text(&names[..SHOWN]), names.len() - SHOWN),
    }
}

/// The living children of a process, in letter order.
fn living(world: &World, process: &Process) -> Vec<ProcId> {
    world
        .children(process.id)
        .filter(|child| child.is_alive())
        .map(|child| child.id)
        .collect()
}

/// Whether a parent link leads to the init of this PID namespace.
fn is_init(link: &Link) -> bool {
    matches!(link, Link::Outside(pid, _) if pid.0 == 1)
}

/// `1 child`, `3 children`.
fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {many}")
    }
}
