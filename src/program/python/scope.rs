//! What the compiler knows while it reads: names, the function at hand, and how to refuse.

use std::collections::HashMap;

use tree_sitter::Node;

use super::module::{self, Entry};
use super::names::{self, Bindings, Bound};
use super::{Compiled, Library};
use crate::program::call::Language;
use crate::program::code::{Function, FunctionId, Instr, Native, Place, Program, Variable};
use crate::program::memory::Memory;
use crate::program::types::Type;
use crate::program::value::Value;
use crate::program::{Reason, Rejected};

/// Expressions and statements nested deeper than this are refused: the compiler follows them by recursion.
const MAX_DEPTH: usize = 100;
/// The longest function. `finally` bodies are compiled once for each way out, so short programs can become long ones.
const MAX_CODE: usize = 1 << 17;

/// What a statement such as `break` or `return` has to see to on its way out, the innermost last.
#[derive(Clone, Copy, Debug)]
pub(super) enum Block<'tree> {
    /// A loop; whether it keeps an iterator on the stack.
    Loop { iterator: bool },
    /// A `try` that is in force.
    Try,
    /// A `try` that is in force, with what must run on every way out.
    Finally(Cleanup<'tree>),
    /// An `except` clause whose exception is the current one.
    Handler,
}

/// What runs on every way out of a block.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cleanup<'tree> {
    /// The body of `finally`.
    Body(Node<'tree>),
    /// The name of `except … as name` is taken away.
    Forget(Node<'tree>),
    /// The file of `with`, in this slot, is closed.
    Close(u32),
}

/// The jumps out of a loop that wait for their target.
#[derive(Debug, Default)]
pub(super) struct Exits {
    pub(super) breaks: Vec<usize>,
    pub(super) again: u32,
}

/// The function that is being compiled.
#[derive(Debug)]
pub(super) struct Body<'tree> {
    pub(super) code: Vec<Instr>,
    /// The variables, by their slots.
    pub(super) variables: Vec<Variable>,
    /// The names that are its own, with their slots; empty for the module, whose names are global.
    locals: HashMap<String, u32>,
    /// How its own names are bound.
    pub(super) bindings: Bindings,
    pub(super) is_module: bool,
    /// The variables of the comprehensions around the place at hand.
    pub(super) inner: Vec<(String, u32)>,
    pub(super) blocks: Vec<Block<'tree>>,
    pub(super) loops: Vec<Exits>,
    /// Where the exceptions of the `except` clauses around the place at hand are kept.
    pub(super) caught: Vec<u32>,
    /// The line that the last instructions are marked with, while that is certain.
    pub(super) line: Option<u32>,
}

impl Body<'_> {
    fn new(bindings: Bindings, is_module: bool) -> Self {
        Self {
            code: Vec::new(),
            variables: Vec::new(),
            locals: HashMap::new(),
            bindings,
            is_module,
            inner: Vec::new(),
            blocks: Vec::new(),
            loops: Vec::new(),
            caught: Vec::new(),
            line: None,
        }
    }
}

/// Where a name's value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    Local(u32),
    Global(u32),
}

/// The compiler of one file.
pub(super) struct Compiler<'tree> {
    file: String,
    source: &'tree str,
    constants: Vec<Value>,
    constant_places: HashMap<Value, u32>,
    functions: Vec<Option<Function>>,
    /// How the module's own names are bound.
    globals: Bindings,
    slots: Vec<String>,
    slot_places: HashMap<String, u32>,
    pub(super) body: Body<'tree>,
    /// The functions around the one at hand, the module first.
    around: Vec<Body<'tree>>,
    depth: usize,
}

/// The slot of `sys.argv`.
pub(super) const ARGV: u32 = 0;

impl<'tree> Compiler<'tree> {
    pub(super) fn new(file: &str, source: &'tree str) -> Self {
        let mut compiler = Self {
            file: file.to_owned(),
            source,
            constants: Vec::new(),
            constant_places: HashMap::new(),
            functions: vec![None, None],
            globals: Bindings::default(),
            slots: Vec::new(),
            slot_places: HashMap::new(),
            body: Body::new(Bindings::default(), true),
            around: Vec::new(),
            depth: 0,
        };
        // No program can write such a name.
        compiler.global_slot("sys.argv");
        compiler
    }

