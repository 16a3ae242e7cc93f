//! pidfds: a process by descriptor, which is never reused as a pid is. See pidfd_open(2).

#![expect(
    unsafe_code,
    reason = "signals by number, and PIDFD_GET_INFO, have no safe wrapper"
)]

use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use nix::libc;
use rustix::process::{PidfdFlags, pidfd_open};

use super::{Named, Result, checked, rustix_pid};
use crate::model::{Errno, Pid, Signal, WaitStatus};

/// Opens a pidfd, close-on-exec.
pub fn open(pid: Pid) -> Result<OwnedFd> {
    let pid = rustix_pid(pid).ok_or(super::CallFailed {
        call: "pidfd_open",
        errno: Errno(libc::EINVAL),
    })?;
    pidfd_open(pid, PidfdFlags::empty()).named("pidfd_open")
}

/// pidfd_send_signal(2): as kill(2), and never to another process that got the pid since. Signal 0 only asks.
pub fn send_signal(pidfd: impl AsFd, signal: Signal) -> Result<()> {
    let fd = pidfd.as_fd().as_raw_fd();
    // SAFETY: the kernel takes any descriptor and any number; a null siginfo is what kill(2) means.
    let ret = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            fd,
            signal.0,
            std::ptr::null::<libc::siginfo_t>(),
            0,
        )
    };
    checked("pidfd_send_signal", ret).map(drop)
}

/// `struct pidfd_info` of linux/pidfd.h in its first size, 64 bytes, which every kernel that has it takes.
#[repr(C)]
#[derive(Default)]
struct Info {
    mask: u64,
    cgroup_id: u64,
    ids: [u32; 11],
    exit_code: i32,
}

const INFO_EXIT: u64 = 1 << 3;

/// `PIDFD_GET_INFO`, which is `_IOWR(PIDFS_IOCTL_MAGIC, 11, struct pidfd_info)` of linux/pidfd.h.
const GET_INFO: libc::Ioctl = nix::request_code_readwrite!(0xff, 11, size_of::<Info>());

/// The exit status of a process that is gone, where the kernel still knows it (`PIDFD_INFO_EXIT`, Linux 6.15).
pub fn exit_status(pidfd: impl AsFd) -> Option<WaitStatus> {
    let mut info = Info {
        mask: INFO_EXIT,
        ..Info::default()
    };
    // SAFETY: the kernel writes at most as many bytes as the size encoded in the request, which is `Info`'s.
    let ret = unsafe { libc::ioctl(pidfd.as_fd().as_raw_fd(), GET_INFO, &raw mut info) };
    checked("ioctl", i64::from(ret)).ok()?;
    (info.mask & INFO_EXIT != 0).then(|| WaitStatus::from_raw(info.exit_code))
}
