//! Keys that act on processes.

use super::order_each;
use crate::app::prompt::{self, Purpose};
use crate::app::refuse::{self, refuse};
use crate::app::{App, Command, Effect, Prefix};
use crate::lab::order::Order;
use crate::model::{ProcId, Signal, WaitCall};

impl App {
    pub(super) fn process_command(&mut self, command: Command, prefix: &Prefix) -> Vec<Effect> {
        if let Some(reason) = refuse::elsewhere(self) {
            self.notice = Some(reason);
            return Vec::new();
        }
        if command == Command::KeeperSubreaper {
            return self.keeper_subreaper();
        }
        let to = self.targets(command, prefix);
        if to.is_empty() {
            return Vec::new();
        }
        let number = prefix.digits.parse::<i32>().ok();
        let effects = match command {
            Command::Fork => self.fork(&to, number),
            Command::Exit => order_each(
                &to,
                &Order::Exit {
                    code: number.unwrap_or(0),
                },
            ),
            Command::Wait => self.wait(&to),
            Command::Sigchld => self.sigchld(&to),
            Command::Subreaper => self.subreaper(&to),
            Command::Signal => match number {
                Some(number) => self.signal_number(&to, number),
                None => return self.open_prompt(Purpose::Signal, to),
            },
            Command::Exec => return self.open_prompt(Purpose::Exec, to),
            Command::WaitChoices => return self.open_prompt(Purpose::Wait, to),
            _ => Vec::new(),
        };
        self.ask_first(effects)
    }

    /// The processes that a key goes to. Where it can go to none, the reason is said.
    pub(super) fn targets(&mut self, command: Command, prefix: &Prefix) -> Vec<ProcId> {
        if prefix.all {
            let able: Vec<ProcId> = self
                .world
                .processes()
                .filter(|process| process.id.is_lab() && !process.is_zombie())
                .map(|process| process.id)
                .filter(|id| refuse(&self.world, *id, command).is_none())
                .collect();
            if able.is_empty() {
                self.notice = Some("There is no lab process that can do that now.".to_owned());
            }
            return able;
        }
        let selected = self.view.selected;
        match refuse(&self.world, selected, command) {
            Some(reason) => {
                self.notice = Some(reason);
                Vec::new()
            }
            None => vec![selected],
        }
    }

    fn fork(&self, to: &[ProcId], count: Option<i32>) -> Vec<Effect> {
        let asked = usize::try_from(count.unwrap_or(1)).unwrap_or(1);
        // One fork more than there is room for, so that the limit is met and said; not a hundred times.
        let room = (self.limit as usize).saturating_sub(self.world.alive() + self.world.zombies()) + 1;
        let times = asked.min(room);
        to.iter()
            .flat_map(|id| std::iter::repeat_n(Effect::Order(*id, Order::Fork), times))
            .collect()
    }

    fn wait(&self, to: &[ProcId]) -> Vec<Effect> {
        if let [ProcId::Screen] = to
            && self
                .world
                .get(ProcId::Screen)
                .is_some_and(|screen| screen.waiting.is_some())
        {
            return vec![Effect::GiveUpWait];
        }
        order_each(
            to,
            &Order::Wait {
                call: WaitCall::default(),
            },
        )
    }

    fn sigchld(&self, to: &[ProcId]) -> Vec<Effect> {
        to.iter()
            .filter_map(|id| self.world.get(*id))
            .map(|process| {
                let action = prompt::other_action(process.action(Signal::CHLD));
                Effect::Order(process.id, Order::Sigchld { action })
            })
            .collect()
    }

    fn subreaper(&self, to: &[ProcId]) -> Vec<Effect> {
        to.iter()
            .filter_map(|id| self.world.get(*id))
            .map(|process| {
                Effect::Order(
                    process.id,
                    Order::Subreaper {
                        on: !process.subreaper,
                    },
                )
            })
            .collect()
    }

    fn keeper_subreaper(&mut self) -> Vec<Effect> {
        let on = !self
            .world
            .get(ProcId::Keeper)
            .is_some_and(|keeper| keeper.subreaper);
        self.ask_first(vec![Effect::Order(ProcId::Keeper, Order::Subreaper { on })])
    }

    fn signal_number(&mut self, to: &[ProcId], number: i32) -> Vec<Effect> {
        match prompt::read_signal(&number.to_string()) {
            Ok(sending) => signal_each(to, sending),
            Err(complaint) => {
                self.notice = Some(complaint);
                Vec::new()
            }
        }
    }
}

/// One signal for each of `to`.
pub(super) fn signal_each(to: &[ProcId], sending: prompt::Sending) -> Vec<Effect> {
    to.iter()
        .map(|id| Effect::Signal {
            to: *id,
            signal: sending.signal,
            group: sending.group,
        })
        .collect()
}
