//! Files and standard input: opening, reading, closing.
//!
//! A text is read in pieces of up to 8192 bytes, and an end of file is not for ever: the next call looks again, as
//! Python's does. Only text in UTF-8 with newlines of one character is read, and files are open either for reading or
//! for writing.

use super::builtin::integer;
use super::library::{Library, Method, arg};
use super::output::{self, Target};
use super::syscall::{self, Then};
use super::{error, method};
use crate::program::call::{Call, Language, Return};
use crate::program::machine::{Buffering, Flow, Input, Machine, Stream, Trouble};
use crate::program::value::{File, Object, Ref, Standard, Value};

/// What a program wants of a text that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::program) enum Want {
    /// A line for `input()`: without its newline, and an exception at the end.
    Input,
    Line,
    Lines,
    All,
    /// So many characters.
    Letters(usize),
}

/// What the next round of a loop over a file comes to.
pub(in crate::program) enum NextLine {
    Item(Value),
    End,
    /// This call must be made first.
    Ask(Call, Then),
}

const O_WRONLY: i32 = 1;
const O_CREAT: i32 = 0o100;
const O_EXCL: i32 = 0o200;
const O_TRUNC: i32 = 0o1000;
const O_APPEND: i32 = 0o2000;
pub(super) const O_CLOEXEC: i32 = 0o2_000_000;

/// `open(file, mode)` and `os.fdopen(fd, mode)`.
pub(super) fn open(machine: &mut Machine, function: Library, args: &[Value]) -> Result<Flow, Trouble> {
    let mode = match arg(args, 1) {
        Value::Unset => "r".to_owned(),
        Value::Str(mode) => mode.replace('t', ""),
        other => {
            let kind = machine.type_name(other);
            return Err(Trouble::raise(
                "TypeError",
                format!("open() argument 'mode' must be str, not {kind}"),
            ));
        }
    };
    check_encoding(machine, arg(args, 2))?;
    let flags = match mode.as_str() {
        "r" => 0,
        "w" => O_WRONLY | O_CREAT | O_TRUNC,
        "a" => O_WRONLY | O_CREAT | O_APPEND,
        "x" => O_WRONLY | O_CREAT | O_EXCL,
        _ => {
            return Err(Trouble::unsupported(format!(
                "opening a file with mode '{mode}' is not supported here; use 'r', 'w', 'a' or 'x'"
            )));
        }
    };
    match (function, arg(args, 0)) {
        (_, Value::Int(0..=2)) => Err(Trouble::unsupported(
            "a file of a standard descriptor is not supported here; use sys.stdin, sys.stdout or sys.stderr",
        )),
        (_, Value::Int(fd)) => {
            let file = new_file(machine, *fd as i32, Value::Int(*fd), &mode);
            Ok(Flow::Value(file))
        }
        (Library::Open, name @ Value::Str(path)) => {
            let call = Call::Open {
                path: path.as_bytes().to_vec(),
                flags: flags | O_CLOEXEC,
                mode: 0o666,
            };
            Ok(syscall::asked(call, Then::Opened(name.clone(), mode.into())))
        }
        (_, other) => {
            let kind = machine.type_name(other);
            Err(Trouble::raise(
                "TypeError",
                format!("expected str, bytes or os.PathLike object, not {kind}"),
            ))
        }
    }
}

/// UTF-8 is how the machine reads and writes, whatever the program's surroundings say.
fn check_encoding(machine: &Machine, encoding: &Value) -> Result<(), Trouble> {
    let known = match encoding {
        Value::Unset | Value::None => true,
        encoding => matches!(
            machine.text(encoding).to_ascii_lowercase().as_str(),
            "utf-8" | "utf8"
        ),
    };
    if known {
        return Ok(());
    }
    Err(Trouble::unsupported(
        "encodings other than UTF-8 are not supported here",
    ))
}

/// The object for an open descriptor.
pub(super) fn new_file(machine: &mut Machine, fd: i32, name: Value, mode: &str) -> Value {
    machine.heap.add(Object::File(File {
        fd: Some(fd),
        name,
        mode: mode.into(),
        output: Stream::new(Buffering::Block, Language::Python),
        input: Input::default(),
    }))
}

