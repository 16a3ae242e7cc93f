//! How fast the past is: folding, opening, jumping, and what a long one costs a fork. `cargo bench --bench journal`
//! prints one line for each figure; docs/performance.md has them with what they are held to.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, UNIX_EPOCH};

use forkscope::journal::{Header, Journal, Recorder, Recording};
use forkscope::model::{self, Event, World};
use forkscope::sys::fork::{Fork, exit_now, fork};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

#[path = "../src/journal/samples.rs"]
mod samples;

const MILLION: usize = 1_000_000;

/// As many facts to each side as the screen reads for the lanes.
const REACH: usize = 400;

/// A journal as short as that of one lesson. From then on the latest facts, which the screen keeps, are as many as ever.
const FEW: usize = 1000;

/// How many pairs of processes are started to compare their forks.
const PAIRS: usize = 15;

/// The first argument of a process that only forks.
const FORKS: &str = "--forks";

// With a million facts, seconds for all are microseconds for one, and its inverse is millions a second.
fn main() {
    let mut args = std::env::args_os().skip(1).skip_while(|arg| arg != FORKS);
    if let (Some(_), Some(path)) = (args.next(), args.next()) {
        return forks(Path::new(&path));
    }
    let dir = tempfile::tempdir().expect("a directory");
    let [few, many] = ["few.jsonl", "many.jsonl"].map(|name| dir.path().join(name));
    let events = samples::session(MILLION);
    fold(&events);
    record(&events[..FEW], &few);
    let took = record(&events, &many);
    println!("record              {:>8.2} µs a fact", took.as_secs_f64());
    drop(events);
    open_and_jump(&many);
    compare_forks(&few, &many);
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

fn record(events: &[Event], path: &Path) -> Duration {
    let mut recorder = Recorder::create(path, &Header::new(UNIX_EPOCH, "bench")).expect("a file");
    let ((), took) = timed(|| {
        for event in events {
            recorder.write(event).expect("room");
        }
    });
    took
}

/// Opens a recording, and jumps about in it.
fn open_and_jump(path: &Path) {
    let (recording, took) = timed(|| Recording::open(path).expect("a recording"));
    let size = std::fs::metadata(path).expect("the file").len() >> 20;
    println!("open ({size} MiB)       {:>8} ms", took.as_millis());
    let journal = recording.journal();
    slowest("jumps", journal, |n| drop(journal.world_at(n).expect("a world")));
    slowest("lanes", journal, |n| {
        drop(journal.lanes(n, REACH).expect("lanes"));
    });
}

/// Forks with few and with many facts behind them, in processes that hold nothing else, in turn.
fn compare_forks(few: &PathBuf, many: &PathBuf) {
    let figures = |path| {
        let bench = std::env::current_exe().expect("the bench is a file");
        let out = Command::new(bench).arg(FORKS).arg(path).output();
        let out = String::from_utf8(out.expect("it runs").stdout).expect("it prints numbers");
        let mut numbers = out
            .split_whitespace()
            .map(|number| number.parse().expect("a number"));
        [(); 2].map(|()| numbers.next().expect("two of them"))
    };
    let pairs: Vec<[[f64; 2]; 2]> = (0..PAIRS).map(|_| [figures(few), figures(many)]).collect();
    let median_of = |figure: fn(&[[f64; 2]; 2]) -> f64| median(pairs.iter().map(figure));
    println!(
        "memory fork copies  {:>8.1} MiB more",
        median_of(|[few, many]| many[0] - few[0])
    );
    println!(
        "fork and reap       {:>8.0} µs with {FEW} facts",
        median_of(|[few, _]| few[1])
    );
    println!(
        "  with a million    {:>8.2} times that",
        median_of(|[few, many]| many[1] / few[1])
    );
}

/// With that recording open: the memory that a fork of this process copies, in MiB, and what it costs with the reaping
/// of the child, in µs. All on one processor: who has just been busy for long has its children put on another, and to
/// be woken from there takes longer than all the rest.
fn forks(path: &Path) {
    let recording = Recording::open(path).expect("a recording");
    let mut one = CpuSet::new();
    one.set(0).expect("there is a first processor");
    sched_setaffinity(Pid::this(), &one).expect("it may be chosen");
    let once = |_| {
        let start = Instant::now();
        match fork().expect("the machine has room for one more") {
            Fork::Child => exit_now(0),
            Fork::Parent(pid) => drop(waitpid(Pid::from_raw(pid.0), None)),
        }
        start.elapsed().as_secs_f64() * 1e6
    };
    println!("{} {}", anonymous_memory(), median((0..301).map(once)));
    drop(recording);
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
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
