//! Temporary folders that do not pile up, even if their owners are killed.
//!
//! A folder is locked by its owner as long as that lives, with flock(2), so an unlocked one is an orphan; whoever
//! makes the next folder removes it. Process ids would not do: other PID namespaces may share /tmp.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use tempfile::TempDir;

const PREFIX: &str = "forkscope-";
/// A folder this young may not have been locked yet.
const YOUNG: Duration = Duration::from_secs(60);

/// A temporary folder. It is removed with this, or after its owner's death by the next owner of one.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    _lock: Flock<File>,
}

impl Scratch {
    /// Makes a folder.
    pub fn new() -> io::Result<Self> {
        let parent = std::env::temp_dir();
        sweep(&parent, YOUNG);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&parent)?;
        let lock = lock(folder.path())?;
        Ok(Self { folder, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn lock(folder: &Path) -> io::Result<Flock<File>> {
    Flock::lock(File::open(folder)?, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| errno.into())
}

/// Removes the folders of owners that are gone. What cannot be removed is somebody else's.
fn sweep(parent: &Path, young: Duration) {
    let Ok(entries) = std::fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let old = || {
            let changed = entry.metadata().and_then(|data| data.modified()).ok();
            changed.is_some_and(|time| time.elapsed().is_ok_and(|age| age >= young))
        };
        if ours && old() && lock(&entry.path()).is_ok() {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_owns_is_swept() {
        let parent = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| parent.path().join(name);
        for name in ["forkscope-owned", "forkscope-orphan", "other"] {
            std::fs::create_dir(path(name)).expect("it can be made");
        }
        let _owner = lock(&path("forkscope-owned")).expect("nobody else locks it");
        sweep(parent.path(), YOUNG);
        assert!(path("forkscope-orphan").exists(), "it is young");
        sweep(parent.path(), Duration::ZERO);
        assert!(path("forkscope-owned").exists());
        assert!(!path("forkscope-orphan").exists());
        assert!(path("other").exists());
    }
}
