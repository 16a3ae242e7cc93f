//! Reading a recording, whole or while it grows.
//!
//! A file may be cut, damaged, or from a newer forkscope. What is whole is shown, and what is not is said, with the
//! number of its line. No input makes this fail but one that is no recording at all.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::header::{Header, NotOurs};
use super::history::{Journal, JournalError};
use crate::model::wire::Heard;

/// The longest line that is read, in bytes. The longest that is written is a fraction of it.
const LINE_MAX: usize = 1 << 20;

/// How many remarks are kept; of more there is only the number.
const REMARKS: usize = 100;

/// Lines that are printed after a session's facts and are none themselves.
const NO_FACTS: [&str; 2] = ["tree", "outcomes"];

/// A recording, as far as it has been read.
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    file: BufReader<File>,
    bytes: u64,
    lines: u64,
    /// What has been read of the present line.
    line: Vec<u8>,
    /// Whether the rest of the present line is left out, because it is too long.
    skipping: bool,
    header: Option<Header>,
    first_line: Vec<u8>,
    journal: Journal,
    remarks: Vec<Remark>,
    unlisted: u64,
    newer: BTreeSet<String>,
}

/// Something in the file that is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The number of the line, counted from 1.
    pub line: u64,
    /// What is the matter with it.
    pub problem: Problem,
}

/// What can be the matter with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A kind of fact that is not known here. Said once for each kind; all its lines are skipped.
    NewerEvent(String),
    /// A field that is not known here. Said once for each field; the rest of the fact is shown.
    NewerField(String),
    /// It is no fact, and why not.
    Damaged(String),
    /// It is longer than any line that is written.
    TooLong,
    /// The file ends in the middle of it.
    Cut,
}

