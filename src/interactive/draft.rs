//! A program's text while the student's editor has it: the file itself, or for a lesson's program a copy.
//!
//! The copy lives in the directory for temporary files while it is edited and no longer: what becomes of it is stepped
//! as a text. Who lends
//! the terminal to the editor is [`editor`](super::editor).

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::app::Source;
use crate::model::WaitStatus;

/// How long a lesson's program may become, in bytes: it goes through the keeper, in one message.
const LONGEST_COPY: usize = 16 * 1024;

/// What an editor opens.
#[derive(Debug)]
pub struct Draft {
    file: PathBuf,
    /// Where the copy lies; none for a file of the student's own.
    folder: Option<PathBuf>,
    /// What the program is called.
    pub name: String,
    before: String,
}

impl Draft {
    /// The file of `source`, or a copy of its text.
    pub fn open(source: &Source) -> Result<Self, String> {
        let mut draft = Self {
            file: source.file.clone().unwrap_or_default(),
            folder: None,
            name: source.name.clone(),
            before: source.text.clone(),
        };
        if source.file.is_none() {
            let folder = new_folder().map_err(|error| format!("There is no place for a copy: {error}."))?;
            draft.file = folder.join(&source.name);
            draft.folder = Some(folder);
            write_copy(&draft.file, &source.text)
                .map_err(|error| format!("{} cannot be written: {error}.", draft.file.display()))?;
        }
        Ok(draft)
    }

    /// What the editor is to open.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What the editor has left, by what was read of its end; none if the text is as before. The error is a sentence.
    pub fn close(&self, end: &[u8]) -> Result<Option<String>, String> {
        match serde_json::from_slice(end) {
            Ok(WaitStatus::Exited(0)) => {}
            Ok(WaitStatus::Exited(126 | 127)) | Err(_) => {
                return Err("No editor could be started: set VISUAL or EDITOR to one.".to_owned());
            }
            Ok(status) => {
                return Err(format!(
                    "The editor has ended with {status}: the program goes on."
                ));
            }
        }
        let text = fs::read_to_string(&self.file)
            .map_err(|error| format!("{} cannot be read: {error}.", self.file.display()))?;
        if self.folder.is_some() && text.len() > LONGEST_COPY {
            return Err(format!(
                "{} is longer than {LONGEST_COPY} bytes: step it with run.",
                self.name
            ));
        }
        Ok((text != self.before).then_some(text))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // What cannot be removed is swept with the other temporary files.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// A new directory that nobody else may enter.
fn new_folder() -> io::Result<PathBuf> {
    let base = std::env::temp_dir();
    let pid = std::process::id();
    let mut n = 0_u32;
    loop {
        let folder = base.join(format!("forkscope-{pid}-{n}"));
        match fs::DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => n += 1,
            other => return other.map(|()| folder),
        }
    }
}

fn write_copy(file: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(file)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(status: WaitStatus) -> Vec<u8> {
        serde_json::to_vec(&status).expect("a status is text and numbers")
    }

    /// A copy of "int x;" is left as `after` by an editor that ends so.
    fn check(after: &str, end: &[u8], left: Result<Option<&str>, &str>) {
        let draft = Draft::open(&Source::new("fork.c", "int x;\n")).expect("a place for it");
        assert_eq!(draft.file().file_name(), Some("fork.c".as_ref()));
        assert_eq!(fs::read_to_string(draft.file()).expect("it is there"), "int x;\n");
        fs::write(draft.file(), after).expect("it may be changed");
        let left = left.map(|text| text.map(str::to_owned)).map_err(str::to_owned);
        assert_eq!(draft.close(end), left);
        let folder = draft.folder.clone().expect("a copy has one");
        drop(draft);
        assert!(!folder.exists(), "the copy is left behind");
    }

    #[test]
    fn a_changed_text_is_taken() {
        check("int y;\n", &end(WaitStatus::Exited(0)), Ok(Some("int y;\n")));
        check("int x;\n", &end(WaitStatus::Exited(0)), Ok(None));
    }

    #[test]
    fn what_the_editor_gave_up_is_not() {
        let check = |status, why| check("int y;\n", &end(status), Err(why));
        check(
            WaitStatus::Exited(1),
            "The editor has ended with exit 1: the program goes on.",
        );
        check(
            WaitStatus::Exited(127),
            "No editor could be started: set VISUAL or EDITOR to one.",
        );
        check(
            WaitStatus::signaled(crate::model::Signal::KILL),
            "The editor has ended with SIGKILL: the program goes on.",
        );
    }

    #[test]
    fn an_editor_that_nobody_reports_was_none() {
        check(
            "int y;\n",
            b"",
            Err("No editor could be started: set VISUAL or EDITOR to one."),
        );
    }

    #[test]
    fn a_copy_has_a_greatest_length() {
        let long = "x".repeat(LONGEST_COPY + 1);
        let why = "fork.c is longer than 16384 bytes: step it with run.";
        check(&long, &end(WaitStatus::Exited(0)), Err(why));
    }

    #[test]
    fn a_file_of_ones_own_is_edited_in_its_place() {
        let source = Source::of_file(Path::new("/home/me/fork.c"), "int x;\n");
        let draft = Draft::open(&source).expect("nothing is copied");
        assert_eq!(
            (draft.file(), &draft.folder),
            (Path::new("/home/me/fork.c"), &None)
        );
    }
}
