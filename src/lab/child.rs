//! The child's side: what a lab process is, from its birth to its `_exit`.
//!
//! A newborn is a copy of the process that forked it; what it must not share it gives up at once. Then it sleeps in
//! recvmsg(2) until an order comes, makes that one system call, and reports what the call returned. It never
//! touches the terminal. End of file on its channel means that screen is gone, and then it ends too.

use std::convert::Infallible;
use std::ffi::CString;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::kernel::environment;
use super::order::Order;
use super::wire::{self, Down, Line, Report, Up};
use crate::model::event::{Action, Birth, Exec, Fork, Limit, Role, SignalSent, Var, Wait, WaitEnd};
use crate::model::{CAUGHT, Link, Pid, ProcId, Ret, Signal, WaitCall, WaitStatus, What};
use crate::program::{Language, Machine};
use crate::sys::fork::{self, exit_now};
use crate::sys::socket::{self, Received};
use crate::sys::{self, raw, signal, wait};

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
    /// The program it interprets, if it does.
    pub machine: Option<Machine>,
}

/// Where a process that interprets a program moves its own descriptors, out of the way of the program's.
const OUT_OF_THE_WAY: i32 = 400;

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
        let mut me = Process::new(body);
        me.close_what_is_not_its_own();
        me.begin();
        me.tell_start();
        me.obey()
    }));
    exit_now(BROKEN)
}

/// A process of the lab, from inside.
pub(super) struct Process {
    pub(super) body: Body,
    pub(super) pid: Pid,
    seq: u32,
    pub(super) language: Language,
    /// Whether it interprets a program.
    is_program: bool,
    /// The line of its program that it is at.
    pub(super) at: u32,
    /// The variables as last told.
    pub(super) told: Vec<Var>,
}

/// How a fork came out.
pub(super) enum Forking {
    /// This is the child, with its own name.
    Child,
    /// This is the parent; the call may have failed.
    Parent(Fork),
    /// Screen said no: the limit.
    Refused,
}

/// Whether an order is answered by this report, or only begun.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Meanwhile,
    Done,
}

impl Process {
    fn new(mut body: Body) -> Self {
        let language = body
            .machine
            .as_ref()
            .map_or(Language::C, |machine| machine.program().language());
        let is_program = body.machine.is_some();
        if is_program {
            body.control = moved(body.control);
            body.report = moved(body.report);
        }
        Self {
            body,
            is_program,
            pid: Pid(0),
            seq: 0,
            language,
            at: 0,
            told: Vec::new(),
        }
    }

    /// Copies of other processes' channels would keep their ends of file from ever coming.
    fn close_what_is_not_its_own(&self) {
        let kept = [self.body.control.as_fd(), self.body.report.as_fd()];
        if fork::close_all_but(&kept).is_err() {
            exit_now(BROKEN);
        }
    }