/// What [`Recording::read_more`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing new.
    Nothing,
    /// So many facts more.
    Facts(u64),
    /// The file is not the one that was read: it was begun anew, and is to be opened again.
    Anew,
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What failed.
        source: io::Error,
    },
    /// The file is something else.
    #[error("cannot replay {}: {source}", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What it is.
        source: NotOurs,
    },
    /// There is no memory for it.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Recording {
    /// Opens a recording and reads all of it.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let mut recording = Self::follow(path)?;
        recording.finish()?;
        Ok(recording)
    }

    /// Opens a recording that is still being written, and reads what is there. A last line without an end waits for
    /// the rest of it; even the header may still be missing.
    pub fn follow(path: &Path) -> Result<Self, OpenError> {
        let file = File::open(path).map_err(|source| OpenError::Read {
            path: path.to_owned(),
            source,
        })?;
        let mut recording = Self {
            path: path.to_owned(),
            file: BufReader::with_capacity(64 * 1024, file),
            bytes: 0,
            lines: 0,
            line: Vec::new(),
            skipping: false,
            header: None,
            first_line: Vec::new(),
            journal: Journal::new()?,
            remarks: Vec::new(),
            unlisted: 0,
            newer: BTreeSet::new(),
        };
        recording.read_more()?;
        Ok(recording)
    }

    /// Reads what was added since. Does not wait for more.
    pub fn read_more(&mut self) -> Result<Progress, OpenError> {
        if self.is_anew()? {
            return Ok(Progress::Anew);
        }
        let before = self.journal.len();
        while self.read_piece()? {}
        match self.journal.len() - before {
            0 => Ok(Progress::Nothing),
            more => Ok(Progress::Facts(more)),
        }
    }

    /// What the first line says; none as long as there is none.
    pub const fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// The session.
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What is not shown, in the order of the lines: the first hundred.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// How many more remarks there would be.
    pub const fn unlisted(&self) -> u64 {
        self.unlisted
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file is another than that which was read: shorter, replaced, or with another first line.
    fn is_anew(&self) -> Result<bool, OpenError> {
        let file = self.file.get_ref();
        let meta = file.metadata().map_err(|source| self.unreadable(source))?;
        if !meta.is_file() {
            return Ok(false);
        }
        let replaced =
            fs::metadata(&self.path).is_ok_and(|now| (now.dev(), now.ino()) != (meta.dev(), meta.ino()));
        let mut first = vec![0; self.first_line.len()];
        let same = file.read_exact_at(&mut first, 0).is_ok() && first == self.first_line;
        Ok(replaced || meta.len() < self.bytes || !same)
    }

    /// Reads to the end of a line, or as much of it as there is. Says whether there was anything.
    fn read_piece(&mut self) -> Result<bool, OpenError> {
        let room = (LINE_MAX + 1).saturating_sub(self.line.len());
        let read = (&mut self.file)
            .take(room as u64)
            .read_until(b'\n', &mut self.line);
        let count = read.map_err(|source| self.unreadable(source))?;
        self.bytes += count as u64;
        if self.line.last() == Some(&b'\n') && count > 0 {
            self.end_line()?;
        } else if self.line.len() > LINE_MAX {
            if !self.skipping {
                self.skipping = true;
                self.remark(self.lines + 1, Problem::TooLong);
            }
            self.line.clear();
        }
        Ok(count > 0)
    }

    fn end_line(&mut self) -> Result<(), OpenError> {
        let mut line = std::mem::take(&mut self.line);
        line.pop();
        self.lines += 1;
        if !std::mem::take(&mut self.skipping)
            && let Err(problem) = self.take_line(&line)?
        {
            self.remark(self.lines, problem);
        }
        // The buffer goes on to the next line.
        line.clear();
        self.line = line;
        Ok(())
    }

    /// Takes in a whole line, if it can be understood.
    fn take_line(&mut self, line: &[u8]) -> Result<Result<(), Problem>, OpenError> {
        if self.header.is_none() {
            self.header = Some(Header::read(line).map_err(|source| self.not_ours(source))?);
            self.first_line = line.to_vec();
            return Ok(Ok(()));
        }
        match Heard::read(line) {
            Ok(Heard::Fact(event, newer)) => {
                self.journal.push_line(&event, line)?;
                Ok(match newer {
                    Some(field) if self.newer.insert(format!("{field}=")) => Err(Problem::NewerField(field)),
                    _ => Ok(()),
                })
            }
            Ok(Heard::Unknown(name)) if NO_FACTS.contains(&name.as_str()) => Ok(Ok(())),
            Ok(Heard::Unknown(name)) if self.newer.insert(name.clone()) => Ok(Err(Problem::NewerEvent(name))),
            Ok(Heard::Unknown(_)) => Ok(Ok(())),
            Err(_) if line.iter().all(u8::is_ascii_whitespace) => Ok(Ok(())),
            Err(error) => Ok(Err(Problem::Damaged(error.to_string()))),
        }
    }

    /// The file is complete: what is left without an end is a line that lacks only that, or a half one.
    fn finish(&mut self) -> Result<(), OpenError> {
        let line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.skipping) {
            return Ok(());
        }
        if (!line.is_empty() || self.header.is_none()) && self.take_line(&line)?.is_err() {
            self.remark(self.lines + 1, Problem::Cut);
        }
        Ok(())
    }

    fn remark(&mut self, line: u64, problem: Problem) {
        if self.remarks.len() < REMARKS {
            self.remarks.push(Remark { line, problem });
        } else {
            self.unlisted += 1;
        }
    }

    fn unreadable(&self, source: io::Error) -> OpenError {
        OpenError::Read {
            path: self.path.clone(),
            source,
        }
    }

    fn not_ours(&self, source: NotOurs) -> OpenError {
        OpenError::NotOurs {
            path: self.path.clone(),
            source,
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NewerEvent(name) => write!(f, "skipped: `{name}` is an event of a newer forkscope"),
            Self::NewerField(name) => write!(f, "shown without `{name}`, a field of a newer forkscope"),
            Self::Damaged(why) => write!(f, "skipped: it is damaged ({why})"),
            Self::TooLong => write!(f, "skipped: it is longer than {LINE_MAX} bytes"),
            Self::Cut => write!(f, "skipped: the file ends in the middle of it"),
        }
    }
}
