//! Facts of the tracer in the one language of facts, so that a traced program is drawn, recorded, exported and
//! replayed like any other.
//!
//! Each fact becomes one event, and one more where it also says at which line its process stands.

use std::collections::HashMap;

use super::call::{Ask, Call, OnChild, Who};
use super::ends::parent_of;
use super::fact::{Fact, Place, Returned, Variable, What};
use crate::model::event::{
    Action, Birth, Exec, Fork, Limit, Line, Note, Phase, Reaped, Role, SignalSent, Var, Wait, WaitEnd,
};
use crate::model::{
    Event, Link, Pid, ProcId, Ret, Time, WaitCall, WaitOptions, WaitStatus, WaitTarget, What as Told,
};
use crate::sys::proc::{self, StatFile};

/// Translates. It remembers what each process waits for, because an event repeats the call when it returns.
#[derive(Debug, Default)]
pub struct Translator {
    waits: HashMap<ProcId, WaitCall>,
    /// Whether a program that meets the limit is killed at once, and not held to be looked at.
    kills: bool,
}

/// The events that the processes above the program exist: the keeper, if there is one, and this process, which
/// started the program and is the parent in its tree.
pub fn ancestors(keeper: Option<Pid>) -> Vec<Event> {
    let born = |proc, pid, parent, role| Event {
        t: Time(0),
        proc,
        pid,
        what: Told::Born(birth(pid, parent, role)),
    };
    let this = Pid(std::process::id() as i32);
    let Some(keeper) = keeper else {
        return vec![born(ProcId::Screen, this, outside(parent_of(this)), Role::Tracer)];
    };
    vec![
        born(ProcId::Keeper, keeper, outside(parent_of(keeper)), Role::Lab),
        born(ProcId::Screen, this, Link::Proc(ProcId::Keeper), Role::Tracer),
    ]
}

fn outside(parent: Option<Pid>) -> Link {
    proc::outside(parent.unwrap_or_default())
}

fn birth(pid: Pid, parent: Link, role: Role) -> Birth {
    // Whoever is gone already has no more to show; its facts follow.
    let seen = StatFile::open(pid).and_then(|file| file.look());
    Birth {
        parent,
        start: seen.as_ref().map_or(0, |seen| seen.start),
        comm: seen.as_ref().map(|seen| seen.comm.clone()).unwrap_or_default(),
        pgid: seen.as_ref().map_or(Pid(0), |seen| seen.pgid),
        sid: seen.as_ref().map_or(Pid(0), |seen| seen.sid),
        role,
    }
}

impl Translator {
    /// For whoever kills a program at once that meets the limit.
    pub fn of_a_killer() -> Self {
        Self {
            kills: true,
            ..Self::default()
        }
    }

    /// The events that a fact is.
    pub fn events(&mut self, fact: &Fact) -> Vec<Event> {
        let line = self.line_of(fact);
        self.told(fact)
            .into_iter()
            .chain(line.map(Told::Line))
            .map(|what| Event {
                t: fact.time,
                proc: fact.proc,
                pid: fact.pid,
                what,
            })
            .collect()
    }

    /// Where a fact says that its process stands.
    fn line_of(&self, fact: &Fact) -> Option<Line> {
        let stand = match &fact.what {
            What::Line { .. } => Stand::at(Phase::Line),
            What::Call { call, kernel } => Stand {
                call: Some(call.to_string()),
                kernel: Some(kernel),
                ..Stand::at(Phase::Before)
            },
            What::Inside { call } => Stand {
                call: Some(call.to_string()),
                kernel: Some(call.kernel),
                ..Stand::at(Phase::In)
            },
            // The parent sleeps in it until the child execs or ends.
            What::Fork {
                kernel: kernel @ Some("vfork"),
                child: Some(_),
                ..
            } => Stand {
                call: Some("vfork()".to_owned()),
                kernel: *kernel,
                ..Stand::at(Phase::In)
            },
            What::Fork { kernel, result, .. } => Stand {
                call: Some("fork()".to_owned()),
                kernel: *kernel,
                ret: Some(ret(*result)),
                ..Stand::at(Phase::After)
            },
            // The child's fork returned 0.
            What::Born { by, .. } if by.is_lab() => Stand {
                call: Some("fork()".to_owned()),
                ret: Some(Ret::Ok(0)),
                ..Stand::at(Phase::After)
            },
            What::Wait { call, result, .. } => Stand {
                call: self.waits.get(&fact.proc).map(ToString::to_string),
                kernel: Some(call),
                ret: Some(ret(*result)),
                ..Stand::at(Phase::After)
            },
            What::Returned { call, result } => Stand {
                call: Some(call.clone()),
                ret: Some(ret(*result)),
                ..Stand::at(Phase::After)
            },
            What::Exit { .. } => Stand::at(Phase::End),
            _ => return None,
        };
        Some(stand.line(fact.at.as_ref()))
    }

