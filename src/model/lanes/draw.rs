//! Lanes drawn: each stroke at a column, and between the strokes what the lanes look like.

use std::fmt;

use super::{Ink, Kind, Lanes, Stroke};
use crate::model::{Link, ProcId, Time};

/// How many rows of notes on adoptions stand below the lanes at most.
const NOTES: usize = 3;

/// What a column stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Strokes stand so many columns apart, and an adoption halfway to the next: it goes with the death before it.
    ByEvent(usize),
    /// Each column is so long.
    ByClock(Time),
}

/// Which signs to draw with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbols {
    /// Lines and shades.
    Unicode,
    /// For terminals and fonts that have no others.
    Ascii,
}

/// What to draw.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// How time becomes room.
    pub scale: Scale,
    /// The first column, counted from the beginning of the stretch.
    pub from: usize,
    /// How many columns.
    pub width: usize,
    /// With which signs.
    pub symbols: Symbols,
}

/// A window of the lanes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The lanes from the top down, in the order of their names. All rows are as wide as the view.
    pub lanes: Vec<PictureLane>,
    /// The rows below them, which say what the adoptions were.
    pub notes: Vec<Vec<Glyph>>,
}

/// One lane of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureLane {
    /// Whose it is.
    pub id: ProcId,
    /// What is drawn.
    pub glyphs: Vec<Glyph>,
}

/// One sign of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// The sign, one column wide.
    pub symbol: char,
    /// What it is, for its colour.
    pub class: Class,
}

/// What a sign stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing.
    Blank,
    /// A process that is alive.
    Alive,
    /// Alive, in a program it exec'd, and the exec itself.
    Program,
    /// Blocked in a wait, and the call itself.
    Waiting,
    /// A zombie.
    Zombie,
    /// A fork, or the way to a reaper.
    Edge,
    /// An end.
    Ended,
    /// A reaping, at the lane of the reaper.
    Reaped,
    /// An adoption, and what is noted of it.
    Adopted,
}

impl Lanes {
    /// How many columns the whole stretch takes.
    pub fn width(&self, scale: Scale) -> usize {
        match scale {
            Scale::ByEvent(_) => self.columns(scale).last().map_or(0, |last| last + 1) + beyond(scale),
            Scale::ByClock(_) => self.clock_column(self.end, scale).saturating_add(1),
        }
    }

    /// The column at which a position of the journal stands: that of the last stroke up to it.
    pub fn column_of(&self, position: u64, scale: Scale) -> usize {
        let count = self.strokes.partition_point(|stroke| stroke.position <= position);
        count.checked_sub(1).map_or(0, |last| self.columns(scale)[last])
    }

    /// What the signs mean, on one line.
    pub const fn legend(symbols: Symbols) -> &'static str {
        match symbols {
            Symbols::Unicode => "── alive  ━━ after exec  ·· blocked in wait  ▒▒ zombie  x k ended  ◆ reaped",
            Symbols::Ascii => "-- alive  == after exec  .. blocked in wait  ## zombie  x k ended  @ reaped",
        }
    }

    /// Draws a window.
    pub fn draw(&self, view: &View) -> Picture {
        let mut canvas = Canvas::new(self, view);
        canvas.inks();
        for n in 0..self.strokes.len() {
            canvas.edge(n);
        }
        for n in 0..self.strokes.len() {
            canvas.sign(n);
        }
        canvas.notes();
        canvas.finish()
    }

    /// The column of each stroke.
    fn columns(&self, scale: Scale) -> Vec<usize> {
        let mut column = 0;
        self.strokes
            .iter()
            .map(|stroke| match (scale, &stroke.kind) {
                (Scale::ByClock(_), _) => self.clock_column(stroke.time, scale),
                (Scale::ByEvent(step), Kind::Adopted { .. }) => {
                    column += (step / 2).max(1);
                    column
                }
                (Scale::ByEvent(step), _) => {
                    column = (column / step.max(1) + 1) * step.max(1);
                    column
                }
            })
            .collect()
    }

    fn clock_column(&self, time: Time, scale: Scale) -> usize {
        let Scale::ByClock(Time(each)) = scale else {
            return 0;
        };
        (time.0.saturating_sub(self.start.1.0) / each.max(1)) as usize
    }
}

/// How far the lanes go on after the last stroke.
const fn beyond(scale: Scale) -> usize {
    match scale {
        Scale::ByEvent(step) => step,
        Scale::ByClock(_) => 0,
    }
}

