//! Every possible outcome: known puzzles with known answers, and the reduced search against the full one.

use std::collections::BTreeSet;

use forkscope::model::ProcId;
use forkscope::model::explore::{Bound, Moved, Outcome, Outcomes, explore};
use forkscope::model::notation::puzzle;
use proptest::prelude::*;

fn outcomes(text: &str, bound: Bound) -> Outcomes {
    let puzzle = puzzle::parse(text).unwrap_or_else(|mistake| panic!("{text}: {mistake}"));
    explore(puzzle, b"", bound)
}

fn found(text: &str) -> Outcomes {
    let outcomes = outcomes(text, Bound::default());
    assert_eq!(outcomes.incomplete, None, "{text}");
    outcomes
}

/// The puzzle can print exactly these.
fn prints(text: &str, outputs: &[&str]) {
    let found = found(text);
    let printed: BTreeSet<_> = found
        .found
        .iter()
        .map(|(outcome, _)| String::from_utf8_lossy(&outcome.output).into_owned())
        .collect();
    assert_eq!(
        printed,
        outputs.iter().map(|&output| output.to_owned()).collect(),
        "{text}"
    );
}

#[test]
fn one_fork_two_orders() {
    prints("Fa", &["aa"]);
    prints("F(a,b)", &["ab", "ba"]);
    prints("F(aWb,cX)", &["acb", "cab"]);
    prints("F(Wa,b)", &["ba"]);
    prints("aF(Wb,cX)d", &["acbd"]);
}

#[test]
fn n_forks_print_two_to_the_n_times() {
    prints("FFa", &["aaaa"]);
    prints("FFFa", &["aaaaaaaa"]);
    prints("F(F,)a", &["aaa"]);
}

#[test]
fn five_children_print_in_every_order() {
    // Each child prints its letter and ends, the parent waits for all.
    let found = found("F(F(F(F(F(WWWWW,eX),dX),cX),bX),aX)");
    assert_eq!(found.found.len(), 120);
    assert!(
        found
            .found
            .iter()
            .all(|(outcome, _)| outcome.gone == 6 && outcome.zombies == 0)
    );
}

#[test]
fn a_wait_in_the_loop_leaves_one_order() {
    prints("F(W,aX)F(W,bX)F(W,cX)", &["abc"]);
}

#[test]
fn nobody_waits_and_the_children_are_reaped_by_who_adopts() {
    let found = found("F(X,X)");
    assert_eq!(
        found
            .found
            .iter()
            .map(|(outcome, _)| outcome.clone())
            .collect::<Vec<_>>(),
        [Outcome {
            output: Vec::new(),
            exit: Some(0),
            gone: 2,
            zombies: 0,
            orphans: 0,
            stuck: 0,
        }]
    );
}

#[test]
fn a_run_leads_to_its_outcome() {
    let found = found("F(a,b)");
    let (_, run) = found
        .found
        .iter()
        .find(|(outcome, _)| outcome.output == b"ba")
        .expect("ba is possible");
    let writers: Vec<_> = run
        .iter()
        .filter(|made| matches!(&made.what, Moved::Call(forkscope::model::sim::Call::Write { .. })))
        .map(|made| made.who)
        .collect();
    assert_eq!(writers, [ProcId::lab(1), ProcId::lab(0)]);
}

#[test]
fn a_bound_that_is_hit_is_said() {
    let bound = Bound {
        states: 50,
        ..Bound::default()
    };
    assert!(
        outcomes("FFFFabc", bound)
            .incomplete
            .is_some_and(|why| why.contains("50 states"))
    );
    let bound = Bound {
        processes: 4,
        ..Bound::default()
    };
    assert!(
        outcomes("FFF", bound)
            .incomplete
            .is_some_and(|why| why.contains("4 processes"))
    );
}

#[test]
fn a_search_that_hits_its_bound_lists_what_some_runs_came_to() {
    let bound = Bound {
        states: 300,
        ..Bound::default()
    };
    let text = "F(F(F(F(F(WWWWW,eX),dX),cX),bX),aX)";
    let cut = outcomes(text, bound);
    assert!(cut.incomplete.is_some());
    assert!(cut.found.len() > 3, "{} were found", cut.found.len());
    // Nothing is made up, and each run leads where it says.
    let all = set_of(found(text));
    for (outcome, run) in &cut.found {
        assert!(all.contains(outcome), "{outcome:?}");
        let letters: Vec<u8> = run
            .iter()
            .filter_map(|made| match &made.what {
                Moved::Call(forkscope::model::sim::Call::Write { data, .. }) => Some(data.clone()),
                _ => None,
            })
            .flatten()
            .collect();
        assert_eq!(letters, outcome.output);
    }
    // The same again: nothing is left to chance.
    assert_eq!(outcomes(text, bound), cut);
}

#[test]
fn the_reduction_leaves_out_most_states() {
    let text = "F(F(WW,abX),cdX)";
    let reduced = found(text).states;
    let full = outcomes(
        text,
        Bound {
            reduced: false,
            ..Bound::default()
        },
    )
    .states;
    assert!(reduced * 2 < full, "{reduced} of {full}");
}

/// A random puzzle of at most three forks.
fn puzzle_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => "[a-c]",
        2 => Just("W".to_owned()),
        1 => Just("X".to_owned()),
    ];
    let piece = leaf.prop_recursive(2, 8, 2, |inner| {
        let branch = prop::collection::vec(inner, 0..3).prop_map(|pieces| pieces.concat());
        (branch.clone(), branch).prop_map(|(parent, child)| format!("F({parent},{child})"))
    });
    prop::collection::vec(piece, 1..4).prop_map(|pieces| pieces.concat())
}

fn set_of(outcomes: Outcomes) -> BTreeSet<Outcome> {
    outcomes.found.into_iter().map(|(outcome, _)| outcome).collect()
}

proptest! {
    // Each case is two searches; thousands of them are run with PROPTEST_CASES=5000 in a release build.
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_reduction_loses_no_outcome(text in puzzle_text()) {
        let bound = Bound { states: 1_000, ..Bound::default() };
        let full = outcomes(&text, Bound { reduced: false, ..bound });
        prop_assume!(full.incomplete.is_none());
        let reduced = outcomes(&text, bound);
        prop_assert!(reduced.states <= full.states);
        prop_assert_eq!(set_of(reduced), set_of(full), "{}", text);
    }
}

#[test]
fn a_puzzle_is_read_with_its_mistakes() {
    for (text, at, what) in [
        ("aQ", 2, "`Q` means nothing"),
        ("F(a", 2, "never closed"),
        ("F(a)", 4, "child's branch is missing"),
        ("F(a,b,c)", 6, "two branches"),
        ("a,b", 2, "between the branches"),
        ("a)", 2, "closes nothing"),
        ("(a)", 1, "bracket opens"),
    ] {
        let mistake = puzzle::parse(text).expect_err(text);
        assert_eq!(mistake.at, at, "{text}: {mistake}");
        assert!(mistake.what.contains(what), "{text}: {mistake}");
    }
}
