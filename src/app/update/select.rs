//! The selection: it follows its process wherever that moves, and passes to a neighbour when it is gone.

use crate::app::{App, Key};
use crate::model::{Link, ProcId};

impl App {
    pub(super) fn set_selected(&mut self, id: ProcId) {
        self.choose(id);
        self.keep_selection();
    }

    /// After a change of the world: the selected process is there, or the nearest heir of its place takes over.
    pub(in crate::app) fn keep_selection(&mut self) {
        let selected = self.view.selected;
        if self.world.get(selected).is_none() {
            let heir = self
                .view
                .heirs
                .iter()
                .copied()
                .find(|id| self.world.get(*id).is_some());
            self.view.selected = self.of_the_program(heir).or(heir).unwrap_or(ProcId::Screen);
        }
        self.remember_heirs();
    }

    /// While a program is stepped through, screen has no step to take: the selection passes to a process that has.
    fn of_the_program(&self, heir: Option<ProcId>) -> Option<ProcId> {
        if self.source.is_none() || heir.is_some_and(ProcId::is_lab) {
            return None;
        }
        let mut ours = self.world.processes().filter(|process| process.id.is_lab());
        ours.find(|process| process.is_alive()).map(|process| process.id)
    }

    /// The next siblings in order, the previous ones from the nearest, then the ancestors.
    fn remember_heirs(&mut self) {
        let Some(process) = self.world.get(self.view.selected) else {
            return;
        };
        if process.is_reaped() {
            return;
        }
        let siblings = self
            .world
            .processes()
            .filter(|other| other.parent == process.parent)
            .map(|other| other.id);
        let (before, after): (Vec<_>, Vec<_>) = siblings
            .filter(|id| *id != process.id)
            .partition(|id| *id < process.id);
        let mut heirs = after;
        heirs.extend(before.into_iter().rev());
        let mut parent = process.parent.proc();
        while let Some(id) = parent.filter(|id| !heirs.contains(id)) {
            heirs.push(id);
            parent = self.world.get(id).and_then(|ancestor| ancestor.parent.proc());
        }
        self.view.heirs = heirs;
    }

    /// Moves over the rows: from a position and the last one, to a position.
    pub(super) fn move_selection(&mut self, to: impl Fn(usize, usize) -> usize) {
        let mut rows: Vec<ProcId> = self
            .world
            .rows(&self.view.folded)
            .iter()
            .filter_map(crate::model::Row::proc)
            .collect();
        if self.source.is_some() && rows.iter().any(|id| id.is_lab()) {
            // Beside a listing the tree shows the program's processes alone.
            rows.retain(|id| id.is_lab());
        }
        let Some(last) = rows.len().checked_sub(1) else {
            return;
        };
        let at = rows.iter().position(|id| *id == self.view.selected).unwrap_or(0);
        self.set_selected(rows[to(at, last).min(last)]);
    }

    /// Folds away what is below the selected process; if there is nothing to fold, goes to its parent.
    pub(super) fn fold(&mut self) {
        let id = self.view.selected;
        let has_children = self.world.children(id).next().is_some();
        if has_children && self.view.folded.insert(id) {
            return;
        }
        if let Some(Link::Proc(parent)) = self.world.get(id).map(|process| process.parent.clone())
            && self.world.get(parent).is_some()
        {
            self.set_selected(parent);
        }
    }

    /// Unfolds; if nothing is folded, goes to the first child.
    pub(super) fn unfold(&mut self) {
        let id = self.view.selected;
        if self.view.folded.remove(&id) {
            return;
        }
        let first = self.world.children(id).next().map(|child| child.id);
        if let Some(child) = first {
            self.set_selected(child);
        }
    }

    /// Nothing that hides `id` stays folded.
    pub(super) fn unfold_above(&mut self, id: ProcId) {
        let mut at = self.world.get(id).and_then(|process| process.parent.proc());
        for _ in 0..=self.view.folded.len() {
            let Some(parent) = at else { return };
            self.view.folded.remove(&parent);
            at = self.world.get(parent).and_then(|process| process.parent.proc());
        }
    }

    /// After `'`: letters until they name one process. A second `'` is screen.
    pub(super) fn goto_letter(&mut self, key: Key) {
        let mut typed = self.prefix.goto.take().unwrap_or_default();
        match key {
            Key::Char('\'') if typed.is_empty() => {
                self.set_selected(ProcId::Screen);
                return;
            }
            Key::Char(letter) if letter.is_ascii_alphabetic() => typed.push(letter.to_ascii_uppercase()),
            Key::Enter => {}
            _ => return,
        }
        let named: Vec<ProcId> = self
            .world
            .processes()
            .map(|process| process.id)
            .filter(|id| id.is_lab() && id.to_string().starts_with(&typed))
            .collect();
        let exact = named.iter().copied().find(|id| id.to_string() == typed);
        match (named.as_slice(), exact) {
            ([], _) => self.notice = Some(format!("There is no process {typed}.")),
            ([only], _) => self.go(*only),
            (_, Some(exact)) if key == Key::Enter => self.go(exact),
            _ => {
                self.notice = Some(format!("{typed}…: a letter more, or Enter."));
                self.prefix.goto = Some(typed);
            }
        }
    }

    fn go(&mut self, id: ProcId) {
        self.unfold_above(id);
        self.set_selected(id);
    }
}
