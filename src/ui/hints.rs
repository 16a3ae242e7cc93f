//! The last lines: a sentence for the student, and the keys that can be pressed now.
//!
//! The keys come from the one key table; those that the selected process would refuse are left out. What was begun
//! (`3`, `*`, `'`) is shown with the keys that can complete it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::layout::Layout;
use super::paint::{self, span};
use super::panes::events;
use super::past;
use super::text::{width, wrap_to};
use super::theme::Ink;
use crate::app::lesson::{Answers, Attempt, Language};
use crate::app::quiz::Sitting;
use crate::app::table::{Binding, Context, TABLE};
use crate::app::tracing::Grain;
use crate::app::{App, Command, Key, Layer, Pane, refuse};
use crate::model::{ProcId, Signal};

/// What goes first where the line is too short for all.
const LUXURIES: [Command; 22] = [
    Command::Edit,
    Command::Save,
    Command::Theme,
    Command::Back,
    Command::Presenter,
    Command::Focus,
    Command::Faster,
    Command::Slower,
    Command::WaitChoices,
    Command::Sigchld,
    Command::Subreaper,
    Command::Ask,
    Command::BackOf,
    Command::Evidence,
    Command::NextPane,
    Command::Outlook,
    Command::Solution,
    Command::Grain,
    Command::OtherLanguage,
    Command::All,
    Command::Menu,
    Command::Lessons,
];

/// What only a traced program needs to be told of: another is small, or has a lesson around it.
const OF_TRACING: [Command; 3] = [Command::Grain, Command::Breakpoint, Command::Focus];

/// Draws the notice and the keys.
pub fn draw(app: &App, layout: &Layout, buf: &mut Buffer) {
    draw_notice(app, layout, buf);
    let mut line = Line::from(" ");
    let mut group = None;
    for hint in hints(app, layout.hints) {
        line.push_span(match group {
            None => "",
            Some(before) if before == hint.group => "  ",
            Some(_) => "   ",
        });
        group = Some(hint.group);
        if !hint.key.is_empty() {
            line.push_span(span(app, hint.key, Ink::Key));
        }
        if !hint.word.is_empty() {
            line.push_span(format!(" {}", hint.word));
        }
    }
    paint::line(buf, layout.hints, 0, &line);
}

/// The notice stands right above the keys. Where there is no pane, the latest event takes its place meanwhile.
fn draw_notice(app: &App, layout: &Layout, buf: &mut Buffer) {
    let area = layout.notice;
    let columns = usize::from(area.width).saturating_sub(2);
    let height = usize::from(area.height);
    // The listing shows what the calls of a program return; of a task in a lesson nothing else would.
    let is_task = app.attempt().is_some() && app.source.is_none() && layout.pane.height == 0;
    let has_room = app.layer.is_none() && layout.tree.height > 0;
    let (text, of) = match (
        &app.notice,
        past::sentence(app),
        (layout.presenter || is_task) && has_room,
    ) {
        (Some(notice), ..) => (notice.clone(), Ink::Notice),
        (None, Some(sentence), _) => (sentence, Ink::Call),
        (None, None, true) => (events::latest(app).unwrap_or_default(), Ink::Call),
        (None, None, false) => return,
    };
    let lines = wrap_to(&text, columns, height);
    let first = height.saturating_sub(lines.len());
    let lines = lines
        .into_iter()
        .map(|line| Line::from(vec![Span::raw(" "), span(app, line, of)]));
    paint::lines(buf, area, first, lines);
}

/// A key and a word.
#[derive(Clone, Debug)]
struct Hint {
    command: Option<Command>,
    key: String,
    word: String,
    /// Groups stand further apart.
    group: u8,
}

impl Hint {
    fn new(key: impl Into<String>, word: impl Into<String>) -> Self {
        Self {
            command: None,
            key: key.into(),
            word: word.into(),
            group: 0,
        }
    }

    fn of(binding: &Binding, word: impl Into<String>) -> Self {
        let key = match binding.keys {
            // Up stands for both: Down is the next row of the table, and has no word.
            [Key::Up, ..] => "↑↓".to_owned(),
            [key, ..] => key.to_string(),
            [] => String::new(),
        };
        Self {
            command: Some(binding.command),
            ..Self::new(key, word)
        }
    }

