//! Format specifications, `[[fill]align][sign][#][0][width][,][.precision][type]`, as f-strings and `str.format` use them.

use super::show;
use crate::program::machine::{Machine, Trouble, as_float, as_int, key_error, limit};
use crate::program::value::Value;

/// A format specification, taken apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) fill: Option<char>,
    pub(super) align: Option<char>,
    pub(super) sign: Option<char>,
    pub(super) alternate: bool,
    pub(super) width: usize,
    pub(super) comma: bool,
    pub(super) precision: Option<usize>,
    pub(super) kind: Option<char>,
}

impl Spec {
    /// Reads a specification; nothing if it is none.
    fn parse(text: &str) -> Option<Self> {
        let letters: Vec<char> = text.chars().collect();
        let mut spec = Self::default();
        let mut rest = letters.as_slice();
        let is_align = |letter: &char| matches!(letter, '<' | '>' | '^' | '=');
        match rest {
            [fill, align, tail @ ..] if is_align(align) => {
                (spec.fill, spec.align, rest) = (Some(*fill), Some(*align), tail);
            }
            [align, tail @ ..] if is_align(align) => (spec.align, rest) = (Some(*align), tail),
            _ => {}
        }
        if let [sign @ ('+' | '-' | ' '), tail @ ..] = rest {
            (spec.sign, rest) = (Some(*sign), tail);
        }
        if let ['#', tail @ ..] = rest {
            (spec.alternate, rest) = (true, tail);
        }
        if let ['0', tail @ ..] = rest {
            spec.fill = spec.fill.or(Some('0'));
            spec.align = spec.align.or(Some('='));
            rest = tail;
        }
        (spec.width, rest) = number(rest);
        if let [',', tail @ ..] = rest {
            (spec.comma, rest) = (true, tail);
        }
        if let ['.', tail @ ..] = rest {
            let (precision, after) = number(tail);
            if after.len() == tail.len() {
                return None;
            }
            (spec.precision, rest) = (Some(precision), after);
        }
        match rest {
            [] => {}
            [kind] => spec.kind = Some(*kind),
            _ => return None,
        }
        Some(spec)
    }
}

fn number(letters: &[char]) -> (usize, &[char]) {
    let end = letters
        .iter()
        .position(|letter| !letter.is_ascii_digit())
        .unwrap_or(letters.len());
    let value = letters[..end]
        .iter()
        .filter_map(|digit| digit.to_digit(10))
        .fold(0_usize, |sum, digit| {
            sum.saturating_mul(10).saturating_add(digit as usize)
        });
    (value, &letters[end..])
}

/// What `format(value, spec)` gives.
pub(super) fn formatted(machine: &Machine, value: &Value, text: &str) -> Result<String, Trouble> {
    if text.is_empty() {
        return machine.str_of(value);
    }
    let kind = machine.type_name(value);
    let Some(spec) = Spec::parse(text) else {
        return Err(Trouble::raise(
            "ValueError",
            format!("Invalid format specifier '{text}' for object of type '{kind}'"),
        ));
    };
    limit(spec.width.max(spec.precision.unwrap_or(0)))?;
    match value {
        Value::Str(string) => string_formatted(string, &spec),
        Value::Float(float) => number_formatted(float_digits(float.get(), &spec)?, &spec),
        value if as_int(value).is_some() => int_formatted(as_int(value).unwrap_or(0), &spec),
        _ => Err(Trouble::raise(
            "TypeError",
            format!("unsupported format string passed to {kind}.__format__"),
        )),
    }
}

fn string_formatted(text: &str, spec: &Spec) -> Result<String, Trouble> {
    if spec.kind.is_some_and(|kind| kind != 's') {
        return Err(unknown(spec, "str"));
    }
    if spec.sign.is_some() || spec.comma || spec.alternate || spec.align == Some('=') {
        let what = match spec {
            Spec { sign: Some(_), .. } => "Sign not allowed in string format specifier",
            Spec { comma: true, .. } => "Cannot specify ',' with 's'.",
            Spec { alternate: true, .. } => "Alternate form (#) not allowed in string format specifier",
            _ => "'=' alignment not allowed in string format specifier",
        };
        return Err(Trouble::raise("ValueError", what));
    }
    let cut: String = match spec.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text.to_owned(),
    };
    Ok(pad("", "", &cut, spec, '<'))
}

/// A number in parts: its sign, what stands before its digits, and these.
struct Digits {
    negative: bool,
    prefix: &'static str,
    plain: String,
}

