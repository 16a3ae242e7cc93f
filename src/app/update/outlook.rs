//! What is possible, beside what was seen; and going a run that leads to one of the outcomes.

use super::layer::chosen_after;
use crate::app::lesson::Attempt;
use crate::app::outlook::Survey;
use crate::app::refuse::refuse;
use crate::app::{App, Command, Confirm, Effect, Layer};
use crate::lab::order::Order;

impl App {
    /// Opens what is possible and seen; it is found out anew, if it was not to the end.
    pub(super) fn open_outlook(&mut self) -> Vec<Effect> {
        let secret = self.attempt().and_then(secret);
        let none = "Outcomes are found of programs that are stepped: forkscope run FILE.";
        let Some(outlook) = self.outlook.as_mut().filter(|_| secret.is_none()) else {
            self.notice = Some(secret.unwrap_or(none).to_owned());
            return Vec::new();
        };
        self.layer = Some(Layer::Outlook { chosen: 0 });
        if outlook.survey.is_over && outlook.survey.complaint.is_none() {
            return Vec::new();
        }
        outlook.survey = Survey::default();
        vec![Effect::Survey]
    }

    pub(super) fn press_in_outlook(&mut self, chosen: usize, command: Option<Command>) -> Vec<Effect> {
        let rows = self.outlook.as_ref().map(|outlook| outlook.survey.rows());
        let rows = rows.unwrap_or_default();
        let can_go = rows.get(chosen).is_some_and(|row| row.run.is_some());
        let count = rows.len();
        let mut effects = vec![Effect::EndSurvey];
        match command {
            Some(Command::Cancel) => return effects,
            Some(Command::Accept) if can_go => {
                effects.extend(self.leave_for(Confirm::Outcome(chosen)));
                return effects;
            }
            Some(Command::Accept) => {
                self.notice = Some("No order of steps is known that leads there.".to_owned());
            }
            _ => {}
        }
        let chosen = chosen_after(chosen, count, command);
        self.layer = Some(Layer::Outlook { chosen });
        Vec::new()
    }

    /// Begins again, to go the run that leads to the outcome in that row.
    pub(super) fn go_to_outcome(&mut self, row: usize) -> Vec<Effect> {
        let Some(outlook) = &mut self.outlook else {
            return Vec::new();
        };
        let rows = outlook.survey.rows();
        let run = rows.get(row).and_then(|row| row.run).map(<[_]>::to_vec);
        outlook.chosen = run;
        vec![Effect::Restart(String::new())]
    }

    /// The next step of the run, by whoever's it is.
    pub(super) fn step_of_plan(&mut self) -> Vec<Effect> {
        let Some(&who) = self.plan.front() else {
            return Vec::new();
        };
        if let Some(reason) = refuse(&self.world, who, Command::Step) {
            let is_there = self.world.get(who).is_some();
            self.notice = is_there.then(|| format!("The next step is {who}'s. {reason}"));
            return Vec::new();
        }
        self.plan.pop_front();
        // It is there: it was not refused.
        let _ = self.select(who);
        if self.plan.is_empty() {
            self.notice = Some("That was the last step of this run.".to_owned());
        }
        vec![Effect::Order(who, Order::Step)]
    }
}

/// Why a lesson does not show yet what is possible.
fn secret(attempt: &Attempt) -> Option<&'static str> {
    if attempt.is_asking() {
        return Some("First your answer: this would give it away.");
    }
    let text = "First find the outputs yourself: this would give them away. h helps.";
    attempt.is_searching().then_some(text)
}
