//! A traced program on the screen: the engine that is to `trace` what the lab is to keys.
//!
//! [`Traced`] owns a [`Tracer`], the program's terminal, and what is looked up in /proc meanwhile, and turns all of
//! it into the one language of facts. It lives in screen's one thread, because ptrace(2) binds a tracee to the thread
//! that traces it. It never blocks: SIGCHLD wakes screen's loop, and `pump` takes what there is, a few milliseconds'
//! worth at a time, so that a burst of forks leaves time for keys.
//!
//! Dropping it ends the program with all its processes.

mod engine;
mod look;
mod terminal;

use std::collections::BTreeMap;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::epoll::{self, EventData, EventFlags};

use self::look::Watched;
use self::terminal::Terminal;
use crate::keeper::Endowment;
use crate::lab::descriptors::Tables;
use crate::lab::sweep::Trail;
use crate::lab::wire::{Line, Reader};
use crate::model::event::{Note, Wait};
use crate::model::{Event, Pid, ProcId, Time, WaitStatus, What};
use crate::sys;
use crate::trace::events::{self, Translator};
use crate::trace::headless::Runnable;
use crate::trace::{
    Command, Fact, Findings, Grain, Point, Pumped, Settings, TraceError, Tracer, What as Told,
};

/// How long after a change the next look at /proc comes, at first; each quiet look doubles it.
const SOON: Duration = Duration::from_millis(2);

/// How often /proc is looked at when nothing happens.
const CALM: Duration = Duration::from_millis(100);

/// A program that is traced, seen from screen.
#[derive(Debug)]
pub struct Traced {
    given: Endowment,
    tracer: Tracer,
    translator: Translator,
    /// What is wrong with the program, until that is told.
    findings: Option<Findings>,
    facts: Vec<Event>,
    start: Instant,
    last: Time,
    terminal: Option<Terminal>,
    reports: Reader,
    epoll: OwnedFd,
    watched: BTreeMap<ProcId, Watched>,
    /// The waits that processes are held before: each is told when it is really called.
    waits: BTreeMap<ProcId, What>,
    /// The steps that are still to be taken.
    steps: BTreeMap<ProcId, (usize, Grain)>,
    descriptors: Option<Tables>,
    /// Whether the tracer has more news, which no signal will announce.
    has_more: bool,
    pause: Duration,
    next_look: Instant,
}

/// What a traced program has for standard input, output and error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stdio {
    /// A terminal of its own, with that many rows and columns.
    Terminal(u16, u16),
    /// The standard input of forkscope, and its standard error for what is printed.
    Ours,
}

impl Traced {
    /// Starts a program, which is held at its first instruction.
    pub fn start(
        given: Endowment,
        program: &Runnable,
        settings: Settings,
        stdio: Stdio,
    ) -> Result<Self, TraceError> {
        let failed = |error: rustix::io::Errno| TraceError::Spawn(error.into());
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(failed)?;
        let (terminal, tracer) = match stdio {
            Stdio::Terminal(rows, columns) => {
                let (terminal, slave) = Terminal::open(rows, columns).map_err(TraceError::Spawn)?;
                let ends = [slave.as_fd(), slave.as_fd(), slave.as_fd()];
                let tracer = start(&given, program.command(ends)?, settings)?;
                epoll::add(&epoll, &terminal, EventData::new_u64(0), EventFlags::IN).map_err(failed)?;
                (Some(terminal), tracer)
            }
            Stdio::Ours => {
                let (input, error) = (std::io::stdin(), std::io::stderr());
                let ends = [input.as_fd(), error.as_fd(), error.as_fd()];
                (None, start(&given, program.command(ends)?, settings)?)
            }
        };
        epoll::add(&epoll, &given.reports, EventData::new_u64(0), EventFlags::IN).map_err(failed)?;
        let mut traced = Self {
            tracer,
            translator: Translator::default(),
            findings: Some(Findings::default()),
            facts: events::ancestors(Some(given.keeper)),
            start: settings.start,
            last: Time(0),
            terminal,
            reports: Reader::default(),
            epoll,
            watched: BTreeMap::new(),
            waits: BTreeMap::new(),
            steps: BTreeMap::new(),
            descriptors: None,
            has_more: false,
            pause: SOON,
            next_look: settings.start,
            given,
        };
        traced.take_in();
        traced.look_around();
        Ok(traced)
    }

    /// How the program's first process ended, once it has.
    pub const fn status(&self) -> Option<WaitStatus> {
        self.tracer.status()
    }

    /// Leaves a word with the keeper: when this process ends, begin again.
    pub fn begin_again(&self, again: crate::keeper::Again) -> sys::Result<()> {
        self.given.begin_again(again)
    }

    /// Ends the program, and gives what else of it could be found.
    pub fn into_trail(self) -> Trail {
        Trail {
            marker: self.given.marker.clone(),
            limit: self.given.limit,
            output: sys::proc::target(&self.given.output),
            pidfds: Vec::new(),
            has_gaps: true,
        }
    }

