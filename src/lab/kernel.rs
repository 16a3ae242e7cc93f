//! The real kernel behind a stepped program: each call is made in the very process that interprets the program, and
//! told as it is made.
//!
//! Three things are not left to the program alone. Every fork is a request, so that the limit holds and the child has
//! a name. A signal to another process needs a word from screen, so that kill(-1, 9) does not leave the lab. And the
//! descriptors through which a process hears orders and reports are out of its reach.

use std::ffi::CString;
use std::os::fd::AsRawFd;

use nix::errno::Errno as Code;

use super::child::{Answer, Forking, Process};
use super::wire::{self, Down, Line as WireLine, Up};
use crate::model::event::{Action as ModelAction, Line, Note, Phase, SignalSent};
use crate::model::{Pid, Ret, Signal, WaitCall, WaitOptions, What};
use crate::program::{Action, Call, Disposition, Exec, ExecForm, Kernel, MaskHow, Prctl, Return, SignalSet};
use crate::sys::fork::exit_now;
use crate::sys::{self, raw};

/// What -1 with this errno looks like to the program.
fn error(errno: Code) -> Return {
    Return::Error(errno.into())
}

fn number(result: sys::Result<i64>) -> Return {
    result.map_or_else(|failed| Return::Error(failed.errno), Return::Value)
}

impl Kernel for Process {
    fn call(&mut self, call: &Call) -> Return {
        match call {
            Call::Fork => self.program_forks(false),
            Call::Vfork => self.program_forks(true),
            Call::Exit { code, .. } => self.exit(*code),
            Call::Die(signal) => die(*signal),
            Call::Wait { pid, options, .. } => self.program_waits(*pid, *options),
            Call::Exec(exec) => self.program_execs(exec),
            Call::Kill { pid, signal } => self.program_kills(Pid(*pid), *signal),
            Call::Raise(signal) => number(raw::raise(*signal)),
            Call::Sigaction { signal, action, .. } => self.program_acts(*signal, *action),
            Call::Sigprocmask { how, set } => masks(*how, *set),
            Call::Prctl(prctl) => self.program_prctl(prctl),
            Call::Pause | Call::Sigsuspend(_) | Call::Sigwait(_) | Call::Sleep { .. } => {
                self.stands_in(call);
                sleeping(call)
            }
            Call::Read { fd, count, .. } => {
                self.stands_in(call);
                let count = usize::try_from(*count).unwrap_or(usize::MAX).min(1 << 20);
                raw::read(self.reachable(*fd), count)
                    .map_or_else(|failed| Return::Error(failed.errno), Return::Data)
            }
            Call::Write { fd, data, library } => {
                if !library {
                    self.stands_in(call);
                }
                number(raw::write(self.reachable(*fd), data))
            }
            Call::Close(_) | Call::Dup { .. } | Call::Dup2 { .. } | Call::Lseek { .. } => {
                self.on_descriptor(call)
            }
            other => plain(other),
        }
    }

    fn signals(&mut self) -> SignalSet {
        let arrived = SignalSet(raw::arrived());
        for signal in arrived.iter() {
            self.say(Answer::Meanwhile, What::Signal(SignalSent::caught(signal)));
        }
        arrived
    }
}

impl Process {
    /// A descriptor of the program's; those of forkscope itself do not exist for it.
    fn reachable(&self, fd: i32) -> i32 {
        if self.own_descriptors().contains(&fd) {
            -1
        } else {
            fd
        }
    }

    fn own_descriptors(&self) -> [i32; 2] {
        [self.body.control.as_raw_fd(), self.body.report.as_raw_fd()]
    }

    fn on_descriptor(&self, call: &Call) -> Return {
        match call {
            Call::Close(fd) => number(raw::close(self.reachable(*fd))),
            Call::Dup { fd, cloexec } => number(raw::dup(self.reachable(*fd), *cloexec)),
            Call::Dup2 { from, to, cloexec } => {
                number(raw::dup2(self.reachable(*from), self.reachable(*to), *cloexec))
            }
            Call::Lseek { fd, offset, whence } => number(raw::lseek(self.reachable(*fd), *offset, *whence)),
            other => plain(other),
        }
    }

    /// Says that the process is inside a call that may block.
    pub(super) fn stands_in(&mut self, call: &Call) {
        let line = Line {
            line: self.at,
            file: None,
            function: None,
            phase: Phase::In,
            call: Some(call.source(self.language)),
            kernel: None,
            ret: None,
        };
        self.say(Answer::Meanwhile, What::Line(line));
    }

