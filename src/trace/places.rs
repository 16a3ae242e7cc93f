//! Where a stopped task is in its source, whatever the language.

use super::fact::{Place, Variable};
use crate::model::Pid;
use crate::sys::ptrace::Stop;

/// What is known of the programs that are traced.
#[derive(Debug, Default)]
pub struct Places {}

impl Places {
    /// The place of a stopped task in its source.
    pub fn find(&mut self, _pid: Pid, _stop: &Stop) -> Option<Place> {
        None
    }

    /// The variables at that place.
    pub fn variables(&mut self, _pid: Pid, _stop: &Stop) -> Vec<Variable> {
        Vec::new()
    }

    /// A newborn is a copy of its parent.
    pub fn forked(&mut self, _parent: Pid, _child: Pid) {}

    /// Another program is in the process now.
    pub fn executed(&mut self, _pid: Pid) {}

    /// The process is no more.
    pub fn ended(&mut self, _pid: Pid) {}
}
