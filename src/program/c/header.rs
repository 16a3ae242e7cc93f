//! What the usual headers declare: constants, types, functions.
//!
//! The numbers are those of Linux on x86-64, because the program's system calls go to such a kernel.

use std::sync::Arc;

use super::library::Library;
use crate::program::types::{Int, Signature, Struct, Type};

/// The address that stands for `stdin`; `stdout` and `stderr` follow.
pub(super) const STDIN: u64 = 0x47_f000;
pub(super) const STDOUT: u64 = STDIN + 1;
pub(super) const STDERR: u64 = STDIN + 2;

/// The headers whose names may be included.
pub(super) const HEADERS: &[&str] = &[
    "assert.h",
    "ctype.h",
    "errno.h",
    "fcntl.h",
    "limits.h",
    "signal.h",
    "stdbool.h",
    "stddef.h",
    "stdint.h",
    "stdio.h",
    "stdlib.h",
    "string.h",
    "sys/prctl.h",
    "sys/resource.h",
    "sys/stat.h",
    "sys/time.h",
    "sys/types.h",
    "sys/wait.h",
    "time.h",
    "unistd.h",
    "wait.h",
];

/// A constant of the headers.
pub(super) fn constant(name: &str) -> Option<(i64, Type)> {
    let int = |value: i64| Some((value, Type::INT));
    let handler = |value: i64| Some((value, handler_type()));
    if let Some((_, value)) = INTS.iter().find(|(known, _)| *known == name) {
        return int(*value);
    }
    match name {
        "NULL" => Some((0, Type::pointer(Type::Void))),
        "SIG_DFL" => handler(0),
        "SIG_IGN" => handler(1),
        "SIG_ERR" => handler(-1),
        "stdin" => Some((STDIN as i64, file_type())),
        "stdout" => Some((STDOUT as i64, file_type())),
        "stderr" => Some((STDERR as i64, file_type())),
        "LONG_MAX" => Some((i64::MAX, Type::Int(Int::LONG))),
        "RLIM_INFINITY" => Some((-1, Type::Int(Int::new(8, false, "rlim_t")))),
        "UINT_MAX" => Some((0xffff_ffff, Type::Int(Int::UNSIGNED))),
        _ => None,
    }
}

/// A type that a header defines by a plain name.
pub(super) fn type_named(name: &str) -> Option<Type> {
    let int = match name {
        "pid_t" => Int::PID,
        "size_t" => Int::SIZE,
        "ssize_t" => Int::new(8, true, "ssize_t"),
        "off_t" => Int::new(8, true, "off_t"),
        "time_t" => Int::new(8, true, "time_t"),
        "clock_t" => Int::new(8, true, "clock_t"),
        "rlim_t" => Int::new(8, false, "rlim_t"),
        "uid_t" => Int::new(4, false, "uid_t"),
        "gid_t" => Int::new(4, false, "gid_t"),
        "mode_t" => Int::new(4, false, "mode_t"),
        "useconds_t" => Int::new(4, false, "useconds_t"),
        "sig_atomic_t" => Int::new(4, true, "sig_atomic_t"),
        "bool" | "_Bool" => BOOL,
        "int8_t" => Int::new(1, true, "int8_t"),
        "uint8_t" => Int::new(1, false, "uint8_t"),
        "int16_t" => Int::new(2, true, "int16_t"),
        "uint16_t" => Int::new(2, false, "uint16_t"),
        "int32_t" => Int::new(4, true, "int32_t"),
        "uint32_t" => Int::new(4, false, "uint32_t"),
        "int64_t" => Int::new(8, true, "int64_t"),
        "uint64_t" => Int::new(8, false, "uint64_t"),
        "intmax_t" => Int::new(8, true, "intmax_t"),
        "uintmax_t" => Int::new(8, false, "uintmax_t"),
        "ptrdiff_t" => Int::new(8, true, "ptrdiff_t"),
        "intptr_t" => Int::new(8, true, "intptr_t"),
        "uintptr_t" => Int::new(8, false, "uintptr_t"),
        "sigset_t" => return Some(sigset_type()),
        "sighandler_t" => return Some(handler_type()),
        "FILE" => return Some(Type::Tag("FILE".into())),
        _ => return None,
    };
    Some(Type::Int(int))
}

/// C's truth type, into which any number but 0 goes as 1.
pub(super) const BOOL: Int = Int::new(1, false, "bool");

