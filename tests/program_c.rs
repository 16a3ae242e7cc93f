//! Runs every C program of the corpus twice, compiled by gcc, which is the judge, and stepped by the machine over the real kernel,
//! and compares what is printed and how it ends.

#![expect(unsafe_code, reason = "the kernel that the tests step over is the real one")]

#[path = "support/judge.rs"]
mod judge;
#[path = "support/kernel.rs"]
mod kernel;

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use judge::Judge;

fn main() -> ExitCode {
    Judge {
        test: "c_programs_do_what_a_compiler_makes_of_them",
        folder: "c",
        ending: "c",
        command: "gcc",
        prepare: compiled,
        errors: str::to_owned,
    }
    .main()
}

/// The binary of a program.
fn compiled(source: &Path, folder: &Path) -> Vec<OsString> {
    let binary = folder.join("program");
    let compiled = Command::new("gcc")
        .args(["-std=gnu17", "-w", "-O0", "-o"])
        .args([&binary, source])
        .output()
        .expect("the compiler runs");
    assert!(
        compiled.status.success(),
        "{}: {}",
        source.display(),
        String::from_utf8_lossy(&compiled.stderr)
    );
    vec![binary.into()]
}
