//! The types of a native program's variables, as far as they are shown.

use gimli::{AttributeValue, DebuggingInformationEntry, UnitRef, constants};

use super::image::Reader;

/// A type whose values are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// A signed number of so many bytes; enumerations, too.
    Signed(usize),
    /// An unsigned number of so many bytes.
    Unsigned(usize),
    /// A character.
    Char,
    /// True or false.
    Bool,
    /// A floating-point number of so many bytes.
    Float(usize),
    /// An address of characters.
    Text,
    /// An address of anything else.
    Pointer,
    /// So many values of a type in a row.
    Array(Box<Type>, usize),
}

/// Reads memory: address and length.
pub type Read<'a> = &'a dyn Fn(u64, usize) -> Option<Vec<u8>>;

const MOST_ELEMENTS: usize = 8;
const LONGEST_TEXT: usize = 40;
const POINTER: usize = 8;

/// The type of a variable.
pub fn of(unit: &UnitRef<'_, Reader>, entry: &DebuggingInformationEntry<Reader>) -> Option<Type> {
    // No real declaration is so deep; a broken file may be a circle.
    resolve(unit, entry, 16)
}

fn resolve(unit: &UnitRef<'_, Reader>, entry: &DebuggingInformationEntry<Reader>, depth: u8) -> Option<Type> {
    let AttributeValue::UnitRef(offset) = entry.attr_value(constants::DW_AT_type)? else {
        return None;
    };
    let target = unit.entry(offset).ok()?;
    let size = || {
        let size = target.attr_value(constants::DW_AT_byte_size)?.udata_value()?;
        usize::try_from(size)
            .ok()
            .filter(|size| (1..=POINTER).contains(size))
    };
    let further = || resolve(unit, &target, depth.checked_sub(1)?);
    match target.tag() {
        constants::DW_TAG_typedef
        | constants::DW_TAG_const_type
        | constants::DW_TAG_volatile_type
        | constants::DW_TAG_restrict_type
        | constants::DW_TAG_atomic_type => further(),
        constants::DW_TAG_base_type => base(&target, size()?),
        constants::DW_TAG_enumeration_type => size().map(Type::Signed),
        constants::DW_TAG_pointer_type => Some(match further() {
            Some(Type::Char) => Type::Text,
            _ => Type::Pointer,
        }),
        constants::DW_TAG_array_type => {
            let element = Box::new(further()?);
            Some(Type::Array(element, length(unit, offset)?))
        }
        _ => None,
    }
}

fn base(entry: &DebuggingInformationEntry<Reader>, size: usize) -> Option<Type> {
    let AttributeValue::Encoding(encoding) = entry.attr_value(constants::DW_AT_encoding)? else {
        return None;
    };
    match encoding {
        constants::DW_ATE_signed_char | constants::DW_ATE_unsigned_char => Some(Type::Char),
        constants::DW_ATE_signed => Some(Type::Signed(size)),
        constants::DW_ATE_unsigned => Some(Type::Unsigned(size)),
        constants::DW_ATE_boolean => Some(Type::Bool),
        constants::DW_ATE_float if size == 4 || size == 8 => Some(Type::Float(size)),
        _ => None,
    }
}

/// The length of an array of one dimension.
fn length(unit: &UnitRef<'_, Reader>, array: gimli::UnitOffset) -> Option<usize> {
    let mut tree = unit.entries_tree(Some(array)).ok()?;
    let mut dimensions = tree.root().ok()?.children();
    let bound = dimensions
        .next()
        .ok()??
        .entry()
        .attr_value(constants::DW_AT_upper_bound)?;
    if dimensions.next().ok()?.is_some() {
        return None;
    }
    usize::try_from(bound.udata_value()?).ok()?.checked_add(1)
}

impl Type {
    /// How many bytes have to be read to show a value.
    pub fn size(&self) -> usize {
        match self {
            Self::Signed(size) | Self::Unsigned(size) | Self::Float(size) => *size,
            Self::Char | Self::Bool => 1,
            Self::Text | Self::Pointer => POINTER,
            Self::Array(element, length) => {
                let most = if **element == Self::Char {
                    LONGEST_TEXT
                } else {
                    MOST_ELEMENTS
                };
                element.size() * (*length).min(most)
            }
        }
    }

