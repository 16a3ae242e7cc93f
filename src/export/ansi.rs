//! The screen's picture as lines of text with the escape sequences of ECMA-48 (SGR), for films.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::screen::number;
use crate::ui::text::width;

/// The modifiers that the screen uses, and their parameters of SGR.
const MODIFIERS: [(Modifier, u8); 6] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::REVERSED, 7),
    (Modifier::CROSSED_OUT, 9),
];

/// The picture, each line ended by a newline.
pub fn text(picture: &Buffer) -> String {
    let mut text = String::new();
    for row in picture.content.chunks(picture.area.width.max(1).into()) {
        let used = row
            .iter()
            .rposition(|cell| *cell != Cell::EMPTY)
            .map_or(0, |last| last + 1);
        line(&row[..used], &mut text);
        text.push('\n');
    }
    text
}

fn line(cells: &[Cell], text: &mut String) {
    let plain = Cell::EMPTY;
    let mut before = &plain;
    let mut at = 0;
    while let Some(cell) = cells.get(at) {
        if !looks_like(cell, before) {
            style(cell, text);
        }
        text.push_str(cell.symbol());
        before = cell;
        // The cell after a wide character is the other half of it.
        at += width(cell.symbol()).max(1);
    }
    if !looks_like(&plain, before) {
        text.push_str("\x1b[0m");
    }
}

fn looks_like(cell: &Cell, other: &Cell) -> bool {
    (cell.fg, cell.bg, cell.modifier) == (other.fg, other.bg, other.modifier)
}

fn style(cell: &Cell, text: &mut String) {
    text.push_str("\x1b[0");
    // Writing to a string cannot fail.
    for (modifier, parameter) in MODIFIERS {
        if cell.modifier.contains(modifier) {
            let _ = write!(text, ";{parameter}");
        }
    }
    for (colour, parameter) in [(cell.fg, 38), (cell.bg, 48)] {
        let _ = match (number(colour), colour) {
            (Some(n @ 0..8), _) => write!(text, ";{}", parameter - 8 + n),
            (Some(n), _) => write!(text, ";{parameter};5;{n}"),
            (None, Color::Rgb(red, green, blue)) => write!(text, ";{parameter};2;{red};{green};{blue}"),
            (None, _) => Ok(()),
        };
    }
    text.push('m');
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn check(pieces: &[(&str, Style)], expected: &str) {
        let mut picture = Buffer::empty(Rect::new(0, 0, 20, 1));
        let mut x = 0;
        for (piece, style) in pieces {
            (x, _) = picture.set_stringn(x, 0, piece, 20, *style);
        }
        assert_eq!(text(&picture), expected);
    }

    #[test]
    fn styles_begin_and_end() {
        let plain = Style::new();
        check(&[("plain ", plain), ("text", plain)], "plain text\n");
        check(
            &[
                ("a", plain.add_modifier(Modifier::BOLD).fg(Color::Cyan)),
                ("b", plain),
            ],
            "\x1b[0;1;36ma\x1b[0mb\n",
        );
        check(
            &[("日本", plain.fg(Color::Indexed(200)).bg(Color::Rgb(1, 2, 3)))],
            "\x1b[0;38;5;200;48;2;1;2;3m日本\x1b[0m\n",
        );
        check(
            &[(" ", plain.add_modifier(Modifier::REVERSED))],
            "\x1b[0;7m \x1b[0m\n",
        );
        check(&[], "\n");
    }
}
