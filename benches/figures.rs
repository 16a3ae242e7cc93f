//! What the playground costs, measured on the real program in a real terminal with 40 lab processes:
//! `cargo bench --bench figures` prints one line for each figure; docs/performance.md has them with what they are held to.

use std::fs::{self, File};
use std::hint::black_box;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

mod common;

use common::lab::FORKSCOPE;
use common::pty::Terminal;
use common::{kernel, ms, on_cpu};
use forkscope::model::Pid;
use forkscope::sys::proc::StatFile;

/// How many lab processes there are.
const LAB: usize = 40;

/// How many forks are timed.
const FORKS: usize = 100;

/// How many steps are timed.
const STEPS: usize = 300;

/// Its lines 3, 4 and 5 come one after the other, for ever.
const ROUND: &str =
    "int main(void) {\n    int n = 0;\n    while (1) {\n        n = n + 1;\n        n = n - 1;\n    }\n}\n";

/// Twenty processes that count for ever.
const TWENTY: &str = "#include <unistd.h>\nint main(void) {\n    long n = 0;\n    for (int i = 0; i < 19; i++) {\n        \
                      if (fork() == 0) {\n            break;\n        }\n    }\n    while (1) {\n        n = n + 1;\n    \
                      }\n}\n";

/// Forks so often, and waits each time.
const FORKS_IN_BURST: usize = 20_000;

/// How long the twenty run while their lines are counted, and how long keys are pressed in a flood.
const RUN: Duration = Duration::from_secs(5);

fn main() {
    first_frame();
    recording();
    let mut terminal = playground(&[]);
    let screen = kernel::screen_below(terminal.leader());
    let mut times: Vec<Duration> = (0..FORKS).map(|n| fork_to_row(&mut terminal, n)).collect();
    times.sort_unstable();
    println!("f to row, median     {:>8.2} ms", ms(times[FORKS / 2]));
    println!("f to row, 99 %       {:>8.2} ms", ms(times[FORKS * 99 / 100]));
    println!("RssAnon of screen    {:>8} KiB", kernel::anonymous_memory(screen));
    idle(&mut terminal, screen);
    refresh(&kernel::family(terminal.leader()).into_keys().collect::<Vec<_>>());
    drop(terminal);
    let folder = tempfile::tempdir().expect("a folder");
    steps(folder.path());
    lines(folder.path());
    burst(folder.path());
    flood(folder.path());
}

/// From a key to what it changes on the screen, while a traced program forks as fast as it can; and what the burst
/// leaves in memory.
fn burst(folder: &Path) {
    let file = folder.join("burst.c");
    let text = format!(
        "#include <sys/wait.h>\n#include <unistd.h>\nint main(void) {{\n    for (int i = 0; i < {FORKS_IN_BURST}; i++) \
         {{\n        if (fork() == 0) _exit(0);\n        wait(0);\n    }}\n}}\n"
    );
    fs::write(&file, text).expect("it can be written");
    let mut terminal = Terminal::run_in((40, 120), &[], FORKSCOPE, &[file.to_str().expect("a plain name")]);
    terminal.shows("at its first instruction");
    let screen = kernel::screen_below(terminal.leader());
    let is_over = |terminal: &Terminal| terminal.count("reaped") == FORKS_IN_BURST + 1;
    terminal.press("F");
    // Where in its files the program stands has been looked up by then.
    terminal.until("a hundred forks", |terminal| terminal.count("reaped") >= 100);
    let before = kernel::anonymous_memory(screen);
    keys_until("burst", &mut terminal, is_over);
    println!(
        "burst, RssAnon grows {:>8} KiB",
        kernel::anonymous_memory(screen).saturating_sub(before)
    );
}

