//! The `forkscope` command: reads the command line, chooses a mode, and gives the exit code.

use std::process::ExitCode;

use clap::Parser as _;
use forkscope::cli::{Cli, Command};
use forkscope::modes;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        None => match &cli.file {
            Some(file) => modes::open(file, &cli.look, &cli.session),
            None => modes::play(&cli.look, &cli.session, None),
        },
        Some(Command::Play(args)) => modes::play(&args.look, &args.session, args.actions.as_ref()),
        Some(Command::Run(args)) => modes::run(&args),
        Some(Command::Lesson(args)) => modes::lesson(&args),
        Some(Command::Quiz(args)) => modes::quiz(&args),
        Some(Command::Trace(args)) => modes::trace(&args),
        Some(Command::Replay(args)) => modes::replay(&args),
        Some(Command::Export(args)) => modes::export(&args),
        Some(Command::Completions { shell }) => modes::completions(shell),
        Some(Command::Man) => modes::man(),
        Some(Command::Threads { count }) => modes::threads(count),
    };
    result.unwrap_or_else(|error| {
        error.say();
        ExitCode::from(error.code())
    })
}
