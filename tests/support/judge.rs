//! What the tests of both languages share: a program of the corpus is run by the judge of its language and stepped by
//! the machine over the real kernel, and both must print the same and end the same, on a terminal and into pipes.
//!
//! The machine forks really, and may do so only in a process of one thread. So such a test has no harness of Rust's
//! own, and runs itself again, as the process that steps one program.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use forkscope::model::Signal;
use forkscope::model::event::Action;
use forkscope::program::{Buffering, Machine, compile, run_to_end};
use forkscope::sys::signal::set_action;
use nix::sys::termios::{LocalFlags, OutputFlags, SetArg, tcgetattr, tcsetattr};

use crate::kernel::RealKernel;

/// Who says what a program of the language does.
pub struct Judge {
    /// The name of the test.
    pub test: &'static str,
    /// The folder of its programs in the corpus.
    pub folder: &'static str,
    /// The ending of their names.
    pub ending: &'static str,
    /// Asked for its version to see whether it is there.
    pub command: &'static str,
    /// Gives the words of the command that runs a program; it may leave files in the folder.
    pub prepare: fn(source: &Path, folder: &Path) -> Vec<OsString>,
    /// What may differ is taken out of what was written to standard error.
    pub errors: fn(&str) -> String,
}

impl Judge {
    /// Runs the test, or steps one program.
    pub fn main(&self) -> ExitCode {
        let args: Vec<String> = std::env::args().collect();
        if let [_, command, buffering, file, rest @ ..] = args.as_slice()
            && command == "step"
        {
            step(Path::new(file), buffering == "pipe", rest);
        }
        // What runs tests asks for their names first.
        if args.iter().any(|arg| arg == "--list") {
            if !args.iter().any(|arg| arg == "--ignored") {
                println!("{}: test", self.test);
            }
            return ExitCode::SUCCESS;
        }
        if Command::new(self.command).arg("--version").output().is_err() {
            println!("skipped: {} is not installed", self.command);
            return ExitCode::SUCCESS;
        }
        // A shell that starts a job in the background has it ignore the first two, and nohup(1) the third; who is
        // judged here would inherit that.
        for signal in [Signal::INT, Signal::QUIT, Signal::HUP] {
            set_action(signal, Action::Default).expect("each of them may be set");
        }
        let wanted = std::env::var("CORPUS").unwrap_or_default();
        let failed = self
            .programs()
            .iter()
            .filter(|program| program.to_string_lossy().contains(&wanted))
            .filter(|program| !self.agrees(program))
            .count();
        if failed == 0 {
            ExitCode::SUCCESS
        } else {
            println!("{failed} programs differ");
            ExitCode::FAILURE
        }
    }

    /// The programs of the corpus and those that are shipped, in order.
    fn programs(&self) -> Vec<PathBuf> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
        let mut programs: Vec<PathBuf> = [root.join("corpus").join(self.folder), root.join("programs")]
            .iter()
            .flat_map(|folder| fs::read_dir(folder).expect("a folder of programs"))
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == self.ending))
            .collect();
        programs.sort();
        programs
    }

    /// Whether a program does the same under both, on a terminal and into pipes.
    fn agrees(&self, source: &Path) -> bool {
        let workshop = scratch();
        let judged = (self.prepare)(source, workshop.path());
        ["pipe", "terminal"].iter().all(|buffering| {
            let mut stepped = Command::new(std::env::current_exe().expect("this test"));
            stepped.args(["step", buffering]).arg(source);
            let terminal = *buffering == "terminal";
            let mut command = Command::new(&judged[0]);
            command.args(&judged[1..]);
            let expected = self.run(command, source, terminal);
            let found = self.run(stepped, source, terminal);
            // Which process a shipped program's line comes from is not fixed, nor are pids.
            let free = source.parent().is_some_and(|parent| parent.ends_with("programs"));
            let agree = if free {
                without_pids(&expected) == without_pids(&found)
            } else {
                expected == found
            };
            if !agree {
                println!(
                    "{} ({buffering})\n  {}: {expected:?}\n  stepped: {found:?}",
                    source.display(),
                    self.command
                );
            }
            agree
        })
    }

    /// Runs a command in a folder of its own, in which there is nothing but the program.
    fn run(&self, mut command: Command, source: &Path, terminal: bool) -> Run {
        let folder = scratch();
        fs::copy(source, folder.path().join(source.file_name().expect("a file"))).expect("a copy");
        let input = fs::read(source.with_extension("in")).unwrap_or_default();
        let args = fs::read_to_string(source.with_extension("args")).unwrap_or_default();
        command
            .args(args.split_whitespace())
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stderr(Stdio::piped());
        let screen = terminal.then(|| {
            let (master, slave) = screen();
            command.stdout(slave);
            master
        });
        if screen.is_none() {
            command.stdout(Stdio::piped());
        }
        let mut child = command.spawn().expect("a program");
        // The terminal's other end must be held by the program alone, or its end is never seen.
        drop(command);
        child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(&input)
            .expect("room in the pipe");
        let mut output = Vec::new();
        match screen {
            // The end of a terminal is an error when it is read.
            Some(mut screen) => drop(screen.read_to_end(&mut output)),
            None => drop(child.stdout.take().expect("a pipe").read_to_end(&mut output)),
        }
        let ended = child.wait_with_output().expect("its end");
        Run {
            output: String::from_utf8_lossy(&output).into_owned(),
            errors: (self.errors)(&String::from_utf8_lossy(&ended.stderr)),
            code: ended.status.code(),
            signal: ended.status.signal(),
        }
    }
}

/// What a run came to.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    output: String,
    errors: String,
    code: Option<i32>,
    signal: Option<i32>,
}

/// Steps one program to its end, in this process.
fn step(file: &Path, pipe: bool, args: &[String]) -> ! {
    let source = fs::read_to_string(file).expect("a program of the corpus");
    let name = file.file_name().expect("a file").to_string_lossy().into_owned();
    let program = match compile(&name, &source) {
        Ok(program) => program,
        Err(rejected) => {
            eprintln!("{rejected}");
            std::process::exit(125);
        }
    };
    let buffering = if pipe { Buffering::Block } else { Buffering::Line };
    let args = [&[name], args].concat();
    let mut machine = Machine::new(Arc::new(program), &args, buffering);
    // SAFETY: nobody else has a handler in this process; the program starts with the default, as after exec from a shell.
    unsafe { nix::libc::signal(nix::libc::SIGPIPE, nix::libc::SIG_DFL) };
    let status = run_to_end(&mut machine, &mut RealKernel);
    unreachable!("the real kernel ends the process itself, and not with {status}")
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A terminal that shows what is written to it as it is.
fn screen() -> (File, Stdio) {
    let pair = nix::pty::openpty(None, None).expect("a terminal");
    let mut modes = tcgetattr(&pair.slave).expect("its modes");
    modes.output_flags.remove(OutputFlags::OPOST);
    modes.local_flags.remove(LocalFlags::ECHO);
    tcsetattr(&pair.slave, SetArg::TCSANOW, &modes).expect("its modes");
    (File::from(pair.master), Stdio::from(pair.slave))
}

fn without_pids(run: &Run) -> (Vec<String>, Option<i32>) {
    let mut lines: Vec<String> = run
        .output
        .lines()
        .map(|line| {
            // A parent that has ended leaves 1 where its pid was.
            let words = line.split([' ', ',']).map(|word| match word.parse::<u32>() {
                Ok(number) if number > 10 || line.contains(" of ") => "pid",
                _ => word,
            });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect();
    lines.sort();
    (lines, run.code)
}
