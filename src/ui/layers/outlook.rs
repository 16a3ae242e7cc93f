//! What the program can do, and how often real runs did it: possible beside seen.
//!
//! ```text
//! ─ Possible and seen ──────────────────────── 3 possible · 1 never seen · 50 runs ─
//!    48 times   parent ↵ child
//!     2 times   child ↵ parent
//!  ▶ never      child
//! ─ This outcome ───────────────────────────────────────────────────────────────────
//!   child
//!   DEADLOCK: it never ends, 2 processes sleep for ever.
//!   Enter starts again and loads the shortest way there: 12 steps, n takes each.
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::app::App;
use crate::app::outlook::{End, RUNS, Row, Survey};
use crate::ui::paint::{self, span};
use crate::ui::text::{clip, on_one_line, wrap};
use crate::ui::theme::Ink;

/// The columns before an output.
const INDENT: usize = 15;

/// The outcome that is marked has at most so many lines, its rule included.
const DETAIL: u16 = 12;

/// Draws what is known so far, and says where the marked outcome stands.
pub fn draw(app: &App, chosen: usize, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let survey = &app.outlook.as_ref()?.survey;
    let rows = survey.rows();
    let title = span(app, "Possible and seen", Ink::Title);
    paint::rule(app, buf, area, &[title], &counts(survey, &rows));
    let body = paint::below(area, 1);
    let columns = usize::from(body.width).saturating_sub(2);
    let remarks = remarks(app, survey, columns);
    let detail = DETAIL.min(body.height / 2);
    let list = Rect {
        height: body.height - detail,
        ..paint::below(body, remarks.len() as u16)
    }
    .intersection(body);
    let list = Rect {
        height: list.height.saturating_sub(remarks.len() as u16),
        ..list
    };
    paint::lines(buf, body, 0, remarks);
    let start = paint::window(rows.len(), list.height.into(), chosen);
    let shown = rows.iter().enumerate().skip(start);
    paint::lines(
        buf,
        list,
        0,
        shown.map(|(n, row)| line(app, survey, row, n == chosen, columns)),
    );
    let row = rows.get(chosen)?;
    draw_detail(app, survey, row, paint::below(body, body.height - detail), buf);
    let place = Position::new(list.x + 3, list.y + chosen.checked_sub(start)? as u16);
    list.contains(place).then_some(place)
}

fn counts(survey: &Survey, rows: &[Row<'_>]) -> String {
    let runs = if survey.is_over {
        format!("{} runs", survey.runs + survey.unfinished)
    } else {
        format!("{} of {RUNS} runs", survey.runs + survey.unfinished)
    };
    if survey.possible.is_none() {
        return runs;
    }
    let possible = rows.iter().filter(|row| row.is_possible);
    let never = possible.clone().filter(|row| row.seen == 0).count();
    format!("{} possible · {never} never seen · {runs}", possible.count())
}

/// What there is to know before the list is believed.
fn remarks(app: &App, survey: &Survey, columns: usize) -> Vec<Line<'static>> {
    let known = match (&survey.complaint, &survey.possible, &survey.incomplete) {
        (Some(complaint), ..) => Some(complaint.clone()),
        (None, None, _) => Some("All orders of steps are being tried…".to_owned()),
        (None, Some(_), Some(why)) => Some(format!("More may be possible: {why}.")),
        (None, Some(_), None) => None,
    };
    let left = (survey.unfinished > 0).then(|| format!("{}.", survey.left()));
    let lines = known.into_iter().chain(left);
    lines
        .flat_map(|text| wrap(&text, columns))
        .map(|text| Line::from(vec![Span::raw(" "), span(app, text, Ink::Notice)]))
        .collect()
}

