//! A recording on the screen, without processes: it is played, stepped through, and followed while it grows.
//!
//! Invariant: nothing in here starts a process, looks at one, or writes to anything.

use std::os::fd::BorrowedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use super::past::{self, Travel};
use super::player::Progress;
use super::stage::Stage;
use super::{App, Effect, Key, Source};
use crate::journal::{self, Journal, JournalError, OpenError, Player, Recording, Speed};
use crate::model::ProcId;

/// How often a file that is followed is looked at. It may lie on a disk that others share, and no kernel tells of
/// what another machine writes.
const LOOK: Duration = Duration::from_millis(200);

/// When nothing will happen by itself.
const LONG: Duration = Duration::from_secs(3600);

/// What the screen knows of a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The file, without its folders.
    pub name: String,
    /// Whether the file may still grow.
    pub following: bool,
    /// Whether it plays.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
}

/// What can be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Play, or pause.
    PlayPause,
    /// Twice as fast.
    Faster,
    /// Half as fast.
    Slower,
}

/// A recording, and where in it the screen stands.
#[derive(Debug)]
pub struct Replay {
    app: App,
    recording: Recording,
    player: Player,
    following: bool,
    begun: Instant,
    next_look: Instant,
    changed: bool,
    /// How many lines that are not shown the student has been told of.
    remarked: u64,
}

impl Stage for Replay {
    fn app(&self) -> &App {
        &self.app
    }

    fn app_mut(&mut self) -> &mut App {
        &mut self.app
    }

    fn journal(&self) -> &Journal {
        self.recording.journal()
    }

    fn press(&mut self, key: Key) -> Vec<Effect> {
        self.changed = true;
        let mut rest = Vec::new();
        for effect in self.app.press(key) {
            match effect {
                Effect::Travel(way) => self.travel(way),
                Effect::Replay(turn) => self.turn(turn),
                Effect::Save(_) | Effect::Mouse(_) | Effect::Redraw | Effect::Suspend | Effect::Quit => {
                    rest.push(effect);
                }
                // The rest is for processes, and there are none.
                _ => {}
            }
        }
        self.refresh();
        rest
    }

    fn pump(&mut self) {
        if self.following && Instant::now() >= self.next_look {
            self.next_look = Instant::now() + LOOK;
            self.read_more();
        }
        let now = self.begun.elapsed();
        match self.player.advance(self.recording.journal(), now) {
            Ok(true) => self.show(),
            Ok(false) => {}
            Err(error) => self.fail(&error),
        }
        if self.changed {
            self.refresh();
        }
    }

    fn play(&mut self) -> Result<Progress, String> {
        Ok(Progress::Done)
    }

    fn ready(&self) -> Vec<BorrowedFd<'_>> {
        Vec::new()
    }

    fn next_look(&self) -> Instant {
        let due = self.player.due(self.recording.journal()).ok().flatten();
        let due = due.map_or(Instant::now() + LONG, |due| self.begun + due);
        if self.following {
            due.min(self.next_look)
        } else {
            due
        }
    }

    fn changed(&mut self) -> &mut bool {
        &mut self.changed
    }
}

impl Replay {
    /// Opens a recording: at the moment before the first process of the lab is born, or at its end if it is followed.
    pub fn open(path: &Path, following: bool, mut app: App) -> Result<Self, OpenError> {
        let recording = if following {
            Recording::follow(path)?
        } else {
            Recording::open(path)?
        };
        let name = path.file_name().unwrap_or(path.as_os_str());
        app.replay = Some(State {
            name: name.to_string_lossy().into_owned(),
            following,
            playing: false,
            speed: Speed::default(),
        });
        app.source = Source::recorded(recording.header());
        app.learn_all(recording.journal().live());
        if app.source.is_some() {
            // A listing is about the program, which begins with A, even if that is born later.
            app.choose(ProcId::lab(0));
        }
        let mut replay = Self {
            app,
            player: Player::at(recording.journal().len()),
            recording,
            following,
            begun: Instant::now(),
            next_look: Instant::now() + LOOK,
            changed: true,
            remarked: 0,
        };
        if !following {
            let start = start(replay.recording.journal())?;
            replay.player = Player::at(start);
            replay.show();
        }
        replay.app.keep_selection();
        replay.refresh();
        Ok(replay)
    }

