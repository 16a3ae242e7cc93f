//! Exceptions of the library: which class an error number belongs to, and what an exception can be asked.

use std::sync::Arc;

use super::library::Attribute;
use crate::model::Errno;
use crate::program::error_text;
use crate::program::machine::{Machine, Trouble, as_int, is_subclass};
use crate::program::value::{Exception, Value};

/// The exception for a failed system call.
pub(in crate::program) fn os_error(errno: Errno, file: Option<&Value>) -> Trouble {
    let number = i64::from(errno.0);
    let mut args = vec![Value::Int(number), Value::Str(error_text::error(number).into())];
    args.extend(file.cloned());
    Trouble::Raise(construct("OSError", args))
}

/// What calling a class of exceptions gives. `OSError` with a number becomes the class for that number.
pub(in crate::program) fn construct(class: &str, args: Vec<Value>) -> Value {
    let class = match args.as_slice() {
        [Value::Int(number), _, ..] if class == "OSError" => class_of(*number),
        _ => class,
    };
    Value::Exception(Arc::new(Exception {
        class: class.into(),
        args,
        trace: Vec::new(),
    }))
}

fn class_of(errno: i64) -> &'static str {
    match errno {
        1 | 13 => "PermissionError",
        2 => "FileNotFoundError",
        3 => "ProcessLookupError",
        4 => "InterruptedError",
        10 => "ChildProcessError",
        11 | 114 | 115 => "BlockingIOError",
        17 => "FileExistsError",
        20 => "NotADirectoryError",
        21 => "IsADirectoryError",
        32 | 108 => "BrokenPipeError",
        103 => "ConnectionAbortedError",
        104 => "ConnectionResetError",
        110 => "TimeoutError",
        111 => "ConnectionRefusedError",
        _ => "OSError",
    }
}

/// Whether an exception has a number, a sentence, and perhaps a file.
fn is_numbered(exception: &Exception) -> bool {
    exception.args.len() >= 2 && is_subclass(&exception.class, "OSError")
}

/// An attribute of an exception.
pub(super) fn attribute(exception: &Exception, attribute: Attribute) -> Option<Value> {
    let is_os_error = is_subclass(&exception.class, "OSError");
    let part = |index: usize| match exception.args.get(index) {
        Some(value) if is_numbered(exception) => value.clone(),
        _ => Value::None,
    };
    match attribute {
        // The file is not among the arguments that Python shows.
        Attribute::Args if is_numbered(exception) => Some(Value::Tuple(exception.args[..2].into())),
        Attribute::Args => Some(Value::Tuple(exception.args.as_slice().into())),
        Attribute::Errno if is_os_error => Some(part(0)),
        Attribute::Strerror if is_os_error => Some(part(1)),
        Attribute::Filename if is_os_error => Some(part(2)),
        Attribute::Code if &*exception.class == "SystemExit" => Some(match exception.args.as_slice() {
            [] => Value::None,
            [one] => one.clone(),
            many => Value::Tuple(many.into()),
        }),
        _ => None,
    }
}

impl Machine {
    /// What `str()` makes of an exception.
    pub(in crate::program) fn exception_text(&self, exception: &Exception) -> Result<String, Trouble> {
        let args = &exception.args;
        if is_numbered(exception) {
            let (number, sentence) = (self.str_of(&args[0])?, self.str_of(&args[1])?);
            return Ok(match args.get(2) {
                Some(file) if *file != Value::None => {
                    format!("[Errno {number}] {sentence}: {}", self.repr_of(file)?)
                }
                _ => format!("[Errno {number}] {sentence}"),
            });
        }
        match args.as_slice() {
            [] => Ok(String::new()),
            [key] if &*exception.class == "KeyError" => self.repr_of(key),
            [one] => self.str_of(one),
            many => self.repr_of(&Value::Tuple(many.into())),
        }
    }
}

/// The code that `sys.exit(value)` asks for, if it is a number.
pub(super) fn exit_args(value: &Value) -> Vec<Value> {
    match value {
        Value::Unset => Vec::new(),
        value => vec![as_int(value).map_or_else(|| value.clone(), Value::Int)],
    }
}