/// A structure that a header defines by a tag.
pub(super) fn struct_named(tag: &str) -> Option<Type> {
    let long = |name: &str, of: &'static str| (name.to_owned(), Type::Int(Int::new(8, true, of)));
    let fields = match tag {
        "sigaction" => vec![
            ("sa_handler".to_owned(), handler_type()),
            ("sa_mask".to_owned(), sigset_type()),
            ("sa_flags".to_owned(), Type::INT),
            ("sa_restorer".to_owned(), Type::pointer(Type::Void)),
        ],
        "timespec" => vec![long("tv_sec", "time_t"), long("tv_nsec", "long")],
        "rlimit" => {
            let limit = Type::Int(Int::new(8, false, "rlim_t"));
            vec![
                ("rlim_cur".to_owned(), limit.clone()),
                ("rlim_max".to_owned(), limit),
            ]
        }
        _ => return None,
    };
    Some(Type::Struct(Arc::new(Struct::new(tag.to_owned(), fields))))
}

/// Where a field of `struct sigaction` lies.
pub(super) const SA_MASK: u64 = 8;
pub(super) const SA_FLAGS: u64 = 136;

/// The set of signals, of which only the first word is used.
fn sigset_type() -> Type {
    let word = Type::Int(Int::new(8, false, "unsigned long"));
    let words = vec![("__val".to_owned(), Type::Array(Arc::new(word), 16))];
    Type::Struct(Arc::new(Struct::new("sigset_t".to_owned(), words)))
}

/// `void (*)(int)`
fn handler_type() -> Type {
    Type::pointer(Type::Function(Arc::new(Signature {
        result: Type::Void,
        params: vec![Type::INT],
    })))
}

fn file_type() -> Type {
    Type::pointer(Type::Tag("FILE".into()))
}

/// A library function as its header declares it.
pub(super) struct Declared {
    pub(super) function: Library,
    pub(super) result: Type,
    pub(super) params: Vec<Type>,
    pub(super) variadic: bool,
}

/// The library function of this name.
pub(super) fn function(name: &str) -> Option<Declared> {
    let (_, function, types) = FUNCTIONS.iter().find(|(known, ..)| *known == name)?;
    let variadic = types.ends_with('.');
    let mut types = types.trim_end_matches('.').chars().map(letter_type);
    Some(Declared {
        function: *function,
        result: types.next().unwrap_or(Type::Void),
        params: types.collect(),
        variadic,
    })
}

/// The types in the table of functions, a letter each.
fn letter_type(letter: char) -> Type {
    let tag = |name: &str| struct_named(name).map_or(Type::Void, Type::pointer);
    match letter {
        'i' => Type::INT,
        'u' => Type::Int(Int::UNSIGNED),
        'l' => Type::Int(Int::LONG),
        'z' => Type::Int(Int::SIZE),
        'p' => Type::Int(Int::PID),
        's' => Type::pointer(Type::Int(Int::CHAR)),
        'S' => Type::pointer(Type::pointer(Type::Int(Int::CHAR))),
        'I' => Type::pointer(Type::INT),
        'P' => Type::pointer(Type::Void),
        'L' => Type::pointer(Type::Int(Int::LONG)),
        'h' => handler_type(),
        'x' => Type::pointer(Type::Function(Arc::new(Signature {
            result: Type::Void,
            params: Vec::new(),
        }))),
        'F' => file_type(),
        'm' => Type::pointer(sigset_type()),
        'a' => tag("sigaction"),
        't' => tag("timespec"),
        'r' => tag("rlimit"),
        _ => Type::Void,
    }
}

