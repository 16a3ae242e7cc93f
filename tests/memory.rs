//! A long session must not make the screen's forks slow: the journal lies where fork(2) does not copy it. The only
//! test of its binary, since it measures the memory of its process.

use forkscope::journal::Journal;
use forkscope::model;

#[path = "../src/journal/samples.rs"]
mod samples;

/// `RssAnon` of /proc/self/status in KiB: what a fork has to copy.
fn anonymous_memory() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("proc is mounted");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    kib.expect("the kernel shows RssAnon")
}

#[test]
fn a_hundred_thousand_facts_take_little_memory_that_fork_copies() {
    let events = samples::session(100_000);
    let before = anonymous_memory();
    let mut journal = Journal::new().expect("memory");
    for event in &events {
        journal.push(event).expect("memory");
    }
    let grown = anonymous_memory() - before;
    assert_eq!(journal.len(), 100_000);
    assert!(grown < 4 * 1024, "{grown} KiB");
}
