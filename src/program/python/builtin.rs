//! The built-in functions that compute with numbers and text.

use super::library::{Library, arg};
use super::text;
use crate::program::code::{Arith, Native};
use crate::program::machine::{Machine, Trouble, as_float, as_int, is_subclass, truth};
use crate::program::value::{Float, Named, Value};

/// Runs one of them; nothing if it is another function.
pub(super) fn call(
    machine: &mut Machine,
    function: Library,
    args: &[Value],
) -> Result<Option<Value>, Trouble> {
    let first = arg(args, 0);
    Ok(Some(match function {
        Library::Abs => abs(machine, first)?,
        Library::Bin => Value::Str(based(machine, first, "0b", |number| format!("{number:b}"))?.into()),
        Library::Hex => Value::Str(based(machine, first, "0x", |number| format!("{number:x}"))?.into()),
        Library::Oct => Value::Str(based(machine, first, "0o", |number| format!("{number:o}"))?.into()),
        Library::Bool => Value::Bool(truth(first, &machine.heap)),
        Library::Chr => {
            let code = integer(machine, first)?;
            let letter = u32::try_from(code).ok().filter(|code| *code < 0x11_0000);
            match letter.map(char::from_u32) {
                Some(Some(letter)) => Value::Str(letter.to_string().into()),
                Some(None) => {
                    return Err(Trouble::unsupported(
                        "half of a surrogate pair is not supported here",
                    ));
                }
                None => return Err(Trouble::raise("ValueError", "chr() arg not in range(0x110000)")),
            }
        }
        Library::Divmod => {
            let quotient = machine.binary(Arith::FloorDiv, first, arg(args, 1))?;
            let rest = machine.binary(Arith::Rem, first, arg(args, 1))?;
            Value::Tuple([quotient, rest].into())
        }
        Library::Float => float(machine, first)?,
        Library::Int => int(machine, first, arg(args, 1))?,
        Library::Isinstance => Value::Bool(is_instance(machine, first, arg(args, 1))?),
        Library::Ord => ord(machine, first)?,
        Library::Pow => machine.binary(Arith::Power, first, arg(args, 1))?,
        Library::Repr => Value::Str(machine.repr_of(first)?.into()),
        Library::Round => round(machine, first, arg(args, 1))?,
        Library::Str => match first {
            Value::Unset => Value::Str("".into()),
            value => Value::Str(machine.str_of(value)?.into()),
        },
        Library::Invert => match as_int(first) {
            Some(number) => Value::Int(!number),
            None => return Err(machine.bad_operand("~", first)),
        },
        Library::Plus => match (as_int(first), first) {
            (Some(number), _) => Value::Int(number),
            (None, Value::Float(_)) => first.clone(),
            _ => return Err(machine.bad_operand("+", first)),
        },
        _ => return Ok(None),
    }))
}

/// The number that an argument must be.
pub(super) fn integer(machine: &Machine, value: &Value) -> Result<i64, Trouble> {
    as_int(value).ok_or_else(|| {
        let kind = machine.type_name(value);
        Trouble::raise(
            "TypeError",
            format!("'{kind}' object cannot be interpreted as an integer"),
        )
    })
}

fn based(
    machine: &Machine,
    value: &Value,
    prefix: &str,
    digits: fn(u64) -> String,
) -> Result<String, Trouble> {
    let number = integer(machine, value)?;
    let sign = if number < 0 { "-" } else { "" };
    Ok(format!("{sign}{prefix}{}", digits(number.unsigned_abs())))
}

fn abs(machine: &Machine, value: &Value) -> Result<Value, Trouble> {
    match (value, as_int(value)) {
        (_, Some(number)) => number
            .checked_abs()
            .map(Value::Int)
            .ok_or_else(|| Trouble::unsupported("integers of more than 64 bits are not supported here")),
        (Value::Float(float), _) => Ok(Value::Float(Float::new(float.get().abs()))),
        _ => {
            let kind = machine.type_name(value);
            Err(Trouble::raise(
                "TypeError",
                format!("bad operand type for abs(): '{kind}'"),
            ))
        }
    }
}

fn ord(machine: &Machine, value: &Value) -> Result<Value, Trouble> {
    let Value::Str(text) = value else {
        let kind = machine.type_name(value);
        let sentence = format!("ord() expected string of length 1, but {kind} found");
        return Err(Trouble::raise("TypeError", sentence));
    };
    let mut letters = text.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        Ok(Value::Int(i64::from(u32::from(letter))))
    } else {
        let length = text.chars().count();
        let sentence = format!("ord() expected a character, but string of length {length} found");
        Err(Trouble::raise("TypeError", sentence))
    }
}

