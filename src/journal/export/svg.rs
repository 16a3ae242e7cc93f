//! A picture of the screen as SVG, with real text in it: it can be searched, copied and read aloud.
//!
//! The drawing gives a [`Grid`] of cells. Each run of cells that look the same becomes one text, stretched to exactly
//! the width of its cells, so that the columns stand whatever font is there.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

/// The size of a cell in pixels, for a font of 14: as wide as a monospaced letter, and as high as a line sign, so
/// that vertical lines join.
const CELL: (f32, f32) = (8.43, 16.0);
/// The space around the picture.
const MARGIN: f32 = 8.0;
/// How far below the top of a cell its letters stand.
const BASELINE: f32 = 12.5;

/// A screenful of cells, row after row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    width: usize,
    cells: Vec<Cell>,
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What stands in it. A sign of two columns stands in the first of its cells, and the next is not drawn.
    pub symbol: String,
    /// How it looks.
    pub style: Style,
}

/// How a cell looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an attribute of terminals, on or off by itself"
)]
pub struct Style {
    /// The colour of the sign.
    pub fg: Color,
    /// The colour behind it.
    pub bg: Color,
    /// Whether it is bold.
    pub bold: bool,
    /// Whether it is underlined.
    pub underline: bool,
    /// Whether it is struck through.
    pub crossed_out: bool,
    /// Whether the two colours change places.
    pub reversed: bool,
}

/// A colour as terminals know them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// The terminal's own.
    #[default]
    Default,
    /// One of 256: 16 that are the terminal's to choose, a cube of 216, and 24 greys.
    Indexed(u8),
    /// Red, green and blue.
    Rgb(u8, u8, u8),
}

/// The terminal whose colours the picture has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Light letters on dark.
    Dark,
    /// Dark letters on light.
    Light,
}

impl Grid {
    /// Cells in rows of that width; what is missing of the last row is blank.
    pub fn new(width: usize, mut cells: Vec<Cell>) -> Self {
        let width = width.max(1);
        cells.resize(cells.len().next_multiple_of(width), Cell::default());
        Self { width, cells }
    }

    /// The picture. The title is what a screen reader says of it.
    pub fn to_svg(&self, title: &str, ground: Ground) -> String {
        let (width, height) = self.size();
        let (fg, bg) = ground.own();
        let mut svg = String::new();
        // Writing to a string cannot fail.
        let _ = write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width:.1}\" height=\"{height:.1}\" \
             viewBox=\"0 0 {width:.1} {height:.1}\" font-family=\"'DejaVu Sans Mono', Menlo, Consolas, monospace\" \
             font-size=\"14\" fill=\"{fg}\" xml:space=\"preserve\">\n<title>{}</title>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"{bg}\"/>\n",
            escaped(title)
        );
        for (n, row) in self.cells.chunks(self.width).enumerate() {
            for run in runs(row) {
                run.draw(n, ground, &mut svg);
            }
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn size(&self) -> (f32, f32) {
        let (width, height) = place(self.width, self.cells.len() / self.width);
        (width + MARGIN, height + MARGIN)
    }
}

/// Cells of a row that look the same.
struct Run {
    column: usize,
    columns: usize,
    text: String,
    style: Style,
}

/// The runs of a row; cells that a wide sign covers are part of it.
fn runs(row: &[Cell]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut column = 0;
    while let Some(cell) = row.get(column) {
        let symbol = if cell.symbol.is_empty() { " " } else { &cell.symbol };
        let columns = symbol.width().max(1);
        match runs.last_mut().filter(|run| run.style == cell.style) {
            Some(run) => {
                run.text.push_str(symbol);
                run.columns += columns;
            }
            None => runs.push(Run {
                column,
                columns,
                text: symbol.to_owned(),
                style: cell.style,
            }),
        }
        column += columns;
    }
    runs
}

