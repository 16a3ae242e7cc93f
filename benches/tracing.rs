//! How much tracing slows a program down, beside strace where it is installed.
//!
//! All ways run in turn, several rounds, so that a busy machine harms all alike; the table shows medians, and how many
//! times slower than untraced in the same round, the median of that too. `cargo bench --bench tracing`

use std::ffi::CString;
use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use forkscope::trace::{self, Settings, Tracer, headless};

const ROUNDS: usize = 11;

/// As long a silence as `trace` bears by default.
const PATIENCE: Duration = Duration::from_secs(10);

/// Forks `forks` children in turn; each makes `calls` system calls, exits, and is waited for.
const LOOP: &str = "
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
    int forks = atoi(argv[1]), calls = atoi(argv[2]);
    for (int i = 0; i < forks; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            for (int j = 0; j < calls; j++) syscall(SYS_getppid);
            _exit(0);
        }
        waitpid(pid, NULL, 0);
    }
    return 0;
}
";

/// A way to run a program.
enum Way {
    Untraced,
    Ours,
    Strace(&'static [&'static str]),
}

struct Case {
    name: &'static str,
    argv: Vec<String>,
    ways: Vec<(&'static str, Way)>,
}

fn main() {
    // `cargo test` runs benches too, and has no use for figures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = compile(folder.path());
    for case in cases(&program) {
        println!("{}", case.name);
        let times = measure(&case);
        for ((name, _), own) in case.ways.iter().zip(&times) {
            let ratios = own.iter().zip(&times[0]).map(|(own, untraced)| own / untraced);
            let ratio = median(ratios.collect());
            println!("  {name:24} {:8.1} ms  {ratio:6.2}x", median(own.clone()) * 1e3);
        }
    }
}

fn cases(program: &Path) -> Vec<Case> {
    let looping = |forks: u32, calls: u32| {
        let program = program.to_string_lossy().into_owned();
        vec![program, forks.to_string(), calls.to_string()]
    };
    let shell = [
        "/bin/sh",
        "-c",
        "i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i+1)); done",
    ];
    let ways = || {
        let mut ways = vec![("untraced", Way::Untraced), ("forkscope", Way::Ours)];
        if has_strace() {
            ways.push((
                "strace -f --seccomp-bpf",
                Way::Strace(&["-f", "--seccomp-bpf", "-e", "trace=%process"]),
            ));
            ways.push(("strace -f", Way::Strace(&["-f"])));
        }
        ways
    };
    let mut with_stacks = ways();
    if has_strace() {
        with_stacks.push(("strace -f -k", Way::Strace(&["-f", "-k", "-e", "trace=%process"])));
    }
    vec![
        Case {
            name: "1000 times fork, exit, wait",
            argv: looping(1000, 0),
            ways: ways(),
        },
        Case {
            name: "500 times fork, 100 system calls, exit, wait",
            argv: looping(500, 100),
            ways: ways(),
        },
        Case {
            name: "a shell runs /bin/true 100 times",
            argv: shell.map(str::to_owned).to_vec(),
            ways: ways(),
        },
        Case {
            name: "50 forks",
            argv: looping(50, 0),
            ways: with_stacks,
        },
    ]
}

/// The seconds that each way takes, in rounds over all of them.
fn measure(case: &Case) -> Vec<Vec<f64>> {
    let mut times = vec![Vec::new(); case.ways.len()];
    for _ in 0..ROUNDS {
        for ((_, way), times) in case.ways.iter().zip(&mut times) {
            let start = Instant::now();
            run(&case.argv, way);
            times.push(start.elapsed().as_secs_f64());
        }
    }
    times
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn run(argv: &[String], way: &Way) {
    match way {
        Way::Untraced => plain(&argv[0], &argv[1..]),
        Way::Strace(options) => {
            let output = ["-o", "/dev/null"];
            let options = options.iter().chain(&output).map(|&option| option.to_owned());
            plain("strace", &options.chain(argv.iter().cloned()).collect::<Vec<_>>());
        }
        Way::Ours => ours(argv),
    }
}

fn plain(program: &str, arguments: &[String]) {
    let status = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .status()
        .expect("the program starts");
    assert!(status.success(), "{program} {arguments:?}: {status}");
}

fn ours(argv: &[String]) {
    let text = |text: &[u8]| CString::new(text).expect("no zero bytes in between");
    let null = File::open("/dev/null").expect("/dev/null is there");
    let command = trace::Command {
        program: text(argv[0].as_bytes()),
        argv: argv.iter().map(|argument| text(argument.as_bytes())).collect(),
        environment: std::env::vars_os()
            .map(|(name, value)| text(&[name.as_bytes(), b"=", value.as_bytes()].concat()))
            .collect(),
        stdio: [null.as_fd(), null.as_fd(), null.as_fd()],
    };
    // As `trace --headless` has it.
    let settings = Settings {
        unattended: true,
        ..Settings::default()
    };
    let mut tracer = Tracer::start(&command, settings).expect("the program can be traced");
    let mut count = 0;
    headless::follow(&mut tracer, Some(PATIENCE), None, |_| count += 1).expect("waiting works");
    assert!(count > 0);
}

fn compile(folder: &Path) -> PathBuf {
    let (source, program) = (folder.join("loop.c"), folder.join("loop"));
    std::fs::write(&source, LOOP).expect("the folder can be written");
    let status = Command::new("cc")
        .args(["-g", "-O1", "-o"])
        .args([&program, &source])
        .status()
        .expect("a C compiler is installed");
    assert!(status.success());
    program
}

fn has_strace() -> bool {
    Command::new("strace")
        .arg("-V")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
