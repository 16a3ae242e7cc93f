//! The functions of C's library that a program can call.
//!
//! Those that need no kernel are computed here and in [`string`](super::string); those that are system calls
//! become one in [`syscall`](super::syscall). What a function stores, it stores in the program's memory.

use super::header::{Part, STDERR, STDIN, STDOUT};
use super::scope::ERRNO;
use super::{format, scan, string, syscall};
use crate::model::Signal;
use crate::program::call::Call;
use crate::program::error_text;
use crate::program::machine::{Buffering, Flow, Machine, Then, Trouble, number};
use crate::program::value::Value;

/// A function of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::program) enum Library {
    // Ends of a program.
    Abort,
    AtExit,
    Exit,
    ExitAtOnce,
    // Input and output.
    Dprintf,
    Fflush,
    Fgets,
    Fprintf,
    Fputc,
    Fputs,
    Getchar,
    Perror,
    Printf,
    Putchar,
    Puts,
    Scanf,
    Setbuf,
    Setvbuf,
    Snprintf,
    Sprintf,
    // Memory, strings and characters.
    Abs,
    Atoi,
    Calloc,
    Free,
    Isalpha,
    Isdigit,
    Isspace,
    Malloc,
    Memcmp,
    Memcpy,
    Memset,
    Strcat,
    Strchr,
    Strcmp,
    Strcpy,
    Strcspn,
    Strdup,
    Strerror,
    Strlen,
    Strncmp,
    Strncpy,
    Strsignal,
    Strtok,
    Strtol,
    Tolower,
    Toupper,
    // Sets of signals and wait statuses: no system calls.
    Sigaddset,
    Sigdelset,
    Sigemptyset,
    Sigfillset,
    Sigismember,
    Status(Part),
    // System calls.
    Alarm,
    Chdir,
    Close,
    Dup,
    Dup2,
    Execl,
    Execlp,
    Execv,
    Execve,
    Execvp,
    Fork,
    Getpgid,
    Getpgrp,
    Getpid,
    Getppid,
    Getrlimit,
    Getsid,
    Getuid,
    Kill,
    Lseek,
    Nanosleep,
    Open,
    Pause,
    Pipe,
    Prctl,
    Raise,
    Read,
    Setpgid,
    Setpgrp,
    Setrlimit,
    Setsid,
    Sigaction,
    Signal,
    Sigpending,
    Sigprocmask,
    Sigsuspend,
    Sigwait,
    Sleep,
    Time,
    Umask,
    Unlink,
    Usleep,
    Vfork,
    Wait,
    Waitpid,
    Write,
}

impl Library {
    /// Which argument is a format, if one is.
    pub(super) fn format_argument(self) -> Option<usize> {
        match self {
            Self::Printf | Self::Scanf => Some(0),
            Self::Fprintf | Self::Dprintf | Self::Sprintf => Some(1),
            Self::Snprintf => Some(2),
            _ => None,
        }
    }
}

