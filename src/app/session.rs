//! A session: the state and an engine, side by side. Effects go one way, facts come back the other.

use std::io::Read as _;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use super::archive::{Archive, KeepError};
use super::effect::Look;
use super::engine::Engine;
use super::flood::{self, Flood, Keep};
use super::player::{Player, Progress};
use super::script::Token;
use super::stage::Stage;
use super::{App, Effect, Key, Source, past};
use crate::journal::Journal;
use crate::lab::order::Order;
use crate::lab::{Lab, evidence};
use crate::model::{Event, ProcId};
use crate::poll;
use crate::program::Machine;
use crate::sys;
use crate::sys::socket::never_block;

/// How long a program may take to come to its first line. What is shown before that would not know yet what it is.
const NEWBORN: Duration = Duration::from_secs(1);

/// The state, the engine, and what runs between them.
#[derive(Debug)]
pub struct Session<E> {
    /// The state.
    pub app: App,
    /// The real processes.
    pub engine: E,
    /// Whether anything has changed since it was last drawn.
    pub changed: bool,
    /// What was to be recorded and was not.
    pub unrecorded: Option<String>,
    archive: Archive,
    flood: Flood,
    /// The facts since they were last taken, if anybody takes them.
    heard: Option<Vec<Event>>,
    /// When a program that runs freely takes its next step.
    next_step: Instant,
    ps: Option<(OwnedFd, Vec<u8>)>,
    /// The file whose text the listing shows, where processes say which.
    listed: Option<String>,
    /// The other forkscope that finds out what is possible, and what it has said of a line.
    survey: Option<(OwnedFd, Vec<u8>)>,
    /// The keys to begin with, as long as they are not all played.
    script: Option<Player>,
    /// Whether keys that cannot be played are told of, and the session goes on: nobody has written these for it to
    /// end by, and whoever chose them may have pressed others meanwhile.
    pub forgives: bool,
    /// Keys that a key has asked for: they come before those that are left.
    inserted: Vec<Token>,
}

impl<E: Engine> Stage for Session<E> {
    fn app(&self) -> &App {
        &self.app
    }

    fn app_mut(&mut self) -> &mut App {
        &mut self.app
    }

    fn journal(&self) -> &Journal {
        self.archive.journal()
    }

    fn press(&mut self, key: Key) -> Vec<Effect> {
        let effects = self.app.press(key);
        self.changed = true;
        let rest = self.perform(effects);
        self.read_source();
        self.read_lanes();
        rest
    }

    fn pump(&mut self) {
        self.engine.pump();
        self.read_ps();
        self.read_survey();
        self.learn();
        self.run_on();
        if self.changed {
            self.read_source();
            self.read_lanes();
        }
    }

    fn play(&mut self) -> Result<Progress, String> {
        let player = self.script.take();
        if player.is_none() && self.inserted.is_empty() {
            return Ok(Progress::Done);
        }
        let mut player = player.unwrap_or_else(|| Player::new(Vec::new()));
        player.insert(std::mem::take(&mut self.inserted));
        match player.step(self) {
            Ok(progress) => {
                self.script = (progress != Progress::Done).then_some(player);
                Ok(progress)
            }
            Err(complaint) if self.forgives => {
                self.app.notice = Some(format!("These keys cannot be played to their end: {complaint}."));
                Ok(Progress::Done)
            }
            Err(complaint) => Err(complaint),
        }
    }

    fn ready(&self) -> Vec<BorrowedFd<'_>> {
        let survey = self.survey.iter().map(|(end, _)| end.as_fd());
        std::iter::once(self.engine.ready()).chain(survey).collect()
    }

    fn rest(&self) -> String {
        self.script.as_ref().map(Player::rest).unwrap_or_default()
    }

    fn next_look(&self) -> Instant {
        let look = self.engine.next_look();
        if self.app.stepping.running && !self.engine.is_busy() {
            look.min(self.next_step)
        } else {
            look
        }
    }

    fn editor(&self, file: &Path) -> Option<sys::Result<OwnedFd>> {
        Some(self.engine.editor(file))
    }

    fn check(&self, file: &Path, text: &str) -> Result<(), String> {
        self.engine.check(file, text)
    }

    fn changed(&mut self) -> &mut bool {
        &mut self.changed
    }
}

impl<E: Engine> Session<E> {
    /// Begins, with keys that [`Stage::play`] plays. With `keep` the facts can be taken with [`Session::take_heard`].
    pub fn new(app: App, engine: E, archive: Archive, tokens: Vec<Token>, keep: bool) -> Self {
        let mut session = Self {
            app,
            engine,
            changed: true,
            unrecorded: None,
            archive,
            flood: Flood::default(),
            heard: keep.then(Vec::new),
            next_step: Instant::now(),
            ps: None,
            listed: None,
            survey: None,
            script: Some(Player::new(tokens)),
            forgives: false,
            inserted: Vec::new(),
        };
        session.learn();
        session
    }

    /// Whether no process of the lab lives any more.
    pub fn has_ended(&self) -> bool {
        self.app.live().alive() == 0
    }

    /// Whether a lesson's program runs freely and has not come to a stop yet: what the script does next waits for that.
    pub(super) fn runs_on(&self) -> bool {
        let is_running = self.app.attempt().is_some() && self.app.stepping.running;
        is_running && (self.engine.is_busy() || !self.app.steppable().is_empty())
    }

