//! Programs that mean no good, in the playground and traced: nothing of theirs reaches the terminal, keys are answered
//! meanwhile, and they end with forkscope like any other.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::game::Game;
use super::lab::FORKSCOPE;
use super::pty::Terminal;

/// How much is written, in megabytes; `FORKSCOPE_FLOOD` says otherwise.
const FLOOD: &str = "4";

/// The program, made from its source.
struct Hostile {
    folder: TempDir,
}

impl Hostile {
    fn compile() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/playground/hostile.c");
        let done = Command::new("cc")
            .args(["-O1", "-o"])
            .arg(folder.path().join("hostile"))
            .arg(source)
            .status();
        assert!(done.expect("a C compiler is installed").success());
        Self { folder }
    }

    fn path(&self) -> String {
        let path = self.folder.path().join("hostile");
        path.to_str().expect("a plain name").to_owned()
    }

    /// Where what happens in the playground is recorded.
    fn record(&self) -> String {
        let path = self.folder.path().join("record.jsonl");
        path.to_str().expect("a plain name").to_owned()
    }

    /// In the playground, as B, a child of A.
    fn played(&self, how: &str) -> Game {
        let keys = format!(r#"f @A f @B e "{} {how}" <Enter> @keeper"#, self.path());
        let record = self.record();
        let args = ["play", "--keys", &keys, "--record", &record];
        let mut game = Game::started(Terminal::run_in((40, 120), &[], FORKSCOPE, &args));
        game.terminal.shows("▶  keeper");
        game
    }

    /// Traced, running freely.
    fn traced(&self, how: &str) -> Game {
        let path = self.path();
        let words: Vec<&str> = how.split(' ').collect();
        let args = [&["trace", "--keys", "r", "--", &path], words.as_slice()].concat();
        Game::started(Terminal::run_in((40, 120), &[], FORKSCOPE, &args))
    }
}

/// Whatever it does: each pane is shown when asked for, help comes and goes, nothing reaches the terminal, and Ctrl-C
/// ends it all.
fn check(mut game: Game) {
    for _ in 0..5 {
        game.terminal.press("v");
        game.terminal.press("?");
        game.terminal.shows("fork() once");
        game.terminal.press("q");
        game.terminal.until("no help any more", |terminal| {
            !terminal.screen().contents().contains("fork() once")
        });
    }
    game.terminal.press("\x03");
    game.is_gone_soon();
    game.terminal_is_as_before();
    assert_eq!(game.code(), 0);
    assert_eq!(game.terminal.obeyed, None);
}

#[test]
fn names_that_are_commands_to_a_terminal() {
    let hostile = Hostile::compile();
    let mut game = hostile.played("names");
    game.terminal.shows("9 alive");
    check(game);
    let mut game = hostile.traced("names");
    game.terminal.shows("8 alive");
    check(game);
}

#[test]
fn a_flood_of_output() {
    let hostile = Hostile::compile();
    let megabytes = std::env::var("FORKSCOPE_FLOOD").unwrap_or(FLOOD.to_owned());
    let how = format!("flood {megabytes}");
    check(hostile.played(&how));
    check(hostile.traced(&how));
}

#[test]
fn a_fork_bomb_whose_processes_leave_their_sessions() {
    let hostile = Hostile::compile();
    let mut game = hostile.played("bomb");
    game.terminal.shows("the programs that forked them were killed");
    game.terminal.shows("1 alive");
    check(game);
    // None of them ever waits.
    let record = std::fs::read_to_string(hostile.record()).expect("a recording");
    let reaped = record.lines().filter(|line| line.contains(r#""event":"reaped""#));
    let (by_keeper, by_others): (Vec<_>, Vec<_>) = reaped.partition(|line| line.contains(r#""by":"keeper""#));
    assert!(by_keeper.len() > 30 && by_others.is_empty(), "{by_others:#?}");
}

#[test]
fn a_program_that_hears_and_holds_nothing() {
    let hostile = Hostile::compile();
    check(hostile.played("deaf"));
    check(hostile.traced("deaf"));
}

/// Without forkscope in between, a terminal gets to hear it all.
#[test]
fn the_program_is_as_bad_as_it_says() {
    let hostile = Hostile::compile();
    let mut terminal = Terminal::run(&hostile.path(), &["flood", "1"]);
    terminal.until("something foul", |terminal| terminal.obeyed.is_some());
}
