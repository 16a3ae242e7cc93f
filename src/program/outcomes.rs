//! Every possible outcome of a steppable program: the machine as an actor of the pure kernel.
//!
//! The machine asks for a system call, the model answers it, and nothing is executed for real. What the program may
//! still do, which decides how many orders can be left out, is read off the words of its source: a call that is not
//! named in it cannot be made.

mod steps;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use steps::Steps;

use super::call::{self, Disposition, Prctl, SignalSet};
use super::{Buffering, Call, Exec, Machine, Outcome, Program, Return};
use crate::model::event::Action;
use crate::model::explore::{
    self as model, Actor, Bound, Effects, Move, Outcomes, Wish, by_orders, explore, replay,
};
use crate::model::sim::{self, Image, MaskHow, OpenFlags, Sigaction, Signals, Whence};
use crate::model::{Pid, ProcId, Signal, WaitCall, WaitOptions, WaitTarget};

/// How many steps a program may take from one call to the next before it counts as one that never makes another.
const PATIENCE: u32 = 1_000_000;

/// The user that the program finds itself to be.
const SOMEBODY: i64 = 1000;

/// A program to be explored.
#[derive(Clone, Debug)]
pub struct Explorer(Explored);

impl Explorer {
    /// A program with these arguments. `source` is its text.
    pub fn new(program: Arc<Program>, source: &str, args: &[String], buffering: Buffering) -> Self {
        Self(Explored {
            machine: Machine::new(program, args, buffering),
            named: named_in(source),
            steps: Steps::default(),
        })
    }

    /// Finds every outcome with this input.
    pub fn outcomes(&self, input: &[u8], bound: Bound) -> Outcomes {
        explore(self.0.clone(), input, bound)
    }

    /// Who takes the next step, one after the other, so that the lab comes to that outcome; none if ordering steps
    /// cannot bring it about: a line that makes several calls makes them without a stop.
    pub fn steps(&self, input: &[u8], outcome: &model::Outcome, run: &[Move]) -> Option<Vec<ProcId>> {
        let mut calls = Vec::new();
        replay(self.0.clone(), input, run, |who, actor| {
            calls.push((who, actor.steps.taken));
        });
        let leads_there = |orders: &Vec<ProcId>| {
            by_orders(self.0.clone(), input, orders, |actor| actor.steps.taken).as_ref() == Some(outcome)
        };
        // A step that makes several calls can be taken when the run makes the first of them, or the last.
        let first = orders(calls.iter().copied());
        let found = Some(first).filter(leads_there).or_else(|| {
            let is_last = |at: &usize| !calls[at + 1..].contains(&calls[*at]);
            let last = orders((0..calls.len()).filter(is_last).map(|at| calls[at]));
            Some(last).filter(leads_there)
        });
        // A lab begins a program by its first step: it stands at its first line when it is shown.
        found.map(|orders| orders.into_iter().skip(1).collect())
    }
}

/// The steps by which each has taken as many as its calls need, in the order of the calls.
fn orders(calls: impl Iterator<Item = (ProcId, u32)>) -> Vec<ProcId> {
    let mut orders = Vec::new();
    let mut taken: BTreeMap<ProcId, u32> = BTreeMap::new();
    for (who, needed) in calls {
        let taken = taken.entry(who).or_default();
        let missing = needed.saturating_sub(*taken);
        orders.extend(std::iter::repeat_n(who, missing as usize));
        *taken += missing;
    }
    orders
}

/// A machine, and all that its source names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Explored {
    machine: Machine,
    named: Effects,
    steps: Steps,
}

impl Actor for Explored {
    fn next(&mut self) -> Wish {
        for _ in 0..PATIENCE {
            if !self.steps.asks {
                self.steps.go_on();
            }
            match self.machine.step() {
                Outcome::Ran => {}
                Outcome::Line(_) | Outcome::Fault(_) => self.steps.stop(),
                Outcome::Call(call) => {
                    self.steps.ask(&call);
                    return translated(&call).map_or_else(
                        || {
                            Wish::Lost(format!(
                                "line {}: a call the model does not know",
                                self.machine.line()
                            ))
                        },
                        Wish::Call,
                    );
                }
                Outcome::Done(status) => return Wish::Call(sim::Call::Exit(status.shell_code().into())),
            }
        }
        Wish::Lost(format!(
            "line {}: the program computes without an end",
            self.machine.line()
        ))
    }

    fn resume(&mut self, ret: &sim::Return) {
        let Outcome::Call(call) = self.machine.step() else {
            return;
        };
        self.steps.answer(&call, ret);
        let answer = match call {
            // The model keeps only that there is a limit.
            Call::ProcessLimit => Return::Limits {
                soft: u64::MAX,
                hard: u64::MAX,
            },
            _ => answer(ret),
        };
        self.machine.resume(answer);
    }

