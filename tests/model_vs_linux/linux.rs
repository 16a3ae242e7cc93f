//! The real side: puppets, what they report, and what /proc says of them.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::Duration;

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, sigprocmask};
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, recv, send, socketpair};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{ForkResult, Pid, fork, pipe, setsid};

use super::puppet::{self, FIRST_CHANNEL, Report};

/// How many puppets there may be in one sequence.
pub const LETTERS: usize = 8;

/// What /proc/PID/stat says of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The state letter.
    pub state: char,
    /// Its parent.
    pub parent: i32,
    /// Its group.
    pub group: i32,
    /// Its session.
    pub session: i32,
    /// When it started: with the pid, this is never reused.
    pub start: u64,
}

impl Seen {
    /// Looks at a process.
    pub fn of(pid: i32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        let words: Vec<&str> = rest.split_whitespace().collect();
        let number = |at: usize| words.get(at)?.parse().ok();
        Some(Self {
            state: words.first()?.chars().next()?,
            parent: number(1)?,
            group: number(2)?,
            session: number(3)?,
            start: words.get(19)?.parse().ok()?,
        })
    }
}

/// What /proc/PID/status says of a process's signals, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    /// Sent and not acted.
    pub pending: u64,
    /// Held back.
    pub blocked: u64,
    /// Ignored.
    pub ignored: u64,
    /// With a handler.
    pub caught: u64,
}

impl Signals {
    /// Looks at a process, and at no signals but `shown`.
    pub fn of(pid: i32, shown: u64) -> Option<Self> {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let bits = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            Some(u64::from_str_radix(line.trim(), 16).ok()? & shown)
        };
        Some(Self {
            pending: bits("SigPnd:")? | bits("ShdPnd:")?,
            blocked: bits("SigBlk:")?,
            ignored: bits("SigIgn:")?,
            caught: bits("SigCgt:")?,
        })
    }
}

/// A stage on which puppets live, A first. Whatever is left of them at its end is ended.
pub struct Stage {
    /// Our ends of the puppets' sockets.
    channels: Vec<OwnedFd>,
    /// The puppets that have been heard of, by letter: pid and start.
    known: BTreeMap<usize, (i32, u64)>,
    /// What has been reported and not been taken.
    pub reports: BTreeMap<usize, Report>,
}

impl Stage {
    /// Forks A.
    pub fn open() -> io::Result<Self> {
        let mut channels = Vec::new();
        let mut theirs = Vec::new();
        for letter in 0..LETTERS {
            let (ours, end) = socketpair(
                AddressFamily::Unix,
                SockType::SeqPacket,
                None,
                SockFlag::SOCK_CLOEXEC,
            )?;
            // SAFETY: the number is above all that this process opens otherwise.
            let placed = unsafe { libc::dup2(end.as_raw_fd(), FIRST_CHANNEL + letter as i32) };
            if placed == -1 {
                return Err(io::Error::last_os_error());
            }
            channels.push(ours);
            theirs.push(placed);
        }
        // SAFETY: this process has one thread.
        if let ForkResult::Child = unsafe { fork() }? {
            be_born()
        }
        for end in theirs {
            // SAFETY: the copies are the child's now, and nobody here uses the numbers.
            unsafe { libc::close(end) };
        }
        Ok(Self {
            channels,
            known: BTreeMap::new(),
            reports: BTreeMap::new(),
        })
    }

    /// The pid of a puppet.
    pub fn pid(&self, letter: usize) -> Option<i32> {
        self.known.get(&letter).map(|known| known.0)
    }

    /// Looks at a puppet; none if it is gone.
    pub fn look(&self, letter: usize) -> Option<Seen> {
        let &(pid, start) = self.known.get(&letter)?;
        Seen::of(pid).filter(|seen| seen.start == start)
    }

    /// Tells a puppet what to do.
    pub fn order(&self, letter: usize, order: &str) -> io::Result<()> {
        send(
            self.channels[letter].as_raw_fd(),
            order.as_bytes(),
            MsgFlags::MSG_NOSIGNAL,
        )?;
        Ok(())
    }

    /// Takes in what the puppets report within `patience`, and reaps A.
    pub fn listen(&mut self, patience: Duration) -> io::Result<()> {
        let mut fds: Vec<_> = self
            .channels
            .iter()
            .map(|channel| PollFd::new(channel.as_fd(), PollFlags::POLLIN))
            .collect();
        poll(
            &mut fds,
            PollTimeout::try_from(patience).unwrap_or(PollTimeout::ZERO),
        )?;
        let ready: Vec<usize> = fds
            .iter()
            .enumerate()
            .filter(|(_, fd)| fd.any() == Some(true))
            .map(|(letter, _)| letter)
            .collect();
        for letter in ready {
            let mut line = [0; 512];
            let got = recv(
                self.channels[letter].as_raw_fd(),
                &mut line,
                MsgFlags::MSG_DONTWAIT,
            )
            .unwrap_or(0);
            let Some(report) = Report::parse(&String::from_utf8_lossy(&line[..got])) else {
                continue;
            };
            // A puppet's first report brings its pid.
            if let std::collections::btree_map::Entry::Vacant(unknown) = self.known.entry(letter)
                && let Some(seen) = Seen::of(report.extra as i32)
            {
                unknown.insert((report.extra as i32, seen.start));
            }
            self.reports.insert(letter, report);
        }
        while waitpid(None, Some(WaitPidFlag::WNOHANG)).is_ok_and(|status| status.pid().is_some()) {}
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let letters: Vec<_> = self.known.keys().copied().collect();
        while letters.iter().any(|letter| self.look(*letter).is_some()) {
            for letter in &letters {
                if let (Some(_), Some(pid)) = (self.look(*letter), self.pid(*letter)) {
                    let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
                }
            }
            let _ = self.listen(Duration::from_millis(1));
        }
    }
}

/// A's first acts: a session of its own, signals as they are by default, and descriptors that lead nowhere.
fn be_born() -> ! {
    let null = std::fs::File::options()
        .write(true)
        .open("/dev/null")
        .expect("/dev/null opens");
    let (input, writer) = pipe().expect("a pipe");
    drop(writer);
    for (from, to) in [
        (input.as_raw_fd(), 0),
        (null.as_raw_fd(), 1),
        (null.as_raw_fd(), 2),
    ] {
        // SAFETY: 0 to 2 are open, and nothing in this process uses them any more.
        unsafe { libc::dup2(from, to) };
    }
    let channels = (FIRST_CHANNEL as u32, FIRST_CHANNEL as u32 + LETTERS as u32);
    for (first, last) in [(3, channels.0 - 1), (channels.1, u32::MAX)] {
        // SAFETY: of what is closed here nothing is used any more: the puppet has its channel and 0 to 2.
        unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    }
    std::mem::forget((null, input));
    for signal in Signal::iterator() {
        puppet::set_action(signal as i32, libc::SIG_DFL, 0);
    }
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None).expect("a mask");
    setsid().expect("a child leads no group");
    puppet::live(0)
}
