//! The system calls of a stepped program, as values: what it asks, what it is told, and who answers.
//!
//! A [`Call`] is complete: whoever answers it needs nothing of the machine. It can be shown as the student
//! wrote it, in C or in Python. A [`Return`] carries what the call gave and what it stored (a wait status,
//! the bytes read, the ends of a pipe); storing that in the program's memory is the machine's part. The
//! meanings are those of section 2 of the manual; nothing here performs anything.

mod show;

use crate::model::{Errno, Signal};

/// Who answers a program's system calls: the real kernel, or a pure model of it.
///
/// What a kernel must keep to:
/// - A handler for a signal is installed *without* `SA_RESTART`, and the call that a caught signal interrupts
///   returns `EINTR`: the machine runs the program's handler, and then makes the call again where the program,
///   or Python, asked for it.
/// - [`Kernel::signals`] gives the caught signals that arrived, each once, as often as it is asked.
/// - A call that does not return (`_exit`, a successful exec, a death) need not return.
pub trait Kernel {
    /// Makes one call, and blocks as long as it blocks.
    fn call(&mut self, call: &Call) -> Return;

    /// Takes the caught signals that arrived since the last time.
    fn signals(&mut self) -> SignalSet;
}

/// The language in which a program, and so its calls, is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// C.
    C,
    /// Python.
    Python,
}

/// A set of signals, as a mask of sigprocmask(2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SignalSet(pub u64);

impl SignalSet {
    /// Every signal.
    pub const ALL: Self = Self(u64::MAX);

    /// This set with `signal`.
    #[must_use]
    pub const fn with(self, signal: Signal) -> Self {
        Self(self.0 | Self::bit(signal))
    }

    /// This set without `signal`.
    #[must_use]
    pub const fn without(self, signal: Signal) -> Self {
        Self(self.0 & !Self::bit(signal))
    }

    /// Whether `signal` is in it.
    pub const fn contains(self, signal: Signal) -> bool {
        self.0 & Self::bit(signal) != 0
    }

    /// The signals, by number.
    pub fn iter(self) -> impl Iterator<Item = Signal> {
        (1..=64).map(Signal).filter(move |signal| self.contains(*signal))
    }

    const fn bit(signal: Signal) -> u64 {
        if signal.0 >= 1 && signal.0 <= 64 {
            1 << (signal.0 - 1)
        } else {
            0
        }
    }
}

/// One system call with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// fork(2): answered twice, with the child's pid and with 0.
    Fork,
    /// vfork(2): the parent waits until the child execs or ends.
    Vfork,
    /// _exit(2), at the end of everything; it does not return.
    Exit {
        /// The code; the kernel keeps eight bits.
        code: i32,
        /// Whether the program itself wrote `_exit`, or came here through exit or the end of main.
        direct: bool,
    },
    /// The machine found a fault: the process ends by this signal, whatever its dispositions.
    Die(Signal),
    /// wait(2) and waitpid(2).
    Wait {
        /// As the program wrote it.
        form: WaitForm,
        /// A pid, -1 any child, 0 own group, below -1 a group.
        pid: i32,
        /// `WNOHANG`, `WUNTRACED`, `WCONTINUED`.
        options: i32,
        /// Whether the program has a place for the status, or passed NULL.
        status: bool,
    },
    /// getpid(2).
    Getpid,
    /// getppid(2).
    Getppid,
    /// getpgid(2); 0 is the caller, as with getpgrp.
    Getpgid(i32),
    /// getsid(2).
    Getsid(i32),
    /// getuid(2).
    Getuid,
    /// setpgid(2).
    Setpgid {
        /// Whose group; 0 is the caller.
        pid: i32,
        /// Which group; 0 makes one of its own.
        group: i32,
    },
    /// setsid(2).
    Setsid,
    /// execve(2) in one of its forms.
    Exec(Exec),
    /// kill(2).
    Kill {
        /// A pid, 0 own group, -1 everything, below -1 a group.
        pid: i32,
        /// Which; 0 only checks.
        signal: Signal,
    },
    /// raise(3): a signal to the caller itself.
    Raise(Signal),
    /// sigaction(2) and signal(2).
    Sigaction {
        /// For which signal.
        signal: Signal,
        /// What is to happen.
        action: Action,
        /// Who asked for it.
        form: ActionForm,
    },
    /// sigprocmask(2).
    Sigprocmask {
        /// How the set is used; nothing: the mask is only asked for.
        how: Option<MaskHow>,
        /// The set.
        set: SignalSet,
    },
    /// sigpending(2).
    Sigpending,
    /// sigsuspend(2): returns `EINTR` after a handler ran.
    Sigsuspend(SignalSet),
    /// sigwait(3).
    Sigwait(SignalSet),
    /// pause(2).
    Pause,
    /// alarm(2), in seconds.
    Alarm(u32),
    /// sleep(3), usleep(3), nanosleep(2), time.sleep.
    Sleep {
        /// As the program wrote it.
        form: SleepForm,
        /// How long.
        nanos: u64,
    },
    /// time(2): seconds since 1970.
    Time,
    /// pipe(2).
    Pipe {
        /// Whether the ends are closed by exec, as Python has it.
        cloexec: bool,
    },
    /// read(2).
    Read {
        /// From where.
        fd: i32,
        /// At most so many bytes.
        count: u64,
        /// Whether a library (scanf, input) asked, not the program itself.
        library: bool,
    },
    /// write(2).
    Write {
        /// To where.
        fd: i32,
        /// What.
        data: Vec<u8>,
        /// Whether a library (printf, print) emptied its buffer, not the program itself.
        library: bool,
    },
    /// close(2).
    Close(i32),
    /// dup(2).
    Dup {
        /// Which.
        fd: i32,
        /// Whether the copy is closed by exec.
        cloexec: bool,
    },
    /// dup2(2).
    Dup2 {
        /// Which.
        from: i32,
        /// What it becomes.
        to: i32,
        /// Whether the copy is closed by exec.
        cloexec: bool,
    },
    /// open(2).
    Open {
        /// The file.
        path: Vec<u8>,
        /// `O_RDONLY` and so on.
        flags: i32,
        /// The permissions of a new file.
        mode: u32,
    },
    /// lseek(2).
    Lseek {
        /// Where.
        fd: i32,
        /// How far.
        offset: i64,
        /// `SEEK_SET`, `SEEK_CUR` or `SEEK_END`.
        whence: i32,
    },
    /// unlink(2).
    Unlink(Vec<u8>),
    /// chdir(2).
    Chdir(Vec<u8>),
    /// umask(2).
    Umask(u32),
    /// prctl(2).
    Prctl(Prctl),
    /// setrlimit(2) for `RLIMIT_NPROC`.
    SetProcessLimit {
        /// The soft limit.
        soft: u64,
        /// The hard limit.
        hard: u64,
    },
    /// getrlimit(2) for `RLIMIT_NPROC`.
    ProcessLimit,
}