    /// Compiles the file.
    pub(super) fn program(mut self, root: Node<'tree>) -> Compiled<Program> {
        self.check_layout(root)?;
        self.globals = names::of_module(root, self.source);
        let bound: Vec<String> = self.globals.names().map(str::to_owned).collect();
        for name in &bound {
            self.global_slot(name);
        }
        self.body = Body::new(self.globals.clone(), true);
        self.statements(root)?;
        self.constant(Value::None);
        self.emit(Instr::Return);
        let module = self.finish_function("<module>", 0, Vec::new(), 0);
        self.functions[1] = Some(module);
        self.body = Body::new(Bindings::default(), true);
        self.start(&bound);
        let start = self.finish_function("the start", 0, Vec::new(), 0);
        self.functions[0] = Some(start);
        Ok(self.assemble())
    }

    /// What runs before the first line and after the last. `argv` is on the stack already.
    fn start(&mut self, bound: &[String]) {
        self.emit(Instr::StoreGlobal(ARGV));
        for name in bound {
            // Until the program assigns them, such names are still the library's.
            if let Some(entry) = module::builtin(name) {
                self.constant(entry.value());
                let slot = self.global_slot(name);
                self.emit(Instr::StoreGlobal(slot));
            }
        }
        self.constant(Value::Str("__main__".into()));
        let name = self.global_slot("__name__");
        self.emit(Instr::StoreGlobal(name));
        for function in [Library::IgnorePipe, Library::CatchInterrupt] {
            self.native(function, 0);
            self.emit(Instr::Pop);
        }
        self.emit(Instr::Call {
            function: FunctionId(1),
            args: 0,
        });
        self.emit(Instr::Pop);
        self.native(Library::Finish, 0);
    }

    fn assemble(self) -> Program {
        let shown = |name: &String| {
            let bound = self.globals.get(name);
            matches!(bound, Some(Bound::Value)) && !name.starts_with("__")
        };
        let globals = self
            .slots
            .iter()
            .enumerate()
            .filter(|(_, name)| shown(name))
            .map(|(slot, name)| Variable {
                name: name.clone(),
                ty: Type::Dynamic,
                place: Place::Global(slot as u32),
                scope: (0, u32::MAX),
            })
            .collect();
        Program {
            language: Language::Python,
            name: self.file,
            functions: self.functions.into_iter().flatten().collect(),
            start: FunctionId(0),
            constants: self.constants,
            globals,
            global_names: self.slots,
            memory: Memory::default(),
        }
    }

    /// Compiles a function with a body of its own.
    pub(super) fn function(
        &mut self,
        function: &Header<'_>,
        bindings: Bindings,
        what: impl FnOnce(&mut Self) -> Compiled<()>,
    ) -> Compiled<FunctionId> {
        if self.functions.len() >= 10_000 {
            return Err(self.unsupported(function.node, "so many functions"));
        }
        let id = FunctionId(self.functions.len() as u32);
        self.functions.push(None);
        let body = Body::new(bindings, false);
        self.around.push(std::mem::replace(&mut self.body, body));
        for name in &function.params {
            self.local_slot(name);
        }
        let own: Vec<String> = self.body.bindings.locals().map(str::to_owned).collect();
        for name in &own {
            self.local_slot(name);
        }
        let compiled = what(self);
        let line = function.node.start_position().row as u32 + 1;
        let done = self.finish_function(
            function.name,
            function.params.len() as u32,
            function.defaults.clone(),
            line,
        );
        self.functions[id.0 as usize] = Some(done);
        if let Some(body) = self.around.pop() {
            self.body = body;
        }
        compiled.map(|()| id)
    }

