//! The machine that runs a program's instructions, in small steps and without a system call of its own.
//!
//! Its whole state is a value: it can be copied (that is what fork means for it), compared and hashed (so
//! that an explorer visits equal states once), and nothing in it recurses, waits, reads a clock or performs
//! I/O. Whoever drives it calls [`Machine::step`] again and again. When the program makes a system call, the
//! step gives it out as [`Outcome::Call`]; the driver makes it, or answers it from a model, and hands the
//! answer to [`Machine::resume`].
//!
//! ```text
//!   step ──▶ Ran ──▶ step …                 an instruction was executed
//!        ──▶ Line(7) ──▶ step …             a source line begins
//!        ──▶ Call(fork()) ──▶ resume(4102)  in the parent
//!                         └─▶ resume(0)     in the child, on a copy of the same state
//!        ──▶ Fault(…) ──▶ step …            the program failed; what follows is its end
//!        ──▶ Done(status)
//! ```
//!
//! Exit handlers, signal handlers and the buffers of standard I/O are in here, because fork copies them. What
//! the library functions of a language do stands with its front end, behind [`Native`]: given values, one of
//! them gives a value, asks for a system call, or both one after the other ([`Flow`]).

mod container;
mod dynamic;
mod exception;
mod execute;
mod fault;
mod frame;
mod invoke;
mod iterate;
pub(super) mod number;
mod signals;
mod stdio;
mod view;

use std::sync::Arc;

pub use stdio::Buffering;
pub use view::{FrameView, VariableView};

pub(super) use container::{key_error, limit};
pub(super) use dynamic::{as_float, as_int, truth};
pub(super) use exception::is_subclass;
pub(super) use stdio::{Input, Stream};

use self::signals::{FrameKind, Signals};
use super::call::{Call, Language, Return};
use super::code::{FunctionId, Native, Program, Shared};
use super::memory::{self, Access, Memory};
use super::value::{Exception, Heap, Object, Ref, Value};
use crate::model::{Errno, Signal, WaitStatus};

/// A running program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Machine {
    pub(super) program: Shared,
    frames: Vec<Frame>,
    stack: Vec<Value>,
    pub(super) memory: Memory,
    /// Where the stack of C frames ends.
    stack_pointer: u64,
    pub(super) heap: Heap,
    pub(super) globals: Vec<Value>,
    pub(super) stdout: Stream,
    /// Python's: it is buffered by lines. C's is not buffered at all.
    pub(super) stderr: Stream,
    pub(super) stdin: Input,
    /// What must be written before the next instruction: a descriptor and bytes.
    pub(super) due: Vec<(i32, Vec<u8>)>,
    pub(super) signals: Signals,
    /// What exit calls, the last registered first.
    pub(super) at_exit: Vec<Value>,
    /// How the program is ending.
    exiting: Option<Ending>,
    /// In a child of vfork: what it has of its parent.
    borrowed: Option<Borrowed>,
    /// The position of strtok.
    pub(super) token: u64,
    phase: Phase,
    /// A fault that the driver has not been told of.
    untold: Option<Fault>,
    /// The last notable call of this line, with its answer.
    last: Option<(Call, Return)>,
}

/// One call of a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Frame {
    function: FunctionId,
    /// The next instruction.
    at: u32,
    line: u32,
    /// Its lowest address.
    base: u64,
    /// How high the operand stack was when it began.
    bottom: u32,
    locals: Vec<Value>,
    /// The try blocks it is in: where to go, and how high the stack was.
    tries: Vec<(u32, u32)>,
    kind: FrameKind,
    /// A system call that a signal handler interrupted, to be made again.
    interrupted: Option<Box<Pending>>,
}

/// What a child of vfork runs in: its parent's memory, until it execs or ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Borrowed {
    /// The line on which it was born, where it may assign what vfork gave.
    line: u32,
    /// How much its parent's buffer held.
    waiting: usize,
    /// How many calls its parent was in.
    depth: usize,
}

/// A system call on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pending {
    call: Call,
    then: Then,
    announced: bool,
}

/// How a program that has come to its end will leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Ending {
    Code(i32),
    /// By this signal, as Python does after an interrupt that nobody caught.
    Signal(Signal),
}

