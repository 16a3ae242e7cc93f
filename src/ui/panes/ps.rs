//! The literal ps(1) command, and what it printed: the same processes as another tool sees them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::{App, Pane};
use crate::ui::paint::{self, ink, span};
use crate::ui::text::clip;
use crate::ui::theme::Ink;

/// Draws the command and its output; the line of the selected process is in view and stands out.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    paint::rule(app, buf, area, &[span(app, Pane::Ps.title(), Ink::Title)], "");
    let body = paint::below(area, 1);
    let Some((command, printed)) = app.looks.ps.split_first() else {
        paint::line(buf, body, 0, &Line::from(" ps has not answered yet."));
        return;
    };
    let columns = usize::from(body.width).saturating_sub(2);
    let shown = |text: &str, of| Line::from(span(app, format!(" {}", clip(text, columns)), of));
    paint::line(buf, body, 0, &shown(command, Ink::Call));
    let Some((heads, rows)) = printed.split_first() else {
        return;
    };
    paint::line(buf, body, 1, &shown(heads, Ink::Head));

    let rows_area = paint::below(body, 2);
    let selected = app
        .world
        .get(app.view.selected)
        .map(|process| process.pid.to_string());
    let is_selected = |row: &String| selected.as_deref() == row.split_whitespace().next();
    let at = rows.iter().position(is_selected).unwrap_or(0);
    let start = paint::window(rows.len(), rows_area.height.into(), at);
    for (n, row) in rows.iter().skip(start).enumerate() {
        let mut line = shown(row, Ink::Text);
        if is_selected(row) {
            line = line.patch_style(ink(app, Ink::Selected));
        }
        paint::line(buf, rows_area, n, &line);
    }
}
