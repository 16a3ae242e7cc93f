//! A program being stepped through: its text with a cursor for each process, beside the tree, the variables and the
//! output.

mod listing;
mod tokens;
mod variables;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{App, Pane};
use crate::ui::layout::{Layout, Stepping};
use crate::ui::paint::{self, span};
use crate::ui::panes::output;
use crate::ui::theme::Ink;

/// Draws what stands beside the tree, and the lines between; nothing in the playground.
pub fn draw(app: &App, layout: &Layout, buf: &mut Buffer) {
    let (Some(source), Some(parts)) = (&app.source, &layout.stepping) else {
        return;
    };
    if parts.listing.height == 0 {
        return;
    }
    listing::draw(app, source, parts.listing, buf);
    heading(app, buf, parts.variables, "Variables");
    variables::draw(app, paint::below(parts.variables, 1), buf);
    heading(app, buf, parts.output, Pane::Output.title());
    output::draw_lines(app, paint::below(parts.output, 1), buf);
    divide(app, parts, buf);
}

fn heading(app: &App, buf: &mut Buffer, area: Rect, title: &'static str) {
    paint::rule(app, buf, area, &[span(app, title, Ink::Title)], "");
}

/// The line between the halves, joined to the rules that meet it. What is above and below is drawn before and after,
/// and leaves the joints alone where it has no rule.
fn divide(app: &App, parts: &Stepping, buf: &mut Buffer) {
    let x = parts.listing.right();
    let joints = [parts.variables, parts.output].map(|part| (part.height > 0).then_some(part.y));
    for y in parts.listing.top()..parts.listing.bottom() {
        let glyph = if joints.contains(&Some(y)) { "├" } else { "│" };
        paint::line(
            buf,
            Rect::new(x, y, 1, 1),
            0,
            &Line::from(span(app, glyph, Ink::Rule)),
        );
    }
    let above = parts.listing.y.checked_sub(1);
    for (y, joint) in [(above, "┬"), (Some(parts.listing.bottom()), "┴")] {
        if let Some(y) = y {
            join(buf, x, y, joint);
        }
    }
}

/// Turns a rule's dash into a joint.
fn join(buf: &mut Buffer, x: u16, y: u16, joint: &str) {
    if let Some(cell) = buf.cell_mut((x, y)).filter(|cell| cell.symbol() == "─") {
        cell.set_symbol(joint);
    }
}

/// A blank line of that many columns.
fn blanks(columns: usize) -> Span<'static> {
    Span::raw(" ".repeat(columns))
}
