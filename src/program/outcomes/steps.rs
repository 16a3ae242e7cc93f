//! How many steps a process has taken while it was explored: what the lab must order for it to come there.
//!
//! The stops are those of [`run_to_stop`](crate::program::run_to_stop); a test goes every run again on both.

use std::hash::{Hash, Hasher};

use crate::model::sim::Return;
use crate::program::Call;

/// How many steps the lab would have ordered from its birth on: from stop to stop, as the driver goes.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps {
    /// So many so far.
    pub(super) taken: u32,
    is_under_way: bool,
    /// Whether it has asked for a call and waits for the answer.
    pub(super) asks: bool,
}

/// Steps are no part of what a process is: who stands at the same place goes on in the same way.
impl PartialEq for Steps {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Steps {}

impl Hash for Steps {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Steps {
    /// The step that leads on from a stop.
    pub(super) fn go_on(&mut self) {
        if !std::mem::replace(&mut self.is_under_way, true) {
            self.taken += 1;
        }
    }

    /// A stop.
    pub(super) const fn stop(&mut self) {
        self.is_under_way = false;
    }

    /// A notable call is announced by a stop, and made by the step after that.
    pub(super) fn ask(&mut self, call: &Call) {
        if !std::mem::replace(&mut self.asks, true) && call.is_notable() {
            self.stop();
            self.go_on();
        }
    }

    /// After a notable call there is a stop; the child of a fork begins at it.
    pub(super) fn answer(&mut self, call: &Call, ret: &Return) {
        self.asks = false;
        if call.is_notable() {
            self.stop();
        }
        if matches!(call, Call::Fork | Call::Vfork) && *ret == Return::Value(0) {
            self.taken = 0;
        }
    }
}
