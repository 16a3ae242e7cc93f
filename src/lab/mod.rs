//! The lab: real processes that obey keys, and all that is known of them.
//!
//! [`Lab`] is screen's side. It forks, gives orders, and turns what comes back into facts: reports first, then what
//! channels and pidfds say, with /proc as witness. It never blocks. The processes' own side is in [`child`], the
//! language between the two in [`wire`].

mod asleep;
pub mod child;
mod contain;
pub mod descriptors;
pub mod evidence;
mod kernel;
mod listen;
mod names;
mod observe;
pub mod order;
mod output;
mod report;
mod screen;
mod steps;
pub mod sweep;
mod tracked;
pub mod wire;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::epoll::{self, EventFlags};

use listen::Source;
use names::Names;
use order::Order;
use tracked::Tracked;
use wire::Down;

use crate::keeper::{Endowment, ToKeeper};
use crate::model::event::{Birth, Limit, Note, Role, SignalSent};
use crate::model::{Event, Link, Pid, ProcId, Ret, Signal, State, Time, WaitCall, What};
use crate::program::Machine;
use crate::sys::proc::{self, ChildrenFile};
use crate::sys::socket;
use crate::sys::{self, CallFailed, pidfd, signal};

/// How long after a change the next look comes, at first; each quiet look doubles it.
const SOON: Duration = Duration::from_millis(2);

/// How often /proc is looked at when nothing happens.
const CALM: Duration = Duration::from_millis(100);

/// The same while programs live that fork without a word to us.
const ALERT: Duration = Duration::from_millis(40);

/// How long a vanished process may be without anybody who says that he has reaped it.
const UNEXPLAINED: Duration = Duration::from_millis(250);

/// How long news is taken in before the keyboard is looked at, and the screen drawn: a process may write without end.
const LONGEST: Duration = Duration::from_millis(4);

/// The lab, seen from screen.
#[derive(Debug)]
pub struct Lab {
    given: Endowment,
    limit: u32,
    start: Instant,
    last: Time,
    facts: Vec<Event>,
    names: Names,
    tracked: BTreeMap<ProcId, Tracked>,
    pids: HashMap<Pid, ProcId>,
    /// Channels of children that may be forked, by name, until they are born.
    granted: BTreeMap<ProcId, OwnedFd>,
    /// Orders that are still to be given, one after the other: what one key asks of many processes happens in
    /// letter order, and so the letters of their children are the same every time.
    agenda: VecDeque<(ProcId, Order)>,
    reader: wire::Reader,
    /// Output whose writer is not known yet.
    unclaimed: output::Unclaimed,
    epoll: OwnedFd,
    /// What the processes of the lab read as standard input.
    stdin: OwnedFd,
    /// Where that is a pipe, its other end.
    typing: Option<OwnedFd>,
    /// The program that the next process forked by screen is to interpret.
    program: Option<Machine>,
    waiting: Option<WaitCall>,
    descriptors: Option<descriptors::Tables>,
    pause: Duration,
    next_look: Instant,
}

impl Lab {
    /// Begins with keeper and screen.
    pub fn new(given: Endowment, limit: u32, start: Instant) -> sys::Result<Self> {
        let failed = |call| {
            move |error: rustix::io::Errno| CallFailed {
                call,
                errno: crate::model::Errno(error.raw_os_error()),
            }
        };
        let null = File::open("/dev/null").map_err(|error| CallFailed {
            call: "open /dev/null",
            errno: crate::model::Errno(error.raw_os_error().unwrap_or(0)),
        })?;
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(failed("epoll_create"))?;
        let mut lab = Self {
            given,
            limit,
            start,
            last: Time(0),
            facts: Vec::new(),
            names: Names::default(),
            tracked: BTreeMap::new(),
            pids: HashMap::new(),
            granted: BTreeMap::new(),
            agenda: VecDeque::new(),
            reader: wire::Reader::default(),
            unclaimed: output::Unclaimed::new(),
            epoll,
            stdin: null.into(),
            typing: None,
            program: None,
            waiting: None,
            descriptors: None,
            pause: SOON,
            next_look: start,
        };
        lab.watch(&lab.given.reports, Source::Reports, EventFlags::IN);
        lab.watch(&lab.given.outputs, Source::Outputs, EventFlags::IN);
        let me = Pid(std::process::id() as i32);
        let keeper = lab.given.keeper;
        let above = sys::proc::StatFile::open(keeper)
            .and_then(|file| file.look())
            .map_or(Pid(0), |seen| seen.ppid);
        lab.follow(ProcId::Keeper, keeper, Role::Lab, proc::outside(above));
        lab.follow(ProcId::Screen, me, Role::Lab, Link::Proc(ProcId::Keeper));
        lab.tell_birth(ProcId::Keeper);
        lab.tell_birth(ProcId::Screen);
        if let Some(tracked) = lab.tracked.get_mut(&ProcId::Keeper) {
            tracked.children = ChildrenFile::open(keeper);
        }
        lab.look();
        Ok(lab)
    }

