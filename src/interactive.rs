//! The screen's main loop: one thread, one poll(2) over terminal, lab, signals and keeper.
//!
//! Everything that is ready is drained, then the screen is drawn once; nothing is drawn when nothing has changed.

use std::io::{BufWriter, Stdout, Write as _};
use std::mem::ManuallyDrop;
use std::os::fd::OwnedFd;
use std::time::Duration;

use crossterm::event::{
    self, Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};
use crossterm::{execute, queue, terminal};
use nix::sys::signalfd::SignalFd;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use rustix::event::PollFlags;

use crate::app::script::{self, Token};
use crate::app::session::{Player, Progress, Session};
use crate::app::{Effect, Key};
use crate::keeper::Again;
use crate::model::{Pid, ProcId, Signal};
use crate::poll;
use crate::sys::signal;
use crate::tty::{self, Saved};
use crate::ui;

/// How the screen's life ends.
#[derive(Debug)]
pub enum Outcome {
    /// The student quit.
    Quit,
    /// Begin again, with these keys.
    Again(Again),
    /// A signal, or the end of the terminal.
    Signal(Signal),
    /// The keeper is gone.
    Orphaned,
    /// A script could not be played.
    Failed(String),
}

type Screen = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// The terminal in the hands of the screen.
struct Front<'a> {
    saved: &'a Saved,
    /// Never dropped: its destructor writes to a terminal that may be gone.
    screen: ManuallyDrop<Screen>,
    mouse: bool,
}

impl<'a> Front<'a> {
    fn take(saved: &'a Saved, mouse: bool) -> std::io::Result<Self> {
        saved.make_raw()?;
        let mut out = BufWriter::with_capacity(1 << 15, std::io::stdout());
        queue!(
            out,
            terminal::EnterAlternateScreen,
            terminal::Clear(terminal::ClearType::All),
            event::EnableBracketedPaste
        )?;
        if mouse {
            queue!(out, event::EnableMouseCapture)?;
        }
        out.flush()?;
        let screen = ManuallyDrop::new(Terminal::new(CrosstermBackend::new(out))?);
        Ok(Self { saved, screen, mouse })
    }

    fn draw(&mut self, session: &mut Session) -> std::io::Result<()> {
        if !std::mem::take(&mut session.changed) {
            return Ok(());
        }
        queue!(self.screen.backend_mut(), terminal::BeginSynchronizedUpdate)?;
        self.screen.draw(|frame| ui::draw(frame, &session.app))?;
        execute!(self.screen.backend_mut(), terminal::EndSynchronizedUpdate)
    }

    fn set_mouse(&mut self, on: bool) -> std::io::Result<()> {
        self.mouse = on;
        if on {
            execute!(self.screen.backend_mut(), event::EnableMouseCapture)
        } else {
            execute!(self.screen.backend_mut(), event::DisableMouseCapture)
        }
    }

    /// After having been stopped: somebody else has had the terminal.
    fn retake(&mut self) -> std::io::Result<()> {
        *self = Self::take(self.saved, self.mouse)?;
        Ok(())
    }

    fn area(&self) -> Rect {
        self.screen.size().map_or(Rect::new(0, 0, 80, 24), |size| {
            Rect::new(0, 0, size.width, size.height)
        })
    }
}

/// What the loop watches beside the terminal and the lab.
#[derive(Debug)]
pub struct Watched<'a> {
    /// Signals, blocked and read from here.
    pub signals: &'a SignalFd,
    /// The keeper; none where the kernel has no pidfds.
    pub keeper: Option<&'a OwnedFd>,
    /// Whether Ctrl-G panics, for tests.
    pub may_panic: bool,
}

/// Draws and obeys until something ends it. Then the terminal is given back, if it is still there.
pub fn run(
    session: &mut Session,
    tokens: Vec<Token>,
    watched: &Watched<'_>,
    saved: &Saved,
) -> std::io::Result<Outcome> {
    let mut front = Front::take(saved, session.app.view.mouse)?;
    let mut player = Some(Player::new(tokens));
    let outcome = loop {
        session.pump();
        if has_lost_the_terminal(session) {
            saved.put_back_late();
            stop(session, &mut front)?;
        }
        if let Some(outcome) = play(&mut player, session, &mut front)? {
            break outcome;
        }
        front.draw(session)?;
        if let Some(outcome) = wait(session, watched, player.is_some(), &mut front)? {
            break outcome;
        }
    };
    match outcome {
        Outcome::Orphaned => saved.put_back_late(),
        _ => saved.put_back(),
    }
    Ok(outcome)
}

/// Whether somebody stopped the keeper, and the shell has taken the terminal: it is not ours to draw on.
fn has_lost_the_terminal(session: &Session) -> bool {
    let keeper = session.app.world.get(ProcId::Keeper);
    keeper.is_some_and(crate::model::Process::is_stopped) && !tty::is_foreground()
}

/// Goes on with the script, if there is one.
fn play(
    player: &mut Option<Player>,
    session: &mut Session,
    front: &mut Front<'_>,
) -> std::io::Result<Option<Outcome>> {
    let Some(script) = player else { return Ok(None) };
    loop {
        match script.step(session) {
            Ok(Progress::Acted(effects)) => {
                if let Some(outcome) = front_effects(effects, session, front)? {
                    return Ok(Some(outcome));
                }
                front.draw(session)?;
            }
            Ok(Progress::Wait(_)) => return Ok(None),
            Ok(Progress::Done) => {
                *player = None;
                return Ok(None);
            }
            Err(complaint) => return Ok(Some(Outcome::Failed(complaint))),
        }
    }
}

