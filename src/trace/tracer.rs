//! The tracer: starts a program, follows its whole tree, and tells what happens.
//!
//! It has no thread of its own and never sleeps unless told to. Its owner calls [`Tracer::pump`] when SIGCHLD came
//! (or [`Tracer::wait`], to sleep until there is news) and takes the facts. ptrace(2) binds a tracee to one
//! *thread*: all calls come from the thread that called [`Tracer::start`]. Its process should have no other
//! children meanwhile: wait(2) does not tell them apart, so their ends would be taken here.
//!
//! Whatever way a tracer ends, no tracee outlives it: dropping it kills and waits, and if its process is killed
//! the kernel does the same (`PTRACE_O_EXITKILL`).

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::call::{Call, Detail, Kind};
use super::command::{Command, TraceError};
use super::fact::{Fact, Place, Variable, What};
use super::numbers;
use super::places::Places;
use super::python::Slots;
use super::table::{Grain, Held, Mode, Point, Process, Return, Table, Task};
use crate::model::{Errno, Link, Pid, ProcId, Signal, Time, WaitStatus};
use crate::sys::ptrace::{self, News, Patience, Stop, Tid, Until};
use crate::sys::seccomp::Filter;
use crate::sys::spawn::{self, Launch, Step};

/// How to trace it.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// So many processes may exist at once, living and zombie.
    pub limit: usize,
    /// How the first process proceeds; each newborn proceeds as its parent does at the time.
    pub mode: Mode,
    /// Whether nobody will ever hold a process: all run to their ends.
    pub unattended: bool,
    /// Which calls are facts.
    pub detail: Detail,
    /// When the session began: facts count their time from here.
    pub start: Instant,
    /// The process of ours that adopts and reaps the orphans, where there is one.
    pub keeper: Option<Pid>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limit: 40,
            mode: Mode::Run,
            unattended: false,
            detail: Detail::Processes,
            start: Instant::now(),
            keeper: None,
        }
    }
}

/// How much of the news was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "no signal may announce the rest"]
pub enum Pumped {
    /// All.
    All,
    /// There may be more: pump again, after the keyboard has been looked at.
    Some,
}

/// How long news is taken before the keyboard is looked at, and the screen drawn.
const LONGEST: Duration = Duration::from_millis(4);

/// A traced tree.
#[derive(Debug)]
pub struct Tracer {
    pub(super) table: Table,
    /// News of tasks whose birth has not been told yet: a newborn may stop before its parent does.
    pub(super) early: HashMap<Tid, News>,
    pub(super) places: Places,
    /// Who ended while making a child, perhaps without telling of it.
    pub(super) lost: Vec<ProcId>,
    pub(super) adopter: Option<Link>,
    pub(super) frozen: bool,
    /// Everything is to be killed.
    doomed: bool,
    pub(super) executed: bool,
    pub(super) ended: Option<WaitStatus>,
    pub(super) settings: Settings,
    breaks: HashSet<Kind>,
    facts: VecDeque<Fact>,
    /// Who has come to be held since that was last asked.
    stopped: Vec<ProcId>,
}

impl Tracer {
    /// Starts the program. It has been executed when this returns, and is held there if it is to be stepped.
    pub fn start(command: &Command<'_>, settings: Settings) -> Result<Self, TraceError> {
        let filter = Filter::stopping_at(&numbers::rules(settings.detail));
        // Without a temporary folder there are no lines of Python; all else works.
        let python = Slots::new().ok();
        let environment = command.environment_with(python.as_ref());
        let gate = spawn::spawn(&Launch {
            program: &command.program,
            argv: &command.argv,
            environment: &environment,
            stdio: command.stdio,
            filter: &filter,
        })
        .map_err(TraceError::Spawn)?;
        let pid = gate.pid();
        if let Err(errno) = ptrace::seize(pid.into()) {
            drop(gate);
            // The newborn ends with its gate; this takes its status, so that no zombie of ours is left.
            let _ = ptrace::news(Patience::Wait);
            return Err(TraceError::Forbidden(errno));
        }
        let mut tracer = Self {
            table: Table::default(),
            early: HashMap::new(),
            lost: Vec::new(),
            places: Places::new(python),
            adopter: None,
            frozen: false,
            doomed: false,
            executed: false,
            ended: None,
            settings,
            breaks: HashSet::new(),
            facts: VecDeque::new(),
            stopped: Vec::new(),
        };
        let first = tracer.enter_first(pid);
        let report = gate.open().map_err(TraceError::Spawn)?;
        while !tracer.executed && tracer.ended.is_none() {
            tracer.wait()?;
        }
        match tracer.ended {
            Some(status) if !tracer.executed => Err(match report.read() {
                Some(trouble) => match trouble.step {
                    Step::Exec => TraceError::Exec {
                        program: command.program.to_string_lossy().into_owned(),
                        errno: trouble.errno,
                    },
                    Step::Filter => TraceError::Filter(trouble.errno),
                    Step::Stdio => TraceError::Spawn(std::io::Error::from_raw_os_error(trouble.errno.0)),
                },
                None => TraceError::Ended(status),
            }),
            _ => {
                debug_assert_eq!(first, ProcId::lab(0));
                Ok(tracer)
            }
        }
    }

