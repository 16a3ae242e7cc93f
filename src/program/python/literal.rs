//! Literals: integers, strings, bytes, and f-strings with the expressions in them.

use tree_sitter::Node;

use super::library::Conversion;
use super::scope::Compiler;
use super::{Compiled, Library, parts};
use crate::program::value::Value;

/// More parts than this in one f-string are refused.
const MAX_PARTS: usize = 200;

/// The number of an integer literal; nothing if it does not fit.
pub(super) fn integer(text: &str) -> Option<i64> {
    if !is_well_grouped(text) {
        return None;
    }
    let text = text.replace('_', "").to_ascii_lowercase();
    let radix = match text.get(..2) {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        // Python has no such octal numbers any more, and refuses them so that nobody is surprised.
        _ if text.len() > 1 && text.starts_with('0') && !text.trim_matches('0').is_empty() => return None,
        _ => return text.parse().ok(),
    };
    i64::from_str_radix(&text[2..], radix).ok()
}

/// Whether each underscore stands between two digits, or after the letter of a base.
pub(super) fn is_well_grouped(text: &str) -> bool {
    !text.contains("__") && !text.ends_with('_') && !text.contains("_.") && !text.contains("._")
}

/// What the letters before the quotes say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Prefix {
    raw: bool,
    bytes: bool,
    format: bool,
}

impl Prefix {
    fn of(start: &str) -> Option<Self> {
        let mut prefix = Self::default();
        for letter in start.chars().take_while(|letter| !matches!(letter, '"' | '\'')) {
            match letter.to_ascii_lowercase() {
                'r' => prefix.raw = true,
                'b' => prefix.bytes = true,
                'f' => prefix.format = true,
                'u' => {}
                _ => return None,
            }
        }
        // Each letter once, and of these only `r` beside another.
        let count = start.find(['"', '\'']).unwrap_or(0);
        let told = usize::from(prefix.raw) + usize::from(prefix.bytes || prefix.format);
        let alone = count == 1 && start.starts_with(['u', 'U']);
        (count == told || alone).then_some(prefix)
    }
}

impl<'tree> Compiler<'tree> {
    /// A string, or several in a row.
    pub(super) fn string(&mut self, node: Node<'tree>) -> Compiled<()> {
        let strings = match node.kind() {
            "concatenated_string" => parts(node),
            _ => vec![node],
        };
        let mut text = String::new();
        let mut bytes: Option<Vec<u8>> = None;
        let mut count = 0;
        for (index, string) in strings.iter().enumerate() {
            let prefix = self.prefix(*string)?;
            if index > 0 && prefix.bytes != bytes.is_some() {
                return Err(self.syntax(*string, "cannot mix bytes and nonbytes literals"));
            }
            for part in parts(*string) {
                match part.kind() {
                    "string_content" if prefix.bytes => {
                        let more = self.bytes_of(part, prefix)?;
                        bytes.get_or_insert_default().extend(more);
                    }
                    "string_content" => text += &self.text_of(part, prefix)?,
                    "interpolation" => {
                        count += self.pending_text(&mut text);
                        self.interpolation(part, &mut text, &mut count)?;
                    }
                    _ => {}
                }
            }
            if prefix.bytes {
                bytes.get_or_insert_default();
            }
        }
        if let Some(bytes) = bytes {
            self.constant(Value::Bytes(bytes.into()));
            return Ok(());
        }
        if count == 0 {
            self.constant(Value::Str(text.into()));
            return Ok(());
        }
        count += self.pending_text(&mut text);
        if count > MAX_PARTS {
            return Err(self.unsupported(node, "a string of so many parts"));
        }
        self.native(Library::Concat, count);
        Ok(())
    }

    /// The value of a string literal that is nothing but text.
    pub(super) fn plain_string(&self, node: Node<'tree>) -> Option<Value> {
        let prefix = self.prefix(node).ok()?;
        if prefix.bytes || prefix.format {
            return None;
        }
        let mut text = String::new();
        for part in parts(node)
            .into_iter()
            .filter(|part| part.kind() == "string_content")
        {
            text += &self.text_of(part, prefix).ok()?;
        }
        Some(Value::Str(text.into()))
    }

    fn prefix(&self, string: Node) -> Compiled<Prefix> {
        let start = string.child(0).map(|start| self.text(start)).unwrap_or_default();
        Prefix::of(start).ok_or_else(|| self.unsupported(string, "such a string"))
    }

    /// Pushes the text that was gathered; gives how many values that are.
    fn pending_text(&mut self, text: &mut String) -> usize {
        if text.is_empty() {
            return 0;
        }
        self.constant(Value::Str(std::mem::take(text).into()));
        1
    }

    fn interpolation(&mut self, node: Node<'tree>, text: &mut String, count: &mut usize) -> Compiled<()> {
        let expression = self.field(node, "expression")?;
        let mut conversion = match node
            .child_by_field_name("type_conversion")
            .map(|node| self.text(node))
        {
            None => Conversion::None,
            Some("!r") => Conversion::Repr,
            Some("!s") => Conversion::Str,
            Some(_) => return Err(self.unsupported(node, "such a conversion")),
        };
        let specifier = node.child_by_field_name("format_specifier");
        let mut cursor = node.walk();
        let equals = node.children(&mut cursor).find(|child| child.kind() == "=");
        if let Some(equals) = equals {
            let rest = self.whole().get(equals.end_byte()..).unwrap_or_default();
            let blanks = rest.len() - rest.trim_start().len();
            let shown = node.start_byte() + 1..equals.end_byte() + blanks;
            *text += self.whole().get(shown).unwrap_or_default();
            if conversion == Conversion::None && specifier.is_none() {
                conversion = Conversion::Repr;
            }
            *count += self.pending_text(text);
        }
        self.value(expression)?;
        self.specifier(specifier)?;
        self.native(Library::Format(conversion), 2);
        *count += 1;
        Ok(())
    }