/// Waits until something happens, and takes in what the terminal and the signals say.
fn wait(
    session: &mut Session,
    watched: &Watched<'_>,
    playing: bool,
    front: &mut Front<'_>,
) -> std::io::Result<Option<Outcome>> {
    let stdin = rustix::stdio::stdin();
    let lab = session.lab.ready();
    let mut until = session.lab.next_look();
    if playing {
        // A script looks for the world to settle.
        until = until.min(std::time::Instant::now() + Duration::from_millis(5));
    }
    let ready = match watched.keeper {
        Some(keeper) => poll::flags(&[&stdin, &lab, watched.signals, keeper], until),
        None => poll::flags(&[&stdin, &lab, watched.signals], until),
    };
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    if let Some(outcome) = on_signals(session, watched.signals, front)? {
        return Ok(Some(outcome));
    }
    if ready.first().is_some_and(|flags| flags.intersects(gone)) {
        return Ok(Some(Outcome::Signal(Signal::HUP)));
    }
    if ready.get(3).is_some_and(|flags| !flags.is_empty()) {
        return Ok(Some(Outcome::Orphaned));
    }
    while event::poll(Duration::ZERO)? {
        let input = event::read()?;
        if let Some(outcome) = on_input(&input, session, watched.may_panic, front)? {
            return Ok(Some(outcome));
        }
    }
    Ok(None)
}

fn on_signals(
    session: &mut Session,
    signals: &SignalFd,
    front: &mut Front<'_>,
) -> std::io::Result<Option<Outcome>> {
    let came: Vec<Signal> = std::iter::from_fn(|| signals.read_signal().ok().flatten())
        .map(|info| Signal(info.ssi_signo as i32))
        .collect();
    // A hang-up brings SIGCONT too: what ends us comes first.
    if let Some(signal) = came.iter().find(|signal| poll::FATAL.contains(signal)) {
        return Ok(Some(Outcome::Signal(*signal)));
    }
    if came.contains(&Signal::TSTP) {
        suspend(session, front)?;
    } else if came.contains(&Signal::CONT) {
        front.retake()?;
        session.changed = true;
    }
    Ok(None)
}

fn on_input(
    input: &Input,
    session: &mut Session,
    may_panic: bool,
    front: &mut Front<'_>,
) -> std::io::Result<Option<Outcome>> {
    match input {
        Input::Key(key) if key.kind != KeyEventKind::Release => {
            let Some(key) = key_of(*key) else { return Ok(None) };
            assert!(
                !(may_panic && key == Key::Ctrl('g')),
                "a panic was asked for by a test"
            );
            let effects = session.press(key);
            return front_effects(effects, session, front);
        }
        Input::Paste(_) => session.app.pasted(),
        Input::Mouse(mouse) => return on_mouse(*mouse, session, front),
        Input::Resize(..) => {}
        _ => return Ok(None),
    }
    session.changed = true;
    Ok(None)
}

fn on_mouse(
    mouse: event::MouseEvent,
    session: &mut Session,
    front: &mut Front<'_>,
) -> std::io::Result<Option<Outcome>> {
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => {
            if let Some(id) = ui::hit(&session.app, front.area(), mouse.column, mouse.row) {
                // It was on the screen a moment ago; if it is gone, there is nothing to select.
                let _ = session.app.select(id);
                session.changed = true;
            }
            Ok(None)
        }
        MouseEventKind::ScrollDown => front_effects(session.press(Key::Down), session, front),
        MouseEventKind::ScrollUp => front_effects(session.press(Key::Up), session, front),
        _ => Ok(None),
    }
}

/// The effects that concern the terminal and the end.
fn front_effects(
    effects: Vec<Effect>,
    session: &mut Session,
    front: &mut Front<'_>,
) -> std::io::Result<Option<Outcome>> {
    for effect in effects {
        match effect {
            Effect::Quit => return Ok(Some(Outcome::Quit)),
            Effect::Restart(keys) => {
                let view = session.app.keep();
                return Ok(Some(Outcome::Again(Again {
                    keys: keys.to_owned(),
                    view,
                })));
            }
            Effect::Mouse(on) => front.set_mouse(on)?,
            Effect::Redraw => {
                front.retake()?;
                session.changed = true;
            }
            Effect::Suspend => suspend(session, front)?,
            _ => {}
        }
    }
    Ok(None)
}

/// Gives the terminal back and stops; the keeper notices, and stops too.
fn suspend(session: &mut Session, front: &mut Front<'_>) -> std::io::Result<()> {
    front.saved.put_back();
    stop(session, front)
}

fn stop(session: &mut Session, front: &mut Front<'_>) -> std::io::Result<()> {
    let _ = signal::send(Pid(std::process::id() as i32), Signal::STOP);
    front.retake()?;
    session.changed = true;
    Ok(())
}

/// The key that a terminal event stands for.
fn key_of(key: KeyEvent) -> Option<Key> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char(c) if control => Key::Ctrl(c.to_ascii_lowercase()),
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Backspace => Key::Backspace,
        _ => return None,
    })
}

/// The keys of a scene, which are ours and well formed; a test parses each.
pub fn scene_tokens(keys: &str) -> Vec<Token> {
    script::parse(keys).unwrap_or_default()
}
