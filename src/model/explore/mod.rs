//! Every outcome that the kernel allows: all orders of steps, tried over the pure kernel.
//!
//! A state is a [`Kernel`] and what runs in its processes. From each state lead the moves that are possible there: the
//! next call of a process that runs, and what happens by itself. States that are equal are visited once; where the
//! next move of one process cannot matter to any other, and no other's to it, it is made at once, and the other
//! orders are not tried (see `reduce`). The search goes breadth first, so that the run that is kept for each outcome
//! is a shortest one. It ends at a bound, says so if it was hit, and then goes some runs to their ends (see `finish`).
//!
//! Invariant: no clock, and no randomness but that of a seed which stays the same. The same program has the same outcomes in the same order.

mod actor;
mod finish;
mod orders;
mod reduce;

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::Arc;

pub use actor::{Actor, Effects, Wish};
pub use orders::{by_orders, replay};

use reduce::Look;

use super::sim::{Answer, Call, Facts, Kernel, Proc, Return, Stage, Step};
use super::{Pid, ProcId, WaitStatus, lettered};

/// How far a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// How many states may be visited.
    pub states: usize,
    /// How many processes there may be in one run, living and dead.
    pub processes: u32,
    /// Whether orders that cannot matter are left out; switched off to prove that they cannot.
    pub reduced: bool,
}

impl Default for Bound {
    fn default() -> Self {
        Self {
            states: 200_000,
            processes: 64,
            reduced: true,
        }
    }
}

/// One way in which a program can end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Outcome {
    /// All that was written to standard output and error.
    pub output: Vec<u8>,
    /// How the first process ended; none if it never does.
    pub exit: Option<i32>,
    /// How many processes ended and were reaped.
    pub gone: u32,
    /// How many stay zombies, because a parent that is still there does not wait.
    pub zombies: u32,
    /// How many live on under a parent that adopted them.
    pub orphans: u32,
    /// How many sleep for ever.
    pub stuck: u32,
}

impl Outcome {
    /// The output, with letters in the place of pids.
    pub fn text(&self) -> String {
        let output = String::from_utf8_lossy(&self.output);
        lettered(&output, |pid| Kernel::name_of(Pid(pid)))
    }
}

/// One move of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Who.
    pub who: ProcId,
    /// What.
    pub what: Moved,
}

/// What a move is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// A call was made.
    Call(Call),
    /// Something happened by itself.
    Step(Step),
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Each possible outcome once, with a run that leads to it, in the order of finding: a shortest one, if the search
    /// came to it within its bound.
    pub found: Vec<(Outcome, Vec<Move>)>,
    /// Why there may be more; none if these are all.
    pub incomplete: Option<String>,
    /// How many states were visited.
    pub states: usize,
}

/// Finds every outcome of a program whose first process is `actor` and which reads `input`.
pub fn explore<A: Actor>(actor: A, input: &[u8], bound: Bound) -> Outcomes {
    let (state, first) = State::begin(actor, input);
    let mut search = Search {
        first,
        bound,
        nodes: Vec::new(),
        known: HashSet::new(),
        outcomes: Outcomes::default(),
    };
    search.visit(state, None);
    let mut next = 0;
    while next < search.nodes.len() && search.nodes.len() < bound.states {
        search.expand(next);
        next += 1;
    }
    if next < search.nodes.len() {
        search.give_up(format!(
            "the search ended at its bound of {} states",
            bound.states
        ));
        search.finish_some(next);
    }
    search.outcomes.states = search.nodes.len();
    search.outcomes
}

/// How a program ends if of all that is possible the first is always done, in the order of pids; an error if somebody
/// is lost, or the bound is hit.
pub fn run_once<A: Actor>(actor: A, input: &[u8], bound: Bound) -> Result<Outcome, String> {
    let (mut state, first) = State::begin(actor, input);
    for _ in 0..bound.states {
        let choices = state.choices()?;
        let Some(choice) = choices.first() else {
            return Ok(state.outcome(first));
        };
        state.make(choice)?;
    }
    Err(format!("the run did not end within {} moves", bound.states))
}

/// A kernel and what runs in its processes.
#[derive(Clone, PartialEq, Eq, Hash)]
struct State<A> {
    kernel: Kernel,
    minds: BTreeMap<Pid, Arc<Mind<A>>>,
}

/// What runs in a process.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Mind<A> {
    /// The program under test.
    Own(A),
    /// A program that was exec'd: the calls that are left of it.
    Other(Vec<Call>),
}

struct Node<A> {
    /// What is there, until the moves from it are tried: a search is as large as its edge.
    state: Option<State<A>>,
    from: Option<(usize, Move)>,
}

