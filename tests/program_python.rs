//! Runs every Python program of the corpus twice, by CPython, which is the judge, and stepped by the machine over the
//! real kernel, and compares what is printed and how it ends.

#![expect(unsafe_code, reason = "the kernel that the tests step over is the real one")]

#[path = "support/judge.rs"]
mod judge;
#[path = "support/kernel.rs"]
mod kernel;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use judge::Judge;

fn main() -> ExitCode {
    Judge {
        test: "python_programs_do_what_cpython_makes_of_them",
        folder: "python",
        ending: "py",
        command: "python3",
        prepare: interpreted,
        errors: without_source_lines,
    }
    .main()
}

/// The interpreter, kept from what the user's surroundings would change, in UTF-8.
fn interpreted(source: &Path, _: &Path) -> Vec<OsString> {
    let mut words: Vec<OsString> = ["python3", "-I", "-B", "-X", "utf8"].map(Into::into).into();
    words.extend(source.file_name().map(Into::into));
    words
}

/// A traceback without what the machine leaves out of it: the folder of the file, the text of the lines, and the
/// exceptions that came before.
fn without_source_lines(errors: &str) -> String {
    let last = errors
        .rfind("\n\nDuring handling of the above exception")
        .map_or(0, |at| at + errors[at..].find("Traceback").unwrap_or(0));
    errors[last..]
        .lines()
        .filter(|line| !line.starts_with("    "))
        .map(|line| match (line.strip_prefix("  File \""), line.rfind('/')) {
            (Some(_), Some(slash)) => format!("  File \"{}\n", &line[slash + 1..]),
            _ => format!("{line}\n"),
        })
        .collect()
}
