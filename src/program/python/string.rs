//! The methods of strings and bytes.

use std::sync::Arc;

use super::format::braces;
use super::library::{Method, arg};
use super::method::number_or;
use crate::program::machine::{Machine, Trouble, limit};
use crate::program::value::{Object, Value};

/// Calls a method of a string; nothing if it has no such method here.
pub(super) fn call(
    machine: &mut Machine,
    text: &Arc<str>,
    method: Method,
    args: &[Value],
) -> Result<Option<Value>, Trouble> {
    let made = |text: String| Value::Str(text.into());
    let text: &str = text;
    Ok(Some(match method {
        Method::Format => made(braces(machine, args)?),
        Method::Join => made(join(machine, text, arg(args, 1))?),
        Method::Split => split(machine, text, args)?,
        Method::Splitlines => strings(machine, text.lines().map(str::to_owned).collect()),
        Method::Strip => made(trimmed(machine, text, arg(args, 1), true, true)?),
        Method::Lstrip => made(trimmed(machine, text, arg(args, 1), true, false)?),
        Method::Rstrip => made(trimmed(machine, text, arg(args, 1), false, true)?),
        Method::Upper => made(text.to_uppercase()),
        Method::Lower => made(text.to_lowercase()),
        Method::Capitalize => {
            let mut letters = text.chars();
            let first = letters.next().map(|letter| letter.to_uppercase().to_string());
            made(first.unwrap_or_default() + &letters.as_str().to_lowercase())
        }
        Method::Title => made(title(text)),
        Method::Replace => {
            let (old, new) = (string(machine, arg(args, 1))?, string(machine, arg(args, 2))?);
            limit(text.len().saturating_mul(new.len().max(1)))?;
            made(text.replace(&*old, &new))
        }
        Method::StartsWith => Value::Bool(any_of(machine, arg(args, 1), |part| text.starts_with(part))?),
        Method::EndsWith => Value::Bool(any_of(machine, arg(args, 1), |part| text.ends_with(part))?),
        Method::Find | Method::Index => {
            let part = string(machine, arg(args, 1))?;
            match text.find(&*part) {
                Some(at) => Value::Int(text[..at].chars().count() as i64),
                None if method == Method::Find => Value::Int(-1),
                None => return Err(Trouble::raise("ValueError", "substring not found")),
            }
        }
        Method::Count => {
            let part = string(machine, arg(args, 1))?;
            let count = if part.is_empty() {
                text.chars().count() + 1
            } else {
                text.matches(&*part).count()
            };
            Value::Int(count as i64)
        }
        Method::IsDigit => Value::Bool(all(text, ascii_only(text)?, |letter| letter.is_ascii_digit())),
        Method::IsAlpha => Value::Bool(all(text, true, char::is_alphabetic)),
        Method::IsSpace => Value::Bool(all(text, true, char::is_whitespace)),
        Method::Encode => {
            check_encoding(machine, arg(args, 1), text.is_ascii())?;
            Value::Bytes(text.as_bytes().into())
        }
        Method::Center | Method::Ljust | Method::Rjust => made(justified(machine, text, method, args)?),
        Method::Zfill => {
            let width = width(machine, arg(args, 1))?;
            let (sign, digits) = match text.strip_prefix(['+', '-']) {
                Some(digits) => (&text[..1], digits),
                None => ("", text),
            };
            let missing = width.saturating_sub(text.chars().count());
            made(format!("{sign}{}{digits}", "0".repeat(missing)))
        }
        _ => return Ok(None),
    }))
}

/// Calls a method of bytes; nothing if they have no such method here.
pub(super) fn of_bytes(
    machine: &mut Machine,
    bytes: &Arc<[u8]>,
    method: Method,
    args: &[Value],
) -> Result<Option<Value>, Trouble> {
    let stripped = |left: bool, right: bool| {
        let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 11;
        let start = bytes.iter().position(|byte| !blank(byte)).unwrap_or(bytes.len());
        let end = bytes
            .iter()
            .rposition(|byte| !blank(byte))
            .map_or(start, |at| at + 1);
        let (start, end) = (
            if left { start } else { 0 },
            if right { end } else { bytes.len() },
        );
        Value::Bytes(bytes[start..end.max(start)].into())
    };
    let plain = *arg(args, 1) == Value::Unset;
    Ok(Some(match method {
        Method::Decode => {
            check_encoding(machine, arg(args, 1), bytes.is_ascii())?;
            match std::str::from_utf8(bytes) {
                Ok(text) => Value::Str(text.into()),
                Err(error) => {
                    let at = error.valid_up_to();
                    let byte = bytes[at];
                    let why = match error.error_len() {
                        None => "unexpected end of data",
                        Some(_) if byte & 0xc0 == 0x80 || byte >= 0xf5 || matches!(byte, 0xc0 | 0xc1) => {
                            "invalid start byte"
                        }
                        Some(_) => "invalid continuation byte",
                    };
                    let sentence =
                        format!("'utf-8' codec can't decode byte 0x{byte:02x} in position {at}: {why}");
                    return Err(Trouble::raise("UnicodeDecodeError", sentence));
                }
            }
        }
        Method::Strip if plain => stripped(true, true),
        Method::Lstrip if plain => stripped(true, false),
        Method::Rstrip if plain => stripped(false, true),
        _ => return Ok(None),
    }))
}

