//! The tree: a row for each process, and two columns before it for what is selected and what the last key changed.
//!
//! The columns take their widths from all rows, not from those in view, so scrolling shifts nothing.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::App;
use crate::model::explain::{self, Status};
use crate::model::{Link, Mark, Node, ProcId, Process, Row};
use crate::ui::layout::Layout;
use crate::ui::paint::{self, ink, span};
use crate::ui::text::{fit, width};
use crate::ui::theme::Ink;

/// The pointer, the mark of what changed, a blank.
const GUTTER: usize = 3;

/// The head of the state letter's column.
const LETTER_HEAD: &str = "/proc";

/// The narrowest that the columns become.
const LEAST_NAME: usize = 13;
const LEAST_PROGRAM: usize = 9;
const LEAST_STATUS: usize = 30;

/// Draws the tree, and says where the selected process stands.
pub fn draw(app: &App, layout: &Layout, buf: &mut Buffer) -> Option<Position> {
    let tree = Tree::new(app, layout);
    if !layout.presenter {
        let heads = Line::styled(tree.columns.heads(), ink(app, Ink::Head));
        paint::line(buf, layout.tree, 0, &heads);
    }
    let mut cursor = None;
    for (n, row) in tree.visible().enumerate() {
        let line = match &row.node {
            Node::Proc(id) => app.world.get(*id).map(|process| tree.process(row, process)),
            Node::Outside(link) => Some(tree.outside(row, link)),
        };
        paint::line(buf, tree.body, n, &line.unwrap_or_default());
        if row.proc() == Some(app.view.selected) {
            let name = GUTTER + width(&tree.columns.guides(row));
            let place = Position::new(tree.body.x + name as u16, tree.body.y + n as u16);
            let whole = Rect::new(tree.body.x, place.y, tree.body.width, 1);
            buf.set_style(whole, ink(app, Ink::Selected));
            cursor = tree.body.contains(place).then_some(place);
        }
    }
    cursor
}

/// The process in the row at `y` of the screen.
pub fn at(app: &App, layout: &Layout, y: u16) -> Option<ProcId> {
    let tree = Tree::new(app, layout);
    let n = y.checked_sub(tree.body.y)?;
    tree.visible().nth(n.into()).and_then(Row::proc)
}

/// The rows, and how they are laid out.
struct Tree<'a> {
    app: &'a App,
    rows: Vec<Row>,
    columns: Columns,
    body: Rect,
    start: usize,
}

impl<'a> Tree<'a> {
    fn new(app: &'a App, layout: &Layout) -> Self {
        let rows = app.world.rows(&app.view.folded);
        let body = paint::below(layout.tree, u16::from(!layout.presenter));
        let selected = rows.iter().position(|row| row.proc() == Some(app.view.selected));
        let start = paint::window(rows.len(), body.height.into(), selected.unwrap_or(0));
        let mut columns = Columns::new(app, &rows, layout);
        let in_view = rows.iter().skip(start).take(body.height.into());
        columns.left_out = in_view.map(|row| columns.surplus(row)).max().unwrap_or(0);
        Self {
            app,
            rows,
            columns,
            body,
            start,
        }
    }

    fn visible(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().skip(self.start).take(self.body.height.into())
    }

    fn process(&self, row: &Row, process: &Process) -> Line<'static> {
        let status = explain::status(&self.app.world, process);
        let base = if process.is_reaped() {
            Ink::Reaped
        } else {
            Ink::Text
        };
        let columns = &self.columns;
        let pad = || Span::raw(" ".repeat(columns.gap));
        let mut line = Line::from(vec![
            self.pointer(process.id),
            self.mark(process.mark),
            Span::raw(" "),
        ]);
        line.extend(self.name(row, &process.id.to_string(), base));
        line.push_span(pad());
        line.push_span(span(self.app, format!("{:>1$}", process.pid, columns.pid), base));
        if columns.program > 0 {
            line.push_span(pad());
            line.push_span(span(self.app, fit(&process.program(), columns.program), base));
        }
        line.push_span(pad());
        let letter = if process.is_reaped() {
            "–".to_owned()
        } else {
            process.state.to_string()
        };
        line.push_span(Span::styled(
            format!("{letter:^width$}", width = columns.letter),
            self.status_style(process, &status)
                .remove_modifier(ratatui::style::Modifier::REVERSED),
        ));
        line.push_span(pad());
        line.extend(self.status(process, &status));
        line
    }

    fn outside(&self, row: &Row, link: &Link) -> Line<'static> {
        let mut line = Line::from(Span::raw(" ".repeat(GUTTER)));
        line.extend(self.name(row, &link.to_string(), Ink::Text));
        let pid = match link {
            Link::Outside(pid, _) => pid.to_string(),
            Link::Proc(_) => String::new(),
        };
        let columns = &self.columns;
        line.push_span(" ".repeat(columns.gap));
        line.push_span(format!("{pid:>width$}", width = columns.pid));
        line.push_span(" ".repeat(columns.before_status().saturating_sub(line.width())));
        line.push_span(span(self.app, "outside: adopted what stands below", Ink::Text));
        line
    }

    fn pointer(&self, id: ProcId) -> Span<'static> {
        let glyph = if id == self.app.view.selected { "▶" } else { " " };
        span(self.app, glyph, Ink::Pointer)
    }

    fn mark(&self, mark: Option<Mark>) -> Span<'static> {
        let (glyph, ink) = match mark {
            None => (" ", Ink::Text),
            Some(Mark::Born) => ("+", Ink::Born),
            Some(Mark::Moved) => ("»", Ink::Moved),
            Some(Mark::Reaped) => ("×", Ink::Stopped),
        };
        span(self.app, glyph, ink)
    }

    /// Guides, the name, and what is folded away below it.
    fn name(&self, row: &Row, name: &str, of: Ink) -> Vec<Span<'static>> {
        let guides = self.columns.guides(row);
        let left = self.columns.name.saturating_sub(width(&guides));
        let folded = fold_tag(row);
        let room = left.saturating_sub(width(&folded));
        let shown = if width(name) <= room {
            name.to_owned()
        } else {
            crate::ui::text::clip(name, room)
        };
        let blank = room.saturating_sub(width(&shown));
        vec![
            span(self.app, guides, Ink::Text),
            Span::styled(shown, ink(self.app, of).patch(ink(self.app, Ink::Name))),
            span(self.app, folded, Ink::Notice),
            Span::raw(" ".repeat(blank)),
        ]
    }

    fn status(&self, process: &Process, status: &Status) -> Vec<Span<'static>> {
        let style = self.status_style(process, status);
        let detail = match status.detail.as_str() {
            "" => String::new(),
            detail => format!(" {detail}"),
        };
        let word = Span::styled(status.word, style);
        // Words of lab processes stand in a column; what the other two do reads as a sentence.
        let gap = if process.id.is_lab() {
            " ".repeat(8_usize.saturating_sub(width(status.word)))
        } else {
            String::new()
        };
        let room = self
            .columns
            .status
            .saturating_sub(width(status.word) + width(&gap));
        let detail = crate::ui::text::clip(&detail, room);
        let base = if process.is_reaped() {
            ink(self.app, Ink::Reaped)
        } else {
            ink(self.app, Ink::Text)
        };
        vec![word, Span::raw(gap), Span::styled(detail, base)]
    }

    fn status_style(&self, process: &Process, status: &Status) -> Style {
        let of = match status.word {
            _ if process.is_reaped() => Ink::Reaped,
            _ if process.is_zombie() => Ink::Zombie,
            "WAITING" => Ink::Waiting,
            "STOPPED" | "held" => Ink::Stopped,
            _ => Ink::Text,
        };
        ink(self.app, of)
    }
}

