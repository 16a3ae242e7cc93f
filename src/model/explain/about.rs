//! The state of one process, explained, and a command that shows the same in another terminal.

use super::held::held;
use super::{count, is_init, list, living};
use crate::model::call::{WaitCall, WaitTarget};
use crate::model::event::{Action, Phase, Role};
use crate::model::process::{Life, Process};
use crate::model::{Link, Pid, ProcId, Ret, Signal, State, WaitStatus, World};

/// Among how many of the reaped an earlier bearer of a pid is looked for.
const LATELY: usize = 64;

/// A command for another terminal, and what it prints there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// To be typed.
    pub command: String,
    /// What to look for in its output.
    pub shows: String,
}

/// A sentence or two on the state of a process: why it is so, and what ends it.
pub fn about(world: &World, process: &Process) -> String {
    match &process.life {
        Life::Reaped { by, auto, status } => reaped(world, process, by, *auto, *status),
        Life::Zombie(status) => zombie(world, process, *status),
        Life::Ending(status) if process.state == State::TRACED => format!(
            "{} is held in its exit ({status}): memory and files are still there. n lets it end; then it is a zombie.",
            process.id
        ),
        Life::Ending(status) => format!(
            "{} has ended ({status}); the kernel is taking it down.",
            process.id
        ),
        Life::Alive => match lender(world, process) {
            Some(gone) => format!(
                "{} Pid {} was {gone}'s before.",
                alive(world, process),
                process.pid
            ),
            None => alive(world, process),
        },
    }
}

/// Where to look for the same in another terminal.
pub fn check(world: &World, process: &Process) -> Check {
    let pid = process.pid;
    let check = |command: String, shows: &str| Check {
        command,
        shows: shows.to_owned(),
    };
    match &process.life {
        Life::Reaped { .. } => match world.by_pid(pid) {
            Some(heir) => check(
                format!("ps -o pid,lstart,comm {pid}"),
                &format!("{}, which began later", heir.id),
            ),
            None => check(format!("kill -0 {pid}"), "No such process"),
        },
        Life::Zombie(_) => check(format!("ps -o pid,ppid,stat,comm {pid}"), "Z and <defunct>"),
        _ if process.is_stopped() => check(format!("ps -o pid,stat,comm {pid}"), "T"),
        _ if process.state == State::TRACED && process.stopped_by.is_some() => {
            check(format!("grep State /proc/{pid}/status"), "t: without a tracer, T")
        }
        _ if process.state == State::TRACED => check(
            format!("grep State /proc/{pid}/status"),
            "t: alone it would not stop here",
        ),
        _ if process.waiting.is_some() && process.id != ProcId::Screen => {
            check(format!("cat /proc/{pid}/wchan"), "do_wait")
        }
        _ if process.orphan_of.is_some() => {
            let parent = match &process.parent {
                Link::Outside(pid, _) => pid.to_string(),
                Link::Proc(id) => format!("{id}'s pid"),
            };
            check(format!("ps -o ppid= {pid}"), &parent)
        }
        _ if process.id == ProcId::Screen => check(
            format!("ps -o pid,ppid,stat,comm {pid}"),
            "S: between two keys it sleeps",
        ),
        _ if process.role == Role::Foreign => check(format!("ls -l /proc/{pid}/exe"), "the program's file"),
        _ => check(
            format!("ps -o pid,ppid,stat,comm {pid}"),
            &process.state.to_string(),
        ),
    }
}

/// The 16 bits of a wait status, boxed into what they mean: `exit code 00000111 | 0 | signal 0000000`.
pub fn status_bits(status: WaitStatus) -> String {
    let raw = status.to_raw();
    let high = raw >> 8;
    let core = (raw >> 7) & 1;
    let low = raw & 0x7f;
    let name = match status {
        WaitStatus::Exited(_) => "code",
        WaitStatus::Signaled { .. } => "unused",
        WaitStatus::Stopped(_) | WaitStatus::Continued => "signal",
    };
    format!("0x{raw:04x} = {raw}: [{name} {high:08b}|core {core}|signal {low:07b}]")
}

/// Who had the pid of `process` before it, among those that were reaped lately.
fn lender(world: &World, process: &Process) -> Option<ProcId> {
    let mut lately = world.gone().take(LATELY);
    lately.find(|gone| gone.pid == process.pid).map(|gone| gone.id)
}

