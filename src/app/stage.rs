//! What a front end shows and passes keys to: a session with real processes, or a recording of one.

use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Instant;

use super::player::Progress;
use super::{App, Effect, Key};
use crate::journal::Journal;
use crate::sys;

/// Something that is shown and takes keys.
pub trait Stage {
    /// The state.
    fn app(&self) -> &App;

    /// The state, for what concerns the view alone.
    fn app_mut(&mut self) -> &mut App;

    /// All that has happened.
    fn journal(&self) -> &Journal;

    /// A key. What concerns the front end itself is returned.
    fn press(&mut self, key: Key) -> Vec<Effect>;

    /// Takes in what has happened.
    fn pump(&mut self);

    /// Goes on with the keys that were given to begin with.
    fn play(&mut self) -> Result<Progress, String>;

    /// What of those keys is still to be played, as text.
    fn rest(&self) -> String {
        String::new()
    }

    /// Descriptors that are readable when something has happened; none where only time makes things happen.
    fn ready(&self) -> Vec<BorrowedFd<'_>>;

    /// When to pump although nothing has happened.
    fn next_look(&self) -> Instant;

    /// Has the student's editor opened on a file: the end from which can be read, once it has ended, how. None where
    /// nothing can be edited.
    fn editor(&self, _file: &Path) -> Option<sys::Result<OwnedFd>> {
        None
    }

    /// Whether a file could be run if all began again with it, or what is wrong with it.
    fn check(&self, _file: &Path, _text: &str) -> Result<(), String> {
        Ok(())
    }

    /// Whether anything has changed since it was last drawn.
    fn changed(&mut self) -> &mut bool;
}
