//! When the reader of a pipe sees end of file: only when *nobody* holds a write end any more, as pipe(7) says. A write
//! end that was forgotten, often the reader's own, keeps it from coming.

use std::collections::{BTreeMap, BTreeSet};

use super::list;
use crate::model::{ProcId, World};

/// Who holds an end of one pipe.
#[derive(Default)]
struct Ends {
    readers: BTreeSet<ProcId>,
    writers: BTreeSet<ProcId>,
}

/// What the open ends of a pipe mean for its reader. Of several pipes, one of which `first` holds an end comes first;
/// none if no lab process reads from a pipe.
pub fn end_of_file(world: &World, first: ProcId) -> Option<String> {
    let mut pipes: BTreeMap<&str, Ends> = BTreeMap::new();
    for process in world.processes().filter(|process| process.is_alive()) {
        for fd in process.fds.values() {
            let pipe = fd.file.as_deref().and_then(|file| file.strip_prefix("pipe:["));
            let Some(pipe) = pipe.and_then(|rest| rest.strip_suffix(']')) else {
                continue;
            };
            let ends = pipes.entry(pipe).or_default();
            match fd.mode.as_deref() {
                Some("r") => ends.readers.insert(process.id),
                Some("w") => ends.writers.insert(process.id),
                _ => false,
            };
        }
    }
    pipes.retain(|_, ends| ends.readers.iter().any(|id| id.is_lab()));
    let holds = |ends: &Ends| ends.readers.contains(&first) || ends.writers.contains(&first);
    let (pipe, ends) = pipes.iter().max_by_key(|(_, ends)| holds(ends))?;
    Some(told(pipe, ends))
}

fn told(pipe: &str, ends: &Ends) -> String {
    let names = |ids: &BTreeSet<ProcId>| list(&ids.iter().copied().collect::<Vec<_>>());
    let readers = names(&ends.readers);
    let (reads, sees) = if ends.readers.len() == 1 {
        ("reads", "sees")
    } else {
        ("read", "see")
    };
    let own = ends.readers.intersection(&ends.writers).next();
    match (ends.writers.len(), own) {
        (0, _) => format!("pipe {pipe}: nobody holds a write end, so {readers} {reads} to its end."),
        (1, Some(reader)) => format!(
            "pipe {pipe}: {reader} holds the last write end itself, and so keeps its own end of file from coming."
        ),
        (1, None) => format!(
            "pipe {pipe}: {readers} {sees} end of file once {} has closed its write end.",
            names(&ends.writers)
        ),
        _ => format!(
            "pipe {pipe}: {readers} {sees} end of file only once {} have all closed their write ends.",
            names(&ends.writers)
        ),
    }
}
