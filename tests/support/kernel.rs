//! The real kernel behind the machine, for a process of one thread that runs nothing but one program.
//!
//! It forks really, so the machine's state is copied by the kernel, as the lab does it. It is kept to what
//! the tests need: no limits, no reports, no refusals.

use std::ffi::CString;
use std::sync::atomic::{AtomicU64, Ordering};

use forkscope::model::{Errno, Signal};
use forkscope::program::{
    Action, Call, Disposition, Exec, ExecForm, Kernel, MaskHow, Prctl, Return, SA_RESTART, SignalSet,
};
use nix::libc;

/// The caught signals that arrived, as a set.
static ARRIVED: AtomicU64 = AtomicU64::new(0);

/// Makes each call as it is asked.
pub struct RealKernel;

impl Kernel for RealKernel {
    fn call(&mut self, call: &Call) -> Return {
        match call {
            Call::Wait { pid, options, .. } => {
                let mut status = 0;
                // SAFETY: the status is written to a variable of this frame.
                let pid = unsafe { libc::waitpid(*pid, &raw mut status, *options) };
                told(i64::from(pid), |pid| Return::Waited {
                    pid: pid as i32,
                    status: (pid > 0).then_some(status),
                })
            }
            Call::Read { fd, count, .. } => {
                let mut bytes = vec![0; *count as usize];
                // SAFETY: the kernel writes at most as many bytes as the vector holds.
                let read = unsafe { libc::read(*fd, bytes.as_mut_ptr().cast(), bytes.len()) };
                told(read as i64, |read| {
                    bytes.truncate(read as usize);
                    Return::Data(bytes)
                })
            }
            Call::Pipe { cloexec } => {
                let mut ends = [0; 2];
                let flags = if *cloexec { libc::O_CLOEXEC } else { 0 };
                // SAFETY: the array has room for the two descriptors.
                let done = unsafe { libc::pipe2(ends.as_mut_ptr(), flags) };
                told(i64::from(done), |_| Return::Pipe(ends[0], ends[1]))
            }
            Call::Sleep { nanos, .. } => sleep(*nanos),
            Call::Vfork => vfork(),
            Call::Exec(exec) => run(exec),
            Call::Sigprocmask { how, set } => mask(*how, *set),
            Call::Sigpending => {
                let mut set = empty();
                // SAFETY: the set is a variable of this frame.
                let done = unsafe { libc::sigpending(&raw mut set) };
                told(i64::from(done), |_| Return::Signals(from_raw(&set)))
            }
            Call::Sigwait(set) => {
                let (set, mut signal) = (to_raw(*set), 0);
                // SAFETY: both are variables of this frame.
                match unsafe { libc::sigwait(&raw const set, &raw mut signal) } {
                    0 => Return::Value(i64::from(signal)),
                    errno => Return::Error(Errno(errno)),
                }
            }
            Call::ProcessLimit => {
                let mut limit = libc::rlimit {
                    rlim_cur: 0,
                    rlim_max: 0,
                };
                // SAFETY: the limits are written to a variable of this frame.
                let done = unsafe { libc::getrlimit(libc::RLIMIT_NPROC, &raw mut limit) };
                told(i64::from(done), |_| Return::Limits {
                    soft: limit.rlim_cur,
                    hard: limit.rlim_max,
                })
            }
            number => told(plain(number), Return::Value),
        }
    }

    fn signals(&mut self) -> SignalSet {
        SignalSet(ARRIVED.swap(0, Ordering::SeqCst))
    }
}

extern "C" fn arrived(signal: libc::c_int) {
    ARRIVED.fetch_or(1 << (signal - 1), Ordering::SeqCst);
}

