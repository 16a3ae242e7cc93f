//! One key: what it asks for, where it goes, and what is to be done.

mod layer;
mod outlook;
mod process;
mod select;
mod steps;
mod tracing;
mod travel;

use super::prompt::Purpose;
use super::table::{self, Context};
use super::{App, Command, Confirm, Effect, Key, Layer, Look, Pane, Prefix, Travel, ask, refuse};
use crate::lab::order::Order;
use crate::model::ProcId;
use crate::model::event::What;

/// The most digits that a count or an argument may have.
const DIGITS: usize = 9;

impl App {
    /// The fresh state of a program with that limit.
    pub fn new(limit: u32) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Takes a key, and says what is to be done.
    pub fn press(&mut self, key: Key) -> Vec<Effect> {
        self.notice = None;
        match self.layer.take() {
            Some(layer) => self.press_in_layer(layer, key),
            None => self.press_on_screen(key),
        }
    }

    /// Selects a process by name, as a script does.
    pub fn select(&mut self, id: ProcId) -> Result<(), String> {
        if self.world.get(id).is_none() {
            return Err(format!("there is no process {id}"));
        }
        self.unfold_above(id);
        self.set_selected(id);
        Ok(())
    }

    /// Text was pasted: letters in it must not become commands.
    pub fn pasted(&mut self) {
        self.notice = Some(
            "Pasted text was ignored: as keys, its letters would be commands. Type it, please.".to_owned(),
        );
    }

    fn press_on_screen(&mut self, key: Key) -> Vec<Effect> {
        if self.prefix.goto.is_some() {
            self.goto_letter(key);
            return Vec::new();
        }
        if let Key::Char(digit @ '0'..='9') = key {
            if let Some(effects) = self.answer_quiz(digit) {
                return effects;
            }
            if self.answer_digit(digit) {
                return Vec::new();
            }
            if self.prefix.digits.len() < DIGITS {
                self.prefix.digits.push(digit);
            }
            return Vec::new();
        }
        let Some(binding) = table::lookup(self.contexts(), key) else {
            self.prefix = Prefix::default();
            self.notice = Some(format!("{key} does nothing here. ? shows the keys."));
            return Vec::new();
        };
        match binding.command {
            Command::All => {
                self.prefix.all = true;
                Vec::new()
            }
            Command::Goto => {
                self.prefix = Prefix {
                    goto: Some(String::new()),
                    ..Prefix::default()
                };
                Vec::new()
            }
            command => {
                let prefix = std::mem::take(&mut self.prefix);
                let is_act = matches!(binding.context, Context::Process | Context::Stepping);
                if is_act && self.is_held_by_quiz() || self.is_held(binding, &prefix) {
                    return Vec::new();
                }
                let mut effects = Vec::new();
                // What is pressed while looking back is no part of what happens meanwhile.
                if !command.is_travel() && refuse::elsewhere(self).is_none() {
                    effects.push(Effect::Fact(What::Key {
                        key: written(&prefix, key),
                    }));
                }
                effects.extend(match binding.context {
                    Context::Process => self.process_command(command, &prefix),
                    Context::Stepping => self.stepping_command(command, &prefix),
                    Context::Lesson => self.lesson_command(command),
                    Context::Quiz => self.next_question(),
                    _ => self.view_command(command, &prefix),
                });
                effects
            }
        }
    }