    fn told(&mut self, fact: &Fact) -> Option<Told> {
        Some(match &fact.what {
            What::Call { call, .. } => return self.called(fact.proc, call),
            What::Fork {
                kernel,
                child,
                result,
            } => Told::Fork(Fork {
                child: *child,
                ret: ret(*result),
                vfork: *kernel == Some("vfork"),
            }),
            What::Born { parent, .. } => Told::Born(birth(fact.pid, parent.clone(), Role::Traced)),
            What::Thread { threads, .. } => Told::Thread { threads: *threads },
            What::Exec { path, argv, errno } => Told::Exec(Exec {
                argv: if argv.is_empty() {
                    vec![path.clone()]
                } else {
                    argv.clone()
                },
                failed: errno.map(Ret::Err),
            }),
            What::Exit { code } => Told::Exit {
                status: WaitStatus::Exited(*code),
            },
            What::Killed { signal, core } => Told::Killed {
                status: WaitStatus::Signaled {
                    signal: *signal,
                    core: *core,
                },
            },
            What::Zombie { status } => Told::Zombie {
                status: Some(*status),
            },
            What::Wait {
                child,
                result,
                status,
                ..
            } => Told::Wait(Wait {
                call: self.waits.remove(&fact.proc).unwrap_or_default(),
                end: Some(WaitEnd {
                    ret: ret(*result),
                    status: *status,
                    child: *child,
                }),
            }),
            What::Reaped { by, status, auto } => {
                self.waits.remove(&fact.proc);
                Told::Reaped(Reaped {
                    by: by.clone(),
                    status: Some(*status),
                    auto: *auto,
                })
            }
            What::Adopted { from, to } => Told::Adopted {
                from: from.clone(),
                by: to.clone(),
            },
            What::Signal { signal, from } if *from != Some(Link::Proc(ProcId::Screen)) => {
                Told::Signal(SignalSent {
                    signal: *signal,
                    by: from.as_ref().and_then(Link::proc),
                    ret: Ret::Ok(0),
                    group: false,
                    caught: false,
                })
            }
            What::Stopped { signal } => Told::Stopped {
                signal: Some(*signal),
            },
            What::Continued => Told::Continued,
            What::Group { pgid } => Told::Group { pgid: *pgid },
            What::Session { sid } => Told::Session { sid: *sid },
            What::Disposition { signal, action } => Told::Disposition {
                signal: *signal,
                action: match action {
                    OnChild::Default => Action::Default,
                    OnChild::Ignore => Action::Ignore,
                    OnChild::Handler | OnChild::HandlerNoZombies => Action::Handler,
                },
            },
            What::Subreaper { on } => Told::Subreaper { on: *on },
            What::Vars { vars } => Told::Vars {
                vars: vars.iter().map(|var| variable(var, fact.at.as_ref())).collect(),
            },
            What::Limit { limit } => Told::Limit(Limit {
                limit: *limit as u32,
                killed: self.kills,
                held: !self.kills,
            }),
            What::Note { text } => Told::Note(Note {
                text: Some(text.clone()),
                ..Note::default()
            }),
            // That was told when it was sent; the others are told by where the process stands.
            What::Signal { .. } | What::Returned { .. } | What::Line { .. } | What::Inside { .. } => {
                return None;
            }
        })
    }

