//! What a stopped task is calling, read from its registers and its memory.
//!
//! All that is read is bounded, and what cannot be read is left out: a program may pass any nonsense.

use super::call::{Ask, Call, OnChild, Who};
use super::numbers::name;
use crate::model::{Errno, Pid, Signal};
use crate::sys::ptrace::{Stop, read_memory};
use crate::sys::seccomp::arch;

/// More arguments of an exec than these are not read.
pub const MOST_ARGUMENTS: usize = 32;
const LONGEST_STRING: usize = 256;

impl Call {
    /// Decodes a call that begins at `stop`. `None` if it changes nothing worth a fact, such as a sigaction that
    /// only asks.
    pub fn decode(stop: &Stop, call_arch: u32, number: u64, args: [u64; 6]) -> Option<Self> {
        let kernel = name(call_arch, number)?;
        let memory = Memory {
            stop,
            narrow: call_arch == arch::I386,
        };
        let int = |n: usize| args[n] as i32;
        let ask = match kernel {
            "fork" => Ask::Fork { flags: 0 },
            "vfork" => Ask::Fork {
                flags: (libc::CLONE_VM | libc::CLONE_VFORK) as u64,
            },
            // The lowest byte is the exit signal.
            "clone" => Ask::Fork {
                flags: args[0] & !0xff,
            },
            "clone3" => Ask::Fork {
                flags: memory.number(args[0]).unwrap_or(0),
            },
            "execve" => memory.exec(args[0], args[1]),
            "execveat" => memory.exec(args[1], args[2]),
            "wait4" | "waitpid" => Ask::Wait {
                who: Who::from_waitpid(int(0)),
                options: int(2),
                store: args[1],
            },
            "waitid" => Ask::Wait {
                who: Who::from_waitid(args[0], int(1)),
                options: int(3),
                store: args[2],
            },
            "kill" | "tkill" => Ask::Kill {
                target: Pid(int(0)),
                signal: Signal(int(1)),
            },
            "tgkill" => Ask::Kill {
                target: Pid(int(0)),
                signal: Signal(int(2)),
            },
            "setsid" => Ask::Setsid,
            "setpgid" => Ask::Setpgid {
                pid: Pid(int(0)),
                group: Pid(int(1)),
            },
            "rt_sigaction" => Ask::OnChild(memory.on_child(args[1])?),
            "signal" => Ask::OnChild(on_child(args[1], 0)),
            "prctl" => Ask::Subreaper(args[1] != 0),
            "ptrace" => Ask::Ptrace,
            "write" => Ask::Descriptors(format!("write({}, …, {})", int(0), args[2])),
            "dup2" | "dup3" => Ask::Descriptors(format!("{kernel}({}, {})", int(0), int(1))),
            "pipe" | "pipe2" => Ask::Descriptors(format!("{kernel}(fd)")),
            _ => Ask::Descriptors(format!("{kernel}({})", int(0))),
        };
        Some(Self { kernel, ask })
    }
}

/// The memory of the caller, whose pointers may be narrow.
struct Memory<'a> {
    stop: &'a Stop,
    narrow: bool,
}

impl Memory<'_> {
    fn width(&self) -> usize {
        if self.narrow { 4 } else { 8 }
    }

    fn number(&self, address: u64) -> Option<u64> {
        word(&self.stop.read(address, 8).ok()?, 8)
    }

    fn exec(&self, path: u64, argv: u64) -> Ask {
        let pointers = self
            .stop
            .read(argv, MOST_ARGUMENTS * self.width())
            .unwrap_or_default();
        Ask::Exec {
            path: self.string(path).unwrap_or_default(),
            argv: pointers
                .chunks_exact(self.width())
                .map_while(|bytes| word(bytes, self.width()))
                .take_while(|&pointer| pointer != 0)
                .map_while(|pointer| self.string(pointer))
                .collect(),
        }
    }

    fn string(&self, address: u64) -> Option<String> {
        read_string(self.stop, address)
    }

    fn on_child(&self, action: u64) -> Option<OnChild> {
        if action == 0 {
            return None;
        }
        let bytes = self.stop.read(action, 2 * self.width()).ok()?;
        let handler = word(&bytes, self.width())?;
        let flags = word(bytes.get(self.width()..)?, self.width())?;
        Some(on_child(handler, flags))
    }
}

fn on_child(handler: u64, flags: u64) -> OnChild {
    match handler as usize {
        libc::SIG_DFL => OnChild::Default,
        libc::SIG_IGN => OnChild::Ignore,
        _ if flags & libc::SA_NOCLDWAIT as u64 != 0 => OnChild::HandlerNoZombies,
        _ => OnChild::Handler,
    }
}

fn word(bytes: &[u8], width: usize) -> Option<u64> {
    if width == 4 {
        Some(u64::from(u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?)))
    } else {
        Some(u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?))
    }
}

/// A string of a stopped task up to its zero byte, and at most [`LONGEST_STRING`] bytes of it.
fn read_string(stop: &Stop, address: u64) -> Option<String> {
    if address == 0 {
        return None;
    }
    // A read that crosses into an unmapped page fails as a whole, so it ends where the page does.
    let page_left = 4096 - (address as usize & 4095);
    let mut bytes = stop.read(address, LONGEST_STRING.min(page_left)).ok()?;
    if !bytes.contains(&0) && bytes.len() < LONGEST_STRING {
        let more = stop.read(address + bytes.len() as u64, LONGEST_STRING - bytes.len());
        bytes.extend(more.unwrap_or_default());
    }
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

/// The status word that a finished wait stored, if it was asked to.
pub fn stored_status(stop: &Stop, call: &Call) -> Result<Option<i32>, Errno> {
    let Ask::Wait { store, .. } = call.ask else {
        return Ok(None);
    };
    if store == 0 || call.kernel == "waitid" {
        return Ok(None);
    }
    let bytes = read_memory(stop.tid(), store, 4)?;
    Ok(bytes.try_into().ok().map(i32::from_ne_bytes))
}

/// The child that a finished waitid stored; 0 if it found none.
pub fn stored_child(stop: &Stop, call: &Call) -> Option<Pid> {
    // Of siginfo_t, as 64-bit programs have it.
    const PID: u64 = 16;
    let Ask::Wait { store, .. } = call.ask else {
        return None;
    };
    if store == 0 {
        return None;
    }
    let bytes = stop.read(store + PID, 4).ok()?;
    Some(Pid(i32::from_ne_bytes(bytes.try_into().ok()?)))
}
