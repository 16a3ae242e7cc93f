//! The world: what is, after so many facts.
//!
//! [`World::apply`] is a pure fold. It makes no system call and reads no clock; what it is told twice it knows
//! once, and what it is told of a process it has never heard of (the tail of a damaged recording) it lets pass.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::event::{Action, Birth, Event, Exec, Fork, Reaped, Role, Text, Wait, What};
use super::gone::{Gone, GoneList, Latest, Shelf};
use super::ident::{Link, Pid, ProcId, Time};
use super::names::Names;
use super::process::{Life, Mark, Process};
use super::record::{Record, Scene};
use super::state::State;
use super::status::Signal;

/// How many told facts are kept for the list of events; going back further is time travel.
const RECORDS: usize = 256;

/// How many written pieces are kept for the output pane, and how many bytes of them.
const PIECES: usize = 512;
const PIECES_BYTES: usize = 256 * 1024;

/// How many reaped rows stay to be shown until the next key.
const STRUCK: usize = 24;

/// Everything that is known after a prefix of the facts.
///
/// Serialised, it leaves out the [`gone`](World::gone): a list that only ever grows, so whoever keeps many worlds of
/// one session keeps it once (see [`shelve`](World::shelve) and [`remember`](World::remember)).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct World {
    processes: BTreeMap<ProcId, Process>,
    #[serde(skip)]
    gone: GoneList,
    names: Names,
    /// The last to be reaped, as many as stay to be shown.
    struck: VecDeque<ProcId>,
    records: VecDeque<Record>,
    output: VecDeque<Piece>,
    output_bytes: usize,
    told: u64,
    applied: u64,
    now: Time,
    reaped: u64,
    limit: Option<u32>,
    pressed: Option<Pressed>,
}

/// The last key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pressed {
    key: String,
    /// How many facts had been taken in with it.
    at: u64,
}

/// Something that a process wrote, or was given to read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    /// Who.
    pub id: ProcId,
    /// What.
    pub text: String,
    /// Whether it was typed by the student, as opposed to written by the process.
    pub typed: bool,
    /// How many facts had been taken in with it.
    #[serde(default)]
    pub at: u64,
}

impl World {
    /// Takes in one fact.
    pub fn apply(&mut self, event: &Event) {
        self.applied += 1;
        self.now = self.now.max(event.t);
        let scene = event.is_told().then(|| Scene::before(self, event));
        match &event.what {
            What::Born(birth) => self.born(event, birth),
            What::Fork(fork) => self.forked(event, fork),
            What::Key { key } => self.pressed(key),
            what => self.change(event, what),
        }
        if let Some(scene) = scene {
            self.record(event, scene);
        }
    }

    /// The process of that name: alive, a zombie, or reaped since the last key.
    pub fn get(&self, id: ProcId) -> Option<&Process> {
        self.processes.get(&id)
    }

    /// All processes that have a row, in the order of their names.
    pub fn processes(&self) -> impl Iterator<Item = &Process> {
        self.processes.values()
    }

    /// The process that the kernel calls `pid` now.
    pub fn by_pid(&self, pid: Pid) -> Option<&Process> {
        self.processes
            .values()
            .find(|process| process.pid == pid && !process.is_reaped())
    }

    /// The processes whose parent is `id` and that are not reaped, in letter order.
    pub fn children(&self, id: ProcId) -> impl Iterator<Item = &Process> {
        self.processes
            .values()
            .filter(move |child| child.parent == Link::Proc(id) && !child.is_reaped())
    }

