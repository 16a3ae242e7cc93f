//! The outputs that a lesson's program can print, and which of them a student has brought about: "you are the
//! scheduler".
//!
//! What is possible is handed in, and is not found out here; this only compares. A run counts once it is over, so of
//! what is possible only the outputs of runs that come to an end are handed in. What was found outlasts the run, and
//! is handed from one start of the lesson to the next.

use std::collections::BTreeSet;

use crate::model::anonymous;

/// The outputs of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs {
    /// Each possible one once, whatever its processes are called.
    possible: BTreeSet<String>,
    /// Why more may be possible; none if these are all.
    incomplete: Option<String>,
    found: Vec<String>,
}

/// What a run has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Come {
    /// An output that was not found before.
    New,
    /// One that was.
    Again,
    /// One that no order of steps prints: something else has had a hand in it.
    Unforeseen,
}

impl Outputs {
    /// Those that are possible, in which pids are written as letters, and why there may be more.
    pub fn new(possible: impl IntoIterator<Item = String>, incomplete: Option<String>) -> Self {
        Self {
            possible: possible.into_iter().map(|output| anonymous(&output)).collect(),
            incomplete,
            found: Vec::new(),
        }
    }

    /// Takes on what was found before this start, as far as it is possible.
    #[must_use]
    pub fn found_before(mut self, found: &[String]) -> Self {
        for output in found {
            self.learn(output);
        }
        self
    }

    /// Takes in what a run that is over has printed.
    pub fn learn(&mut self, output: &str) -> Come {
        let is_it = anonymous(output);
        if self.found.iter().any(|found| anonymous(found) == is_it) {
            Come::Again
        } else if self.possible.contains(&is_it) || self.incomplete.is_some() {
            self.found.push(output.to_owned());
            Come::New
        } else {
            Come::Unforeseen
        }
    }

    /// Those that were found, in the order of finding.
    pub fn found(&self) -> &[String] {
        &self.found
    }

    /// How many are possible, as far as that is known.
    pub fn possible(&self) -> usize {
        self.possible.len().max(self.found.len())
    }

    /// Why more may be possible; none if these are all.
    pub fn incomplete(&self) -> Option<&str> {
        self.incomplete.as_deref()
    }

    /// Whether none is missing. Where nobody knows all, nobody can know that.
    pub fn are_found(&self) -> bool {
        self.incomplete.is_none() && !self.found.is_empty() && self.found.len() == self.possible.len()
    }

    /// How many of how many: `2 of 3 found`.
    pub fn told(&self) -> String {
        let (found, possible) = (self.found.len(), self.possible());
        let more = if self.incomplete.is_some() { " or more" } else { "" };
        format!("{found} of {possible}{more} found")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(possible: &[&str], incomplete: Option<&str>) -> Outputs {
        let possible = possible.iter().map(|&output| output.to_owned());
        Outputs::new(possible, incomplete.map(str::to_owned))
    }

    /// After these runs so many are found, so it is told, and all are found or not.
    fn check(mut outputs: Outputs, runs: &[(&str, Come)], told: &str, are_found: bool) {
        for (printed, come) in runs {
            assert_eq!(outputs.learn(printed), *come, "{printed}");
        }
        assert_eq!((outputs.told().as_str(), outputs.are_found()), (told, are_found));
    }

    #[test]
    fn each_output_counts_once_and_only_if_it_is_possible() {
        let two = || outputs(&["a\nb\n", "b\na\n"], None);
        check(two(), &[], "0 of 2 found", false);
        check(two(), &[("b\na\n", Come::New)], "1 of 2 found", false);
        check(
            two(),
            &[
                ("b\na\n", Come::New),
                ("b\na\n", Come::Again),
                ("a\n", Come::Unforeseen),
            ],
            "1 of 2 found",
            false,
        );
        check(
            two(),
            &[("b\na\n", Come::New), ("a\nb\n", Come::New)],
            "2 of 2 found",
            true,
        );
        check(outputs(&[""], None), &[("", Come::New)], "1 of 1 found", true);
    }

    #[test]
    fn it_does_not_matter_which_letter_a_process_has() {
        check(
            outputs(&["<B> of <A>\n"], None),
            &[("<C> of <A>\n", Come::New), ("<B> of <A>\n", Come::Again)],
            "1 of 1 found",
            true,
        );
    }

    #[test]
    fn where_nobody_knows_all_nobody_has_found_all() {
        check(
            outputs(&["a"], Some("the search ended")),
            &[("a", Come::New), ("b", Come::New)],
            "2 of 2 or more found",
            false,
        );
        check(
            outputs(&[], None),
            &[("", Come::Unforeseen)],
            "0 of 0 found",
            false,
        );
    }

    #[test]
    fn what_was_found_is_handed_on() {
        let mut before = outputs(&["a", "b", "c"], None);
        before.learn("c");
        let found = before.found().to_vec();
        check(
            outputs(&["a", "b", "c"], None).found_before(&found),
            &[("c", Come::Again), ("a", Come::New)],
            "2 of 3 found",
            false,
        );
        // The program may be another by now.
        check(
            outputs(&["a"], None).found_before(&found),
            &[],
            "0 of 1 found",
            false,
        );
    }
}
