//! What the keys make a traced program do.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Instant;

use super::{SOON, Traced};
use crate::app::Effect;
use crate::app::engine::{Engine, Fingerprint};
use crate::app::tracing::Turn;
use crate::lab::descriptors::Tables;
use crate::lab::order::Order;
use crate::model::event::SignalSent;
use crate::model::{Event, ProcId, Ret, Signal, State, What};
use crate::sys::{self, signal};
use crate::trace::headless::Runnable;

impl Engine for Traced {
    fn ready(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }

    fn next_look(&self) -> Instant {
        if self.has_more {
            Instant::now()
        } else {
            self.next_look
        }
    }

    fn pump(&mut self) {
        if self.take_in() {
            self.pause = SOON;
            self.look_around();
        } else if Instant::now() >= self.next_look {
            self.look_around();
        }
    }

    fn take_facts(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.facts)
    }

    fn perform(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::Fact(what) => self.tell(ProcId::Screen, what),
            Effect::Trace(turn) => self.turn(turn),
            Effect::Order(ProcId::Keeper, Order::Subreaper { on }) => self.given.set_subreaper(on),
            Effect::Signal { to, signal, group } => self.send(to, signal, group),
            Effect::TypeIn(text) => self.type_in(&text),
            Effect::EndInput => self.end_input(),
            Effect::WatchDescriptors(on) => {
                self.descriptors = on.then(Tables::default);
                self.look_at_descriptors();
            }
            other => return Some(other),
        }
        None
    }

    fn tell_screen(&mut self, what: What) {
        self.tell(ProcId::Screen, what);
    }

    fn ps(&self) -> sys::Result<(String, OwnedFd)> {
        let above = [self.given.keeper, self.pid_of(ProcId::Screen)];
        let program = self.tracer.processes().map(|(_, pid, ..)| pid);
        self.given.ps(above.into_iter().chain(program).collect())
    }

    fn editor(&self, file: &Path) -> sys::Result<OwnedFd> {
        self.given.editor(file)
    }

    fn check(&self, file: &Path, _text: &str) -> Result<(), String> {
        Runnable::new(&[file.into()])
            .map(drop)
            .map_err(|error| error.to_string())
    }

    fn forkscope(&self, args: Vec<String>, text: String) -> sys::Result<OwnedFd> {
        self.given.forkscope(args, text)
    }

    /// Whether every process is held, asleep or dead, and the keeper owes no zombie a wait.
    fn is_idle(&self) -> bool {
        let runs = |state| matches!(state, None | Some(State::RUNNING));
        !self.has_more
            && self.steps.is_empty()
            && !self.tracer.is_keeper_owed()
            && self
                .watched
                .iter()
                .filter(|(id, _)| id.is_lab())
                .all(|(_, watched)| !runs(watched.state()))
    }

    /// While nobody is held there is nothing to be stepped: all that was asked for is under way.
    fn is_busy(&self) -> bool {
        let mut processes = self.tracer.processes();
        !processes.any(|(id, ..)| self.tracer.held(id).is_some())
    }

    fn look(&mut self) {
        self.take_in();
        self.look_around();
    }

    /// What a traced program waits for may be anything.
    fn is_at_a_standstill(&self) -> bool {
        false
    }

    fn fingerprint(&self) -> Fingerprint {
        self.watched
            .iter()
            .filter(|(id, _)| **id != ProcId::Screen)
            .filter_map(|(id, watched)| {
                let seen = watched.seen.as_ref()?;
                Some((*id, seen.state, seen.cpu))
            })
            .collect()
    }
}

impl Traced {
    fn turn(&mut self, turn: Turn) {
        match turn {
            Turn::Step(proc, grain) => {
                if self.tracer.held(proc).is_some() && !self.steps.contains_key(&proc) {
                    self.goes_on(proc);
                    self.tracer.step(proc, grain);
                } else {
                    self.steps.entry(proc).or_insert((0, grain)).0 += 1;
                }
            }
            Turn::Run(proc) => {
                self.steps.remove(&proc);
                self.goes_on(proc);
                self.tracer.run(proc);
            }
            Turn::Hold(proc, grain) => {
                self.steps.remove(&proc);
                self.tracer.hold(proc, grain);
            }
            Turn::Break(kind, on) => self.tracer.break_at(kind, on),
        }
        self.take_in();
        self.look_around();
    }

    /// kill(2), to a process of the program or to its whole group.
    fn send(&mut self, to: ProcId, signal: Signal, group: bool) {
        let Some(pid) = self.tracer.pid(to).filter(|_| to.is_lab()) else {
            return;
        };
        let seen = self.watched.get(&to).and_then(|watched| watched.seen.as_ref());
        let own = nix::unistd::getpgrp().as_raw();
        let pgid = seen.map(|seen| seen.pgid).filter(|pgid| group && pgid.0 != own);
        let members: Vec<ProcId> = match pgid {
            None => vec![to],
            Some(pgid) => {
                let is_member = |seen: &sys::proc::Seen| seen.pgid == pgid;
                let members = self.watched.iter().filter(|(id, _)| id.is_lab());
                members
                    .filter(|(_, watched)| watched.seen.as_ref().is_some_and(is_member))
                    .map(|(id, _)| *id)
                    .collect()
            }
        };
        let sent = match pgid {
            Some(pgid) => signal::send_to_group(pgid, signal),
            None => signal::send(pid, signal),
        };
        let ret = sent.map_or_else(|failed| Ret::Err(failed.errno), |()| Ret::Ok(0));
        for member in members {
            let told = SignalSent {
                signal,
                by: Some(ProcId::Screen),
                ret,
                group: pgid.is_some(),
                caught: false,
            };
            self.tell(member, What::Signal(told));
        }
        self.pause = SOON;
        self.next_look = Instant::now();
    }
}
