//! Who is gone, kept where the facts lie: of a world, what grows with the number of processes that a session has had.
//!
//! It lies there in pieces, each of which tells where the one before it lies.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::store::Store;
use crate::model::{Gone, Shelf};

/// How many lie in one piece: most who look want to know of the last few.
const PIECE: usize = 64;

/// From where to where a piece goes.
type Span = (u64, u64);

/// All pieces of a journal.
#[derive(Debug)]
pub(super) struct Shelves {
    store: Store,
    latest: Option<Span>,
}

/// A piece, and so all before it.
#[derive(Debug)]
struct Place {
    file: Arc<File>,
    span: Span,
}

impl Shelves {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            store: Store::new()?,
            latest: None,
        })
    }

    /// Writes `gone` after all that was written, and gives the shelf with all of it; none if nothing was ever written.
    pub(super) fn put(&mut self, gone: &[Gone]) -> io::Result<Option<Arc<dyn Shelf>>> {
        let mut latest = self.latest;
        for piece in gone.chunks(PIECE) {
            let start = self.store.end();
            serde_json::to_writer(&mut self.store, &(latest, piece))?;
            latest = Some((start, self.store.end()));
        }
        self.store.flush()?;
        self.latest = latest;
        Ok(latest.map(|span| Place::shelf(self.store.file(), span)))
    }
}

impl Place {
    fn shelf(file: Arc<File>, span: Span) -> Arc<dyn Shelf> {
        Arc::new(Self { file, span })
    }

    fn piece(&self) -> Option<(Option<Span>, Vec<Gone>)> {
        let (start, end) = self.span;
        let mut bytes = vec![0; (end - start) as usize];
        self.file.read_exact_at(&mut bytes, start).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

impl Shelf for Place {
    fn read(&self) -> (Vec<Gone>, Option<Arc<dyn Shelf>>) {
        // What was written to memory can be read from it.
        let (before, gone) = self.piece().unwrap_or_default();
        let before = before.map(|span| Self::shelf(Arc::clone(&self.file), span));
        (gone, before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Pid, ProcId};

    fn gone(numbers: std::ops::Range<u32>) -> Vec<Gone> {
        let one = |n| Gone {
            id: ProcId::lab(n),
            pid: Pid(n as i32),
            by: ProcId::Screen.into(),
            comm: "a".into(),
            status: None,
        };
        numbers.map(one).collect()
    }

    #[test]
    fn what_was_put_piece_after_piece_is_read_back_from_the_last() {
        let mut shelves = Shelves::new().expect("memory");
        assert!(shelves.put(&[]).expect("room").is_none());
        let parts = [0..1, 1..1, 1..200, 200..264];
        let all = gone(0..264);
        for part in parts {
            let end = part.end as usize;
            let mut shelf = shelves.put(&gone(part)).expect("room");
            let mut read = Vec::new();
            while let Some(part) = shelf {
                let (piece, before) = part.read();
                assert!(piece.len() <= PIECE);
                read.splice(0..0, piece);
                shelf = before;
            }
            assert_eq!(read, all[..end]);
        }
    }
}
