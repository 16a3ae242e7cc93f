//! What people see: the state, drawn.
//!
//! Drawing is a pure function from [`App`] to a picture: no clock, no I/O, no memory of its own. The same state in
//! the same window gives the same picture, so the tests compare pictures, exports need no terminal, and the mouse
//! finds in the same layout what it points at.

mod ascii;
mod header;
mod hints;
mod layers;
mod layout;
mod paint;
mod panes;
mod past;
pub mod text;
mod theme;

#[cfg(test)]
mod tests;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

pub use self::layout::LEAST;
use self::layout::Layout;
use crate::app::{App, Pane};
use crate::model::ProcId;

/// Draws the screen, with the real cursor where the reader's attention belongs: in a line being typed, else on the
/// selected process, so that a screen reader reads that.
///
/// ```text
/// forkscope · playground                              5 alive · 1 zombie     header
/// ──────────────────────────────────────────────────────────────────────
///    process     pid   program    /proc  status                              tree
/// ▶  screen      4100  forkscope    R    draws this picture
///  + └─ A        4101  forkscope    S    ready
/// ─ screen ─────────────────────────────────────────────────────────────     about      or the layer:
/// screen is forkscope itself, the parent of what was forked here.                      help, menu, a line
/// check it:  ps -o pid,ppid,stat,comm 4100  →  R                                       being typed, a
/// ─ What happened ──────────────────────────────────────────────────────     pane       question, evidence
///  1  screen  fork()   returned twice: 4101 in screen, 0 in its child A
/// Why a key did nothing.                                                     notice
/// f fork  e exec  x exit  w wait  k kill   * all   m menu  ? help  q quit    hints
/// ```
pub fn draw(frame: &mut Frame<'_>, app: &App) {
    let area = frame.area();
    if let Some(cursor) = render(app, area, frame.buffer_mut()) {
        frame.set_cursor_position(cursor);
    }
}

/// Draws the screen into a buffer, and says where the cursor belongs.
pub fn render(app: &App, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let area = area.intersection(buf.area);
    let layout = Layout::new(app, area);
    let cursor = layout.and_then(|layout| render_parts(app, &layout, buf));
    if layout.is_none() {
        render_apology(area, buf);
    }
    if app.view.ascii {
        ascii::to_ascii(buf);
    }
    cursor
}

/// The picture as lines of text, without styles, for exports and headless runs.
pub fn render_to_text(app: &App, width: u16, height: u16) -> String {
    to_text(&render_to_buffer(app, width, height))
}

/// The picture as cells.
pub fn render_to_buffer(app: &App, width: u16, height: u16) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    render(app, area, &mut buf);
    buf
}

/// The process whose row stands there, for a click of the mouse.
pub fn hit(app: &App, area: Rect, column: u16, row: u16) -> Option<ProcId> {
    let layout = Layout::new(app, area)?;
    layout
        .tree
        .contains(Position::new(column, row))
        .then(|| panes::tree::at(app, &layout, row))
        .flatten()
}

/// The last line that the open list can begin with, so that its end stands at the window's end; none if no list is
/// open.
pub fn last_top(app: &App, area: Rect) -> Option<usize> {
    let layout = Layout::new(app, area)?;
    layers::last_top(app, layout.layer)
}

fn render_parts(app: &App, layout: &Layout, buf: &mut Buffer) -> Option<Position> {
    header::draw(app, layout, buf);
    past::draw(app, layout, buf);
    let row = panes::tree::draw(app, layout, buf);
    panes::stepping::draw(app, layout, buf);
    panes::about::draw(app, layout, buf);
    match app.view.pane {
        Pane::Events => panes::events::draw(app, layout.pane, buf),
        Pane::Output => panes::output::draw(app, layout.pane, buf),
        Pane::Lanes => panes::lanes::draw(app, layout.pane, buf),
        Pane::Descriptors => panes::descriptors::draw(app, layout.pane, buf),
        Pane::Ps => panes::ps::draw(app, layout.pane, buf),
    }
    panes::lesson::draw(app, layout.lesson, buf);
    panes::quiz::draw(app, layout.lesson, buf);
    hints::draw(app, layout, buf);
    match &app.layer {
        Some(layer) => layers::draw(app, layer, layout.layer, buf),
        None => row,
    }
}

fn render_apology(area: Rect, buf: &mut Buffer) {
    let (width, height) = layout::LEAST;
    let sentence = format!(
        "forkscope needs a window of {width} columns and {height} rows. This one has {} and {}: please enlarge it.",
        area.width, area.height
    );
    let lines = text::wrap(&sentence, area.width.into());
    paint::lines(buf, area, 0, lines.into_iter().map(Line::from));
}

fn to_text(buf: &Buffer) -> String {
    let mut text = String::new();
    for y in buf.area.top()..buf.area.bottom() {
        let mut line = String::new();
        let mut x = buf.area.left();
        while x < buf.area.right() {
            let symbol = buf[(x, y)].symbol();
            line.push_str(symbol);
            // The cell after a wide character is the other half of it.
            x += text::width(symbol).max(1) as u16;
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
