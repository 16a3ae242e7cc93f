//! Facts in a short notation, and worlds as one line, so that a test reads as a sentence.
//!
//! Facts are apart by `;`, each `WHO what …`: `B born A`, `A fork B`, `B exit 7`, `A wait = B 7`. The keeper has
//! pid 4099, screen 4100, and A onwards follow; `C born A again B` is born with the pid that B had. A world is its tree: `keeper(screen(A(B:Z)))`, where a colon brings
//! the state letter if it is not S or R, and `~` marks a reaped row.

use std::collections::BTreeSet;

use forkscope::model::event::{
    Action, Birth, Exec, Fork, Note, Reaped, Role, SignalSent, Text, Wait, WaitEnd,
};
use forkscope::model::{
    Errno, Event, Link, Node, Pid, ProcId, Ret, Signal, State, Time, WaitCall, WaitOptions, WaitStatus,
    WaitTarget, What, World,
};

/// The start of every test: the keeper with the screen below it.
pub const START: &str = "keeper born 1:init; screen born keeper";

/// The world after `facts`.
pub fn world(facts: &str) -> World {
    let mut world = World::default();
    play(&mut world, START);
    play(&mut world, facts);
    world
}

/// Applies `facts`.
pub fn play(world: &mut World, facts: &str) {
    for event in events(facts) {
        world.apply(&event);
    }
}

/// The facts of a script, a millisecond apart.
pub fn events(facts: &str) -> Vec<Event> {
    facts
        .split(';')
        .map(str::trim)
        .filter(|fact| !fact.is_empty())
        .enumerate()
        .map(|(n, fact)| event(Time(1000 * n as u64), fact))
        .collect()
}

/// The pid that these tests give a process.
pub fn pid(id: ProcId) -> Pid {
    Pid(match id {
        ProcId::Keeper => 4099,
        ProcId::Screen => 4100,
        ProcId::Lab(letter) => 4101 + letter.0 as i32,
    })
}

/// The name in a script.
pub fn id(name: &str) -> ProcId {
    name.parse().expect("the name of a process")
}

/// The tree of a world in one line.
pub fn line(world: &World) -> String {
    let mut text = String::new();
    let mut depth = 0;
    for (n, row) in world.rows(&BTreeSet::new()).iter().enumerate() {
        match row.depth() {
            deeper if deeper > depth => text.push('('),
            same => {
                text.extend(std::iter::repeat_n(')', depth - same));
                text.push_str(if n == 0 { "" } else { " " });
            }
        }
        depth = row.depth();
        match &row.node {
            Node::Outside(link) => text.push_str(&link.to_string()),
            Node::Proc(id) => text.push_str(&row_text(world, *id)),
        }
    }
    text.extend(std::iter::repeat_n(')', depth));
    text
}

fn row_text(world: &World, id: ProcId) -> String {
    let process = world.get(id).expect("a row has a process");
    match process.state {
        _ if process.is_reaped() => format!("{id}~"),
        State::RUNNING | State::SLEEPING => id.to_string(),
        state => format!("{id}:{state}"),
    }
}

fn event(t: Time, fact: &str) -> Event {
    let words: Vec<&str> = fact.split_whitespace().collect();
    let [who, what @ ..] = words.as_slice() else {
        panic!("`{fact}` names nobody")
    };
    let proc = id(who);
    let (what, bearer) = match what {
        [what @ .., "again", gone] => (what, id(gone)),
        _ => (what, proc),
    };
    Event {
        t,
        proc,
        pid: pid(bearer),
        what: self::what(what),
    }
}

