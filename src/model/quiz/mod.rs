//! Questions that answer themselves: random situations, and what the kernel makes of them.
//!
//! The right answer is never written down: it is what the pure kernel says, and [`Shown`] lets real processes say the
//! same. A seed repeats a quiz, for a whole class or for the printed sheet.
//!
//! Invariant: no clock and no randomness but the seed's.

mod ask;
mod scene;

use std::fmt::Write as _;

use ask::KINDS;

use super::Random;

/// How many questions a quiz has.
pub const QUESTIONS: usize = 10;

/// How hard a quiz is, from 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

impl Level {
    /// The level of that number, if there is one.
    pub const fn new(level: u8) -> Option<Self> {
        if level >= 1 && level <= 5 {
            Some(Self(level))
        } else {
            None
        }
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// A question with four answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// What it is asked about: a tree, a program.
    pub scene: String,
    /// The answers to choose from.
    pub choices: [String; 4],
    /// Which is right, counted from 0.
    pub answer: usize,
    /// Why.
    pub why: String,
    /// How real processes show it.
    pub shown: Shown,
}

/// What makes the same happen on real processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// These keys, in the playground.
    Keys(String),
    /// This program in C, in any order of steps.
    Program(String),
    /// This program in C, by a run that prints the right answer.
    Output(String),
}

/// The questions of a quiz.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiz {
    /// The seed that makes it again.
    pub seed: u64,
    /// How hard it is.
    pub level: Level,
    /// The questions.
    pub questions: Vec<Question>,
}

impl Quiz {
    /// The quiz of a seed.
    pub fn new(seed: u64, level: Level) -> Self {
        let mut random = Random::new(seed);
        let kinds: Vec<_> = KINDS
            .iter()
            .filter(|(from, _)| *from <= level.0)
            .map(|(_, kind)| *kind)
            .collect();
        let mut questions: Vec<Question> = Vec::new();
        let mut tries = 0;
        while questions.len() < QUESTIONS && tries < 100 * QUESTIONS {
            // Each kind in turn, so that none is missing.
            let kind = kinds[tries % kinds.len()];
            tries += 1;
            let asked = |question: &Question| {
                questions
                    .iter()
                    .any(|other| (&other.scene, &other.text) == (&question.scene, &question.text))
            };
            if let Some(question) = kind(level, &mut random).filter(|question| !asked(question)) {
                questions.push(question);
            }
        }
        Self {
            seed,
            level,
            questions,
        }
    }

    /// The questions to be printed, without the answers.
    pub fn sheet(&self) -> String {
        let mut text = format!("Quiz {} of level {}\n", self.seed, self.level.0);
        for (n, question) in self.questions.iter().enumerate() {
            let _ = write!(
                text,
                "\n{}. {}\n\n{}\n\n",
                n + 1,
                question.text,
                indented(&question.scene, "    ")
            );
            for (letter, choice) in ('a'..).zip(&question.choices) {
                let _ = writeln!(text, "   {letter})  {}", indented(choice, "       ").trim_start());
            }
        }
        text
    }

    /// The answers to be printed, on another sheet.
    pub fn answers(&self) -> String {
        let mut text = format!("Answers to quiz {} of level {}\n\n", self.seed, self.level.0);
        for (n, question) in self.questions.iter().enumerate() {
            let letter = ('a'..).nth(question.answer).unwrap_or('?');
            let _ = writeln!(text, "{:2}. {letter})  {}", n + 1, question.why);
        }
        text
    }
}

fn indented(text: &str, by: &str) -> String {
    let line = |line: &str| {
        if line.is_empty() {
            String::new()
        } else {
            format!("{by}{line}")
        }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