fn int_formatted(number: i64, spec: &Spec) -> Result<String, Trouble> {
    let plain = number.unsigned_abs();
    let (prefix, digits) = match spec.kind {
        None | Some('d') => ("", plain.to_string()),
        Some('b') => ("0b", format!("{plain:b}")),
        Some('o') => ("0o", format!("{plain:o}")),
        Some('x') => ("0x", format!("{plain:x}")),
        Some('X') => ("0X", format!("{plain:X}")),
        Some('c') => {
            let letter = u32::try_from(number).ok().and_then(char::from_u32);
            return match letter {
                Some(letter) => Ok(pad("", "", &letter.to_string(), spec, '<')),
                None => Err(Trouble::raise("OverflowError", "%c arg not in range(0x110000)")),
            };
        }
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => {
            let float = as_float(&Value::Int(number)).unwrap_or(0.0);
            return number_formatted(float_digits(float, spec)?, spec);
        }
        Some(_) => return Err(unknown(spec, "int")),
    };
    if spec.precision.is_some() {
        return Err(Trouble::raise(
            "ValueError",
            "Precision not allowed in integer format specifier",
        ));
    }
    let prefix = if spec.alternate { prefix } else { "" };
    let digits = Digits {
        negative: number < 0,
        prefix,
        plain: digits,
    };
    number_formatted(digits, spec)
}

fn number_formatted(number: Digits, spec: &Spec) -> Result<String, Trouble> {
    let sign = match (number.negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    };
    let mut digits = number.plain;
    if spec.comma {
        if !matches!(spec.kind, None | Some('d' | 'f' | 'F' | '%')) {
            return Err(Trouble::unsupported(
                "a comma in such a format is not supported here",
            ));
        }
        if spec.fill == Some('0') && spec.align == Some('=') {
            return Err(Trouble::unsupported(
                "a comma with leading zeros is not supported here",
            ));
        }
        digits = with_commas(&digits);
    }
    Ok(pad(sign, number.prefix, &digits, spec, '>'))
}

