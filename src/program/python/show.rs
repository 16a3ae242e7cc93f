//! Values as text: what `str` and `repr` make of them.
//!
//! Where Python would show an address, which is another each time, the program stops and says so.

use crate::program::machine::{Machine, Trouble, limit};
use crate::program::value::{Named, Object, Range, Standard, Value, View};

/// Values nested deeper than this are not shown.
const MAX_NESTING: usize = 64;

impl Machine {
    /// What `str(value)` gives.
    pub(in crate::program) fn str_of(&self, value: &Value) -> Result<String, Trouble> {
        match value {
            Value::Str(text) => Ok(text.to_string()),
            Value::Exception(exception) => self.exception_text(exception),
            Value::Named(named) => Ok(named.number().to_string()),
            other => self.repr_of(other),
        }
    }

    /// What `repr(value)` gives.
    pub(in crate::program) fn repr_of(&self, value: &Value) -> Result<String, Trouble> {
        let mut text = String::new();
        self.repr_into(&mut text, value, MAX_NESTING)?;
        Ok(text)
    }

    fn repr_into(&self, text: &mut String, value: &Value, depth: usize) -> Result<(), Trouble> {
        limit(text.len())?;
        if depth == 0 {
            return Err(Trouble::unsupported("values nested so deeply are not shown here"));
        }
        match value {
            Value::Unset | Value::None => text.push_str("None"),
            Value::Int(number) => text.push_str(&number.to_string()),
            Value::Bool(true) => text.push_str("True"),
            Value::Bool(false) => text.push_str("False"),
            Value::Float(number) => text.push_str(&float(number.get())),
            Value::Str(string) => text.push_str(&quote(string)),
            Value::Bytes(bytes) => text.push_str(&quote_bytes(bytes)),
            Value::Tuple(items) => {
                self.items_into(text, "(", items, depth)?;
                text.push_str(if items.len() == 1 { ",)" } else { ")" });
            }
            Value::Range(range) => text.push_str(&range_shown(*range)),
            Value::Exception(exception) => {
                let os_error = super::error::attribute(exception, super::library::Attribute::Args);
                *text += &exception.class;
                match os_error {
                    Some(Value::Tuple(args)) => self.items_into(text, "(", &args, depth)?,
                    _ => self.items_into(text, "(", &exception.args, depth)?,
                }
                text.push(')');
            }
            Value::Named(named) => {
                let (kind, number) = (self.type_name(value), named.number().to_string());
                text.extend(["<", kind, ".", &name_of(*named), ": ", &number, ">"]);
            }
            Value::Class(class) => text.extend(["<class '", class, "'>"]),
            Value::Standard(stream) => {
                let mode = if *stream == Standard::In { "r" } else { "w" };
                let name = stream_name(*stream).trim_start_matches("sys.");
                text.extend([
                    "<_io.TextIOWrapper name='<",
                    name,
                    ">' mode='",
                    mode,
                    "' encoding='utf-8'>",
                ]);
            }
            Value::Ref(place) => self.object_into(text, self.heap.get(*place), depth)?,
            Value::Function(_) | Value::Native(_) | Value::Module(_) | Value::Frame => {
                return Err(Trouble::unsupported(format!(
                    "a {} has no text of its own; Python shows where it lies",
                    self.type_name(value)
                )));
            }
        }
        Ok(())
    }

    fn object_into(&self, text: &mut String, object: &Object, depth: usize) -> Result<(), Trouble> {
        match object {
            Object::List(items) => {
                self.items_into(text, "[", items, depth)?;
                text.push(']');
            }
            Object::Set(items) if items.is_empty() => text.push_str("set()"),
            Object::Set(items) if items.len() == 1 => {
                self.items_into(text, "{", items, depth)?;
                text.push('}');
            }
            Object::Set(_) => {
                return Err(Trouble::unsupported(
                    "the order of a set is not fixed; stepping shows sorted(…) of it only",
                ));
            }
            Object::Dict(pairs) => self.pairs_into(text, pairs, depth)?,
            Object::View(view, dict) => {
                *text += match view {
                    View::Keys => "dict_keys",
                    View::Values => "dict_values",
                    View::Items => "dict_items",
                };
                let pairs = match dict {
                    Value::Ref(place) => self.pairs(*place).unwrap_or_default(),
                    _ => &[],
                };
                let items: Vec<Value> = pairs
                    .iter()
                    .map(|(key, value)| match view {
                        View::Keys => key.clone(),
                        View::Values => value.clone(),
                        View::Items => Value::Tuple([key.clone(), value.clone()].into()),
                    })
                    .collect();
                self.items_into(text, "([", &items, depth)?;
                text.push_str("])");
            }
            Object::Iterator(_) | Object::File(_) => {
                return Err(Trouble::unsupported(
                    "an iterator or a file has no text of its own that is always the same",
                ));
            }
        }
        Ok(())
    }