    /// The contexts whose keys the main screen takes.
    pub const fn contexts(&self) -> &'static [Context] {
        if self.replay.is_some() {
            &[Context::Replay, Context::Process, Context::View]
        } else if self.quiz.is_some() {
            &[Context::Quiz, Context::Process, Context::Stepping, Context::View]
        } else if self.lessons.is_some() {
            &[
                Context::Lesson,
                Context::Process,
                Context::Stepping,
                Context::View,
            ]
        } else {
            &[Context::Process, Context::Stepping, Context::View]
        }
    }

    fn view_command(&mut self, command: Command, prefix: &Prefix) -> Vec<Effect> {
        let times = prefix.digits.parse().unwrap_or(1);
        if let Some(effects) = self.travel_command(command, times as u64) {
            return effects;
        }
        match command {
            Command::Up => self.move_selection(|at, _| at.saturating_sub(times)),
            Command::Down => self.move_selection(|at, last| (at + times).min(last)),
            Command::PageUp => self.move_selection(|at, _| at.saturating_sub(10)),
            Command::PageDown => self.move_selection(|at, last| (at + 10).min(last)),
            Command::First => self.move_selection(|_, _| 0),
            Command::Last => self.move_selection(|_, last| last),
            Command::Fold => self.fold(),
            Command::Unfold => self.unfold(),
            Command::NextPane => return self.next_pane(),
            Command::Evidence => return self.evidence(),
            Command::Ask => self.ask_mode(),
            Command::Save => return self.open_prompt(Purpose::Save, Vec::new()),
            Command::Menu if self.replay.is_some() => self.notice = refuse::elsewhere(self),
            Command::Menu if self.tracing.is_some() => {
                self.notice =
                    Some("The menu's scenes are of the playground: forkscope alone opens it.".to_owned());
            }
            Command::Menu if self.quiz.is_some() => {
                self.notice = Some("The scenes are in the playground: q leaves the quiz.".to_owned());
            }
            Command::Menu => self.layer = Some(Layer::Menu { chosen: 0 }),
            Command::Help => self.layer = Some(Layer::Help { top: 0 }),
            Command::Presenter => self.view.presenter = !self.view.presenter,
            Command::Theme => {
                self.view.theme = self.view.theme.next();
                self.notice = Some(format!("Theme: {}.", self.view.theme.name()));
            }
            Command::Mouse => {
                self.view.mouse = !self.view.mouse;
                self.notice = Some(if self.view.mouse {
                    "Mouse on: a click selects. To select text, hold Shift, or press M again.".into()
                } else {
                    "Mouse off: the terminal selects text.".into()
                });
                return vec![Effect::Mouse(self.view.mouse)];
            }
            Command::Restart => return self.restart(),
            Command::Redraw => return vec![Effect::Redraw],
            Command::Suspend => return vec![Effect::Suspend],
            Command::Leave => return self.leave(),
            Command::Quit => return self.quit(),
            Command::QuitNow => return vec![Effect::Quit],
            _ => {}
        }
        Vec::new()
    }

    fn next_pane(&mut self) -> Vec<Effect> {
        let before = self.view.pane;
        self.view.pane = before.next();
        let mut effects = Vec::new();
        if before == Pane::Descriptors {
            effects.push(Effect::WatchDescriptors(false));
        }
        match self.view.pane {
            Pane::Descriptors => effects.push(Effect::WatchDescriptors(true)),
            Pane::Ps => effects.push(Effect::Look(Look::Ps)),
            Pane::Events | Pane::Output | Pane::Lanes => {}
        }
        effects
    }

    fn evidence(&mut self) -> Vec<Effect> {
        if let Some(reason) = refuse::no_evidence(self) {
            self.notice = Some(reason);
            return Vec::new();
        }
        self.layer = Some(Layer::Evidence { top: 0 });
        vec![Effect::Look(Look::Evidence(self.view.selected))]
    }

    fn ask_mode(&mut self) {
        self.asking = !self.asking;
        let notice = if self.asking {
            "Ask mode: a key first says what would be done. Enter does it, any other key leaves it."
        } else {
            "Ask mode is off: keys act at once."
        };
        self.notice = Some(notice.to_owned());
    }

    fn leave(&mut self) -> Vec<Effect> {
        if !self.plan.is_empty() && !self.is_past() {
            self.plan.clear();
            self.notice = Some("The run is left: n steps the selected process again.".to_owned());
            return Vec::new();
        }
        if self.is_past() {
            return vec![Effect::Travel(Travel::Last)];
        }
        let waiting = self
            .world
            .get(ProcId::Screen)
            .is_some_and(|screen| screen.waiting.is_some());
        if waiting {
            vec![Effect::GiveUpWait]
        } else {
            Vec::new()
        }
    }

    fn is_lab_empty(&self) -> bool {
        let world = self.live();
        self.replay.is_some() || world.alive() + world.zombies() == 0
    }

    fn quit(&mut self) -> Vec<Effect> {
        if self.is_lab_empty() {
            return vec![Effect::Quit];
        }
        self.layer = Some(Layer::Confirm(Confirm::Quit));
        Vec::new()
    }

    fn restart(&mut self) -> Vec<Effect> {
        if self.replay.is_some() {
            self.notice = refuse::elsewhere(self);
            return Vec::new();
        }
        if self.is_lab_empty() {
            return vec![Effect::Restart(String::new())];
        }
        self.layer = Some(Layer::Confirm(Confirm::Restart));
        Vec::new()
    }

    /// In ask mode, what concerns a process waits for Enter.
    fn ask_first(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        match ask::Question::about(&effects, &self.world).filter(|_| self.asking) {
            Some(question) => {
                self.layer = Some(Layer::Ask(question));
                Vec::new()
            }
            None => effects,
        }
    }

    fn open_prompt(&mut self, purpose: Purpose, to: Vec<ProcId>) -> Vec<Effect> {
        self.layer = Some(Layer::Prompt(super::prompt::Prompt::new(
            purpose,
            to,
            &self.world,
        )));
        Vec::new()
    }
}

/// A key with what was pressed before it, as `--keys` writes it.
fn written(prefix: &Prefix, key: Key) -> String {
    let star = if prefix.all { "*" } else { "" };
    format!("{star}{}{}", prefix.digits, super::script::written(key))
}

/// One order for each of `to`.
fn order_each(to: &[ProcId], order: &Order) -> Vec<Effect> {
    to.iter().map(|id| Effect::Order(*id, order.clone())).collect()
}
