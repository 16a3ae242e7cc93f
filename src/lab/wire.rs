//! What goes over the wires: orders down a control channel, one each; requests up it; reports on one shared pipe.
//!
//! A report is one line of JSON in one write(2) of at most `PIPE_BUF` bytes, so it is whole or absent, even under
//! SIGKILL (pipe(7)). What is longer goes in parts. The order of lines is the order of writes: a child's birth may
//! come before its parent's fork has returned.

use std::collections::HashMap;
use std::os::fd::AsFd;

use serde::{Deserialize, Serialize};

use super::order::Order;
use crate::model::{Pid, ProcId, Ret, Signal, WaitStatus, What};
use crate::sys::{self, socket};

/// `PIPE_BUF` on Linux: what a pipe keeps whole (pipe(7)).
pub const PIPE_BUF: usize = 4096;

/// How much of a long line goes in one part: a quote or backslash in it doubles.
const PART: usize = 1900;

/// Down a control channel, from screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Down {
    /// Make this system call.
    Do(Order),
    /// A fork may be made; the child has this name and the descriptor that comes along.
    Granted(ProcId),
    /// A fork may not be made: the limit is reached.
    Refused,
    /// A signal may be sent.
    Allowed,
    /// It may not: it would reach processes outside the lab.
    Denied,
}

/// Up a control channel, to screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Up {
    /// May I fork?
    Fork,
    /// May I send a signal to that pid, or to the group that a number below -1 names?
    Kill(Pid),
}

/// A line on the report pipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "lowercase")]
pub enum Line {
    /// Something happened to the one who writes.
    Fact(Report),
    /// The keeper has reaped a process.
    Reaped {
        /// Its pid.
        pid: Pid,
        /// Its status.
        status: WaitStatus,
    },
    /// A program has sent a signal.
    Sent {
        /// Who.
        by: ProcId,
        /// To whom, as kill(2) names it.
        pid: Pid,
        /// Which.
        signal: Signal,
        /// What kill returned.
        #[serde(flatten)]
        ret: Ret,
    },
    /// A piece of a line that was too long.
    Part {
        /// Who writes.
        pid: Pid,
        /// The piece.
        json: String,
        /// Whether it is the last.
        last: bool,
    },
}

/// What a process of ours says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Who.
    pub proc: ProcId,
    /// Its pid.
    pub pid: Pid,
    /// Counted from 1 by each process; 0 from its signal handler, which cannot count.
    pub seq: u32,
    /// Whether this answers the order it was given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub done: bool,
    /// What. An `exec` without a failure is only announced: the process cannot speak once it has succeeded.
    #[serde(flatten)]
    pub what: What,
}

/// The lines to write for `line`: itself, or its parts.
pub fn lines(line: &Line, pid: Pid) -> Vec<String> {
    let json = to_json(line);
    if json.len() < PIPE_BUF {
        return vec![json + "\n"];
    }
    let mut pieces = pieces(&json).peekable();
    let mut lines = Vec::new();
    while let Some(piece) = pieces.next() {
        let last = pieces.peek().is_none();
        lines.push(
            to_json(&Line::Part {
                pid,
                json: piece.to_owned(),
                last,
            }) + "\n",
        );
    }
    lines
}

/// Writes a line to the report pipe, waiting while it is full.
pub fn write(to: impl AsFd, line: &Line, pid: Pid) -> sys::Result<()> {
    lines(line, pid)
        .iter()
        .try_for_each(|line| socket::write_whole(&to, line.as_bytes()))
}

/// Sends a message down or up a channel.
pub fn send(
    to: impl AsFd,
    message: &impl Serialize,
    fd: Option<std::os::fd::BorrowedFd<'_>>,
) -> sys::Result<()> {
    socket::send(to, to_json(message).as_bytes(), fd)
}

fn to_json(value: &impl Serialize) -> String {
    // Infallible: the types hold text, numbers and lists only, and every map key is text.
    serde_json::to_string(value).unwrap_or_default()
}

/// Cuts text into pieces of at most `PART` bytes, between characters.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.len().min(PART);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// Puts what comes out of the report pipe together again.
#[derive(Debug, Default)]
pub struct Reader {
    bytes: Vec<u8>,
    parts: HashMap<Pid, String>,
}

