//! A film of the session: asciicast version 2, which asciinema and all players of it play.
//!
//! The pictures are the screen's own and come from the caller; their times are those of the facts.

use std::io::{self, Write};

use serde::Serialize;

use crate::journal::{Journal, JournalError};
use crate::model::{Time, World};

/// Facts closer together than this share a picture: a thirtieth of a second.
const SHORTEST: Time = Time(33_333);

/// A player shows longer pauses as this many seconds.
const LONGEST: u8 = 3;

/// The screen that the film shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Its columns.
    pub width: u16,
    /// Its rows.
    pub height: u16,
}

/// Why a film could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CastError {
    /// It could not be written.
    #[error("the film cannot be written: {0}")]
    Write(#[from] io::Error),
    /// The session could not be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Writes the film of a session up to a position. `picture` draws the screen for a world, its lines ended by `\n` and
/// styled by escape sequences.
pub fn write(
    out: &mut impl Write,
    journal: &Journal,
    up_to: u64,
    size: Size,
    title: &str,
    mut picture: impl FnMut(&World) -> String,
) -> Result<(), CastError> {
    let header = Header {
        version: 2,
        width: size.width,
        height: size.height,
        title,
        idle_time_limit: LONGEST,
    };
    line(out, &header)?;
    let mut world = World::default();
    let mut waiting: Option<Time> = None;
    for event in journal.events(1, up_to) {
        let event = event?;
        if let Some(since) = waiting
            && event.t.0.saturating_sub(since.0) >= SHORTEST.0
        {
            frame(out, since, &picture(&world))?;
            waiting = None;
        }
        world.apply(&event);
        if event.is_told() {
            waiting.get_or_insert(world.now());
        }
    }
    frame(out, waiting.unwrap_or(world.now()), &picture(&world))?;
    Ok(())
}

#[derive(Serialize)]
struct Header<'a> {
    version: u8,
    width: u16,
    height: u16,
    title: &'a str,
    idle_time_limit: u8,
}

/// One picture: the cursor hidden and at home, the screen cleared, the lines.
fn frame(out: &mut impl Write, time: Time, picture: &str) -> io::Result<()> {
    let lines = picture.trim_end_matches('\n').replace('\n', "\r\n");
    line(
        out,
        &(time.seconds(), "o", format!("\x1b[?25l\x1b[H\x1b[2J{lines}")),
    )
}

fn line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}
