//! Calls of functions: a frame in memory, arguments that become variables, and what is left behind at the end.

use std::sync::Arc;

use super::signals::FrameKind;
use super::{Frame, Machine, Trouble, number};
use crate::model::Signal;
use crate::program::call::Language;
use crate::program::code::{FunctionId, Place, Shared};
use crate::program::memory;
use crate::program::value::Value;

/// The deepest nesting of calls. C's stack usually ends first; Python has a limit of its own.
const MAX_FRAMES: usize = 100_000;
/// Python's `sys.getrecursionlimit()`, and the frame that begins the module.
const PYTHON_FRAMES: usize = 1001;

impl Machine {
    /// Puts `argv` and `argc` on the operand stack and the strings above the first frame.
    pub(super) fn place_arguments(&mut self, args: &[&[u8]]) {
        let mut at = memory::STACK_TOP - 0x800;
        let mut pointers = Vec::new();
        let mut strings = at + 8 * (args.len() as u64 + 1);
        for arg in args {
            pointers.extend_from_slice(&strings.to_le_bytes());
            let string = [arg, &b"\0"[..]].concat();
            // A handful of short strings always finds room.
            let _ = self.memory.place(strings, &string);
            strings += string.len() as u64;
        }
        pointers.extend_from_slice(&[0; 8]);
        let _ = self.memory.place(at, &pointers);
        self.stack.push(Value::Int(at as i64));
        self.stack.push(Value::Int(args.len() as i64));
        at &= !15;
        self.stack_pointer = at;
    }

    /// Begins a function; its arguments become its first variables.
    pub(super) fn enter(&mut self, id: FunctionId, args: Vec<Value>, kind: FrameKind) -> Result<(), Trouble> {
        let program = Shared(Arc::clone(&self.program.0));
        let function = program.function(id);
        if self.frames.len() >= MAX_FRAMES {
            return Err(Trouble::Fault(
                Signal::SEGV,
                "too many calls within calls: the stack is full".into(),
            ));
        }
        if self.program.language == Language::Python && self.frames.len() >= PYTHON_FRAMES {
            return Err(Trouble::raise(
                "RecursionError",
                "maximum recursion depth exceeded",
            ));
        }
        // 16 bytes for the return address and the caller's frame pointer, as the ABI has it.
        let base = self.stack_pointer - u64::from(function.frame).next_multiple_of(16) - 16;
        if memory::STACK_TOP - base > memory::STACK_SIZE {
            return Err(Trouble::Fault(
                Signal::SEGV,
                "the stack is full: this recursion does not end".into(),
            ));
        }
        let mut frame = Frame::new(id, base);
        frame.kind = kind;
        frame.bottom = self.stack.len() as u32;
        frame.line = function.line;
        frame.locals = vec![Value::Unset; function.locals as usize];
        self.stack_pointer = base;
        for variable in &function.variables {
            if let Place::Frame(offset, _) = variable.place {
                self.memory
                    .map(base + u64::from(offset), variable.ty.size().max(1))?;
            }
        }
        for (place, value) in function.params.iter().zip(args) {
            match *place {
                Place::Frame(offset, int) => {
                    let number = number::of(&value)?;
                    self.memory
                        .set_number(base + u64::from(offset), int.bytes, number as u64)?;
                }
                Place::Local(slot) => frame.locals[slot as usize] = value,
                Place::Address(_) | Place::Global(_) => {}
            }
        }
        self.frames.push(frame);
        Ok(())
    }

    /// Begins whatever a value stands for: a function, a C function pointer.
    pub(super) fn enter_value(
        &mut self,
        callee: &Value,
        args: Vec<Value>,
        kind: FrameKind,
    ) -> Result<(), Trouble> {
        let id = match callee {
            Value::Function(id) => {
                let args = self.arrange(*id, args, &[])?;
                return self.enter(*id, args, kind);
            }
            Value::Int(address) => self.function_at(*address as u64).ok_or_else(|| {
                Trouble::Fault(
                    Signal::SEGV,
                    format!("{address:#x} is called, and is no function"),
                )
            })?,
            other => {
                let sentence = format!("'{}' object is not callable", self.type_name(other));
                return Err(Trouble::raise("TypeError", sentence));
            }
        };
        self.enter(id, args, kind)
    }

    /// The function that a C function pointer points to.
    pub(in crate::program) fn function_at(&self, address: u64) -> Option<FunctionId> {
        let distance = address.checked_sub(memory::TEXT)?;
        let index = distance / memory::FUNCTION_SIZE;
        let exists =
            distance.is_multiple_of(memory::FUNCTION_SIZE) && (index as usize) < self.program.functions.len();
        exists.then_some(FunctionId(index as u32))
    }

    /// Ends the innermost call.
    pub(super) fn leave(&mut self, result: Value) -> Result<(), Trouble> {
        let borrowed = self.borrowed.as_ref();
        if borrowed.is_some_and(|borrowed| self.frames.len() <= borrowed.depth) {
            return Err(Trouble::unsupported(
                "the child of vfork returns from the function that called vfork: that destroys its parent's stack",
            ));
        }
        let Some(frame) = self.drop_frame() else {
            return Ok(());
        };
        // What follows main has no line of its own.
        if let Some(caller) = self.frames.last_mut().filter(|caller| caller.line == 0) {
            caller.line = frame.line;
        }
        if frame.kind == FrameKind::Plain {
            self.stack.push(result);
        }
        Ok(())
    }

    /// Takes the innermost frame away, with its part of the stacks.
    pub(super) fn drop_frame(&mut self) -> Option<Frame> {
        let frame = self.frames.pop()?;
        let size = u64::from(self.program.function(frame.function).frame);
        self.memory.unmap(frame.base, size);
        self.stack.truncate(frame.bottom as usize);
        self.stack_pointer = frame.base + size.next_multiple_of(16) + 16;
        Some(frame)
    }
}