struct Search<A> {
    first: Pid,
    bound: Bound,
    nodes: Vec<Node<A>>,
    known: HashSet<Fingerprint>,
    outcomes: Outcomes,
}

/// By what a state is known: 128 bits of it. That two of a million differ in none of them is less likely than that the
/// memory which would hold the states themselves errs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Fingerprint(u64, u64);

impl Fingerprint {
    fn of(state: &impl Hash) -> Self {
        let half = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            salt.hash(&mut hasher);
            state.hash(&mut hasher);
            hasher.finish()
        };
        Self(half(0), half(1))
    }
}

/// A move that is possible now.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Choice {
    Call(Pid, Call),
    Step(Step),
}

impl Choice {
    const fn pid(&self) -> Pid {
        match self {
            Self::Call(pid, _) => *pid,
            Self::Step(step) => step.pid(),
        }
    }

    fn what(&self) -> Moved {
        match self {
            Self::Call(_, call) => Moved::Call(call.clone()),
            Self::Step(step) => Moved::Step(*step),
        }
    }
}

impl<A: Actor> Search<A> {
    /// Tries the moves from a state: one, if it is free of all others, else all.
    fn expand(&mut self, at: usize) {
        let Some(mut state) = self.nodes[at].state.take() else {
            return;
        };
        let choices = match state.choices() {
            Ok(choices) => choices,
            Err(lost) => return self.give_up(lost),
        };
        if choices.is_empty() {
            return self.ended(at, &state);
        }
        let free = if self.bound.reduced {
            let look = Look::at(&state);
            choices.iter().position(|choice| look.is_free(choice))
        } else {
            None
        };
        // A free move that leads back to what is known might be made for ever, and hide the others.
        if let Some(free) = free
            && self.follow(at, &state, &choices[free])
        {
            return;
        }
        for (n, choice) in choices.iter().enumerate() {
            if Some(n) != free {
                self.follow(at, &state, choice);
            }
        }
    }

    /// Makes a move; says whether it led to something new.
    fn follow(&mut self, at: usize, state: &State<A>, choice: &Choice) -> bool {
        let mut next = state.clone();
        if let Err(lost) = next.make(choice) {
            self.give_up(lost);
            return false;
        }
        if next.processes() > self.bound.processes {
            let most = self.bound.processes;
            self.give_up(format!("a run was left when it had more than {most} processes"));
            return true;
        }
        let made = state.told(choice).map(|made| (at, made));
        self.visit(next, made)
    }

    fn visit(&mut self, state: State<A>, from: Option<(usize, Move)>) -> bool {
        let new = self.known.insert(Fingerprint::of(&state));
        if new {
            let state = Some(state);
            self.nodes.push(Node { state, from });
        }
        new
    }

    fn ended(&mut self, at: usize, state: &State<A>) {
        self.add(state.outcome(self.first), |search| search.run(at));
    }

    /// Adds an outcome, unless it is known.
    fn add(&mut self, outcome: Outcome, run: impl FnOnce(&Self) -> Vec<Move>) {
        if self.outcomes.found.iter().all(|(known, _)| *known != outcome) {
            let run = run(self);
            self.outcomes.found.push((outcome, run));
        }
    }

    fn run(&self, mut at: usize) -> Vec<Move> {
        let mut moves = Vec::new();
        while let Some((from, made)) = &self.nodes[at].from {
            moves.push(made.clone());
            at = *from;
        }
        moves.reverse();
        moves
    }

    fn give_up(&mut self, why: String) {
        self.outcomes.incomplete.get_or_insert(why);
    }
}

impl<A: Actor> State<A> {
    fn begin(actor: A, input: &[u8]) -> (Self, Pid) {
        let (mut kernel, first) = Kernel::launch(input, &mut Facts::unheard());
        // The first process's status is part of the outcome, so it is left where it can be read.
        kernel.set_reaps(kernel.screen(), false);
        let minds = BTreeMap::from([(first, Arc::new(Mind::Own(actor)))]);
        (Self { kernel, minds }, first)
    }

    /// What there is to see of a state in which nothing is possible any more.
    fn outcome(&self, first: Pid) -> Outcome {
        let kernel = &self.kernel;
        let exit = match kernel.get(first).map(|proc| proc.stage) {
            Some(Stage::Zombie(WaitStatus::Exited(code))) => Some(code.into()),
            Some(Stage::Zombie(WaitStatus::Signaled { signal, .. })) => Some(128 + signal.0),
            _ => None,
        };
        // The screen reaps the first process as soon as it has ended.
        let first = u32::from(exit.is_some());
        let count = |is: fn(&Proc) -> bool| kernel.lab().filter(|proc| is(proc)).count() as u32;
        Outcome {
            output: kernel.output().to_vec(),
            exit,
            gone: kernel.gone() + first,
            zombies: count(Proc::is_zombie) - first,
            orphans: count(|proc| proc.is_alive() && proc.orphan_of.is_some()),
            stuck: count(Proc::is_alive),
        }
    }

