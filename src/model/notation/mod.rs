//! Other people's notation for who forks whom, as homework and fork puzzles write it.
//!
//! [`list`] reads `a+b,b+c,c+d,b-`: one act after the other, `x+y` for x forks y, `x-` for x exits. [`puzzle`] reads the
//! nested form `F(aWb,cX)`, a small program: a lower-case letter is printed, `F` forks, `W` waits, `X` exits. Both say
//! where a text goes wrong. What either means is Linux's affair: an act list runs on the pure kernel or is turned into
//! keys for real processes, and a puzzle is an actor whose every outcome can be found.

pub mod list;
pub mod puzzle;

/// A text that does not follow its notation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {what}")]
pub struct Mistake {
    /// Which character, counted from 1; one past the end if something is missing there.
    pub at: usize,
    /// What is wrong.
    pub what: String,
}

impl Mistake {
    fn new(index: usize, what: impl Into<String>) -> Self {
        Self {
            at: index + 1,
            what: what.into(),
        }
    }
}
