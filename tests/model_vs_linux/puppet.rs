//! A process that makes the system calls it is told to, one at a time, and reports what they returned.
//!
//! An order is one line on the puppet's own socket, `wait -1 2`; a report is one line back, numbers apart by blanks.
//! The sockets of all puppets are made before the first is forked, stand at high descriptor numbers, and so are out
//! of the way of the descriptors that the calls are about.

use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::errno::Errno;
use nix::libc;

/// Where the sockets of the puppets begin.
pub const FIRST_CHANNEL: RawFd = 500;

/// The argument that makes this binary a puppet again after an exec.
pub const PUPPET: &str = "--puppet";

/// What a call returned, as a report carries it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The value, or -1.
    pub ret: i64,
    /// Why it failed, or 0.
    pub errno: i32,
    /// What else it gave: a wait status, the second end of a pipe, a set of signals.
    pub extra: u64,
    /// The signals that were caught since the last report, as bits.
    pub caught: u64,
    /// What was read.
    pub data: Vec<u8>,
}

impl Report {
    fn line(&self) -> String {
        let Self {
            ret,
            errno,
            extra,
            caught,
            data,
        } = self;
        format!("{ret} {errno} {extra} {caught} {}", hex(data))
    }

    /// Reads a report.
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        Some(Self {
            ret: words.next()?.parse().ok()?,
            errno: words.next()?.parse().ok()?,
            extra: words.next()?.parse().ok()?,
            caught: words.next()?.parse().ok()?,
            data: unhex(words.next()?),
        })
    }
}

static CAUGHT: AtomicU64 = AtomicU64::new(0);

extern "C" fn catch(signal: libc::c_int) {
    CAUGHT.fetch_or(1 << (signal - 1), Ordering::SeqCst);
}

/// A puppet's whole life: the first report, which brings its pid, then orders.
pub fn live(letter: RawFd) -> ! {
    let channel = FIRST_CHANNEL + letter;
    let first = Report {
        extra: u64::from(std::process::id()),
        ..Report::default()
    };
    report(channel, first);
    loop {
        let order = hear(channel);
        let words: Vec<&str> = order.split(' ').collect();
        report(channel, perform(&words));
    }
}

/// What this binary does when it was exec'd by a puppet.
pub fn revive(args: &[String]) -> ! {
    let letter = args.first().and_then(|letter| letter.parse().ok()).unwrap_or(0);
    // Rust's runtime ignores SIGPIPE at the start; what exec had kept is put back.
    let ignored = args.get(1).is_some_and(|word| word == "ignore");
    set_action(
        libc::SIGPIPE,
        if ignored { libc::SIG_IGN } else { libc::SIG_DFL },
        0,
    );
    live(letter)
}

fn perform(words: &[&str]) -> Report {
    let number = |at: usize| {
        words
            .get(at)
            .and_then(|word| word.parse::<i64>().ok())
            .unwrap_or(0)
    };
    let int = |at: usize| number(at) as i32;
    let mask = |at: usize| set_of(words.get(at).and_then(|word| word.parse().ok()).unwrap_or(0));
    // SAFETY: every call gets numbers, or pointers to values that live in this statement.
    let ret = unsafe {
        match words[0] {
            "fork" => return forked(libc::fork().into(), int(1)),
            // vfork's rule without its shared memory, in which a Rust program could not go on.
            "vfork" => {
                let flags = libc::c_long::from(libc::CLONE_VFORK | libc::SIGCHLD);
                return forked(libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0), int(1));
            }
            "exit" => libc::_exit(int(1)),
            "wait" => return waited(int(1), int(2)),
            "getppid" => libc::getppid(),
            "getpgid" => libc::getpgid(int(1)),
            "getsid" => libc::getsid(int(1)),
            "setpgid" => libc::setpgid(int(1), int(2)),
            "setsid" => libc::setsid(),
            "exec" => exec(int(1)),
            "kill" => libc::kill(int(1), int(2)),
            "act" => {
                let handlers = [libc::SIG_DFL, libc::SIG_IGN, catch as *const () as usize];
                set_action(int(1), handlers[int(2) as usize], int(3))
            }
            "mask" => return masked(int(1), &mask(2)),
            "pending" => return pending(),
            "suspend" => libc::sigsuspend(&mask(1)),
            "sigwait" => {
                let mut signal = 0;
                libc::sigwait(&mask(1), &raw mut signal);
                signal
            }
            "pause" => libc::pause(),
            "pipe" => return piped(int(1)),
            "read" => return read(int(1), int(2) as usize),
            "write" => {
                let data = unhex(words.get(2).unwrap_or(&""));
                libc::write(int(1), data.as_ptr().cast(), data.len()) as i32
            }
            "close" => libc::close(int(1)),
            "dup" => libc::dup(int(1)),
            "dup2" => libc::dup2(int(1), int(2)),
            "subreaper" => libc::prctl(libc::PR_SET_CHILD_SUBREAPER, number(1), 0, 0, 0),
            "pdeathsig" => libc::prctl(libc::PR_SET_PDEATHSIG, number(1), 0, 0, 0),
            other => panic!("a puppet was told to {other}"),
        }
    };
    returned(ret.into())
}

