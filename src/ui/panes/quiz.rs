//! The quiz: a question with its scene and four answers, and after the answer what the kernel says.
//!
//! ```text
//! ─ Question 3 of 10 ──────────────────────────── 2 right · quiz 42, level 1 ─
//!  B calls _exit(0). Which is the tree then?
//!
//!  now          1            2            3            4
//!  keeper       keeper       keeper       keeper       keeper
//!    screen       screen       screen       screen       screen
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::App;
use crate::app::quiz::{Question, Shown, Sitting};
use crate::ui::paint::{self, span};
use crate::ui::text::{clip, fit, width, wrap};
use crate::ui::theme::Ink;

/// Draws the question that stands, its answer, or the result; nothing where there is no quiz.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let Some(sitting) = &app.quiz else { return };
    let (right, _) = sitting.score();
    let quiz = &sitting.quiz;
    let score = format!(
        "{right} right · quiz {}, level {}",
        quiz.seed,
        quiz.level.number()
    );
    let title = match sitting.question() {
        Some((at, _)) => format!("Question {} of {}", at + 1, quiz.questions.len()),
        None => "Result".to_owned(),
    };
    paint::rule(app, buf, area, &[span(app, title, Ink::Title)], &score);
    let body = paint::below(area, 1);
    let columns = usize::from(body.width).saturating_sub(2);
    let lines = match (sitting.question(), sitting.answer()) {
        (Some((_, question)), None) => asked(app, question, body),
        (Some((_, question)), Some(answer)) => answered(app, question, answer, columns),
        (None, _) => result(app, sitting, columns),
    };
    paint::lines(buf, body, 0, lines);
}

fn paragraph(app: &App, text: &str, of: Ink, columns: usize) -> Vec<Line<'static>> {
    let lines = wrap(text, columns).into_iter();
    lines
        .map(|text| Line::from(vec![Span::raw(" "), span(app, text, of)]))
        .collect()
}

fn asked(app: &App, question: &Question, room: Rect) -> Vec<Line<'static>> {
    let width = usize::from(room.width);
    let mut lines = paragraph(app, &question.text, Ink::Title, width - 2);
    lines.push(Line::default());
    let are_trees = question.choices.iter().any(|choice| choice.contains('\n'));
    let mut blocks = scenes(question, are_trees);
    if are_trees {
        let choices = question.choices.iter().enumerate();
        blocks.extend(choices.map(|(n, tree)| Block::new((n + 1).to_string(), tree)));
        lines.extend(side_by_side(app, blocks, width - 1));
        return lines;
    }
    let tallest = blocks.iter().map(|block| block.lines.len()).max().unwrap_or(0);
    // Two lines for names and a gap, and the choices.
    let is_low = lines.len() + tallest + 2 + question.choices.len() > room.height.into();
    let scene = if is_low { width * 2 / 5 } else { width - 1 };
    let scenes = side_by_side(app, blocks, scene);
    if is_low {
        lines.extend(beside(app, scenes, question, width - scene));
    } else {
        lines.extend(scenes);
        lines.push(Line::default());
        lines.extend(choices(app, question, width - 2));
    }
    lines
}

/// What the question is about: a tree, two of them, or a program.
fn scenes(question: &Question, are_trees: bool) -> Vec<Block> {
    let names = match question.scene.contains("\n\n") {
        true => ["before", "after"],
        false if are_trees => ["now", ""],
        false => ["", ""],
    };
    let scenes = question.scene.split("\n\n");
    let named = names.into_iter().zip(scenes);
    named.map(|(name, scene)| Block::new(name, scene)).collect()
}

/// The answers, each on as many lines as it needs.
fn choices(app: &App, question: &Question, columns: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (n, choice) in question.choices.iter().enumerate() {
        for (row, text) in wrap(choice, columns.saturating_sub(6)).into_iter().enumerate() {
            let number = if row == 0 {
                (n + 1).to_string()
            } else {
                " ".to_owned()
            };
            lines.push(Line::from(vec![
                Span::raw("   "),
                span(app, number, Ink::Key),
                Span::raw(format!("  {text}")),
            ]));
        }
    }
    lines
}

