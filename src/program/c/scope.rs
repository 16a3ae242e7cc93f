//! What the compiler knows while it reads: names, the function at hand, and how to refuse.

use std::collections::HashMap;
use std::sync::Arc;

use tree_sitter::{Node, Range};

use super::Compiled;
use crate::program::call::Language;
use crate::program::code::{Function, FunctionId, Instr, Native, Place, Program, Variable};
use crate::program::memory::{Access, DATA, LITERALS, Memory};
use crate::program::types::{Int, Signature, Type};
use crate::program::value::Value;
use crate::program::{Reason, Rejected};

use super::Library;

/// Expressions and statements nested deeper than this are refused: the compiler follows them by recursion.
const MAX_DEPTH: usize = 120;
/// The largest variable.
const MAX_SIZE: u64 = 1 << 20;

/// What a name stands for.
#[derive(Clone, Debug)]
pub(super) enum Name {
    Variable {
        place: Place,
        ty: Type,
    },
    /// An enumerator.
    Constant(i64),
    /// A typedef.
    Type(Type),
}

/// A function of the program, declared or defined.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) id: FunctionId,
    pub(super) signature: Arc<Signature>,
    pub(super) defined: bool,
}

/// A loop or a switch: the jumps out of it that wait for their target.
#[derive(Debug, Default)]
pub(super) struct Breakable {
    pub(super) breaks: Vec<usize>,
    /// Nothing for a switch.
    pub(super) continues: Option<Vec<usize>>,
    /// The cases of a switch: value, or nothing for default, and where they begin.
    pub(super) cases: Vec<(Option<i64>, usize)>,
}

/// The function that is being compiled.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) code: Vec<Instr>,
    pub(super) variables: Vec<Variable>,
    pub(super) frame: u32,
    pub(super) result: Type,
    pub(super) breakables: Vec<Breakable>,
    /// The line that the last instructions are marked with, while that is certain.
    pub(super) line: Option<u32>,
}

impl Body {
    pub(super) fn new(result: Type) -> Self {
        Self {
            code: Vec::new(),
            variables: Vec::new(),
            frame: 0,
            result,
            breakables: Vec::new(),
            line: None,
        }
    }
}

/// The compiler of one file.
pub(super) struct Compiler<'s> {
    pub(super) file: String,
    pub(super) source: &'s str,
    pub(super) macros: HashMap<String, Range>,
    /// The names, innermost scope last; the first is the file's.
    pub(super) scopes: Vec<HashMap<String, Name>>,
    /// The structures, by the same scopes.
    pub(super) tags: Vec<HashMap<String, Type>>,
    pub(super) known: HashMap<String, Known>,
    pub(super) functions: Vec<Option<Function>>,
    pub(super) globals: Vec<Variable>,
    pub(super) memory: Memory,
    pub(super) body: Body,
    /// The instructions that give globals their first values.
    pub(super) initialisers: Body,
    literals: HashMap<Vec<u8>, u64>,
    next_literal: u64,
    next_data: u64,
    depth: usize,
}

/// Where `errno` lies: before every other global.
pub(in crate::program) const ERRNO: u64 = DATA;

impl<'s> Compiler<'s> {
    pub(super) fn new(file: &str, source: &'s str) -> Self {
        let mut compiler = Self {
            file: file.to_owned(),
            source,
            macros: HashMap::new(),
            scopes: vec![HashMap::new()],
            tags: vec![HashMap::new()],
            known: HashMap::new(),
            functions: vec![None],
            globals: Vec::new(),
            memory: Memory::default(),
            body: Body::new(Type::Void),
            initialisers: Body::new(Type::Void),
            literals: HashMap::new(),
            next_literal: LITERALS,
            next_data: DATA + 16,
            depth: 0,
        };
        // A fresh memory has room for four bytes.
        let _ = compiler.memory.place(ERRNO, &[0; 4]);
        let errno = Name::Variable {
            place: Place::Address(ERRNO),
            ty: Type::INT,
        };
        compiler.scopes[0].insert("errno".to_owned(), errno);
        compiler
    }

