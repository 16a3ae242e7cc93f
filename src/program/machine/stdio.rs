//! Standard input and output as a library buffers them, within the process, so that fork copies the buffer.
//!
//! The rules are those of setvbuf(3) and of Python's `TextIOWrapper`: on a terminal a line is written when it
//! is complete, into a pipe a block when it is full, and exit writes the rest where `_exit` does not. C does
//! not buffer standard error; Python buffers it by lines.

use super::{Ending, Machine, Trouble};
use crate::model::Errno;
use crate::program::call::{Language, Return};
use crate::program::python;

/// When standard output is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Buffering {
    /// At once.
    None,
    /// Line by line, as on a terminal.
    Line,
    /// Block by block, as into a pipe.
    Block,
}

/// A buffered output.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::program) struct Stream {
    pub(in crate::program) buffering: Buffering,
    buffer: Vec<u8>,
    /// How many bytes are a block.
    block: usize,
    /// In Python, how many of the bytes have gone from the text layer to the binary one below; in C there is one layer.
    lower: Option<usize>,
}

/// How much text Python gathers before it hands it on to the binary layer, whose buffer is a block.
const TEXT_CHUNK: usize = 8192;

/// A buffered input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::program) struct Input {
    pub(in crate::program) buffer: Vec<u8>,
    pub(in crate::program) at_end: bool,
}

impl Stream {
    pub(in crate::program) fn new(buffering: Buffering, language: Language) -> Self {
        let (block, lower) = match (language, buffering) {
            (Language::Python, _) => (4096, Some(0)),
            (Language::C, Buffering::Line) => (1024, None),
            (Language::C, _) => (4096, None),
        };
        Self {
            buffering,
            buffer: Vec::new(),
            block,
            lower,
        }
    }

    /// Adds text; gives what must be written now.
    pub(in crate::program) fn put(&mut self, text: &[u8]) -> Vec<u8> {
        if let Some(lower) = self.lower {
            return self.put_in_layers(text, lower);
        }
        self.buffer.extend_from_slice(text);
        match self.buffering {
            Buffering::None => self.take(),
            Buffering::Line => match self.buffer.iter().rposition(|byte| *byte == b'\n') {
                Some(end) => self.take_first(end + 1),
                None => self.take_blocks(),
            },
            Buffering::Block => self.take_blocks(),
        }
    }

    /// As Python does: a newline has everything written, what follows it too.
    fn put_in_layers(&mut self, text: &[u8], lower: usize) -> Vec<u8> {
        let mut now = Vec::new();
        let pending = self.buffer.len() - lower;
        if pending > 0 && pending + text.len() > TEXT_CHUNK {
            now = self.hand_on();
        }
        self.buffer.extend_from_slice(text);
        if self.buffer.len() - self.lower.unwrap_or(0) >= TEXT_CHUNK {
            now.extend(self.hand_on());
        }
        let complete = match self.buffering {
            Buffering::None => true,
            Buffering::Line => text.contains(&b'\n') || text.contains(&b'\r'),
            Buffering::Block => false,
        };
        if complete {
            now.extend(self.take());
        }
        now
    }

    /// Hands the text on to the binary layer, which writes what does not fit in its buffer.
    fn hand_on(&mut self) -> Vec<u8> {
        let lower = self.lower.unwrap_or(0);
        if self.buffer.len() <= self.block {
            self.lower = Some(self.buffer.len());
            return Vec::new();
        }
        let written = if self.buffer.len() - lower > self.block {
            self.buffer.len()
        } else {
            lower
        };
        self.lower = Some(self.buffer.len() - written);
        self.take_first(written)
    }

    /// Takes everything that is left.
    pub(in crate::program) fn take(&mut self) -> Vec<u8> {
        self.lower = self.lower.map(|_| 0);
        std::mem::take(&mut self.buffer)
    }

    /// Takes bytes back that could not be written.
    pub(in crate::program) fn put_back(&mut self, bytes: Vec<u8>) {
        self.lower = self.lower.map(|lower| lower + bytes.len());
        self.buffer.splice(0..0, bytes);
    }

    /// What is waiting in the buffer.
    pub(in crate::program) fn waiting(&self) -> &[u8] {
        &self.buffer
    }

    fn take_blocks(&mut self) -> Vec<u8> {
        let full = self.buffer.len() / self.block * self.block;
        self.take_first(full)
    }

    fn take_first(&mut self, count: usize) -> Vec<u8> {
        self.buffer.drain(..count).collect()
    }
}

impl Input {
    /// Takes what read(2) gave. An error ends the input, as the library sets its error mark.
    pub(in crate::program) fn fill(&mut self, answer: Return) {
        match answer {
            Return::Data(bytes) if !bytes.is_empty() => self.buffer.extend(bytes),
            _ => self.at_end = true,
        }
    }