    fn called(&mut self, proc: ProcId, call: &Call) -> Option<Told> {
        let Ask::Wait { who, options, .. } = call.ask else {
            return None;
        };
        let call = WaitCall {
            target: match who {
                Who::Any => WaitTarget::Any,
                Who::Child(pid) => WaitTarget::Child(pid),
                Who::Group(Pid(0)) => WaitTarget::OwnGroup,
                Who::Group(group) => WaitTarget::Group(group),
            },
            options: WaitOptions {
                nohang: options & libc::WNOHANG != 0,
                untraced: options & libc::WUNTRACED != 0,
                continued: options & libc::WCONTINUED != 0,
            },
        };
        self.waits.insert(proc, call);
        Some(Told::Wait(Wait { call, end: None }))
    }
}

/// What is known of where a process stands, but for the place.
struct Stand {
    phase: Phase,
    call: Option<String>,
    kernel: Option<&'static str>,
    ret: Option<Ret>,
}

impl Stand {
    const fn at(phase: Phase) -> Self {
        Self {
            phase,
            call: None,
            kernel: None,
            ret: None,
        }
    }

    fn line(self, at: Option<&Place>) -> Line {
        let line = at.and_then(|at| at.line.as_ref());
        Line {
            line: line.map_or(0, |line| line.line),
            file: line.map(|line| line.file.to_string_lossy().into_owned()),
            function: at.and_then(|at| at.function.as_deref()).map(str::to_owned),
            phase: self.phase,
            call: self.call,
            kernel: self.kernel.map(str::to_owned),
            ret: self.ret,
        }
    }
}

fn variable(variable: &Variable, at: Option<&Place>) -> Var {
    Var {
        name: variable.name.clone(),
        value: variable.value.clone(),
        at: variable.address.map(|address| format!("{address:#x}")),
        of: at.and_then(|at| at.function.as_deref()).map(str::to_owned),
    }
}

fn ret(returned: Returned) -> Ret {
    returned.errno.map_or(Ret::Ok(returned.ret), Ret::Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Errno, Signal};

    /// Facts of A are these events, as JSON without time, process and pid.
    #[track_caller]
    fn check(facts: &[What], events: &[&str]) {
        let mut translator = Translator::default();
        let told: Vec<_> = facts
            .iter()
            .flat_map(|what| {
                translator.events(&Fact {
                    time: Time(0),
                    proc: ProcId::lab(0),
                    pid: Pid(7),
                    what: what.clone(),
                    at: None,
                })
            })
            .map(|event| serde_json::to_string(&event.what).expect("an event is JSON"))
            .collect();
        assert_eq!(told, events);
    }

    #[test]
    fn a_wait_is_told_at_its_call_and_at_its_end() {
        let call = What::Call {
            call: Box::new(Call {
                kernel: "wait4",
                ask: Ask::Wait {
                    who: Who::Any,
                    options: libc::WNOHANG,
                    store: 0,
                },
            }),
            kernel: "wait4",
        };
        let end = What::Wait {
            call: "wait4",
            child: None,
            result: Err(Errno(10)).into(),
            status: None,
        };
        check(
            &[call, end],
            &[
                r#"{"event":"wait","target":-1,"options":["WNOHANG"]}"#,
                r#"{"event":"line","line":0,"phase":"before","call":"waitpid(-1, NULL, WNOHANG)","kernel":"wait4"}"#,
                r#"{"event":"wait","target":-1,"options":["WNOHANG"],"ret":-1,"errno":"ECHILD","status":null}"#,
                r#"{"event":"line","line":0,"phase":"after","call":"waitpid(-1, &status, WNOHANG)","kernel":"wait4","ret":-1,"errno":"ECHILD"}"#,
            ],
        );
    }

    #[test]
    fn ends_and_reaping_keep_the_kernels_words() {
        let signal = Signal::KILL;
        let status = WaitStatus::signaled(signal);
        check(
            &[
                What::Killed { signal, core: false },
                What::Zombie { status },
                What::Reaped {
                    by: ProcId::Screen.into(),
                    status,
                    auto: false,
                },
            ],
            &[
                r#"{"event":"killed","status":{"signaled":"SIGKILL","core":false}}"#,
                r#"{"event":"zombie","status":{"signaled":"SIGKILL","core":false}}"#,
                r#"{"event":"reaped","by":"screen","status":{"signaled":"SIGKILL","core":false}}"#,
            ],
        );
    }
}
