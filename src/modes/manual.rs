//! What the command line knows of itself: the manual page, and completion scripts for shells.

use std::process::ExitCode;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use super::Failure;
use super::print::print;
use crate::cli::Cli;

/// Prints the manual page.
pub fn man() -> Result<ExitCode, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .map_err(Failure::Output)?;
    print(&String::from_utf8_lossy(&page))
}

/// Prints a completion script for a shell.
pub fn completions(shell: Shell) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut shown(), "forkscope", &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// The command line without what is hidden from those who use it, but not from every shell's script.
fn shown() -> Command {
    let whole = Cli::command();
    let shown = whole.get_subcommands().filter(|command| !command.is_hide_set());
    Command::new("forkscope")
        .version(env!("CARGO_PKG_VERSION"))
        .args(whole.get_arguments().cloned())
        .subcommands(shown.cloned())
}
