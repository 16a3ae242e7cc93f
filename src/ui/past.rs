//! Where in time the screen stands, if that is not now: plainly, in the rule below the header, with a slider.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::layout::Layout;
use super::paint::{self, span};
use super::panes::events;
use super::text::width;
use super::theme::Ink;
use crate::app::App;

/// `PAST 14 of 19`; none while what is shown is what is.
pub fn title(app: &App) -> Option<String> {
    let word = match &app.replay {
        None if app.is_past() => "PAST",
        None => return None,
        Some(replay) if !replay.following => "REPLAY",
        Some(_) if app.is_past() => "PAST",
        Some(_) => "FOLLOWING",
    };
    Some(format!("{word} {}", place(app)))
}

/// `14 of 19`.
pub fn place(app: &App) -> String {
    format!("{} of {}", app.world.told(), app.live().told())
}

/// The event that led to what is shown, in a sentence; none while that is what is.
pub fn sentence(app: &App) -> Option<String> {
    title(app)?;
    Some(format!("{:>3}  {}", app.world.told(), events::latest(app)?))
}

/// Draws the slider over the rule below the header, if there is one.
pub fn draw(app: &App, layout: &Layout, buf: &mut Buffer) {
    let row = paint::below(layout.header, 1);
    let Some(title) = title(app).filter(|_| row.height > 0) else {
        return;
    };
    let dash = |n| span(app, "─".repeat(n), Ink::Rule);
    let mut line = Line::from(vec![dash(1), span(app, format!(" {title} "), Ink::Past)]);
    line.push_span(Span::raw(format!("{} ", pace(app))));
    let time = format!(" {:.3} s ", app.world.now().seconds());
    let room = usize::from(row.width).saturating_sub(line.width() + width(&time) + 1);
    let (passed, left) = split(room, app.world.told(), app.live().told());
    line.push_span(span(app, "━".repeat(passed), Ink::Pointer));
    if room > 0 {
        line.push_span(span(app, "●", Ink::Pointer));
    }
    line.push_span(dash(left));
    line.push_span(Span::raw(time));
    line.push_span(dash(1));
    paint::line(buf, row, 0, &line);
}

/// Whether a replay plays, and how fast.
fn pace(app: &App) -> String {
    match &app.replay {
        Some(replay) if replay.playing => format!(" playing {}", replay.speed),
        Some(replay) if !replay.following || app.is_past() => format!(" paused, {}", replay.speed),
        _ => String::new(),
    }
}

/// How a slider of so many columns is parted by its knob, which takes one of them.
fn split(room: usize, at: u64, last: u64) -> (usize, usize) {
    let free = room.saturating_sub(1);
    let passed = free as u128 * u128::from(at.min(last)) / u128::from(last.max(1));
    (passed as usize, free - passed as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_knob_stands_where_the_event_does() {
        let check = |room, at, last, parts| assert_eq!(split(room, at, last), parts);
        check(11, 0, 10, (0, 10));
        check(11, 5, 10, (5, 5));
        check(11, 10, 10, (10, 0));
        check(1, 5, 10, (0, 0));
        check(0, 5, 10, (0, 0));
        check(11, 0, 0, (0, 10));
        check(11, u64::MAX, u64::MAX, (10, 0));
    }
}
