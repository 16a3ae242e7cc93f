//! The parts of a line of C or Python that the listing tells apart: words of the language, calls, literals, comments.
//!
//! It does not parse. Where a program is wrong, its colours may be, and nothing else.

use crate::app::source::Language;
use crate::ui::theme::Ink;

/// What a line begins in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Code.
    #[default]
    Code,
    /// A comment of C that has not ended.
    Comment,
    /// A long string of Python, which three of this quote end.
    Long(char),
}

/// A piece of a line.
pub type Token = (Ink, String);

const C_WORDS: &[&str] = &[
    "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern",
    "float", "for", "if", "int", "long", "pid_t", "return", "short", "signed", "sizeof", "static", "struct",
    "switch", "typedef", "unsigned", "void", "volatile", "while",
];

const PYTHON_WORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// The pieces of a line that begins in `state`, which is left as the next line begins.
pub fn tokens(language: Language, line: &str, state: &mut State) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (ink, length) = next(language, rest, state);
        let (piece, after) = rest.split_at(length);
        tokens.push((ink, piece.to_owned()));
        rest = after;
    }
    tokens
}

/// What the first piece of `rest` is, and how many bytes it has: at least one character.
fn next(language: Language, rest: &str, state: &mut State) -> (Ink, usize) {
    match *state {
        State::Comment => return (Ink::Comment, until(rest, 0, "*/", state)),
        State::Long(quote) => return (Ink::Literal, until(rest, 0, &triple(quote), state)),
        State::Code => {}
    }
    let first = rest.chars().next().unwrap_or(' ');
    match (language, first) {
        (Language::C, '/') if rest.starts_with("//") => (Ink::Comment, rest.len()),
        (Language::C, '/') if rest.starts_with("/*") => {
            *state = State::Comment;
            (Ink::Comment, until(rest, 2, "*/", state))
        }
        (Language::C, '#') => (Ink::Keyword, rest.find(char::is_whitespace).unwrap_or(rest.len())),
        (Language::Python, '#') => (Ink::Comment, rest.len()),
        (Language::Python, quote @ ('"' | '\'')) if rest.starts_with(&triple(quote)) => {
            *state = State::Long(quote);
            (Ink::Literal, until(rest, 3, &triple(quote), state))
        }
        (_, quote @ ('"' | '\'')) => (Ink::Literal, string(rest, quote)),
        _ if first.is_ascii_digit() => (
            Ink::Literal,
            span_of(rest, |c| c.is_ascii_alphanumeric() || c == '.'),
        ),
        _ if is_in_word(first) => word(language, rest),
        _ => (Ink::Text, first.len_utf8()),
    }
}

/// The bytes up to the end of `end`, looked for from byte `from` on; if it is there, code follows.
fn until(rest: &str, from: usize, end: &str, state: &mut State) -> usize {
    match rest[from..].find(end) {
        Some(at) => {
            *state = State::Code;
            from + at + end.len()
        }
        None => rest.len(),
    }
}

fn triple(quote: char) -> String {
    String::from_iter([quote; 3])
}

/// The bytes of a string that begins here. One that is not closed ends with its line.
fn string(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// A name, which is a call where a parenthesis follows, or a word of the language.
fn word(language: Language, rest: &str) -> (Ink, usize) {
    let length = span_of(rest, is_in_word);
    let words = match language {
        Language::C => C_WORDS,
        Language::Python => PYTHON_WORDS,
    };
    let ink = if words.contains(&&rest[..length]) {
        Ink::Keyword
    } else if rest[length..].starts_with('(') {
        Ink::Call
    } else {
        Ink::Text
    };
    (ink, length)
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn span_of(rest: &str, belongs: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !belongs(c)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line in which each piece stands between the marks of its ink: `k` a word, `c` a call, `l` a literal, `#` a
    /// comment.
    fn marked(language: Language, line: &str, state: &mut State) -> String {
        let tokens = tokens(language, line, state);
        let pieces = tokens.into_iter().map(|(ink, piece)| match ink {
            Ink::Keyword => format!("k[{piece}]"),
            Ink::Call => format!("c[{piece}]"),
            Ink::Literal => format!("l[{piece}]"),
            Ink::Comment => format!("#[{piece}]"),
            _ => piece,
        });
        pieces.collect()
    }

    #[test]
    fn lines_of_c() {
        let check = |line, expected: &str| {
            let mut state = State::Code;
            assert_eq!(marked(Language::C, line, &mut state), expected);
            assert_eq!(state, State::Code);
        };
        check("pid_t pid = fork();", "k[pid_t] pid = c[fork]();");
        check("if (n == 0x1f) // no", "k[if] (n == l[0x1f]) #[// no]");
        check(r#"printf("a\"b %d", n);"#, r#"c[printf](l["a\"b %d"], n);"#);
        check("#include <stdio.h>", "k[#include] <stdio.h>");
        check("a /* b */ c", "a #[/* b */] c");
        check("größe = 'x", "größe = l['x]");
        check("", "");
    }

    #[test]
    fn lines_of_python() {
        let check = |line, expected: &str| {
            let mut state = State::Code;
            assert_eq!(marked(Language::Python, line, &mut state), expected);
        };
        check("pid = os.fork()", "pid = os.c[fork]()");
        check("if pid == 0:  # child", "k[if] pid == l[0]:  #[# child]");
        check("print('it''s')", "c[print](l['it']l['s'])");
    }

    #[test]
    fn what_goes_on_in_the_next_line() {
        let mut state = State::Code;
        assert_eq!(marked(Language::C, "x /* a", &mut state), "x #[/* a]");
        assert_eq!(marked(Language::C, "b */ y", &mut state), "#[b */] y");
        assert_eq!(marked(Language::Python, "\"\"\"doc", &mut state), "l[\"\"\"doc]");
        assert_eq!(
            marked(Language::Python, "end\"\"\" x", &mut state),
            "l[end\"\"\"] x"
        );
        assert_eq!(state, State::Code);
    }
}
