//! What a lesson must remember of the facts, because the world forgets it: who forked how often, what waits returned,
//! who reaped whom, in which order processes ended, all that was written, and which outputs other runs have had.
//!
//! It is kept fact by fact and only ever grows by what a student's session holds; nothing in it is looked up twice.

use std::collections::BTreeMap;

use super::outputs::{Come, Outputs};
use super::predicate::{Answer, Call, Count, Who};
use crate::model::event::{Line, Phase, SignalSent, WaitEnd};
use crate::model::{Event, Link, Pid, ProcId, Ret, Signal, WaitStatus, What, World, lettered};

/// How much of what is written is kept: a lesson's programs say little.
const WRITTEN: usize = 64 * 1024;

/// What has happened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chronicle {
    lives: BTreeMap<ProcId, Life>,
    /// Lab processes, in the order in which they ended.
    ended: Vec<ProcId>,
    output: String,
    names: BTreeMap<Pid, ProcId>,
    /// Those that the program can print; none where nobody asks for them.
    pub(super) outputs: Option<Outputs>,
    /// The output of this run, once it is over.
    closed: Option<String>,
}

/// What one process has done, and what was done to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Life {
    born: bool,
    calls: BTreeMap<Call, u64>,
    answers: Vec<(Call, Answer)>,
    in_wait: bool,
    pub(super) status: Option<WaitStatus>,
    pub(super) reaped_by: Option<Link>,
    pub(super) adopters: Vec<Link>,
    pub(super) wrote: String,
    pub(super) sent: Vec<Signal>,
    pub(super) caught: Vec<Signal>,
}

impl Life {
    /// How often it made that call.
    pub(super) fn called(&self, call: &Call) -> u64 {
        self.calls.get(call).copied().unwrap_or_default()
    }

    /// Everything that calls of that name returned.
    pub(super) fn answers(&self, call: &Call) -> impl Iterator<Item = Answer> {
        let of_call = move |(made, answer): &(Call, Answer)| (made == call).then_some(*answer);
        self.answers.iter().filter_map(of_call)
    }

    fn count(&mut self, call: Call) {
        *self.calls.entry(call).or_default() += 1;
    }

    fn got(&mut self, call: Call, ret: Ret) {
        let answer = match ret {
            Ret::Ok(number) => Answer::Number(number),
            Ret::Err(errno) => Answer::Error(errno),
        };
        self.answers.push((call, answer));
    }
}

impl Chronicle {
    /// Takes in a fact.
    pub fn learn(&mut self, event: &Event) {
        if let What::Output(text) = &event.what
            && self.output.len() < WRITTEN
        {
            self.output.push_str(&text.text);
        }
        // What is told of somebody who is gone has no pid any more.
        if event.pid != Pid(0) {
            self.names.insert(event.pid, event.proc);
        }
        let has_ended = matches!(
            event.what,
            What::Exit { .. } | What::Killed { .. } | What::Zombie { .. } | What::Reaped(_)
        );
        if has_ended && event.proc.is_lab() && !self.ended.contains(&event.proc) {
            self.ended.push(event.proc);
        }
        if let What::Fork(fork) = &event.what
            && let Some(child) = fork.child
        {
            self.lives.entry(child).or_default().born = true;
        }
        self.lives.entry(event.proc).or_default().learn(&event.what);
    }

    /// What is known of that process.
    pub(super) fn life(&self, id: ProcId) -> Option<&Life> {
        self.lives.get(&id)
    }

    /// Whether it was ever born.
    pub(super) fn knows(&self, id: ProcId) -> bool {
        self.lives.get(&id).is_some_and(|life| life.born)
    }

    /// Those of whom `who` speaks.
    pub(super) fn meant(&self, who: Who) -> Vec<ProcId> {
        match who {
            Who::One(id) => vec![id],
            Who::Some => self.lab().map(|(id, _)| id).collect(),
        }
    }