    /// A descriptor that is readable when something has happened.
    pub fn ready(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }

    /// When /proc should be looked at again, if nothing happens before.
    pub const fn next_look(&self) -> Instant {
        self.next_look
    }

    /// The facts since the last time, in their order.
    pub fn take_facts(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.facts)
    }

    /// Takes in everything that has come, and looks at /proc if something had, or if it is time.
    pub fn pump(&mut self) {
        let begun = Instant::now();
        let mut came = false;
        // The rest is still announced afterwards.
        while begun.elapsed() < LONGEST && self.drain() {
            came = true;
        }
        self.tell_unclaimed();
        self.try_own_wait();
        self.go_on();
        if came {
            self.pause = SOON;
        } else if Instant::now() < self.next_look {
            return;
        }
        let changed = self.look();
        self.go_on();
        self.schedule(changed);
    }

    /// Gives an order. Orders are carried out one at a time, in the order in which they were given.
    pub fn order(&mut self, to: ProcId, order: Order) {
        self.agenda.push_back((to, order));
        self.go_on();
        self.pause = SOON;
        self.next_look = self.next_look.min(Instant::now() + SOON);
    }

    /// Gives the next orders, until one is under way.
    fn go_on(&mut self) {
        while !self.tracked.values().any(Tracked::is_busy)
            && let Some((to, order)) = self.agenda.pop_front()
        {
            match (to, order) {
                (ProcId::Screen, Order::Fork) => self.own_fork(),
                (ProcId::Screen, Order::Wait { call }) => self.own_wait(call),
                (ProcId::Keeper, Order::Subreaper { on }) => self.given.set_subreaper(on),
                (to, order) => self.send_order(to, order),
            }
        }
    }

    fn send_order(&mut self, to: ProcId, order: Order) {
        let Some(tracked) = self.tracked.get_mut(&to) else {
            return;
        };
        let Some(channel) = &tracked.channel else { return };
        if wire::send(channel, &Down::Do(order.clone()), None).is_ok() {
            // A program that runs to its end gives no answer but its end.
            tracked.blocked = order == Order::Finish;
            tracked.order = Some(order);
        }
    }

    /// Sends a signal to a lab process, or to its whole group.
    pub fn signal(&mut self, to: ProcId, signal: Signal, group: bool) {
        let Some(tracked) = self.tracked.get(&to).filter(|tracked| tracked.id.is_lab()) else {
            return;
        };
        let own_group = Pid(nix::unistd::getpgrp().as_raw());
        let pgid = tracked
            .look()
            .map(|seen| seen.pgid)
            .filter(|pgid| *pgid != own_group);
        let members = match pgid.filter(|_| group) {
            Some(pgid) => self.members(pgid),
            None => vec![to],
        };
        let sent = match (pgid, &tracked.pidfd) {
            (Some(pgid), _) if group => signal::send_to_group(pgid, signal),
            (_, Some(pidfd)) => pidfd::send_signal(pidfd, signal),
            (_, None) => signal::send(tracked.pid, signal),
        };
        let ret = sent.map_or_else(|failed| Ret::Err(failed.errno), |()| Ret::Ok(0));
        for id in members {
            let stops = [Signal::STOP, Signal::TSTP, Signal::TTIN, Signal::TTOU].contains(&signal);
            if let Some(member) = self.tracked.get_mut(&id).filter(|_| stops) {
                member.stopping = Some(signal);
            }
            let by = Some(ProcId::Screen);
            self.tell(
                id,
                What::Signal(SignalSent {
                    signal,
                    by,
                    ret,
                    group,
                    caught: false,
                }),
            );
        }
        self.pause = SOON;
        self.next_look = Instant::now();
    }

    /// A fact about screen itself.
    pub fn tell_screen(&mut self, what: What) {
        self.tell(ProcId::Screen, what);
    }

    /// Whether every order is answered, or its process blocked: in a wait, and asleep. The keeper reaps all that it
    /// adopts, so while a zombie is its child there is something to come.
    pub fn is_idle(&self) -> bool {
        let keeper = Link::Proc(ProcId::Keeper);
        let owed = |tracked: &Tracked| tracked.zombie && tracked.parent == keeper;
        self.granted.is_empty()
            && self.agenda.is_empty()
            && !self.tracked.values().any(owed)
            && self.tracked.values().all(|tracked| {
                let asleep = || {
                    tracked
                        .seen
                        .as_ref()
                        .is_some_and(|seen| seen.state != State::RUNNING)
                };
                let unexplained = tracked.vanished.is_some() || tracked.announced.is_some() || !tracked.told;
                !unexplained
                    && !tracked.is_dying()
                    && (tracked.order.is_none() || !tracked.is_busy() && asleep())
            })
    }

    /// Whether an order is under way, or still to be given.
    pub fn is_busy(&self) -> bool {
        !self.agenda.is_empty() || self.tracked.values().any(Tracked::is_busy)
    }

    /// What two looks must agree on before the world counts as settled.
    pub fn fingerprint(&self) -> Vec<(ProcId, State, u64)> {
        self.tracked
            .values()
            .filter(|tracked| tracked.id != ProcId::Screen)
            .filter_map(|tracked| {
                tracked
                    .seen
                    .as_ref()
                    .map(|seen| (tracked.id, seen.state, seen.cpu))
            })
            .collect()
    }

    /// Asks the keeper to run ps(1) on all processes: the command, and the end from which its output can be read.
    pub fn ps(&self) -> sys::Result<(String, OwnedFd)> {
        self.given
            .ps(self.tracked.values().map(|tracked| tracked.pid).collect())
    }

    /// Asks the keeper to have the student's editor open a file: the end from which can be read how it ended.
    pub fn editor(&self, file: &Path) -> sys::Result<OwnedFd> {
        self.given.editor(file)
    }

    /// Asks the keeper for another forkscope.
    pub fn forkscope(&self, args: Vec<String>, text: String) -> sys::Result<OwnedFd> {
        self.given.forkscope(args, text)
    }

    /// Leaves a word with the keeper: when this process ends, begin again.
    pub fn begin_again(&self, again: crate::keeper::Again) -> sys::Result<()> {
        self.given.begin_again(again)
    }

    /// The pids by which the lab is known, to be killed where the keeper cannot do it any more.
    pub fn into_trail(self) -> sweep::Trail {
        let output = sys::proc::target(&self.given.output);
        let pidfds = self
            .tracked
            .into_values()
            .filter(|tracked| tracked.id.is_lab())
            .filter_map(|tracked| tracked.pidfd)
            .collect();
        sweep::Trail {
            marker: self.given.marker,
            limit: self.given.limit,
            output,
            pidfds,
            has_gaps: true,
        }
    }

    fn now(&mut self) -> Time {
        let now = Time(self.start.elapsed().as_micros() as u64);
        self.last = self.last.max(now);
        self.last
    }

    fn tell(&mut self, proc: ProcId, what: What) {
        let pid = self.tracked.get(&proc).map_or(Pid(0), |tracked| tracked.pid);
        self.tell_of(proc, pid, what);
    }

    fn tell_of(&mut self, proc: ProcId, pid: Pid, what: What) {
        let t = self.now();
        self.facts.push(Event { t, proc, pid, what });
    }

    fn remark(&mut self, text: impl Into<String>) {
        self.tell(
            ProcId::Screen,
            What::Note(Note {
                text: Some(text.into()),
                ..Note::default()
            }),
        );
    }

    /// After a look: soon again if something changed, else slower and slower.
    fn schedule(&mut self, changed: bool) {
        let foreign = self.tracked.values().any(|tracked| tracked.role == Role::Foreign);
        let slowest = if foreign { ALERT } else { CALM };
        self.pause = if changed {
            SOON
        } else {
            (self.pause * 2).min(slowest)
        };
        self.next_look = Instant::now() + self.pause;
    }

    /// Follows a process from now on.
    fn follow(&mut self, id: ProcId, pid: Pid, role: Role, parent: Link) {
        if self.tracked.contains_key(&id) {
            return;
        }
        let mut tracked = Tracked::new(id, pid, role, parent);
        if let Some(pidfd) = &tracked.pidfd {
            self.watch(pidfd, Source::Pidfd(id), EventFlags::IN);
            if id.is_lab() {
                let _ = wire::send(&self.given.link, &ToKeeper::Known, Some(pidfd.as_fd()));
            }
        }
        tracked.channel = self.granted.remove(&id);
        if role == Role::Foreign {
            tracked.children = ChildrenFile::open(pid);
        }
        let inherits = tracked.parent.proc().and_then(|parent| self.tracked.get(&parent));
        tracked.ignores_sigchld = inherits.is_some_and(|parent| parent.ignores_sigchld);
        self.pids.insert(pid, id);
        self.tracked.insert(id, tracked);
    }

    /// Tells of a birth, once.
    fn tell_birth(&mut self, id: ProcId) {
        let Some(tracked) = self.tracked.get_mut(&id).filter(|tracked| !tracked.told) else {
            return;
        };
        tracked.told = true;
        tracked.seen = tracked.look().or(tracked.seen.take());
        let seen = tracked.seen.as_ref();
        let birth = Birth {
            parent: tracked.parent.clone(),
            start: seen.map_or(0, |seen| seen.start),
            comm: seen.map_or_else(|| "forkscope".to_owned(), |seen| shown_comm(&seen.comm)),
            pgid: seen.map_or(Pid(0), |seen| seen.pgid),
            sid: seen.map_or(Pid(0), |seen| seen.sid),
            role: tracked.role,
        };
        self.tell(id, What::Born(birth));
    }

    /// How many lab processes there are, living, dead and about to be born.
    fn population(&self) -> usize {
        self.tracked.keys().filter(|id| id.is_lab()).count() + self.granted.len()
    }

    /// A name and a channel for a child, if the limit allows one.
    fn grant(&mut self) -> sys::Result<Option<(ProcId, OwnedFd)>> {
        if self.population() >= self.limit as usize {
            return Ok(None);
        }
        let (ours, theirs) = socket::channel()?;
        let id = self.names.give();
        self.watch(&ours, Source::Channel(id), EventFlags::IN);
        self.granted.insert(id, ours);
        Ok(Some((id, theirs)))
    }

    /// Nobody was born with that name.
    fn take_back(&mut self, id: ProcId) {
        if self.granted.remove(&id).is_some() {
            self.names.take_back(id);
        }
    }

    fn refuse(&mut self, to: ProcId) {
        self.tell(
            to,
            What::Limit(Limit {
                limit: self.limit,
                killed: false,
                held: false,
            }),
        );
        // The forks that were still to come would meet the limit too.
        self.agenda.retain(|(_, order)| *order != Order::Fork);
    }

    fn members(&self, pgid: Pid) -> Vec<ProcId> {
        self.tracked
            .values()
            .filter(|tracked| tracked.look().is_some_and(|seen| seen.pgid == pgid))
            .map(|tracked| tracked.id)
            .collect()
    }
}

/// A lab process is named after its letter for ps; on the screen it is a copy of forkscope.
fn shown_comm(comm: &str) -> String {
    if comm.starts_with("forkscope ") {
        "forkscope".to_owned()
    } else {
        comm.to_owned()
    }
}
