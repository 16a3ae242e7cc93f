//! Whether to go although processes live: it says what becomes of them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::scene::SCENES;
use crate::app::{App, Confirm};
use crate::ui::paint::{self, span};
use crate::ui::text::wrap;
use crate::ui::theme::Ink;

/// Rule, what there is, and what becomes of it.
pub const HEIGHT: u16 = 5;

/// Draws the question.
pub fn draw(app: &App, confirm: Confirm, area: Rect, buf: &mut Buffer) {
    let (title, again) = match confirm {
        Confirm::Quit => ("Quit?".to_owned(), "q again, or Enter, quits."),
        Confirm::Restart => ("Start again?".to_owned(), "R again, or Enter, starts again."),
        Confirm::Scene(n) => (
            format!(
                "Start the scene {}?",
                SCENES.get(n).map_or("", |scene| scene.name)
            ),
            "Enter starts it.",
        ),
        Confirm::Lesson(n) => (
            format!("Begin the lesson {}?", lesson(app, n)),
            "Enter begins it.",
        ),
        Confirm::Outcome(_) => ("Start again, to go this run?".to_owned(), "Enter starts it."),
        Confirm::Solution => (
            "Show the solution, from the beginning? It does not count as solving.".to_owned(),
            "S again, or Enter, shows it.",
        ),
    };
    paint::rule(app, buf, area, &[span(app, title, Ink::Title)], "");
    let columns = usize::from(area.width).saturating_sub(2);
    let line = |text, of| Line::from(vec![Span::raw(" "), span(app, text, of)]);
    let fate = format!(
        "{} All are killed and reaped first: nothing is left behind.",
        what_there_is(app)
    );
    let lines = wrap(&fate, columns).into_iter().map(|text| line(text, Ink::Text));
    let ask = wrap(&format!("{again} Any other key: go on as before."), columns);
    let ask = ask.into_iter().map(|text| line(text, Ink::Notice));
    paint::lines(buf, area, 1, lines.chain(ask));
}

fn lesson(app: &App, n: usize) -> &str {
    let lessons = app.lessons.as_ref();
    let entry = lessons.and_then(|lessons| lessons.shelf.get(n));
    entry.map_or("", |entry| entry.title.as_str())
}

/// `There are 5 lab processes and 1 zombie.`
fn what_there_is(app: &App) -> String {
    let alive = match app.world.alive() {
        0 => None,
        1 => Some("1 living process".to_owned()),
        n => Some(format!("{n} living processes")),
    };
    let zombies = match app.world.zombies() {
        0 => None,
        1 => Some("1 zombie".to_owned()),
        n => Some(format!("{n} zombies")),
    };
    match (alive, zombies) {
        (Some(alive), Some(zombies)) => format!("The lab has {alive} and {zombies}."),
        (Some(some), None) | (None, Some(some)) => format!("The lab has {some}."),
        (None, None) => "The lab is empty.".to_owned(),
    }
}
