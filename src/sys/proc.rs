//! Kept-open files of /proc: one pread(2) a look, and immune to the reuse of pids, because a file of a process
//! that is gone says ESRCH for ever. The format is proc(5)'s; procfs parses it.

use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};

use procfs::FromRead;
use procfs::process::Stat;

use crate::model::{Link, Pid, State, WaitStatus};

/// `PF_EXITING`: the process is on its way out.
const PF_EXITING: u32 = 0x4;
/// `PF_FORKNOEXEC`: it has not called exec since it was forked.
const PF_FORKNOEXEC: u32 = 0x40;

/// The longest line a stat file can have: 52 numbers and a command of at most 64 bytes.
const STAT: usize = 2048;

/// What one look at /proc/PID/stat shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Field 2: the command.
    pub comm: String,
    /// Field 3: the state letter.
    pub state: State,
    /// Field 4: the parent.
    pub ppid: Pid,
    /// Field 5: the process group.
    pub pgid: Pid,
    /// Field 6: the session.
    pub sid: Pid,
    /// Whether it is exiting (field 9).
    pub exiting: bool,
    /// Whether it runs the program it was forked with (field 9).
    pub forked_only: bool,
    /// Fields 14 and 15: ticks on a CPU.
    pub cpu: u64,
    /// Field 20: how many threads it has.
    pub threads: u32,
    /// Field 22: when it started, in ticks since boot.
    pub start: u64,
    /// Field 26: where its code begins, which changes with each exec; 0 where that may not be seen.
    pub code: u64,
    /// Field 52, of a zombie, where it may be seen.
    pub status: Option<WaitStatus>,
}

/// A kept-open /proc/PID/stat.
#[derive(Debug)]
pub struct StatFile {
    file: File,
    /// Whether field 52 may be trusted: for a process of another user it reads 0.
    status_shown: bool,
}

impl StatFile {
    /// Opens it; none if there is no such process, or it is hidden.
    pub fn open(pid: Pid) -> Option<Self> {
        let file = File::open(format!("/proc/{pid}/stat")).ok()?;
        let owner = file.metadata().ok()?.uid();
        let me = rustix::process::geteuid();
        let status_shown = me.is_root() || me.as_raw() == owner;
        Some(Self { file, status_shown })
    }

    /// One look; none once the process is reaped.
    pub fn look(&self) -> Option<Seen> {
        let mut line = [0; STAT];
        let length = self
            .file
            .read_at(&mut line, 0)
            .ok()
            .filter(|length| *length > 0)?;
        Seen::read(&line[..length], self.status_shown)
    }
}

impl Seen {
    /// Reads what a stat file holds; none if it is not as proc(5) says.
    pub fn read(line: &[u8], status_shown: bool) -> Option<Self> {
        let stat = Stat::from_read(is_framed(line).then_some(line)?).ok()?;
        let state = State(stat.state);
        let status = (state == State::ZOMBIE && status_shown)
            .then(|| stat.exit_code.map(WaitStatus::from_raw))
            .flatten();
        Some(Self {
            state,
            ppid: Pid(stat.ppid),
            pgid: Pid(stat.pgrp),
            sid: Pid(stat.session),
            exiting: stat.flags & PF_EXITING != 0,
            forked_only: stat.flags & PF_FORKNOEXEC != 0,
            cpu: stat.utime.saturating_add(stat.stime),
            threads: u32::try_from(stat.num_threads).unwrap_or(0),
            start: stat.starttime,
            code: stat.startcode,
            status,
            comm: stat.comm,
        })
    }
}

/// Whether the command stands in its frame, `1 (init) S`, as proc(5) has it; procfs takes that for granted.
fn is_framed(line: &[u8]) -> bool {
    let open = line.windows(2).position(|pair| pair == b" (");
    let close = line.windows(2).rposition(|pair| pair == b") ");
    line.first().is_some_and(u8::is_ascii_digit)
        && line.iter().position(|byte| *byte == b'(') == open.map(|open| open + 1)
        && line.iter().rposition(|byte| *byte == b')') == close
        && open < close
        && close.is_some_and(|close| line.get(close + 2).is_some_and(u8::is_ascii_alphabetic))
}

/// A kept-open list of a process's children: /proc/PID/task/PID/children.
#[derive(Debug)]
pub struct ChildrenFile(File);

impl ChildrenFile {
    /// Opens it; none where the kernel has no such file (`CONFIG_PROC_CHILDREN`) or the process is gone.
    pub fn open(pid: Pid) -> Option<Self> {
        File::open(format!("/proc/{pid}/task/{pid}/children"))
            .ok()
            .map(Self)
    }