    /// What was recorded, and what of the file is not shown.
    pub const fn recording(&self) -> &Recording {
        &self.recording
    }

    fn travel(&mut self, way: Travel) {
        let journal = self.recording.journal();
        match past::travel(&mut self.app, journal, way) {
            Ok(()) => {
                let here = self.app.world.applied();
                self.player.jump(here, journal, self.begun.elapsed());
            }
            Err(error) => self.fail(&error),
        }
    }

    fn turn(&mut self, turn: Turn) {
        match turn {
            Turn::PlayPause if self.player.is_playing() => self.player.pause(),
            Turn::PlayPause if self.following && !self.app.is_past() => {
                self.app.notice =
                    Some("This is the newest event: what comes is shown as it comes.".to_owned());
            }
            Turn::PlayPause => self.player.play(self.recording.journal(), self.begun.elapsed()),
            Turn::Faster => self.player.faster(),
            Turn::Slower => self.player.slower(),
        }
    }

    /// Shows the position of the player.
    fn show(&mut self) {
        self.changed = true;
        let (position, journal) = (self.player.position(), self.recording.journal());
        if position >= journal.len() {
            return self.app.show_live();
        }
        match journal.world_at(position) {
            Ok(world) => self.app.show_past(world),
            Err(error) => self.fail(&error),
        }
    }

    /// Takes in what was added to the file.
    fn read_more(&mut self) {
        match self.recording.read_more() {
            Ok(journal::Progress::Nothing) => {}
            Ok(journal::Progress::Facts(count)) => self.learn(count),
            Ok(journal::Progress::Anew) => self.reopen(),
            Err(error) => self.fail(&error),
        }
    }

    fn learn(&mut self, count: u64) {
        self.changed = true;
        if self.app.source.is_none() {
            // Where a file is followed, its first line may come late.
            self.app.source = Source::recorded(self.recording.header());
        }
        let journal = self.recording.journal();
        let learned = journal
            .events(journal.len() - count + 1, journal.len())
            .try_for_each(|event| event.map(|event| self.app.learn(&event)));
        self.app.shelve_as(journal);
        if !self.app.is_past() {
            self.player.jump(journal.len(), journal, self.begun.elapsed());
        }
        if let Err(error) = learned {
            self.fail(&error);
        }
    }

    /// The session was started again, and its file with it.
    fn reopen(&mut self) {
        match Recording::follow(self.recording.path()) {
            Ok(recording) => {
                self.recording = recording;
                self.remarked = 0;
                self.app.looks.lanes = None;
                let journal = self.recording.journal();
                self.player = Player::at(journal.len());
                self.app.show_live();
                self.app.learn_all(journal.live());
                self.app.source = Source::recorded(self.recording.header());
                self.app.notice = Some("The session was started again: this is the new one.".to_owned());
                self.changed = true;
            }
            // It is about to be there.
            Err(OpenError::Read { .. }) => {}
            Err(error) => self.fail(&error),
        }
    }

    /// After a change: what the screen knows of the player, of the lanes, and of lines that are not shown.
    fn refresh(&mut self) {
        if let Some(state) = &mut self.app.replay {
            state.playing = self.player.is_playing();
            state.speed = self.player.speed();
        }
        if let Err(error) = past::read_lanes(&mut self.app, self.recording.journal()) {
            self.fail(&error);
        }
        let remarks = self.recording.remarks();
        let count = remarks.len() as u64 + self.recording.unlisted();
        if let Some(first) = remarks.first().filter(|_| count > self.remarked) {
            let lines = if count == 1 { "line is" } else { "lines are" };
            let notice =
                format!("{count} {lines} not shown as recorded; all are listed at the end. First, {first}.");
            self.app.notice = Some(notice);
            self.remarked = count;
        }
    }

    fn fail(&mut self, error: &dyn std::error::Error) {
        self.app.notice = Some(error.to_string());
        self.player.pause();
        self.changed = true;
    }
}

/// The position before the first fact about a process of the lab; the end, if there is none.
fn start(journal: &Journal) -> Result<u64, JournalError> {
    for (before, event) in (0..).zip(journal.events(1, journal.len())) {
        if event?.names().any(ProcId::is_lab) {
            return Ok(before);
        }
    }
    Ok(journal.len())
}
