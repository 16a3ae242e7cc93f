//! The functions of C's library that are system calls: from their arguments to a [`Call`], and from the
//! answer to the value that C gives, with -1 and `errno` for a failure.

use super::Library;
use super::header::{SA_FLAGS, SA_MASK};
use super::scope::ERRNO;
use crate::model::{Errno, Signal};
use crate::program::call::{
    Action, ActionForm, Call, Disposition, Exec, ExecForm, MaskHow, Prctl, Return, SA_RESTART, SignalSet,
    SleepForm, WaitForm,
};
use crate::program::machine::{self, Flow, Machine, Trouble};
use crate::program::value::Value;

/// What is done with the answer of a system call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::program) enum Then {
    /// It is the value.
    Value,
    /// The status is stored here, unless that is NULL.
    Status(u64),
    /// The bytes are stored here.
    Data(u64),
    /// The two ends are stored here.
    Ends(u64),
    /// The old mask is stored here, unless that is NULL.
    Mask(u64),
    /// The handler is the program's from now on; the value is the old one.
    Signal {
        signal: Signal,
        action: Action,
        handler: i64,
    },
    /// So is the action; the old one is stored here, unless that is NULL.
    Sigaction {
        signal: Signal,
        new: Option<(Action, i64)>,
        old: u64,
    },
    /// The signal is stored here, and the value is 0.
    Sigwait(u64),
    /// What is left is told as this form tells it.
    Slept(SleepForm, u64),
    /// The limits are stored here.
    Limits(u64),
    /// The time is stored here, unless that is NULL.
    Time(u64),
}

const EFAULT: Errno = Errno(14);
const EINVAL: Errno = Errno(22);

/// Makes a system call of a function and its arguments.
pub(super) fn ask(machine: &mut Machine, function: Library, args: &[i64]) -> Result<Flow, Trouble> {
    let (call, then) = match plain(function, args) {
        Some(call) => (call, Then::Value),
        None => match with_memory(machine, function, args)? {
            Asked::Call(call, then) => (call, then),
            Asked::Fails(errno) => {
                set_errno(machine, errno)?;
                return Ok(Flow::Value(Value::Int(-1)));
            }
            Asked::Is(value) => return Ok(Flow::Value(Value::Int(value))),
        },
    };
    Ok(Flow::Ask(call, machine::Then::C(then)))
}

/// The calls whose arguments and answers are numbers.
fn plain(function: Library, args: &[i64]) -> Option<Call> {
    let arg = |index: usize| args.get(index).copied().unwrap_or(0);
    let int = |index: usize| arg(index) as i32;
    Some(match function {
        Library::Alarm => Call::Alarm(arg(0) as u32),
        Library::Close => Call::Close(int(0)),
        Library::Dup => Call::Dup {
            fd: int(0),
            cloexec: false,
        },
        Library::Dup2 => Call::Dup2 {
            from: int(0),
            to: int(1),
            cloexec: false,
        },
        Library::Fork => Call::Fork,
        Library::Vfork => Call::Vfork,
        Library::Getpgid => Call::Getpgid(int(0)),
        Library::Getpgrp => Call::Getpgid(0),
        Library::Getpid => Call::Getpid,
        Library::Getppid => Call::Getppid,
        Library::Getsid => Call::Getsid(int(0)),
        Library::Getuid => Call::Getuid,
        Library::Kill => Call::Kill {
            pid: int(0),
            signal: Signal(int(1)),
        },
        Library::Lseek => Call::Lseek {
            fd: int(0),
            offset: arg(1),
            whence: int(2),
        },
        Library::Pause => Call::Pause,
        Library::Raise => Call::Raise(Signal(int(0))),
        Library::Setpgid => Call::Setpgid {
            pid: int(0),
            group: int(1),
        },
        Library::Setpgrp => Call::Setpgid { pid: 0, group: 0 },
        Library::Setsid => Call::Setsid,
        Library::Umask => Call::Umask(arg(0) as u32),
        _ => return None,
    })
}

/// What a function comes to once its arguments were read from memory.
enum Asked {
    Call(Call, Then),
    /// It fails before it reaches the kernel, or the kernel would say so at once.
    Fails(Errno),
    /// It needs no kernel after all.
    Is(i64),
}