/// The calls that give a number.
fn plain(call: &Call) -> i64 {
    let text = |bytes: &[u8]| CString::new(bytes).unwrap_or_default();
    // SAFETY: each call gets numbers, or a string that lives until the call returns. The process has one
    // thread, so a forked child may go on with whatever it likes.
    unsafe {
        match call {
            Call::Fork => i64::from(libc::fork()),
            Call::Exit { code, .. } => libc::_exit(*code),
            Call::Die(signal) => {
                libc::signal(signal.0, libc::SIG_DFL);
                let set = to_raw(SignalSet::default().with(*signal));
                libc::sigprocmask(libc::SIG_UNBLOCK, &raw const set, std::ptr::null_mut());
                i64::from(libc::raise(signal.0))
            }
            Call::Getpid => i64::from(libc::getpid()),
            Call::Getppid => i64::from(libc::getppid()),
            Call::Getpgid(pid) => i64::from(libc::getpgid(*pid)),
            Call::Getsid(pid) => i64::from(libc::getsid(*pid)),
            Call::Getuid => i64::from(libc::getuid()),
            Call::Setpgid { pid, group } => i64::from(libc::setpgid(*pid, *group)),
            Call::Setsid => i64::from(libc::setsid()),
            Call::Kill { pid, signal } => i64::from(libc::kill(*pid, signal.0)),
            Call::Raise(signal) => i64::from(libc::raise(signal.0)),
            Call::Sigaction { signal, action, .. } => i64::from(install(*signal, *action)),
            Call::Sigsuspend(set) => {
                let set = to_raw(*set);
                i64::from(libc::sigsuspend(&raw const set))
            }
            Call::Pause => i64::from(libc::pause()),
            Call::Alarm(seconds) => i64::from(libc::alarm(*seconds)),
            Call::Time => libc::time(std::ptr::null_mut()),
            Call::Write { fd, data, .. } => libc::write(*fd, data.as_ptr().cast(), data.len()) as i64,
            Call::Close(fd) => i64::from(libc::close(*fd)),
            Call::Dup { fd, cloexec: false } => i64::from(libc::dup(*fd)),
            Call::Dup { fd, cloexec: true } => i64::from(libc::fcntl(*fd, libc::F_DUPFD_CLOEXEC, 0)),
            Call::Dup2 { from, to, cloexec } if *cloexec && from != to => {
                i64::from(libc::dup3(*from, *to, libc::O_CLOEXEC))
            }
            Call::Dup2 { from, to, .. } => i64::from(libc::dup2(*from, *to)),
            Call::Open { path, flags, mode } => i64::from(libc::open(text(path).as_ptr(), *flags, *mode)),
            Call::Lseek { fd, offset, whence } => libc::lseek(*fd, *offset, *whence),
            Call::Unlink(path) => i64::from(libc::unlink(text(path).as_ptr())),
            Call::Chdir(path) => i64::from(libc::chdir(text(path).as_ptr())),
            Call::Umask(mask) => i64::from(libc::umask(*mask)),
            Call::Prctl(Prctl::Subreaper(on)) => i64::from(libc::prctl(
                libc::PR_SET_CHILD_SUBREAPER,
                libc::c_ulong::from(*on),
            )),
            Call::Prctl(Prctl::Pdeathsig(signal)) => {
                i64::from(libc::prctl(libc::PR_SET_PDEATHSIG, signal.0 as libc::c_ulong))
            }
            Call::Prctl(Prctl::Name(name)) => i64::from(libc::prctl(libc::PR_SET_NAME, text(name).as_ptr())),
            Call::SetProcessLimit { soft, hard } => {
                let limit = libc::rlimit {
                    rlim_cur: *soft,
                    rlim_max: *hard,
                };
                i64::from(libc::setrlimit(libc::RLIMIT_NPROC, &raw const limit))
            }
            other => unreachable!("{other} gives more than a number"),
        }
    }
}

/// An answer from what a call returned: -1 means that errno says why.
fn told(number: i64, answer: impl FnOnce(i64) -> Return) -> Return {
    if number == -1 {
        Return::Error(Errno(nix::errno::Errno::last_raw()))
    } else {
        answer(number)
    }
}

