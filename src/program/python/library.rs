//! The functions of Python's library that a program can call, with their parameters.
//!
//! What they do stands beside: [`builtin`](super::builtin) and [`collection`](super::collection) compute,
//! [`output`](super::output) and [`file`](super::file) read and write, [`syscall`](super::syscall) asks the kernel.

use super::{builtin, collection, compute, file, method, output, syscall};
use crate::program::machine::{Flow, Machine, Trouble};
use crate::program::value::Value;

/// A function of the library, or of the language where no instruction serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::program) enum Library {
    // Built-in functions and types.
    Abs,
    All,
    Any,
    Bin,
    Bool,
    Chr,
    Dict,
    Divmod,
    Enumerate,
    Float,
    Hex,
    Input,
    Int,
    Isinstance,
    Len,
    List,
    Max,
    Min,
    Oct,
    Open,
    Ord,
    Pow,
    Print,
    Range,
    Repr,
    Reversed,
    Round,
    Set,
    Sorted,
    Str,
    Sum,
    Tuple,
    Zip,
    // What the language does: these have no names.
    AddInPlace,
    Append,
    Attribute(Attribute),
    CatchInterrupt,
    CheckList,
    CloseFile,
    Concat,
    Extend,
    Finish,
    Format(Conversion),
    IgnorePipe,
    Invert,
    Iterator,
    MaxByKeys,
    Method(Method),
    MinByKeys,
    Plus,
    RepeatInPlace,
    Replace,
    SetAdd,
    SliceBy,
    SortByKeys,
    Taken,
    TypeName,
    // The modules.
    Abort,
    Alarm,
    AtExit,
    Chdir,
    Close,
    DefaultInterrupt,
    Dup,
    Dup2,
    Execl,
    Execlp,
    Execv,
    Execve,
    Execvp,
    ExitAtOnce,
    Exitcode,
    Fdopen,
    Fork,
    Getpgid,
    Getpgrp,
    Getpid,
    Getppid,
    Getrlimit,
    Getsid,
    Getsignal,
    Getuid,
    Kill,
    Killpg,
    Lseek,
    OpenDescriptor,
    Pause,
    Pipe,
    RaiseSignal,
    Read,
    Setpgid,
    Setpgrp,
    Setrlimit,
    Setsid,
    Sigmask,
    Signal,
    Signals,
    Sigpending,
    Sigwait,
    Sleep,
    Status(Part),
    Strerror,
    Strsignal,
    SysExit,
    Umask,
    Unlink,
    Wait,
    Waitpid,
    Write,
}

/// What an f-string does to a value before it formats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::program) enum Conversion {
    None,
    Repr,
    Str,
}

/// An attribute that is no method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::program) enum Attribute {
    Args,
    Closed,
    Code,
    Errno,
    Filename,
    Mode,
    Name,
    Number,
    Strerror,
}

/// A part of a wait status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::program) enum Part {
    Code,
    Continued,
    Core,
    Exited,
    Signal,
    Signaled,
    StopSignal,
    Stopped,
}

/// A method; which it is depends on the object, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::program) enum Method {
    Add,
    Append,
    Capitalize,
    Center,
    Clear,
    Close,
    Copy,
    Count,
    Decode,
    Discard,
    Encode,
    EndsWith,
    Extend,
    Fileno,
    Find,
    Flush,
    Format,
    Get,
    Index,
    Insert,
    IsAlpha,
    IsDigit,
    IsSpace,
    Items,
    Join,
    Keys,
    Ljust,
    Lower,
    Lstrip,
    Pop,
    Read,
    Readline,
    Readlines,
    Remove,
    Replace,
    Reverse,
    Rjust,
    Rstrip,
    SetDefault,
    Sort,
    Split,
    Splitlines,
    StartsWith,
    Strip,
    Title,
    Update,
    Upper,
    Values,
    Write,
    Writelines,
    Zfill,
}