/// Runs a function of the library.
pub(in crate::program) fn call(
    machine: &mut Machine,
    function: Library,
    args: &[Value],
) -> Result<Flow, Trouble> {
    let args = args.iter().map(number::of).collect::<Result<Vec<i64>, _>>()?;
    let arg = |index: usize| args.get(index).copied().unwrap_or(0);
    let value = match function {
        Library::Exit => return Ok(Flow::Exit(arg(0) as i32)),
        Library::ExitAtOnce => {
            let call = Call::Exit {
                code: arg(0) as i32,
                direct: true,
            };
            return Ok(Flow::Ask(call, Then::End));
        }
        Library::Abort => return Ok(Flow::Ask(Call::Die(Signal::ABRT), Then::End)),
        Library::AtExit => {
            machine.at_exit.push(Value::Int(arg(0)));
            0
        }
        Library::Fflush => {
            if arg(0) == 0 || arg(0) as u64 == STDOUT {
                machine.flush();
            }
            0
        }
        Library::Perror => {
            let prefix = match arg(0) {
                0 => Vec::new(),
                at => machine.memory.string(at as u64)?,
            };
            let sentence = error_text::error(errno(machine)?);
            let colon: &[u8] = if prefix.is_empty() { b"" } else { b": " };
            machine.write_soon(2, [&prefix, colon, sentence.as_bytes(), b"\n"].concat());
            0
        }
        Library::Setbuf if arg(1) != 0 => {
            return Err(Trouble::unsupported(
                "setbuf with a buffer of one's own is not supported here",
            ));
        }
        Library::Setbuf => set_buffering(machine, arg(0), 2)?,
        Library::Setvbuf => set_buffering(machine, arg(0), arg(2))?,
        Library::Scanf => {
            return match scan::scan(machine, arg(0) as u64, &args[1..])? {
                scan::Scanned::More => Ok(read_more(machine)),
                scan::Scanned::Count(count) => Ok(Flow::Value(Value::Int(count))),
            };
        }
        Library::Getchar => {
            if machine.stdin.buffer.is_empty() && !machine.stdin.at_end {
                return Ok(read_more(machine));
            }
            let first = machine.stdin.buffer.first().copied();
            if first.is_some() {
                machine.stdin.buffer.remove(0);
            }
            first.map_or(-1, i64::from)
        }
        Library::Fgets => return fgets(machine, arg(0), arg(1), arg(2)),
        Library::Status(part) => status(part, arg(0) as i32),
        other => {
            let value = match print(machine, other, &args)? {
                None => string::call(machine, other, &args)?,
                printed => printed,
            };
            match value {
                Some(value) => value,
                None => return syscall::ask(machine, other, &args),
            }
        }
    };
    Ok(Flow::Value(Value::Int(value)))
}

/// The functions that write text somewhere; nothing if it is another.
fn print(machine: &mut Machine, function: Library, args: &[i64]) -> Result<Option<i64>, Trouble> {
    let arg = |index: usize| args.get(index).copied().unwrap_or(0);
    Ok(Some(match function {
        Library::Printf => {
            let text = format::print(machine, arg(0) as u64, &args[1..])?;
            machine.print(&text);
            text.len() as i64
        }
        Library::Fprintf => {
            let text = format::print(machine, arg(1) as u64, &args[2..])?;
            put(machine, arg(0), &text)?;
            text.len() as i64
        }
        Library::Dprintf => {
            let text = format::print(machine, arg(1) as u64, &args[2..])?;
            let len = text.len() as i64;
            machine.write_soon(arg(0) as i32, text);
            len
        }
        Library::Sprintf => {
            let text = format::print(machine, arg(1) as u64, &args[2..])?;
            store_text(machine, arg(0), &text)?
        }
        Library::Snprintf => {
            let text = format::print(machine, arg(2) as u64, &args[3..])?;
            let room = arg(1) as usize;
            if room > 0 {
                store_text(machine, arg(0), &text[..text.len().min(room - 1)])?;
            }
            text.len() as i64
        }
        Library::Puts => {
            let text = machine.memory.string(arg(0) as u64)?;
            machine.print(&[&text[..], b"\n"].concat());
            text.len() as i64 + 1
        }
        Library::Putchar => {
            machine.print(&[arg(0) as u8]);
            i64::from(arg(0) as u8)
        }
        Library::Fputc => {
            put(machine, arg(1), &[arg(0) as u8])?;
            i64::from(arg(0) as u8)
        }
        Library::Fputs => {
            let text = machine.memory.string(arg(0) as u64)?;
            put(machine, arg(1), &text)?;
            1
        }
        _ => return Ok(None),
    }))
}

/// The value of `errno`.
fn errno(machine: &Machine) -> Result<i64, Trouble> {
    Ok(machine.memory.number(ERRNO, 4)? as i64)
}

/// Writes to a `FILE *`.
fn put(machine: &mut Machine, file: i64, text: &[u8]) -> Result<(), Trouble> {
    match file as u64 {
        STDOUT => machine.print(text),
        STDERR => machine.write_soon(2, text.to_vec()),
        _ => {
            return Err(Trouble::unsupported(
                "only stdout and stderr can be written to here",
            ));
        }
    }
    Ok(())
}

