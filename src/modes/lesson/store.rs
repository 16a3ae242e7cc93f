//! Where progress is kept: `$XDG_STATE_HOME/forkscope`, or `~/.local/state/forkscope`, as the XDG base directory
//! specification has it. Where there is no home, nothing is kept, and nothing is missed.

use std::io::Write as _;
use std::path::PathBuf;

use super::super::Failure;
use crate::lesson::{Progress, Score};

/// What was done so far; nothing where that cannot be read.
pub(super) fn load() -> Progress {
    let text = file().and_then(|file| std::fs::read_to_string(file).ok());
    text.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Keeps a score, if it is the best of its lesson. The file is whole at any moment: a new one takes its place.
pub(super) fn keep(name: &str, score: Score) -> Result<(), Failure> {
    let Some(file) = file() else { return Ok(()) };
    let mut progress = load();
    if !progress.keep(name, score) {
        return Ok(());
    }
    let write = || -> std::io::Result<()> {
        let folder = file.parent().unwrap_or(&file);
        std::fs::create_dir_all(folder)?;
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut new, &progress)?;
        new.write_all(b"\n")?;
        new.persist(&file)?;
        Ok(())
    };
    write().map_err(|error| Failure::Report {
        path: file.clone(),
        error,
    })
}

/// The file; none where no place is named for it.
fn file() -> Option<PathBuf> {
    let named = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let state = named("XDG_STATE_HOME").or_else(|| Some(named("HOME")?.join(".local/state")))?;
    Some(state.join("forkscope/lessons.json"))
}
