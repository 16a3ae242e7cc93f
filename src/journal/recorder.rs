//! Writing a session to a file as it happens: JSON lines, each with one write(2), so that after any crash the file is
//! whole up to its last line.
//!
//! An existing file is replaced if it is empty or an earlier recording, as a command that is run again would expect;
//! any other file is refused and left as it is. What is no regular file (a pipe, a terminal) is written as it stands.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::header::Header;
use super::history::{Journal, JournalError};
use crate::model::Event;

/// How every recording begins.
const BEGINNING: &[u8] = b"{\"forkscope\":";

/// A file that is being written.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    file: File,
    /// Where its last whole line ends.
    end: u64,
    stopped: bool,
}

/// Why a session is not recorded, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file could not be made.
    #[error("cannot record to {}: {source}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What failed.
        source: io::Error,
    },
    /// The file exists and is something else.
    #[error("cannot record to {}: it exists and is no recording; give another name, or remove it", .0.display())]
    NotOurs(PathBuf),
    /// A line could not be written: the disk is full, as a rule.
    #[error("the recording {} ends here, whole up to its last line: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What failed.
        source: io::Error,
    },
    /// What happened before the recording began could not be read.
    #[error("cannot record what has happened so far: {0}")]
    Past(#[from] JournalError),
}

impl Recorder {
    /// Begins a recording.
    pub fn create(path: &Path, header: &Header) -> Result<Self, RecordError> {
        let create = |source| RecordError::Create {
            path: path.to_owned(),
            source,
        };
        let mut file = open(path).map_err(create)?;
        if file.metadata().map_err(create)?.is_file() {
            if !may_be_replaced(&mut file).map_err(create)? {
                return Err(RecordError::NotOurs(path.to_owned()));
            }
            file.set_len(0).map_err(create)?;
        }
        let mut recorder = Self {
            path: path.to_owned(),
            file,
            end: 0,
            stopped: false,
        };
        let line = serde_json::to_vec(header)
            .map_err(io::Error::from)
            .map_err(create)?;
        recorder.line(line)?;
        Ok(recorder)
    }

    /// Writes what has happened before the recording began.
    pub fn write_past(&mut self, journal: &Journal) -> Result<(), RecordError> {
        journal.lines().try_for_each(|lines| self.append(&lines?))
    }

    /// Writes a fact. When that fails the recording is over: the error is returned once, and later facts are let pass,
    /// because a recording with a gap would show a world that never was.
    pub fn write(&mut self, event: &Event) -> Result<(), RecordError> {
        if self.stopped {
            return Ok(());
        }
        match serde_json::to_vec(event) {
            Ok(line) => self.line(line),
            Err(error) => Err(self.stop(error.into())),
        }
    }

    /// Whether facts are still written.
    pub const fn is_recording(&self) -> bool {
        !self.stopped
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn line(&mut self, mut line: Vec<u8>) -> Result<(), RecordError> {
        line.push(b'\n');
        self.append(&line)
    }

    /// Writes whole lines.
    fn append(&mut self, lines: &[u8]) -> Result<(), RecordError> {
        match self.file.write_all(lines) {
            Ok(()) => {
                self.end += lines.len() as u64;
                Ok(())
            }
            Err(error) => Err(self.stop(error)),
        }
    }

    /// Ends the recording, and takes back what was written of a half line.
    fn stop(&mut self, source: io::Error) -> RecordError {
        self.stopped = true;
        // A pipe or a terminal cannot be cut; there the reader skips the half line.
        let _ = self.file.set_len(self.end);
        RecordError::Write {
            path: self.path.clone(),
            source,
        }
    }
}

/// Opens a file to add to. A pipe must not be opened for reading too: it would then never say that its reader is gone.
fn open(path: &Path) -> io::Result<File> {
    let regular = fs::metadata(path).map_or(true, |meta| meta.is_file());
    OpenOptions::new()
        .append(true)
        .read(regular)
        .create(regular)
        .open(path)
}

/// Whether a file is empty or an earlier recording.
fn may_be_replaced(file: &mut File) -> io::Result<bool> {
    let mut beginning = Vec::new();
    file.take(BEGINNING.len() as u64).read_to_end(&mut beginning)?;
    Ok(beginning.is_empty() || beginning == BEGINNING)
}

#[cfg(test)]
mod tests {
    use std::io::Seek;
    use std::os::fd::AsFd;
    use std::time::UNIX_EPOCH;