    const fn in_group(mut self, group: u8) -> Self {
        self.group = group;
        self
    }

    fn width(&self) -> usize {
        width(&self.key) + 1 + width(&self.word)
    }
}

/// What can be pressed now.
fn hints(app: &App, area: Rect) -> Vec<Hint> {
    match &app.layer {
        Some(Layer::Help { .. } | Layer::Evidence { .. }) => of_text(),
        Some(layer) => of_context(layer.context()),
        None if app.prefix.goto.is_some() => of_goto(app),
        None if !app.prefix.is_empty() => shortened(of_prefix(app), area.width.into()),
        None => shortened(of_screen(app), area.width.into()),
    }
}

/// Without luxuries, as far as that is needed; and if it is not enough, without the words of the first group: keys
/// alone are better than no way to the help.
fn shortened(mut hints: Vec<Hint>, columns: usize) -> Vec<Hint> {
    for luxury in LUXURIES {
        if total(&hints) <= columns {
            return hints;
        }
        hints.retain(|hint| hint.command != Some(luxury));
    }
    if total(&hints) > columns {
        let first = hints.iter_mut().filter(|hint| hint.group == 0);
        first.for_each(|hint| hint.word.clear());
    }
    hints
}

/// The columns of the whole line.
fn total(hints: &[Hint]) -> usize {
    let words: usize = hints.iter().map(Hint::width).sum();
    let gaps: usize = hints
        .windows(2)
        .map(|pair| if pair[0].group == pair[1].group { 2 } else { 3 })
        .sum();
    1 + words + gaps
}

fn of_context(context: Context) -> Vec<Hint> {
    shown(context)
        .map(|binding| Hint::of(binding, binding.hint))
        .collect()
}

/// In a list that is only read.
fn of_text() -> Vec<Hint> {
    shown(Context::List)
        .filter_map(|binding| match binding.command {
            Command::Accept => None,
            Command::Up => Some(Hint::of(binding, "scroll")),
            _ => Some(Hint::of(binding, binding.hint)),
        })
        .collect()
}

fn shown(context: Context) -> impl Iterator<Item = &'static Binding> {
    TABLE
        .iter()
        .filter(move |binding| binding.context == context && !binding.hint.is_empty())
}

/// While the screen looks back, or shows a recording: the ways through time.
fn of_past(app: &App) -> Vec<Hint> {
    let mut hints: Vec<Hint> = app
        .contexts()
        .iter()
        .filter(|context| !matches!(context, Context::Process | Context::Stepping))
        .flat_map(|context| shown(*context).map(|binding| (*context, binding)))
        .filter(|(_, binding)| is_of_view(app, binding.command))
        // The step of a replay is its way forth.
        .filter(|(context, binding)| {
            app.replay.is_none() || *context == Context::Replay || binding.command != Command::Forth
        })
        .map(|(context, binding)| {
            let is_way = context == Context::Replay || binding.command.is_travel();
            let hint = paired(app, binding).unwrap_or_else(|| Hint::of(binding, binding.hint));
            hint.in_group(if is_way { 0 } else { 2 })
        })
        .collect();
    hints.sort_by_key(|hint| hint.group);
    if app.is_past() && app.replay.as_ref().is_none_or(|replay| replay.following) {
        let ways = hints.partition_point(|hint| hint.group == 0);
        hints.insert(ways, Hint::new("Esc", "live").in_group(1));
    }
    hints
}

/// The hint of two keys that belong together: while the screen looks back there is no room for each. The second of
/// them has none of its own.
fn paired(app: &App, binding: &Binding) -> Option<Hint> {
    let (second, word) = match binding.command {
        Command::BackOf => (Command::ForthOf, format!("{}'s own", app.view.selected)),
        Command::Closer => (Command::Wider, "zoom".to_owned()),
        // Elsewhere a luxury, here it is what the screen is about.
        Command::Back => return Some(Hint::new(binding.keys_text(), binding.hint)),
        _ => return None,
    };
    let second = TABLE.iter().find(|other| other.command == second)?;
    let keys = format!("{} {}", binding.keys_text(), second.keys_text());
    Some(Hint {
        command: Some(binding.command),
        ..Hint::new(keys, word)
    })
}