    fn finish_function(&mut self, name: &str, params: u32, defaults: Vec<Value>, line: u32) -> Function {
        Function {
            name: name.to_owned(),
            code: std::mem::take(&mut self.body.code),
            params: (0..params).map(Place::Local).collect(),
            defaults,
            frame: 0,
            locals: self.body.variables.len() as u32,
            variables: std::mem::take(&mut self.body.variables),
            line,
        }
    }

    /// The slot of one of the function's own names.
    fn local_slot(&mut self, name: &str) -> u32 {
        if let Some(slot) = self.body.locals.get(name) {
            return *slot;
        }
        let slot = self.new_slot(name, (0, u32::MAX));
        self.body.locals.insert(name.to_owned(), slot);
        slot
    }

    /// A slot of the frame that no name of the program means; a name is only for those who look.
    pub(super) fn new_slot(&mut self, name: &str, scope: (u32, u32)) -> u32 {
        self.body.variables.push(Variable {
            name: name.to_owned(),
            ty: Type::Dynamic,
            place: Place::Local(self.body.variables.len() as u32),
            scope,
        });
        self.body.variables.len() as u32 - 1
    }

    /// A slot for what the compiler itself has to keep.
    pub(super) fn hidden_slot(&mut self) -> u32 {
        self.new_slot("", (0, 0))
    }

    pub(super) fn global_slot(&mut self, name: &str) -> u32 {
        if let Some(slot) = self.slot_places.get(name) {
            return *slot;
        }
        let slot = self.slots.len() as u32;
        self.slots.push(name.to_owned());
        self.slot_places.insert(name.to_owned(), slot);
        slot
    }

    /// Where the value of a name is kept; nothing if it is a name of the library.
    pub(super) fn home(&mut self, node: Node) -> Compiled<Option<Home>> {
        let name = self.text(node);
        let inner = self.body.inner.iter().rev().find(|(inner, _)| inner == name);
        if let Some((_, slot)) = inner {
            return Ok(Some(Home::Local(*slot)));
        }
        if let Some(slot) = self.body.locals.get(name) {
            return Ok(Some(Home::Local(*slot)));
        }
        let is_global = self.body.bindings.is_global(name);
        let captured =
            self.around.iter().rev().any(|body| {
                body.inner.iter().any(|(inner, _)| inner == name) || body.locals.contains_key(name)
            });
        if captured && !is_global {
            return Err(self.unsupported(
                node,
                &format!("a function that uses {name} of the function around it"),
            ));
        }
        if self.globals.get(name).is_none() && module::builtin(name).is_some() {
            return Ok(None);
        }
        Ok(Some(Home::Global(self.global_slot(name))))
    }

    /// What a name or `module.name` stands for, if that cannot change while the program runs.
    pub(super) fn fixed(&self, node: Node) -> Option<Entry> {
        match node.kind() {
            "identifier" => match self.bound(self.text(node)) {
                Some(Bound::Member(module, member)) => module::member(module, member),
                Some(_) => None,
                None => module::builtin(self.text(node)),
            },
            "attribute" => {
                let module = self.module_of(node)?;
                module::member(module, self.text(node.child_by_field_name("attribute")?))
            }
            _ => None,
        }
    }

    /// Whether a name is one that Python knows, this compiler does not, and the program does not bind.
    pub(super) fn is_unknown(&self, name: &str) -> bool {
        self.bound(name).is_none() && module::UNKNOWN.contains(&name)
    }

    /// The module whose attribute this is.
    pub(super) fn module_of(&self, attribute: Node) -> Option<&str> {
        let object = attribute.child_by_field_name("object")?;
        if object.kind() != "identifier" {
            return None;
        }
        match self.bound(self.text(object))? {
            Bound::Module(module) => Some(module),
            _ => None,
        }
    }

    /// How a name is bound where it is seen from here; nothing if the program does not bind it.
    fn bound(&self, name: &str) -> Option<&Bound> {
        if self.body.inner.iter().any(|(inner, _)| inner == name) {
            return Some(&Bound::Value);
        }
        if self.body.locals.contains_key(name) {
            return self.body.bindings.get(name).or(Some(&Bound::Value));
        }
        self.globals.get(name)
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
        if self.body.code.len() > MAX_CODE {
            return Err(self.unsupported(node, "such a long function"));
        }
        self.depth += 1;
        let result = what(self);
        self.depth -= 1;
        result
    }

