//! A program with threads, for the lesson about them: it exists on every machine that has forkscope.
//!
//! It starts its threads, forks once, and sleeps until a signal ends it. Nothing else of forkscope has a second thread
//! (pthreads(7), fork(2)), and this one has no screen and no lab.

use std::num::NonZeroU8;
use std::process::ExitCode;
use std::sync::{Arc, Barrier};
use std::thread::Builder;

use nix::unistd::pause;

use super::Failure;
use crate::sys::fork::fork_sleeper;

/// Becomes a process with so many threads, and with one child.
pub fn threads(count: NonZeroU8) -> Result<ExitCode, Failure> {
    let all_run = Arc::new(Barrier::new(count.get().into()));
    for _ in 1..count.get() {
        let all_run = Arc::clone(&all_run);
        let sleep = move || {
            all_run.wait();
            loop {
                pause();
            }
        };
        let begun = Builder::new().spawn(sleep);
        begun.map_err(|error| Failure::Usage(format!("there is no room for {count} threads: {error}.")))?;
    }
    all_run.wait();
    fork_sleeper()?;
    loop {
        pause();
    }
}
