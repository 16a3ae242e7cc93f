//! The screen's main loop: one thread, one poll(2) over terminal, signals, keeper, and what is shown.
//!
//! Everything that is ready is drained, then the screen is drawn once; nothing is drawn when nothing has changed, and
//! in a flood not at every change: `Pace`.

mod draft;
mod editor;
mod pace;

use std::io::{BufWriter, Stdout, Write as _};
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use crossterm::style::Print;
use crossterm::{cursor, execute, queue, terminal};
use nix::sys::signalfd::SignalFd;
use pace::Pace;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use rustix::event::PollFlags;

use crate::app::player::Progress;
use crate::app::script::{self, Token};
use crate::app::stage::Stage;
use crate::app::{Effect, Key};
use crate::export::{self, Size};
use crate::input::{self, Input};
use crate::keeper::Again;
use crate::model::{Pid, Signal, State};
use crate::poll;
use crate::sys::proc::StatFile;
use crate::sys::{pidfd, signal};
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

impl Outcome {
    /// A new start goes on with the rest of the script.
    fn followed_by(self, rest: &str) -> Self {
        match self {
            Self::Again(again) => Self::Again(again.followed_by(rest)),
            other => other,
        }
    }
}

type Screen = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// The terminal in the hands of the screen.
struct Front<'a> {
    saved: &'a Saved,
    watched: &'a Watched,
    /// Never dropped: its destructor writes to a terminal that may be gone.
    screen: ManuallyDrop<Screen>,
    mouse: bool,
    pace: Pace,
    /// Puts together what the user does.
    reader: input::Reader,
}

/// Makes the terminal say where pasted text begins and ends: else pasted letters are commands.
const PASTES_MARKED: &str = "\x1b[?2004h";

/// Makes it tell of buttons and the wheel, in numbers of any size.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

impl<'a> Front<'a> {
    fn take(saved: &'a Saved, watched: &'a Watched, mouse: bool) -> std::io::Result<Self> {
        saved.make_raw()?;
        let mut out = BufWriter::with_capacity(1 << 15, std::io::stdout());
        queue!(
            out,
            // The cursor comes back to where it is now: to the beginning of a line, whatever was drawn by halves.
            cursor::MoveToColumn(0),
            terminal::EnterAlternateScreen,
            terminal::Clear(terminal::ClearType::All),
            Print(PASTES_MARKED)
        )?;
        if mouse {
            queue!(out, Print(MOUSE_ON))?;
        }
        out.flush()?;
        let screen = ManuallyDrop::new(Terminal::new(CrosstermBackend::new(out))?);
        Ok(Self {
            saved,
            watched,
            screen,
            mouse,
            pace: Pace::new(Instant::now()),
            reader: input::Reader::default(),
        })
    }

    /// What the user has done; none if the terminal is gone. Asked only when there is something to read, so it does
    /// not wait.
    fn read(&mut self) -> Option<Vec<Input>> {
        let mut bytes = [0; 4096];
        match rustix::io::read(rustix::stdio::stdin(), &mut bytes) {
            Ok(0) => None,
            Ok(length) => Some(self.reader.take(&bytes[..length])),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => Some(Vec::new()),
            Err(_) => None,
        }
    }

    /// Draws what has changed, or says when it may be drawn.
    fn draw(&mut self, stage: &mut impl Stage) -> std::io::Result<Option<Instant>> {
        if !*stage.changed() {
            return Ok(None);
        }
        if let Err(due) = self.pace.take(Instant::now()) {
            return Ok(Some(due));
        }
        *stage.changed() = false;
        if let Some(last) = ui::last_top(stage.app(), self.area()) {
            stage.app_mut().clamp_scroll(last);
        }
        queue!(self.screen.backend_mut(), terminal::BeginSynchronizedUpdate)?;
        self.screen.draw(|frame| ui::draw(frame, stage.app()))?;
        execute!(self.screen.backend_mut(), terminal::EndSynchronizedUpdate)?;
        Ok(None)
    }

    fn set_mouse(&mut self, on: bool) -> std::io::Result<()> {
        self.mouse = on;
        let sequence = if on { MOUSE_ON } else { MOUSE_OFF };
        execute!(self.screen.backend_mut(), Print(sequence))
    }

    /// After having been stopped: somebody else has had the terminal.
    fn retake(&mut self) -> std::io::Result<()> {
        let new = Self::take(self.saved, self.watched, self.mouse)?;
        let mut old = ManuallyDrop::into_inner(std::mem::replace(self, new).screen);
        // Its pictures are big. Where the cursor is shown already, its destructor writes nothing.
        if old.show_cursor().is_err() {
            std::mem::forget(old);
        }
        Ok(())
    }

    fn size(&self) -> Size {
        let Rect { width, height, .. } = self.area();
        Size { width, height }
    }

