//! The index of the facts: where each block of them begins, when it was, and whom it is about. It lies where the facts
//! lie, so that it is not copied by a fork; only the entry that still changes is in memory.

use std::io;

use super::store::Store;
use crate::model::{ProcId, Time};

/// How many facts share one entry of the index.
pub(super) const BLOCK: u64 = 64;

/// How many bytes an entry has: five numbers of eight.
const SIZE: u64 = 5 * 8;

/// The entry of a block of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Where its first line begins.
    pub(super) start: u64,
    /// The time of its first fact.
    pub(super) time: Time,
    /// How many events had been told before it.
    pub(super) before: u64,
    /// Which of its facts are told to the reader, a bit for each.
    pub(super) told: u64,
    /// Whom its facts name: bits that may be shared (see [`bit`]), so a set one means "perhaps".
    pub(super) names: u64,
}

/// The entries, in the order of the blocks.
#[derive(Debug)]
pub(super) struct Index {
    whole: Store,
    /// The last one, to which facts are still added.
    open: Option<Block>,
}

impl Index {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            whole: Store::new()?,
            open: None,
        })
    }

    pub(super) fn len(&self) -> u64 {
        self.whole.end() / SIZE + u64::from(self.open.is_some())
    }

    /// Adds an entry, in which facts can be noted until the next. The one before it is whole.
    pub(super) fn open(&mut self, block: Block) -> io::Result<()> {
        if let Some(whole) = &self.open {
            self.whole.append(&[&whole.bytes()])?;
        }
        self.open = Some(block);
        Ok(())
    }

    /// The last entry.
    pub(super) const fn last_mut(&mut self) -> Option<&mut Block> {
        self.open.as_mut()
    }

    /// The `n`th entry, counted from 0; none beyond the last.
    pub(super) fn get(&self, n: u64) -> io::Result<Option<Block>> {
        let (start, end) = (n * SIZE, (n + 1) * SIZE);
        if end > self.whole.end() {
            return Ok(self.open.filter(|_| start == self.whole.end()));
        }
        self.whole.read(start, end).map(|bytes| Block::from_bytes(&bytes))
    }

    /// The last block of which `is_before` holds, where it holds of none after one of which it does not.
    pub(super) fn last_where(&self, is_before: impl Fn(&Block) -> bool) -> io::Result<Option<u64>> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle)?.is_some_and(|block| is_before(&block)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low.checked_sub(1))
    }
}

impl Block {
    fn bytes(&self) -> [u8; SIZE as usize] {
        let mut bytes = [0; SIZE as usize];
        let numbers = [self.start, self.time.0, self.before, self.told, self.names];
        for (place, number) in bytes.chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut numbers = bytes
            .chunks_exact(8)
            .map(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?)));
        let mut next = || numbers.next().flatten();
        Some(Self {
            start: next()?,
            time: Time(next()?),
            before: next()?,
            told: next()?,
            names: next()?,
        })
    }
}

/// The bit that stands for a process in a block's `names`. Letters a block apart share one, which costs a look.
pub(super) fn bit(id: ProcId) -> u64 {
    match id {
        ProcId::Keeper => 1 << 62,
        ProcId::Screen => 1 << 63,
        ProcId::Lab(letter) => 1 << (letter.0 % 62),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(n: u64) -> Block {
        Block {
            start: n * 5000,
            time: Time(n * 100),
            before: n * 30,
            told: u64::MAX - n,
            names: bit(ProcId::lab(n as u32)),
        }
    }

    #[test]
    fn entries_come_back_as_they_were() {
        let mut index = Index::new().expect("memory");
        assert_eq!(index.get(0).expect("read"), None);
        for n in 0..1000 {
            index.open(block(n)).expect("room");
            assert_eq!(index.len(), n + 1);
            for (n, expected) in [(n / 2, Some(block(n / 2))), (n, Some(block(n))), (n + 1, None)] {
                assert_eq!(index.get(n).expect("read"), expected, "entry {n}");
            }
        }
    }

    #[test]
    fn a_search_ends_at_the_last_that_is_before() {
        let mut index = Index::new().expect("memory");
        (0..5).for_each(|n| index.open(block(n)).expect("room"));
        for (time, last) in [
            (0, Some(0)),
            (99, Some(0)),
            (100, Some(1)),
            (399, Some(3)),
            (u64::MAX, Some(4)),
        ] {
            let found = index.last_where(|block| block.time.0 <= time).expect("read");
            assert_eq!(found, last, "at {time}");
        }
        assert_eq!(index.last_where(|_| false).expect("read"), None);
    }
}
