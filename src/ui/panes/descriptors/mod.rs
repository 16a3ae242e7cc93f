//! Which process holds which descriptor: a row for each process, a column for each open file or end of a pipe, and in
//! the cells the numbers.
//!
//! It shows at a glance what a pipeline hangs on: end-of-file comes only when *nobody* holds a write end any more.
//! The words are those of pipe(7) and of /proc/PID/fd.

mod matrix;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use self::matrix::{Column, columns, fitting};
use crate::app::{App, Pane};
use crate::model::{Process, explain};
use crate::ui::paint::{self, ink, span};
use crate::ui::text::{fit, width, wrap_to};
use crate::ui::theme::Ink;

/// The head of the column of names.
const HEAD: &str = "process";

/// Draws the matrix, and what follows for the end of file.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let title = [
        span(app, Pane::Descriptors.title(), Ink::Title),
        Span::raw(" · who holds what; c: exec closes it"),
    ];
    paint::rule(app, buf, area, &title, "");
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
    let note = note(app, body);
    let matrix = Rect {
        height: body.height - note.len() as u16,
        ..body
    };
    draw_matrix(app, &holders, &columns, matrix, buf);
    paint::lines(buf, body, matrix.height.into(), note);
}

fn draw_matrix(app: &App, holders: &[&Process], columns: &[Column], area: Rect, buf: &mut Buffer) {
    let names = holders.iter().map(|process| width(&process.id.to_string()));
    let names = names.max().unwrap_or(0).max(HEAD.len());
    let (shown, left_out) = fitting(columns, usize::from(area.width).saturating_sub(names + 3));

    let mut heads = format!(" {HEAD:names$}");
    for column in shown {
        heads.push_str("  ");
        heads.push_str(&fit(&column.head, column.width()));
    }
    if left_out > 0 {
        heads.push_str("  +");
        heads.push_str(&left_out.to_string());
    }
    paint::line(buf, area, 0, &Line::styled(heads, ink(app, Ink::Head)));

    let rows = paint::below(area, 1);
    let at = holders.iter().position(|process| process.id == app.view.selected);
    let start = paint::window(holders.len(), rows.height.into(), at.unwrap_or(0));
    for (n, process) in holders.iter().skip(start).enumerate() {
        let mut line = Line::from(vec![
            Span::raw(" "),
            span(app, fit(&process.id.to_string(), names), Ink::Name),
        ]);
        for column in shown {
            let cell = column.cells.get(&process.id).map_or("·", String::as_str);
            line.push_span("  ");
            line.push_span(fit(cell, column.width()));
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

/// What the open ends mean for a reader, where there is one and room to say it.
fn note(app: &App, body: Rect) -> Vec<Line<'static>> {
    let sentence = explain::end_of_file(&app.world, app.view.selected);
    let room = usize::from(body.height / 3);
    let columns = usize::from(body.width).saturating_sub(2);
    sentence
        .into_iter()
        .flat_map(|sentence| wrap_to(&sentence, columns, room))
        .map(|text| Line::from(vec![Span::raw(" "), span(app, text, Ink::Notice)]))
        .collect()
}