    fn area(&self) -> Rect {
        self.screen.size().map_or(Rect::new(0, 0, 80, 24), |size| {
            Rect::new(0, 0, size.width, size.height)
        })
    }
}

/// How often the keeper is looked at, when nothing happens: that it was stopped, no descriptor tells.
const GLANCE: Duration = Duration::from_millis(100);

/// What the loop watches beside the terminal and the lab.
#[derive(Debug)]
pub struct Watched {
    /// Signals, blocked and read from here.
    pub signals: SignalFd,
    /// Tells of the keeper's end; none where the kernel has no pidfds.
    keeper: Option<OwnedFd>,
    /// Tells whether the keeper is stopped.
    keeper_stat: Option<StatFile>,
    /// Whether Ctrl-G panics, for tests.
    may_panic: bool,
}

impl Watched {
    /// Begins to watch signals and the keeper.
    pub fn new(signals: SignalFd, keeper: Pid, may_panic: bool) -> Self {
        Self {
            signals,
            keeper: pidfd::open(keeper).ok(),
            keeper_stat: StatFile::open(keeper),
            may_panic,
        }
    }

    fn is_keeper_stopped(&self) -> bool {
        let seen = self.keeper_stat.as_ref().and_then(StatFile::look);
        seen.is_some_and(|seen| seen.state == State::STOPPED)
    }
}

/// Draws and obeys until something ends it. The terminal is given back in every case but one: when it is gone.
pub fn run(stage: &mut impl Stage, watched: &Watched, saved: &Saved) -> std::io::Result<Outcome> {
    let mut front = Front::take(saved, watched, stage.app().view.mouse)?;
    let outcome = loop {
        stage.pump();
        if watched.is_keeper_stopped() && !tty::is_foreground() {
            // Somebody stopped the keeper, and the shell has taken the terminal: it is not ours to draw on.
            saved.put_back_late();
            if let Some(outcome) = stand_back(stage, &mut front)? {
                break outcome;
            }
        }
        let until = match play(stage, &mut front)? {
            Next::Wait(until) => until,
            Next::End(outcome) => break outcome,
        };
        let due = front.draw(stage)?;
        let until = due.map_or(until, |due| due.min(until));
        if let Some(outcome) = wait(stage, until, &mut front)? {
            break outcome;
        }
    };
    match outcome {
        Outcome::Orphaned => saved.put_back_late(),
        _ => saved.put_back_drawn(),
    }
    Ok(outcome)
}

/// What comes after the keys to begin with were played as far as they can be.
enum Next {
    /// Wait until then at the latest.
    Wait(Instant),
    End(Outcome),
}

/// Goes on with the keys to begin with, if there are any left.
fn play(stage: &mut impl Stage, front: &mut Front<'_>) -> std::io::Result<Next> {
    loop {
        match stage.play() {
            Ok(Progress::Acted(effects)) => {
                if let Some(outcome) = front_effects(effects, stage, front)? {
                    return Ok(Next::End(outcome.followed_by(&stage.rest())));
                }
                front.draw(stage)?;
            }
            Ok(Progress::Wait(until)) => return Ok(Next::Wait(until.min(stage.next_look()))),
            Ok(Progress::Done) => return Ok(Next::Wait(stage.next_look())),
            Err(complaint) => return Ok(Next::End(Outcome::Failed(complaint))),
        }
    }
}

/// Waits until something happens, and takes in what the terminal and the signals say.
fn wait(stage: &mut impl Stage, until: Instant, front: &mut Front<'_>) -> std::io::Result<Option<Outcome>> {
    let watched = front.watched;
    let stdin = rustix::stdio::stdin();
    let ready = stage.ready();
    let mut fds: Vec<&dyn AsFd> = vec![&stdin, &watched.signals];
    let keeper = watched.keeper.as_ref().map(|keeper| {
        fds.push(keeper);
        fds.len() - 1
    });
    fds.extend(ready.iter().map(|ready| ready as &dyn AsFd));
    let flags = poll::flags(&fds, until.min(Instant::now() + GLANCE));
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    if let Some(outcome) = on_signals(stage, &watched.signals, front)? {
        return Ok(Some(outcome));
    }
    if flags[0].intersects(gone) {
        return Ok(Some(Outcome::Signal(Signal::HUP)));
    }
    if keeper.is_some_and(|at| !flags[at].is_empty()) {
        return Ok(Some(Outcome::Orphaned));
    }
    if flags[0].contains(PollFlags::IN) {
        return on_keyboard(stage, front);
    }
    Ok(None)
}

