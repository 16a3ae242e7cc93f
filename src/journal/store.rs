//! Bytes that are only ever added to, kept where fork(2) does not copy them: in an unnamed file in memory
//! (`memfd_create(2)`). It needs no permission and no directory, and it is gone with the last process that holds it.
//!
//! Reading and writing name their position, because a position of the file's own would be shared with children.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use nix::sys::memfd::{MFdFlags, memfd_create};

/// How much is gathered before it is written.
const BUFFER: usize = 16 * 1024;

/// The file, and what has not been written to it yet.
#[derive(Debug)]
pub(super) struct Store {
    file: Arc<File>,
    written: u64,
    buffer: Vec<u8>,
}

impl Store {
    pub(super) fn new() -> io::Result<Self> {
        let file: File = memfd_create(c"forkscope-journal", MFdFlags::MFD_CLOEXEC)?.into();
        Ok(Self {
            file: Arc::new(file),
            written: 0,
            buffer: Vec::new(),
        })
    }

    /// Where the next byte will be.
    pub(super) fn end(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// The file itself, which has all that was there at the last `flush`.
    pub(super) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// Adds to the end, piece after piece, and gives the place where they begin. If that fails, nothing was added.
    pub(super) fn append(&mut self, pieces: &[&[u8]]) -> io::Result<u64> {
        let len: usize = pieces.iter().map(|piece| piece.len()).sum();
        if self.buffer.len() + len > BUFFER {
            self.flush()?;
        }
        let start = self.end();
        for piece in pieces {
            self.buffer.extend_from_slice(piece);
        }
        Ok(start)
    }

    /// What stands from `start` up to `end`.
    pub(super) fn read(&self, start: u64, end: u64) -> io::Result<Vec<u8>> {
        let in_file = end.min(self.written).saturating_sub(start) as usize;
        let mut bytes = vec![0; in_file];
        self.file.read_exact_at(&mut bytes, start)?;
        let from = start.saturating_sub(self.written) as usize;
        let to = end.saturating_sub(self.written) as usize;
        bytes.extend_from_slice(&self.buffer[from..to]);
        Ok(bytes)
    }
}

/// Adds to the end. What is too long to be gathered at once can be written piece by piece.
impl Write for Store {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(&[bytes])?;
        Ok(bytes.len())
    }

    /// Writes what is gathered, so that the file has all.
    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all_at(&self.buffer, self.written)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_can_be_read_across_the_edge_of_the_buffer() {
        let mut store = Store::new().expect("a file in memory");
        let mut all = Vec::new();
        for n in 0..3000_u32 {
            let piece = format!("piece {n} of what is written;").into_bytes();
            assert_eq!(store.append(&[&piece]).expect("room"), all.len() as u64);
            all.extend(piece);
        }
        assert!(store.written > 0 && !store.buffer.is_empty());
        let edge = store.written as usize;
        for (start, end) in [
            (0, 10),
            (0, all.len()),
            (edge - 9, edge + 9),
            (edge, edge + 1),
            (edge, edge),
        ] {
            assert_eq!(
                store.read(start as u64, end as u64).expect("read"),
                all[start..end]
            );
        }
    }
}
