//! A session: the state and the lab, side by side. Effects go one way, facts come back the other.

use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::effect::Look;
use super::script::{Expected, Token};
use super::{App, Effect, Key};
use crate::lab::{Lab, evidence};
use crate::model::event::Note;
use crate::model::{Event, ProcId, State, What};
use crate::program::Machine;
use crate::sys::socket::never_block;

/// How far apart two looks at /proc must agree before the world counts as settled.
const APART: Duration = Duration::from_millis(20);

/// How long a world may go on changing before a script goes on all the same.
const RESTLESS: Duration = Duration::from_secs(2);

/// How long `?C=Z` waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// The state, the lab, and what runs between them.
#[derive(Debug)]
pub struct Session {
    /// The state.
    pub app: App,
    /// The real processes.
    pub lab: Lab,
    /// Whether anything has changed since it was last drawn.
    pub changed: bool,
    /// The facts since they were last taken, if anybody takes them.
    heard: Option<Vec<Event>>,
    next_step: Instant,
    ps: Option<(OwnedFd, Vec<u8>)>,
}

impl Session {
    /// Begins. With `keep` the facts can be taken with [`Session::take_heard`].
    pub fn new(app: App, lab: Lab, keep: bool) -> Self {
        let mut session = Self {
            app,
            lab,
            changed: true,
            heard: keep.then(Vec::new),
            next_step: Instant::now(),
            ps: None,
        };
        session.learn();
        session
    }

    /// A key. What concerns the front end itself is returned.
    pub fn press(&mut self, key: Key) -> Vec<Effect> {
        let effects = self.app.press(key);
        self.changed = true;
        self.perform(effects)
    }

    /// Takes in what has happened, and goes on where a program runs freely.
    pub fn pump(&mut self) {
        self.lab.pump();
        self.read_ps();
        self.learn();
        self.run_on();
    }

    /// Starts the program that is stepped, and selects its first process.
    pub fn launch(&mut self, program: Machine) {
        self.lab.launch(program);
        self.learn();
        // It was born a moment ago; if the fork failed, that is told, and screen stays selected.
        let _ = self.app.select(ProcId::lab(0));
    }

    /// When to look again, if nothing happens before.
    pub fn next_turn(&self) -> Instant {
        let look = self.lab.next_look();
        if self.app.stepping.running && !self.lab.is_busy() {
            look.min(self.next_step)
        } else {
            look
        }
    }

    /// Whether no process of the lab lives any more.
    pub fn has_ended(&self) -> bool {
        self.app.world.alive() == 0
    }

    fn run_on(&mut self) {
        let now = Instant::now();
        if !self.app.stepping.running || self.lab.is_busy() || now < self.next_step {
            return;
        }
        self.next_step = now + self.app.stepping.speed.interval();
        let effects = self.app.run_on();
        self.changed |= !self.app.stepping.running;
        self.perform(effects);
    }

    /// The facts since the last time.
    pub fn take_heard(&mut self) -> Vec<Event> {
        self.heard.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Performs effects; those of the front end are returned.
    pub fn perform(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut rest = Vec::new();
        for effect in effects {
            match effect {
                Effect::Fact(what) => self.lab.tell_screen(what),
                Effect::Order(to, order) => self.lab.order(to, order),
                Effect::Signal { to, signal, group } => self.lab.signal(to, signal, group),
                Effect::TypeIn(text) => self.lab.type_in(&text),
                Effect::EndInput => self.lab.end_input(),
                Effect::GiveUpWait => self.lab.give_up_wait(),
                Effect::WatchDescriptors(on) => self.lab.watch_descriptors(on),
                Effect::Look(look) => self.look(look),
                other => rest.push(other),
            }
            self.learn();
        }
        rest
    }

    fn learn(&mut self) {
        for event in self.lab.take_facts() {
            self.app.learn(&event);
            self.changed = true;
            if let Some(heard) = &mut self.heard {
                heard.push(event);
            }
        }
    }

    fn look(&mut self, look: Look) {
        match look {
            Look::Evidence(id) => {
                let pid = self.app.world.get(id).map(|process| process.pid);
                self.app.looks.evidence = pid.map(evidence::of).unwrap_or_default();
            }
            Look::Ps => match self.lab.ps() {
                Ok((command, end)) => {
                    let _ = never_block(&end);
                    self.app.looks.ps = vec![command];
                    self.ps = Some((end, Vec::new()));
                }
                Err(failed) => self.app.looks.ps = vec![format!("ps could not be run: {failed}")],
            },
        }
    }

    fn read_ps(&mut self) {
        let Some((end, mut bytes)) = self.ps.take() else {
            return;
        };
        let mut file = std::fs::File::from(end);
        match file.read_to_end(&mut bytes) {
            Ok(_) => {
                self.app.looks.ps.truncate(1);
                self.app.looks.ps.extend(ps_lines(&bytes));
                self.changed = true;
            }
            // More is to come.
            Err(_) => self.ps = Some((file.into(), bytes)),
        }
    }
}

fn ps_lines(bytes: &[u8]) -> Vec<String> {
    if bytes.is_empty() {
        return vec!["There is no ps(1) on this machine: the other panes do not need it.".to_owned()];
    }
    String::from_utf8_lossy(bytes)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Plays a script: token by token, each once the world has settled after the one before.
#[derive(Debug)]
pub struct Player {
    tokens: std::collections::VecDeque<Token>,
    settling: Settling,
    expecting: Option<(ProcId, Expected, Instant)>,
}

/// How far a script has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Something was done; these effects are the front end's.
    Acted(Vec<Effect>),
    /// The world is not settled yet: look again at that time, or when something happens.
    Wait(Instant),
    /// All was played, and the world has settled.
    Done,
}

impl Player {
    /// A player of that script.
    pub fn new(tokens: Vec<Token>) -> Self {
        Self {
            tokens: tokens.into(),
            settling: Settling::default(),
            expecting: None,
        }
    }

