//! Comprehensions, and the generators and key functions that amount to one.
//!
//! The loops of a comprehension are compiled in place, with variables of their own. A generator is compiled like a list
//! where whoever takes it up wants all of it at once, so that nobody can tell; elsewhere it is refused.

use tree_sitter::Node;

use super::scope::Compiler;
use super::{Compiled, Library, parts};
use crate::program::code::Instr;
use crate::program::value::Value;

impl<'tree> Compiler<'tree> {
    /// A list, dict or set comprehension, or a generator that is taken up at once.
    pub(super) fn comprehension(&mut self, node: Node<'tree>) -> Compiled<()> {
        let body = self.field(node, "body")?;
        let result = self.hidden_slot();
        self.emit(match node.kind() {
            "dictionary_comprehension" => Instr::MakeDict(0),
            "set_comprehension" => Instr::MakeSet(0),
            _ => Instr::MakeList(0),
        });
        self.emit(Instr::StoreLocal(result));
        self.clauses(node, |compiler| match node.kind() {
            "dictionary_comprehension" => {
                let (key, value) = (compiler.field(body, "key")?, compiler.field(body, "value")?);
                // The key is computed first, and wanted last.
                compiler.value(key)?;
                compiler.value(value)?;
                compiler.emit(Instr::Swap);
                compiler.emit(Instr::LoadLocal(result));
                compiler.emit(Instr::Swap);
                compiler.emit(Instr::SetItem);
                Ok(())
            }
            kind => {
                compiler.emit(Instr::LoadLocal(result));
                compiler.value(body)?;
                let add = if kind == "set_comprehension" {
                    Library::SetAdd
                } else {
                    Library::Append
                };
                compiler.native(add, 2);
                compiler.emit(Instr::Pop);
                Ok(())
            }
        })?;
        self.emit(Instr::LoadLocal(result));
        Ok(())
    }

    /// `any(… for …)` and `all(… for …)`, which stop as soon as the answer is known.
    pub(super) fn any_or_all(&mut self, node: Node<'tree>, any: bool) -> Compiled<()> {
        let body = self.field(node, "body")?;
        let result = self.hidden_slot();
        self.constant(Value::Bool(!any));
        self.emit(Instr::StoreLocal(result));
        // Each loop has an iterator on the stack, which an early end takes away.
        let depth = parts(node)
            .iter()
            .filter(|part| part.kind() == "for_in_clause")
            .count();
        let mut exits = Vec::new();
        self.clauses(node, |compiler| {
            compiler.value(body)?;
            let goes_on = compiler.jump(if any { Instr::JumpUnless } else { Instr::JumpIf });
            compiler.constant(Value::Bool(any));
            compiler.emit(Instr::StoreLocal(result));
            for _ in 0..depth {
                compiler.emit(Instr::Pop);
            }
            exits.push(compiler.jump(Instr::Jump));
            compiler.land([goes_on]);
            Ok(())
        })?;
        self.land(exits);
        self.emit(Instr::LoadLocal(result));
        Ok(())
    }

    /// The loops and conditions of a comprehension, around what is done for each round.
    fn clauses(&mut self, node: Node<'tree>, what: impl FnOnce(&mut Self) -> Compiled<()>) -> Compiled<()> {
        let line = self.body.line;
        let outer = self.body.inner.len();
        let mut tops = Vec::new();
        let mut again = Vec::new();
        for clause in parts(node).into_iter().skip(1) {
            match clause.kind() {
                "for_in_clause" => {
                    if clause.child(0).is_some_and(|first| first.kind() == "async") {
                        return Err(self.unsupported(clause, "async"));
                    }
                    let over = self.field(clause, "right")?;
                    let target = self.field(clause, "left")?;
                    self.value(over)?;
                    self.emit(Instr::Iterate);
                    let top = self.here();
                    let end = self.jump(Instr::Next);
                    self.bind_inner(target)?;
                    self.assign(target)?;
                    tops.push((top, end));
                    again.push(Vec::new());
                }
                "if_clause" => {
                    let condition = parts(clause)
                        .first()
                        .copied()
                        .ok_or_else(|| self.broken(clause))?;
                    self.value(condition)?;
                    let unless = self.jump(Instr::JumpUnless);
                    match again.last_mut() {
                        Some(jumps) => jumps.push(unless),
                        None => return Err(self.broken(clause)),
                    }
                }
                _ => return Err(self.broken(clause)),
            }
        }
        what(self)?;
        for ((top, end), skipped) in tops.into_iter().zip(again).rev() {
            self.land(skipped);
            self.emit(Instr::Jump(top));
            self.land([end]);
        }
        let here = self.here();
        for (_, slot) in self.body.inner.drain(outer..) {
            if let Some(variable) = self.body.variables.get_mut(slot as usize) {
                variable.scope.1 = here;
            }
        }
        self.body.line = line;
        Ok(())
    }

    /// Gives the variables of a comprehension slots of their own.
    fn bind_inner(&mut self, target: Node<'tree>) -> Compiled<()> {
        let mut waiting = vec![target];
        while let Some(node) = waiting.pop() {
            match node.kind() {
                "identifier" => {
                    let here = self.here();
                    let slot = self.new_slot(self.text(node), (here, u32::MAX));
                    self.body.inner.push((self.text(node).to_owned(), slot));
                }
                "pattern_list" | "tuple_pattern" | "list_pattern" | "tuple" | "list" => {
                    waiting.extend(parts(node));
                }
                _ => return Err(self.unsupported(node, "such a variable of a comprehension")),
            }
        }
        Ok(())
    }

    /// Calls a function once for each item of an iterable; the results are a list.
    pub(super) fn for_each(&mut self, function: Node<'tree>, items: Node<'tree>) -> Compiled<()> {
        let (called, result) = (self.hidden_slot(), self.hidden_slot());
        self.value(function)?;
        self.emit(Instr::StoreLocal(called));
        self.value(items)?;
        self.emit(Instr::Iterate);
        self.map_slots(called, result);
        Ok(())
    }

    /// The loop of [`Compiler::for_each`], with the iterator on the stack.
    pub(super) fn map_slots(&mut self, called: u32, result: u32) {
        let line = self.body.line;
        self.emit(Instr::MakeList(0));
        self.emit(Instr::StoreLocal(result));
        let top = self.here();
        let end = self.jump(Instr::Next);
        self.emit(Instr::LoadLocal(called));
        self.emit(Instr::Swap);
        self.emit(Instr::CallValue { args: 1 });
        self.emit(Instr::LoadLocal(result));
        self.emit(Instr::Swap);
        self.native(Library::Append, 2);
        self.emit(Instr::Pop);
        self.emit(Instr::Jump(top));
        self.land([end]);
        self.emit(Instr::LoadLocal(result));
        self.body.line = line;
    }
}
