//! The reaped: a list that only ever grows.
//!
//! In a session of a million facts it is what most of a world would consist of, and every world of the session
//! would hold its beginning. So whoever keeps the session may put the older part of the list on a [`Shelf`] of its
//! own, outside of the world; all later worlds then share that shelf, and each holds the rest.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ident::{Link, Pid, ProcId};
use super::status::WaitStatus;

/// A process whose entry is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gone {
    /// Its name.
    pub id: ProcId,
    /// What the kernel called it.
    pub pid: Pid,
    /// Its parent at the end, who reaped it.
    pub by: Link,
    /// The command it ended as. Most end as the same.
    pub comm: Arc<str>,
    /// What it ended with, if anybody could read it.
    pub status: Option<WaitStatus>,
}

/// A part of the list that is kept elsewhere than in memory of the world's.
pub trait Shelf: fmt::Debug + Send + Sync {
    /// What was put on it, in the order of the reaping; nothing if it cannot be had any more.
    fn read(&self) -> Vec<Gone>;
}

/// A shelf, and those that were filled before it.
#[derive(Debug)]
struct Shelved {
    shelf: Box<dyn Shelf>,
    /// How many are on this shelf and all before it.
    count: usize,
    before: Option<Arc<Self>>,
}

/// The reaped that one world knows of, in the order of their reaping.
#[derive(Clone, Debug, Default)]
pub struct GoneList {
    shelved: Option<Arc<Shelved>>,
    rest: Vec<Gone>,
}

/// The reaped, the latest first.
#[derive(Debug)]
pub struct Latest<'a> {
    rest: std::iter::Rev<std::slice::Iter<'a, Gone>>,
    read: Vec<Gone>,
    shelved: Option<&'a Shelved>,
}

impl GoneList {
    pub(super) fn latest(&self) -> Latest<'_> {
        Latest {
            rest: self.rest.iter().rev(),
            read: Vec::new(),
            shelved: self.shelved.as_deref(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.shelved.as_ref().map_or(0, |shelved| shelved.count) + self.rest.len()
    }

    /// Those that are on no shelf.
    pub fn rest(&self) -> &[Gone] {
        &self.rest
    }

    /// The rest lies on `shelf` now.
    pub(super) fn shelve(&mut self, shelf: Box<dyn Shelf>) {
        self.shelved = Some(Arc::new(Shelved {
            shelf,
            count: self.len(),
            before: self.shelved.take(),
        }));
        self.rest = Vec::new();
    }

    pub(super) fn push(&mut self, gone: Gone) {
        self.rest.push(gone);
    }

    /// The command as the last one has it, if it is the same: then both share it.
    pub(super) fn share(&self, comm: &str) -> Arc<str> {
        match self.rest.last() {
            Some(last) if *last.comm == *comm => Arc::clone(&last.comm),
            _ => comm.into(),
        }
    }
}

impl Iterator for Latest<'_> {
    type Item = Gone;

    fn next(&mut self) -> Option<Gone> {
        if let Some(gone) = self.rest.next() {
            return Some(gone.clone());
        }
        while self.read.is_empty() {
            let shelved = self.shelved?;
            self.read = shelved.shelf.read();
            self.shelved = shelved.before.as_deref();
        }
        self.read.pop()
    }
}

impl PartialEq for GoneList {
    fn eq(&self, other: &Self) -> bool {
        self.latest().eq(other.latest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Shelf for Vec<Gone> {
        fn read(&self) -> Vec<Gone> {
            self.clone()
        }
    }

    fn push(list: &mut GoneList, n: u32) {
        let gone = Gone {
            id: ProcId::lab(n),
            pid: Pid(1),
            by: ProcId::Screen.into(),
            comm: list.share("a"),
            status: None,
        };
        list.push(gone);
    }

    #[test]
    fn what_lies_on_shelves_is_still_of_the_list() {
        let (mut list, mut whole) = (GoneList::default(), GoneList::default());
        for n in 0..10 {
            push(&mut list, n);
            push(&mut whole, n);
            if [2, 3, 7].contains(&n) {
                list.shelve(Box::new(list.rest().to_vec()));
            }
            assert_eq!(list.len(), n as usize + 1);
            assert_eq!(list, whole);
        }
        assert_eq!(list.rest().len(), 2);
        let names: Vec<ProcId> = list.latest().map(|gone| gone.id).collect();
        assert_eq!(names, (0..10).rev().map(ProcId::lab).collect::<Vec<_>>());
    }

    #[test]
    fn a_past_list_goes_on_differently_without_a_word_to_the_live_one() {
        let mut live = GoneList::default();
        push(&mut live, 0);
        live.shelve(Box::new(live.rest().to_vec()));
        let mut past = live.clone();
        push(&mut live, 1);
        push(&mut past, 7);
        let names = |list: &GoneList| list.latest().map(|gone| gone.id).collect::<Vec<_>>();
        assert_eq!(names(&live), [1, 0].map(ProcId::lab));
        assert_eq!(names(&past), [7, 0].map(ProcId::lab));
    }
}
