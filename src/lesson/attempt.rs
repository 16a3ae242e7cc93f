//! One student's way through one lesson: what is read, what was answered, what the kernel answered, what is reached.
//!
//! It is a value that facts and answers change. What is reached stays reached: whatever else happens, before or
//! after, takes nothing away. Seeing the solution played is no solving, and is kept.

use std::sync::Arc;

use super::predicate::Count;
use super::{Answers, Chronicle, Come, Language, Lesson, Outputs, Prediction, Score, Step};
use crate::model::{Event, Time, World};

/// The most digits of an answer that is a number.
const DIGITS: usize = 6;

/// A way through a lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// The lesson.
    pub lesson: Arc<Lesson>,
    /// The language its program is in; none in the playground.
    pub language: Option<Language>,
    /// Whether the solution plays by itself.
    pub shown: bool,
    /// What the order of the answers was drawn from; none if it is the file's.
    pub seed: Option<u64>,
    chronicle: Chronicle,
    /// The piece that stands on the screen; after the last, as many as there are.
    at: usize,
    questions: Vec<Question>,
    goals: Vec<Goal>,
    hints: usize,
    typed: String,
    begun: Option<Time>,
    now: Time,
}

/// A prediction, and what has come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What the student said; none so far.
    pub answer: Option<Answer>,
    /// What the kernel said; none so far.
    pub verdict: Option<Verdict>,
    /// Whether the time of its answer has come. It may need a moment more to be seen.
    due: bool,
}

/// What a student said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The choice of that number, counted from 0.
    Choice(usize),
    /// A number.
    Number(u64),
    /// Nothing: the question was passed over.
    Skipped,
}

/// What the kernel said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The choice of that number, counted from 0.
    Choice(usize),
    /// A number.
    Number(u64),
    /// None of the choices: the lesson did not think of that.
    Other,
}

impl Question {
    /// Whether the student said what the kernel said; none as long as one of them is silent.
    pub fn is_right(&self) -> Option<bool> {
        match (self.answer?, self.verdict?) {
            (Answer::Skipped, _) => None,
            (Answer::Choice(said), Verdict::Choice(is)) => Some(said == is),
            (Answer::Number(said), Verdict::Number(is)) => Some(said == is),
            _ => Some(false),
        }
    }
}

/// How it stands with a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// It can still be reached.
    Open,
    /// It was reached then.
    Reached(Time),
    /// The program is over without it.
    Missed,
}

/// What a fact has brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// What stands on the screen now wants the student's attention before anything else happens.
    pub holds: bool,
    /// The last goal was reached.
    pub solved: bool,
    /// The program is over, and left a goal unreached.
    pub missed: bool,
    /// The program is over, and this is what it has printed, if outputs are asked for.
    pub come: Option<Come>,
}

impl Attempt {
    /// The beginning.
    pub fn new(lesson: Arc<Lesson>, language: Option<Language>) -> Self {
        let count = |step: &&Step| matches!(step, Step::Predict(_));
        let question = Question {
            answer: None,
            verdict: None,
            due: false,
        };
        Self {
            questions: vec![question; lesson.steps.iter().filter(count).count()],
            goals: vec![Goal::Open; lesson.goals.len()],
            lesson,
            language,
            shown: false,
            seed: None,
            chronicle: Chronicle::default(),
            at: 0,
            hints: 0,
            typed: String::new(),
            begun: None,
            now: Time(0),
        }
    }

    /// The same, of a program that can print these.
    #[must_use]
    pub fn with_outputs(mut self, outputs: Option<Outputs>) -> Self {
        self.chronicle.outputs = outputs;
        self
    }

    /// What its program can print, and what of it was found; none where nobody asks for that.
    pub const fn outputs(&self) -> Option<&Outputs> {
        self.chronicle.outputs.as_ref()
    }

    /// Whether the student is still to find out what is possible, so that nothing may give it away.
    pub fn is_searching(&self) -> bool {
        self.outputs()
            .is_some_and(|outputs| outputs.incomplete().is_none() && !outputs.are_found())
    }

    /// Takes in a fact, after which the world is `world`.
    pub fn learn(&mut self, event: &Event, world: &World) -> News {
        self.begun.get_or_insert(event.t);
        self.now = event.t;
        self.chronicle.learn(event);
        let (held, was_solved, was_missed) = (self.holds(), self.is_solved(), self.is_missed());
        let come = self.is_over(world).then(|| self.chronicle.close()).flatten();
        for (state, goal) in self.goals.iter_mut().zip(&self.lesson.goals) {
            if !matches!(state, Goal::Reached(_)) && goal.is.holds(world, &self.chronicle) {
                *state = Goal::Reached(event.t);
            }
        }
        self.miss(world);
        self.go_on(world);
        News {
            holds: !held && self.holds(),
            solved: !was_solved && self.is_solved(),
            missed: !was_missed && self.is_missed(),
            come,
        }
    }