    fn program_forks(&mut self, vfork: bool) -> Return {
        if vfork {
            self.stands_in(&Call::Vfork);
        }
        match self.request_and_fork(vfork) {
            Forking::Child => Return::Value(0),
            Forking::Parent(fork) => {
                let ret = fork.ret;
                self.say(Answer::Meanwhile, What::Fork(fork));
                match ret {
                    Ret::Ok(pid) => Return::Value(pid),
                    Ret::Err(errno) => Return::Error(errno),
                }
            }
            Forking::Refused => {
                self.say(Answer::Meanwhile, self.limit_met());
                error(Code::EAGAIN)
            }
        }
    }

    fn program_waits(&mut self, pid: i32, options: i32) -> Return {
        let call = WaitCall {
            target: pid.into(),
            options: WaitOptions::from_raw(options),
        };
        match self.make_wait(call, Answer::Meanwhile) {
            (Ret::Ok(pid), status) => {
                let status = status.map(|status| i32::from(status.to_raw()));
                Return::Waited {
                    pid: pid as i32,
                    status,
                }
            }
            (Ret::Err(errno), _) => Return::Error(errno),
        }
    }

    fn program_execs(&mut self, exec: &Exec) -> Return {
        let argv = exec
            .args
            .iter()
            .map(|arg| String::from_utf8_lossy(arg).into_owned())
            .collect();
        let failed = self.announce_and_exec(argv, |marker| exec_as_written(exec, marker));
        let errno = failed.failed.and_then(Ret::errno);
        self.say(Answer::Meanwhile, What::Exec(failed));
        Return::Error(errno.unwrap_or(Code::EINVAL.into()))
    }

    /// kill(2): to itself as it likes, to others of the lab with a word from screen, to nobody else.
    fn program_kills(&mut self, pid: Pid, signal: Signal) -> Return {
        if wire::send(&self.body.control, &Up::Kill(pid), None).is_err() {
            exit_now(0);
        }
        if let (Down::Allowed, _) = self.receive() {
            let sent = sys::signal::send(pid, signal);
            let ret = sent.map_or_else(|failed| Ret::Err(failed.errno), |()| Ret::Ok(0));
            self.write_line(&WireLine::Sent {
                by: self.body.id,
                pid,
                signal,
                ret,
            });
            return number(sent.map(|()| 0));
        }
        let text = format!(
            "{} called kill({pid}, {signal}): refused here, because it would reach processes outside the lab",
            self.body.id
        );
        self.say(
            Answer::Meanwhile,
            What::Note(Note {
                text: Some(text),
                ..Note::default()
            }),
        );
        error(Code::EPERM)
    }

    fn program_acts(&mut self, signal: Signal, action: Action) -> Return {
        let model = match action.disposition {
            Disposition::Default => ModelAction::Default,
            Disposition::Ignore => ModelAction::Ignore,
            Disposition::Catch => ModelAction::Handler,
        };
        let disposition = raw::Disposition {
            action: model,
            mask: action.mask.0,
            flags: action.flags,
        };
        let result = raw::sigaction(signal, disposition);
        if result.is_ok() {
            self.say(
                Answer::Meanwhile,
                What::Disposition {
                    signal,
                    action: model,
                },
            );
        }
        number(result)
    }

    fn program_prctl(&mut self, prctl: &Prctl) -> Return {
        match prctl {
            Prctl::Subreaper(on) => {
                let result = super::child::set_subreaper(*on);
                if result.is_ok() {
                    self.say(Answer::Meanwhile, What::Subreaper { on: *on });
                }
                number(result.map(|()| 0))
            }
            Prctl::Pdeathsig(signal) => {
                let signal = nix::sys::signal::Signal::try_from(signal.0).ok();
                match nix::sys::prctl::set_pdeathsig(signal) {
                    Ok(()) => Return::Value(0),
                    Err(errno) => error(errno),
                }
            }
            Prctl::Name(name) => {
                let name = CString::new(name.as_slice()).unwrap_or_default();
                match nix::sys::prctl::set_name(&name) {
                    Ok(()) => Return::Value(0),
                    Err(errno) => error(errno),
                }
            }
        }
    }
}

