//! ptrace(2) in types: a stopped task is a [`Stop`], and what resumes it consumes it.
//!
//! A task that runs cannot be asked for its registers, and a task cannot be resumed twice: neither can be
//! written down. A stop that is merely kept is a task that is held. Whatever is asked of a stop may fail with
//! ESRCH: SIGKILL ends stopped tasks too, and then news of their end is on its way.
//!
//! What a stop *means* for the tree is the business of `trace`; this only says what the kernel said.

#![expect(
    unsafe_code,
    reason = "ptrace(2) and wait4(2) are called by hand: nix knows no real-time signals"
)]

use std::io::IoSliceMut;
use std::mem::MaybeUninit;

use libc::{c_int, c_long, c_void, pid_t};
use nix::sys::uio::{RemoteIoVec, process_vm_readv};

use super::seccomp::arch;
use crate::model::{Errno, Pid, Signal, WaitStatus};

/// A thread id, as gettid(2) gives it. The first thread of a process has the pid for its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tid(pub i32);

impl From<Pid> for Tid {
    fn from(pid: Pid) -> Self {
        Self(pid.0)
    }
}

impl Tid {
    /// The id of the process, if this is its first thread.
    pub const fn as_pid(self) -> Pid {
        Pid(self.0)
    }
}

/// What wait(2) had to tell of a task.
#[derive(Debug)]
pub enum News {
    /// It stopped, and stays so until the stop is resumed.
    Stopped(Stop),
    /// It is over.
    Ended(Tid, WaitStatus),
}

/// Why a task stopped; "Stopped states" in ptrace(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The filter asks to look at a call before it begins.
    CallBegins,
    /// A call returns.
    CallEnds,
    /// A call made a new task; it returns next.
    NewTask(Birth),
    /// A new program has been loaded.
    Exec,
    /// The task is about to end; its memory and registers are still there.
    Ends,
    /// A stopping signal stopped its whole process.
    Group(Signal),
    /// The first stop of a new task, the answer to [`interrupt`], or news that a stopped process continues.
    Trap,
    /// A signal is about to be delivered.
    Signal(Signal),
}

/// How the kernel classifies the birth of a task: by its exit signal and `CLONE_VFORK`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Birth {
    /// Ends with SIGCHLD.
    Fork,
    /// The parent sleeps until the child execs or ends.
    Vfork,
    /// Anything else; threads are among these.
    Clone,
}

/// How far a resumed task goes at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// To the next stop of its own making.
    NextStop,
    /// To the end of the call it is in.
    CallEnds,
    /// Over one instruction.
    Instruction,
}

/// A task that is stopped. Dropping this leaves it so.
///
/// Resuming it twice cannot be written:
/// ```compile_fail,E0382
/// use forkscope::sys::ptrace::{Stop, Until};
/// fn twice(stop: Stop) {
///     let _ = stop.resume(Until::NextStop, None);
///     let _ = stop.resume(Until::NextStop, None);
/// }
/// ```
#[derive(Debug)]
#[must_use = "the task stays stopped"]
pub struct Stop {
    tid: Tid,
    why: Why,
}

/// What a stopped task is calling, or what its call returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallInfo {
    /// A call begins.
    Begins {
        /// Whose numbers: `AUDIT_ARCH` of the kernel.
        arch: u32,
        /// Number of the call.
        number: u64,
        /// Its arguments.
        args: [u64; 6],
        /// The stack pointer.
        stack: u64,
    },
    /// A call ends.
    Ends(Result<i64, Errno>),
    /// This stop is about no call.
    None,
}

/// The registers of a stopped task that its place and its frames follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// The next instruction.
    pub instruction: u64,
    /// The stack pointer.
    pub stack: u64,
    /// The frame pointer.
    pub frame: u64,
    /// The call the task is in, or a negative number.
    pub call: i64,
}

/// Where a signal came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A process called kill(2), tgkill(2) or sigqueue(3).
    Process(Pid),
    /// The kernel: a fault, a timer, a terminal, a child.
    Kernel,
    /// One instruction has been stepped over.
    SingleStep,
    /// A breakpoint of the debug registers was reached.
    Breakpoint,
}

/// Takes over a task that runs; it keeps running. Its children will be taken over at birth, and all die with us.
pub fn seize(tid: Tid) -> Result<(), Errno> {
    request(libc::PTRACE_SEIZE, tid, 0, OPTIONS as usize).map(drop)
}

const OPTIONS: c_int = libc::PTRACE_O_TRACEFORK
    | libc::PTRACE_O_TRACEVFORK
    | libc::PTRACE_O_TRACECLONE
    | libc::PTRACE_O_TRACEEXEC
    | libc::PTRACE_O_TRACEEXIT
    | libc::PTRACE_O_TRACESECCOMP
    | libc::PTRACE_O_TRACESYSGOOD
    | libc::PTRACE_O_EXITKILL;