fn reaped(world: &World, process: &Process, by: &Link, auto: bool, status: Option<WaitStatus>) -> String {
    let id = process.id;
    if auto {
        return format!(
            "{by} ignores SIGCHLD, so the kernel kept no zombie of {id}: its status is lost, its pid free."
        );
    }
    let what = status.map_or_else(
        || "its status".to_owned(),
        |status| format!("its status, {status},"),
    );
    let pid = process.pid;
    let free = world.by_pid(pid).map_or_else(
        || format!("Pid {pid} may be used again."),
        |heir| format!("Pid {pid} is {}'s now, another process.", heir.id),
    );
    format!("{by} waited and took {what} so the kernel freed the entry. {free}")
}

fn zombie(world: &World, process: &Process, status: Option<WaitStatus>) -> String {
    let id = process.id;
    let parent = &process.parent;
    let held = status.map_or_else(
        || "a status that may not be read here".to_owned(),
        |status| format!("its status, {status}"),
    );
    let owed = match parent {
        Link::Proc(id) if world.get(*id).is_some_and(|parent| parent.waiting.is_some()) => {
            format!("{parent} is in waitpid for another child")
        }
        _ => format!("they stay until {parent} waits"),
    };
    format!("{id} is dead: no memory, no files; signals change nothing. Left are its pid and {held}; {owed}.")
}

fn alive(world: &World, process: &Process) -> String {
    let id = process.id;
    if process.is_stopped() || process.stopped_by.is_some() {
        let by = process
            .stopped_by
            .map_or_else(|| "a signal".to_owned(), |signal| signal.to_string());
        return format!(
            "{by} stopped {id}: it gets no CPU until SIGCONT. SIGKILL works; other signals and keys stay pending."
        );
    }
    if process.state == State::TRACED {
        return held(world, process);
    }
    if let Some(call) = process.waiting {
        return waiting(world, process, call);
    }
    match id {
        ProcId::Keeper => keeper(process),
        ProcId::Screen => screen(world, process),
        ProcId::Lab(_) => lab(world, process),
    }
}

fn keeper(process: &Process) -> String {
    if process.subreaper {
        "keeper is a subreaper: when a process below it ends, that one's children become keeper's. It waits for \
         them, so none stays a zombie."
            .to_owned()
    } else {
        "keeper is no subreaper now: orphans go past it, to the next subreaper above or to init. U makes it one \
         again."
            .to_owned()
    }
}

fn screen(world: &World, process: &Process) -> String {
    let zombies: Vec<_> = world
        .children(process.id)
        .filter(|child| child.is_zombie())
        .map(|child| child.id)
        .collect();
    if process.role == Role::Tracer {
        return "screen is forkscope itself. It has started the program, as a shell would, waits for it, and traces it: \
                so the program's processes stop where it tells them to."
            .to_owned();
    }
    match zombies.as_slice() {
        [] if world.children(process.id).next().is_none() => {
            "screen is forkscope itself. Press f: it calls fork(), and its child is a copy of it.".to_owned()
        }
        [] => "screen is forkscope itself, the parent of what was forked here. w waits for a child of it."
            .to_owned(),
        dead => format!(
            "screen is forkscope itself. It owes {} a wait: press w, and waitpid takes a status.",
            list(dead)
        ),
    }
}

fn lab(world: &World, process: &Process) -> String {
    let id = process.id;
    if let Some(from) = &process.orphan_of {
        return orphan(process, from);
    }
    match process.role {
        Role::Foreign => {
            let program = process.argv.first().map_or(process.comm.as_str(), String::as_str);
            format!(
                "{id} runs {program} now, which knows nothing of forkscope: it hears signals (k) and no other key."
            )
        }
        Role::Traced if process.state == State::RUNNING => {
            format!("{id} runs: it is on a CPU, or queued for one. r holds it wherever it is.")
        }
        Role::Traced => format!(
            "{id} sleeps in a call that is not about processes, such as a read or a pause. It goes on when that returns."
        ),
        Role::Program => in_program(world, process),
        Role::Lab | Role::Tracer => obedient(world, process),
    }
}

/// Where a process stands in the program that it interprets, and what that means.
fn in_program(world: &World, process: &Process) -> String {
    let id = process.id;
    let plain = || format!("{id} runs the program on the left, line by line, in a process of its own.");
    let Some(line) = &process.line else { return plain() };
    match (line.phase, &line.call, line.ret) {
        (Phase::In, Some(call), _) => {
            format!("{id} is in {call}. The kernel has put it to sleep; it uses no CPU.")
        }
        (Phase::Before, Some(call), _) => format!("{id} is about to call {call}."),
        (Phase::After, Some(call), Some(ret)) if call.contains("fork()") => forked(world, process, ret),
        (Phase::After, Some(call), Some(Ret::Err(errno))) => {
            format!(
                "{call} failed in {id}: {} ({errno}). {id} goes on with that.",
                errno.describe()
            )
        }
        (Phase::After, Some(call), Some(ret)) => {
            format!("{call} has returned {ret} in {id}; the value is not assigned yet.")
        }
        (Phase::Line, ..) => at_line(world, id, line.line),
        (Phase::End, ..) => format!("{id} has come to the end of the program."),
        _ => plain(),
    }
}

