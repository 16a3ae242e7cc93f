//! What each kind of process holds: exactly the descriptors of the design, and screen a single thread.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use super::game::{Game, Host};
use super::kernel::{self, Stat};
use super::lab::FORKSCOPE;
use super::pty::Terminal;

/// A lab process that screen forked, one that a lab process forked, an exec'd program, and a child of one.
const KEYS: &str =
    r#"f @A f @screen 2f @C e "sleep 60" <Enter> @D e "sh -c 'sleep 61 & wait'" <Enter> @keeper"#;

fn started() -> Game {
    let mut game = Game::start(Host::Bare, &["play", "--keys", KEYS]).expect("it needs no shell");
    game.terminal.shows("▶  keeper");
    game.terminal.shows("sleep 61");
    game
}

/// The processes of a game by what they run; those that sleep apart by their parent.
fn of(game: &Game, which: impl Fn(&Stat) -> bool) -> Vec<i32> {
    let family = kernel::family(game.keeper);
    family
        .values()
        .filter(|stat| which(stat))
        .map(|stat| stat.pid)
        .collect()
}

/// Descriptors from 3 up, by kind: `socket`, `pipe`, `pidfd` and so on.
fn kinds(fds: &BTreeMap<i32, String>) -> Vec<&str> {
    let mut kinds: Vec<&str> = fds
        .iter()
        .filter(|(fd, _)| **fd > 2)
        .map(|(_, target)| kind(target))
        .collect();
    kinds.sort_unstable();
    kinds
}

fn kind(target: &str) -> &str {
    match target {
        target if target.contains("pidfd") => "pidfd",
        target if target.contains("signalfd") => "signalfd",
        target => target.split(':').next().unwrap_or(target),
    }
}

#[test]
fn a_lab_process_holds_its_channel_and_the_report_pipe() {
    let game = started();
    for name in ["forkscope A", "forkscope B"] {
        let found = of(&game, |stat| stat.comm == name);
        let fds = kernel::descriptors(*found.first().expect(name));
        assert_eq!(fds[&0], "/dev/null", "{name}");
        assert_eq!(fds[&1], fds[&2], "{name}");
        assert!(fds[&1].starts_with("socket:"), "{name}: {fds:?}");
        assert_eq!(kinds(&fds), ["pipe", "socket"], "{name}");
    }
}

#[test]
fn a_program_holds_its_standard_descriptors_alone() {
    let game = started();
    let programs = of(&game, |stat| stat.comm == "sleep" || stat.comm == "sh");
    assert_eq!(programs.len(), 3);
    for pid in programs {
        let fds = kernel::descriptors(pid);
        assert_eq!(fds.keys().copied().collect::<Vec<_>>(), [0, 1, 2], "{fds:?}");
        assert_eq!(fds[&0], "/dev/null");
        assert!(fds[&1].starts_with("socket:"), "{fds:?}");
    }
}

#[test]
fn the_keeper_holds_no_end_of_the_output() {
    let game = started();
    let mut fds = kernel::descriptors(game.keeper);
    // What the test itself was started with is passed on.
    let own = kernel::descriptors(std::process::id() as i32);
    fds.retain(|fd, target| own.get(fd) != Some(target));
    let mut kinds = kinds(&fds);
    kinds.retain(|kind| *kind != "pidfd");
    assert_eq!(kinds, ["pipe", "signalfd", "socket"], "{fds:?}");
}

#[test]
fn screen_has_one_thread() {
    let mut game = started();
    let path = format!("/proc/{}/task", game.screen);
    for key in ["''", "3f", "*f", "v", "v", "v", "?", "q", "d"] {
        game.terminal.press(key);
        game.terminal.settles();
        let threads = std::fs::read_dir(&path).expect("screen lives").count();
        assert_eq!(threads, 1, "after {key}");
    }
}

