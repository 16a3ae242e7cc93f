//! The top: what this is, what mode it is in, and the counts.

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use super::layout::Layout;
use super::paint::{self, span};
use super::past;
use super::text::{clip, width};
use super::theme::Ink;
use crate::app::App;

const NAME: &str = " forkscope";

/// The widest that the name of a program becomes.
const WHAT: usize = 30;

/// The widest that the title of a lesson becomes.
const LESSON: usize = 34;

/// From this width on, there is room for the counts beside everything else.
const FULL: u16 = 56;

/// Draws the header.
pub fn draw(app: &App, layout: &Layout, buf: &mut Buffer) {
    let mut right = counts(app);
    if right.width() + 2 + width(NAME) > layout.header.width.into() {
        // In the smallest window, those who are gone are the least missed.
        right.spans.pop();
    }
    let title = past::title(app).filter(|_| layout.header.height < 2);
    if title.is_some() && layout.header.width < FULL {
        // That this is not now matters more than the counts.
        right = Line::default();
    }
    let room = usize::from(layout.header.width).saturating_sub(right.width() + 1);
    let mut left = Line::from(span(app, NAME, Ink::Title));
    let mut extend = |text: String, of| {
        if left.width() + width(&text) < room {
            left.push_span(span(app, text, of));
        }
    };
    if let Some(title) = title {
        extend(" · ".to_owned(), Ink::Text);
        extend(title, Ink::Past);
    }
    let most = if app.attempt().is_some() { LESSON } else { WHAT };
    extend(format!(" · {}", clip(&what(app), most)), Ink::Text);
    if app.recording.is_some() {
        extend(" · recording".to_owned(), Ink::Text);
    }
    if app.stepping.running {
        extend(format!(" · {}", app.stepping.speed.words()), Ink::Notice);
    }
    if !app.plan.is_empty() {
        extend(format!(" · a run: {} steps left", app.plan.len()), Ink::Notice);
    }
    if app.asking {
        extend(" · ask mode".to_owned(), Ink::Notice);
    }
    left.push_span(" ".repeat(room.saturating_sub(left.width())));
    left.extend(right);
    paint::line(buf, layout.header, 0, &left);
    paint::rule(app, buf, paint::below(layout.header, 1), &[], "");
}

/// What is shown: a lesson, a traced program, a replay, a stepped program, or the playground.
fn what(app: &App) -> String {
    if let Some(attempt) = app.attempt() {
        return format!("lesson · {}", attempt.lesson.title);
    }
    if let Some(tracing) = &app.tracing {
        return format!("trace · {}", tracing.name);
    }
    match (&app.replay, &app.source) {
        (Some(replay), _) => format!("replay · {}", replay.name),
        (None, _) if app.quiz.is_some() => "quiz".to_owned(),
        (None, Some(source)) => source.name.clone(),
        (None, None) if app.lessons.is_some() => "lessons".to_owned(),
        (None, None) => "playground".to_owned(),
    }
}

/// `5 alive · 1 zombie · 0 reaped`: zombies stand out as soon as there are any.
fn counts(app: &App) -> Line<'static> {
    let zombies = app.world.zombies();
    let word = if zombies == 1 { "zombie" } else { "zombies" };
    let ink = if zombies == 0 { Ink::Text } else { Ink::Stopped };
    Line::from(vec![
        span(app, format!("{} alive", app.world.alive()), Ink::Text),
        span(app, " · ", Ink::Text),
        span(app, format!("{zombies} {word}"), ink),
        span(app, format!(" · {} reaped", app.world.reaped()), Ink::Text),
    ])
}