/// Before a line: the others stay where they are.
fn at_line(world: &World, id: ProcId, line: u32) -> String {
    let is_alone = world
        .processes()
        .filter(|other| other.id.is_lab() && other.is_alive())
        .count()
        < 2;
    if is_alone {
        format!("{id} is at line {line}. n executes it.")
    } else {
        format!("{id} is at line {line}. n executes it in {id} alone; the others stay where they are.")
    }
}

/// Right after fork: the two returns of one call, and what each process goes on with.
pub(super) fn forked(world: &World, process: &Process, ret: Ret) -> String {
    let id = process.id;
    match ret {
        Ret::Err(errno) => {
            format!("fork() failed in {id}: {errno}. There is no child, and {id} goes on alone.")
        }
        Ret::Ok(0) => {
            let parent = &process.parent;
            format!(
                "{id} is the child: fork() returned 0 to it. It goes on from this same line, with a copy of \
                 {parent}'s memory that is its own."
            )
        }
        Ret::Ok(pid) => {
            let child = world
                .by_pid(Pid(pid as i32))
                .map_or_else(|| pid.to_string(), |child| child.id.to_string());
            format!(
                "{id} called fork() once; it returned twice: {pid} here, 0 in {child}. {child} goes on from this \
                 same line, with a copy of the memory."
            )
        }
    }
}

fn obedient(world: &World, process: &Process) -> String {
    let id = process.id;
    let dead: Vec<_> = world
        .children(id)
        .filter(|child| child.is_zombie())
        .map(|child| child.id)
        .collect();
    let live = living(world, process);
    if !dead.is_empty() {
        return format!(
            "{id} lives, and {} of it: {}. w lets {id} wait and reap.",
            zombies(dead.len()),
            list(&dead)
        );
    }
    if process.action(Signal::CHLD) == Action::Ignore {
        return format!(
            "{id} ignores SIGCHLD: its children leave no zombie, and its waitpid ends with ECHILD."
        );
    }
    match live.as_slice() {
        [] => format!(
            "{id} sleeps in recvmsg() until a key comes for it. It has no child: f forks one, x ends {id}."
        ),
        [only] => {
            format!("{id} has 1 child: {only}. If {id} ends first, {only} lives on, with another parent.")
        }
        children => format!(
            "{id} has {}: {}. If {id} ends first, they live on, with another parent.",
            count(children.len(), "child", "children"),
            list(children)
        ),
    }
}

pub(super) fn zombies(n: usize) -> String {
    count(n, "child is a zombie", "children are zombies")
}

fn orphan(process: &Process, from: &Link) -> String {
    let id = process.id;
    let by = &process.parent;
    let why = match by {
        link if is_init(link) => "the init of this PID namespace",
        _ => "the nearest living subreaper above",
    };
    format!(
        "{id} is an orphan: {from} ended before it, so the kernel gave it to {by}, {why}. {id} itself runs on."
    )
}

fn waiting(world: &World, process: &Process, call: WaitCall) -> String {
    let id = process.id;
    if id == ProcId::Screen {
        return format!(
            "screen called {call} in effect; it may not block, so it looks again at each SIGCHLD. w or Esc gives up."
        );
    }
    let (whom, ends) = match call.target {
        WaitTarget::Child(pid) => {
            let name = world
                .by_pid(pid)
                .map_or_else(|| pid.to_string(), |child| child.id.to_string());
            (format!("{name} is alive"), format!("when {name} ends"))
        }
        _ => match living(world, process).as_slice() {
            [] => ("no child has ended".to_owned(), "when one does".to_owned()),
            [only] => (
                format!("its only child, {only}, is alive"),
                format!("when {only} ends"),
            ),
            several => (
                format!("{} are alive", list(several)),
                "when one of them ends".to_owned(),
            ),
        },
    };
    format!(
        "{id} called {call}. As {whom}, the kernel put {id} to sleep: it uses no CPU and hears no key. It wakes {ends}."
    )
}
