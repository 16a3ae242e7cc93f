//! What lies on top of the main screen, one file for each: it takes the place of what explains, so that the tree
//! stays in view; only the help and the menu cover all.

mod ask;
mod confirm;
mod evidence;
mod help;
mod lessons;
mod menu;
mod outlook;
mod prompt;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::paint;
use crate::app::{App, Layer};

/// The height of a layer that covers everything between the header and the notice.
const ALL: u16 = u16::MAX;

/// Draws what lies on top, and says where the cursor belongs.
pub fn draw(app: &App, layer: &Layer, area: Rect, buf: &mut Buffer) -> Option<Position> {
    match layer {
        Layer::Help { top } => help::draw(app, *top, area, buf),
        Layer::Menu { chosen } => return menu::draw(app, *chosen, area, buf),
        Layer::Lessons { chosen } => return lessons::draw(app, *chosen, area, buf),
        Layer::Outlook { chosen } => return outlook::draw(app, *chosen, area, buf),
        Layer::Prompt(prompt) => return prompt::draw(app, prompt, area, buf),
        Layer::Ask(question) => ask::draw(app, question, area, buf),
        Layer::Confirm(confirm) => confirm::draw(app, *confirm, area, buf),
        Layer::Evidence { top } => evidence::draw(app, *top, area, buf),
    }
    None
}

/// How many lines a layer would like, its rule included.
pub fn wanted(app: &App, layer: &Layer, width: u16) -> u16 {
    match layer {
        Layer::Help { .. } | Layer::Menu { .. } | Layer::Lessons { .. } | Layer::Outlook { .. } => ALL,
        Layer::Prompt(prompt) => prompt::height(prompt),
        Layer::Evidence { .. } => evidence::height(app),
        Layer::Ask(question) => ask::height(question, width),
        Layer::Confirm(_) => confirm::HEIGHT,
    }
}

/// The last line that the open list can begin with.
pub fn last_top(app: &App, area: Rect) -> Option<usize> {
    let lines = match &app.layer {
        Some(Layer::Help { .. }) => help::lines(app, area.width.into()),
        Some(Layer::Evidence { .. }) => evidence::lines(app, area.width.into()),
        _ => return None,
    };
    Some(lines.len().saturating_sub(paint::below(area, 1).height.into()))
}

/// Draws a list from its line `top` on, but not past its end; an arrow at the right says that there is more.
fn scroll(buf: &mut Buffer, body: Rect, top: usize, lines: &[Line<'_>]) {
    let height = usize::from(body.height);
    let last = lines.len().saturating_sub(height);
    let top = top.min(last);
    for (n, line) in lines.iter().skip(top).take(height).enumerate() {
        paint::line(buf, body, n, line);
    }
    let edge = Rect {
        x: body.right().saturating_sub(2),
        width: body.width.min(1),
        ..body
    };
    if top > 0 {
        paint::line(buf, edge, 0, &Line::from("▲"));
    }
    if top < last {
        paint::line(buf, edge, height.saturating_sub(1), &Line::from("▼"));
    }
}
