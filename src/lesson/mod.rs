//! Lessons: prose in small pieces, predictions, and goals that the kernel itself says are reached.
//!
//! ```text
//!   assets/lessons/*.md ──format──▶ Lesson ──▶ Attempt ◀── facts, answers
//!                                 (a value)   (a value)
//! ```
//!
//! A lesson is a Markdown file (docs/lesson-format.md). What it waits for is written in a small language of
//! [`Predicate`]s, which speak of processes by role, never by pid, and are judged on the [`World`](crate::model::World)
//! and on what a [`Chronicle`] kept of the facts. An [`Attempt`] is one student's way through one lesson.
//!
//! Invariant: nothing in here makes a system call, reads a clock or does I/O, and of the rest of the program only
//! [`model`](crate::model) is known. What a solution's keys mean, and what a program compiles to, is for those above.

mod attempt;
mod chronicle;
mod format;
mod front;
mod judge;
mod outputs;
mod phrase;
mod predicate;
mod progress;
mod shipped;
#[cfg(test)]
mod tests;

use std::fmt;
use std::num::NonZeroU32;

pub use attempt::{Answer, Attempt, Goal as GoalState, News, Question, Verdict};
pub use chronicle::Chronicle;
pub use format::parse;
pub use outputs::{Come, Outputs};
pub use phrase::EVERY_OUTPUT;
pub use predicate::Predicate;
pub use progress::{Progress, Score};
pub use shipped::{by_name, shipped};

use crate::model::Random;
use predicate::Count;

/// The titles of the chapters; the first is chapter 1.
pub const CHAPTERS: [&str; 8] = [
    "One becomes two",
    "Many",
    "Waiting",
    "Dying",
    "Another program",
    "Signals",
    "Pipes",
    "Beyond",
];

/// A lesson, as its file tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// What the command line calls it: its file's name, without folder and ending.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Its chapter, counted from 1.
    pub chapter: u8,
    /// The concepts that it makes visible.
    pub concepts: Vec<u8>,
    /// The lessons to go through before.
    pub after: Vec<String>,
    /// The only keys that act on processes in it; none if all of them do.
    pub keys: Option<Vec<String>>,
    /// How many processes there can be, where it is about that.
    pub limit: Option<NonZeroU32>,
    /// Keys that reach its goals.
    pub solution: Solution,
    /// The program that is stepped, in one language or in both; none for a task in the playground.
    pub programs: Vec<Program>,
    /// Prose and predictions, in their order.
    pub steps: Vec<Step>,
    /// What is to be reached.
    pub goals: Vec<Goal>,
    /// What helps, from a nudge to nearly all.
    pub hints: Vec<String>,
}

impl Lesson {
    /// Its program in that language.
    pub fn program(&self, language: Language) -> Option<&Program> {
        self.programs.iter().find(|program| program.language == language)
    }

    /// Puts the answers of its predictions into an order that `seed` repeats, so that neighbours do not press the same
    /// keys.
    pub fn shuffle(&mut self, seed: u64) {
        let mut random = Random::new(seed);
        for step in &mut self.steps {
            if let Step::Predict(Prediction {
                answers: Answers::Choices(choices),
                ..
            }) = step
            {
                random.shuffle(choices);
            }
        }
    }

    /// Whether something in it waits for every output that its program can print.
    pub fn asks_for_outputs(&self) -> bool {
        let in_steps = self.steps.iter().any(|step| match step {
            Step::Prose { until, .. } => until.as_ref().is_some_and(Predicate::is_about_outputs),
            Step::Predict(prediction) => {
                prediction.until.is_about_outputs()
                    || matches!(&prediction.answers, Answers::Choices(choices)
                        if choices.iter().any(|choice| choice.is.is_about_outputs()))
            }
        });
        in_steps || self.goals.iter().any(|goal| goal.is.is_about_outputs())
    }

    /// Its file's name for the program in that language, as the listing shows it.
    pub fn program_name(&self, language: Language) -> String {
        format!("{}.{}", self.name.replace('-', "_"), language.ending())
    }
}

/// What a program is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// C.
    C,
    /// Python.
    Python,
}

impl Language {
    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::C => Self::Python,
            Self::Python => Self::C,
        }
    }

    /// How files of it end.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::C => "c",
            Self::Python => "py",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::C => "C",
            Self::Python => "Python",
        })
    }
}

/// A program in a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// What it is written in.
    pub language: Language,
    /// Its text.
    pub text: String,
    /// The line of the lesson's file that its first line is on.
    pub line: usize,
}

/// Keys that reach the goals, as `--keys` writes them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(untagged)]
pub enum Solution {
    /// The same in every language.
    Same(String),
    /// Those of each language.
    Each {
        /// In C.
        c: String,
        /// In Python.
        python: String,
    },
}

impl Solution {
    /// The keys in that language.
    pub fn keys(&self, language: Option<Language>) -> &str {
        match (self, language) {
            (Self::Same(keys), _) => keys,
            (Self::Each { python, .. }, Some(Language::Python)) => python,
            (Self::Each { c, .. }, _) => c,
        }
    }
}

/// A piece of a lesson: never more than a student can take in at a glance.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Something to read.
    Prose {
        /// The text; what stands between backticks is code.
        text: String,
        /// What it waits for; without it, the student reads on.
        until: Option<Predicate>,
    },
    /// Something to foretell before it is seen.
    Predict(Prediction),
}

/// A question that stands before the step that answers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The question.
    pub question: String,
    /// What can be answered.
    pub answers: Answers,
    /// When the kernel has given its answer.
    pub until: Predicate,
}

/// What can be answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answers {
    /// One of these.
    Choices(Vec<Choice>),
    /// A number; the kernel's is this count.
    Number(Count),
}

/// One of the answers that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What it says.
    pub text: String,
    /// When it is the kernel's answer.
    pub is: Predicate,
    /// Its place in the file: of several that hold, the first there is the answer.
    pub place: usize,
}

/// Something to be reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// What it says.
    pub text: String,
    /// When it is reached.
    pub is: Predicate,
}

/// What is wrong with a lesson, and where. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {what}")]
pub struct Mistake {
    /// The line of the file.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
    /// What.
    pub what: String,
}

impl Mistake {
    fn new(line: usize, column: usize, what: impl Into<String>) -> Self {
        Self {
            line,
            column,
            what: what.into(),
        }
    }
}
