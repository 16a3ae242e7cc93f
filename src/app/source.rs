//! The text of the program that is stepped through, as the listing shows it.
//!
//! Where a process stands in it is in the world: this is only the text, read once.

use std::path::{Path, PathBuf};

use crate::journal::{Header, Program};
pub use crate::program::Language;

/// A program's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What the file is called, without its folders.
    pub name: String,
    /// What it is written in: C, also where that is not known.
    pub language: Language,
    /// Its lines, tabs turned into blanks.
    pub lines: Vec<String>,
    /// The text itself.
    pub text: String,
    /// The file that it was read from; none for a lesson's own program.
    pub file: Option<PathBuf>,
}

/// A tab leads to the next multiple of this.
const TAB: usize = 4;

impl Source {
    /// The text of a file that was read.
    pub fn of_file(file: &Path, text: &str) -> Self {
        Self {
            file: Some(file.to_owned()),
            ..Self::new(&file.to_string_lossy(), text)
        }
    }

    /// A text that is no file, though it would be called `path`.
    pub fn new(path: &str, text: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_python = name.rsplit_once('.').is_some_and(|(_, ending)| ending == "py");
        Self {
            name: name.to_owned(),
            language: if is_python { Language::Python } else { Language::C },
            lines: text.lines().map(without_tabs).collect(),
            text: text.to_owned(),
            file: None,
        }
    }

    /// The program that was stepped when that was recorded; none in the playground, and as long as there is no header.
    pub fn recorded(header: Option<&Header>) -> Option<Self> {
        let program = header?.program.as_ref()?;
        Some(Self::new(&program.name, &program.text))
    }
}

impl From<&Source> for Program {
    fn from(source: &Source) -> Self {
        Self {
            name: source.name.clone(),
            text: source.text.clone(),
        }
    }
}

fn without_tabs(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut column = 0;
    for c in line.chars() {
        let blanks = if c == '\t' { TAB - column % TAB } else { 0 };
        plain.extend(std::iter::repeat_n(' ', blanks));
        plain.extend((c != '\t').then_some(c));
        column += blanks.max(1);
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn tabs_lead_to_the_next_stop() {
        let check = |line: &str, plain: &str| assert_eq!(without_tabs(line), plain);
        check("\tx", "    x");
        check("ab\tx", "ab  x");
        check("abcd\tx", "abcd    x");
        check("x", "x");
    }

    #[test]
    fn a_listing_can_be_recorded() {
        let check = |name: &str, text| {
            let source = Source::new(name, text);
            let header = Header::new(UNIX_EPOCH, "").stepping(Some(Program::from(&source)));
            assert_eq!(Source::recorded(Some(&header)), Some(source));
        };
        check("copy.c", "int main(void) {\n\treturn 0;\n}\n");
        check("copy.py", "");
        check("copy.py", "\n\nprint()\n\n");
    }

    #[test]
    fn the_ending_tells_the_language() {
        let check = |path, name: &str, language| {
            let source = Source::new(path, "");
            assert_eq!((source.name.as_str(), source.language), (name, language));
        };
        check("/home/me/fork.py", "fork.py", Language::Python);
        check("copy.c", "copy.c", Language::C);
        check("py", "py", Language::C);
    }
}
