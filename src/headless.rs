//! The same update, driven by a key string instead of a keyboard, and printed instead of drawn.

use std::io::Write;
use std::time::{Duration, Instant};

use nix::sys::signalfd::SignalFd;

use crate::app::Effect;
use crate::app::script::Token;
use crate::app::session::{Player, Progress, Session};
use crate::journal::export::text;
use crate::keeper::Again;
use crate::model::Signal;
use crate::poll;

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
    /// A signal ended it.
    Signal(Signal),
}

/// Plays `tokens` and prints what came of them to `out`.
pub fn run(
    mut session: Session,
    tokens: Vec<Token>,
    style: Style,
    signals: &SignalFd,
    out: &mut impl Write,
) -> std::io::Result<Outcome> {
    let mut player = Player::new(tokens);
    let mut last_change = Instant::now();
    let outcome = loop {
        session.pump();
        if let Some(signal) = poll::fatal(signals) {
            break Outcome::Signal(signal);
        }
        let progress = player.step(&mut session);
        if std::mem::take(&mut session.changed) {
            last_change = Instant::now();
        }
        if style.json {
            print_facts(&mut session, out)?;
        }
        match progress {
            Err(complaint) => break Outcome::Failed(complaint),
            Ok(Progress::Done) if !style.to_the_end || session.has_ended() => break Outcome::Done,
            Ok(Progress::Acted(effects)) if effects.contains(&Effect::Quit) => break Outcome::Done,
            Ok(Progress::Acted(effects)) => {
                if let Some(keys) = restart(&effects) {
                    let again = Again {
                        keys: keys.to_owned(),
                        view: session.app.keep(),
                    };
                    let again = again.followed_by(&player.rest());
                    session.lab.begin_again(again).map_err(std::io::Error::other)?;
                    return Ok(Outcome::Done);
                }
            }
            Ok(Progress::Wait(_) | Progress::Done) if last_change.elapsed() > style.timeout => {
                break Outcome::Failed(format!("nothing changed for {} s", style.timeout.as_secs_f64()));
            }
            Ok(Progress::Wait(until)) => wait(&session, signals, until),
            Ok(Progress::Done) => wait(&session, signals, session.next_turn()),
        }
    };
    if style.json {
        print_facts(&mut session, out)?;
        writeln!(out, "{}", session.app.world.tree_json())?;
    } else {
        print_text(&session, out)?;
    }
    out.flush()?;
    Ok(outcome)
}

fn wait(session: &Session, signals: &SignalFd, until: Instant) {
    poll::until(&[&session.lab.ready(), signals], until.min(session.next_turn()));
}

/// The keys to start again with, if that was asked for.
fn restart(effects: &[Effect]) -> Option<&'static str> {
    effects.iter().find_map(|effect| match effect {
        Effect::Restart(keys) => Some(*keys),
        _ => None,
    })
}

fn print_facts(session: &mut Session, out: &mut impl Write) -> std::io::Result<()> {
    for event in session.take_heard() {
        let line = serde_json::to_string(&event).map_err(std::io::Error::other)?;
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// The tree, what happened, and the counts.
fn print_text(session: &Session, out: &mut impl Write) -> std::io::Result<()> {
    // A reaped row leaves at once: there is nobody here for whom it would be struck through.
    let world = session.app.world.without_reaped();
    let (alive, zombies, reaped) = (world.alive(), world.zombies(), world.reaped());
    let noun = if zombies == 1 { "zombie" } else { "zombies" };
    writeln!(out, "{}\n{}", text::tree(&world), text::story(&world))?;
    writeln!(out, "{alive} alive, {zombies} {noun}, {reaped} reaped")
}
