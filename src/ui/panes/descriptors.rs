//! Which process holds which descriptor: a row for each process, a column for each open file or end of a pipe, and in
//! the cells the numbers.
//!
//! It shows at a glance what a pipeline hangs on: end-of-file comes only when *nobody* holds a write end any more.
//! The words are those of pipe(7) and of /proc/PID/fd.

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{App, Pane};
use crate::model::event::Fd;
use crate::model::{ProcId, Process};
use crate::ui::paint::{self, ink, span};
use crate::ui::text::{clip, fit, width};
use crate::ui::theme::Ink;

/// The widest that a column becomes.
const WIDEST: usize = 20;

/// What the ends of pipes are called.
const PIPE: &str = "pipe";

/// The head of the column of names.
const HEAD: &str = "process";

/// Draws the matrix.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    paint::rule(
        app,
        buf,
        area,
        &[
            span(app, Pane::Descriptors.title(), Ink::Title),
            Span::raw(" · who holds what; c: exec closes it"),
        ],
        "",
    );
    let body = paint::below(area, 1);
    let mut holders = holders(app);
    if holders.is_empty() {
        paint::line(buf, body, 0, &Line::from(" No descriptors have been read yet."));
        return;
    }
    let columns = columns(&holders);
    holders.retain(|process| {
        columns
            .iter()
            .any(|column| column.cells.contains_key(&process.id))
    });
    let names = holders.iter().map(|process| width(&process.id.to_string()));
    let names = names.max().unwrap_or(0).max(HEAD.len());
    let (shown, left_out) = fitting(&columns, usize::from(body.width).saturating_sub(names + 3));

    let mut heads = format!(" {HEAD:names$}");
    for column in shown {
        heads.push_str("  ");
        heads.push_str(&fit(&column.head, column.width()));
    }
    if left_out > 0 {
        heads.push_str("  +");
        heads.push_str(&left_out.to_string());
    }
    paint::line(buf, body, 0, &Line::styled(heads, ink(app, Ink::Head)));

    let rows = paint::below(body, 1);
    let at = holders
        .iter()
        .position(|process| process.id == app.view.selected)
        .unwrap_or(0);
    let start = paint::window(holders.len(), rows.height.into(), at);
    for (n, process) in holders.iter().skip(start).enumerate() {
        let mut line = Line::from(vec![
            Span::raw(" "),
            span(app, fit(&process.id.to_string(), names), Ink::Name),
        ]);
        for column in shown {
            line.push_span("  ");
            line.push_span(fit(
                column.cells.get(&process.id).map_or("·", String::as_str),
                column.width(),
            ));
        }
        if process.id == app.view.selected {
            line = line.patch_style(ink(app, Ink::Selected));
        }
        paint::line(buf, rows, n, &line);
    }
}

/// The living processes whose descriptors are known.
fn holders(app: &App) -> Vec<&Process> {
    app.world
        .processes()
        .filter(|process| process.is_alive() && !process.fds.is_empty())
        .collect()
}

/// One open file, or one end of a pipe.
#[derive(Debug)]
struct Column {
    head: String,
    /// The numbers under which each process holds it.
    cells: BTreeMap<ProcId, String>,
}

impl Column {
    fn width(&self) -> usize {
        let cells = self.cells.values().map(|cell| width(cell));
        cells.max().unwrap_or(1).max(width(&self.head)).min(WIDEST)
    }
}

/// A column for each thing that a lab process holds: the ends of pipes first, a pipe's two beside each other; then what
/// is shared by most. What only keeper and screen hold is their own affair, unless there is nobody else.
fn columns(holders: &[&Process]) -> Vec<Column> {
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
        (
            !is_pipe,
            if is_pipe {
                0
            } else {
                usize::MAX - column.cells.len()
            },
        )
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
fn fitting(columns: &[Column], room: usize) -> (&[Column], usize) {
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
