//! The modes: what is checked before anything is started, and how keeper and screen are put together.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use nix::sys::signalfd::SignalFd;

use crate::app::session::Session;
use crate::app::{App, Theme};
use crate::cli::{LookArgs, SessionArgs};
use crate::interactive::{self, Watched};
use crate::keeper::{self, Endowment};
use crate::lab::{Lab, sweep};
use crate::model::Signal;
use crate::sys::{self, CallFailed, pidfd, signal};
use crate::tty::Saved;
use crate::{headless, ui};

/// A failure of ours. Its text is one sentence: what failed, on what, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing was started, because it could not work.
    #[error("{0}")]
    Usage(String),
    /// A system call failed.
    #[error("{0}, so the lab could not be set up; see the manual page of that call.")]
    Call(#[from] CallFailed),
    /// Something could not be printed.
    #[error("the output could not be written: {0}")]
    Output(std::io::Error),
}

impl Failure {
    /// The exit code of the contract.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Call(_) | Self::Output(_) => 1,
        }
    }
}

/// Descriptors that screen needs for each lab process: channel, pidfd, stat and children files; and one with the
/// keeper.
const DESCRIPTORS_EACH: u64 = 5;

/// Descriptors for everything else.
const DESCRIPTORS_OWN: u64 = 64;

/// The playground.
pub fn play(look: &LookArgs, args: &SessionArgs) -> Result<ExitCode, Failure> {
    make_room(args.limit)?;
    if !args.headless {
        check_terminal()?;
    }
    let start = Instant::now();
    Ok(keeper::run(|given| screen(given, look, args, start))?)
}

/// The whole life of the screen process.
fn screen(given: Endowment, look: &LookArgs, args: &SessionArgs, start: Instant) -> u8 {
    let saved = Saved::of_stdin().filter(|_| !args.headless);
    if let Some(saved) = saved.clone() {
        // A panic is a bug of ours; the terminal is not to suffer for it.
        std::panic::set_hook(Box::new(move |panic| {
            saved.put_back();
            let _ = writeln!(
                std::io::stderr(),
                "forkscope: an error in forkscope itself: {panic}\nPlease report it with what you did before."
            );
        }));
    }
    let life = AssertUnwindSafe(|| live(given, look, args, saved.as_ref(), start));
    match catch_unwind(life) {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => {
            let _ = writeln!(std::io::stderr(), "forkscope: {failure}");
            failure.code()
        }
        Err(_) => 1,
    }
}

fn live(
    given: Endowment,
    look: &LookArgs,
    args: &SessionArgs,
    saved: Option<&Saved>,
    start: Instant,
) -> Result<u8, Failure> {
    let signals = signals(saved.is_some())?;
    let keeper = pidfd::open(given.keeper).ok();
    let again = given.again.clone();
    let mut app = App::new(args.limit);
    dress(&mut app, look);
    if let Some(again) = &again {
        app.restore(&again.view);
    }
    let tokens = match &again {
        Some(again) => interactive::scene_tokens(&again.keys),
        None => args.keys.clone().map(|keys| keys.0).unwrap_or_default(),
    };
    let lab = Lab::new(given, args.limit, start)?;
    let mut session = Session::new(app, lab, args.json);
    let Some(saved) = saved else {
        let style = headless::Style {
            json: args.json,
            timeout: Duration::from_secs_f64(args.timeout),
        };
        let out = &mut std::io::BufWriter::new(std::io::stdout());
        return headless_end(headless::run(session, tokens, style, &signals, out));
    };
    let watched = Watched {
        signals: &signals,
        keeper: keeper.as_ref(),
        may_panic: args.panic,
    };
    let outcome = interactive::run(&mut session, tokens, &watched, saved);
    interactive_end(outcome, session)
}

fn headless_end(outcome: std::io::Result<headless::Outcome>) -> Result<u8, Failure> {
    match outcome {
        Ok(headless::Outcome::Done) => Ok(0),
        Ok(headless::Outcome::Failed(complaint)) => {
            let _ = writeln!(std::io::stderr(), "forkscope: {complaint}");
            Ok(1)
        }
        Ok(headless::Outcome::Signal(signal)) => Ok(die_by(signal)),
        // Who reads only the beginning is served.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(0),
        Err(error) => Err(Failure::Output(error)),
    }
}