/// The answers at the right of the scenes, where a window is too low for them below.
fn beside(app: &App, scenes: Vec<Line<'static>>, question: &Question, columns: usize) -> Vec<Line<'static>> {
    let choices = choices(app, question, columns);
    let rows = scenes.len().max(choices.len());
    let margin = scenes.iter().map(Line::width).max().unwrap_or(0);
    let mut scenes = scenes.into_iter();
    let mut choices = choices.into_iter();
    (0..rows)
        .map(|_| {
            let mut line = scenes.next().unwrap_or_else(|| Line::from(" ".repeat(margin)));
            line.extend(choices.next().unwrap_or_default());
            line
        })
        .collect()
}

/// Lines under a name.
struct Block {
    name: String,
    lines: Vec<String>,
}

impl Block {
    fn new(name: impl Into<String>, text: &str) -> Self {
        Self {
            name: name.into(),
            lines: text.lines().map(str::to_owned).collect(),
        }
    }
}

/// Blocks in columns.
fn side_by_side(app: &App, mut blocks: Vec<Block>, room: usize) -> Vec<Line<'static>> {
    let share = room / blocks.len().max(1);
    let all = blocks.iter().flat_map(|block| &block.lines);
    if all.map(|line| width(line)).max().unwrap_or(0) >= share {
        let all = blocks.iter_mut().flat_map(|block| &mut block.lines);
        all.for_each(|line| *line = shortened(line));
    }
    let mut lines = Vec::new();
    if blocks.iter().any(|block| !block.name.is_empty()) {
        let name = |block: &Block| {
            let is_choice = block.name.parse::<u8>().is_ok();
            let of = if is_choice { Ink::Key } else { Ink::Head };
            span(app, fit(&block.name, share), of)
        };
        let mut head = Line::from(" ");
        head.extend(blocks.iter().map(name));
        lines.push(head);
    }
    let height = blocks.iter().map(|block| block.lines.len()).max().unwrap_or(0);
    for row in 0..height {
        let mut line = Line::from(" ");
        for block in &blocks {
            let text = block.lines.get(row).map_or("", String::as_str);
            line.push_span(fit(&clip(text, share - 1), share));
        }
        lines.push(line);
    }
    lines
}

/// Where trees have little room they have shallow steps and short words.
fn shortened(line: &str) -> String {
    let name = line.trim_start();
    let depth = (width(line) - width(name)) / 2;
    " ".repeat(depth) + &name.replace(" zombie", " Z")
}

fn answered(app: &App, question: &Question, answer: usize, columns: usize) -> Vec<Line<'static>> {
    let is_right = answer == question.answer;
    let said = |n: usize| {
        let choice = &question.choices[n];
        if choice.contains('\n') {
            format!("{}", n + 1)
        } else {
            format!("{}  {choice}", n + 1)
        }
    };
    let (mark, of) = if is_right {
        ("✓ you, and the kernel: ", Ink::Born)
    } else {
        ("✗ you: ", Ink::Complaint)
    };
    let said_line = |mark, of, n| {
        let room = columns.saturating_sub(width(mark));
        Line::from(vec![
            Span::raw(" "),
            span(app, mark, of),
            Span::raw(clip(&said(n), room)),
        ])
    };
    let mut lines = vec![said_line(mark, of, answer)];
    if !is_right {
        lines.push(said_line("→ the kernel: ", Ink::Notice, question.answer));
    }
    lines.extend(paragraph(app, &question.why, Ink::Text, columns));
    let shown = match &question.shown {
        Shown::Keys(keys) => format!("Real processes show it above. The keys: {keys}"),
        Shown::Program(_) => {
            "Real processes have run it: the header counts the reaped, Output has their lines.".to_owned()
        }
        Shown::Output(_) => "Real processes are stepped above, in an order that prints it.".to_owned(),
    };
    lines.extend(paragraph(app, &shown, Ink::Call, columns));
    lines
}

fn result(app: &App, sitting: &Sitting, columns: usize) -> Vec<Line<'static>> {
    let (right, asked) = sitting.score();
    let (seed, level) = (sitting.quiz.seed, sitting.quiz.level.number());
    let mut lines = paragraph(
        app,
        &format!("{right} of {asked} were right."),
        Ink::Title,
        columns,
    );
    lines.push(Line::default());
    let again = format!("The same questions again: forkscope quiz --seed {seed} --level {level}, or R.");
    lines.extend(paragraph(app, &again, Ink::Text, columns));
    lines
}
