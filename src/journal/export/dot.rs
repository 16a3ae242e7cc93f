//! The tree or the process graph in the language of Graphviz.

use std::fmt::Write as _;

use super::graph::{EdgeKind, Node, NodeKind, ProcessGraph};
use super::{clean, cut};
use crate::model::explain::status;
use crate::model::{Link, Process, World};

/// The tree: an arrow from each parent to its children, a broken one where it adopted them.
pub fn tree(world: &World) -> String {
    let mut text = "digraph forkscope {\n    node [shape=box, fontname=\"monospace\"];\n".to_owned();
    let processes = || world.processes().filter(|process| !process.is_reaped());
    for process in processes() {
        let style = if process.is_zombie() { ", style=dashed" } else { "" };
        let (id, label) = (quoted(&process.id.to_string()), quoted(&label(world, process)));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    {id} [label={label}{style}];");
    }
    for process in processes() {
        let (from, to) = (
            quoted(&process.parent.to_string()),
            quoted(&process.id.to_string()),
        );
        let adopted = adopted(process);
        let _ = writeln!(text, "    {from} -> {to}{adopted};");
    }
    text.push_str("}\n");
    text
}

/// The process graph: time goes to the right, each process in a line of its own.
pub fn graph(graph: &ProcessGraph) -> String {
    let mut text = "digraph forkscope {\n    rankdir=LR;\n    node [fontname=\"monospace\"];\n".to_owned();
    for (n, node) in graph.nodes.iter().enumerate() {
        let Node { who, label, kind } = node;
        let shape = match kind {
            NodeKind::Begin => "box, style=rounded",
            NodeKind::Act => "plaintext",
            NodeKind::End => "octagon",
        };
        let label = quoted(label);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    n{n} [label={label}, group=\"{who}\", shape={shape}];");
    }
    for edge in &graph.edges {
        let style = match edge.kind {
            EdgeKind::Next => "weight=8, arrowhead=none",
            EdgeKind::Fork => "color=black",
            EdgeKind::Reap => "color=gray50",
            EdgeKind::Adopt => "style=dashed",
        };
        let _ = writeln!(text, "    n{} -> n{} [{style}];", edge.from, edge.to);
    }
    text.push_str("}\n");
    text
}

fn label(world: &World, process: &Process) -> String {
    let Process { id, pid, state, .. } = process;
    let status = status(world, process);
    format!(
        "{id} {pid}\n{} {state}\n{}",
        cut(&process.program(), 30),
        status.word
    )
}

fn adopted(process: &Process) -> String {
    let outside = matches!(process.parent, Link::Outside(..));
    match &process.orphan_of {
        Some(from) => format!(" [style=dashed, label={}]", quoted(&format!("was {from}'s"))),
        None if outside => " [color=gray60]".to_owned(),
        None => String::new(),
    }
}

/// A string of the DOT language. Its line breaks become Graphviz's own.
fn quoted(text: &str) -> String {
    let lines: Vec<_> = text
        .split('\n')
        .map(|line| clean(line).replace('\\', "\\\\").replace('"', "\\\""))
        .collect();
    format!("\"{}\"", lines.join("\\n"))
}
