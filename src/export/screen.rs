//! The screen's picture as the cells that the SVG is made of.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::app::Theme;
use crate::journal::export::svg;

/// The cells of a picture.
pub fn grid(picture: &Buffer) -> svg::Grid {
    let cells = picture.content.iter().map(cell).collect();
    svg::Grid::new(picture.area.width.into(), cells)
}

/// The ground that a theme is made for.
pub const fn ground(theme: Theme) -> svg::Ground {
    match theme {
        Theme::Dark | Theme::Plain => svg::Ground::Dark,
        Theme::Light | Theme::Contrast => svg::Ground::Light,
    }
}

fn cell(cell: &Cell) -> svg::Cell {
    let has = |modifier| cell.modifier.contains(modifier);
    svg::Cell {
        symbol: cell.symbol().to_owned(),
        style: svg::Style {
            fg: colour(cell.fg),
            bg: colour(cell.bg),
            bold: has(Modifier::BOLD),
            underline: has(Modifier::UNDERLINED),
            crossed_out: has(Modifier::CROSSED_OUT),
            reversed: has(Modifier::REVERSED),
        },
    }
}

const fn colour(colour: Color) -> svg::Color {
    match number(colour) {
        Some(n) => svg::Color::Indexed(n),
        None => match colour {
            Color::Rgb(red, green, blue) => svg::Color::Rgb(red, green, blue),
            _ => svg::Color::Default,
        },
    }
}

/// The number of a colour among the terminal's 256; none for its own, and for those that are mixed.
pub const fn number(colour: Color) -> Option<u8> {
    Some(match colour {
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Indexed(n) => n,
        Color::Reset | Color::Rgb(..) => return None,
    })
}
