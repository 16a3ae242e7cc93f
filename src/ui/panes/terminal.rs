//! The terminal of a traced program, as a terminal would show it: colours, tabs, a line that is written over.
//!
//! It is played anew from what was printed each time, so it needs no memory, and the past shows what stood there then.

use std::num::NonZero;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::output::{PROMPT, first_reaped};
use crate::app::{App, Theme};
use crate::model::Piece;
use crate::ui::text::harmless;

/// How much of what was printed is played: more than any pane shows.
const PLAYED: usize = 32 * 1024;

/// Draws its last lines. Where the first process was reaped stands the shell's prompt: what comes after it puzzles
/// students at home.
pub fn draw(app: &App, body: Rect, buf: &mut Buffer) {
    // One row more than is shown: the last one is empty while the cursor waits in it for what comes next.
    let rows = NonZero::new(body.height + 1).filter(|_| body.height > 0);
    let columns = NonZero::new(body.width.saturating_sub(1));
    let (Some(rows), Some(columns)) = (rows, columns) else {
        return;
    };
    let mut parser = vt100::Parser::new(rows, columns, 0);
    let reaped = first_reaped(app);
    let mut is_prompt_due = reaped.is_some();
    for piece in latest(app) {
        if is_prompt_due && reaped.is_some_and(|reaped| piece.at >= reaped) {
            prompt(&mut parser);
            is_prompt_due = false;
        }
        parser.process(piece.text.as_bytes());
    }
    if is_prompt_due {
        prompt(&mut parser);
    }
    copy(app, parser.screen(), body, buf);
}

/// The pieces to play, the oldest first. What was typed is among them already: the terminal echoes it.
fn latest(app: &App) -> Vec<&Piece> {
    let mut length = 0;
    let printed = app.world.output().iter().rev().filter(|piece| !piece.typed);
    let mut pieces: Vec<&Piece> = printed
        .take_while(|piece| {
            length += piece.text.len();
            length <= PLAYED + piece.text.len()
        })
        .collect();
    pieces.reverse();
    pieces
}

/// A shell begins a new line for its prompt, if its cursor is not at the beginning of one; most do.
fn prompt(parser: &mut vt100::Parser) {
    if parser.screen().cursor_position().1 > 0 {
        parser.process(b"\r\n");
    }
    parser.process(PROMPT.as_bytes());
}

fn copy(app: &App, screen: &vt100::Screen, body: Rect, buf: &mut Buffer) {
    let (_, columns) = screen.size();
    let (row, column) = screen.cursor_position();
    let first = u16::from(row >= body.height && column > 0);
    for row in 0..body.height {
        for column in 0..columns.get() {
            let cell = screen.cell(first + row, column);
            let Some(cell) = cell.filter(|cell| cell.has_contents()) else {
                continue;
            };
            let at = (body.x + 1 + column, body.y + row);
            if let Some(target) = buf.cell_mut(at) {
                target.set_symbol(&harmless(cell.contents()));
                target.set_style(style(app.view.theme, cell));
            }
        }
    }
}

/// The cell's style. Its background is the program's affair; here it would hide what is selected.
fn style(theme: Theme, cell: &vt100::Cell) -> Style {
    let mut style = Style::new();
    for (is_so, modifier) in [
        (cell.bold(), Modifier::BOLD),
        (cell.italic(), Modifier::ITALIC),
        (cell.underline(), Modifier::UNDERLINED),
        (cell.inverse(), Modifier::REVERSED),
    ] {
        if is_so {
            style = style.add_modifier(modifier);
        }
    }
    match (theme, cell.fgcolor()) {
        (Theme::Dark | Theme::Light, vt100::Color::Idx(n)) => style.fg(Color::Indexed(n)),
        (Theme::Dark | Theme::Light, vt100::Color::Rgb(r, g, b)) => style.fg(Color::Rgb(r, g, b)),
        _ => style,
    }
}
