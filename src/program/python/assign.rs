//! Assignment: to names, to items, to several targets at once, and with an operator.

use tree_sitter::Node;

use super::scope::{Compiler, Home};
use super::{Compiled, Library, parts};
use crate::program::code::Instr;
use crate::program::value::Value;

impl<'tree> Compiler<'tree> {
    pub(super) fn assignment(&mut self, node: Node<'tree>) -> Compiled<()> {
        let mut targets = vec![self.field(node, "left")?];
        let mut value = node.child_by_field_name("right");
        if let Some(annotation) = node.child_by_field_name("type") {
            self.check_annotation(annotation)?;
            if value.is_some_and(|value| value.kind() == "assignment") || targets[0].kind() != "identifier" {
                return Err(self.syntax(annotation, "only a single target can be annotated"));
            }
        }
        while let Some(next) = value.filter(|value| value.kind() == "assignment") {
            if let Some(annotation) = next.child_by_field_name("type") {
                return Err(self.syntax(annotation, "only a single target can be annotated"));
            }
            targets.push(self.field(next, "left")?);
            value = next.child_by_field_name("right");
        }
        // An annotation alone assigns nothing.
        let Some(value) = value else {
            return Ok(());
        };
        if value.kind() == "augmented_assignment" {
            return Err(self.broken(value));
        }
        self.value(value)?;
        let (last, first) = targets.split_last().ok_or_else(|| self.broken(node))?;
        for target in first {
            self.emit(Instr::Dup);
            self.assign(*target)?;
        }
        self.assign(*last)
    }

    /// Takes the value on the stack and gives it to a target.
    pub(super) fn assign(&mut self, target: Node<'tree>) -> Compiled<()> {
        match target.kind() {
            "identifier" => match self.home(target)? {
                Some(home) => {
                    self.store(home);
                    Ok(())
                }
                None => Err(self.broken(target)),
            },
            "subscript" => {
                self.container_and_key(target)?;
                self.emit(Instr::SetItem);
                Ok(())
            }
            "pattern_list" | "tuple_pattern" | "list_pattern" | "tuple" | "list" | "expression_list" => {
                let targets = parts(target);
                if let Some(starred) = targets.iter().find(|target| target.kind().contains("splat")) {
                    return Err(self.unsupported(*starred, "a starred target"));
                }
                self.emit(Instr::Unpack(targets.len() as u32));
                for target in targets {
                    self.nested(target, |compiler| compiler.assign(target))?;
                }
                Ok(())
            }
            "parenthesized_expression" => match parts(target).first() {
                Some(inner) => self.nested(*inner, |compiler| compiler.assign(*inner)),
                None => Err(self.broken(target)),
            },
            "attribute" => Err(self.unsupported(target, "assigning to an attribute")),
            _ => Err(self.syntax(target, "this cannot be assigned to")),
        }
    }

    /// Pushes a container and the key of an item.
    fn container_and_key(&mut self, target: Node<'tree>) -> Compiled<()> {
        let container = self.field(target, "value")?;
        let keys = super::fields(target, "subscript");
        let [key] = keys.as_slice() else {
            return Err(self.unsupported(target, "an item with several keys"));
        };
        if key.kind() == "slice" {
            return Err(self.unsupported(*key, "assigning to a slice"));
        }
        self.value(container)?;
        self.value(*key)
    }

    pub(super) fn augmented(&mut self, node: Node<'tree>) -> Compiled<()> {
        let target = self.field(node, "left")?;
        let right = self.field(node, "right")?;
        let sign = self
            .field(node, "operator")?
            .kind()
            .trim_end_matches('=')
            .to_owned();
        match target.kind() {
            "identifier" => {
                self.value(target)?;
                self.value(right)?;
                self.in_place(node, &sign)?;
                self.assign(target)
            }
            "subscript" => {
                self.container_and_key(target)?;
                let (container, key) = (self.hidden_slot(), self.hidden_slot());
                self.emit(Instr::StoreLocal(key));
                self.emit(Instr::StoreLocal(container));
                self.emit(Instr::LoadLocal(container));
                self.emit(Instr::LoadLocal(key));
                self.emit(Instr::Item);
                self.value(right)?;
                self.in_place(node, &sign)?;
                self.emit(Instr::LoadLocal(container));
                self.emit(Instr::LoadLocal(key));
                self.emit(Instr::SetItem);
                Ok(())
            }
            _ => Err(self.unsupported(target, "such a target of an augmented assignment")),
        }
    }

    fn in_place(&mut self, node: Node, sign: &str) -> Compiled<()> {
        if sign == "+" {
            // A list grows itself, where others make a new value.
            self.native(Library::AddInPlace, 2);
            return Ok(());
        }
        if sign == "*" {
            self.native(Library::RepeatInPlace, 2);
            return Ok(());
        }
        match super::expression::arith(sign) {
            Some(op) => {
                self.emit(Instr::Binary(op));
                Ok(())
            }
            None => Err(self.unsupported(node, &format!("the operator {sign}="))),
        }
    }

    pub(super) fn delete(&mut self, target: Node<'tree>) -> Compiled<()> {
        match target.kind() {
            "identifier" => {
                let Some(home) = self.home(target)? else {
                    return Err(self.unsupported(target, "deleting a name of the library"));
                };
                // Its value is asked for only to raise where there is none.
                self.load(home);
                self.emit(Instr::Pop);
                self.emit(match home {
                    Home::Local(slot) => Instr::DeleteLocal(slot),
                    Home::Global(slot) => Instr::DeleteGlobal(slot),
                });
                Ok(())
            }
            "subscript" => {
                self.container_and_key(target)?;
                self.emit(Instr::DeleteItem);
                Ok(())
            }
            "expression_list" | "tuple" | "parenthesized_expression" => {
                for target in parts(target) {
                    self.nested(target, |compiler| compiler.delete(target))?;
                }
                Ok(())
            }
            _ => Err(self.unsupported(target, "deleting this")),
        }
    }

    /// The value of a literal; nothing if it has to be computed, or can change.
    pub(super) fn literal_value(&self, node: Node<'tree>) -> Option<Value> {
        Some(match node.kind() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "none" => Value::None,
            "integer" => Value::Int(super::literal::integer(self.text(node))?),
            "unary_operator" if node.child(0)?.kind() == "-" => {
                let number = node.child_by_field_name("argument")?;
                let digits = Some(number).filter(|number| number.kind() == "integer")?;
                Value::Int(-super::literal::integer(self.text(digits))?)
            }
            "string" => self.plain_string(node)?,
            "tuple" if parts(node).is_empty() => Value::Tuple([].into()),
            _ => return None,
        })
    }
}