    /// The children now, in the order of their births.
    pub fn look(&self) -> Vec<Pid> {
        let mut text = Vec::new();
        let mut page = [0; 4096];
        while let Ok(length @ 1..) = self.0.read_at(&mut page, text.len() as u64) {
            text.extend_from_slice(&page[..length]);
        }
        String::from_utf8_lossy(&text)
            .split_ascii_whitespace()
            .filter_map(|pid| pid.parse().ok().map(Pid))
            .collect()
    }
}

/// When a process started, in ticks since boot; 0 if it is gone.
pub fn start_of(pid: Pid) -> u64 {
    StatFile::open(pid)
        .and_then(|file| file.look())
        .map_or(0, |seen| seen.start)
}

/// The command of a process, from /proc/PID/comm.
pub fn comm(pid: Pid) -> Option<String> {
    let bytes = std::fs::read(format!("/proc/{pid}/comm")).ok()?;
    Some(String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned())
}

/// A process outside, by pid and command. Pid 0 stands for a parent in another PID namespace (pid_namespaces(7)), and a
/// command may be hidden (hidepid in proc(5)).
pub fn outside(pid: Pid) -> Link {
    let unnamed = if pid == Pid(0) { "outside" } else { "hidden" };
    Link::Outside(pid, comm(pid).unwrap_or_else(|| unnamed.to_owned()))
}

/// The program and arguments of a process, from /proc/PID/cmdline; empty for a zombie.
pub fn argv(pid: Pid) -> Vec<String> {
    let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    match text.trim_end_matches('\0') {
        "" => Vec::new(),
        args => args.split('\0').map(str::to_owned).collect(),
    }
}

/// Every pid there is, from a full scan of /proc. Dear: only for cleaning up, and where there are no children
/// files.
pub fn all_pids() -> Vec<Pid> {
    let Ok(dir) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    dir.flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok().map(Pid))
        .collect()
}

/// Whether the environment a process was exec'd with holds `entry`.
pub fn environment_holds(pid: Pid, entry: &str) -> bool {
    std::fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|bytes| bytes.split(|byte| *byte == 0).any(|var| var == entry.as_bytes()))
}

/// How long the process may run under a realtime scheduler without a pause, in microseconds: `RLIMIT_RTTIME` of
/// getrlimit(2), the soft one. None if there is no such limit.
pub fn realtime_limit(pid: Pid) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Max realtime timeout"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// Whether the process has a descriptor that /proc shows as `target`, such as `socket:[4711]`.
pub fn holds_open(pid: Pid, target: &str) -> bool {
    let Ok(dir) = std::fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    dir.flatten()
        .any(|entry| std::fs::read_link(entry.path()).is_ok_and(|link| link.as_os_str() == target))
}

/// In which call the process sleeps, and with which arguments: `proc_pid_syscall(5)`. None where that may not be read.
pub fn syscall(pid: Pid) -> Option<String> {
    std::fs::read_to_string(format!("/proc/{pid}/syscall")).ok()
}

/// What /proc shows for a descriptor of that process.
pub fn target_of(pid: Pid, fd: u64) -> Option<String> {
    let link = std::fs::read_link(format!("/proc/{pid}/fd/{fd}")).ok()?;
    Some(link.to_string_lossy().into_owned())
}

/// What /proc shows for a descriptor of this process.
pub fn target(fd: impl std::os::fd::AsFd) -> String {
    use std::os::fd::AsRawFd;
    let path = format!("/proc/self/fd/{}", fd.as_fd().as_raw_fd());
    std::fs::read_link(path)
        .map(|link| link.to_string_lossy().into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "1 7 7 0 -1 64 0 0 0 0 3 4 0 0 20 0 1 0 99 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 1792";

    #[test]
    fn a_command_may_be_anything() {
        for comm in ["init", "", ")", "(", "a) R 1 (b", "\u{fffd}", "tab\there"] {
            let seen = Seen::read(format!("7 ({comm}) Z {REST}\n").as_bytes(), true).expect(comm);
            assert_eq!(
                (seen.comm.as_str(), seen.state, seen.ppid),
                (comm, State::ZOMBIE, Pid(1))
            );
            assert_eq!((seen.cpu, seen.status), (7, Some(WaitStatus::Exited(7))));
        }
        let hidden = Seen::read(format!("7 (a) Z {REST}").as_bytes(), false);
        assert_eq!(hidden.expect("a stat line").status, None);
    }

    #[test]
    fn what_is_no_stat_line_is_nothing() {
        for line in [
            "",
            "7",
            "7 (a",
            "7 (a)",
            "7 (a) ",
            "7 )a( S",
            "(a) S 1",
            "a (a) S 1",
            "7(a) S 1",
            "7 (a) S 1",
        ] {
            assert_eq!(Seen::read(line.as_bytes(), true), None, "{line}");
        }
        assert_eq!(Seen::read(b"7\xff(a)\xff S 1", true), None);
    }
}
