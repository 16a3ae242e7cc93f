//! A replay in a real terminal: (file, keys, what the screen shows).

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::os::fd::AsRawFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

const ORPHAN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings/orphan.jsonl");

/// The size of the terminal.
const ROWS: NonZero<u16> = NonZero::new(24).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(80).unwrap();

/// How long the screen may take; reached only when the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program in a terminal of its own.
struct Screen {
    child: Child,
    master: File,
    picture: vt100::Parser,
}

impl Screen {
    fn replay(args: &[&str], file: &Path) -> Self {
        Self::run(Command::new(env!("CARGO_BIN_EXE_forkscope")), args, file)
    }

    fn run(mut program: Command, args: &[&str], file: &Path) -> Self {
        let size = Winsize {
            ws_row: 24,
            ws_col: 80,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pty = openpty(&size, None).expect("a terminal");
        let stdio = || pty.slave.try_clone().expect("a descriptor");
        let child = program
            .arg("replay")
            .args(args)
            .arg(file)
            .env("TERM", "xterm")
            .env("LC_ALL", "C.UTF-8")
            .stdin(stdio())
            .stdout(stdio())
            .stderr(stdio())
            .spawn()
            .expect("the program");
        let picture = vt100::Parser::new(ROWS, COLUMNS, 0);
        Self {
            child,
            master: pty.master.into(),
            picture,
        }
    }

    fn press(&mut self, keys: &str) -> &mut Self {
        self.master.write_all(keys.as_bytes()).expect("it reads");
        self
    }

    /// Waits until the screen shows that.
    fn shows(&mut self, text: &str) -> &mut Self {
        let end = Instant::now() + PATIENCE;
        while !self.picture.screen().contents().contains(text) {
            assert!(
                Instant::now() < end,
                "no {text}:\n{}",
                self.picture.screen().contents()
            );
            let mut fds = [PollFd::new(&self.master, PollFlags::IN)];
            let tick = Timespec {
                tv_sec: 1,
                tv_nsec: 0,
            };
            if poll(&mut fds, Some(&tick)).is_ok_and(|ready| ready > 0) {
                let mut bytes = [0; 4096];
                let count = self.master.read(&mut bytes).expect("it lives");
                self.picture.process(&bytes[..count]);
            }
        }
        self
    }

    /// The pids of what the screen has started, as proc(5) lists them. The screen is the only child of the keeper, which guards the terminal.
    fn children(&self) -> String {
        let of =
            |pid: &str| fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).expect("it lives");
        of(of(&self.child.id().to_string()).trim())
    }

    fn ends(mut self) {
        assert!(self.child.wait().expect("it ends").success());
    }
}

#[test]
fn a_recording_is_stepped_through() {
    let mut screen = Screen::replay(&[], Path::new(ORPHAN));
    screen
        .shows("REPLAY 2 of")
        .press(" ")
        .shows("REPLAY 3 of")
        .press(",")
        .shows("REPLAY 2 of");
    screen
        .press("f")
        .shows("This is a recording")
        .press("r")
        .shows("playing 1x");
    screen.press("q");
    screen.ends();
}

#[test]
fn a_replay_starts_nothing_and_needs_no_rights() {
    // Of the user nobody, whom root alone can become. The descriptors lead past folders that are closed to it.
    let open = |path| {
        let file = File::open(path).expect("the file");
        rustix::io::fcntl_setfd(&file, rustix::io::FdFlags::empty()).expect("it is open");
        file
    };
    let (program, recording) = (open(env!("CARGO_BIN_EXE_forkscope")), open(ORPHAN));
    let through = |file: &File| format!("/proc/self/fd/{}", file.as_raw_fd());
    let mut command = Command::new(through(&program));
    if rustix::process::geteuid().is_root() {
        command.uid(65534).gid(65534);
    }
    let mut screen = Screen::run(command, &[], Path::new(&through(&recording)));
    screen.shows("REPLAY 2 of").press("64.").shows("REPLAY 18 of");
    assert_eq!(screen.children(), "");
    screen.press("q");
    screen.ends();
}

#[test]
fn a_growing_recording_is_followed() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("class.jsonl");
    let whole = fs::read_to_string(ORPHAN).expect("the recording");
    let cut = whole.match_indices('\n').nth(20).expect("twenty lines").0 + 1;
    fs::write(&path, &whole[..cut]).expect("room");
    let mut screen = Screen::replay(&["--follow"], &path);
    screen.shows("FOLLOWING").press("2,").shows("PAST");
    let mut file = OpenOptions::new().append(true).open(&path).expect("the file");
    file.write_all(&whole.as_bytes()[cut..]).expect("room");
    screen.press("\u{1b}").shows("FOLLOWING").shows("18 of 18");
    screen.press("q");
    screen.ends();
}
