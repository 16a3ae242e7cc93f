//! What each instruction does.

use super::signals::FrameKind;
use super::{Flow, Machine, Outcome, Then, Trouble, call_native, number};
use crate::program::call::{Call, Language};
use crate::program::code::{Instr, Native};
use crate::program::python::drop_file;
use crate::program::value::Value;

impl Machine {
    /// Executes the next instruction.
    pub(super) fn execute(&mut self) -> Result<Outcome, Trouble> {
        let Some(frame) = self.frames.last_mut() else {
            self.exit(0);
            return Ok(Outcome::Ran);
        };
        let code = &self.program.0.functions[frame.function.0 as usize].code;
        let Some(&instr) = code.get(frame.at as usize) else {
            // Every function ends with a return; one that does not is over all the same.
            self.leave(Value::None)?;
            return Ok(Outcome::Ran);
        };
        frame.at += 1;
        match instr {
            Instr::Line(line) => {
                let before = frame.at - 1;
                if let Some(file) = self.clear_heap() {
                    // Python closes it where the last reference went: on the line that has just ended.
                    self.jump(before);
                    return Ok(match drop_file(self, file) {
                        Some(call) => self.ask(call, Then::Nobody),
                        None => Outcome::Ran,
                    });
                }
                if let Some(frame) = self.frames.last_mut() {
                    frame.line = line;
                }
                self.last = None;
                return Ok(Outcome::Line(line));
            }
            Instr::Native { native, args } => {
                let args = self.pop_arguments(usize::from(args));
                return self.native(native, args);
            }
            Instr::Jump(to) => self.jump(to),
            Instr::JumpIf(to) => {
                if self.pop_truth()? {
                    self.jump(to);
                }
            }
            Instr::JumpUnless(to) => {
                if !self.pop_truth()? {
                    self.jump(to);
                }
            }
            Instr::Call { function, args } => {
                let args = self.pop_arguments(usize::from(args));
                self.enter(function, args, FrameKind::Plain)?;
            }
            Instr::CallValue { args } => {
                let args = self.pop_arguments(usize::from(args));
                let callee = self.pop();
                return self.call_value(&callee, args, &[]);
            }
            Instr::CallNamed { args, names } => return self.call_named(usize::from(args), names),
            Instr::CallSpread { names } => return self.call_spread(names),
            Instr::Next(end) => return self.next(end),
            Instr::Return => {
                let result = self.pop();
                self.leave(result)?;
            }
            Instr::Int(number) => self.push(Value::Int(number)),
            Instr::Const(index) => self.push(self.program.constants[index as usize].clone()),
            Instr::Pop => {
                self.pop();
            }
            Instr::Dup => self.push(self.top(0)),
            Instr::Over => self.push(self.top(1)),
            Instr::Rotate => {
                let (b, c) = self.pop_two();
                let a = self.pop();
                self.stack.extend([b, c, a]);
            }
            Instr::Swap => {
                let (a, b) = self.pop_two();
                self.push(b);
                self.push(a);
            }
            typed => self.compute(typed)?,
        }
        Ok(Outcome::Ran)
    }

    /// The instructions of C; the rest are Python's.
    fn compute(&mut self, instr: Instr) -> Result<(), Trouble> {
        match instr {
            Instr::FrameAddress(offset) => {
                let base = self.frames.last().map_or(0, |frame| frame.base);
                self.push(Value::Int((base + u64::from(offset)) as i64));
            }
            Instr::Forget { offset, size } => {
                let base = self.frames.last().map_or(0, |frame| frame.base);
                self.memory.map(base + u64::from(offset), u64::from(size))?;
            }
            Instr::Load(int) => {
                let address = self.pop_number()? as u64;
                let number = self.memory.number(address, int.bytes)? as i64;
                self.push(Value::Int(int.wrap(number)));
            }
            Instr::Store(int) => {
                let number = int.wrap(self.pop_number()?);
                let address = self.pop_number()? as u64;
                self.may_write()?;
                self.memory.set_number(address, int.bytes, number as u64)?;
                self.push(Value::Int(number));
            }
            Instr::Copy(size) => {
                let from = self.pop_number()? as u64;
                let to = self.pop_number()? as u64;
                self.may_write()?;
                self.memory.copy(from, to, u64::from(size))?;
                self.push(Value::Int(to as i64));
            }
            Instr::Arith(op, int) => {
                let (a, b) = self.pop_numbers()?;
                self.push(Value::Int(number::arith(op, int, a, b)?));
            }
            Instr::Compare(op, int) => {
                let (a, b) = self.pop_numbers()?;
                self.push(Value::Int(i64::from(number::compare(op, int, a, b))));
            }
            Instr::Negate(int) => {
                let number = self.pop_number()?;
                self.push(Value::Int(int.wrap(number.wrapping_neg())));
            }
            Instr::Invert(int) => {
                let number = self.pop_number()?;
                self.push(Value::Int(int.wrap(!number)));
            }
            Instr::Not => {
                let number = self.pop_number()?;
                self.push(Value::Int(i64::from(number == 0)));
            }
            Instr::Wrap(int) => {
                let number = self.pop_number()?;
                self.push(Value::Int(int.wrap(number)));
            }
            dynamic => self.compute_dynamic(dynamic)?,
        }
        Ok(())
    }

