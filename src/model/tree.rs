//! The tree as rows: a walk over the parent links, siblings in letter order.
//!
//! Selection and folding belong to processes, not to places in the tree, because a place is exactly what an orphan
//! loses. So a row carries its process, and everything else here is worked out anew each time.

use std::collections::{BTreeMap, BTreeSet};

use super::ident::{Link, ProcId};
use super::world::World;

/// One row of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Who stands in it.
    pub node: Node,
    /// For each level above, whether its line goes on below this row; the last entry is the row's own level.
    pub guides: Vec<bool>,
    /// How many processes are folded away below it.
    pub folded: usize,
}

/// What a row shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// A process of ours.
    Proc(ProcId),
    /// An adopter outside, shown above those it adopted.
    Outside(Link),
}

impl Row {
    /// How deep the row stands; a root stands at 0.
    pub fn depth(&self) -> usize {
        self.guides.len()
    }

    /// The process in the row, if it is one of ours.
    pub const fn proc(&self) -> Option<ProcId> {
        match self.node {
            Node::Proc(id) => Some(id),
            Node::Outside(_) => None,
        }
    }
}

impl World {
    /// The rows of the tree, from the roots down, leaving out what is below a folded process.
    pub fn rows(&self, folded: &BTreeSet<ProcId>) -> Vec<Row> {
        let mut children: BTreeMap<Node, Vec<ProcId>> = BTreeMap::new();
        let mut roots = Vec::new();
        for process in self.processes() {
            match &process.parent {
                Link::Proc(parent) if self.get(*parent).is_some() => {
                    children.entry(Node::Proc(*parent)).or_default().push(process.id);
                }
                outside @ Link::Outside(..) if process.id.is_lab() => {
                    children
                        .entry(Node::Outside(outside.clone()))
                        .or_default()
                        .push(process.id);
                }
                _ => roots.push(Node::Proc(process.id)),
            }
        }
        roots.extend(
            children
                .keys()
                .filter(|node| matches!(node, Node::Outside(_)))
                .cloned(),
        );

        let mut rows = Vec::new();
        // A stack of our own: a chain in a recording may be deeper than a call stack.
        let mut stack: Vec<(Node, Vec<bool>)> =
            roots.into_iter().rev().map(|root| (root, Vec::new())).collect();
        while let Some((node, guides)) = stack.pop() {
            let below = children.get(&node).map_or(&[][..], Vec::as_slice);
            let hidden = matches!(&node, Node::Proc(id) if folded.contains(id));
            if !hidden {
                for (n, &child) in below.iter().enumerate().rev() {
                    let mut guides = guides.clone();
                    guides.push(n + 1 < below.len());
                    stack.push((Node::Proc(child), guides));
                }
            }
            let folded = if hidden { count(below, &children) } else { 0 };
            rows.push(Row { node, guides, folded });
        }
        rows
    }
}

/// How many processes stand at and below `tops`.
fn count(tops: &[ProcId], children: &BTreeMap<Node, Vec<ProcId>>) -> usize {
    let mut stack = tops.to_vec();
    let mut sum = 0;
    while let Some(id) = stack.pop() {
        sum += 1;
        stack.extend(children.get(&Node::Proc(id)).into_iter().flatten());
    }
    sum
}
