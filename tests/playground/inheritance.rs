//! What each kind of process holds: exactly the descriptors of the design, and screen a single thread.

use std::collections::BTreeMap;

use super::game::{Game, Host};
use super::kernel::{self, Stat};

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
        .map(|(_, target)| match target.as_str() {
            target if target.contains("pidfd") => "pidfd",
            target if target.contains("signalfd") => "signalfd",
            target => target.split(':').next().unwrap_or(target),
        })
        .collect();
    kinds.sort_unstable();
    kinds
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
