//! Statements.

use tree_sitter::Node;

use super::scope::{Breakable, Compiler, param_place};
use super::{Compiled, fields, parts};
use crate::program::code::{Compare, Instr};
use crate::program::types::{Int, Type};

impl Compiler<'_> {
    /// The statements between braces, in a scope of their own.
    pub(super) fn block(&mut self, node: Node) -> Compiled<()> {
        self.open_scope();
        for statement in parts(node) {
            self.statement(statement)?;
        }
        self.close_scope();
        Ok(())
    }

    pub(super) fn statement(&mut self, node: Node) -> Compiled<()> {
        self.nested(node, |this| this.statement_inner(node))
    }

    /// Marks that a line begins, unless the instructions before belong to the same.
    pub(super) fn mark_line(&mut self, line: u32) {
        if self.body.line != Some(line) {
            self.emit(Instr::Line(line));
            self.body.line = Some(line);
        }
    }

    fn mark(&mut self, node: Node) {
        self.mark_line(node.start_position().row as u32 + 1);
    }

    fn statement_inner(&mut self, node: Node) -> Compiled<()> {
        match node.kind() {
            "compound_statement" => self.block(node),
            "declaration" => self.local_declaration(node),
            "type_definition" => self.typedef(node),
            "struct_specifier" | "enum_specifier" => self.specifier(node).map(|_| ()),
            "preproc_def" | "preproc_include" => self.directive(node),
            "expression_statement" => match parts(node).as_slice() {
                [] => Ok(()),
                [expression, ..] => {
                    self.mark(node);
                    self.discard(*expression)
                }
            },
            "if_statement" => self.if_statement(node),
            "while_statement" => self.while_statement(node),
            "do_statement" => self.do_statement(node),
            "for_statement" => self.for_statement(node),
            "switch_statement" => self.switch_statement(node),
            "break_statement" => self.break_statement(node),
            "continue_statement" => self.continue_statement(node),
            "return_statement" => self.return_statement(node),
            "goto_statement" | "labeled_statement" => Err(self.unsupported(node, "goto")),
            "case_statement" => Err(self.unsupported(node, "a case that is not directly within its switch")),
            other => Err(self.unsupported(node, &format!("this ({})", other.replace('_', " ")))),
        }
    }

    fn local_declaration(&mut self, node: Node) -> Compiled<()> {
        let is_static = parts(node)
            .iter()
            .any(|part| part.kind() == "storage_class_specifier" && self.text(*part) == "static");
        let base = self.base_type(node)?;
        for declarator in fields(node, "declarator") {
            let (declared, value) = self.init_declarator(declarator, base.clone())?;
            if let Type::Function(signature) = &declared.ty {
                self.declare_function(declarator, &declared.name, signature)?;
                continue;
            }
            let again = self
                .scopes
                .last()
                .is_some_and(|scope| scope.contains_key(&declared.name));
            if again {
                return Err(self.meaning(
                    declarator,
                    format!("a second {} in the same block", declared.name),
                ));
            }
            if is_static {
                std::mem::swap(&mut self.body, &mut self.initialisers);
                let result = self.place_global(declarator, &declared, value);
                std::mem::swap(&mut self.body, &mut self.initialisers);
                result?;
                continue;
            }
            self.mark(node);
            let offset = self.reserve_local(declarator, &declared.ty)?;
            let place = param_place(offset, &declared.ty);
            self.emit(Instr::Forget {
                offset,
                size: declared.ty.size() as u32,
            });
            let from = self.here();
            let ty = declared.ty.clone();
            self.variable(&declared.name, declared.ty, place, from);
            if let Some(value) = value {
                self.initialise(value, place, &ty)?;
            }
        }
        Ok(())
    }

    /// Compiles a condition and a jump that is taken when it is false.
    fn condition(&mut self, node: Node) -> Compiled<usize> {
        self.scalar(node)?;
        Ok(self.jump(Instr::JumpUnless))
    }

    fn if_statement(&mut self, node: Node) -> Compiled<()> {
        self.mark(node);
        let condition = self.field(node, "condition")?;
        let otherwise = self.condition(condition)?;
        self.scoped_statement(self.field(node, "consequence")?)?;
        let Some(alternative) = node.child_by_field_name("alternative") else {
            self.land([otherwise]);
            return Ok(());
        };
        let end = self.jump(Instr::Jump);
        self.land([otherwise]);
        for statement in parts(alternative) {
            self.scoped_statement(statement)?;
        }
        self.land([end]);
        Ok(())
    }

    fn scoped_statement(&mut self, node: Node) -> Compiled<()> {
        self.open_scope();
        self.statement(node)?;
        self.close_scope();
        Ok(())
    }

    fn while_statement(&mut self, node: Node) -> Compiled<()> {
        let condition = self.field(node, "condition")?;
        let body = self.field(node, "body")?;
        let start = self.here();
        self.body.line = None;
        self.mark(node);
        let end = self.condition(condition)?;
        self.open_loop();
        self.scoped_statement(body)?;
        self.emit(Instr::Jump(start));
        self.close_loop(start, [end]);
        Ok(())
    }

    fn do_statement(&mut self, node: Node) -> Compiled<()> {
        let condition = self.field(node, "condition")?;
        let body = self.field(node, "body")?;
        let start = self.here();
        self.body.line = None;
        self.open_loop();
        self.scoped_statement(body)?;
        let next = self.here();
        self.body.line = None;
        self.mark(condition);
        self.scalar(condition)?;
        self.emit(Instr::JumpIf(start));
        self.close_loop(next, []);
        Ok(())
    }

    fn for_statement(&mut self, node: Node) -> Compiled<()> {
        self.open_scope();
        if let Some(initial) = node.child_by_field_name("initializer") {
            if initial.kind() == "declaration" {
                self.local_declaration(initial)?;
            } else {
                self.mark(node);
                self.discard(initial)?;
            }
        }
        self.mark(node);
        let condition = node.child_by_field_name("condition");
        let update = node.child_by_field_name("update");
        let test = self.here();
        let end = condition.map(|condition| self.condition(condition)).transpose()?;
        self.open_loop();
        self.scoped_statement(self.field(node, "body")?)?;
        // A turn begins at the loop's own line: it counts, then tests.
        let next = self.here();
        self.body.line = None;
        self.mark(node);
        if let Some(update) = update {
            self.discard(update)?;
        }
        self.emit(Instr::Jump(test));
        self.close_loop(next, end);
        self.close_scope();
        Ok(())
    }

    fn switch_statement(&mut self, node: Node) -> Compiled<()> {
        self.mark(node);
        let condition = self.field(node, "condition")?;
        let ty = self.scalar(condition)?;
        let int = self.integer(condition, &ty)?.promoted();
        let dispatch = self.jump(Instr::Jump);
        self.body.breakables.push(Breakable::default());
        self.open_scope();
        for item in parts(self.field(node, "body")?) {
            if item.kind() == "case_statement" {
                self.case(item)?;
            } else {
                return Err(self.unsupported(item, "a statement before the first case"));
            }
        }
        self.close_scope();
        let out = self.jump(Instr::Jump);
        let cases = self.body.breakables.pop().unwrap_or_default();
        self.land([dispatch]);
        for (value, at) in &cases.cases {
            let Some(value) = value else { continue };
            self.emit(Instr::Dup);
            self.emit(Instr::Int(int.wrap(*value)));
            self.emit(Instr::Compare(Compare::Eq, int));
            self.emit(Instr::JumpIf(*at as u32));
        }
        let default = cases.cases.iter().find(|(value, _)| value.is_none());
        if let Some((_, at)) = default {
            self.emit(Instr::Jump(*at as u32));
            // Leaving the switch drops its value, and that is what follows.
        }
        self.land(std::iter::once(out).chain(cases.breaks));
        self.emit(Instr::Pop);
        if cases.continues.is_some() {
            return Err(self.unsupported(node, "continue here"));
        }
        Ok(())
    }

    fn case(&mut self, node: Node) -> Compiled<()> {
        let value_node = node.child_by_field_name("value");
        let value = value_node.map(|value| self.constant_value(value)).transpose()?;
        let here = self.here() as usize;
        if let Some(switch) = self.body.breakables.last_mut() {
            if switch.cases.iter().any(|(other, _)| *other == value) {
                return Err(self.meaning(node, "the same case twice".into()));
            }
            switch.cases.push((value, here));
        }
        self.body.line = None;
        for statement in parts(node) {
            if Some(statement) == value_node {
                continue;
            }
            if statement.kind() == "case_statement" {
                self.nested(statement, |this| this.case(statement))?;
            } else {
                self.statement(statement)?;
            }
        }
        Ok(())
    }

    fn break_statement(&mut self, node: Node) -> Compiled<()> {
        self.mark(node);
        let jump = self.jump(Instr::Jump);
        match self.body.breakables.last_mut() {
            Some(breakable) => {
                breakable.breaks.push(jump);
                Ok(())
            }
            None => Err(self.meaning(node, "break stands in no loop and no switch".into())),
        }
    }

    fn continue_statement(&mut self, node: Node) -> Compiled<()> {
        self.mark(node);
        let switches = self
            .body
            .breakables
            .iter()
            .rev()
            .take_while(|breakable| breakable.continues.is_none())
            .count();
        // Each switch that is left drops the value it chose by.
        for _ in 0..switches {
            self.emit(Instr::Pop);
        }
        let jump = self.jump(Instr::Jump);
        let around = self
            .body
            .breakables
            .iter_mut()
            .rev()
            .find_map(|breakable| breakable.continues.as_mut());
        match around {
            Some(continues) => {
                continues.push(jump);
                Ok(())
            }
            None => Err(self.meaning(node, "continue stands in no loop".into())),
        }
    }

    fn return_statement(&mut self, node: Node) -> Compiled<()> {
        self.mark(node);
        let result = self.body.result.clone();
        match parts(node).first() {
            Some(value) if result == Type::Void => {
                self.discard(*value)?;
                self.emit(Instr::Const(0));
            }
            Some(value) => {
                self.converted(*value, &result)?;
            }
            None => self.emit(Instr::Const(0)),
        }
        self.emit(Instr::Return);
        Ok(())
    }

    fn open_loop(&mut self) {
        self.body.breakables.push(Breakable {
            continues: Some(Vec::new()),
            ..Breakable::default()
        });
    }

    /// Ends a loop: `continue` goes to `next`, `break` and `ends` come here.
    fn close_loop(&mut self, next: u32, ends: impl IntoIterator<Item = usize>) {
        let ended = self.body.breakables.pop().unwrap_or_default();
        for at in ended.continues.unwrap_or_default() {
            self.retarget(at, next);
        }
        self.land(ended.breaks.into_iter().chain(ends));
    }

    pub(super) fn field<'tree>(&self, node: Node<'tree>, name: &str) -> Compiled<Node<'tree>> {
        node.child_by_field_name(name).ok_or_else(|| self.syntax(node))
    }

    /// The integer type of a value.
    pub(super) fn integer(&self, node: Node, ty: &Type) -> Compiled<Int> {
        match ty {
            Type::Int(int) => Ok(*int),
            _ => Err(self.meaning(node, format!("an integer is wanted here, and this is {ty}"))),
        }
    }
}