    /// The place of a process among those that ended.
    pub(super) fn end_of(&self, id: ProcId) -> Option<usize> {
        self.ended.iter().position(|ended| *ended == id)
    }

    /// All that was written.
    pub(super) fn output(&self) -> &str {
        &self.output
    }

    /// The program is over: takes what it has written for the output of a run, if anybody asks for that. None if that
    /// is no news; there is some if the last that was written is told after the end.
    pub(super) fn close(&mut self) -> Option<Come> {
        let outputs = self.outputs.as_mut()?;
        let output = lettered(&self.output, |pid| self.names.get(&Pid(pid)).copied());
        if self.closed.as_ref() == Some(&output) {
            return None;
        }
        let come = outputs.learn(&output);
        self.closed = Some(output);
        Some(come)
    }

    /// A count.
    pub(super) fn count(&self, world: &World, count: Count) -> u64 {
        let number = match count {
            Count::Alive => world.alive(),
            Count::Zombies => world.zombies(),
            Count::Reaped => return world.reaped(),
            Count::Born => self.lab().count(),
            Count::Orphans => self.lab().filter(|(_, life)| !life.adopters.is_empty()).count(),
            Count::Lines => self.output.lines().count(),
        };
        number as u64
    }

    fn lab(&self) -> impl Iterator<Item = (ProcId, &Life)> {
        self.lives
            .iter()
            .filter(|(id, life)| id.is_lab() && life.born)
            .map(|(id, life)| (*id, life))
    }
}

impl Life {
    fn learn(&mut self, what: &What) {
        match what {
            What::Born(_) => self.born = true,
            What::Fork(fork) => {
                self.count(Call::spelled("fork"));
                self.got(Call::spelled("fork"), fork.ret);
            }
            What::Limit(limit) if !limit.killed => {
                self.count(Call::spelled("fork"));
                self.got(Call::spelled("fork"), Ret::Err(nix::errno::Errno::EAGAIN.into()));
            }
            What::Exec(exec) => {
                self.count(Call::spelled("exec"));
                if let Some(ret) = exec.failed {
                    self.got(Call::spelled("exec"), ret);
                }
            }
            What::Exit { status } => {
                self.count(Call::spelled("exit"));
                self.status = Some(*status);
            }
            What::Killed { status } => self.status = Some(*status),
            What::Zombie { status } => self.status = self.status.or(*status),
            What::Wait(wait) => self.waited(wait.end.as_ref()),
            What::Reaped(reaped) => {
                self.status = self.status.or(reaped.status);
                self.reaped_by = Some(reaped.by.clone());
            }
            What::Adopted { by, .. } => self.adopters.push(by.clone()),
            What::Signal(sent) => self.signalled(sent),
            What::Output(text) if self.wrote.len() < WRITTEN => self.wrote.push_str(&text.text),
            What::Line(line) => self.stood(line),
            _ => {}
        }
    }

    /// A wait is told twice, when it is called and when it returns, or once if it returned at once.
    fn waited(&mut self, end: Option<&WaitEnd>) {
        let wait = Call::spelled("wait");
        if !std::mem::take(&mut self.in_wait) {
            self.count(wait.clone());
        }
        let Some(end) = end else {
            self.in_wait = true;
            return;
        };
        self.got(wait.clone(), end.ret);
        if let Some(child) = end.child {
            self.answers.push((wait, Answer::Pid(Who::One(child))));
        }
    }

    fn signalled(&mut self, sent: &SignalSent) {
        let list = if sent.caught {
            &mut self.caught
        } else {
            &mut self.sent
        };
        list.push(sent.signal);
    }

    /// Calls that have no fact of their own are known by the stop after them.
    fn stood(&mut self, line: &Line) {
        let (Phase::After, Some(source), Some(ret)) = (line.phase, &line.call, line.ret) else {
            return;
        };
        let call = Call::spelled(source);
        if ["fork", "wait", "exec", "exit"]
            .map(Call::spelled)
            .contains(&call)
        {
            return;
        }
        self.count(call.clone());
        self.got(call, ret);
    }
}
