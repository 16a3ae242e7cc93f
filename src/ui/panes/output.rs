//! What processes wrote, each line with the name of who wrote it, and what the student typed for them.
//!
//! The kernel names the writer of each piece. Control codes are shown as pictures: a program can colour the terminal
//! it has, not this one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::terminal;
use crate::app::{App, Pane};
use crate::model::event::Role;
use crate::model::{Event, Piece, ProcId, What};
use crate::ui::paint::{self, span};
use crate::ui::text::{chunks, fit, width};
use crate::ui::theme::Ink;

/// Draws the pane.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    paint::rule(app, buf, area, &[span(app, Pane::Output.title(), Ink::Title)], "");
    draw_lines(app, paint::below(area, 1), buf);
}

/// Draws the last lines that were written.
pub fn draw_lines(app: &App, body: Rect, buf: &mut Buffer) {
    if is_traced(app) {
        return terminal::draw(app, body, buf);
    }
    let written = written(app);
    if written.is_empty() {
        paint::line(buf, body, 0, &Line::from(" Nobody has written anything yet."));
        return;
    }
    let names = written.iter().map(|line| width(&line.name())).max();
    let names = names.unwrap_or(1);
    let mut lines: Vec<Line<'_>> = Vec::new();
    for line in written.iter().rev() {
        if lines.len() >= body.height.into() {
            break;
        }
        lines.splice(0..0, shown(app, line, names, body.width.into()));
    }
    let surplus = lines.len().saturating_sub(body.height.into());
    paint::lines(buf, body, 0, lines.split_off(surplus));
}

/// Whether the program has a terminal of its own, whoever of its processes writes there; in a replay too.
fn is_traced(app: &App) -> bool {
    let screen = app.world.get(ProcId::Screen);
    screen.is_some_and(|screen| screen.role == Role::Tracer)
}

/// Everything written. Where a program is stepped through, the shell's prompt stands where its first process was
/// reaped: what comes below it puzzles students at home.
fn written(app: &App) -> Vec<Written> {
    let reaped = first_reaped(app);
    let pieces = app.world.output();
    let Some(reaped) = reaped.filter(|_| app.source.is_some()) else {
        return join(pieces);
    };
    let mut lines = join(pieces.iter().filter(|piece| piece.at < reaped));
    lines.push(Written::prompt());
    lines.extend(join(pieces.iter().filter(|piece| piece.at >= reaped)));
    lines
}

/// The number of the fact with which the program's first process was reaped.
pub(super) fn first_reaped(app: &App) -> Option<u64> {
    let first = ProcId::lab(0);
    app.world.records().iter().find_map(|record| {
        let events = [Some(&record.event), record.with.as_ref()];
        let is_end = |event: &Event| event.proc == first && matches!(event.what, What::Reaped(_));
        events.into_iter().flatten().any(is_end).then_some(record.at)
    })
}

/// The shell's prompt.
pub(super) const PROMPT: &str = "$ ";

/// A line of output.
#[derive(Debug, PartialEq, Eq)]
struct Written {
    /// None for the shell, which is no process of ours.
    by: Option<ProcId>,
    typed: bool,
    text: String,
    is_whole: bool,
}

impl Written {
    fn prompt() -> Self {
        Self {
            by: None,
            typed: false,
            text: PROMPT.to_owned(),
            is_whole: true,
        }
    }

    fn name(&self) -> String {
        self.by.map(|id| id.to_string()).unwrap_or_default()
    }
}

/// Pieces as lines: a piece goes on in the line before it if that is the same writer's and has not ended.
fn join<'a>(pieces: impl IntoIterator<Item = &'a Piece>) -> Vec<Written> {
    let mut lines: Vec<Written> = Vec::new();
    for piece in pieces {
        for part in piece.text.split_inclusive('\n') {
            let text = part.strip_suffix('\n');
            let is_whole = text.is_some();
            let text = text.map_or(part, |text| text.strip_suffix('\r').unwrap_or(text));
            match lines.last_mut() {
                Some(last) if !last.is_whole && last.by == Some(piece.id) && last.typed == piece.typed => {
                    last.text.push_str(text);
                    last.is_whole = is_whole;
                }
                _ => lines.push(Written {
                    by: Some(piece.id),
                    typed: piece.typed,
                    text: text.to_owned(),
                    is_whole,
                }),
            }
        }
    }
    lines
}

fn shown(app: &App, line: &Written, names: usize, columns: usize) -> Vec<Line<'static>> {
    let (arrow, ink) = if line.typed {
        ("← ", Ink::Typed)
    } else {
        ("  ", Ink::Text)
    };
    let name = fit(&line.name(), names);
    let room = columns.saturating_sub(names + 5);
    chunks(&line.text, room)
        .into_iter()
        .enumerate()
        .map(|(n, part)| {
            let name = if n == 0 { name.clone() } else { " ".repeat(names) };
            Line::from(vec![
                Span::raw(" "),
                span(app, name, Ink::Name),
                span(app, format!(" {arrow}"), ink),
                span(app, part, ink),
            ])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pieces: &[(u32, &str)], lines: &[(u32, &str)]) {
        let pieces: Vec<Piece> = pieces
            .iter()
            .map(|(n, text)| Piece {
                id: ProcId::lab(*n),
                text: (*text).to_owned(),
                typed: false,
                at: 0,
            })
            .collect();
        let joined: Vec<(Option<ProcId>, String)> = join(&pieces)
            .into_iter()
            .map(|line| (line.by, line.text))
            .collect();
        let lines: Vec<(Option<ProcId>, String)> = lines
            .iter()
            .map(|(n, text)| (Some(ProcId::lab(*n)), (*text).to_owned()))
            .collect();
        assert_eq!(joined, lines);
    }

    #[test]
    fn pieces_become_lines_of_their_writers() {
        check(&[(0, "one\ntwo\n")], &[(0, "one"), (0, "two")]);
        check(&[(0, "on"), (0, "e\n")], &[(0, "one")]);
        check(
            &[(0, "on"), (1, "two\n"), (0, "e\n")],
            &[(0, "on"), (1, "two"), (0, "e")],
        );
        check(&[(0, "one\r\n"), (0, "\n")], &[(0, "one"), (0, "")]);
        check(&[(0, "")], &[]);
    }
}