fn with_memory(machine: &Machine, function: Library, args: &[i64]) -> Result<Asked, Trouble> {
    let arg = |index: usize| args.get(index).copied().unwrap_or(0);
    let int = |index: usize| arg(index) as i32;
    let at = |index: usize| arg(index) as u64;
    let path = || machine.memory.string(at(0));
    Ok(match function {
        Library::Wait => Asked::Call(wait(WaitForm::Wait, -1, at(0), 0), Then::Status(at(0))),
        Library::Waitpid => Asked::Call(
            wait(WaitForm::Waitpid, int(0), at(1), int(2)),
            Then::Status(at(1)),
        ),
        Library::Read => {
            let call = Call::Read {
                fd: int(0),
                count: at(2).min(1 << 20),
                library: false,
            };
            Asked::Call(call, Then::Data(at(1)))
        }
        Library::Write => match machine.memory.raw(at(1), at(2).min(1 << 20)) {
            Ok(data) => {
                let call = Call::Write {
                    fd: int(0),
                    data,
                    library: false,
                };
                Asked::Call(call, Then::Value)
            }
            Err(_) => Asked::Fails(EFAULT),
        },
        Library::Pipe => Asked::Call(Call::Pipe { cloexec: false }, Then::Ends(at(0))),
        Library::Chdir => Asked::Call(Call::Chdir(path()?), Then::Value),
        Library::Unlink => Asked::Call(Call::Unlink(path()?), Then::Value),
        Library::Open => {
            let call = Call::Open {
                path: path()?,
                flags: int(1),
                mode: args.get(2).map_or(0, |mode| *mode as u32),
            };
            Asked::Call(call, Then::Value)
        }
        Library::Sleep => slept(SleepForm::Sleep, at(0).saturating_mul(1_000_000_000), 0),
        Library::Usleep => slept(SleepForm::Usleep, at(0).saturating_mul(1000), 0),
        Library::Nanosleep => {
            let seconds = machine.memory.number(at(0), 8)?;
            let nanos = machine.memory.number(at(0) + 8, 8)?;
            if nanos >= 1_000_000_000 {
                return Ok(Asked::Fails(EINVAL));
            }
            let total = seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
            slept(SleepForm::Nanosleep, total, at(1))
        }
        Library::Time => Asked::Call(Call::Time, Then::Time(at(0))),
        Library::Prctl => prctl(machine, int(0), args)?,
        Library::Setrlimit | Library::Getrlimit if int(0) != 6 => {
            return Err(Trouble::unsupported(
                "of the limits only RLIMIT_NPROC is supported here",
            ));
        }
        Library::Setrlimit => {
            let call = Call::SetProcessLimit {
                soft: machine.memory.number(at(1), 8)?,
                hard: machine.memory.number(at(1) + 8, 8)?,
            };
            Asked::Call(call, Then::Value)
        }
        Library::Getrlimit => Asked::Call(Call::ProcessLimit, Then::Limits(at(1))),
        Library::Execl | Library::Execlp | Library::Execv | Library::Execve | Library::Execvp => {
            Asked::Call(Call::Exec(exec(machine, function, args)?), Then::Value)
        }
        signals => return with_signals(machine, signals, args),
    })
}

fn with_signals(machine: &Machine, function: Library, args: &[i64]) -> Result<Asked, Trouble> {
    let arg = |index: usize| args.get(index).copied().unwrap_or(0);
    let at = |index: usize| arg(index) as u64;
    let set = |at: u64| machine.memory.number(at, 8).map(SignalSet);
    Ok(match function {
        Library::Signal => {
            let (signal, handler) = (Signal(arg(0) as i32), arg(1));
            let action = Action {
                disposition: disposition(machine, signal, handler)?,
                mask: SignalSet::default(),
                // As signal(2) of glibc has it.
                flags: SA_RESTART,
            };
            let call = Call::Sigaction {
                signal,
                action,
                form: ActionForm::Signal,
            };
            Asked::Call(
                call,
                Then::Signal {
                    signal,
                    action,
                    handler,
                },
            )
        }
        Library::Sigaction => sigaction(machine, Signal(arg(0) as i32), at(1), at(2))?,
        Library::Sigprocmask => {
            let how = match (at(1), arg(0)) {
                (0, _) => None,
                (_, 0) => Some(MaskHow::Block),
                (_, 1) => Some(MaskHow::Unblock),
                (_, 2) => Some(MaskHow::Set),
                _ => return Ok(Asked::Fails(EINVAL)),
            };
            let set = match how {
                Some(_) => set(at(1))?,
                None => SignalSet::default(),
            };
            Asked::Call(Call::Sigprocmask { how, set }, Then::Mask(at(2)))
        }
        Library::Sigpending => Asked::Call(Call::Sigpending, Then::Mask(at(0))),
        Library::Sigsuspend => Asked::Call(Call::Sigsuspend(set(at(0))?), Then::Value),
        Library::Sigwait => Asked::Call(Call::Sigwait(set(at(0))?), Then::Sigwait(at(1))),
        _ => {
            return Err(Trouble::unsupported(
                "this function of the library is not supported here",
            ));
        }
    })
}

