//! Text that no terminal can obey. What processes say of themselves may hold anything: their names, their
//! arguments, what they write. Whatever is shown passes through here first.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

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

/// The picture that Unicode has for a C0 control character.
fn picture(control: char) -> Option<char> {
    char::from_u32(0x2400 + u32::from(control))
}

fn turns_direction(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

fn is_accent(c: char) -> bool {
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
}
