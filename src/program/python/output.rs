//! What a program writes: `print`, the standard streams, and files that are open for writing.
//!
//! Everything goes through the buffers of [`Stream`](crate::program::machine::Stream); what these let go is written
//! before the next instruction. A failed write raises, and its text stays in the buffer, to fail again at the end.

use super::compute::no_attribute;
use super::library::{Method, arg};
use super::{collection, error, file, method};
use crate::model::Errno;
use crate::program::machine::{Flow, Machine, Trouble, limit, truth};
use crate::program::value::{Exception, File, Object, Ref, Standard, Value};

/// Where text can go.
#[derive(Clone, Copy)]
pub(super) enum Target {
    Out,
    Err,
    File(Ref),
}

/// `print(…, sep=…, end=…, file=…, flush=…)`.
pub(super) fn print(machine: &mut Machine, args: &[Value]) -> Result<Flow, Trouble> {
    let sep = separator(machine, arg(args, 0), "sep", " ")?;
    let end = separator(machine, arg(args, 1), "end", "\n")?;
    let target = match arg(args, 2) {
        Value::Unset | Value::None => Target::Out,
        value => target_of(machine, value)?,
    };
    // Each piece is given to the stream by itself: on a terminal one that has a newline is written at once.
    for (index, value) in args.iter().skip(4).enumerate() {
        let text = machine.str_of(value)?;
        limit(text.len())?;
        if index > 0 {
            put(machine, target, &sep);
        }
        put(machine, target, &text);
    }
    put(machine, target, &end);
    if truth(arg(args, 3), &machine.heap) {
        flush(machine, target);
    }
    Ok(Flow::Value(Value::None))
}

fn separator(machine: &Machine, value: &Value, name: &str, usual: &str) -> Result<String, Trouble> {
    match value {
        Value::Unset | Value::None => Ok(usual.to_owned()),
        Value::Str(text) => Ok(text.to_string()),
        other => {
            let kind = machine.type_name(other);
            Err(Trouble::raise(
                "TypeError",
                format!("{name} must be None or a string, not {kind}"),
            ))
        }
    }
}

fn target_of(machine: &Machine, value: &Value) -> Result<Target, Trouble> {
    match value {
        Value::Standard(Standard::Out) => Ok(Target::Out),
        Value::Standard(Standard::Err) => Ok(Target::Err),
        Value::Ref(place) => match machine.heap.get(*place) {
            Object::File(file) => writable(file).map(|()| Target::File(*place)),
            _ => Err(no_attribute(machine, value, "write")),
        },
        Value::Standard(Standard::In) => Err(Trouble::unsupported(
            "writing to standard input is not supported here",
        )),
        _ => Err(no_attribute(machine, value, "write")),
    }
}

/// Whether a file can be written to now.
fn writable(file: &File) -> Result<(), Trouble> {
    file::open_descriptor(file)?;
    if file.mode.starts_with('r') {
        return Err(Trouble::unsupported(
            "writing to a file that is open for reading is not supported here",
        ));
    }
    Ok(())
}

fn put(machine: &mut Machine, target: Target, text: &str) {
    match target {
        Target::Out => machine.print(text.as_bytes()),
        Target::Err => machine.write_error(text.as_bytes()),
        Target::File(place) => {
            let Object::File(file) = machine.heap.get_mut(place) else {
                return;
            };
            let (fd, now) = (file.fd, file.output.put(text.as_bytes()));
            machine.write_soon(fd.unwrap_or(-1), now);
        }
    }
}

/// Has what waits in a buffer written; whether there was anything.
pub(super) fn flush(machine: &mut Machine, target: Target) -> bool {
    let (fd, now) = match target {
        Target::Out => (1, machine.stdout.take()),
        Target::Err => (2, machine.stderr.take()),
        Target::File(place) => match machine.heap.get_mut(place) {
            Object::File(file) => (file.fd.unwrap_or(-1), file.output.take()),
            _ => return false,
        },
    };
    let some = !now.is_empty();
    machine.write_soon(fd, now);
    some
}

