//! Keys that step a traced program.
//!
//! `n` and `r` go from stop to stop, one at a time or one after the other; `F` lets everything run, and `r` then
//! holds it wherever it is. Where a step ends is the tracer's to say.

use crate::app::prompt::{Break, Purpose};
use crate::app::tracing::{Turn, is_held};
use crate::app::{App, Command, Effect, Prefix};
use crate::model::ProcId;
use crate::trace::{Grain, Kind};

impl App {
    pub(super) fn tracing_command(&mut self, command: Command, prefix: &Prefix) -> Vec<Effect> {
        match command {
            Command::Step => return self.trace_step(prefix),
            Command::Run if self.is_free() => return self.hold_all(),
            Command::Run => self.run_or_pause(),
            Command::Faster => self.set_speed(self.stepping.speed.faster()),
            Command::Slower => self.set_speed(self.stepping.speed.slower()),
            Command::Finish => return self.run_freely(),
            Command::Breakpoint => return self.open_prompt(Purpose::Breakpoint, vec![self.view.selected]),
            Command::Grain => self.change_grain(),
            Command::Edit => return self.edit(),
            Command::Outlook => return self.open_outlook(),
            Command::Focus => return self.open_prompt(Purpose::Input, Vec::new()),
            _ => {}
        }
        Vec::new()
    }

    /// One step of every process that is held; the run pauses where one has come to a break.
    pub(super) fn trace_on(&mut self) -> Vec<Effect> {
        let held = |id: &ProcId| self.world.get(*id).is_some_and(is_held);
        let able: Vec<ProcId> = self.steppable().into_iter().filter(held).collect();
        if let Some((place, notice)) = self.at_break(&able) {
            self.stepping.running = false;
            self.passed_breakpoint = Some(place);
            self.notice = Some(notice);
            return Vec::new();
        }
        if !able.is_empty() {
            self.passed_breakpoint = None;
        }
        let grain = self.grain();
        able.into_iter().map(|id| step(id, grain)).collect()
    }

    /// The break that one of these has just come to, and the sentence that says so.
    fn at_break(&self, able: &[ProcId]) -> Option<((ProcId, u32), String)> {
        if let Some((id, line)) = self.at_breakpoint(able) {
            let notice = format!("{id} has come to the breakpoint on line {line}. r runs on, n steps.");
            return Some(((id, line), notice));
        }
        let tracing = self.tracing.as_ref()?;
        able.iter()
            .filter_map(|id| self.world.get(*id))
            .find_map(|process| {
                let kind = tracing.stopped_at(process)?;
                let place = (process.id, process.line.as_ref().map_or(0, |line| line.line));
                let notice = format!(
                    "{} has come to {kind}, which b stops at. r runs on, n steps.",
                    process.id
                );
                (self.passed_breakpoint != Some(place)).then_some((place, notice))
            })
    }

    fn trace_step(&mut self, prefix: &Prefix) -> Vec<Effect> {
        self.stepping.running = false;
        self.passed_breakpoint = None;
        let to = self.targets(Command::Step, prefix);
        let times = prefix.digits.parse().unwrap_or(1).min(1000);
        let grain = self.grain();
        let one = |id: ProcId| {
            let runs = !self.world.get(id).is_some_and(is_held);
            if runs && self.is_free() {
                // There is no step to wait for.
                Effect::Trace(Turn::Hold(id, grain))
            } else {
                step(id, grain)
            }
        };
        (0..times).flat_map(|_| to.iter().map(|id| one(*id))).collect()
    }

    /// Lines with breakpoints are only seen by who goes from line to line.
    fn grain(&self) -> Grain {
        let chosen = self.tracing.as_ref().map_or(Grain::Call, |tracing| tracing.grain);
        if self.stepping.breakpoints.is_empty() {
            chosen
        } else {
            Grain::Line
        }
    }

    fn is_free(&self) -> bool {
        self.tracing.as_ref().is_some_and(|tracing| tracing.free)
    }

    fn set_free(&mut self, free: bool) {
        self.stepping.running = false;
        self.passed_breakpoint = None;
        if let Some(tracing) = &mut self.tracing {
            tracing.free = free;
        }
    }

    fn run_freely(&mut self) -> Vec<Effect> {
        self.set_free(true);
        self.notice = Some("All run freely, to the end or to a break (b). r holds them again.".to_owned());
        let all = self.traced();
        all.into_iter().map(|id| Effect::Trace(Turn::Run(id))).collect()
    }

    /// Once all have ended, none runs freely any more.
    pub(in crate::app) fn stop_running_freely(&mut self) {
        if self.is_free() && !self.is_past() && self.traced().is_empty() {
            self.set_free(false);
            self.notice = None;
        }
    }

    fn hold_all(&mut self) -> Vec<Effect> {
        self.set_free(false);
        self.notice = Some("All are held wherever they were. r runs them step by step, F freely.".to_owned());
        let grain = self.grain();
        let all = self.traced().into_iter();
        all.map(|id| Effect::Trace(Turn::Hold(id, grain))).collect()
    }

    /// The processes of the program that have not ended.
    fn traced(&self) -> Vec<ProcId> {
        let processes = self.world.processes();
        let alive = processes.filter(|process| process.id.is_lab() && process.is_alive());
        alive.map(|process| process.id).collect()
    }

    fn change_grain(&mut self) {
        let Some(tracing) = &mut self.tracing else { return };
        let (grain, notice) = match tracing.grain {
            Grain::Call => (Grain::Line, "A step goes to the next source line, from now on."),
            Grain::Line => (
                Grain::Call,
                "A step goes to the next call about processes (fork, exec, exit, wait, kill), from now on.",
            ),
        };
        tracing.grain = grain;
        self.notice = Some(notice.to_owned());
    }

    /// Stops there from now on, or no longer.
    pub(super) fn toggle_at(&mut self, at: Break) -> Vec<Effect> {
        match at {
            Break::Call(kind) => self.toggle_kind(kind),
            Break::Line(line) => {
                self.toggle_line(line);
                Vec::new()
            }
        }
    }

    fn toggle_kind(&mut self, kind: Kind) -> Vec<Effect> {
        let Some(tracing) = &mut self.tracing else {
            return Vec::new();
        };
        let is_new = tracing.breaks.insert(kind);
        if !is_new {
            tracing.breaks.remove(&kind);
        }
        self.notice = Some(if is_new {
            format!("Whoever comes to {kind} is held before it, running freely (F) too.")
        } else {
            format!("Nobody is stopped for {kind} any more.")
        });
        vec![Effect::Trace(Turn::Break(kind, is_new))]
    }
}

const fn step(id: ProcId, grain: Grain) -> Effect {
    Effect::Trace(Turn::Step(id, grain))
}
