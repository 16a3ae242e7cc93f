//! What a fact means: the call on the left, cause and effect on the right.

use super::{count, is_init};
use crate::model::call::{Ret, WaitTarget};
use crate::model::event::{Action, Event, Exec, Fork, Limit, Reaped, SignalSent, Text, Wait, WaitEnd, What};
use crate::model::record::{Record, Scene};
use crate::model::{Errno, Link, ProcId, Signal, WaitStatus, command_line};

/// A fact, told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What was called or seen, such as `_exit(7)`.
    pub call: String,
    /// What the kernel made of it.
    pub meaning: String,
}

impl Told {
    fn new(call: impl Into<String>, meaning: impl Into<String>) -> Self {
        Self {
            call: call.into(),
            meaning: meaning.into(),
        }
    }
}

/// Tells a fact, or the pair of facts, that a record holds.
pub fn tell(record: &Record) -> Told {
    let Record {
        event, with, scene, ..
    } = record;
    let who = event.proc;
    match &event.what {
        What::Fork(fork) => forked(who, fork, with.as_ref()),
        What::Born(birth) => Told::new("born", format!("{who} is a child of {}", birth.parent)),
        What::Exec(exec) => execed(event, exec),
        What::Exit { status } => ended(record, exit_call(*status), *status),
        What::Killed { status } => ended(record, format!("killed by {status}"), *status),
        What::Stopped { signal } => {
            let by = signal.map_or_else(String::new, |signal| format!(" by {signal}"));
            Told::new(
                format!("stopped{by}"),
                format!("{who} runs nothing until SIGCONT comes"),
            )
        }
        What::Continued => Told::new("continued", format!("SIGCONT came: {who} goes on where it was")),
        What::Zombie { status } => Told::new("zombie", kept(who, *status, scene)),
        What::Wait(wait) => waited(who, wait, scene),
        What::Reaped(reaped) => reaped_by(who, reaped),
        What::Adopted { from, by } => adopted(from, by, scene),
        What::Signal(sent) => signalled(who, sent, scene),
        What::Disposition { signal, action } => disposed(who, *signal, *action),
        What::Subreaper { on: true } => Told::new(
            "subreaper on",
            format!("orphans below {who} come to {who} from now on"),
        ),
        What::Subreaper { on: false } => Told::new(
            "subreaper off",
            format!("orphans below {who} pass it by from now on"),
        ),
        What::Group { pgid } => Told::new(
            format!("group {pgid}"),
            format!("{who} is in process group {pgid} now"),
        ),
        What::Session { sid } => {
            Told::new(format!("session {sid}"), format!("{who} is in session {sid} now"))
        }
        // Of a terminal that several share, nobody knows who wrote to it.
        What::Output(text) if who == ProcId::Screen => {
            Told::new("terminal", format!("shows {}", quoted(text)))
        }
        What::Output(text) => Told::new("wrote", quoted(text)),
        What::Stdin(text) => Told::new("was given", quoted(text)),
        What::Fd(fd) => match &fd.file {
            Some(file) => Told::new(format!("descriptor {}", fd.fd), format!("refers to {file} now")),
            None => Told::new(
                format!("close({})", fd.fd),
                format!("{who} has no descriptor {} any more", fd.fd),
            ),
        },
        What::Limit(limit) => limited(*limit),
        What::Error { text } => Told::new("error", text),
        What::Note(note) => Told::new("note", note.text.clone().unwrap_or_default()),
        What::Line(_) | What::Vars { .. } | What::Thread { .. } | What::Key { .. } => Told::new("", ""),
    }
}

fn limited(Limit { limit, killed, held }: Limit) -> Told {
    if held {
        Told::new(
            "all held",
            format!(
                "more than {limit} processes (--limit): none goes on, and the end of the session ends them"
            ),
        )
    } else if killed {
        Told::new(
            "stopped and killed",
            format!("its programs forked past the limit of {limit}"),
        )
    } else {
        Told::new(
            "fork refused",
            format!("{limit} lab processes are the limit (--limit)"),
        )
    }
}