/// execve(2) or execvpe(3), with the mark added to the environment.
fn exec_as_written(exec: &Exec, marker: Vec<CString>) -> nix::Result<std::convert::Infallible> {
    let strings = |list: &[Vec<u8>]| -> Vec<CString> {
        list.iter()
            .map(|text| CString::new(text.as_slice()).unwrap_or_default())
            .collect()
    };
    let path = CString::new(exec.path.as_slice()).unwrap_or_default();
    let args = strings(&exec.args);
    let mut environment = exec.env.as_deref().map_or_else(environment, strings);
    environment.extend(marker);
    match exec.form {
        ExecForm::Execlp | ExecForm::Execvp => nix::unistd::execvpe(&path, &args, &environment),
        _ => nix::unistd::execve(&path, &args, &environment),
    }
}

/// The environment of forkscope, for those execs that give none.
pub(super) fn environment() -> Vec<CString> {
    use std::os::unix::ffi::OsStrExt;
    std::env::vars_os()
        .filter_map(|(name, value)| CString::new([name.as_bytes(), b"=", value.as_bytes()].concat()).ok())
        .collect()
}

/// The program met a fault: it ends as the hardware or the library would end it.
fn die(signal: Signal) -> Return {
    sys::signal::raise_default(signal);
    exit_now(128 + signal.0)
}

/// sigprocmask(2).
fn masks(how: Option<MaskHow>, set: SignalSet) -> Return {
    let result = match how {
        // Only asked for: blocking nothing more changes nothing.
        None => raw::sigprocmask(raw::How::Block, 0),
        Some(MaskHow::Block) => raw::sigprocmask(raw::How::Block, set.0),
        Some(MaskHow::Unblock) => raw::sigprocmask(raw::How::Unblock, set.0),
        Some(MaskHow::Set) => raw::sigprocmask(raw::How::Set, set.0),
    };
    result.map_or_else(
        |failed| Return::Error(failed.errno),
        |old| Return::Signals(SignalSet(old)),
    )
}

/// Calls that wait for a signal or for time.
fn sleeping(call: &Call) -> Return {
    match call {
        Call::Pause => number(raw::pause()),
        Call::Sigsuspend(set) => number(raw::sigsuspend(set.0)),
        Call::Sigwait(set) => number(raw::sigwait(set.0)),
        Call::Sleep { nanos, .. } => Return::Value(raw::sleep(*nanos)),
        other => plain(other),
    }
}

/// Calls that concern nobody but the process itself.
fn plain(call: &Call) -> Return {
    let value = |n: i64| Return::Value(n);
    match call {
        Call::Getpid => value(i64::from(std::process::id())),
        Call::Getppid => value(i64::from(std::os::unix::process::parent_id())),
        Call::Getpgid(pid) => number(raw::getpgid(Pid(*pid))),
        Call::Getsid(pid) => number(raw::getsid(Pid(*pid))),
        Call::Getuid => value(i64::from(nix::unistd::getuid().as_raw())),
        Call::Setpgid { pid, group } => number(raw::setpgid(Pid(*pid), Pid(*group))),
        Call::Setsid => number(raw::setsid()),
        Call::Sigpending => raw::sigpending().map_or_else(
            |failed| Return::Error(failed.errno),
            |set| Return::Signals(SignalSet(set)),
        ),
        Call::Alarm(seconds) => value(raw::alarm(*seconds)),
        Call::Time => value(raw::time()),
        Call::Pipe { cloexec } => raw::pipe(*cloexec).map_or_else(
            |failed| Return::Error(failed.errno),
            |(read, write)| Return::Pipe(read, write),
        ),
        Call::Open { path, flags, mode } => number(raw::open(path, *flags, *mode)),
        Call::Unlink(path) => number(raw::unlink(path)),
        Call::Chdir(path) => number(raw::chdir(path)),
        Call::Umask(mask) => value(raw::umask(*mask)),
        Call::SetProcessLimit { soft, hard } => {
            use nix::sys::resource::{Resource, setrlimit};
            setrlimit(Resource::RLIMIT_NPROC, *soft, *hard).map_or_else(error, |()| Return::Value(0))
        }
        Call::ProcessLimit => {
            use nix::sys::resource::{Resource, getrlimit};
            getrlimit(Resource::RLIMIT_NPROC).map_or_else(error, |(soft, hard)| Return::Limits { soft, hard })
        }
        // Every other call has a function of its own above.
        _ => error(Code::ENOSYS),
    }
}
