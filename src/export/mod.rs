//! A session, or a moment of it, written for other programs: for `export` on the command line and for `o` on the
//! screen.
//!
//! The formats are in [`journal::export`](crate::journal::export); here they get what only the drawing can give, the
//! screen's own picture. So this stands above `ui`.

mod ansi;
mod screen;

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};

use crate::app::save::{self, Format, Saving};
use crate::app::{App, Pane, Zoom};
use crate::journal::export::cast::{self, CastError};
use crate::journal::export::{ProcessGraph, dot, mermaid, text};
use crate::journal::{Journal, JournalError};
use crate::model::World;
use crate::model::lanes::{Symbols, View};
use crate::ui;

pub use crate::journal::export::cast::Size;

/// How many told facts to each side a picture of the lanes reaches.
const REACH: usize = 400;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It could not be written.
    #[error("{0}")]
    Write(#[from] io::Error),
    /// The session could not be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl From<CastError> for ExportError {
    fn from(error: CastError) -> Self {
        match error {
            CastError::Write(error) => Self::Write(error),
            CastError::Journal(error) => Self::Journal(error),
        }
    }
}

/// Writes what `app` shows.
pub fn write(
    app: &App,
    journal: &Journal,
    format: Format,
    graph: bool,
    size: Size,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    let world = &app.world;
    let text = match format {
        Format::Cast => return film(app, journal, size, out),
        Format::Svg => {
            let picture = ui::render_to_buffer(app, size.width, size.height);
            let title = format!("forkscope after event {}", world.told());
            screen::grid(&picture).to_svg(&title, screen::ground(app.view.theme))
        }
        Format::Text if graph => lanes(app, journal)?,
        Format::Mermaid if graph => mermaid::graph(&process_graph(world, journal)?),
        Format::Dot if graph => dot::graph(&process_graph(world, journal)?),
        Format::Text => text::tree(world),
        Format::Mermaid => mermaid::tree(world),
        Format::Dot => dot::tree(world),
        Format::Json => format!("{}\n", world.tree_json()),
    };
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Writes what `app` shows to a new file, and says in a sentence what came of it.
pub fn save(app: &App, journal: &Journal, saving: &Saving, size: Size) -> Result<String, String> {
    let path = save::free_name(&saving.path);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .map_err(ExportError::from)
        .and_then(|file| {
            write(
                app,
                journal,
                saving.format,
                saving.graph,
                size,
                &mut BufWriter::new(file),
            )
        });
    match written {
        Ok(()) => Ok(format!("Saved to {}.", path.display())),
        Err(error) => Err(format!("{} could not be written: {error}.", path.display())),
    }
}

/// All that was told up to what is shown, each change a picture with the process selected that it is about.
fn film(app: &App, journal: &Journal, size: Size, out: &mut impl Write) -> Result<(), ExportError> {
    let mut reel = App::new(app.limit);
    reel.view.theme = app.view.theme;
    reel.view.ascii = app.view.ascii;
    reel.view.pane = Pane::Events;
    reel.source.clone_from(&app.source);
    let picture = |world: &World| {
        reel.world = world.clone();
        reel.select_latest();
        ansi::text(&ui::render_to_buffer(&reel, size.width, size.height))
    };
    cast::write(out, journal, app.world.applied(), size, "forkscope", picture)?;
    Ok(out.flush()?)
}

fn process_graph(world: &World, journal: &Journal) -> Result<ProcessGraph, JournalError> {
    let mut graph = ProcessGraph::default();
    for event in journal.events(1, world.applied()) {
        graph.push(&event?);
    }
    Ok(graph)
}

/// The lanes around what is shown, whole.
fn lanes(app: &App, journal: &Journal) -> Result<String, JournalError> {
    let lanes = journal.lanes(app.world.applied(), REACH)?;
    let scale = Zoom::default().scale();
    let symbols = if app.view.ascii {
        Symbols::Ascii
    } else {
        Symbols::Unicode
    };
    let width = lanes.width(scale);
    Ok(lanes
        .draw(&View {
            scale,
            from: 0,
            width,
            symbols,
        })
        .to_string())
}
