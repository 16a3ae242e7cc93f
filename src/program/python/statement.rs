//! Statements without a body of their own, and functions.

use std::collections::HashSet;

use tree_sitter::Node;

use super::scope::{Compiler, Header};
use super::{Compiled, names, parts};
use crate::program::code::{FunctionId, Instr};
use crate::program::value::Value;

impl<'tree> Compiler<'tree> {
    /// Compiles the statements of a module or of a block.
    pub(super) fn statements(&mut self, block: Node<'tree>) -> Compiled<()> {
        for statement in parts(block) {
            self.nested(statement, |compiler| compiler.statement(statement))?;
        }
        Ok(())
    }

    fn statement(&mut self, node: Node<'tree>) -> Compiled<()> {
        match node.kind() {
            "for_statement" => self.for_loop(node),
            "function_definition" => self.define(node),
            "if_statement" => self.if_statement(node),
            "try_statement" => self.try_statement(node),
            "while_statement" => self.while_loop(node),
            "with_statement" => self.with_statement(node),
            // Only the compiler has to do with it.
            "global_statement" => self.check_global(node),
            _ => {
                self.line(node);
                self.simple(node)
            }
        }
    }

    fn simple(&mut self, node: Node<'tree>) -> Compiled<()> {
        match node.kind() {
            "assert_statement" => self.assert(node),
            "break_statement" => self.leave_loop(node, true),
            "continue_statement" => self.leave_loop(node, false),
            "delete_statement" => {
                for target in parts(node) {
                    self.delete(target)?;
                }
                Ok(())
            }
            "expression_statement" => self.expression_statement(node),
            "import_statement" => self.import(node),
            "import_from_statement" => self.import_from(node),
            // It stops here like any line.
            "pass_statement" => Ok(()),
            "print_statement" | "exec_statement" => Err(self.syntax(
                node,
                "print and exec are functions in Python 3: their arguments stand in brackets",
            )),
            "raise_statement" => self.raise(node),
            "return_statement" => self.return_statement(node),
            other => Err(self.unsupported(node, &statement_name(other))),
        }
    }

    fn expression_statement(&mut self, node: Node<'tree>) -> Compiled<()> {
        match parts(node).as_slice() {
            [one] => match one.kind() {
                "assignment" => self.assignment(*one),
                "augmented_assignment" => self.augmented(*one),
                _ => {
                    self.value(*one)?;
                    self.emit(Instr::Pop);
                    Ok(())
                }
            },
            many => {
                for value in many {
                    self.value(*value)?;
                    self.emit(Instr::Pop);
                }
                Ok(())
            }
        }
    }

    fn assert(&mut self, node: Node<'tree>) -> Compiled<()> {
        let parts = parts(node);
        let [condition, said @ ..] = parts.as_slice() else {
            return Err(self.broken(node));
        };
        self.value(*condition)?;
        let holds = self.jump(Instr::JumpIf);
        self.constant(Value::Class("AssertionError".into()));
        let args = said.len() as u8;
        for value in said {
            self.value(*value)?;
        }
        self.emit(Instr::CallValue { args });
        self.emit(Instr::Raise);
        self.land([holds]);
        Ok(())
    }

    fn return_statement(&mut self, node: Node<'tree>) -> Compiled<()> {
        if self.body.is_module {
            return Err(self.syntax(node, "'return' outside function"));
        }
        match parts(node).as_slice() {
            [] => self.constant(Value::None),
            [value] => self.value(*value)?,
            _ => return Err(self.broken(node)),
        }
        self.leave_blocks(0)?;
        self.emit(Instr::Return);
        Ok(())
    }

    fn check_global(&mut self, node: Node<'tree>) -> Compiled<()> {
        if self.body.is_module {
            return Err(self.unsupported(node, "global outside a function"));
        }
        // Where else the name is used cannot change what it means, but Python wants the statement first.
        let root = enclosing_function(node);
        for name in parts(node) {
            if used_before(root, name, self.text(name), self) {
                let what = format!("name '{}' is used prior to global declaration", self.text(name));
                return Err(self.syntax(name, &what));
            }
        }
        Ok(())
    }

    fn define(&mut self, node: Node<'tree>) -> Compiled<()> {
        self.line(node);
        if let Some(first) = node.child(0).filter(|first| first.kind() == "async") {
            return Err(self.unsupported(first, "async"));
        }
        if let Some(types) = node.child_by_field_name("type_parameters") {
            return Err(self.unsupported(types, "type parameters"));
        }
        if let Some(result) = node.child_by_field_name("return_type") {
            self.check_annotation(result)?;
        }
        let name = self.field(node, "name")?;
        let body = self.field(node, "body")?;
        let bindings = names::of_body(body, self.whole());
        let parameters = self.field(node, "parameters")?;
        let id = self.function_with(node, self.text(name), Some(parameters), bindings, |compiler| {
            compiler.block(body)?;
            compiler.constant(Value::None);
            compiler.emit(Instr::Return);
            Ok(())
        })?;
        self.constant(Value::Function(id));
        self.assign(name)
    }

