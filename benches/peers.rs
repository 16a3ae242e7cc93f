//! forkscope beside the programs that people use today: htop, ps and pstree. `cargo bench --bench peers`
//!
//! All watch the same machine in the same run, in turn or at once, so that a busy machine harms all alike; what is
//! printed are medians, and medians of the ratios of each round. What is not installed is left out, and said. Tracing
//! beside strace is `benches/tracing.rs`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

mod common;

use common::lab::FORKSCOPE;
use common::pty::Terminal;
use common::{kernel, ms, on_cpu};
use forkscope::sys::fork::{self, Fork};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How many lab processes forkscope shows meanwhile.
const LAB: usize = 20;

/// How many rounds a median is taken of.
const ROUNDS: usize = 5;

/// How often htop looks in the first comparison, and forkscope by itself when nothing happens.
const HTOP_LOOKS: Duration = Duration::from_secs(1);
const OUR_LOOKS: Duration = Duration::from_millis(100);

fn main() {
    // `cargo test` runs benches too, and has no use for figures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    for tool in ["htop", "ps", "pstree"] {
        if !is_installed(tool) {
            println!("{tool} is not installed, and left out");
        }
    }
    println!(
        "\none refresh, in ms on a CPU, with so many processes around; and how many times that of forkscope"
    );
    for count in [100, 1_000, 10_000] {
        refresh(count);
    }
    println!("\nof 24 processes that live so long, how many are seen");
    for life in [5, 20, 50, 100] {
        short_lives(life);
    }
    println!("\nfrom the end of a process to the screen, in ms, median of 20");
    news();
}

/// What one refresh costs each, with `count` more processes on the machine, all asleep.
fn refresh(count: usize) {
    let Some(_crowd) = Crowd::new(count) else {
        println!("{count:6}  this machine does not allow so many processes");
        return;
    };
    let keys = format!("{LAB}f");
    let mut ours = Terminal::run_in((40, 120), &[], FORKSCOPE, &["play", "--keys", &keys]);
    ours.shows(&format!("{LAB} alive"));
    ours.settles();
    let screen = screen_of(&ours);
    let mut htop = is_installed("htop").then(|| htop(&["-t", "-d", "10"]));
    let mut times: [Vec<f64>; 4] = Default::default();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let before = (on_cpu(screen), htop.as_ref().map(|htop| on_cpu(htop.leader())));
        ours.listen(2 * HTOP_LOOKS);
        if let Some(htop) = &mut htop {
            htop.listen(Duration::from_millis(100));
        }
        let looks = |every: Duration| begun.elapsed().as_secs_f64() / every.as_secs_f64();
        times[0].push(ms(on_cpu(screen).saturating_sub(before.0)) / looks(OUR_LOOKS));
        if let (Some(htop), Some(before)) = (&htop, before.1) {
            times[1].push(ms(on_cpu(htop.leader()).saturating_sub(before)) / looks(HTOP_LOOKS));
        }
        for (times, command) in times[2..]
            .iter_mut()
            .zip([&["ps", "-e", "--forest"][..], &["pstree"]])
        {
            times.extend(time_of(command));
        }
    }
    let told = ["forkscope", "htop", "ps", "pstree"].iter().zip(&times);
    let told: Vec<String> = told
        .filter(|(_, each)| !each.is_empty())
        .map(|(name, each)| {
            let ratios = each.iter().zip(&times[0]).map(|(time, ours)| time / ours);
            format!(
                "{name} {:.2} ({:.1}x)",
                median(each.iter().copied()),
                median(ratios)
            )
        })
        .collect();
    println!("{count:6}  {}", told.join("  "));
}

/// Processes that live for so many milliseconds, one after the other, traced by forkscope, watched by htop at its
/// fastest, and looked for in /proc ten times a second.
fn short_lives(life: u32) {
    const COUNT: usize = 24;
    let name = |n: usize| format!("sleep 0.{life:03}{n:04}");
    let script = (0..COUNT).map(name).collect::<Vec<_>>().join("; ");
    let folder = tempfile::tempdir().expect("a folder");
    let facts = folder.path().join("facts");
    let mut htop = is_installed("htop").then(|| htop(&["-d", "1", "-F", "sleep 0."]));
    if let Some(htop) = &mut htop {
        htop.settles();
    }
    let mut traced = Command::new(FORKSCOPE)
        .args(["trace", "--headless", "--json", "--", "sh", "-c", &script])
        .stdin(Stdio::null())
        .stdout(fs::File::create(&facts).expect("a file"))
        .spawn()
        .expect("forkscope starts");
    let mut seen = [[false; COUNT]; 2];
    let mut next_look = Instant::now();
    while traced.try_wait().expect("it is a child of ours").is_none() {
        if next_look <= Instant::now() {
            next_look += Duration::from_millis(100);
            let commands = commands();
            mark_seen(&mut seen[0], |n| commands.contains(&name(n)));
        }
        match &mut htop {
            Some(htop) => {
                htop.listen(Duration::from_millis(2));
                let screen = htop.screen().contents();
                mark_seen(&mut seen[1], |n| screen.contains(&name(n)));
            }
            None => std::thread::yield_now(),
        }
    }
    let facts = fs::read_to_string(&facts).expect("facts are UTF-8");
    let of_forkscope = (0..COUNT)
        .filter(|&n| facts.contains(&name(n).replacen(' ', "\",\"", 1)))
        .count();
    let count = |seen: &[bool]| seen.iter().filter(|seen| **seen).count();
    let of_htop = htop.map_or_else(String::new, |_| format!("  htop {}", count(&seen[1])));
    println!(
        "{life:3} ms  forkscope trace {of_forkscope}  /proc every 100 ms {}{of_htop}",
        count(&seen[0])
    );
}