    fn enter_first(&mut self, pid: Pid) -> ProcId {
        let screen = Link::Proc(ProcId::Screen);
        let first = self.table.enter(pid, screen.clone(), None);
        if let Some(task) = self.table.tasks.get_mut(&pid.into()) {
            task.born = true;
        }
        if let Some(process) = self.table.get_mut(first) {
            process.mode = self.settings.mode;
        }
        let born = What::Born {
            parent: screen,
            by: ProcId::Screen,
        };
        self.tell(first, born, None);
        first
    }

    /// Takes the news there is, without sleeping, but not more than a screen has patience for. Whether all of it
    /// was taken: if not, no signal may announce the rest.
    pub fn pump(&mut self) -> Result<Pumped, TraceError> {
        let begun = Instant::now();
        while self.poll()? {
            if begun.elapsed() > LONGEST {
                return Ok(Pumped::Some);
            }
        }
        Ok(Pumped::All)
    }

    /// Takes one piece of news, without sleeping. Whether there was one.
    pub fn poll(&mut self) -> Result<bool, TraceError> {
        let news = Self::news(Patience::Poll)?;
        let some = news.is_some();
        match news {
            Some(news) => self.take(news),
            None => self.look_after_zombies(),
        }
        Ok(some)
    }

    /// Sleeps until there is news, and takes it.
    pub fn wait(&mut self) -> Result<(), TraceError> {
        match Self::news(Patience::Wait)? {
            Some(news) => self.take(news),
            // ECHILD: whatever the table says, nothing is left to wait for.
            None => self.table.tasks.clear(),
        }
        Ok(())
    }

    fn news(patience: Patience) -> Result<Option<News>, TraceError> {
        match ptrace::news(patience) {
            Ok(news) => Ok(news),
            Err(Errno(libc::ECHILD)) => Ok(None),
            Err(errno) => Err(TraceError::Wait(errno)),
        }
    }

    fn take(&mut self, news: News) {
        let tid = match &news {
            News::Stopped(stop) => stop.tid(),
            News::Ended(tid, _) => *tid,
        };
        if self.table.tasks.contains_key(&tid) {
            match news {
                News::Stopped(stop) => self.stopped(stop),
                News::Ended(tid, status) => self.task_ended(tid, status),
            }
            return self.claim_newborns();
        }
        match news {
            News::Stopped(stop) if self.doomed => self.resume(stop, None),
            News::Ended(..) if self.taken_by_us(tid) => {}
            news => {
                self.early.insert(tid, news);
            }
        }
        self.claim_newborns();
    }

    /// The facts since the last call, in the order in which they were seen.
    pub fn facts(&mut self) -> impl Iterator<Item = Fact> {
        self.facts.drain(..)
    }

    /// The processes that have come to be held since the last call.
    pub fn newly_held(&mut self) -> Vec<ProcId> {
        std::mem::take(&mut self.stopped)
    }

    /// Whether no task is left that could do anything.
    pub fn is_over(&self) -> bool {
        self.table.tasks.is_empty()
    }

    /// How many tasks may want a processor now.
    pub fn busy(&self) -> usize {
        self.table.busy()
    }

    /// How the first process ended, once it has.
    pub const fn status(&self) -> Option<WaitStatus> {
        self.ended
    }

    /// Where a process is held, if it is: a point of any of its threads.
    pub fn held(&self, proc: ProcId) -> Option<&Point> {
        self.held_task(proc).map(|(_, held)| &held.point)
    }

