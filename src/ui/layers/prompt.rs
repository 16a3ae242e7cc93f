//! A line being typed: what it is for, the line with the real cursor, what is wrong with it, and choices.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::app::App;
use crate::app::prompt::{Prompt, Purpose};
use crate::model::ProcId;
use crate::ui::paint::{self, span};
use crate::ui::panes::output;
use crate::ui::text::{clip, fit, width};
use crate::ui::theme::Ink;

/// The lines before the choices: the rule, the line, the complaint or what Enter does.
const ABOVE: u16 = 3;

/// Rule, line, answer, and all choices.
pub fn height(prompt: &Prompt) -> u16 {
    ABOVE + prompt.choices.len() as u16
}

/// Draws it, and says where the cursor stands.
pub fn draw(app: &App, prompt: &Prompt, area: Rect, buf: &mut Buffer) -> Option<Position> {
    paint::rule(app, buf, area, &[span(app, title(prompt), Ink::Title)], "");
    let body = paint::below(area, 1);
    let cursor = draw_line(app, prompt, body, buf);
    paint::line(buf, body, 1, &answer(app, prompt, body.width.into()));
    draw_choices(app, prompt, paint::below(body, 2), buf);
    if prompt.purpose == Purpose::Input && app.source.is_none() {
        // There is no other place on the screen where the answer could be seen.
        output::draw(app, paint::below(body, 2), buf);
    }
    cursor
}

fn title(prompt: &Prompt) -> String {
    let whom = match prompt.to.as_slice() {
        [] => String::new(),
        [one] => one.to_string(),
        several => format!("{} processes", several.len()),
    };
    match prompt.purpose {
        Purpose::Exec => format!("exec: which program shall {whom} become?"),
        Purpose::Signal => format!("kill: which signal for {whom}?"),
        Purpose::Save => "Save: to which file? Its ending says what".to_owned(),
        Purpose::Wait => format!("waitpid: for which children shall {whom} wait, and how?"),
        Purpose::Input => "Input: what you type goes to the program".to_owned(),
        Purpose::Breakpoint => "Break: where shall a process be held?".to_owned(),
    }
}

/// The line. What does not fit is scrolled, so that the cursor stays in view.
fn draw_line(app: &App, prompt: &Prompt, body: Rect, buf: &mut Buffer) -> Option<Position> {
    const LEAD: &str = " > ";
    let room = usize::from(body.width).saturating_sub(LEAD.len() + 1);
    let typed = prompt.input.value();
    let skipped = prompt.input.visual_scroll(room);
    let shown = after(typed, skipped);
    let text = if typed.is_empty() {
        span(app, "", Ink::Text)
    } else {
        span(app, shown, Ink::Typed)
    };
    paint::line(buf, body, 0, &Line::from(vec![span(app, LEAD, Ink::Key), text]));
    let column = LEAD.len() + prompt.input.visual_cursor().saturating_sub(skipped);
    let place = Position::new(body.x + column as u16, body.y);
    body.contains(place).then_some(place)
}

/// The text without what stands in its first `columns`.
fn after(text: &str, columns: usize) -> String {
    let mut passed = 0;
    let rest = text.chars().skip_while(|c| {
        let is_passed = passed < columns;
        passed += width(c.encode_utf8(&mut [0; 4]));
        is_passed
    });
    rest.collect()
}

/// What is wrong with the line, or what Enter would take.
fn answer(app: &App, prompt: &Prompt, columns: usize) -> Line<'static> {
    let columns = columns.saturating_sub(4);
    let (text, of) = match &prompt.complaint {
        Some(complaint) => (complaint.clone(), Ink::Complaint),
        None if prompt.line().is_empty() => ("Type, or choose with the arrows.".to_owned(), Ink::Text),
        None if prompt.input.value().is_empty() => (
            format!("Enter takes what is marked: {}", prompt.line()),
            Ink::Text,
        ),
        None => (what_enter_does(prompt), Ink::Text),
    };
    Line::from(vec![Span::raw("   "), span(app, clip(&text, columns), of)])
}

fn what_enter_does(prompt: &Prompt) -> String {
    let line = prompt.line();
    match (prompt.purpose, prompt.to.as_slice()) {
        (Purpose::Exec, [ProcId::Lab(letter)]) => format!("Enter: {letter} becomes {line}"),
        (Purpose::Exec, _) => format!("Enter: they become {line}"),
        (Purpose::Signal, _) => format!("Enter sends {line}"),
        (Purpose::Save, _) => format!("Enter saves {line}"),
        (Purpose::Wait, _) => format!("Enter waits: {line}"),
        (Purpose::Breakpoint, _) => format!("Enter stops at {line}, or no longer"),
        (Purpose::Input, _) => "Enter sends the line; Ctrl-D is the end of the input.".to_owned(),
    }
}

fn draw_choices(app: &App, prompt: &Prompt, area: Rect, buf: &mut Buffer) {
    let names = prompt
        .choices
        .iter()
        .map(|choice| width(&choice.text))
        .max()
        .unwrap_or(0);
    let start = paint::window(
        prompt.choices.len(),
        area.height.into(),
        prompt.chosen.unwrap_or(0),
    );
    for (n, choice) in prompt.choices.iter().enumerate().skip(start) {
        let is_chosen = prompt.chosen == Some(n);
        let (pointer, of) = if is_chosen {
            ("▶", Ink::Selected)
        } else {
            (" ", Ink::Text)
        };
        let doc = clip(&choice.doc, usize::from(area.width).saturating_sub(names + 7));
        let line = Line::from(vec![
            Span::raw(" "),
            span(app, pointer, Ink::Pointer),
            Span::raw(" "),
            span(
                app,
                fit(&choice.text, names),
                if is_chosen { of } else { Ink::Call },
            ),
            Span::raw("   "),
            span(app, doc, of),
        ]);
        paint::line(buf, area, n - start, &line);
    }
}
