//! The language of `--keys`: what a student would press, written down.
//!
//! Tokens stand apart by blanks: `f`, `3f`, `7x`, `*f`, `<Down>`, `@B` (select B), `"sleep 60"` (typed into the open
//! line), `?C=Z` (wait until C is a zombie). docs/keys.md has the whole of it.

use std::fmt;

use super::key::Key;
use crate::model::{ProcId, State};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// Keys one after the other: digits, `*`, and the key itself.
    Keys(Vec<Key>),
    /// `@C`: select that process.
    Select(ProcId),
    /// `"…"`: type this into the open line.
    Text(String),
    /// `?C=Z`: wait until it is so, and fail if it does not come.
    Expect(ProcId, Expected),
}

impl fmt::Display for Token {
    /// As [`parse`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys(keys) => keys.iter().try_for_each(|key| f.write_str(&written(*key))),
            Self::Select(id) => write!(f, "@{id}"),
            Self::Text(text) => write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
            Self::Expect(id, expected) => write!(f, "?{id}={expected}"),
        }
    }
}

/// What `?` waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// That state letter.
    State(State),
    /// To be reaped.
    Gone,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(state) => fmt::Display::fmt(state, f),
            Self::Gone => f.write_str("gone"),
        }
    }
}

/// A key as this language writes it.
pub fn written(key: Key) -> String {
    match key {
        Key::Char('<') => "<lt>".to_owned(),
        Key::Char('>') => "<gt>".to_owned(),
        Key::Char(c) if c != ' ' => c.to_string(),
        Key::Ctrl(letter) => format!("<C-{letter}>"),
        key => format!("<{}>", key.name()),
    }
}

/// What is wrong with a key string.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("in the keys, at character {at}: {what}")]
pub struct BadKeys {
    /// Counted from 1, in characters.
    pub at: usize,
    what: String,
}

/// Reads a key string.
pub fn parse(text: &str) -> Result<Vec<Token>, BadKeys> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if c.is_whitespace() {
            at += 1;
        } else if c == '"' {
            let (typed, end) = quoted(&chars, at)?;
            tokens.push(Token::Text(typed));
            at = end;
        } else {
            let end = (at..chars.len())
                .find(|&n| chars[n].is_whitespace())
                .unwrap_or(chars.len());
            let word: String = chars[at..end].iter().collect();
            tokens.push(token(&word).map_err(|what| BadKeys { at: at + 1, what })?);
            at = end;
        }
    }
    Ok(tokens)
}

/// The text between the quote at `start` and the next one, and where the string goes on.
fn quoted(chars: &[char], start: usize) -> Result<(String, usize), BadKeys> {
    let bad = |at: usize, what: &str| BadKeys {
        at: at + 1,
        what: what.to_owned(),
    };
    let mut typed = String::new();
    let mut at = start + 1;
    loop {
        match chars.get(at) {
            None => return Err(bad(start, "this quote is never closed")),
            Some('"') => break,
            Some('\\') => {
                at += 1;
                match chars.get(at) {
                    Some(&c @ ('"' | '\\')) => typed.push(c),
                    _ => return Err(bad(at, "after a backslash comes a quote or a backslash")),
                }
            }
            Some(&c) if c.is_control() => {
                return Err(bad(at, "typed text is one line without control characters"));
            }
            Some(&c) => typed.push(c),
        }
        at += 1;
    }
    match chars.get(at + 1) {
        Some(c) if !c.is_whitespace() => Err(bad(at + 1, "a blank must follow a closing quote")),
        _ => Ok((typed, at + 1)),
    }
}

fn token(word: &str) -> Result<Token, String> {
    if let Some(name) = word.strip_prefix('@').filter(|name| !name.is_empty()) {
        return name
            .parse()
            .map(Token::Select)
            .map_err(|error| format!("{error}"));
    }
    if let Some(rest) = word.strip_prefix('?').filter(|rest| !rest.is_empty()) {
        return expectation(rest);
    }
    keys(word).map(Token::Keys)
}

