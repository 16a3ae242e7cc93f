//! Strings, characters, memory and sets of signals, as string(3), ctype.h and malloc(3) have them.

use super::Library;
use crate::model::Signal;
use crate::program::call::SignalSet;
use crate::program::error_text;
use crate::program::machine::{Machine, Trouble};

/// Where strerror and strsignal leave their answers; the program may not write there.
const ERROR_TEXT: u64 = 0x47_f100;
const SIGNAL_TEXT: u64 = 0x47_f200;

/// Runs one of these functions; nothing if it is another.
pub(super) fn call(machine: &mut Machine, function: Library, args: &[i64]) -> Result<Option<i64>, Trouble> {
    let arg = |index: usize| args.get(index).copied().unwrap_or(0);
    let at = |index: usize| arg(index) as u64;
    Ok(Some(match function {
        Library::Abs => arg(0).wrapping_abs(),
        Library::Atoi => atoi(&machine.memory.string(at(0))?),
        Library::Calloc => {
            let size = at(0).saturating_mul(at(1));
            let block = machine.memory.allocate(size)?;
            fill(machine, block, 0, size)?;
            block as i64
        }
        Library::Malloc => machine.memory.allocate(at(0))? as i64,
        Library::Free => free(machine, at(0))?,
        Library::Isalpha => class(arg(0), 1024, |byte| byte.is_ascii_alphabetic()),
        Library::Isdigit => class(arg(0), 2048, |byte| byte.is_ascii_digit()),
        Library::Isspace => class(arg(0), 8192, is_space),
        Library::Tolower => byte(arg(0)).map_or(arg(0), |byte| i64::from(byte.to_ascii_lowercase())),
        Library::Toupper => byte(arg(0)).map_or(arg(0), |byte| i64::from(byte.to_ascii_uppercase())),
        Library::Memcmp => compare(
            &machine.memory.raw(at(0), at(2))?,
            &machine.memory.raw(at(1), at(2))?,
        ),
        Library::Memcpy => {
            machine.memory.copy(at(1), at(0), at(2))?;
            arg(0)
        }
        Library::Memset => {
            fill(machine, at(0), arg(1) as u8, at(2))?;
            arg(0)
        }
        Library::Strcat => {
            let end = at(0) + machine.memory.string(at(0))?.len() as u64;
            copy_string(machine, end, at(1))?;
            arg(0)
        }
        Library::Strchr => strchr(machine, at(0), arg(1) as u8)?,
        Library::Strcmp => compare(&machine.memory.string(at(0))?, &machine.memory.string(at(1))?),
        Library::Strncmp => compare(
            &machine.memory.string_within(at(0), at(2))?,
            &machine.memory.string_within(at(1), at(2))?,
        ),
        Library::Strcpy => {
            copy_string(machine, at(0), at(1))?;
            arg(0)
        }
        Library::Strncpy => {
            let mut text = machine.memory.string_within(at(1), at(2))?;
            text.resize(at(2) as usize, 0);
            machine.memory.write(at(0), &text)?;
            arg(0)
        }
        Library::Strcspn => {
            let stops = machine.memory.string(at(1))?;
            let text = machine.memory.string(at(0))?;
            let end = text.iter().position(|byte| stops.contains(byte));
            end.unwrap_or(text.len()) as i64
        }
        Library::Strdup => {
            let len = machine.memory.string(at(0))?.len() as u64;
            let block = machine.memory.allocate(len + 1)?;
            copy_string(machine, block, at(0))?;
            block as i64
        }
        Library::Strerror => leave(machine, ERROR_TEXT, &error_text::error(arg(0)))?,
        Library::Strsignal => leave(machine, SIGNAL_TEXT, &error_text::signal(arg(0)))?,
        Library::Strlen => machine.memory.string(at(0))?.len() as i64,
        Library::Strtol => strtol(machine, at(0), at(1), arg(2))?,
        Library::Strtok => strtok(machine, at(0), at(1))?,
        other => return set(machine, other, args),
    }))
}

/// The functions on a `sigset_t`, of which the first word is used.
fn set(machine: &mut Machine, function: Library, args: &[i64]) -> Result<Option<i64>, Trouble> {
    let at = args.first().copied().unwrap_or(0) as u64;
    let signal = Signal(args.get(1).copied().unwrap_or(0) as i32);
    let old = |machine: &Machine| machine.memory.number(at, 8).map(SignalSet);
    let new = match function {
        Library::Sigemptyset => SignalSet::default(),
        Library::Sigfillset => SignalSet::ALL,
        Library::Sigaddset => old(machine)?.with(signal),
        Library::Sigdelset => old(machine)?.without(signal),
        Library::Sigismember => return Ok(Some(i64::from(old(machine)?.contains(signal)))),
        _ => return Ok(None),
    };
    machine.memory.set_number(at, 8, new.0)?;
    Ok(Some(0))
}

