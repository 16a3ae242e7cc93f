//! /proc as the tests read it: plain files, split by hand, so that no mistake of the program's own reader is shared.

use std::collections::BTreeMap;
use std::fs;

/// What /proc/PID/stat says of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    pub pid: i32,
    pub comm: String,
    pub state: char,
    pub ppid: i32,
    pub sid: i32,
    /// The wait status of a zombie.
    pub exit_code: i32,
}

/// One process; none if there is none.
pub fn stat(pid: i32) -> Option<Stat> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let text = String::from_utf8_lossy(&text);
    let (head, rest) = text.rsplit_once(')')?;
    let (_, comm) = head.split_once('(')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    Some(Stat {
        pid,
        comm: comm.to_owned(),
        state: fields.first()?.chars().next()?,
        ppid: fields.get(1)?.parse().ok()?,
        sid: fields.get(3)?.parse().ok()?,
        exit_code: fields.get(49)?.parse().ok()?,
    })
}

/// Every process of the machine.
pub fn all() -> BTreeMap<i32, Stat> {
    pids().filter_map(|pid| Some((pid, stat(pid)?))).collect()
}

/// `root` and all that is below it, zombies too.
pub fn family(root: i32) -> BTreeMap<i32, Stat> {
    let all = all();
    let below = |mut pid: i32| {
        while pid != root {
            match all.get(&pid) {
                Some(stat) => pid = stat.ppid,
                None => return false,
            }
        }
        true
    };
    all.iter()
        .filter(|(pid, _)| below(**pid))
        .map(|(pid, stat)| (*pid, stat.clone()))
        .collect()
}

/// `screen`, which is the child of a keeper that was started in a terminal.
pub fn screen_below(keeper: i32) -> i32 {
    let family = family(keeper);
    let screen = family
        .values()
        .find(|stat| stat.ppid == keeper && stat.comm == "forkscope");
    screen.expect("screen is below keeper").pid
}

/// `RssAnon` of /proc/PID/status in KiB, which a fork copies; 0 of who is gone.
pub fn anonymous_memory(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let number = line.and_then(|line| line.split_ascii_whitespace().next());
    number.map_or(0, |number| number.parse().expect("a number of KiB"))
}

/// The living processes whose environment holds `entry`, as those of a test do, wherever they have gone.
pub fn marked(entry: &str) -> Vec<i32> {
    let holds = |pid: &i32| {
        fs::read(format!("/proc/{pid}/environ"))
            .is_ok_and(|bytes| bytes.split(|byte| *byte == 0).any(|var| var == entry.as_bytes()))
    };
    pids().filter(holds).collect()
}

/// Its soft limit of time under a realtime scheduler, as /proc/PID/limits has it; none if it has none.
pub fn realtime_limit(pid: i32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let line = text
        .lines()
        .find(|line| line.starts_with("Max realtime timeout"))?;
    line.split_ascii_whitespace().nth(3)?.parse().ok()
}

/// What each descriptor of a process is.
pub fn descriptors(pid: i32) -> BTreeMap<i32, String> {
    let Ok(dir) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return BTreeMap::new();
    };
    dir.flatten()
        .filter_map(|entry| {
            let fd = entry.file_name().to_str()?.parse().ok()?;
            let target = fs::read_link(entry.path()).ok()?;
            Some((fd, target.to_string_lossy().into_owned()))
        })
        .collect()
}

fn pids() -> impl Iterator<Item = i32> {
    let dir = fs::read_dir("/proc").expect("/proc is mounted");
    dir.flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}
