//! The facts of one session, and the world after any number of them.
//!
//! All of it lies outside of memory that fork copies: the facts, as the lines of a recording; an index of where each
//! block of 64 begins and whom it is about; every so often the world itself, so that a jump in a million facts reads a
//! few thousand; and who is gone. Kept in memory are the live world and, of each world that was laid aside, where it
//! lies: some dozens of bytes for 8192 facts.
//!
//! A position is a number of facts: 0 is before the first, and `event(n)` is the fact that led to position `n`. What
//! the list of what happened counts is told events, and several facts can make up one: [`Journal::after_told`] leads
//! from one count to the other.

use std::collections::VecDeque;
use std::io;

use super::index::{BLOCK, Block, Index, bit};
use super::shelf::Shelves;
use super::store::Store;
use crate::model::lanes::Lanes;
use crate::model::{Event, GoneList, ProcId, Time, World};

/// How many facts lie between two worlds that were laid aside. A multiple of a block.
const APART: u64 = 128 * BLOCK;

/// What was kept of a session.
#[derive(Debug)]
pub struct Journal {
    live: World,
    facts: Store,
    blocks: Index,
    worlds: Store,
    shelves: Shelves,
    checkpoints: Vec<Checkpoint>,
    len: u64,
    full: bool,
}

/// A world that was laid aside.
#[derive(Debug)]
struct Checkpoint {
    at: u64,
    start: u64,
    end: u64,
    gone: GoneList,
}

