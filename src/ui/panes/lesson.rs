//! The lesson: one piece of it at a time, and below that the goals as far as there is room.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::App;
use crate::app::lesson::{Answer, Answers, Attempt, GoalState, Outputs, Prediction, Question, Step, Verdict};
use crate::ui::paint::{self, span};
use crate::ui::text::{clip, fit, on_one_line, width, wrap};
use crate::ui::theme::Ink;

/// The columns before what belongs to a goal.
const INDENT: usize = 3;

/// What stands around an output: its mark, and what divides it from the next.
const OUTPUT_FRAME: usize = 5;

/// Draws the lesson that is gone through; nothing where there is none.
///
/// ```text
/// ─ step 3 of 9 ──────────────────────────────────── goals: 0 of 2 ─
///  PREDICT  A calls fork() once. How often does that one call return?
///       1  Once: A goes on with a child's pid
///       2  Twice: in A, and in a new process      ← you, and the kernel
///  · One call, two returns
/// ```
///
/// Where the goal is every output of the program, those that were found stand below it:
///
/// ```text
/// ─ step 2 of 4 ──────────── outputs: 1 of 3 found · goals: 0 of 1 ─
///  ...
///  · Each possible output has been printed
///    ✓ A1 ↵ A2 ↵ B   · 2 missing
/// ```
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let Some(attempt) = app.attempt() else { return };
    let (place, count) = attempt.place();
    let seed = attempt.seed.map(|seed| format!(" · seed {seed}"));
    let title = format!("step {place} of {count}{}", seed.unwrap_or_default());
    let reached = attempt
        .goals()
        .filter(|(_, state)| matches!(state, GoalState::Reached(_)));
    let told = attempt
        .outputs()
        .map(|outputs| format!("outputs: {} · ", outputs.told()));
    let goals = format!(
        "{}goals: {} of {}",
        told.unwrap_or_default(),
        reached.count(),
        attempt.lesson.goals.len()
    );
    paint::rule(app, buf, area, &[span(app, title, Ink::Title)], &goals);
    let body = paint::below(area, 1);
    let columns = usize::from(body.width).saturating_sub(2);
    let mut lines = piece(app, attempt, columns);
    let room = usize::from(body.height).saturating_sub(lines.len());
    let mut goals: Vec<Line<'_>> = attempt
        .goals()
        .map(|(text, state)| goal(app, text, state, columns))
        .collect();
    if let Some(outputs) = attempt.outputs() {
        let left = room.saturating_sub(goals.len());
        goals.extend(found(app, outputs, columns, left));
    }
    // A blank line divides them, where there is one to spare.
    if room > goals.len() {
        lines.push(Line::default());
    }
    lines.extend(goals);
    paint::lines(buf, body, 0, lines);
}

fn goal(app: &App, text: &str, state: GoalState, columns: usize) -> Line<'static> {
    let (mark, of) = match state {
        GoalState::Open => ("·", Ink::Text),
        GoalState::Reached(_) => ("✓", Ink::Born),
        GoalState::Missed => ("✗", Ink::Complaint),
    };
    let text = clip(&plain(text), columns.saturating_sub(2));
    Line::from(vec![
        Span::raw(" "),
        span(app, mark, of),
        Span::raw(format!(" {text}")),
    ])
}

/// The outputs that were found, side by side, in at most `height` lines: the last ones, if there are too many. If there
/// is room, how many are missing.
fn found(app: &App, outputs: &Outputs, columns: usize, height: usize) -> Vec<Line<'static>> {
    let columns = columns.saturating_sub(INDENT);
    let texts: Vec<String> = outputs.found().iter().map(|output| on_one_line(output)).collect();
    let missing = missing(outputs);
    let widest = texts.iter().map(|text| width(text) + OUTPUT_FRAME).max();
    let cell = widest.unwrap_or(0).max(width(&missing)).min(columns);
    let mut cells: Vec<Span<'static>> = texts
        .iter()
        .map(|text| format!("✓ {}   ", fit(text, cell.saturating_sub(OUTPUT_FRAME))))
        .map(|text| span(app, text, Ink::Born))
        .collect();
    let abreast = (columns / cell.max(1)).max(1);
    if (cells.len() + 1).div_ceil(abreast) <= height {
        cells.push(Span::raw(missing));
    }
    let lines = cells.chunks(abreast).map(|cells| {
        let indent = Span::raw(" ".repeat(INDENT));
        std::iter::once(indent).chain(cells.iter().cloned()).collect()
    });
    let dropped = lines.len().saturating_sub(height);
    lines.skip(dropped).collect()
}