    /// Takes a line with its newline, or the rest at the end; nothing while a line is not complete.
    pub(in crate::program) fn line(&mut self) -> Option<Vec<u8>> {
        let end = match self.buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => at + 1,
            None if self.at_end => self.buffer.len(),
            None => return None,
        };
        Some(self.buffer.drain(..end).collect())
    }
}

impl Machine {
    /// Puts text on standard output.
    pub(in crate::program) fn print(&mut self, text: &[u8]) {
        let now = self.stdout.put(text);
        self.write_soon(1, now);
    }

    /// Has bytes written before the next instruction.
    pub(in crate::program) fn write_soon(&mut self, fd: i32, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.due.push((fd, bytes));
        }
    }

    /// Puts text on Python's standard error.
    pub(in crate::program) fn write_error(&mut self, text: &[u8]) {
        let now = self.stderr.put(text);
        self.write_soon(2, now);
    }

    /// Has everything that waits on the standard streams written; whether there was anything.
    pub(in crate::program) fn flush(&mut self) -> bool {
        let (output, errors) = (self.stdout.take(), self.stderr.take());
        let some = !output.is_empty() || !errors.is_empty();
        self.write_soon(1, output);
        self.write_soon(2, errors);
        some
    }

    /// What is printed and not yet written.
    pub fn unwritten(&self) -> &[u8] {
        self.stdout.waiting()
    }

    pub(super) fn next_due(&self) -> Option<(i32, Vec<u8>)> {
        self.due.first().cloned()
    }

    /// What was due is written, in part, or cannot be; what cannot is lost, as it is for printf, and raises in Python.
    pub(super) fn flushed(&mut self, answer: &Return) -> Result<(), Trouble> {
        if let (Return::Error(errno), Language::Python) = (answer, self.program.language) {
            return self.unwritable(*errno);
        }
        let Some((_, bytes)) = self.due.first_mut() else {
            return Ok(());
        };
        let written = match answer {
            Return::Value(count) if *count > 0 => (*count as usize).min(bytes.len()),
            _ => bytes.len(),
        };
        bytes.drain(..written);
        if bytes.is_empty() {
            self.due.remove(0);
        }
        Ok(())
    }

    /// A write failed. While the program runs that is an exception, and the text stays in its buffer; at its end, Python
    /// only says so, and ends with 120.
    fn unwritable(&mut self, errno: Errno) -> Result<(), Trouble> {
        let due = std::mem::take(&mut self.due);
        if let (Some(ending), false) = (self.exiting, self.inside_exit_handler()) {
            let failed = due.first().map(|(fd, _)| *fd);
            self.due = due.into_iter().skip(1).collect();
            if let Some(1 | 2) = failed {
                self.exiting = Some(match ending {
                    Ending::Code(_) => Ending::Code(120),
                    Ending::Signal(signal) => Ending::Signal(signal),
                });
            }
            if failed == Some(1) {
                let said = python::unwritten_output(self, errno)?;
                self.due.push((2, said.into_bytes()));
            }
            return Ok(());
        }
        for (fd, bytes) in due.into_iter().rev() {
            match fd {
                1 => self.stdout.put_back(bytes),
                2 => self.stderr.put_back(bytes),
                fd => python::put_back(self, fd, bytes),
            }
        }
        Err(python::os_error(errno, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(language: Language, buffering: Buffering, printed: &[&str], written: &[&str], left: &str) {
        let mut stream = Stream::new(buffering, language);
        let told: Vec<Vec<u8>> = printed.iter().map(|text| stream.put(text.as_bytes())).collect();
        let written: Vec<Vec<u8>> = written.iter().map(|text| text.as_bytes().to_vec()).collect();
        assert_eq!(told, written);
        assert_eq!(stream.waiting(), left.as_bytes());
    }

    #[test]
    fn lines_leave_when_they_are_complete() {
        check(
            Language::C,
            Buffering::Line,
            &["one", " two\nthree"],
            &["", "one two\n"],
            "three",
        );
        check(
            Language::Python,
            Buffering::Line,
            &["one", " two\nthree"],
            &["", "one two\nthree"],
            "",
        );
        check(Language::C, Buffering::None, &["one"], &["one"], "");
    }

    #[test]
    fn blocks_leave_when_they_are_full() {
        check(Language::C, Buffering::Block, &["one\n"], &[""], "one\n");
        let long = "x".repeat(5000);
        check(
            Language::C,
            Buffering::Block,
            &[&long],
            &[&long[..4096]],
            &long[4096..],
        );
        // 8192 bytes of text are no more than the binary layer writes at once.
        check(
            Language::Python,
            Buffering::Block,
            &[&long, &long],
            &["", &long],
            &long,
        );
    }

    #[test]
    fn what_could_not_be_written_comes_first() {
        let mut stream = Stream::new(Buffering::Block, Language::Python);
        stream.put(b"two");
        stream.put_back(b"one ".to_vec());
        assert_eq!(stream.take(), b"one two");
    }
}
