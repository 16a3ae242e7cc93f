//! The columns of the matrix: what is held, and under which numbers.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::event::Fd;
use crate::model::{ProcId, Process};
use crate::ui::text::{clip, width};

/// The widest that a column becomes.
const WIDEST: usize = 20;

/// What the ends of pipes are called.
const PIPE: &str = "pipe";

/// One open file, or one end of a pipe.
#[derive(Debug)]
pub struct Column {
    /// What is held.
    pub head: String,
    /// The numbers under which each process holds it.
    pub cells: BTreeMap<ProcId, String>,
}

impl Column {
    /// The column's width.
    pub fn width(&self) -> usize {
        let cells = self.cells.values().map(|cell| width(cell));
        cells.max().unwrap_or(1).max(width(&self.head)).min(WIDEST)
    }
}

/// A column for each thing that a lab process holds: the ends of pipes first, a pipe's two beside each other; then what
/// is shared by most. What only keeper and screen hold is their own affair, unless there is nobody else.
pub fn columns(holders: &[&Process]) -> Vec<Column> {
    let mut columns: BTreeMap<String, Column> = BTreeMap::new();
    for process in holders {
        for fd in process.fds.values() {
            let head = head(fd);
            let column = columns.entry(head.clone()).or_insert_with(|| Column {
                head,
                cells: BTreeMap::new(),
            });
            let cell = column.cells.entry(process.id).or_default();
            if !cell.is_empty() {
                cell.push(' ');
            }
            cell.push_str(&fd.fd.to_string());
            cell.push_str(if fd.cloexec { "c" } else { "" });
        }
    }
    let has_lab = holders.iter().any(|process| process.id.is_lab());
    let is_shown = |column: &Column| !has_lab || column.cells.keys().any(|id| id.is_lab());
    let mut columns: Vec<Column> = columns.into_values().filter(is_shown).collect();
    columns.sort_by_key(|column| {
        let is_pipe = column.head.starts_with(PIPE);
        let holders = if is_pipe { 0 } else { column.cells.len() };
        (!is_pipe, Reverse(holders))
    });
    columns
}

/// `pipe 4711 r` for an end of a pipe, else the end of the path.
fn head(fd: &Fd) -> String {
    let file = fd.file.as_deref().unwrap_or("?");
    let inode = |kind: &str| {
        Some(
            file.strip_prefix(kind)?
                .strip_prefix(":[")?
                .strip_suffix(']')?
                .to_owned(),
        )
    };
    if let Some(inode) = inode(PIPE) {
        return format!("{PIPE} {inode} {}", fd.mode.as_deref().unwrap_or("?"));
    }
    if let Some(inode) = inode("socket") {
        return format!("socket {inode}");
    }
    let length = file.chars().count();
    match file.char_indices().nth((length + 1).saturating_sub(WIDEST)) {
        Some((at, _)) if length > WIDEST => format!("…{}", &file[at..]),
        _ => clip(file, WIDEST),
    }
}

/// The columns that fit, and how many do not.
pub fn fitting(columns: &[Column], room: usize) -> (&[Column], usize) {
    let all: usize = columns.iter().map(|column| column.width() + 2).sum();
    if all <= room {
        return (columns, 0);
    }
    let mut used = 5;
    let count = columns
        .iter()
        .take_while(|column| {
            used += column.width() + 2;
            used <= room
        })
        .count();
    (&columns[..count], columns.len() - count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_headed_by_what_is_held() {
        let check = |file: &str, mode: Option<&str>, expected: &str| {
            let fd = Fd {
                fd: 3,
                file: Some(file.to_owned()),
                mode: mode.map(str::to_owned),
                cloexec: false,
            };
            assert_eq!(head(&fd), expected);
        };
        check("pipe:[4711]", Some("w"), "pipe 4711 w");
        check("socket:[99]", None, "socket 99");
        check("/dev/null", Some("r"), "/dev/null");
        check("/home/student/course/exercise.txt", None, "…course/exercise.txt");
    }
}
