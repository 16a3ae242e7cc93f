//! The process graph that courses draw: a chain of nodes for each process, and edges where one process has to do with
//! another. It is made here once, and written by [`dot`](super::dot) and [`mermaid`](super::mermaid).

use std::collections::BTreeMap;

use super::cut;
use crate::model::event::{Birth, Exec, Fork, Reaped, Wait};
use crate::model::{Event, Link, Pid, ProcId, Ret, WaitStatus, What, command_line};

/// How much of a command line or an output a node shows.
const SHOWN: usize = 30;

/// Who forked, ended, reaped and adopted whom.
#[derive(Clone, Debug, Default)]
pub struct ProcessGraph {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// The last node of each process.
    last: BTreeMap<ProcId, usize>,
    /// The node at which a process ended.
    ends: BTreeMap<ProcId, usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) who: ProcId,
    pub(super) label: String,
    pub(super) kind: NodeKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeKind {
    /// The first node of a process.
    Begin,
    /// Something that it did.
    Act,
    /// Its end.
    End,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: EdgeKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EdgeKind {
    /// The same process, later.
    Next,
    /// From a fork to the child's first node.
    Fork,
    /// From an end to the wait that took its status.
    Reap,
    /// From a death to the adoption, and from there to the orphan.
    Adopt,
}

impl ProcessGraph {
    /// Takes in the next fact.
    pub fn push(&mut self, event: &Event) {
        let who = event.proc;
        match &event.what {
            What::Born(Birth { parent, .. }) => self.born(who, event.pid, parent),
            What::Fork(Fork {
                child: Some(child),
                ret,
                ..
            }) => {
                let pid = ret.pid().unwrap_or_default();
                self.born(*child, pid, &who.into());
            }
            What::Fork(Fork {
                ret: Ret::Err(errno), ..
            }) => self.act(who, format!("fork = -1 {errno}")),
            What::Exec(Exec { argv, failed }) => {
                let failed = failed.map_or_else(String::new, |ret| format!(" = {ret}"));
                self.act(who, format!("exec {}{failed}", cut(&command_line(argv), SHOWN)));
            }
            What::Output(text) => self.act(who, format!("writes {}", cut(text.text.trim_end(), SHOWN))),
            What::Exit { status } | What::Killed { status } => self.ended(who, Some(*status)),
            What::Zombie { status } => self.ended(who, *status),
            What::Wait(Wait { end: Some(end), .. }) => {
                if let Ret::Err(errno) = end.ret {
                    self.act(who, format!("waitpid = -1 {errno}"));
                }
            }
            What::Reaped(Reaped { by, auto: false, .. }) => self.reaped(who, by),
            What::Adopted { from, by } => self.adopted(who, from, by),
            _ => {}
        }
    }

    /// A fork is two facts; whichever comes first draws it.
    fn born(&mut self, child: ProcId, pid: Pid, parent: &Link) {
        if self.last.contains_key(&child) {
            return;
        }
        let fork = parent
            .proc()
            .filter(|parent| self.last.contains_key(parent))
            .map(|parent| self.node(parent, "fork".into(), NodeKind::Act));
        let begin = self.node(child, format!("{child} {pid}"), NodeKind::Begin);
        if let Some(fork) = fork {
            self.edge(fork, begin, EdgeKind::Fork);
        }
    }

    fn ended(&mut self, who: ProcId, status: Option<WaitStatus>) {
        if self.ends.contains_key(&who) || !self.last.contains_key(&who) {
            return;
        }
        let label = match status {
            Some(WaitStatus::Exited(code)) => format!("exit({code})"),
            Some(status) => format!("killed by {status}"),
            None => "ended".into(),
        };
        let end = self.node(who, label, NodeKind::End);
        self.ends.insert(who, end);
    }

    fn reaped(&mut self, who: ProcId, by: &Link) {
        let (Some(&end), Some(by)) = (self.ends.get(&who), by.proc()) else {
            return;
        };
        let wait = self.node(by, format!("waitpid = {who}"), NodeKind::Act);
        self.edge(end, wait, EdgeKind::Reap);
    }

    /// The death leads to the adoption, and the adoption to the orphan's new parent.
    fn adopted(&mut self, who: ProcId, from: &Link, by: &Link) {
        let orphan = self.node(who, format!("{who}: now {by}'s"), NodeKind::Act);
        let death = from.proc().and_then(|from| self.ends.get(&from)).copied();
        let adoption = match by.proc() {
            Some(by) => {
                let adoption = self.node(by, format!("adopts {who}"), NodeKind::Act);
                self.edge(adoption, orphan, EdgeKind::Adopt);
                adoption
            }
            None => orphan,
        };
        if let Some(death) = death {
            self.edge(death, adoption, EdgeKind::Adopt);
        }
    }

    fn act(&mut self, who: ProcId, label: String) {
        self.node(who, label, NodeKind::Act);
    }

    /// Adds a node at the end of the chain of a process.
    fn node(&mut self, who: ProcId, label: String, kind: NodeKind) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node { who, label, kind });
        if let Some(before) = self.last.insert(who, node) {
            self.edge(before, node, EdgeKind::Next);
        }
        node
    }

    fn edge(&mut self, from: usize, to: usize, kind: EdgeKind) {
        self.edges.push(Edge { from, to, kind });
    }
}