#[test]
fn screen_holds_a_few_for_each_process() {
    let game = started();
    let family = kernel::family(game.keeper);
    let own = kernel::descriptors(std::process::id() as i32);
    let mut fds = kernel::descriptors(game.screen);
    fds.retain(|fd, target| own.get(fd) != Some(target));
    for (fd, target) in &fds {
        let pid = target
            .strip_prefix("/proc/")
            .and_then(|rest| rest.split('/').next()?.parse().ok());
        // A kept-open file of /proc is of a process that it shows.
        assert!(
            pid.is_none_or(|pid| family.contains_key(&pid)),
            "{fd} leads to {target}"
        );
    }
    // The lab's processes have channel, pidfd, stat and children files, programs all but the channel.
    let for_each = kinds(&fds)
        .into_iter()
        .filter(|kind| kind.starts_with("/proc") || *kind == "pidfd");
    let most = 3 * family.len();
    assert!(for_each.count() <= most, "{fds:#?}");
    let others = kinds(&fds)
        .into_iter()
        .filter(|kind| !kind.starts_with("/proc") && *kind != "pidfd");
    assert!(others.count() <= 12 + family.len(), "{fds:#?}");
}

/// Starts a mode in which so many processes come to a halt, which each shows by that.
fn halted(args: &[&str], count: usize, shows: &str) -> (Terminal, Vec<Stat>) {
    let mut terminal = Terminal::run(FORKSCOPE, args);
    terminal.until(shows, |terminal| {
        terminal.screen().contents().matches(shows).count() >= count
    });
    let family = kernel::family(terminal.leader());
    let screen = family
        .values()
        .find(|stat| stat.ppid == terminal.leader() && stat.comm == "forkscope");
    let screen = screen.expect("screen is below keeper").pid;
    let below = kernel::family(screen)
        .into_values()
        .filter(|stat| stat.pid != screen);
    let below = below.collect();
    (terminal, below)
}

#[test]
fn an_interpreted_program_holds_what_a_lab_process_does_and_what_it_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pause.c");
    let source =
        "#include <unistd.h>\nint main(void) {\n  int ends[2];\n  pipe(ends);\n  fork();\n  pause();\n}\n";
    std::fs::write(&file, source).expect("a program");
    let file = file.to_str().expect("a plain path");
    let (_terminal, lab) = halted(&["run", file, "--keys", "F"], 2, "in pause");
    assert_eq!(lab.len(), 2);
    for stat in lab {
        let fds = kernel::descriptors(stat.pid);
        assert!(fds[&0].starts_with("pipe:"), "{fds:?}");
        assert!(fds[&1].starts_with("socket:") && fds[&1] == fds[&2], "{fds:?}");
        assert_eq!((kind(&fds[&3]), kind(&fds[&4])), ("pipe", "pipe"), "{fds:?}");
        assert_eq!(kinds(&fds), ["pipe", "pipe", "pipe", "socket"], "{fds:?}");
    }
}

#[test]
fn a_traced_program_holds_its_terminal_alone() {
    let (_terminal, traced) = halted(
        &["trace", "--keys", "F", "--", "/bin/sh", "-c", "sleep 60; :"],
        1,
        "sleep 60",
    );
    assert!(!traced.is_empty());
    for stat in traced {
        let fds = kernel::descriptors(stat.pid);
        assert_eq!(fds.keys().copied().collect::<Vec<_>>(), [0, 1, 2], "{fds:?}");
        assert!(
            fds.values().all(|target| target.starts_with("/dev/pts/")),
            "{fds:?}"
        );
    }
}

#[test]
fn ps_holds_nothing_of_the_lab() {
    let folder = tempfile::tempdir().expect("a folder");
    let ps = folder.path().join("ps");
    // It names its open descriptors instead of processes. A shell has its script at 10 or 255.
    let script = "#!/bin/sh\nfd=3\nwhile [ $fd -lt 100 ]; do\n  [ $fd != 10 ] && [ -e /proc/$$/fd/$fd ] && echo open: $fd\n  \
                  fd=$((fd + 1))\ndone\necho all named\n";
    std::fs::write(&ps, script).expect("a script");
    std::fs::set_permissions(&ps, std::fs::Permissions::from_mode(0o755)).expect("it may run");
    let path = format!(
        "{}:{}",
        folder.path().display(),
        std::env::var("PATH").expect("a path")
    );
    let mut terminal = Terminal::run_in(
        (40, 120),
        &[("PATH", &path)],
        FORKSCOPE,
        &["play", "--keys", "f v v v v"],
    );
    terminal.shows("all named");
    let screen = terminal.screen().contents();
    assert!(!screen.contains("open:"), "{screen}");
}
