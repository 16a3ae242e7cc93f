//! The modes: what is checked before anything is started, and how keeper and screen are put together.

mod explore;
mod export;
mod failure;
mod lesson;
mod manual;
mod print;
mod quiz;
mod replay;
mod surroundings;
mod survey;
mod threads;
mod trace;

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use nix::sys::signalfd::SignalFd;

use self::failure::{complain, say};
use self::lesson::Course;
use self::print::{print, reader_left};
use self::surroundings::{check_proc, check_terminal, dress, make_room};
use self::trace::Tracee;
use crate::app::archive::Archive;
use crate::app::engine::Engine;
use crate::app::outlook::Outlook;
use crate::app::quiz::Quiz;
use crate::app::script::Token;
use crate::app::session::Session;
use crate::app::{App, Key, Source, save};
use crate::cli::{Actions, LookArgs, RunArgs, SessionArgs};
use crate::headless;
use crate::interactive::{self, Watched};
use crate::journal::{Header, RecordError};
use crate::keeper::{self, Again, Endowment};
use crate::lab::Lab;
use crate::lab::sweep::{self, Trail};
use crate::model::{ProcId, Signal, command_line};
use crate::program::{self, Buffering, Machine};
use crate::sys::{self, signal};
use crate::tty::Saved;

pub use export::export;
pub use failure::Failure;
pub use lesson::lesson;
pub use manual::{completions, man};
pub use quiz::quiz;
pub use replay::replay;
pub use threads::threads;
pub use trace::{open, trace};

/// What a session is about.
struct Plan<'a> {
    look: &'a LookArgs,
    args: &'a SessionArgs,
    subject: Subject<'a>,
    begun: Begun,
}