impl Run {
    fn draw(&self, row: usize, ground: Ground, svg: &mut String) {
        let (fg, bg) = self.style.colours(ground);
        let (x, y) = place(self.column, row);
        let width = across(self.columns);
        // Writing to a string cannot fail.
        if bg != ground.own().1 {
            let height = CELL.1;
            let _ = writeln!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{bg}\"/>"
            );
        }
        let fill = if fg == ground.own().0 {
            String::new()
        } else {
            format!(" fill=\"{fg}\"")
        };
        let weight = if self.style.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        for (skipped, word) in self.words() {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\"{fill}{weight}>{}</text>",
                x + across(skipped),
                y + BASELINE,
                across(word.width()),
                escaped(word)
            );
        }
        for below in self.style.lines() {
            let y = y + below;
            let _ = writeln!(svg, "<path d=\"M{x:.1} {y:.1}h{width:.1}\" stroke=\"{fg}\"/>");
        }
    }

    /// The texts of the run and the columns before them: no long stretch of blanks is drawn.
    fn words(&self) -> Vec<(usize, &str)> {
        let mut words = Vec::new();
        let mut rest = self.text.as_str();
        let mut column = 0;
        while !rest.trim_start_matches(' ').is_empty() {
            let blank = rest.len() - rest.trim_start_matches(' ').len();
            let word = &rest[blank..];
            let end = word
                .find("  ")
                .unwrap_or_else(|| word.trim_end_matches(' ').len());
            words.push((column + blank, &word[..end]));
            column += blank + word[..end].width();
            rest = &word[end..];
        }
        words
    }
}

impl Style {
    /// The colours of the sign and of what is behind it.
    fn colours(self, ground: Ground) -> (String, String) {
        let (own_fg, own_bg) = ground.own();
        let (fg, bg) = (self.fg.css(ground, own_fg), self.bg.css(ground, own_bg));
        if self.reversed { (bg, fg) } else { (fg, bg) }
    }

    /// How far below the top of the cell lines are drawn. As text attributes some viewers leave them out.
    fn lines(self) -> impl Iterator<Item = f32> {
        let underline = self.underline.then_some(BASELINE + 2.0);
        let through = self.crossed_out.then_some(BASELINE - 4.0);
        underline.into_iter().chain(through)
    }
}

/// Where a cell begins, in pixels.
#[expect(clippy::cast_precision_loss, reason = "screens have few rows")]
fn place(column: usize, row: usize) -> (f32, f32) {
    (MARGIN + across(column), MARGIN + row as f32 * CELL.1)
}

/// How wide so many columns are, in pixels.
#[expect(clippy::cast_precision_loss, reason = "screens have few columns")]
fn across(columns: usize) -> f32 {
    columns as f32 * CELL.0
}

impl Ground {
    /// The colours of letters and of what is behind them.
    const fn own(self) -> (&'static str, &'static str) {
        match self {
            Self::Dark => ("#e6e6e6", "#16181d"),
            Self::Light => ("#1c1e22", "#ffffff"),
        }
    }

    /// The 16 colours that are the terminal's to choose, readable on this ground.
    const fn palette(self) -> [&'static str; 16] {
        match self {
            Self::Dark => [
                "#16181d", "#ef6b73", "#7ccf7c", "#e3c26a", "#6ea8fe", "#d48cf0", "#5fd0d0", "#d0d0d0",
                "#8a8f98", "#ff8f96", "#9be59b", "#f5dc92", "#97c1ff", "#e5b0fa", "#8be8e8", "#ffffff",
            ],
            Self::Light => [
                "#1c1e22", "#b3202c", "#1d7a2e", "#8a5a00", "#1a4fb8", "#8a2bab", "#006f7a", "#6b6f76",
                "#5a5e66", "#c4303c", "#26893a", "#9a6a10", "#2b62d0", "#9c40bd", "#0d8390", "#ffffff",
            ],
        }
    }
}

impl Color {
    fn css(self, ground: Ground, own: &str) -> String {
        match self {
            Self::Default => own.to_owned(),
            Self::Indexed(n @ 0..16) => ground.palette()[usize::from(n)].to_owned(),
            Self::Indexed(n @ 16..232) => {
                let level = |part: u8| if part == 0 { 0 } else { 55 + 40 * part };
                let n = n - 16;
                hex(level(n / 36), level(n / 6 % 6), level(n % 6))
            }
            Self::Indexed(n) => {
                let grey = 8 + 10 * (n - 232);
                hex(grey, grey, grey)
            }
            Self::Rgb(red, green, blue) => hex(red, green, blue),
        }
    }
}

fn hex(red: u8, green: u8, blue: u8) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text for XML, which allows no control characters.
fn escaped(text: &str) -> String {
    super::clean(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
