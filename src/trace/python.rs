//! The lines of Python programs, which no debug information tells: the interpreter itself does.
//!
//! A `sitecustomize` that Python finds first on PYTHONPATH writes each process's line into a slot of a shared file,
//! and stops the process with SIGTRAP at each line if a byte of the slot asks for it. The tracer gives a newborn its
//! slot before it runs, so there is no moment without a line. `python -I`, `-S` and `-E` switch this off.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;

use super::fact::{Line, Place, Variable};
use super::scratch::Scratch;
use crate::model::Pid;

/// The slots of all processes.
#[derive(Debug)]
pub struct Slots {
    folder: Scratch,
    file: File,
}

/// What a process wrote of itself.
struct Slot(Vec<u8>);

const SLOTS: u64 = 4096;
const SIZE: u64 = 2048;
/// Where in a slot what stands; assets/sitecustomize.py has the same.
const LINE: usize = 8;
const WANTED: usize = 12;
const LENGTHS: usize = 16;
const TEXT: usize = 24;

impl Slots {
    /// Makes the shared file and, beside it, the module that Python will import.
    pub fn new() -> io::Result<Self> {
        let folder = Scratch::new()?;
        let module = include_str!("../../assets/sitecustomize.py");
        std::fs::write(folder.path().join("sitecustomize.py"), module)?;
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(folder.path().join("lines"))?;
        file.set_len(SLOTS * SIZE)?;
        Ok(Self { folder, file })
    }

    /// What Python has to find in its environment, given the PYTHONPATH it would have had.
    pub fn environment(&self, python_path: Option<&[u8]>) -> [(&'static str, OsString); 3] {
        let mut path = self.folder.path().as_os_str().to_owned();
        if let Some(rest) = python_path.filter(|rest| !rest.is_empty()) {
            path.push(":");
            path.push(std::ffi::OsStr::from_bytes(rest));
        }
        let lines = self.folder.path().join("lines").into_os_string();
        // Compiled copies would be left in a folder that has to be empty at the end.
        [
            ("PYTHONPATH", path),
            ("FORKSCOPE_LINES", lines),
            ("PYTHONDONTWRITEBYTECODE", "1".into()),
        ]
    }

    /// The line a process is at, if it runs Python.
    pub fn find(&self, pid: Pid) -> Option<Place> {
        self.slot(pid)?.place()
    }

    /// The variables there. They are written only if the process was asked to stop at its lines.
    pub fn variables(&self, pid: Pid) -> Vec<Variable> {
        self.slot(pid).map(|slot| slot.variables()).unwrap_or_default()
    }

    /// Asks a process to stop at each line, or no longer.
    pub fn want(&self, pid: Pid, stops: bool) {
        self.write(pid, WANTED, &[u8::from(stops)]);
    }

    /// Whether a process stops itself at its lines.
    pub fn stops(&self, pid: Pid) -> bool {
        self.slot(pid).is_some_and(|slot| slot.0[WANTED] != 0)
    }

    /// A newborn begins where its parent is.
    pub fn forked(&self, parent: Pid, child: Pid) {
        if let Some(Slot(mut bytes)) = self.slot(parent) {
            bytes[..4].copy_from_slice(&child.0.to_le_bytes());
            self.write(child, 0, &bytes);
        }
    }

    /// Whatever the process wrote is no longer so.
    pub fn forget(&self, pid: Pid) {
        if self.slot(pid).is_some() {
            self.write(pid, 0, &[0; TEXT]);
        }
    }

    fn slot(&self, pid: Pid) -> Option<Slot> {
        let mut bytes = vec![0; SIZE as usize];
        self.file.read_exact_at(&mut bytes, Self::offset(pid)).ok()?;
        let slot = Slot(bytes);
        (slot.number(0) == pid.0 as u32).then_some(slot)
    }

    fn write(&self, pid: Pid, at: usize, bytes: &[u8]) {
        // The file is as long as all its slots, so this only fails with the disk; then there are no lines.
        let _ = self.file.write_all_at(bytes, Self::offset(pid) + at as u64);
    }

    fn offset(pid: Pid) -> u64 {
        pid.0 as u64 % SLOTS * SIZE
    }
}

impl Slot {
    fn number(&self, at: usize) -> u32 {
        u32::from_le_bytes([self.0[at], self.0[at + 1], self.0[at + 2], self.0[at + 3]])
    }