    /// Takes in everything that has happened; whether there was anything.
    fn take_in(&mut self) -> bool {
        let before = self.facts.len();
        self.read_reports();
        self.read_terminal();
        match self.tracer.pump() {
            Ok(pumped) => self.has_more = pumped == Pumped::Some,
            Err(error) => {
                self.has_more = false;
                self.tell(
                    ProcId::Screen,
                    What::Error {
                        text: error.to_string(),
                    },
                );
            }
        }
        let facts: Vec<Fact> = self.tracer.facts().collect();
        for fact in &facts {
            self.learn(fact);
        }
        for proc in self.tracer.newly_held() {
            self.came_to_be_held(proc);
        }
        self.tell_findings();
        self.facts.len() > before
    }

    fn learn(&mut self, fact: &Fact) {
        // What a process has printed comes before its end, and before the prompt that its end brings back.
        if matches!(fact.what, Told::Exit { .. } | Told::Killed { .. }) {
            self.waits.remove(&fact.proc);
            self.read_last_words(fact.proc);
        }
        if let Some(findings) = &mut self.findings {
            findings.add(fact);
        }
        let is_held_before = matches!(self.tracer.held(fact.proc), Some(Point::Before(_)));
        for event in self.translator.events(fact) {
            if is_held_before && matches!(event.what, What::Wait(Wait { end: None, .. })) {
                self.waits.insert(event.proc, event.what);
            } else {
                self.tell_of(event.proc, event.pid, event.what, event.t);
            }
        }
    }

    /// A held process is about to be let go.
    fn goes_on(&mut self, proc: ProcId) {
        self.may_print(proc);
        if let Some(wait) = self.waits.remove(&proc) {
            self.tell(proc, wait);
        }
    }

    /// A process has come to a stop: its variables are told, and where it is if no fact said so; a step that is still
    /// to be taken is taken.
    fn came_to_be_held(&mut self, proc: ProcId) {
        let Some(point) = self.tracer.held(proc) else {
            return;
        };
        let is_anywhere = *point == Point::Anywhere;
        if !is_anywhere && self.take_step(proc) {
            return;
        }
        let at = self.tracer.place(proc);
        let pid = self.pid_of(proc);
        let mut say = |what| {
            let fact = Fact {
                time: Time(0),
                proc,
                pid,
                what,
                at: at.clone(),
            };
            self.translator.events(&fact)
        };
        let mut events = Vec::new();
        if is_anywhere {
            let call = self.tracer.call(proc).cloned().map(Box::new);
            events.extend(say(
                call.map_or(Told::Line { entered: false }, |call| Told::Inside { call })
            ));
        }
        let vars = self.tracer.variables(proc);
        events.extend(say(Told::Vars { vars }));
        for event in events {
            self.tell_of(event.proc, event.pid, event.what, event.t);
        }
    }

    /// Takes the next of the steps that were asked for.
    fn take_step(&mut self, proc: ProcId) -> bool {
        let Some((left, grain)) = self.steps.get_mut(&proc) else {
            return false;
        };
        let grain = *grain;
        *left -= 1;
        if *left == 0 {
            self.steps.remove(&proc);
        }
        self.goes_on(proc);
        self.tracer.step(proc, grain);
        true
    }

    /// When all is over, what was wrong with the program is told, once.
    fn tell_findings(&mut self) {
        if !self.tracer.is_over() || self.tracer.is_keeper_owed() {
            return;
        }
        let Some(findings) = self.findings.take().map(Findings::finish) else {
            return;
        };
        for finding in &findings {
            self.remark(finding.to_string());
        }
        // The last line is the one that is seen.
        self.remark(match findings.len() {
            0 => "all processes have ended, and nothing was found to be wrong".to_owned(),
            1 => "all processes have ended; 1 finding is told above (, leads back to it)".to_owned(),
            n => format!("all processes have ended; {n} findings are told above (, leads back to them)"),
        });
    }

    /// The keeper says what it did. Whom it has reaped the tracer sees for itself.
    fn read_reports(&mut self) {
        let mut bytes = [0; 1 << 12];
        while let Ok(length @ 1..) = rustix::io::read(&self.given.reports, &mut bytes) {
            for line in self.reports.take(&bytes[..length]) {
                if let Line::Fact(report) = line {
                    self.tell_of(report.proc, report.pid, report.what, Time(0));
                }
            }
        }
    }

    fn remark(&mut self, text: impl Into<String>) {
        let note = Note {
            text: Some(text.into()),
            ..Note::default()
        };
        self.tell(ProcId::Screen, What::Note(note));
    }

    fn tell(&mut self, proc: ProcId, what: What) {
        let pid = self.pid_of(proc);
        let now = Time(self.start.elapsed().as_micros() as u64);
        self.tell_of(proc, pid, what, now);
    }

    fn pid_of(&self, proc: ProcId) -> Pid {
        match proc {
            ProcId::Screen => Pid(std::process::id() as i32),
            ProcId::Keeper => self.given.keeper,
            ProcId::Lab(_) => self.tracer.pid(proc).unwrap_or_default(),
        }
    }

    /// Times never decrease, though facts come from several sources.
    fn tell_of(&mut self, proc: ProcId, pid: Pid, what: What, t: Time) {
        self.last = self.last.max(t);
        let t = self.last;
        self.facts.push(Event { t, proc, pid, what });
    }
}

fn start(given: &Endowment, mut command: Command<'_>, settings: Settings) -> Result<Tracer, TraceError> {
    // By this the keeper finds what has got away, whatever becomes of us.
    command
        .environment
        .extend(std::ffi::CString::new(given.marker.as_str()).ok());
    Tracer::start(&command, settings)
}
