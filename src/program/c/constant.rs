//! Literals, and expressions whose value is known before the program runs.

use tree_sitter::Node;

use super::scope::{Compiler, Name};
use super::{Compiled, header, parts};
use crate::program::types::{Int, Type};

impl Compiler<'_> {
    /// The value of an expression where C wants a constant: a case, the length of an array, an enumerator.
    pub(super) fn constant_value(&mut self, node: Node) -> Compiled<i64> {
        match self.try_constant(node)? {
            Some(value) => Ok(value),
            None => Err(self.unsupported(node, "an expression here that is not a constant")),
        }
    }

    fn try_constant(&mut self, node: Node) -> Compiled<Option<i64>> {
        self.nested(node, |this| this.try_constant_inner(node))
    }

    fn try_constant_inner(&mut self, node: Node) -> Compiled<Option<i64>> {
        let text = self.text(node);
        match node.kind() {
            "number_literal" => Ok(Some(self.number(node, text)?.0)),
            "char_literal" => Ok(Some(self.character(node)?)),
            "true" => Ok(Some(1)),
            "false" | "null" => Ok(Some(0)),
            "identifier" => self.named_constant(node, text),
            "parenthesized_expression" => match parts(node).as_slice() {
                [inner] => self.try_constant(*inner),
                _ => Ok(None),
            },
            "sizeof_expression" => Ok(Some(self.size_of(node)? as i64)),
            "unary_expression" => {
                let Some(argument) = node.child_by_field_name("argument") else {
                    return Ok(None);
                };
                let value = self.try_constant(argument)?;
                let operator = node.child(0).map_or("", |operator| self.text(operator));
                Ok(value.map(|value| match operator {
                    "-" => value.wrapping_neg(),
                    "~" => !value,
                    "!" => i64::from(value == 0),
                    _ => value,
                }))
            }
            "binary_expression" => self.constant_binary(node),
            _ => Ok(None),
        }
    }

    fn constant_binary(&mut self, node: Node) -> Compiled<Option<i64>> {
        let (Some(left), Some(right), Some(operator)) = (
            node.child_by_field_name("left"),
            node.child_by_field_name("right"),
            node.child_by_field_name("operator"),
        ) else {
            return Ok(None);
        };
        let (Some(a), Some(b)) = (self.try_constant(left)?, self.try_constant(right)?) else {
            return Ok(None);
        };
        Ok(match self.text(operator) {
            "+" => Some(a.wrapping_add(b)),
            "-" => Some(a.wrapping_sub(b)),
            "*" => Some(a.wrapping_mul(b)),
            "/" => a.checked_div(b),
            "%" => a.checked_rem(b),
            "<<" if (0..63).contains(&b) => Some(a.wrapping_shl(b as u32)),
            ">>" if (0..63).contains(&b) => Some(a >> b),
            "&" => Some(a & b),
            "|" => Some(a | b),
            "^" => Some(a ^ b),
            _ => None,
        })
    }

    fn named_constant(&mut self, node: Node, name: &str) -> Compiled<Option<i64>> {
        match self.find(name) {
            Some(Name::Constant(value)) => return Ok(Some(*value)),
            Some(_) => return Ok(None),
            None => {}
        }
        if self.macros.contains_key(name) {
            return self.with_macro(node, name, Self::try_constant);
        }
        Ok(match header::constant(name) {
            Some((value, Type::Int(_))) => Some(value),
            _ => None,
        })
    }

    /// The value and type of an integer literal.
    pub(super) fn number(&self, node: Node, text: &str) -> Compiled<(i64, Type)> {
        // The grammar takes a sign that touches the digits for a part of the number.
        if let Some(digits) = text.strip_prefix('-') {
            let (value, ty) = self.number(node, digits.trim_start_matches('-'))?;
            let int = ty.scalar().unwrap_or(Int::INT);
            return Ok((int.wrap(value.wrapping_neg()), ty));
        }
        let lower = text.to_ascii_lowercase();
        let hexadecimal = lower.starts_with("0x");
        let digits_end = lower.trim_end_matches(['u', 'l']).len();
        let (digits, suffix) = lower.split_at(digits_end);
        let parsed = if let Some(hex) = digits.strip_prefix("0x") {
            u64::from_str_radix(hex, 16)
        } else if digits.len() > 1 && digits.starts_with('0') {
            u64::from_str_radix(&digits[1..], 8)
        } else {
            digits.parse()
        };
        if !hexadecimal && digits.contains(['.', 'e']) {
            return Err(self.unsupported(node, "floating point"));
        }
        let Ok(value) = parsed else {
            return Err(self.unsupported(node, &format!("the number {text}")));
        };
        let unsigned = suffix.contains('u');
        let long = suffix.contains('l');
        let decimal = digits.len() == 1 || !digits.starts_with('0');
        let int = if value <= 0x7fff_ffff && !unsigned && !long {
            Int::INT
        } else if value <= 0xffff_ffff && !long && (unsigned || !decimal) {
            Int::UNSIGNED
        } else if i64::try_from(value).is_ok() && !unsigned {
            Int::LONG
        } else {
            Int::new(8, false, "unsigned long")
        };
        Ok((value as i64, Type::Int(int)))
    }

    /// The value of `'x'`.
    pub(super) fn character(&self, node: Node) -> Compiled<i64> {
        let text = self.text(node);
        let inner = text
            .strip_prefix('\'')
            .and_then(|text| text.strip_suffix('\''))
            .unwrap_or_default();
        match self.unescape(node, inner)?.as_slice() {
            [byte] => Ok(i64::from(*byte as i8)),
            _ => Err(self.unsupported(node, "this character")),
        }
    }

    /// The bytes of a string literal, or of several beside each other, without the NUL.
    pub(super) fn string(&mut self, node: Node) -> Compiled<Vec<u8>> {
        match node.kind() {
            "string_literal" => {
                let text = self.text(node);
                self.quoted(node, text)
            }
            "concatenated_string" => {
                let mut bytes = Vec::new();
                for part in parts(node) {
                    if part.kind() == "identifier" {
                        let name = self.text(part);
                        bytes.extend(self.with_macro(part, name, Self::string)?);
                    } else {
                        bytes.extend(self.string(part)?);
                    }
                }
                Ok(bytes)
            }
            _ => Err(self.unsupported(node, "this kind of string")),
        }
    }

    /// The bytes of a text that is one string literal.
    pub(super) fn quoted(&self, node: Node, text: &str) -> Compiled<Vec<u8>> {
        match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(inner) => self.unescape(node, inner),
            None => Err(self.unsupported(node, "this kind of string")),
        }
    }

    fn unescape(&self, node: Node, text: &str) -> Compiled<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut rest = text.bytes().peekable();
        while let Some(byte) = rest.next() {
            if byte != b'\\' {
                bytes.push(byte);
                continue;
            }
            let escape = rest.next().unwrap_or(b'\\');
            bytes.push(match escape {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'a' => 7,
                b'b' => 8,
                b'f' => 12,
                b'v' => 11,
                b'e' => 27,
                b'\\' | b'\'' | b'"' | b'?' => escape,
                b'\n' => continue,
                b'0'..=b'7' => {
                    let mut value = u32::from(escape - b'0');
                    for _ in 0..2 {
                        match rest.peek() {
                            Some(digit @ b'0'..=b'7') => value = value * 8 + u32::from(digit - b'0'),
                            _ => break,
                        }
                        rest.next();
                    }
                    value as u8
                }
                b'x' => {
                    let mut value = 0_u32;
                    while let Some(digit) = rest.peek().and_then(|byte| char::from(*byte).to_digit(16)) {
                        value = value.wrapping_mul(16).wrapping_add(digit);
                        rest.next();
                    }
                    value as u8
                }
                _ => return Err(self.unsupported(node, "this escape sequence")),
            });
        }
        Ok(bytes)
    }
}