    /// The three texts: file, function, variables. Lengths that do not fit read as nothing.
    fn texts(&self) -> [&[u8]; 3] {
        let mut begin = TEXT;
        [0, 1, 2].map(|n| {
            let at = LENGTHS + 2 * n;
            let length = u16::from_le_bytes([self.0[at], self.0[at + 1]]);
            let end = begin + usize::from(length);
            let text = self.0.get(begin..end).unwrap_or_default();
            begin = end;
            text
        })
    }

    fn place(&self) -> Option<Place> {
        let [file, function, _] = self.texts();
        let line = self.number(LINE);
        if line == 0 || file.is_empty() {
            return None;
        }
        Some(Place {
            function: Some(String::from_utf8_lossy(function).into()),
            line: Some(Line {
                file: Rc::new(PathBuf::from(std::ffi::OsStr::from_bytes(file))),
                line,
            }),
        })
    }

    fn variables(&self) -> Vec<Variable> {
        let [_, _, text] = self.texts();
        let words: Vec<_> = text
            .split(|&byte| byte == 0)
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect();
        words
            .chunks_exact(2)
            .map(|pair| Variable {
                name: pair[0].clone(),
                value: Some(pair[1].clone()),
                address: None,
            })
            .collect()
    }
}

/// The interpreter that `python3` stands for. It may be a script that looks for the right one, whose many
/// processes are not the user's.
pub fn interpreter() -> Option<OsString> {
    let answer = Command::new("python3")
        .args(["-c", "import sys; sys.stdout.write(sys.executable)"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    (answer.status.success() && !answer.stdout.is_empty()).then(|| OsString::from_vec(answer.stdout))
}

/// Whether a program is a Python interpreter, by its name.
pub fn is_python(program: &Path) -> bool {
    program.file_name().is_some_and(|name| {
        name.as_bytes().starts_with(b"python") || name.as_bytes().starts_with(b"libpython")
    })
}

/// The option that keeps Python from telling its lines, if one is among the arguments.
pub fn silencing_option(argv: &[String]) -> Option<&str> {
    argv.iter()
        .skip(1)
        .take_while(|argument| argument.starts_with('-') && *argument != "-c" && *argument != "-m")
        .find(|argument| !argument.starts_with("--") && argument.contains(['I', 'S', 'E']))
        .map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PID: Pid = Pid(5000);

    fn slots() -> Slots {
        let slots = Slots::new().expect("a temporary folder");
        slots.write(PID, 0, &5000_u32.to_le_bytes());
        slots.write(PID, LINE, &7_u32.to_le_bytes());
        slots.write(PID, LENGTHS, &[5, 0, 4, 0, 12, 0]);
        slots.write(PID, TEXT, b"/a.pymainn\x001\x00pid\x00'x'\x00");
        slots
    }

    #[test]
    fn a_slot_is_read_as_python_writes_it() {
        let slots = slots();
        let place = slots.find(PID).expect("a place");
        assert_eq!(place.to_string(), "a.py:7");
        assert_eq!(place.function.as_deref(), Some("main"));
        let variables: Vec<_> = slots
            .variables(PID)
            .into_iter()
            .map(|variable| (variable.name, variable.value.expect("a value")))
            .collect();
        assert_eq!(
            variables,
            [("n".into(), "1".into()), ("pid".into(), "'x'".into())]
        );
    }

    #[test]
    fn a_slot_belongs_to_one_pid() {
        let slots = slots();
        let other = Pid(PID.0 + SLOTS as i32);
        assert!(slots.find(other).is_none());
        slots.want(PID, true);
        slots.forked(PID, other);
        assert!(slots.find(PID).is_none());
        assert_eq!(slots.find(other).expect("a place").to_string(), "a.py:7");
        assert!(slots.stops(other));
        slots.forget(other);
        assert!(slots.find(other).is_none() && !slots.stops(other));
    }

    #[test]
    fn a_broken_slot_is_no_place() {
        let slots = slots();
        slots.write(PID, LENGTHS, &[0xff; 6]);
        assert!(slots.find(PID).is_none());
        assert!(slots.variables(PID).is_empty());
    }

    #[test]
    fn options_that_silence_are_seen() {
        let check = |argv: &[&str], option| {
            let argv: Vec<_> = argv.iter().map(|&argument| argument.to_owned()).collect();
            assert_eq!(silencing_option(&argv), option);
        };
        check(&["python3", "-I", "a.py"], Some("-I"));
        check(&["python3", "-uS", "a.py"], Some("-uS"));
        check(&["python3", "a.py", "-I"], None);
        check(&["python3", "-u", "-c", "-E"], None);
    }
}
