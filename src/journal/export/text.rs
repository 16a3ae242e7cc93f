//! The tree and what happened as plain text, as on the screen.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::{clean, cut};
use crate::model::explain::{status, tell};
use crate::model::{Node, Process, Row, World};

/// How much of a command line is shown.
const PROGRAM: usize = 24;

/// The tree: a line for each process, with its pid, its program, the letter of /proc, and what it is up to.
pub fn tree(world: &World) -> String {
    let header = ["process", "pid", "program", "/proc", "status"].map(String::from);
    let rows = world.rows(&BTreeSet::new());
    let lines: Vec<_> = [header]
        .into_iter()
        .chain(rows.iter().map(|row| line(world, row)))
        .collect();
    table(&lines)
}

/// What happened last, a line for each fact that is told.
pub fn story(world: &World) -> String {
    let lines: Vec<_> = world
        .records()
        .iter()
        .map(|record| {
            let told = tell(record);
            [
                record.n.to_string(),
                record.event.proc.to_string(),
                clean(&told.call),
                clean(&told.meaning),
            ]
        })
        .collect();
    table(&lines)
}

fn line(world: &World, row: &Row) -> [String; 5] {
    let branch = branch(&row.guides);
    match &row.node {
        Node::Outside(link) => [
            clean(&link.to_string()),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ],
        Node::Proc(id) => match world.get(*id) {
            Some(process) => [
                format!("{branch}{id}"),
                process.pid.to_string(),
                cut(&process.program(), PROGRAM),
                letter(process),
                told(world, process),
            ],
            None => [
                format!("{branch}{id}"),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
            ],
        },
    }
}

/// The lines that lead from a row to its parent's.
fn branch(guides: &[bool]) -> String {
    let Some((own, above)) = guides.split_last() else {
        return String::new();
    };
    let above = above.iter().map(|&goes_on| if goes_on { "│  " } else { "   " });
    above.chain([if *own { "├─ " } else { "└─ " }]).collect()
}

fn letter(process: &Process) -> String {
    if process.is_reaped() {
        "–".to_owned()
    } else {
        process.state.to_string()
    }
}

fn told(world: &World, process: &Process) -> String {
    let status = status(world, process);
    format!("{} {}", status.word, status.detail).trim_end().to_owned()
}

/// Columns as wide as their widest entry, two apart.
fn table<const N: usize>(lines: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.width());
        }
    }
    let mut text = String::new();
    for line in lines {
        let mut written = String::new();
        for (width, cell) in widths.iter().zip(line) {
            let gap = width - cell.width() + 2;
            // Writing to a string cannot fail.
            let _ = write!(written, "{cell}{:gap$}", "");
        }
        text.push_str(written.trim_end());
        text.push('\n');
    }
    text
}
