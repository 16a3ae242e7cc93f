//! The variables of the processes, side by side: the same name, and after a fork often two values at one address.

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::blanks;
use crate::app::App;
use crate::model::Process;
use crate::model::event::{Phase, Var};
use crate::ui::paint::{self, ink, span};
use crate::ui::text::{fit, width};
use crate::ui::theme::Ink;

/// The widest that the column of the names becomes.
const NAME: usize = 14;

/// The column of a process, at its narrowest and at its widest.
const VALUE: (usize, usize) = (6, 14);

/// What stands for a variable that has not been given a value.
const NOT_YET: &str = "not yet";

/// How many of an address's last digits are shown.
const DIGITS: usize = 4;

/// Draws as many processes and variables as there is room for.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let all: Vec<&Process> = app
        .world
        .processes()
        .filter(|process| process.is_alive() && process.line.is_some())
        .collect();
    let rows = rows(&all, area.height.into());
    let names = rows
        .iter()
        .map(|row| width(&row.name))
        .max()
        .unwrap_or(0)
        .min(NAME);
    let values = rows
        .iter()
        .flat_map(|row| row.cells.iter().flatten())
        .map(|cell| width(cell));
    let widest = values.max().unwrap_or(0).clamp(VALUE.0, VALUE.1);
    // Rather each cut short than one process out of sight.
    let room = usize::from(area.width).saturating_sub(names + 3);
    let value = (room / all.len().max(1)).saturating_sub(2).clamp(VALUE.0, widest);
    let room = room / (value + 2);
    let at = all.iter().position(|process| process.id == app.view.selected);
    let start = paint::window(all.len(), room, at.unwrap_or(0));
    let shown = start..(start + room).min(all.len());

    let mut heads = Line::from(blanks(names + 2));
    for process in &all[shown.clone()] {
        heads.push_span(blanks(2));
        heads.push_span(span(app, fit(&process.id.to_string(), value), Ink::Name));
    }
    paint::line(buf, area, 0, &heads);
    for (n, row) in rows.iter().enumerate() {
        let mut line = Line::from(format!("  {}", fit(&row.name, names)));
        for cell in &row.cells[shown.clone()] {
            line.push_span(blanks(2));
            line.push_span(fit(cell.as_deref().unwrap_or(""), value));
        }
        line.push_span(row.remark);
        if row.remark.is_empty() && row.differs() {
            line = line.patch_style(ink(app, Ink::Name));
        }
        paint::line(buf, area, n + 1, &line);
    }
}

/// One line: a name, and a cell for each process that has such a thing.
struct Row {
    name: String,
    cells: Vec<Option<String>>,
    remark: &'static str,
}

impl Row {
    fn differs(&self) -> bool {
        !all_same(self.cells.iter().flatten())
    }
}

/// What fork and its like returned and nobody has been given yet, the variables, and for those that differ between
/// processes their addresses, as far as `height` lines hold them.
fn rows(processes: &[&Process], height: usize) -> Vec<Row> {
    let mut rows: Vec<Row> = returned(processes).into_iter().collect();
    let mut addresses = Vec::new();
    for (of, name) in names(processes) {
        let found = || processes.iter().map(|process| find(process, of, name));
        let row = Row {
            name: name.to_owned(),
            cells: found().map(|var| Some(value(var?))).collect(),
            remark: "",
        };
        if row.differs() {
            let at = || found().map(|var| var?.at.as_deref());
            addresses.push(Row {
                name: format!("&{name}"),
                cells: at().map(|at| short(at?)).collect(),
                remark: if all_same(at().flatten()) { "  same" } else { "" },
            });
        }
        rows.push(row);
    }
    let room = height.saturating_sub(1);
    rows.truncate(room);
    addresses.retain(|row| row.cells.iter().flatten().count() > 1);
    addresses.truncate(room - rows.len());
    rows.extend(addresses);
    rows
}

/// The row of a call that has returned inside a line.
fn returned(processes: &[&Process]) -> Option<Row> {
    let call = |process: &Process| {
        let line = process.line.as_ref().filter(|line| line.phase == Phase::After)?;
        // `os.fork()` and `fork()` are one call.
        let call = line.call.as_deref()?.split('(').next()?;
        let name = call.rsplit('.').next()?;
        Some((name.to_owned(), line.ret?.to_string()))
    };
    let calls: Vec<_> = processes.iter().map(|process| call(process)).collect();
    let (name, _) = calls.iter().flatten().next()?.clone();
    let is_this = |(other, ret): (String, String)| (other == name).then_some(ret);
    Some(Row {
        cells: calls.into_iter().map(|call| call.and_then(is_this)).collect(),
        name: format!("{name}()"),
        remark: "",
    })
}

fn all_same<T: PartialEq>(mut all: impl Iterator<Item = T>) -> bool {
    let first = all.next();
    all.all(|other| Some(other) == first)
}

/// The variables of all processes, each once, in the order in which they come up.
fn names<'a>(processes: &[&'a Process]) -> Vec<(Option<&'a str>, &'a str)> {
    let mut seen = BTreeMap::new();
    let all = processes.iter().flat_map(|process| &process.vars);
    for (n, var) in all.enumerate() {
        seen.entry((var.of.as_deref(), var.name.as_str())).or_insert(n);
    }
    let mut names: Vec<_> = seen.into_iter().collect();
    names.sort_by_key(|(_, n)| *n);
    names.into_iter().map(|(name, _)| name).collect()
}

/// The innermost variable of that name in that function.
fn find<'a>(process: &'a Process, of: Option<&str>, name: &str) -> Option<&'a Var> {
    let mut vars = process.vars.iter().rev();
    vars.find(|var| var.of.as_deref() == of && var.name == name)
}

fn value(var: &Var) -> String {
    var.value.clone().unwrap_or_else(|| NOT_YET.to_owned())
}

/// The last digits of an address: processes of one program differ in these, if at all.
fn short(address: &str) -> Option<String> {
    let at = address.char_indices().rev().nth(DIGITS - 1)?.0;
    Some(format!("…{}", &address[at..]))
}