/// Installs a handler that notes the signal, without `SA_RESTART`: the machine restarts calls itself.
fn install(signal: Signal, action: Action) -> i32 {
    let handler = match action.disposition {
        Disposition::Default => libc::SIG_DFL,
        Disposition::Ignore => libc::SIG_IGN,
        Disposition::Catch => arrived as extern "C" fn(libc::c_int) as libc::sighandler_t,
    };
    let raw = libc::sigaction {
        sa_sigaction: handler,
        sa_mask: to_raw(action.mask),
        sa_flags: action.flags & !SA_RESTART,
        sa_restorer: None,
    };
    // SAFETY: the handler only sets a bit of an atomic number, which a handler may do.
    unsafe { libc::sigaction(signal.0, &raw const raw, std::ptr::null_mut()) }
}

/// Sleeps; gives the nanoseconds that were left when a signal came.
fn sleep(nanos: u64) -> Return {
    let asked = libc::timespec {
        tv_sec: (nanos / 1_000_000_000) as i64,
        tv_nsec: (nanos % 1_000_000_000) as i64,
    };
    let mut left = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: both are variables of this frame.
    let done = unsafe { libc::nanosleep(&raw const asked, &raw mut left) };
    Return::Value(if done == 0 {
        0
    } else {
        left.tv_sec * 1_000_000_000 + left.tv_nsec
    })
}

/// A fork whose parent waits until the child execs or ends: that closes the child's copy of a pipe.
fn vfork() -> Return {
    let mut ends = [0; 2];
    let mut byte = 0_u8;
    // SAFETY: the array has room for the two descriptors and the byte for what read could bring.
    unsafe {
        if libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) == -1 {
            return told(-1, Return::Value);
        }
        let pid = libc::fork();
        if pid == 0 {
            libc::close(ends[0]);
            return Return::Value(0);
        }
        libc::close(ends[1]);
        libc::read(ends[0], (&raw mut byte).cast(), 1);
        libc::close(ends[0]);
        told(i64::from(pid), Return::Value)
    }
}

fn run(exec: &Exec) -> Return {
    let strings = |list: &[Vec<u8>]| -> Vec<CString> {
        list.iter()
            .map(|text| CString::new(text.as_slice()).unwrap_or_default())
            .collect()
    };
    let path = CString::new(exec.path.as_slice()).unwrap_or_default();
    let args = strings(&exec.args);
    let error = match (&exec.env, exec.form) {
        (Some(env), _) => nix::unistd::execve(&path, &args, &strings(env)),
        (None, ExecForm::Execlp | ExecForm::Execvp) => nix::unistd::execvp(&path, &args),
        (None, _) => nix::unistd::execv(&path, &args),
    };
    match error {
        Ok(never) => match never {},
        Err(errno) => Return::Error(errno.into()),
    }
}

fn mask(how: Option<MaskHow>, set: SignalSet) -> Return {
    let how_raw = match how {
        Some(MaskHow::Unblock) => libc::SIG_UNBLOCK,
        Some(MaskHow::Set) => libc::SIG_SETMASK,
        Some(MaskHow::Block) | None => libc::SIG_BLOCK,
    };
    let (set, mut old) = (to_raw(set), empty());
    // SAFETY: both are variables of this frame.
    let done = unsafe { libc::sigprocmask(how_raw, &raw const set, &raw mut old) };
    told(i64::from(done), |_| Return::Signals(from_raw(&old)))
}

fn empty() -> libc::sigset_t {
    to_raw(SignalSet::default())
}

fn to_raw(set: SignalSet) -> libc::sigset_t {
    // SAFETY: a set of zeros is an empty one, and it is changed by the library's own functions only.
    unsafe {
        let mut raw: libc::sigset_t = std::mem::zeroed();
        for signal in set.iter() {
            libc::sigaddset(&raw mut raw, signal.0);
        }
        raw
    }
}

fn from_raw(raw: &libc::sigset_t) -> SignalSet {
    (1..=64)
        .map(Signal)
        // SAFETY: the set was filled by the kernel.
        .filter(|signal| unsafe { libc::sigismember(raw, signal.0) } == 1)
        .fold(SignalSet::default(), SignalSet::with)
}
