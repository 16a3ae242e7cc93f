//! The menu: scenes to start from, each with what there is to see in it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::app::App;
use crate::app::scene::SCENES;
use crate::ui::paint::{self, span};
use crate::ui::text::{width, wrap};
use crate::ui::theme::Ink;

/// The lines of an entry: its name, what there is to see, the keys that make it.
const ENTRY: usize = 3;

/// Draws the menu, and says where the marked entry stands.
pub fn draw(app: &App, chosen: usize, area: Rect, buf: &mut Buffer) -> Option<Position> {
    paint::rule(
        app,
        buf,
        area,
        &[span(app, "Scenes to start from", Ink::Title)],
        "",
    );
    let body = paint::below(area, 1);
    let lines: Vec<Line<'_>> = (0..SCENES.len())
        .flat_map(|n| entry(app, n, n == chosen, body.width.into()))
        .collect();
    let start = paint::window(lines.len(), body.height.into(), chosen * ENTRY + 1);
    paint::lines(buf, body, 0, lines.into_iter().skip(start));
    let row = (chosen * ENTRY).checked_sub(start)?;
    let place = Position::new(body.x + 3, body.y + row as u16);
    body.contains(place).then_some(place)
}

fn entry(app: &App, n: usize, is_chosen: bool, columns: usize) -> [Line<'static>; ENTRY] {
    let scene = &SCENES[n];
    let (pointer, of) = if is_chosen {
        ("▶", Ink::Selected)
    } else {
        (" ", Ink::Text)
    };
    let keys = format!("   {}", scene.keys);
    // The keys stand at the right of the name where there is room, and are left out elsewhere.
    let gap = columns.saturating_sub(4 + width(scene.name) + width(&keys));
    let keys = if gap > 0 { keys } else { String::new() };
    let doc = wrap(scene.doc, columns.saturating_sub(4)).swap_remove(0);
    [
        Line::from(vec![
            Span::raw(" "),
            span(app, pointer, Ink::Pointer),
            Span::raw(" "),
            span(app, scene.name, of),
            Span::raw(" ".repeat(gap)),
            span(app, keys, Ink::Call),
        ]),
        Line::from(format!("   {doc}")),
        Line::default(),
    ]
}