/// Whether a key of the view leads somewhere now.
fn is_of_view(app: &App, command: Command) -> bool {
    let elsewhere = refuse::elsewhere(app).is_some();
    match command {
        Command::Forth | Command::BackOf => elsewhere,
        // Paired with the key before it.
        Command::ForthOf => false,
        Command::Closer => app.view.pane == Pane::Lanes,
        Command::Wider => app.view.pane == Pane::Lanes && !elsewhere,
        Command::Evidence | Command::Ask => !elsewhere,
        Command::Menu => !elsewhere && app.lessons.is_none() && app.tracing.is_none() && app.quiz.is_none(),
        _ => true,
    }
}

fn of_screen(app: &App) -> Vec<Hint> {
    if refuse::elsewhere(app).is_some() {
        return of_past(app);
    }
    let mut hints: Vec<Hint> = shown(Context::Process)
        .filter(|binding| binding.command != Command::All && can(app, binding.command))
        .filter(|binding| is_of_lesson(app, binding))
        .map(|binding| Hint::of(binding, word(app, binding)))
        .collect();
    let is_over = app.tracing.is_some() && app.world.alive() == 0;
    if app.is_stepping() && !is_over {
        let stepping = shown(Context::Stepping)
            .filter(|binding| binding.command != Command::Step || can(app, Command::Step))
            .filter(|binding| !OF_TRACING.contains(&binding.command) || app.tracing.is_some())
            .filter(|binding| binding.command != Command::Outlook || app.tracing.is_none())
            .map(|binding| Hint::of(binding, word(app, binding)));
        hints.splice(0..0, stepping);
    }
    if let Some(attempt) = app.attempt() {
        of_lesson(app, attempt, &mut hints);
    }
    let all = TABLE.iter().filter(|binding| binding.command == Command::All);
    if app.world.alive() > 1 {
        hints.extend(all.map(|binding| Hint::of(binding, binding.hint).in_group(1)));
    }
    let view = shown(Context::View).filter(|binding| is_of_view(app, binding.command));
    hints.extend(view.map(|binding| Hint::of(binding, binding.hint).in_group(2)));
    if let Some(sitting) = &app.quiz {
        of_quiz(sitting, &mut hints);
    }
    hints
}

/// What the quiz adds: the answers in the place of what acts, or the way on.
fn of_quiz(sitting: &Sitting, hints: &mut Vec<Hint>) {
    let next = shown(Context::Quiz).map(|binding| Hint::of(binding, binding.hint));
    let begin = match (sitting.is_asking(), sitting.question()) {
        (true, _) => vec![Hint::new("1-4", "answer")],
        (false, Some(_)) => next.collect(),
        (false, None) => Vec::new(),
    };
    if sitting.answer().is_none() {
        let leads_somewhere = [Command::Presenter, Command::Theme, Command::Help, Command::Quit];
        hints.retain(|hint| {
            hint.command
                .is_some_and(|command| leads_somewhere.contains(&command))
        });
    }
    hints.splice(0..0, begin);
}