/// The string that an argument must be.
pub(super) fn string(machine: &Machine, value: &Value) -> Result<Arc<str>, Trouble> {
    match value {
        Value::Str(text) => Ok(Arc::clone(text)),
        other => {
            let kind = machine.type_name(other);
            Err(Trouble::raise("TypeError", format!("must be str, not {kind}")))
        }
    }
}

fn strings(machine: &mut Machine, texts: Vec<String>) -> Value {
    let items = texts.into_iter().map(|text| Value::Str(text.into())).collect();
    machine.heap.add(Object::List(items))
}

fn join(machine: &mut Machine, between: &str, items: &Value) -> Result<String, Trouble> {
    let items = super::collection::ordered_items(machine, items)?;
    let mut texts = Vec::with_capacity(items.len());
    let mut total = 0;
    for (index, item) in items.iter().enumerate() {
        let Value::Str(text) = item else {
            let kind = machine.type_name(item);
            let sentence = format!("sequence item {index}: expected str instance, {kind} found");
            return Err(Trouble::raise("TypeError", sentence));
        };
        total += text.len() + between.len();
        limit(total)?;
        texts.push(&**text);
    }
    Ok(texts.join(between))
}

fn split(machine: &mut Machine, text: &str, args: &[Value]) -> Result<Value, Trouble> {
    let most = number_or(machine, arg(args, 2), -1)?;
    let most = usize::try_from(most).unwrap_or(usize::MAX - 1);
    let parts: Vec<String> = match arg(args, 1) {
        Value::Unset | Value::None => words(text, most),
        separator => {
            let separator = string(machine, separator)?;
            if separator.is_empty() {
                return Err(Trouble::raise("ValueError", "empty separator"));
            }
            text.splitn(most + 1, &*separator).map(str::to_owned).collect()
        }
    };
    Ok(strings(machine, parts))
}

/// The words between blanks; what is left after so many splits is the last.
fn words(text: &str, most: usize) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if words.len() == most {
            words.push(rest.trim_end().to_owned());
            break;
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        words.push(rest[..end].to_owned());
        rest = rest[end..].trim_start();
    }
    words
}

fn trimmed(
    machine: &Machine,
    text: &str,
    letters: &Value,
    left: bool,
    right: bool,
) -> Result<String, Trouble> {
    let letters = match letters {
        Value::Unset | Value::None => None,
        letters => Some(string(machine, letters)?),
    };
    let goes = |letter: char| match &letters {
        Some(letters) => letters.contains(letter),
        None => letter.is_whitespace(),
    };
    let mut part = text;
    if left {
        part = part.trim_start_matches(goes);
    }
    if right {
        part = part.trim_end_matches(goes);
    }
    Ok(part.to_owned())
}

fn title(text: &str) -> String {
    let mut within = false;
    text.chars()
        .map(|letter| {
            let changed = if within {
                letter.to_lowercase().to_string()
            } else {
                letter.to_uppercase().to_string()
            };
            within = letter.is_alphabetic();
            changed
        })
        .collect()
}

fn any_of(machine: &Machine, value: &Value, fits: impl Fn(&str) -> bool) -> Result<bool, Trouble> {
    match value {
        Value::Tuple(parts) => {
            for part in parts.iter() {
                if fits(&string(machine, part)?) {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        one => Ok(fits(&string(machine, one)?)),
    }
}

fn all(text: &str, possible: bool, fits: fn(char) -> bool) -> bool {
    possible && !text.is_empty() && text.chars().all(fits)
}

/// What counts as a digit outside of ASCII is left to Python.
fn ascii_only(text: &str) -> Result<bool, Trouble> {
    if text.is_ascii() {
        return Ok(true);
    }
    Err(Trouble::unsupported(
        "isdigit() of such letters is not supported here",
    ))
}

fn check_encoding(machine: &Machine, encoding: &Value, is_ascii: bool) -> Result<(), Trouble> {
    let name = match encoding {
        Value::Unset => return Ok(()),
        encoding => string(machine, encoding)?.to_ascii_lowercase(),
    };
    match name.as_str() {
        "utf-8" | "utf8" => Ok(()),
        "ascii" if is_ascii => Ok(()),
        _ => Err(Trouble::unsupported(
            "encodings other than UTF-8 are not supported here",
        )),
    }
}

fn width(machine: &Machine, value: &Value) -> Result<usize, Trouble> {
    let width = usize::try_from(super::builtin::integer(machine, value)?).unwrap_or(0);
    limit(width)?;
    Ok(width)
}

fn justified(machine: &Machine, text: &str, method: Method, args: &[Value]) -> Result<String, Trouble> {
    let width = width(machine, arg(args, 1))?;
    let fill = match arg(args, 2) {
        Value::Unset => " ".into(),
        fill => string(machine, fill)?,
    };
    if fill.chars().count() != 1 {
        return Err(Trouble::raise(
            "TypeError",
            "The fill character must be exactly one character long",
        ));
    }
    let missing = width.saturating_sub(text.chars().count());
    let left = match method {
        Method::Ljust => 0,
        Method::Rjust => missing,
        // Python puts the odd one to the left where the width is odd.
        _ => missing / 2 + (missing & width & 1),
    };
    Ok(format!(
        "{}{text}{}",
        fill.repeat(left),
        fill.repeat(missing - left)
    ))
}
