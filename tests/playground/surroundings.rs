//! Where forkscope runs: other users, namespaces, a hidden or missing /proc, tight limits, strange terminals. What a
//! machine does not allow is skipped, and said. docs/where-it-runs.md has the table.

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Output, Stdio};

use super::game::Game;
use super::headless::Run;
use super::lab::{FORKSCOPE, Mark};
use super::pty::Terminal;

/// A forks B and C, B ends with 7, and A reaps it.
const KEYS: &str = "f @A f f @B 7x @A w";

/// Runs a script of bash(1) in which `forkscope` is the program and `$KEYS` are [`KEYS`]; none if this machine cannot make
/// the surroundings, which `surroundings` alone, run before, tells.
fn run_in(surroundings: &[&str], script: &str) -> Option<Output> {
    // Another user may not be able to read where the program was built.
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("it is ours");
    std::fs::copy(FORKSCOPE, folder.path().join("forkscope")).expect("a copy");
    let path = format!(
        "{}:{}",
        folder.path().display(),
        std::env::var("PATH").expect("a path")
    );
    let mark = Mark::new();
    let run = |script: &str| {
        let words = [surroundings, &["bash", "-c", script]].concat();
        mark.command(words[0])
            .args(&words[1..])
            .env("PATH", &path)
            .env("KEYS", KEYS)
            .stdin(Stdio::null())
            .output()
    };
    if !run("true").is_ok_and(|output| output.status.success()) {
        let _ = writeln!(
            std::io::stderr(),
            "not possible here, not tested: {surroundings:?}"
        );
        return None;
    }
    Some(run(script).expect("it ran a moment ago"))
}

/// The key string has the outcome that it has everywhere.
#[track_caller]
fn plays(surroundings: &[&str], before: &str) {
    let script = format!("{before} forkscope play --headless --json --keys \"$KEYS\"");
    if let Some(here) = played(surroundings, &script) {
        assert_eq!(here.shape(), super::headless::play(KEYS).shape());
    }
}

/// What came of keys in a script that plays some.
#[track_caller]
fn played(surroundings: &[&str], script: &str) -> Option<Run> {
    let output = run_in(surroundings, script)?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", output.status);
    Some(Run::read(&output.stdout))
}

/// It is refused with this sentence, and nothing was started.
#[track_caller]
fn refuses(surroundings: &[&str], before: &str, sentence: &str) {
    let script = format!("{before} forkscope play --headless --keys \"$KEYS\"");
    let Some(output) = run_in(surroundings, &script) else {
        return;
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains(sentence), "{stderr}");
    assert_eq!(output.stdout, b"");
}

const NOBODY: [&str; 6] = [
    "setpriv",
    "--reuid",
    "65534",
    "--regid",
    "65534",
    "--clear-groups",
];

#[test]
fn as_nobody() {
    plays(&NOBODY, "");
}

#[test]
fn as_the_first_process_of_a_namespace() {
    plays(&["unshare", "-Urpf", "--mount-proc"], "");
}

/// The group that the terminal belongs to is outside of the namespace, and is called 0 inside.
#[test]
fn as_the_first_process_on_the_terminal() {
    let namespace = ["unshare", "-Urpf", "--mount-proc"];
    if run_in(&namespace, "true").is_none() {
        return;
    }
    let args = [&namespace[1..], &[FORKSCOPE, "play", "--keys", "f"]].concat();
    let mut game = Game::started(Terminal::run_in((24, 80), &[], namespace[0], &args));
    game.terminal.shows("1 alive");
    game.terminal.press("\x03");
    game.is_gone_soon();
    game.terminal_is_as_before();
    assert_eq!(game.code(), 0);
}

