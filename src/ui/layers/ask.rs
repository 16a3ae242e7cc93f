//! Ask mode's question: what the key would do, and what to think about before it is done.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::App;
use crate::app::ask::Question;
use crate::ui::paint::{self, span};
use crate::ui::text::wrap;
use crate::ui::theme::Ink;

/// Rule, what would be done, a blank line, the question.
pub fn height(question: &Question, columns: u16) -> u16 {
    let columns = usize::from(columns).saturating_sub(2);
    let lines = wrap(&question.announcement, columns).len() + wrap(question.question, columns).len();
    lines as u16 + 2
}

/// Draws the question.
pub fn draw(app: &App, question: &Question, area: Rect, buf: &mut Buffer) {
    paint::rule(app, buf, area, &[span(app, "Predict", Ink::Title)], "");
    let columns = usize::from(area.width).saturating_sub(2);
    let announced = wrap(&question.announcement, columns);
    let asked = wrap(question.question, columns);
    let line = |text, of| Line::from(vec![Span::raw(" "), span(app, text, of)]);
    let mut lines: Vec<Line<'_>> = announced.into_iter().map(|text| line(text, Ink::Text)).collect();
    if lines.len() + asked.len() + 2 <= area.height.into() {
        lines.push(Line::default());
    }
    lines.extend(asked.into_iter().map(|text| line(text, Ink::Notice)));
    paint::lines(buf, area, 1, lines);
}
