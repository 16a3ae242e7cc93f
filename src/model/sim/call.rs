//! The system calls that the kernel of the model knows, and how they come back.

use super::signals::Signals;
use crate::model::event::Action;
use crate::model::{Errno, Pid, Signal, WaitCall, WaitStatus};

/// A system call with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// fork(2).
    Fork,
    /// vfork(2): the parent sleeps until the child execs or ends.
    Vfork,
    /// _exit(2).
    Exit(i32),
    /// A fault of the program: it ends by this signal, whatever its dispositions.
    Fault(Signal),
    /// waitpid(2).
    Wait(WaitCall),
    /// getpid(2).
    Getpid,
    /// getppid(2).
    Getppid,
    /// getpgid(2); 0 is the caller.
    Getpgid(Pid),
    /// getsid(2); 0 is the caller.
    Getsid(Pid),
    /// setpgid(2).
    Setpgid {
        /// Whose group; 0 is the caller's.
        pid: Pid,
        /// Which group; 0 is one of its own.
        group: Pid,
    },
    /// setsid(2).
    Setsid,
    /// execve(2).
    Exec(Image),
    /// kill(2).
    Kill {
        /// A pid, 0 the own group, -1 everything, below -1 a group.
        pid: i32,
        /// Which; 0 only checks.
        signal: Signal,
    },
    /// raise(3): a signal to the caller itself.
    Raise(Signal),
    /// sigaction(2).
    Sigaction(Sigaction),
    /// sigprocmask(2).
    Sigprocmask {
        /// How the set is used.
        how: MaskHow,
        /// The set.
        set: Signals,
    },
    /// sigpending(2).
    Sigpending,
    /// sigsuspend(2).
    Sigsuspend(Signals),
    /// sigwait(3).
    Sigwait(Signals),
    /// pause(2).
    Pause,
    /// alarm(2), in seconds; 0 takes the timer back.
    Alarm(u32),
    /// nanosleep(2): it may end any time after.
    Sleep,
    /// pipe2(2).
    Pipe {
        /// Whether exec closes both ends.
        cloexec: bool,
    },
    /// read(2).
    Read {
        /// From where.
        fd: i32,
        /// At most so many bytes.
        count: usize,
    },
    /// write(2).
    Write {
        /// To where.
        fd: i32,
        /// What.
        data: Vec<u8>,
    },
    /// close(2).
    Close(i32),
    /// dup(2), or `F_DUPFD_CLOEXEC`.
    Dup {
        /// Which.
        fd: i32,
        /// Whether exec closes the copy.
        cloexec: bool,
    },
    /// dup2(2), or dup3(2).
    Dup2 {
        /// Which.
        from: i32,
        /// What it becomes.
        to: i32,
        /// Whether exec closes the copy.
        cloexec: bool,
    },
    /// open(2), on a disk that holds plain files and nothing else.
    Open {
        /// The name.
        path: Vec<u8>,
        /// How.
        flags: OpenFlags,
    },
    /// lseek(2).
    Lseek {
        /// Where.
        fd: i32,
        /// How far.
        offset: i64,
        /// From where.
        whence: Whence,
    },
    /// unlink(2).
    Unlink(Vec<u8>),
    /// prctl(2) with `PR_SET_CHILD_SUBREAPER`.
    Subreaper(bool),
    /// prctl(2) with `PR_SET_PDEATHSIG`; signal 0 is none.
    Pdeathsig(Signal),
    /// setrlimit(2) for `RLIMIT_NPROC`: how many processes there may be.
    Setlimit(u32),
    /// A call that changes nothing that anybody can see, such as umask(2): it returns this.
    Local(i64),
}

/// What an exec is to start.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Image {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Why it cannot be started, if it cannot.
    pub missing: Option<Errno>,
}

/// The arguments of sigaction(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sigaction {
    /// For which signal.
    pub signal: Signal,
    /// What it does from now on; `Blocked` is none of sigaction's and fails.
    pub action: Action,
    /// `SA_NOCLDSTOP`: no SIGCHLD for children that stop or continue.
    pub nocldstop: bool,
    /// `SA_NOCLDWAIT`: children that end leave no zombie.
    pub nocldwait: bool,
}

impl Sigaction {
    /// Without flags.
    pub const fn plain(signal: Signal, action: Action) -> Self {
        Self {
            signal,
            action,
            nocldstop: false,
            nocldwait: false,
        }
    }
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

/// How a file is opened, in the words of open(2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent bits of one argument of open(2)"
)]
pub struct OpenFlags {
    /// Whether it can be read.
    pub read: bool,
    /// Whether it can be written.
    pub write: bool,
    /// `O_CREAT`.
    pub create: bool,
    /// `O_EXCL`.
    pub exclusive: bool,
    /// `O_TRUNC`.
    pub truncate: bool,
    /// `O_APPEND`.
    pub append: bool,
    /// `O_CLOEXEC`.
    pub cloexec: bool,
}

/// From where lseek counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whence {
    /// The start.
    Set,
    /// Where the offset is.
    Current,
    /// The end.
    End,
}

/// What a call gave.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Return {
    /// A number: a pid, a descriptor, a count, 0.
    Value(i64),
    /// A wait: whose status, and which; pid 0 if none has changed (`WNOHANG`).
    Waited {
        /// Whose.
        pid: Pid,
        /// What was stored.
        status: Option<WaitStatus>,
    },
    /// What was read; nothing at the end of file.
    Data(Vec<u8>),
    /// The read end and the write end of a pipe.
    Pipe(i32, i32),
    /// A set of signals: the old mask, or what is pending.
    Signals(Signals),
    /// It failed.
    Error(Errno),
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It has returned.
    Returned(Return),
    /// It returned twice: this in the parent, and 0 in the child.
    Forked(Pid),
    /// The child runs, and the parent sleeps until it execs or ends: vfork.
    Vforked(Pid),
    /// The caller sleeps in it.
    Blocked,
    /// The caller is another program now.
    Replaced,
    /// The caller has ended.
    Ended,
}
