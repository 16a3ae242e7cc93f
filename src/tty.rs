//! The terminal's modes: taken, given back, and never fought over.
//!
//! Both keeper and screen can put them back, each with SIGTTOU blocked, so that neither is stopped for it in the
//! background (termios(3), tcsetattr from a background process). What is not our own any more is left alone.

use std::io::Write as _;

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

    /// Puts the modes and the screen back, if the terminal is still raw and nobody else is in its foreground: else a
    /// shell has taken over, and it knows better.
    pub fn put_back(&self) {
        if is_raw() && (is_foreground() || is_abandoned()) {
            self.put_back_surely();
        }
    }

    /// Puts the modes and the screen back.
    pub fn put_back_surely(&self) {
        let was_blocked = signal::block(Signal::TTOU).unwrap_or(true);
        leave_screen();
        let _ = set(&self.modes);
        if !was_blocked {
            let _ = signal::unblock(Signal::TTOU);
        }
    }
}

/// Puts the screen back, and leaves the modes to whom they belong.
pub fn leave_screen() {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(RESET).and_then(|()| out.flush());
}

/// Whether the process group of this process may use the terminal.
pub fn is_foreground() -> bool {
    termios::tcgetpgrp(rustix::stdio::stdin()).is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Whether the terminal has no session any more: its leader has died, as the keeper can where no shell started it.
fn is_abandoned() -> bool {
    termios::tcgetpgrp(rustix::stdio::stdin()) == Err(rustix::io::Errno::NOTTY)
}

fn is_raw() -> bool {
    termios::tcgetattr(rustix::stdio::stdin()).is_ok_and(|modes| {
        !modes
            .local_modes
            .intersects(termios::LocalModes::ICANON | termios::LocalModes::ECHO)
    })
}

fn set(modes: &Termios) -> rustix::io::Result<()> {
    termios::tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, modes)
}