impl Library {
    /// Its parameters: `name=` may be left out, `*` takes any number, and what follows `*` or `|` goes by name only.
    pub(super) fn parameters(self) -> &'static str {
        match self {
            Self::Abs
            | Self::Bin
            | Self::Chr
            | Self::Hex
            | Self::Len
            | Self::Oct
            | Self::Ord
            | Self::Repr => "x",
            Self::All | Self::Any | Self::Reversed => "iterable",
            Self::Bool | Self::Float => "x=",
            Self::Dict | Self::List | Self::Set | Self::Tuple => "iterable=",
            Self::Divmod => "a b",
            Self::Enumerate | Self::Sum => "iterable start=",
            Self::Input => "prompt=",
            Self::Int => "x= base=",
            Self::Isinstance => "object class",
            Self::Max | Self::Min => "* default=",
            Self::Open => "file mode= encoding=",
            Self::Fdopen => "fd mode= encoding=",
            Self::Pow => "base exp",
            Self::Print => "* sep= end= file= flush=",
            Self::Range => "start stop= step=",
            Self::Round => "number ndigits=",
            Self::Sorted => "iterable | reverse=",
            Self::Str => "object=",
            Self::Zip | Self::Concat => "*",
            Self::Method(method) => method.parameters(),
            Self::Attribute(_)
            | Self::CheckList
            | Self::CloseFile
            | Self::Invert
            | Self::Iterator
            | Self::Plus
            | Self::Taken
            | Self::TypeName => "object",
            Self::AddInPlace
            | Self::Append
            | Self::Extend
            | Self::Format(_)
            | Self::RepeatInPlace
            | Self::Replace
            | Self::SetAdd => "object value",
            Self::SliceBy => "object start stop step",
            Self::SortByKeys | Self::MaxByKeys | Self::MinByKeys => "items keys reverse",
            Self::CatchInterrupt | Self::Finish | Self::IgnorePipe => "",
            module => module.module_parameters(),
        }
    }

    fn module_parameters(self) -> &'static str {
        match self {
            Self::Alarm | Self::Sleep => "seconds",
            Self::AtExit => "func",
            Self::Chdir | Self::Unlink => "path",
            Self::Close | Self::Dup => "fd",
            Self::DefaultInterrupt => "signalnum frame",
            Self::Dup2 => "fd fd2 inheritable=",
            Self::Execl | Self::Execlp => "file *",
            Self::Execv => "path argv",
            Self::Execve => "path argv env",
            Self::Execvp => "file args",
            Self::ExitAtOnce | Self::Exitcode | Self::Status(_) => "status",
            Self::Getpgid | Self::Getsid => "pid",
            Self::Getrlimit => "resource",
            Self::Setrlimit => "resource limits",
            Self::Getsignal | Self::RaiseSignal | Self::Signals | Self::Strsignal => "signalnum",
            Self::Kill => "pid signal",
            Self::Killpg => "pgid signal",
            Self::Lseek => "fd position whence",
            Self::OpenDescriptor => "path flags mode=",
            Self::Read => "fd length",
            Self::Setpgid => "pid pgrp",
            Self::Sigmask => "how mask",
            Self::Signal => "signalnum handler",
            Self::Sigwait => "sigset",
            Self::Strerror => "code",
            Self::SysExit => "status=",
            Self::Umask => "mask",
            Self::Waitpid => "pid options",
            Self::Write => "fd data",
            _ => "",
        }
    }
}

impl Method {
    /// Its parameters, the object first.
    fn parameters(self) -> &'static str {
        match self {
            Self::Append
            | Self::Add
            | Self::Count
            | Self::Discard
            | Self::EndsWith
            | Self::Extend
            | Self::Find
            | Self::Index
            | Self::Join
            | Self::Remove
            | Self::StartsWith
            | Self::Update
            | Self::Write
            | Self::Writelines => "object value",
            Self::Center | Self::Ljust | Self::Rjust => "object width fillchar=",
            Self::Decode | Self::Encode => "object encoding=",
            Self::Format => "object *",
            Self::Get | Self::SetDefault => "object key default=",
            Self::Insert => "object index value",
            Self::Lstrip | Self::Rstrip | Self::Strip => "object chars=",
            Self::Pop => "object index= default=",
            Self::Read | Self::Readline => "object size=",
            Self::Replace => "object old new",
            Self::Sort => "object | reverse=",
            Self::Split => "object sep= maxsplit=",
            Self::Zfill => "object width",
            _ => "object",
        }
    }
}

/// Runs a function of the library.
pub(in crate::program) fn call(
    machine: &mut Machine,
    function: Library,
    args: &[Value],
) -> Result<Flow, Trouble> {
    if let Library::Method(method) = function {
        return method::call(machine, method, args);
    }
    if let Some(value) = builtin::call(machine, function, args)? {
        return Ok(Flow::Value(value));
    }
    if let Some(value) = collection::call(machine, function, args)? {
        return Ok(Flow::Value(value));
    }
    if let Some(value) = compute::call(machine, function, args)? {
        return Ok(Flow::Value(value));
    }
    match function {
        Library::Print => output::print(machine, args),
        Library::Input => file::input(machine, args),
        Library::Open | Library::Fdopen => file::open(machine, function, args),
        Library::CloseFile => file::close(machine, &args[0]),
        _ => syscall::ask(machine, function, args),
    }
}

/// An argument; unset if there is none.
pub(super) fn arg(args: &[Value], index: usize) -> &Value {
    args.get(index).unwrap_or(&Value::Unset)
}