fn wait(form: WaitForm, pid: i32, status: u64, options: i32) -> Call {
    Call::Wait {
        form,
        pid,
        options,
        status: status != 0,
    }
}

fn slept(form: SleepForm, nanos: u64, left: u64) -> Asked {
    Asked::Call(Call::Sleep { form, nanos }, Then::Slept(form, left))
}

fn prctl(machine: &Machine, option: i32, args: &[i64]) -> Result<Asked, Trouble> {
    let arg = args.get(1).copied().unwrap_or(0);
    let what = match option {
        1 => Prctl::Pdeathsig(Signal(arg as i32)),
        15 => Prctl::Name(machine.memory.string(arg as u64)?),
        36 => Prctl::Subreaper(arg != 0),
        _ => {
            return Err(Trouble::unsupported(
                "of prctl only PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG and PR_SET_NAME are supported here",
            ));
        }
    };
    Ok(Asked::Call(Call::Prctl(what), Then::Value))
}

fn exec(machine: &Machine, function: Library, args: &[i64]) -> Result<Exec, Trouble> {
    let form = match function {
        Library::Execl => ExecForm::Execl,
        Library::Execlp => ExecForm::Execlp,
        Library::Execve => ExecForm::Execve,
        Library::Execvp => ExecForm::Execvp,
        _ => ExecForm::Execv,
    };
    let at = |index: usize| args.get(index).copied().unwrap_or(0) as u64;
    let list = match form {
        ExecForm::Execl | ExecForm::Execlp => {
            if args.last() != Some(&0) {
                return Err(Trouble::unsupported(format!(
                    "the arguments of {} do not end with NULL",
                    if form == ExecForm::Execl {
                        "execl"
                    } else {
                        "execlp"
                    }
                )));
            }
            let end = args.iter().skip(1).position(|arg| *arg == 0).unwrap_or(0) + 1;
            args[1..end]
                .iter()
                .map(|arg| machine.memory.string(*arg as u64))
                .collect::<Result<_, _>>()?
        }
        _ => strings(machine, at(1))?,
    };
    let env = match form {
        ExecForm::Execve if at(2) != 0 => Some(strings(machine, at(2))?),
        ExecForm::Execve => Some(Vec::new()),
        _ => None,
    };
    Ok(Exec {
        form,
        path: machine.memory.string(at(0))?,
        args: list,
        env,
    })
}

/// The strings of an array that ends with NULL.
fn strings(machine: &Machine, mut at: u64) -> Result<Vec<Vec<u8>>, Trouble> {
    let mut strings = Vec::new();
    loop {
        match machine.memory.number(at, 8)? {
            0 => return Ok(strings),
            pointer => strings.push(machine.memory.string(pointer)?),
        }
        at += 8;
    }
}

fn sigaction(machine: &Machine, signal: Signal, new: u64, old: u64) -> Result<Asked, Trouble> {
    if new == 0 {
        // Only a question, which the machine can answer itself.
        return Ok(match old {
            0 => Asked::Is(0),
            _ => {
                return Err(Trouble::unsupported(
                    "sigaction that only asks for the action is not supported here",
                ));
            }
        });
    }
    let handler = machine.memory.number(new, 8)? as i64;
    let flags = machine.memory.number(new + SA_FLAGS, 4)? as i32;
    let action = Action {
        disposition: disposition(machine, signal, handler)?,
        mask: SignalSet(machine.memory.number(new + SA_MASK, 8)?),
        flags,
    };
    if flags & 4 != 0 {
        return Err(Trouble::unsupported("SA_SIGINFO is not supported here"));
    }
    let call = Call::Sigaction {
        signal,
        action,
        form: ActionForm::Sigaction,
    };
    Ok(Asked::Call(
        call,
        Then::Sigaction {
            signal,
            new: Some((action, handler)),
            old,
        },
    ))
}

fn disposition(machine: &Machine, signal: Signal, handler: i64) -> Result<Disposition, Trouble> {
    const BUS: Signal = Signal(7);
    const ILL: Signal = Signal(4);
    match handler {
        2.. if matches!(signal, Signal::SEGV | Signal::FPE | Signal::ABRT | BUS | ILL) => {
            Err(Trouble::unsupported(format!(
                "a handler for {signal}, which a fault sends, is not supported here"
            )))
        }
        0 => Ok(Disposition::Default),
        1 => Ok(Disposition::Ignore),
        address if machine.function_at(address as u64).is_some() => Ok(Disposition::Catch),
        _ => Err(Trouble::Fault(
            Signal::SEGV,
            "the handler of a signal is no function".to_owned(),
        )),
    }
}