    /// Compiles the file.
    pub(super) fn program(mut self, root: Node) -> Compiled<Program> {
        self.file_level(root)?;
        let Some(main) = self.known.get("main").filter(|main| main.defined).cloned() else {
            return Err(self.meaning(root, "there is no function main".to_owned()));
        };
        let start = self.start(&main);
        let mut functions = Vec::new();
        for (index, function) in std::mem::take(&mut self.functions).into_iter().enumerate() {
            match function {
                Some(function) => functions.push(function),
                None if index == 0 => functions.push(start_function(std::mem::take(&mut start.clone()))),
                None => return Err(self.undefined(root, index)),
            }
        }
        Ok(Program {
            language: Language::C,
            name: self.file.clone(),
            functions,
            start: FunctionId(0),
            constants: vec![Value::Unset],
            globals: self.globals,
            global_names: Vec::new(),
            memory: self.memory,
        })
    }

    /// What runs before main and after it. `argv` and `argc` are on the stack already.
    fn start(&mut self, main: &Known) -> Vec<Instr> {
        let mut code = std::mem::take(&mut self.initialisers.code);
        let args = main.signature.params.len().min(2) as u8;
        code.push(Instr::Call {
            function: main.id,
            args,
        });
        code.push(Instr::Native {
            native: Native::C(Library::Exit),
            args: 1,
        });
        code
    }

    fn undefined(&self, root: Node, index: usize) -> Rejected {
        let name = self
            .known
            .iter()
            .find(|(_, known)| known.id.0 as usize == index)
            .map_or("", |(name, _)| name.as_str());
        self.meaning(root, format!("the function {name} is declared but not defined"))
    }

    /// A place for a global variable.
    pub(super) fn reserve(&mut self, node: Node, ty: &Type) -> Compiled<u64> {
        self.check_size(node, ty)?;
        let address = self.next_data.next_multiple_of(ty.align().max(8));
        self.next_data = address + ty.size() + 8;
        let zeros = vec![0; ty.size() as usize];
        match self.memory.place(address, &zeros) {
            Ok(()) => Ok(address),
            Err(_) => Err(self.unsupported(node, "so much memory")),
        }
    }

    /// A place for a variable in the frame at hand. Between two there is a gap that belongs to nobody, so
    /// that a write past the end of one is noticed.
    pub(super) fn reserve_local(&mut self, node: Node, ty: &Type) -> Compiled<u32> {
        self.check_size(node, ty)?;
        let align = ty.align().max(4) as u32;
        let offset = self.body.frame.next_multiple_of(align);
        self.body.frame = offset + ty.size() as u32 + 8;
        if u64::from(self.body.frame) > MAX_SIZE {
            return Err(self.unsupported(node, "so many variables in one function"));
        }
        Ok(offset)
    }

    fn check_size(&self, node: Node, ty: &Type) -> Compiled<()> {
        match ty.size() {
            0 => Err(self.meaning(node, format!("a variable of type {ty} has no size"))),
            size if size > MAX_SIZE => Err(self.unsupported(node, "a variable of more than a megabyte")),
            _ => Ok(()),
        }
    }

    /// The address of a string literal; equal literals are one.
    pub(super) fn literal(&mut self, node: Node, bytes: &[u8]) -> Compiled<u64> {
        if let Some(address) = self.literals.get(bytes) {
            return Ok(*address);
        }
        let address = self.next_literal;
        let end = address + bytes.len() as u64 + 2;
        let terminated = [bytes, b"\0"].concat();
        if end > DATA {
            return Err(self.unsupported(node, "so many string literals"));
        }
        match self.memory.place(address, &terminated) {
            Ok(()) => {}
            Err(Access::TooMuch | Access::Unmapped(_) | Access::ReadOnly(_) | Access::Unassigned(_)) => {
                return Err(self.unsupported(node, "so many string literals"));
            }
        }
        self.next_literal = end;
        self.literals.insert(bytes.to_vec(), address);
        Ok(address)
    }