/// At the end of the program, has what waits in files written; whether there was anything.
pub(in crate::program) fn flush_files(machine: &mut Machine) -> bool {
    let mut some = false;
    for place in machine.heap.places() {
        if matches!(machine.heap.get(place), Object::File(file) if !file.output.waiting().is_empty()) {
            some |= flush(machine, Target::File(place));
        }
    }
    some
}

/// Gives text that could not be written back to the file of this descriptor.
pub(in crate::program) fn put_back(machine: &mut Machine, fd: i32, bytes: Vec<u8>) {
    let place = machine
        .heap
        .places()
        .find(|place| matches!(machine.heap.get(*place), Object::File(file) if file.fd == Some(fd)));
    if let Some(Object::File(file)) = place.map(|place| machine.heap.get_mut(place)) {
        file.output.put_back(bytes);
    }
}

/// What Python says when it ends and cannot write what was printed.
pub(in crate::program) fn unwritten_output(machine: &Machine, errno: Errno) -> Result<String, Trouble> {
    let stream = machine.repr_of(&Value::Standard(Standard::Out))?;
    let line = match error::os_error(errno, None) {
        Trouble::Raise(Value::Exception(exception)) => machine.exception_line(&exception)?,
        _ => String::new(),
    };
    Ok(format!("Exception ignored in: {stream}\n{line}\n"))
}

/// A method of `sys.stdout`, `sys.stderr` or `sys.stdin`.
pub(super) fn stream_method(
    machine: &mut Machine,
    stream: Standard,
    method: Method,
    args: &[Value],
) -> Result<Flow, Trouble> {
    let target = match stream {
        Standard::In => None,
        Standard::Out => Some(Target::Out),
        Standard::Err => Some(Target::Err),
    };
    match (method, target) {
        (Method::Fileno, _) => Ok(Flow::Value(Value::Int(match stream {
            Standard::In => 0,
            Standard::Out => 1,
            Standard::Err => 2,
        }))),
        (Method::Flush, None) => Ok(Flow::Value(Value::None)),
        (Method::Read | Method::Readline | Method::Readlines, None) => {
            file::read(machine, &Value::Standard(stream), method, args)
        }
        (Method::Flush | Method::Write | Method::Writelines, Some(target)) => {
            written(machine, target, method, args).map(Flow::Value)
        }
        _ => Err(method::missing(machine, &Value::Standard(stream), method)),
    }
}

/// `write`, `writelines` or `flush` of something that can be written to.
pub(super) fn written(
    machine: &mut Machine,
    target: Target,
    method: Method,
    args: &[Value],
) -> Result<Value, Trouble> {
    if let Target::File(place) = target
        && let Object::File(file) = machine.heap.get(place)
    {
        match method {
            Method::Flush => file::open_descriptor(file).map(|_| ())?,
            _ => writable(file)?,
        }
    }
    match method {
        Method::Flush => {
            flush(machine, target);
            Ok(Value::None)
        }
        Method::Write => {
            let text = written_text(machine, arg(args, 1))?;
            put(machine, target, &text);
            Ok(Value::Int(text.chars().count() as i64))
        }
        _ => {
            for line in collection::ordered_items(machine, arg(args, 1))? {
                let text = written_text(machine, &line)?;
                put(machine, target, &text);
            }
            Ok(Value::None)
        }
    }
}

fn written_text(machine: &Machine, value: &Value) -> Result<String, Trouble> {
    match value {
        Value::Str(text) => Ok(text.to_string()),
        other => {
            let kind = machine.type_name(other);
            Err(Trouble::raise(
                "TypeError",
                format!("write() argument must be str, not {kind}"),
            ))
        }
    }
}

/// The exception for what was closed.
pub(super) fn closed() -> Trouble {
    Trouble::Raise(Exception::value("ValueError", "I/O operation on closed file."))
}