    fn items_into(
        &self,
        text: &mut String,
        open: &str,
        items: &[Value],
        depth: usize,
    ) -> Result<(), Trouble> {
        text.push_str(open);
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                text.push_str(", ");
            }
            self.repr_into(text, item, depth - 1)?;
        }
        Ok(())
    }

    fn pairs_into(&self, text: &mut String, pairs: &[(Value, Value)], depth: usize) -> Result<(), Trouble> {
        text.push('{');
        for (index, (key, value)) in pairs.iter().enumerate() {
            if index > 0 {
                text.push_str(", ");
            }
            self.repr_into(text, key, depth - 1)?;
            text.push_str(": ");
            self.repr_into(text, value, depth - 1)?;
        }
        text.push('}');
        Ok(())
    }
}

fn range_shown(range: Range) -> String {
    let Range { start, stop, step } = range;
    if step == 1 {
        format!("range({start}, {stop})")
    } else {
        format!("range({start}, {stop}, {step})")
    }
}

/// The name of a signal or handler.
pub(in crate::program) fn name_of(named: Named) -> String {
    match named {
        Named::Signal(signal) => signal.to_string(),
        Named::Handler(0) => "SIG_DFL".to_owned(),
        Named::Handler(_) => "SIG_IGN".to_owned(),
    }
}

/// The name of a standard stream.
pub(in crate::program) fn stream_name(stream: Standard) -> &'static str {
    match stream {
        Standard::In => "sys.stdin",
        Standard::Out => "sys.stdout",
        Standard::Err => "sys.stderr",
    }
}

/// The shortest digits that give this float again, as Python writes them.
pub(super) fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let plain = number.to_string();
    if plain.contains('.') {
        plain
    } else {
        format!("{plain}.0")
    }
}

/// A string as Python writes it down.
pub(in crate::program) fn quote(text: &str) -> String {
    let mark = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut quoted = String::from(mark);
    for letter in text.chars() {
        match letter {
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            letter if letter == mark => quoted.extend(['\\', letter]),
            letter if is_printable(letter) => quoted.push(letter),
            letter => quoted.push_str(&escaped(letter.into())),
        }
    }
    quoted.push(mark);
    quoted
}

fn escaped(code: u32) -> String {
    match code {
        0..=0xff => format!("\\x{code:02x}"),
        0x100..=0xffff => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    }
}

/// Whether Python shows a letter as it is: not control characters, not separators other than the space, and not what
/// has no shape.
fn is_printable(letter: char) -> bool {
    if letter.is_ascii() {
        return !letter.is_ascii_control();
    }
    let hidden = matches!(
        u32::from(letter),
        0x80..=0xa0 | 0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x180e | 0x2000..=0x200f
            | 0x2028..=0x202f | 0x205f..=0x206f | 0x3000 | 0xd800..=0xf8ff | 0xfeff | 0xfff0..=0xfffb
            | 0xe0000..=0x0010_ffff
    );
    !hidden && !letter.is_whitespace()
}

/// Bytes as Python writes them down.
pub(in crate::program) fn quote_bytes(bytes: &[u8]) -> String {
    let mark = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    let mut quoted = format!("b{mark}");
    for byte in bytes {
        match byte {
            b'\\' => quoted.push_str("\\\\"),
            b'\n' => quoted.push_str("\\n"),
            b'\r' => quoted.push_str("\\r"),
            b'\t' => quoted.push_str("\\t"),
            byte if char::from(*byte) == mark => quoted.extend(['\\', mark]),
            b' '..=b'~' => quoted.push(char::from(*byte)),
            byte => quoted.push_str(&escaped((*byte).into())),
        }
    }
    quoted.push(mark);
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_look_as_in_python() {
        for (number, text) in [
            (0.1 + 0.2, "0.30000000000000004"),
            (3.0, "3.0"),
            (-0.0, "-0.0"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.5e300, "1.5e+300"),
        ] {
            assert_eq!(float(number), text);
        }
    }

    #[test]
    fn strings_are_quoted_as_in_python() {
        for (text, quoted) in [
            ("it's", r#""it's""#),
            ("a\"'", r#"'a"\''"#),
            ("\n\\\u{1}é\u{200b}", r"'\n\\\x01é\u200b'"),
        ] {
            assert_eq!(quote(text), quoted);
        }
        assert_eq!(quote_bytes(b"a'\xff"), r#"b"a'\xff""#);
    }
}
