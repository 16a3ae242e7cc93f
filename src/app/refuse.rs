//! Why a key cannot work now. It is said, never passed over in silence.

use super::App;
use super::command::Command;
use super::tracing::is_held;
use crate::model::event::{Phase, Role};
use crate::model::{Life, ProcId, Process, State, World};

/// The reason why no key acts on any process: what is shown is not what is.
pub fn elsewhere(app: &App) -> Option<String> {
    if app.replay.is_some() {
        let reason = "This is a recording: nothing can be done to its processes. , and . step through it.";
        return Some(reason.to_owned());
    }
    app.is_past().then(|| {
        let (at, last) = (app.world.told(), app.live().told());
        format!(
            "This is the PAST, after event {at} of {last}: keys act on what is now. Esc leads back to it."
        )
    })
}

/// The reason why there is nothing to be read in /proc about what is shown.
pub fn no_evidence(app: &App) -> Option<String> {
    if app.replay.is_some() {
        let reason = "This is a recording: what /proc said of its processes is gone.";
        return Some(reason.to_owned());
    }
    app.is_past()
        .then(|| "This is the PAST, and /proc tells of now. Esc leads back to it.".to_owned())
}

/// The reason why `command` cannot go to `to`; none if it can.
pub fn refuse(world: &World, to: ProcId, command: Command) -> Option<String> {
    let Some(process) = world.get(to) else {
        return Some(format!("There is no {to} any more."));
    };
    if process.is_reaped() {
        return Some(format!(
            "{to} has been reaped: there is no process any more. The next key clears its row."
        ));
    }
    match to {
        ProcId::Keeper => keeper(command),
        ProcId::Screen if process.role == Role::Tracer => Some(tracer(command)),
        ProcId::Screen => screen(process, command),
        ProcId::Lab(_) if command == Command::Signal => None,
        ProcId::Lab(_) if process.role == Role::Traced => traced(process, command),
        ProcId::Lab(_) => lab(process).or_else(|| by_role(process, command)),
    }
}

fn keeper(command: Command) -> Option<String> {
    (command != Command::KeeperSubreaper).then(|| {
        "keeper only adopts and reaps, and cleans up at the end: of the process keys it hears U alone."
            .to_owned()
    })
}

fn screen(process: &Process, command: Command) -> Option<String> {
    let reason = match command {
        Command::Step => {
            "screen only draws. Select a process of the program with the arrows: n is its next step."
        }
        Command::Wait if process.waiting.is_some() => return None,
        Command::Fork | Command::Wait | Command::WaitChoices => return None,
        Command::Exit => "screen cannot exit: it draws this picture. q quits forkscope.",
        Command::Exec => {
            "screen cannot exec: another program would not draw this picture. Fork first, as a shell does."
        }
        Command::Signal => {
            "screen takes no signal from here: it draws this picture, and must not end or stop."
        }
        _ => {
            "screen draws this picture: of the process keys it hears f, w and W. Fork a process, and go to it."
        }
    };
    Some(reason.to_owned())
}

/// While it traces, screen is the program's shell and hears no key itself.
fn tracer(command: Command) -> String {
    match command {
        Command::Step => {
            "screen only draws. Select a process of the program with the arrows: n is its next step."
        }
        _ => "screen traces the program, as its parent: of the process keys it hears none.",
    }
    .to_owned()
}

/// A traced process does what its program says: it can be let go, and sent a signal.
fn traced(process: &Process, command: Command) -> Option<String> {
    let id = process.id;
    if process.is_zombie() {
        let parent = &process.parent;
        return Some(format!(
            "{id} is a zombie: it runs nothing any more. It stays until {parent} waits."
        ));
    }
    if command != Command::Step {
        return Some(format!(
            "{id} is a program of its own, and does what that says: n lets it take a step, k sends it a signal."
        ));
    }
    if process.stopped_by.is_some() || process.is_stopped() {
        return Some(format!(
            "{id} is stopped: it runs nothing until SIGCONT. Send it with k, or 18k."
        ));
    }
    // Of one that runs, the step is taken when it is held again.
    if is_held(process) || process.state == State::RUNNING {
        return None;
    }
    Some(match process.waiting {
        Some(call) => {
            format!(
                "{id} is in {call}: it sleeps until a child of it ends, and is held again when that returns."
            )
        }
        None => {
            format!("{id} sleeps in a call that is no step, such as a read. It is held when it comes to one.")
        }
    })
}

fn lab(process: &Process) -> Option<String> {
    let id = process.id;
    if process.is_zombie() {
        let parent = &process.parent;
        return Some(format!(
            "{id} is a zombie: it runs nothing any more. {parent} can reap it with w."
        ));
    }
    if !process.is_alive() || matches!(process.life, Life::Ending(_)) {
        return Some(format!("{id} is ending: it takes no more orders."));
    }
    if process.is_stopped() {
        return Some(format!(
            "{id} is stopped: it runs nothing until SIGCONT. Send it with k, or 18k."
        ));
    }
    if let Some(call) = process.waiting {
        return Some(format!(
            "{id} is in {call}: it sleeps, and only k reaches it. To wake it, end a child of it."
        ));
    }
    None
}

/// What a process can be told depends on what runs in it.
fn by_role(process: &Process, command: Command) -> Option<String> {
    let id = process.id;
    match process.role {
        Role::Foreign => Some(format!(
            "{id} runs another program since its exec: it knows no keys. Only k, a signal, reaches it."
        )),
        Role::Lab if command == Command::Step => Some(format!("{id} runs no program that could be stepped.")),
        Role::Lab | Role::Traced | Role::Tracer => None,
        Role::Program if command == Command::Step => busy(process),
        Role::Program => Some(format!(
            "{id} runs the program: n lets it take its next step, and k sends it a signal."
        )),
    }
}

/// A program inside a call goes on by itself, when the call returns.
fn busy(process: &Process) -> Option<String> {
    let line = process.line.as_ref()?;
    let call = line.call.as_deref().unwrap_or("a system call");
    match line.phase {
        Phase::In => Some(format!(
            "{} is in {call} and goes on by itself when that returns.",
            process.id
        )),
        Phase::End => Some(format!("{} has come to its end.", process.id)),
        Phase::Line | Phase::Before | Phase::After => None,
    }
}
