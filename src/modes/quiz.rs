//! A quiz: questions that the pure kernel answers, to be printed.

use std::process::ExitCode;

use super::{Failure, print};
use crate::cli::QuizArgs;
use crate::model::quiz::Quiz;

/// Prints a quiz: the questions, and the answers apart.
pub fn quiz(args: &QuizArgs) -> Result<ExitCode, Failure> {
    let seed = args.seed.unwrap_or_else(seed_of_now);
    let quiz = Quiz::new(seed, args.level);
    print(&format!("{}\n\n{}", quiz.sheet(), quiz.answers()))
}

/// A seed that differs from start to start; the sheet names it, so that the quiz can be had again.
fn seed_of_now() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |now| now.as_secs() % 10_000)
}
