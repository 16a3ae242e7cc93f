//! How fast the search for outcomes is, and how much the reduction leaves out.
//!
//!     cargo bench --bench explore
//!
//! prints, for each puzzle, how many outcomes there are, the states visited with and without the reduction, and the
//! states visited a second.

use std::time::{Duration, Instant};

use forkscope::model::explore::{Bound, Outcomes, explore};
use forkscope::model::notation::puzzle;

/// Puzzles, from a fork that both sides print after to five children in any order.
const PUZZLES: [(&str, &str); 6] = [
    ("two orders", "F(a,b)"),
    ("parent waits", "F(aWb,cX)"),
    ("three forks in a row", "FFFa"),
    ("one at a time", "F(W,aX)F(W,bX)F(W,cX)F(W,dX)F(W,eX)"),
    ("three children", "F(F(F(WWW,cX),bX),aX)"),
    ("five children", "F(F(F(F(F(WWWWW,eX),dX),cX),bX),aX)"),
];

/// Beyond this the search without the reduction is given up.
const MOST: usize = 200_000;

fn main() {
    println!("puzzle                  outcomes   states  without  factor   states/s     time");
    // All the fast ones first: what the slow ones leave behind in the allocator would count against their successors.
    let reduced: Vec<_> = PUZZLES.iter().map(|(_, text)| timed(text, true)).collect();
    for ((name, text), (reduced, time)) in PUZZLES.into_iter().zip(reduced) {
        let (full, _) = timed(text, false);
        let more = if full.incomplete.is_some() { ">" } else { "" };
        println!(
            "{name:22} {:9} {:8} {:>8} {:>7} {:>10.0} {:>8.1?}",
            reduced.found.len(),
            reduced.states,
            format!("{more}{}", full.states),
            format!("{more}{}", full.states / reduced.states),
            rate(&reduced, time),
            time,
        );
    }
}

fn timed(text: &str, reduced: bool) -> (Outcomes, Duration) {
    let puzzle = puzzle::parse(text).expect("the puzzles above are well written");
    let bound = Bound {
        states: MOST,
        reduced,
        ..Bound::default()
    };
    let begun = Instant::now();
    let outcomes = explore(puzzle, b"", bound);
    (outcomes, begun.elapsed())
}

#[expect(clippy::cast_precision_loss, reason = "a rate needs no more than two digits")]
fn rate(outcomes: &Outcomes, time: Duration) -> f64 {
    outcomes.states as f64 / time.as_secs_f64()
}