/// What the lesson adds: the answers while it asks, in the place of what would pass the question by.
fn of_lesson(app: &App, attempt: &Attempt, hints: &mut Vec<Hint>) {
    let mut begin: Vec<Hint> = Vec::new();
    if let Some((prediction, _)) = attempt.question().filter(|_| attempt.is_asking()) {
        hints.clear();
        begin.push(match &prediction.answers {
            Answers::Choices(choices) => Hint::new(format!("1-{}", choices.len()), "answer"),
            Answers::Number(_) => Hint::new("0-9", "and Enter: answer"),
        });
    }
    if attempt.is_searching() {
        hints.retain(|hint| hint.command != Some(Command::Outlook));
    }
    if attempt.has_question_ahead() {
        hints.retain(|hint| hint.command != Some(Command::Finish));
    }
    let is_over = attempt.step().is_none() && attempt.is_solved();
    if is_over || attempt.is_reading() {
        // What acts would pass by what is to be read.
        hints.retain(|hint| hint.group > 1);
    }
    for binding in shown(Context::Lesson) {
        let has_twin = app.lessons.as_ref().is_some_and(|lessons| lessons.has_twin);
        let leads_somewhere = match binding.command {
            Command::ReadOn => attempt.is_reading() || is_over,
            Command::SkipQuestion => attempt.is_asking(),
            // At the beginning there is nothing yet to be stuck at, and nothing lost by beginning anew.
            Command::OtherLanguage => has_twin && attempt.place().0 == 1,
            Command::Solution => attempt.place().0 > 1,
            _ => true,
        };
        if !leads_somewhere {
            continue;
        }
        match binding.command {
            Command::ReadOn if is_over => begin.push(Hint::of(binding, "next lesson")),
            Command::ReadOn | Command::SkipQuestion => begin.push(Hint::of(binding, binding.hint)),
            Command::OtherLanguage => {
                let other = attempt.language.map(Language::other);
                let word = other.map_or_else(String::new, |other| format!("in {other}"));
                hints.push(Hint::of(binding, word).in_group(1));
            }
            _ => hints.push(Hint::of(binding, binding.hint).in_group(1)),
        }
    }
    let world = &app.world;
    let has_ended = world.reaped() > 0 && world.alive() + world.zombies() == 0;
    if attempt.is_missed() || attempt.is_searching() && has_ended {
        let again = TABLE.iter().filter(|binding| binding.command == Command::Restart);
        begin.extend(again.map(|binding| Hint::of(binding, "again")));
    }
    hints.splice(0..0, begin);
}

/// Whether the lesson is about that key. One with a program that names none is about steps alone.
fn is_of_lesson(app: &App, binding: &Binding) -> bool {
    let Some(attempt) = app.attempt() else { return true };
    match &attempt.lesson.keys {
        Some(keys) => binding.keys.iter().any(|key| keys.contains(&key.to_string())),
        None => attempt.language.is_none(),
    }
}

/// Whether the selected process would take the command. The keeper's own switch is shown at the keeper alone.
fn can(app: &App, command: Command) -> bool {
    let selected = app.view.selected;
    if command == Command::KeeperSubreaper && selected != ProcId::Keeper {
        return false;
    }
    refuse::refuse(&app.world, selected, command).is_none()
}

/// The word for a key, where it does the opposite of what it says.
fn word(app: &App, binding: &Binding) -> &'static str {
    match (&app.tracing, binding.command) {
        (Some(tracing), Command::Run) if tracing.free => return "hold all",
        (Some(tracing), Command::Grain) if tracing.grain == Grain::Line => return "by call",
        _ => {}
    }
    let Some(process) = app.world.get(app.view.selected) else {
        return binding.hint;
    };
    match binding.command {
        Command::Wait if process.waiting.is_some() => "stop waiting",
        Command::Subreaper | Command::KeeperSubreaper if process.subreaper => "no subreaper",
        _ => binding.hint,
    }
}

/// After digits or `*`: what was begun, and the keys that take it.
fn of_prefix(app: &App) -> Vec<Hint> {
    let prefix = &app.prefix;
    let star = if prefix.all { "*" } else { "" };
    let begun = format!("{star}{}", prefix.digits);
    let number = prefix.digits.as_str();
    let mut hints = vec![Hint::new(format!("{begun}…"), "")];
    if prefix.all {
        hints.push(Hint::new("", "every lab process that can:"));
    }
    let steps =
        shown(Context::Stepping).filter(|binding| app.is_stepping() && binding.command == Command::Step);
    for binding in steps.chain(shown(Context::Process)) {
        let word = match binding.command {
            Command::All | Command::KeeperSubreaper => continue,
            _ if number.is_empty() => binding.hint.to_owned(),
            Command::Fork => format!("fork {number} times"),
            Command::Exit => format!("_exit({number})"),
            Command::Signal => match number.parse() {
                Ok(number) => format!("send {}", Signal(number)),
                Err(_) => continue,
            },
            _ => continue,
        };
        if prefix.all || can(app, binding.command) {
            hints.push(Hint::of(binding, word));
        }
    }
    hints
}

fn of_goto(app: &App) -> Vec<Hint> {
    let typed = app.prefix.goto.as_deref().unwrap_or_default();
    vec![
        Hint::new(format!("'{typed}…"), ""),
        Hint::new("A B C…", "go to that process").in_group(1),
        Hint::new("'", "screen").in_group(2),
        Hint::new("Esc", "leave").in_group(3),
    ]
}
