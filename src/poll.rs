//! Waiting: one poll(2) over everything that can happen, with a time after which to look again.

use std::os::fd::AsFd;
use std::time::Instant;

use nix::sys::signalfd::SignalFd;
use rustix::event::{PollFd, PollFlags, Timespec};

use crate::model::Signal;

/// Waits until one of `fds` is readable or gone, or `until` is past.
pub fn until(fds: &[&dyn AsFd], until: Instant) {
    let _ = flags(fds, until);
}

/// The same, and what each of them showed.
pub fn flags(fds: &[&dyn AsFd], until: Instant) -> Vec<PollFlags> {
    let mut polled: Vec<PollFd<'_>> = fds
        .iter()
        .map(|fd| PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN))
        .collect();
    let left = until.saturating_duration_since(Instant::now());
    // Interrupted or not: the caller looks at everything anew.
    let _ = rustix::event::poll(&mut polled, Timespec::try_from(left).ok().as_ref());
    polled.iter().map(PollFd::revents).collect()
}

/// The signals that end a session.
pub const FATAL: [Signal; 4] = [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT];

/// The first signal among those that came that ends the session. The others are let go.
pub fn fatal(signals: &SignalFd) -> Option<Signal> {
    std::iter::from_fn(|| signals.read_signal().ok().flatten())
        .map(|info| Signal(info.ssi_signo as i32))
        .find(|signal| FATAL.contains(signal))
}