    /// Takes the next step of a program that runs freely, if it is time.
    fn run_on(&mut self) {
        let now = Instant::now();
        if !self.app.stepping.running || self.engine.is_busy() || now < self.next_step {
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
                Effect::Look(look) => self.look(look),
                Effect::Travel(way) => {
                    if let Err(error) = past::travel(&mut self.app, self.archive.journal(), way) {
                        self.app.notice = Some(error.to_string());
                    }
                }
                Effect::Record(path) => self.record(&path),
                Effect::Play(tokens) => self.inserted = tokens,
                Effect::Survey => self.begin_survey(),
                Effect::EndSurvey => self.survey = None,
                other => rest.extend(self.engine.perform(other)),
            }
            self.learn();
        }
        rest
    }

    /// Takes in the facts that have come.
    pub(super) fn learn(&mut self) {
        for event in self.engine.take_facts() {
            match self.flood.take(&event) {
                Keep::Yes => self.keep(&event),
                Keep::NoMore => {
                    let most = flood::MOST >> 20;
                    self.app.notice = Some(format!(
                        "Processes have written {most} MB: what they write from now on is not kept."
                    ));
                    self.changed = true;
                }
                Keep::No => {}
            }
            if let Some(heard) = &mut self.heard {
                heard.push(event);
            }
        }
    }

    fn keep(&mut self, event: &Event) {
        self.app.learn(event);
        self.changed = true;
        if let Err(error) = self.archive.keep(event) {
            self.complain(&error);
        }
        self.app.shelve_as(self.archive.journal());
    }

    /// Said at once, and again at the end: a notice is gone with the next key.
    fn complain(&mut self, error: &KeepError) {
        self.app.notice = Some(error.to_string());
        if let KeepError::Record(error) = error {
            self.unrecorded = Some(error.to_string());
        }
        self.app.recording = self.archive.recording().map(Path::to_owned);
    }

    fn record(&mut self, path: &Path) {
        let notice = match self.archive.record_anew(path) {
            Ok(path) => format!(
                "All so far is in {}, and all from now on will be.",
                path.display()
            ),
            Err(error) => error.to_string(),
        };
        self.app.notice = Some(notice);
        self.app.recording = self.archive.recording().map(Path::to_owned);
    }

    fn read_lanes(&mut self) {
        if let Err(error) = past::read_lanes(&mut self.app, self.archive.journal()) {
            self.app.notice = Some(error.to_string());
        }
    }

    /// Shows the text of the file in which the selected process stands, where a traced program has several.
    fn read_source(&mut self) {
        let Some(file) = self
            .app
            .file_to_list()
            .filter(|file| self.listed.as_deref() != Some(*file))
        else {
            return;
        };
        let file = file.to_owned();
        // Where the file is not to be had, what is shown stays.
        if let Ok(text) = std::fs::read(&file) {
            self.app.source = Some(Source::new(&file, &String::from_utf8_lossy(&text)));
        }
        self.listed = Some(file);
    }

    fn look(&mut self, look: Look) {
        match look {
            Look::Evidence(id) => {
                let pid = self.app.world.get(id).map(|process| process.pid);
                self.app.looks.evidence = pid.map(evidence::of).unwrap_or_default();
            }
            Look::Ps => match self.engine.ps() {
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
        let (end, is_over) = read_on(end, &mut bytes);
        if is_over {
            self.app.looks.ps.truncate(1);
            self.app.looks.ps.extend(ps_lines(&bytes));
            self.changed = true;
        } else {
            self.ps = Some((end, bytes));
        }
    }

    fn begin_survey(&mut self) {
        let Some(outlook) = &mut self.app.outlook else {
            return;
        };
        match self.engine.forkscope(outlook.command(), outlook.text.to_string()) {
            Ok(end) => {
                let _ = never_block(&end);
                self.survey = Some((end, Vec::new()));
            }
            Err(failed) => outlook.survey.complaint = Some(format!("no run could be begun: {failed}")),
        }
    }

    fn read_survey(&mut self) {
        let (Some((end, mut bytes)), Some(outlook)) = (self.survey.take(), &mut self.app.outlook) else {
            return;
        };
        let (end, is_over) = read_on(end, &mut bytes);
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        for line in String::from_utf8_lossy(&bytes[..whole]).lines() {
            outlook.survey.learn(line);
        }
        self.changed |= whole > 0 || is_over;
        if is_over {
            outlook.survey.close();
        } else {
            self.survey = Some((end, bytes.split_off(whole)));
        }
    }
}

/// Takes in what is there, and says whether that is all that will ever come.
fn read_on(end: OwnedFd, bytes: &mut Vec<u8>) -> (OwnedFd, bool) {
    let mut file = std::fs::File::from(end);
    let is_over = file.read_to_end(bytes).is_ok();
    (file.into(), is_over)
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

impl Session<Lab> {
    /// Starts the program that is stepped, and selects its first process, which stands at its first line.
    pub fn launch(&mut self, program: Machine) {
        self.engine.launch(program);
        self.engine.order(ProcId::lab(0), Order::Step);
        let patience = Instant::now() + NEWBORN;
        while !self.stands_somewhere() && Instant::now() < patience {
            poll::until(&[&self.engine.ready()], patience.min(self.engine.next_look()));
            self.engine.pump();
            self.learn();
        }
        // It was born a moment ago; if the fork failed, that is told, and screen stays selected.
        let _ = self.app.select(ProcId::lab(0));
    }

    /// Whether the program's first process has told where it stands.
    fn stands_somewhere(&self) -> bool {
        let first = self.app.live().get(ProcId::lab(0));
        first.is_some_and(|first| first.line.is_some())
    }
}
