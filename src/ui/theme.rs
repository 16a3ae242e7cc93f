//! Styles by what they are for, never by colour.
//!
//! Text keeps the terminal's own colours, and colour is only ever an accent on a word that says the same: no single
//! ANSI colour is readable on both black and white, and not everybody tells red from green. So the dark theme has
//! cyan, yellow and green, the light one blue, magenta and red; contrast and plain have no colour. Many terminals
//! show what is bold in a brighter colour: on black that is well, on white it pales, so nothing there is both.

use ratatui::style::{Color, Modifier, Style};

use crate::app::Theme;

/// What a piece of the picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// What is read.
    Text,
    /// Lines that only divide.
    Rule,
    /// What stands in a frame or at the top.
    Title,
    /// The head of a column.
    Head,
    /// The selected row.
    Selected,
    /// The mark at the selected row.
    Pointer,
    /// A process that the last key made.
    Born,
    /// A process that has another parent since the last key.
    Moved,
    /// A process that was reaped since the last key.
    Reaped,
    /// A process that is dead and not reaped.
    Zombie,
    /// A process that sleeps until another does something.
    Waiting,
    /// A process that a signal or a tracer holds.
    Stopped,
    /// The name of a process.
    Name,
    /// A system call, or a command to type.
    Call,
    /// A key to press.
    Key,
    /// A sentence for the student.
    Notice,
    /// What is wrong with a line.
    Complaint,
    /// What was typed by the student.
    Typed,
    /// A word of a programming language.
    Keyword,
    /// A string or number in a program.
    Literal,
    /// A comment in a program.
    Comment,
}

/// The style of that ink in that theme.
pub const fn style(theme: Theme, ink: Ink) -> Style {
    let plain = Style::new();
    let bold = plain.add_modifier(Modifier::BOLD);
    match ink {
        Ink::Text => plain,
        Ink::Title | Ink::Name | Ink::Keyword => bold,
        Ink::Comment => plain.add_modifier(Modifier::ITALIC),
        Ink::Literal => accent(theme, Hue::New, plain),
        Ink::Reaped => plain.add_modifier(Modifier::CROSSED_OUT),
        Ink::Rule => match theme {
            Theme::Dark | Theme::Light => plain.add_modifier(Modifier::DIM),
            Theme::Contrast | Theme::Plain => plain,
        },
        Ink::Selected => match theme {
            Theme::Contrast => bold.add_modifier(Modifier::REVERSED),
            Theme::Dark | Theme::Light | Theme::Plain => bold,
        },
        Ink::Key => match theme {
            Theme::Contrast => bold.add_modifier(Modifier::REVERSED),
            _ => accent(theme, Hue::Calm, bold),
        },
        Ink::Zombie => accent(theme, Hue::Alarm, bold.add_modifier(Modifier::REVERSED)),
        Ink::Complaint => accent(theme, Hue::Alarm, bold),
        Ink::Notice | Ink::Stopped | Ink::Moved => accent(theme, Hue::Change, bold),
        Ink::Waiting | Ink::Pointer => accent(theme, Hue::Calm, bold),
        Ink::Head | Ink::Call => accent(theme, Hue::Calm, plain),
        Ink::Born => accent(theme, Hue::New, bold),
        Ink::Typed => accent(theme, Hue::New, plain.add_modifier(Modifier::ITALIC)),
    }
}

/// What a colour is there for.
#[derive(Clone, Copy)]
enum Hue {
    Calm,
    New,
    Change,
    Alarm,
}

const fn accent(theme: Theme, hue: Hue, style: Style) -> Style {
    let colour = match (theme, hue) {
        (Theme::Dark, Hue::Calm) => Color::Cyan,
        (Theme::Dark, Hue::New) => Color::Green,
        (Theme::Dark, Hue::Change | Hue::Alarm) => Color::Yellow,
        (Theme::Light, Hue::Calm | Hue::New) => Color::Blue,
        (Theme::Light, Hue::Change) => Color::Magenta,
        (Theme::Light, Hue::Alarm) => Color::Red,
        (Theme::Contrast | Theme::Plain, _) => return style,
    };
    match theme {
        Theme::Light => style.remove_modifier(Modifier::BOLD).fg(colour),
        _ => style.fg(colour),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Ink; 21] = [
        Ink::Text,
        Ink::Rule,
        Ink::Title,
        Ink::Head,
        Ink::Selected,
        Ink::Pointer,
        Ink::Born,
        Ink::Moved,
        Ink::Reaped,
        Ink::Zombie,
        Ink::Waiting,
        Ink::Stopped,
        Ink::Name,
        Ink::Call,
        Ink::Key,
        Ink::Notice,
        Ink::Complaint,
        Ink::Typed,
        Ink::Keyword,
        Ink::Literal,
        Ink::Comment,
    ];

    #[test]
    fn each_theme_keeps_to_colours_that_its_background_bears() {
        let check = |theme, colours: &[Color]| {
            for ink in ALL {
                let style = style(theme, ink);
                assert_eq!(style.bg, None, "{theme:?} {ink:?}");
                if let Some(colour) = style.fg {
                    assert!(colours.contains(&colour), "{theme:?} {ink:?} is {colour}");
                }
            }
        };
        check(Theme::Dark, &[Color::Cyan, Color::Yellow, Color::Green]);
        check(Theme::Light, &[Color::Blue, Color::Magenta, Color::Red]);
        check(Theme::Contrast, &[]);
        check(Theme::Plain, &[]);
    }

    #[test]
    fn on_white_no_colour_is_bold() {
        for ink in ALL {
            let style = style(Theme::Light, ink);
            assert!(
                style.fg.is_none() || !style.add_modifier.contains(Modifier::BOLD),
                "{ink:?}"
            );
        }
    }

    #[test]
    fn only_what_divides_is_dim() {
        for theme in [Theme::Dark, Theme::Light, Theme::Contrast, Theme::Plain] {
            for ink in ALL {
                let is_dim = style(theme, ink).add_modifier.contains(Modifier::DIM);
                assert!(!is_dim || ink == Ink::Rule, "{theme:?} {ink:?}");
            }
        }
    }
}
