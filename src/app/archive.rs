//! What is kept of a session as it happens: the journal, to go back in, and a recording, if one is wanted.

use std::path::{Path, PathBuf};

use super::save;
use crate::journal::{Header, Journal, JournalError, RecordError, Recorder};
use crate::model::Event;

/// The journal of a session, and its recording.
#[derive(Debug)]
pub struct Archive {
    journal: Journal,
    header: Header,
    recorder: Option<Recorder>,
}

/// What could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// There is no going back to it.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// It is not in the recording, and neither is what comes after it.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl Archive {
    /// Keeps what will happen. `header` is how its recordings will begin.
    pub fn new(header: Header) -> Result<Self, JournalError> {
        Ok(Self {
            journal: Journal::new()?,
            header,
            recorder: None,
        })
    }

    /// All that has happened.
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Keeps a fact.
    pub fn keep(&mut self, event: &Event) -> Result<(), KeepError> {
        let recorded = self
            .recorder
            .as_mut()
            .map_or(Ok(()), |recorder| recorder.write(event));
        let kept = self.journal.push(event);
        // On a disk that is full both fail, and the recording is what the student will miss.
        recorded?;
        Ok(kept?)
    }

    /// Records all so far, and from now on, to a file that is replaced if it is an earlier recording.
    pub fn record(&mut self, path: &Path) -> Result<(), RecordError> {
        let mut recorder = Recorder::create(path, &self.header)?;
        recorder.write_past(&self.journal)?;
        self.recorder = Some(recorder);
        Ok(())
    }

    /// The same to a new file: of that name, or with a number if there is one already. The file is returned.
    pub fn record_anew(&mut self, path: &Path) -> Result<PathBuf, RecordError> {
        let path = save::free_name(path);
        self.record(&path)?;
        Ok(path)
    }

    /// The file that is recorded to.
    pub fn recording(&self) -> Option<&Path> {
        let recorder = self.recorder.as_ref().filter(|recorder| recorder.is_recording());
        recorder.map(Recorder::path)
    }
}
