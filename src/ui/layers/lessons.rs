//! The lessons by chapter, with what has been done.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::app::App;
use crate::app::lesson::{CHAPTERS, Entry};
use crate::ui::paint::{self, span};
use crate::ui::theme::Ink;

/// Draws the lessons, and says where the marked one stands.
pub fn draw(app: &App, chosen: usize, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let shelf = app.lessons.as_ref().map(|lessons| lessons.shelf.as_slice());
    let shelf = shelf.unwrap_or_default();
    let solved = shelf.iter().filter(|entry| entry.solved).count();
    let done = format!("{solved} of {} solved", shelf.len());
    paint::rule(app, buf, area, &[span(app, "Lessons", Ink::Title)], &done);
    let body = paint::below(area, 1);
    let mut lines = Vec::new();
    let mut at = 0;
    let mut chapter = 0;
    for (n, entry) in shelf.iter().enumerate() {
        if entry.chapter != chapter {
            chapter = entry.chapter;
            lines.push(heading(app, chapter));
        }
        if n == chosen {
            at = lines.len();
        }
        lines.push(row(app, entry, n == chosen));
    }
    let start = paint::window(lines.len(), body.height.into(), at);
    paint::lines(buf, body, 0, lines.into_iter().skip(start));
    let place = Position::new(body.x + 3, body.y + at.checked_sub(start)? as u16);
    body.contains(place).then_some(place)
}

fn heading(app: &App, chapter: u8) -> Line<'static> {
    let title = usize::from(chapter).checked_sub(1).and_then(|n| CHAPTERS.get(n));
    let text = format!(" {chapter}  {}", title.copied().unwrap_or_default());
    Line::from(span(app, text, Ink::Head))
}

fn row<'a>(app: &App, entry: &'a Entry, is_chosen: bool) -> Line<'a> {
    let (pointer, of) = if is_chosen {
        ("▶", Ink::Selected)
    } else {
        (" ", Ink::Text)
    };
    let mark = if entry.solved { "✓" } else { " " };
    Line::from(vec![
        Span::raw(" "),
        span(app, pointer, Ink::Pointer),
        span(app, format!(" {mark} "), Ink::Born),
        span(app, entry.title.as_str(), of),
    ])
}