/// The descriptor of a file that is open.
pub(super) fn open_descriptor(file: &File) -> Result<i32, Trouble> {
    file.fd.ok_or_else(output::closed)
}

/// `file.close()`, which also `with` does at its end.
pub(super) fn close(machine: &mut Machine, object: &Value) -> Result<Flow, Trouble> {
    let Value::Ref(place) = object else {
        return Err(method::missing(machine, object, Method::Close));
    };
    if output::flush(machine, Target::File(*place)) {
        return Ok(Flow::Flushed);
    }
    let Object::File(file) = machine.heap.get_mut(*place) else {
        return Ok(Flow::Value(Value::None));
    };
    Ok(match file.fd.take() {
        Some(fd) => syscall::asked(Call::Close(fd), Then::Nothing),
        None => Flow::Value(Value::None),
    })
}

/// Has written what a file holds to which nothing refers any more; then gives the call that closes it.
pub(in crate::program) fn drop_file(machine: &mut Machine, place: Ref) -> Option<Call> {
    if output::flush(machine, Target::File(place)) {
        return None;
    }
    match machine.heap.get_mut(place) {
        Object::File(file) => file.fd.take().map(Call::Close),
        _ => None,
    }
}

/// A method of a file.
pub(super) fn method(
    machine: &mut Machine,
    place: Ref,
    method: Method,
    args: &[Value],
) -> Result<Flow, Trouble> {
    let object = Value::Ref(place);
    match method {
        Method::Close => close(machine, &object),
        Method::Fileno => match machine.heap.get(place) {
            Object::File(file) => Ok(Flow::Value(Value::Int(i64::from(open_descriptor(file)?)))),
            _ => Err(method::missing(machine, &object, method)),
        },
        Method::Flush | Method::Write | Method::Writelines => {
            output::written(machine, Target::File(place), method, args).map(Flow::Value)
        }
        Method::Read | Method::Readline | Method::Readlines => read(machine, &object, method, args),
        _ => Err(method::missing(machine, &object, method)),
    }
}

/// `read`, `readline` or `readlines`.
pub(super) fn read(
    machine: &mut Machine,
    source: &Value,
    method: Method,
    args: &[Value],
) -> Result<Flow, Trouble> {
    let size = match arg(args, 1) {
        Value::Unset | Value::None => -1,
        size => integer(machine, size)?,
    };
    let want = match (method, usize::try_from(size)) {
        (Method::Read, Ok(count)) => Want::Letters(count),
        (Method::Read, Err(_)) => Want::All,
        (_, Ok(_)) => {
            return Err(Trouble::unsupported(
                "a line of limited length is not supported here",
            ));
        }
        (Method::Readline, _) => Want::Line,
        _ => Want::Lines,
    };
    take(machine, source, want)
}

/// `input(prompt)`.
pub(super) fn input(machine: &mut Machine, args: &[Value]) -> Result<Flow, Trouble> {
    output::flush(machine, Target::Err);
    if *arg(args, 0) != Value::Unset {
        let prompt = machine.str_of(arg(args, 0))?;
        machine.print(prompt.as_bytes());
    }
    output::flush(machine, Target::Out);
    match take(machine, &Value::Standard(Standard::In), Want::Input)? {
        // The prompt is written first.
        Flow::Ask(call, then) => Ok(Flow::Later(call, then)),
        flow => Ok(flow),
    }
}

/// The next line for a loop over a file.
pub(in crate::program) fn next_line(machine: &mut Machine, source: &Value) -> Result<NextLine, Trouble> {
    let (input, fd) = source_of(machine, source)?;
    Ok(match enough(input, Want::Line) {
        Some(line) if line.is_empty() => NextLine::End,
        Some(line) => NextLine::Item(Value::Str(text(line)?.into())),
        None => NextLine::Ask(read_more(fd), Then::Fill(source.clone())),
    })
}