/// What the answer to a system call is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Then {
    /// The rest of what is due is written.
    Flush,
    /// Standard input gets the bytes.
    Fill,
    /// Nobody waits for it.
    Nobody,
    /// There is no after.
    End,
    /// A function of C's library goes on.
    C(super::c::Then),
    /// A function of Python's library goes on.
    Python(super::python::Then),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Running,
    Asking(Pending),
    Ended(WaitStatus),
}

/// What one step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Something was computed.
    Ran,
    /// This line begins.
    Line(u32),
    /// This call is to be made; [`Machine::resume`] takes the answer. Until then every step gives it again.
    Call(Call),
    /// The program failed. Its end follows.
    Fault(Fault),
    /// It has ended.
    Done(WaitStatus),
}

/// What went wrong, where, and how it ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fault {
    /// The line.
    pub line: u32,
    /// One sentence for the student.
    pub sentence: String,
    /// The end that follows.
    pub status: WaitStatus,
}

/// Why an instruction could not be executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Memory said no.
    Memory(Access),
    /// The process ends by this signal, for this reason.
    Fault(Signal, String),
    /// Python raises this exception.
    Raise(Value),
}

impl Trouble {
    /// What the machine cannot do: it stops rather than do something else.
    pub(super) fn unsupported(what: impl Into<String>) -> Self {
        Self::Fault(Signal::ABRT, what.into())
    }

    /// A Python exception with one sentence.
    pub(super) fn raise(class: &str, sentence: impl Into<Arc<str>>) -> Self {
        Self::Raise(Exception::value(class, sentence))
    }
}

impl From<Access> for Trouble {
    fn from(access: Access) -> Self {
        Self::Memory(access)
    }
}

/// What a library function came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// Its result.
    Value(Value),
    /// A system call; the answer makes the result.
    Ask(Call, Then),
    /// A system call, and then the same function again with the same arguments.
    Again(Call, Then),
    /// What is due must be written, and then the same function again.
    Flushed,
    /// The program exits with this code: handlers run, buffers are written.
    Exit(i32),
    /// A system call, once what is due is written and the handlers of what interrupted it have run.
    Later(Call, Then),
    /// No result: the answer went where it belongs.
    Nothing,
}

impl Machine {
    /// A machine at the beginning of a program, with its arguments (the name first).
    pub fn new(program: Arc<Program>, args: &[String], buffering: Buffering) -> Self {
        let program = Shared(program);
        let mut machine = Self {
            frames: Vec::new(),
            stack: Vec::new(),
            memory: program.memory.clone(),
            stack_pointer: memory::STACK_TOP,
            heap: Heap::default(),
            globals: vec![Value::Unset; program.global_names.len()],
            stdout: Stream::new(buffering, program.language),
            stderr: Stream::new(Buffering::Line, program.language),
            stdin: Input::default(),
            due: Vec::new(),
            signals: Signals::default(),
            at_exit: Vec::new(),
            exiting: None,
            borrowed: None,
            token: 0,
            phase: Phase::Running,
            untold: None,
            last: None,
            program,
        };
        match machine.program.language {
            Language::C => {
                let args: Vec<&[u8]> = args.iter().map(String::as_bytes).collect();
                machine.place_arguments(&args);
            }
            Language::Python => {
                let args = args.iter().map(|arg| Value::Str(arg.as_str().into())).collect();
                let argv = machine.heap.add(Object::List(args));
                machine.stack.push(argv);
            }
        }
        let start = machine.program.start;
        machine.frames.push(Frame::new(start, machine.stack_pointer));
        machine
    }

    /// Goes on by one instruction, or gives out what the driver has to see or do.
    pub fn step(&mut self) -> Outcome {
        if let Some(fault) = self.untold.take() {
            return Outcome::Fault(fault);
        }
        match &self.phase {
            Phase::Asking(pending) => return Outcome::Call(pending.call.clone()),
            Phase::Ended(status) => return Outcome::Done(*status),
            Phase::Running => {}
        }
        match self.advance() {
            Ok(outcome) => outcome,
            Err(trouble) => {
                self.fail(trouble);
                self.untold.take().map_or(Outcome::Ran, Outcome::Fault)
            }
        }
    }

