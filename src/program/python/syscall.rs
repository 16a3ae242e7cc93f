//! The functions of Python's modules that are system calls: from their arguments to a [`Call`], and from the answer to
//! the value that Python gives, with an exception for a failure.
//!
//! What signals need besides stands in [`signal`](super::signal).

use std::sync::Arc;

use super::builtin::integer;
use super::file::{self, O_CLOEXEC, Want};
use super::library::{Library, arg};
use super::{error, signal, status};
use crate::model::{Errno, Signal};
use crate::program::call::{Action, Call, Exec, ExecForm, Return, SleepForm, WaitForm};
use crate::program::error_text;
use crate::program::machine::{self, Flow, Machine, Trouble, as_float};
use crate::program::value::{Object, Value};

/// What is done with the answer of a system call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::program) enum Then {
    /// The number is the value.
    Value,
    /// The value is None.
    Nothing,
    /// So it is, and a failure names this file.
    NothingOf(Value),
    /// The number is a descriptor; a failure names this file.
    Descriptor(Value),
    /// The descriptor becomes a file of this name and mode.
    Opened(Value, Arc<str>),
    /// The value is a pid and a status.
    Waited,
    /// The value is the bytes.
    Data,
    /// The value is the two ends.
    Ends,
    /// The value is a set of signals.
    Signals,
    /// The value is a signal.
    Signal,
    /// The handler is the program's from now on; the value is the old one.
    Handler {
        signal: Signal,
        action: Action,
        handler: Value,
    },
    /// The value is None even though the call always fails: it waits for a signal.
    Paused,
    /// What is left is slept, too.
    Slept,
    /// The value is the two limits.
    Limits,
    /// The value is None; a failure has words of its own.
    Limited,
    /// The bytes belong to this stream.
    Fill(Value),
    /// So they do, and what is wanted of it is the value.
    Take(Value, Want),
}

impl Then {
    /// The values that it holds.
    pub(in crate::program) fn values_mut(&mut self) -> &mut [Value] {
        match self {
            Self::NothingOf(value)
            | Self::Descriptor(value)
            | Self::Opened(value, _)
            | Self::Handler { handler: value, .. }
            | Self::Fill(value)
            | Self::Take(value, _) => std::slice::from_mut(value),
            _ => &mut [],
        }
    }
}

/// The largest piece that is read at once.
const MAX_READ: i64 = 1 << 20;
/// What Python calls an infinite limit.
const INFINITY: i64 = -1;

/// A system call and what follows it.
pub(super) fn asked(call: Call, then: Then) -> Flow {
    Flow::Ask(call, machine::Then::Python(then))
}

/// Runs a function of the modules: what needs no kernel at once, the rest as a system call.
pub(super) fn ask(machine: &mut Machine, function: Library, args: &[Value]) -> Result<Flow, Trouble> {
    match function {
        Library::AtExit => match arg(args, 0) {
            called @ Value::Function(_) => {
                machine.at_exit.push(called.clone());
                Ok(Flow::Value(called.clone()))
            }
            _ => Err(Trouble::unsupported(
                "atexit of anything but a function of the program is not supported here",
            )),
        },
        Library::Finish => {
            machine.flush();
            Ok(Flow::Exit(0))
        }
        Library::SysExit => Err(Trouble::Raise(error::construct(
            "SystemExit",
            error::exit_args(arg(args, 0)),
        ))),
        Library::Abort => Ok(Flow::Ask(Call::Die(Signal::ABRT), machine::Then::End)),
        Library::ExitAtOnce => {
            let call = Call::Exit {
                code: int(machine, arg(args, 0))?,
                direct: true,
            };
            Ok(Flow::Ask(call, machine::Then::End))
        }
        Library::Exitcode => status::exit_code(int(machine, arg(args, 0))?).map(Flow::Value),
        Library::Status(part) => Ok(Flow::Value(status::part(part, int(machine, arg(args, 0))?))),
        Library::Strerror => {
            let words = error_text::error(integer(machine, arg(args, 0))?);
            Ok(Flow::Value(Value::Str(words.into())))
        }
        function => match plain(machine, function, args)? {
            Some((call, then)) => Ok(asked(call, then)),
            None => with_objects(machine, function, args),
        },
    }
}

/// The number that an argument is, as a C int.
pub(super) fn int(machine: &Machine, value: &Value) -> Result<i32, Trouble> {
    i32::try_from(integer(machine, value)?).map_err(|_| {
        let sentence = "Python int too large to convert to C int";
        Trouble::raise("OverflowError", sentence)
    })
}

