//! Every possible outcome of a program, printed; if asked for, beside what real runs of it came to.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;

use super::{Failure, buffering, print, read_program, survey};
use crate::app::outlook::{End, Found, Possible, Survey};
use crate::cli::RunArgs;
use crate::model::explore::{Bound, Outcomes};
use crate::model::harmless;
use crate::program::{Explorer, compile};

/// Finds and prints every outcome of a program; runs it too, if that is asked for.
pub fn explore(args: &RunArgs) -> Result<ExitCode, Failure> {
    let (name, text) = read_program(args)?;
    let program = compile(&name, &text).map_err(|rejected| Failure::Usage(rejected.to_string()))?;
    if let Some(runs) = args.runs {
        return survey::survey(args, &name, &text, runs);
    }
    let explorer = Explorer::new(program.into(), &text, &[name], buffering(args.pipe));
    let outcomes = explorer.outcomes(&[], Bound::default());
    let found = found(&explorer, outcomes);
    if args.session.json {
        return print(&json(&found));
    }
    let mut survey = Survey::default();
    survey.learn(&json(&found));
    print(&told(&survey, None))
}

/// A line of JSON.
pub(super) fn json(found: &Found) -> String {
    // Text, numbers and lists can always be written.
    serde_json::to_string(found).unwrap_or_default()
}

/// Each possible outcome once, with the steps that lead there.
fn found(explorer: &Explorer, outcomes: Outcomes) -> Found {
    let mut known = BTreeMap::new();
    let mut possible: Vec<Possible> = Vec::new();
    for (outcome, run) in &outcomes.found {
        let end = End {
            output: outcome.text(),
            exit: outcome.exit,
            zombies: outcome.zombies,
            orphans: outcome.orphans,
            stuck: outcome.stuck,
        };
        let fresh = known.len();
        if *known.entry((end.clone(), outcome.gone)).or_insert(fresh) == fresh {
            possible.push(Possible {
                end,
                gone: outcome.gone,
                run: explorer.steps(&[], outcome, run),
            });
        }
    }
    Found::Outcomes {
        complete: outcomes.incomplete.is_none(),
        why: outcomes.incomplete,
        outcomes: possible,
    }
}

/// The outputs, each with the ends it goes with, and in how many of `runs` it was seen.
pub(super) fn told(survey: &Survey, runs: Option<u32>) -> String {
    let mut outputs: BTreeMap<&str, (Vec<String>, u32)> = BTreeMap::new();
    for Possible { end, gone, .. } in survey.possible.iter().flatten() {
        let (ends, _) = outputs.entry(&end.output).or_default();
        let words = end_of(end, Some(*gone));
        if !ends.contains(&words) {
            ends.push(words);
        }
    }
    let possible = outputs.len();
    for row in survey.rows() {
        let (ends, seen) = outputs.entry(&row.end.output).or_default();
        *seen += row.seen;
        if !row.is_possible {
            ends.push(format!("not foreseen: {}", end_of(row.end, None)));
        }
    }
    let mut text = String::new();
    for (n, (output, (ends, seen))) in outputs.iter().enumerate() {
        let often = match runs {
            Some(runs) => format!("   seen in {seen} of {runs} runs"),
            None => String::new(),
        };
        let _ = writeln!(text, "{}. {}{often}", n + 1, ends.join("; or "));
        for line in output.lines() {
            let _ = writeln!(text, "    {}", harmless(line));
        }
    }
    let (noun, verb) = if possible == 1 {
        ("output", "is")
    } else {
        ("outputs", "are")
    };
    let _ = match &survey.incomplete {
        None => writeln!(text, "\n{possible} {noun} {verb} possible."),
        Some(why) => writeln!(
            text,
            "\n{possible} possible {noun} found. There may be more: {why}."
        ),
    };
    if survey.unfinished > 0 {
        let _ = writeln!(text, "{}.", survey.left());
    }
    text
}

fn end_of(end: &End, gone: Option<u32>) -> String {
    let mut words = match end.exit {
        Some(code) => format!("exit {code}"),
        None => "it never ends".to_owned(),
    };
    for (count, what) in [
        (gone, "reaped"),
        (Some(end.zombies), "left as zombies"),
        (Some(end.orphans), "left as orphans"),
        (Some(end.stuck), "asleep for ever"),
    ] {
        if let Some(count) = count.filter(|count| *count > 0) {
            let _ = write!(words, ", {count} {what}");
        }
    }
    words
}
