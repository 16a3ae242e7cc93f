//! A quiz: questions that the pure kernel answers and real processes show; or printed, the answers apart.

use std::process::ExitCode;

use super::{Begun, Failure, Plan, Stepped, Subject, begin, print};
use crate::app::App;
use crate::app::quiz::{Quiz, Shown, Sitting};
use crate::cli::QuizArgs;
use crate::model::explore::Bound;
use crate::program::{Buffering, Explorer, compile};

/// What a question's program is called in the listing.
const NAME: &str = "question.c";

/// Asks a quiz, or prints it.
pub fn quiz(args: &QuizArgs) -> Result<ExitCode, Failure> {
    let begun = Begun::now();
    let quiz = Quiz::new(args.seed.unwrap_or_else(seed_of_now), args.level);
    if args.session.headless && !args.session.json {
        return print(&format!("{}\n\n{}", quiz.sheet(), quiz.answers()));
    }
    if args.session.json {
        return Err(Failure::Usage(
            "a quiz has no facts; leave --json out.".to_owned(),
        ));
    }
    begin(&Plan {
        look: &args.look,
        args: &args.session,
        subject: Subject::Quiz(quiz),
        begun,
    })
}

/// Puts the question on the screen that comes after the answers kept. The program that it is about is returned.
pub(super) fn open(
    quiz: &Quiz,
    app: &mut App,
    kept: Option<&serde_json::Value>,
) -> Result<Option<Stepped>, Failure> {
    let answers = kept.map(App::kept_answers).unwrap_or_default();
    let mut sitting = Sitting::new(quiz.clone(), answers);
    let program = match sitting.question().map(|(_, question)| question) {
        None => None,
        Some(question) => match &question.shown {
            Shown::Keys(_) => None,
            Shown::Program(text) => Some(Stepped::new(NAME, text, false)?),
            Shown::Output(text) => {
                let right = question.choices[question.answer].as_bytes();
                let way = way_to(text, right);
                let program = Stepped::new(NAME, text, false)?;
                sitting.way = way;
                Some(program)
            }
        },
    };
    app.quiz = Some(Box::new(sitting));
    Ok(program)
}

/// The steps by which the program prints that.
fn way_to(text: &str, output: &[u8]) -> Vec<crate::model::ProcId> {
    let Ok(program) = compile(NAME, text) else {
        return Vec::new();
    };
    let explorer = Explorer::new(program.into(), text, &[NAME.to_owned()], Buffering::Line);
    let outcomes = explorer.outcomes(b"", Bound::default());
    let mut ways = outcomes
        .found
        .iter()
        .filter(|(outcome, _)| outcome.output == output);
    let way = ways.find_map(|(outcome, run)| explorer.steps(b"", outcome, run));
    way.unwrap_or_default()
}

/// A seed that differs from start to start; the screen and the sheet name it, so that the quiz can be had again.
fn seed_of_now() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |now| now.as_secs() % 10_000)
}
