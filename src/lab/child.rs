//! The child's side: what a lab process is, from its birth to its `_exit`.
//!
//! A newborn is a copy of the process that forked it; what it must not share it gives up at once. Then it sleeps in
//! recvmsg(2) until an order comes, makes that one system call, and reports what the call returned. It never
//! touches the terminal. End of file on its channel means that screen is gone, and then it ends too.

use std::ffi::CString;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::order::Order;
use super::wire::{self, Down, Line, Report, Up};
use crate::model::event::{Action, Birth, Exec, Fork, Limit, Role, SignalSent, Wait, WaitEnd};
use crate::model::{CAUGHT, Errno, Link, Pid, ProcId, Ret, Signal, WaitCall, WaitStatus, What};
use crate::sys::fork::{self, exit_now};
use crate::sys::socket::{self, Received};
use crate::sys::{self, signal, wait};

/// The exit code of a process of ours that failed at being one.
const BROKEN: i32 = 101;

/// A lab process's own view of itself.
pub struct Body {
    /// Its name.
    pub id: ProcId,
    /// Its parent's name.
    pub parent: ProcId,
    /// Its end of its control channel.
    pub control: OwnedFd,
    /// Where it reports.
    pub report: OwnedFd,
    /// What the environment of programs exec'd here is marked with, to find them again.
    pub marker: String,
    /// The pid of screen.
    pub screen: Pid,
    /// The limit, to be named when a fork is refused.
    pub limit: u32,
}

/// What screen gives a process that it forks itself, and which those forked below inherit.
#[derive(Clone, Copy)]
pub struct Stdio<'a> {
    /// The null device.
    pub input: BorrowedFd<'a>,
    /// The writing end of the output socket.
    pub output: BorrowedFd<'a>,
}

/// Lives as a lab process, forked by screen itself.
pub fn born_of_screen(body: Body, stdio: Stdio<'_>) -> ! {
    // The UI's panic hook would restore a terminal that is not this process's.
    let _ = std::panic::take_hook();
    let leave_the_terminal = || -> sys::Result<()> {
        fork::redirect(stdio.input, stdio.output)?;
        fork::new_session()?;
        signal::reset_all()
    };
    if leave_the_terminal().is_err() {
        exit_now(BROKEN);
    }
    live(body)
}

/// Lives. A panic must not unwind into the copy of the code that forked.
fn live(body: Body) -> ! {
    let _ = catch_unwind(AssertUnwindSafe(move || {
        let mut me = Process {
            body,
            pid: Pid(0),
            seq: 0,
        };
        me.begin();
        me.obey()
    }));
    exit_now(BROKEN)
}

struct Process {
    body: Body,
    pid: Pid,
    seq: u32,
}

/// Whether an order is answered by this report, or only begun.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Meanwhile,
    Done,
}

impl Process {
    /// A newborn's first acts.
    fn begin(&mut self) {
        self.pid = Pid(std::process::id() as i32);
        self.seq = 0;
        let kept = [self.body.control.as_fd(), self.body.report.as_fd()];
        if fork::close_all_but(&kept).is_err() {
            exit_now(BROKEN);
        }
        let name = CString::new(format!("forkscope {}", self.body.id)).unwrap_or_default();
        fork::introduce(&name, self.body.screen);
        self.catch();
        self.say(
            Said::Meanwhile,
            What::Born(Birth {
                parent: Link::Proc(self.body.parent),
                start: 0,
                comm: String::new(),
                pgid: Pid(0),
                sid: Pid(0),
                role: Role::Lab,
            }),
        );
    }

    /// Catches the one signal that lab processes catch, so that EINTR can be seen.
    fn catch(&self) {
        let caught = What::Signal(SignalSent {
            signal: CAUGHT,
            by: None,
            ret: Ret::Ok(0),
            group: false,
            caught: true,
        });
        let line = self.line(0, Said::Meanwhile, caught);
        let text = wire::lines(&line, self.pid).concat();
        // Without the handler SIGUSR1 would end the process, as signal(7) says: a fact, shown like any other.
        let _ = signal::catch(CAUGHT, self.body.report.as_raw_fd(), &text);
    }

    fn obey(&mut self) -> ! {
        loop {
            match self.receive().0 {
                Down::Do(order) => self.carry_out(order),
                // Answers without a question: nothing to do.
                Down::Granted(_) | Down::Refused => {}
            }
        }
    }

    /// The next message. When screen is gone there is nothing left to live for.
    fn receive(&self) -> (Down, Option<OwnedFd>) {
        loop {
            match socket::receive(&self.body.control, false) {
                Ok(Received::Message(bytes, fd)) => {
                    if let Ok(message) = serde_json::from_slice(&bytes) {
                        return (message, fd);
                    }
                }
                Ok(Received::Nothing) => {}
                Ok(Received::End) | Err(_) => exit_now(0),
            }
        }
    }

