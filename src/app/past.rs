//! The past on the screen: an earlier world is shown, while the live one goes on underneath.
//!
//! Steps are told events, as the list of what happened numbers them: several facts can make up one, and a step that
//! changes nothing to be seen would be none.

use super::{App, Pane};
use crate::journal::{Journal, JournalError};
use crate::model::event::Limit;
use crate::model::{Event, ProcId, What, World};

/// How many of its own events a process's `<` and `>` can pass at once; each costs a look into the journal.
const PASSED: u64 = 100;

/// How many told facts to each side of what is shown the lanes reach: more than a screen has columns.
const REACH: usize = 400;

/// What goes on while an earlier world is shown.
#[derive(Clone, Debug)]
pub(super) struct Past {
    live: World,
    /// What the student selected. Where it does not exist, its neighbour is selected meanwhile.
    chosen: ProcId,
}

/// A way through time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Travel {
    /// So many events back.
    Back(u64),
    /// So many events forth.
    Forth(u64),
    /// So many events of that process back.
    BackOf(ProcId, u64),
    /// So many events of that process forth.
    ForthOf(ProcId, u64),
    /// To the first event.
    First,
    /// To where facts come in: live, or the end of a recording.
    Last,
}

impl App {
    /// What is: the world that is shown, or the one that goes on underneath while an earlier one is.
    pub fn live(&self) -> &World {
        self.past.as_ref().map_or(&self.world, |past| &past.live)
    }

    /// Whether an earlier world is shown.
    pub const fn is_past(&self) -> bool {
        self.past.is_some()
    }

    /// Takes in a fact.
    pub fn learn(&mut self, event: &Event) {
        if let Some(past) = &mut self.past {
            past.live.apply(event);
        } else {
            self.world.apply(event);
            self.keep_selection();
        }
        self.teach(event);
        if matches!(event.what, What::Zombie { .. } | What::Reaped(_)) {
            self.stop_running_freely();
        }
        if let What::Limit(Limit { limit, killed, held }) = event.what
            && (killed || held)
        {
            let outcome = if held {
                "all are held, and none goes on. q ends them all."
            } else {
                "the programs that forked them were killed."
            };
            self.notice = Some(format!("More than {limit} processes (--limit): {outcome}"));
        }
    }

    /// Leaves the reaped to where the journal has laid them, so that they are not kept in memory as well.
    pub(super) fn shelve_as(&mut self, journal: &Journal) {
        let live = self.past.as_mut().map_or(&mut self.world, |past| &mut past.live);
        live.shelve_as(journal.live());
    }

    /// Takes in a whole world, as the sum of the facts that led to it.
    pub(super) fn learn_all(&mut self, world: &World) {
        self.world.clone_from(world);
        self.keep_selection();
    }

    /// Shows an earlier world.
    pub fn show_past(&mut self, world: World) {
        let shown = std::mem::replace(&mut self.world, world);
        let chosen = self.view.selected;
        let past = self
            .past
            .get_or_insert_with(|| Box::new(Past { live: shown, chosen }));
        let chosen = past.chosen;
        self.reselect(chosen);
    }

    /// Shows what is.
    pub fn show_live(&mut self) {
        if let Some(past) = self.past.take() {
            self.world = past.live;
            self.reselect(past.chosen);
        }
    }

    /// Selects the process that the latest event is about, where nobody is there to select one.
    pub fn select_latest(&mut self) {
        let latest = self.world.records().back().map(|record| record.event.proc);
        if let Some(id) = latest.filter(|id| self.world.get(*id).is_some()) {
            self.choose(id);
        }
        self.keep_selection();
    }

    /// The student selects a process.
    pub(super) fn choose(&mut self, id: ProcId) {
        self.view.selected = id;
        if let Some(past) = &mut self.past {
            past.chosen = id;
        }
    }

    fn reselect(&mut self, chosen: ProcId) {
        if self.world.get(chosen).is_some() {
            self.view.selected = chosen;
        }
        self.keep_selection();
    }
}

/// Shows what a way through time leads to; when it leads nowhere, says so.
pub fn travel(app: &mut App, journal: &Journal, travel: Travel) -> Result<(), JournalError> {
    let last = journal.live().told();
    match destination(app, journal, travel)? {
        Some(told) if told < last => app.show_past(journal.world_at(journal.after_told(told)?)?),
        Some(_) => app.show_live(),
        None => app.notice = Some(dead_end(app, travel)),
    }
    Ok(())
}

/// The number of the event that a way through time leads to; none if there is no such event.
fn destination(app: &App, journal: &Journal, travel: Travel) -> Result<Option<u64>, JournalError> {
    let (here, last) = (app.world.told(), journal.live().told());
    Ok(match travel {
        Travel::Back(_) if here <= 1 => None,
        Travel::Forth(_) if here == last => None,
        Travel::Back(count) => Some(here.saturating_sub(count).max(1)),
        Travel::Forth(count) => Some(here.saturating_add(count).min(last)),
        Travel::BackOf(who, count) => pass(count, here, |here| before(journal, who, here))?,
        Travel::ForthOf(who, count) => pass(count, here, |here| after(journal, who, here))?,
        Travel::First => Some(1.min(last)),
        Travel::Last => Some(last),
    })
}

/// Goes from event to event, as far as there are any.
fn pass(
    count: u64,
    here: u64,
    step: impl Fn(u64) -> Result<Option<u64>, JournalError>,
) -> Result<Option<u64>, JournalError> {
    let mut reached = None;
    for _ in 0..count.min(PASSED) {
        match step(reached.unwrap_or(here))? {
            Some(next) => reached = Some(next),
            None => break,
        }
    }
    Ok(reached)
}

/// The last event before the one of that number in which `who` has a part.
fn before(journal: &Journal, who: ProcId, here: u64) -> Result<Option<u64>, JournalError> {
    let start = journal.after_told(here.saturating_sub(1))? + 1;
    let fact = journal.prev_told(start, Some(who))?;
    fact.map(|fact| journal.world_at(fact).map(|world| world.told()))
        .transpose()
}

/// The first event after the one of that number in which `who` has a part.
fn after(journal: &Journal, who: ProcId, here: u64) -> Result<Option<u64>, JournalError> {
    let fact = journal.next_told(journal.after_told(here)?, Some(who))?;
    fact.map(|fact| journal.world_at(fact).map(|world| world.told()))
        .transpose()
}

fn dead_end(app: &App, travel: Travel) -> String {
    match travel {
        Travel::BackOf(who, _) => format!("Nothing happened to {who} before this."),
        Travel::ForthOf(who, _) => format!("Nothing has happened to {who} after this."),
        Travel::Back(_) | Travel::First => "Nothing happened before this.".to_owned(),
        Travel::Forth(_) | Travel::Last if app.replay.is_some() => "This is the end.".to_owned(),
        Travel::Forth(_) | Travel::Last => "This is now: nothing has happened after it yet.".to_owned(),
    }
}

/// Reads the lanes around what is shown, if they are to be seen and are not those that were read last.
pub fn read_lanes(app: &mut App, journal: &Journal) -> Result<(), JournalError> {
    if app.view.pane != Pane::Lanes {
        app.looks.lanes = None;
        return Ok(());
    }
    let around = (app.world.applied(), journal.len());
    if app.looks.lanes.as_ref().is_none_or(|(read, _)| *read != around) {
        app.looks.lanes = Some((around, Box::new(journal.lanes(around.0, REACH)?)));
    }
    Ok(())
}
