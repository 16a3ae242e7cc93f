//! What a program can do beside what it did: the outcomes that are possible, and those that were seen in real runs.
//!
//! Both are found by another forkscope, `run --explore --runs N --json`, below the keeper, and come as lines of JSON
//! while the screen goes on. Runs that are merely counted prove nothing: what is rare stays unseen. So each possible
//! outcome has a row, seen or not, and the steps that lead the lab there.
//!
//! Pids differ from run to run. In an output they are written as the letters of their processes, and outputs that
//! differ only in those letters count as one.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{ProcId, anonymous};

/// How many real runs the layer asks for.
pub const RUNS: u32 = 50;

/// A program of which all that is possible can be found.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// What it is called.
    pub name: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    /// Whether its output is buffered as into a pipe.
    pub pipe: bool,
    /// What is known so far.
    pub survey: Survey,
    /// The plan that a new start is to go.
    pub(super) chosen: Option<Vec<ProcId>>,
}

impl Outlook {
    /// Nothing is known of it yet.
    pub fn new(name: &str, text: &str, pipe: bool) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
            pipe,
            survey: Survey::default(),
            chosen: None,
        }
    }

    /// The command that finds it all, reading the text from standard input.
    pub fn command(&self) -> Vec<String> {
        let runs = RUNS.to_string();
        let mut words = vec![
            "run",
            "--explore",
            "--json",
            "--runs",
            &runs,
            "--name",
            &self.name,
        ];
        if self.pipe {
            words.push("--pipe");
        }
        words.push("/dev/stdin");
        words.into_iter().map(str::to_owned).collect()
    }
}

/// How a program can end, or ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct End {
    /// All that was written.
    pub output: String,
    /// The exit code of the first process, as a shell reports it; none if it never ends.
    pub exit: Option<i32>,
    /// How many zombies stay.
    pub zombies: u32,
    /// How many live on under a parent that adopted them.
    pub orphans: u32,
    /// How many sleep for ever.
    pub stuck: u32,
}

impl End {
    /// Whether anything is left that should not be.
    pub const fn is_clean(&self) -> bool {
        self.zombies + self.orphans + self.stuck == 0
    }

    /// The same, whatever the processes are called.
    fn anonymous(&self) -> Self {
        Self {
            output: anonymous(&self.output),
            ..self.clone()
        }
    }
}

/// An outcome that is possible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Possible {
    /// How it ends.
    #[serde(flatten)]
    pub end: End,
    /// How many processes ended and were reaped.
    pub gone: u32,
    /// Who takes the next step, one after the other, on a shortest way there; none if no order of steps leads there.
    pub run: Option<Vec<ProcId>>,
}

/// What is found, a line for each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Found {
    /// All that is possible.
    Outcomes {
        /// Whether these are all.
        complete: bool,
        /// Why there may be more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
        /// Each outcome once.
        outcomes: Vec<Possible>,
    },
    /// One real run.
    Run(End),
    /// A real run that was left: nothing had happened in it for some time, but somebody may have been about to wake.
    Unfinished,
}

/// What is known so far.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// What is possible; none as long as that is being found out.
    pub possible: Option<Vec<Possible>>,
    /// Why more may be possible.
    pub incomplete: Option<String>,
    /// How many runs have come to an end, or to a standstill.
    pub runs: u32,
    /// How many were left before that.
    pub unfinished: u32,
    /// Whether no more is to come.
    pub is_over: bool,
    /// What went wrong.
    pub complaint: Option<String>,
    seen: BTreeMap<End, (End, u32)>,
}

/// An outcome, how often it was seen, and the way there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// How it ends.
    pub end: &'a End,
    /// In how many runs.
    pub seen: u32,
    /// Whether the model knows of it.
    pub is_possible: bool,
    /// Who takes the next step, one after the other; none if no order of steps is known to lead there.
    pub run: Option<&'a [ProcId]>,
}

impl Survey {
    /// Takes in a line of what is found.
    pub fn learn(&mut self, line: &str) {
        match serde_json::from_str(line) {
            Ok(Found::Outcomes { why, outcomes, .. }) => {
                self.possible = Some(outcomes);
                self.incomplete = why;
            }
            Ok(Found::Run(end)) => {
                self.runs += 1;
                self.seen.entry(end.anonymous()).or_insert((end, 0)).1 += 1;
            }
            Ok(Found::Unfinished) => self.unfinished += 1,
            Err(_) => self.complaint = Some(line.to_owned()),
        }
    }

    /// No more is to come.
    pub fn close(&mut self) {
        self.is_over = true;
        if self.possible.is_none() {
            let text = "what is possible could not be found out";
            self.complaint.get_or_insert_with(|| text.to_owned());
        }
    }

    /// What is said of the runs that were left.
    pub fn left(&self) -> String {
        let left = match self.unfinished {
            1 => "1 run was left".to_owned(),
            count => format!("{count} runs were left"),
        };
        left + ": nothing happened for long, but a sleep may yet end"
    }

    /// Every outcome that is possible or was seen: those first in which something is left, then by what is printed.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let mut rows: BTreeMap<(bool, End), Row<'_>> = BTreeMap::new();
        for Possible { end, run, .. } in self.possible.iter().flatten() {
            let key = end.anonymous();
            let seen = self.seen.get(&key).map_or(0, |(_, count)| *count);
            let row = rows.entry((end.is_clean(), key)).or_insert(Row {
                end,
                seen,
                is_possible: true,
                run: None,
            });
            // The shortest run was found first.
            row.run = row.run.or(run.as_deref());
        }
        for (key, (end, seen)) in &self.seen {
            rows.entry((end.is_clean(), key.clone())).or_insert(Row {
                end,
                seen: *seen,
                is_possible: false,
                run: None,
            });
        }
        rows.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(output: &str, stuck: u32) -> End {
        End {
            output: output.to_owned(),
            exit: (stuck == 0).then_some(0),
            zombies: 0,
            orphans: 0,
            stuck,
        }
    }

    #[test]
    fn each_possible_outcome_has_a_row_whether_it_was_seen_or_not() {
        let possible = |end| Possible {
            end,
            gone: 2,
            run: Some(vec![ProcId::lab(0)]),
        };
        let found = Found::Outcomes {
            complete: true,
            why: None,
            outcomes: vec![
                possible(end("b <B>", 0)),
                possible(end("a", 0)),
                possible(end("c", 2)),
            ],
        };
        let mut survey = Survey::default();
        for line in [Found::Run(end("b <C>", 0)), found, Found::Run(end("new", 0))] {
            survey.learn(&serde_json::to_string(&line).expect("json"));
        }
        let rows: Vec<_> = survey.rows();
        let told: Vec<(&str, u32, bool)> = rows
            .iter()
            .map(|row| (row.end.output.as_str(), row.seen, row.run.is_some()))
            .collect();
        assert_eq!(
            told,
            [
                ("c", 0, true),
                ("a", 0, true),
                ("b <B>", 1, true),
                ("new", 1, false)
            ]
        );
        assert_eq!((survey.runs, &survey.complaint), (2, &None));
        survey.learn("forkscope: no");
        assert_eq!(survey.complaint.as_deref(), Some("forkscope: no"));
    }
}
