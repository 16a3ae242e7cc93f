//! Runs that somebody orders: going a run that was found again, and what comes of ordering steps one by one.

use std::collections::BTreeMap;

use super::{Actor, Choice, Mind, Move, Outcome, State};
use crate::model::sim::{Call, Proc, Step};
use crate::model::{Pid, ProcId};

/// Goes a run again, and says before each of its calls who makes it, and what runs in him.
pub fn replay<A: Actor>(actor: A, input: &[u8], run: &[Move], mut before: impl FnMut(ProcId, &A)) {
    let (mut state, _) = State::begin(actor, input);
    for made in run {
        let Ok(choices) = state.choices() else { return };
        let is_made =
            |choice: &&Choice| state.name(choice.pid()) == Some(made.who) && choice.what() == made.what;
        let Some(choice) = choices.iter().find(is_made) else {
            return;
        };
        if let (Choice::Call(pid, _), Some(who)) = (choice, state.name(choice.pid()))
            && let Some(actor) = state.own(*pid)
        {
            before(who, actor);
        }
        if state.make(choice).is_err() {
            return;
        }
    }
}

/// How it ends if steps are ordered like that and what needs no order happens at once, as in a lab; none if an order
/// comes to somebody who cannot take it. `taken` tells how many steps a process must have taken to make the call that
/// it wants.
pub fn by_orders<A: Actor>(
    actor: A,
    input: &[u8],
    orders: &[ProcId],
    taken: impl Fn(&A) -> u32,
) -> Option<Outcome> {
    let (mut state, first) = State::begin(actor, input);
    let mut given: BTreeMap<ProcId, u32> = BTreeMap::new();
    for who in orders {
        let pid = state.kernel.named(*who)?.pid;
        let given = given.entry(*who).or_default();
        *given += 1;
        state.happen(|step| step == Step::Complete(pid)).ok()?;
        loop {
            let choices = state.choices().ok()?;
            let is_ordered = |choice: &&Choice| matches!(choice, Choice::Call(of, _) if *of == pid);
            let Some(call) = choices.iter().find(is_ordered) else {
                break;
            };
            if state.own(pid).is_none_or(|actor| taken(actor) > *given) {
                break;
            }
            state.make(call).ok()?;
        }
        state.settle().ok()?;
    }
    Some(state.outcome(first))
}

impl<A: Actor> State<A> {
    fn name(&self, pid: Pid) -> Option<ProcId> {
        self.kernel.get(pid).and_then(Proc::id)
    }

    /// The actor that runs there.
    fn own(&self, pid: Pid) -> Option<&A> {
        match self.minds.get(&pid).map(AsRef::as_ref) {
            Some(Mind::Own(actor)) => Some(actor),
            _ => None,
        }
    }

    /// All that happens by itself and needs no time: what was exec'd goes on, and calls return.
    fn settle(&mut self) -> Result<(), String> {
        loop {
            let choices = self.choices()?;
            let is_at_once = |choice: &&Choice| match choice {
                Choice::Call(pid, _) => self.own(*pid).is_none(),
                Choice::Step(Step::Alarm(_)) => false,
                Choice::Step(step) => !self.is_asleep(step.pid()),
            };
            let Some(choice) = choices.iter().find(is_at_once) else {
                return Ok(());
            };
            self.make(choice)?;
        }
    }

    fn happen(&mut self, what: impl Fn(Step) -> bool) -> Result<(), String> {
        let choices = self.choices()?;
        let is_meant = |choice: &&Choice| matches!(choice, Choice::Step(step) if what(*step));
        match choices.iter().find(is_meant) {
            Some(choice) => self.make(choice),
            None => Ok(()),
        }
    }

    fn is_asleep(&self, pid: Pid) -> bool {
        let proc = self.kernel.get(pid);
        proc.is_some_and(|proc| proc.blocked_in == Some(Call::Sleep))
    }
}
