//! One row of the tree: what is selected, what changed, and the columns.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::columns::{Columns, GUTTER, fold_tag};
use crate::app::App;
use crate::model::explain::{self, Status};
use crate::model::{Link, Mark, Node, ProcId, Process, Row};
use crate::ui::paint::{ink, span};
use crate::ui::text::{clip, fit, width};
use crate::ui::theme::Ink;

/// The words of lab processes' states stand in a column of this width.
const WORD: usize = 8;

/// Less than this is little room for a status.
const LITTLE: usize = 30;

/// The row, drawn.
pub fn line(app: &App, columns: &Columns, row: &Row) -> Line<'static> {
    match &row.node {
        Node::Proc(id) => match app.world.get(*id) {
            Some(process) => of_process(app, columns, row, process),
            None => Line::default(),
        },
        Node::Outside(link) => of_outside(app, columns, row, link),
    }
}

fn of_process(app: &App, columns: &Columns, row: &Row, process: &Process) -> Line<'static> {
    let status = explain::status(&app.world, process);
    let base = base_ink(process);
    let gap = || Span::raw(" ".repeat(columns.gap));
    let letter_gap = || Span::raw(" ".repeat(columns.letter_gap));
    let mut line = Line::from(vec![
        pointer(app, process.id),
        mark(app, process.mark),
        Span::raw(" "),
    ]);
    line.extend(name(app, columns, row, &process.id.to_string(), base));
    line.push_span(gap());
    line.push_span(span(app, format!("{:>1$}", process.pid, columns.pid), base));
    if columns.program > 0 {
        line.push_span(gap());
        line.push_span(span(app, fit(&process.program(), columns.program), base));
    }
    line.push_span(letter_gap());
    line.push_span(letter(app, columns, process, &status));
    line.push_span(letter_gap());
    line.extend(in_words(app, columns, process, &status));
    line
}

/// The row of an adopter outside: it is no process of ours, so nothing more is said of it.
fn of_outside(app: &App, columns: &Columns, row: &Row, link: &Link) -> Line<'static> {
    let pid = match link {
        Link::Outside(pid, _) => pid.to_string(),
        Link::Proc(_) => String::new(),
    };
    let mut line = Line::from(" ".repeat(GUTTER));
    line.extend(name(app, columns, row, &link.to_string(), Ink::Text));
    line.push_span(" ".repeat(columns.gap));
    line.push_span(format!("{pid:>0$}", columns.pid));
    line.push_span(" ".repeat(columns.before_status().saturating_sub(line.width())));
    line.push_span("outside: adopted what stands below");
    line
}

fn base_ink(process: &Process) -> Ink {
    if process.is_reaped() {
        Ink::Reaped
    } else {
        Ink::Text
    }
}

fn pointer(app: &App, id: ProcId) -> Span<'static> {
    let glyph = if id == app.view.selected { "▶" } else { " " };
    span(app, glyph, Ink::Pointer)
}

fn mark(app: &App, mark: Option<Mark>) -> Span<'static> {
    let (glyph, ink) = match mark {
        None => (" ", Ink::Text),
        Some(Mark::Born) => ("+", Ink::Born),
        Some(Mark::Moved) => ("»", Ink::Moved),
        Some(Mark::Reaped) => ("×", Ink::Stopped),
    };
    span(app, glyph, ink)
}

/// Guides, the name, and what is folded away below it.
fn name(app: &App, columns: &Columns, row: &Row, name: &str, of: Ink) -> [Span<'static>; 4] {
    let guides = columns.guides(row);
    let folded = fold_tag(row);
    let room = columns.name.saturating_sub(width(&guides) + width(&folded));
    let name = clip(name, room);
    let blank = " ".repeat(room.saturating_sub(width(&name)));
    [
        span(app, guides, Ink::Text),
        Span::styled(name, ink(app, of).patch(ink(app, Ink::Name))),
        span(app, folded, Ink::Notice),
        Span::raw(blank),
    ]
}

/// The letter that /proc shows; the reaped have none any more.
fn letter(app: &App, columns: &Columns, process: &Process, status: &Status) -> Span<'static> {
    let letter = if process.is_reaped() {
        "–".to_owned()
    } else {
        process.state.to_string()
    };
    let style = word_style(app, process, status).remove_modifier(Modifier::REVERSED);
    Span::styled(format!("{letter:^0$}", columns.letter), style)
}

fn in_words(app: &App, columns: &Columns, process: &Process, status: &Status) -> [Span<'static>; 3] {
    // Where there is little room, a process that just goes on needs no word for that beside the place where it is.
    let is_clear =
        columns.status < LITTLE && matches!(status.word, "ready" | "held") && !status.detail.is_empty();
    let word = if is_clear { "" } else { status.word };
    // What keeper and screen do by themselves reads as a sentence, not as a word and a remark.
    let is_sentence = !process.id.is_lab() && word.starts_with(char::is_lowercase);
    let gap = match word {
        "" => 0,
        _ if is_sentence => 1,
        word => WORD.saturating_sub(width(word)) + 1,
    };
    let room = columns.status.saturating_sub(width(word) + gap);
    let detail = status.detail_where(|text| width(text) <= room);
    [
        Span::styled(word, word_style(app, process, status)),
        Span::raw(" ".repeat(gap)),
        span(app, clip(detail, room), base_ink(process)),
    ]
}

/// The style of the word: it stands out where a process does not run on by itself.
fn word_style(app: &App, process: &Process, status: &Status) -> Style {
    let of = match status.word {
        _ if process.is_reaped() => Ink::Reaped,
        _ if process.is_zombie() => Ink::Zombie,
        "WAITING" => Ink::Waiting,
        "STOPPED" | "held" => Ink::Stopped,
        _ => Ink::Text,
    };
    ink(app, of)
}
