//! A terminal with somebody in front of it: keys are pressed, and what the screen shows is waited for.
//!
//! The test holds the master, close-on-exec, so that it alone can hang up; and a slave, so that the modes can be
//! compared after everybody else is gone.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::num::NonZero;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::termios::{Termios, tcgetattr};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{Winsize, tcsetwinsize};

use super::kernel;
use super::lab::Mark;

/// How long something may take to show on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A terminal.
pub struct Terminal {
    master: Option<PtyMaster>,
    slave: File,
    parser: vt100::Parser,
    /// Its modes before anything ran in it.
    pub initial: Termios,
    /// How many bytes have been written to it.
    pub written: usize,
    /// What was written to it, if it is anything that a terminal obeys and forkscope never says.
    pub obeyed: Option<Vec<u8>>,
    last: u8,
    child: Child,
    /// The mark of all that runs in it.
    pub mark: Mark,
    /// Where what runs in it keeps its files.
    _folder: tempfile::TempDir,
}

impl Terminal {
    /// A terminal of 40 rows and 120 columns in which this runs, as leader of its session.
    pub fn run(program: &str, args: &[&str]) -> Self {
        Self::run_in((40, 120), &[], program, args)
    }

    /// The same with that many rows and columns, and these variables in the environment.
    pub fn run_in((rows, columns): (u16, u16), env: &[(&str, &str)], program: &str, args: &[&str]) -> Self {
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
        let master = posix_openpt(flags).expect("there are ptys");
        grantpt(&master).expect("grantpt");
        unlockpt(&master).expect("unlockpt");
        let slave = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(OFlag::O_NOCTTY.bits())
            .open(ptsname_r(&master).expect("it has a name"))
            .expect("the slave");
        resize(&slave, rows, columns);
        let initial = tcgetattr(&slave).expect("it is a terminal");
        let mark = Mark::new();
        let folder = tempfile::tempdir().expect("a folder");
        let end = || Stdio::from(slave.try_clone().expect("a descriptor"));
        // setsid(1) does what a terminal emulator does between fork and exec: a new session, this its terminal.
        let child = mark
            .command("setsid")
            .arg("--ctty")
            .arg(program)
            .args(args)
            .current_dir(folder.path())
            .env("XDG_STATE_HOME", folder.path())
            .envs(env.iter().copied())
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("setsid(1) is installed");
        Self {
            master: Some(master),
            slave,
            parser: vt100::Parser::new(cells(rows), cells(columns), 0),
            initial,
            written: 0,
            obeyed: None,
            last: 0,
            child,
            mark,
            _folder: folder,
        }
    }

    /// The process that was started in it.
    pub fn leader(&self) -> i32 {
        self.child.id() as i32
    }

    /// Presses keys, as the bytes that a terminal sends.
    pub fn press(&mut self, keys: &str) {
        self.press_bytes(keys.as_bytes());
    }

    /// The same, with bytes that need not be text. Takes in what is written meanwhile: who waits for room to write
    /// reads no keys.
    pub fn press_bytes(&mut self, bytes: &[u8]) {
        let deadline = Instant::now() + PATIENCE;
        let mut rest = bytes;
        while !rest.is_empty() && !self.has_ended() {
            assert!(Instant::now() < deadline, "the terminal takes no keys");
            let master = self.master.as_mut().expect("nobody has hung up");
            match master.write(rest) {
                Ok(length) => rest = &rest[length..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.take_in(Duration::from_millis(20));
                }
                Err(error) => panic!("the terminal takes no keys: {error}"),
            }
        }
    }

    /// Whether the process that was started in it has ended.
    pub fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Changes the size of the window.
    pub fn resize(&mut self, rows: u16, columns: u16) {
        self.parser.screen_mut().set_size(cells(rows), cells(columns));
        resize(&self.slave, rows, columns);
    }

    /// Closes the terminal, as when its window is closed or the line breaks.
    pub fn hang_up(&mut self) {
        self.master = None;
    }

    /// What is on it now.
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// The line discipline's modes.
    pub fn modes(&self) -> Termios {
        tcgetattr(&self.slave).expect("it is a terminal")
    }

    /// The number that stands before a word, as in `7 reaped`; 0 if none does.
    pub fn count(&self, word: &str) -> usize {
        let text = self.screen().contents();
        let before = text.split_once(&format!(" {word}")).map(|(before, _)| before);
        let number = before.and_then(|before| before.rsplit([' ', '\n']).next());
        number.and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    /// Waits until the screen shows this text.
    pub fn shows(&mut self, text: &str) {
        self.until(text, |terminal| terminal.screen().contents().contains(text));
    }

    /// Waits until it is so; fails with the screen if it never is.
    pub fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        self.within(PATIENCE, what, is_so);
    }

    /// Fails unless it is so within that time.
    pub fn within(&mut self, time: Duration, what: &str, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + time;
        while !is_so(self) {
            assert!(
                Instant::now() < deadline,
                "not within {time:?}: {what}\n{}",
                self.screen().contents()
            );
            self.take_in(Duration::from_millis(20));
        }
    }

    /// Takes in what is written for so long.
    pub fn listen(&mut self, time: Duration) {
        let deadline = Instant::now() + time;
        while Instant::now() < deadline {
            self.take_in(deadline.saturating_duration_since(Instant::now()));
        }
    }

    /// Waits until nothing has been written for a while.
    pub fn settles(&mut self) {
        loop {
            let before = self.written;
            self.take_in(Duration::from_millis(200));
            if self.written == before {
                return;
            }
        }
    }

    /// Waits until the process that was started in it has ended.
    pub fn ended(&mut self) -> ExitStatus {
        let leader = self.leader();
        self.until("the end of the program", |_| {
            kernel::stat(leader).is_none_or(|stat| stat.state == 'Z')
        });
        self.child.wait().expect("it is a child of the test")
    }

    /// Waits at most so long for something to be written, and takes it in.
    fn take_in(&mut self, time: Duration) {
        let Some(master) = &mut self.master else {
            std::thread::yield_now();
            return;
        };
        if !wait_for(&[master.as_fd()], time) {
            return;
        }
        let mut bytes = [0; 1 << 14];
        if let Ok(length) = master.read(&mut bytes) {
            self.written += length;
            self.parser.process(&bytes[..length]);
            let heard = [&[self.last], &bytes[..length]].concat();
            self.last = bytes[length - 1];
            if self.obeyed.is_none() && is_foul(&heard) {
                self.obeyed = Some(heard);
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // The mark ends all that runs here; what ran first is the test's own child, and reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether there is a bell in it, a string for the terminal (its title, say), a reset, blinking, or a control
/// character of the second set.
fn is_foul(bytes: &[u8]) -> bool {
    let pair = |pair: &[u8]| {
        matches!(
            pair,
            [0x1b, b']' | b'P' | b'X' | b'^' | b'_' | b'c'] | [0xc2, 0x80..0xa0]
        )
    };
    bytes.contains(&0x07) || bytes.windows(2).any(pair) || bytes.windows(4).any(|four| four == b"\x1b[5m")
}

fn resize(slave: &File, rows: u16, columns: u16) {
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(slave, size).expect("it is a terminal");
}

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).expect("a window has cells")
}

/// Whether one of them is readable within that time.
fn wait_for(fds: &[std::os::fd::BorrowedFd<'_>], time: Duration) -> bool {
    let mut polled: Vec<PollFd<'_>> = fds
        .iter()
        .map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN))
        .collect();
    let time = Timespec::try_from(time).expect("a short time");
    poll(&mut polled, Some(&time)).is_ok_and(|ready| ready > 0)
}
