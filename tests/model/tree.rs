//! The tree as rows: order, guides, folding, adopters outside.

use std::collections::BTreeSet;

use forkscope::model::{Letter, Row};

use super::script::{id, world};

/// The rows after `facts` with `folded` folded: a bar for each line that goes on, names, and what is hidden.
fn check(facts: &str, folded: &[&str], rows: &[&str]) {
    let folded: BTreeSet<_> = folded.iter().map(|name| id(name)).collect();
    let drawn: Vec<String> = world(facts)
        .rows(&folded)
        .iter()
        .map(|row| {
            let name = match row.proc() {
                Some(id) => id.to_string(),
                None => "outside".to_owned(),
            };
            let guides: String = row
                .guides
                .iter()
                .map(|on| if *on { "| " } else { ". " })
                .collect();
            match row.folded {
                0 => format!("{guides}{name}"),
                hidden => format!("{guides}{name} +{hidden}"),
            }
        })
        .collect();
    assert_eq!(drawn, rows, "after {facts}");
}

#[test]
fn siblings_stand_in_letter_order() {
    check(
        "A born screen; B born A; C born screen; D born A",
        &[],
        &["keeper", ". screen", ". | A", ". | | B", ". | . D", ". . C"],
    );
}

#[test]
fn an_orphan_stands_by_its_letter_among_its_new_siblings() {
    check(
        "A born screen; B born A; C born B; B exit 0; C adopted B keeper",
        &[],
        &["keeper", "| screen", "| . A", "| . . B", ". C"],
    );
}

#[test]
fn a_folded_process_counts_all_that_is_below_it() {
    let facts = "A born screen; B born A; C born B; D born B";
    check(facts, &["A"], &["keeper", ". screen", ". . A +3"]);
    check(
        facts,
        &["D"],
        &["keeper", ". screen", ". . A", ". . . B", ". . . | C", ". . . . D"],
    );
    check(facts, &["keeper"], &["keeper +5"]);
}

#[test]
fn folding_belongs_to_the_process_and_moves_with_it() {
    check(
        "A born screen; B born A; C born B; A exit 0; B adopted A keeper",
        &["B"],
        &["keeper", "| screen", "| . A", ". B +1"],
    );
}

#[test]
fn an_adopter_outside_is_a_root_of_its_own() {
    check(
        "A born screen; B born A; C born A; A exit 0; B adopted A 1:systemd; C adopted A 900:runit",
        &[],
        &["keeper", ". screen", ". . A", "outside", ". B", "outside", ". C"],
    );
}

#[test]
fn whose_parent_is_unknown_is_a_root() {
    check("B born A", &[], &["keeper", ". screen", "B"]);
}

#[test]
fn a_chain_of_two_thousand_needs_no_deep_stack() {
    let mut facts = String::from("A born screen");
    for n in 1..2_000 {
        use std::fmt::Write as _;
        write!(facts, "; {} born {}", Letter(n), Letter(n - 1)).expect("a string takes everything");
    }
    let rows = world(&facts).rows(&BTreeSet::new());
    assert_eq!(rows.last().map(Row::depth), Some(2_001));
}
