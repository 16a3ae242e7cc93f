//! What is still learnt of a program whose search has hit its bound: some of the runs that it had begun, gone to their
//! ends.
//!
//! A search that goes breadth first comes to the ends last, so at its bound it may know none. These runs begin at
//! states spread over its edge. One takes always what comes first, one what comes last, the others choose at random,
//! with a seed, so that the same program has the same outcomes again. What they find is possible; that it is all, they
//! cannot know.

use super::{Actor, Choice, Search};
use crate::model::Random;

/// How many runs are gone to their ends.
const RUNS: usize = 256;

/// How many moves one of them may have: a run may go in circles for ever.
const LENGTH: usize = 20_000;

/// Any number does, as long as it stays the same.
const SEED: u64 = 1;

/// How a run chooses its next move.
enum Way {
    First,
    Last,
    Random,
}

impl<A: Actor> Search<A> {
    /// Goes some runs to their ends, from states of which the moves were not tried: those from `edge` on. All of them
    /// together make at most as many moves as the search might visit states.
    pub(super) fn finish_some(&mut self, edge: usize) {
        let random = &mut Random::new(SEED);
        let waiting = self.nodes.len() - edge;
        let mut left = self.bound.states;
        for run in 0..RUNS {
            let at = edge + run * waiting / RUNS;
            let way = match run % 4 {
                0 => Way::First,
                1 => Way::Last,
                _ => Way::Random,
            };
            left -= self.finish(at, &way, random, left.min(LENGTH));
        }
    }

    /// Goes one run to its end, and says how many moves it took; at most `length`, after which it is given up.
    fn finish(&mut self, at: usize, way: &Way, random: &mut Random, length: usize) -> usize {
        let Some(mut state) = self.nodes[at].state.clone() else {
            return 0;
        };
        let mut moves = Vec::new();
        while moves.len() < length {
            // Whoever is lost was met by the search, or would have been: that there may be more is said already.
            let Ok(choices) = state.choices() else { break };
            if choices.is_empty() {
                let outcome = state.outcome(self.first);
                let count = moves.len();
                self.add(outcome, |search| [search.run(at), moves].concat());
                return count;
            }
            let Some(choice) = way.choose(&choices, random) else {
                break;
            };
            moves.extend(state.told(choice));
            if state.make(choice).is_err() || state.processes() > self.bound.processes {
                break;
            }
        }
        moves.len()
    }
}

impl Way {
    fn choose<'a>(&self, choices: &'a [Choice], random: &mut Random) -> Option<&'a Choice> {
        match self {
            Self::First => choices.first(),
            Self::Last => choices.last(),
            Self::Random => random.pick(choices),
        }
    }
}
