//! The situations that questions are about: a kernel after some random acts, and its tree as text.

use std::fmt::Write as _;

use crate::model::Random;
use crate::model::sim::{Call, Facts, Kernel};
use crate::model::{Pid, ProcId, WaitCall};

/// A situation, and how it came about.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) kernel: Kernel,
    /// The keys that make the same in the playground.
    pub(super) keys: String,
}

/// What somebody may do in a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Fork(Pid),
    Exit(Pid),
    Wait(Pid),
    Subreaper(Pid),
}

impl Scene {
    /// A with nobody below it.
    pub(super) fn new() -> Self {
        let (kernel, _) = Kernel::launch(b"", &mut Facts::unheard());
        Self {
            kernel,
            keys: "f".to_owned(),
        }
    }

    /// A tree of `size` processes, some of them dead.
    pub(super) fn random(size: usize, deaths: usize, random: &mut Random) -> Self {
        let mut scene = Self::new();
        for _ in 1..size {
            if let Some(&who) = random.pick(&scene.living()) {
                scene.perform(Act::Fork(who));
            }
        }
        for _ in 0..deaths {
            let mortal: Vec<_> = scene.living().into_iter().skip(1).collect();
            if let Some(&who) = random.pick(&mortal) {
                scene.perform(Act::Exit(who));
            }
        }
        scene
    }

    /// The living lettered processes.
    pub(super) fn living(&self) -> Vec<Pid> {
        self.kernel
            .lab()
            .filter(|proc| proc.is_running())
            .map(|proc| proc.pid)
            .collect()
    }

    /// The name of a process.
    pub(super) fn name(&self, pid: Pid) -> String {
        self.kernel
            .get(pid)
            .map_or_else(|| pid.to_string(), |proc| proc.name.to_string())
    }

    /// Does an act.
    pub(super) fn perform(&mut self, act: Act) {
        let (who, call, key) = match act {
            Act::Fork(who) => (who, Call::Fork, "f"),
            Act::Exit(who) => (who, Call::Exit(0), "x"),
            Act::Wait(who) => (who, Call::Wait(WaitCall::default()), "w"),
            Act::Subreaper(who) => (who, Call::Subreaper(true), "u"),
        };
        let name = self.name(who);
        let _ = write!(self.keys, " @{name} {key}");
        self.kernel.call(who, &call, &mut Facts::unheard());
        self.kernel.settle(&mut Facts::unheard());
    }

    /// The scene after an act.
    pub(super) fn after(&self, act: Act) -> Self {
        let mut scene = self.clone();
        scene.perform(act);
        scene
    }

    /// An act in words.
    pub(super) fn words(&self, act: Act) -> String {
        match act {
            Act::Fork(who) => format!("{} calls fork()", self.name(who)),
            Act::Exit(who) => format!("{} calls _exit(0)", self.name(who)),
            Act::Wait(who) => format!("{} calls waitpid(-1, &status, 0)", self.name(who)),
            Act::Subreaper(who) => format!("{} becomes a subreaper", self.name(who)),
        }
    }

    /// The tree.
    pub(super) fn tree(&self) -> Tree {
        Tree::of(&self.kernel, self.kernel.keeper())
    }
}

/// A tree of names, to be drawn, and to be drawn wrongly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tree {
    name: String,
    lab: bool,
    children: Vec<Tree>,
}

impl Tree {
    fn of(kernel: &Kernel, pid: Pid) -> Self {
        let Some(proc) = kernel.get(pid) else {
            return Self {
                name: pid.to_string(),
                lab: false,
                children: Vec::new(),
            };
        };
        let mut children = proc.children.clone();
        children.sort_unstable();
        Self {
            name: if proc.is_zombie() {
                format!("{} zombie", proc.name)
            } else {
                proc.name.to_string()
            },
            lab: proc.id().is_some_and(ProcId::is_lab),
            children: children
                .into_iter()
                .map(|child| Self::of(kernel, child))
                .collect(),
        }
    }

    /// As text, a line for each process.
    pub(super) fn draw(&self) -> String {
        let mut text = String::new();
        self.draw_below(0, &mut text);
        text.trim_end().to_owned()
    }

    /// What the tree would be, by a common mistake, once `who` has ended.
    pub(super) fn mistaken(&self, who: &str, mistake: Mistake) -> Self {
        let mut tree = self.clone();
        let mut moved = Vec::new();
        tree.bury(who, mistake, &mut moved);
        if mistake != Mistake::ChildrenStay {
            tree.children.extend(moved);
        }
        tree.sort();
        tree
    }

    fn bury(&mut self, who: &str, mistake: Mistake, moved: &mut Vec<Self>) {
        if let Some(at) = self.children.iter().position(|child| child.name == who) {
            let mut below = std::mem::take(&mut self.children[at].children);
            self.children[at].name = format!("{who} zombie");
            match mistake {
                Mistake::ToGrandparent => self.children.append(&mut below),
                Mistake::AllMove => {
                    for child in below {
                        child.flatten(moved);
                    }
                }
                Mistake::ChildrenStay => self.children[at].children = below,
                Mistake::ChildrenDie => {}
                Mistake::NoZombie => {
                    self.children.remove(at);
                    moved.append(&mut below);
                }
            }
            return;
        }
        for child in &mut self.children {
            child.bury(who, mistake, moved);
        }
    }

    fn flatten(mut self, into: &mut Vec<Self>) {
        for child in std::mem::take(&mut self.children) {
            child.flatten(into);
        }
        into.push(self);
    }

    fn sort(&mut self) {
        self.children
            .sort_by(|one, other| (one.lab, &one.name).cmp(&(other.lab, &other.name)));
        self.children.iter_mut().for_each(Self::sort);
    }

    fn draw_below(&self, depth: usize, text: &mut String) {
        let _ = writeln!(text, "{}{}", "  ".repeat(depth), self.name);
        for child in &self.children {
            child.draw_below(depth + 1, text);
        }
    }
}

/// What students most often believe of an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    /// The children go to the parent of the one that ended.
    ToGrandparent,
    /// All descendants go to the adopter, not the children alone.
    AllMove,
    /// The children stay below the zombie.
    ChildrenStay,
    /// The children end with it.
    ChildrenDie,
    /// Nothing is left to wait for.
    NoZombie,
}

impl Mistake {
    pub(super) const ALL: [Self; 5] = [
        Self::ToGrandparent,
        Self::AllMove,
        Self::ChildrenStay,
        Self::ChildrenDie,
        Self::NoZombie,
    ];
}
