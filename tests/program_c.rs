//! Runs every C program of the corpus twice, compiled by the machine's own judge, a C compiler, and stepped
//! by the machine over the real kernel, and compares what is printed and how it ends: on a terminal and into
//! pipes.
//!
//! This test has no harness of Rust's own: the machine forks really, and may do so only in a process of one
//! thread. So the test runs itself again, as the process that steps one program.

#![expect(unsafe_code, reason = "the kernel that the tests step over is the real one")]

#[path = "support/kernel.rs"]
mod kernel;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use forkscope::program::{Buffering, Machine, compile, run_to_end};
use nix::sys::termios::{LocalFlags, OutputFlags, SetArg, tcgetattr, tcsetattr};

use kernel::RealKernel;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    if let [_, command, buffering, file, rest @ ..] = args.as_slice()
        && command == "step"
    {
        step(Path::new(file), buffering == "pipe", rest);
    }
    // What runs tests asks for their names first.
    if args.iter().any(|arg| arg == "--list") {
        if !args.iter().any(|arg| arg == "--ignored") {
            println!("c_programs_do_what_a_compiler_makes_of_them: test");
        }
        return ExitCode::SUCCESS;
    }
    if Command::new("cc").arg("--version").output().is_err() {
        println!("skipped: no C compiler is installed");
        return ExitCode::SUCCESS;
    }
    let wanted = std::env::var("CORPUS").unwrap_or_default();
    let failed = programs()
        .iter()
        .filter(|program| program.to_string_lossy().contains(&wanted))
        .filter(|program| !same(program))
        .count();
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        println!("{failed} programs differ");
        ExitCode::FAILURE
    }
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
    // SAFETY: nobody else has a handler in this process; the program starts with the default, as after exec
    // from a shell.
    unsafe { nix::libc::signal(nix::libc::SIGPIPE, nix::libc::SIG_DFL) };
    let status = run_to_end(&mut machine, &mut RealKernel);
    unreachable!("the real kernel ends the process itself, and not with {status}")
}

/// The programs of the corpus and those that are shipped, in order.
fn programs() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let mut programs: Vec<PathBuf> = ["corpus/c", "programs"]
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).expect("a folder of programs"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .collect();
    programs.sort();
    programs
}

/// What a run came to.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    output: String,
    errors: String,
    code: Option<i32>,
    signal: Option<i32>,
}

/// Whether a program does the same under both, on a terminal and into pipes.
fn same(source: &Path) -> bool {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let binary = folder.path().join("program");
    let compiled = Command::new("cc")
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
    ["pipe", "terminal"].iter().all(|buffering| {
        let mut stepped = Command::new(std::env::current_exe().expect("this test"));
        stepped.args(["step", buffering]).arg(source);
        let terminal = *buffering == "terminal";
        let expected = run(Command::new(&binary), source, folder.path(), terminal);
        let found = run(stepped, source, folder.path(), terminal);
        // Which process a shipped program's line comes from is not fixed, nor are pids.
        let free = source.parent().is_some_and(|parent| parent.ends_with("programs"));
        let agree = if free {
            without_pids(&expected) == without_pids(&found)
        } else {
            expected == found
        };
        if !agree {
            println!(
                "{} ({buffering})\n  compiled: {expected:?}\n  stepped:  {found:?}",
                source.display()
            );
        }
        agree
    })
}

fn without_pids(run: &Run) -> (Vec<String>, Option<i32>) {
    let mut lines: Vec<String> = run
        .output
        .lines()
        .map(|line| {
            // A parent that has ended leaves 1 where its pid was.
            let words = line.split(' ').map(|word| match word.parse::<u32>() {
                Ok(number) if number > 10 || line.contains(" of ") => "pid",
                _ => word,
            });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect();
    lines.sort();
    (lines, run.code)
}

fn run(mut command: Command, source: &Path, folder: &Path, terminal: bool) -> Run {
    let input = fs::read(source.with_extension("in")).unwrap_or_default();
    let args = fs::read_to_string(source.with_extension("args")).unwrap_or_default();
    command
        .args(args.split_whitespace())
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped());
    let screen = terminal.then(|| {
        let pair = nix::pty::openpty(None, None).expect("a terminal");
        let mut modes = tcgetattr(&pair.slave).expect("its modes");
        modes.output_flags.remove(OutputFlags::OPOST);
        modes.local_flags.remove(LocalFlags::ECHO);
        tcsetattr(&pair.slave, SetArg::TCSANOW, &modes).expect("its modes");
        command.stdout(Stdio::from(pair.slave));
        File::from(pair.master)
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
        errors: String::from_utf8_lossy(&ended.stderr).into_owned(),
        code: ended.status.code(),
        signal: ended.status.signal(),
    }
}
