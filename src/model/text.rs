//! The world as plain text: what a headless run prints, and what can be pasted into a mail.

use std::collections::BTreeSet;

use super::explain;
use super::harmless::harmless;
use super::ident::ProcId;
use super::record::Record;
use super::tree::{Node, Row};
use super::world::World;

impl World {
    /// The tree: name, pid, program, /proc letter and status word of each process.
    pub fn tree_text(&self) -> String {
        // A reaped row leaves at once: there is nobody here for whom it would be struck through.
        let mut world = self.clone();
        world.sweep();
        let rows: Vec<[String; 5]> = world
            .rows(&BTreeSet::new())
            .iter()
            .map(|row| world.cells(row))
            .collect();
        let width = |n: usize| {
            rows.iter()
                .map(|cells| cells[n].chars().count())
                .max()
                .unwrap_or(0)
        };
        let (name, pid, program) = (width(0), width(1), width(2).min(32));
        rows.iter()
            .map(|[a, b, c, state, status]| {
                let line = format!("{a:<name$}  {b:>pid$}  {c:<program$}  {state:<1}  {status}");
                line.trim_end().to_owned() + "\n"
            })
            .collect()
    }

    /// The counts, as a headless run ends with them.
    pub fn counts_text(&self) -> String {
        let zombies = if self.zombies() == 1 { "zombie" } else { "zombies" };
        format!(
            "{} alive, {} {zombies}, {} reaped",
            self.alive(),
            self.zombies(),
            self.reaped()
        )
    }

    fn cells(&self, row: &Row) -> [String; 5] {
        let indent = indent(row);
        match &row.node {
            Node::Proc(id) => self.process_cells(*id, &indent),
            Node::Outside(link) => [
                format!("{indent}{link}"),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
            ],
        }
    }

    fn process_cells(&self, id: ProcId, indent: &str) -> [String; 5] {
        let Some(process) = self.get(id) else {
            return Default::default();
        };
        let status = explain::status(self, process);
        let words = [status.word, &status.detail].join("  ");
        [
            format!("{indent}{id}"),
            process.pid.to_string(),
            harmless(&process.program()).into_owned(),
            process.state.to_string(),
            words.trim_end().to_owned(),
        ]
    }
}

impl Record {
    /// One line of what happened.
    pub fn text(&self) -> String {
        let told = explain::tell(self);
        let line = format!(
            "{:>4}  {:<6}  {:<24}  {}",
            self.n, self.event.proc, told.call, told.meaning
        );
        harmless(&line).trim_end().to_owned()
    }
}

/// The lines of the tree before a name.
fn indent(row: &Row) -> String {
    let mut text = String::new();
    if let Some((own, above)) = row.guides.split_last() {
        for goes_on in above {
            text.push_str(if *goes_on { "│  " } else { "   " });
        }
        text.push_str(if *own { "├─ " } else { "└─ " });
    }
    text
}
