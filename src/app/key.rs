//! Keys as forkscope means them: only those that every keyboard and every terminal has.

use std::fmt;

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A character, Space among them.
    Char(char),
    /// A letter, with Ctrl held.
    Ctrl(char),
    /// The arrow.
    Up,
    /// The arrow.
    Down,
    /// The arrow.
    Left,
    /// The arrow.
    Right,
    /// Enter.
    Enter,
    /// Esc.
    Esc,
    /// Tab.
    Tab,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Backspace.
    Backspace,
}

/// The names that `--keys` writes between angle brackets.
const NAMES: [(&str, Key); 15] = [
    ("Up", Key::Up),
    ("Down", Key::Down),
    ("Left", Key::Left),
    ("Right", Key::Right),
    ("Enter", Key::Enter),
    ("Esc", Key::Esc),
    ("Space", Key::Char(' ')),
    ("Tab", Key::Tab),
    ("Home", Key::Home),
    ("End", Key::End),
    ("PageUp", Key::PageUp),
    ("PageDown", Key::PageDown),
    ("Backspace", Key::Backspace),
    ("lt", Key::Char('<')),
    ("gt", Key::Char('>')),
];

impl Key {
    /// The key that `--keys` calls `<name>`.
    pub fn named(name: &str) -> Option<Self> {
        if let Some(letter) = name.strip_prefix("C-") {
            let mut letters = letter.chars();
            return match (letters.next(), letters.next()) {
                (Some(letter @ 'a'..='z'), None) => Some(Self::Ctrl(letter)),
                _ => None,
            };
        }
        NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, key)| *key)
    }

    /// Its name between angle brackets; empty for a key that is written as itself.
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(_, known)| *known == self)
            .map_or("", |(name, _)| name)
    }
}

impl fmt::Display for Key {
    /// As the hint line and the help write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Char(' ') => f.pad("Space"),
            Self::Char(letter) => f.pad(letter.encode_utf8(&mut [0; 4])),
            Self::Ctrl(letter) => f.pad(&format!("Ctrl-{}", letter.to_ascii_uppercase())),
            Self::Up => f.pad("↑"),
            Self::Down => f.pad("↓"),
            Self::Left => f.pad("←"),
            Self::Right => f.pad("→"),
            Self::PageUp => f.pad("PgUp"),
            Self::PageDown => f.pad("PgDn"),
            key => f.pad(key.name()),
        }
    }
}
