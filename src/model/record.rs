//! The list of what happened: facts that belong together, joined, with what was true around them at the time.
//!
//! A fork is one event with two return values, and the child's may be known first; a death and the zombie it left
//! are one line for the reader; so are a wait that returned and the reaping it did.

use serde::{Deserialize, Serialize};

use super::event::{Event, Text, What};
use super::ident::{Link, ProcId};
use super::process::{Life, Process};
use super::status::WaitStatus;
use super::world::World;

/// How much of a written text a line of what happened can show; the output pane has the whole.
const SHOWN: usize = 256;

/// One line of what happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its number, counted from 1.
    pub n: u64,
    /// How many facts had been taken in with its first one.
    pub at: u64,
    /// The fact that began it.
    pub event: Event,
    /// The fact that completed it, if one has.
    pub with: Option<Event>,
    /// What was true before it.
    pub scene: Scene,
}

/// What an explanation needs to know of the moment before the fact.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent observations, not the states of one thing"
)]
pub struct Scene {
    /// The parent of the process that the fact is about.
    pub parent: Option<Link>,
    /// Whether that parent ignores SIGCHLD.
    pub parent_ignores: bool,
    /// Its living children, the first of them by name.
    pub living: Option<ProcId>,
    /// How many living children it has.
    pub living_count: usize,
    /// How many children of it are zombies.
    pub zombies: usize,
    /// Whether the process itself is dead and not reaped.
    pub zombie: bool,
    /// Whether the process is stopped.
    pub stopped: bool,
    /// The process ended with this, if it has ended.
    pub status: Option<WaitStatus>,
    /// Whether the process that adopts it is a subreaper of ours.
    pub adopter_is_subreaper: bool,
}

impl Scene {
    /// The moment before `event`.
    pub(super) fn before(world: &World, event: &Event) -> Self {
        let Some(process) = world.get(event.proc) else {
            return Self::default();
        };
        if matches!(event.what, What::Fork(_)) {
            // Nothing of the moment matters to a fork, and its child's half has no moment before.
            return Self::default();
        }
        let parent = process.parent.proc().and_then(|id| world.get(id));
        let mut scene = Self {
            parent: Some(process.parent.clone()),
            parent_ignores: parent.is_some_and(ignores_sigchld),
            zombie: process.is_zombie(),
            stopped: process.is_stopped(),
            status: process.status(),
            ..Self::default()
        };
        if let What::Adopted {
            by: Link::Proc(by), ..
        } = &event.what
        {
            scene.adopter_is_subreaper = world.get(*by).is_some_and(|adopter| adopter.subreaper);
        }
        if matches!(
            event.what,
            What::Wait(_) | What::Exit { .. } | What::Killed { .. }
        ) {
            for child in world.children(event.proc) {
                if matches!(child.life, Life::Zombie(_)) {
                    scene.zombies += 1;
                } else {
                    scene.living_count += 1;
                    scene.living = scene.living.or(Some(child.id));
                }
            }
        }
        scene
    }
}

/// The event as its line shows it: of a long text only the beginning, so that many lines stay small.
fn shown(event: &Event) -> Event {
    let cut = |text: &Text| Text {
        text: text.text.chars().take(SHOWN).collect(),
        b64: None,
    };
    let what = match &event.what {
        What::Output(text) if text.text.len() > SHOWN => What::Output(cut(text)),
        What::Stdin(text) if text.text.len() > SHOWN => What::Stdin(cut(text)),
        what => what.clone(),
    };
    Event { what, ..*event }
}

fn ignores_sigchld(process: &Process) -> bool {
    process.action(super::status::Signal::CHLD) == super::event::Action::Ignore
}

impl Record {
    pub(super) fn new(n: u64, at: u64, event: &Event, scene: Scene) -> Self {
        Self {
            n,
            at,
            event: shown(event),
            with: None,
            scene,
        }
    }

    /// Whether `event` can be the other half of anything, so that a search is worth its time.
    pub(super) fn may_complete(event: &Event) -> bool {
        matches!(
            event.what,
            What::Fork(_) | What::Born(_) | What::Zombie { .. } | What::Reaped(_)
        )
    }

    /// Whether `event` is the other half of this.
    pub(super) fn belongs(&self, event: &Event) -> bool {
        if self.with.is_some() {
            return false;
        }
        match (&self.event.what, &event.what) {
            (What::Fork(fork), What::Born(_)) => fork.child == Some(event.proc),
            (What::Born(_), What::Fork(fork)) => fork.child == Some(self.event.proc),
            (What::Exit { .. } | What::Killed { .. }, What::Zombie { .. }) => self.event.proc == event.proc,
            (What::Wait(wait), What::Reaped(reaped)) => {
                reaped.by == Link::Proc(self.event.proc)
                    && wait.end.as_ref().is_some_and(|end| end.child == Some(event.proc))
            }
            _ => false,
        }
    }

    /// Completes this with its other half. A fork is told of its parent, whichever half came first.
    pub(super) fn join(&mut self, event: &Event) {
        let mut second = event.clone();
        if matches!(event.what, What::Fork(_)) {
            std::mem::swap(&mut self.event, &mut second);
            // The line keeps the moment at which it began.
            std::mem::swap(&mut self.event.t, &mut second.t);
        }
        self.with = Some(second);
    }
}