    /// What is still to be played, as text.
    pub fn rest(&self) -> String {
        self.tokens
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Goes on as far as possible. The error is an expectation that did not come, or a token that cannot be played.
    pub fn step(&mut self, session: &mut Session) -> Result<Progress, String> {
        if let Some((id, expected, since)) = self.expecting {
            if is_so(session, id, expected) {
                self.expecting = None;
            } else if since.elapsed() > PATIENCE {
                return Err(unfulfilled(session, id, expected));
            } else {
                return Ok(Progress::Wait(session.lab.next_look()));
            }
        }
        if let Some(until) = self.settling.wait(session) {
            return Ok(Progress::Wait(until));
        }
        let Some(token) = self.tokens.pop_front() else {
            return Ok(Progress::Done);
        };
        self.settling = Settling::default();
        self.play(token, session).map(Progress::Acted)
    }

    fn play(&mut self, token: Token, session: &mut Session) -> Result<Vec<Effect>, String> {
        session.changed = true;
        match token {
            Token::Keys(keys) => Ok(keys.into_iter().flat_map(|key| session.press(key)).collect()),
            Token::Select(id) => session.app.select(id).map(|()| Vec::new()),
            Token::Text(text) => session.app.type_text(&text).map(|()| Vec::new()),
            Token::Expect(id, expected) => {
                self.expecting = Some((id, expected, Instant::now()));
                Ok(Vec::new())
            }
        }
    }
}

fn is_so(session: &Session, id: ProcId, expected: Expected) -> bool {
    let gone = || session.app.world.gone().iter().any(|gone| gone.id == id);
    match (session.app.world.get(id), expected) {
        (Some(process), Expected::Gone) => process.is_reaped(),
        (Some(process), Expected::State(state)) => !process.is_reaped() && process.state == state,
        (None, Expected::Gone) => gone(),
        (None, Expected::State(_)) => false,
    }
}

fn unfulfilled(session: &Session, id: ProcId, expected: Expected) -> String {
    let now = match session.app.world.get(id) {
        Some(process) if process.is_reaped() => "it is gone".to_owned(),
        Some(process) => format!("its state is {}", process.state),
        None => "there is no such process".to_owned(),
    };
    format!(
        "?{id}={expected} did not come true within {} s: {now}",
        PATIENCE.as_secs()
    )
}

/// What is compared: processes, states, CPU times.
type Fingerprint = Vec<(ProcId, State, u64)>;

/// Whether the world has settled: every order answered or its process blocked, nothing on the report pipe, and two
/// looks at /proc that agree on processes, states and CPU times.
#[derive(Debug)]
struct Settling {
    since: Instant,
    seen: Option<(Instant, Fingerprint)>,
    given_up: bool,
}

impl Default for Settling {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            seen: None,
            given_up: false,
        }
    }
}

impl Settling {
    /// Until when to wait before asking again; none once it has settled.
    fn wait(&mut self, session: &mut Session) -> Option<Instant> {
        if self.given_up {
            return None;
        }
        if self.since.elapsed() > RESTLESS {
            self.given_up = true;
            let text = "the world had not settled after 2 s; going on all the same".to_owned();
            session.lab.tell_screen(What::Note(Note {
                text: Some(text),
                ..Note::default()
            }));
            session.learn();
            return None;
        }
        let now = Instant::now();
        if !session.lab.is_idle() {
            self.seen = None;
            return Some(session.lab.next_look().min(now + APART));
        }
        match &self.seen {
            Some((at, _)) if now < *at + APART => Some(*at + APART),
            _ => {
                session.lab.look();
                session.learn();
                let print = session.lab.fingerprint();
                let agrees = self.seen.as_ref().is_some_and(|(_, before)| *before == print);
                self.seen = Some((now, print));
                (!(agrees && session.lab.is_idle())).then_some(now + APART)
            }
        }
    }
}
