//! The `forkscope` command: reads the command line, chooses a mode, and gives the exit code.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
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
        Some(Command::Completions { shell }) => {
            clap_complete::generate(shell, &mut Cli::command(), "forkscope", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Man) => man(),
        Some(Command::Threads { count }) => modes::threads(count),
    };
    result.unwrap_or_else(|error| {
        error.say();
        ExitCode::from(error.code())
    })
}

fn man() -> Result<ExitCode, modes::Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .map_err(modes::Failure::Output)?;
    match std::io::stdout().write_all(&page) {
        // Who reads only the beginning is served too.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS).map_err(modes::Failure::Output),
    }
}
