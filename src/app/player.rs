//! Keys that were given beforehand, played into a session: each once the world has settled after the one before.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Effect;
use super::engine::{Engine, Fingerprint};
use super::script::{Expected, Token};
use super::session::Session;
use super::stage::Stage as _;
use crate::model::event::Note;
use crate::model::{ProcId, State, What};

/// How far apart two looks at /proc must agree before the world counts as settled.
const APART: Duration = Duration::from_millis(20);

/// How long a world may go on changing before a script goes on all the same.
const RESTLESS: Duration = Duration::from_secs(2);

/// How long `?C=Z` waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// Plays a script: token by token, each once the world has settled after the one before.
#[derive(Debug)]
pub(super) struct Player {
    tokens: VecDeque<Token>,
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
    pub(super) fn new(tokens: Vec<Token>) -> Self {
        Self {
            tokens: tokens.into(),
            settling: Settling::default(),
            expecting: None,
        }
    }

    /// These come first.
    pub(super) fn insert(&mut self, tokens: Vec<Token>) {
        for token in tokens.into_iter().rev() {
            self.tokens.push_front(token);
        }
    }

    /// What is still to be played, as text.
    pub(super) fn rest(&self) -> String {
        self.tokens
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Goes on as far as possible. The error is an expectation that did not come, or a token that cannot be played.
    pub(super) fn step<E: Engine>(&mut self, session: &mut Session<E>) -> Result<Progress, String> {
        if let Some((id, expected, since)) = self.expecting {
            if is_so(session, id, expected) {
                self.expecting = None;
            } else if since.elapsed() > PATIENCE {
                return Err(unfulfilled(session, id, expected));
            } else {
                return Ok(Progress::Wait(session.engine.next_look()));
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

    fn play<E: Engine>(&mut self, token: Token, session: &mut Session<E>) -> Result<Vec<Effect>, String> {
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

fn is_so<E>(session: &Session<E>, id: ProcId, expected: Expected) -> bool {
    let world = session.app.live();
    match (world.get(id), expected) {
        (_, Expected::Gone) => world.is_gone(id),
        // A process whose first thread has ended before the others has that letter, and is no zombie yet.
        (Some(process), Expected::State(State::ZOMBIE)) => process.is_zombie(),
        (Some(process), Expected::State(state)) => !process.is_reaped() && process.state == state,
        (None, Expected::State(_)) => false,
    }
}

fn unfulfilled<E>(session: &Session<E>, id: ProcId, expected: Expected) -> String {
    let now = match session.app.live().get(id) {
        Some(process) if process.is_reaped() => "it is gone".to_owned(),
        Some(process) => format!("its state is {}", process.state),
        None => "there is no such process".to_owned(),
    };
    format!(
        "?{id}={expected} did not come true within {} s: {now}",
        PATIENCE.as_secs()
    )
}

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
    fn wait<E: Engine>(&mut self, session: &mut Session<E>) -> Option<Instant> {
        if self.given_up {
            return None;
        }
        if session.runs_on() {
            *self = Self::default();
            return Some(session.next_look());
        }
        if self.since.elapsed() > RESTLESS {
            self.given_up = true;
            let text = "the world had not settled after 2 s; going on all the same".to_owned();
            session.engine.tell_screen(What::Note(Note {
                text: Some(text),
                ..Note::default()
            }));
            session.learn();
            return None;
        }
        let now = Instant::now();
        if !session.engine.is_idle() {
            self.seen = None;
            return Some(session.engine.next_look().min(now + APART));
        }
        match &self.seen {
            Some((at, _)) if now < *at + APART => Some(*at + APART),
            _ => {
                session.engine.look();
                session.learn();
                let print = session.engine.fingerprint();
                let agrees = self.seen.as_ref().is_some_and(|(_, before)| *before == print);
                self.seen = Some((now, print));
                (!(agrees && session.engine.is_idle())).then_some(now + APART)
            }
        }
    }
}