/// Asks a running task to stop; the stop comes as news.
pub fn interrupt(tid: Tid) -> Result<(), Errno> {
    request(libc::PTRACE_INTERRUPT, tid, 0, 0).map(drop)
}

/// Whether [`news`] may sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Return `None` if there is no news.
    Poll,
    /// Sleep until there is.
    Wait,
}

/// The next news of any child or traced task of this thread's process; ECHILD if there is none to wait for.
pub fn news(patience: Patience) -> Result<Option<News>, Errno> {
    let flags = libc::__WALL
        | match patience {
            Patience::Poll => libc::WNOHANG,
            Patience::Wait => 0,
        };
    loop {
        let mut raw: c_int = 0;
        // SAFETY: `raw` is a valid place for one int, and wait4 takes a null rusage.
        let tid = unsafe { libc::wait4(-1, &raw mut raw, flags, std::ptr::null_mut()) };
        match tid {
            0 => return Ok(None),
            -1 if last_errno() == Errno(libc::EINTR) => {}
            -1 => return Err(last_errno()),
            tid => return Ok(Some(decode(Tid(tid), raw))),
        }
    }
}

fn decode(tid: Tid, raw: c_int) -> News {
    let event = raw >> 16;
    let why = match WaitStatus::from_raw(raw & 0xffff) {
        WaitStatus::Stopped(signal) => match event {
            0 if signal.0 == libc::SIGTRAP | 0x80 => Why::CallEnds,
            0 => Why::Signal(signal),
            libc::PTRACE_EVENT_FORK => Why::NewTask(Birth::Fork),
            libc::PTRACE_EVENT_VFORK => Why::NewTask(Birth::Vfork),
            libc::PTRACE_EVENT_CLONE => Why::NewTask(Birth::Clone),
            libc::PTRACE_EVENT_EXEC => Why::Exec,
            libc::PTRACE_EVENT_EXIT => Why::Ends,
            libc::PTRACE_EVENT_SECCOMP => Why::CallBegins,
            _ if signal.0 == libc::SIGTRAP => Why::Trap,
            _ => Why::Group(signal),
        },
        // Without WCONTINUED no other status arrives.
        end => return News::Ended(tid, end),
    };
    News::Stopped(Stop { tid, why })
}

impl Stop {
    /// Whose stop this is.
    pub const fn tid(&self) -> Tid {
        self.tid
    }

    /// What stopped it.
    pub const fn why(&self) -> Why {
        self.why
    }

    /// Lets the task go on, with `signal` delivered to it if this is a stop at a signal.
    pub fn resume(self, until: Until, signal: Option<Signal>) -> Result<(), Errno> {
        let request_code = match until {
            Until::NextStop => libc::PTRACE_CONT,
            Until::CallEnds => libc::PTRACE_SYSCALL,
            Until::Instruction => libc::PTRACE_SINGLESTEP,
        };
        let signal = signal.map_or(0, |signal| signal.0 as usize);
        gone_is_fine(request(request_code, self.tid, 0, signal))
    }

    /// Leaves the task stopped as its process is, but lets it hear SIGCONT.
    pub fn listen(self) -> Result<(), Errno> {
        gone_is_fine(request(libc::PTRACE_LISTEN, self.tid, 0, 0))
    }

    /// Chooses whether the task, and those that it will make, stop at their ends.
    pub fn set_stop_at_end(&self, stops: bool) -> Result<(), Errno> {
        let options = if stops {
            OPTIONS
        } else {
            OPTIONS & !libc::PTRACE_O_TRACEEXIT
        };
        gone_is_fine(request(libc::PTRACE_SETOPTIONS, self.tid, 0, options as usize))
    }

    /// The number that comes with the stop: the new task, the exit status, or the former thread id at exec.
    ///
    /// SIGKILL wakes a task even here, and it comes to its exit: then the number would be that of another event, and
    /// this fails with ESRCH, as for a task that is gone.
    pub fn message(&self) -> Result<u64, Errno> {
        let mut message: libc::c_ulong = 0;
        request(libc::PTRACE_GETEVENTMSG, self.tid, 0, &raw mut message as usize)?;
        let is_at_exit = || {
            let info = self.siginfo();
            info.is_ok_and(|info| info.si_code >> 8 == libc::PTRACE_EVENT_EXIT)
        };
        if !matches!(self.why, Why::Ends) && is_at_exit() {
            return Err(Errno(libc::ESRCH));
        }
        Ok(message)
    }