fn line(app: &App, survey: &Survey, row: &Row<'_>, is_chosen: bool, columns: usize) -> Line<'static> {
    let (pointer, of) = if is_chosen {
        ("▶", Ink::Selected)
    } else {
        (" ", Ink::Text)
    };
    let seen = match row.seen {
        0 if survey.is_over => "never".to_owned(),
        0 => "not yet".to_owned(),
        1 => "once".to_owned(),
        n => format!("{n} times"),
    };
    let trouble = if row.is_possible || survey.possible.is_none() {
        trouble(row.end)
    } else {
        "UNFORESEEN  "
    };
    let room = columns.saturating_sub(INDENT + trouble.len());
    Line::from(vec![
        Span::raw(" "),
        span(app, pointer, Ink::Pointer),
        span(
            app,
            format!(" {seen:<11} "),
            if row.seen == 0 { Ink::Notice } else { Ink::Text },
        ),
        span(app, trouble, Ink::Zombie),
        span(app, clip(&on_one_line(&row.end.output), room), of),
    ])
}

/// One word for what is left, before the output.
const fn trouble(end: &End) -> &'static str {
    match end {
        End {
            exit: None,
            stuck: 1..,
            ..
        } => "DEADLOCK  ",
        End { zombies: 1.., .. } => "ZOMBIE  ",
        End { orphans: 1.., .. } => "ORPHAN  ",
        End { stuck: 1.., .. } => "DEADLOCK  ",
        _ => "",
    }
}

fn draw_detail(app: &App, survey: &Survey, row: &Row<'_>, area: Rect, buf: &mut Buffer) {
    paint::rule(app, buf, area, &[span(app, "This outcome", Ink::Title)], "");
    let body = paint::below(area, 1);
    let columns = usize::from(body.width).saturating_sub(2);
    let told = [ending(row.end), way(survey, row)];
    let told: Vec<Line<'_>> = told
        .iter()
        .flat_map(|text| wrap(text, columns))
        .map(|text| Line::from(vec![Span::raw(" "), span(app, text, Ink::Notice)]))
        .collect();
    let room = usize::from(body.height).saturating_sub(told.len());
    let output: Vec<&str> = row.end.output.lines().collect();
    let cut = output.len() > room;
    let shown = output
        .iter()
        .take(if cut { room.saturating_sub(1) } else { room });
    let lines = shown.map(|text| Line::from(format!("   {text}")));
    let more = cut.then(|| Line::from("   …"));
    paint::lines(buf, body, 0, lines.chain(more).chain(told));
}

/// How it ends, and what is left.
fn ending(end: &End) -> String {
    let processes = |n: u32, one: &str, many: &str| match n {
        1 => format!("1 process {one}"),
        n => format!("{n} processes {many}"),
    };
    let exit = match end.exit {
        Some(code) => format!("A ends with exit {code}"),
        None => "A never ends".to_owned(),
    };
    let left = [
        (
            end.stuck,
            processes(end.stuck, "sleeps for ever", "sleep for ever"),
        ),
        (
            end.zombies,
            processes(end.zombies, "stays a zombie", "stay zombies"),
        ),
        (
            end.orphans,
            processes(end.orphans, "lives on as an orphan", "live on as orphans"),
        ),
    ];
    let left: Vec<String> = left
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(_, text)| text)
        .collect();
    if left.is_empty() {
        format!("{exit}; nothing is left behind.")
    } else {
        format!("{exit}; {}.", left.join(", "))
    }
}

/// What Enter does.
fn way(survey: &Survey, row: &Row<'_>) -> String {
    match row.run {
        Some(run) => format!(
            "Enter starts again with a shortest run that leads here: {} steps, which n takes one by one.",
            run.len()
        ),
        None if survey.possible.is_none() => "Whether it can be stepped is known when all orders are tried.".to_owned(),
        None if row.is_possible => {
            "No order of steps leads here: calls would have to part that one step makes together.".to_owned()
        }
        None => "The model did not foresee it: it prints something that differs from run to run, or the model does not know all.".to_owned(),
    }
}