    /// Takes the answer to the call that the last step gave out. Without such a call it does nothing.
    pub fn resume(&mut self, answer: Return) {
        let Phase::Asking(pending) = &self.phase else {
            return;
        };
        let pending = pending.clone();
        self.phase = Phase::Running;
        if pending.then == Then::End {
            self.phase = Phase::Ended(match pending.call {
                Call::Die(signal) | Call::Raise(signal) => WaitStatus::signaled(signal),
                Call::Exit { code, .. } => WaitStatus::Exited(code as u8),
                _ => WaitStatus::Exited(0),
            });
            return;
        }
        if self.must_restart(&pending.call, &answer) {
            if let Some(frame) = self.frames.last_mut() {
                frame.interrupted = Some(Box::new(pending));
            }
            return;
        }
        self.born(&pending.call, &answer);
        if pending.call.is_notable() {
            self.last = Some((pending.call.clone(), answer.clone()));
        }
        if let Err(trouble) = self.finish(pending, answer) {
            self.fail(trouble);
        }
    }

    /// Whether the driver has shown the waiting call already; if not, now it has.
    pub(super) fn announce(&mut self) -> bool {
        match &mut self.phase {
            Phase::Asking(pending) => !std::mem::replace(&mut pending.announced, true),
            _ => false,
        }
    }

    /// A signal that the program catches has arrived: its handler runs before the next instruction, unless
    /// blocked by another handler that runs.
    pub fn deliver(&mut self, signal: Signal) {
        self.signals.arrive(signal);
    }

    /// Drops objects that nothing refers to, if there may be many. Gives an open file that is one of them.
    fn clear_heap(&mut self) -> Option<Ref> {
        if !self.heap.is_due() {
            return None;
        }
        let roots = self
            .globals
            .iter_mut()
            .chain(self.stack.iter_mut())
            .chain(self.at_exit.iter_mut())
            .chain(self.signals.values_mut())
            .chain(self.frames.iter_mut().flat_map(Frame::values_mut));
        self.heap.collect(roots)
    }

    fn advance(&mut self) -> Result<Outcome, Trouble> {
        if let Some((fd, data)) = self.next_due() {
            return Ok(self.ask(
                Call::Write {
                    fd,
                    data,
                    library: true,
                },
                Then::Flush,
            ));
        }
        if let Some((handler, kind, arg)) = self.next_handler() {
            self.enter_handler(&handler, kind, arg)?;
            return Ok(Outcome::Ran);
        }
        if let Some(pending) = self.frames.last_mut().and_then(|frame| frame.interrupted.take()) {
            return Ok(self.ask(pending.call, pending.then));
        }
        match self.exiting {
            Some(ending) if !self.inside_exit_handler() => self.exit_step(ending),
            _ => {
                let outcome = self.execute()?;
                self.check_nesting()?;
                Ok(outcome)
            }
        }
    }

    /// What lies in each other too deep cannot be looked at, compared or let go without as many calls of ours.
    fn check_nesting(&self) -> Result<(), Trouble> {
        const DEEPEST: u32 = 1000;
        match self.stack.last() {
            Some(value) if value.nesting() > DEEPEST => Err(Trouble::unsupported(format!(
                "more than {DEEPEST} tuples in each other are not supported here"
            ))),
            _ => Ok(()),
        }
    }

    /// Gives a call out.
    fn ask(&mut self, call: Call, then: Then) -> Outcome {
        self.phase = Phase::Asking(Pending {
            call: call.clone(),
            then,
            announced: false,
        });
        Outcome::Call(call)
    }

    fn finish(&mut self, pending: Pending, answer: Return) -> Result<(), Trouble> {
        let value = match pending.then {
            Then::Flush => return self.flushed(&answer),
            Then::Fill => {
                self.stdin.fill(answer);
                return Ok(());
            }
            Then::Nobody | Then::End => return Ok(()),
            Then::C(then) => super::c::finish(self, then, answer)?,
            Then::Python(then) => {
                let flow = super::python::finish(self, then, answer)?;
                self.follow(flow);
                return Ok(());
            }
        };
        self.stack.push(value);
        Ok(())
    }

    /// Goes on after a function of Python's library that made a system call.
    fn follow(&mut self, flow: Flow) {
        match flow {
            Flow::Value(value) => self.stack.push(value),
            Flow::Ask(call, then) | Flow::Again(call, then) => {
                self.ask(call, then);
            }
            Flow::Later(call, then) => {
                if let Some(frame) = self.frames.last_mut() {
                    let announced = true;
                    frame.interrupted = Some(Box::new(Pending {
                        call,
                        then,
                        announced,
                    }));
                }
            }
            Flow::Exit(code) => self.exit(code),
            Flow::Flushed | Flow::Nothing => {}
        }
    }