fn int(machine: &Machine, value: &Value, base: &Value) -> Result<Value, Trouble> {
    let radix = match base {
        Value::Unset => 10,
        base => integer(machine, base)?,
    };
    let text = match value {
        Value::Unset => return Ok(Value::Int(0)),
        Value::Str(text) => text.to_string(),
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ if *base != Value::Unset => {
            return Err(Trouble::raise(
                "TypeError",
                "int() can't convert non-string with explicit base",
            ));
        }
        Value::Float(float) => return truncated(float.get()),
        value => {
            return as_int(value).map(Value::Int).ok_or_else(|| {
                let kind = machine.type_name(value);
                Trouble::raise(
                    "TypeError",
                    format!(
                        "int() argument must be a string, a bytes-like object or a real number, not '{kind}'"
                    ),
                )
            });
        }
    };
    if !(2..=36).contains(&radix) {
        return Err(Trouble::unsupported(
            "int() with such a base is not supported here",
        ));
    }
    match text::parse_int(&text, radix as u32) {
        text::Parsed::Number(number) => Ok(Value::Int(number)),
        text::Parsed::TooLong => Err(Trouble::unsupported(
            "integers of more than 64 bits are not supported here",
        )),
        text::Parsed::Nothing => {
            let shown = machine.repr_of(value)?;
            let sentence = format!("invalid literal for int() with base {radix}: {shown}");
            Err(Trouble::raise("ValueError", sentence))
        }
    }
}

fn truncated(number: f64) -> Result<Value, Trouble> {
    if number.is_nan() {
        return Err(Trouble::raise(
            "ValueError",
            "cannot convert float NaN to integer",
        ));
    }
    if number.is_infinite() {
        return Err(Trouble::raise(
            "OverflowError",
            "cannot convert float infinity to integer",
        ));
    }
    if number.abs() >= 9.2e18 {
        return Err(Trouble::unsupported(
            "integers of more than 64 bits are not supported here",
        ));
    }
    Ok(Value::Int(number as i64))
}

fn float(machine: &Machine, value: &Value) -> Result<Value, Trouble> {
    let number = match value {
        Value::Unset => Some(0.0),
        Value::Str(text) => text::parse_float(text),
        value => {
            if let Some(number) = as_float(value) {
                Some(number)
            } else {
                let kind = machine.type_name(value);
                let sentence = format!("float() argument must be a string or a real number, not '{kind}'");
                return Err(Trouble::raise("TypeError", sentence));
            }
        }
    };
    if let Some(number) = number {
        Ok(Value::Float(Float::new(number)))
    } else {
        let shown = machine.repr_of(value)?;
        Err(Trouble::raise(
            "ValueError",
            format!("could not convert string to float: {shown}"),
        ))
    }
}

/// Python rounds to the nearest, and in the middle to the even one.
fn round(machine: &Machine, value: &Value, digits: &Value) -> Result<Value, Trouble> {
    if let (Some(number), Value::Unset | Value::None) = (as_int(value), digits) {
        return Ok(Value::Int(number));
    }
    let Value::Float(float) = value else {
        return Err(Trouble::unsupported(format!(
            "rounding of {} is not supported here",
            machine.type_name(value)
        )));
    };
    match digits {
        Value::Unset | Value::None => truncated(float.get().round_ties_even()),
        digits => {
            let places = integer(machine, digits)?;
            let Ok(places) = usize::try_from(places) else {
                return Err(Trouble::unsupported("rounding to tens is not supported here"));
            };
            // Written out, a number is rounded correctly; more places than it has change nothing.
            let text = format!("{:.*}", places.min(330), float.get());
            Ok(Value::Float(Float::new(text.parse().unwrap_or(float.get()))))
        }
    }
}

fn is_instance(machine: &Machine, value: &Value, class: &Value) -> Result<bool, Trouble> {
    let classes = match class {
        Value::Tuple(classes) => classes.to_vec(),
        one => vec![one.clone()],
    };
    let kind = machine.type_name(value);
    for class in &classes {
        let fits = match class {
            Value::Class(class) => matches!(value, Value::Exception(_)) && is_subclass(kind, class),
            Value::Native(Native::Python(function)) => match function {
                Library::Int => as_int(value).is_some(),
                Library::Bool => kind == "bool",
                Library::Str => kind == "str",
                Library::Float => kind == "float",
                Library::List => kind == "list",
                Library::Tuple => kind == "tuple",
                Library::Dict => kind == "dict",
                Library::Set => kind == "set",
                Library::Signals => matches!(value, Value::Named(Named::Signal(_))),
                _ => return Err(no_class()),
            },
            _ => return Err(no_class()),
        };
        if fits {
            return Ok(true);
        }
    }
    Ok(false)
}

fn no_class() -> Trouble {
    Trouble::unsupported("isinstance with such a class is not supported here")
}
