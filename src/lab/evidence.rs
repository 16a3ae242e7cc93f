//! The evidence: the lines of /proc that the screen's words come from, for one process.

use crate::model::{Pid, Signal};

/// The fields of /proc/PID/status that are shown, in their order.
const FIELDS: [&str; 12] = [
    "Name", "State", "Tgid", "PPid", "Threads", "VmRSS", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt",
    "NSpid",
];

/// The fields of /proc/PID/smaps_rollup that are shown.
const MEMORY: [&str; 4] = ["Rss", "Pss", "Shared_Dirty", "Private_Dirty"];

/// What /proc says of a process, line by line, each with where it stands.
pub fn of(pid: Pid) -> Vec<String> {
    let mut lines = vec![format!("/proc/{pid}/stat")];
    match read(pid, "stat") {
        Ok(stat) => lines.extend(stat_lines(&stat)),
        Err(error) => {
            lines.push(format!("  {}", unreadable(&error)));
            return lines;
        }
    }
    lines.push(format!("/proc/{pid}/status"));
    lines.extend(status_lines(pid));
    lines.push(format!("/proc/{pid}/smaps_rollup"));
    lines.extend(memory_lines(pid));
    for file in ["wchan", "syscall", "cmdline"] {
        lines.push(format!("/proc/{pid}/{file}"));
        lines.push(format!("  {}", small_file(pid, file)));
    }
    lines
}

fn stat_lines(stat: &str) -> Vec<String> {
    let Some((_, rest)) = stat.rsplit_once(')') else {
        return Vec::new();
    };
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    [
        (0, "state (field 3)"),
        (1, "ppid (4): the parent"),
        (2, "pgrp (5): the process group"),
        (3, "session (6)"),
        (6, "flags (9)"),
        (17, "num_threads (20)"),
        (19, "starttime (22), in ticks since boot"),
        (49, "exit_code (52), of a zombie: its wait status"),
    ]
    .into_iter()
    .filter_map(|(at, name)| fields.get(at).map(|value| format!("  {name:<46} {value}")))
    .collect()
}

fn status_lines(pid: Pid) -> Vec<String> {
    let text = match read(pid, "status") {
        Ok(text) => text,
        Err(error) => return vec![format!("  {}", unreadable(&error))],
    };
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| FIELDS.contains(name))
        .map(|(name, value)| {
            let value = value.trim();
            if name.starts_with("Sig") || name == "ShdPnd" {
                format!("  {name:<8} {value}  {}", signals_of(value))
            } else {
                format!("  {name:<8} {value}")
            }
        })
        .collect()
}

/// Whose the pages in memory are: after a fork they are shared, and each that one of both writes becomes its own.
fn memory_lines(pid: Pid) -> Vec<String> {
    let text = match std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) {
        Ok(text) => text,
        // The file of a zombie is there, but reading it gives ESRCH.
        Err(error) if error.raw_os_error() == Some(nix::libc::ESRCH) => {
            return vec!["  (none: what is dead has no memory)".to_owned()];
        }
        Err(error) => return vec![format!("  {}", unreadable(&error))],
    };
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| MEMORY.contains(name))
        .map(|(name, value)| format!("  {name:<14} {}", value.trim()))
        .collect()
}

/// A mask of signals in words.
fn signals_of(mask: &str) -> String {
    let Ok(bits) = u64::from_str_radix(mask, 16) else {
        return String::new();
    };
    let names: Vec<String> = (1..=64)
        .filter(|n| bits & (1 << (n - 1)) != 0)
        .map(|n| Signal(n).to_string())
        .collect();
    match names.len() {
        0 => "none".to_owned(),
        1..=8 => names.join(" "),
        n => format!("{} and {} more", names[..8].join(" "), n - 8),
    }
}

fn small_file(pid: Pid, name: &str) -> String {
    match read(pid, name) {
        Ok(text) if text.is_empty() => "(empty)".to_owned(),
        Ok(text) => text.replace('\0', " ").trim_end().to_owned(),
        Err(error) => unreadable(&error),
    }
}

/// A file of a process. Its command may be anything, UTF-8 or not.
fn read(pid: Pid, name: &str) -> std::io::Result<String> {
    let bytes = std::fs::read(format!("/proc/{pid}/{name}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            "may not be read here (Yama or hidepid): the row relies on the rest".to_owned()
        }
        std::io::ErrorKind::NotFound => "no such process any more: it has been reaped".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}
