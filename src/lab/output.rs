//! What the processes of the lab write: the kernel says who wrote each piece.

use super::Lab;
use crate::model::{Pid, ProcId, What};
use crate::sys::socket;

/// How much is taken in at one go, so that a flood leaves time for keys.
const GULP: usize = 256 * 1024;

/// How much of it one fact may hold.
const PIECE: usize = 16 * 1024;

impl Lab {
    pub(super) fn read_outputs(&mut self) {
        let mut bytes = [0; PIECE];
        let mut taken = 0;
        while taken < GULP
            && let Ok(Some((length, writer))) = socket::read_written(&self.given.outputs, &mut bytes)
        {
            taken += length;
            let (id, pid) = self.writer(writer);
            self.tell_of(id, pid, What::Output(bytes[..length].to_vec().into()));
        }
    }

    /// Who that pid is. One that was gone before it could be seen keeps its pid and has no letter.
    fn writer(&mut self, pid: Option<Pid>) -> (ProcId, Pid) {
        let Some(pid) = pid else {
            return (ProcId::Screen, Pid(0));
        };
        if !self.pids.contains_key(&pid) {
            self.discover();
        }
        (self.pids.get(&pid).copied().unwrap_or(ProcId::Screen), pid)
    }
}