    /// What fork changes in the child: no signal is pending there.
    fn born(&mut self, call: &Call, answer: &Return) {
        if *answer == Return::Value(0) && matches!(call, Call::Fork | Call::Vfork) {
            self.signals.forget_arrived();
            if *call == Call::Vfork {
                self.borrowed = Some(Borrowed {
                    line: self.line(),
                    waiting: self.unwritten().len(),
                    depth: self.frames.len(),
                });
            }
        }
    }

    /// One step of exit(3): handlers, last first; then the buffer; then `_exit`.
    fn exit_step(&mut self, ending: Ending) -> Result<Outcome, Trouble> {
        if let Some(callee) = self.at_exit.pop() {
            self.enter_value(&callee, Vec::new(), FrameKind::AtExit)?;
            return Ok(Outcome::Ran);
        }
        if self.flush() | super::python::flush_files(self) {
            return Ok(Outcome::Ran);
        }
        let call = match ending {
            Ending::Code(code) => Call::Exit { code, direct: false },
            Ending::Signal(signal) => Call::Die(signal),
        };
        Ok(self.ask(call, Then::End))
    }

    fn inside_exit_handler(&self) -> bool {
        self.frames
            .iter()
            .any(|frame| matches!(frame.kind, FrameKind::AtExit | FrameKind::Handler(_)))
    }

    /// Exits as exit(3) does.
    pub(super) fn exit(&mut self, code: i32) {
        self.end(Ending::Code(code));
    }

    fn end(&mut self, ending: Ending) {
        self.exiting = Some(ending);
        self.signals.hold(self.blocked());
        // A handler that exits does not come back to what it was called from, nor to the call that it
        // interrupted.
        self.frames.retain(|frame| frame.kind == FrameKind::Plain);
        for frame in &mut self.frames {
            frame.interrupted = None;
        }
    }

    /// What the system call gave that the current line made last.
    pub fn last_return(&self) -> Option<(&Call, &Return)> {
        self.last.as_ref().map(|(call, answer)| (call, answer))
    }

    /// The line that is being executed; 0 before the first.
    pub fn line(&self) -> u32 {
        self.frames
            .iter()
            .rev()
            .map(|frame| frame.line)
            .find(|line| *line > 0)
            .unwrap_or(0)
    }

    /// The program it runs.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// How it ended, once it has.
    pub fn ended(&self) -> Option<WaitStatus> {
        match self.phase {
            Phase::Ended(status) => Some(status),
            _ => None,
        }
    }

    /// Whether an answer means that the call is to be made again once the handlers have run.
    fn must_restart(&self, call: &Call, answer: &Return) -> bool {
        const EINTR: Errno = Errno(4);
        if answer.error() != Some(EINTR) {
            return false;
        }
        let waits_for_signal = matches!(call, Call::Pause | Call::Sigsuspend(_) | Call::Sleep { .. });
        match self.program.language {
            Language::C => !waits_for_signal && self.signals.arrived_restart(),
            Language::Python => !matches!(call, Call::Pause | Call::Sigsuspend(_)),
        }
    }
}

impl Frame {
    fn new(function: FunctionId, base: u64) -> Self {
        Self {
            function,
            at: 0,
            line: 0,
            base,
            bottom: 0,
            locals: Vec::new(),
            tries: Vec::new(),
            kind: FrameKind::Plain,
            interrupted: None,
        }
    }
}

impl Frame {
    /// The values that it holds.
    fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        let interrupted = self.interrupted.iter_mut();
        let waiting = interrupted.flat_map(|pending| pending.then.values_mut());
        self.locals.iter_mut().chain(waiting)
    }
}

impl Then {
    fn values_mut(&mut self) -> &mut [Value] {
        match self {
            Self::Python(then) => then.values_mut(),
            Self::Flush | Self::Fill | Self::Nobody | Self::End | Self::C(_) => &mut [],
        }
    }
}

/// Calls a library function.
fn call_native(machine: &mut Machine, native: Native, args: &[Value]) -> Result<Flow, Trouble> {
    match native {
        Native::C(function) => super::c::call(machine, function, args),
        Native::Python(function) => super::python::call(machine, function, args),
    }
}
