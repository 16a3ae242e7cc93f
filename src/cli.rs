//! The command line: one place for every flag.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand};

use crate::app::Theme;
use crate::app::save::Format;
use crate::app::script::{self, Token};
use crate::export::Size;
use crate::lesson;
use crate::model::notation::{list, puzzle};
use crate::model::quiz::Level;
use crate::ui;

/// Fork real processes with single keys, and watch the kernel's tree
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do; the playground, if nothing is said
    #[command(subcommand)]
    pub command: Option<Command>,

    /// A program, FILE.c or FILE.py: traced, where its compiler or Python is installed; stepped without, elsewhere
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// How it looks
    #[command(flatten)]
    pub look: LookArgs,

    /// The playground's options
    #[command(flatten)]
    pub session: SessionArgs,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Keys on real processes: the playground
    Play(PlayArgs),
    /// Step a small program in C or Python in real processes; neither compiler nor Python is needed
    Run(RunArgs),
    /// Lessons: predictions and goals on real processes; without a name, all of them to choose from
    Lesson(LessonArgs),
    /// Questions about processes, answered by the kernel and shown on real ones; --headless prints them
    Quiz(QuizArgs),
    /// Trace a program of your own: C, Python, a shell, anything
    Trace(TraceArgs),
    /// Show a recording on the screen: played, stepped through, or followed while it grows
    Replay(ReplayArgs),
    /// Write a recording, or a moment of it, for other programs
    Export(ExportArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Become a process with threads and one child: what the lesson about threads execs
    #[command(hide = true)]
    Threads {
        /// How many threads
        count: std::num::NonZeroU8,
    },
}

/// Options of `play`.
#[derive(Debug, Args)]
pub struct PlayArgs {
    /// Who forks whom and who exits: 'a+b,b+c,b-' (x+y: x forks y; x-: x exits); or a fork puzzle: 'F(aWb,cX)' (F(p,c):
    /// fork, the parent does p, the child c; a letter is printed, W waits, X exits)
    #[arg(long, value_name = "LIST", value_parser = Actions::read, conflicts_with = "keys")]
    pub actions: Option<Actions>,

    /// How it looks
    #[command(flatten)]
    pub look: LookArgs,

    /// What all modes with processes share
    #[command(flatten)]
    pub session: SessionArgs,
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The program: FILE.c or FILE.py
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Buffer what it prints as into a pipe, not line by line as on a terminal
    #[arg(long)]
    pub pipe: bool,

    /// Print every output that is possible, in any order of steps that the kernel allows; without --runs, run nothing
    #[arg(long)]
    pub explore: bool,

    /// With --explore: run it so many times as well, and count how often each output was seen
    #[arg(long, value_name = "N", requires = "explore", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub runs: Option<u32>,

    /// What the program is called, where FILE is not its name
    #[arg(long, value_name = "NAME", hide = true)]
    pub name: Option<String>,

    /// How it looks
    #[command(flatten)]
    pub look: LookArgs,

    /// What all modes with processes share
    #[command(flatten)]
    pub session: SessionArgs,
}

/// Options of `lesson`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").args(["name", "list", "check"]))]
pub struct LessonArgs {
    /// The lesson: its name, or a file of your own (NAME.md)
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// List the lessons, with what was solved
    #[arg(long)]
    pub list: bool,

    /// Write a receipt at the end: goals, predictions, hints, time
    #[arg(long, value_name = "FILE", requires = "name")]
    pub report: Option<PathBuf>,

    /// For authors: read these lessons, run them without and with their solutions, and say what is wrong
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub check: Vec<PathBuf>,

    /// Put the answers of its predictions into an order of their own; the receipt names the seed
    #[arg(long, value_name = "N", conflicts_with_all = ["list", "check"])]
    pub seed: Option<u64>,

    /// The language of the lesson's program
    #[arg(long, value_enum, value_name = "c|python")]
    pub language: Option<Language>,

    /// How it looks
    #[command(flatten)]
    pub look: LookArgs,

    /// What all modes with processes share
    #[command(flatten)]
    pub session: SessionArgs,

    /// With --headless: all must be gone through, as `--check` asks of a solution
    #[arg(long, hide = true)]
    pub thorough: bool,
}

/// A language that lessons have programs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// C
    C,
    /// Python
    Python,
}

impl From<Language> for lesson::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::C => Self::C,
            Language::Python => Self::Python,
        }
    }
}

/// Options of `quiz`.
#[derive(Debug, Args)]
pub struct QuizArgs {
    /// The same number gives the same quiz
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// How hard, from 1 to 5
    #[arg(long, value_name = "1-5", default_value = "1", value_parser = level)]
    pub level: Level,

    /// How it looks
    #[command(flatten)]
    pub look: LookArgs,

    /// What all modes with processes share; --headless prints the questions, and the answers apart
    #[command(flatten)]
    pub session: SessionArgs,
}

fn level(text: &str) -> Result<Level, String> {
    let level = text.parse().ok().and_then(Level::new);
    level.ok_or_else(|| "a number from 1 to 5".to_owned())
}