    /// A newborn's first words.
    fn begin(&mut self) {
        self.pid = Pid(std::process::id() as i32);
        self.seq = 0;
        // What its parent told of was its parent's.
        self.told.clear();
        let name = CString::new(format!("forkscope {}", self.body.id)).unwrap_or_default();
        fork::introduce(&name, self.body.screen);
        let role = if self.is_program { Role::Program } else { Role::Lab };
        if role == Role::Lab {
            self.catch();
        }
        self.say(
            Answer::Meanwhile,
            What::Born(Birth {
                parent: Link::Proc(self.body.parent),
                start: 0,
                comm: String::new(),
                pgid: Pid(0),
                sid: Pid(0),
                role,
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
        let line = self.line(0, Answer::Meanwhile, caught);
        let text = wire::lines(&line, self.pid).concat();
        // Without the handler SIGUSR1 would end the process, as signal(7) says: a fact, shown like any other.
        let _ = signal::catch(CAUGHT, self.body.report.as_raw_fd(), &text);
    }

    fn obey(&mut self) -> ! {
        loop {
            match self.receive().0 {
                Down::Do(order) => self.carry_out(order),
                // Answers without a question: nothing to do.
                Down::Granted(_) | Down::Refused | Down::Allowed | Down::Denied => {}
            }
        }
    }

    /// The next message. When screen is gone there is nothing left to live for.
    pub(super) fn receive(&self) -> (Down, Option<OwnedFd>) {
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
            Order::Exit { code } => self.exit(code),
            Order::Wait { call } => self.wait(call),
            Order::Sigchld { action } => self.sigchld(action),
            Order::Subreaper { on } => self.subreaper(on),
            Order::Step => self.step(),
            Order::Finish => self.finish(),
        }
    }

    pub(super) fn exit(&mut self, code: i32) -> ! {
        let status = WaitStatus::Exited(code as u8);
        self.say(Answer::Done, What::Exit { status });
        exit_now(code)
    }

    fn fork(&mut self) {
        match self.request_and_fork(false) {
            Forking::Child => {}
            Forking::Parent(fork) => self.say(Answer::Done, What::Fork(fork)),
            Forking::Refused => self.say(Answer::Done, self.limit_met()),
        }
    }

    pub(super) fn limit_met(&self) -> What {
        let limit = self.body.limit;
        What::Limit(Limit {
            limit,
            killed: false,
            held: false,
        })
    }

    /// Every fork is a request: screen answers with a name and a channel for the child.
    pub(super) fn request_and_fork(&mut self, vfork: bool) -> Forking {
        if wire::send(&self.body.control, &Up::Fork, None).is_err() {
            exit_now(0);
        }
        let (Down::Granted(child), Some(channel)) = self.receive() else {
            return Forking::Refused;
        };
        let forked = if vfork {
            raw::vfork()
        } else {
            fork::fork().map(fork::Fork::number)
        };
        let (named, ret) = match forked {
            Ok(0) => {
                self.become_child(child, channel);
                return Forking::Child;
            }
            Ok(pid) => (Some(child), Ret::Ok(pid)),
            Err(failed) => (None, Ret::Err(failed.errno)),
        };
        Forking::Parent(Fork {
            child: named,
            ret,
            vfork,
        })
    }

    /// The copy takes its own name and channel, and gives up its parent's.
    fn become_child(&mut self, child: ProcId, channel: OwnedFd) {
        self.body.parent = self.body.id;
        self.body.id = child;
        self.body.control = if self.is_program { moved(channel) } else { channel };
        self.begin();
    }

    fn exec(&mut self, argv: Vec<String>) {
        let args: Vec<CString> = argv
            .iter()
            .filter_map(|arg| CString::new(arg.as_str()).ok())
            .collect();
        let ret = self.announce_and_exec(argv, |marker| match args.first() {
            Some(program) => {
                let environment = [environment(), marker].concat();
                nix::unistd::execvpe(program, &args, &environment)
            }
            None => Err(nix::errno::Errno::EINVAL),
        });
        self.say(Answer::Done, What::Exec(ret));
    }

    /// Says which program will be exec'd, and makes the call: it returns only if it fails.
    pub(super) fn announce_and_exec(
        &mut self,
        argv: Vec<String>,
        call: impl FnOnce(Vec<CString>) -> nix::Result<Infallible>,
    ) -> Exec {
        let announced = Exec {
            argv: argv.clone(),
            failed: None,
        };
        self.say(Answer::Meanwhile, What::Exec(announced));
        let marker = CString::new(self.body.marker.as_str()).ok();
        let errno = match call(marker.into_iter().collect()) {
            Ok(never) => match never {},
            Err(errno) => errno,
        };
        Exec {
            argv,
            failed: Some(Ret::Err(errno.into())),
        }
    }

    fn wait(&mut self, call: WaitCall) {
        self.make_wait(call, Answer::Done);
    }

    /// waitpid(2), told when it is called and when it returns. Whose pid it returned, screen knows.
    pub(super) fn make_wait(&mut self, call: WaitCall, answer: Answer) -> (Ret, Option<WaitStatus>) {
        self.say(Answer::Meanwhile, What::Wait(Wait { call, end: None }));
        let (ret, status) = match wait::wait(call) {
            Ok(Some((pid, status))) => (Ret::Ok(i64::from(pid.0)), Some(status)),
            Ok(None) => (Ret::Ok(0), None),
            Err(failed) => (Ret::Err(failed.errno), None),
        };
        let end = WaitEnd {
            ret,
            status,
            child: None,
        };
        self.say(answer, What::Wait(Wait { call, end: Some(end) }));
        (ret, status)
    }

    fn sigchld(&mut self, action: Action) {
        let signal = Signal::CHLD;
        let what = match signal::set_action(signal, action) {
            Ok(()) => What::Disposition { signal, action },
            Err(failed) => What::Error {
                text: failed.to_string(),
            },
        };
        self.say(Answer::Done, what);
    }

    fn subreaper(&mut self, on: bool) {
        let what = match set_subreaper(on) {
            Ok(()) => What::Subreaper { on },
            Err(failed) => What::Error {
                text: failed.to_string(),
            },
        };
        self.say(Answer::Done, what);
    }

    pub(super) fn say(&mut self, answer: Answer, what: What) {
        self.seq += 1;
        let line = self.line(self.seq, answer, what);
        self.write_line(&line);
    }

    pub(super) fn write_line(&self, line: &Line) {
        if wire::write(&self.body.report, line, self.pid).is_err() {
            exit_now(0);
        }
    }

    fn line(&self, seq: u32, answer: Answer, what: What) -> Line {
        Line::Fact(Report {
            proc: self.body.id,
            pid: self.pid,
            seq,
            done: answer == Answer::Done,
            what,
        })
    }
}

/// The descriptor at a number that programs do not reach by counting; where there is none, as it was.
fn moved(fd: OwnedFd) -> OwnedFd {
    raw::dup_above(fd.as_fd(), OUT_OF_THE_WAY).unwrap_or(fd)
}

/// prctl(2), `PR_SET_CHILD_SUBREAPER`.
pub fn set_subreaper(on: bool) -> sys::Result<()> {
    nix::sys::prctl::set_child_subreaper(on).map_err(|errno| sys::CallFailed {
        call: "prctl",
        errno: errno.into(),
    })
}