/// The widths of the columns.
struct Columns {
    /// The blanks between two columns.
    gap: usize,
    /// The columns that a level of the tree is indented by.
    step: usize,
    /// The outermost levels, left out where the rows in view stand too deep for their column.
    left_out: usize,
    name: usize,
    pid: usize,
    /// Zero where there is no room for the program.
    program: usize,
    letter: usize,
    status: usize,
}

impl Columns {
    fn new(app: &App, rows: &[Row], layout: &Layout) -> Self {
        let total = usize::from(layout.tree.width);
        // Without heads, the letter needs no column wider than itself.
        let (gap, letter) = if layout.presenter {
            (1, 1)
        } else {
            (2, LETTER_HEAD.len())
        };
        let processes = || {
            rows.iter()
                .filter_map(Row::proc)
                .filter_map(|id| app.world.get(id))
        };
        let longest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or(0);
        let pid = longest(&mut processes().map(|process| process.pid.to_string().len())).max(4);

        let fixed = GUTTER + gap + pid + gap + letter + gap;
        let with_program = total >= fixed + LEAST_NAME + gap + LEAST_PROGRAM + LEAST_STATUS;
        let (program_gap, least_program) = if with_program {
            (gap, LEAST_PROGRAM)
        } else {
            (0, 0)
        };

        let free = total.saturating_sub(fixed + program_gap);
        let name_room = free.saturating_sub(least_program + LEAST_STATUS).max(LEAST_NAME);
        let name_width = |row: &Row, step: usize| row.depth() * step + label_width(row);
        let widest = |step| longest(&mut rows.iter().map(|row| name_width(row, step)));
        let step = [3, 2]
            .into_iter()
            .find(|step| widest(*step) <= name_room)
            .unwrap_or(1);
        let name = widest(step).clamp(LEAST_NAME, name_room);

        let program_room = free.saturating_sub(name + LEAST_STATUS + 4).min(total / 5);
        let program = longest(&mut processes().map(|process| width(&process.program())));
        let program = if with_program {
            program.clamp(LEAST_PROGRAM, program_room.max(LEAST_PROGRAM))
        } else {
            0
        };
        Self {
            gap,
            step,
            left_out: 0,
            name,
            pid,
            program,
            letter,
            status: free.saturating_sub(name + program),
        }
    }

    fn before_status(&self) -> usize {
        let program = if self.program > 0 {
            self.gap + self.program
        } else {
            0
        };
        GUTTER + self.name + self.gap + self.pid + program + self.gap + self.letter + self.gap
    }

    fn heads(&self) -> String {
        let gap = " ".repeat(self.gap);
        let mut heads = format!(
            "{:GUTTER$}{:name$}{gap}{:>pid$}{gap}",
            "",
            "process",
            "pid",
            name = self.name,
            pid = self.pid,
        );
        if self.program > 0 {
            heads.push_str(&fit("program", self.program));
            heads.push_str(&gap);
        }
        heads + LETTER_HEAD + &gap + "status"
    }

    /// How many levels have to be left out for this row to fit.
    fn surplus(&self, row: &Row) -> usize {
        let room = self.name.saturating_sub(label_width(row));
        if row.depth() * self.step <= room {
            return 0;
        }
        row.depth() - room.saturating_sub(1) / self.step
    }

    /// The lines that lead to a row, without the levels that are left out.
    fn guides(&self, row: &Row) -> String {
        let mut text = String::from(if self.left_out > 0 { "…" } else { "" });
        for (n, goes_on) in row.guides.iter().enumerate().skip(self.left_out) {
            text.push_str(guide(n + 1 == row.depth(), *goes_on, self.step));
        }
        text
    }
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

fn fold_tag(row: &Row) -> String {
    match row.folded {
        0 => String::new(),
        n => format!(" +{n} folded"),
    }
}