fn interactive_end(outcome: std::io::Result<interactive::Outcome>, session: Session) -> Result<u8, Failure> {
    use interactive::Outcome;
    match outcome.map_err(Failure::Output)? {
        Outcome::Quit => Ok(0),
        Outcome::Again(again) => {
            session.lab.begin_again(again)?;
            Ok(0)
        }
        Outcome::Signal(Signal::HUP) => {
            // It may be the keeper that died: where it leads the session, its end hangs up before a pidfd tells of it.
            sweep::sweep(&session.lab.into_trail());
            Ok(die_by(Signal::HUP))
        }
        Outcome::Signal(signal) => Ok(die_by(signal)),
        Outcome::Failed(complaint) => {
            let _ = writeln!(std::io::stderr(), "forkscope: {complaint}");
            Ok(1)
        }
        Outcome::Orphaned => {
            sweep::sweep(&session.lab.into_trail());
            let _ = writeln!(
                std::io::stderr(),
                "forkscope: its keeper process was killed, so it ended the lab and itself; start it again."
            );
            Ok(1)
        }
    }
}

/// Ends by that signal, so that who started us sees the truth.
fn die_by(signal: Signal) -> u8 {
    signal::raise_default(signal);
    128 + signal.0 as u8
}

fn signals(interactive: bool) -> sys::Result<SignalFd> {
    let mut watched = vec![Signal::CHLD, Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT];
    if interactive {
        watched.extend([Signal::CONT, Signal::TSTP]);
    } else {
        // The keeper blocks it. Where no terminal has to be given back first, it can simply stop.
        signal::unblock(Signal::TSTP)?;
    }
    signal::descriptor(&watched)
}

/// What the command line and the environment say of the look.
fn dress(app: &mut App, look: &LookArgs) {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    app.view.theme = look.theme.unwrap_or(match () {
        () if no_color => Theme::Plain,
        () if has_light_background() => Theme::Light,
        () => Theme::Dark,
    });
    app.view.ascii = look.ascii || !is_utf8();
}

/// Some terminals tell their colours: `COLORFGBG` is foreground;background, 7 and 15 are white.
fn has_light_background() -> bool {
    std::env::var("COLORFGBG").is_ok_and(|colors| matches!(colors.rsplit(';').next(), Some("7" | "15")))
}

/// Whether the locale, as locale(7) orders its variables, is one of UTF-8.
fn is_utf8() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .is_some_and(|value| {
            let value = value.to_ascii_lowercase();
            value.contains("utf-8") || value.contains("utf8")
        })
}

/// One sentence for each way in which a terminal cannot do.
fn check_terminal() -> Result<(), Failure> {
    let usage = |text: &str| Err(Failure::Usage(text.to_owned()));
    let headless = "use --headless where there is no terminal";
    if !rustix::termios::isatty(rustix::stdio::stdin()) {
        return usage(&format!("standard input is no terminal; {headless}."));
    }
    if !rustix::termios::isatty(rustix::stdio::stdout()) {
        return usage(&format!("standard output is no terminal; {headless}."));
    }
    if matches!(std::env::var("TERM").as_deref(), Err(_) | Ok("" | "dumb")) {
        return usage(
            "the terminal is dumb: TERM names none that can place text; set TERM, or use --headless.",
        );
    }
    let (columns, rows) = crossterm::terminal::size().map_err(Failure::Output)?;
    let (least_columns, least_rows) = ui::LEAST;
    if columns < least_columns || rows < least_rows {
        return Err(Failure::Usage(format!(
            "the terminal has {columns}x{rows} cells; make it at least {least_columns}x{least_rows}."
        )));
    }
    Ok(())
}

/// Raises the soft limit on descriptors as far as the lab may need; refuses a lab that cannot fit.
fn make_room(limit: u32) -> Result<(), Failure> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let need = u64::from(limit) * DESCRIPTORS_EACH + DESCRIPTORS_OWN;
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return Ok(());
    };
    if hard < need {
        let most = hard.saturating_sub(DESCRIPTORS_OWN) / DESCRIPTORS_EACH;
        return Err(Failure::Usage(format!(
            "--limit {limit} needs {need} descriptors, and RLIMIT_NOFILE allows {hard}; use --limit {most} or less."
        )));
    }
    if soft < need {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, need, hard);
    }
    Ok(())
}
