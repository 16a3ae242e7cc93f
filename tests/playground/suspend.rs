//! Stopped and continued: by Ctrl-Z, and from outside. The terminal is the shell's meanwhile, and never dead.

use nix::sys::signal::Signal;

use super::game::{Game, HOSTS, Host, send};
use super::kernel;

/// In each host, forkscope is stopped by `stop`; a shell gets its terminal back, and `fg` brings forkscope back. Where
/// there is no shell, all goes on. A stopped lab process sleeps through it, and another runs.
fn check(stop: fn(&mut Game)) {
    for host in HOSTS {
        let keys = r#"2f @A k "STOP" <Enter> ?A=T @B"#;
        let Some(mut game) = Game::start(host, &["play", "--keys", keys]) else {
            continue;
        };
        game.terminal.shows("STOPPED");
        game.terminal.shows("▶     └─ B");
        // A process that is stopped in the middle of a picture finishes it when it goes on, wherever that is.
        game.terminal.settles();
        stop(&mut game);
        game.is_brought_back();
        game.terminal.press("f");
        game.terminal.shows("└─ C");
        let stopped = |pid: &i32| {
            kernel::stat(*pid).is_some_and(|stat| stat.comm == "forkscope A" && stat.state == 'T')
        };
        assert!(
            game.terminal.mark.living().iter().any(stopped),
            "A was woken in {host:?}"
        );
        game.terminal.press("\x03");
        game.is_gone_soon();
        game.terminal_is_as_before();
        assert_eq!(game.code(), 0, "{host:?}");
    }
}

#[test]
fn control_z() {
    check(|game| game.terminal.press("\x1a"));
}

#[test]
fn sigtstp() {
    check(|game| send(game.keeper, Signal::SIGTSTP));
}

#[test]
fn sigtstp_of_screen() {
    check(|game| send(game.screen, Signal::SIGTSTP));
}

#[test]
fn sigstop_of_screen() {
    check(|game| send(game.screen, Signal::SIGSTOP));
}

#[test]
fn sigstop_of_the_keeper() {
    check(|game| {
        if game.host == Host::Bare {
            // The screen lives on meanwhile.
            send(game.keeper, Signal::SIGSTOP);
            game.terminal.press("f");
            game.terminal.shows("└─ C");
        }
        game.stop_the_keeper();
    });
}