/// What the processes of a session are there for.
enum Subject<'a> {
    /// Keys.
    Playground,
    /// A program that is stepped, as it was at first, and where it was read, if it was.
    Program(Box<Stepped>, Option<&'a RunArgs>),
    /// A lesson, with a program or without.
    Lessons(Course<'a>),
    /// A program that is traced.
    Trace(Tracee<'a>),
    /// A quiz, with a program where the question is about one.
    Quiz(Quiz),
}

/// A program that is stepped.
#[derive(Clone)]
struct Stepped {
    /// What is to be said first.
    notice: Option<String>,
    source: Source,
    outlook: Outlook,
    machine: Machine,
}

impl Stepped {
    /// A program of that text; its output is buffered as on a terminal, or into a pipe.
    fn new(name: &str, text: &str, pipe: bool) -> Result<Self, Failure> {
        let program =
            program::compile(name, text).map_err(|rejected| Failure::Usage(rejected.to_string()))?;
        let args = [name.to_owned()];
        Ok(Self {
            notice: None,
            source: Source::new(name, text),
            outlook: Outlook::new(name, text, pipe),
            machine: Machine::new(program.into(), &args, buffering(pipe)),
        })
    }
}

const fn buffering(pipe: bool) -> Buffering {
    if pipe { Buffering::Block } else { Buffering::Line }
}

/// The playground; with actions, those are done in it, or the puzzle that they are is stepped.
pub fn play(look: &LookArgs, args: &SessionArgs, actions: Option<&Actions>) -> Result<ExitCode, Failure> {
    let begun = Begun::now();
    let mut args = args.clone();
    let subject = match actions {
        Some(Actions::Puzzle(text)) => {
            Subject::Program(Box::new(Stepped::new("puzzle.c", text, false)?), None)
        }
        Some(Actions::List(keys)) => {
            args.keys = Some(keys.clone());
            Subject::Playground
        }
        None => Subject::Playground,
    };
    begin(&Plan {
        look,
        args: &args,
        subject,
        begun,
    })
}

/// A program, stepped in real processes.
pub fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    if args.explore {
        return explore::explore(args);
    }
    run_with(args, None)
}

fn run_with(args: &RunArgs, notice: Option<String>) -> Result<ExitCode, Failure> {
    let begun = Begun::now();
    let mut stepped = stepped(args)?;
    stepped.notice = notice;
    let subject = Subject::Program(Box::new(stepped), Some(args));
    begin(&Plan {
        look: &args.look,
        args: &args.session,
        subject,
        begun,
    })
}

fn begin(plan: &Plan<'_>) -> Result<ExitCode, Failure> {
    if plan.args.json && !plan.args.headless {
        return Err(Failure::Usage(
            "--json prints facts instead of a screen; use it with --headless.".to_owned(),
        ));
    }
    check_proc()?;
    make_room(plan.args.limit)?;
    if !plan.args.headless {
        check_terminal("use --headless where there is no terminal")?;
    }
    Ok(keeper::run(|given| screen(given, plan))?)
}

/// The program that is to be stepped: its name and its text.
fn read_program(args: &RunArgs) -> Result<(String, String), Failure> {
    let file = args.file.to_string_lossy();
    let path = args.name.clone().unwrap_or_else(|| file.into_owned());
    let bytes = std::fs::read(&args.file).map_err(|error| {
        Failure::Usage(format!(
            "{path} cannot be read: {error}; name a program in C or Python."
        ))
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::Usage(format!("{path} is no text in UTF-8; save it as that.")))?;
    Ok((path, text))
}

fn stepped(args: &RunArgs) -> Result<Stepped, Failure> {
    let (name, text) = read_program(args)?;
    Ok(Stepped {
        source: Source::of_file(&args.file, &text),
        ..Stepped::new(&name, &text, args.pipe)?
    })
}

/// The program as its file has it now. Where that cannot be run, the program is what it was at first.
fn read_again(args: &RunArgs, first: &Stepped) -> Stepped {
    stepped(args).unwrap_or_else(|failure| Stepped {
        notice: Some(failure.to_string()),
        ..first.clone()
    })
}

/// When forkscope was started, by both clocks: the facts count from here.
#[derive(Debug)]
struct Begun {
    clock: Instant,
    date: SystemTime,
}

impl Begun {
    fn now() -> Self {
        Self {
            clock: Instant::now(),
            date: SystemTime::now(),
        }
    }

    /// How recordings of this session begin.
    fn header(&self) -> Header {
        let args = std::env::args_os().skip(1);
        let args: Vec<String> = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
        Header::new(self.date, format!("forkscope {}", command_line(&args)).trim_end())
    }
}

/// The whole life of the screen process.
fn screen(given: Endowment, plan: &Plan<'_>) -> u8 {
    let saved = Saved::of_stdin().filter(|_| !plan.args.headless);
    guarded(saved.as_ref(), || live(given, plan, saved.as_ref()))
}

/// Lives, and gives the exit code. A panic is a bug of ours; the terminal is not to suffer for it.
fn guarded(saved: Option<&Saved>, life: impl FnOnce() -> Result<u8, Failure>) -> u8 {
    if let Some(saved) = saved.cloned() {
        std::panic::set_hook(Box::new(move |panic| {
            saved.put_back();
            let _ = writeln!(
                std::io::stderr(),
                "forkscope: an error in forkscope itself: {panic}\nPlease report it with what you did before."
            );
        }));
    }
    match catch_unwind(AssertUnwindSafe(life)) {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => {
            failure.say();
            failure.code()
        }
        Err(_) => 1,
    }
}

fn live(given: Endowment, plan: &Plan<'_>, saved: Option<&Saved>) -> Result<u8, Failure> {
    let Plan {
        look,
        args,
        subject,
        begun,
    } = plan;
    let again = given.again.clone();
    let mut app = App::new(args.limit);
    dress(&mut app, look);
    let program = match subject {
        Subject::Playground | Subject::Trace(_) => None,
        Subject::Program(program, Some(args)) if again.is_some() && args.file.is_file() => {
            Some(read_again(args, program))
        }
        Subject::Program(program, _) => Some(Stepped::clone(program)),
        Subject::Quiz(quiz) => quiz::open(quiz, &mut app, again.as_ref().map(|again| &again.view))?,
        Subject::Lessons(course) => course.open(&mut app, again.as_ref())?,
    };
    app.source = program.as_ref().map(|program| program.source.clone());
    app.notice = program.as_ref().and_then(|program| program.notice.clone());
    let ready = match subject {
        Subject::Trace(tracee) => Some(tracee.prepare(&mut app)?),
        _ => None,
    };
    app.outlook = program.as_ref().map(|program| Box::new(program.outlook.clone()));
    app.recording.clone_from(&args.record);
    if let Some(again) = &again {
        app.restore(&again.view);
    }
    let header = begun.header().stepping(app.source.as_ref().map(Into::into));
    let mut archive = Archive::new(header)?;
    if again.is_some() {
        set_aside(&mut app)?;
    }
    if let Some(path) = &app.recording {
        archive.record(path)?;
    }
    let to_the_end = saved.is_none() && args.keys.is_none() && matches!(subject, Subject::Program(..));
    let solution = lesson::solution(&app, again.as_ref());
    let tokens = match (&again, &args.keys) {
        (Some(_), _) if solution.is_some() => solution.unwrap_or_default(),
        (Some(again), _) => interactive::scene_tokens(&again.keys),
        (None, Some(keys)) => keys.0.clone(),
        (None, None) if to_the_end => vec![Token::Keys(vec![Key::Char('F')])],
        (None, None) => Vec::new(),
    };
    let life = Life {
        plan,
        watched: Watched::new(signals(saved.is_some())?, given.keeper, args.panic),
        saved,
        to_the_end,
        is_first: again.is_none(),
    };
    if let (Subject::Trace(tracee), Some(ready)) = (subject, ready) {
        let traced = tracee.start(given, &ready, plan, saved.is_some())?;
        let mut session = Session::new(app, traced, archive, tokens, args.json);
        // It has been born; if it has ended already, screen stays selected.
        let _ = session.app.select(ProcId::lab(0));
        return life.lead(session);
    }
    let lab = Lab::new(given, app.limit, begun.clock)?;
    let mut session = Session::new(app, lab, archive, tokens, args.json);
    if let Some(program) = program {
        match saved {
            Some(_) => session.engine.open_input()?,
            None => session.engine.pass_input()?,
        }
        session.launch(program.machine);
    }
    life.lead(session)
}

/// What the end of a session asks of its engine.
trait Leave: Engine {
    /// Leaves a word with the keeper: when this process ends, begin again.
    fn begin_again(&self, again: Again) -> sys::Result<()>;

    /// How what it has made can be found, where the keeper cannot clean up any more.
    fn into_trail(self) -> Trail;

    /// The exit code of a headless run in which nothing went wrong.
    fn code(&self) -> u8 {
        0
    }
}

impl Leave for Lab {
    fn begin_again(&self, again: Again) -> sys::Result<()> {
        self.begin_again(again)
    }

    fn into_trail(self) -> Trail {
        self.into_trail()
    }
}

/// A session, once it has been set up, and how it is led to its end.
struct Life<'a> {
    plan: &'a Plan<'a>,
    watched: Watched,
    /// The terminal; none where there is no screen.
    saved: Option<&'a Saved>,
    to_the_end: bool,
    /// Whether none stood before it, so that its keys are those of the command line.
    is_first: bool,
}

impl Life<'_> {
    fn lead<E: Leave>(&self, session: Session<E>) -> Result<u8, Failure> {
        match self.saved {
            Some(saved) => self.show(session, saved),
            None => self.print(session),
        }
    }

    fn print<E: Leave>(&self, mut session: Session<E>) -> Result<u8, Failure> {
        let style = headless::Style {
            json: self.plan.args.json,
            timeout: Duration::from_secs_f64(self.plan.args.timeout),
            to_the_end: self.to_the_end,
        };
        let out = &mut std::io::BufWriter::new(std::io::stdout());
        let outcome = headless::run(&mut session, style, &self.watched.signals, out);
        let is_over = !matches!(outcome, Ok(headless::Outcome::Again(_)));
        let unreached = match &self.plan.subject {
            Subject::Lessons(course) if is_over => course.close_headless(&session.app)?,
            _ => None,
        };
        match headless_end(outcome, &session) {
            Ok(0) => Ok(unreached.map_or(session.engine.code(), |complaint| complain(&complaint))),
            other => other,
        }
    }

    fn show<E: Leave>(&self, mut session: Session<E>, saved: &Saved) -> Result<u8, Failure> {
        session.forgives = !self.is_first;
        let outcome = interactive::run(&mut session, &self.watched, saved);
        if let Subject::Lessons(course) = &self.plan.subject {
            course.close(&session.app)?;
        }
        interactive_end(outcome, session)
    }
}