fn with_commas(digits: &str) -> String {
    let end = digits
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

fn float_digits(number: f64, spec: &Spec) -> Result<Digits, Trouble> {
    let negative = number.is_sign_negative() && !number.is_nan();
    let plain = number.abs();
    let precision = spec.precision.unwrap_or(6);
    let digits = match spec.kind {
        _ if !plain.is_finite() => show::float(plain),
        None if spec.precision.is_none() => show::float(plain),
        Some('f' | 'F') => format!("{plain:.precision$}"),
        Some('%') => format!("{:.precision$}%", plain * 100.0),
        Some('e') => scientific(plain, precision),
        Some('g') => general(plain, precision),
        Some('E' | 'G' | 'n') | None => {
            return Err(Trouble::unsupported(
                "such a format of a float is not supported here",
            ));
        }
        Some(_) => return Err(unknown(spec, "float")),
    };
    Ok(Digits {
        negative,
        prefix: "",
        plain: digits,
    })
}

/// As `%e` writes it.
fn scientific(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// As `%g` writes it: the shorter of both, without zeros at the end.
fn general(number: f64, precision: usize) -> String {
    let precision = precision.max(1);
    let text = scientific(number, precision - 1);
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    let trim = |digits: &str| {
        if digits.contains('.') {
            digits.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            digits.to_owned()
        }
    };
    if power < -4 || power >= precision as i32 {
        return format!("{}e{exponent}", trim(digits));
    }
    let places = (precision as i32 - 1 - power).max(0) as usize;
    trim(&format!("{number:.places$}"))
}

/// Fills text up to the width.
fn pad(sign: &str, prefix: &str, body: &str, spec: &Spec, usual: char) -> String {
    let fill = spec.fill.unwrap_or(' ');
    let len = sign.chars().count() + prefix.len() + body.chars().count();
    let missing = spec.width.saturating_sub(len);
    let filling = |count: usize| fill.to_string().repeat(count);
    let align = spec.align.unwrap_or(usual);
    // A zero before the width fills strings at their end.
    let align = if align == '=' && usual == '<' { '<' } else { align };
    match align {
        '<' => format!("{sign}{prefix}{body}{}", filling(missing)),
        '^' => {
            let left = missing / 2;
            format!("{}{sign}{prefix}{body}{}", filling(left), filling(missing - left))
        }
        '=' => format!("{sign}{prefix}{}{body}", filling(missing)),
        _ => format!("{}{sign}{prefix}{body}", filling(missing)),
    }
}

fn unknown(spec: &Spec, kind: &str) -> Trouble {
    let code = spec.kind.unwrap_or(' ');
    Trouble::raise(
        "ValueError",
        format!("Unknown format code '{code}' for object of type '{kind}'"),
    )
}

/// `text.format(…)`: the count of the values, these, and pairs of names and values.
pub(super) fn braces(machine: &Machine, args: &[Value]) -> Result<String, Trouble> {
    let count = args.first().and_then(as_int).unwrap_or(0) as usize;
    let (values, named) = args[1..].split_at(count.min(args.len() - 1));
    let Some((Value::Str(template), values)) = values.split_first() else {
        return Err(Trouble::unsupported(
            "format of something that is no string is not supported here",
        ));
    };
    let mut text = String::new();
    let mut numbering = Numbering::default();
    let mut rest = &**template;
    while let Some(at) = rest.find(['{', '}']) {
        text += &rest[..at];
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if rest.starts_with(brace) {
            text += brace;
            rest = &rest[1..];
            continue;
        }
        let end = rest.find('}').filter(|_| brace == "{");
        let Some(end) = end else {
            let what = if brace == "{" {
                "Single '{' encountered in format string"
            } else {
                "Single '}' encountered in format string"
            };
            return Err(Trouble::raise("ValueError", what));
        };
        let field = &rest[..end];
        rest = &rest[end + 1..];
        if field.contains(['{', '[', '!', '.']) && !field.contains(':') || field.contains('{') {
            return Err(Trouble::unsupported(format!(
                "the field {{{field}}} of a format is not supported here"
            )));
        }
        let (name, spec) = field.split_once(':').unwrap_or((field, ""));
        let value = field_value(name, &mut numbering, values, named, machine)?;
        text += &formatted(machine, &value, spec)?;
        limit(text.len())?;
    }
    Ok(text + rest)
}

/// How the fields of a template are numbered: by themselves or by numbers in them, and never by both.
#[derive(Debug, Default)]
struct Numbering {
    automatic: usize,
    is_manual: bool,
}

impl Numbering {
    /// A field without a number.
    fn next(&mut self) -> Result<usize, Trouble> {
        if self.is_manual {
            let what = "cannot switch from manual field specification to automatic field numbering";
            return Err(Trouble::raise("ValueError", what));
        }
        self.automatic += 1;
        Ok(self.automatic - 1)
    }

    /// A field with this number.
    fn given(&mut self, index: usize) -> Result<usize, Trouble> {
        if self.automatic > 0 {
            let what = "cannot switch from automatic field numbering to manual field specification";
            return Err(Trouble::raise("ValueError", what));
        }
        self.is_manual = true;
        Ok(index)
    }
}

fn field_value(
    name: &str,
    numbering: &mut Numbering,
    values: &[Value],
    named: &[Value],
    machine: &Machine,
) -> Result<Value, Trouble> {
    let index = match name {
        "" => numbering.next()?,
        name => match name.parse() {
            Ok(index) => numbering.given(index)?,
            Err(_) if name.contains(['.', '[', '!']) => {
                return Err(Trouble::unsupported(format!(
                    "the field {{{name}}} of a format is not supported here"
                )));
            }
            Err(_) => {
                let found = named.chunks_exact(2).find(|pair| machine.text(&pair[0]) == name);
                return match found {
                    Some(pair) => Ok(pair[1].clone()),
                    None => Err(key_error(&Value::Str(name.into()))),
                };
            }
        },
    };
    values.get(index).cloned().ok_or_else(|| {
        Trouble::raise(
            "IndexError",
            format!("Replacement index {index} out of range for positional args tuple"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_formatted_as_in_python() {
        for (number, spec, text) in [
            (42, "6", "    42"),
            (42, "<6", "42    "),
            (42, "06d", "000042"),
            (-42, "06", "-00042"),
            (255, "#x", "0xff"),
            (5, "08b", "00000101"),
            (1_234_567, ",", "1,234,567"),
            (5, "+d", "+5"),
            (65, "c", "A"),
            (1, ".2f", "1.00"),
            (7, "*^5", "**7**"),
        ] {
            let spec = Spec::parse(spec).expect("a specification");
            assert_eq!(
                int_formatted(number, &spec),
                Ok(text.to_owned()),
                "{number} {spec:?}"
            );
        }
    }

    #[test]
    fn general_floats_are_as_short_as_in_c() {
        for (number, precision, text) in [
            (1e10, 6, "1e+10"),
            (0.0001, 6, "0.0001"),
            (123_456.789, 6, "123457"),
            (100.0, 3, "100"),
            (1.5, 6, "1.5"),
        ] {
            assert_eq!(general(number, precision), text);
        }
    }
}
