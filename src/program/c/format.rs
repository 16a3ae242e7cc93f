//! The formats of printf(3): conversions of integers, characters, strings and pointers.
//!
//! Floating point, positions (`%1$d`) and `%n` are left out, and refused.

use crate::program::machine::{Machine, Trouble};
use crate::program::memory::Access;
use crate::program::types::Type;

/// One part of a format.
enum Piece<'f> {
    Text(&'f [u8]),
    Conversion(Conversion),
}

/// A conversion, as `%-5ld` says it.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "they are the five flags of printf")]
struct Conversion {
    left: bool,
    plus: bool,
    space: bool,
    zero: bool,
    alternate: bool,
    width: Count,
    precision: Count,
    /// The bytes of an integer.
    bytes: u8,
    kind: u8,
}

/// A width or a precision.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Count {
    None,
    Given(usize),
    /// `*`: the next argument.
    Argument,
}

/// No field is wider.
const MAX_WIDTH: usize = 4096;

/// What a conversion wants for an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// An integer of which so many bytes are used.
    Int(u8),
    /// Any pointer.
    Pointer,
    /// A pointer to characters.
    Text,
    /// A pointer to an integer of so many bytes.
    Place(u8),
}

impl Wanted {
    /// Whether an argument of this type does. A wider integer than is wanted loses what is too much, as on
    /// the real machine; a narrower one would be read with whatever lies beside it.
    pub(super) fn fits(self, ty: &Type) -> bool {
        match (self, ty) {
            (Self::Int(8), Type::Int(int)) => int.bytes == 8,
            (Self::Int(_), Type::Int(_)) | (Self::Pointer, Type::Pointer(_)) => true,
            (Self::Text, Type::Pointer(to)) => to.is_char() || **to == Type::Void,
            (Self::Place(bytes), Type::Pointer(to)) => to.size() == u64::from(bytes),
            _ => false,
        }
    }
}

/// What a format wants for each argument, or what in it is not known here.
pub(super) fn check(format: &[u8]) -> Result<Vec<Wanted>, String> {
    let mut wanted = Vec::new();
    for piece in pieces(format) {
        if let Piece::Conversion(conversion) = piece? {
            let stars = [conversion.width, conversion.precision];
            let stars = stars.iter().filter(|count| **count == Count::Argument);
            wanted.extend(stars.map(|_| Wanted::Int(4)));
            wanted.push(match conversion.kind {
                b's' => Wanted::Text,
                b'p' => Wanted::Pointer,
                b'c' => Wanted::Int(4),
                _ => Wanted::Int(conversion.bytes),
            });
        }
    }
    Ok(wanted)
}

/// What printf writes.
pub(super) fn print(machine: &Machine, format: u64, arguments: &[i64]) -> Result<Vec<u8>, Trouble> {
    let format = machine.memory.string(format)?;
    let mut arguments = arguments.iter().copied();
    let mut next = || {
        arguments
            .next()
            .ok_or_else(|| Trouble::unsupported("printf is given fewer values than its format wants"))
    };
    let mut out = Vec::new();
    for piece in pieces(&format) {
        let piece =
            piece.map_err(|what| Trouble::unsupported(format!("printf does not know {what} here")))?;
        match piece {
            Piece::Text(text) => out.extend_from_slice(text),
            Piece::Conversion(mut conversion) => {
                if conversion.width == Count::Argument {
                    let width = next()? as i32;
                    conversion.left |= width < 0;
                    conversion.width = Count::Given((width.unsigned_abs() as usize).min(MAX_WIDTH));
                }
                if conversion.precision == Count::Argument {
                    let precision = next()? as i32;
                    conversion.precision = usize::try_from(precision)
                        .map_or(Count::None, |precision| Count::Given(precision.min(MAX_WIDTH)));
                }
                convert(machine, conversion, next()?, &mut out)?;
            }
        }
    }
    Ok(out)
}

