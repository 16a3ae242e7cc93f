//! A monkey at the keyboard: random keys, mouse events, pastes, torn and broken bytes, windows of every size; and
//! somebody outside who stops and kills. It never panics, never ends but when asked to, leaks nothing, and at the end
//! what it shows is what /proc shows.
//!
//! `FORKSCOPE_MONKEY_EVENTS=100000` says how many events each mode gets, `FORKSCOPE_MONKEY_SEED` which: the same seed
//! gives the same events, if not the same moments. Each run prints its seed.

use std::env;
use std::fmt::Debug;
use std::str::FromStr;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::agreement::{Shown, rows};
use super::game::Game;
use super::kernel::{self, Stat};
use super::lab::FORKSCOPE;
use super::modes::Mode;
use super::pty::Terminal;

/// How many events each mode gets.
const EVENTS: usize = 400;

/// After how many events it is looked at.
const ROUND: usize = 50;

/// What screen may hold for each process, and beside those: the budget in the program itself.
const DESCRIPTORS_EACH: usize = 5;
const DESCRIPTORS_OWN: usize = 64;

/// The most memory of its own that screen may have, in KiB.
const MEMORY: u64 = 48 * 1024;

/// What is pressed. Those that stand more than once are pressed more often.
#[rustfmt::skip]
const KEYS: &[&str] = &[
    "f", "f", "f", "f", "f", "f", "f", "f", "f", "f", "2f", "3f", "3f", "*f", "*f", "x", "x", "7x", "*x", "w", "w", "w",
    "*w", "W", "k", "9k", "15k", "19k", "18k", "10k", "*9k", "i", "u", "U", "*", "e", "e\r", "e\x1b[B\r",
    "e\x1b[B\x1b[B\r", "n", "n", "n", "n", "n", "n", "n", "n", "*n", " ", "r", "+", "-", "F", "b", "g", "H", "\t", "\r",
    "\r", "s", "\x7f", "h", "S", "c", "E", "m", "m\x1b[B\x1b[B\r", "1", "2", "3", "4", "7", "9", "0", "\x1b[A",
    "\x1b[A", "\x1b[B", "\x1b[B", "\x1b[B", "\x1b[B", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F", "\x1b[5~",
    "\x1b[6~", "'", "''", "'a", "'k", "\x1b", "\x1b", "\x1b", "\x1b", "\x1b", "\x1b", "\x1b", "\x1b", "v", "v", ",",
    ",", ".", "<", ">", "z", "Z", "o", "d", "a", "P", "t", "M", "R", "?", "\x0c", "\x1a", "\x04", "\x07", "y", "\u{e9}",
    "\u{4e2d}",
];

/// What no keyboard sends: sequences that are cut short, numbers beyond all bounds, bytes that are no text.
#[rustfmt::skip]
const GARBAGE: &[&[u8]] = &[
    b"\x1b[", b"\x1bO", b"\x1b[<", b"\x1b[<0;", b"\x1b[<99999;99999;99999M", b"\x1b[M\xff\xff\xff", b"\xff\xfe\xc3",
    b"\xc3", b"\x80", b"\0", b"\x1b[999999999999999999~", b"\x1b]0;title\x07", b"\x1b[?1;2c", b"\x1b[200~\x1b[201~",
    b"\x1b[24;80R", b"\x1b\x1b\x1b", b"\x1b[1;5A", b"\x1b[27u",
];

/// Rows and columns. Where it begins is one of the first five; too small a window comes later.
#[rustfmt::skip]
const SIZES: &[(u16, u16)] = &[
    (10, 40), (24, 80), (18, 60), (40, 120), (100, 300), (9, 38), (1, 1), (2, 200), (200, 2),
];

/// One thing that the monkey does.
enum Act {
    Press(Vec<u8>),
    Resize(u16, u16),
    /// To keeper or screen: stopped, and continued.
    Pause(Whom),
    /// To keeper or screen.
    Tell(Whom, Signal),
    /// To one of the lab, which is the one of that number.
    Hit(usize, Signal),
    Listen(Duration),
}

#[derive(Clone, Copy)]
enum Whom {
    Keeper,
    Screen,
}

/// SplitMix64: the same numbers everywhere for the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn act(&mut self) -> Act {
        let whom = self.one_of(&[Whom::Keeper, Whom::Screen]);
        match self.below(1000) {
            0..750 => Act::Press(self.one_of(KEYS).into()),
            750..850 => Act::Press(self.mouse().into_bytes()),
            850..875 => Act::Press(self.paste()),
            875..900 => Act::Press(self.one_of(GARBAGE).to_vec()),
            900..930 => {
                let (rows, columns) = self.one_of(SIZES);
                Act::Resize(rows, columns)
            }
            930..935 => Act::Pause(whom),
            935..938 => Act::Tell(whom, Signal::SIGTSTP),
            938..943 => Act::Tell(whom, Signal::SIGWINCH),
            943..946 => Act::Press(self.one_of(&["q", "q", "qq", "R\r", "\x03"]).into()),
            946..970 => Act::Hit(self.below(1000), self.one_of(&HITS)),
            _ => Act::Listen(Duration::from_millis(self.below(60) as u64)),
        }
    }

    fn mouse(&mut self) -> String {
        let button = self.one_of(&[0, 0, 0, 1, 2, 32, 35, 64, 65]);
        let (column, row) = (self.below(130), self.below(45));
        let end = self.one_of(&['M', 'M', 'm']);
        format!("\x1b[<{button};{column};{row}{end}")
    }

    fn paste(&mut self) -> Vec<u8> {
        // One ends the paste, the other ends whatever the terminal belongs to while forkscope is stopped.
        const ESC: u8 = 0x1b;
        const QUIT: u8 = 0x1c;
        let length = self.below(3000);
        let text = (0..length)
            .map(|_| self.next() as u8)
            .filter(|byte| ![ESC, QUIT].contains(byte));
        [b"\x1b[200~".to_vec(), text.collect(), b"\x1b[201~".to_vec()].concat()
    }
}

