//! Keys while something lies on top: a line, a list, a question.

use tui_input::InputRequest;

use super::order_each;
use super::process::signal_each;
use crate::app::prompt::{self, Prompt, Purpose};
use crate::app::save::{self, Wish};
use crate::app::scene::SCENES;
use crate::app::table::{self, Context};
use crate::app::{App, Command, Confirm, Effect, Key, Layer};
use crate::lab::order::Order;
use crate::model::event::What;

/// How far a page moves in a list.
const PAGE: usize = 10;

impl Layer {
    /// The context whose keys it takes.
    pub const fn context(&self) -> Context {
        match self {
            Self::Prompt(prompt) if matches!(prompt.purpose, Purpose::Input) => Context::Output,
            Self::Prompt(_) => Context::Prompt,
            Self::Ask(_) | Self::Confirm(_) => Context::Question,
            Self::Help { .. }
            | Self::Menu { .. }
            | Self::Lessons { .. }
            | Self::Outlook { .. }
            | Self::Evidence { .. } => Context::List,
        }
    }
}

impl App {
    /// Types text into the open line, as a script does.
    pub fn type_text(&mut self, text: &str) -> Result<(), String> {
        let Some(Layer::Prompt(prompt)) = &mut self.layer else {
            return Err(format!(
                "no line is open to type \"{text}\" into: e, k, W and o open one"
            ));
        };
        text.chars().for_each(|c| type_char(prompt, c));
        Ok(())
    }

    /// Keeps the open list from being scrolled past its end. `last` is the last line that it can begin with, which
    /// only those who draw it know.
    pub fn clamp_scroll(&mut self, last: usize) {
        if let Some(Layer::Help { top } | Layer::Evidence { top }) = &mut self.layer {
            *top = (*top).min(last);
        }
    }

    /// `layer` was taken off; it is put back unless the key closes it.
    pub(super) fn press_in_layer(&mut self, layer: Layer, key: Key) -> Vec<Effect> {
        let command = table::lookup(&[layer.context()], key).map(|binding| binding.command);
        if command == Some(Command::QuitNow) {
            return vec![Effect::Quit];
        }
        match layer {
            Layer::Prompt(prompt) => self.press_in_prompt(prompt, key, command),
            Layer::Ask(question) if command == Some(Command::Accept) => question.effects,
            Layer::Ask(_) => Vec::new(),
            Layer::Confirm(confirm) => self.press_in_confirm(confirm, key, command),
            Layer::Help { top } => {
                self.layer = scrolled(top, command).map(|top| Layer::Help { top });
                Vec::new()
            }
            Layer::Evidence { top } => {
                self.layer = scrolled(top, command).map(|top| Layer::Evidence { top });
                Vec::new()
            }
            Layer::Menu { chosen } => self.press_in_menu(chosen, command),
            Layer::Lessons { chosen } => self.press_in_lessons(chosen, command),
            Layer::Outlook { chosen } => self.press_in_outlook(chosen, command),
        }
    }

    fn press_in_menu(&mut self, chosen: usize, command: Option<Command>) -> Vec<Effect> {
        match command {
            Some(Command::Accept) => return self.leave_for(Confirm::Scene(chosen)),
            Some(Command::Cancel) => {}
            _ => {
                let chosen = chosen_after(chosen, SCENES.len(), command);
                self.layer = Some(Layer::Menu { chosen });
            }
        }
        Vec::new()
    }

    fn press_in_lessons(&mut self, chosen: usize, command: Option<Command>) -> Vec<Effect> {
        let count = self.lessons.as_ref().map_or(0, |lessons| lessons.shelf.len());
        match command {
            Some(Command::Accept) => return self.leave_for(Confirm::Lesson(chosen)),
            Some(Command::Cancel) => {}
            _ => {
                let chosen = chosen_after(chosen, count, command);
                self.layer = Some(Layer::Lessons { chosen });
            }
        }
        Vec::new()
    }

    /// Starts again with something else, and asks before where processes live.
    pub(super) fn leave_for(&mut self, what: Confirm) -> Vec<Effect> {
        if self.is_lab_empty() {
            return self.confirmed(what);
        }
        self.layer = Some(Layer::Confirm(what));
        Vec::new()
    }

    fn press_in_confirm(&mut self, confirm: Confirm, key: Key, command: Option<Command>) -> Vec<Effect> {
        let again = match confirm {
            Confirm::Quit => Key::Char('q'),
            Confirm::Restart => Key::Char('R'),
            Confirm::Solution => Key::Char('S'),
            Confirm::Scene(_) | Confirm::Lesson(_) | Confirm::Outcome(_) => Key::Enter,
        };
        if key != again && command != Some(Command::Accept) {
            return Vec::new();
        }
        self.confirmed(confirm)
    }

    fn confirmed(&mut self, confirm: Confirm) -> Vec<Effect> {
        match confirm {
            Confirm::Quit => vec![Effect::Quit],
            Confirm::Restart => vec![Effect::Restart(String::new())],
            Confirm::Solution => self.show_solution(),
            Confirm::Outcome(row) => self.go_to_outcome(row),
            Confirm::Scene(n) => {
                let keys = SCENES.get(n).map_or("", |scene| scene.keys);
                vec![Effect::Restart(keys.to_owned())]
            }
            Confirm::Lesson(n) => {
                let entry = self.lessons.as_ref().and_then(|lessons| lessons.shelf.get(n));
                let name = entry.map(|entry| entry.name.clone());
                name.map(|name| self.open(name)).unwrap_or_default()
            }
        }
    }

