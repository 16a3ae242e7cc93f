//! Initialisers: of numbers, strings, arrays and structures.

use tree_sitter::Node;

use super::scope::Compiler;
use super::{Compiled, Library, parts};
use crate::program::code::{Instr, Place};
use crate::program::types::{Int, Type};

impl Compiler<'_> {
    /// The length that an initialiser gives to an array declared without one.
    pub(super) fn initial_len(&mut self, value: Node) -> Compiled<u64> {
        match value.kind() {
            "initializer_list" => {
                let items = parts(value);
                if items.iter().any(|item| item.kind() == "initializer_pair") {
                    return Err(self.unsupported(value, "designators in an array"));
                }
                Ok(items.len() as u64)
            }
            _ => Ok(self.string(value)?.len() as u64 + 1),
        }
    }

    /// Gives a variable its first value.
    pub(super) fn initialise(&mut self, value: Node, place: Place, ty: &Type) -> Compiled<()> {
        self.initialise_at(value, place, 0, ty, false)
    }

    /// Gives the part of a variable at `offset` its first value. `zeroed` says that the bytes are zero already.
    fn initialise_at(
        &mut self,
        value: Node,
        place: Place,
        offset: u64,
        ty: &Type,
        zeroed: bool,
    ) -> Compiled<()> {
        self.nested(value, |this| match (ty, value.kind()) {
            (Type::Array(item, len), "initializer_list") => {
                this.zero(place, offset, ty, zeroed);
                let items = parts(value);
                if items.len() as u64 > *len {
                    return Err(this.meaning(value, format!("more than {len} initialisers")));
                }
                for (index, item_value) in items.into_iter().enumerate() {
                    let at = offset + index as u64 * item.size();
                    this.initialise_at(item_value, place, at, item, true)?;
                }
                Ok(())
            }
            (Type::Array(item, len), _) if item.is_char() => {
                let mut bytes = this.string(value)?;
                if bytes.len() as u64 > *len {
                    return Err(this.meaning(value, "the string is longer than its array".into()));
                }
                bytes.resize(*len as usize, 0);
                let literal = this.literal(value, &bytes)?;
                this.address(place, offset);
                this.emit(Instr::Int(literal as i64));
                this.emit(Instr::Copy(*len as u32));
                this.emit(Instr::Pop);
                Ok(())
            }
            (Type::Struct(_), "initializer_list") => this.initialise_struct(value, place, offset, ty, zeroed),
            (Type::Array(..), _) => Err(this.unsupported(value, "this initialiser")),
            (_, "initializer_list") => match parts(value).as_slice() {
                [one] => this.initialise_at(*one, place, offset, ty, zeroed),
                _ => Err(this.unsupported(value, "this initialiser")),
            },
            _ => {
                this.address(place, offset);
                this.assign_value(value, ty)?;
                this.emit(Instr::Pop);
                Ok(())
            }
        })
    }

    fn initialise_struct(
        &mut self,
        value: Node,
        place: Place,
        offset: u64,
        ty: &Type,
        zeroed: bool,
    ) -> Compiled<()> {
        let Type::Struct(layout) = ty else {
            return Err(self.unsupported(value, "this initialiser"));
        };
        self.zero(place, offset, ty, zeroed);
        let mut next = 0;
        for item in parts(value) {
            let (index, inner) = if item.kind() == "initializer_pair" {
                let (Some(designator), Some(inner)) = (
                    item.child_by_field_name("designator"),
                    item.child_by_field_name("value"),
                ) else {
                    return Err(self.unsupported(item, "this initialiser"));
                };
                let name = self.text(designator).trim_start_matches('.');
                match layout.fields.iter().position(|field| field.name == name) {
                    Some(index) => (index, inner),
                    None => return Err(self.meaning(designator, format!("{ty} has no field {name}"))),
                }
            } else {
                (next, item)
            };
            let Some(field) = layout.fields.get(index) else {
                return Err(self.meaning(item, format!("more initialisers than {ty} has fields")));
            };
            let scalar_for_aggregate = matches!(field.ty, Type::Struct(_) | Type::Array(..))
                && !matches!(inner.kind(), "initializer_list" | "string_literal");
            // `{0}` for a structure that begins with another: braces left out, and everything is zero.
            let is_plain_zero = self.text(inner) == "0";
            if scalar_for_aggregate && !is_plain_zero {
                return Err(self.unsupported(inner, "an initialiser that leaves out braces"));
            }
            if !scalar_for_aggregate {
                self.initialise_at(inner, place, offset + field.offset, &field.ty, true)?;
            }
            next = index + 1;
        }
        Ok(())
    }

    fn zero(&mut self, place: Place, offset: u64, ty: &Type, zeroed: bool) {
        if zeroed {
            return;
        }
        self.emit(Instr::Int(ty.size() as i64));
        self.emit(Instr::Int(0));
        self.address(place, offset);
        self.emit_native(Library::Memset, 3);
        self.emit(Instr::Pop);
    }

    /// Pushes the address of a part of a variable.
    pub(super) fn address(&mut self, place: Place, offset: u64) {
        match place {
            Place::Frame(base, _) => self.emit(Instr::FrameAddress(base + offset as u32)),
            Place::Address(base) => self.emit(Instr::Int((base + offset) as i64)),
            // Slots are Python's.
            Place::Local(_) | Place::Global(_) => {}
        }
    }
}

/// What is loaded and stored for a scalar type.
pub(super) fn width(ty: &Type) -> Int {
    ty.scalar().unwrap_or(Int::SIZE)
}
