//! The program's terminal: a pseudoterminal (pty(7)) whose other side is in screen's hands.
//!
//! It is nobody's controlling terminal: the end of the first process would else send SIGHUP to the orphans that it
//! leaves, and orphans are what one wants to see. So Ctrl-C is a signal that screen sends, not a byte. Who wrote what
//! to it the kernel does not tell; where one process alone can have, it was that one.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::Traced;
use crate::model::event::Text;
use crate::model::{ProcId, What};
use crate::sys::socket::{never_block, write_whole};
use crate::sys::spawn::{self, Pty};

/// How much is taken in at one go, so that a flood leaves time for keys.
const GULP: usize = 256 * 1024;

/// How much of it one fact may hold.
const PIECE: usize = 4096;

/// How long what was written may take through the kernel's line discipline, which works on its own time.
const LATE: Duration = Duration::from_millis(5);

/// End of input, as Ctrl-D types it.
const END: &[u8] = b"\x04";

/// Screen's side of the terminal.
#[derive(Debug)]
pub(super) struct Terminal {
    master: OwnedFd,
    /// The beginning of a character whose rest is still to come.
    cut: Vec<u8>,
    /// Who has run since it was last read.
    ran: BTreeSet<ProcId>,
}

impl AsFd for Terminal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.master.as_fd()
    }
}

impl Terminal {
    /// Opens one, and gives the side that becomes the program's.
    pub(super) fn open(rows: u16, columns: u16) -> io::Result<(Self, OwnedFd)> {
        let Pty { master, slave } = spawn::pty(rows, columns)?;
        never_block(&master).map_err(|failed| io::Error::from_raw_os_error(failed.errno.0))?;
        let terminal = Self {
            master,
            cut: Vec::new(),
            ran: BTreeSet::new(),
        };
        Ok((terminal, slave))
    }

    /// The next piece, as text; none where there is nothing now. The error is the end: nobody holds the other side.
    fn read(&mut self) -> rustix::io::Result<Option<Text>> {
        let mut bytes = vec![0; PIECE];
        let length = match rustix::io::read(&self.master, &mut bytes) {
            Ok(length) => length,
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => return Ok(None),
            Err(error) => return Err(error),
        };
        bytes.truncate(length);
        let mut whole = std::mem::take(&mut self.cut);
        whole.extend(bytes);
        if let Err(error) = std::str::from_utf8(&whole)
            && error.error_len().is_none()
        {
            self.cut = whole.split_off(error.valid_up_to());
        }
        Ok((!whole.is_empty()).then(|| Text::from(whole)))
    }

    fn is_readable_within(&self, time: Duration) -> bool {
        let mut fds = [PollFd::new(&self.master, PollFlags::IN)];
        let time = Timespec::try_from(time).ok();
        poll(&mut fds, time.as_ref()).is_ok_and(|ready| ready > 0)
    }
}

impl Traced {
    /// Tells what was printed.
    pub(super) fn read_terminal(&mut self) {
        let running: BTreeSet<ProcId> = self
            .tracer
            .processes()
            .filter(|(id, ..)| !self.tracer.is_ending(*id) && self.tracer.held(*id).is_none())
            .map(|(id, ..)| id)
            .collect();
        let Some(terminal) = &mut self.terminal else {
            return;
        };
        terminal.ran.extend(running.iter().copied());
        let mut pieces = Vec::new();
        let mut taken = 0;
        let is_over = loop {
            match terminal.read() {
                Ok(Some(text)) if taken < GULP => {
                    taken += text.text.len();
                    pieces.push(text);
                }
                Ok(Some(text)) => {
                    pieces.push(text);
                    break false;
                }
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        if pieces.is_empty() && !is_over {
            return;
        }
        let ran = std::mem::replace(&mut terminal.ran, running);
        if is_over {
            // Readable for ever otherwise: a hang-up.
            self.terminal = None;
        }
        let writer = match ran.iter().collect::<Vec<_>>()[..] {
            [only] => *only,
            _ => ProcId::Screen,
        };
        for text in pieces {
            self.tell(writer, What::Output(text));
        }
    }

    /// Tells what a process has printed that is about to end. Of the first one, nothing may come late: the shell's
    /// prompt is back when that has been reaped.
    pub(super) fn read_last_words(&mut self, proc: ProcId) {
        if proc == ProcId::lab(0)
            && let Some(terminal) = &self.terminal
        {
            terminal.is_readable_within(LATE);
        }
        // It may have been born, and have printed, since the terminal was last read.
        self.may_print(proc);
        self.read_terminal();
        if let Some(terminal) = &mut self.terminal {
            terminal.ran.remove(&proc);
        }
    }

    /// Gives typed text to whoever reads.
    pub(super) fn type_in(&mut self, text: &str) {
        let Some(terminal) = &self.terminal else {
            return self.remark("nobody reads what is typed: the program has no terminal any more");
        };
        match write_whole(terminal, text.as_bytes()) {
            Ok(()) => {
                let typed = Text {
                    text: text.to_owned(),
                    b64: None,
                };
                self.tell(ProcId::lab(0), What::Stdin(typed));
            }
            Err(failed) => self.remark(format!("what was typed did not arrive: {failed}")),
        }
    }

    /// Ctrl-D: whoever reads finds the end.
    pub(super) fn end_input(&mut self) {
        if let Some(terminal) = &self.terminal {
            // A full line discipline takes no more; then whoever reads has enough to read first.
            let _ = write_whole(terminal, END);
        }
    }

    /// A process goes on, and may print.
    pub(super) fn may_print(&mut self, proc: ProcId) {
        if let Some(terminal) = &mut self.terminal {
            terminal.ran.insert(proc);
        }
    }
}