    fn press_in_prompt(&mut self, mut prompt: Prompt, key: Key, command: Option<Command>) -> Vec<Effect> {
        let mut effects = Vec::new();
        match command {
            Some(Command::Accept) => return self.accept(prompt),
            Some(Command::Cancel) => return Vec::new(),
            Some(Command::Up) => prompt.choose(false),
            Some(Command::Down) => prompt.choose(true),
            Some(Command::Interrupt) => effects = self.interrupt(),
            Some(Command::EndOfInput) => return vec![Effect::EndInput],
            _ => edit(&mut prompt, key),
        }
        self.layer = Some(Layer::Prompt(prompt));
        effects
    }

    /// Enter on a line: what it asks for, or what is wrong with it.
    fn accept(&mut self, mut prompt: Prompt) -> Vec<Effect> {
        let line = prompt.line().to_owned();
        let read = match prompt.purpose {
            Purpose::Exec => {
                prompt::read_exec(&line).map(|argv| order_each(&prompt.to, &Order::Exec { argv }))
            }
            Purpose::Signal => prompt::read_signal(&line).map(|sending| signal_each(&prompt.to, sending)),
            Purpose::Input => {
                // The line stays open: what is typed goes to the program until Tab.
                self.layer = Some(Layer::Prompt(Prompt::new(
                    Purpose::Input,
                    Vec::new(),
                    &self.world,
                )));
                return vec![Effect::TypeIn(line + "\n")];
            }
            Purpose::Wait => prompt::read_wait(&line, &self.world)
                .map(|call| order_each(&prompt.to, &Order::Wait { call })),
            Purpose::Save => self.save(&line),
            Purpose::Breakpoint => prompt::read_break(&line).map(|at| self.toggle_at(at)),
        };
        match read {
            Ok(effects) if matches!(prompt.purpose, Purpose::Save | Purpose::Breakpoint) => effects,
            Ok(effects) => {
                let mut all = vec![Effect::Fact(What::Key {
                    key: format!("{line:?}"),
                })];
                all.extend(self.ask_first(effects));
                all
            }
            Err(complaint) => {
                prompt.complaint = Some(complaint);
                self.layer = Some(Layer::Prompt(prompt));
                Vec::new()
            }
        }
    }

    fn save(&self, line: &str) -> Result<Vec<Effect>, String> {
        match save::read(line)? {
            Wish::Record(_) if self.replay.is_some() => Err("this is a recording already".to_owned()),
            Wish::Record(path) => Ok(vec![Effect::Record(path)]),
            Wish::Save(saving) => Ok(vec![Effect::Save(saving)]),
        }
    }
}

/// Which entry of a list is chosen after a key.
pub(super) fn chosen_after(chosen: usize, count: usize, command: Option<Command>) -> usize {
    let last = count.saturating_sub(1);
    match command {
        Some(Command::Up) => chosen.saturating_sub(1),
        Some(Command::Down) => (chosen + 1).min(last),
        Some(Command::First) => 0,
        Some(Command::Last) => last,
        Some(Command::PageUp) => chosen.saturating_sub(PAGE),
        Some(Command::PageDown) => (chosen + PAGE).min(last),
        _ => chosen,
    }
}

fn edit(prompt: &mut Prompt, key: Key) {
    let request = match key {
        Key::Char(c) => return type_char(prompt, c),
        Key::Left => InputRequest::GoToPrevChar,
        Key::Right => InputRequest::GoToNextChar,
        Key::Home | Key::Ctrl('a') => InputRequest::GoToStart,
        Key::End | Key::Ctrl('e') => InputRequest::GoToEnd,
        Key::Backspace => InputRequest::DeletePrevChar,
        Key::Ctrl('w') => InputRequest::DeletePrevWord,
        Key::Ctrl('u') => InputRequest::DeleteLine,
        _ => return,
    };
    prompt.complaint = None;
    // A choice that is edited becomes the line.
    if let (Some(_), true) = (prompt.chosen, prompt.input.value().is_empty()) {
        prompt.input = prompt.line().to_owned().into();
    }
    prompt.chosen = None;
    prompt.input.handle(request);
}

fn type_char(prompt: &mut Prompt, c: char) {
    prompt.chosen = None;
    prompt.complaint = None;
    prompt.input.handle(InputRequest::InsertChar(c));
}

/// Where a list stands after a key; none if the key closes it.
fn scrolled(top: usize, command: Option<Command>) -> Option<usize> {
    match command {
        Some(Command::Cancel | Command::Accept) => None,
        Some(Command::Up) => Some(top.saturating_sub(1)),
        Some(Command::Down) => Some(top.saturating_add(1)),
        Some(Command::PageUp) => Some(top.saturating_sub(PAGE)),
        Some(Command::PageDown) => Some(top.saturating_add(PAGE)),
        Some(Command::First) => Some(0),
        Some(Command::Last) => Some(usize::MAX),
        _ => Some(top),
    }
}
