//! Ask mode: a key first says what would be done, and leaves the reader a moment to predict what comes of it.

use super::effect::Effect;
use crate::lab::order::Order;
use crate::model::event::Action;
use crate::model::{ProcId, World, command_line};

/// What would be done, and the effects that do it.
#[derive(Clone, Debug)]
pub struct Question {
    /// What would be done.
    pub announcement: String,
    /// What to think about first.
    pub question: &'static str,
    /// What Enter lets happen.
    pub effects: Vec<Effect>,
}

impl Question {
    /// The question about `effects`; none if nothing in them concerns a process.
    pub fn about(effects: &[Effect], world: &World) -> Option<Self> {
        let first = effects
            .iter()
            .find(|effect| matches!(effect, Effect::Order(..) | Effect::Signal { .. }))?;
        let others = effects.len() - 1;
        let (announcement, question) = match first {
            Effect::Order(who, order) => (announce(*who, order, others, effects), ponder(order, *who, world)),
            Effect::Signal { to, signal, group } => {
                let whom = if *group {
                    format!("every process in {to}'s group")
                } else {
                    to.to_string()
                };
                (
                    format!("kill() will send {signal} to {whom}."),
                    "What will its state be?",
                )
            }
            _ => return None,
        };
        Some(Self {
            announcement,
            question,
            effects: effects.to_vec(),
        })
    }
}

fn announce(who: ProcId, order: &Order, others: usize, effects: &[Effect]) -> String {
    let call = call(order);
    if others == 0 {
        return format!("{who} will call {call}.");
    }
    let same = effects
        .iter()
        .all(|effect| matches!(effect, Effect::Order(to, _) if *to == who));
    match (same, effects.len()) {
        (true, times) => format!("{who} will call {call}, {times} times."),
        (false, 2) => format!("{who} and another process will call {call}."),
        (false, _) => format!("{who} and {others} other processes will call {call}."),
    }
}

/// The system call that an order leads to, as C writes it.
pub fn call(order: &Order) -> String {
    match order {
        Order::Fork => "fork()".to_owned(),
        Order::Exec { argv } => format!("execvp: {}", command_line(argv)),
        Order::Exit { code } => format!("_exit({code})"),
        Order::Wait { call } => call.to_string(),
        Order::Sigchld {
            action: Action::Ignore,
        } => "signal(SIGCHLD, SIG_IGN)".to_owned(),
        Order::Sigchld { .. } => "signal(SIGCHLD, SIG_DFL)".to_owned(),
        Order::Subreaper { on } => format!("prctl(PR_SET_CHILD_SUBREAPER, {})", i32::from(*on)),
        Order::Step => "the next step of its program".to_owned(),
        Order::Finish => "what is left of its program".to_owned(),
    }
}

fn ponder(order: &Order, who: ProcId, world: &World) -> &'static str {
    match order {
        Order::Fork => "How many processes will there be?",
        Order::Exec { .. } => "Which pid will the program have?",
        Order::Exit { .. } if world.children(who).next().is_some() => {
            "Who will be the parent of its children?"
        }
        Order::Exit { .. } => "Will its row go, or stay?",
        Order::Wait { .. } if world.children(who).any(crate::model::Process::is_zombie) => {
            "What will it return?"
        }
        Order::Wait { .. } if world.children(who).next().is_none() => "It has no child. What will it return?",
        Order::Wait { .. } => "Will it return at once?",
        Order::Sigchld { .. } => "What will be left of a child that ends?",
        Order::Subreaper { .. } => "Who will adopt the next orphan?",
        Order::Step | Order::Finish => "What will it print?",
    }
}