fn what(words: &[&str]) -> What {
    match words {
        ["born", parent] => What::Born(birth(link(parent))),
        ["fork", child] if child.starts_with('E') && child.len() > 1 => What::Fork(Fork {
            child: None,
            ret: Ret::Err(errno(child)),
            vfork: false,
        }),
        ["fork", child] => What::Fork(Fork {
            child: Some(id(child)),
            ret: Ret::Ok(i64::from(pid(id(child)).0)),
            vfork: false,
        }),
        ["exec", "=", failed, argv @ ..] => What::Exec(Exec {
            argv: strings(argv),
            failed: Some(Ret::Err(errno(failed))),
        }),
        ["exec", argv @ ..] => What::Exec(Exec {
            argv: strings(argv),
            failed: None,
        }),
        ["exit", code] => What::Exit {
            status: WaitStatus::Exited(code.parse().expect("an exit code")),
        },
        ["killed", name] => What::Killed {
            status: WaitStatus::signaled(signal(name)),
        },
        ["stopped", name] => What::Stopped {
            signal: Some(signal(name)),
        },
        ["continued"] => What::Continued,
        ["zombie"] => What::Zombie { status: None },
        ["zombie", held] => What::Zombie {
            status: Some(status(held)),
        },
        ["wait", rest @ ..] => What::Wait(wait(rest)),
        ["reaped", by] => What::Reaped(reaped(by, false)),
        ["reaped", "auto", by] => What::Reaped(reaped(by, true)),
        ["adopted", from, by] => What::Adopted {
            from: link(from),
            by: link(by),
        },
        ["signal", name] => What::Signal(sent(name, Ret::Ok(0))),
        ["signal", name, "=", failed] => What::Signal(sent(name, Ret::Err(errno(failed)))),
        ["caught", name] => What::Signal(SignalSent {
            caught: true,
            by: None,
            ..sent(name, Ret::Ok(0))
        }),
        ["on", name, action] => What::Disposition {
            signal: signal(name),
            action: self::action(action),
        },
        ["subreaper", on] => What::Subreaper { on: *on == "on" },
        ["group", pgid] => What::Group {
            pgid: Pid(pgid.parse().expect("a group")),
        },
        ["session", sid] => What::Session {
            sid: Pid(sid.parse().expect("a session")),
        },
        ["writes", text] => What::Output(Text {
            text: (*text).to_owned(),
            b64: None,
        }),
        ["state", letter] => What::Note(Note {
            state: Some(letter.parse().expect("a state")),
            ..Note::default()
        }),
        ["key", key] => What::Key {
            key: (*key).to_owned(),
        },
        other => panic!("no fact: {other:?}"),
    }
}

fn birth(parent: Link) -> Birth {
    Birth {
        parent,
        start: 0,
        comm: "forkscope".into(),
        pgid: Pid(4101),
        sid: Pid(4101),
        role: Role::Lab,
    }
}

/// `wait`, `wait NOHANG`, `wait for B`, each perhaps followed by `= B 7`, `= 0` or `= ECHILD`.
fn wait(words: &[&str]) -> Wait {
    let (call, end) = match words.iter().position(|word| *word == "=") {
        Some(at) => (&words[..at], Some(&words[at + 1..])),
        None => (words, None),
    };
    let call = match call {
        [] => WaitCall::default(),
        ["NOHANG"] => WaitCall {
            options: WaitOptions {
                nohang: true,
                ..WaitOptions::default()
            },
            ..WaitCall::default()
        },
        ["for", child] => WaitCall {
            target: WaitTarget::Child(pid(id(child))),
            ..WaitCall::default()
        },
        other => panic!("no wait: {other:?}"),
    };
    let end = end.map(|end| match end {
        ["0"] => WaitEnd {
            ret: Ret::Ok(0),
            status: None,
            child: None,
        },
        [failed] => WaitEnd {
            ret: Ret::Err(errno(failed)),
            status: None,
            child: None,
        },
        [child, held] => WaitEnd {
            ret: Ret::Ok(i64::from(pid(id(child)).0)),
            status: Some(status(held)),
            child: Some(id(child)),
        },
        other => panic!("no end of a wait: {other:?}"),
    });
    Wait { call, end }
}

/// `7`, `SIGKILL`, `stopped` or `continued`.
fn status(text: &str) -> WaitStatus {
    match (text, text.parse()) {
        (_, Ok(code)) => WaitStatus::Exited(code),
        ("stopped", _) => WaitStatus::Stopped(Signal::STOP),
        ("continued", _) => WaitStatus::Continued,
        (name, _) => WaitStatus::signaled(signal(name)),
    }
}

fn reaped(by: &str, auto: bool) -> Reaped {
    Reaped {
        by: link(by),
        status: None,
        auto,
    }
}

fn sent(name: &str, ret: Ret) -> SignalSent {
    SignalSent {
        signal: signal(name),
        by: Some(ProcId::Screen),
        ret,
        group: false,
        caught: false,
    }
}

fn action(word: &str) -> Action {
    match word {
        "SIG_DFL" => Action::Default,
        "SIG_IGN" => Action::Ignore,
        "handler" => Action::Handler,
        "blocked" => Action::Blocked,
        other => panic!("no action: {other}"),
    }
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn link(text: &str) -> Link {
    text.parse().expect("a parent")
}

fn signal(text: &str) -> Signal {
    text.parse().expect("a signal")
}

fn errno(text: &str) -> Errno {
    text.parse().expect("an error")
}
