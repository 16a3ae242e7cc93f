//! What the processes of the lab write: the kernel says who wrote each piece.

use std::collections::VecDeque;

use super::Lab;
use crate::model::{Pid, ProcId, What};
use crate::sys::socket;

/// How much is taken in at one go, so that a flood leaves time for keys.
const GULP: usize = 256 * 1024;

/// How much of it one fact may hold.
const PIECE: usize = 16 * 1024;

/// What was read and is not told yet, each with its writer's pid, in the order in which it was written: that one's birth
/// has not been heard of.
pub(super) type Unclaimed = VecDeque<(Option<Pid>, Vec<u8>)>;

impl Lab {
    /// Takes in what was written, and tells it as far as it is known by whom.
    pub(super) fn read_outputs(&mut self) {
        let mut bytes = [0; PIECE];
        let mut taken = 0;
        while taken < GULP
            && let Ok(Some((length, writer))) = socket::read_written(&self.given.outputs, &mut bytes)
        {
            taken += length;
            self.unclaimed.push_back((writer, bytes[..length].to_vec()));
        }
        while let Some((pid, _)) = self.unclaimed.front()
            && let Some((id, pid)) = self.writer(*pid)
        {
            self.tell_output(id, pid);
        }
    }

    /// Tells the rest, when all reports have been heard: who writes has told of its birth before, if it tells anything.
    /// One that was gone before it could be seen keeps its pid and has no letter.
    pub(super) fn tell_unclaimed(&mut self) {
        if self.unclaimed.is_empty() {
            return;
        }
        self.read_reports();
        self.discover();
        while let Some((pid, _)) = self.unclaimed.front() {
            let nobody = (ProcId::Screen, pid.unwrap_or(Pid(0)));
            let (id, pid) = self.writer(*pid).unwrap_or(nobody);
            self.tell_output(id, pid);
        }
    }

    fn tell_output(&mut self, id: ProcId, pid: Pid) {
        if let Some((_, text)) = self.unclaimed.pop_front() {
            self.tell_of(id, pid, What::Output(text.into()));
        }
    }

    /// Who that pid is, or was until it was reaped in what is being taken in.
    fn writer(&self, pid: Option<Pid>) -> Option<(ProcId, Pid)> {
        let pid = pid?;
        let departed = || {
            let mut latest = self.facts.iter().rev();
            let fact = latest.find(|fact| fact.pid == pid && fact.proc.is_lab())?;
            Some(fact.proc)
        };
        let id = self.pids.get(&pid).copied().or_else(departed)?;
        Some((id, pid))
    }
}
