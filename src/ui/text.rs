//! Text that is safe and fits: what processes say of themselves may hold anything, and a cell grid takes only so much.
//!
//! Whatever enters the screen passes through [`harmless`], so no process can move the cursor, colour the screen, turn
//! the direction of writing or shift a column. Nothing here knows what a text means.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What a character becomes that must not reach a terminal and has no picture of its own.
const REPLACEMENT: char = '\u{fffd}';

/// The text without anything that a terminal could obey or that would shift a column.
///
/// Control characters become their pictures (ESC is `␛`), so that a reader sees that they were there. Marks that
/// turn the direction of writing are replaced. What has no width goes, but for one accent on a letter.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    let mut may_take_accent = false;
    for c in text.chars() {
        let (shown, is_letter) = match (c, c.width()) {
            ('\0'..='\u{1f}', _) => (picture(c), false),
            ('\u{7f}', _) => (Some('\u{2421}'), false),
            _ if turns_direction(c) => (Some(REPLACEMENT), false),
            (_, None) => (Some(REPLACEMENT), false),
            (_, Some(0)) => ((may_take_accent && is_accent(c)).then_some(c), false),
            (_, Some(_)) => (Some(c), c.is_alphabetic()),
        };
        safe.extend(shown);
        may_take_accent = is_letter;
    }
    Cow::Owned(safe)
}

/// The columns that a text takes, once it is harmless.
pub fn width(text: &str) -> usize {
    harmless(text).width()
}

/// The text in exactly `columns`: blanks fill it, an ellipsis says that something was cut.
pub fn fit(text: &str, columns: usize) -> String {
    let mut fitted = clip(text, columns);
    let used = fitted.width();
    fitted.extend(std::iter::repeat_n(' ', columns.saturating_sub(used)));
    fitted
}

/// The text in at most `columns`; an ellipsis says that something was cut.
pub fn clip(text: &str, columns: usize) -> String {
    let safe = harmless(text);
    if safe.width() <= columns {
        return safe.into_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let mut head = safe[..fitting(&safe, columns - 1)].to_owned();
    head.push('…');
    head
}

/// The text as lines of at most `columns`, broken between words; a longer word is broken where it must be.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let safe = harmless(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in safe.split(' ') {
        let gap = usize::from(!line.is_empty());
        if line.width() + gap + word.width() <= columns {
            line.extend((gap == 1).then_some(' '));
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word.to_owned();
        while rest.width() > columns {
            let (head, tail) = split(&rest, columns);
            lines.push(head);
            rest = tail;
        }
        line = rest;
    }
    lines.push(line);
    lines
}

/// As [`wrap`], in at most `height` lines; an ellipsis says that something was cut.
pub fn wrap_to(text: &str, columns: usize, height: usize) -> Vec<String> {
    let mut lines = wrap(text, columns);
    if lines.len() > height {
        let rest = lines.split_off(height.saturating_sub(1)).join(" ");
        lines.push(clip(&rest, columns));
        lines.truncate(height);
    }
    lines
}

/// The text as pieces of exactly as many columns as fit, blanks kept: for what must not be changed, such as output.
pub fn chunks(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut rest = harmless(text).into_owned();
    let mut pieces = Vec::new();
    while rest.width() > columns {
        let (head, tail) = split(&rest, columns);
        pieces.push(head);
        rest = tail;
    }
    pieces.push(rest);
    pieces
}

/// The longest head of at most `columns`, but at least one character, and what is left.
fn split(text: &str, columns: usize) -> (String, String) {
    let first = text.chars().next().map_or(0, char::len_utf8);
    let (head, tail) = text.split_at(fitting(text, columns).max(first));
    (head.to_owned(), tail.to_owned())
}

/// How many bytes of the text fit into `columns`.
fn fitting(text: &str, columns: usize) -> usize {
    let mut used = 0;
    text.char_indices()
        .find(|(_, c)| {
            used += c.width().unwrap_or(0);
            used > columns
        })
        .map_or(text.len(), |(at, _)| at)
}

/// The picture that Unicode has for a C0 control character.
fn picture(control: char) -> Option<char> {
    char::from_u32(0x2400 + u32::from(control))
}

/// Marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm, and the line separators.
const fn turns_direction(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// The accents of European writing.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        let check = |text: &str, shown: &str| {
            assert_eq!(harmless(text), shown);
            assert_eq!(harmless(shown), shown, "twice is as once");
        };
        check("sleep 60", "sleep 60");
        check("größe", "größe");
        check("\x1b[31mred\x1b[0m", "␛[31mred␛[0m");
        check("a\tb\r\n\0\x7f", "a␉b␍␊␀␡");
        check("\u{9b}31m", "\u{fffd}31m");
        check("abc\u{202e}cba", "abc\u{fffd}cba");
        check("\u{2066}x\u{2069}", "\u{fffd}x\u{fffd}");
        check("e\u{301}", "e\u{301}");
        check("e\u{301}\u{302}\u{303}", "e\u{301}");
        check("\u{301}e", "e");
        check("a\u{200b}\u{200d}\u{feff}b", "ab");
        check("日本", "日本");
    }

    #[test]
    fn what_does_not_fit_is_cut_and_says_so() {
        let check = |text, columns, shown: &str| {
            assert_eq!(fit(text, columns), shown);
            assert_eq!(width(shown), columns);
        };
        check("sleep", 7, "sleep  ");
        check("sleep", 5, "sleep");
        check("sleep 60", 6, "sleep…");
        check("日本語", 4, "日… ");
        check("日本語", 6, "日本語");
        check("x", 0, "");
    }

    #[test]
    fn lines_break_between_words() {
        let check = |text, columns, lines: &[&str]| assert_eq!(wrap(text, columns), lines);
        check("A has one child", 80, &["A has one child"]);
        check("A has one child", 9, &["A has one", "child"]);
        check("A has one child", 8, &["A has", "one", "child"]);
        check("abcdefgh ij", 3, &["abc", "def", "gh", "ij"]);
        check("", 10, &[""]);
        check("日本語", 1, &["日", "本", "語"]);
    }

    #[test]
    fn lines_that_are_too_many_are_cut() {
        let check = |height, lines: &[&str]| assert_eq!(wrap_to("A has one child", 9, height), lines);
        check(2, &["A has one", "child"]);
        check(1, &["A has on…"]);
        check(0, &[]);
    }

    #[test]
    fn chunks_keep_every_blank() {
        assert_eq!(chunks("a  b  c", 3), ["a  ", "b  ", "c"]);
        assert_eq!(chunks("日本語", 3), ["日", "本", "語"]);
    }
}