/// Stores a string with its NUL; gives its length.
fn store_text(machine: &mut Machine, at: i64, text: &[u8]) -> Result<i64, Trouble> {
    machine.memory.write(at as u64, &[text, b"\0"].concat())?;
    Ok(text.len() as i64)
}

fn set_buffering(machine: &mut Machine, file: i64, mode: i64) -> Result<i64, Trouble> {
    if file as u64 != STDOUT {
        // stderr is unbuffered already; stdin's buffer is no one's business.
        return Ok(0);
    }
    machine.stdout.buffering = match mode {
        0 => Buffering::Block,
        1 => Buffering::Line,
        2 => Buffering::None,
        _ => {
            return Err(Trouble::unsupported("setvbuf takes _IONBF, _IOLBF or _IOFBF"));
        }
    };
    Ok(0)
}

/// Reads standard input and tries again. As glibc does, a line of output that waits is shown first when input
/// is read from a terminal.
fn read_more(machine: &mut Machine) -> Flow {
    if machine.stdout.buffering == Buffering::Line && machine.flush() {
        return Flow::Flushed;
    }
    let count = if machine.stdout.buffering == Buffering::Line {
        1024
    } else {
        4096
    };
    let call = Call::Read {
        fd: 0,
        count,
        library: true,
    };
    Flow::Again(call, Then::Fill)
}

fn fgets(machine: &mut Machine, at: i64, size: i64, file: i64) -> Result<Flow, Trouble> {
    if file as u64 != STDIN {
        return Err(Trouble::unsupported("only stdin can be read from here"));
    }
    let room = usize::try_from(size).unwrap_or(0).saturating_sub(1);
    let enough = machine.stdin.buffer.contains(&b'\n') || machine.stdin.buffer.len() >= room;
    if !enough && !machine.stdin.at_end {
        return Ok(read_more(machine));
    }
    let Some(mut line) = machine.stdin.line() else {
        // More than fits, and no newline yet.
        let part: Vec<u8> = machine.stdin.buffer.drain(..room).collect();
        store_text(machine, at, &part)?;
        return Ok(Flow::Value(Value::Int(at)));
    };
    if line.is_empty() {
        return Ok(Flow::Value(Value::Int(0)));
    }
    if line.len() > room {
        let rest = line.split_off(room);
        machine.stdin.buffer.splice(0..0, rest);
    }
    store_text(machine, at, &line)?;
    Ok(Flow::Value(Value::Int(at)))
}

/// The macros of wait(2), as glibc defines them.
fn status(part: Part, word: i32) -> i64 {
    let signal = word & 0x7f;
    let high = word >> 8 & 0xff;
    i64::from(match part {
        Part::IfExited => i32::from(signal == 0),
        Part::ExitStatus | Part::StopSignal => high,
        Part::IfSignaled => i32::from(signal != 0 && signal != 0x7f),
        Part::TermSignal => signal,
        Part::CoreDump => word & 0x80,
        Part::IfStopped => i32::from(word & 0xff == 0x7f),
        Part::IfContinued => i32::from(word == 0xffff),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use super::*;

    /// A machine with nothing to do.
    pub(in crate::program::c) fn machine() -> Machine {
        let program = super::super::compile("test.c", "int main(void) { return 0; }").expect("a program");
        Machine::new(Arc::new(program), &["test".to_owned()], Buffering::Line)
    }

    #[test]
    fn status_words_are_taken_apart_as_by_the_macros() {
        for (word, part, value) in [
            (0x0700, Part::IfExited, 1),
            (0x0700, Part::ExitStatus, 7),
            (0x0009, Part::IfExited, 0),
            (0x0009, Part::IfSignaled, 1),
            (0x0009, Part::TermSignal, 9),
            (0x137f, Part::IfStopped, 1),
            (0x137f, Part::IfSignaled, 0),
            (0x137f, Part::StopSignal, 19),
            (0xffff, Part::IfContinued, 1),
            (0xffff, Part::IfStopped, 0),
        ] {
            assert_eq!(status(part, word), value, "{part:?} of {word:#x}");
        }
    }
}
