//! The tree or the process graph as a Mermaid flowchart, for pages that draw those: wikis, forges, course notes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::graph::{EdgeKind, NodeKind, ProcessGraph};
use super::{clean, cut};
use crate::model::explain::status;
use crate::model::{Link, Process, World};

/// The tree: an arrow from each parent to its children, a dotted one where it adopted them.
pub fn tree(world: &World) -> String {
    let mut text = "flowchart TD\n".to_owned();
    let processes = || world.processes().filter(|process| !process.is_reaped());
    let parents: BTreeSet<_> = processes().map(|process| &process.parent).collect();
    for parent in parents
        .iter()
        .filter(|parent| parent.proc().and_then(|id| world.get(id)).is_none())
    {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    {}[{}]", name(parent), quoted(&[&parent.to_string()]));
    }
    for process in processes() {
        let _ = writeln!(
            text,
            "    {}[{}]",
            name(&process.id.into()),
            label(world, process)
        );
    }
    for process in processes() {
        let arrow = match &process.orphan_of {
            Some(from) => format!("-. {} .->", quoted(&[&format!("was {from}'s")])),
            None => "-->".to_owned(),
        };
        let _ = writeln!(
            text,
            "    {} {arrow} {}",
            name(&process.parent),
            name(&process.id.into())
        );
    }
    let zombies: Vec<_> = processes()
        .filter(|process| process.is_zombie())
        .map(|process| name(&process.id.into()))
        .collect();
    if !zombies.is_empty() {
        let _ = writeln!(text, "    classDef zombie stroke-dasharray:4");
        let _ = writeln!(text, "    class {} zombie", zombies.join(","));
    }
    text
}

/// The process graph: time goes to the right.
pub fn graph(graph: &ProcessGraph) -> String {
    let mut text = "flowchart LR\n".to_owned();
    for (n, node) in graph.nodes.iter().enumerate() {
        let label = quoted(&[&node.label]);
        let shaped = match node.kind {
            NodeKind::Begin => format!("({label})"),
            NodeKind::Act => format!("[{label}]"),
            NodeKind::End => format!("{{{{{label}}}}}"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    n{n}{shaped}");
    }
    for edge in &graph.edges {
        let arrow = match edge.kind {
            EdgeKind::Next => "---",
            EdgeKind::Fork | EdgeKind::Reap => "-->",
            EdgeKind::Adopt => "-.->",
        };
        let _ = writeln!(text, "    n{} {arrow} n{}", edge.from, edge.to);
    }
    text
}

fn label(world: &World, process: &Process) -> String {
    let Process { id, pid, state, .. } = process;
    let status = status(world, process);
    quoted(&[
        &format!("{id} {pid}"),
        &format!("{} {state}", cut(&process.program(), 30)),
        status.word,
    ])
}

/// An identifier for a node. It begins so that no word of Mermaid's own can come of it.
fn name(link: &Link) -> String {
    match link {
        Link::Proc(id) => format!("p_{id}"),
        Link::Outside(pid, _) => format!("outside_{}", pid.0.unsigned_abs()),
    }
}

/// Lines as one string. What means something to Mermaid or to HTML becomes an entity.
fn quoted(lines: &[&str]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| escaped(&clean(line))).collect();
    format!("\"{}\"", lines.join("<br/>"))
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut text, c| {
        match c {
            '"' => text.push_str("#quot;"),
            '#' => text.push_str("#35;"),
            '&' => text.push_str("#amp;"),
            '<' => text.push_str("#lt;"),
            '>' => text.push_str("#gt;"),
            '`' => text.push_str("#96;"),
            c => text.push(c),
        }
        text
    })
}