    /// Whether a process stays where it is until it is told otherwise: held, or stopped by a signal.
    pub fn keeps(&self, proc: ProcId) -> bool {
        let is_stopped = self
            .table
            .get(proc)
            .is_some_and(|process| process.stopped.is_some());
        is_stopped || self.held_task(proc).is_some()
    }

    /// Where in its source a held process is.
    pub fn place(&mut self, proc: ProcId) -> Option<Place> {
        self.ask(proc, Places::find)?
    }

    /// The variables of a held process at its line.
    pub fn variables(&mut self, proc: ProcId) -> Vec<Variable> {
        self.ask(proc, Places::variables).unwrap_or_default()
    }

    /// The call that a process is in, is held before, or was stopped inside of: of any of its threads, the first that
    /// is in one.
    pub fn call(&self, proc: ProcId) -> Option<&Call> {
        let tids = self.table.tids_of(proc);
        tids.into_iter().find_map(|tid| {
            let task = self.table.tasks.get(&tid)?;
            let interrupted = task.interrupted.last().map(|(call, _)| call);
            task.call.as_ref().or(interrupted)
        })
    }

    fn ask<T>(&mut self, proc: ProcId, question: fn(&mut Places, Pid, &Stop) -> T) -> Option<T> {
        let (tid, _) = self.held_task(proc)?;
        let pid = self.table.get(proc)?.pid;
        let held = self.table.tasks.get(&tid)?.held.as_ref()?;
        Some(question(&mut self.places, pid, &held.stop))
    }

    fn held_task(&self, proc: ProcId) -> Option<(Tid, &Held)> {
        self.table
            .tids_of(proc)
            .into_iter()
            .find_map(|tid| Some((tid, self.table.tasks.get(&tid)?.held.as_ref()?)))
    }

    /// The processes that are not reaped, in order of birth, with pid and, for zombies, how they ended.
    pub fn processes(&self) -> impl Iterator<Item = (ProcId, Pid, &Link, Option<WaitStatus>)> {
        self.table
            .iter()
            .map(|(proc, process)| (proc, process.pid, &process.parent, process.end))
    }

    /// Whether nothing of its program will be executed by a process any more.
    pub fn is_ending(&self, proc: ProcId) -> bool {
        self.table.get(proc).is_none_or(|process| process.ending)
    }

    /// The pid of a process that is not reaped.
    pub fn pid(&self, proc: ProcId) -> Option<Pid> {
        self.table.get(proc).map(|process| process.pid)
    }

    /// Lets a process do one step; it is held at its next point.
    pub fn step(&mut self, proc: ProcId, grain: Grain) {
        self.set_mode(proc, Mode::Step(grain));
        self.release(proc);
    }

    /// Lets a process run freely.
    pub fn run(&mut self, proc: ProcId) {
        self.set_mode(proc, Mode::Run);
        self.release(proc);
    }

    /// Holds a process wherever it is.
    pub fn hold(&mut self, proc: ProcId, grain: Grain) {
        self.set_mode(proc, Mode::Step(grain));
        for tid in self.table.tids_of(proc) {
            if self.table.tasks[&tid].held.is_none() {
                // A task that has ended meanwhile needs no holding.
                let _ = ptrace::interrupt(tid);
            }
        }
    }

    /// Stops running processes before each call of this kind, or no longer.
    pub fn break_at(&mut self, kind: Kind, on: bool) {
        if on {
            self.breaks.insert(kind);
        } else {
            self.breaks.remove(&kind);
        }
    }

    /// Kills every process. Their ends are news like any other.
    pub fn end(&mut self) {
        self.frozen = false;
        self.doomed = true;
        for tid in self.table.tasks.keys().chain(self.early.keys()) {
            kill(*tid);
        }
        for proc in self.table.iter().map(|(proc, _)| proc).collect::<Vec<_>>() {
            self.set_mode(proc, Mode::Run);
            self.release(proc);
        }
    }

    fn set_mode(&mut self, proc: ProcId, mode: Mode) {
        if let Some(process) = self.table.get_mut(proc) {
            process.mode = mode;
        }
    }

