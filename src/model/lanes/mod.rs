//! Lanes: the picture that textbooks draw of a session. Each process has a lane, time goes to the right, forks and
//! adoptions are edges from lane to lane.
//!
//! Here facts become strokes: what is to be seen of each, and which lane changes how. [`draw`](Lanes::draw) makes a
//! picture of a window of them. Lanes never reorder: an orphan stays where it is, and an edge tells who adopted it.
//! A fact that changes no lane (a key, an output, the second half of a fork) has no stroke and takes no room.

mod draw;

use std::collections::BTreeMap;

use super::call::WaitTarget;
use super::event::{Event, Exec, Fork, Reaped, Wait, What};
use super::ident::{Link, ProcId, Time};
use super::process::{Life, Process};
use super::status::WaitStatus;
use super::world::World;

pub use draw::{Class, Glyph, Picture, PictureLane, Scale, Symbols, View};

/// The lanes of a stretch of a session.
#[derive(Clone, Debug)]
pub struct Lanes {
    world: World,
    by_name: BTreeMap<ProcId, Lane>,
    strokes: Vec<Stroke>,
    /// The position that the stretch begins after, and the time then.
    start: (u64, Time),
    end: Time,
}

/// What a lane looks like from some stroke on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ink {
    /// There is no such process, yet or any more.
    Absent,
    Alive,
    /// Alive, in a program that it exec'd.
    Program,
    /// Blocked in a wait.
    Waiting,
    Zombie,
}

#[derive(Clone, Debug)]
struct Lane {
    /// From which stroke on it looks how; the first entry is what it was at the beginning.
    inks: Vec<(usize, Ink)>,
    /// Whether anything in the stretch concerns it. keeper and screen have no lane otherwise.
    shown: bool,
}

/// One column's worth of what happened.
#[derive(Clone, Debug)]
struct Stroke {
    position: u64,
    time: Time,
    who: ProcId,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// It was forked by that process.
    Born(Link),
    Exec,
    /// Its wait blocks.
    Wait,
    /// Its wait came back and reaped nobody.
    Back,
    Exited,
    Killed,
    /// Its status was taken by that process; by none if the kernel threw it away.
    Reaped(Option<ProcId>),
    Adopted {
        from: Link,
        by: Link,
    },
}

impl Lanes {
    /// Begins with the world before the first fact of the stretch.
    pub fn new(before: World) -> Self {
        let by_name = before
            .processes()
            .filter(|process| !process.is_reaped())
            .map(|process| (process.id, Lane::new(ink(process), process.id.is_lab())))
            .collect();
        let start = (before.applied(), before.now());
        Self {
            by_name,
            strokes: Vec::new(),
            start,
            end: start.1,
            world: before,
        }
    }

    /// Takes in the next fact.
    pub fn push(&mut self, event: &Event) {
        let kind = self.kind(event);
        self.world.apply(event);
        self.end = self.world.now();
        if let Some((who, kind)) = kind {
            self.stroke(who, kind);
        }
    }

    /// How many strokes there are: the columns of a picture, but for their width.
    pub fn strokes(&self) -> usize {
        self.strokes.len()
    }

    /// What is to be seen of a fact, going by the world before it.
    fn kind(&mut self, event: &Event) -> Option<(ProcId, Kind)> {
        let who = event.proc;
        let known = self.world.get(who).filter(|process| !process.is_reaped());
        match &event.what {
            What::Born(birth) if known.is_none() => Some((who, Kind::Born(birth.parent.clone()))),
            What::Fork(Fork { child, .. }) => {
                let child = child.filter(|&child| self.ink(child).is_none())?;
                Some((child, Kind::Born(who.into())))
            }
            What::Exec(Exec { failed: None, .. }) => Some((who, Kind::Exec)),
            What::Wait(Wait { call, end: None }) => {
                let blocks = !call.options.nohang && blocks(&self.world, who, call.target);
                blocks.then_some((who, Kind::Wait))
            }
            What::Wait(Wait { end: Some(end), .. }) => {
                let back = end.child.is_none() && self.ink(who) == Some(Ink::Waiting);
                back.then_some((who, Kind::Back))
            }
            What::Exit { .. } => known?.is_alive().then_some((who, Kind::Exited)),
            What::Killed { .. } => known?.is_alive().then_some((who, Kind::Killed)),
            What::Zombie { status } => {
                let unseen = matches!(known?.life, Life::Alive);
                let kind = match status {
                    Some(WaitStatus::Signaled { .. }) => Kind::Killed,
                    _ => Kind::Exited,
                };
                unseen.then_some((who, kind))
            }
            What::Reaped(Reaped { auto: true, .. }) if self.ink(who) == Some(Ink::Zombie) => {
                self.never_a_zombie(who);
                None
            }
            What::Reaped(Reaped { by, auto, .. }) => {
                known?;
                Some((who, Kind::Reaped(by.proc().filter(|_| !auto))))
            }
            What::Adopted { from, by } => {
                known?;
                let (from, by) = (from.clone(), by.clone());
                Some((who, Kind::Adopted { from, by }))
            }
            _ => None,
        }
    }

