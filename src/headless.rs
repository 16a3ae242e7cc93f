//! The same update, driven by a key string instead of a keyboard, and printed instead of drawn.

use std::io::Write;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::sys::signalfd::SignalFd;

use crate::app::Effect;
use crate::app::engine::Engine;
use crate::app::player::Progress;
use crate::app::session::Session;
use crate::app::stage::Stage as _;
use crate::export::{self, Size};
use crate::journal::export::text;
use crate::keeper::Again;
use crate::model::event::Note;
use crate::model::{Signal, What};
use crate::{poll, program};

/// The size of pictures, where there is no screen.
pub const SIZE: Size = Size {
    width: 80,
    height: 24,
};

/// What a run says before it ends with everybody asleep.
pub const STANDSTILL: &str = "every process sleeps until another of them does something";

/// How long nothing must change before it is looked whether anybody is left who could do anything.
const CALM: Duration = Duration::from_millis(100);

/// How a headless run prints.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Facts as JSON.
    pub json: bool,
    /// How long nothing may change.
    pub timeout: Duration,
    /// Whether to wait for the end of the program, after the keys.
    pub to_the_end: bool,
}

/// How a run came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All was played.
    Done,
    /// An expectation did not come true, or a key string could not be played.
    Failed(String),
    /// Begin again, with these keys.
    Again(Again),
    /// A signal ended it.
    Signal(Signal),
}

/// Plays the keys that the session was given and prints what came of them to `out`.
pub fn run<E: Engine>(
    session: &mut Session<E>,
    style: Style,
    signals: &SignalFd,
    out: &mut impl Write,
) -> std::io::Result<Outcome> {
    let mut last_change = Instant::now();
    let outcome = loop {
        session.pump();
        if let Some(signal) = poll::fatal(signals) {
            break Outcome::Signal(signal);
        }
        let progress = session.play();
        if std::mem::take(&mut session.changed) {
            last_change = Instant::now();
        }
        if style.json {
            print_facts(session, out)?;
        }
        match progress {
            Err(complaint) => break Outcome::Failed(complaint),
            Ok(Progress::Done) if !style.to_the_end || session.has_ended() => break Outcome::Done,
            Ok(Progress::Acted(effects)) => {
                if let Some(outcome) = obey(effects, session) {
                    break outcome;
                }
            }
            Ok(Progress::Done) if last_change.elapsed() > CALM && is_at_a_standstill(session) => {
                session.engine.tell_screen(What::Note(Note {
                    text: Some(STANDSTILL.to_owned()),
                    ..Note::default()
                }));
                session.pump();
                break Outcome::Failed(format!("the run never ends: {STANDSTILL}."));
            }
            Ok(Progress::Wait(_) | Progress::Done) if last_change.elapsed() > style.timeout => {
                break Outcome::Failed(format!("nothing changed for {} s", style.timeout.as_secs_f64()));
            }
            Ok(Progress::Wait(until)) => wait(session, signals, until),
            Ok(Progress::Done) => wait(session, signals, session.next_look()),
        }
    };
    if let Outcome::Again(_) = outcome {
        return Ok(outcome);
    }
    if style.json {
        print_facts(session, out)?;
        writeln!(out, "{}", session.app.live().tree_json())?;
    } else {
        print_text(session, out)?;
    }
    out.flush()?;
    Ok(match (outcome, session.unrecorded.take()) {
        (Outcome::Done, Some(complaint)) => Outcome::Failed(complaint),
        (outcome, _) => outcome,
    })
}

/// Whether the program that is stepped can do nothing more: that is certain, and no guess.
fn is_at_a_standstill<E: Engine>(session: &Session<E>) -> bool {
    let source = session.app.source.as_ref();
    source.is_some_and(|source| !program::sets_timers(&source.text)) && session.engine.is_at_a_standstill()
}

fn wait<E: Engine>(session: &Session<E>, signals: &SignalFd, until: Instant) {
    let ready = session.ready();
    let mut fds: Vec<&dyn AsFd> = vec![signals];
    fds.extend(ready.iter().map(|ready| ready as &dyn AsFd));
    poll::until(&fds, until.min(session.next_look()));
}

/// The effects that concern the end, and files.
fn obey<E: Engine>(effects: Vec<Effect>, session: &Session<E>) -> Option<Outcome> {
    effects.into_iter().find_map(|effect| match effect {
        Effect::Quit => Some(Outcome::Done),
        Effect::Restart(keys) => Some(Outcome::Again(Again {
            keys: [keys, session.rest()].join(" "),
            view: session.app().keep(),
        })),
        Effect::Save(saving) => export::save(session.app(), session.journal(), &saving, SIZE)
            .err()
            .map(Outcome::Failed),
        Effect::Edit => Some(Outcome::Failed(
            "E opens an editor, and without a screen there is none.".to_owned(),
        )),
        _ => None,
    })
}

fn print_facts<E: Engine>(session: &mut Session<E>, out: &mut impl Write) -> std::io::Result<()> {
    for event in session.take_heard() {
        let line = serde_json::to_string(&event).map_err(std::io::Error::other)?;
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// The tree, what happened, and the counts.
fn print_text<E>(session: &Session<E>, out: &mut impl Write) -> std::io::Result<()> {
    // A reaped row leaves at once: there is nobody here for whom it would be struck through.
    let world = session.app.live().without_reaped();
    let (alive, zombies, reaped) = (world.alive(), world.zombies(), world.reaped());
    let noun = if zombies == 1 { "zombie" } else { "zombies" };
    writeln!(out, "{}\n{}", text::tree(&world), text::story(&world))?;
    writeln!(out, "{alive} alive, {zombies} {noun}, {reaped} reaped")
}
