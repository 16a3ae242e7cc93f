//! The names that Python's library gives a program: the built-in ones, and those of the modules that are known here.

use super::Library;
use super::library::Part;
use crate::model::{Errno, Signal};
use crate::program::code::Native;
use crate::program::value::{Named, Standard, Value};

/// What a name of the library stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Function(Library),
    Number(i64),
    Named(Named),
    /// A class of exceptions.
    Class(&'static str),
    Stream(Standard),
    /// `sys.argv`.
    Arguments,
}

impl Entry {
    /// Its value; `sys.argv` has one only while the program runs.
    pub(super) fn value(self) -> Value {
        match self {
            Self::Function(function) => Value::Native(Native::Python(function)),
            Self::Number(number) => Value::Int(number),
            Self::Named(named) => Value::Named(named),
            Self::Class(name) => Value::Class(name.into()),
            Self::Stream(stream) => Value::Standard(stream),
            Self::Arguments => Value::Unset,
        }
    }
}

/// The modules that can be imported.
pub(super) const MODULES: &[&str] = &["atexit", "errno", "os", "resource", "signal", "sys", "time"];

/// A name that needs no import.
pub(super) fn builtin(name: &str) -> Option<Entry> {
    if let Some(class) = CLASSES.iter().find(|class| **class == name) {
        return Some(Entry::Class(class));
    }
    Some(Entry::Function(match name {
        "EnvironmentError" | "IOError" => return Some(Entry::Class("OSError")),
        "abs" => Library::Abs,
        "all" => Library::All,
        "any" => Library::Any,
        "bin" => Library::Bin,
        "bool" => Library::Bool,
        "chr" => Library::Chr,
        "dict" => Library::Dict,
        "divmod" => Library::Divmod,
        "enumerate" => Library::Enumerate,
        "exit" | "quit" => Library::SysExit,
        "float" => Library::Float,
        "hex" => Library::Hex,
        "input" => Library::Input,
        "int" => Library::Int,
        "isinstance" => Library::Isinstance,
        "len" => Library::Len,
        "list" => Library::List,
        "max" => Library::Max,
        "min" => Library::Min,
        "oct" => Library::Oct,
        "open" => Library::Open,
        "ord" => Library::Ord,
        "pow" => Library::Pow,
        "print" => Library::Print,
        "range" => Library::Range,
        "repr" => Library::Repr,
        "reversed" => Library::Reversed,
        "round" => Library::Round,
        "set" => Library::Set,
        "sorted" => Library::Sorted,
        "str" => Library::Str,
        "sum" => Library::Sum,
        "tuple" => Library::Tuple,
        "zip" => Library::Zip,
        _ => return None,
    }))
}

/// Built-in names of Python that are not known here: a program that uses them is refused, where one that uses a name
/// nobody knows gets its `NameError`.
pub(super) const UNKNOWN: &[&str] = &[
    "aiter",
    "anext",
    "ascii",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "classmethod",
    "compile",
    "complex",
    "copyright",
    "credits",
    "delattr",
    "dir",
    "eval",
    "exec",
    "filter",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "id",
    "issubclass",
    "iter",
    "license",
    "locals",
    "map",
    "memoryview",
    "next",
    "object",
    "property",
    "setattr",
    "slice",
    "staticmethod",
    "super",
    "type",
    "vars",
    "__import__",
    "__file__",
    "__doc__",
    "__builtins__",
    "__debug__",
    "__spec__",
    "__loader__",
    "__package__",
    "__annotations__",
    "Ellipsis",
    "NotImplemented",
    "BaseExceptionGroup",
    "ExceptionGroup",
    "BufferError",
    "BytesWarning",
    "DeprecationWarning",
    "EncodingWarning",
    "FloatingPointError",
    "FutureWarning",
    "GeneratorExit",
    "ImportWarning",
    "IndentationError",
    "MemoryError",
    "ModuleNotFoundError",
    "PendingDeprecationWarning",
    "ReferenceError",
    "ResourceWarning",
    "RuntimeWarning",
    "StopAsyncIteration",
    "SyntaxError",
    "SyntaxWarning",
    "SystemError",
    "TabError",
    "UnicodeEncodeError",
    "UnicodeError",
    "UnicodeTranslateError",
    "UnicodeWarning",
    "UserWarning",
    "Warning",
];

/// The classes of exceptions.
const CLASSES: &[&str] = &[
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BaseException",
    "BlockingIOError",
    "BrokenPipeError",
    "ChildProcessError",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "EOFError",
    "Exception",
    "FileExistsError",
    "FileNotFoundError",
    "ImportError",
    "IndexError",
    "InterruptedError",
    "IsADirectoryError",
    "KeyError",
    "KeyboardInterrupt",
    "LookupError",
    "NameError",
    "NotADirectoryError",
    "NotImplementedError",
    "OSError",
    "OverflowError",
    "PermissionError",
    "ProcessLookupError",
    "RecursionError",
    "RuntimeError",
    "StopIteration",
    "SystemExit",
    "TimeoutError",
    "TypeError",
    "UnboundLocalError",
    "UnicodeDecodeError",
    "ValueError",
    "ZeroDivisionError",
];

/// A name of a module.
pub(super) fn member(module: &str, name: &str) -> Option<Entry> {
    match module {
        "atexit" => (name == "register").then_some(Entry::Function(Library::AtExit)),
        "errno" => errno(name),
        "os" => os(name),
        "resource" => resource(name),
        "signal" => signal(name),
        "sys" => sys(name),
        "time" => (name == "sleep").then_some(Entry::Function(Library::Sleep)),
        _ => None,
    }
}

fn errno(name: &str) -> Option<Entry> {
    let name = if name == "EWOULDBLOCK" { "EAGAIN" } else { name };
    (1..134)
        .find(|number| Errno(*number).to_string() == name)
        .map(|number| Entry::Number(i64::from(number)))
}

