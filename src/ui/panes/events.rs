//! What happened: a line for each fact that is worth one, the newest at the bottom; what came of the last key has its
//! number marked.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{App, Pane};
use crate::model::Record;
use crate::model::explain;
use crate::ui::paint::{self, span};
use crate::ui::text::{clip, fit, width, wrap};
use crate::ui::theme::Ink;

/// The column of the names: as wide as `keeper` and `screen`.
const WHO: usize = 6;

/// The column of the calls, at its narrowest and at its widest.
const CALL: (usize, usize) = (12, 26);

/// The most that is shown of the last key.
const KEY: usize = 30;

/// Draws as many of the latest events as there is room for.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let newest = app.world.records().back();
    let has_news = newest.is_some_and(|record| app.world.is_since_last_key(record));
    let key = app.world.last_key().filter(|_| has_news);
    let since = key.map(|key| format!("since {}", clip(key, KEY)));
    let title = [span(app, Pane::Events.title(), Ink::Title)];
    paint::rule(app, buf, area, &title, &since.unwrap_or_default());
    let body = paint::below(area, 1);
    let mut lines: Vec<Line<'_>> = Vec::new();
    for record in app.world.records().iter().rev() {
        let told = told(app, record, body.width.into());
        // An event is shown whole or not at all.
        if !lines.is_empty() && lines.len() + told.len() > body.height.into() {
            break;
        }
        lines.splice(0..0, told);
    }
    paint::lines(buf, body, 0, lines);
}

/// The latest event in one sentence, for where there is no pane.
pub fn latest(app: &App) -> Option<String> {
    let record = app.world.records().back()?;
    let told = explain::tell(record);
    Some(format!("{}  {}  {}", record.event.proc, told.call, told.meaning))
}

/// A fact on one line; where it is long, on more, with what it means below itself.
fn told(app: &App, record: &Record, columns: usize) -> Vec<Line<'static>> {
    let told = explain::tell(record);
    let number = format!("{:>3}  ", record.n);
    let who = fit(&record.event.proc.to_string(), WHO);
    let before = number.len() + WHO + 2;
    let room = columns.saturating_sub(before);
    // A call that is longer than its column pushes its meaning to the right, as long as both fit.
    let longest = room
        .saturating_sub(width(&told.meaning) + 2)
        .max(CALL.1)
        .min(room / 2);
    let call = clip(&told.call, longest);
    let call = fit(&call, width(&call).max((columns / 6).clamp(CALL.0, CALL.1)));
    let indent = before + width(&call) + 2;
    let meaning = wrap(&told.meaning, columns.saturating_sub(indent));

    let of = if app.world.is_since_last_key(record) {
        Ink::Born
    } else {
        Ink::Text
    };
    let blank = " ".repeat(indent);
    meaning
        .into_iter()
        .enumerate()
        .map(|(n, part)| match n {
            0 => Line::from(vec![
                span(app, number.clone(), of),
                span(app, who.clone(), Ink::Name),
                Span::raw("  "),
                span(app, call.clone(), Ink::Call),
                Span::raw("  "),
                Span::raw(part),
            ]),
            _ => Line::from(format!("{blank}{part}")),
        })
        .collect()
}
