//! The command line: one place for every flag.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::app::Theme;
use crate::app::script::{self, Token};

/// Fork real processes with single keys, and watch the kernel's tree
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do; the playground, if nothing is said
    #[command(subcommand)]
    pub command: Option<Command>,

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
    /// Step a small C or Python program; no compiler and no Python is needed
    Run(RunArgs),
    /// Trace a program of your own: C, Python, a shell, anything
    Trace(TraceArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Options of `play`.
#[derive(Debug, Args)]
pub struct PlayArgs {
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

    /// How it looks
    #[command(flatten)]
    pub look: LookArgs,

    /// What all modes with processes share
    #[command(flatten)]
    pub session: SessionArgs,
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
    #[arg(long, requires = "headless")]
    pub json: bool,

    /// The most lab processes there may be at a time, living and zombies
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,

    /// With --headless: give up after so long without any change
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

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86400.0 => Ok(seconds),
        _ => Err("a number of seconds above 0 and up to 86400".to_owned()),
    }
}
