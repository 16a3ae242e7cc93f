//! What processes wrote, each line with the name of who wrote it, and what the student typed for them.
//!
//! The kernel names the writer of each piece. Control codes are shown as pictures: a program can colour the terminal
//! it has, not this one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{App, Pane};
use crate::model::{Piece, ProcId};
use crate::ui::paint::{self, span};
use crate::ui::text::{chunks, fit, width};
use crate::ui::theme::Ink;

/// Draws the last lines that were written.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    paint::rule(app, buf, area, &[span(app, Pane::Output.title(), Ink::Title)], "");
    let body = paint::below(area, 1);
    let written = join(app.world.output());
    if written.is_empty() {
        paint::line(buf, body, 0, &Line::from(" Nobody has written anything yet."));
        return;
    }
    let names = written.iter().map(|line| width(&line.by.to_string())).max();
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

/// A line of output.
#[derive(Debug, PartialEq, Eq)]
struct Written {
    by: ProcId,
    typed: bool,
    text: String,
    is_whole: bool,
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
                Some(last) if !last.is_whole && last.by == piece.id && last.typed == piece.typed => {
                    last.text.push_str(text);
                    last.is_whole = is_whole;
                }
                _ => lines.push(Written {
                    by: piece.id,
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
    let name = fit(&line.by.to_string(), names);
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
            })
            .collect();
        let joined: Vec<(ProcId, String)> = join(&pieces)
            .into_iter()
            .map(|line| (line.by, line.text))
            .collect();
        let lines: Vec<(ProcId, String)> = lines
            .iter()
            .map(|(n, text)| (ProcId::lab(*n), (*text).to_owned()))
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
