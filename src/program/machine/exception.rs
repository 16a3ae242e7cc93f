//! Exceptions: how they travel to their handler, and which classes there are.

use std::sync::Arc;

use super::signals::FrameKind;
use super::{Fault, Machine, Trouble};
use crate::model::WaitStatus;
use crate::program::value::{Exception, Value};

impl Machine {
    /// Goes to the nearest handler of an exception, or ends the program as Python does.
    pub(super) fn unwind(&mut self, exception: Value) {
        while let Some(frame) = self.frames.last_mut() {
            frame.interrupted = None;
            if let Some((target, height)) = frame.tries.pop() {
                frame.at = target;
                self.stack.truncate(height as usize);
                self.push(exception);
                return;
            }
            if frame.kind == FrameKind::AtExit || self.frames.len() == 1 {
                break;
            }
            self.frames.pop();
        }
        self.uncaught(&exception);
    }

    fn uncaught(&mut self, exception: &Value) {
        let Value::Exception(exception) = exception else {
            return self.exit(1);
        };
        let sentence = self.exception_line(exception);
        let line = self.line();
        let traceback = format!(
            "Traceback (most recent call last):\n  File \"{}\", line {line}, in <module>\n{sentence}\n",
            self.program.name
        );
        self.write_soon(2, traceback.into_bytes());
        self.untold = Some(Fault {
            line,
            sentence: format!("nobody caught {sentence}"),
            status: WaitStatus::Exited(1),
        });
        self.exit(1);
    }

    /// The last line of a traceback.
    pub(in crate::program) fn exception_line(&self, exception: &Exception) -> String {
        let text: Vec<String> = exception.args.iter().map(|arg| self.text(arg)).collect();
        match text.as_slice() {
            [] => exception.class.to_string(),
            [one] => format!("{}: {one}", exception.class),
            [number, sentence] => format!("{}: [Errno {number}] {sentence}", exception.class),
            [number, sentence, file, ..] => {
                format!("{}: [Errno {number}] {sentence}: '{file}'", exception.class)
            }
        }
    }

    pub(super) fn raised(&mut self) -> Trouble {
        match self.pop() {
            Value::Class(class) => Trouble::Raise(Value::Exception(Arc::new(Exception {
                class,
                args: Vec::new(),
            }))),
            exception @ Value::Exception(_) => Trouble::Raise(exception),
            _ => Trouble::raise("TypeError", "exceptions must derive from BaseException"),
        }
    }
}

/// Whether `except class` catches the exception.
pub(in crate::program) fn matches_class(exception: &Value, class: &Value) -> bool {
    let Value::Exception(exception) = exception else {
        return false;
    };
    match class {
        Value::Class(class) => is_subclass(&exception.class, class),
        Value::Tuple(classes) => classes
            .iter()
            .any(|class| matches!(class, Value::Class(class) if is_subclass(&exception.class, class))),
        _ => false,
    }
}

/// Whether a built-in exception class is another or descends from it.
pub(in crate::program) fn is_subclass(class: &str, ancestor: &str) -> bool {
    let mut class = Some(class);
    while let Some(name) = class {
        if name == ancestor {
            return true;
        }
        class = parent_class(name);
    }
    false
}

fn parent_class(class: &str) -> Option<&'static str> {
    Some(match class {
        "BaseException" => return None,
        "Exception" | "SystemExit" | "KeyboardInterrupt" => "BaseException",
        "BrokenPipeError" | "ConnectionError" | "ChildProcessError" | "ProcessLookupError"
        | "InterruptedError" | "PermissionError" | "FileNotFoundError" | "FileExistsError"
        | "BlockingIOError" | "IsADirectoryError" | "NotADirectoryError" | "TimeoutError" => "OSError",
        "IndexError" | "KeyError" => "LookupError",
        "ZeroDivisionError" | "OverflowError" => "ArithmeticError",
        "UnboundLocalError" => "NameError",
        "RecursionError" | "NotImplementedError" => "RuntimeError",
        "UnicodeDecodeError" => "ValueError",
        _ => "Exception",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_caught_by_their_ancestors() {
        assert!(is_subclass("ChildProcessError", "OSError"));
        assert!(is_subclass("BrokenPipeError", "Exception"));
        assert!(!is_subclass("SystemExit", "Exception"));
        assert!(!is_subclass("OSError", "ChildProcessError"));
    }
}
