//! The program's text, with a column for each process before it: a cursor shows the line in which the process stands.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::blanks;
use super::tokens::{State, tokens};
use crate::app::{App, Source};
use crate::model::event::Phase;
use crate::model::{ProcId, Process};
use crate::ui::paint::{self, ink, span};
use crate::ui::text::{clip, fit, width};
use crate::ui::theme::Ink;

/// The most processes that get a column.
const CURSORS: usize = 6;

/// With more processes than this, their columns stand close where the text needs the room.
const APART: usize = 3;

/// Draws the listing; the selected process's line is in view.
pub fn draw(app: &App, source: &Source, area: Rect, buf: &mut Buffer) {
    let cursors = cursors(app, source);
    let numbers = source.lines.len().to_string().len().max(2);
    let gap = gap(source, &cursors, numbers, area.width.into());
    paint::line(
        buf,
        area,
        0,
        &heads(app, source, &cursors, gap, numbers, area.width.into()),
    );

    let body = paint::below(area, 1);
    let selected = cursors.iter().find(|cursor| cursor.id == app.view.selected);
    let here = selected.or(cursors.first()).and_then(|cursor| cursor.line);
    let at = here.map_or(0, |line| line - 1);
    let start = paint::window(source.lines.len(), body.height.into(), at);
    let mut state = State::default();
    for (n, text) in source.lines.iter().enumerate() {
        // What a line begins in follows from all lines before it.
        let tokens = tokens(source.language, text, &mut state);
        let Some(row) = n.checked_sub(start) else { continue };
        if row >= body.height.into() {
            break;
        }
        let mut line = gutter(app, &cursors, gap, n + 1);
        line.push_span(breakpoint(app, n + 1));
        line.push_span(format!("{:>numbers$}  ", n + 1));
        let mut room = usize::from(body.width).saturating_sub(line.width());
        for (of, piece) in tokens {
            let piece = clip(&piece, room);
            room -= width(&piece);
            line.push_span(span(app, piece, of));
        }
        paint::line(buf, body, row, &line);
        if selected.is_some_and(|cursor| cursor.line == Some(n + 1)) {
            paint::highlight(buf, body, row, ink(app, Ink::Selected));
        }
    }
}

/// Where a process stands.
struct Cursor {
    id: ProcId,
    /// Counted from 1; none for a zombie, which keeps its column so that the text stays where it is.
    line: Option<usize>,
}

/// The processes of the program. Where they are too many, the selected one is among those shown.
fn cursors(app: &App, source: &Source) -> Vec<Cursor> {
    let all = app
        .world
        .processes()
        .filter(|process| process.id.is_lab() && !process.is_reaped());
    let mut cursors: Vec<Cursor> = all
        .map(|process| Cursor {
            id: process.id,
            line: line_of(process, source),
        })
        .collect();
    let selected = cursors.iter().position(|cursor| cursor.id == app.view.selected);
    let start = paint::window(cursors.len(), CURSORS, selected.unwrap_or(0));
    cursors.drain(..start);
    cursors.truncate(CURSORS);
    cursors
}

/// The line of this file in which a process stands, if it runs and stands in it.
fn line_of(process: &Process, source: &Source) -> Option<usize> {
    let line = process
        .line
        .as_ref()
        .filter(|line| process.is_alive() && line.phase != Phase::End)?;
    let is_here = line
        .file
        .as_deref()
        .is_none_or(|file| file.rsplit('/').next() == Some(&source.name));
    let number = line.line as usize;
    (is_here && (1..=source.lines.len()).contains(&number)).then_some(number)
}

/// The blanks after each column: none where many columns would take the room of the text.
fn gap(source: &Source, cursors: &[Cursor], numbers: usize, columns: usize) -> usize {
    let longest = source.lines.iter().map(|line| width(line)).max().unwrap_or(0);
    let gutter: usize = cursors
        .iter()
        .map(|cursor| width(&cursor.id.to_string()) + 1)
        .sum();
    let is_tight = 1 + gutter + 1 + numbers + 2 + longest > columns;
    usize::from(cursors.len() <= APART || !is_tight)
}

fn heads(
    app: &App,
    source: &Source,
    cursors: &[Cursor],
    gap: usize,
    numbers: usize,
    columns: usize,
) -> Line<'static> {
    let mut line = Line::from(" ");
    for cursor in cursors {
        line.push_span(span(app, cursor.id.to_string(), Ink::Name));
        line.push_span(blanks(gap));
    }
    line.push_span(blanks(1 + numbers + 2));
    let room = columns.saturating_sub(line.width());
    line.push_span(span(app, fit(&source.name, room), Ink::Head));
    line
}

/// Where a run pauses.
fn breakpoint(app: &App, number: usize) -> Span<'static> {
    let is_set = app.stepping.breakpoints.contains(&(number as u32));
    span(app, if is_set { "●" } else { " " }, Ink::Stopped)
}

fn gutter(app: &App, cursors: &[Cursor], gap: usize, number: usize) -> Line<'static> {
    let mut line = Line::from(" ");
    for cursor in cursors {
        let columns = width(&cursor.id.to_string());
        let glyph = match (cursor.line == Some(number), cursor.id == app.view.selected) {
            (false, _) => " ",
            (true, true) => "▶",
            (true, false) => "▷",
        };
        line.push_span(Span::styled(fit(glyph, columns + gap), ink(app, Ink::Pointer)));
    }
    line
}
