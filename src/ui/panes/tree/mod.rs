//! The tree: a row for each process, and two columns before it for what is selected and what the last key changed.
//!
//! It scrolls by itself: the selected row stands in the middle wherever there is enough above and below it, and how many
//! are not seen is said at the ends.

mod columns;
mod row;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::Line;

use self::columns::{Columns, GUTTER};
use crate::app::App;
use crate::model::{ProcId, Row};
use crate::ui::layout::Layout;
use crate::ui::paint::{self, ink};
use crate::ui::text::width;
use crate::ui::theme::Ink;

/// Draws the tree, and says where the selected process stands.
pub fn draw(app: &App, layout: &Layout, buf: &mut Buffer) -> Option<Position> {
    let tree = Tree::new(app, layout);
    if layout.heads {
        let heads = Line::styled(tree.columns.heads(), ink(app, Ink::Head));
        paint::line(buf, layout.tree, 0, &heads);
    }
    let mut cursor = None;
    for (n, row) in tree.visible().enumerate() {
        let y = tree.body.y + n as u16;
        paint::line(buf, tree.body, n, &row::line(app, &tree.columns, row));
        strike_words_only(buf, tree.body, y);
        if row.proc() == Some(app.view.selected) {
            paint::highlight(buf, tree.body, n, ink(app, Ink::Selected));
            let name = GUTTER + width(&tree.columns.guides(row));
            cursor = Some(Position::new(tree.body.x + name as u16, y));
        }
    }
    for (n, text) in tree.hidden() {
        let text = format!("  {text}");
        let x = (tree.body.width as usize).saturating_sub(width(&text));
        let end = Rect {
            x: tree.body.x + x as u16,
            ..tree.body
        };
        // It may stand in the row of one that was reaped.
        let style = ink(app, Ink::Notice).remove_modifier(Modifier::CROSSED_OUT);
        paint::line(buf, end, n, &Line::styled(text, style));
    }
    cursor.filter(|place| tree.body.contains(*place))
}

/// The process in the row at `y` of the screen.
pub fn at(app: &App, layout: &Layout, y: u16) -> Option<ProcId> {
    let tree = Tree::new(app, layout);
    let n = y.checked_sub(tree.body.y)?;
    tree.visible().nth(n.into()).and_then(Row::proc)
}

/// The rows, and how they are laid out.
struct Tree {
    rows: Vec<Row>,
    columns: Columns,
    body: Rect,
    start: usize,
}

impl Tree {
    fn new(app: &App, layout: &Layout) -> Self {
        let mut rows = app.world.rows(&app.view.folded);
        if app.source.is_some() {
            rows = of_the_program(rows);
        }
        let body = paint::below(layout.tree, u16::from(layout.heads));
        let selected = rows.iter().position(|row| row.proc() == Some(app.view.selected));
        let start = paint::window(rows.len(), body.height.into(), selected.unwrap_or(0));
        let columns = Columns::new(app, &rows, layout);
        let mut tree = Self {
            rows,
            columns,
            body,
            start,
        };
        tree.columns
            .make_room(tree.rows.iter().skip(start).take(body.height.into()));
        tree
    }

    /// In which line to say how many rows are above the first, and below the last.
    fn hidden(&self) -> impl Iterator<Item = (usize, String)> {
        let (above, height) = (self.start, usize::from(self.body.height));
        let below = self.rows.len().saturating_sub(above + height);
        let above = (above > 0).then(|| (0, format!("↑ {above} more")));
        let below = (below > 0 && height > 0).then(|| (height - 1, format!("↓ {below} more")));
        above.into_iter().chain(below)
    }

    fn visible(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().skip(self.start).take(self.body.height.into())
    }
}

/// The rows of the program's processes alone, as if nothing stood above them.
fn of_the_program(rows: Vec<Row>) -> Vec<Row> {
    let mut above = 0;
    let mut kept = Vec::new();
    for mut row in rows {
        if row.proc().is_some_and(ProcId::is_lab) {
            above = above.min(row.depth());
            row.guides.drain(..above);
            kept.push(row);
        } else {
            above = row.depth() + 1;
        }
    }
    kept
}

/// Takes the line away that would strike through the blanks between columns.
fn strike_words_only(buf: &mut Buffer, body: Rect, y: u16) {
    for x in body.left()..body.right() {
        let cell = &mut buf[(x, y)];
        if cell.symbol() == " " {
            cell.modifier.remove(Modifier::CROSSED_OUT);
        }
    }
}