/// The calls whose arguments are numbers.
fn plain(machine: &Machine, function: Library, args: &[Value]) -> Result<Option<(Call, Then)>, Trouble> {
    let int = |index: usize| int(machine, arg(args, index));
    Ok(Some(match function {
        Library::Alarm => (Call::Alarm(int(0)? as u32), Then::Value),
        Library::Close => (Call::Close(int(0)?), Then::Nothing),
        Library::Dup => {
            let call = Call::Dup {
                fd: int(0)?,
                cloexec: true,
            };
            (call, Then::Value)
        }
        Library::Fork => (Call::Fork, Then::Value),
        Library::Getpgid => (Call::Getpgid(int(0)?), Then::Value),
        Library::Getpgrp => (Call::Getpgid(0), Then::Value),
        Library::Getpid => (Call::Getpid, Then::Value),
        Library::Getppid => (Call::Getppid, Then::Value),
        Library::Getsid => (Call::Getsid(int(0)?), Then::Value),
        Library::Getuid => (Call::Getuid, Then::Value),
        Library::Kill => {
            let call = Call::Kill {
                pid: int(0)?,
                signal: Signal(int(1)?),
            };
            (call, Then::Nothing)
        }
        Library::Killpg => {
            let call = Call::Kill {
                pid: int(0)?.wrapping_neg(),
                signal: Signal(int(1)?),
            };
            (call, Then::Nothing)
        }
        Library::Lseek => {
            let call = Call::Lseek {
                fd: int(0)?,
                offset: integer(machine, arg(args, 1))?,
                whence: int(2)?,
            };
            (call, Then::Value)
        }
        Library::Pause => (Call::Pause, Then::Paused),
        Library::Pipe => (Call::Pipe { cloexec: true }, Then::Ends),
        Library::Setpgid => {
            let call = Call::Setpgid {
                pid: int(0)?,
                group: int(1)?,
            };
            (call, Then::Nothing)
        }
        Library::Setpgrp => (Call::Setpgid { pid: 0, group: 0 }, Then::Nothing),
        Library::Setsid => (Call::Setsid, Then::Nothing),
        Library::Umask => (Call::Umask(int(0)? as u32), Then::Value),
        Library::Wait => (wait(WaitForm::Wait, -1, 0), Then::Waited),
        Library::Waitpid => (wait(WaitForm::Waitpid, int(0)?, int(1)?), Then::Waited),
        _ => return Ok(None),
    }))
}

fn wait(form: WaitForm, pid: i32, options: i32) -> Call {
    Call::Wait {
        form,
        pid,
        options,
        status: true,
    }
}

/// The calls that take more than numbers.
fn with_objects(machine: &mut Machine, function: Library, args: &[Value]) -> Result<Flow, Trouble> {
    let (first, second) = (arg(args, 0), arg(args, 1));
    let (call, then) = match function {
        Library::Chdir => (Call::Chdir(path(machine, first)?), Then::NothingOf(first.clone())),
        Library::Unlink => (
            Call::Unlink(path(machine, first)?),
            Then::NothingOf(first.clone()),
        ),
        Library::OpenDescriptor => {
            let mode = match arg(args, 2) {
                Value::Unset => 0o777,
                mode => int(machine, mode)?,
            };
            let call = Call::Open {
                path: path(machine, first)?,
                flags: int(machine, second)? | O_CLOEXEC,
                mode: mode as u32,
            };
            (call, Then::Descriptor(first.clone()))
        }
        Library::Dup2 => {
            let inheritable = matches!(arg(args, 2), Value::Unset | Value::Bool(true));
            let call = Call::Dup2 {
                from: int(machine, first)?,
                to: int(machine, second)?,
                cloexec: !inheritable,
            };
            (call, Then::Value)
        }
        Library::Read => (read(machine, first, second)?, Then::Data),
        Library::Write => {
            let Value::Bytes(bytes) = second else {
                let kind = machine.type_name(second);
                let sentence = format!("a bytes-like object is required, not '{kind}'");
                return Err(Trouble::raise("TypeError", sentence));
            };
            let call = Call::Write {
                fd: int(machine, first)?,
                data: bytes.to_vec(),
                library: false,
            };
            (call, Then::Value)
        }
        Library::Sleep => {
            let call = Call::Sleep {
                form: SleepForm::Sleep,
                nanos: nanos(machine, first)?,
            };
            (call, Then::Slept)
        }
        Library::Getrlimit => {
            check_resource(machine, first)?;
            (Call::ProcessLimit, Then::Limits)
        }
        Library::Setrlimit => {
            check_resource(machine, first)?;
            (limits(machine, second)?, Then::Limited)
        }
        Library::Execl | Library::Execlp | Library::Execv | Library::Execve | Library::Execvp => {
            let then = match function {
                Library::Execve => Then::NothingOf(first.clone()),
                _ => Then::Nothing,
            };
            (Call::Exec(exec(machine, function, args)?), then)
        }
        signals => return signal::ask(machine, signals, args),
    };
    Ok(asked(call, then))
}