/// A picture that is being drawn.
struct Canvas<'a> {
    lanes: &'a Lanes,
    view: &'a View,
    columns: Vec<usize>,
    rows: Vec<PictureLane>,
    notes: Vec<Vec<Glyph>>,
}

impl<'a> Canvas<'a> {
    fn new(lanes: &'a Lanes, view: &'a View) -> Self {
        let rows = lanes
            .by_name
            .iter()
            .filter(|(_, lane)| lane.shown)
            .map(|(&id, _)| PictureLane {
                id,
                glyphs: vec![Glyph::BLANK; view.width],
            })
            .collect();
        Self {
            lanes,
            view,
            columns: lanes.columns(view.scale),
            rows,
            notes: Vec::new(),
        }
    }

    /// Fills the lanes with what the processes are between the strokes.
    fn inks(&mut self) {
        let end = self.lanes.width(self.view.scale);
        let start = self.view.from;
        for row in &mut self.rows {
            let inks = &self.lanes.by_name[&row.id].inks;
            for (n, (stroke, ink)) in inks.iter().enumerate() {
                let column = |stroke: usize| self.columns.get(stroke).copied().unwrap_or(end);
                let from = if n == 0 { 0 } else { column(*stroke) };
                let to = inks.get(n + 1).map_or(end, |(next, _)| column(*next));
                let seen = |column: usize| column.saturating_sub(start).min(self.view.width);
                let (from, to) = (seen(from), seen(to));
                if from < to {
                    row.glyphs[from..to].fill(Glyph::of(*ink));
                }
            }
        }
    }

    /// Draws the line between two lanes, where a stroke concerns two.
    fn edge(&mut self, n: usize) {
        let Stroke { who, kind, .. } = &self.lanes.strokes[n];
        let (other, adoption) = match kind {
            Kind::Born(parent) => (parent.proc(), false),
            Kind::Reaped(Some(by)) => (Some(*by), false),
            Kind::Adopted { by, .. } => (by.proc(), true),
            _ => return,
        };
        let class = if adoption { Class::Adopted } else { Class::Edge };
        let Some(here) = self.row(*who) else { return };
        let there = match other {
            Some(id) => self.row(id),
            // An adopter outside has no lane: the line comes from above.
            None if adoption => None,
            None => return,
        };
        let between = match there {
            Some(there) if there < here => there + 1..here,
            Some(there) => here + 1..there,
            None if adoption => 0..here,
            None => return,
        };
        for row in between {
            let id = self.rows[row].id;
            let ink = self.lanes.by_name[&id].at(n);
            self.put(row, n, crossing(ink, adoption), class);
        }
        if adoption && let Some(there) = there {
            self.put(there, n, if there < here { '┬' } else { '┴' }, Class::Adopted);
        }
    }

    /// Draws the sign of a stroke, at its lane and at that of the other process.
    fn sign(&mut self, n: usize) {
        let Stroke { who, kind, .. } = &self.lanes.strokes[n];
        let Some(here) = self.row(*who) else { return };
        let (symbol, class) = match kind {
            Kind::Born(parent) => match parent.proc().and_then(|parent| self.row(parent)) {
                Some(there) => {
                    self.fork(there, here, n);
                    (if there < here { '└' } else { '┌' }, Class::Edge)
                }
                None => ('╶', Class::Edge),
            },
            Kind::Exec => ('e', Class::Program),
            Kind::Wait => ('w', Class::Waiting),
            Kind::Back => return,
            Kind::Exited => ('x', Class::Ended),
            Kind::Killed => ('k', Class::Ended),
            Kind::Reaped(by) => match by.and_then(|by| self.row(by)) {
                Some(there) => {
                    self.put(there, n, '◆', Class::Reaped);
                    (if there < here { '┘' } else { '┐' }, Class::Edge)
                }
                None => ('╴', Class::Edge),
            },
            Kind::Adopted { by, .. } => {
                let above = by
                    .proc()
                    .and_then(|by| self.row(by))
                    .is_none_or(|there| there < here);
                (if above { '▲' } else { '▼' }, Class::Adopted)
            }
        };
        self.put(here, n, symbol, class);
    }

    /// The branch at the lane of a parent; forks in the same column share it.
    fn fork(&mut self, parent: usize, child: usize, n: usize) {
        let ink = self.lanes.by_name[&self.rows[parent].id].at(n);
        let symbol = match (ink, parent < child) {
            (Ink::Program, true) => '┯',
            (Ink::Program, false) => '┷',
            (_, true) => '┬',
            (_, false) => '┴',
        };
        self.put(parent, n, symbol, Class::Edge);
    }

