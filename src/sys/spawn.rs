//! Starts a program that waits to be traced before it runs: fork(2), then a gate, then execve(2).
//!
//! The newborn is the leader of a session of its own, with default dispositions and an empty signal mask, and
//! keeps descriptors 0 to 2 only. Its terminal, if it has one, is not its *controlling* terminal: else its end
//! would send SIGHUP to the orphans it leaves, and orphans are what one wants to see.
//!
//! Everything that allocates is done before the fork, so this holds even where other threads run.

#![expect(unsafe_code, reason = "fork(2), and what a newborn may do before exec")]

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::ptr;

use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::unistd::pipe2;

use super::seccomp::Filter;
use crate::model::{Errno, Pid};

/// A program to start, and with what.
pub struct Launch<'a> {
    /// The file to execute.
    pub program: &'a CStr,
    /// Its arguments, the name it is called by among them.
    pub argv: &'a [CString],
    /// Its environment.
    pub environment: &'a [CString],
    /// What becomes its descriptors 0, 1 and 2.
    pub stdio: [BorrowedFd<'a>; 3],
    /// Which of its calls stop it.
    pub filter: &'a Filter,
}

/// A newborn that waits behind its gate. Dropped without [`Gate::open`], it ends.
#[derive(Debug)]
pub struct Gate {
    pid: Pid,
    open: OwnedFd,
    trouble: OwnedFd,
}

/// A pseudoterminal: what the program prints is buffered as in a terminal.
#[derive(Debug)]
pub struct Pty {
    /// The side that shows and types.
    pub master: OwnedFd,
    /// The side that becomes the program's descriptors 0 to 2. Close it once the program has started: then the
    /// end of the last process that holds it is end-of-file (EIO) on the master.
    pub slave: OwnedFd,
}

/// Opens a pseudoterminal of this size. It is nobody's controlling terminal.
pub fn pty(rows: u16, columns: u16) -> io::Result<Pty> {
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let OpenptyResult { master, slave } = openpty(&size, None)?;
    for end in [&master, &slave] {
        fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    }
    Ok(Pty { master, slave })
}

/// What kept a newborn from reaching exec, or exec from succeeding. It has ended with status 127.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The step that failed.
    pub step: Step,
    /// How.
    pub errno: Errno,
}

/// What a newborn does on its way to exec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Step {
    /// Wiring descriptors 0 to 2.
    Stdio,
    /// Installing the filter.
    Filter,
    /// Executing the program.
    Exec,
}

/// Forks. The newborn waits until its gate opens, and should be seized before that.
pub fn spawn(launch: &Launch<'_>) -> io::Result<Gate> {
    let (gate, open) = pipe2(OFlag::O_CLOEXEC)?;
    let (trouble, tell) = pipe2(OFlag::O_CLOEXEC)?;
    let argv = pointers(launch.argv);
    let environment = pointers(launch.environment);
    // SAFETY: the child only makes system calls, on memory that was laid out above, and ends in exec or _exit:
    // it takes no lock and allocates nothing, whatever other threads held at the fork.
    let pid = unsafe { libc::fork() };
    match pid {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            // SAFETY: closes a descriptor that the child alone holds under this number and never uses: with the
            // opening end kept, it would not see that its parent is gone.
            unsafe { libc::close(open.as_raw_fd()) };
            newborn(launch, &argv, &environment, gate.as_raw_fd(), tell.as_raw_fd())
        }
        pid => Ok(Gate {
            pid: Pid(pid),
            open,
            trouble,
        }),
    }
}

impl Gate {
    /// The newborn.
    pub const fn pid(&self) -> Pid {
        self.pid
    }

    /// Lets the newborn go on to exec. What it reports, if it does not get there, can be read from the result.
    pub fn open(self) -> io::Result<Report> {
        nix::unistd::write(&self.open, &[1])?;
        Ok(Report(self.trouble))
    }
}

/// Where a newborn tells what kept it from exec.
#[derive(Debug)]
pub struct Report(OwnedFd);

