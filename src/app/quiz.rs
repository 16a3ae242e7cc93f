//! A quiz beside the processes: the question that stands, what was answered, and how real processes show the answer.
//!
//! While a question stands, the keys that act on processes wait. Once it is answered, the lab does what was asked
//! about, below the answer; the next question begins with a fresh lab, so its letters begin with A.

use super::script::{self, Token};
use super::{App, Effect, refuse};
use crate::model::ProcId;
pub use crate::model::quiz::{Question, Quiz, Shown};

/// A student's way through a quiz.
#[derive(Clone, Debug)]
pub struct Sitting {
    /// The questions.
    pub quiz: Quiz,
    /// Where a program shows the answer, the steps that lead there.
    pub way: Vec<ProcId>,
    /// What was answered so far, counted from 0.
    answers: Vec<usize>,
    /// Whether the last of them was given on this screen, and its question still stands there.
    is_shown: bool,
}

impl Sitting {
    /// Goes on after these answers.
    pub fn new(quiz: Quiz, mut answers: Vec<usize>) -> Self {
        answers.truncate(quiz.questions.len());
        Self {
            quiz,
            way: Vec::new(),
            answers,
            is_shown: false,
        }
    }

    /// The question on the screen, its number counted from 0; none after the last.
    pub fn question(&self) -> Option<(usize, &Question)> {
        let at = self.answers.len() - usize::from(self.is_shown);
        self.quiz.questions.get(at).map(|question| (at, question))
    }

    /// What was answered to the question on the screen.
    pub fn answer(&self) -> Option<usize> {
        self.answers.last().copied().filter(|_| self.is_shown)
    }

    /// Whether the question on the screen waits for an answer.
    pub fn is_asking(&self) -> bool {
        self.question().is_some() && !self.is_shown
    }

    /// How many answers were right, and how many there were.
    pub fn score(&self) -> (usize, usize) {
        let asked = self.quiz.questions.iter().zip(&self.answers);
        let right = asked.filter(|(question, answer)| question.answer == **answer);
        (right.count(), self.answers.len())
    }

    /// What a new start is to know: it goes on with the next question, and after the last begins anew.
    pub(super) fn kept(&self) -> Vec<usize> {
        if self.question().is_none() {
            return Vec::new();
        }
        self.answers.clone()
    }
}

impl App {
    /// The answers that what was kept goes on after.
    pub fn kept_answers(kept: &serde_json::Value) -> Vec<usize> {
        let kept: Option<super::Kept> = serde_json::from_value(kept.clone()).ok();
        kept.map(|kept| kept.answers).unwrap_or_default()
    }

    /// A digit that answers the quiz's question; none if there is none to answer.
    pub(super) fn answer_quiz(&mut self, digit: char) -> Option<Vec<Effect>> {
        if refuse::elsewhere(self).is_some() {
            return None;
        }
        let sitting = self.quiz.as_mut().filter(|sitting| sitting.is_asking())?;
        let choice = (digit as usize).checked_sub('1' as usize);
        let Some(choice) = choice.filter(|choice| *choice < 4) else {
            self.notice = Some("A key from 1 to 4 answers.".to_owned());
            return Some(Vec::new());
        };
        sitting.answers.push(choice);
        sitting.is_shown = true;
        let (_, question) = sitting.question()?;
        let keys = match &question.shown {
            Shown::Keys(keys) => keys.clone(),
            Shown::Program(_) => "F".to_owned(),
            Shown::Output(_) => {
                let way = std::mem::take(&mut sitting.way);
                self.plan = way.into();
                "r".to_owned()
            }
        };
        // A test plays those of many quizzes.
        let tokens: Vec<Token> = script::parse(&keys).unwrap_or_default();
        Some(vec![Effect::Play(tokens)])
    }

    /// Whether a key that acts has to wait for an answer; that is said.
    pub(super) fn is_held_by_quiz(&mut self) -> bool {
        let is_held = self.quiz.as_ref().is_some_and(|sitting| sitting.is_asking());
        if is_held {
            self.notice = Some("First your answer: a key from 1 to 4.".to_owned());
        }
        is_held
    }

    /// On to the next question, or after the last to the result.
    pub(super) fn next_question(&mut self) -> Vec<Effect> {
        if self.is_held_by_quiz() {
            return Vec::new();
        }
        vec![Effect::Restart(String::new())]
    }
}
