//! Small languages that students and teachers write: keys, typed lines, puzzles, lessons.

use std::sync::Arc;

use forkscope::app::script::{self, Token};
use forkscope::app::{App, prompt, save};
use forkscope::lesson::{self, Attempt};
use forkscope::model::explore::{Bound, explore};
use forkscope::model::notation::{list, puzzle};
use forkscope::model::sim::{Facts, Kernel};
use forkscope::model::{Event, World};
use forkscope::ui;

use super::assert_harmless;

/// Keys: read, written and read again, then pressed.
pub fn keys(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let tokens = match script::parse(text) {
        Ok(tokens) => tokens,
        Err(error) => return assert!((1..=text.chars().count() + 1).contains(&error.at), "{error}"),
    };
    let written: Vec<String> = tokens.iter().map(ToString::to_string).collect();
    assert_eq!(script::parse(&written.join(" ")).as_ref(), Ok(&tokens));
    press(&tokens);
}

fn press(tokens: &[Token]) {
    let mut app = App::new(40);
    for event in family() {
        app.learn(&event);
    }
    for token in tokens.iter().take(200) {
        match token {
            Token::Keys(keys) => {
                for key in keys {
                    app.press(*key);
                }
            }
            Token::Select(id) => drop(app.select(*id)),
            Token::Text(text) => {
                // Without an open line this says so.
                let _ = app.type_text(text);
            }
            Token::Expect(..) => {}
        }
    }
    for (width, height) in [(80, 24), (40, 10)] {
        assert_harmless(&ui::render_to_text(&app, width, height));
    }
}

/// Lines that are typed into a question of the screen.
pub fn typed(input: &[u8]) {
    let Ok(line) = std::str::from_utf8(input) else {
        return;
    };
    let world = world();
    if let Ok(argv) = prompt::read_exec(line) {
        assert!(!argv.is_empty() && argv.iter().all(|argument| !argument.contains('\0')));
    }
    let _ = prompt::read_signal(line);
    let _ = prompt::read_wait(line, &world);
    let _ = save::read(line);
}

/// Lists of acts, run on the pure kernel, and nested puzzles, explored in it.
pub fn puzzle(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    match list::parse(text) {
        Ok(acts) => {
            script::parse(&list::keys(&acts)).expect("a list becomes good keys");
            let mut facts = Facts::kept();
            let (mut kernel, root) = Kernel::launch(b"", &mut facts);
            list::run(&acts, &mut kernel, root, &mut facts);
        }
        Err(mistake) => assert!(mistake.at <= text.chars().count() + 1),
    }
    match puzzle::parse(text) {
        Ok(puzzle) => {
            let bound = Bound {
                states: 200,
                processes: 8,
                reduced: true,
            };
            explore(puzzle, b"", bound);
        }
        Err(mistake) => assert!(mistake.at <= text.chars().count() + 1),
    }
}

/// A lesson: read or refused with its place, then gone through.
pub fn lesson(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let lesson = match lesson::parse("any", text) {
        Ok(lesson) => lesson,
        Err(mistake) => {
            assert!(
                (1..=text.lines().count() + 1).contains(&mistake.line),
                "{mistake}"
            );
            assert!(mistake.column >= 1, "{mistake}");
            return;
        }
    };
    let mut attempt = Attempt::new(Arc::new(lesson), None);
    let mut world = World::default();
    for (event, digit) in family().iter().zip("123456789".chars().cycle()) {
        world.apply(event);
        attempt.learn(event, &world);
        attempt.digit(digit, &world);
        attempt.accept(&world);
        attempt.hint();
        attempt.read_on(&world);
    }
    attempt.skip(&world);
    attempt.read_all(&world);
    let score = attempt.score();
    assert!(score.right <= score.asked);
}

/// Some processes: parents and children, a zombie, an orphan.
fn family() -> Vec<Event> {
    let acts = list::parse("a+b,b+c,b+d,a+e,c-,b-").expect("a list of acts");
    let mut facts = Facts::kept();
    let (mut kernel, root) = Kernel::launch(b"", &mut facts);
    list::run(&acts, &mut kernel, root, &mut facts);
    facts.events().to_vec()
}

fn world() -> World {
    let mut world = World::default();
    for event in family() {
        world.apply(&event);
    }
    world
}
