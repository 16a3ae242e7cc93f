//! Pictures of the styles: where the text pictures have a character, these have a letter for its style.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use super::{Theme, compare, family, render_to_buffer};

/// Every style of a picture gets a letter, in the order of appearance; `.` is the terminal's own.
pub fn style_map(buf: &Buffer) -> String {
    let mut known: Vec<Style> = Vec::new();
    let mut map = String::new();
    for row in buf.content.chunks(buf.area.width.into()) {
        let line: String = row
            .iter()
            .map(|cell| {
                let style = cell.style();
                if is_plain(style) {
                    return '.';
                }
                let at = known.iter().position(|other| *other == style).unwrap_or_else(|| {
                    known.push(style);
                    known.len() - 1
                });
                char::from(b'a' + at as u8)
            })
            .collect();
        map.push_str(line.trim_end_matches('.'));
        map.push('\n');
    }
    for (n, style) in known.iter().enumerate() {
        let letter = char::from(b'a' + n as u8);
        let colour = style.fg.unwrap_or(Color::Reset);
        writeln!(map, "{letter}: {colour} {:?}", style.add_modifier).expect("a String takes all");
    }
    map
}

fn is_plain(style: Style) -> bool {
    style.fg.is_none_or(|colour| colour == Color::Reset) && style.add_modifier == Modifier::empty()
}

#[test]
fn each_theme_has_its_styles() {
    let mut story = family();
    for theme in [Theme::Dark, Theme::Light, Theme::Contrast, Theme::Plain] {
        story.app.view.theme = theme;
        let picture = render_to_buffer(&story.press("f").app, 80, 24);
        compare(&format!("styles_{}", theme.name()), &style_map(&picture));
    }
}