/// Makes the value of a call's answer, and stores what the call stores.
pub(in crate::program) fn finish(
    machine: &mut Machine,
    then: Then,
    answer: Return,
) -> Result<Value, Trouble> {
    if let Return::Error(errno) = answer {
        return fail(machine, &then, errno);
    }
    let value = answer.value();
    Ok(Value::Int(match (then, answer) {
        (Then::Status(at), Return::Waited { status, .. }) => {
            if let (Some(word), true) = (status, at != 0) {
                machine.memory.set_number(at, 4, u64::from(word as u32))?;
            }
            value
        }
        (Then::Data(at), Return::Data(bytes)) => match machine.memory.write(at, &bytes) {
            Ok(()) => value,
            Err(access) => return Err(access.into()),
        },
        (Then::Ends(at), Return::Pipe(read, write)) => {
            machine.memory.set_number(at, 4, u64::from(read as u32))?;
            machine.memory.set_number(at + 4, 4, u64::from(write as u32))?;
            0
        }
        (Then::Mask(at), Return::Signals(set)) => {
            if at != 0 {
                machine.memory.write(at, &[0; 128])?;
                machine.memory.set_number(at, 8, set.0)?;
            }
            0
        }
        (
            Then::Signal {
                signal,
                action,
                handler,
            },
            _,
        ) => {
            let old = machine.signals.set(signal, action, Value::Int(handler));
            match old {
                Some((_, Value::Int(old))) => old,
                _ => 0,
            }
        }
        (Then::Sigaction { signal, new, old }, _) => {
            let before = machine.signals.get(signal).cloned();
            if old != 0 {
                store_action(machine, old, before.as_ref())?;
            }
            if let Some((action, handler)) = new {
                machine.signals.set(signal, action, Value::Int(handler));
            }
            0
        }
        (Then::Sigwait(at), _) => {
            machine.memory.set_number(at, 4, value as u64)?;
            0
        }
        (Then::Slept(form, left), _) => return slept_value(machine, form, left, value as u64),
        (Then::Limits(at), Return::Limits { soft, hard }) => {
            machine.memory.set_number(at, 8, soft)?;
            machine.memory.set_number(at + 8, 8, hard)?;
            0
        }
        (Then::Time(at), _) => {
            if at != 0 {
                machine.memory.set_number(at, 8, value as u64)?;
            }
            value
        }
        _ => value,
    }))
}

fn fail(machine: &mut Machine, then: &Then, errno: Errno) -> Result<Value, Trouble> {
    // sigwait gives the number itself; sleep knows no failure.
    let value = match then {
        Then::Sigwait(_) => return Ok(Value::Int(i64::from(errno.0))),
        Then::Slept(SleepForm::Sleep, _) => 0,
        _ => -1,
    };
    set_errno(machine, errno)?;
    Ok(Value::Int(value))
}

fn set_errno(machine: &mut Machine, errno: Errno) -> Result<(), Trouble> {
    machine.memory.set_number(ERRNO, 4, errno.0 as u64)?;
    Ok(())
}

/// What a sleep gives when so many nanoseconds were left.
fn slept_value(machine: &mut Machine, form: SleepForm, at: u64, left: u64) -> Result<Value, Trouble> {
    const EINTR: Errno = Errno(4);
    let value = match form {
        // glibc forgets the part of a second.
        SleepForm::Sleep => (left / 1_000_000_000) as i64,
        _ if left == 0 => 0,
        _ => {
            set_errno(machine, EINTR)?;
            -1
        }
    };
    if form == SleepForm::Nanosleep && left > 0 && at != 0 {
        machine.memory.set_number(at, 8, left / 1_000_000_000)?;
        machine.memory.set_number(at + 8, 8, left % 1_000_000_000)?;
    }
    Ok(Value::Int(value))
}

fn store_action(machine: &mut Machine, at: u64, action: Option<&(Action, Value)>) -> Result<(), Trouble> {
    machine.memory.write(at, &[0; 152])?;
    if let Some((action, Value::Int(handler))) = action {
        machine.memory.set_number(at, 8, *handler as u64)?;
        machine.memory.set_number(at + SA_MASK, 8, action.mask.0)?;
        machine
            .memory
            .set_number(at + SA_FLAGS, 4, u64::from(action.flags as u32))?;
    }
    Ok(())
}
