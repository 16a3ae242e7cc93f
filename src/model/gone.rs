//! The reaped: a list that only ever grows, shared by all worlds of a session.
//!
//! A past world's list is the beginning of a later one's. So worlds share one list and each knows how much of it is
//! its own; going back in a long session copies nothing.

use std::sync::Arc;

use super::ident::{Link, Pid, ProcId};
use super::status::WaitStatus;

/// A process whose entry is gone.
#[derive(Clone, Debug, PartialEq)]
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

/// The reaped that one world knows of, in the order of their reaping.
#[derive(Clone, Debug, Default)]
pub(super) struct GoneList {
    all: Arc<Vec<Gone>>,
    len: usize,
}

impl GoneList {
    pub(super) fn as_slice(&self) -> &[Gone] {
        &self.all[..self.len]
    }

    /// The first `count` of this.
    pub(super) fn first(&self, count: usize) -> Self {
        Self {
            all: Arc::clone(&self.all),
            len: count.min(self.len),
        }
    }

    pub(super) fn push(&mut self, id: ProcId, pid: Pid, by: &Link, comm: &str, status: Option<WaitStatus>) {
        let comm = match self.as_slice().last() {
            Some(last) if *last.comm == *comm => Arc::clone(&last.comm),
            _ => comm.into(),
        };
        let by = by.clone();
        let gone = Gone {
            id,
            pid,
            by,
            comm,
            status,
        };
        // A past world that is told what happened next finds it in the list already.
        if self.all.get(self.len) != Some(&gone) {
            let all = Arc::make_mut(&mut self.all);
            all.truncate(self.len);
            all.push(gone);
        }
        self.len += 1;
    }
}

impl PartialEq for GoneList {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(list: &mut GoneList, n: u32) {
        list.push(ProcId::lab(n), Pid(1), &ProcId::Screen.into(), "a", None);
    }

    fn names(list: &GoneList) -> Vec<ProcId> {
        list.as_slice().iter().map(|gone| gone.id).collect()
    }

    #[test]
    fn a_past_list_goes_on_as_the_session_did_without_a_copy_or_differently_with_one() {
        let mut live = GoneList::default();
        (0..3).for_each(|n| push(&mut live, n));
        let mut past = live.first(1);
        push(&mut past, 1);
        assert!(Arc::ptr_eq(&past.all, &live.all));
        assert_eq!(names(&past), names(&live)[..2]);
        push(&mut past, 7);
        assert_eq!(names(&past), [0, 1, 7].map(ProcId::lab));
        assert_eq!(names(&live), [0, 1, 2].map(ProcId::lab));
    }
}
