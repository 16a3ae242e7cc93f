//! The types of C as they lie in memory on 64-bit Linux, and how a value of each is shown.
//!
//! Sizes, alignment and signs are those of the x86-64 ABI. Floating-point types, bit fields and unions are
//! left out: programs about processes do without them.

use std::fmt;
use std::sync::Arc;

/// A C type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Type {
    Void,
    Int(Int),
    Pointer(Arc<Type>),
    Array(Arc<Type>, u64),
    Struct(Arc<Struct>),
    /// A structure that is only named here, so that one can point to its own kind.
    Tag(Arc<str>),
    Function(Arc<Signature>),
    /// A Python value carries its type itself.
    Dynamic,
}

/// An integer type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Int {
    /// 1, 2, 4 or 8.
    pub(super) bytes: u8,
    pub(super) signed: bool,
    /// The name by which the program knows it.
    pub(super) name: &'static str,
}

impl Int {
    pub(super) const CHAR: Self = Self::new(1, true, "char");
    pub(super) const INT: Self = Self::new(4, true, "int");
    pub(super) const UNSIGNED: Self = Self::new(4, false, "unsigned int");
    pub(super) const LONG: Self = Self::new(8, true, "long");
    pub(super) const SIZE: Self = Self::new(8, false, "size_t");
    pub(super) const PID: Self = Self::new(4, true, "pid_t");

    pub(super) const fn new(bytes: u8, signed: bool, name: &'static str) -> Self {
        Self { bytes, signed, name }
    }

    /// What is left of `number` in a variable of this type.
    pub(super) const fn wrap(self, number: i64) -> i64 {
        match (self.bytes, self.signed) {
            (1, true) => number as i8 as i64,
            (1, false) => number as u8 as i64,
            (2, true) => number as i16 as i64,
            (2, false) => number as u16 as i64,
            (4, true) => number as i32 as i64,
            (4, false) => number as u32 as i64,
            _ => number,
        }
    }

    /// The type in which arithmetic with a value of this type happens.
    pub(super) const fn promoted(self) -> Self {
        if self.bytes < 4 { Self::INT } else { self }
    }

    /// The common type of two operands.
    pub(super) fn common(self, other: Self) -> Self {
        let (a, b) = (self.promoted(), other.promoted());
        if a.bytes != b.bytes {
            return if a.bytes > b.bytes { a } else { b };
        }
        if a.signed { b } else { a }
    }

    /// Whether two types have the same values.
    pub(super) const fn same(self, other: Self) -> bool {
        self.bytes == other.bytes && self.signed == other.signed
    }
}

/// A structure with the places of its fields.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Struct {
    pub(super) name: String,
    pub(super) fields: Vec<Field>,
    pub(super) size: u64,
    pub(super) align: u64,
}

/// A field of a structure.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) offset: u64,
}

impl Struct {
    /// Lays the fields out one after the other.
    pub(super) fn new(name: String, fields: Vec<(String, Type)>) -> Self {
        let mut size = 0_u64;
        let mut align = 1;
        let fields = fields
            .into_iter()
            .map(|(name, ty)| {
                align = align.max(ty.align());
                let offset = size.next_multiple_of(ty.align());
                size = offset + ty.size();
                Field { name, ty, offset }
            })
            .collect();
        let size = size.next_multiple_of(align);
        Self {
            name,
            fields,
            size,
            align,
        }
    }

    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// What a function takes and gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Signature {
    pub(super) result: Type,
    pub(super) params: Vec<Type>,
}

impl Type {
    pub(super) const INT: Self = Self::Int(Int::INT);

    pub(super) fn pointer(to: Self) -> Self {
        Self::Pointer(Arc::new(to))
    }

    /// Its size in bytes; 0 for what has none.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Void | Self::Function(_) | Self::Dynamic | Self::Tag(_) => 0,
            Self::Int(int) => u64::from(int.bytes),
            Self::Pointer(_) => 8,
            Self::Array(item, len) => item.size().saturating_mul(*len),
            Self::Struct(layout) => layout.size,
        }
    }

    pub(super) fn align(&self) -> u64 {
        match self {
            Self::Array(item, _) => item.align(),
            Self::Struct(layout) => layout.align,
            other => other.size().max(1),
        }
    }

    /// The type of a value that is a number for the machine: an integer, or a pointer as `size_t`.
    pub(super) fn scalar(&self) -> Option<Int> {
        match self {
            Self::Int(int) => Some(*int),
            Self::Pointer(_) => Some(Int::SIZE),
            _ => None,
        }
    }

    pub(super) fn is_char(&self) -> bool {
        matches!(self, Self::Int(int) if int.bytes == 1)
    }
}

impl fmt::Display for Type {
    /// As a declaration would write it, without the name: `char *[3]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Void => f.write_str("void"),
            Self::Int(int) => f.write_str(int.name),
            Self::Pointer(to) if matches!(**to, Self::Function(_)) => write!(f, "{to}"),
            Self::Pointer(to) if matches!(**to, Self::Pointer(_)) => write!(f, "{to}*"),
            Self::Pointer(to) => write!(f, "{to} *"),
            Self::Array(item, len) => write!(f, "{item}[{len}]"),
            Self::Struct(layout) if layout.name.ends_with("_t") => f.write_str(&layout.name),
            Self::Struct(layout) => write!(f, "struct {}", layout.name),
            Self::Tag(name) => write!(f, "struct {name}"),
            Self::Function(signature) => {
                write!(f, "{} (*)(", signature.result)?;
                for (index, param) in signature.params.iter().enumerate() {
                    write!(f, "{}{param}", if index > 0 { ", " } else { "" })?;
                }
                f.write_str(")")
            }
            Self::Dynamic => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_wrap_as_their_variables_are_wide() {
        for (int, number, left) in [
            (Int::CHAR, 255, -1),
            (Int::new(1, false, "unsigned char"), 256, 0),
            (Int::INT, 1 << 31, -(1 << 31)),
            (Int::UNSIGNED, -1, 0xffff_ffff),
            (Int::LONG, -1, -1),
        ] {
            assert_eq!(int.wrap(number), left, "{number} as {}", int.name);
        }
    }

    #[test]
    fn structures_are_laid_out_as_the_abi_says() {
        let fields = [
            ("a", Int::CHAR),
            ("b", Int::INT),
            ("c", Int::CHAR),
            ("d", Int::LONG),
        ]
        .map(|(name, int)| (name.to_owned(), Type::Int(int)));
        let layout = Struct::new("s".into(), fields.into());
        let offsets: Vec<u64> = layout.fields.iter().map(|field| field.offset).collect();
        assert_eq!((offsets, layout.size), (vec![0, 4, 8, 16], 24));
    }

    #[test]
    fn types_are_written_as_in_a_declaration() {
        let string = Type::pointer(Type::Int(Int::CHAR));
        for (ty, text) in [
            (string.clone(), "char *"),
            (Type::pointer(string.clone()), "char **"),
            (Type::Array(Arc::new(string), 3), "char *[3]"),
            (Type::Int(Int::PID), "pid_t"),
        ] {
            assert_eq!(ty.to_string(), text);
        }
    }
}