    /// How many processes there have been, the dead among them.
    fn processes(&self) -> u32 {
        self.kernel.lab().count() as u32 + self.kernel.gone()
    }

    /// A move from here, as runs tell it.
    fn told(&self, choice: &Choice) -> Option<Move> {
        let who = self.kernel.get(choice.pid()).and_then(Proc::id)?;
        let what = choice.what();
        Some(Move { who, what })
    }

    /// All moves that are possible, in the order of pids; an error if somebody is lost.
    fn choices(&mut self) -> Result<Vec<Choice>, String> {
        let mut choices = Vec::new();
        let running: Vec<Pid> = self
            .kernel
            .lab()
            .filter(|proc| proc.is_running())
            .map(|proc| proc.pid)
            .collect();
        for pid in running {
            choices.push(Choice::Call(pid, self.wish(pid)?));
        }
        choices.extend(self.kernel.steps().into_iter().map(Choice::Step));
        Ok(choices)
    }

    /// What a process wants next.
    fn wish(&mut self, pid: Pid) -> Result<Call, String> {
        let Some(mind) = self.minds.get_mut(&pid) else {
            return Err(format!("nothing runs in {pid}"));
        };
        match Arc::make_mut(mind) {
            Mind::Own(actor) => match actor.next() {
                Wish::Call(call) => Ok(call),
                Wish::Lost(why) => Err(why),
            },
            Mind::Other(calls) => Ok(calls.first().cloned().unwrap_or(Call::Exit(0))),
        }
    }

    fn make(&mut self, choice: &Choice) -> Result<(), String> {
        let facts = &mut Facts::unheard();
        match choice {
            Choice::Call(who, call) => {
                let answer = self.kernel.call(*who, call, facts);
                self.answered(*who, call, answer)?;
            }
            Choice::Step(step) => {
                let returned = self.kernel.step(*step, facts);
                self.run_handlers(step.pid());
                if let Some((pid, ret)) = returned {
                    self.resume(pid, &ret);
                }
            }
        }
        let kernel = &self.kernel;
        self.minds
            .retain(|pid, _| kernel.get(*pid).is_some_and(Proc::is_alive));
        Ok(())
    }

    fn answered(&mut self, who: Pid, call: &Call, answer: Answer) -> Result<(), String> {
        match answer {
            Answer::Returned(ret) => {
                self.run_handlers(who);
                self.resume(who, &ret);
            }
            Answer::Forked(child) => {
                self.be_born(who, child);
                self.run_handlers(who);
                self.resume(who, &Return::Value(child.0.into()));
            }
            Answer::Vforked(child) => self.be_born(who, child),
            Answer::Replaced => {
                if let Call::Exec(image) = call {
                    let name = image.argv.join(" ");
                    let calls = actor::program(image)
                        .ok_or_else(|| format!("what `{name}` does is not known to the model"))?;
                    self.minds.insert(who, Arc::new(Mind::Other(calls)));
                }
            }
            Answer::Blocked | Answer::Ended => {}
        }
        Ok(())
    }

    fn be_born(&mut self, parent: Pid, child: Pid) {
        if let Some(mind) = self.minds.get(&parent) {
            self.minds.insert(child, Arc::clone(mind));
        }
        self.resume(child, &Return::Value(0));
    }

    fn run_handlers(&mut self, pid: Pid) {
        for signal in self.kernel.take_caught(pid).iter() {
            if let Some(Mind::Own(actor)) = self.minds.get_mut(&pid).map(Arc::make_mut) {
                actor.catch(signal);
            }
        }
    }

    fn resume(&mut self, pid: Pid, ret: &Return) {
        match self.minds.get_mut(&pid).map(Arc::make_mut) {
            Some(Mind::Own(actor)) => actor.resume(ret),
            Some(Mind::Other(calls)) if !calls.is_empty() => {
                calls.remove(0);
            }
            _ => {}
        }
    }

    /// All that a process may still do.
    fn future(&self, pid: Pid) -> Effects {
        match self.minds.get(&pid).map(AsRef::as_ref) {
            Some(Mind::Own(actor)) => actor.future(),
            Some(Mind::Other(calls)) => calls.iter().map(Effects::of).fold(Effects::NONE, Effects::and),
            None => Effects::NONE,
        }
    }
}
