//! Signals that the program catches: which handlers it has, what has arrived, and what a running handler
//! blocks.
//!
//! Whether a signal is blocked by sigprocmask, and what the default actions do, is the kernel's business; see
//! [`Kernel`](crate::program::Kernel). As in the kernel, a second signal of a number that is waiting is lost:
//! they merge.

use std::collections::BTreeMap;

use super::{Machine, Phase, Then, Trouble};
use crate::model::Signal;
use crate::program::call::{Action, Disposition, Language, SA_NODEFER, SA_RESETHAND, SA_RESTART, SignalSet};
use crate::program::value::Value;

/// Why a frame is on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum FrameKind {
    /// The program called the function.
    Plain,
    /// A signal did; these are blocked meanwhile.
    Handler(SignalSet),
    /// exit did.
    AtExit,
}

/// The program's handlers, and what has arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::program) struct Signals {
    arrived: SignalSet,
    /// What a handler blocked that never came back, because it exited.
    held: SignalSet,
    actions: BTreeMap<i32, (Action, Value)>,
}

impl Signals {
    pub(super) fn arrive(&mut self, signal: Signal) {
        self.arrived = self.arrived.with(signal);
    }

    pub(super) fn hold(&mut self, blocked: SignalSet) {
        self.held = blocked;
    }

    pub(super) fn forget_arrived(&mut self) {
        self.arrived = SignalSet::default();
    }

    /// Remembers what the kernel was told; gives what was there before.
    pub(in crate::program) fn set(
        &mut self,
        signal: Signal,
        action: Action,
        handler: Value,
    ) -> Option<(Action, Value)> {
        self.actions.insert(signal.0, (action, handler))
    }

    /// What the program last asked for.
    pub(in crate::program) fn get(&self, signal: Signal) -> Option<&(Action, Value)> {
        self.actions.get(&signal.0)
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.actions.values_mut().map(|(_, handler)| handler)
    }

    /// Whether a handler is to run, while these are blocked.
    fn has_handler(&self, blocked: SignalSet) -> bool {
        self.arrived
            .iter()
            .filter(|signal| !blocked.contains(*signal))
            .filter_map(|signal| self.get(signal))
            .any(|(action, _)| action.disposition == Disposition::Catch)
    }

    /// Whether each signal that waits has a handler after which the interrupted call goes on.
    pub(super) fn arrived_restart(&self) -> bool {
        self.arrived
            .iter()
            .filter_map(|signal| self.get(signal))
            .all(|(action, _)| action.flags & SA_RESTART != 0)
    }
}

impl Machine {
    /// A call that is still to be made gives way to the handlers of what has arrived, and is asked for anew after
    /// them: as when the kernel delivers a signal to a process that has not entered its call yet.
    pub(in crate::program) fn give_way(&mut self) {
        if !self.signals.has_handler(self.blocked()) {
            return;
        }
        let Phase::Asking(pending) = &self.phase else {
            return;
        };
        if pending.then != Then::End
            && let Some(frame) = self.frames.last_mut()
        {
            frame.interrupted = Some(Box::new(pending.clone()));
            self.phase = Phase::Running;
        }
    }

    /// The next handler to run: what to call, as what, and with which signal.
    pub(super) fn next_handler(&mut self) -> Option<(Value, FrameKind, Signal)> {
        if self.signals.arrived == SignalSet::default() {
            return None;
        }
        let blocked = self.blocked();
        let signal = self
            .signals
            .arrived
            .iter()
            .find(|signal| !blocked.contains(*signal))?;
        self.signals.arrived = self.signals.arrived.without(signal);
        let (action, handler) = self.signals.get(signal)?.clone();
        if action.disposition != Disposition::Catch {
            return None;
        }
        if action.flags & SA_RESETHAND != 0 {
            self.signals.actions.remove(&signal.0);
        }
        // Python blocks nothing while a handler runs.
        let blocks = match self.program.language {
            Language::Python => SignalSet::default(),
            Language::C if action.flags & SA_NODEFER != 0 => action.mask,
            Language::C => action.mask.with(signal),
        };
        Some((handler, FrameKind::Handler(blocks), signal))
    }

    /// What the handlers that run block.
    pub(super) fn blocked(&self) -> SignalSet {
        self.frames
            .iter()
            .fold(self.signals.held, |set, frame| match frame.kind {
                FrameKind::Handler(more) => SignalSet(set.0 | more.0),
                FrameKind::Plain | FrameKind::AtExit => set,
            })
    }

    pub(super) fn enter_handler(
        &mut self,
        handler: &Value,
        kind: FrameKind,
        signal: Signal,
    ) -> Result<(), Trouble> {
        let args = match self.program.language {
            Language::C => vec![Value::Int(i64::from(signal.0))],
            Language::Python => vec![Value::Int(i64::from(signal.0)), Value::Frame],
        };
        if let Value::Native(native) = handler {
            // The only one of the library that is a handler raises KeyboardInterrupt.
            return super::call_native(self, *native, &args).map(|_| ());
        }
        self.enter_value(handler, args, kind)
    }
}
