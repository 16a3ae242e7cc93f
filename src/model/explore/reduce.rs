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
use crate::model::sim::{Call, Kernel, Proc, Stage, Step};
use crate::model::{Pid, Signal, WaitCall, WaitTarget};

/// What there is to know of a state for judging its moves.
pub(super) struct Look<'a> {
    kernel: &'a Kernel,
    /// The living, with all that they may still do.
    futures: Vec<(&'a Proc, Effects)>,
    /// Whether signals other than SIGCHLD can come, or something else hangs over somebody.
    uneasy: bool,
}

impl<'a> Look<'a> {
    /// Looks at a state.
    pub(super) fn at<A: Actor>(state: &'a State<A>) -> Self {
        let kernel = &state.kernel;
        let living = kernel.lab().filter(|proc| proc.is_alive());
        let futures: Vec<_> = living.map(|proc| (proc, state.future(proc.pid))).collect();
        let uneasy = futures.iter().any(|(_, future)| future.has(Effects::SEND))
            || kernel.lab().any(|proc| {
                proc.alarm.is_some()
                    || proc.has_strings()
                    || proc.stopped.is_some()
                    || proc.subreaper
                    || proc.catches()
                    || matches!(proc.stage, Stage::Exiting(_))
            });
        Self {
            kernel,
            futures,
            uneasy,
        }
    }

    /// Whether `choice` can be made at once, and the other orders be left out.
    pub(super) fn is_free(&self, choice: &Choice) -> bool {
        let Some(proc) = self.kernel.get(choice.pid()) else {
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
        match call {
            Call::Getpid | Call::Local(_) => true,
            _ if self.uneasy => false,
            call => self.is_free_in_quiet(proc, call),
        }
    }

    fn is_free_in_quiet(&self, proc: &Proc, call: &Call) -> bool {
        let others = Others::of(self, proc.pid);
        if others.may(Effects::KIN) {
            return false;
        }
        match call {
            Call::Fork | Call::Vfork | Call::Sleep | Call::Pipe { .. } | Call::Dup { .. } => true,
            Call::Wait(call) => self.wait_is_free(proc, *call),
            Call::Write { fd, .. } | Call::Read { fd, .. } => others.leave_alone(self.kernel, proc, *fd),
            Call::Close(fd) | Call::Dup2 { to: fd, .. } => {
                !self.kernel.is_pipe(proc, *fd) || others.leave_alone(self.kernel, proc, *fd)
            }
            Call::Open { .. } | Call::Lseek { .. } | Call::Unlink(_) => !others.may(Effects::IO),
            Call::Exit(_) | Call::Fault(_) => self.end_is_free(proc, &others),
            Call::Sigaction(act) => act.signal != Signal::CHLD || proc.children.is_empty(),
            Call::Sigprocmask { .. } => proc.children.is_empty(),
            _ => false,
        }
    }

    /// A wait is free if it cannot return yet (falling asleep is seen by nobody), or if what it returns stands fast.
    fn wait_is_free(&self, proc: &Proc, call: WaitCall) -> bool {
        let mut living = false;
        for child in proc.children.iter().filter_map(|child| self.kernel.get(*child)) {
            let meant = match call.target {
                WaitTarget::Any => true,
                WaitTarget::Child(pid) => child.pid == pid,
                // Groups may change.
                WaitTarget::OwnGroup | WaitTarget::Group(_) => return false,
            };
            if meant && child.is_zombie() {
                // A child that comes earlier in the list might still end first.
                return !living || !self.future(proc.pid).looks_at_ends();
            }
            living |= meant;
        }
        !(living && call.options.nohang)
    }

    /// An end is free if its parent does not look, and no pipe is closed by it. The children that it leaves go to the
    /// keeper, which only reaps; and nobody asks for a parent (else it would not be quiet).
    fn end_is_free(&self, proc: &Proc, others: &Others<'_>) -> bool {
        let parent_looks = others
            .0
            .iter()
            .any(|(other, future)| other.pid == proc.parent && future.looks_at_ends());
        let shares = others
            .0
            .iter()
            .any(|(other, _)| self.kernel.share_pipe(proc, other));
        !parent_looks && !shares
    }

    fn future(&self, pid: Pid) -> Effects {
        let found = self.futures.iter().find(|(proc, _)| proc.pid == pid);
        found.map_or(Effects::ALL, |(_, future)| *future)
    }

    /// `pid`, and those that sleep in a wait which only its end, or the end of another of these, can end: whatever
    /// they will do comes after it.
    fn held_up_by(&self, pid: Pid) -> Vec<Pid> {
        let mut held = vec![pid];
        loop {
            let mut living = self.futures.iter().map(|(proc, _)| *proc);
            match living.find(|proc| !held.contains(&proc.pid) && self.waits_only_for(proc, &held)) {
                Some(proc) => held.push(proc.pid),
                None => return held,
            }
        }
    }

    fn waits_only_for(&self, proc: &Proc, held: &[Pid]) -> bool {
        let Some(Call::Wait(call)) = &proc.blocked_in else {
            return proc.vforked.is_some_and(|child| held.contains(&child));
        };
        let meant = |child: &&Pid| match call.target {
            WaitTarget::Child(pid) => **child == pid,
            _ => true,
        };
        let is_held =
            |child: &Pid| held.contains(child) && self.kernel.get(*child).is_some_and(Proc::is_alive);
        let mut children = proc.children.iter().filter(meant).peekable();
        children.peek().is_some() && children.all(is_held)
    }
}

/// The living processes that may do something before the one that is looked at does.
struct Others<'a>(Vec<(&'a Proc, Effects)>);

impl<'a> Others<'a> {
    fn of(look: &Look<'a>, pid: Pid) -> Self {
        let held_up = look.held_up_by(pid);
        Self(
            look.futures
                .iter()
                .filter(|(proc, _)| !held_up.contains(&proc.pid))
                .copied()
                .collect(),
        )
    }

    fn may(&self, some: Effects) -> bool {
        self.0.iter().any(|(_, future)| future.has(some))
    }

    /// Whether nobody else can use what `fd` leads to, or close the other end of it.
    fn leave_alone(&self, kernel: &Kernel, own: &Proc, fd: i32) -> bool {
        let pipe = kernel.is_pipe(own, fd);
        !self
            .0
            .iter()
            .any(|(proc, future)| (pipe || future.has(Effects::IO)) && kernel.meet(own, fd, proc))
    }
}