fn mark_seen(seen: &mut [bool], is_there: impl Fn(usize) -> bool) {
    for (n, seen) in seen.iter_mut().enumerate() {
        *seen = *seen || is_there(n);
    }
}

/// How long after a SIGKILL the screen shows it.
fn news() {
    const TIMES: usize = 20;
    let keys = format!("{TIMES}f");
    let mut ours = Terminal::run_in((40, 120), &[], FORKSCOPE, &["play", "--keys", &keys]);
    ours.shows(&format!("{TIMES} alive"));
    ours.settles();
    let screen = screen_of(&ours);
    let lab: Vec<i32> = kernel::family(screen)
        .into_keys()
        .filter(|pid| *pid != screen)
        .collect();
    let times = (1..).zip(lab).map(|(n, pid)| {
        let begun = Instant::now();
        kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it lives");
        let noun = if n == 1 { "zombie" } else { "zombies" };
        ours.shows(&format!("{n} {noun}"));
        ms(begun.elapsed())
    });
    println!("forkscope          {:8.1}", median(times));
    if !is_installed("htop") {
        return;
    }
    let mut htop = htop(&["-d", "1", "-F", "sleep 98765"]);
    htop.settles();
    let times = (0..TIMES).map(|n| {
        let name = format!("98765{n:02}");
        let mut child = Command::new("sleep").arg(&name).spawn().expect("sleep(1) starts");
        htop.shows(&name);
        let begun = Instant::now();
        child.kill().expect("it lives");
        child.wait().expect("it is a child of ours");
        htop.until("it is gone", |htop| !htop.screen().contents().contains(&name));
        ms(begun.elapsed())
    });
    println!("htop, at its fastest{:8.1}", median(times));
}

/// htop in a terminal of its own, without anybody's settings.
fn htop(args: &[&str]) -> Terminal {
    let settings = [("HTOPRC", "/dev/null"), ("HOME", "/")];
    let mut htop = Terminal::run_in((60, 160), &settings, "htop", args);
    htop.shows("F10");
    htop
}

/// Processes that sleep until they are dropped. They are children of their own first one, so that nobody else has to
/// read a long list of children.
struct Crowd(i32);

impl Crowd {
    fn new(count: usize) -> Option<Self> {
        let (read, write) = nix::unistd::pipe().expect("a pipe");
        match fork::fork().ok()? {
            Fork::Child => {
                // A group of its own, so that one signal ends all.
                let _ = nix::unistd::setpgid(Pid::from_raw(0), Pid::from_raw(0));
                let all = (0..count).all(|_| match fork::fork() {
                    Ok(Fork::Child) => sleep_for_ever(),
                    result => result.is_ok(),
                });
                let _ = nix::unistd::write(&write, &[u8::from(all)]);
                sleep_for_ever()
            }
            Fork::Parent(pid) => {
                let crowd = Self(pid.0);
                drop(write);
                let mut all = [0];
                let _ = nix::unistd::read(&read, &mut all);
                (all == [1]).then_some(crowd)
            }
        }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(-self.0), Signal::SIGKILL);
        let _ = nix::sys::wait::waitpid(Pid::from_raw(self.0), None);
    }
}

fn sleep_for_ever() -> ! {
    loop {
        nix::unistd::pause();
    }
}

/// What one run of a command costs, in ms on a CPU; none if it is not installed.
#[expect(
    clippy::cast_precision_loss,
    reason = "a median needs no more than three digits"
)]
fn time_of(command: &[&str]) -> Option<f64> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;
    let used = || {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("it never fails");
        (usage.user_time() + usage.system_time()).num_microseconds()
    };
    let before = used();
    let status = Command::new(command[0])
        .args(&command[1..])
        .stdout(Stdio::null())
        .status();
    status.ok()?;
    Some((used() - before) as f64 / 1e3)
}

/// The command lines of all processes.
fn commands() -> Vec<String> {
    let lines = kernel::all().into_keys().filter_map(|pid| {
        let bytes = fs::read(Path::new("/proc").join(pid.to_string()).join("cmdline")).ok()?;
        Some(
            String::from_utf8_lossy(&bytes)
                .trim_end_matches('\0')
                .replace('\0', " "),
        )
    });
    lines.collect()
}

/// The screen process of a forkscope.
fn screen_of(terminal: &Terminal) -> i32 {
    let family = kernel::family(terminal.leader());
    let screen = family
        .values()
        .find(|stat| stat.ppid == terminal.leader() && stat.comm == "forkscope");
    screen.expect("screen is below keeper").pid
}

fn is_installed(tool: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(tool).is_file()))
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
