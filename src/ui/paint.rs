//! Brushes that the panes share: one line, and a dividing rule with a title in it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use super::text::harmless;
use super::theme::{self, Ink};
use crate::app::App;

/// The style of an ink in the present theme.
pub const fn ink(app: &App, ink: Ink) -> Style {
    theme::style(app.view.theme, ink)
}

/// A piece of a line.
pub fn span<'a>(app: &App, text: impl Into<std::borrow::Cow<'a, str>>, of: Ink) -> Span<'a> {
    Span::styled(text, ink(app, of))
}

/// Writes a line into the `row`th line of `area`; what is outside is left out.
pub fn line(buf: &mut Buffer, area: Rect, row: usize, line: &Line<'_>) {
    let area = area.intersection(buf.area);
    if row >= usize::from(area.height) {
        return;
    }
    let (mut x, y) = (area.x, area.y + row as u16);
    for span in &line.spans {
        let room = area.right().saturating_sub(x);
        (x, _) = buf.set_stringn(
            x,
            y,
            harmless(&span.content),
            room.into(),
            line.style.patch(span.style),
        );
    }
}

/// Writes lines from the `from`th line of `area` on.
pub fn lines<'a>(buf: &mut Buffer, area: Rect, from: usize, all: impl IntoIterator<Item = Line<'a>>) {
    for (n, text) in all.into_iter().enumerate().take(area.height.into()) {
        line(buf, area, from + n, &text);
    }
}

/// Lays a style over the `row`th line of `area`, but not over words that have an accent of their own. What is reversed already stands out
/// from a reversed row by being turned back.
pub fn highlight(buf: &mut Buffer, area: Rect, row: usize, style: Style) {
    let area = area.intersection(buf.area);
    if row >= usize::from(area.height) {
        return;
    }
    let y = area.y + row as u16;
    let reverses = style.add_modifier.contains(Modifier::REVERSED);
    for x in area.left()..area.right() {
        let cell = &mut buf[(x, y)];
        if reverses && cell.modifier.contains(Modifier::REVERSED) {
            cell.modifier.remove(Modifier::REVERSED);
        } else if cell.fg == Color::Reset {
            cell.set_style(style);
        }
    }
}

/// Draws a rule through the first line of `area`, with a title, and something at its end.
pub fn rule(app: &App, buf: &mut Buffer, area: Rect, title: &[Span<'_>], end: &str) {
    let dash = |n| span(app, "─".repeat(n), Ink::Rule);
    let mut whole = Line::default();
    if !title.is_empty() {
        whole.push_span(dash(1));
        whole.push_span(" ");
        whole.extend(title.iter().cloned());
        whole.push_span(" ");
    }
    let tail = if end.is_empty() {
        Line::default()
    } else {
        Line::from(vec![Span::raw(format!(" {end} ")), dash(1)])
    };
    let free = usize::from(area.width).saturating_sub(whole.width() + tail.width());
    whole.push_span(dash(free));
    whole.extend(tail);
    line(buf, area, 0, &whole);
}

/// `area` without its first `rows` lines.
pub const fn below(area: Rect, rows: u16) -> Rect {
    let rows = if rows < area.height { rows } else { area.height };
    Rect {
        y: area.y + rows,
        height: area.height - rows,
        ..area
    }
}

/// Where a window of `height` lines begins so that line `at` of `count` stands in its middle where it can.
///
/// Worked out from the selection alone, it needs no memory, and a move by one row scrolls by one row.
pub fn window(count: usize, height: usize, at: usize) -> usize {
    at.saturating_sub(height / 2).min(count.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_keeps_the_selection_inside() {
        let check = |count, height, at, start| assert_eq!(window(count, height, at), start);
        check(5, 10, 4, 0);
        check(20, 10, 0, 0);
        check(20, 10, 5, 0);
        check(20, 10, 6, 1);
        check(20, 10, 19, 10);
        check(0, 10, 0, 0);
        check(20, 0, 3, 3);
    }
}
