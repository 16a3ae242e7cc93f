//! How a program is stepped: free-running or not, how fast, and where it stops.

use std::collections::BTreeSet;
use std::time::Duration;

/// The state of stepping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stepping {
    /// Whether steps follow each other by themselves.
    pub running: bool,
    /// How fast.
    pub speed: Speed,
    /// Lines at which a run pauses, counted from 1.
    pub breakpoints: BTreeSet<u32>,
}

/// Steps a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed(usize);

/// The speeds that + and - go through, in steps a second; 0 is as fast as can be.
const SPEEDS: [u64; 7] = [1, 2, 4, 10, 40, 200, 0];

impl Default for Speed {
    fn default() -> Self {
        Self(1)
    }
}

impl Speed {
    /// The next faster one.
    pub fn faster(self) -> Self {
        Self((self.0 + 1).min(SPEEDS.len() - 1))
    }

    /// As fast as can be.
    pub const fn fastest() -> Self {
        Self(SPEEDS.len() - 1)
    }

    /// The next slower one.
    pub const fn slower(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// The time between two steps.
    pub fn interval(self) -> Duration {
        match SPEEDS[self.0] {
            0 => Duration::ZERO,
            steps => Duration::from_micros(1_000_000 / steps),
        }
    }

    /// In words.
    pub fn words(self) -> String {
        match SPEEDS[self.0] {
            0 => "as fast as it goes".to_owned(),
            1 => "1 step a second".to_owned(),
            steps => format!("{steps} steps a second"),
        }
    }
}
