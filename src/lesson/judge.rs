//! Whether a predicate is so, after the facts so far.
//!
//! What *is* is read from the world, what *was* from the chronicle. Follows wait(2) where it says that a process is
//! asleep in a wait: it has a child that the call could take, and none that has ended.

use super::chronicle::{Chronicle, Life};
use super::outputs::Outputs;
use super::predicate::{Answer, Compare, Count, Fact, Is, Parent, Predicate, Who};
use crate::model::event::Action;
use crate::model::{Link, ProcId, Process, WaitTarget, World};

impl Predicate {
    /// Whether it is so.
    pub fn holds(&self, world: &World, chronicle: &Chronicle) -> bool {
        match self {
            Self::And(all) => all.iter().all(|one| one.holds(world, chronicle)),
            Self::Or(any) => any.iter().any(|one| one.holds(world, chronicle)),
            Self::Not(other) => !other.holds(world, chronicle),
            Self::Fact(fact) => fact.holds(world, chronicle),
        }
    }
}

impl Fact {
    fn holds(&self, world: &World, chronicle: &Chronicle) -> bool {
        match self {
            Self::Count(count, compare, number) => compare.holds(chronicle.count(world, *count), *number),
            Self::NoProcessLeft => {
                world.alive() + world.zombies() == 0 && chronicle.count(world, Count::Born) > 0
            }
            Self::Parent(who, parent) => processes(world, *who).any(|child| match (parent, &child.parent) {
                (Parent::Proc(id), Link::Proc(other)) => id == other,
                (Parent::Outside, Link::Outside(..)) => true,
                _ => false,
            }),
            Self::Never => false,
            Self::EveryOutput => chronicle.outputs.as_ref().is_some_and(Outputs::are_found),
            Self::Output(text) => chronicle.output().contains(text),
            Self::OutputOrder(first, second) => {
                let output = chronicle.output();
                output
                    .find(first)
                    .is_some_and(|at| output[at + first.len()..].contains(second))
            }
            Self::Of(who, is) => {
                let so = |id: &ProcId| is.holds(*id, world, chronicle);
                chronicle.meant(*who).iter().any(so)
            }
        }
    }
}

/// The processes that have a row and of whom `who` speaks.
fn processes(world: &World, who: Who) -> impl Iterator<Item = &Process> {
    world.processes().filter(move |process| {
        !process.is_reaped()
            && match who {
                Who::One(id) => process.id == id,
                Who::Some => process.id.is_lab(),
            }
    })
}

impl Compare {
    const fn holds(self, left: u64, right: u64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::More => left > right,
            Self::AtLeast => left >= right,
        }
    }
}

impl Is {
    fn holds(&self, id: ProcId, world: &World, chronicle: &Chronicle) -> bool {
        match self {
            Self::Born => chronicle.knows(id),
            Self::EndedBefore(other) => is_before(chronicle, id, *other),
            Self::Reaped(other) => {
                others(chronicle, *other).any(|life| life.reaped_by.as_ref().and_then(Link::proc) == Some(id))
            }
            Self::Adopted(other) => {
                others(chronicle, *other).any(|life| life.adopters.contains(&Link::Proc(id)))
            }
            _ => {
                let is = world.get(id).is_some_and(|process| self.is(process, world));
                is || chronicle.life(id).is_some_and(|life| self.was(life))
            }
        }
    }

    /// What can be seen of it now.
    fn is(&self, process: &Process, world: &World) -> bool {
        match self {
            Self::Alive => process.is_alive(),
            Self::Zombie(end) => {
                let so = |status| end.is_none_or(|end| end.is(status));
                process.is_zombie() && process.status().map_or(end.is_none(), so)
            }
            Self::Stopped => process.is_stopped(),
            Self::Subreaper => process.subreaper,
            Self::Waits => is_asleep_in_wait(process, world),
            Self::Runs(program) => runs(process, program),
            Self::Ignores(signal) => process.action(*signal) == Action::Ignore,
            Self::Stands(phase, call) => process.line.as_ref().is_some_and(|line| {
                let source = line.call.as_deref().unwrap_or_default();
                line.phase == *phase && super::predicate::Call::spelled(source) == *call
            }),
            Self::LeadsGroup => process.is_alive() && process.pgid == process.pid,
            Self::LeadsSession => process.is_alive() && process.sid == process.pid,
            Self::Threads(count) => process.is_alive() && process.threads == *count,
            Self::Holds(name, value) => process
                .vars
                .iter()
                .any(|var| var.name == *name && var.value.as_deref() == Some(value)),
            _ => false,
        }
    }

    /// What it has done, or what was done to it.
    fn was(&self, life: &Life) -> bool {
        match self {
            Self::Gone => life.reaped_by.is_some(),
            Self::Orphan => !life.adopters.is_empty(),
            Self::Ended(None) => life.status.is_some() || life.reaped_by.is_some(),
            Self::Ended(Some(end)) => life.status.is_some_and(|status| end.is(status)),
            Self::Called(call, times) => life.called(call) >= *times,
            Self::Got(answer, call) => life.answers(call).any(|got| is_same(got, *answer)),
            Self::Wrote(text) => life.wrote.contains(text),
            Self::Sent(signal) => life.sent.contains(signal),
            Self::Caught(signal) => life.caught.contains(signal),
            _ => false,
        }
    }
}

fn others(chronicle: &Chronicle, who: Who) -> impl Iterator<Item = &Life> {
    let meant = chronicle.meant(who);
    meant.into_iter().filter_map(|id| chronicle.life(id))
}

fn is_before(chronicle: &Chronicle, id: ProcId, other: Who) -> bool {
    let Some(end) = chronicle.end_of(id) else {
        return false;
    };
    chronicle
        .meant(other)
        .into_iter()
        .filter(|other| *other != id && chronicle.knows(*other))
        .any(|other| chronicle.end_of(other).is_none_or(|later| end < later))
}

/// Whether the kernel keeps it asleep: the call may take a child, and none of those has ended.
fn is_asleep_in_wait(process: &Process, world: &World) -> bool {
    let Some(call) = process.waiting.filter(|call| !call.options.nohang) else {
        return false;
    };
    let mut candidates = world
        .children(process.id)
        .filter(|child| match call.target {
            WaitTarget::Any => true,
            WaitTarget::OwnGroup => child.pgid == process.pgid,
            WaitTarget::Child(pid) => child.pid == pid,
            WaitTarget::Group(group) => child.pgid == group,
        })
        .peekable();
    candidates.peek().is_some() && candidates.all(|child| !child.is_zombie())
}

fn runs(process: &Process, program: &str) -> bool {
    let name = process.argv.first().map(String::as_str).unwrap_or_default();
    process.is_alive() && name.rsplit('/').next() == Some(program)
}

fn is_same(got: Answer, asked: Answer) -> bool {
    match (got, asked) {
        (Answer::Pid(_), Answer::Pid(Who::Some)) => true,
        (got, asked) => got == asked,
    }
}