/// Gives what is wanted, or asks for more bytes.
pub(super) fn take(machine: &mut Machine, source: &Value, want: Want) -> Result<Flow, Trouble> {
    let (input, fd) = source_of(machine, source)?;
    let Some(bytes) = enough(input, want) else {
        return Ok(syscall::asked(read_more(fd), Then::Take(source.clone(), want)));
    };
    let text = text(bytes)?;
    let value = match want {
        Want::Input if text.is_empty() => {
            return Err(Trouble::raise("EOFError", "EOF when reading a line"));
        }
        Want::Input => Value::Str(text.strip_suffix('\n').unwrap_or(&text).into()),
        Want::Lines => {
            let lines = text
                .split_inclusive('\n')
                .map(|line| Value::Str(line.into()))
                .collect();
            machine.heap.add(Object::List(lines))
        }
        Want::Line | Want::All | Want::Letters(_) => Value::Str(text.into()),
    };
    Ok(Flow::Value(value))
}

/// Gives what read(2) gave to whom it was read for.
pub(super) fn fill(machine: &mut Machine, source: &Value, answer: Return) -> Result<(), Trouble> {
    if let Return::Error(errno) = answer {
        return Err(error::os_error(errno, None));
    }
    let (input, _) = source_of(machine, source)?;
    input.fill(answer);
    Ok(())
}

fn read_more(fd: i32) -> Call {
    Call::Read {
        fd,
        count: 8192,
        library: true,
    }
}

/// The buffer and the descriptor of what is read.
fn source_of<'m>(machine: &'m mut Machine, source: &Value) -> Result<(&'m mut Input, i32), Trouble> {
    match source {
        Value::Standard(Standard::In) => Ok((&mut machine.stdin, 0)),
        Value::Ref(place) => match machine.heap.get_mut(*place) {
            Object::File(file) if file.mode.starts_with('r') => {
                let fd = open_descriptor(file)?;
                Ok((&mut file.input, fd))
            }
            _ => Err(unreadable()),
        },
        _ => Err(unreadable()),
    }
}

fn unreadable() -> Trouble {
    Trouble::unsupported("reading what is open for writing is not supported here")
}

/// The bytes of what is wanted, once they are there. At the end of the file it is what is left.
fn enough(input: &mut Input, want: Want) -> Option<Vec<u8>> {
    let all = |input: &mut Input| input.at_end.then(|| std::mem::take(&mut input.buffer));
    let bytes = match want {
        Want::Input | Want::Line => input.line(),
        Want::All | Want::Lines => all(input),
        Want::Letters(count) => match letters(&input.buffer, count) {
            Some(len) => Some(input.buffer.drain(..len).collect()),
            None => all(input),
        },
    }?;
    input.at_end = false;
    Some(bytes)
}

/// How many bytes so many characters have, if they are there.
fn letters(bytes: &[u8], count: usize) -> Option<usize> {
    let starts = |byte: &u8| byte & 0xc0 != 0x80;
    let mut starting = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| starts(byte))
        .map(|(at, _)| at);
    match starting.nth(count) {
        Some(next) => Some(next),
        // The last one may not be complete yet.
        None => (bytes.iter().filter(|byte| starts(byte)).count() == count
            && std::str::from_utf8(bytes).is_ok())
        .then_some(bytes.len()),
    }
}

fn text(bytes: Vec<u8>) -> Result<String, Trouble> {
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\r') => Ok(text),
        Ok(_) => Err(Trouble::unsupported(
            "a carriage return in a text that is read is not supported here",
        )),
        Err(_) => Err(Trouble::unsupported(
            "reading text that is no UTF-8 is not supported here",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_in_utf_8() {
        for (bytes, count, len) in [
            ("héllo".as_bytes(), 2, Some(3)),
            ("hé".as_bytes(), 2, Some(3)),
            (&"hé".as_bytes()[..2], 2, None),
            (b"", 0, Some(0)),
            (b"ab", 3, None),
        ] {
            assert_eq!(letters(bytes, count), len, "{bytes:?} {count}");
        }
    }

    #[test]
    fn the_end_is_not_for_ever() {
        let mut input = Input {
            buffer: b"rest".to_vec(),
            at_end: false,
        };
        assert_eq!(enough(&mut input, Want::Line), None);
        input.at_end = true;
        assert_eq!(enough(&mut input, Want::Line), Some(b"rest".to_vec()));
        assert_eq!(enough(&mut input, Want::Line), None);
    }
}