    /// Calls a library function.
    pub(super) fn native(&mut self, native: Native, args: Vec<Value>) -> Result<Outcome, Trouble> {
        match call_native(self, native, &args)? {
            Flow::Value(value) => self.push(value),
            Flow::Exit(code) => self.exit(code),
            Flow::Ask(call, then) => return Ok(self.ask_checked(call, then)),
            Flow::Again(call, then) => {
                self.again(args);
                return Ok(self.ask(call, then));
            }
            Flow::Flushed => self.again(args),
            flow @ (Flow::Later(..) | Flow::Nothing) => self.follow(flow),
        }
        Ok(Outcome::Ran)
    }

    /// Has the instruction executed once more, with the same arguments.
    fn again(&mut self, mut args: Vec<Value>) {
        if self.program.language == Language::C {
            args.reverse();
        }
        self.stack.extend(args);
        if let Some(frame) = self.frames.last_mut() {
            frame.at -= 1;
        }
    }

    /// In the child of vfork nothing may be left in the buffer that is its parent's too.
    fn ask_checked(&mut self, call: Call, then: Then) -> Outcome {
        let left = self
            .borrowed
            .as_ref()
            .is_some_and(|borrowed| borrowed.waiting != self.unwritten().len());
        if left && matches!(call, Call::Exit { .. } | Call::Exec(_)) {
            self.fail(Trouble::unsupported(
                "the child of vfork leaves text in the buffer of its parent, which stepping cannot show. \
                 Use fork, or trace the program",
            ));
            return Outcome::Ran;
        }
        self.ask(call, then)
    }

    /// Takes the arguments of a call, the first in front. C's lie on the stack in reverse, because gcc
    /// evaluates them from the last to the first.
    pub(super) fn pop_arguments(&mut self, count: usize) -> Vec<Value> {
        let mut args = self.pop_many(count);
        if self.program.language == Language::C {
            args.reverse();
        }
        args
    }

    pub(super) fn jump(&mut self, to: u32) {
        if let Some(frame) = self.frames.last_mut() {
            frame.at = to;
        }
    }

    pub(super) fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    /// The front ends keep the stack balanced; a value that is not there is unset.
    pub(super) fn pop(&mut self) -> Value {
        self.stack.pop().unwrap_or_default()
    }

    pub(super) fn pop_two(&mut self) -> (Value, Value) {
        let b = self.pop();
        (self.pop(), b)
    }

    pub(super) fn pop_many(&mut self, count: usize) -> Vec<Value> {
        let from = self.stack.len().saturating_sub(count);
        self.stack.split_off(from)
    }

    pub(super) fn top(&self, below: usize) -> Value {
        let index = self.stack.len().checked_sub(below + 1);
        index.map(|index| self.stack[index].clone()).unwrap_or_default()
    }

    fn pop_number(&mut self) -> Result<i64, Trouble> {
        number::of(&self.pop())
    }

    fn pop_numbers(&mut self) -> Result<(i64, i64), Trouble> {
        let b = self.pop_number()?;
        Ok((self.pop_number()?, b))
    }

    fn pop_truth(&mut self) -> Result<bool, Trouble> {
        match self.pop() {
            // What a C function without `return` gives is no more true than false.
            unset @ Value::Unset => number::of(&unset).map(|number| number != 0),
            value => Ok(super::truth(&value, &self.heap)),
        }
    }
}
