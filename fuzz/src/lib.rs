//! What forkscope reads and did not write itself, each as a function that takes any bytes and must neither panic nor
//! hang: recordings, reports, lessons, programs, keys, typed lines, puzzles, /proc, and files of native code.
//!
//! Fuzzers drive these (`targets/`), and `tests/corpora.rs` of forkscope replays with them what the fuzzers have found
//! worth keeping. Beyond staying alive, each holds what it reads to a law: what is written is read back the same,
//! and no terminal obeys what is shown.

mod facts;
mod native;
mod programs;
mod texts;

/// The targets, by name.
pub const TARGETS: Targets = Targets(&[
    ("journal", facts::journal),
    ("keys", texts::keys),
    ("lesson", texts::lesson),
    ("native", native::file),
    ("program_c", programs::c),
    ("program_python", programs::python),
    ("puzzle", texts::puzzle),
    ("report", facts::report),
    ("stat", native::stat),
    ("typed", texts::typed),
]);

/// Takes any bytes.
type Target = fn(&[u8]);

/// Targets and their names.
pub struct Targets(&'static [(&'static str, Target)]);

impl Targets {
    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }

    /// Gives bytes to one of them.
    pub fn run(&self, name: &str, input: &[u8]) {
        let target = self.0.iter().find(|(known, _)| *known == name);
        let (_, target) = target.unwrap_or_else(|| panic!("there is no target {name}"));
        target(input);
    }
}

/// What is shown must not hold anything that a terminal obeys.
fn assert_harmless(shown: &str) {
    let obeyed = shown.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(obeyed, None, "{shown:?}");
}