/// Name, what runs it, and the types: the result's letter, the parameters', and a dot for more.
const FUNCTIONS: &[(&str, Library, &str)] = &[
    ("_Exit", Library::ExitAtOnce, "vi"),
    ("_exit", Library::ExitAtOnce, "vi"),
    ("abort", Library::Abort, "v"),
    ("abs", Library::Abs, "ii"),
    ("alarm", Library::Alarm, "uu"),
    ("atexit", Library::AtExit, "ix"),
    ("atoi", Library::Atoi, "is"),
    ("atol", Library::Atoi, "ls"),
    ("calloc", Library::Calloc, "Pzz"),
    ("chdir", Library::Chdir, "is"),
    ("close", Library::Close, "ii"),
    ("dprintf", Library::Dprintf, "iis."),
    ("dup", Library::Dup, "ii"),
    ("dup2", Library::Dup2, "iii"),
    ("execl", Library::Execl, "iss."),
    ("execlp", Library::Execlp, "iss."),
    ("execv", Library::Execv, "isS"),
    ("execve", Library::Execve, "isSS"),
    ("execvp", Library::Execvp, "isS"),
    ("exit", Library::Exit, "vi"),
    ("fflush", Library::Fflush, "iF"),
    ("fgets", Library::Fgets, "ssiF"),
    ("fork", Library::Fork, "p"),
    ("fprintf", Library::Fprintf, "iFs."),
    ("fputc", Library::Fputc, "iiF"),
    ("fputs", Library::Fputs, "isF"),
    ("free", Library::Free, "vP"),
    ("getchar", Library::Getchar, "i"),
    ("getpgid", Library::Getpgid, "pp"),
    ("getpgrp", Library::Getpgrp, "p"),
    ("getpid", Library::Getpid, "p"),
    ("getppid", Library::Getppid, "p"),
    ("getrlimit", Library::Getrlimit, "iir"),
    ("getsid", Library::Getsid, "pp"),
    ("getuid", Library::Getuid, "u"),
    ("isalpha", Library::Isalpha, "ii"),
    ("isdigit", Library::Isdigit, "ii"),
    ("isspace", Library::Isspace, "ii"),
    ("kill", Library::Kill, "ipi"),
    ("lseek", Library::Lseek, "lili"),
    ("malloc", Library::Malloc, "Pz"),
    ("memcmp", Library::Memcmp, "iPPz"),
    ("memcpy", Library::Memcpy, "PPPz"),
    ("memmove", Library::Memcpy, "PPPz"),
    ("memset", Library::Memset, "PPiz"),
    ("nanosleep", Library::Nanosleep, "itt"),
    ("open", Library::Open, "isi."),
    ("pause", Library::Pause, "i"),
    ("perror", Library::Perror, "vs"),
    ("pipe", Library::Pipe, "iI"),
    ("prctl", Library::Prctl, "ii."),
    ("printf", Library::Printf, "is."),
    ("putc", Library::Fputc, "iiF"),
    ("putchar", Library::Putchar, "ii"),
    ("puts", Library::Puts, "is"),
    ("raise", Library::Raise, "ii"),
    ("read", Library::Read, "liPz"),
    ("scanf", Library::Scanf, "is."),
    ("setbuf", Library::Setbuf, "vFs"),
    ("setpgid", Library::Setpgid, "ipp"),
    ("setpgrp", Library::Setpgrp, "i"),
    ("setrlimit", Library::Setrlimit, "iir"),
    ("setsid", Library::Setsid, "p"),
    ("setvbuf", Library::Setvbuf, "iFsiz"),
    ("sigaction", Library::Sigaction, "iiaa"),
    ("sigaddset", Library::Sigaddset, "imi"),
    ("sigdelset", Library::Sigdelset, "imi"),
    ("sigemptyset", Library::Sigemptyset, "im"),
    ("sigfillset", Library::Sigfillset, "im"),
    ("sigismember", Library::Sigismember, "imi"),
    ("signal", Library::Signal, "hih"),
    ("sigpending", Library::Sigpending, "im"),
    ("sigprocmask", Library::Sigprocmask, "iimm"),
    ("sigsuspend", Library::Sigsuspend, "im"),
    ("sigwait", Library::Sigwait, "imI"),
    ("sleep", Library::Sleep, "uu"),
    ("snprintf", Library::Snprintf, "iszs."),
    ("sprintf", Library::Sprintf, "iss."),
    ("strcat", Library::Strcat, "sss"),
    ("strchr", Library::Strchr, "ssi"),
    ("strcmp", Library::Strcmp, "iss"),
    ("strcpy", Library::Strcpy, "sss"),
    ("strcspn", Library::Strcspn, "zss"),
    ("strdup", Library::Strdup, "ss"),
    ("strerror", Library::Strerror, "si"),
    ("strlen", Library::Strlen, "zs"),
    ("strncmp", Library::Strncmp, "issz"),
    ("strncpy", Library::Strncpy, "sssz"),
    ("strsignal", Library::Strsignal, "si"),
    ("strtol", Library::Strtol, "lsSi"),
    ("strtok", Library::Strtok, "sss"),
    ("time", Library::Time, "lL"),
    ("tolower", Library::Tolower, "ii"),
    ("toupper", Library::Toupper, "ii"),
    ("umask", Library::Umask, "uu"),
    ("unlink", Library::Unlink, "is"),
    ("usleep", Library::Usleep, "iu"),
    ("vfork", Library::Vfork, "p"),
    ("wait", Library::Wait, "pI"),
    ("waitpid", Library::Waitpid, "ppIi"),
    ("write", Library::Write, "liPz"),
    ("WCOREDUMP", Library::Status(Part::CoreDump), "ii"),
    ("WEXITSTATUS", Library::Status(Part::ExitStatus), "ii"),
    ("WIFCONTINUED", Library::Status(Part::IfContinued), "ii"),
    ("WIFEXITED", Library::Status(Part::IfExited), "ii"),
    ("WIFSIGNALED", Library::Status(Part::IfSignaled), "ii"),
    ("WIFSTOPPED", Library::Status(Part::IfStopped), "ii"),
    ("WSTOPSIG", Library::Status(Part::StopSignal), "ii"),
    ("WTERMSIG", Library::Status(Part::TermSignal), "ii"),
];