    /// The whole source.
    pub(super) fn whole(&self) -> &'tree str {
        self.source
    }

    pub(super) fn text(&self, node: Node) -> &'tree str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    /// What stands before a node on its line.
    pub(super) fn text_before(&self, node: Node) -> &'tree str {
        let start = node.start_byte().saturating_sub(node.start_position().column);
        self.source.get(start..node.start_byte()).unwrap_or_default()
    }

    pub(super) fn field(&self, node: Node<'tree>, name: &str) -> Compiled<Node<'tree>> {
        node.child_by_field_name(name).ok_or_else(|| self.broken(node))
    }

    pub(super) fn emit(&mut self, instr: Instr) {
        self.body.code.push(instr);
    }

    pub(super) fn native(&mut self, function: Library, args: usize) {
        self.emit(Instr::Native {
            native: Native::Python(function),
            args: args as u8,
        });
    }

    /// The place of a constant in the program's table.
    pub(super) fn constant_place(&mut self, value: Value) -> u32 {
        if let Some(place) = self.constant_places.get(&value) {
            return *place;
        }
        let place = self.constants.len() as u32;
        self.constants.push(value.clone());
        self.constant_places.insert(value, place);
        place
    }

    pub(super) fn constant(&mut self, value: Value) {
        let place = self.constant_place(value);
        self.emit(Instr::Const(place));
    }

    pub(super) fn load(&mut self, home: Home) {
        self.emit(match home {
            Home::Local(slot) => Instr::LoadLocal(slot),
            Home::Global(slot) => Instr::LoadGlobal(slot),
        });
    }

    pub(super) fn store(&mut self, home: Home) {
        self.emit(match home {
            Home::Local(slot) => Instr::StoreLocal(slot),
            Home::Global(slot) => Instr::StoreGlobal(slot),
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
            match &mut self.body.code[at] {
                Instr::Jump(to)
                | Instr::JumpIf(to)
                | Instr::JumpUnless(to)
                | Instr::Next(to)
                | Instr::Try(to) => *to = here,
                _ => {}
            }
        }
        self.body.line = None;
    }

    /// Marks that a source line begins.
    pub(super) fn line(&mut self, node: Node) {
        let line = node.start_position().row as u32 + 1;
        if self.body.line != Some(line) {
            self.emit(Instr::Line(line));
            self.body.line = Some(line);
        }
    }

    /// What the parser could not read.
    pub(super) fn broken(&self, node: Node) -> Rejected {
        let what = if node.is_missing() {
            format!("{} is missing here", node.kind())
        } else {
            let text: String = self.text(node).chars().take(20).collect();
            let text = text.lines().next().unwrap_or_default().trim().to_owned();
            if text.is_empty() {
                "this is no Python".to_owned()
            } else {
                format!("this is no Python: {text}")
            }
        };
        self.reject(node, Reason::Syntax(what))
    }

    /// What Python's own compiler would refuse.
    pub(super) fn syntax(&self, node: Node, what: &str) -> Rejected {
        self.reject(node, Reason::Syntax(what.to_owned()))
    }

    pub(super) fn unsupported(&self, node: Node, what: &str) -> Rejected {
        self.reject(node, Reason::Unsupported(what.to_owned()))
    }

    pub(super) fn meaning(&self, node: Node, what: String) -> Rejected {
        self.reject(node, Reason::Meaning(what))
    }

    fn reject(&self, node: Node, reason: Reason) -> Rejected {
        Rejected {
            file: self.file.clone(),
            line: node.start_position().row as u32 + 1,
            column: self.text_before(node).chars().count() as u32 + 1,
            reason,
        }
    }
}

/// What is known of a function before its body.
pub(super) struct Header<'tree> {
    pub(super) node: Node<'tree>,
    pub(super) name: &'tree str,
    pub(super) params: Vec<String>,
    /// Of the last parameters.
    pub(super) defaults: Vec<Value>,
}