    fn catch(&mut self, signal: Signal) {
        self.machine.deliver(signal);
    }

    fn future(&self) -> Effects {
        self.named
    }
}

/// Whether a program with this source may set a timer, and be woken by that.
pub fn sets_timers(source: &str) -> bool {
    source.contains("alarm")
}

/// All that a program with this source can do to others.
fn named_in(source: &str) -> Effects {
    const WORDS: [(&str, Effects); 20] = [
        ("kill", Effects::SEND),
        ("raise", Effects::SEND),
        ("alarm", Effects::SEND),
        ("abort", Effects::SEND),
        ("prctl", Effects::ALL),
        ("PDEATHSIG", Effects::SEND),
        ("SIGPIPE", Effects::SEND),
        ("sig", Effects::CATCH),
        ("pause", Effects::CATCH),
        ("ppid", Effects::KIN),
        ("getpg", Effects::KIN),
        ("setpg", Effects::KIN),
        ("getsid", Effects::KIN),
        ("setsid", Effects::KIN),
        ("rlimit", Effects::KIN),
        ("exec", Effects::EXEC),
        ("spawn", Effects::EXEC),
        ("waitpid", Effects::WAIT),
        ("waitid", Effects::WAIT),
        ("fork", Effects::FORK),
    ];
    // Every program may print.
    let named = WORDS.iter().filter(|(word, _)| source.contains(word));
    named.fold(waits_in(source).and(Effects::IO), |all, (_, effects)| {
        all.and(*effects)
    })
}

/// How `wait` is used: where each is a statement of its own, nobody looks who came.
fn waits_in(source: &str) -> Effects {
    let is_statement = |(at, _): (usize, &str)| {
        let before = source[..at].trim_end_matches("os.").trim_end_matches([' ', '\t']);
        let after = &source[at + "wait".len()..];
        let alone = before.is_empty() || before.ends_with(['\n', ';', '{', '}']);
        alone
            && ["(NULL);", "(0);", "()\n", "()"]
                .iter()
                .any(|call| after.starts_with(call))
    };
    let headers = source.matches("sys/wait.h").count();
    let calls = source.match_indices("wait").count() - headers;
    let statements = source
        .match_indices("wait")
        .filter(|found| is_statement(*found))
        .count();
    match calls {
        0 => Effects::NONE,
        _ if calls == statements => Effects::JOIN,
        _ => Effects::WAIT,
    }
}

/// A call in the model's words; none if it has none for it.
fn translated(call: &Call) -> Option<sim::Call> {
    Some(match call {
        Call::Fork => sim::Call::Fork,
        Call::Vfork => sim::Call::Vfork,
        Call::Exit { code, .. } => sim::Call::Exit(*code),
        Call::Die(signal) => sim::Call::Fault(*signal),
        Call::Wait { pid, options, .. } => sim::Call::Wait(wait(*pid, *options)?),
        Call::Getpid => sim::Call::Getpid,
        Call::Getppid => sim::Call::Getppid,
        Call::Getpgid(pid) => sim::Call::Getpgid(Pid(*pid)),
        Call::Getsid(pid) => sim::Call::Getsid(Pid(*pid)),
        Call::Setpgid { pid, group } => sim::Call::Setpgid {
            pid: Pid(*pid),
            group: Pid(*group),
        },
        Call::Setsid => sim::Call::Setsid,
        Call::Exec(exec) => sim::Call::Exec(image(exec)),
        Call::Getuid => sim::Call::Local(SOMEBODY),
        Call::Chdir(_) | Call::Time | Call::Umask(_) | Call::ProcessLimit | Call::Prctl(Prctl::Name(_)) => {
            sim::Call::Local(0)
        }
        Call::Prctl(Prctl::Subreaper(on)) => sim::Call::Subreaper(*on),
        Call::Prctl(Prctl::Pdeathsig(signal)) => sim::Call::Pdeathsig(*signal),
        Call::SetProcessLimit { soft, .. } => sim::Call::Setlimit(u32::try_from(*soft).unwrap_or(u32::MAX)),
        call => return signal_call(call).or_else(|| file_call(call)),
    })
}

