//! Stepping by source line.

use super::table::Point;
use super::tracer::Tracer;
use crate::model::{ProcId, Signal};
use crate::sys::ptrace::{Stop, Until};

/// A task on its way to the next line.
#[derive(Debug)]
pub struct Stepping {}

impl Tracer {
    pub(super) fn leave(&mut self, stop: Stop, _point: &Point, signal: Option<Signal>) {
        self.resume(stop, signal);
    }

    pub(super) fn stepping_until(&mut self, _stop: &Stop) -> Until {
        Until::NextStop
    }

    pub(super) fn stepping_trap(&mut self, _proc: ProcId, _stop: &Stop) -> bool {
        false
    }

    pub(super) fn stepped(&mut self, _proc: ProcId, stop: Stop) {
        self.resume(stop, None);
    }
}