    /// The call that begins or ends here.
    pub fn call(&self) -> Result<CallInfo, Errno> {
        let mut info = MaybeUninit::<libc::ptrace_syscall_info>::zeroed();
        request(
            libc::PTRACE_GET_SYSCALL_INFO,
            self.tid,
            size_of::<libc::ptrace_syscall_info>(),
            info.as_mut_ptr() as usize,
        )?;
        // SAFETY: the struct is plain integers, zeroed first, so it is initialised whatever the kernel wrote.
        let info = unsafe { info.assume_init() };
        Ok(match info.op {
            libc::PTRACE_SYSCALL_INFO_SECCOMP | libc::PTRACE_SYSCALL_INFO_ENTRY => {
                // SAFETY: `op` says that the entry arm was written; the seccomp arm begins with the same fields.
                let entry = unsafe { info.u.entry };
                CallInfo::Begins {
                    arch: info.arch,
                    number: entry.nr,
                    args: entry.args,
                    stack: info.stack_pointer,
                }
            }
            libc::PTRACE_SYSCALL_INFO_EXIT => {
                // SAFETY: `op` says that the exit arm was written.
                let exit = unsafe { info.u.exit };
                CallInfo::Ends(if exit.is_error == 0 {
                    Ok(exit.sval)
                } else {
                    Err(Errno(-exit.sval as i32))
                })
            }
            _ => CallInfo::None,
        })
    }

    /// Where the signal of this stop came from.
    pub fn origin(&self) -> Result<Origin, Errno> {
        let info = self.siginfo()?;
        Ok(match info.si_code {
            libc::SI_USER | libc::SI_TKILL | libc::SI_QUEUE => {
                // SAFETY: for these codes the kernel fills in the sender (sigaction(2)).
                Origin::Process(Pid(unsafe { info.si_pid() }))
            }
            libc::TRAP_TRACE if info.si_signo == libc::SIGTRAP => Origin::SingleStep,
            libc::TRAP_HWBKPT if info.si_signo == libc::SIGTRAP => Origin::Breakpoint,
            _ => Origin::Kernel,
        })
    }

    fn siginfo(&self) -> Result<libc::siginfo_t, Errno> {
        let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
        request(libc::PTRACE_GETSIGINFO, self.tid, 0, info.as_mut_ptr() as usize)?;
        // SAFETY: siginfo_t is plain integers and pointers, for which all zeroes are valid.
        Ok(unsafe { info.assume_init() })
    }

    /// Whether the task does not let this signal come through now.
    pub fn blocks(&self, signal: Signal) -> Result<bool, Errno> {
        let mut mask: u64 = 0;
        request(
            libc::PTRACE_GETSIGMASK,
            self.tid,
            size_of_val(&mask),
            &raw mut mask as usize,
        )?;
        Ok(mask & 1 << (signal.0 - 1) != 0)
    }

    /// Reads the task's memory; what could be read may be shorter than asked for.
    pub fn read(&self, address: u64, length: usize) -> Result<Vec<u8>, Errno> {
        read_memory(self.tid, address, length)
    }
}

#[cfg(target_arch = "x86_64")]
impl Stop {
    fn user_registers(&self) -> Result<libc::user_regs_struct, Errno> {
        let mut regs = MaybeUninit::<libc::user_regs_struct>::zeroed();
        request(libc::PTRACE_GETREGS, self.tid, 0, regs.as_mut_ptr() as usize)?;
        // SAFETY: the struct is plain integers, zeroed first.
        Ok(unsafe { regs.assume_init() })
    }

    /// The registers.
    pub fn registers(&self) -> Result<Registers, Errno> {
        let regs = self.user_registers()?;
        Ok(Registers {
            instruction: regs.rip,
            stack: regs.rsp,
            frame: regs.rbp,
            call: regs.orig_rax as i64,
        })
    }

    /// What a call returned, if the task is on its way from it back to the program.
    pub fn returning_from(&self, call: libc::c_long) -> Option<Result<i64, Errno>> {
        let regs = self.user_registers().ok()?;
        (regs.orig_rax as i64 == call).then_some(match regs.rax as i64 {
            error @ -4095..0 => Err(Errno(-error as i32)),
            result => Ok(result),
        })
    }

    /// At the first instruction of a signal handler: what the interrupted call will have returned to the program.
    pub fn interrupted_result(&self) -> Option<i64> {
        // struct rt_sigframe of the kernel: the return address, then the ucontext of sigaction(2).
        let registers = 8 + std::mem::offset_of!(libc::ucontext_t, uc_mcontext);
        let result = registers + libc::REG_RAX as usize * size_of::<libc::greg_t>();
        let stack = self.registers().ok()?.stack;
        let bytes = self.read(stack + result as u64, 8).ok()?;
        bytes.try_into().ok().map(i64::from_ne_bytes)
    }