fn signal_call(call: &Call) -> Option<sim::Call> {
    Some(match call {
        Call::Kill { pid, signal } => sim::Call::Kill {
            pid: *pid,
            signal: *signal,
        },
        Call::Raise(signal) => sim::Call::Raise(*signal),
        Call::Sigaction { signal, action, .. } => sim::Call::Sigaction(Sigaction {
            signal: *signal,
            action: match action.disposition {
                Disposition::Default => Action::Default,
                Disposition::Ignore => Action::Ignore,
                Disposition::Catch => Action::Handler,
            },
            nocldstop: action.flags & nix::libc::SA_NOCLDSTOP != 0,
            nocldwait: action.flags & nix::libc::SA_NOCLDWAIT != 0,
        }),
        Call::Sigprocmask { how, set } => sim::Call::Sigprocmask {
            how: match how {
                Some(call::MaskHow::Unblock) => MaskHow::Unblock,
                Some(call::MaskHow::Set) => MaskHow::Set,
                Some(call::MaskHow::Block) | None => MaskHow::Block,
            },
            set: how.map_or(Signals::NONE, |_| Signals(set.0)),
        },
        Call::Sigpending => sim::Call::Sigpending,
        Call::Sigsuspend(set) => sim::Call::Sigsuspend(Signals(set.0)),
        Call::Sigwait(set) => sim::Call::Sigwait(Signals(set.0)),
        Call::Pause => sim::Call::Pause,
        Call::Alarm(seconds) => sim::Call::Alarm(*seconds),
        Call::Sleep { .. } => sim::Call::Sleep,
        _ => return None,
    })
}

fn file_call(call: &Call) -> Option<sim::Call> {
    Some(match call {
        Call::Pipe { cloexec } => sim::Call::Pipe { cloexec: *cloexec },
        Call::Read { fd, count, .. } => sim::Call::Read {
            fd: *fd,
            count: usize::try_from(*count).unwrap_or(usize::MAX),
        },
        Call::Write { fd, data, .. } => sim::Call::Write {
            fd: *fd,
            data: data.clone(),
        },
        Call::Close(fd) => sim::Call::Close(*fd),
        Call::Dup { fd, cloexec } => sim::Call::Dup {
            fd: *fd,
            cloexec: *cloexec,
        },
        Call::Dup2 { from, to, cloexec } => sim::Call::Dup2 {
            from: *from,
            to: *to,
            cloexec: *cloexec,
        },
        Call::Open { path, flags, .. } => sim::Call::Open {
            path: path.clone(),
            flags: open_flags(*flags),
        },
        Call::Lseek { fd, offset, whence } => sim::Call::Lseek {
            fd: *fd,
            offset: *offset,
            whence: match *whence {
                nix::libc::SEEK_SET => Whence::Set,
                nix::libc::SEEK_CUR => Whence::Current,
                nix::libc::SEEK_END => Whence::End,
                _ => return None,
            },
        },
        Call::Unlink(path) => sim::Call::Unlink(path.clone()),
        _ => return None,
    })
}

fn wait(pid: i32, options: i32) -> Option<WaitCall> {
    use nix::libc::{WCONTINUED, WNOHANG, WUNTRACED};
    let known = options & !(WNOHANG | WUNTRACED | WCONTINUED) == 0;
    known.then(|| WaitCall {
        target: WaitTarget::from(pid),
        options: WaitOptions {
            nohang: options & WNOHANG != 0,
            untraced: options & WUNTRACED != 0,
            continued: options & WCONTINUED != 0,
        },
    })
}

fn image(exec: &Exec) -> Image {
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let program = std::iter::once(text(&exec.path));
    Image {
        argv: program.chain(exec.args.iter().skip(1).map(text)).collect(),
        missing: None,
    }
}

const fn open_flags(flags: i32) -> OpenFlags {
    use nix::libc::{O_ACCMODE, O_APPEND, O_CLOEXEC, O_CREAT, O_EXCL, O_RDONLY, O_TRUNC};
    let access = flags & O_ACCMODE;
    OpenFlags {
        read: access != nix::libc::O_WRONLY,
        write: access != O_RDONLY,
        create: flags & O_CREAT != 0,
        exclusive: flags & O_EXCL != 0,
        truncate: flags & O_TRUNC != 0,
        append: flags & O_APPEND != 0,
        cloexec: flags & O_CLOEXEC != 0,
    }
}

/// A return in the machine's words.
fn answer(ret: &sim::Return) -> Return {
    match ret {
        sim::Return::Value(value) => Return::Value(*value),
        sim::Return::Waited { pid, status } => Return::Waited {
            pid: pid.0,
            status: status.map(|status| status.to_raw().into()),
        },
        sim::Return::Data(data) => Return::Data(data.clone()),
        sim::Return::Pipe(read, write) => Return::Pipe(*read, *write),
        sim::Return::Signals(set) => Return::Signals(SignalSet(set.0)),
        sim::Return::Error(errno) => Return::Error(*errno),
    }
}
