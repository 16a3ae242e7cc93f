//! Nothing outlives forkscope, whatever it dies of, and the terminal is as it was: in every mode, in a terminal of its
//! own, and as a job of a shell. docs/promises.md shows the table that is checked here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::catch_unwind;
use std::sync::Mutex;

use nix::sys::signal::Signal;

use super::game::{Game, HOSTS, Host, send};
use super::kernel;
use super::modes::Mode;
use super::pty::Terminal;

/// A way to end it.
struct Death {
    what: &'static str,
    end: fn(&mut Game),
    /// What the shell that started it learns; none where the terminal is gone, and with it the shell.
    code: Option<i32>,
    /// What is said on the terminal.
    said: &'static str,
    /// Arguments that it needs. A replay does not take them.
    args: &'static [&'static str],
    /// Who dies leads the session where no shell does, and its end hangs up: then nothing can be said.
    hangs_up: bool,
}

/// Keys that do nothing, here or in a shell. While they are read, the terminal goes: whoever reads on for ever
/// outlives it.
const TYPED: &str = "                                                                ";

const DEATHS: [Death; 14] = [
    Death {
        end: |game| {
            game.terminal.press("q");
            if game.mode.has_lab() {
                game.terminal.shows("q again");
                game.terminal.press("q");
            }
        },
        ..death("`q`, and again while processes live", 0, "")
    },
    Death {
        end: |game| game.terminal.press("\x03"),
        ..death("Ctrl-C", 0, "")
    },
    Death {
        end: |game| send(game.keeper, Signal::SIGTERM),
        ..death("SIGTERM", 128 + 15, "")
    },
    Death {
        end: |game| send(game.keeper, Signal::SIGHUP),
        ..death("SIGHUP", 128 + 1, "")
    },
    Death {
        end: |game| send(game.keeper, Signal::SIGINT),
        ..death("SIGINT", 128 + 2, "")
    },
    Death {
        end: |game| send(game.keeper, Signal::SIGQUIT),
        ..death("SIGQUIT", 128 + 3, "")
    },
    Death {
        end: |game| send(game.screen, Signal::SIGTERM),
        ..death("SIGTERM to screen alone", 128 + 15, "")
    },
    Death {
        end: |game| send(game.screen, Signal::SIGKILL),
        ..death("SIGKILL of screen", 128 + 9, "")
    },
    Death {
        end: |game| {
            game.terminal.press(TYPED);
            send(game.keeper, Signal::SIGKILL);
        },
        hangs_up: true,
        ..death("SIGKILL of the keeper", 128 + 9, "its keeper process was killed")
    },
    Death {
        end: |game| {
            // A process that is stopped in the middle of a picture finishes it when it goes on, wherever that is.
            game.terminal.settles();
            send(game.screen, Signal::SIGSTOP);
            game.is_brought_back();
            game.terminal.press("\x03");
        },
        ..death("SIGSTOP of screen; `fg`, Ctrl-C", 0, "")
    },
    Death {
        end: |game| {
            game.stop_the_keeper();
            game.is_brought_back();
            game.terminal.press("\x03");
        },
        ..death("SIGSTOP of the keeper; `fg`, Ctrl-C", 0, "")
    },
    Death {
        end: |game| game.terminal.press("\x07"),
        args: &["--panic"],
        ..death("a mistake of its own (panic)", 1, "an error in forkscope itself")
    },
    Death {
        end: |game| {
            game.terminal.press(TYPED);
            game.terminal.hang_up();
        },
        code: None,
        ..death("the terminal closes", 0, "")
    },
    Death {
        end: |game| {
            game.may_write_no_files();
            game.terminal.press("f\x03");
        },
        args: &["--record", "session.jsonl"],
        ..death("its recording may not grow; Ctrl-C", 1, "File too large")
    },
];

/// One that ends with this code, and says this.
const fn death(what: &'static str, code: i32, said: &'static str) -> Death {
    Death {
        what,
        end: |_| {},
        code: Some(code),
        said,
        args: &[],
        hangs_up: false,
    }
}

impl Death {
    fn is_possible_in(&self, mode: Mode) -> bool {
        mode.has_lab() || !self.args.contains(&"--record")
    }

    /// In that mode, with a lab that is hard to end: nothing of it is left a second later, the terminal is as before,
    /// and who started it learns the code.
    fn check(&self, mode: Mode, host: Host, first: &str) {
        let Some(mut game) = Game::start_hard(mode, host, first, self.args) else {
            return;
        };
        let sleepers = if mode.has_lab() { 4 } else { 0 };
        game.terminal
            .until("sleeping programs", |terminal| sleeping(terminal) == sleepers);
        (self.end)(&mut game);
        let is_mute = self.hangs_up && host == Host::Bare;
        if !is_mute && !self.said.is_empty() {
            game.terminal.shows(self.said);
        }
        if self.hangs_up && host != Host::Bare {
            game.asks_for_a_prompt();
        }
        game.is_gone_soon();
        if self.code.is_some() {
            game.terminal_is_as_before();
            assert_eq!(
                Some(game.code()),
                self.code,
                "{}: {mode:?} in {host:?}",
                self.what
            );
        }
    }
}

fn sleeping(terminal: &Terminal) -> usize {
    let living = terminal.mark.living().into_iter().filter_map(kernel::stat);
    living.filter(|stat| stat.comm == "sleep").count()
}

/// Ends that mode in every way, in each host, some at a time since most of it is waiting; prints what came of it.
fn check(mode: Mode) {
    let deaths = DEATHS.iter().filter(|death| death.is_possible_in(mode));
    let cells = deaths.flat_map(|death| HOSTS.map(|host| (death, host)));
    let cells = Mutex::new(cells);
    let next = || cells.lock().expect("nobody fails with the lock held").next();
    let outcomes = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some((death, host)) = next() {
                    let outcome = catch_unwind(|| death.check(mode, host, ""));
                    let key = (death.what, format!("{host:?}"));
                    outcomes.lock().expect("as above").insert(key, outcome.is_ok());
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().expect("as above");
    for ((what, host), is_good) in &outcomes {
        let word = if *is_good {
            "as promised"
        } else {
            "NOT AS PROMISED"
        };
        println!("{mode:?} in {host}: {what}: {word}");
    }
    assert!(outcomes.values().all(|is_good| *is_good), "see the table above");
}

#[test]
fn of_the_playground() {
    check(Mode::Play);
}

#[test]
fn of_a_lesson() {
    check(Mode::Lesson);
}

#[test]
fn of_a_program_that_is_stepped() {
    check(Mode::Run);
}

#[test]
fn of_a_program_that_is_traced() {
    check(Mode::Trace);
}

#[test]
fn of_a_replay() {
    check(Mode::Replay);
}

/// The keeper adopts nothing any more when the daemons are born.
#[test]
fn with_daemons_that_went_past_the_keeper() {
    for death in &DEATHS {
        death.check(Mode::Play, Host::Bare, "U");
    }
}

/// What a page about it shows.
fn table() -> String {
    let mut table = String::from("| what happens | exit code | what is said |\n| --- | --- | --- |\n");
    for Death { what, code, said, .. } in &DEATHS {
        let code = code.map_or("–".to_owned(), |code| code.to_string());
        let _ = writeln!(table, "| {what} | {code} | {said} |");
    }
    table
}

#[test]
fn the_page_shows_what_is_checked() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/promises.md");
    let text = std::fs::read_to_string(page).expect("the page is there");
    assert!(
        text.contains(&table()),
        "docs/promises.md should have:\n{}",
        table()
    );
}
