//! The widths of the tree's columns, and the lines that lead to a row.
//!
//! Widths come from all rows, not from those in view, so scrolling shifts nothing.

use crate::app::App;
use crate::model::{Node, Row};
use crate::ui::layout::Layout;
use crate::ui::text::{fit, width};

/// The pointer, the mark of what changed, a blank.
pub const GUTTER: usize = 3;

/// The head of the state letter's column.
const LETTER_HEAD: &str = "/proc";

/// From this width on, columns stand two blanks apart.
const ROOMY: usize = 66;

/// The narrowest that the columns become.
const LEAST_NAME: usize = 12;
const LEAST_PROGRAM: usize = 9;
const LEAST_STATUS: usize = 30;

/// What the status should have before a long command line gets more.
const FAIR_STATUS: usize = 36;

/// The widths of the columns.
pub struct Columns {
    /// The blanks between two columns.
    pub gap: usize,
    /// The blanks at both sides of the letter, which has room of its own below its head.
    pub letter_gap: usize,
    /// Guides, name, and what is folded away.
    pub name: usize,
    /// The pid.
    pub pid: usize,
    /// The program; zero where there is no room for it.
    pub program: usize,
    /// The state letter.
    pub letter: usize,
    /// The status in words.
    pub status: usize,
    /// The columns that a level of the tree is indented by.
    step: usize,
    /// The outermost levels, left out where the rows in view stand too deep for their column.
    left_out: usize,
}

impl Columns {
    /// The columns for these rows.
    pub fn new(app: &App, rows: &[Row], layout: &Layout) -> Self {
        let total = usize::from(layout.tree.width);
        let gap = if total < ROOMY { 1 } else { 2 };
        // Without its head, the letter needs no column wider than itself.
        let (letter, letter_gap) = if layout.heads {
            (LETTER_HEAD.len(), 1)
        } else {
            (1, gap)
        };
        let least_name = if layout.stepping.is_some() { 1 } else { LEAST_NAME };
        let processes = || rows.iter().filter_map(|row| app.world.get(row.proc()?));
        let pids = processes().map(|process| process.pid.to_string().len());
        let pid = pids.max().unwrap_or(0).max(4);

        let fixed = GUTTER + gap + pid + letter_gap + letter + letter_gap;
        let with_program = total >= fixed + least_name + LEAST_PROGRAM + gap + LEAST_STATUS;
        let (fixed, least_program) = if with_program {
            (fixed + gap, LEAST_PROGRAM)
        } else {
            (fixed, 0)
        };
        let free = total.saturating_sub(fixed);
        let name_room = if layout.stepping.is_some() {
            free / 2
        } else {
            free.saturating_sub(least_program + LEAST_STATUS)
        };
        let (step, name) = name(rows, least_name, name_room);
        let program = if with_program {
            let room = free.saturating_sub(name + FAIR_STATUS).min(total / 5);
            let longest = processes().map(|process| width(&process.program())).max();
            longest.unwrap_or(0).min(room).max(LEAST_PROGRAM)
        } else {
            0
        };
        Self {
            gap,
            letter_gap,
            name,
            pid,
            program,
            letter,
            status: free.saturating_sub(name + program),
            step,
            left_out: 0,
        }
    }

    /// Leaves out as many of the outermost levels as these rows, which are in view, ask for.
    pub fn make_room<'a>(&mut self, in_view: impl Iterator<Item = &'a Row>) {
        self.left_out = in_view.map(|row| self.surplus(row)).max().unwrap_or(0);
    }

    /// Everything before the status.
    pub fn before_status(&self) -> usize {
        let program = if self.program > 0 {
            self.gap + self.program
        } else {
            0
        };
        GUTTER + self.name + self.gap + self.pid + program + self.letter_gap + self.letter + self.letter_gap
    }

    /// The line of the heads.
    pub fn heads(&self) -> String {
        let gap = " ".repeat(self.gap);
        let name = fit("process", self.name);
        let mut heads = format!("{:GUTTER$}{name}{gap}{:>2$}", "", "pid", self.pid);
        if self.program > 0 {
            heads.push_str(&gap);
            heads.push_str(&fit("program", self.program));
        }
        let gap = " ".repeat(self.letter_gap);
        heads + &gap + LETTER_HEAD + &gap + "status"
    }

    /// The lines that lead to a row, without the levels that are left out.
    pub fn guides(&self, row: &Row) -> String {
        let mut text = String::from(if self.left_out > 0 { "…" } else { "" });
        for (n, goes_on) in row.guides.iter().enumerate().skip(self.left_out) {
            text.push_str(guide(n + 1 == row.depth(), *goes_on, self.step));
        }
        text
    }

    /// How many levels have to be left out for this row to fit.
    fn surplus(&self, row: &Row) -> usize {
        let room = self.name.saturating_sub(label_width(row));
        if row.depth() * self.step <= room {
            return 0;
        }
        row.depth() - room.saturating_sub(1) / self.step
    }
}

/// How many rows' names were folded away below a row, in words.
pub fn fold_tag(row: &Row) -> String {
    match row.folded {
        0 => String::new(),
        n => format!(" +{n} folded"),
    }
}

/// The widest indentation with which all names fit into `room`, and the width that they then take.
fn name(rows: &[Row], least: usize, room: usize) -> (usize, usize) {
    let room = room.max(least);
    let widest = |step| {
        let widths = rows.iter().map(|row| row.depth() * step + label_width(row));
        widths.max().unwrap_or(0)
    };
    let step = [3, 2].into_iter().find(|step| widest(*step) <= room).unwrap_or(1);
    (step, widest(step).clamp(least, room))
}

/// One level's part of the lines that lead to a row.
const fn guide(is_own: bool, goes_on: bool, step: usize) -> &'static str {
    match (is_own, goes_on, step) {
        (true, true, 3) => "├─ ",
        (true, false, 3) => "└─ ",
        (false, true, 3) => "│  ",
        (false, false, 3) => "   ",
        (true, true, 2) => "├ ",
        (true, false, 2) => "└ ",
        (false, true, 2) => "│ ",
        (false, false, 2) => "  ",
        (true, true, _) => "├",
        (true, false, _) => "└",
        (false, true, _) => "│",
        (false, false, _) => " ",
    }
}

/// The columns of a row's name and of what is folded away below it.
fn label_width(row: &Row) -> usize {
    let name = match &row.node {
        Node::Proc(id) => id.to_string(),
        Node::Outside(link) => link.to_string(),
    };
    width(&name) + width(&fold_tag(row))
}