/// Why the past cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file in memory could not be made.
    #[error("no memory for the journal: {0}")]
    Create(#[source] io::Error),
    /// It could not be written. The live world goes on; the journal ends here.
    #[error("no memory for more of the journal, so one cannot go back to what happens from now on: {0}")]
    Write(#[source] io::Error),
    /// It could not be read.
    #[error("the journal cannot be read: {0}")]
    Read(#[source] io::Error),
    /// A fact or a world in it could not be understood.
    #[error("the journal is damaged: {0}")]
    Damaged(#[source] serde_json::Error),
}

impl Journal {
    /// A journal without facts.
    pub fn new() -> Result<Self, JournalError> {
        Ok(Self {
            live: World::default(),
            facts: Store::new().map_err(JournalError::Create)?,
            blocks: Index::new().map_err(JournalError::Create)?,
            worlds: Store::new().map_err(JournalError::Create)?,
            shelves: Shelves::new().map_err(JournalError::Create)?,
            checkpoints: Vec::new(),
            len: 0,
            full: false,
        })
    }

    /// Takes in a fact. Whatever happens to the journal, the live world has it; an error is returned once.
    pub fn push(&mut self, event: &Event) -> Result<(), JournalError> {
        match serde_json::to_vec(event) {
            Ok(line) => self.push_line(event, &line),
            Err(error) => {
                self.live.apply(event);
                self.full = true;
                Err(JournalError::Damaged(error))
            }
        }
    }

    /// Takes in a fact that is already written as a line.
    pub(super) fn push_line(&mut self, event: &Event, line: &[u8]) -> Result<(), JournalError> {
        let before = self.live.told();
        self.live.apply(event);
        if self.full {
            return Ok(());
        }
        let kept = self.keep(event, line, before).map_err(JournalError::Write);
        self.full = kept.is_err();
        kept
    }

    /// The world as it is.
    pub const fn live(&self) -> &World {
        &self.live
    }

    /// How many facts are kept: the last position one can go to.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing has happened yet.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The `n`th fact, counted from 1; none for 0 and beyond the end.
    pub fn event(&self, n: u64) -> Result<Option<Event>, JournalError> {
        self.events(n, n).next().transpose()
    }

    /// The facts from the `first`th to the `last`th, both counted from 1 and both included.
    pub fn events(&self, first: u64, last: u64) -> Events<'_> {
        Events {
            journal: self,
            next: first.max(1),
            last: last.min(self.len),
            read: VecDeque::new(),
        }
    }

    /// The world after `n` facts; beyond the end, after all that are kept.
    pub fn world_at(&self, n: u64) -> Result<World, JournalError> {
        let n = n.min(self.len);
        if n == self.live.applied() {
            return Ok(self.live.clone());
        }
        let (mut world, from) = self.checkpoint(n)?;
        for event in self.events(from + 1, n) {
            world.apply(&event?);
        }
        Ok(world)
    }

    /// The next position after `n` whose fact is told to the reader, and names `who` if that is given.
    pub fn next_told(&self, n: u64, who: Option<ProcId>) -> Result<Option<u64>, JournalError> {
        for block in n / BLOCK..self.blocks.len() {
            let told = self.told(block, who)? & (u64::MAX << n.saturating_sub(block * BLOCK));
            if told != 0 {
                return Ok(Some(block * BLOCK + u64::from(told.trailing_zeros()) + 1));
            }
        }
        Ok(None)
    }

    /// The last position before `n` whose fact is told to the reader, and names `who` if that is given.
    pub fn prev_told(&self, n: u64, who: Option<ProcId>) -> Result<Option<u64>, JournalError> {
        // The fact that led to `n` itself is not meant: those before it are numbers 0 to n - 2, counted from 0.
        let before = n.min(self.len + 1).saturating_sub(1);
        for block in (0..before.div_ceil(BLOCK)).rev() {
            let beyond = BLOCK - (before - block * BLOCK).min(BLOCK);
            let told = self.told(block, who)? & (u64::MAX >> beyond);
            if told != 0 {
                return Ok(Some(block * BLOCK + u64::from(told.ilog2()) + 1));
            }
        }
        Ok(None)
    }

    /// The last position at which no more than `n` events have been told: there the `n`th is the latest, with all that
    /// followed from it.
    pub fn after_told(&self, n: u64) -> Result<u64, JournalError> {
        let last = self.blocks.last_where(|block| block.before <= n);
        let Some(block) = last.map_err(JournalError::Read)? else {
            return Ok(0);
        };
        let mut world = self.world_at(block * BLOCK)?;
        let mut position = block * BLOCK;
        for event in self.events(position + 1, position + BLOCK) {
            world.apply(&event?);
            if world.told() > n {
                break;
            }
            position += 1;
        }
        Ok(position)
    }

    /// The last position whose fact happened at `time` or before.
    pub fn position_at(&self, time: Time) -> Result<u64, JournalError> {
        let last = self.blocks.last_where(|block| block.time <= time);
        let Some(block) = last.map_err(JournalError::Read)? else {
            return Ok(0);
        };
        let mut position = block * BLOCK;
        for event in self.events(position + 1, position + BLOCK) {
            if event?.t > time {
                break;
            }
            position += 1;
        }
        Ok(position)
    }

    /// The lanes around a position: so many told facts before and after it.
    pub fn lanes(&self, around: u64, reach: usize) -> Result<Lanes, JournalError> {
        let around = around.min(self.len);
        let (mut first, mut last) = (around, around);
        for _ in 0..reach {
            first = self.prev_told(first, None)?.unwrap_or(0);
            last = self.next_told(last, None)?.unwrap_or(self.len);
        }
        let mut lanes = Lanes::new(self.world_at(first)?);
        for event in self.events(first + 1, last) {
            lanes.push(&event?);
        }
        Ok(lanes)
    }

    /// The lines of all facts that are kept, as they are written in recordings: some whole lines at a time.
    pub(super) fn lines(&self) -> impl Iterator<Item = Result<Vec<u8>, JournalError>> + '_ {
        (0..self.blocks.len()).map(|block| self.block_lines(block))
    }

    fn keep(&mut self, event: &Event, line: &[u8], before: u64) -> io::Result<()> {
        let n = self.len % BLOCK;
        if n == 0 {
            self.blocks.open(Block {
                start: self.facts.end(),
                time: event.t,
                before,
                told: 0,
                names: 0,
            })?;
        }
        self.facts.append(&[line, b"\n"])?;
        let block = self
            .blocks
            .last_mut()
            .expect("the first fact of a block opens it");
        block.told |= u64::from(event.is_told()) << n;
        block.names |= event.names().map(bit).fold(0, |all, bit| all | bit);
        self.len += 1;
        if self.len.is_multiple_of(APART) {
            self.lay_aside()?;
        }
        Ok(())
    }

    fn lay_aside(&mut self) -> io::Result<()> {
        if let Some(shelf) = self.shelves.put(self.live.gone_list().rest())? {
            self.live.shelve(shelf);
        }
        let start = self.worlds.end();
        serde_json::to_writer(&mut self.worlds, &self.live)?;
        self.checkpoints.push(Checkpoint {
            at: self.len,
            start,
            end: self.worlds.end(),
            gone: self.live.gone_list().clone(),
        });
        Ok(())
    }

    /// The last world that was laid aside at position `n` or before, and its position.
    fn checkpoint(&self, n: u64) -> Result<(World, u64), JournalError> {
        let count = self.checkpoints.partition_point(|checkpoint| checkpoint.at <= n);
        let Some(checkpoint) = count.checked_sub(1).map(|last| &self.checkpoints[last]) else {
            return Ok((World::default(), 0));
        };
        let bytes = self
            .worlds
            .read(checkpoint.start, checkpoint.end)
            .map_err(JournalError::Read)?;
        let mut world: World = serde_json::from_slice(&bytes).map_err(JournalError::Damaged)?;
        world.remember(checkpoint.gone.clone());
        Ok((world, checkpoint.at))
    }

    /// Which facts of a block are told, and name `who` if that is given.
    fn told(&self, block: u64, who: Option<ProcId>) -> Result<u64, JournalError> {
        let Some(Block { told, names, .. }) = self.blocks.get(block).map_err(JournalError::Read)? else {
            return Ok(0);
        };
        let Some(who) = who else {
            return Ok(told);
        };
        if names & bit(who) == 0 {
            return Ok(0);
        }
        let mut of_who = 0;
        for (n, event) in self.block(block)?.into_iter().enumerate() {
            of_who |= u64::from(event.names().any(|name| name == who)) << n;
        }
        Ok(told & of_who)
    }

    fn block(&self, block: u64) -> Result<VecDeque<Event>, JournalError> {
        self.block_lines(block)?
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).map_err(JournalError::Damaged))
            .collect()
    }

    fn block_lines(&self, block: u64) -> Result<Vec<u8>, JournalError> {
        let read = || self.facts.read(self.start_of(block)?, self.start_of(block + 1)?);
        read().map_err(JournalError::Read)
    }

    fn start_of(&self, block: u64) -> io::Result<u64> {
        let block = self.blocks.get(block)?;
        Ok(block.map_or(self.facts.end(), |block| block.start))
    }
}