    /// Notes below the lanes who was adopted by whom: the latest adoptions, as many as find room.
    fn notes(&mut self) {
        let mut free = [self.view.width; NOTES];
        for n in (0..self.lanes.strokes.len()).rev() {
            let Stroke { who, kind, .. } = &self.lanes.strokes[n];
            let Kind::Adopted { from, by } = kind else {
                continue;
            };
            let Some(column) = self.visible(n) else { continue };
            let text = note(*who, from, by, self.view.symbols);
            let fits = |&row: &usize| column + text.chars().count() < free[row];
            let Some(row) = (0..NOTES).find(fits) else {
                continue;
            };
            free[row] = column;
            while self.notes.len() <= row {
                self.notes.push(vec![Glyph::BLANK; self.view.width]);
            }
            for (above, free) in free.iter_mut().take(row).enumerate() {
                self.notes[above][column] = Glyph::new('│', Class::Adopted);
                *free = column;
            }
            for (at, symbol) in text.chars().enumerate() {
                self.notes[row][column + at] = Glyph::new(symbol, Class::Adopted);
            }
        }
    }

    fn row(&self, id: ProcId) -> Option<usize> {
        self.rows.iter().position(|row| row.id == id)
    }

    fn visible(&self, n: usize) -> Option<usize> {
        let column = self.columns[n].checked_sub(self.view.from)?;
        (column < self.view.width).then_some(column)
    }

    fn put(&mut self, row: usize, n: usize, symbol: char, class: Class) {
        if let Some(column) = self.visible(n) {
            self.rows[row].glyphs[column] = Glyph::new(symbol, class);
        }
    }

    fn finish(self) -> Picture {
        let mut picture = Picture {
            lanes: self.rows,
            notes: self.notes,
        };
        if self.view.symbols == Symbols::Ascii {
            picture.make_ascii();
        }
        picture
    }
}

impl Picture {
    fn make_ascii(&mut self) {
        let rows = self.lanes.iter_mut().map(|lane| &mut lane.glyphs);
        for glyph in rows.chain(&mut self.notes).flatten() {
            glyph.symbol = ascii(glyph.symbol);
        }
    }
}

impl fmt::Display for Picture {
    /// The lanes with their names, as plain text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.lanes.iter().map(|lane| lane.id.to_string()).collect();
        let room = names.iter().map(String::len).max().unwrap_or(0);
        let lanes = self.lanes.iter().map(|lane| &lane.glyphs);
        let names = names.iter().map(String::as_str).chain(std::iter::repeat(""));
        for (name, glyphs) in names.zip(lanes.chain(&self.notes)) {
            let line: String = glyphs.iter().map(|glyph| glyph.symbol).collect();
            writeln!(f, "{}", format!("{name:room$} {line}").trim_end())?;
        }
        Ok(())
    }
}

impl Glyph {
    const BLANK: Self = Self::new(' ', Class::Blank);

    const fn new(symbol: char, class: Class) -> Self {
        Self { symbol, class }
    }

    const fn of(ink: Ink) -> Self {
        match ink {
            Ink::Absent => Self::BLANK,
            Ink::Alive => Self::new('─', Class::Alive),
            Ink::Program => Self::new('━', Class::Program),
            Ink::Waiting => Self::new('·', Class::Waiting),
            Ink::Zombie => Self::new('▒', Class::Zombie),
        }
    }
}

/// The sign where a line between two lanes crosses a third. That of an adoption is broken, where it can be told.
const fn crossing(ink: Ink, adoption: bool) -> char {
    match (ink, adoption) {
        (Ink::Absent | Ink::Waiting, true) => '┆',
        (Ink::Absent | Ink::Waiting, false) => '│',
        (Ink::Alive, _) => '┼',
        (Ink::Program, _) => '┿',
        (Ink::Zombie, _) => '╫',
    }
}

fn note(who: ProcId, from: &Link, by: &Link, symbols: Symbols) -> String {
    let arrow = match symbols {
        Symbols::Unicode => "→",
        Symbols::Ascii => "->",
    };
    format!("│ {who}: parent {from} {arrow} {by}")
}

const fn ascii(symbol: char) -> char {
    match symbol {
        '─' | '╶' | '╴' => '-',
        '━' => '=',
        '·' => '.',
        '▒' => '#',
        '◆' => '@',
        '▲' => '^',
        '▼' => 'v',
        '┆' => ':',
        '│' => '|',
        '┬' | '┴' | '┼' | '└' | '┌' | '┘' | '┐' | '┯' | '┷' | '┿' | '╫' => '+',
        other => other,
    }
}