impl Reader {
    /// Takes bytes from the pipe, gives the lines that are complete. A line that is none is left out: exec'd
    /// programs do not hold the pipe, so only a process of ours that was cut off in mid-part can leave one.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<Line> {
        self.bytes.extend_from_slice(bytes);
        let Some(end) = self.bytes.iter().rposition(|byte| *byte == b'\n') else {
            return Vec::new();
        };
        let complete: Vec<u8> = self.bytes.drain(..=end).collect();
        complete
            .split(|byte| *byte == b'\n')
            .filter_map(|line| self.line(line))
            .collect()
    }

    fn line(&mut self, json: &[u8]) -> Option<Line> {
        match serde_json::from_slice(json).ok()? {
            Line::Part { pid, json, last } => {
                let whole = self.parts.entry(pid).or_default();
                whole.push_str(&json);
                if !last {
                    return None;
                }
                let whole = self.parts.remove(&pid)?;
                serde_json::from_str(&whole).ok()
            }
            line => Some(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::event::{Exec, Note};

    fn report(text: &str) -> Line {
        let what = What::Note(Note {
            text: Some(text.to_owned()),
            ..Note::default()
        });
        Line::Fact(Report {
            proc: ProcId::lab(0),
            pid: Pid(4101),
            seq: 1,
            done: true,
            what,
        })
    }

    /// `line` is written whole or in parts, each within `PIPE_BUF`, and read back as itself.
    fn check(line: &Line) {
        let lines = lines(line, Pid(4101));
        assert!(
            lines.iter().all(|line| line.len() <= PIPE_BUF),
            "a line is longer than PIPE_BUF"
        );
        let mut reader = Reader::default();
        let read: Vec<Line> = lines
            .iter()
            .flat_map(|line| reader.take(line.as_bytes()))
            .collect();
        assert_eq!(read, std::slice::from_ref(line));
    }

    #[test]
    fn a_report_is_one_line() {
        check(&report("short"));
        let exec = What::Exec(Exec {
            argv: vec!["true".into()],
            failed: None,
        });
        check(&Line::Fact(Report {
            proc: ProcId::lab(0),
            pid: Pid(1),
            seq: 2,
            done: false,
            what: exec,
        }));
    }

    #[test]
    fn long_text_goes_in_parts_that_fit_after_escaping() {
        for text in [
            "\"".repeat(5000),
            "\\\u{1}".repeat(4000),
            "é€😀".repeat(3000),
            "x".repeat(100_000),
        ] {
            check(&report(&text));
        }
    }

    /// Text that grows when it is escaped, or is cut badly: quotes, backslashes, control characters, wide characters.
    fn nasty() -> impl Strategy<Value = String> {
        let letter = prop_oneof![
            prop::sample::select(vec![
                '"', '\\', '\n', '\0', '\u{1b}', '\u{7f}', '\u{9b}', 'é', '€', '😀'
            ]),
            any::<char>(),
            Just('x'),
        ];
        prop::collection::vec(letter, 0..2 * PART).prop_map(String::from_iter)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

        #[test]
        fn no_report_exceeds_what_a_pipe_keeps_whole(
            text in nasty(),
            argv in prop::collection::vec(nasty(), 0..4),
        ) {
            check(&report(&text));
            check(&Line::Fact(Report {
                proc: ProcId::lab(0),
                pid: Pid(i32::MAX),
                seq: u32::MAX,
                done: true,
                what: What::Exec(Exec { argv, failed: None }),
            }));
        }
    }

    #[test]
    fn lines_come_out_however_the_bytes_are_cut() {
        let text = lines(&report("a"), Pid(1)).concat() + &lines(&report("b"), Pid(1)).concat();
        let mut reader = Reader::default();
        let read: Vec<Line> = text.bytes().flat_map(|byte| reader.take(&[byte])).collect();
        assert_eq!(read, [report("a"), report("b")]);
    }

    #[test]
    fn what_is_no_line_is_left_out() {
        let mut reader = Reader::default();
        assert_eq!(reader.take(b"{\"say\":\"fa\nnonsense\n\xff\n"), []);
        assert_eq!(
            reader.take(lines(&report("a"), Pid(1)).concat().as_bytes()),
            [report("a")]
        );
    }
}