fn path(machine: &Machine, value: &Value) -> Result<Vec<u8>, Trouble> {
    let bytes = match value {
        Value::Str(text) => text.as_bytes().to_vec(),
        Value::Bytes(bytes) => bytes.to_vec(),
        other => {
            let kind = machine.type_name(other);
            let sentence = format!("expected str, bytes or os.PathLike object, not {kind}");
            return Err(Trouble::raise("TypeError", sentence));
        }
    };
    if bytes.contains(&0) {
        return Err(Trouble::raise("ValueError", "embedded null byte"));
    }
    Ok(bytes)
}

fn read(machine: &Machine, fd: &Value, count: &Value) -> Result<Call, Trouble> {
    const EINVAL: Errno = Errno(22);
    let fd = int(machine, fd)?;
    match integer(machine, count)? {
        ..0 => Err(error::os_error(EINVAL, None)),
        count @ 0..=MAX_READ => Ok(Call::Read {
            fd,
            count: count as u64,
            library: false,
        }),
        _ => Err(Trouble::unsupported(
            "reading more than a megabyte at once is not supported here",
        )),
    }
}

fn nanos(machine: &Machine, value: &Value) -> Result<u64, Trouble> {
    const LONGEST: f64 = 9.2e9;
    let Some(seconds) = as_float(value) else {
        let kind = machine.type_name(value);
        let sentence = format!("'{kind}' object cannot be interpreted as an integer");
        return Err(Trouble::raise("TypeError", sentence));
    };
    if seconds.is_nan() {
        return Err(Trouble::raise("ValueError", "Invalid value NaN (not a number)"));
    }
    if seconds < 0.0 {
        return Err(Trouble::raise("ValueError", "sleep length must be non-negative"));
    }
    if seconds > LONGEST {
        return Err(Trouble::raise(
            "OverflowError",
            "timestamp too large to convert to C _PyTime_t",
        ));
    }
    Ok((seconds * 1e9).ceil() as u64)
}

fn check_resource(machine: &Machine, resource: &Value) -> Result<(), Trouble> {
    const NPROC: i64 = 6;
    if integer(machine, resource)? == NPROC {
        return Ok(());
    }
    Err(Trouble::unsupported(
        "of the limits only RLIMIT_NPROC is supported here",
    ))
}

fn limits(machine: &mut Machine, pair: &Value) -> Result<Call, Trouble> {
    let items = machine.items(pair)?;
    let [soft, hard] = items.as_slice() else {
        return Err(Trouble::raise("ValueError", "expected a tuple of 2 integers"));
    };
    let limit = |value: &Value| {
        integer(machine, value).map(|number| {
            if number == INFINITY {
                u64::MAX
            } else {
                number as u64
            }
        })
    };
    Ok(Call::SetProcessLimit {
        soft: limit(soft)?,
        hard: limit(hard)?,
    })
}

fn exec(machine: &mut Machine, function: Library, args: &[Value]) -> Result<Exec, Trouble> {
    let (form, name) = match function {
        Library::Execl => (ExecForm::Execl, "execv"),
        Library::Execlp => (ExecForm::Execlp, "execv"),
        Library::Execve => (ExecForm::Execve, "execve"),
        Library::Execvp => (ExecForm::Execvp, "execv"),
        _ => (ExecForm::Execv, "execv"),
    };
    let list = match form {
        ExecForm::Execl | ExecForm::Execlp => args[1..].to_vec(),
        _ => {
            let argv = arg(args, 1);
            let fits = match argv {
                Value::Tuple(_) => true,
                Value::Ref(place) => machine.list(*place).is_some(),
                _ => false,
            };
            if !fits {
                let sentence = match function {
                    Library::Execve => "execve: argv must be a tuple or list",
                    _ => "execv() arg 2 must be a tuple or list",
                };
                return Err(Trouble::raise("TypeError", sentence));
            }
            machine.items(argv)?
        }
    };
    let words = list
        .iter()
        .map(|word| path(machine, word))
        .collect::<Result<Vec<_>, _>>()?;
    match words.first() {
        None if name == "execve" => {
            return Err(Trouble::raise("ValueError", "execve: argv must not be empty"));
        }
        None => return Err(Trouble::raise("ValueError", "execv() arg 2 must not be empty")),
        Some(first) if first.is_empty() => {
            let sentence = match name {
                "execve" => "execve: argv first element cannot be empty",
                _ => "execv() arg 2 first element cannot be empty",
            };
            return Err(Trouble::raise("ValueError", sentence));
        }
        Some(_) => {}
    }
    let env = match form {
        ExecForm::Execve => Some(environment(machine, arg(args, 2))?),
        _ => None,
    };
    Ok(Exec {
        form,
        path: path(machine, arg(args, 0))?,
        args: words,
        env,
    })
}