    use nix::fcntl::{FcntlArg, SealFlag, fcntl};
    use nix::sys::memfd::{MFdFlags, memfd_create};

    use super::*;
    use crate::journal::Recording;
    use crate::journal::samples::session;

    fn header() -> Header {
        Header::new(UNIX_EPOCH, "forkscope")
    }

    #[test]
    fn every_line_is_in_the_file_as_soon_as_it_is_written() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("session.jsonl");
        let mut recorder = Recorder::create(&path, &header()).expect("a file");
        for (n, event) in session(20).iter().enumerate() {
            recorder.write(event).expect("room");
            let text = fs::read_to_string(&path).expect("the file");
            assert!(text.ends_with('\n'));
            assert_eq!(text.lines().count(), n + 2);
        }
    }

    #[test]
    fn a_recording_may_begin_in_the_middle_of_things() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("session.jsonl");
        let events = session(2000);
        let mut journal = Journal::new().expect("memory");
        events[..1500]
            .iter()
            .for_each(|event| journal.push(event).expect("memory"));
        let mut recorder = Recorder::create(&path, &header()).expect("a file");
        recorder.write_past(&journal).expect("room");
        for event in &events[1500..] {
            recorder.write(event).expect("room");
            journal.push(event).expect("memory");
        }
        let recording = Recording::open(&path).expect("a recording");
        assert_eq!(recording.journal().live(), journal.live());
        assert_eq!(recording.remarks(), []);
    }

    /// A file with this in it is replaced by a recording, or left as it is.
    fn check_replaced(before: &str, replaced: bool) {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("file");
        fs::write(&path, before).expect("a file");
        let recorder = Recorder::create(&path, &header());
        assert_eq!(recorder.is_ok(), replaced, "{before}");
        let after = fs::read_to_string(&path).expect("the file");
        if replaced {
            assert_eq!(Header::read(after.as_bytes()), Ok(header()));
        } else {
            assert_eq!(after, before);
        }
    }

    #[test]
    fn only_recordings_are_replaced() {
        check_replaced("", true);
        check_replaced("{\"forkscope\":1}\n{\"t\":0,", true);
        check_replaced("int main(void) {}\n", false);
        check_replaced("{\"forks", false);
    }

    #[test]
    fn a_full_disk_is_said_once_and_leaves_whole_lines() {
        // A file that may not grow fails in the middle of a line, as a full disk does, at the edge of a page.
        let mut file = File::from(memfd_create(c"full", MFdFlags::MFD_ALLOW_SEALING).expect("a file"));
        let mut recorder = Recorder {
            path: "full".into(),
            file: file.try_clone().expect("a file"),
            end: 0,
            stopped: false,
        };
        file.set_len(4096).expect("room");
        fcntl(file.as_fd(), FcntlArg::F_ADD_SEALS(SealFlag::F_SEAL_GROW)).expect("a seal");

        let results: Vec<_> = session(200).iter().map(|event| recorder.write(event)).collect();
        assert_eq!(results.iter().filter(|result| result.is_err()).count(), 1);
        assert!(!recorder.is_recording());

        let mut text = String::new();
        file.rewind().expect("the beginning");
        file.read_to_string(&mut text).expect("the file");
        assert!(text.ends_with('\n') && text.lines().count() > 10, "{text}");
        for line in text.lines() {
            serde_json::from_str::<Event>(line).expect("a whole line");
        }
    }

    #[test]
    fn a_disk_that_is_full_from_the_start_is_an_error() {
        let error = Recorder::create(Path::new("/dev/full"), &header()).expect_err("no room");
        assert!(error.to_string().contains("No space left"), "{error}");
    }
}
