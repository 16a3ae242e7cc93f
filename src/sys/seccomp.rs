//! A seccomp(2) filter that stops at the calls one wants to see and lets all others run at full speed.
//!
//! It denies nothing. Without a tracer the calls it names fail with ENOSYS, so a task that has it is never
//! let go, only ended. A rule may look at the low half of the first argument, so that for example only
//! `prctl(PR_SET_CHILD_SUBREAPER)` stops and not every prctl.

#![expect(unsafe_code, reason = "seccomp(2) is reached through syscall(2) only")]

use libc::{c_ulong, sock_filter, sock_fprog};

use crate::model::Errno;

/// Whose numbers a call has: the kernel's `AUDIT_ARCH` words.
pub mod arch {
    /// 64-bit x86.
    pub const X86_64: u32 = 0xc000_003e;
    /// 32-bit x86.
    pub const I386: u32 = 0x4000_0003;
    /// 64-bit ARM.
    pub const AARCH64: u32 = 0xc000_00b7;
}

/// One call to stop at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Whose numbers.
    pub arch: u32,
    /// The call.
    pub number: u32,
    /// Only with this first argument.
    pub first: Option<u32>,
}

/// A filter, ready to be installed.
pub struct Filter(Vec<sock_filter>);

// Offsets into struct seccomp_data; the low half of args[0] on a little-endian machine.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
const FIRST: u32 = 16;

impl Filter {
    /// A filter that stops at what any of `rules` names.
    pub fn stopping_at(rules: &[Rule]) -> Self {
        let mut code = Vec::with_capacity(rules.len() * 5 + 1);
        for rule in rules {
            // Each rule stands alone: a test that fails jumps over the rest of the rule. So jumps stay short,
            // whatever the number of rules.
            let tests: Vec<_> = [(ARCH, rule.arch), (NUMBER, rule.number)]
                .into_iter()
                .chain(rule.first.map(|first| (FIRST, first)))
                .collect();
            for (n, (field, value)) in tests.iter().enumerate() {
                let rest = (tests.len() - n - 1) * 2 + 1;
                code.push(load(*field));
                code.push(jump_unless_equal(*value, rest as u8));
            }
            code.push(verdict(libc::SECCOMP_RET_TRACE));
        }
        code.push(verdict(libc::SECCOMP_RET_ALLOW));
        Self(code)
    }

    /// Binds the calling task and all its descendants, for good. Without `CAP_SYS_ADMIN` this also sets
    /// `no_new_privs`: programs that are setuid then run without the other user's rights.
    ///
    /// Only makes system calls, so it may be called between fork and exec.
    pub fn install(&self) -> Result<(), Errno> {
        let program = sock_fprog {
            len: self.0.len() as u16,
            filter: self.0.as_ptr().cast_mut(),
        };
        match set_filter(&program) {
            Err(Errno(libc::EACCES)) => {
                // SAFETY: PR_SET_NO_NEW_PRIVS takes four numbers and touches no memory.
                unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
                set_filter(&program)
            }
            result => result,
        }
    }
}

fn set_filter(program: &sock_fprog) -> Result<(), Errno> {
    let no_flags: c_ulong = 0;
    // SAFETY: `program` points to `len` instructions that outlive the call; the kernel copies and only reads them.
    let result = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            no_flags,
            std::ptr::from_ref(program),
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(nix::errno::Errno::last().into())
    }
}

fn load(offset: u32) -> sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset, 0)
}

fn jump_unless_equal(value: u32, over: u8) -> sock_filter {
    instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, value, over)
}

fn verdict(action: u32) -> sock_filter {
    instruction(libc::BPF_RET | libc::BPF_K, action, 0)
}

fn instruction(code: u32, k: u32, jf: u8) -> sock_filter {
    sock_filter {
        code: code as u16,
        jt: 0,
        jf,
        k,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a filter as the kernel would, over (number, arch, first argument).
    fn run(filter: &Filter, number: u32, arch: u32, first: u32) -> u32 {
        let (mut at, mut loaded) = (0, 0);
        loop {
            let sock_filter { code, jf, k, .. } = filter.0[at];
            at += 1;
            match u32::from(code) & 0x07 {
                libc::BPF_LD => {
                    loaded = match k {
                        NUMBER => number,
                        ARCH => arch,
                        FIRST => first,
                        other => panic!("no field at {other}"),
                    }
                }
                libc::BPF_JMP if loaded != k => at += usize::from(jf),
                libc::BPF_JMP => {}
                _ => return k,
            }
        }
    }

    #[test]
    fn only_what_a_rule_names_stops() {
        let rule = |arch, number, first| Rule { arch, number, first };
        let filter = Filter::stopping_at(&[
            rule(arch::X86_64, 57, None),
            rule(arch::X86_64, 157, Some(36)),
            rule(arch::I386, 2, None),
        ]);
        for (number, arch, first, action) in [
            (57, arch::X86_64, 9, libc::SECCOMP_RET_TRACE),
            (58, arch::X86_64, 9, libc::SECCOMP_RET_ALLOW),
            (157, arch::X86_64, 36, libc::SECCOMP_RET_TRACE),
            (157, arch::X86_64, 37, libc::SECCOMP_RET_ALLOW),
            (2, arch::I386, 0, libc::SECCOMP_RET_TRACE),
            (2, arch::X86_64, 0, libc::SECCOMP_RET_ALLOW),
            (57, arch::I386, 0, libc::SECCOMP_RET_ALLOW),
        ] {
            assert_eq!(
                run(&filter, number, arch, first),
                action,
                "{number} {arch:x} {first}"
            );
        }
    }
}
