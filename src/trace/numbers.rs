//! The numbers of the calls that are about processes, and the rules of the filter that stops at them.
//!
//! One table holds them for all architectures; syscalls(2) and the kernel's tables are its source.

use super::call::Detail;
use crate::sys::seccomp::{Rule, arch};

const SIGCHLD: u32 = libc::SIGCHLD as u32;
const SET_CHILD_SUBREAPER: u32 = libc::PR_SET_CHILD_SUBREAPER as u32;

/// Name, number on 64-bit x86, on 32-bit x86, on 64-bit ARM, and a first argument to tell by.
type Row = (&'static str, Option<u32>, Option<u32>, Option<u32>, Option<u32>);

const CALLS: &[Row] = &[
    ("clone", Some(56), Some(120), Some(220), None),
    ("fork", Some(57), Some(2), None, None),
    ("vfork", Some(58), Some(190), None, None),
    ("clone3", Some(435), Some(435), Some(435), None),
    ("execve", Some(59), Some(11), Some(221), None),
    ("execveat", Some(322), Some(358), Some(281), None),
    ("wait4", Some(61), Some(114), Some(260), None),
    ("waitpid", None, Some(7), None, None),
    ("waitid", Some(247), Some(284), Some(95), None),
    ("kill", Some(62), Some(37), Some(129), None),
    ("tkill", Some(200), Some(238), Some(130), None),
    ("tgkill", Some(234), Some(270), Some(131), None),
    ("setsid", Some(112), Some(66), Some(157), None),
    ("setpgid", Some(109), Some(57), Some(154), None),
    ("rt_sigaction", Some(13), Some(174), Some(134), Some(SIGCHLD)),
    ("signal", None, Some(48), None, Some(SIGCHLD)),
    (
        "prctl",
        Some(157),
        Some(172),
        Some(167),
        Some(SET_CHILD_SUBREAPER),
    ),
    ("ptrace", Some(101), Some(26), Some(117), None),
];

const DESCRIPTOR_CALLS: &[Row] = &[
    ("pipe", Some(22), Some(42), None, None),
    ("pipe2", Some(293), Some(331), Some(59), None),
    ("dup", Some(32), Some(41), Some(23), None),
    ("dup2", Some(33), Some(63), None, None),
    ("dup3", Some(292), Some(330), Some(24), None),
    ("close", Some(3), Some(6), Some(57), None),
    ("write", Some(1), Some(4), Some(64), None),
];

/// The rules of a filter that shows these calls.
pub fn rules(detail: Detail) -> Vec<Rule> {
    rows(detail)
        .flat_map(|&(_, x86_64, i386, aarch64, first)| {
            [
                (arch::X86_64, x86_64),
                (arch::I386, i386),
                (arch::AARCH64, aarch64),
            ]
            .into_iter()
            .filter_map(move |(arch, number)| {
                Some(Rule {
                    arch,
                    number: number?,
                    first,
                })
            })
        })
        .filter(|rule| belongs_here(rule.arch))
        .collect()
}

fn rows(detail: Detail) -> impl Iterator<Item = &'static Row> {
    let more: &[Row] = match detail {
        Detail::Processes => &[],
        Detail::Descriptors => DESCRIPTOR_CALLS,
    };
    CALLS.iter().chain(more)
}

fn belongs_here(arch: u32) -> bool {
    if cfg!(target_arch = "aarch64") {
        arch == arch::AARCH64
    } else {
        arch != arch::AARCH64
    }
}

pub fn name(call_arch: u32, wanted: u64) -> Option<&'static str> {
    rows(Detail::Descriptors)
        .find(|&&(_, x86_64, i386, aarch64, _)| {
            let number = match call_arch {
                arch::X86_64 => x86_64,
                arch::I386 => i386,
                _ => aarch64,
            };
            number.is_some_and(|number| u64::from(number) == wanted)
        })
        .map(|row| row.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_named_twice() {
        let rules = rules(Detail::Descriptors);
        for (n, rule) in rules.iter().enumerate() {
            assert!(
                rules[n + 1..]
                    .iter()
                    .all(|other| (rule.arch, rule.number) != (other.arch, other.number)),
                "{rule:?}"
            );
        }
    }

    #[test]
    fn the_numbers_are_the_headers_numbers() {
        #[cfg(target_arch = "x86_64")]
        for (number, wanted) in [
            (libc::SYS_clone3, "clone3"),
            (libc::SYS_wait4, "wait4"),
            (libc::SYS_waitid, "waitid"),
            (libc::SYS_execveat, "execveat"),
            (libc::SYS_tgkill, "tgkill"),
            (libc::SYS_setpgid, "setpgid"),
            (libc::SYS_rt_sigaction, "rt_sigaction"),
            (libc::SYS_prctl, "prctl"),
            (libc::SYS_dup3, "dup3"),
        ] {
            assert_eq!(name(arch::X86_64, number as u64), Some(wanted));
        }
    }
}
