//! Descriptor tables, read while the pane shows them: what was opened, duplicated or closed becomes a fact.

use std::collections::BTreeMap;

use super::Lab;
use crate::model::event::Fd;
use crate::model::{Pid, ProcId, What};

/// The tables as last seen.
#[derive(Debug, Default)]
pub struct Tables(BTreeMap<ProcId, BTreeMap<i32, Fd>>);

impl Tables {
    /// Reads the tables of these processes, and gives what has changed since they were last read.
    pub fn changes(&mut self, processes: impl IntoIterator<Item = (ProcId, Pid)>) -> Vec<(ProcId, Fd)> {
        let mut changes = Vec::new();
        for (id, pid) in processes {
            let now = table(pid);
            let before = self.0.insert(id, now.clone()).unwrap_or_default();
            for fd in before.keys().filter(|fd| !now.contains_key(fd)) {
                let closed = Fd {
                    fd: *fd,
                    file: None,
                    mode: None,
                    cloexec: false,
                };
                changes.push((id, closed));
            }
            let others = now.into_values().filter(|fd| before.get(&fd.fd) != Some(fd));
            changes.extend(others.map(|fd| (id, fd)));
        }
        changes
    }

    /// Lets go of those that are gone.
    pub fn retain(&mut self, is_there: impl Fn(ProcId) -> bool) {
        self.0.retain(|id, _| is_there(*id));
    }
}

impl Lab {
    /// Begins to tell of descriptors, or stops.
    pub fn watch_descriptors(&mut self, on: bool) {
        if on && self.descriptors.is_none() {
            self.descriptors = Some(Tables::default());
            self.look_at_descriptors();
        } else if !on {
            self.descriptors = None;
        }
    }

    pub(super) fn look_at_descriptors(&mut self) {
        let Some(mut tables) = self.descriptors.take() else {
            return;
        };
        let living = self.tracked.values().filter(|tracked| !tracked.zombie);
        let changes = tables.changes(living.map(|tracked| (tracked.id, tracked.pid)));
        self.descriptors = Some(tables);
        for (id, fd) in changes {
            self.tell(id, What::Fd(fd));
        }
    }
}

/// The descriptors of a process, from /proc/PID/fd and fdinfo; empty where they may not be seen.
fn table(pid: Pid) -> BTreeMap<i32, Fd> {
    let Ok(dir) = std::fs::read_dir(format!("/proc/{pid}/fd")) else {
        return BTreeMap::new();
    };
    dir.flatten()
        .filter_map(|entry| {
            let fd: i32 = entry.file_name().to_str()?.parse().ok()?;
            let file = std::fs::read_link(entry.path())
                .ok()?
                .to_string_lossy()
                .into_owned();
            let flags = flags(pid, fd).unwrap_or(0);
            let mode = match flags & 0o3 {
                0 => "r",
                1 => "w",
                _ => "rw",
            };
            let cloexec = flags & 0o2_000_000 != 0;
            Some((
                fd,
                Fd {
                    fd,
                    file: Some(file),
                    mode: Some(mode.to_owned()),
                    cloexec,
                },
            ))
        })
        .collect()
}

/// The flags of open(2) that /proc/PID/fdinfo shows, in octal.
fn flags(pid: Pid, fd: i32) -> Option<u32> {
    let info = std::fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).ok()?;
    let line = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
    u32::from_str_radix(line.trim(), 8).ok()
}