fn returned(ret: i64) -> Report {
    Report {
        ret,
        errno: if ret == -1 { Errno::last_raw() } else { 0 },
        ..Report::default()
    }
}

/// In the child of a fork, another life begins.
fn forked(pid: i64, letter: RawFd) -> Report {
    if pid == 0 {
        CAUGHT.store(0, Ordering::SeqCst);
        live(letter)
    }
    returned(pid)
}

fn waited(pid: i32, options: i32) -> Report {
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    let ret = unsafe { libc::waitpid(pid, &raw mut status, options) };
    Report {
        extra: if ret > 0 { status as u64 } else { 0 },
        ..returned(ret.into())
    }
}

fn exec(letter: RawFd) -> i32 {
    let mut old: libc::sigaction = zeroed();
    // SAFETY: `old` outlives the call.
    unsafe { libc::sigaction(libc::SIGPIPE, std::ptr::null(), &raw mut old) };
    let pipe = if old.sa_sigaction == libc::SIG_IGN {
        "ignore"
    } else {
        "default"
    };
    let args = ["puppet", PUPPET, &letter.to_string(), pipe];
    let args: Vec<_> = args
        .iter()
        .map(|&arg| std::ffi::CString::new(arg).expect("no NUL"))
        .collect();
    match nix::unistd::execv(c"/proc/self/exe", &args) {
        Err(errno) => {
            errno.set();
            -1
        }
        Ok(never) => match never {},
    }
}

/// sigaction(2) without `SA_RESTART`, and with `SA_NODEFER`: whether a handler is just running is no part of the model.
pub fn set_action(signal: i32, handler: libc::sighandler_t, flags: i32) -> i32 {
    let mut action: libc::sigaction = zeroed();
    action.sa_sigaction = handler;
    action.sa_flags = flags | libc::SA_NODEFER;
    // SAFETY: `action` outlives the call, and `catch` only touches an atomic.
    unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) }
}

fn masked(how: i32, set: &libc::sigset_t) -> Report {
    let mut old = set_of(0);
    // SAFETY: both sets outlive the call.
    let ret = unsafe { libc::sigprocmask(how, set, &raw mut old) };
    Report {
        extra: bits_of(&old),
        ..returned(ret.into())
    }
}

fn pending() -> Report {
    let mut set = set_of(0);
    // SAFETY: the set outlives the call.
    let ret = unsafe { libc::sigpending(&raw mut set) };
    Report {
        extra: bits_of(&set),
        ..returned(ret.into())
    }
}

fn piped(flags: i32) -> Report {
    let mut ends = [0; 2];
    // SAFETY: there is room for two descriptors.
    let ret = unsafe { libc::pipe2(ends.as_mut_ptr(), flags) };
    match ret {
        0 => Report {
            extra: ends[1] as u64,
            ..returned(ends[0].into())
        },
        failed => returned(failed.into()),
    }
}

fn read(fd: i32, count: usize) -> Report {
    let mut data = vec![0; count];
    // SAFETY: there is room for `count` bytes.
    let ret = unsafe { libc::read(fd, data.as_mut_ptr().cast(), count) };
    data.truncate(usize::try_from(ret).unwrap_or(0));
    Report {
        data,
        ..returned(ret as i64)
    }
}

fn hear(channel: RawFd) -> String {
    let mut line = [0; 512];
    loop {
        // SAFETY: there is room for the line.
        let got = unsafe { libc::read(channel, line.as_mut_ptr().cast(), line.len()) };
        match got {
            // The other end is closed: nobody watches any more.
            // SAFETY: _exit takes a number.
            0 => unsafe { libc::_exit(0) },
            1.. => return String::from_utf8_lossy(&line[..got as usize]).into_owned(),
            _ => {}
        }
    }
}

fn report(channel: RawFd, report: Report) {
    let caught = CAUGHT.swap(0, Ordering::SeqCst);
    let line = Report { caught, ..report }.line();
    // SAFETY: the line outlives the call. MSG_NOSIGNAL: a closed other end ends the puppet in `hear`.
    while unsafe { libc::send(channel, line.as_ptr().cast(), line.len(), libc::MSG_NOSIGNAL) } == -1
        && Errno::last() == Errno::EINTR
    {}
}

/// A C structure of zeros.
fn zeroed<T: Copy>() -> T {
    // SAFETY: it is used for sigaction and sigset_t, of which all zeros is a value.
    unsafe { std::mem::zeroed() }
}

/// The kernel's mask is the first 64 bits of glibc's and musl's set.
fn set_of(bits: u64) -> libc::sigset_t {
    let mut set: libc::sigset_t = zeroed();
    for signal in (1..=31).filter(|signal| bits & (1 << (signal - 1)) != 0) {
        // SAFETY: the set is a value of its type, and the signal has a number that exists.
        unsafe { libc::sigaddset(&raw mut set, signal) };
    }
    set
}

fn bits_of(set: &libc::sigset_t) -> u64 {
    // SAFETY: the set is a value of its type.
    let has = |signal: &i32| unsafe { libc::sigismember(set, *signal) } == 1;
    (1..=31)
        .filter(has)
        .fold(0, |bits, signal| bits | 1 << (signal - 1))
}

/// Bytes as digits, to stand in a line.
pub fn hex(data: &[u8]) -> String {
    use std::fmt::Write as _;
    data.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes();
    digits
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
