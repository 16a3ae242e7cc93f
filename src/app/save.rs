//! What `o` writes, and to which file: the ending of the name says what.

use std::path::{Path, PathBuf};

/// A way of writing a session, or a moment of it, for other programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// The tree as text
    Text,
    /// The screen as a picture, its text as real text
    Svg,
    /// The tree for Mermaid
    Mermaid,
    /// The tree for Graphviz
    Dot,
    /// A film of the session for asciinema and other players of asciicasts
    Cast,
    /// All processes as JSON
    Json,
}

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saving {
    /// To which file.
    pub path: PathBuf,
    /// How.
    pub format: Format,
    /// The graph of all that happened instead of the tree.
    pub graph: bool,
}

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A recording of all so far, and from now on.
    Record(PathBuf),
    /// Something for other programs.
    Save(Saving),
}

/// The endings, and what they stand for. A recording has none of these formats.
const ENDINGS: [(&str, Option<Format>); 7] = [
    ("jsonl", None),
    ("svg", Some(Format::Svg)),
    ("txt", Some(Format::Text)),
    ("mmd", Some(Format::Mermaid)),
    ("dot", Some(Format::Dot)),
    ("cast", Some(Format::Cast)),
    ("json", Some(Format::Json)),
];

impl Format {
    /// Whether it can show the graph of all that happened.
    pub const fn has_graph(self) -> bool {
        matches!(self, Self::Text | Self::Mermaid | Self::Dot)
    }
}

/// Reads `tree.svg`, `"my tree.dot" graph`.
pub fn read(line: &str) -> Result<Wish, String> {
    let words = shlex::split(line).ok_or("a quote in the line is not closed")?;
    let (name, graph) = match words.as_slice() {
        [] => return Err("type the name of a file, such as forkscope.svg".to_owned()),
        [name] => (name, false),
        [name, graph] if graph == "graph" => (name, true),
        _ => {
            return Err(
                "after the name only the word graph may stand; put a name with blanks in quotes".to_owned(),
            );
        }
    };
    let path = PathBuf::from(name);
    match (format_of(&path)?, graph) {
        (None, false) => Ok(Wish::Record(path)),
        (Some(format), graph) if !graph || format.has_graph() => {
            Ok(Wish::Save(Saving { path, format, graph }))
        }
        _ => Err("the graph can be written as .txt, .mmd or .dot".to_owned()),
    }
}

/// The path itself if there is no such file, else with the first number from 2 on that is free: `tree-2.svg`.
pub fn free_name(path: &Path) -> PathBuf {
    if path.symlink_metadata().is_err() {
        return path.to_owned();
    }
    numbered(path, 2)
}

/// The path with the first number from `first` on that is free: `tree-2.svg`.
pub fn numbered(path: &Path, first: u32) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path
        .extension()
        .map(|ending| format!(".{}", ending.to_string_lossy()));
    let ending = ending.unwrap_or_default();
    (first..=u32::MAX)
        .map(|n| path.with_file_name(format!("{stem}-{n}{ending}")))
        .find(|path| path.symlink_metadata().is_err())
        .unwrap_or_else(|| path.to_owned())
}

fn format_of(path: &Path) -> Result<Option<Format>, String> {
    let ending = path
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    ENDINGS
        .iter()
        .find(|(known, _)| *known == ending)
        .map(|(_, format)| *format)
        .ok_or_else(|| {
            "end the name with .jsonl for a recording, or .svg, .txt, .mmd, .dot, .cast, .json".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_what_is_written() {
        let check = |line, path: &str, format, graph| {
            let path = path.into();
            assert_eq!(
                read(line),
                Ok(Wish::Save(Saving { path, format, graph })),
                "{line}"
            );
        };
        check("a.svg", "a.svg", Format::Svg, false);
        check("'my tree.dot' graph", "my tree.dot", Format::Dot, true);
        check("out/x.txt graph", "out/x.txt", Format::Text, true);
        check("x.tar.json", "x.tar.json", Format::Json, false);
        assert_eq!(read("class.jsonl"), Ok(Wish::Record("class.jsonl".into())));
    }

    #[test]
    fn no_file_is_written_over() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = |name| dir.path().join(name);
        let check = |name, free| {
            assert_eq!(free_name(&path(name)), path(free));
            std::fs::write(path(free), "").expect("room");
        };
        check("a.svg", "a.svg");
        check("a.svg", "a-2.svg");
        check("a.svg", "a-3.svg");
        check("a", "a");
        check("a", "a-2");
    }

    #[test]
    fn what_cannot_be_written_is_told() {
        for line in [
            "",
            "'a.svg",
            "main.c",
            "svg",
            "a.svg graph",
            "a.jsonl graph",
            "a b c",
            "a.dot tree",
        ] {
            read(line).expect_err(line);
        }
    }
}
