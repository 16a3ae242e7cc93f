//! How fast the past is: folding, opening, jumping. `cargo bench --bench journal` prints one line for each figure;
//! docs/performance.md has them with what they are held to.

use std::hint::black_box;
use std::time::{Duration, Instant, UNIX_EPOCH};

use forkscope::journal::{Header, Journal, Recorder, Recording};
use forkscope::model::{self, Event, World};
use forkscope::sys::fork::{Fork, exit_now, fork};
use nix::sys::wait::waitpid;

#[path = "../src/journal/samples.rs"]
mod samples;

const MILLION: usize = 1_000_000;

/// As many facts to each side as the screen reads for the lanes.
const REACH: usize = 400;

// With a million facts, seconds for all are microseconds for one, and its inverse is millions a second.
fn main() {
    let events = samples::session(MILLION);
    fold(&events);
    open_and_jump(&events);
}

fn fold(events: &[Event]) {
    let (world, took) = timed(|| {
        let mut world = World::default();
        for event in events {
            world.apply(event);
        }
        world
    });
    black_box(&world);
    println!(
        "fold                {:>8.2} million events a second",
        1.0 / took.as_secs_f64()
    );
}

/// `RssAnon` of /proc/self/status in MiB: what a fork would have to copy.
fn anonymous_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("proc is mounted");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u32>().ok());
    f64::from(kib.expect("the kernel shows RssAnon")) / 1024.0
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = work();
    (value, start.elapsed())
}

/// What a fork of this process costs, and the reaping of its child: what grows with the memory that fork(2) copies.
fn fork_and_reap() -> Duration {
    let once = |_| {
        let start = Instant::now();
        match fork().expect("the machine has room for one more") {
            Fork::Child => exit_now(0),
            Fork::Parent(pid) => drop(waitpid(nix::unistd::Pid::from_raw(pid.0), None)),
        }
        start.elapsed()
    };
    let mut times: Vec<Duration> = (0..101).map(once).collect();
    times.sort();
    times[times.len() / 2]
}

/// Writes a recording, opens it, and jumps about in it.
fn open_and_jump(events: &[Event]) {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("session.jsonl");
    let mut recorder = Recorder::create(&path, &Header::new(UNIX_EPOCH, "bench")).expect("a file");
    let ((), took) = timed(|| {
        for event in events {
            recorder.write(event).expect("room");
        }
    });
    println!("record              {:>8.2} µs a fact", took.as_secs_f64());

    let fresh = fork_and_reap();
    let before = anonymous_memory();
    let (recording, took) = timed(|| Recording::open(&path).expect("a recording"));
    let size = std::fs::metadata(&path).expect("the file").len() >> 20;
    println!("open ({size} MiB)       {:>8} ms", took.as_millis());
    println!("memory fork copies  {:>8.1} MiB", anonymous_memory() - before);
    let later = fork_and_reap();
    let grown = later.saturating_sub(fresh).as_micros();
    println!("fork and reap       {grown:>8} µs longer with it: median of 101");
    let journal = recording.journal();
    slowest("jumps", journal, |n| drop(journal.world_at(n).expect("a world")));
    slowest("lanes", journal, |n| {
        drop(journal.lanes(n, REACH).expect("lanes"));
    });
}

/// The slowest of a hundred, at positions all over the journal.
fn slowest(what: &str, journal: &Journal, work: impl Fn(u64)) {
    let positions = (0..100).map(|n| n * 7919 * 1301 % journal.len());
    let slowest = positions.map(|n| timed(|| work(n)).1).max();
    println!(
        "slowest of 100 {what}{:>8.1} ms",
        slowest.unwrap_or_default().as_secs_f64() * 1e3
    );
}