fn sys(name: &str) -> Option<Entry> {
    Some(match name {
        "argv" => Entry::Arguments,
        "exit" => Entry::Function(Library::SysExit),
        "stdin" => Entry::Stream(Standard::In),
        "stdout" => Entry::Stream(Standard::Out),
        "stderr" => Entry::Stream(Standard::Err),
        _ => return None,
    })
}

fn resource(name: &str) -> Option<Entry> {
    Some(match name {
        "getrlimit" => Entry::Function(Library::Getrlimit),
        "setrlimit" => Entry::Function(Library::Setrlimit),
        "RLIMIT_NPROC" => Entry::Number(6),
        "RLIM_INFINITY" => Entry::Number(-1),
        _ => return None,
    })
}

fn signal(name: &str) -> Option<Entry> {
    let function = match name {
        "alarm" => Library::Alarm,
        "default_int_handler" => Library::DefaultInterrupt,
        "getsignal" => Library::Getsignal,
        "pause" => Library::Pause,
        "pthread_sigmask" => Library::Sigmask,
        "raise_signal" => Library::RaiseSignal,
        "signal" => Library::Signal,
        "Signals" => Library::Signals,
        "sigpending" => Library::Sigpending,
        "sigwait" => Library::Sigwait,
        "strsignal" => Library::Strsignal,
        "SIG_DFL" => return Some(Entry::Named(Named::Handler(0))),
        "SIG_IGN" => return Some(Entry::Named(Named::Handler(1))),
        "SIG_BLOCK" => return Some(Entry::Number(0)),
        "SIG_UNBLOCK" => return Some(Entry::Number(1)),
        "SIG_SETMASK" => return Some(Entry::Number(2)),
        name => return signal_named(name).map(|signal| Entry::Named(Named::Signal(signal))),
    };
    Some(Entry::Function(function))
}

/// The signal of a name such as `SIGTERM`.
fn signal_named(name: &str) -> Option<Signal> {
    let name = if name == "SIGCLD" { "SIGCHLD" } else { name };
    (1..32).map(Signal).find(|signal| signal.to_string() == name)
}

fn os(name: &str) -> Option<Entry> {
    let function = match name {
        "_exit" => Library::ExitAtOnce,
        "abort" => Library::Abort,
        "chdir" => Library::Chdir,
        "close" => Library::Close,
        "dup" => Library::Dup,
        "dup2" => Library::Dup2,
        "error" => return Some(Entry::Class("OSError")),
        "execl" => Library::Execl,
        "execlp" => Library::Execlp,
        "execv" => Library::Execv,
        "execve" => Library::Execve,
        "execvp" => Library::Execvp,
        "fdopen" => Library::Fdopen,
        "fork" => Library::Fork,
        "getpgid" => Library::Getpgid,
        "getpgrp" => Library::Getpgrp,
        "getpid" => Library::Getpid,
        "getppid" => Library::Getppid,
        "getsid" => Library::Getsid,
        "getuid" => Library::Getuid,
        "kill" => Library::Kill,
        "killpg" => Library::Killpg,
        "lseek" => Library::Lseek,
        "open" => Library::OpenDescriptor,
        "pipe" => Library::Pipe,
        "read" => Library::Read,
        "remove" | "unlink" => Library::Unlink,
        "setpgid" => Library::Setpgid,
        "setpgrp" => Library::Setpgrp,
        "setsid" => Library::Setsid,
        "strerror" => Library::Strerror,
        "umask" => Library::Umask,
        "wait" => Library::Wait,
        "waitpid" => Library::Waitpid,
        "waitstatus_to_exitcode" => Library::Exitcode,
        "write" => Library::Write,
        "WCOREDUMP" => Library::Status(Part::Core),
        "WEXITSTATUS" => Library::Status(Part::Code),
        "WIFCONTINUED" => Library::Status(Part::Continued),
        "WIFEXITED" => Library::Status(Part::Exited),
        "WIFSIGNALED" => Library::Status(Part::Signaled),
        "WIFSTOPPED" => Library::Status(Part::Stopped),
        "WSTOPSIG" => Library::Status(Part::StopSignal),
        "WTERMSIG" => Library::Status(Part::Signal),
        name => return os_number(name).map(Entry::Number),
    };
    Some(Entry::Function(function))
}

fn os_number(name: &str) -> Option<i64> {
    Some(match name {
        "EX_OK" | "O_RDONLY" | "SEEK_SET" => 0,
        "O_WRONLY" | "SEEK_CUR" | "WNOHANG" => 1,
        "O_RDWR" | "SEEK_END" | "WUNTRACED" => 2,
        "WCONTINUED" => 8,
        "O_CREAT" => 0o100,
        "O_EXCL" => 0o200,
        "O_TRUNC" => 0o1000,
        "O_APPEND" => 0o2000,
        "O_NONBLOCK" => 0o4000,
        "O_CLOEXEC" => 0o2_000_000,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_by_their_modules() {
        for (module, name, entry) in [
            ("os", "fork", Entry::Function(Library::Fork)),
            ("os", "WNOHANG", Entry::Number(1)),
            ("errno", "ECHILD", Entry::Number(10)),
            ("signal", "SIGUSR1", Entry::Named(Named::Signal(Signal::USR1))),
            ("sys", "stdout", Entry::Stream(Standard::Out)),
        ] {
            assert_eq!(member(module, name), Some(entry), "{module}.{name}");
        }
        assert_eq!(member("os", "system"), None);
    }

    #[test]
    fn no_name_is_both_known_and_unknown() {
        for name in UNKNOWN {
            assert_eq!(builtin(name), None, "{name}");
        }
    }
}