impl Call {
    /// Whether stepping stops before and after it. What a library does for itself, and a question that changes
    /// nothing, go by unseen.
    pub const fn is_notable(&self) -> bool {
        !matches!(
            self,
            Self::Getpid
                | Self::Getppid
                | Self::Getpgid(_)
                | Self::Getsid(_)
                | Self::Getuid
                | Self::Time
                | Self::Sigpending
                | Self::ProcessLimit
                | Self::Read { library: true, .. }
                | Self::Write { library: true, .. }
                | Self::Die(_)
                | Self::Sigaction {
                    form: ActionForm::Startup,
                    ..
                }
        )
    }
}

/// How a program asked to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaitForm {
    /// `wait(&status)`.
    Wait,
    /// `waitpid(pid, &status, options)`.
    Waitpid,
}

/// How a program asked to sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SleepForm {
    /// Seconds.
    Sleep,
    /// Microseconds.
    Usleep,
    /// A `struct timespec`.
    Nanosleep,
}

/// The arguments of an exec.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exec {
    /// Which of the family.
    pub form: ExecForm,
    /// The file; looked for in PATH by the forms with a `p`.
    pub path: Vec<u8>,
    /// The arguments, with the name first.
    pub args: Vec<Vec<u8>>,
    /// The environment, where the form gives one.
    pub env: Option<Vec<Vec<u8>>>,
}

/// The members of the exec family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExecForm {
    /// `execl(path, arg0, …, NULL)`.
    Execl,
    /// `execlp(file, arg0, …, NULL)`.
    Execlp,
    /// `execv(path, argv)`.
    Execv,
    /// `execvp(file, argv)`.
    Execvp,
    /// `execve(path, argv, envp)`.
    Execve,
}

/// What a program wants done at a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Action {
    /// The disposition.
    pub disposition: Disposition,
    /// What else is blocked while a handler runs.
    pub mask: SignalSet,
    /// `SA_RESTART`, `SA_NOCLDSTOP`, `SA_NOCLDWAIT` and so on, as sigaction(2) numbers them.
    pub flags: i32,
}

/// How an action was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActionForm {
    /// With signal(2), or Python's `signal.signal`.
    Signal,
    /// With sigaction(2).
    Sigaction,
    /// Python itself did before the first line: it ignores SIGPIPE and catches SIGINT.
    Startup,
}

/// `SA_RESTART` of sigaction(2).
pub const SA_RESTART: i32 = 0x1000_0000;
/// `SA_NODEFER` of sigaction(2).
pub const SA_NODEFER: i32 = 0x4000_0000;
/// `SA_RESETHAND` of sigaction(2).
pub const SA_RESETHAND: i32 = -0x8000_0000;

/// The three dispositions of signal(7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// `SIG_DFL`.
    Default,
    /// `SIG_IGN`.
    Ignore,
    /// A handler of the program.
    Catch,
}

/// How sigprocmask uses its set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MaskHow {
    /// These too.
    Block,
    /// These no longer.
    Unblock,
    /// Exactly these.
    Set,
}

/// The parts of prctl(2) that are about processes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Prctl {
    /// `PR_SET_CHILD_SUBREAPER`.
    Subreaper(bool),
    /// `PR_SET_PDEATHSIG`; 0 for none.
    Pdeathsig(Signal),
    /// `PR_SET_NAME`.
    Name(Vec<u8>),
}

/// What a system call gave.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Return {
    /// A number: a pid, a descriptor, a count, 0. Of a sleep: the nanoseconds that were left.
    Value(i64),
    /// A wait: the pid, or 0, and the status word if there is one.
    Waited {
        /// Whose.
        pid: i32,
        /// The word that wait(2) stores.
        status: Option<i32>,
    },
    /// The bytes that were read; none at the end.
    Data(Vec<u8>),
    /// The read end and the write end of a pipe.
    Pipe(i32, i32),
    /// A set of signals: the old mask, or what is pending.
    Signals(SignalSet),
    /// The two limits.
    Limits {
        /// The soft one.
        soft: u64,
        /// The hard one.
        hard: u64,
    },
    /// It failed.
    Error(Errno),
}

impl Return {
    /// The number that the call returns in C.
    pub fn value(&self) -> i64 {
        match self {
            Self::Value(number) => *number,
            Self::Waited { pid, .. } => i64::from(*pid),
            Self::Data(bytes) => bytes.len() as i64,
            Self::Pipe(..) | Self::Signals(_) | Self::Limits { .. } => 0,
            Self::Error(_) => -1,
        }
    }
}