fn expectation(rest: &str) -> Result<Token, String> {
    let help = "an expectation is written ?C=Z, with R, S, T, Z or gone";
    let (name, state) = rest.split_once('=').ok_or(help)?;
    let id = name.parse().map_err(|error| format!("{error}"))?;
    match state {
        "R" | "S" | "T" | "Z" => state
            .parse()
            .map(Expected::State)
            .map_err(|error| format!("{error}")),
        "gone" => Ok(Expected::Gone),
        _ => Err(help.to_owned()),
    }
    .map(|expected| Token::Expect(id, expected))
}

fn keys(word: &str) -> Result<Vec<Key>, String> {
    let mut keys = Vec::new();
    let mut rest = word;
    if let Some(after) = rest.strip_prefix('*').filter(|after| !after.is_empty()) {
        keys.push(Key::Char('*'));
        rest = after;
    }
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits < rest.len() {
        keys.extend(rest[..digits].chars().map(Key::Char));
        rest = &rest[digits..];
    }
    keys.push(one(rest)?);
    Ok(keys)
}

fn one(rest: &str) -> Result<Key, String> {
    let mut chars = rest.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if !c.is_control() => Ok(Key::Char(c)),
        (Some('<'), Some(_)) if rest.ends_with('>') => {
            let name = &rest[1..rest.len() - 1];
            Key::named(name).ok_or_else(|| format!("there is no key <{name}>"))
        }
        _ => Err(format!(
            "`{rest}` is more than one key: write a blank between keys"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_of(text: &str) -> Token {
        Token::Keys(text.chars().map(Key::Char).collect())
    }

    #[test]
    fn the_contracts_example() {
        let tokens = parse("f @A f f @B 7x @A w").expect("good keys");
        let lab = |n| Token::Select(ProcId::lab(n));
        let expected = [
            keys_of("f"),
            lab(0),
            keys_of("f"),
            keys_of("f"),
            lab(1),
            keys_of("7x"),
            lab(0),
            keys_of("w"),
        ];
        assert_eq!(tokens, expected);
    }

    #[test]
    fn every_kind_of_token() {
        let one = |text: &str| parse(text).expect("good keys").remove(0);
        assert_eq!(one("*f"), keys_of("*f"));
        assert_eq!(one("*3f"), keys_of("*3f"));
        assert_eq!(one("*"), keys_of("*"));
        assert_eq!(one("<C-c>"), Token::Keys(vec![Key::Ctrl('c')]));
        assert_eq!(one("<lt>"), keys_of("<"));
        assert_eq!(
            one("12<Down>"),
            Token::Keys(vec![Key::Char('1'), Key::Char('2'), Key::Down])
        );
        assert_eq!(one("@screen"), Token::Select(ProcId::Screen));
        assert_eq!(one(r#""say \"hi\" \\""#), Token::Text(r#"say "hi" \"#.into()));
        assert_eq!(one("?AB=gone"), Token::Expect(ProcId::lab(27), Expected::Gone));
        assert_eq!(
            one("?C=Z"),
            Token::Expect(ProcId::lab(2), Expected::State(State::ZOMBIE))
        );
        assert_eq!(one("?"), keys_of("?"));
        assert_eq!(one("@"), keys_of("@"));
    }

    #[test]
    fn tokens_are_written_as_they_are_read() {
        let text = r#"f *3f 7x <Down> <lt> <C-c> <Space> @AB "a \"b\" \\" ?C=gone ?A=Z"#;
        let written: Vec<String> = parse(text)
            .expect("good keys")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(written.join(" "), text);
    }

    #[test]
    fn what_is_wrong_and_where() {
        for (text, at) in [
            ("ff", 1),
            ("f  ff", 4),
            ("<Nope>", 1),
            ("@b", 1),
            ("?C=Q", 1),
            ("?C", 1),
            ("e \"sleep", 3),
            (r#""a\n""#, 4),
            (r#""a"b"#, 4),
        ] {
            assert_eq!(parse(text).expect_err(text).at, at, "{text}");
        }
    }
}