    fn carry_out(&mut self, order: Order) {
        match order {
            Order::Fork => self.fork(),
            Order::Exec { argv } => self.exec(argv),
            Order::Exit { code } => {
                self.say(
                    Said::Done,
                    What::Exit {
                        status: WaitStatus::Exited(code as u8),
                    },
                );
                exit_now(code);
            }
            Order::Wait { call } => self.wait(call),
            Order::Sigchld { action } => self.sigchld(action),
            Order::Subreaper { on } => self.subreaper(on),
        }
    }

    /// Every fork is a request: screen answers with a name and a channel for the child.
    fn fork(&mut self) {
        if wire::send(&self.body.control, &Up::Fork, None).is_err() {
            exit_now(0);
        }
        match self.receive() {
            (Down::Granted(child), Some(channel)) => self.fork_as(child, channel),
            _ => self.say(
                Said::Done,
                What::Limit(Limit {
                    limit: self.body.limit,
                    killed: false,
                }),
            ),
        }
    }

    fn fork_as(&mut self, child: ProcId, channel: OwnedFd) {
        let what = match fork::fork() {
            Ok(fork::Fork::Child) => {
                self.body.parent = self.body.id;
                self.body.id = child;
                // The old channel is the parent's; `begin` closes this copy of it.
                std::mem::forget(std::mem::replace(&mut self.body.control, channel));
                return self.begin();
            }
            Ok(fork::Fork::Parent(pid)) => Fork {
                child: Some(child),
                ret: Ret::Ok(i64::from(pid.0)),
                vfork: false,
            },
            Err(failed) => Fork {
                child: None,
                ret: Ret::Err(failed.errno),
                vfork: false,
            },
        };
        drop(channel);
        self.say(Said::Done, What::Fork(what));
    }

    fn exec(&mut self, argv: Vec<String>) {
        self.say(
            Said::Meanwhile,
            What::Exec(Exec {
                argv: argv.clone(),
                failed: None,
            }),
        );
        let errno = self.try_exec(&argv);
        self.say(
            Said::Done,
            What::Exec(Exec {
                argv,
                failed: Some(Ret::Err(errno)),
            }),
        );
    }

    /// execvpe(3); returns only if it fails.
    fn try_exec(&self, argv: &[String]) -> Errno {
        let c = |text: &str| CString::new(text).ok();
        let args: Vec<CString> = argv.iter().filter_map(|arg| c(arg)).collect();
        let Some(program) = args.first().filter(|_| args.len() == argv.len()) else {
            return nix::errno::Errno::EINVAL.into();
        };
        let marker = CString::new(self.body.marker.as_str()).ok();
        let environment: Vec<CString> = std::env::vars_os()
            .filter_map(|(name, value)| {
                use std::os::unix::ffi::OsStrExt;
                CString::new([name.as_bytes(), b"=", value.as_bytes()].concat()).ok()
            })
            .chain(marker)
            .collect();
        match nix::unistd::execvpe(program, &args, &environment) {
            Ok(never) => match never {},
            Err(errno) => errno.into(),
        }
    }

    fn wait(&mut self, call: WaitCall) {
        self.say(Said::Meanwhile, What::Wait(Wait { call, end: None }));
        let (ret, status) = match wait::wait(call) {
            Ok(Some((pid, status))) => (Ret::Ok(i64::from(pid.0)), Some(status)),
            Ok(None) => (Ret::Ok(0), None),
            Err(failed) => (Ret::Err(failed.errno), None),
        };
        // Whose pid that is, screen knows.
        self.say(
            Said::Done,
            What::Wait(Wait {
                call,
                end: Some(WaitEnd {
                    ret,
                    status,
                    child: None,
                }),
            }),
        );
    }

    fn sigchld(&mut self, action: Action) {
        let signal = Signal::CHLD;
        let what = match signal::set_action(signal, action) {
            Ok(()) => What::Disposition { signal, action },
            Err(failed) => What::Error {
                text: failed.to_string(),
            },
        };
        self.say(Said::Done, what);
    }

    fn subreaper(&mut self, on: bool) {
        let what = match set_subreaper(on) {
            Ok(()) => What::Subreaper { on },
            Err(failed) => What::Error {
                text: failed.to_string(),
            },
        };
        self.say(Said::Done, what);
    }

    fn say(&mut self, said: Said, what: What) {
        self.seq += 1;
        let line = self.line(self.seq, said, what);
        if wire::write(&self.body.report, &line, self.pid).is_err() {
            exit_now(0);
        }
    }

    fn line(&self, seq: u32, said: Said, what: What) -> Line {
        Line::Fact(Report {
            proc: self.body.id,
            pid: self.pid,
            seq,
            done: said == Said::Done,
            what,
        })
    }
}

/// prctl(2), `PR_SET_CHILD_SUBREAPER`.
pub fn set_subreaper(on: bool) -> sys::Result<()> {
    nix::sys::prctl::set_child_subreaper(on).map_err(|errno| sys::CallFailed {
        call: "prctl",
        errno: errno.into(),
    })
}