fn environment(machine: &Machine, value: &Value) -> Result<Vec<Vec<u8>>, Trouble> {
    let pairs = match value {
        Value::Ref(place) => machine.pairs(*place),
        _ => None,
    };
    let Some(pairs) = pairs else {
        return Err(Trouble::raise(
            "TypeError",
            "execve: environment must be a mapping object",
        ));
    };
    pairs
        .iter()
        .map(|(name, value)| Ok([path(machine, name)?, path(machine, value)?].join(&b'=')))
        .collect()
}

/// Makes the value of a call's answer, or raises.
pub(in crate::program) fn finish(machine: &mut Machine, then: Then, answer: Return) -> Result<Flow, Trouble> {
    if let (Return::Error(errno), false) = (&answer, matches!(then, Then::Fill(_) | Then::Take(..))) {
        return fail(&then, *errno);
    }
    let number = answer.value();
    let value = match (then, answer) {
        (Then::Fill(source), answer) => {
            file::fill(machine, &source, answer)?;
            return Ok(Flow::Nothing);
        }
        (Then::Take(source, want), answer) => {
            file::fill(machine, &source, answer)?;
            return file::take(machine, &source, want);
        }
        (Then::Opened(name, mode), _) => file::new_file(machine, number as i32, name, &mode),
        (Then::Waited, Return::Waited { pid, status }) => {
            let numbers = [i64::from(pid), i64::from(status.unwrap_or(0))];
            Value::Tuple(numbers.map(Value::Int).into())
        }
        (Then::Data, Return::Data(bytes)) => Value::Bytes(bytes.into()),
        (Then::Ends, Return::Pipe(read, write)) => {
            Value::Tuple([read, write].map(|fd| Value::Int(i64::from(fd))).into())
        }
        (Then::Signals, Return::Signals(set)) => {
            let signals = set.iter().map(signal::value).collect();
            machine.heap.add(Object::Set(signals))
        }
        (Then::Signal, _) => signal::value(Signal(number as i32)),
        (
            Then::Handler {
                signal,
                action,
                handler,
            },
            _,
        ) => signal::installed(machine, signal, action, handler),
        (Then::Slept, _) if number > 0 => {
            let call = Call::Sleep {
                form: SleepForm::Sleep,
                nanos: number as u64,
            };
            return Ok(Flow::Later(call, machine::Then::Python(Then::Slept)));
        }
        (Then::Limits, Return::Limits { soft, hard }) => {
            // What does not fit is infinite, and Python writes that as -1, too.
            Value::Tuple([soft, hard].map(|limit| Value::Int(limit as i64)).into())
        }
        (Then::Nothing | Then::NothingOf(_) | Then::Limited | Then::Paused | Then::Slept, _) => Value::None,
        _ => Value::Int(number),
    };
    Ok(Flow::Value(value))
}

fn fail(then: &Then, errno: Errno) -> Result<Flow, Trouble> {
    let limit = |sentence| Err(Trouble::raise("ValueError", sentence));
    match (then, errno.0) {
        (Then::Paused, _) => Ok(Flow::Value(Value::None)),
        (Then::Limited, 22) => limit("current limit exceeds maximum limit"),
        (Then::Limited, 1) => limit("not allowed to raise maximum limit"),
        (Then::NothingOf(file) | Then::Descriptor(file) | Then::Opened(file, _), _) => {
            Err(error::os_error(errno, Some(file)))
        }
        _ => Err(error::os_error(errno, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_call_raises_the_class_of_its_number() {
        for (then, errno, line) in [
            (Then::Value, 10, "ChildProcessError"),
            (Then::Waited, 11, "BlockingIOError"),
            (Then::Limited, 22, "ValueError"),
            (Then::Nothing, 3, "ProcessLookupError"),
        ] {
            let Err(Trouble::Raise(Value::Exception(exception))) = fail(&then, Errno(errno)) else {
                panic!("{then:?} does not raise");
            };
            assert_eq!(&*exception.class, line);
        }
    }
}