/// From a key to what it changes on the screen, while a process writes commands to a terminal without end.
fn flood(folder: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/playground/hostile.c");
    let program = folder.join("hostile");
    let compiled = Command::new("cc").arg("-o").arg(&program).arg(source).status();
    assert!(compiled.expect("a C compiler is installed").success());
    let program = program.to_str().expect("a plain name");
    let keys = format!(r#"f @A e "{program} flood 100000" <Enter> @keeper"#);
    for (name, args) in [
        ("flood", ["play", "--keys", &keys].as_slice()),
        (
            "traced flood",
            &["trace", "--keys", "r", "--", program, "flood", "100000"],
        ),
    ] {
        let mut terminal = Terminal::run_in((40, 120), &[], FORKSCOPE, args);
        terminal.shows("from now on is not kept");
        let end = Instant::now() + RUN;
        keys_until(name, &mut terminal, |_| Instant::now() > end);
    }
}

/// Presses keys, each at another moment, and prints how long what they change takes to the screen.
fn keys_until(name: &str, terminal: &mut Terminal, is_over: impl Fn(&Terminal) -> bool) {
    let mut times = Vec::new();
    for theme in ["light", "contrast", "plain", "dark"].iter().cycle() {
        // Keys come at any time, not just after a picture.
        terminal.listen(Duration::from_millis(20 + times.len() as u64 % 23));
        if is_over(terminal) {
            break;
        }
        let start = Instant::now();
        terminal.press("t");
        terminal.shows(&format!("Theme: {theme}."));
        times.push(start.elapsed());
    }
    times.sort_unstable();
    println!(
        "{name:13}, median {:>8.2} ms for {} keys",
        ms(times[times.len() / 2]),
        times.len()
    );
    println!("{name:13}, 99 %   {:>8.2} ms", ms(times[times.len() * 99 / 100]));
    println!("{name:13}, slowest{:>8.2} ms", ms(times[times.len() - 1]));
}

/// From `n` to the line that the process has come to.
fn steps(folder: &Path) {
    let file = folder.join("round.c");
    fs::write(&file, ROUND).expect("it can be written");
    let file = file.to_str().expect("a plain name");
    let mut terminal = Terminal::run_in((40, 120), &[], FORKSCOPE, &["run", file]);
    terminal.shows("at line 2");
    let mut times = Vec::with_capacity(STEPS);
    for n in 0..STEPS {
        let line = format!("at line {}", 3 + n % 3);
        let start = Instant::now();
        terminal.press("n");
        terminal.shows(&line);
        times.push(start.elapsed());
        terminal.settles();
    }
    times.sort_unstable();
    println!("n to line, median    {:>8.2} ms", ms(times[STEPS / 2]));
    println!("n to line, 99 %      {:>8.2} ms", ms(times[STEPS * 99 / 100]));
}

/// Lines a second of twenty processes that run as fast as it goes, with the listing on the screen.
#[expect(clippy::cast_precision_loss, reason = "a rate needs no more than four digits")]
fn lines(folder: &Path) {
    let (file, record) = (folder.join("twenty.c"), folder.join("record.jsonl"));
    fs::write(&file, TWENTY).expect("it can be written");
    let paths = [&file, &record].map(|path| path.to_str().expect("a plain name"));
    let args = ["run", paths[0], "--record", paths[1]];
    let mut terminal = Terminal::run_in((40, 120), &[], FORKSCOPE, &args);
    terminal.shows("at line 3");
    terminal.press("r++++++");
    terminal.shows("20 alive");
    let count = || {
        let record = fs::read_to_string(&record).expect("the recording");
        record
            .lines()
            .filter(|line| line.contains(r#""event":"line""#))
            .count()
    };
    let before = count();
    let written = terminal.written;
    terminal.listen(RUN);
    let lines = count() - before;
    println!("run, lines a second  {:>8.0}", lines as f64 / RUN.as_secs_f64());
    println!(
        "run, KiB/s on screen {:>8.0}",
        (terminal.written - written) as f64 / 1024.0 / RUN.as_secs_f64()
    );
}

/// A playground with one process less than the lab is to have.
fn playground(more: &[&str]) -> Terminal {
    let args = [&["play", "--limit", "400", "--keys", "39f"], more].concat();
    let mut terminal = Terminal::run_in((60, 120), &[], FORKSCOPE, &args);
    terminal.shows("39 alive");
    terminal.settles();
    terminal
}

/// What recording costs: two playgrounds side by side, each `f` in the one and then in the other.
fn recording() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("session.jsonl");
    let mut both = [
        playground(&[]),
        playground(&["--record", file.to_str().expect("text")]),
    ];
    let mut times = [Vec::new(), Vec::new()];
    for n in 0..FORKS {
        for (terminal, times) in both.iter_mut().zip(&mut times) {
            times.push(fork_to_row(terminal, n));
        }
    }
    let [without, with] = times.map(|mut times| {
        times.sort_unstable();
        times[FORKS / 2]
    });
    println!(
        "f to row, recording  {:>8.2} ms, {:+.1} %",
        ms(with),
        (with.as_secs_f64() / without.as_secs_f64() - 1.0) * 100.0
    );
}

/// From the start of the program to a whole picture.
fn first_frame() {
    let mut times: Vec<Duration> = (0..20)
        .map(|_| {
            let start = Instant::now();
            let mut terminal = Terminal::run(FORKSCOPE, &["play"]);
            terminal.shows("q quit");
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!(
        "first frame          {:>8.1} ms (median)",
        ms(times[times.len() / 2])
    );
}

/// From `f` to the new row, for the `n`th time. Then the child is ended and reaped, so that there are always as many.
fn fork_to_row(terminal: &mut Terminal, n: usize) -> Duration {
    let (alive, reaped) = (format!(" {LAB} alive"), format!("{} reaped", n + 1));
    let start = Instant::now();
    terminal.press("f");
    terminal.shows(&alive);
    let time = start.elapsed();
    // The newborn stands last; it exits, and screen reaps it.
    terminal.press("\x1b[F");
    terminal.press("x");
    terminal.shows("1 zombie");
    terminal.press("''");
    terminal.press("w");
    terminal.shows(&reaped);
    terminal.settles();
    time
}

/// Ten seconds in which nothing happens.
fn idle(terminal: &mut Terminal, screen: i32) {
    terminal.settles();
    let (ran, written) = (on_cpu(screen), terminal.written);
    terminal.listen(Duration::from_secs(10));
    let ran = on_cpu(screen).saturating_sub(ran);
    println!("idle, of a core      {:>8.2} %", ran.as_secs_f64() * 10.0);
    println!("idle, bytes written  {:>8}", terminal.written - written);
}

/// Looking at each process once, against reading the same kept-open files and nothing more.
fn refresh(pids: &[i32]) {
    let looks: Vec<StatFile> = pids.iter().filter_map(|pid| StatFile::open(Pid(*pid))).collect();
    let files: Vec<File> = pids
        .iter()
        .filter_map(|pid| File::open(format!("/proc/{pid}/stat")).ok())
        .collect();
    let looking = round(|| looks.iter().for_each(|file| drop(black_box(file.look()))));
    let reading = round(|| {
        for file in &files {
            let mut line = [0; 2048];
            let _ = black_box(file.read_at(&mut line, 0));
        }
    });
    let ratio = looking.as_secs_f64() / reading.as_secs_f64();
    println!(
        "refresh, {} files    {:>8.2} x raw preads ({:.0} µs)",
        files.len(),
        ratio,
        looking.as_secs_f64() * 1e6
    );
}

/// The median time of many rounds.
fn round(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..500)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}
