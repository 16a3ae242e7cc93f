//! The `signal` module: handlers, masks, and the names of signals.
//!
//! As in CPython, a handler is installed without `SA_RESTART`, runs between two instructions, blocks nothing while it
//! runs, and gets the signal's number and the interrupted frame.

use super::builtin::integer;
use super::compute::is_handler;
use super::error;
use super::library::{Library, arg};
use super::syscall::{Then, asked, int};
use crate::model::{Errno, Signal};
use crate::program::call::{Action, ActionForm, Call, Disposition, MaskHow, SignalSet};
use crate::program::code::Native;
use crate::program::error_text;
use crate::program::machine::{Flow, Machine, Trouble};
use crate::program::value::{Named, Value};

const DEFAULT: Value = Value::Named(Named::Handler(0));
const IGNORE: Value = Value::Named(Named::Handler(1));
/// What `default_int_handler` is.
const INTERRUPT: Value = Value::Native(Native::Python(Library::DefaultInterrupt));

/// Runs a function of the module.
pub(super) fn ask(machine: &mut Machine, function: Library, args: &[Value]) -> Result<Flow, Trouble> {
    let first = arg(args, 0);
    Ok(match function {
        Library::IgnorePipe => at_startup(Signal(13), Disposition::Ignore, IGNORE),
        Library::CatchInterrupt => at_startup(Signal::INT, Disposition::Catch, INTERRUPT),
        Library::DefaultInterrupt => {
            return Err(Trouble::Raise(error::construct("KeyboardInterrupt", Vec::new())));
        }
        Library::Signal => install(signal(machine, first)?, arg(args, 1))?,
        Library::Getsignal => Flow::Value(handler(machine, signal(machine, first)?)),
        Library::Strsignal => {
            let number = signal(machine, first)?.0;
            Flow::Value(Value::Str(error_text::signal(i64::from(number)).into()))
        }
        Library::Signals => Flow::Value(named(integer(machine, first)?)?),
        Library::RaiseSignal => asked(Call::Raise(Signal(int(machine, first)?)), Then::Nothing),
        Library::Sigpending => asked(Call::Sigpending, Then::Signals),
        Library::Sigwait => asked(Call::Sigwait(set(machine, first)?), Then::Signal),
        Library::Sigmask => {
            let how = match integer(machine, first)? {
                0 => MaskHow::Block,
                1 => MaskHow::Unblock,
                2 => MaskHow::Set,
                _ => return Err(error::os_error(Errno(22), None)),
            };
            let set = set(machine, arg(args, 1))?;
            asked(Call::Sigprocmask { how: Some(how), set }, Then::Signals)
        }
        _ => {
            return Err(Trouble::unsupported(
                "this function of the library is not supported here",
            ));
        }
    })
}

fn at_startup(signal: Signal, disposition: Disposition, handler: Value) -> Flow {
    let action = Action {
        disposition,
        mask: SignalSet::default(),
        flags: 0,
    };
    let call = Call::Sigaction {
        signal,
        action,
        form: ActionForm::Startup,
    };
    asked(
        call,
        Then::Handler {
            signal,
            action,
            handler,
        },
    )
}

/// `signal.signal(signalnum, handler)`.
fn install(signal: Signal, handler: &Value) -> Result<Flow, Trouble> {
    let (disposition, handler) = match (is_handler(handler), handler) {
        (Some(0), _) => (Disposition::Default, DEFAULT),
        (Some(_), _) => (Disposition::Ignore, IGNORE),
        (None, Value::Function(_)) => (Disposition::Catch, handler.clone()),
        (None, interrupt) if *interrupt == INTERRUPT => (Disposition::Catch, INTERRUPT),
        (None, Value::Native(_) | Value::Class(_)) => {
            return Err(Trouble::unsupported(
                "a handler that is no function of the program is not supported here",
            ));
        }
        _ => {
            return Err(Trouble::raise(
                "TypeError",
                "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object",
            ));
        }
    };
    let action = Action {
        disposition,
        mask: SignalSet::default(),
        flags: 0,
    };
    let call = Call::Sigaction {
        signal,
        action,
        form: ActionForm::Signal,
    };
    let then = Then::Handler {
        signal,
        action,
        handler,
    };
    Ok(asked(call, then))
}

/// Remembers a handler that the kernel took; gives the one before.
pub(super) fn installed(machine: &mut Machine, signal: Signal, action: Action, new: Value) -> Value {
    machine
        .signals
        .set(signal, action, new)
        .map_or(DEFAULT, |(_, old)| old)
}

/// The handler that a signal has now.
fn handler(machine: &Machine, signal: Signal) -> Value {
    machine
        .signals
        .get(signal)
        .map_or(DEFAULT, |(_, handler)| handler.clone())
}

/// The signal that an argument means.
fn signal(machine: &Machine, value: &Value) -> Result<Signal, Trouble> {
    match integer(machine, value)? {
        number @ 1..=64 => Ok(Signal(number as i32)),
        _ => Err(Trouble::raise("ValueError", "signal number out of range")),
    }
}

/// `signal.Signals(number)`.
fn named(number: i64) -> Result<Value, Trouble> {
    match number {
        1..=31 => Ok(value(Signal(number as i32))),
        34 | 64 => Err(Trouble::unsupported("real-time signals are not supported here")),
        _ => Err(Trouble::raise(
            "ValueError",
            format!("{number} is not a valid Signals"),
        )),
    }
}

/// A signal as a value: those with a name are members of `signal.Signals`, others are numbers.
pub(super) fn value(signal: Signal) -> Value {
    match signal.0 {
        1..=31 => Value::Named(Named::Signal(signal)),
        number => Value::Int(i64::from(number)),
    }
}

fn set(machine: &mut Machine, value: &Value) -> Result<SignalSet, Trouble> {
    let signals = machine.take_items(value)?;
    signals.iter().try_fold(SignalSet::default(), |set, item| {
        Ok(set.with(signal(machine, item)?))
    })
}