    /// The reaped, the latest first.
    pub fn gone(&self) -> Latest<'_> {
        self.gone.latest()
    }

    /// Whether a process had that name and is reaped.
    pub fn is_gone(&self, id: ProcId) -> bool {
        self.names.is_given(id) && self.get(id).is_none_or(Process::is_reaped)
    }

    /// The list of the reaped, as [`remember`](World::remember) takes it.
    pub const fn gone_list(&self) -> &GoneList {
        &self.gone
    }

    /// Takes all of the reaped to lie on `shelf` from now on, the [`rest`](GoneList::rest) after what did before.
    pub fn shelve(&mut self, shelf: Arc<dyn Shelf>) {
        self.gone.shelve(shelf);
    }

    /// Takes the reaped to lie where a world that has seen the same facts has them, if more of them are on a shelf there.
    pub fn shelve_as(&mut self, twin: &Self) {
        if twin.applied == self.applied && twin.gone.rest().len() < self.gone.rest().len() {
            self.gone.shelve_as(&twin.gone);
        }
    }

    /// Gives a world that was serialised its reaped back.
    pub fn remember(&mut self, gone: GoneList) {
        self.gone = gone;
    }

    /// The latest told facts, the oldest first.
    pub fn records(&self) -> &VecDeque<Record> {
        &self.records
    }

    /// What was written, the oldest first.
    pub fn output(&self) -> &VecDeque<Piece> {
        &self.output
    }

    /// How many facts were taken in.
    pub const fn applied(&self) -> u64 {
        self.applied
    }

    /// How many events were told: what the list of what happened counts. Facts that belong together are one.
    pub const fn told(&self) -> u64 {
        self.told
    }

    /// The time of the last fact.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// How many lab processes live.
    pub fn alive(&self) -> usize {
        self.lab().filter(|process| process.is_alive()).count()
    }

    /// How many lab processes are zombies.
    pub fn zombies(&self) -> usize {
        self.lab().filter(|process| process.is_zombie()).count()
    }

    /// How many lab processes have been reaped.
    pub const fn reaped(&self) -> u64 {
        self.reaped
    }

    /// The limit, once a fork has met it.
    pub const fn limit(&self) -> Option<u32> {
        self.limit
    }

    /// The last key, as `--keys` writes it.
    pub fn last_key(&self) -> Option<&str> {
        self.pressed.as_ref().map(|pressed| pressed.key.as_str())
    }

    /// Whether that record came after the last key.
    pub fn is_since_last_key(&self, record: &Record) -> bool {
        self.pressed
            .as_ref()
            .is_some_and(|pressed| record.at > pressed.at)
    }

    fn lab(&self) -> impl Iterator<Item = &Process> {
        self.processes.values().filter(|process| process.id.is_lab())
    }

    /// A fork's child may be known before its parent's fork has returned, or after; both make the same world.
    fn born(&mut self, event: &Event, birth: &Birth) {
        if let Some(known) = self.processes.get_mut(&event.proc) {
            return completed(known, birth);
        }
        let mut birth = birth.clone();
        // A recording may be damaged; the tree stays a tree whatever it says.
        if birth
            .parent
            .proc()
            .is_some_and(|parent| self.is_below(parent, event.proc))
        {
            // What proc(5) shows of a parent that cannot be named.
            birth.parent = Link::Outside(Pid(0), "?".to_owned());
        }
        self.insert(Process::new(event.proc, event.pid, &birth));
    }

    fn forked(&mut self, event: &Event, fork: &Fork) {
        let (Some(child), Some(pid)) = (fork.child, fork.ret.pid()) else {
            return;
        };
        let Some(parent) = self.processes.get(&event.proc) else {
            return;
        };
        if self.names.is_given(child) {
            return;
        }
        let birth = Birth {
            parent: Link::Proc(event.proc),
            start: 0,
            comm: parent.comm.clone(),
            pgid: parent.pgid,
            sid: parent.sid,
            role: parent.role,
        };
        self.insert(Process::new(child, pid, &birth));
    }

    fn insert(&mut self, mut process: Process) {
        if let Some(parent) = process.parent.proc().and_then(|id| self.processes.get(&id)) {
            // fork(2) copies dispositions and descriptors; a subreaper's role is not inherited.
            process.actions.clone_from(&parent.actions);
            process.fds.clone_from(&parent.fds);
            process.argv.clone_from(&parent.argv);
        }
        process.mark = process.id.is_lab().then_some(Mark::Born);
        self.names.give(process.id);
        self.processes.insert(process.id, process);
    }

    fn pressed(&mut self, key: &str) {
        self.pressed = Some(Pressed {
            key: key.to_owned(),
            at: self.applied,
        });
        self.sweep();
    }

    /// The same without the rows of the reaped, as the next key leaves it.
    pub fn without_reaped(&self) -> Self {
        let mut world = self.clone();
        world.sweep();
        world
    }

    /// Marks go, and with them the rows of the reaped.
    fn sweep(&mut self) {
        self.processes.retain(|_, process| !process.is_reaped());
        for process in self.processes.values_mut() {
            process.mark = None;
        }
    }

    /// Whether `id` stands at or below `top`.
    fn is_below(&self, id: ProcId, top: ProcId) -> bool {
        let mut at = Some(id);
        for _ in 0..=self.processes.len() {
            match at {
                Some(here) if here == top => return true,
                Some(here) => at = self.get(here).and_then(|process| process.parent.proc()),
                None => return false,
            }
        }
        true
    }

    fn change(&mut self, event: &Event, what: &What) {
        match what {
            What::Reaped(reaped) => return self.reaped_by(event, reaped),
            What::Adopted { from, by } => return self.adopted(event, from, by),
            What::Limit(limit) => self.limit = Some(limit.limit),
            What::Output(text) => self.wrote(event.proc, text, false),
            What::Stdin(text) => self.wrote(event.proc, text, true),
            _ => {}
        }
        let Some(process) = self
            .processes
            .get_mut(&event.proc)
            .filter(|process| !process.is_reaped())
        else {
            return;
        };
        match what {
            What::Exec(exec) => execed(process, exec),
            What::Exit { status } | What::Killed { status } if process.is_alive() => {
                process.life = Life::Ending(*status);
                process.waiting = None;
            }
            What::Zombie { status } => {
                process.life = Life::Zombie(status.or(process.status()));
                process.state = State::ZOMBIE;
                process.waiting = None;
            }
            What::Stopped { signal } if process.is_alive() => {
                process.state = State::STOPPED;
                process.stopped_by = *signal;
            }
            What::Continued => {
                process.stopped_by = None;
                if process.state == State::STOPPED {
                    process.state = State::SLEEPING;
                }
            }
            What::Wait(wait) => waited(process, wait),
            What::Disposition {
                signal,
                action: Action::Default,
            } => {
                process.actions.remove(signal);
            }
            What::Disposition { signal, action } => {
                process.actions.insert(*signal, *action);
            }
            What::Subreaper { on } => process.subreaper = *on,
            What::Group { pgid } => process.pgid = *pgid,
            What::Session { sid } => process.sid = *sid,
            What::Fd(fd) => {
                if fd.file.is_some() {
                    process.fds.insert(fd.fd, fd.clone());
                } else {
                    process.fds.remove(&fd.fd);
                }
            }
            What::Line(line) => process.line = Some(line.clone()),
            What::Vars { vars } => process.vars.clone_from(vars),
            What::Thread { threads } => process.threads = *threads,
            What::Note(note) => process.state = note.state.unwrap_or(process.state),
            _ => {}
        }
    }

    fn reaped_by(&mut self, event: &Event, reaped: &Reaped) {
        let Some(process) = self
            .processes
            .get_mut(&event.proc)
            .filter(|process| !process.is_reaped())
        else {
            return;
        };
        let status = reaped.status.or(process.status());
        process.life = Life::Reaped {
            by: reaped.by.clone(),
            status,
            auto: reaped.auto,
        };
        process.mark = Some(Mark::Reaped);
        process.waiting = None;
        self.gone.push(Gone {
            id: process.id,
            pid: process.pid,
            by: reaped.by.clone(),
            comm: self.gone.share(&process.comm),
            status,
        });
        if process.id.is_lab() {
            self.reaped += 1;
        }
        self.strike(event.proc);
    }

    /// Keeps the struck-through rows to a number that a screen can show.
    fn strike(&mut self, id: ProcId) {
        self.struck.push_back(id);
        if self.struck.len() > STRUCK
            && let Some(oldest) = self.struck.pop_front()
            && self.processes.get(&oldest).is_some_and(Process::is_reaped)
        {
            self.processes.remove(&oldest);
        }
    }

    fn adopted(&mut self, event: &Event, from: &Link, by: &Link) {
        // A recording may be damaged; the tree stays a tree whatever it says.
        if by.proc().is_some_and(|parent| self.is_below(parent, event.proc)) {
            return;
        }
        if let Some(process) = self.processes.get_mut(&event.proc) {
            process.orphan_of = Some(from.clone());
            process.parent = by.clone();
            process.mark.get_or_insert(Mark::Moved);
        }
    }

    fn wrote(&mut self, id: ProcId, text: &Text, typed: bool) {
        self.output.push_back(Piece {
            id,
            text: text.text.clone(),
            typed,
            at: self.applied,
        });
        self.output_bytes += text.text.len();
        while self.output.len() > PIECES || (self.output_bytes > PIECES_BYTES && self.output.len() > 1) {
            let oldest = self.output.pop_front();
            self.output_bytes -= oldest.map_or(0, |piece| piece.text.len());
        }
    }

    /// Keeps a told fact, joined to the one it belongs to: a birth to its fork, a zombie to its exit, a reaping to
    /// the wait that did it.
    fn record(&mut self, event: &Event, scene: Scene) {
        if Record::may_complete(event)
            && let Some(whole) = self.records.iter_mut().rev().find(|record| record.belongs(event))
        {
            whole.join(event);
            return;
        }
        self.told += 1;
        if self.records.len() == RECORDS {
            self.records.pop_front();
        }
        self.records
            .push_back(Record::new(self.told, self.applied, event, scene));
    }
}

