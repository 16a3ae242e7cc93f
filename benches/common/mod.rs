//! What the benches share: forkscope in a real terminal, and what /proc says of its cost.

use std::fs;
use std::time::Duration;

#[path = "../../tests/playground/kernel.rs"]
#[expect(dead_code, reason = "the tests read more of /proc")]
pub mod kernel;
#[path = "../../tests/playground/lab.rs"]
pub mod lab;
#[path = "../../tests/playground/pty.rs"]
#[expect(dead_code, reason = "the tests do more in a terminal")]
pub mod pty;

/// How long a process has run, from /proc/PID/schedstat, in nanoseconds there.
pub fn on_cpu(pid: i32) -> Duration {
    let text = fs::read_to_string(format!("/proc/{pid}/schedstat")).expect("the kernel has schedstat");
    let first = text
        .split_ascii_whitespace()
        .next()
        .and_then(|text| text.parse().ok());
    Duration::from_nanos(first.expect("a number"))
}

/// In milliseconds.
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