/// Where the student is root, if only of a namespace, the kernel can be told which pid it gave last, and then gives that
/// of a process that was reaped once more.
#[test]
fn where_a_pid_comes_again() {
    // C's pid is one above B's.
    let again = "echo $(($$ - 2)) > /proc/sys/kernel/ns_last_pid";
    let keys = format!(r#"f @A 2f @B x @A w @C e "sh -c '{again}'" <Enter> ?C=Z @A w f"#);
    let keys = shlex::try_quote(&keys).expect("no zero byte");
    let script = format!("forkscope play --headless --json --keys {keys}");
    let Some(run) = played(&["unshare", "-Urpf", "--mount-proc"], &script) else {
        return;
    };
    let pid_of = |name: &str| {
        let births = run.facts.iter().filter(|fact| fact["event"] == "born");
        let mut pids = births
            .filter(|fact| fact["proc"] == name)
            .map(|fact| &fact["pid"]);
        pids.next().unwrap_or_else(|| panic!("{name} was not born"))
    };
    assert_eq!(pid_of("B"), pid_of("D"));
    let lives = |row: &String| row.starts_with(r#""D" of "A": "S""#);
    assert!(run.shape().iter().any(lives), "{:?}", run.shape());
}

#[test]
fn where_the_processes_of_others_are_hidden() {
    let hidden = [
        "unshare",
        "-m",
        "sh",
        "-c",
        "mount -t proc -o hidepid=2 proc /proc && exec \"$@\"",
        "sh",
    ];
    plays(&[&hidden[..], &NOBODY].concat(), "");
}

#[test]
fn without_proc() {
    refuses(
        &[
            "unshare",
            "-m",
            "sh",
            "-c",
            "umount -l /proc && exec \"$@\"",
            "sh",
        ],
        "",
        "mount -t proc",
    );
}

/// In a root directory with nothing but forkscope, the libraries it is linked to, /proc and /dev/null. A static one is
/// linked to none.
#[test]
fn as_the_only_file() {
    let root = r#"
        set -e
        root=$(mktemp -d -p "${PATH%%:*}")
        mkdir "$root/bin" "$root/dev" "$root/proc"
        cp "$(command -v forkscope)" "$root/bin"
        for library in $(ldd "$root/bin/forkscope" | grep -o '/[^ ]*'); do cp --parents "$library" "$root"; done
        touch "$root/dev/null"
        mount --bind /dev/null "$root/dev/null"
        mount -t proc proc "$root/proc"
        PATH=$PATH:/bin exec chroot "$root""#;
    plays(&["unshare", "-Urmpf"], root);
}

#[test]
fn without_ptys() {
    plays(
        &[
            "unshare",
            "-m",
            "sh",
            "-c",
            "umount -l /dev/pts && exec \"$@\"",
            "sh",
        ],
        "",
    );
}

#[test]
fn with_few_descriptors() {
    plays(&[], "ulimit -n 264;");
    refuses(&[], "ulimit -n 263;", "use --limit 39 or less");
    refuses(&[], "ulimit -n 20;", "raise it");
}

#[test]
fn with_little_memory() {
    plays(&[], "ulimit -v 100000;");
}

#[test]
fn a_limit_on_processes_is_a_fact() {
    // Root is above that limit, and so are the processes that nobody else may have: a user of its own.
    let user = [
        "setpriv",
        "--reuid",
        "64999",
        "--regid",
        "64999",
        "--clear-groups",
    ];
    let script = "ulimit -u 4; exec forkscope play --headless --json --keys 'f @A f f'";
    let Some(output) = run_in(&user, script) else {
        return;
    };
    let run = Run::read(&output.stdout);
    let failed = run.facts.iter().filter(|fact| fact["errno"] == "EAGAIN").count();
    assert_eq!(failed, 1, "{:?}", run.facts);
}

/// Every terminal that can place text shows the whole picture.
#[test]
fn terminals_and_languages() {
    for term in ["linux", "xterm", "screen", "tmux", "vt100"] {
        for lang in ["C", "de_DE.UTF-8"] {
            let env = [("TERM", term), ("LC_ALL", lang)];
            let mut terminal = Terminal::run_in((24, 80), &env, FORKSCOPE, &["play", "--keys", "f f"]);
            terminal.shows("2 alive");
            terminal.shows("q quit");
            terminal.press("Q");
            terminal.shows("Q does nothing here");
            terminal.press("\x03");
            assert!(terminal.ended().success(), "{term} {lang}");
        }
    }
}

#[test]
fn windows_of_every_size() {
    for (rows, columns) in [(24, 80), (10, 40), (100, 300), (18, 60)] {
        let mut terminal = Terminal::run_in((rows, columns), &[], FORKSCOPE, &["play", "--keys", "f f"]);
        terminal.until("both rows", |terminal| {
            let text = terminal.screen().contents();
            text.contains(" A ") && text.contains(" B ")
        });
        terminal.press("\x03");
        assert!(terminal.ended().success(), "{columns}x{rows}");
    }
}

#[test]
fn a_dumb_terminal_is_told_so() {
    for term in ["dumb", ""] {
        let mut terminal = Terminal::run_in((24, 80), &[("TERM", term)], FORKSCOPE, &["play"]);
        assert_eq!(terminal.ended().code(), Some(2), "{term}");
        terminal.shows("TERM");
    }
}