/// What a macro of wait(2) takes from a status word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::program) enum Part {
    IfExited,
    ExitStatus,
    IfSignaled,
    TermSignal,
    CoreDump,
    IfStopped,
    StopSignal,
    IfContinued,
}

const INTS: &[(&str, i64)] = &[
    ("BUFSIZ", 8192),
    ("CHAR_BIT", 8),
    ("EACCES", 13),
    ("EAGAIN", 11),
    ("EBADF", 9),
    ("ECHILD", 10),
    ("EEXIST", 17),
    ("EINTR", 4),
    ("EINVAL", 22),
    ("EMFILE", 24),
    ("ENOENT", 2),
    ("ENOEXEC", 8),
    ("ENOMEM", 12),
    ("ENOTDIR", 20),
    ("EOF", -1),
    ("EPERM", 1),
    ("EPIPE", 32),
    ("ESRCH", 3),
    ("EWOULDBLOCK", 11),
    ("EXIT_FAILURE", 1),
    ("EXIT_SUCCESS", 0),
    ("INT_MAX", 0x7fff_ffff),
    ("INT_MIN", -0x8000_0000),
    ("NSIG", 65),
    ("O_APPEND", 0o2000),
    ("O_CLOEXEC", 0o2_000_000),
    ("O_CREAT", 0o100),
    ("O_EXCL", 0o200),
    ("O_NONBLOCK", 0o4000),
    ("O_RDONLY", 0),
    ("O_RDWR", 2),
    ("O_TRUNC", 0o1000),
    ("O_WRONLY", 1),
    ("PATH_MAX", 4096),
    ("PIPE_BUF", 4096),
    ("PR_SET_CHILD_SUBREAPER", 36),
    ("PR_SET_NAME", 15),
    ("PR_SET_PDEATHSIG", 1),
    ("RLIMIT_NPROC", 6),
    ("SA_NOCLDSTOP", 1),
    ("SA_NOCLDWAIT", 2),
    ("SA_NODEFER", 0x4000_0000),
    ("SA_RESETHAND", -0x8000_0000),
    ("SA_RESTART", 0x1000_0000),
    ("SEEK_CUR", 1),
    ("SEEK_END", 2),
    ("SEEK_SET", 0),
    ("SIGABRT", 6),
    ("SIGALRM", 14),
    ("SIGBUS", 7),
    ("SIGCHLD", 17),
    ("SIGCONT", 18),
    ("SIGFPE", 8),
    ("SIGHUP", 1),
    ("SIGILL", 4),
    ("SIGINT", 2),
    ("SIGKILL", 9),
    ("SIGPIPE", 13),
    ("SIGQUIT", 3),
    ("SIGSEGV", 11),
    ("SIGSTOP", 19),
    ("SIGTERM", 15),
    ("SIGTSTP", 20),
    ("SIGTTIN", 21),
    ("SIGTTOU", 22),
    ("SIGUSR1", 10),
    ("SIGUSR2", 12),
    ("SIG_BLOCK", 0),
    ("SIG_SETMASK", 2),
    ("SIG_UNBLOCK", 1),
    ("STDERR_FILENO", 2),
    ("STDIN_FILENO", 0),
    ("STDOUT_FILENO", 1),
    ("S_IRGRP", 0o40),
    ("S_IROTH", 0o4),
    ("S_IRUSR", 0o400),
    ("S_IRWXU", 0o700),
    ("S_IWGRP", 0o20),
    ("S_IWUSR", 0o200),
    ("WCONTINUED", 8),
    ("WNOHANG", 1),
    ("WUNTRACED", 2),
    ("_IOFBF", 0),
    ("_IOLBF", 1),
    ("_IONBF", 2),
    ("false", 0),
    ("true", 1),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sigaction_lies_as_glibc_lays_it_out() {
        let Some(Type::Struct(layout)) = struct_named("sigaction") else {
            panic!("a structure");
        };
        assert_eq!(layout.size, 152);
        assert_eq!(layout.field("sa_mask").map(|field| field.offset), Some(SA_MASK));
        assert_eq!(layout.field("sa_flags").map(|field| field.offset), Some(SA_FLAGS));
    }

    #[test]
    fn every_letter_of_the_table_is_a_type() {
        for (name, _, types) in FUNCTIONS {
            for (index, letter) in types.trim_end_matches('.').chars().enumerate() {
                let void = letter_type(letter) == Type::Void;
                assert!(!void || (letter == 'v' && index == 0), "{name}: {letter}");
            }
        }
    }
}