fn convert(machine: &Machine, how: Conversion, value: i64, out: &mut Vec<u8>) -> Result<(), Trouble> {
    let (sign, digits) = match how.kind {
        b'd' | b'i' => {
            let number = sign_extend(value, how.bytes);
            let sign = match (number < 0, how.plus, how.space) {
                (true, ..) => "-",
                (_, true, _) => "+",
                (_, _, true) => " ",
                _ => "",
            };
            (sign, number.unsigned_abs().to_string())
        }
        b'u' => ("", zero_extend(value, how.bytes).to_string()),
        b'x' => (
            prefix(how, value, "0x"),
            format!("{:x}", zero_extend(value, how.bytes)),
        ),
        b'X' => (
            prefix(how, value, "0X"),
            format!("{:X}", zero_extend(value, how.bytes)),
        ),
        b'o' => (
            prefix(how, value, "0"),
            format!("{:o}", zero_extend(value, how.bytes)),
        ),
        other => {
            pad(how, &text(machine, other, how.precision, value)?, out);
            return Ok(());
        }
    };
    number(how, sign, &digits, out);
    Ok(())
}

/// What `%c`, `%p` and `%s` show.
fn text(machine: &Machine, kind: u8, precision: Count, value: i64) -> Result<Vec<u8>, Trouble> {
    Ok(match kind {
        b'c' => vec![value as u8],
        b'p' if value == 0 => b"(nil)".to_vec(),
        b'p' => format!("{value:#x}").into_bytes(),
        _ => {
            let limit = match precision {
                Count::Given(limit) => limit as u64,
                Count::None | Count::Argument => u64::MAX,
            };
            match machine.memory.string_within(value as u64, limit) {
                // As glibc prints it.
                Err(Access::Unmapped(0)) => b"(null)".to_vec(),
                text => text?,
            }
        }
    })
}

fn number(how: Conversion, sign: &str, digits: &str, out: &mut Vec<u8>) {
    let mut digits = digits.to_owned();
    if let Count::Given(precision) = how.precision {
        if precision == 0 && digits == "0" {
            digits.clear();
        }
        while digits.len() < precision {
            digits.insert(0, '0');
        }
    } else if let (Count::Given(width), true, false) = (how.width, how.zero, how.left) {
        while digits.len() + sign.len() < width {
            digits.insert(0, '0');
        }
    }
    pad(how, format!("{sign}{digits}").as_bytes(), out);
}

fn pad(how: Conversion, text: &[u8], out: &mut Vec<u8>) {
    let width = match how.width {
        Count::Given(width) => width,
        _ => 0,
    };
    let blanks = vec![b' '; width.saturating_sub(text.len())];
    if how.left {
        out.extend_from_slice(text);
        out.extend(blanks);
    } else {
        out.extend(blanks);
        out.extend_from_slice(text);
    }
}

fn prefix(how: Conversion, value: i64, prefix: &'static str) -> &'static str {
    if how.alternate && value != 0 { prefix } else { "" }
}

fn sign_extend(value: i64, bytes: u8) -> i64 {
    match bytes {
        1 => i64::from(value as i8),
        2 => i64::from(value as i16),
        4 => i64::from(value as i32),
        _ => value,
    }
}

fn zero_extend(value: i64, bytes: u8) -> u64 {
    match bytes {
        1 => u64::from(value as u8),
        2 => u64::from(value as u16),
        4 => u64::from(value as u32),
        _ => value as u64,
    }
}

/// The parts of a format, in order.
fn pieces(format: &[u8]) -> impl Iterator<Item = Result<Piece<'_>, String>> {
    let mut rest = format;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(after) = rest.strip_prefix(b"%") else {
            let end = rest.iter().position(|byte| *byte == b'%').unwrap_or(rest.len());
            let (text, after) = rest.split_at(end);
            rest = after;
            return Some(Ok(Piece::Text(text)));
        };
        if let Some(after) = after.strip_prefix(b"%") {
            rest = after;
            return Some(Ok(Piece::Text(b"%")));
        }
        let (piece, after) = conversion(after);
        rest = after;
        Some(piece.map(Piece::Conversion))
    })
}

