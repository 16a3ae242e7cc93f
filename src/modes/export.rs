//! A recording, or a moment of it, for other programs.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::ExitCode;

use super::Failure;
use super::print::reader_left;
use super::replay::print_remarks;
use crate::app::{App, Source, Theme};
use crate::cli::ExportArgs;
use crate::export::{self, ExportError};
use crate::journal::{Journal, Recording};

/// Writes what was asked for to a file or to standard output.
pub fn export(args: &ExportArgs) -> Result<ExitCode, Failure> {
    if args.graph && !args.format.has_graph() {
        return Err(Failure::Usage(
            "--graph goes with the formats text, mermaid and dot.".to_owned(),
        ));
    }
    let recording = Recording::open(&args.file)?;
    print_remarks(&args.file, &recording);
    let app = moment(args, &recording)?;
    let written = match &args.output {
        None => write(args, &app, recording.journal(), std::io::stdout().lock()),
        Some(path) => File::create(path)
            .map_err(ExportError::Write)
            .and_then(|file| write(args, &app, recording.journal(), file)),
    };
    match written {
        Err(ExportError::Write(error)) if reader_left(&error) => Ok(ExitCode::SUCCESS),
        Err(source) => Err(Failure::Export {
            name: args
                .output
                .as_ref()
                .map_or_else(|| "the export".to_owned(), |path| path.display().to_string()),
            source,
        }),
        Ok(()) => Ok(ExitCode::SUCCESS),
    }
}

fn write(args: &ExportArgs, app: &App, journal: &Journal, out: impl Write) -> Result<(), ExportError> {
    let mut out = BufWriter::new(out);
    export::write(app, journal, args.format, args.graph, args.size.0, &mut out)
}

/// The screen as it was after the event of that number, with the process selected that it is about.
fn moment(args: &ExportArgs, recording: &Recording) -> Result<App, Failure> {
    let journal = recording.journal();
    let last = journal.live().told();
    let at = args.at.unwrap_or(last);
    if at > last {
        return Err(Failure::Usage(format!(
            "--at {at} is beyond the end: {} has {last} events.",
            args.file.display()
        )));
    }
    let mut app = App::new(0);
    // A picture is for others: it does not follow the terminal at hand.
    app.view.theme = args.look.theme.unwrap_or(Theme::Dark);
    app.view.ascii = args.look.ascii;
    app.world = if at == last {
        journal.live().clone()
    } else {
        journal.world_at(journal.after_told(at)?)?
    };
    app.source = Source::recorded(recording.header());
    app.select_latest();
    Ok(app)
}
