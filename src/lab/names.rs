//! Who gets which letter: in order of birth, and never twice.

use std::collections::BTreeSet;

use crate::model::{Letter, ProcId};

/// The letters that are still to be given.
#[derive(Debug, Default)]
pub struct Names {
    next: u32,
    /// Given for forks that then failed: nobody was ever called that.
    returned: BTreeSet<u32>,
}

impl Names {
    /// The next letter.
    pub fn give(&mut self) -> ProcId {
        let n = self.returned.pop_first().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        });
        ProcId::lab(n)
    }

    /// Takes back a letter that nobody was born with.
    pub fn take_back(&mut self, id: ProcId) {
        if let ProcId::Lab(Letter(n)) = id {
            self.returned.insert(n);
        }
    }
}