fn byte(value: i64) -> Option<u8> {
    u8::try_from(value).ok()
}

/// A class of characters is told by its bit in glibc's table.
fn class(value: i64, bit: i64, holds: impl FnOnce(u8) -> bool) -> i64 {
    if byte(value).is_some_and(holds) { bit } else { 0 }
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 11
}

fn atoi(text: &[u8]) -> i64 {
    let start = text.iter().position(|byte| !is_space(*byte)).unwrap_or(0);
    let text = &text[start.min(text.len())..];
    let (negative, digits) = match text.first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let number = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0_i64, |sum, digit| {
            sum.saturating_mul(10).saturating_add(i64::from(digit - b'0'))
        });
    if negative { -number } else { number }
}

/// strtol(3) in base 10, which is the one that programs about processes read their arguments in.
fn strtol(machine: &mut Machine, at: u64, end: u64, base: i64) -> Result<i64, Trouble> {
    if base != 10 {
        return Err(Trouble::unsupported(
            "strtol in another base than 10 is not supported here",
        ));
    }
    let text = machine.memory.string(at)?;
    let blank = text.iter().take_while(|byte| is_space(**byte)).count();
    let sign = usize::from(matches!(text.get(blank), Some(b'-' | b'+')));
    let digits = text[blank + sign..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if digits > 18 {
        return Err(Trouble::unsupported(
            "strtol of so long a number is not supported here",
        ));
    }
    if end != 0 {
        let used = if digits == 0 { 0 } else { blank + sign + digits };
        machine.memory.set_number(end, 8, at + used as u64)?;
    }
    Ok(atoi(&text))
}

fn free(machine: &mut Machine, block: u64) -> Result<i64, Trouble> {
    if block == 0 || machine.memory.release(block).is_some() {
        return Ok(0);
    }
    Err(Trouble::Fault(
        Signal::ABRT,
        "free() of what malloc did not give, or gave and got back already".to_owned(),
    ))
}

fn fill(machine: &mut Machine, at: u64, byte: u8, size: u64) -> Result<(), Trouble> {
    // In pieces, so that no size that the program makes up asks for so much memory here at once.
    let piece = [byte; 4096];
    let mut done = 0;
    while done < size {
        let now = (size - done).min(piece.len() as u64);
        machine
            .memory
            .write(at.wrapping_add(done), &piece[..now as usize])?;
        done += now;
    }
    Ok(())
}

fn copy_string(machine: &mut Machine, to: u64, from: u64) -> Result<(), Trouble> {
    let text = machine.memory.string(from)?;
    machine.memory.write(to, &[&text[..], b"\0"].concat())?;
    Ok(())
}

fn strchr(machine: &Machine, at: u64, wanted: u8) -> Result<i64, Trouble> {
    let text = machine.memory.string(at)?;
    let found = text
        .iter()
        .chain([&0])
        .position(|byte| *byte == wanted)
        .map_or(0, |index| at + index as u64);
    Ok(found as i64)
}

/// The difference of the first bytes that differ, as glibc on x86-64 answers; a string ends in 0.
fn compare(a: &[u8], b: &[u8]) -> i64 {
    let byte = |text: &[u8], at: usize| i64::from(text.get(at).copied().unwrap_or(0));
    (0..a.len().max(b.len()))
        .map(|at| byte(a, at) - byte(b, at))
        .find(|difference| *difference != 0)
        .unwrap_or(0)
}

fn leave(machine: &mut Machine, at: u64, text: &str) -> Result<i64, Trouble> {
    machine.memory.place(at, &[text.as_bytes(), b"\0"].concat())?;
    Ok(at as i64)
}

fn strtok(machine: &mut Machine, text: u64, stops: u64) -> Result<i64, Trouble> {
    let start = if text == 0 { machine.token } else { text };
    if start == 0 {
        return Ok(0);
    }
    let stops = machine.memory.string(stops)?;
    let rest = machine.memory.string(start)?;
    let Some(skip) = rest.iter().position(|byte| !stops.contains(byte)) else {
        machine.token = 0;
        return Ok(0);
    };
    let token = start + skip as u64;
    match rest[skip..].iter().position(|byte| stops.contains(byte)) {
        Some(len) => {
            machine.memory.write(token + len as u64, b"\0")?;
            machine.token = token + len as u64 + 1;
        }
        None => machine.token = 0,
    }
    Ok(token as i64)
}