/// A recording is of one session. After a new start the one before gets a number, and the new one its name, so that
/// whoever follows the file follows on. What is no file ends with the session that it began with.
fn set_aside(app: &mut App) -> Result<(), RecordError> {
    let Some(path) = &app.recording else { return Ok(()) };
    if path.metadata().is_ok_and(|meta| !meta.is_file()) {
        app.notice = Some(format!(
            "{} is no file: the new session is not recorded.",
            path.display()
        ));
        app.recording = None;
        return Ok(());
    }
    std::fs::rename(path, save::numbered(path, 1)).map_err(|source| RecordError::Create {
        path: path.clone(),
        source,
    })
}

/// What is said when the keeper was killed.
const ORPHANED: &str = "its keeper process was killed, so it ended the lab and itself; start it again.";

fn headless_end<E: Leave>(
    outcome: std::io::Result<headless::Outcome>,
    session: &Session<E>,
) -> Result<u8, Failure> {
    match outcome {
        Ok(headless::Outcome::Done) => Ok(0),
        Ok(headless::Outcome::Again(again)) => {
            session.engine.begin_again(again)?;
            Ok(0)
        }
        Ok(headless::Outcome::Failed(complaint)) => Ok(complain(&complaint)),
        Ok(headless::Outcome::Signal(signal)) => Ok(die_by(signal)),
        Err(error) if reader_left(&error) => Ok(0),
        Err(error) => Err(Failure::Output(error)),
    }
}

