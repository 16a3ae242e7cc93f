//! What belongs to one test: a mark in the environment, by which everything that it starts is found, and ended.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::kernel;

/// The program under test.
pub const FORKSCOPE: &str = env!("CARGO_BIN_EXE_forkscope");

/// The mark of one test. Whatever still carries it at the end is killed, however the test goes.
pub struct Mark(String);

impl Mark {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(format!("FORKSCOPE_TEST={}.{n}", std::process::id()))
    }

    /// A command that carries the mark, in an environment that is the same everywhere.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let (name, value) = self.0.split_once('=').expect("a mark is NAME=VALUE");
        command
            .env(name, value)
            .env("TERM", "xterm-256color")
            .env("LC_ALL", "C.UTF-8");
        for name in ["NO_COLOR", "COLORFGBG", "LANG", "LC_CTYPE", "ENV"] {
            command.env_remove(name);
        }
        command
    }

    /// The living that carry the mark.
    pub fn living(&self) -> Vec<i32> {
        kernel::marked(&self.0)
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        loop {
            let living = self.living();
            if living.is_empty() {
                return;
            }
            for pid in living {
                // It may be gone by now, which is as well.
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
            std::thread::yield_now();
        }
    }
}