    /// A function of one expression.
    pub(super) fn lambda(&mut self, node: Node<'tree>) -> Compiled<()> {
        let body = self.field(node, "body")?;
        let parameters = node.child_by_field_name("parameters");
        let bindings = names::Bindings::default();
        let id = self.function_with(node, "<lambda>", parameters, bindings, |compiler| {
            compiler.value(body)?;
            compiler.emit(Instr::Return);
            Ok(())
        })?;
        self.constant(Value::Function(id));
        Ok(())
    }

    fn function_with(
        &mut self,
        node: Node<'tree>,
        name: &'tree str,
        parameters: Option<Node<'tree>>,
        mut bindings: names::Bindings,
        what: impl FnOnce(&mut Self) -> Compiled<()>,
    ) -> Compiled<FunctionId> {
        let mut header = Header {
            node,
            name,
            params: Vec::new(),
            defaults: Vec::new(),
        };
        for parameter in parameters.map(parts).unwrap_or_default() {
            self.parameter(parameter, &mut header)?;
        }
        let mut seen = HashSet::new();
        for param in &header.params {
            if !seen.insert(param.as_str()) {
                let what = format!("duplicate argument '{param}' in function definition");
                return Err(self.syntax(node, &what));
            }
            if bindings.is_global(param) {
                let what = format!("name '{param}' is parameter and global");
                return Err(self.syntax(node, &what));
            }
            bindings.bind_parameter(param);
        }
        if header.params.len() > 200 {
            return Err(self.unsupported(node, "so many parameters"));
        }
        self.function(&header, bindings, what)
    }

    fn parameter(&mut self, node: Node<'tree>, header: &mut Header<'tree>) -> Compiled<()> {
        let (name, value) = match node.kind() {
            "identifier" => (node, None),
            "typed_parameter" => {
                self.check_annotation(self.field(node, "type")?)?;
                match parts(node).first() {
                    Some(name) if name.kind() == "identifier" => (*name, None),
                    _ => return Err(self.unsupported(node, "a parameter for any number of arguments")),
                }
            }
            "default_parameter" | "typed_default_parameter" => {
                if let Some(annotation) = node.child_by_field_name("type") {
                    self.check_annotation(annotation)?;
                }
                (self.field(node, "name")?, node.child_by_field_name("value"))
            }
            "list_splat_pattern" | "dictionary_splat_pattern" => {
                return Err(self.unsupported(node, "a parameter for any number of arguments"));
            }
            _ => return Err(self.unsupported(node, "such a parameter")),
        };
        match value {
            Some(value) => {
                let Some(default) = self.literal_value(value) else {
                    return Err(self.unsupported(value, "a default that is no literal"));
                };
                header.defaults.push(default);
            }
            None if !header.defaults.is_empty() => {
                return Err(self.syntax(node, "non-default argument follows default argument"));
            }
            None => {}
        }
        header.params.push(self.text(name).to_owned());
        Ok(())
    }

    /// An annotation is evaluated by Python; only names of built-in types surely do nothing.
    pub(super) fn check_annotation(&self, node: Node<'tree>) -> Compiled<()> {
        let plain = self.text(node);
        let known = matches!(
            plain,
            "int" | "str" | "bool" | "float" | "list" | "dict" | "tuple" | "set" | "bytes" | "None"
        ) || [
            "list[int]",
            "list[str]",
            "dict[int, int]",
            "dict[str, int]",
            "tuple[int, int]",
        ]
        .contains(&plain);
        if known {
            return Ok(());
        }
        Err(self.unsupported(node, &format!("the annotation {plain}")))
    }
}

fn statement_name(kind: &str) -> String {
    match kind {
        "class_definition" => "classes".to_owned(),
        "decorated_definition" => "decorators".to_owned(),
        "nonlocal_statement" => "nonlocal".to_owned(),
        "match_statement" => "match".to_owned(),
        "future_import_statement" => "imports from __future__".to_owned(),
        other => format!("a {}", other.replace('_', " ")),
    }
}

fn enclosing_function(node: Node) -> Node {
    let mut node = node;
    while let Some(parent) = node.parent() {
        node = parent;
        if node.kind() == "function_definition" {
            break;
        }
    }
    node
}

/// Whether a name stands in a function before the statement that declares it global.
fn used_before(root: Node, declared: Node, name: &str, compiler: &Compiler) -> bool {
    let mut waiting = parts(root);
    while let Some(node) = waiting.pop() {
        let nested = matches!(node.kind(), "function_definition" | "lambda");
        if node.start_byte() >= declared.start_byte() || nested {
            continue;
        }
        if node.kind() == "identifier" && compiler.text(node) == name {
            return true;
        }
        waiting.extend(parts(node));
    }
    false
}
