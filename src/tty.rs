//! The terminal's modes: taken, given back, and never fought over.
//!
//! Both keeper and screen can put them back, each with SIGTTOU blocked, so that neither is stopped for it in the
//! background (termios(3), tcsetattr from a background process). What is not our own any more is left alone.

use std::io::Write as _;

use nix::errno::Errno;
use nix::unistd::{getpgrp, tcgetpgrp};
use rustix::termios::{self, OptionalActions, Termios};

use crate::model::Signal;
use crate::sys::signal;

/// What undoes everything that drawing on the screen does: mouse, paste marks, synchronized update, colours,
/// cursor, alternate screen.
const RESET: &[u8] =
    b"\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?2026l\x1b[0m\x1b[?25h\x1b[?1049l";

/// The modes of the terminal as they were.
#[derive(Clone, Debug)]
pub struct Saved {
    modes: Termios,
}

impl Saved {
    /// The modes now; none if standard input is no terminal.
    pub fn of_stdin() -> Option<Self> {
        termios::tcgetattr(rustix::stdio::stdin())
            .ok()
            .map(|modes| Self { modes })
    }

    /// Raw mode, as cfmakeraw in termios(3) makes it.
    pub fn make_raw(&self) -> rustix::io::Result<()> {
        let mut raw = self.modes.clone();
        raw.make_raw();
        set(&raw)
    }

    /// Puts the modes and the screen back, if the modes are still ours and nobody else is in the foreground: else a
    /// shell has taken over, and it knows better.
    pub fn put_back(&self) {
        if self.is_raw() && (is_foreground() || is_abandoned()) {
            self.put_back_surely();
        }
    }

    /// The same at the end of all drawing. Who was stopped in the middle of a picture finishes it when it goes on, on a
    /// screen that the keeper has put back meanwhile: so it is left once more, whatever the modes are.
    pub fn put_back_drawn(&self) {
        if is_foreground() || is_abandoned() {
            self.put_back_surely();
        }
    }

    /// The keeper is dead or stopped, and the shell that waited for it may be in the foreground already. The screen is
    /// left in any case; modes that are still ours were not put back by that shell, and never will be.
    pub fn put_back_late(&self) {
        unstopped(|| {
            // Nothing comes between: the shell may be setting its own at this moment.
            if self.is_raw() {
                let _ = set(&self.modes);
            }
            leave_screen();
        });
    }

    /// Another program has had the terminal and was ended before it could put anything back.
    pub fn put_back_from_others(&self) {
        if is_foreground() {
            self.put_back_surely();
        }
    }

    fn put_back_surely(&self) {
        unstopped(|| {
            // The modes at once: a shell that takes over sets its own, and those must come last.
            let _ = set(&self.modes);
            leave_screen();
        });
    }

    /// Whether the modes are those that [`Saved::make_raw`] made.
    fn is_raw(&self) -> bool {
        let mut raw = self.modes.clone();
        raw.make_raw();
        termios::tcgetattr(rustix::stdio::stdin()).is_ok_and(|now| {
            now.local_modes == raw.local_modes
                && now.input_modes == raw.input_modes
                && now.output_modes == raw.output_modes
        })
    }
}

/// Does it though this process may be in the background, where the terminal would stop it.
fn unstopped(act: impl FnOnce()) {
    let was_blocked = signal::block(Signal::TTOU).unwrap_or(true);
    act();
    if !was_blocked {
        let _ = signal::unblock(Signal::TTOU);
    }
}

fn leave_screen() {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(RESET).and_then(|()| out.flush());
}

/// Whether the process group of this process may use the terminal. In a PID namespace that a program of another one was
/// started in, both groups are 0, which is what a group is called whose leader is outside.
pub fn is_foreground() -> bool {
    tcgetpgrp(rustix::stdio::stdin()).is_ok_and(|group| group == getpgrp())
}

/// Whether the terminal has no session any more: its leader has died, as the keeper can where no shell started it.
fn is_abandoned() -> bool {
    tcgetpgrp(rustix::stdio::stdin()) == Err(Errno::ENOTTY)
}

fn set(modes: &Termios) -> rustix::io::Result<()> {
    termios::tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, modes)
}
