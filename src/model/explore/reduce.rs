//! Which moves need not be tried in every order.
//!
//! A move is *free* if nothing that other processes can do before it could change what it does, and it changes
//! nothing that they do: then whatever happens in any other order also happens if it is made first, and no outcome is
//! lost (it is a persistent set of one move; Godefroid, Partial-Order Methods, 1996). What the others can do is
//! over-estimated by what they may still ask for ([`Actor::future`]), so when in doubt a move is not free.
//!
//! Signals can come between any two moves. So wherever somebody may still send one, has armed a timer or has a
//! handler, only that is free which nobody can see at all.
//!
//! Which of two newborns of different parents gets the smaller pid is not told apart: on a real machine the numbers
//! differ in every run anyway.
//!
//! That the rules lose nothing is tested against the search without them, on thousands of random programs.

use super::{Actor, Choice, Effects, State};
use crate::model::sim::{Call, Proc, Stage, Step};
use crate::model::{Pid, Signal, WaitTarget};

/// Whether `choice` can be made at once, and the other orders be left out.
pub(super) fn is_free<A: Actor>(state: &State<A>, choice: &Choice) -> bool {
    let Some(proc) = state.kernel.get(choice.pid()) else {
        return false;
    };
    let call = match choice {
        Choice::Call(_, call) => call,
        // What a sleeping call does when it returns is judged like the call.
        Choice::Step(Step::Complete(_)) => match &proc.blocked_in {
            Some(call) => call,
            None => return false,
        },
        Choice::Step(_) => return false,
    };
    if proc.catches() || !proc.pending.is_empty() {
        return false;
    }
    if matches!(call, Call::Getpid | Call::Local(_)) {
        return true;
    }
    let others = Others::of(state, proc.pid);
    if !others.is_quiet(state, proc) {
        return false;
    }
    match call {
        Call::Fork | Call::Vfork | Call::Sleep | Call::Pipe { .. } | Call::Dup { .. } => true,
        Call::Wait(_) => wait_is_free(state, proc, call),
        Call::Write { fd, .. } | Call::Read { fd, .. } => others.leave_alone(state, proc, *fd),
        Call::Close(fd) | Call::Dup2 { to: fd, .. } => {
            !state.kernel.is_pipe(proc, *fd) || others.leave_alone(state, proc, *fd)
        }
        Call::Open { .. } | Call::Lseek { .. } | Call::Unlink(_) => !others.may(Effects::IO),
        Call::Exit(_) | Call::Fault(_) => end_is_free(state, proc, &others),
        Call::Sigaction(act) => act.signal != Signal::CHLD || proc.children.is_empty(),
        Call::Sigprocmask { .. } => proc.children.is_empty(),
        _ => false,
    }
}

/// The living processes that may do something before the one that is looked at does.
struct Others<'a> {
    procs: Vec<(&'a Proc, Effects)>,
}

impl<'a> Others<'a> {
    fn of<A: Actor>(state: &'a State<A>, pid: Pid) -> Self {
        let held_up = held_up_by(state, pid);
        let procs = state
            .kernel
            .lab()
            .filter(|proc| proc.is_alive() && !held_up.contains(&proc.pid))
            .map(|proc| (proc, state.future(proc.pid)))
            .collect();
        Self { procs }
    }

    fn may(&self, some: Effects) -> bool {
        self.procs.iter().any(|(_, future)| future.has(some))
    }

    /// Whether no signal can come but SIGCHLD, and nobody looks at what is whose.
    fn is_quiet<A: Actor>(&self, state: &State<A>, own: &Proc) -> bool {
        let strings = |proc: &Proc| {
            proc.alarm.is_some()
                || proc.has_strings()
                || proc.stopped.is_some()
                || matches!(proc.stage, Stage::Exiting(_))
        };
        !self.may(Effects::SEND.and(Effects::KIN))
            && !state
                .kernel
                .lab()
                .any(|proc| strings(proc) || proc.subreaper || proc.catches())
            && !state.future(own.pid).has(Effects::SEND)
    }

    /// Whether nobody else can use what `fd` leads to, or close the other end of it.
    fn leave_alone<A: Actor>(&self, state: &State<A>, own: &Proc, fd: i32) -> bool {
        let pipe = state.kernel.is_pipe(own, fd);
        !self
            .procs
            .iter()
            .any(|(proc, future)| (pipe || future.has(Effects::IO)) && state.kernel.meet(own, fd, proc))
    }
}

/// `pid`, and those that sleep in a wait which only its end, or the end of another of these, can end: whatever they
/// will do comes after it.
fn held_up_by<A: Actor>(state: &State<A>, pid: Pid) -> Vec<Pid> {
    let mut held = vec![pid];
    loop {
        let next = state
            .kernel
            .lab()
            .find(|proc| !held.contains(&proc.pid) && waits_only_for(state, proc, &held));
        match next {
            Some(proc) => held.push(proc.pid),
            None => return held,
        }
    }
}

fn waits_only_for<A: Actor>(state: &State<A>, proc: &Proc, held: &[Pid]) -> bool {
    let Some(Call::Wait(call)) = &proc.blocked_in else {
        return proc.vforked.is_some_and(|child| held.contains(&child));
    };
    let meant = |child: &Pid| match call.target {
        WaitTarget::Child(pid) => *child == pid,
        _ => true,
    };
    let mut children = proc.children.iter().filter(|child| meant(child)).peekable();
    let is_held = |child: &Pid| held.contains(child) && state.kernel.get(*child).is_some_and(Proc::is_alive);
    children.peek().is_some() && children.all(is_held)
}

/// A wait is free if it cannot return yet (falling asleep is seen by nobody), or if what it returns stands fast.
fn wait_is_free<A: Actor>(state: &State<A>, proc: &Proc, call: &Call) -> bool {
    let Call::Wait(call) = call else {
        return false;
    };
    let own = state.future(proc.pid);
    let mut living = false;
    for child in proc.children.iter().filter_map(|child| state.kernel.get(*child)) {
        let meant = match call.target {
            WaitTarget::Any => true,
            WaitTarget::Child(pid) => child.pid == pid,
            // Groups may change.
            WaitTarget::OwnGroup | WaitTarget::Group(_) => return false,
        };
        if meant && child.is_zombie() {
            // A child that comes earlier in the list might still end first.
            return !living || !own.looks_at_ends();
        }
        living |= meant;
    }
    !(living && call.options.nohang)
}

/// An end is free if its parent will not look, its children do not mind, and no pipe is closed by it.
fn end_is_free<A: Actor>(state: &State<A>, proc: &Proc, others: &Others<'_>) -> bool {
    let parent_looks = others
        .procs
        .iter()
        .any(|(other, future)| other.pid == proc.parent && future.looks_at_ends());
    let shares = others
        .procs
        .iter()
        .any(|(other, _)| state.kernel.share_pipe(proc, other));
    !parent_looks && !shares
}