fn forked(parent: ProcId, fork: &Fork, born: Option<&Event>) -> Told {
    let call = if fork.vfork { "vfork()" } else { "fork()" };
    let meaning = match (fork.ret, fork.child) {
        (Ret::Err(errno), _) => format!("= -1 {errno}: {}", fork_failed(errno)),
        (Ret::Ok(pid), Some(child)) if born.is_some() => {
            format!("returned twice: {pid} in {parent}, 0 in its child {child}")
        }
        (Ret::Ok(pid), _) => format!("= {pid} in {parent}; the child has not been heard of yet"),
    };
    Told::new(call, meaning)
}

fn fork_failed(errno: Errno) -> &'static str {
    match nix::errno::Errno::from_raw(errno.0) {
        nix::errno::Errno::EAGAIN => {
            "no child. The limit on processes (RLIMIT_NPROC or a cgroup's) is reached"
        }
        nix::errno::Errno::ENOMEM => "no child. There is not enough memory to copy the process",
        _ => "no child",
    }
}

fn execed(event: &Event, exec: &Exec) -> Told {
    let call = format!("exec {}", command_line(&exec.argv));
    match exec.failed.and_then(Ret::errno) {
        None => Told::new(
            call,
            format!(
                "same process, same pid {}: only its program is another",
                event.pid
            ),
        ),
        Some(errno) => Told::new(
            call,
            format!(
                "= -1 {errno} ({}): {} goes on in its old program",
                errno.describe(),
                event.proc
            ),
        ),
    }
}

fn exit_call(status: WaitStatus) -> String {
    match status {
        WaitStatus::Exited(code) => format!("_exit({code})"),
        other => other.to_string(),
    }
}

fn ended(record: &Record, call: String, status: WaitStatus) -> Told {
    let Record {
        event, with, scene, ..
    } = record;
    let meaning = if with.is_some() {
        kept(event.proc, Some(status), scene)
    } else if scene.parent_ignores {
        let parent = name(scene.parent.as_ref());
        format!("no zombie: {parent} ignores SIGCHLD")
    } else {
        format!("{} has ended", event.proc)
    };
    Told::new(call, meaning)
}

fn kept(who: ProcId, status: Option<WaitStatus>, scene: &Scene) -> String {
    let parent = name(scene.parent.as_ref());
    match status {
        Some(_) => format!("{who} is a zombie: pid and status are kept for {parent}"),
        None => format!("{who} is a zombie: its pid is kept for {parent}"),
    }
}

fn waited(who: ProcId, wait: &Wait, scene: &Scene) -> Told {
    let call = match (wait.call.target, wait.call.options.is_plain()) {
        (WaitTarget::Any, true) => "waitpid(-1)".to_owned(),
        (target, true) => format!("waitpid({})", i32::from(target)),
        (target, false) => format!("waitpid({}, {})", i32::from(target), wait.call.options),
    };
    let meaning = match &wait.end {
        None => wait_begins(who, wait, scene),
        Some(end) => wait_ends(who, end),
    };
    Told::new(call, meaning)
}

fn wait_begins(who: ProcId, wait: &Wait, scene: &Scene) -> String {
    if who == ProcId::Screen {
        return "screen must draw, so it looks (WNOHANG) again at each SIGCHLD".into();
    }
    match scene {
        _ if wait.call.options.nohang => "only looks: WNOHANG never blocks".into(),
        Scene { zombies, .. } if *zombies > 0 => {
            format!(
                "{} dead already: it need not block",
                count(*zombies, "child is", "children are")
            )
        }
        Scene {
            living: Some(child),
            living_count: 1,
            ..
        } => format!("blocks: its child {child} is alive"),
        Scene { living_count: 0, .. } => format!("{who} has no child"),
        Scene { living_count, .. } => format!("blocks: its {living_count} children are alive"),
    }
}

fn wait_ends(who: ProcId, end: &WaitEnd) -> String {
    match end.ret {
        Ret::Ok(0) => "= 0: no child has changed yet, and WNOHANG does not block".into(),
        Ret::Ok(pid) => {
            let child = end
                .child
                .map_or_else(|| pid.to_string(), |child| child.to_string());
            match end.status {
                Some(status @ (WaitStatus::Stopped(_) | WaitStatus::Continued)) => {
                    format!(
                        "= {pid}: {child} was {status} (0x{:04x}); it stays",
                        status.to_raw()
                    )
                }
                Some(status) => format!("= {pid}: {child} is reaped, {status} (0x{:04x})", status.to_raw()),
                None => format!("= {pid}: {child} is reaped"),
            }
        }
        Ret::Err(errno) => format!("= -1 {errno}: {}", wait_failed(who, errno)),
    }
}

