//! What a front end produces: functions of instructions for the [machine](super::machine), with the tables that
//! say what to show.
//!
//! One instruction set serves both languages. The first group is common; the second computes as C does, on
//! 64-bit numbers that are wrapped to a type and on bytes at addresses; the third computes as Python does, on
//! values that carry their type and may raise. Instructions take their operands from a stack and leave their
//! result there; `[a b] → [c]` shows it with the top at the right. The arguments of a call lie in their order
//! in Python, and in reverse in C. There are no nested code objects and no recursion: a call is a frame.

use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use super::call::Language;
use super::memory::Memory;
use super::types::{Int, Type};
use super::value::Value;

/// The number of a function of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct FunctionId(pub(super) u32);

/// A function of a language's library: computed by the machine's host, not by instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Native {
    C(super::c::Library),
    Python(super::python::Library),
}

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instr {
    // For both languages.
    /// A new source line begins here; stepping stops at it.
    Line(u32),
    /// `[] → [number]`
    Int(i64),
    /// `[] → [constant]`, from the program's table.
    Const(u32),
    /// `[a] → []`
    Pop,
    /// `[a] → [a a]`
    Dup,
    /// `[a b] → [b a]`
    Swap,
    /// `[a b] → [a b a]`
    Over,
    /// `[a b c] → [b c a]`
    Rotate,
    Jump(u32),
    /// `[a] → []`, and jumps if `a` is true.
    JumpIf(u32),
    /// `[a] → []`, and jumps if `a` is false.
    JumpUnless(u32),
    /// `[arguments…] → [result]`
    Call {
        function: FunctionId,
        args: u8,
    },
    /// `[function arguments…] → [result]`, for a C function pointer as for a Python callable.
    CallValue {
        args: u8,
    },
    /// `[callee arguments…] → [result]`; the last arguments have the names of this constant, a tuple.
    CallNamed {
        args: u8,
        names: u32,
    },
    /// `[callee list named…] → [result]`, with the items of the list as arguments.
    CallSpread {
        names: u32,
    },
    /// `[result] → []`, and `[result]` for the caller.
    Return,
    /// `[arguments…] → [result]`
    Native {
        native: Native,
        args: u8,
    },

    // As C computes.
    /// `[] → [address]` of a variable in this frame.
    FrameAddress(u32),
    /// The variable in this frame has no value again: its declaration was reached.
    Forget {
        offset: u32,
        size: u32,
    },
    /// `[address] → [number]`
    Load(Int),
    /// `[address number] → [number]`, wrapped to the type.
    Store(Int),
    /// `[to from] → [to]`: a structure is assigned.
    Copy(u32),
    /// `[a b] → [a op b]`
    Arith(Arith, Int),
    /// `[a b] → [0 or 1]`
    Compare(Compare, Int),
    /// `[a] → [-a]`
    Negate(Int),
    /// `[a] → [~a]`
    Invert(Int),
    /// `[a] → [a == 0]`
    Not,
    /// `[a] → [a as the type]`
    Wrap(Int),

    // As Python computes. Names of functions are slots of the frame, names of the module are slots of the
    // program.
    LoadLocal(u32),
    StoreLocal(u32),
    DeleteLocal(u32),
    LoadGlobal(u32),
    StoreGlobal(u32),
    DeleteGlobal(u32),
    /// `[a b] → [a op b]`
    Binary(Arith),
    /// `[a] → [-a]`
    Minus,
    /// `[a] → [not a]`
    LogicalNot,
    /// `[a b] → [bool]`
    Test(Test),
    /// `[items…] → [tuple]`
    MakeTuple(u32),
    /// `[items…] → [list]`
    MakeList(u32),
    /// `[key value…] → [dict]`
    MakeDict(u32),
    /// `[items…] → [set]`
    MakeSet(u32),
    /// `[sequence] → [items…]`, the first on top.
    Unpack(u32),
    /// `[container key] → [item]`
    Item,
    /// `[value container key] → []`
    SetItem,
    /// `[container key] → []`
    DeleteItem,
    /// `[sequence start stop] → [part]`; None where a bound is left out.
    Slice,
    /// `[iterable] → [iterator]`
    Iterate,
    /// `[iterator] → [iterator item]`, or `[]` and a jump when there is no more.
    Next(u32),
    /// From here to its [`Instr::EndTry`] an exception jumps to this place, with the stack as it is now and
    /// the exception on top.
    Try(u32),
    EndTry,
    /// `[exception] → ` its handler.
    Raise,
    /// The same for one that was caught here, and goes on.
    RaiseAgain,
    /// `[exception class] → [exception bool]`; the class may be a tuple of classes.
    Matches,
}

/// A binary operation of arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arith {
    Add,
    Sub,
    Mul,
    /// C's `/`, Python's `/`.
    Div,
    /// Python's `//`.
    FloorDiv,
    /// C's remainder, Python's modulo and formatting.
    Rem,
    /// Python's `**`.
    Power,
    Shl,
    Shr,
    And,
    Or,
    Xor,
}

/// A comparison of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compare {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A comparison of Python values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Order(Compare),
    Is,
    IsNot,
    In,
    NotIn,
}

/// A function as instructions.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) code: Vec<Instr>,
    /// How arguments become variables, in order.
    pub(super) params: Vec<Place>,
    /// Values of the last parameters where the caller gives none.
    pub(super) defaults: Vec<Value>,
    /// The bytes of its frame in memory.
    pub(super) frame: u32,
    /// The number of its Python slots.
    pub(super) locals: u32,
    pub(super) variables: Vec<Variable>,
    /// Where it is defined.
    pub(super) line: u32,
}

/// A named variable, for those who look.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) place: Place,
    /// The instructions within which the name stands for it.
    pub(super) scope: (u32, u32),
}

/// Where a variable is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the frame's memory, at this distance from its base, so wide.
    Frame(u32, Int),
    /// At a fixed address.
    Address(u64),
    /// In a Python slot of the frame.
    Local(u32),
    /// In a Python slot of the program.
    Global(u32),
}

/// A whole program, as a front end leaves it. Any number of machines share it.
#[derive(Debug)]
pub struct Program {
    pub(super) language: Language,
    /// The name of its file, as the program itself would see it in `argv[0]`.
    pub(super) name: String,
    pub(super) functions: Vec<Function>,
    /// Where it begins: initialises globals, calls main, exits.
    pub(super) start: FunctionId,
    pub(super) constants: Vec<Value>,
    /// The variables of the file or module.
    pub(super) globals: Vec<Variable>,
    /// The names of Python's global slots.
    pub(super) global_names: Vec<String>,
    /// Literals and globals, before the first instruction.
    pub(super) memory: Memory,
}

impl Program {
    /// The language it is written in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The lines at which stepping can stop, in order and without doubles.
    pub fn lines(&self) -> Vec<u32> {
        let mut lines: Vec<u32> = self
            .functions
            .iter()
            .flat_map(|function| &function.code)
            .filter_map(|instr| match instr {
                Instr::Line(line) => Some(*line),
                _ => None,
            })
            .collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    pub(super) fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }
}

/// A shared program. Two machines are compared and hashed by what they do with it, so it counts by identity.
#[derive(Clone, Debug)]
pub(super) struct Shared(pub(super) Arc<Program>);

impl Deref for Shared {
    type Target = Program;

    fn deref(&self) -> &Program {
        &self.0
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Shared {}

impl Hash for Shared {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
