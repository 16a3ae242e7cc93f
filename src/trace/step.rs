//! Stepping by source line.
//!
//! Inside the user's code a task goes one instruction at a time until the line changes. Outside, where there are
//! no lines, it runs to a hardware breakpoint at the address it will return to: no text is patched, so a newborn
//! has nothing to clean up. An entered function is shown at its first line, after its prologue.

use std::ops::Range;

use super::fact::{Line, What};
use super::table::{Grain, Mode, Point};
use super::tracer::Tracer;
use crate::model::{Pid, ProcId, Signal};
use crate::sys::ptrace::{Origin, Stop, Tid, Until};

/// A task on its way to the next line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stepping {
    /// Its interpreter stops at the next line by itself.
    Script,
    /// Native code.
    Native(Native),
}

/// Native code on its way to the next line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Native {
    /// The line it leaves; none while it comes to its first.
    from: Option<Line>,
    /// The addresses of that line: as long as it is here, nothing need be looked up.
    range: Range<u64>,
    /// Whether it is in the first instructions of a function.
    prologue: bool,
}

impl Tracer {
    /// Lets a held task go on, on its way to the next line if that is how its process proceeds.
    pub(super) fn leave(&mut self, stop: Stop, point: &Point, signal: Option<Signal>) {
        let Some(task) = self.table.tasks.get(&stop.tid()) else {
            return;
        };
        let Some(process) = self.table.get(task.proc) else {
            return;
        };
        let by_line = process.mode == Mode::Step(Grain::Line);
        let pid = process.pid;
        let stepping = by_line.then(|| self.begin(pid, &stop, point)).flatten();
        if !by_line {
            self.places.stop_at_lines(pid, false);
        }
        if let Some(task) = self.table.tasks.get_mut(&stop.tid()) {
            task.stepping = stepping;
        }
        self.resume(stop, signal);
    }

    fn begin(&mut self, pid: Pid, stop: &Stop, point: &Point) -> Option<Stepping> {
        let places = &mut self.places;
        if places.stop_at_lines(pid, true) {
            return Some(Stepping::Script);
        }
        if let Some((frame, place)) = places.user_frame(pid, stop) {
            return Some(Stepping::Native(Native {
                from: place.line,
                range: places.line_range(pid, frame.lookup).unwrap_or(0..0),
                prologue: false,
            }));
        }
        // A fresh program is still in its loader: its first line is that of main.
        let fresh = matches!(point, Point::After(super::call::Kind::Exec));
        let main = fresh.then(|| places.main(pid)).flatten()?;
        self.set_breakpoint(stop, Some(main));
        Some(Stepping::Native(Native {
            from: None,
            range: 0..0,
            prologue: false,
        }))
    }

    /// How far a task goes that is about to be resumed.
    pub(super) fn stepping_until(&mut self, stop: &Stop) -> Until {
        let Some(task) = self.table.tasks.get(&stop.tid()) else {
            return Until::NextStop;
        };
        let Some(stepping) = &task.stepping else {
            if task.breakpoint.is_some() {
                self.set_breakpoint(stop, None);
            }
            return Until::NextStop;
        };
        let Stepping::Native(stepping) = stepping else {
            return Until::NextStop;
        };
        if stepping.from.is_none() && !stepping.prologue {
            // On the way to main, whose breakpoint is set.
            return Until::NextStop;
        }
        let Some(pid) = self.table.get(task.proc).map(|process| process.pid) else {
            return Until::NextStop;
        };
        let Ok(registers) = stop.registers() else {
            return Until::NextStop;
        };
        if self.places.has_lines(pid, registers.instruction) {
            return Until::Instruction;
        }
        match self.places.user_frame(pid, stop) {
            Some((frame, _)) if self.set_breakpoint(stop, Some(frame.address)) => Until::NextStop,
            // Without debug registers it takes longer, but arrives.
            Some(_) => Until::Instruction,
            None => Until::NextStop,
        }
    }

    fn set_breakpoint(&mut self, stop: &Stop, address: Option<u64>) -> bool {
        let Some(task) = self.table.tasks.get_mut(&stop.tid()) else {
            return false;
        };
        if task.breakpoint == address {
            return true;
        }
        let set = stop.set_breakpoint(address).is_ok();
        task.breakpoint = if set { address } else { None };
        set
    }

    /// Whether a SIGTRAP comes from stepping, and is none of the program's.
    pub(super) fn stepping_trap(stop: &Stop) -> bool {
        matches!(stop.origin(), Ok(Origin::SingleStep | Origin::Breakpoint))
    }

    /// Whether a SIGTRAP is a script's way to stop at a line.
    pub(super) fn script_trap(&self, proc: ProcId, stop: &Stop) -> bool {
        self.table.get(proc).is_some_and(|process| {
            stop.origin() == Ok(Origin::Process(process.pid)) && self.places.stops_at_lines(process.pid)
        })
    }

    /// A script stopped itself at a line.
    pub(super) fn script_line(&mut self, proc: ProcId, stop: Stop) {
        let at = self.place_of(proc, &stop);
        self.tell(proc, What::Line { entered: false }, at);
        self.go_on(stop, Some(Point::Line), None);
    }

    /// A step or a breakpoint brought a task here: it is held if this is a new line.
    pub(super) fn stepped(&mut self, proc: ProcId, stop: Stop) {
        match self.arrives(proc, &stop) {
            Some(entered) => {
                let at = self.place_of(proc, &stop);
                self.tell(proc, What::Line { entered }, at);
                self.go_on(stop, Some(Point::Line), None);
            }
            None => self.resume(stop, None),
        }
    }

    /// Whether a new line begins here, and if so, whether in another function.
    fn arrives(&mut self, proc: ProcId, stop: &Stop) -> Option<bool> {
        let tid = stop.tid();
        let pid = self.table.get(proc)?.pid;
        let Stepping::Native(stepping) = self.table.tasks.get(&tid)?.stepping.clone()? else {
            return None;
        };
        let instruction = stop.registers().ok()?.instruction;
        if stepping.range.contains(&instruction) {
            return None;
        }
        let places = &mut self.places;
        let line = places.line_at(pid, instruction)?;
        let range = places.line_range(pid, instruction).unwrap_or(0..0);
        if places.begins_function(pid, instruction) {
            let prologue = Native {
                from: Some(line),
                range,
                prologue: true,
            };
            self.set_stepping(tid, prologue);
            return None;
        }
        if stepping.prologue || stepping.from.is_none() {
            return Some(true);
        }
        if stepping.from.as_ref() != Some(&line) {
            return Some(false);
        }
        self.set_stepping(tid, Native { range, ..stepping });
        None
    }

    fn set_stepping(&mut self, tid: Tid, stepping: Native) {
        if let Some(task) = self.table.tasks.get_mut(&tid) {
            task.stepping = Some(Stepping::Native(stepping));
        }
    }
}