/// Options of `trace`.
#[derive(Debug, Args)]
pub struct TraceArgs {
    /// The program and its arguments; FILE.c is compiled first
    #[arg(
        value_name = "COMMAND",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub command: Vec<OsString>,

    /// Tell of pipe, dup, close and write too
    #[arg(long)]
    pub descriptors: bool,

    /// How it looks
    #[command(flatten)]
    pub look: LookArgs,

    /// What all modes with processes share
    #[command(flatten)]
    pub session: SessionArgs,
}

/// Options of `replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The recording, made with --record or with the key o
    pub file: PathBuf,

    /// Show what is added to the file, as it is added: for a class that follows the teacher's screen
    #[arg(long)]
    pub follow: bool,

    /// How it looks
    #[command(flatten)]
    pub look: LookArgs,

    /// Panic on Ctrl-G, for the tests of what is left behind
    #[arg(long, hide = true)]
    pub panic: bool,
}

/// Options of `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The recording, made with --record or with the key o
    pub file: PathBuf,

    /// For what
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Format,

    /// The graph of all that happened instead of the tree: for text (the lanes), mermaid and dot
    #[arg(long)]
    pub graph: bool,

    /// The moment after the event of that number, as the list of what happened counts them; without it, the end
    #[arg(long, value_name = "N")]
    pub at: Option<u64>,

    /// The file to write; without it, standard output
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,

    /// The size of the screen, for svg and cast
    #[arg(long, value_name = "WxH", default_value = "80x24", value_parser = WindowSize::read)]
    pub size: WindowSize,

    /// How it looks
    #[command(flatten)]
    pub look: LookArgs,
}

/// A size such as `80x24`, in which everything can be drawn.
#[derive(Clone, Copy, Debug)]
pub struct WindowSize(pub Size);

impl WindowSize {
    fn read(text: &str) -> Result<Self, String> {
        let (least_width, least_height) = ui::LEAST;
        let size = text.split_once('x').and_then(|(width, height)| {
            let (width, height) = (width.parse().ok()?, height.parse().ok()?);
            ((least_width..=MOST).contains(&width) && (least_height..=MOST).contains(&height))
                .then_some(Size { width, height })
        });
        size.map(Self).ok_or_else(|| {
            format!("columns and rows such as 80x24, from {least_width}x{least_height} to {MOST}x{MOST}")
        })
    }
}

/// The most columns or rows of a picture.
const MOST: u16 = 500;

/// How it looks.
#[derive(Clone, Debug, Default, Args)]
pub struct LookArgs {
    /// The colours; NO_COLOR in the environment means plain
    #[arg(long, value_enum, global = true)]
    pub theme: Option<Theme>,

    /// ASCII instead of box drawing, as in a locale without UTF-8
    #[arg(long, global = true)]
    pub ascii: bool,
}

/// What all modes with processes share.
#[derive(Clone, Debug, Args)]
pub struct SessionArgs {
    /// Keys to press at the beginning, such as 'f @A f f @B 7x @A w' (see docs/keys.md)
    #[arg(long, value_name = "KEYS", value_parser = Keys::read)]
    pub keys: Option<Keys>,

    /// No screen: play the keys, print what came of them, and end
    #[arg(long)]
    pub headless: bool,

    /// With --headless: print facts as JSON, one object a line
    #[arg(long)]
    pub json: bool,

    /// Record what happens to this file, as it happens; `replay` shows it, `export` makes pictures of it
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,

    /// The most lab processes there may be at a time, living and zombies
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,

    /// With --headless: give up after so long without any change; a deadlock is told at once
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = seconds)]
    pub timeout: f64,

    /// Panic on Ctrl-G, for the tests of what is left behind
    #[arg(long, hide = true)]
    pub panic: bool,
}

/// A key string that was read.
#[derive(Clone, Debug)]
pub struct Keys(pub Vec<Token>);

impl Keys {
    fn read(text: &str) -> Result<Self, String> {
        script::parse(text).map(Self).map_err(|error| error.to_string())
    }
}

/// What processes are to do, in other people's notation.
#[derive(Clone, Debug)]
pub enum Actions {
    /// A list of acts, as keys.
    List(Keys),
    /// A puzzle, as a program in C.
    Puzzle(String),
}

impl Actions {
    /// Every act has a sign, and no puzzle has any.
    fn read(text: &str) -> Result<Self, String> {
        let is_puzzle = !text.contains(['+', '-']) && text.contains(['F', 'W', 'X', '(']);
        if is_puzzle {
            return puzzle::in_c(text)
                .map(Self::Puzzle)
                .map_err(|mistake| mistake.to_string());
        }
        let acts = list::parse(text).map_err(|mistake| mistake.to_string())?;
        Keys::read(&list::keys(&acts)).map(Self::List)
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86400.0 => Ok(seconds),
        _ => Err("a number of seconds above 0 and up to 86400".to_owned()),
    }
}
