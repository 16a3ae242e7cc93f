//! The evidence: the lines of /proc that the picture of the selected process comes from, as they were read.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::App;
use crate::ui::paint::{self, span};
use crate::ui::text::chunks;
use crate::ui::theme::Ink;

/// The rule and all lines, or the sentence that there are none yet.
pub fn height(app: &App) -> u16 {
    (app.looks.evidence.len().max(1) + 1).min(usize::from(u16::MAX - 1)) as u16
}

/// Draws the evidence from its line `top` on.
pub fn draw(app: &App, top: usize, area: Rect, buf: &mut Buffer) {
    let title = format!("Evidence for {}", app.view.selected);
    paint::rule(app, buf, area, &[span(app, title, Ink::Title)], "");
    let lines = lines(app, area.width.into());
    super::scroll(buf, paint::below(area, 1), top, &lines);
}

/// All lines; one that is too long goes on below itself.
pub fn lines(app: &App, columns: usize) -> Vec<Line<'static>> {
    if app.looks.evidence.is_empty() {
        return vec![Line::from(" Nothing has been read yet.")];
    }
    app.looks
        .evidence
        .iter()
        .flat_map(|line| chunks(line, columns.saturating_sub(4)))
        .map(|part| Line::from(format!(" {part}")))
        .collect()
}
