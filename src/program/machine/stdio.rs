//! Standard input and output as a library buffers them, within the process, so that fork copies the buffer.
//!
//! The rules are those of setvbuf(3) and of Python's `TextIOWrapper`: on a terminal a line is written when it
//! is complete, into a pipe a block when it is full, and exit writes the rest where `_exit` does not.
//! Standard error is not buffered, so it is not here.

use super::Machine;
use crate::program::call::{Language, Return};

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
    /// Python writes what follows the newline too; C keeps it.
    whole: bool,
}

/// A buffered input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::program) struct Input {
    pub(in crate::program) buffer: Vec<u8>,
    pub(in crate::program) at_end: bool,
}

impl Stream {
    pub(super) fn new(buffering: Buffering, language: Language) -> Self {
        let python = language == Language::Python;
        let block = match (python, buffering) {
            (true, _) => 8192,
            (false, Buffering::Line) => 1024,
            (false, _) => 4096,
        };
        Self {
            buffering,
            buffer: Vec::new(),
            block,
            whole: python,
        }
    }

    /// Adds text; gives what must be written now.
    pub(in crate::program) fn put(&mut self, text: &[u8]) -> Vec<u8> {
        self.buffer.extend_from_slice(text);
        match self.buffering {
            Buffering::None => self.take(),
            Buffering::Line => match self.buffer.iter().rposition(|byte| *byte == b'\n') {
                Some(_) if self.whole => self.take(),
                Some(end) => self.take_first(end + 1),
                None => self.take_blocks(),
            },
            Buffering::Block => self.take_blocks(),
        }
    }

    /// Takes everything that is left.
    pub(in crate::program) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
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
    pub(super) fn fill(&mut self, answer: Return) {
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

    /// Has everything that waits on standard output written; whether there was anything.
    pub(in crate::program) fn flush(&mut self) -> bool {
        let rest = self.stdout.take();
        let some = !rest.is_empty();
        self.write_soon(1, rest);
        some
    }

    /// What is printed and not yet written.
    pub fn unwritten(&self) -> &[u8] {
        self.stdout.waiting()
    }

    pub(super) fn next_due(&self) -> Option<(i32, Vec<u8>)> {
        self.due.first().cloned()
    }

    /// What was due is written, in part, or cannot be; what cannot is lost, as it is for printf.
    pub(super) fn flushed(&mut self, answer: &Return) {
        let Some((_, bytes)) = self.due.first_mut() else {
            return;
        };
        let written = match answer {
            Return::Value(count) if *count > 0 => (*count as usize).min(bytes.len()),
            _ => bytes.len(),
        };
        bytes.drain(..written);
        if bytes.is_empty() {
            self.due.remove(0);
        }
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
    }
}