    /// Changes the first argument of the call that begins here, of a program with these call numbers.
    pub fn set_first_argument(&self, call_arch: u32, value: u64) -> Result<(), Errno> {
        let register = match call_arch {
            arch::I386 => std::mem::offset_of!(libc::user_regs_struct, rbx),
            _ => std::mem::offset_of!(libc::user_regs_struct, rdi),
        };
        let register = std::mem::offset_of!(libc::user, regs) + register;
        gone_is_fine(request(libc::PTRACE_POKEUSER, self.tid, register, value as usize))
    }

    /// Writes eight bytes of memory, even where the task itself may not.
    pub fn write(&self, address: u64, value: u64) -> Result<(), Errno> {
        gone_is_fine(request(
            libc::PTRACE_POKEDATA,
            self.tid,
            address as usize,
            value as usize,
        ))
    }

    /// Sets the one hardware breakpoint that is used, or removes it. No text is patched, and a newborn has none.
    pub fn set_breakpoint(&self, address: Option<u64>) -> Result<(), Errno> {
        let debug_register =
            |n: usize| std::mem::offset_of!(libc::user, u_debugreg) + n * size_of::<libc::c_ulonglong>();
        // An address may only change while its slot is off. Bit 0 of DR7 switches slot 0 on for this task.
        request(libc::PTRACE_POKEUSER, self.tid, debug_register(7), 0)?;
        if let Some(address) = address {
            request(
                libc::PTRACE_POKEUSER,
                self.tid,
                debug_register(0),
                address as usize,
            )?;
            request(libc::PTRACE_POKEUSER, self.tid, debug_register(7), 1)?;
        }
        Ok(())
    }
}

/// Reads memory of a task that is ours; shorter than asked for where the mapping ends.
pub fn read_memory(tid: Tid, address: u64, length: usize) -> Result<Vec<u8>, Errno> {
    let mut bytes = vec![0; length];
    let remote = RemoteIoVec {
        base: address as usize,
        len: length,
    };
    let pid = nix::unistd::Pid::from_raw(tid.0);
    let read = process_vm_readv(pid, &mut [IoSliceMut::new(&mut bytes)], &[remote])?;
    bytes.truncate(read);
    Ok(bytes)
}

fn gone_is_fine(result: Result<c_long, Errno>) -> Result<(), Errno> {
    match result {
        Ok(_) | Err(Errno(libc::ESRCH)) => Ok(()),
        Err(errno) => Err(errno),
    }
}

fn request(code: libc::c_uint, tid: Tid, address: usize, data: usize) -> Result<c_long, Errno> {
    // SAFETY: every caller passes numbers, or in `data` the address of a local that is as large as the request
    // writes. Without PTRACE_PEEK requests, which return data, -1 always means an error.
    let result = unsafe {
        libc::ptrace(
            code,
            tid.0 as pid_t,
            std::ptr::without_provenance_mut::<c_void>(address),
            std::ptr::with_exposed_provenance_mut::<c_void>(data),
        )
    };
    if result == -1 {
        Err(last_errno())
    } else {
        Ok(result)
    }
}

fn last_errno() -> Errno {
    nix::errno::Errno::last().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: c_int, why: Why) {
        match decode(Tid(7), raw) {
            News::Stopped(stop) => assert_eq!(stop.why(), why),
            News::Ended(..) => panic!("{raw:#x} is a stop"),
        }
    }

    #[test]
    fn the_words_of_ptrace_are_told_apart() {
        check(0x0857f, Why::CallEnds);
        check(0x0057f, Why::Signal(Signal(5)));
        check(0x0137f, Why::Signal(Signal::STOP));
        check(0x1057f, Why::NewTask(Birth::Fork));
        check(0x2057f, Why::NewTask(Birth::Vfork));
        check(0x3057f, Why::NewTask(Birth::Clone));
        check(0x4057f, Why::Exec);
        check(0x6057f, Why::Ends);
        check(0x7057f, Why::CallBegins);
        check(0x0080_057f, Why::Trap);
        check(0x0080_137f, Why::Group(Signal::STOP));
        check(0x0297f, Why::Signal(Signal(41)));
    }

    #[test]
    fn an_end_is_no_stop() {
        assert!(matches!(
            decode(Tid(7), 0x0700),
            News::Ended(Tid(7), WaitStatus::Exited(7))
        ));
        assert!(matches!(
            decode(Tid(7), 0x0009),
            News::Ended(Tid(7), status) if status == WaitStatus::signaled(Signal::KILL)
        ));
    }
}