/// What a child says of itself fills in what its parent's fork could not know. Whatever has happened to it since
/// (it died, it was adopted) stands.
fn completed(known: &mut Process, birth: &Birth) {
    known.start = birth.start;
    known.role = birth.role;
    known.comm.clone_from(&birth.comm);
    known.pgid = birth.pgid;
    known.sid = birth.sid;
}

fn execed(process: &mut Process, exec: &Exec) {
    if exec.failed.is_some() {
        return;
    }
    process.role = match process.role {
        Role::Traced => Role::Traced,
        _ => Role::Foreign,
    };
    process.argv.clone_from(&exec.argv);
    if let Some(program) = exec.argv.first() {
        // The kernel's command is the last part of the path, cut to 15 bytes.
        let name = program.rsplit('/').next().unwrap_or(program);
        process.comm = name.chars().take(15).collect();
    }
    process.waiting = None;
    process.line = None;
    process.vars.clear();
    // execve(2): caught signals fall back to their default, ignored ones stay ignored.
    process.actions.retain(|_, action| *action != Action::Handler);
    process.fds.retain(|_, fd| !fd.cloexec);
}

fn waited(process: &mut Process, wait: &Wait) {
    process.waiting = wait.end.is_none().then_some(wait.call);
}

/// What a lab process does about signals when it is born: it catches SIGUSR1, so that a student can interrupt a
/// blocked call (EINTR).
pub const CAUGHT: Signal = Signal::USR1;
