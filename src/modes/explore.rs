//! Every possible outcome of a program, and questions of the same kind: what the pure kernel knows, printed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use serde::Serialize;

use super::{Failure, read_program};
use crate::cli::{QuizArgs, RunArgs};
use crate::model::explore::{Bound, Outcome, Outcomes};
use crate::model::harmless;
use crate::model::quiz::Quiz;
use crate::program::{Buffering, outcomes};

/// Finds and prints every outcome of a program, without running it.
pub fn explore(args: &RunArgs) -> Result<ExitCode, Failure> {
    let (path, text, program) = read_program(args)?;
    let buffering = if args.pipe {
        Buffering::Block
    } else {
        Buffering::Line
    };
    let found = outcomes(program, &text, &[path], buffering, &[], Bound::default());
    let printed = if args.session.json {
        json(&found)
    } else {
        told(&found)
    };
    print(&printed)
}

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

fn print(text: &str) -> Result<ExitCode, Failure> {
    match writeln!(std::io::stdout(), "{}", text.trim_end()) {
        // Who reads only the beginning is served.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS).map_err(Failure::Output),
    }
}

/// The line of the contract.
#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    complete: bool,
    outcomes: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    output: std::borrow::Cow<'a, str>,
    exit: Option<i32>,
    gone: u32,
    zombies: u32,
    orphans: u32,
}

/// Each possible outcome once: those that differ only in what the line does not name are one.
fn json(found: &Outcomes) -> String {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (outcome, _) in &found.found {
        let Outcome {
            output,
            exit,
            gone,
            zombies,
            orphans,
            ..
        } = outcome;
        if seen.insert((output, exit, gone, zombies, orphans)) {
            entries.push(Entry {
                output: String::from_utf8_lossy(output),
                exit: *exit,
                gone: *gone,
                zombies: *zombies,
                orphans: *orphans,
            });
        }
    }
    let line = Line {
        event: "outcomes",
        complete: found.incomplete.is_none(),
        outcomes: entries,
    };
    // Text, numbers and lists can always be written.
    serde_json::to_string(&line).unwrap_or_default()
}

/// The outputs, each with the ends it goes with.
fn told(found: &Outcomes) -> String {
    let mut outputs: BTreeMap<&[u8], Vec<String>> = BTreeMap::new();
    for (outcome, _) in &found.found {
        let ends = outputs.entry(&outcome.output).or_default();
        let end = end_of(outcome);
        if !ends.contains(&end) {
            ends.push(end);
        }
    }
    let mut text = String::new();
    for (n, (output, ends)) in outputs.iter().enumerate() {
        let _ = writeln!(text, "{}. {}", n + 1, ends.join("; or "));
        for line in String::from_utf8_lossy(output).lines() {
            let _ = writeln!(text, "    {}", harmless(line));
        }
    }
    let noun = if outputs.len() == 1 {
        "output is"
    } else {
        "outputs are"
    };
    let _ = write!(
        text,
        "\n{} {noun} possible; {} states were visited.\n",
        outputs.len(),
        found.states
    );
    if let Some(why) = &found.incomplete {
        let _ = writeln!(text, "There may be more: {why}.");
    }
    text
}

fn end_of(outcome: &Outcome) -> String {
    let mut words = match outcome.exit {
        Some(code) => format!("exit {code}, {} reaped", outcome.gone),
        None => format!("it never ends, {} reaped", outcome.gone),
    };
    for (count, what) in [
        (outcome.zombies, "left as zombies"),
        (outcome.orphans, "left as orphans"),
        (outcome.stuck, "asleep for ever"),
    ] {
        if count > 0 {
            let _ = write!(words, ", {count} {what}");
        }
    }
    words
}
