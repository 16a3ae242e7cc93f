//! The help, made from the key table: a heading for each place where keys are pressed, and a line for each key.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::App;
use crate::app::table::{Binding, Context, TABLE};
use crate::ui::paint::{self, span};
use crate::ui::text::{fit, width, wrap};
use crate::ui::theme::Ink;

/// From this width on, the help stands in two columns.
const TWO_COLUMNS: usize = 110;

/// The narrowest column of keys.
const KEYS: usize = 4;

/// Draws the help from its line `top` on.
pub fn draw(app: &App, top: usize, area: Rect, buf: &mut Buffer) {
    paint::rule(app, buf, area, &[span(app, "Keys", Ink::Title)], "");
    let lines = lines(app, area.width.into());
    super::scroll(buf, paint::below(area, 1), top, &lines);
}

/// All lines of the help.
pub fn lines(app: &App, columns: usize) -> Vec<Line<'static>> {
    let sections = |contexts: &mut dyn Iterator<Item = Context>, columns| {
        contexts
            .flat_map(|context| section(app, context, columns))
            .collect::<Vec<_>>()
    };
    let mut all = contexts(app);
    if columns < TWO_COLUMNS {
        return sections(&mut all, columns.saturating_sub(4));
    }
    let half = columns / 2 - 2;
    let left = sections(&mut all.filter(|context| *context != Context::View), half);
    beside(left, section(app, Context::View, half), half)
}

/// The places where keys can be pressed; in the playground there is no program to step or to type to, and no lesson.
fn contexts(app: &App) -> impl Iterator<Item = Context> {
    let (has_program, has_lessons) = (app.source.is_some(), app.lessons.is_some());
    Context::ALL.into_iter().filter(move |context| match context {
        Context::Stepping | Context::Output => has_program,
        Context::Lesson => has_lessons,
        _ => true,
    })
}

/// Two lists beside each other.
fn beside(left: Vec<Line<'static>>, right: Vec<Line<'static>>, half: usize) -> Vec<Line<'static>> {
    let height = left.len().max(right.len());
    let mut right = right.into_iter();
    let mut left = left.into_iter();
    (0..height)
        .map(|_| {
            let mut line = left.next().unwrap_or_default();
            let blank = (half + 2).saturating_sub(line.width());
            line.push_span(" ".repeat(blank));
            line.extend(right.next().unwrap_or_default());
            line
        })
        .collect()
}

fn section(app: &App, context: Context, columns: usize) -> Vec<Line<'static>> {
    let bindings = || TABLE.iter().filter(|binding| binding.context == context);
    let keys = bindings().map(|binding| width(&binding.keys_text())).max();
    let keys = keys.unwrap_or(0).max(KEYS);
    let mut lines = vec![Line::from(vec![
        Span::raw(" "),
        span(app, context.title(), Ink::Head),
    ])];
    lines.extend(bindings().flat_map(|binding| entry(app, binding, keys, columns)));
    lines.push(Line::default());
    lines
}

fn entry(app: &App, binding: &Binding, keys: usize, columns: usize) -> Vec<Line<'static>> {
    let text = wrap(binding.doc, columns.saturating_sub(keys + 4));
    text.into_iter()
        .enumerate()
        .map(|(n, part)| match n {
            0 => Line::from(vec![
                Span::raw("  "),
                span(app, fit(&binding.keys_text(), keys), Ink::Key),
                Span::raw("  "),
                Span::raw(part),
            ]),
            _ => Line::from(format!("{:1$}{part}", "", keys + 4)),
        })
        .collect()
}