    /// Pushes what follows the colon of an interpolation.
    fn specifier(&mut self, node: Option<Node<'tree>>) -> Compiled<()> {
        let Some(node) = node else {
            self.constant(Value::Str("".into()));
            return Ok(());
        };
        let whole = self.text(node).strip_prefix(':').unwrap_or_default();
        let inner = parts(node);
        if inner.is_empty() {
            self.constant(Value::Str(whole.into()));
            return Ok(());
        }
        let mut at = node.start_byte() + 1;
        let mut count = 0;
        for part in inner {
            let before = self
                .whole()
                .get(at..part.start_byte())
                .unwrap_or_default()
                .to_owned();
            count += self.pending_text(&mut before.clone());
            let Some(expression) = part.child_by_field_name("expression") else {
                return Err(self.broken(part));
            };
            self.value(expression)?;
            self.constant(Value::Str("".into()));
            self.native(Library::Format(Conversion::None), 2);
            count += 1;
            at = part.end_byte();
        }
        let mut rest = self
            .whole()
            .get(at..node.end_byte())
            .unwrap_or_default()
            .to_owned();
        count += self.pending_text(&mut rest);
        if count > MAX_PARTS {
            return Err(self.unsupported(node, "a string of so many parts"));
        }
        self.native(Library::Concat, count);
        Ok(())
    }

    fn text_of(&self, content: Node, prefix: Prefix) -> Compiled<String> {
        let mut source = self.text(content).replace("\r\n", "\n");
        if prefix.format {
            source = source.replace("{{", "{").replace("}}", "}");
        }
        if prefix.raw {
            return Ok(source);
        }
        let mut text = String::new();
        let mut rest = source.chars();
        while let Some(letter) = rest.next() {
            if letter != '\\' {
                text.push(letter);
                continue;
            }
            match escape(&mut rest) {
                Escape::Nothing => {}
                Escape::Code(code) => match char::from_u32(code) {
                    Some(letter) => text.push(letter),
                    None => return Err(self.unsupported(content, "half of a surrogate pair")),
                },
                Escape::None(letter) => {
                    text.push('\\');
                    text.extend(letter);
                }
                Escape::Broken => return Err(self.syntax(content, "an escape is not complete")),
                Escape::Named => return Err(self.unsupported(content, "the escape \\N")),
            }
        }
        Ok(text)
    }

    fn bytes_of(&self, content: Node, prefix: Prefix) -> Compiled<Vec<u8>> {
        let source = self.text(content).replace("\r\n", "\n");
        if !source.is_ascii() {
            return Err(self.syntax(content, "bytes can only contain ASCII literal characters"));
        }
        if prefix.raw {
            return Ok(source.into_bytes());
        }
        let mut bytes = Vec::new();
        let mut rest = source.chars();
        while let Some(letter) = rest.next() {
            if letter != '\\' {
                bytes.push(letter as u8);
                continue;
            }
            // Only in text do \u, \U and \N mean something.
            let wide = matches!(rest.clone().next(), Some('u' | 'U' | 'N'));
            match if wide {
                Escape::None(None)
            } else {
                escape(&mut rest)
            } {
                Escape::Nothing => {}
                Escape::Code(code) => bytes.push(code as u8),
                Escape::None(letter) => {
                    bytes.push(b'\\');
                    bytes.extend(letter.map(|letter| letter as u8));
                }
                Escape::Broken | Escape::Named => {
                    return Err(self.syntax(content, "an escape is not complete"));
                }
            }
        }
        Ok(bytes)
    }
}

/// What follows a backslash.
enum Escape {
    /// A line end, which is skipped.
    Nothing,
    Code(u32),
    /// No escape: the backslash stands for itself.
    None(Option<char>),
    Broken,
    /// `\N{…}`.
    Named,
}

fn escape(rest: &mut std::str::Chars) -> Escape {
    let Some(letter) = rest.next() else {
        return Escape::None(None);
    };
    let code = match letter {
        '\n' => return Escape::Nothing,
        '\\' | '\'' | '"' => letter as u32,
        'a' => 7,
        'b' => 8,
        't' => 9,
        'n' => 10,
        'v' => 11,
        'f' => 12,
        'r' => 13,
        'x' => return digits(rest, 2),
        'u' => return digits(rest, 4),
        'U' => return digits(rest, 8),
        'N' => return Escape::Named,
        '0'..='7' => {
            let mut code = letter as u32 - '0' as u32;
            for _ in 0..2 {
                match rest.clone().next().and_then(|digit| digit.to_digit(8)) {
                    Some(digit) => {
                        code = code * 8 + digit;
                        rest.next();
                    }
                    None => break,
                }
            }
            code
        }
        other => return Escape::None(Some(other)),
    };
    Escape::Code(code)
}

fn digits(rest: &mut std::str::Chars, count: usize) -> Escape {
    let mut code = 0_u32;
    for _ in 0..count {
        match rest.next().and_then(|digit| digit.to_digit(16)) {
            Some(digit) => code = code.wrapping_mul(16).wrapping_add(digit),
            None => return Escape::Broken,
        }
    }
    Escape::Code(code)
}

#[cfg(test)]
mod tests {
    use super::integer;

    #[test]
    fn integers_are_read_in_every_base() {
        for (text, number) in [
            ("42", Some(42)),
            ("1_000", Some(1000)),
            ("0x1F", Some(31)),
            ("0b101", Some(5)),
            ("0o17", Some(15)),
            ("99999999999999999999", None),
            ("1j", None),
            ("1_", None),
            ("012", None),
        ] {
            assert_eq!(integer(text), number, "{text}");
        }
    }
}
