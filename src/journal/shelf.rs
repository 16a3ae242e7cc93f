//! Who is gone, kept where the facts lie: of a world, what grows with the number of processes that a session has had.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::store::Store;
use crate::model::{Gone, Shelf};

/// All of a journal's, one after the other.
#[derive(Debug)]
pub(super) struct Shelves(Store);

/// One of them.
#[derive(Debug)]
struct Place {
    file: Arc<File>,
    start: u64,
    end: u64,
}

impl Shelves {
    pub(super) fn new() -> io::Result<Self> {
        Store::new().map(Self)
    }

    /// Writes `gone` on a shelf of their own.
    pub(super) fn put(&mut self, gone: &[Gone]) -> io::Result<Box<dyn Shelf>> {
        let start = self.0.end();
        serde_json::to_writer(&mut self.0, gone)?;
        self.0.flush()?;
        Ok(Box::new(Place {
            file: self.0.file(),
            start,
            end: self.0.end(),
        }))
    }
}

impl Shelf for Place {
    fn read(&self) -> Vec<Gone> {
        let mut bytes = vec![0; (self.end - self.start) as usize];
        // What was written to memory can be read from it.
        let read = self.file.read_exact_at(&mut bytes, self.start);
        read.ok()
            .and_then(|()| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }
}
