//! Following a program to its end without a screen.
//!
//! This decides nothing about output: each fact is handed on as it comes.

use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::os::fd::AsFd;

use super::fact::{Fact, What};
use super::tracer::{TraceError, Tracer};

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All processes have ended.
    Over,
    /// There were too many processes; all have been killed.
    Limit,
    /// Nothing happened for too long; the tree is as it was left.
    Silence,
}

/// Follows the tree until no task is left, and hands on every fact. With `patience`, gives up once nothing has
/// happened for so long; for that, SIGCHLD must be blocked in every thread of this process.
pub fn follow(
    tracer: &mut Tracer,
    patience: Option<Duration>,
    mut sink: impl FnMut(Fact),
) -> Result<End, TraceError> {
    let alarm = patience.map(Alarm::new).transpose()?;
    let mut end = End::Over;
    loop {
        let facts: Vec<_> = tracer.facts().collect();
        for fact in facts {
            if matches!(fact.what, What::Limit { .. }) {
                end = End::Limit;
                tracer.end();
            }
            sink(fact);
        }
        if tracer.is_over() {
            return Ok(end);
        }
        match &alarm {
            None => tracer.wait()?,
            Some(alarm) if alarm.rings()? => return Ok(End::Silence),
            Some(_) => tracer.pump()?,
        }
    }
}

/// Tells news from silence.
struct Alarm {
    news: SignalFd,
    patience: PollTimeout,
}

impl Alarm {
    fn new(patience: Duration) -> Result<Self, TraceError> {
        let mask = SigSet::from(Signal::SIGCHLD);
        mask.thread_block()
            .map_err(|errno| TraceError::Wait(errno.into()))?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        let news = SignalFd::with_flags(&mask, flags).map_err(|errno| TraceError::Wait(errno.into()))?;
        let patience = PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX);
        Ok(Self { news, patience })
    }

    /// Sleeps until there is news, or true if there was none for too long.
    fn rings(&self) -> Result<bool, TraceError> {
        let mut fds = [PollFd::new(self.news.as_fd(), PollFlags::POLLIN)];
        let ready = match poll(&mut fds, self.patience) {
            Err(nix::errno::Errno::EINTR) => return Ok(false),
            result => result.map_err(|errno| TraceError::Wait(errno.into()))?,
        };
        // Signals merge, so one is as good as many; reading all of them makes the next poll sleep.
        while let Ok(Some(_)) = self.news.read_signal() {}
        Ok(ready == 0)
    }
}