    /// A value as C would write it. None if the bytes do not suffice.
    pub fn show(&self, bytes: &[u8], read: Read<'_>) -> Option<String> {
        let unsigned = |size: usize| {
            let mut word = [0; 8];
            word[..size].copy_from_slice(bytes.get(..size)?);
            Some(u64::from_le_bytes(word))
        };
        Some(match self {
            Self::Unsigned(size) => unsigned(*size)?.to_string(),
            Self::Signed(size) => {
                let unused = 64 - 8 * *size as u32;
                ((unsigned(*size)? << unused) as i64 >> unused).to_string()
            }
            Self::Bool => (*bytes.first()? != 0).to_string(),
            Self::Char => character(*bytes.first()?),
            Self::Float(4) => f32::from_le_bytes(bytes.get(..4)?.try_into().ok()?).to_string(),
            Self::Float(_) => f64::from_le_bytes(bytes.get(..8)?.try_into().ok()?).to_string(),
            Self::Pointer => pointer(unsigned(POINTER)?),
            Self::Text => {
                let address = unsigned(POINTER)?;
                match read(address, LONGEST_TEXT) {
                    Some(bytes) if address != 0 => text(&bytes),
                    _ => pointer(address),
                }
            }
            Self::Array(element, _) if **element == Self::Char => text(bytes),
            Self::Array(element, length) => {
                let shown: Option<Vec<_>> = bytes
                    .chunks_exact(element.size())
                    .map(|bytes| element.show(bytes, read))
                    .collect();
                let more = if *length > MOST_ELEMENTS { ", …" } else { "" };
                format!("{{{}{more}}}", shown?.join(", "))
            }
        })
    }
}

fn pointer(address: u64) -> String {
    if address == 0 {
        "NULL".into()
    } else {
        format!("{address:#x}")
    }
}

fn character(byte: u8) -> String {
    match byte {
        0 => "'\\0'".into(),
        byte => format!("'{}'", byte.escape_ascii()),
    }
}

fn text(bytes: &[u8]) -> String {
    match bytes.iter().position(|&byte| byte == 0) {
        Some(end) => format!("\"{}\"", bytes[..end].escape_ascii()),
        None => format!("\"{}…\"", bytes.escape_ascii()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: &Type, bytes: &[u8], shown: &str) {
        let read = |address: u64, _: usize| (address == 0x1000).then(|| b"hello\0rest".to_vec());
        assert_eq!(kind.show(bytes, &read).as_deref(), Some(shown), "{kind:?}");
    }

    #[test]
    fn values_read_as_in_c() {
        check(&Type::Signed(4), &[0xff, 0xff, 0xff, 0xff], "-1");
        check(&Type::Signed(8), &[42, 0, 0, 0, 0, 0, 0, 0], "42");
        check(&Type::Unsigned(2), &[0xff, 0xff], "65535");
        check(&Type::Char, b"x", "'x'");
        check(&Type::Char, &[0], "'\\0'");
        check(&Type::Char, b"\n", "'\\n'");
        check(&Type::Bool, &[1], "true");
        check(&Type::Float(8), &1.5_f64.to_le_bytes(), "1.5");
        check(&Type::Pointer, &[0; 8], "NULL");
        check(&Type::Pointer, &0x7ffd_u64.to_le_bytes(), "0x7ffd");
        check(&Type::Text, &0x1000_u64.to_le_bytes(), "\"hello\"");
        check(&Type::Text, &0x2000_u64.to_le_bytes(), "0x2000");
        let int = || Box::new(Type::Signed(4));
        check(&Type::Array(int(), 2), &[3, 0, 0, 0, 4, 0, 0, 0], "{3, 4}");
        check(&Type::Array(Box::new(Type::Char), 4), b"ab\0c", "\"ab\"");
    }

    #[test]
    fn bytes_that_do_not_suffice_show_nothing() {
        assert_eq!(Type::Signed(4).show(&[1, 2], &|_, _| None), None);
    }
}
