//! The reaped: a list that only ever grows.
//!
//! In a session of a million facts it is what most of a world would consist of, and every world of the session
//! would hold its beginning. So whoever keeps the session may put the older part of the list on a [`Shelf`], outside
//! of the world, and each world holds the rest.

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

/// The beginning of the list, where it is kept elsewhere than in memory of the world's.
pub trait Shelf: fmt::Debug + Send + Sync {
    /// The last part of what lies here, in the order of the reaping, and what lies before that; nothing if it cannot be
    /// had any more.
    fn read(&self) -> (Vec<Gone>, Option<Arc<dyn Shelf>>);
}

/// The reaped that one world knows of, in the order of their reaping.
#[derive(Clone, Debug, Default)]
pub struct GoneList {
    shelf: Option<Arc<dyn Shelf>>,
    /// How many lie there.
    shelved: usize,
    rest: Vec<Gone>,
}

/// The reaped, the latest first.
#[derive(Debug)]
pub struct Latest<'a> {
    rest: std::iter::Rev<std::slice::Iter<'a, Gone>>,
    read: Vec<Gone>,
    shelf: Option<Arc<dyn Shelf>>,
}

impl GoneList {
    pub(super) fn latest(&self) -> Latest<'_> {
        Latest {
            rest: self.rest.iter().rev(),
            read: Vec::new(),
            shelf: self.shelf.clone(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.shelved + self.rest.len()
    }

    /// Those that do not lie on the shelf.
    pub fn rest(&self) -> &[Gone] {
        &self.rest
    }

    /// All lie on `shelf` now.
    pub(super) fn shelve(&mut self, shelf: Arc<dyn Shelf>) {
        self.shelf = Some(shelf);
        self.shelved = self.len();
        // It will grow as long again.
        self.rest.clear();
    }

    /// What lies on the shelf of `twin`, a list of the same processes, lies there for this one, too.
    pub(super) fn shelve_as(&mut self, twin: &Self) {
        self.shelf.clone_from(&twin.shelf);
        self.shelved = twin.shelved;
        self.rest.drain(..self.rest.len() - twin.rest.len());
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
            (self.read, self.shelf) = self.shelf.take()?.read();
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

    #[derive(Debug)]
    struct Part(Vec<Gone>, Option<Arc<dyn Shelf>>);

    impl Shelf for Part {
        fn read(&self) -> (Vec<Gone>, Option<Arc<dyn Shelf>>) {
            (self.0.clone(), self.1.clone())
        }
    }

    fn shelve(list: &mut GoneList) {
        let part = Part(list.rest().to_vec(), list.shelf.clone());
        list.shelve(Arc::new(part));
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
                shelve(&mut list);
            }
            if n == 5 {
                whole.shelve_as(&list);
                assert_eq!(whole.rest().len(), 2);
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
        shelve(&mut live);
        let mut past = live.clone();
        push(&mut live, 1);
        push(&mut past, 7);
        let names = |list: &GoneList| list.latest().map(|gone| gone.id).collect::<Vec<_>>();
        assert_eq!(names(&live), [1, 0].map(ProcId::lab));
        assert_eq!(names(&past), [7, 0].map(ProcId::lab));
    }
}
