//! Text that is safe and fits: what processes say of themselves may hold anything, and a cell grid takes only so much.
//!
//! Whatever enters the screen passes through [`harmless`], so no process can move the cursor, colour the screen, turn
//! the direction of writing or shift a column. Nothing here knows what a text means.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub use crate::model::harmless;

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

/// An output in one line, its line ends marked.
pub fn on_one_line(output: &str) -> String {
    if output.is_empty() {
        "(nothing is printed)".to_owned()
    } else {
        output.trim_end().replace('\n', " ↵ ")
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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

    proptest! {
        #[test]
        fn whatever_the_text_it_fits_and_obeys(text in any::<String>(), columns in 0_usize..40) {
            let fitted = fit(&text, columns);
            prop_assert_eq!(fitted.width(), columns);
            prop_assert!(!fitted.contains(char::is_control));
            for line in wrap(&text, columns.max(2)) {
                prop_assert!(line.width() <= columns.max(2));
            }
            prop_assert_eq!(chunks(&text, columns).concat(), harmless(&text));
        }
    }
}
