//! Formatting with `%`, as in `"%d of %s" % (n, name)`.

use super::format::formatted;
use super::show;
use crate::program::machine::{Machine, Trouble, as_float, as_int, limit};
use crate::program::value::{Float, Value};

/// `template % values`.
pub(in crate::program) fn percent(
    machine: &Machine,
    template: &Value,
    values: &Value,
) -> Result<Value, Trouble> {
    let Value::Str(template) = template else {
        return Err(Trouble::unsupported("formatting this is not supported here"));
    };
    let (items, is_tuple) = match values {
        Value::Tuple(items) => (items.to_vec(), true),
        one => (vec![one.clone()], false),
    };
    let mut items = items.into_iter();
    let mut text = String::new();
    let mut letters = template.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        let mut spec = String::new();
        while let Some(flag) =
            letters.next_if(|letter| !letter.is_alphabetic() && !matches!(letter, '%' | '('))
        {
            spec.push(flag);
        }
        match letters.next() {
            None => return Err(Trouble::raise("ValueError", "incomplete format")),
            Some('%') if spec.is_empty() => text.push('%'),
            Some('(') => {
                return Err(Trouble::unsupported(
                    "formatting with names, %(name)s, is not supported here",
                ));
            }
            Some(kind) => {
                let Some(item) = items.next() else {
                    return Err(Trouble::raise(
                        "TypeError",
                        "not enough arguments for format string",
                    ));
                };
                text += &one(machine, &spec, kind, &item)?;
            }
        }
        limit(text.len())?;
    }
    // A mapping may go unused, and so may an empty tuple.
    let unused = items.next().is_some() && (is_tuple || machine.type_name(values) != "dict");
    if unused {
        return Err(Trouble::raise(
            "TypeError",
            "not all arguments converted during string formatting",
        ));
    }
    Ok(Value::Str(text.into()))
}

/// One value by one conversion. Its flags are turned into those of a format specification.
fn one(machine: &Machine, flags: &str, kind: char, value: &Value) -> Result<String, Trouble> {
    let Some(flags) = Flags::parse(flags) else {
        return Err(Trouble::unsupported(format!(
            "the format %{flags}{kind} is not supported here"
        )));
    };
    let spec = |precision: bool, kind: &str, text: bool| flags.spec(precision, kind, text);
    match kind {
        's' | 'r' => {
            let text = match kind {
                's' => machine.str_of(value)?,
                _ => machine.repr_of(value)?,
            };
            formatted(machine, &Value::Str(text.into()), &spec(true, "s", true))
        }
        'c' => match (value, as_int(value)) {
            (Value::Str(text), _) if text.chars().count() == 1 => {
                formatted(machine, value, &spec(false, "s", true))
            }
            (_, Some(number)) => match u32::try_from(number).ok().and_then(char::from_u32) {
                Some(letter) => {
                    let text = Value::Str(letter.to_string().into());
                    formatted(machine, &text, &spec(false, "s", true))
                }
                None => Err(Trouble::raise("OverflowError", "%c arg not in range(0x110000)")),
            },
            _ => Err(Trouble::raise("TypeError", "%c requires int or char")),
        },
        'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
            if flags.precision.is_some() {
                return Err(Trouble::unsupported(
                    "a precision of an integer is not supported here",
                ));
            }
            let number = match (value, as_int(value)) {
                (Value::Float(float), _) if matches!(kind, 'd' | 'i' | 'u') => whole(float.get())?,
                (_, Some(number)) => number,
                _ => return Err(no_number(machine, kind, value)),
            };
            let kind = if matches!(kind, 'i' | 'u') { 'd' } else { kind };
            formatted(
                machine,
                &Value::Int(number),
                &spec(false, &kind.to_string(), false),
            )
        }
        'f' | 'F' | 'e' | 'g' => {
            if let Some(number) = as_float(value) {
                let number = Value::Float(Float::new(number));
                formatted(machine, &number, &spec(true, &kind.to_string(), false))
            } else {
                let kind = machine.type_name(value);
                Err(Trouble::raise(
                    "TypeError",
                    format!("must be real number, not {kind}"),
                ))
            }
        }
        other => Err(Trouble::unsupported(format!(
            "the format %{other} is not supported here"
        ))),
    }
}

fn whole(number: f64) -> Result<i64, Trouble> {
    if number.abs() < 9.2e18 {
        return Ok(number as i64);
    }
    Err(Trouble::unsupported(format!(
        "{} as an integer is not supported here",
        show::float(number)
    )))
}

fn no_number(machine: &Machine, kind: char, value: &Value) -> Trouble {
    let given = machine.type_name(value);
    let wanted = if matches!(kind, 'd' | 'i' | 'u') {
        "a real number"
    } else {
        "an integer"
    };
    Trouble::raise(
        "TypeError",
        format!("%{kind} format: {wanted} is required, not {given}"),
    )
}

/// What stands between `%` and the letter.
#[derive(Debug, Default)]
struct Flags {
    left: bool,
    zero: bool,
    sign: Option<char>,
    alternate: bool,
    width: String,
    precision: Option<String>,
}

impl Flags {
    fn parse(text: &str) -> Option<Self> {
        let mut flags = Self::default();
        let mut rest = text;
        while let Some(flag) = rest.chars().next().filter(|flag| "-0+ #".contains(*flag)) {
            match flag {
                '-' => flags.left = true,
                '0' => flags.zero = true,
                '#' => flags.alternate = true,
                sign => flags.sign = Some(sign),
            }
            rest = &rest[1..];
        }
        let (width, precision) = match rest.split_once('.') {
            Some((width, precision)) => (width, Some(precision)),
            None => (rest, None),
        };
        let digits = |text: &str| text.chars().all(|letter| letter.is_ascii_digit());
        if !digits(width) || !precision.is_none_or(digits) {
            return None;
        }
        width.clone_into(&mut flags.width);
        flags.precision = precision.map(|digits| if digits.is_empty() { "0" } else { digits }.to_owned());
        Some(flags)
    }

    /// The format specification that means the same.
    fn spec(&self, precision: bool, kind: &str, text: bool) -> String {
        let mut spec = String::new();
        let zero = self.zero && !self.left && !text;
        spec += if self.left {
            "<"
        } else if zero {
            ""
        } else {
            ">"
        };
        if !text {
            spec.extend(self.sign);
            if self.alternate {
                spec.push('#');
            }
        }
        if zero {
            spec.push('0');
        }
        spec += &self.width;
        if let (true, Some(digits)) = (precision, &self.precision) {
            spec.push('.');
            spec += digits;
        }
        spec + kind
    }
}