fn on_signals(
    stage: &mut impl Stage,
    signals: &SignalFd,
    front: &mut Front<'_>,
) -> std::io::Result<Option<Outcome>> {
    let came = arrived(signals);
    // A hang-up brings SIGCONT too: what ends us comes first.
    if let Some(signal) = came.iter().find(|signal| poll::FATAL.contains(signal)) {
        return Ok(Some(Outcome::Signal(*signal)));
    }
    // The terminal may have another size now, which drawing asks for.
    *stage.changed() |= came.contains(&Signal::WINCH);
    if came.contains(&Signal::TSTP) {
        suspend(stage, front)?;
    } else if came.contains(&Signal::CONT) {
        retake(stage, front)?;
    }
    Ok(None)
}

fn on_keyboard(stage: &mut impl Stage, front: &mut Front<'_>) -> std::io::Result<Option<Outcome>> {
    let Some(inputs) = front.read() else {
        return Ok(Some(Outcome::Signal(Signal::HUP)));
    };
    for input in inputs {
        if let Some(outcome) = on_input(input, stage, front)? {
            return Ok(Some(outcome));
        }
    }
    Ok(None)
}

fn on_input(input: Input, stage: &mut impl Stage, front: &mut Front<'_>) -> std::io::Result<Option<Outcome>> {
    *stage.changed() = true;
    match input {
        Input::Key(key) => {
            assert!(
                !(front.watched.may_panic && key == Key::Ctrl('g')),
                "a panic was asked for by a test"
            );
            let effects = stage.press(key);
            return front_effects(effects, stage, front);
        }
        Input::Paste => stage.app_mut().pasted(),
        Input::Click(column, row) => {
            if let Some(id) = ui::hit(stage.app(), front.area(), column, row) {
                // It was on the screen a moment ago; if it is gone, there is nothing to select.
                let _ = stage.app_mut().select(id);
            }
        }
    }
    Ok(None)
}

/// The effects that concern the terminal and the end.
fn front_effects(
    effects: Vec<Effect>,
    stage: &mut impl Stage,
    front: &mut Front<'_>,
) -> std::io::Result<Option<Outcome>> {
    for effect in effects {
        match effect {
            Effect::Quit => return Ok(Some(Outcome::Quit)),
            Effect::Restart(keys) => {
                let view = stage.app().keep();
                return Ok(Some(Outcome::Again(Again { keys, view })));
            }
            Effect::Save(saving) => {
                let notice = export::save(stage.app(), stage.journal(), &saving, front.size());
                stage.app_mut().notice = Some(notice.unwrap_or_else(|complaint| complaint));
            }
            Effect::Mouse(on) => front.set_mouse(on)?,
            Effect::Redraw => retake(stage, front)?,
            Effect::Suspend => suspend(stage, front)?,
            Effect::Edit => {
                if let Some(outcome) = editor::edit(stage, front)? {
                    return Ok(Some(outcome));
                }
            }
            _ => {}
        }
    }
    Ok(None)
}

/// Gives the terminal back and stops; the keeper notices, and stops too.
fn suspend(stage: &mut impl Stage, front: &mut Front<'_>) -> std::io::Result<()> {
    front.saved.put_back();
    let _ = signal::send(Pid(std::process::id() as i32), Signal::STOP);
    retake(stage, front)
}

/// The keeper is stopped: waits until it goes on, which SIGCONT tells, to its group or from it alone. Stopping here as
/// well would be too late where the shell's `fg` comes first: the keeper would see it, and stop once more.
fn stand_back(stage: &mut impl Stage, front: &mut Front<'_>) -> std::io::Result<Option<Outcome>> {
    let Watched { signals, keeper, .. } = front.watched;
    let mut fds: Vec<&dyn AsFd> = vec![signals];
    fds.extend(keeper.iter().map(|keeper| keeper as &dyn AsFd));
    while front.watched.is_keeper_stopped() && !tty::is_foreground() {
        let flags = poll::flags(&fds, Instant::now() + GLANCE);
        if let Some(signal) = poll::fatal(signals) {
            return Ok(Some(Outcome::Signal(signal)));
        }
        if flags[1..].iter().any(|keeper| !keeper.is_empty()) {
            return Ok(Some(Outcome::Orphaned));
        }
    }
    retake(stage, front)?;
    Ok(None)
}

fn retake(stage: &mut impl Stage, front: &mut Front<'_>) -> std::io::Result<()> {
    front.retake()?;
    *stage.changed() = true;
    Ok(())
}

/// The signals that came since the last time.
fn arrived(signals: &SignalFd) -> Vec<Signal> {
    std::iter::from_fn(|| signals.read_signal().ok().flatten())
        .map(|info| Signal(info.ssi_signo as i32))
        .collect()
}

/// The keys of a scene, which are ours and well formed; a test parses each.
pub fn scene_tokens(keys: &str) -> Vec<Token> {
    script::parse(keys).unwrap_or_default()
}
