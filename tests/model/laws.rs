//! What holds after any sequence of legal facts, whatever it is.
//!
//! Legal means: as Linux could have made them. The facts come from a table of processes small enough to be seen
//! through: who lives, who is whose parent, who is a zombie.

use std::collections::{BTreeMap, BTreeSet};

use forkscope::model::{Event, ProcId, Row, Time, World};
use proptest::prelude::*;

use super::script::{START, events};

/// What one process does, with a number that chooses among what is there.
#[derive(Clone, Copy, Debug)]
enum Act {
    Fork,
    Exit(u8),
    Reap(usize),
    Stop,
    Continue,
    Key,
}

fn act() -> impl Strategy<Value = (usize, Act)> {
    let act = prop_oneof![
        4 => Just(Act::Fork),
        2 => any::<u8>().prop_map(Act::Exit),
        2 => any::<usize>().prop_map(Act::Reap),
        1 => Just(Act::Stop),
        1 => Just(Act::Continue),
        1 => Just(Act::Key),
    ];
    (any::<usize>(), act)
}

/// The legal facts of some acts: those of one act stand together.
#[derive(Default)]
struct Story {
    parents: BTreeMap<ProcId, ProcId>,
    dead: BTreeSet<ProcId>,
    born: u32,
    told: Vec<Vec<String>>,
}

impl Story {
    fn of(acts: &[(usize, Act)]) -> Self {
        let mut story = Self::default();
        story.parents.insert(ProcId::Screen, ProcId::Keeper);
        for &(who, act) in acts {
            let living: Vec<_> = story
                .parents
                .keys()
                .filter(|id| !story.dead.contains(id))
                .copied()
                .collect();
            story.act(living[who % living.len()], act);
        }
        story
    }

    fn act(&mut self, who: ProcId, act: Act) {
        match act {
            Act::Fork => self.fork(who),
            Act::Exit(code) if who != ProcId::Screen => self.exit(who, code),
            Act::Reap(which) => self.reap(who, which),
            Act::Stop if who != ProcId::Screen => self.tell([format!("{who} stopped STOP")]),
            Act::Continue => self.tell([format!("{who} continued")]),
            Act::Key => self.tell(["screen key f".to_owned()]),
            Act::Exit(_) | Act::Stop => {}
        }
    }

    fn fork(&mut self, parent: ProcId) {
        let child = ProcId::lab(self.born);
        self.born += 1;
        self.parents.insert(child, parent);
        self.tell([format!("{parent} fork {child}"), format!("{child} born {parent}")]);
    }

    fn exit(&mut self, who: ProcId, code: u8) {
        let mut facts = vec![format!("{who} exit {code}")];
        for (child, parent) in self.parents.iter_mut().filter(|(_, parent)| **parent == who) {
            *parent = ProcId::Keeper;
            facts.push(format!("{child} adopted {who} keeper"));
        }
        facts.push(format!("{who} zombie {code}"));
        self.dead.insert(who);
        self.told.push(facts);
    }

    fn reap(&mut self, who: ProcId, which: usize) {
        let dead: Vec<_> = self
            .dead
            .iter()
            .filter(|id| self.parents[id] == who)
            .copied()
            .collect();
        if let Some(&child) = dead.get(which % dead.len().max(1)) {
            self.parents.remove(&child);
            self.dead.remove(&child);
            self.tell([format!("{who} wait = {child} 0"), format!("{child} reaped {who}")]);
        }
    }

    fn tell<const N: usize>(&mut self, facts: [String; N]) {
        self.told.push(facts.into());
    }

    /// The facts, with births before their forks where `swaps` says so.
    fn events(&self, swaps: &[bool]) -> Vec<Event> {
        let mut facts = START.to_owned();
        for (n, told) in self.told.iter().enumerate() {
            let mut told = told.clone();
            if told[0].contains(" fork ") && swaps.get(n).copied().unwrap_or(false) {
                told.swap(0, 1);
            }
            for fact in told {
                facts.push(';');
                facts.push_str(&fact);
            }
        }
        events(&facts)
    }
}

fn fold(events: &[Event]) -> World {
    let mut world = World::default();
    for event in events {
        world.apply(event);
    }
    world
}

proptest! {
    #[test]
    fn the_tree_stays_a_tree_after_every_fact(acts in prop::collection::vec(act(), 0..60)) {
        let mut world = World::default();
        for event in Story::of(&acts).events(&[]) {
            world.apply(&event);
            let rows = world.rows(&BTreeSet::new());
            let shown: BTreeSet<_> = rows.iter().filter_map(Row::proc).collect();
            prop_assert_eq!(shown.len(), rows.len(), "each row once, and none outside");
            prop_assert!(world.processes().all(|process| shown.contains(&process.id)), "all are shown");
            prop_assert_eq!(rows.iter().filter(|row| row.depth() == 0).count(), 1, "one root");
        }
    }

    #[test]
    fn the_world_agrees_with_the_table(acts in prop::collection::vec(act(), 0..60)) {
        let story = Story::of(&acts);
        let world = fold(&story.events(&[]));
        let parents: BTreeMap<_, _> = world
            .processes()
            .filter(|process| !process.is_reaped())
            .filter_map(|process| Some((process.id, process.parent.proc()?)))
            .collect();
        prop_assert_eq!(&parents, &story.parents);
        let zombies: BTreeSet<_> = world.processes().filter(|p| p.is_zombie()).map(|p| p.id).collect();
        prop_assert_eq!(&zombies, &story.dead);
    }

    #[test]
    fn letters_are_never_reused(acts in prop::collection::vec(act(), 0..60)) {
        let story = Story::of(&acts);
        let world = fold(&story.events(&[]));
        let mut names: Vec<_> = world.gone().map(|gone| gone.id).collect();
        names.extend(world.processes().filter(|p| !p.is_reaped() && p.id.is_lab()).map(|p| p.id));
        names.sort_unstable();
        prop_assert_eq!(names, (0..story.born).map(ProcId::lab).collect::<Vec<_>>());
    }

    #[test]
    fn births_and_parents_returns_in_either_order_give_the_same_world(
        acts in prop::collection::vec(act(), 0..60),
        swaps in prop::collection::vec(any::<bool>(), 60),
    ) {
        let story = Story::of(&acts);
        // When a fact came is part of the world, so all come at once.
        let at_once = |swaps: &[bool]| {
            let mut events = story.events(swaps);
            for event in &mut events {
                event.t = Time(0);
            }
            fold(&events)
        };
        prop_assert_eq!(at_once(&swaps), at_once(&[]));
    }

    #[test]
    fn a_world_is_the_same_through_json(acts in prop::collection::vec(act(), 0..40)) {
        let events = Story::of(&acts).events(&[]);
        let read: Vec<Event> = events
            .iter()
            .map(|event| serde_json::to_string(event).expect("a fact is JSON"))
            .map(|line| serde_json::from_str(&line).expect("and is read back"))
            .collect();
        prop_assert_eq!(fold(&read), fold(&events));
    }
}
