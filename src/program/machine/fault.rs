//! What happens when an instruction cannot be executed: a sentence for the student, and the end that follows.

use super::{Fault, Machine, Then, Trouble};
use crate::model::{Signal, WaitStatus};
use crate::program::call::Call;
use crate::program::memory::{Access, STACK_TOP};

impl Machine {
    pub(super) fn fail(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::Raise(exception) => self.unwind(exception, false),
            trouble => self.fail_here(trouble),
        }
    }

    /// Ends the program where it stands, whatever it would catch.
    pub(super) fn fail_here(&mut self, trouble: Trouble) {
        let line = self.line();
        let (signal, sentence) = match trouble {
            Trouble::Memory(access) => self.explain(access),
            Trouble::Fault(signal, sentence) => (signal, sentence),
            Trouble::Raise(_) => (Signal::ABRT, "an exception cannot be shown".to_owned()),
        };
        self.untold = Some(Fault {
            line,
            sentence,
            status: WaitStatus::signaled(signal),
        });
        self.ask(Call::Die(signal), Then::End);
    }

    fn explain(&self, access: Access) -> (Signal, String) {
        match access {
            Access::Unmapped(address) if address < 4096 => {
                (Signal::SEGV, "a null pointer is followed".to_owned())
            }
            Access::Unmapped(address) => (
                Signal::SEGV,
                format!("address {address:#x} belongs to no variable: a pointer or an index went astray"),
            ),
            Access::ReadOnly(_) => (Signal::SEGV, "a string literal cannot be written".to_owned()),
            Access::Unassigned(address) => (
                Signal::ABRT,
                format!(
                    "{} is used before it has a value; C would go on with whatever lies there",
                    self.name_of(address)
                ),
            ),
            Access::TooMuch => (
                Signal::ABRT,
                "the program wants more than 64 MiB, which is more than stepping allows".to_owned(),
            ),
        }
    }

    /// Whether the program may write to its memory now: the child of vfork borrows its parent's.
    pub(super) fn may_write(&self) -> Result<(), Trouble> {
        match &self.borrowed {
            Some(borrowed) if borrowed.line != self.line() => Err(Trouble::unsupported(
                "the child of vfork runs in its parent's memory and may only exec or _exit; this write would change \
                 the parent's variable, which stepping cannot show. Use fork, or trace the program",
            )),
            _ => Ok(()),
        }
    }

    /// The name of the variable at an address, for a sentence.
    fn name_of(&self, address: u64) -> String {
        for (name, start, size) in self.variables_of_frames() {
            if (start..start + size).contains(&address) {
                return format!("`{name}`");
            }
        }
        if address < STACK_TOP && self.memory.byte(address) == Err(Access::Unassigned(address)) {
            return "memory from malloc".to_owned();
        }
        "memory".to_owned()
    }
}