    fn release(&mut self, proc: ProcId) {
        if self.frozen {
            return;
        }
        for tid in self.table.tids_of(proc) {
            let held = self.table.tasks.get_mut(&tid).and_then(|task| task.held.take());
            if let Some(Held { stop, signal, point }) = held {
                self.leave(stop, &point, signal);
            }
        }
    }

    /// Whether a task is to be held at a point.
    pub(super) fn holds(&self, tid: Tid, point: &Point) -> bool {
        let Some(task) = self.table.tasks.get(&tid) else {
            return false;
        };
        let mode = self.table.get(task.proc).map(|process| process.mode);
        let stepped = match mode {
            Some(Mode::Step(Grain::Line)) => task.stepping.is_none() || point.ends_line(),
            Some(Mode::Step(Grain::Call)) => true,
            Some(Mode::Run) | None => false,
        };
        stepped || matches!(point, Point::Before(call) if self.breaks.contains(&call.kind()))
    }

    /// Lets a stopped task go on, unless it has to be held at `point`.
    pub(super) fn go_on(&mut self, stop: Stop, point: Option<Point>, signal: Option<Signal>) {
        if !self.table.tasks.contains_key(&stop.tid()) {
            return;
        }
        let point = match point {
            _ if self.frozen => Some(Point::Limit),
            // Before its exec, the first process is still a copy of ours.
            Some(point) if self.executed && self.holds(stop.tid(), &point) => Some(point),
            _ => None,
        };
        match point {
            Some(point) => self.keep(stop, point, signal),
            None => self.resume(stop, signal),
        }
    }

    pub(super) fn keep(&mut self, stop: Stop, point: Point, signal: Option<Signal>) {
        let Some(task) = self.table.tasks.get_mut(&stop.tid()) else {
            return;
        };
        let proc = task.proc;
        task.stepping = None;
        task.held = Some(Held { stop, point, signal });
        self.stopped.push(proc);
        if let (Some(process), false) = (self.table.get_mut(proc), self.frozen)
            && process.mode == Mode::Run
        {
            process.mode = Mode::Step(Grain::Call);
        }
    }

    /// Resumes to the return of the call the task is in, or to its next stop, or by a step of its line.
    pub(super) fn resume(&mut self, stop: Stop, signal: Option<Signal>) {
        if self.doomed {
            kill(stop.tid());
        }
        let until = match self.table.tasks.get(&stop.tid()) {
            Some(task) if task.call.is_some() && self.sees_return(task) => Until::CallEnds,
            Some(task) if task.entering_handler => Until::Instruction,
            _ => self.stepping_until(&stop),
        };
        // The only error beside ESRCH is a signal number that no signal has, and those come from the kernel.
        let _ = stop.resume(until, signal);
    }

    /// Whether the call that a task is in stops it at its return.
    fn sees_return(&self, task: &Task) -> bool {
        let runs = |process: &Process| process.mode == Mode::Run;
        task.returns == Return::ByItself || !self.table.get(task.proc).is_some_and(runs)
    }

    pub(super) fn tell(&mut self, proc: ProcId, what: What, at: Option<Place>) {
        let pid = self.table.get(proc).map_or(Pid(0), |process| process.pid);
        self.tell_of(proc, pid, what, at);
    }

    pub(super) fn tell_of(&mut self, proc: ProcId, pid: Pid, what: What, at: Option<Place>) {
        self.facts.push_back(Fact {
            time: Time(self.settings.start.elapsed().as_micros() as u64),
            proc,
            pid,
            what,
            at,
        });
    }

    /// Where a stopped task is.
    pub(super) fn place_of(&mut self, proc: ProcId, stop: &Stop) -> Option<Place> {
        if !self.executed {
            // Until then it is a copy of ours.
            return None;
        }
        let pid = self.table.get(proc)?.pid;
        self.places.find(pid, stop)
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        self.end();
        self.early.retain(|_, news| matches!(news, News::Stopped(_)));
        for (_, news) in std::mem::take(&mut self.early) {
            if let News::Stopped(stop) = news {
                self.table.tasks.insert(stop.tid(), Task::new(ProcId::Screen));
                self.resume(stop, None);
            }
        }
        while !self.is_over() && self.wait().is_ok() {}
    }
}

fn kill(tid: Tid) {
    // A task that is gone already needs no killing.
    let _ = nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(tid.0),
        nix::sys::signal::Signal::SIGKILL,
    );
}