const HITS: [Signal; 7] = [
    Signal::SIGKILL,
    Signal::SIGKILL,
    Signal::SIGTERM,
    Signal::SIGSTOP,
    Signal::SIGCONT,
    Signal::SIGUSR1,
    Signal::SIGINT,
];

/// What was found on the way.
#[derive(Debug, Default)]
struct Tally {
    sessions: usize,
    most_memory: u64,
    most_descriptors: usize,
    most_processes: usize,
}

struct Monkey {
    mode: Mode,
    random: Random,
    tally: Tally,
}

/// Lets the monkey at a mode.
fn check(mode: Mode, seed: u64) {
    let events = from_environment("FORKSCOPE_MONKEY_EVENTS").unwrap_or(EVENTS);
    let seed = from_environment("FORKSCOPE_MONKEY_SEED").unwrap_or(seed);
    println!("{mode:?}: FORKSCOPE_MONKEY_EVENTS={events} FORKSCOPE_MONKEY_SEED={seed}");
    let mut monkey = Monkey {
        mode,
        random: Random(seed),
        tally: Tally::default(),
    };
    let mut left = events;
    while left > 0 {
        left -= monkey.session(left);
    }
    println!("{mode:?}: {:?}", monkey.tally);
}

fn from_environment<T: FromStr<Err: Debug>>(name: &str) -> Option<T> {
    Some(env::var(name).ok()?.parse().expect("a number"))
}

impl Monkey {
    /// Plays until it has ended or no event is left; how many there were.
    fn session(&mut self, most: usize) -> usize {
        let mut game = self.start();
        self.tally.sessions += 1;
        for count in 1..=most {
            let act = self.random.act();
            perform(&mut game, act);
            game.terminal
                .listen(Duration::from_millis(self.random.below(6) as u64));
            if game.terminal.has_ended() {
                ended_well(&mut game);
                return count;
            }
            if count % ROUND == 0 {
                self.look(&game);
            }
        }
        calm_down(&mut game);
        if game.terminal.has_ended() {
            ended_well(&mut game);
        } else {
            self.agrees(&mut game);
            game.terminal.press("\x03");
            ended_well(&mut game);
        }
        most
    }