fn interactive_end<E: Leave>(
    outcome: std::io::Result<interactive::Outcome>,
    session: Session<E>,
) -> Result<u8, Failure> {
    use interactive::Outcome;
    match outcome.map_err(Failure::Output)? {
        Outcome::Quit => match session.unrecorded {
            Some(complaint) => Ok(complain(&complaint)),
            None => Ok(0),
        },
        Outcome::Again(again) => {
            session.engine.begin_again(again)?;
            Ok(0)
        }
        Outcome::Signal(Signal::HUP) => {
            // It may be the keeper that died: where it leads the session, its end hangs up before a pidfd tells of it.
            sweep::sweep(&session.engine.into_trail());
            Ok(die_by(Signal::HUP))
        }
        Outcome::Signal(signal) => Ok(die_by(signal)),
        Outcome::Failed(complaint) => Ok(complain(&complaint)),
        Outcome::Orphaned => {
            sweep::sweep(&session.engine.into_trail());
            Ok(complain(ORPHANED))
        }
    }
}

/// Ends by that signal, so that who started us sees the truth.
fn die_by(signal: Signal) -> u8 {
    signal::raise_default(signal);
    128 + signal.0 as u8
}

fn signals(interactive: bool) -> sys::Result<SignalFd> {
    // Where a limit on the size of files is met, the recording ends with an error, and not the session with a signal.
    signal::block(Signal::XFSZ)?;
    let mut watched = vec![Signal::CHLD, Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT];
    if interactive {
        watched.extend([Signal::CONT, Signal::TSTP, Signal::WINCH]);
    } else {
        // The keeper blocks it. Where no terminal has to be given back first, it can simply stop.
        signal::unblock(Signal::TSTP)?;
    }
    signal::descriptor(&watched)
}
