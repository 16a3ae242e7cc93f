//! What performs effects on real processes and brings back facts of them. The lab is one such engine; whatever else
//! makes processes and hears of them is another.

use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Instant;

use super::Effect;
use crate::lab::Lab;
use crate::model::{Event, ProcId, State, What};
use crate::{program, sys};

/// What is compared to know whether the world has settled: processes, states, CPU times.
pub type Fingerprint = Vec<(ProcId, State, u64)>;

/// Real processes, and what they are made to do.
pub trait Engine {
    /// A descriptor that is readable when something has happened.
    fn ready(&self) -> BorrowedFd<'_>;

    /// When to pump although nothing has happened.
    fn next_look(&self) -> Instant;

    /// Takes in what has happened.
    fn pump(&mut self);

    /// The facts since the last time, in their order.
    fn take_facts(&mut self) -> Vec<Event>;

    /// Performs an effect, or hands it back.
    fn perform(&mut self, effect: Effect) -> Option<Effect>;

    /// A fact about screen itself, to be stamped with the time.
    fn tell_screen(&mut self, what: What);

    /// Asks for ps(1) on all processes: the command, and the end from which its output can be read.
    fn ps(&self) -> sys::Result<(String, OwnedFd)>;

    /// Has the student's editor opened on a file: the end from which can be read, once it has ended, how.
    fn editor(&self, file: &Path) -> sys::Result<OwnedFd>;

    /// Whether a file could be run if all began again with it, or what is wrong with it.
    fn check(&self, file: &Path, text: &str) -> Result<(), String>;

    /// Asks for another forkscope with these arguments, which reads this text: the end from which its output can be
    /// read, and with whose closing it ends.
    fn forkscope(&self, args: Vec<String>, text: String) -> sys::Result<OwnedFd>;

    /// Whether everything that was asked for is done, or its process blocked.
    fn is_idle(&self) -> bool;

    /// Whether something that was asked for is under way, or still to be begun.
    fn is_busy(&self) -> bool;

    /// Looks at /proc now.
    fn look(&mut self);

    /// Whether nobody will ever move again, if no timer is set: each process sleeps in a call that only another of them
    /// could end.
    fn is_at_a_standstill(&self) -> bool;

    /// What two looks must agree on before the world counts as settled.
    fn fingerprint(&self) -> Fingerprint;
}

impl Engine for Lab {
    fn ready(&self) -> BorrowedFd<'_> {
        self.ready()
    }

    fn next_look(&self) -> Instant {
        self.next_look()
    }

    fn pump(&mut self) {
        self.pump();
    }

    fn take_facts(&mut self) -> Vec<Event> {
        self.take_facts()
    }

    fn perform(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::Fact(what) => self.tell_screen(what),
            Effect::Order(to, order) => self.order(to, order),
            Effect::Signal { to, signal, group } => self.signal(to, signal, group),
            Effect::TypeIn(text) => self.type_in(&text),
            Effect::EndInput => self.end_input(),
            Effect::GiveUpWait => self.give_up_wait(),
            Effect::WatchDescriptors(on) => self.watch_descriptors(on),
            other => return Some(other),
        }
        None
    }

    fn tell_screen(&mut self, what: What) {
        self.tell_screen(what);
    }

    fn ps(&self) -> sys::Result<(String, OwnedFd)> {
        self.ps()
    }

    fn editor(&self, file: &Path) -> sys::Result<OwnedFd> {
        self.editor(file)
    }

    fn check(&self, file: &Path, text: &str) -> Result<(), String> {
        // Without its folders: those of a lesson's copy say nothing to anybody.
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        program::compile(&name, text)
            .map(drop)
            .map_err(|rejected| rejected.to_string())
    }

    fn forkscope(&self, args: Vec<String>, text: String) -> sys::Result<OwnedFd> {
        self.forkscope(args, text)
    }

    fn is_idle(&self) -> bool {
        self.is_idle()
    }

    fn is_busy(&self) -> bool {
        self.is_busy()
    }

    fn look(&mut self) {
        self.look();
    }

    fn is_at_a_standstill(&self) -> bool {
        self.is_at_a_standstill()
    }

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint()
    }
}