/// Facts in their order, read block by block.
#[derive(Debug)]
pub struct Events<'a> {
    journal: &'a Journal,
    next: u64,
    last: u64,
    read: VecDeque<Event>,
}

impl Iterator for Events<'_> {
    type Item = Result<Event, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next > self.last {
            return None;
        }
        if self.read.is_empty() {
            match self.journal.block((self.next - 1) / BLOCK) {
                Ok(block) => {
                    let skip = ((self.next - 1) % BLOCK) as usize;
                    self.read = block.into_iter().skip(skip).collect();
                }
                Err(error) => {
                    self.next = self.last + 1;
                    return Some(Err(error));
                }
            }
        }
        self.next += 1;
        self.read.pop_front().map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::samples::session;

    fn journal(events: &[Event]) -> Journal {
        let mut journal = Journal::new().expect("memory");
        for event in events {
            journal.push(event).expect("memory");
        }
        journal
    }

    #[test]
    fn every_past_world_is_the_fold_of_a_prefix() {
        let events = session(2 * APART as usize + 100);
        let journal = journal(&events);
        assert_eq!(journal.len(), events.len() as u64);
        let mut world = World::default();
        for (n, event) in events.iter().enumerate() {
            let far =
                n % 997 != 0 && !(n as u64 + 1).is_multiple_of(APART) && !(n as u64).is_multiple_of(APART);
            if !far {
                assert_eq!(journal.world_at(n as u64).expect("a world"), world, "after {n}");
            }
            world.apply(event);
        }
        assert_eq!(journal.live(), &world);
        assert_eq!(journal.world_at(u64::MAX).expect("a world"), world);
    }

    #[test]
    fn events_come_back_as_they_were() {
        let events = session(200);
        let journal = journal(&events);
        let read: Vec<_> = journal
            .events(1, 200)
            .map(|event| event.expect("an event"))
            .collect();
        assert_eq!(read, events);
        let read: Vec<_> = journal
            .events(60, 70)
            .map(|event| event.expect("an event"))
            .collect();
        assert_eq!(read, events[59..70]);
        assert_eq!(journal.event(0).expect("read"), None);
        assert_eq!(journal.event(64).expect("read").as_ref(), Some(&events[63]));
        assert_eq!(journal.event(201).expect("read"), None);
    }

    #[test]
    fn steps_lead_to_the_neighbouring_told_fact() {
        let events = session(300);
        let journal = journal(&events);
        let who = events[150].proc;
        for who in [None, Some(who), Some(ProcId::Keeper), Some(ProcId::lab(5000))] {
            let told: Vec<u64> = (1_u64..)
                .zip(&events)
                .filter(|(_, event)| {
                    event.is_told() && who.is_none_or(|who| event.names().any(|name| name == who))
                })
                .map(|(n, _)| n)
                .collect();
            for n in 0..=300 {
                let next = told.iter().copied().find(|&at| at > n);
                let prev = told.iter().copied().rfind(|&at| at < n);
                assert_eq!(
                    journal.next_told(n, who).expect("read"),
                    next,
                    "after {n} for {who:?}"
                );
                assert_eq!(
                    journal.prev_told(n, who).expect("read"),
                    prev,
                    "before {n} for {who:?}"
                );
            }
            assert_eq!(journal.next_told(u64::MAX, who).expect("read"), None);
            assert_eq!(
                journal.prev_told(u64::MAX, who).expect("read"),
                told.last().copied()
            );
        }
    }

    #[test]
    fn a_number_of_told_events_leads_to_the_last_position_with_it() {
        let events = session(300);
        let journal = journal(&events);
        let mut world = World::default();
        let told: Vec<u64> = std::iter::once(0)
            .chain(events.iter().map(|event| {
                world.apply(event);
                world.told()
            }))
            .collect();
        for n in 0..=world.told() + 1 {
            let last = told.iter().rposition(|&told| told <= n).expect("the beginning");
            assert_eq!(journal.after_told(n).expect("read"), last as u64, "after {n}");
        }
    }

    #[test]
    fn lanes_are_drawn_of_what_is_around_a_position() {
        let events = session(20_000);
        let journal = journal(&events);
        let all = journal.lanes(0, usize::from(u16::MAX)).expect("lanes");
        assert_eq!(
            journal
                .lanes(u64::MAX, usize::from(u16::MAX))
                .expect("lanes")
                .strokes(),
            all.strokes()
        );
        let some = journal.lanes(10_000, 100).expect("lanes");
        assert!((50..200).contains(&some.strokes()), "{}", some.strokes());
        assert_eq!(journal.lanes(10_000, 0).expect("lanes").strokes(), 0);
    }

    #[test]
    fn a_time_leads_to_a_position() {
        let events = session(200);
        let journal = journal(&events);
        for n in [0, 63, 64, 65, 199] {
            assert_eq!(journal.position_at(events[n].t).expect("read"), n as u64 + 1);
        }
        assert_eq!(journal.position_at(Time(u64::MAX)).expect("read"), 200);
    }
}