/// How many are missing; nothing, if none is.
fn missing(outputs: &Outputs) -> String {
    let missing = outputs.possible() - outputs.found().len();
    match (missing, outputs.incomplete()) {
        (0, None) => String::new(),
        (_, None) => format!("· {missing} missing"),
        (_, Some(_)) => format!("· {missing} or more missing"),
    }
}

fn piece(app: &App, attempt: &Attempt, columns: usize) -> Vec<Line<'static>> {
    match (attempt.step(), attempt.question()) {
        (Some(Step::Prose { text, .. }), _) => prose(app, text, columns),
        (Some(Step::Predict(_)), Some((prediction, question))) => {
            asked(app, attempt, prediction, question, columns)
        }
        _ => prose(app, &closing(attempt), columns),
    }
}

/// After the last piece.
fn closing(attempt: &Attempt) -> String {
    let score = attempt.score();
    if attempt.shown {
        return "That was the solution. `R` starts again, for you to do it.".to_owned();
    }
    if !score.solved {
        return "This is still to be reached. `h` gives a hint, `R` starts again.".to_owned();
    }
    let right = format!("predictions that were right: {} of {}", score.right, score.asked);
    format!("Solved; {right}. `Enter` leads to the next lesson.")
}

fn asked(
    app: &App,
    attempt: &Attempt,
    prediction: &Prediction,
    question: &Question,
    columns: usize,
) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    let word = "PREDICT  ";
    for (n, text) in wrap(&plain(&prediction.question), columns - width(word))
        .into_iter()
        .enumerate()
    {
        let lead = if n == 0 { word } else { "         " };
        lines.push(Line::from(vec![
            Span::raw(" "),
            span(app, lead, Ink::Notice),
            span(app, text, Ink::Title),
        ]));
    }
    match &prediction.answers {
        Answers::Choices(choices) => {
            for (n, choice) in choices.iter().enumerate() {
                lines.push(choice_line(app, n, &choice.text, question, columns));
            }
        }
        Answers::Number(_) => lines.push(number_line(app, attempt, prediction, question)),
    }
    if question.verdict == Some(Verdict::Other) {
        let text = "      → the kernel: none of these. R starts again.";
        lines.push(Line::from(span(app, text, Ink::Notice)));
    }
    lines
}

fn choice_line(app: &App, n: usize, text: &str, question: &Question, columns: usize) -> Line<'static> {
    let said = question.answer == Some(Answer::Choice(n));
    let is = question.verdict == Some(Verdict::Choice(n));
    let note = match (said, is) {
        (true, true) => "  ✓ you, and the kernel",
        (true, false) if question.verdict.is_some() => "  ✗ you",
        (true, false) => "  you",
        (false, true) => "  → the kernel",
        (false, false) => "",
    };
    let room = columns.saturating_sub(8 + width(note));
    Line::from(vec![
        Span::raw("      "),
        span(app, (n + 1).to_string(), Ink::Key),
        Span::raw(format!("  {}", clip(&plain(text), room))),
        span(app, note, Ink::Notice),
    ])
}

fn number_line(app: &App, attempt: &Attempt, prediction: &Prediction, question: &Question) -> Line<'static> {
    let Some(answer) = question.answer else {
        return Line::from(vec![
            Span::raw("      your answer: "),
            span(app, format!("{}_", attempt.typed()), Ink::Typed),
        ]);
    };
    let said = prediction.said(answer);
    let text = match question.verdict {
        None => format!("      you: {said}"),
        Some(verdict) => {
            let mark = if question.is_right() == Some(true) {
                "✓"
            } else {
                "✗"
            };
            format!(
                "      {mark} you: {said}   the kernel: {}",
                prediction.answered(verdict)
            )
        }
    };
    Line::from(span(app, text, Ink::Notice))
}

/// A text without its backticks.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

/// Prose as lines; what stands between backticks is set off.
fn prose(app: &App, text: &str, columns: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::from(" ")];
    let mut used = 0;
    let mut is_code = false;
    for word in text.split(' ') {
        let length = width(&plain(word));
        if used > 0 && used + 1 + length > columns {
            lines.push(Line::from(" "));
            used = 0;
        }
        // The loop begins with a line, and only adds lines.
        let Some(line) = lines.last_mut() else { break };
        if used > 0 {
            line.push_span(" ");
            used += 1;
        }
        for (n, part) in word.split('`').enumerate() {
            is_code ^= n > 0;
            let of = if is_code { Ink::Call } else { Ink::Text };
            line.push_span(span(app, part.to_owned(), of));
        }
        used += length;
    }
    lines
}