    pub(super) fn find(&self, name: &str) -> Option<&Name> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    pub(super) fn declare(&mut self, name: &str, what: Name) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), what);
        }
    }

    pub(super) fn find_tag(&self, tag: &str) -> Option<Type> {
        let own = self.tags.iter().rev().find_map(|scope| scope.get(tag));
        own.cloned().or_else(|| super::header::struct_named(tag))
    }

    /// A structure that was only named when a pointer to it was declared, now that it may be known.
    pub(super) fn resolved(&self, ty: Type) -> Type {
        match ty {
            Type::Tag(tag) => self.find_tag(&tag).unwrap_or(Type::Tag(tag)),
            known => known,
        }
    }

    pub(super) fn open_scope(&mut self) {
        self.scopes.push(HashMap::new());
        self.tags.push(HashMap::new());
    }

    /// Ends a scope; its variables are not visible from here on.
    pub(super) fn close_scope(&mut self) {
        self.tags.pop();
        let names = self.scopes.pop().unwrap_or_default();
        let end = self.here();
        for variable in &mut self.body.variables {
            let closes = variable.scope.1 == u32::MAX
                && names.get(&variable.name).is_some_and(
                    |name| matches!(name, Name::Variable { place, .. } if *place == variable.place),
                );
            if closes {
                variable.scope.1 = end;
            }
        }
    }

    /// Guards a step of the compiler's recursion.
    pub(super) fn nested<T>(
        &mut self,
        node: Node,
        what: impl FnOnce(&mut Self) -> Compiled<T>,
    ) -> Compiled<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.unsupported(node, "such deep nesting"));
        }
        self.depth += 1;
        let result = what(self);
        self.depth -= 1;
        result
    }

    pub(super) fn text(&self, node: Node) -> &'s str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    pub(super) fn emit(&mut self, instr: Instr) {
        self.body.code.push(instr);
    }

    pub(super) fn emit_native(&mut self, function: Library, args: usize) {
        self.emit(Instr::Native {
            native: Native::C(function),
            args: args as u8,
        });
    }

    /// Where the next instruction will be.
    pub(super) fn here(&self) -> u32 {
        self.body.code.len() as u32
    }

    /// Emits a jump whose target is set by [`Compiler::land`].
    pub(super) fn jump(&mut self, instr: fn(u32) -> Instr) -> usize {
        self.emit(instr(u32::MAX));
        self.body.code.len() - 1
    }

    /// Makes jumps end here.
    pub(super) fn land(&mut self, jumps: impl IntoIterator<Item = usize>) {
        let here = self.here();
        for at in jumps {
            self.retarget(at, here);
        }
        self.body.line = None;
    }

    pub(super) fn retarget(&mut self, at: usize, target: u32) {
        match &mut self.body.code[at] {
            Instr::Jump(to) | Instr::JumpIf(to) | Instr::JumpUnless(to) => *to = target,
            _ => {}
        }
    }

    pub(super) fn syntax(&self, node: Node) -> Rejected {
        let what = if node.is_missing() {
            format!("{} is missing here", node.kind())
        } else {
            let text: String = self.text(node).chars().take(20).collect();
            let text = text.lines().next().unwrap_or_default().trim().to_owned();
            if text.is_empty() {
                "this is no C".to_owned()
            } else {
                format!("this is no C, at `{text}`")
            }
        };
        self.reject(node, Reason::Syntax(what))
    }

    pub(super) fn unsupported(&self, node: Node, what: &str) -> Rejected {
        self.reject(node, Reason::Unsupported(what.to_owned()))
    }

    pub(super) fn meaning(&self, node: Node, what: String) -> Rejected {
        self.reject(node, Reason::Meaning(what))
    }

    fn reject(&self, node: Node, reason: Reason) -> Rejected {
        let start = node.start_position();
        let line_start = node.start_byte().saturating_sub(start.column);
        let before = self.source.get(line_start..node.start_byte()).unwrap_or_default();
        Rejected {
            file: self.file.clone(),
            line: start.row as u32 + 1,
            column: before.chars().count() as u32 + 1,
            reason,
        }
    }
}

fn start_function(code: Vec<Instr>) -> Function {
    Function {
        name: "the start".to_owned(),
        code,
        params: Vec::new(),
        defaults: Vec::new(),
        frame: 0,
        locals: 0,
        variables: Vec::new(),
        line: 0,
    }
}

/// The number type in which a place of the frame is passed.
pub(super) fn param_place(offset: u32, ty: &Type) -> Place {
    Place::Frame(offset, ty.scalar().unwrap_or(Int::SIZE))
}
