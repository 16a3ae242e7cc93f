//! Nothing outlives forkscope, whatever it dies of, and the terminal is as it was: in a terminal of its own, and as a
//! job of a shell.

use std::io::Write as _;

use nix::sys::signal::Signal;

use super::game::{Game, HOSTS, Host, send};
use super::kernel;
use super::pty::Terminal;

/// What is hardest to end: deaf to signals, in sessions of its own, orphaned as a daemon is, and one that has thrown
/// away the environment and the output by which it could be known.
const DAEMONS: &str = "
trap '' TERM HUP INT QUIT USR1
(setsid sh -c 'sleep 1001; true' &)
(env -i FORKSCOPE_TEST=$FORKSCOPE_TEST setsid sleep 1002 </dev/null >/dev/null 2>&1 &)
sleep 1003 &
wait
";

/// The same, but all of it orphaned past the keeper: it adopts nothing any more when they are born.
const ESCAPED: &str = "
trap '' TERM HUP INT QUIT USR1
(setsid sh -c 'sleep 1001; true' &)
(setsid sleep 1002 </dev/null >/dev/null 2>&1 &)
sleep 1003 &
wait
";

/// How it is ended.
type End = fn(&mut Game);

/// In each host, with a lab that is hard to end: after `end` nothing of it is left, the terminal is as before, and
/// who started it learns `code`.
fn check(end: End, code: Option<i32>) {
    for host in HOSTS {
        check_in(host, "", DAEMONS, end, code);
    }
    check_in(Host::Bare, "U", ESCAPED, end, code);
}

fn check_in(host: Host, first: &str, script: &str, end: End, code: Option<i32>) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(script.as_bytes()).expect("room");
    let path = file.path().display();
    let keys = format!(r#"{first} 4f @A f @B e "sh {path}" <Enter> @C 7x @D e "sleep 1004" <Enter>"#);
    let Some(mut game) = Game::start(host, &["play", "--panic", "--keys", &keys]) else {
        return;
    };
    game.terminal
        .until("four sleeping programs", |terminal| sleeping(terminal) == 4);
    game.terminal.shows("sleep 1004");
    end(&mut game);
    game.is_gone_within_a_second();
    if code.is_some() {
        game.terminal_is_as_before();
        assert_eq!(Some(game.code()), code, "{host:?}");
    }
}

fn sleeping(terminal: &Terminal) -> usize {
    let living = terminal.mark.living().into_iter().filter_map(kernel::stat);
    living.filter(|stat| stat.comm == "sleep").count()
}

#[test]
fn quit() {
    let end = |game: &mut Game| {
        game.terminal.press("q");
        game.terminal.shows("q again");
        game.terminal.press("q");
    };
    check(end, Some(0));
}

#[test]
fn control_c() {
    check(|game| game.terminal.press("\x03"), Some(0));
}

#[test]
fn sigterm() {
    check(|game| send(game.keeper, Signal::SIGTERM), Some(128 + 15));
}

#[test]
fn sighup() {
    check(|game| send(game.keeper, Signal::SIGHUP), Some(128 + 1));
}

#[test]
fn sigint() {
    check(|game| send(game.keeper, Signal::SIGINT), Some(128 + 2));
}

#[test]
fn sigquit() {
    check(|game| send(game.keeper, Signal::SIGQUIT), Some(128 + 3));
}

#[test]
fn sigterm_to_screen() {
    check(|game| send(game.screen, Signal::SIGTERM), Some(128 + 15));
}

#[test]
fn sigkill_of_screen() {
    check(|game| send(game.screen, Signal::SIGKILL), Some(128 + 9));
}

#[test]
fn sigkill_of_the_keeper() {
    let end = |game: &mut Game| {
        send(game.keeper, Signal::SIGKILL);
        if game.host != Host::Bare {
            game.terminal.shows("its keeper process was killed");
            game.asks_for_a_prompt();
        }
    };
    check(end, Some(128 + 9));
}

#[test]
fn a_panic() {
    check(|game| game.terminal.press("\x07"), Some(1));
}

#[test]
fn the_terminal_closes() {
    check(|game| game.terminal.hang_up(), None);
}