fn wait_failed(who: ProcId, errno: Errno) -> String {
    match nix::errno::Errno::from_raw(errno.0) {
        nix::errno::Errno::ECHILD => format!("{who} has no such child (grandchildren do not count)"),
        nix::errno::Errno::EINTR => format!("a signal handler of {who}'s ran; call it again"),
        _ => errno.describe().to_owned(),
    }
}

fn reaped_by(who: ProcId, reaped: &Reaped) -> Told {
    let status = reaped
        .status
        .map_or_else(|| "status unknown".to_owned(), |status| status.to_string());
    let by = &reaped.by;
    let meaning = if reaped.auto {
        format!("{by} ignores SIGCHLD: no zombie, and the status is lost")
    } else {
        format!("{by} waited for {who} ({status}): its entry is gone")
    };
    Told::new("reaped", meaning)
}

fn adopted(from: &Link, by: &Link, scene: &Scene) -> Told {
    let why = match by {
        link if is_init(link) => "init adopts where no subreaper is above".to_owned(),
        Link::Proc(id) if !scene.adopter_is_subreaper => format!("{id} adopts"),
        link => format!("{link} is the nearest living subreaper"),
    };
    Told::new(format!("parent: {from} → {by}"), format!("{from} died; {why}"))
}

fn signalled(who: ProcId, sent: &SignalSent, scene: &Scene) -> Told {
    let signal = sent.signal;
    if sent.caught {
        return Told::new(format!("{signal} caught"), format!("a handler in {who} ran"));
    }
    let call = if sent.group {
        format!("{signal} to its group")
    } else {
        signal.to_string()
    };
    let meaning = match sent.ret {
        Ret::Err(errno) => format!("kill() = -1 {errno}: {}", errno.describe()),
        Ret::Ok(_) if scene.zombie => format!("kill() = 0, yet nothing comes of it: {who} is dead already"),
        Ret::Ok(_) if signal == Signal(0) => format!("kill() = 0: {who} exists; nothing was sent"),
        Ret::Ok(_) if scene.stopped && ![Signal::KILL, Signal::CONT, Signal::STOP].contains(&signal) => {
            format!("kill() = 0; {who} is stopped: it stays pending until SIGCONT")
        }
        Ret::Ok(_) => match sent.by {
            Some(by) => format!("kill() = 0: sent by {by}"),
            None if OF_THE_KERNEL.contains(&signal.0) => "the kernel sent it".to_owned(),
            None => "sent from outside".to_owned(),
        },
    };
    Told::new(call, meaning)
}

/// Signals that the kernel sends by itself, as signal(7) lists them: a child has changed, or the program has failed.
const OF_THE_KERNEL: [i32; 6] = [
    nix::libc::SIGCHLD,
    nix::libc::SIGSEGV,
    nix::libc::SIGFPE,
    nix::libc::SIGILL,
    nix::libc::SIGBUS,
    nix::libc::SIGPIPE,
];

fn disposed(who: ProcId, signal: Signal, action: Action) -> Told {
    let word = match action {
        Action::Default => "SIG_DFL",
        Action::Ignore => "SIG_IGN",
        Action::Handler => "handler",
        Action::Blocked => "blocked",
    };
    let meaning = match (signal, action) {
        (Signal::CHLD, Action::Ignore) => format!("children of {who} that end from now on leave no zombie"),
        (Signal::CHLD, Action::Default) => format!("children of {who} that end stay zombies until it waits"),
        (_, Action::Ignore) => format!("{who} will not notice it"),
        (_, Action::Default) => "its default action is back".to_owned(),
        (_, Action::Handler) => format!("a function of {who}'s will run"),
        (_, Action::Blocked) => format!("it stays pending until {who} unblocks it"),
    };
    Told::new(format!("{signal}: {word}"), meaning)
}

/// What was written, on one line. A terminal begins each line anew with \r.
fn quoted(text: &Text) -> String {
    format!("{:?}", text.text.replace("\r\n", "\n"))
}

fn name(link: Option<&Link>) -> String {
    link.map_or_else(|| "its parent".to_owned(), ToString::to_string)
}
