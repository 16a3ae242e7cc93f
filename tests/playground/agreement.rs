//! Keys in, and the tree on the screen is the tree that the test reads from /proc itself: for random keys, shrinking
//! on failure (`PROPTEST_CASES` says how many), and the same each time for the same keys.

use std::collections::BTreeMap;
use std::thread;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::headless::play;
use super::kernel;
use super::lab::FORKSCOPE;
use super::pty::Terminal;

/// What a student may press, in any order: what cannot work is refused with a word.
fn keys() -> impl Strategy<Value = Vec<&'static str>> {
    let key = prop_oneof![
        5 => Just("f"),
        2 => Just("2f"),
        4 => Just("<Down>"),
        2 => Just("<End>"),
        1 => Just("<Up>"),
        1 => Just("<Home>"),
        2 => Just("x"),
        2 => Just("7x"),
        3 => Just("w"),
        2 => Just("9k"),
        1 => Just("19k"),
        1 => Just("18k"),
        1 => Just("10k"),
        1 => Just("i"),
        1 => Just("u"),
        1 => Just("*x"),
        1 => Just("*w"),
        1 => Just("e <Enter>"),
        1 => Just("e <Down> <Enter>"),
        1 => Just("e <Down> <Down> <Down> <Down> <Enter>"),
    ];
    prop::collection::vec(key, 1..14)
}

/// A process as the tree shows it: its parent's pid, and the state letter.
pub type Shown = BTreeMap<i32, (i32, char)>;

/// The rows of the tree. A level is three columns, and stands below the last row of the level above.
pub fn rows(terminal: &Terminal) -> Shown {
    let lines: Vec<Vec<char>> = terminal
        .screen()
        .rows(0, 120)
        .map(|line| line.chars().collect())
        .collect();
    let text = |line: &[char]| line.iter().collect::<String>();
    let head = lines
        .iter()
        .position(|line| text(line).contains("process "))
        .expect("a head");
    let column = |word: &str| {
        let line = text(&lines[head]);
        line.find(word).expect("the head is ASCII")
    };
    let (pid_end, letter) = (column("pid") + 3, column("/proc") + 2);
    let mut above: Vec<i32> = Vec::new();
    let mut shown = Shown::new();
    for line in &lines[head + 1..] {
        let Some(name) = line.iter().skip(3).position(char::is_ascii_alphabetic) else {
            break;
        };
        let before: String = text(&line[..pid_end.min(line.len())]);
        let Some(Ok(pid)) = before.split_whitespace().last().map(str::parse) else {
            break;
        };
        above.truncate(name / 3);
        // The reaped have no letter, and no process any more. Of who is outside no state is shown.
        if !matches!(line[letter], '–' | ' ') {
            shown.insert(pid, (above.last().copied().unwrap_or(0), line[letter]));
        }
        above.push(pid);
    }
    shown
}

fn check(keys: &str) {
    let keys = format!("{keys} @keeper");
    let args = ["play", "--keys", &keys];
    let mut terminal = Terminal::run_in((100, 120), &[], FORKSCOPE, &args);
    terminal.until("all keys played", |terminal| {
        terminal
            .screen()
            .contents()
            .lines()
            .any(|line| line.starts_with('▶') && line.contains("keeper"))
    });
    terminal.settles();
    let shown = rows(&terminal);
    let family = kernel::family(terminal.leader());
    let keeper = terminal.leader();
    let screen = family
        .values()
        .find(|stat| stat.ppid == keeper && stat.comm == "forkscope")
        .map(|stat| stat.pid);
    let there: Shown = family
        .values()
        .map(|stat| {
            let parent = if stat.pid == keeper { 0 } else { stat.ppid };
            // Screen runs when it looks at itself, and sleeps when another does.
            let state = if Some(stat.pid) == screen { 'R' } else { stat.state };
            (stat.pid, (parent, state))
        })
        .collect();
    assert_eq!(shown, there, "{keys}\n{}", terminal.screen().contents());
}

/// A quarter of the random keys, from a seed.
fn quarter(seed: u8) {
    let config = Config {
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    };
    let cases = std::env::var("PROPTEST_CASES").map_or(60, |_| config.cases / 4);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config { cases, ..config }, rng);
    let outcome = runner.run(&keys(), |keys| {
        check(&keys.join(" "));
        Ok(())
    });
    if let Err(failed) = outcome {
        panic!("{failed}");
    }
}

#[test]
fn what_is_shown_is_what_is_there_1() {
    quarter(1);
}

#[test]
fn what_is_shown_is_what_is_there_2() {
    quarter(2);
}

#[test]
fn what_is_shown_is_what_is_there_3() {
    quarter(3);
}

#[test]
fn what_is_shown_is_what_is_there_4() {
    quarter(4);
}

/// A hundred runs of the same keys, ten at a time.
fn check_same(keys: &str) {
    let first = play(keys).shape();
    thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| {
                for _ in 0..10 {
                    assert_eq!(play(keys).shape(), first, "{keys}");
                }
            });
        }
    });
}

#[test]
fn the_example_of_the_contract_gives_the_same_tree_every_time() {
    check_same("f @A f f @B 7x @A w");
}

#[test]
fn keys_for_all_give_the_same_tree_every_time() {
    check_same("3f @A 2f *f *f *7x w");
}