impl Report {
    /// What it told. Sleeps until the newborn has exec'd or ended.
    pub fn read(self) -> Option<Trouble> {
        let mut word = [0; 5];
        match nix::unistd::read(&self.0, &mut word) {
            Ok(5) => Some(Trouble {
                step: match word[0] {
                    0 => Step::Stdio,
                    1 => Step::Filter,
                    _ => Step::Exec,
                },
                errno: Errno(i32::from_ne_bytes([word[1], word[2], word[3], word[4]])),
            }),
            _ => None,
        }
    }
}

fn pointers(strings: &[CString]) -> Vec<*const libc::c_char> {
    strings
        .iter()
        .map(|string| string.as_ptr())
        .chain([ptr::null()])
        .collect()
}

/// The life of the newborn. Nothing in here allocates, locks or panics.
fn newborn(
    launch: &Launch<'_>,
    argv: &[*const libc::c_char],
    environment: &[*const libc::c_char],
    gate: RawFd,
    tell: RawFd,
) -> ! {
    let step = if let Err(step) = prepare(launch, gate) {
        step
    } else {
        // SAFETY: both arrays end in a null pointer, and the strings live in `launch`.
        unsafe { libc::execve(launch.program.as_ptr(), argv.as_ptr(), environment.as_ptr()) };
        Step::Exec
    };
    let errno = nix::errno::Errno::last_raw().to_ne_bytes();
    let word = [step as u8, errno[0], errno[1], errno[2], errno[3]];
    // SAFETY: writes five bytes of a local, then ends; no destructor and no exit handler runs.
    unsafe {
        libc::write(tell, word.as_ptr().cast(), word.len());
        libc::_exit(127)
    }
}

fn prepare(launch: &Launch<'_>, gate: RawFd) -> Result<(), Step> {
    let mut opened = 0_u8;
    // SAFETY: system calls on numbers and on locals that outlive them. The descriptors are made close-on-exec
    // and not closed, because `gate` and the way to tell of trouble are among them. Resetting the signals that
    // cannot be caught or do not exist fails and changes nothing.
    unsafe {
        libc::setsid();
        let mut fresh = [-1; 3];
        for (copy, fd) in fresh.iter_mut().zip(&launch.stdio) {
            *copy = libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 3);
        }
        for (target, copy) in (0..).zip(fresh) {
            if copy == -1 || libc::dup2(copy, target) == -1 {
                return Err(Step::Stdio);
            }
        }
        libc::syscall(libc::SYS_close_range, 3, u32::MAX, libc::CLOSE_RANGE_CLOEXEC);
        if libc::read(gate, (&raw mut opened).cast(), 1) != 1 {
            libc::_exit(127);
        }
        for signal in 1..=64 {
            // What came since the fork, such as Ctrl-C before setsid, was meant for others: ignoring discards it.
            libc::signal(signal, libc::SIG_IGN);
            libc::signal(signal, libc::SIG_DFL);
        }
        let mut none = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), ptr::null_mut());
    }
    launch.filter.install().map_err(|_| Step::Filter)
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd as _;

    use nix::sys::wait::{WaitStatus, waitpid};

    use super::*;
    use crate::model::Signal;
    use crate::sys::signal;

    #[test]
    fn a_signal_that_comes_before_the_program_does_not_reach_it() {
        // As in screen, which reads it from a descriptor; the mask is this thread's, and the newborn's.
        signal::block(Signal::INT).expect("a signal that can be blocked");
        let null = std::fs::File::open("/dev/null").expect("it is everywhere");
        let words = [c"/bin/sh", c"-c", c"exit 7"].map(CString::from);
        let gate = spawn(&Launch {
            program: &words[0],
            argv: &words,
            environment: &[],
            stdio: [null.as_fd(); 3],
            filter: &Filter::stopping_at(&[]),
        });
        let gate = gate.expect("room for a process");
        let pid = gate.pid();
        signal::send(pid, Signal::INT).expect("it waits at its gate");
        assert_eq!(gate.open().expect("it reads").read(), None);
        let pid = nix::unistd::Pid::from_raw(pid.0);
        assert_eq!(waitpid(pid, None), Ok(WaitStatus::Exited(pid, 7)));
    }
}
