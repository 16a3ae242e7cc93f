//! Where the terminal has no more than ASCII: one pass over the finished picture puts a character of one column in
//! the place of every other.
//!
//! So no drawing code needs to know two sets of glyphs, and none can forget one: what leaves here is ASCII.

use ratatui::buffer::Buffer;

/// Leaves nothing but ASCII in the picture.
pub fn to_ascii(buf: &mut Buffer) {
    for cell in &mut buf.content {
        if !cell.symbol().is_ascii() {
            let plain = cell.symbol().chars().next().map_or(' ', plain);
            cell.set_char(plain);
        }
    }
}

/// What stands for a glyph.
const fn plain(glyph: char) -> char {
    match glyph {
        '─' | '–' | '·' => '-',
        '━' => '=',
        '┊' => ':',
        '●' => 'o',
        '│' => '|',
        '├' | '┬' | '┴' | '┤' | '┼' | '✓' => '+',
        '└' | '┘' => '`',
        '┌' | '┐' | '…' => '.',
        '▶' | '→' => '>',
        '▷' => ')',
        '◀' | '←' => '<',
        '▲' | '↑' | '\u{2400}'..='\u{2421}' => '^',
        '▼' | '↓' => 'v',
        '»' => '~',
        '×' | '✗' => 'x',
        '↵' => '/',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn every_glyph_has_a_stand_in_of_one_column() {
        let check = |text: &str, plain: &str| {
            let area = Rect::new(0, 0, 16, 1);
            let mut buf = Buffer::empty(area);
            buf.set_string(0, 0, text, Style::default());
            to_ascii(&mut buf);
            let line: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
            assert_eq!(line.trim_end(), plain);
        };
        check("▶»│  └─ A", ">~|  `- A");
        check("A → B · …", "A > B - .");
        check("größe 日本", "gr??e ? ?");
        check("␛[0m", "^[0m");
    }
}