/// Reads what follows a percent sign.
fn conversion(format: &[u8]) -> (Result<Conversion, String>, &[u8]) {
    let mut how = Conversion {
        left: false,
        plus: false,
        space: false,
        zero: false,
        alternate: false,
        width: Count::None,
        precision: Count::None,
        bytes: 4,
        kind: 0,
    };
    let mut rest = format;
    while let Some((flag, after)) = rest.split_first() {
        match flag {
            b'-' => how.left = true,
            b'+' => how.plus = true,
            b' ' => how.space = true,
            b'0' => how.zero = true,
            b'#' => how.alternate = true,
            _ => break,
        }
        rest = after;
    }
    (how.width, rest) = count(rest);
    if let Some(after) = rest.strip_prefix(b".") {
        (how.precision, rest) = count(after);
        if how.precision == Count::None {
            how.precision = Count::Given(0);
        }
    }
    for (letters, bytes) in [
        (&b"hh"[..], 1),
        (b"h", 2),
        (b"ll", 8),
        (b"l", 8),
        (b"z", 8),
        (b"j", 8),
        (b"t", 8),
    ] {
        if let Some(after) = rest.strip_prefix(letters) {
            (how.bytes, rest) = (bytes, after);
            break;
        }
    }
    match rest.split_first() {
        Some((kind, after)) if b"diuxXocsp".contains(kind) => {
            how.kind = *kind;
            (Ok(how), after)
        }
        Some((kind, after)) => (Err(format!("%{}", char::from(*kind))), after),
        None => (Err("a % at the end".to_owned()), rest),
    }
}

fn count(format: &[u8]) -> (Count, &[u8]) {
    if let Some(after) = format.strip_prefix(b"*") {
        return (Count::Argument, after);
    }
    let end = format
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(format.len());
    let (digits, after) = format.split_at(end);
    if digits.is_empty() {
        return (Count::None, after);
    }
    let number = digits.iter().fold(0_usize, |sum, digit| {
        (sum * 10 + usize::from(digit - b'0')).min(MAX_WIDTH)
    });
    (Count::Given(number), after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn shows(format: &str, value: i64, text: &str) {
        let mut out = Vec::new();
        let (how, _) = conversion(&format.as_bytes()[1..]);
        let machine = crate::program::c::library::tests::machine();
        convert(&machine, how.expect("a format"), value, &mut out).expect("a number");
        assert_eq!(String::from_utf8_lossy(&out), text, "{format}");
    }

    #[test]
    fn numbers_are_written_as_glibc_writes_them() {
        shows("%d", -7, "-7");
        shows("%5d", -7, "   -7");
        shows("%-5d", -7, "-7   ");
        shows("%05d", -7, "-0007");
        shows("%+d", 7, "+7");
        shows("%.3d", 7, "007");
        shows("%x", -1, "ffffffff");
        shows("%#lx", 255, "0xff");
        shows("%u", -1, "4294967295");
        shows("%lu", -1, "18446744073709551615");
        shows("%hhd", 255, "-1");
        shows("%o", 8, "10");
        shows("%c", 65, "A");
        shows("%p", 0, "(nil)");
        shows("%s", 0, "(null)");
    }

    #[test]
    fn what_is_not_known_is_named() {
        assert_eq!(check(b"%ld of %s, 100%%"), Ok(vec![Wanted::Int(8), Wanted::Text]));
        assert_eq!(check(b"%*d"), Ok(vec![Wanted::Int(4); 2]));
        assert_eq!(check(b"%.2f"), Err("%f".to_owned()));
        assert_eq!(check(b"%"), Err("a % at the end".to_owned()));
    }
}
