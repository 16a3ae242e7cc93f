//! Numbers read from text, as `int` and `float` read them.

/// What reading a number came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parsed {
    Number(i64),
    /// It is a number, of more than 64 bits.
    TooLong,
    Nothing,
}

/// Reads an integer, with blanks around it, a sign, and underscores between digits.
pub(super) fn parse_int(text: &str, radix: u32) -> Parsed {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let prefix = match radix {
        2 => "0b",
        8 => "0o",
        16 => "0x",
        _ => "",
    };
    let digits = lower.strip_prefix(prefix).unwrap_or(&lower);
    if digits.starts_with('_') || digits.ends_with('_') || digits.contains("__") {
        return Parsed::Nothing;
    }
    let plain: Vec<char> = digits.chars().filter(|letter| *letter != '_').collect();
    if plain.is_empty() || !plain.iter().all(|letter| letter.is_digit(radix)) {
        return Parsed::Nothing;
    }
    let number = plain.iter().try_fold(0_i64, |sum, letter| {
        let digit = i64::from(letter.to_digit(radix)?);
        let sum = sum.checked_mul(i64::from(radix))?;
        if negative {
            sum.checked_sub(digit)
        } else {
            sum.checked_add(digit)
        }
    });
    number.map_or(Parsed::TooLong, Parsed::Number)
}

/// Reads a float; nothing if it is none.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim().to_ascii_lowercase();
    let plain = text.replace('_', "");
    let unsigned = plain.trim_start_matches(['+', '-']);
    let word = matches!(unsigned, "inf" | "infinity" | "nan");
    let number = unsigned.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.');
    if !(word || number) || plain.len() > unsigned.len() + 1 || text.contains("__") {
        return None;
    }
    plain.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read() {
        for (text, radix, parsed) in [
            (" 42\n", 10, Parsed::Number(42)),
            ("-7", 10, Parsed::Number(-7)),
            ("1_000", 10, Parsed::Number(1000)),
            ("0x1f", 16, Parsed::Number(31)),
            ("9223372036854775808", 10, Parsed::TooLong),
            ("-9223372036854775808", 10, Parsed::Number(i64::MIN)),
            ("", 10, Parsed::Nothing),
            ("1.5", 10, Parsed::Nothing),
            ("_1", 10, Parsed::Nothing),
        ] {
            assert_eq!(parse_int(text, radix), parsed, "{text}");
        }
    }

    #[test]
    fn floats_are_read() {
        assert_eq!(parse_float(" 2.5 "), Some(2.5));
        assert_eq!(parse_float("-1e3"), Some(-1000.0));
        assert_eq!(parse_float("x"), None);
        assert_eq!(parse_float("--1"), None);
    }
}
