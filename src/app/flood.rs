//! How much of what processes write is kept. A program that writes without end must not fill the memory: from some
//! amount on, what it writes is let go. What processes do is kept always.

use crate::model::{Event, What};

/// How many bytes of output are kept in a session.
pub const MOST: usize = 16 << 20;

/// Counts what was written.
#[derive(Debug, Default)]
pub struct Flood {
    written: usize,
}

/// What is to be done with a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Keep it.
    Yes,
    /// Let it go, and say so: it is the first.
    NoMore,
    /// Let it go.
    No,
}

impl Flood {
    /// Whether the fact is to be kept.
    pub fn take(&mut self, event: &Event) -> Keep {
        let What::Output(text) = &event.what else {
            return Keep::Yes;
        };
        let was_full = self.written > MOST;
        self.written = self.written.saturating_add(text.text.len());
        match (self.written > MOST, was_full) {
            (false, _) => Keep::Yes,
            (true, false) => Keep::NoMore,
            (true, true) => Keep::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::Text;
    use crate::model::{Pid, ProcId, Time};

    fn written(length: usize) -> Event {
        fact(What::Output(Text::from(vec![b'y'; length])))
    }

    fn fact(what: What) -> Event {
        Event {
            t: Time(0),
            proc: ProcId::lab(0),
            pid: Pid(4101),
            what,
        }
    }

    #[test]
    fn what_is_too_much_is_let_go_and_nothing_else() {
        let mut flood = Flood::default();
        let before = [written(MOST - 1), written(1)].map(|event| flood.take(&event));
        let after =
            [written(1), written(1), fact(What::Continued), written(0)].map(|event| flood.take(&event));
        assert_eq!(before, [Keep::Yes, Keep::Yes]);
        assert_eq!(after, [Keep::NoMore, Keep::No, Keep::Yes, Keep::No]);
    }
}