    /// Whether a question is still to be answered, by the student or by the kernel.
    pub fn has_open_question(&self) -> bool {
        let is_open = |question: &Question| match question.answer {
            None => true,
            Some(Answer::Skipped) => false,
            Some(_) => !question.due,
        };
        self.questions.iter().any(is_open)
    }

    fn is_over(&self, world: &World) -> bool {
        self.language.is_some()
            && world.alive() + world.zombies() == 0
            && self.chronicle.count(world, Count::Born) > 0
    }

    /// A program that is over reaches no goal any more, but for one that is about several runs.
    fn miss(&mut self, world: &World) {
        let is_over = self.is_over(world);
        for (state, goal) in self.goals.iter_mut().zip(&self.lesson.goals) {
            let outlasts = goal.is.is_about_outputs();
            match (*state, is_over && !outlasts) {
                (Goal::Open, true) => *state = Goal::Missed,
                (Goal::Missed, false) => *state = Goal::Open,
                _ => {}
            }
        }
    }

    /// Past every piece whose time is over.
    fn go_on(&mut self, world: &World) {
        loop {
            match self.step() {
                Some(Step::Prose {
                    until: Some(until), ..
                }) if until.holds(world, &self.chronicle) => self.at += 1,
                Some(Step::Predict(_)) => {
                    self.judge(world);
                    return;
                }
                _ => return,
            }
        }
    }

    /// The kernel's answer to the question that stands, once the student has answered and it is known.
    fn judge(&mut self, world: &World) {
        let Some((prediction, question)) = self.question() else {
            return;
        };
        let is_open = question.answer.is_some() && question.verdict.is_none();
        if !is_open || !(question.due || prediction.until.holds(world, &self.chronicle)) {
            return;
        }
        let verdict = match &prediction.answers {
            Answers::Number(count) => Some(Verdict::Number(self.chronicle.count(world, *count))),
            Answers::Choices(choices) => choices
                .iter()
                .enumerate()
                .filter(|(_, choice)| choice.is.holds(world, &self.chronicle))
                .min_by_key(|(_, choice)| choice.place)
                .map(|(n, _)| Verdict::Choice(n)),
        };
        if let Some(question) = self.standing() {
            question.due = true;
            question.verdict = verdict;
        }
    }

    /// The question that stands on the screen, to be changed.
    fn standing(&mut self) -> Option<&mut Question> {
        let n = self.asked_before(self.at);
        let stands = matches!(self.step(), Some(Step::Predict(_)));
        self.questions.get_mut(n).filter(|_| stands)
    }

    /// The piece that stands on the screen; none after the last.
    pub fn step(&self) -> Option<&Step> {
        self.lesson.steps.get(self.at)
    }

    /// The number of that piece, counted from 1, and how many there are.
    pub fn place(&self) -> (usize, usize) {
        let count = self.lesson.steps.len();
        ((self.at + 1).min(count), count)
    }

    /// The question that stands on the screen, and what has come of it.
    pub fn question(&self) -> Option<(&Prediction, &Question)> {
        let Some(Step::Predict(prediction)) = self.step() else {
            return None;
        };
        let question = self.questions.get(self.asked_before(self.at))?;
        Some((prediction, question))
    }

    fn asked_before(&self, at: usize) -> usize {
        let before = self.lesson.steps.iter().take(at);
        before.filter(|step| matches!(step, Step::Predict(_))).count()
    }

    /// Whether a question stands that must be answered first.
    pub fn is_asking(&self) -> bool {
        self.question()
            .is_some_and(|(_, question)| question.answer.is_none())
    }

    /// Whether a question is still to come, or stands unanswered: the run must not go past it.
    pub fn has_question_ahead(&self) -> bool {
        let ahead = &self.questions[self.asked_before(self.at).min(self.questions.len())..];
        ahead.iter().any(|question| question.answer.is_none())
    }

    /// Whether a program that runs freely is to stand still, so that no question is passed by.
    pub fn holds(&self) -> bool {
        self.has_question_ahead() && (self.is_asking() || self.is_reading())
    }

    /// Whether what stands on the screen waits for nothing but to be read.
    pub fn is_reading(&self) -> bool {
        match self.step() {
            Some(Step::Prose { until, .. }) => until.is_none(),
            Some(Step::Predict(_)) => self.question().is_some_and(|(_, question)| {
                question.answer == Some(Answer::Skipped) || question.verdict.is_some()
            }),
            None => false,
        }
    }