    fn stroke(&mut self, who: ProcId, kind: Kind) {
        match &kind {
            Kind::Born(parent) => {
                // A birth outside of what is known (a damaged recording) still has a lane, without an edge.
                self.by_name
                    .entry(who)
                    .or_insert_with(|| Lane::new(Ink::Absent, true));
                let ink = self.world.get(who).map_or(Ink::Alive, living);
                self.change(who, ink);
                self.involve(parent.proc());
            }
            Kind::Exec => self.change(who, Ink::Program),
            Kind::Wait => self.change(who, Ink::Waiting),
            Kind::Back => self.wake(who),
            Kind::Exited | Kind::Killed => self.change(who, Ink::Zombie),
            Kind::Reaped(by) => {
                self.change(who, Ink::Absent);
                self.involve(*by);
                if let Some(by) = by {
                    self.wake(*by);
                }
            }
            Kind::Adopted { by, .. } => self.involve(by.proc()),
        }
        self.strokes.push(Stroke {
            position: self.world.applied(),
            time: self.world.now(),
            who,
            kind,
        });
    }

    /// Its parent ignores SIGCHLD, so the kernel kept nothing of it: its lane ends where it ended.
    fn never_a_zombie(&mut self, who: ProcId) {
        if let Some((_, ink)) = self.by_name.get_mut(&who).and_then(|lane| lane.inks.last_mut()) {
            *ink = Ink::Absent;
        }
    }

    /// The lane of a process whose wait has come back goes on as it was before.
    fn wake(&mut self, who: ProcId) {
        if self.ink(who) == Some(Ink::Waiting) {
            let ink = self.world.get(who).map_or(Ink::Alive, living);
            self.change(who, ink);
        }
    }

    fn change(&mut self, who: ProcId, ink: Ink) {
        if let Some(lane) = self.by_name.get_mut(&who) {
            lane.inks.push((self.strokes.len(), ink));
            lane.shown = true;
        }
    }

    fn involve(&mut self, who: Option<ProcId>) {
        if let Some(lane) = who.and_then(|who| self.by_name.get_mut(&who)) {
            lane.shown = true;
        }
    }

    /// What the lane of a process looks like now; none if it never had one.
    fn ink(&self, who: ProcId) -> Option<Ink> {
        Some(self.by_name.get(&who)?.inks.last()?.1)
    }
}

impl Lane {
    fn new(ink: Ink, shown: bool) -> Self {
        Self {
            inks: vec![(0, ink)],
            shown,
        }
    }

    /// What it looks like from stroke `n` on.
    fn at(&self, n: usize) -> Ink {
        // The entry of the beginning was there before the first stroke.
        let later = self.inks[1..].partition_point(|(from, _)| *from <= n);
        self.inks[later].1
    }
}

fn ink(process: &Process) -> Ink {
    match process.life {
        Life::Reaped { .. } => Ink::Absent,
        Life::Zombie(_) | Life::Ending(_) => Ink::Zombie,
        Life::Alive if process.waiting.is_some() => Ink::Waiting,
        Life::Alive => living(process),
    }
}

/// What a process that is not blocked looks like: a forked copy of one that exec'd runs that program too.
fn living(process: &Process) -> Ink {
    if process.argv.is_empty() {
        Ink::Alive
    } else {
        Ink::Program
    }
}

/// Whether a wait for such children puts its caller to sleep: it has one that lives, and none that is a zombie.
fn blocks(world: &World, who: ProcId, target: WaitTarget) -> bool {
    let group = world.get(who).map(|process| process.pgid);
    let mut asked = world
        .children(who)
        .filter(|child| match target {
            WaitTarget::Any => true,
            WaitTarget::OwnGroup => Some(child.pgid) == group,
            WaitTarget::Child(pid) => child.pid == pid,
            WaitTarget::Group(pgid) => child.pgid == pgid,
        })
        .peekable();
    asked.peek().is_some() && asked.all(Process::is_alive)
}

#[cfg(test)]
mod tests;
