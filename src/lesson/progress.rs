//! What a student has done, over all lessons, and the receipt of one of them.
//!
//! Progress is kept as JSON, so that people and programs can read it; of each lesson the best attempt counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::attempt::{Answer, Attempt, Goal, Verdict};
use super::{Answers, Prediction};

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// By the lessons' names.
    #[serde(default)]
    pub lessons: BTreeMap<String, Score>,
}

/// What an attempt was worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Whether every goal was reached, by the student.
    pub solved: bool,
    /// How many predictions were right.
    pub right: usize,
    /// How many there were.
    pub asked: usize,
    /// How many hints were asked for.
    pub hints: usize,
    /// How long it took.
    pub seconds: u64,
}

impl Progress {
    /// Whether that lesson was solved.
    pub fn is_solved(&self, name: &str) -> bool {
        self.lessons.get(name).is_some_and(|score| score.solved)
    }

    /// Keeps what an attempt was worth, if it is the best of its lesson. Says whether it was.
    pub fn keep(&mut self, name: &str, score: Score) -> bool {
        let is_better = self
            .lessons
            .get(name)
            .is_none_or(|known| rank(&score) > rank(known));
        if is_better {
            self.lessons.insert(name.to_owned(), score);
        }
        is_better
    }
}

/// Solved counts more than foretold, and that more than without help.
fn rank(score: &Score) -> (bool, usize, std::cmp::Reverse<usize>) {
    (score.solved, score.right, std::cmp::Reverse(score.hints))
}

impl Attempt {
    /// What a student can hand in: goals, predictions, hints and time.
    pub fn receipt(&self) -> String {
        let mut text = format!("lesson: {} ({})\n", self.lesson.name, self.lesson.title);
        let mut line = |name: &str, value: &str| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{name}: {value}");
        };
        if let Some(language) = self.language {
            line("language", &language.to_string());
        }
        if let Some(seed) = self.seed {
            line("seed", &seed.to_string());
        }
        for (goal, state) in self.goals() {
            line("goal", &format!("{} {goal}", mark(state)));
        }
        if let Some(outputs) = self.outputs() {
            line("outputs", &outputs.told());
        }
        for (prediction, question) in self.questions() {
            let said = question
                .answer
                .map_or("not asked yet".to_owned(), |answer| prediction.said(answer));
            let is = question
                .verdict
                .map_or("not known yet".to_owned(), |verdict| prediction.answered(verdict));
            line("question", &prediction.question);
            line("  the student", &said);
            line("  the kernel", &is);
        }
        let score = self.score();
        line("right", &format!("{} of {}", score.right, score.asked));
        line(
            "hints",
            &format!("{} of {}", score.hints, self.lesson.hints.len()),
        );
        line("time", &format!("{} s", score.seconds));
        if self.shown {
            line("solution", "was shown");
        }
        line("solved", if score.solved { "yes" } else { "no" });
        text
    }
}

const fn mark(goal: Goal) -> &'static str {
    match goal {
        Goal::Reached(_) => "✓",
        Goal::Open => "·",
        Goal::Missed => "✗",
    }
}

impl Prediction {
    /// A student's answer in words.
    pub fn said(&self, answer: Answer) -> String {
        match answer {
            Answer::Choice(n) => self.choice(n),
            Answer::Number(number) => number.to_string(),
            Answer::Skipped => "not answered".to_owned(),
        }
    }

    /// The kernel's answer in words.
    pub fn answered(&self, verdict: Verdict) -> String {
        match verdict {
            Verdict::Choice(n) => self.choice(n),
            Verdict::Number(number) => number.to_string(),
            Verdict::Other => "none of these".to_owned(),
        }
    }

    fn choice(&self, n: usize) -> String {
        let Answers::Choices(choices) = &self.answers else {
            return String::new();
        };
        choices
            .get(n)
            .map_or_else(String::new, |choice| choice.text.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_attempt_counts() {
        let mut progress = Progress::default();
        let score = |solved, right, hints| Score {
            solved,
            right,
            asked: 2,
            hints,
            seconds: 9,
        };
        let mut check = |solved, right, hints, is_kept| {
            assert_eq!(progress.keep("zombie", score(solved, right, hints)), is_kept);
        };
        check(false, 0, 0, true);
        check(true, 0, 3, true);
        check(false, 2, 0, false);
        check(true, 1, 3, true);
        check(true, 1, 1, true);
        check(true, 1, 2, false);
        assert!(progress.is_solved("zombie") && !progress.is_solved("orphan"));
        let json = serde_json::to_string(&progress).expect("json");
        assert_eq!(
            serde_json::from_str::<Progress>(&json).expect("progress"),
            progress
        );
    }
}
