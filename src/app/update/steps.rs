//! Keys that step the program.

use super::order_each;
use crate::app::prompt::Purpose;
use crate::app::refuse::{elsewhere, refuse};
use crate::app::{App, Command, Effect, Prefix};
use crate::lab::order::Order;
use crate::model::event::Phase;
use crate::model::{ProcId, Process, Signal};

impl App {
    pub(super) fn stepping_command(&mut self, command: Command, prefix: &Prefix) -> Vec<Effect> {
        if self.tracing.is_some() {
            return self.tracing_command(command, prefix);
        }
        if self.source.is_none() {
            self.notice = Some(
                "There is no program to step in the playground: forkscope run FILE steps one.".to_owned(),
            );
            return Vec::new();
        }
        match command {
            Command::Step => return self.step(prefix),
            Command::Run => self.run_or_pause(),
            Command::Faster => self.set_speed(self.stepping.speed.faster()),
            Command::Slower => self.set_speed(self.stepping.speed.slower()),
            Command::Finish => return self.finish(),
            Command::Breakpoint => self.toggle_breakpoint(),
            Command::Edit => return self.edit(),
            Command::Outlook => return self.open_outlook(),
            Command::Focus => return self.open_prompt(Purpose::Input, Vec::new()),
            Command::Grain => {
                let notice = "A step here is a line, or a system call in it. Only tracing knows two grains.";
                self.notice = Some(notice.to_owned());
            }
            _ => {}
        }
        Vec::new()
    }

    /// Every process that can take a step now, in letter order.
    pub fn steppable(&self) -> Vec<ProcId> {
        self.world
            .processes()
            .filter(|process| process.id.is_lab())
            .map(|process| process.id)
            .filter(|id| refuse(&self.world, *id, Command::Step).is_none())
            .collect()
    }

    /// One step of every process that can take one; the run pauses where one has come to a breakpoint.
    pub fn run_on(&mut self) -> Vec<Effect> {
        if self.tracing.is_some() {
            return self.trace_on();
        }
        if !self.plan.is_empty() {
            let effects = self.step_of_plan();
            self.stepping.running &= !self.plan.is_empty();
            return effects;
        }
        let able = self.steppable();
        if able.is_empty() {
            return Vec::new();
        }
        if let Some((id, line)) = self.at_breakpoint(&able) {
            self.stepping.running = false;
            self.notice = Some(format!(
                "{id} has come to the breakpoint on line {line}. r runs on, n steps."
            ));
            return Vec::new();
        }
        order_each(&able, &Order::Step)
    }

    fn step(&mut self, prefix: &Prefix) -> Vec<Effect> {
        self.stepping.running = false;
        self.passed_breakpoint = None;
        if !self.plan.is_empty() && prefix.is_empty() {
            return self.step_of_plan();
        }
        self.plan.clear();
        let to = self.targets(Command::Step, prefix);
        let times = prefix.digits.parse().unwrap_or(1).min(1000);
        let effects = (0..times).flat_map(|_| order_each(&to, &Order::Step)).collect();
        self.ask_first(effects)
    }

    pub(super) fn run_or_pause(&mut self) {
        self.stepping.running = !self.stepping.running;
        let able = self.steppable();
        self.passed_breakpoint = self.at_breakpoint(&able);
        self.notice = Some(if self.stepping.running {
            format!(
                "Running, {}. r pauses, + and - change the speed.",
                self.stepping.speed.words()
            )
        } else {
            "Paused. r runs on, n steps.".to_owned()
        });
    }

    pub(super) fn set_speed(&mut self, speed: crate::app::stepping::Speed) {
        self.stepping.speed = speed;
        self.notice = Some(format!("Speed: {}.", speed.words()));
    }

    fn finish(&mut self) -> Vec<Effect> {
        self.stepping.running = false;
        self.plan.clear();
        let able = self.steppable();
        if able.is_empty() {
            self.notice = Some("No process can take a step now.".to_owned());
        }
        order_each(&able, &Order::Finish)
    }

    /// The editor gets the terminal; meanwhile no step is taken.
    pub(super) fn edit(&mut self) -> Vec<Effect> {
        let none = || "Only FILE.c and FILE.py have a source here that could be edited.".to_owned();
        if let Some(reason) = elsewhere(self).or_else(|| self.source.is_none().then(none)) {
            self.notice = Some(reason);
            return Vec::new();
        }
        self.stepping.running = false;
        vec![Effect::Edit]
    }

    fn toggle_breakpoint(&mut self) {
        let selected = self.world.get(self.view.selected);
        let Some(line) = selected
            .and_then(|process| process.line.as_ref())
            .map(|line| line.line)
        else {
            self.notice = Some("Select a process that stands in the program: b marks its line.".to_owned());
            return;
        };
        self.toggle_line(line);
    }

    pub(super) fn toggle_line(&mut self, line: u32) {
        self.notice = Some(if self.stepping.breakpoints.remove(&line) {
            format!("No breakpoint on line {line} any more.")
        } else {
            self.stepping.breakpoints.insert(line);
            format!("Breakpoint on line {line}: a run (r) pauses when a process comes to it.")
        });
    }

    /// A process that has just come to a line with a breakpoint, other than the one a run went on from.
    pub(super) fn at_breakpoint(&self, able: &[ProcId]) -> Option<(ProcId, u32)> {
        able.iter()
            .filter_map(|id| self.world.get(*id))
            .filter_map(|process| breakpoint_line(process).map(|line| (process.id, line)))
            .find(|place| {
                self.stepping.breakpoints.contains(&place.1) && self.passed_breakpoint != Some(*place)
            })
    }

    /// SIGINT to the group of the program's first living process, as the terminal's Ctrl-C would send it.
    pub(super) fn interrupt(&self) -> Vec<Effect> {
        let first = self
            .world
            .processes()
            .find(|process| process.id.is_lab() && process.is_alive());
        first.map_or_else(Vec::new, |process| {
            vec![Effect::Signal {
                to: process.id,
                signal: Signal::INT,
                group: true,
            }]
        })
    }
}

/// The line that a process is about to begin.
fn breakpoint_line(process: &Process) -> Option<u32> {
    process
        .line
        .as_ref()
        .filter(|line| line.phase == Phase::Line)
        .map(|line| line.line)
}