    /// Reads on, if what stands there waits for that. Says whether it did.
    pub fn read_on(&mut self, world: &World) -> bool {
        if !self.is_reading() {
            return false;
        }
        self.at += 1;
        self.go_on(world);
        true
    }

    /// Takes for an answer that none of those to be chosen is the kernel's, if its time has come. Says whether it did.
    pub fn settle(&mut self) -> bool {
        let standing = self.standing().filter(|question| question.due);
        let silent = standing.filter(|question| question.verdict.is_none());
        silent
            .map(|question| question.verdict = Some(Verdict::Other))
            .is_some()
    }

    /// Reads on until something else is waited for.
    pub fn read_all(&mut self, world: &World) {
        while self.read_on(world) {}
    }

    /// A digit, while a question stands: a choice, or part of a number. Says whether it was taken.
    pub fn digit(&mut self, digit: char, world: &World) -> bool {
        let Some((prediction, _)) = self.question().filter(|_| self.is_asking()) else {
            return false;
        };
        match &prediction.answers {
            Answers::Number(_) => {
                if self.typed.len() < DIGITS {
                    self.typed.push(digit);
                }
            }
            Answers::Choices(choices) => {
                let choice = (digit as usize).checked_sub('1' as usize);
                if let Some(choice) = choice.filter(|choice| *choice < choices.len()) {
                    self.answer(Answer::Choice(choice), world);
                }
            }
        }
        true
    }

    /// The digits of an answer that is being typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Takes back the last digit.
    pub fn erase(&mut self) {
        self.typed.pop();
    }

    /// Takes the typed number as the answer. Says whether there was one.
    pub fn accept(&mut self, world: &World) -> bool {
        match self.typed.parse() {
            Ok(number) if self.is_asking() => {
                self.answer(Answer::Number(number), world);
                true
            }
            _ => false,
        }
    }

    /// Leaves the question unanswered. Says whether there was one.
    pub fn skip(&mut self, world: &World) -> bool {
        let is_asking = self.is_asking();
        if is_asking {
            self.answer(Answer::Skipped, world);
        }
        is_asking
    }

    fn answer(&mut self, answer: Answer, world: &World) {
        if let Some(question) = self.standing() {
            question.answer = Some(answer);
        }
        self.typed.clear();
        self.judge(world);
    }

    /// The next hint. Says whether there was one.
    pub fn hint(&mut self) -> bool {
        let more = self.hints < self.lesson.hints.len();
        self.hints += usize::from(more);
        more
    }

    /// The latest hint that was asked for, its number counted from 1.
    pub fn last_hint(&self) -> Option<(usize, &str)> {
        let at = self.hints.checked_sub(1)?;
        self.lesson.hints.get(at).map(|hint| (self.hints, hint.as_str()))
    }

    /// The goals, each with what it says.
    pub fn goals(&self) -> impl Iterator<Item = (&str, Goal)> {
        let texts = self.lesson.goals.iter().map(|goal| goal.text.as_str());
        texts.zip(self.goals.iter().copied())
    }

    /// Whether every goal is reached.
    pub fn is_solved(&self) -> bool {
        self.goals.iter().all(|goal| matches!(goal, Goal::Reached(_)))
    }

    /// Whether the program is over, and left a goal unreached.
    pub fn is_missed(&self) -> bool {
        self.goals.contains(&Goal::Missed)
    }

    /// Every question, with what has come of it.
    pub fn questions(&self) -> impl Iterator<Item = (&Prediction, &Question)> {
        let predictions = self.lesson.steps.iter().filter_map(|step| match step {
            Step::Predict(prediction) => Some(prediction),
            Step::Prose { .. } => None,
        });
        predictions.zip(&self.questions)
    }

    /// Whether all was read, and the kernel has given one of the expected answers to every question.
    pub fn is_gone_through(&self) -> bool {
        let known = |question: &Question| question.verdict.is_some_and(|verdict| verdict != Verdict::Other);
        self.at == self.lesson.steps.len() && self.questions.iter().all(known)
    }

    /// What it was worth; a solution that was shown is worth nothing.
    pub fn score(&self) -> Score {
        let right = |question: &&Question| question.is_right() == Some(true);
        Score {
            solved: self.is_solved() && !self.shown,
            right: self.questions.iter().filter(right).count(),
            asked: self.questions.len(),
            hints: self.hints,
            seconds: self.seconds(),
        }
    }

    /// How long it took until the last goal, or has taken so far.
    pub fn seconds(&self) -> u64 {
        let reached = self.goals.iter().map(|goal| match goal {
            Goal::Reached(time) => *time,
            Goal::Open | Goal::Missed => self.now,
        });
        let until = reached.max().unwrap_or(self.now);
        until.0.saturating_sub(self.begun.map_or(0, |time| time.0)) / 1_000_000
    }
}
