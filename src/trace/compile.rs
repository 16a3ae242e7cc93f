//! Making a program of one C file before it is traced.
//!
//! The compiler is the system's `cc`, with debug information and without optimisation, so that each line is
//! where its author put it. What the compiler says is passed on as it is.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::scratch::Scratch;

/// A compiled program. Its folder is removed with this.
#[derive(Debug)]
pub struct Compiled {
    program: PathBuf,
    warnings: String,
    _folder: Scratch,
}

/// Why there is no program.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// Nothing to compile with.
    #[error("no C compiler is installed: `cc` is not found; `forkscope run` needs none")]
    NoCompiler,
    /// The compiler's own words.
    #[error("{0}")]
    Refused(String),
    /// The machine's trouble.
    #[error("{} cannot be compiled: {error}", .source_file.display())]
    Io {
        /// What was to be compiled.
        source_file: PathBuf,
        /// What failed.
        error: io::Error,
    },
}

/// Compiles a file of C into a temporary folder.
pub fn compile(source: &Path) -> Result<Compiled, CompileError> {
    let trouble = |error| CompileError::Io {
        source_file: source.to_owned(),
        error,
    };
    let folder = Scratch::new().map_err(trouble)?;
    // Its name is that of the source, because `ps` and the tree show it.
    let program = folder
        .path()
        .join(source.file_stem().unwrap_or(source.as_os_str()));
    // Debug information names files relative to where the compiler ran, which the temporary folder is not.
    let source = std::path::absolute(source).map_err(trouble)?;
    let flags = ["-g", "-O0", "-Wall", "-pthread", "-o"].map(OsString::from);
    let output = Command::new("cc")
        .args(flags)
        .arg(&program)
        .arg(&source)
        .output()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => CompileError::NoCompiler,
            _ => trouble(error),
        })?;
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        Ok(Compiled {
            program,
            warnings: words,
            _folder: folder,
        })
    } else {
        Err(CompileError::Refused(words))
    }
}

impl Compiled {
    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// What the compiler warned of; empty if nothing.
    pub fn warnings(&self) -> &str {
        &self.warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(text: &str) -> Result<Compiled, CompileError> {
        let folder = tempfile::tempdir().expect("a folder");
        let source = folder.path().join("homework.c");
        std::fs::write(&source, text).expect("it can be written");
        compile(&source)
    }

    #[test]
    fn a_program_is_named_like_its_source_and_vanishes_with_its_folder() {
        let program = compiled("int main(void) { return 0; }").expect("it compiles");
        let path = program.program().to_owned();
        assert_eq!(path.file_name().expect("a name"), "homework");
        assert!(path.is_file());
        drop(program);
        assert!(!path.exists());
    }

    #[test]
    fn the_compilers_words_are_passed_on() {
        let error = compiled("int main(void) { retrun 0; }").expect_err("it does not compile");
        let words = error.to_string();
        assert!(
            words.contains("homework.c:1") && words.contains("retrun"),
            "{words}"
        );
        let program = compiled("int main(void) { int unused; return 0; }").expect("it compiles");
        assert!(program.warnings().contains("unused"), "{}", program.warnings());
    }
}
