//! The house, from the ground up: who may know whom, and where unsafe code may stand. docs/architecture.md tells why;
//! this reads the sources and holds it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each part may name, beside itself. Who is not listed may name everything: they put the parts together.
const MAY_KNOW: [(&str, &[&str]); 15] = [
    ("model", &[]),
    ("sys", &["model"]),
    ("poll", &["model"]),
    ("tty", &["model", "sys"]),
    ("lesson", &["model"]),
    ("program", &["model"]),
    ("trace", &["model", "sys"]),
    ("journal", &["model", "sys"]),
    // Keeper and lab are the two ends of one contract: what screen is given, and how all is swept away.
    ("lab", &["model", "sys", "program", "keeper"]),
    ("keeper", &["model", "sys", "lab", "tty"]),
    (
        "app",
        &[
            "model", "sys", "poll", "program", "lesson", "lab", "trace", "journal",
        ],
    ),
    // What lab is to keys, this is to a traced program: it performs what the app asks for.
    ("traced", &["model", "sys", "trace", "lab", "keeper", "app"]),
    ("input", &["app"]),
    ("ui", &["model", "app"]),
    ("export", &["model", "journal", "app", "ui"]),
];

/// All sources: the part of the house, the file, and its text.
fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut dirs = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).expect("src can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !is_test(&path) {
                let inside = path.strip_prefix(&root).expect("it is below src");
                let part = inside.iter().next().expect("it has a name").to_string_lossy();
                let part = part.trim_end_matches(".rs").to_owned();
                let text = fs::read_to_string(&path).expect("a source is UTF-8");
                found.push((part, path, text));
            }
        }
    }
    found
}

/// Tests may build what they need from anywhere.
fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests")
}

/// The parts that a source names as `crate::part`, in comments too: who need not know a part need not speak of it.
fn known(text: &str) -> BTreeSet<&str> {
    text.split("crate::")
        .skip(1)
        .map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_');
            &rest[..end.unwrap_or(rest.len())]
        })
        .filter(|part| !part.is_empty())
        .collect()
}

#[test]
fn nobody_knows_those_above() {
    let sources = sources();
    assert!(sources.len() > 50, "the sources were not found");
    for (part, path, text) in &sources {
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(name, _)| name == part) else {
            continue;
        };
        for other in known(text) {
            let may = other == part || allowed.contains(&other);
            assert!(may, "{}: {part} may not know {other}", path.display());
        }
    }
}

#[test]
fn unsafe_code_stands_in_sys_alone() {
    // It is denied in Cargo.toml, so whoever has any says `expect(unsafe_code)`.
    let found: BTreeSet<String> = sources()
        .into_iter()
        .filter(|(_, _, text)| text.contains("unsafe_code"))
        .map(|(part, _, _)| part)
        .collect();
    assert_eq!(found, BTreeSet::from(["sys".to_owned()]));
}

#[test]
fn each_unsafe_block_has_its_reason() {
    // clippy's `undocumented_unsafe_blocks` holds it too; this names every place, without clippy.
    let mut count = 0;
    for (_, path, text) in sources() {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| begins_unsafe(line)) {
            count += 1;
            let reason = reason_above(&lines[..at]);
            assert!(reason.is_some(), "{}:{}: {line}", path.display(), at + 1);
        }
    }
    assert!(count > 20, "the unsafe blocks were not found");
}

fn begins_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| word == "unsafe")
}

/// The comment above the statement that ends here, if it says why that is sound. A statement is a few lines at most.
fn reason_above<'a>(above: &[&'a str]) -> Option<&'a str> {
    let is_comment = |line: &str| line.trim_start().starts_with("//");
    let above = above.iter().rev();
    let comment = above.skip_while(|line| !is_comment(line) && !line.trim().is_empty());
    comment
        .take_while(|line| is_comment(line))
        .find(|line| line.trim_start().starts_with("// SAFETY: "))
        .copied()
}
