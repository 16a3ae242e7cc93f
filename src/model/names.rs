//! Which names have been given.
//!
//! Letters come in order of birth, but of two forks at once the second child may be heard of first. So what is kept
//! is the last name and the gaps before it: a few numbers, however many processes a session has had.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ident::ProcId;

/// The names that have been given so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Names {
    /// The place after the last of them.
    end: u64,
    /// The places before it that have not been given: the first of a gap, and the place after its last.
    gaps: BTreeMap<u64, u64>,
}

impl Names {
    pub(super) fn give(&mut self, id: ProcId) {
        let place = place(id);
        if place >= self.end {
            if place > self.end {
                self.gaps.insert(self.end, place);
            }
            self.end = place + 1;
        } else if let Some((start, end)) = self.gap(place) {
            self.gaps.remove(&start);
            self.gaps.extend(
                [(start, place), (place + 1, end)]
                    .into_iter()
                    .filter(|(start, end)| start < end),
            );
        }
    }

    pub(super) fn is_given(&self, id: ProcId) -> bool {
        place(id) < self.end && self.gap(place(id)).is_none()
    }

    /// The gap that a place is in.
    fn gap(&self, place: u64) -> Option<(u64, u64)> {
        let (&start, &end) = self.gaps.range(..=place).next_back()?;
        (place < end).then_some((start, end))
    }
}

/// The place of a name in their order.
fn place(id: ProcId) -> u64 {
    match id {
        ProcId::Keeper => 0,
        ProcId::Screen => 1,
        ProcId::Lab(letter) => u64::from(letter.0) + 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_whatever_order_names_come_each_is_known_from_then_on() {
        let orders: [&[u32]; 5] = [
            &[0, 1, 2, 3],
            &[3, 2, 1, 0],
            &[2, 2, 0, 3, 1],
            &[u32::MAX, 7, 5, 6, 9],
            &[],
        ];
        for order in orders {
            let mut names = Names::default();
            for (n, &letter) in order.iter().enumerate() {
                for probe in 0..12 {
                    let given = order[..n].contains(&probe);
                    assert_eq!(
                        names.is_given(ProcId::lab(probe)),
                        given,
                        "{probe} after {:?}",
                        &order[..n]
                    );
                }
                names.give(ProcId::lab(letter));
            }
            assert!(!names.is_given(ProcId::Screen));
        }
    }

    #[test]
    fn who_has_given_all_names_has_no_gaps_left() {
        let mut names = Names::default();
        for id in [ProcId::lab(1), ProcId::Screen, ProcId::lab(0), ProcId::Keeper] {
            names.give(id);
        }
        assert_eq!(
            names,
            Names {
                end: 4,
                gaps: BTreeMap::new()
            }
        );
    }
}
