//! Exceptions: how they travel to their handler, and which classes there are.

use std::sync::Arc;

use super::dynamic::as_int;
use super::signals::FrameKind;
use super::{Ending, Fault, Machine, Trouble};
use crate::model::{Signal, WaitStatus};
use crate::program::code::FunctionId;
use crate::program::value::{Exception, Value};

/// How often a traceback tells the same call in a row.
const TOLD: usize = 3;

impl Machine {
    /// Goes to the nearest handler of an exception, or ends the program as Python does. An exception that goes on
    /// after a `finally` or a bare `raise` remembers this frame already.
    pub(super) fn unwind(&mut self, mut exception: Value, goes_on: bool) {
        let mut known = goes_on;
        while let Some(frame) = self.frames.last_mut() {
            frame.interrupted = None;
            if self.frames.len() > 1 && !std::mem::take(&mut known) {
                self.trace(&mut exception);
            }
            let Some(frame) = self.frames.last_mut() else {
                break;
            };
            if let Some((target, height)) = frame.tries.pop() {
                frame.at = target;
                self.stack.truncate(height as usize);
                self.push(exception);
                return;
            }
            if frame.kind == FrameKind::AtExit {
                return self.fail_here(Trouble::unsupported(
                    "an exception in a function of atexit is told in words that differ each time",
                ));
            }
            if self.frames.len() == 1 {
                break;
            }
            self.drop_frame();
        }
        self.uncaught(&exception);
    }

    /// Remembers with an exception that it came through the innermost frame.
    fn trace(&self, exception: &mut Value) {
        if let (Value::Exception(exception), Some(frame)) = (exception, self.frames.last()) {
            let place = (frame.function, frame.line);
            Arc::make_mut(exception).trace.push(place);
        }
    }

    fn uncaught(&mut self, exception: &Value) {
        // Before Python says anything, it writes what was printed.
        self.flush();
        let Value::Exception(exception) = exception else {
            return self.exit(1);
        };
        if &*exception.class == "SystemExit" {
            return self.leave_as_asked(exception);
        }
        let sentence = match self.exception_line(exception) {
            Ok(sentence) => sentence,
            Err(trouble) => return self.fail_here(trouble),
        };
        let text = format!(
            "Traceback (most recent call last):\n{}{sentence}\n",
            self.traceback(&exception.trace)
        );
        self.write_error(text.as_bytes());
        let (ending, status) = match &*exception.class {
            "KeyboardInterrupt" => (Ending::Signal(Signal::INT), WaitStatus::signaled(Signal::INT)),
            _ => (Ending::Code(1), WaitStatus::Exited(1)),
        };
        self.untold = Some(Fault {
            line: exception
                .trace
                .first()
                .map_or_else(|| self.line(), |(_, line)| *line),
            sentence: format!("nobody caught {sentence}"),
            status,
        });
        self.end(ending);
    }

    /// The calls that an exception came through, the outermost first. Of a call that repeats itself three are told.
    fn traceback(&self, trace: &[(FunctionId, u32)]) -> String {
        let mut text = String::new();
        for same in trace.chunk_by(|a, b| a == b).rev() {
            let (function, line) = same[0];
            let name = &self.program.function(function).name;
            let told = format!("  File \"{}\", line {line}, in {name}\n", self.program.name);
            text += &told.repeat(same.len().min(TOLD));
            let more = same.len().saturating_sub(TOLD);
            let count = more.to_string();
            match more {
                0 => {}
                1 => text.push_str("  [Previous line repeated 1 more time]\n"),
                _ => text.extend(["  [Previous line repeated ", &count, " more times]\n"]),
            }
        }
        text
    }

    /// `sys.exit(value)` came to the end: a number is the code, anything else is said.
    fn leave_as_asked(&mut self, exception: &Exception) {
        match exception.args.as_slice() {
            [] | [Value::None] => self.exit(0),
            [value] if as_int(value).is_some() => self.exit(as_int(value).unwrap_or(0) as i32),
            args => {
                let said = match args {
                    [one] => self.str_of(one),
                    many => self.repr_of(&Value::Tuple(many.into())),
                };
                match said {
                    Ok(text) => self.write_error(format!("{text}\n").as_bytes()),
                    Err(trouble) => return self.fail_here(trouble),
                }
                self.exit(1);
            }
        }
    }

    /// The last line of a traceback.
    pub(in crate::program) fn exception_line(&self, exception: &Exception) -> Result<String, Trouble> {
        let text = self.exception_text(exception)?;
        Ok(if text.is_empty() {
            exception.class.to_string()
        } else {
            format!("{}: {text}", exception.class)
        })
    }

    /// The exception on the stack goes on from where it was caught.
    pub(super) fn raise_again(&mut self) {
        let exception = self.pop();
        self.unwind(exception, true);
    }

    pub(super) fn raised(&mut self) -> Trouble {
        match self.pop() {
            Value::Class(class) => Trouble::Raise(crate::program::python::construct(&class, Vec::new())),
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
        "ConnectionError" | "ChildProcessError" | "ProcessLookupError" | "InterruptedError"
        | "PermissionError" | "FileNotFoundError" | "FileExistsError" | "BlockingIOError"
        | "IsADirectoryError" | "NotADirectoryError" | "TimeoutError" => "OSError",
        "BrokenPipeError" | "ConnectionResetError" | "ConnectionRefusedError" | "ConnectionAbortedError" => {
            "ConnectionError"
        }
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
