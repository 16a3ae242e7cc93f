//! Expressions: each leaves one value on the stack, and its type with the compiler.
//!
//! An array stands for the address of its first item and a function for its own; a structure is its address
//! until it is assigned. Numbers are converted as C's usual arithmetic conversions have it.

use std::sync::Arc;

use tree_sitter::Node;

use super::initial::width;
use super::scope::{Compiler, Name};
use super::{Compiled, header, parts};
use crate::program::code::{Arith, Instr};
use crate::program::memory::{FUNCTION_SIZE, TEXT};
use crate::program::types::{Int, Type};

impl Compiler<'_> {
    /// Compiles an expression for what it does.
    pub(super) fn discard(&mut self, node: Node) -> Compiled<()> {
        self.value(node)?;
        self.emit(Instr::Pop);
        Ok(())
    }

    /// Compiles an expression whose value is a number or a pointer.
    pub(super) fn scalar(&mut self, node: Node) -> Compiled<Type> {
        let ty = self.value(node)?;
        match ty.scalar() {
            Some(_) => Ok(ty),
            None => Err(self.meaning(
                node,
                format!("a number or pointer is wanted here, and this is {ty}"),
            )),
        }
    }

    /// Compiles an expression and converts it to `target`, as an argument or a result is.
    pub(super) fn converted(&mut self, node: Node, target: &Type) -> Compiled<()> {
        let ty = self.value(node)?;
        self.convert(node, &ty, target)
    }

    /// Compiles an assignment to the address on the stack; the value stays there.
    pub(super) fn assign_value(&mut self, node: Node, target: &Type) -> Compiled<()> {
        let ty = self.value(node)?;
        if let Type::Struct(layout) = target {
            if ty != *target {
                return Err(self.meaning(node, format!("{ty} is assigned to {target}")));
            }
            self.emit(Instr::Copy(layout.size as u32));
            return Ok(());
        }
        self.convert(node, &ty, target)?;
        self.emit(Instr::Store(width(target)));
        Ok(())
    }

    pub(super) fn convert(&mut self, node: Node, from: &Type, to: &Type) -> Compiled<()> {
        match (from, to) {
            (Type::Int(a), Type::Int(b)) => {
                if *b == header::BOOL {
                    self.emit(Instr::Not);
                    self.emit(Instr::Not);
                } else if !a.same(*b) {
                    self.emit(Instr::Wrap(*b));
                }
                Ok(())
            }
            (Type::Pointer(_), Type::Pointer(_)) => Ok(()),
            (Type::Int(_), Type::Pointer(_)) if self.text(node).trim_matches(['(', ')']) == "0" => Ok(()),
            (Type::Pointer(_), Type::Int(int)) if *int == header::BOOL => {
                self.emit(Instr::Not);
                self.emit(Instr::Not);
                Ok(())
            }
            (Type::Int(_), Type::Pointer(_)) | (Type::Pointer(_), Type::Int(_)) => {
                Err(self.meaning(node, format!("{from} becomes {to} without a cast")))
            }
            _ => Err(self.meaning(node, format!("{from} is used where {to} is wanted"))),
        }
    }

    /// Compiles an expression. The value is on the stack; for a structure, its address.
    pub(super) fn value(&mut self, node: Node) -> Compiled<Type> {
        self.nested(node, |this| this.value_inner(node))
    }

    fn value_inner(&mut self, node: Node) -> Compiled<Type> {
        let text = self.text(node);
        match node.kind() {
            "number_literal" => {
                let (value, ty) = self.number(node, text)?;
                Ok(self.push(value, ty))
            }
            "char_literal" => {
                let value = self.character(node)?;
                Ok(self.push(value, Type::INT))
            }
            "true" => Ok(self.push(1, Type::INT)),
            "false" => Ok(self.push(0, Type::INT)),
            "null" => Ok(self.push(0, Type::pointer(Type::Void))),
            "string_literal" | "concatenated_string" => {
                let bytes = self.string(node)?;
                let address = self.literal(node, &bytes)?;
                Ok(self.push(address as i64, Type::pointer(Type::Int(Int::CHAR))))
            }
            "identifier" => self.name(node, text),
            "parenthesized_expression" => match parts(node).as_slice() {
                [inner] if inner.kind() != "compound_statement" => self.value(*inner),
                _ => Err(self.unsupported(node, "this expression")),
            },
            "comma_expression" => {
                self.discard(self.field(node, "left")?)?;
                self.value(self.field(node, "right")?)
            }
            "assignment_expression" => self.assignment(node),
            "update_expression" => self.update(node),
            "unary_expression" => self.unary(node),
            "binary_expression" => self.binary(node),
            "conditional_expression" => self.conditional(node),
            "call_expression" => self.call(node),
            "cast_expression" => self.cast(node),
            "sizeof_expression" => {
                let size = self.size_of(node)?;
                Ok(self.push(size as i64, Type::Int(Int::SIZE)))
            }
            "pointer_expression" if text.starts_with('&') => {
                let argument = self.field(node, "argument")?;
                if let ("identifier", Some(function)) =
                    (argument.kind(), self.function_pointer(self.text(argument)))
                {
                    return Ok(self.push(function.0, function.1));
                }
                let ty = self.place(argument)?;
                Ok(Type::pointer(ty))
            }
            "pointer_expression" | "subscript_expression" | "field_expression" => {
                let ty = self.place(node)?;
                Ok(self.load(ty))
            }
            "compound_literal_expression" => Err(self.unsupported(node, "compound literals")),
            other => Err(self.unsupported(node, &format!("this ({})", other.replace('_', " ")))),
        }
    }

    fn push(&mut self, number: i64, ty: Type) -> Type {
        self.emit(Instr::Int(number));
        ty
    }

    /// Makes a value of the address on the stack.
    pub(super) fn load(&mut self, ty: Type) -> Type {
        match ty {
            Type::Array(item, _) => Type::Pointer(item),
            Type::Struct(_) | Type::Tag(_) | Type::Void => ty,
            Type::Function(_) => Type::pointer(ty),
            scalar => {
                self.emit(Instr::Load(width(&scalar)));
                scalar
            }
        }
    }

    fn name(&mut self, node: Node, name: &str) -> Compiled<Type> {
        match self.find(name).cloned() {
            Some(Name::Variable { place, ty }) => {
                self.address(place, 0);
                return Ok(self.load(ty));
            }
            Some(Name::Constant(value)) => return Ok(self.push(value, Type::INT)),
            Some(Name::Type(_)) => return Err(self.meaning(node, format!("{name} is a type"))),
            None => {}
        }
        if let Some((address, ty)) = self.function_pointer(name) {
            return Ok(self.push(address, ty));
        }
        if self.macros.contains_key(name) {
            return self.with_macro(node, name, Self::value);
        }
        match header::constant(name) {
            Some((value, ty)) => Ok(self.push(value, ty)),
            None if header::function(name).is_some() => {
                Err(self.unsupported(node, "a pointer to a function of the library"))
            }
            None => Err(self.meaning(node, format!("{name} is not declared"))),
        }
    }

    /// The address and type of a function of the program.
    fn function_pointer(&self, name: &str) -> Option<(i64, Type)> {
        let known = self.known.get(name)?;
        let address = TEXT + FUNCTION_SIZE * u64::from(known.id.0);
        Some((
            address as i64,
            Type::pointer(Type::Function(Arc::clone(&known.signature))),
        ))
    }

    /// Compiles the address of what an expression stands for.
    pub(super) fn place(&mut self, node: Node) -> Compiled<Type> {
        self.nested(node, |this| this.place_inner(node))
    }

    fn place_inner(&mut self, node: Node) -> Compiled<Type> {
        match node.kind() {
            "identifier" => match self.find(self.text(node)).cloned() {
                Some(Name::Variable { place, ty }) => {
                    self.address(place, 0);
                    Ok(ty)
                }
                _ => Err(self.meaning(node, format!("{} is no variable", self.text(node)))),
            },
            "parenthesized_expression" => match parts(node).as_slice() {
                [inner] => self.place(*inner),
                _ => Err(self.unsupported(node, "this expression")),
            },
            "pointer_expression" if self.text(node).starts_with('*') => {
                let argument = self.field(node, "argument")?;
                match self.value(argument)? {
                    Type::Pointer(to) => Ok(self.resolved(Type::clone(&to))),
                    ty => Err(self.meaning(argument, format!("{ty} is no pointer"))),
                }
            }
            "subscript_expression" => {
                let array = self.field(node, "argument")?;
                let Type::Pointer(item) = self.value(array)? else {
                    return Err(self.meaning(array, "this is no array".into()));
                };
                let index = self.field(node, "index")?;
                let ty = self.value(index)?;
                self.integer(index, &ty)?;
                self.scale(node, &item)?;
                self.emit(Instr::Arith(Arith::Add, Int::SIZE));
                Ok(self.resolved(Type::clone(&item)))
            }
            "field_expression" => self.field_place(node),
            _ => Err(self.meaning(node, "this has no address and cannot be assigned".into())),
        }
    }

    fn field_place(&mut self, node: Node) -> Compiled<Type> {
        let argument = self.field(node, "argument")?;
        let name = self.text(self.field(node, "field")?);
        let operator = self.field(node, "operator")?;
        let ty = if self.text(operator) == "->" {
            match self.value(argument)? {
                Type::Pointer(to) => Type::clone(&to),
                ty => return Err(self.meaning(argument, format!("{ty} is no pointer"))),
            }
        } else {
            self.place(argument)?
        };
        let ty = self.resolved(ty);
        let Type::Struct(layout) = &ty else {
            return Err(self.meaning(argument, format!("{ty} has no fields")));
        };
        let Some(field) = layout.field(name) else {
            if layout.name == "sigaction" {
                return Err(self.unsupported(node, &format!("the field {name}")));
            }
            return Err(self.meaning(node, format!("{ty} has no field {name}")));
        };
        self.emit(Instr::Int(field.offset as i64));
        self.emit(Instr::Arith(Arith::Add, Int::SIZE));
        Ok(field.ty.clone())
    }

    /// Multiplies the index on the stack by the size of an item.
    pub(super) fn scale(&mut self, node: Node, item: &Type) -> Compiled<()> {
        let size = self.item_size(node, item)?;
        if size > 1 {
            self.emit(Instr::Int(size as i64));
            self.emit(Instr::Arith(Arith::Mul, Int::LONG));
        }
        Ok(())
    }

    pub(super) fn item_size(&self, node: Node, item: &Type) -> Compiled<u64> {
        match item {
            // As gcc counts with void pointers.
            Type::Void => Ok(1),
            Type::Tag(tag) => match self.find_tag(tag) {
                Some(ty) => Ok(ty.size()),
                None => Err(self.meaning(node, format!("nothing is known of {item}"))),
            },
            Type::Function(_) => Err(self.meaning(node, "a function has no size".into())),
            other => Ok(other.size()),
        }
    }

    fn cast(&mut self, node: Node) -> Compiled<Type> {
        let target = self.described_type(self.field(node, "type")?)?;
        self.cast_to(node, self.field(node, "value")?, target)
    }

    pub(super) fn cast_to(&mut self, node: Node, value: Node, target: Type) -> Compiled<Type> {
        let ty = self.value(value)?;
        match (&ty, &target) {
            (_, Type::Void) => {}
            (_, Type::Int(int)) if *int == header::BOOL && ty.scalar().is_some() => {
                self.emit(Instr::Not);
                self.emit(Instr::Not);
            }
            (_, Type::Int(int)) if ty.scalar().is_some() => self.emit(Instr::Wrap(*int)),
            (_, Type::Pointer(_)) if ty.scalar().is_some() => {}
            _ => return Err(self.meaning(node, format!("{ty} cannot be cast to {target}"))),
        }
        Ok(target)
    }

    /// The type between the parentheses of a cast or of sizeof.
    fn described_type(&mut self, node: Node) -> Compiled<Type> {
        let base = self.base_type(node)?;
        match node.child_by_field_name("declarator") {
            Some(declarator) => Ok(self.declarator(declarator, base)?.ty),
            None => Ok(base),
        }
    }

    /// The number that `sizeof` gives.
    pub(super) fn size_of(&mut self, node: Node) -> Compiled<u64> {
        let ty = if let Some(ty) = node.child_by_field_name("type") {
            self.described_type(ty)?
        } else {
            let value = self.field(node, "value")?;
            // `sizeof(name)` looks like an expression also where the name is a type.
            match self.type_in_parentheses(value) {
                Some(ty) => ty,
                None => self.type_of(value)?,
            }
        };
        self.item_size(node, &ty)
    }

    pub(super) fn type_in_parentheses(&self, node: Node) -> Option<Type> {
        let name = self.text(node).trim_matches(['(', ')']).trim();
        match self.find(name) {
            Some(Name::Type(ty)) => Some(ty.clone()),
            Some(_) => None,
            None => header::type_named(name),
        }
    }

    /// The type of an expression that is not evaluated: it is compiled, and the instructions are dropped.
    fn type_of(&mut self, node: Node) -> Compiled<Type> {
        let from = self.body.code.len();
        let literal = match node.kind() {
            "string_literal" => true,
            "parenthesized_expression" => parts(node)
                .first()
                .is_some_and(|inner| inner.kind() == "string_literal"),
            _ => false,
        };
        let ty = if literal {
            let inner = if node.kind() == "string_literal" {
                node
            } else {
                parts(node)[0]
            };
            let len = self.string(inner)?.len() as u64 + 1;
            Type::Array(Arc::new(Type::Int(Int::CHAR)), len)
        } else if self.is_place(node) {
            self.place(node)?
        } else {
            self.value(node)?
        };
        self.body.code.truncate(from);
        Ok(ty)
    }

    fn is_place(&self, node: Node) -> bool {
        match node.kind() {
            "identifier" => matches!(self.find(self.text(node)), Some(Name::Variable { .. })),
            "parenthesized_expression" => parts(node).first().is_some_and(|inner| {
                inner.kind() == "identifier" && self.is_place(*inner)
                    || matches!(inner.kind(), "subscript_expression" | "field_expression")
            }),
            "pointer_expression" => self.text(node).starts_with('*'),
            "subscript_expression" | "field_expression" => true,
            _ => false,
        }
    }
}