    /// In a terminal and an environment of its choice.
    fn start(&mut self) -> Game {
        let mut args = self.mode.args();
        if self.random.below(4) == 0 {
            args.splice(
                1..1,
                [
                    "--theme".into(),
                    self.random.one_of(&["light", "contrast", "plain"]).into(),
                ],
            );
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let env = [
            (
                "TERM",
                self.random
                    .one_of(&["xterm-256color", "linux", "screen", "tmux-256color", "vt100"]),
            ),
            ("LC_ALL", self.random.one_of(&["C.UTF-8", "C.UTF-8", "C"])),
            ("NO_COLOR", self.random.one_of(&["", "", "1"])),
            ("EDITOR", "true"),
        ];
        let size = self.random.one_of(&SIZES[..5]);
        let mut game = Game::started(Terminal::run_in(size, &env, FORKSCOPE, &args));
        game.mode = self.mode;
        game
    }

    /// It is well: neither descriptors nor memory go beyond their bounds.
    fn look(&mut self, game: &Game) {
        let Some(screen) = screen_of(game.keeper) else {
            return;
        };
        let fds = kernel::descriptors(screen).len();
        let processes = lab_of(screen).len();
        let memory = kernel::anonymous_memory(screen);
        assert!(
            fds <= DESCRIPTORS_OWN + DESCRIPTORS_EACH * processes.max(40),
            "screen holds {fds} descriptors for {processes} processes: {:?}",
            kernel::descriptors(screen)
        );
        assert!(memory <= MEMORY, "screen has {memory} KiB of its own");
        self.tally.most_memory = self.tally.most_memory.max(memory);
        self.tally.most_descriptors = self.tally.most_descriptors.max(fds);
        self.tally.most_processes = self.tally.most_processes.max(processes);
    }

    /// What it shows is what is there.
    fn agrees(&self, game: &mut Game) {
        if self.mode == Mode::Replay {
            return;
        }
        let keeper = game.keeper;
        if counts(&game.terminal) != Some(counted(keeper)) {
            println!(
                "not yet the same as in /proc: {:?}",
                screen_of(keeper).map(lab_of)
            );
        }
        game.terminal
            .until("as many processes on the screen as in /proc", |terminal| {
                counts(terminal).is_some_and(|counts| counts == counted(keeper))
            });
        if self.mode == Mode::Play && !game.terminal.screen().contents().contains(" folded") {
            game.terminal
                .until("the tree of /proc on the screen", |terminal| {
                    is_true(&rows(terminal), keeper)
                });
        }
    }
}

/// Whether each row of a tree is as /proc has it. Screen runs when it looks at itself.
fn is_true(shown: &Shown, keeper: i32) -> bool {
    let is_so = |(pid, (parent, state)): (&i32, &(i32, char))| {
        kernel::stat(*pid).is_some_and(|stat| {
            let is_screen = stat.comm == "forkscope" && stat.ppid == keeper;
            (*parent == 0 || stat.ppid == *parent) && (stat.state == *state || is_screen)
        })
    };
    !shown.is_empty() && shown.iter().all(is_so)
}

fn perform(game: &mut Game, act: Act) {
    match act {
        Act::Press(bytes) => game.terminal.press_bytes(&bytes),
        Act::Resize(rows, columns) => game.terminal.resize(rows, columns),
        Act::Pause(whom) => {
            tell(game, whom, Signal::SIGSTOP);
            game.terminal.listen(Duration::from_millis(30));
            tell(game, whom, Signal::SIGCONT);
        }
        Act::Tell(whom, signal) => tell(game, whom, signal),
        Act::Hit(number, signal) => {
            let Some(screen) = screen_of(game.keeper) else {
                return;
            };
            let lab = lab_of(screen);
            if !lab.is_empty() {
                // It may be gone by now, which is as well.
                let _ = kill(Pid::from_raw(lab[number % lab.len()].pid), signal);
            }
        }
        Act::Listen(time) => game.terminal.listen(time),
    }
}

fn tell(game: &Game, whom: Whom, signal: Signal) {
    let pid = match whom {
        Whom::Keeper => Some(game.keeper),
        Whom::Screen => screen_of(game.keeper),
    };
    if let Some(pid) = pid {
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

/// It was asked to end, by keys alone: it says so by its code, and leaves nothing.
fn ended_well(game: &mut Game) {
    game.is_gone_soon();
    game.terminal_is_as_before();
    let code = game.code();
    // Ctrl-C in the moment in which it is stopped, and the terminal another's, is SIGINT.
    assert!(
        [0, 130].contains(&code),
        "{code}: {}",
        game.terminal.screen().contents()
    );
}

/// Closes what lies on top, comes back to the present, and shows the whole tree.
fn calm_down(game: &mut Game) {
    game.terminal.resize(120, 160);
    tell(game, Whom::Keeper, Signal::SIGCONT);
    for _ in 0..6 {
        game.terminal.settles();
        game.terminal.press("\x1b");
    }
    game.terminal.settles();
    if game.mode == Mode::Play && !game.terminal.screen().contents().contains(" program ") {
        game.terminal.press("P");
        game.terminal.settles();
    }
}

/// The screen of now, or the keeper's other child for a moment: it starts anew when the student wants that.
fn screen_of(keeper: i32) -> Option<i32> {
    let family = kernel::family(keeper);
    let is_screen = |stat: &&Stat| stat.ppid == keeper && stat.comm == "forkscope" && stat.state != 'Z';
    family.values().find(is_screen).map(|stat| stat.pid)
}

/// The processes of the lab, wherever they have gone: they carry the limit that screen has. A compiler at work for
/// screen does too, in its session, and is none of them.
fn lab_of(screen: i32) -> Vec<Stat> {
    let Some(limit) = kernel::realtime_limit(screen) else {
        // It has just been born, and has no limit of its own yet.
        return Vec::new();
    };
    let all = kernel::all();
    let session = all.get(&screen).map(|stat| stat.sid);
    all.into_values()
        .filter(|stat| Some(stat.sid) != session)
        .filter(|stat| kernel::realtime_limit(stat.pid) == Some(limit))
        .collect()
}

/// How many of the lab live, and how many are zombies.
fn counted(keeper: i32) -> (usize, usize) {
    let lab = screen_of(keeper).map(lab_of).unwrap_or_default();
    let zombies = lab.iter().filter(|stat| stat.state == 'Z').count();
    (lab.len() - zombies, zombies)
}

/// How many live, and how many are zombies, as the first line of the picture says.
fn counts(terminal: &Terminal) -> Option<(usize, usize)> {
    let text = terminal.screen().contents();
    let words: Vec<&str> = text.lines().next()?.split_ascii_whitespace().collect();
    let before = |word: &str| {
        let at = words.iter().position(|one| one.starts_with(word))?;
        words.get(at.checked_sub(1)?)?.parse().ok()
    };
    Some((before("alive")?, before("zombie")?))
}

#[test]
fn in_the_playground() {
    check(Mode::Play, 1);
}

#[test]
fn in_a_lesson() {
    check(Mode::Lesson, 2);
}

#[test]
fn in_a_program_in_c() {
    check(Mode::Run, 3);
}

#[test]
fn in_a_program_in_python() {
    check(Mode::RunPython, 4);
}

#[test]
fn in_a_traced_program() {
    check(Mode::Trace, 5);
}

#[test]
fn in_a_replay() {
    check(Mode::Replay, 6);
}

#[test]
fn in_a_quiz() {
    check(Mode::Quiz, 7);
}
