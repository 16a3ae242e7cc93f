//! waitpid(2), as it is: any pid, any options, and the status word undecoded.

#![expect(
    unsafe_code,
    reason = "the safe wrappers refuse statuses of real-time signals"
)]

use nix::libc;

use super::{Result, checked};
use crate::model::{Pid, WaitCall, WaitStatus};

/// waitpid(2). 0 children changed under WNOHANG is `None`.
pub fn wait(call: WaitCall) -> Result<Option<(Pid, WaitStatus)>> {
    let mut raw = 0;
    // SAFETY: the kernel writes one int through the pointer, and only during the call.
    let ret = unsafe { libc::waitpid(call.target.into(), &raw mut raw, call.options.to_raw()) };
    let pid = checked("waitpid", i64::from(ret))?;
    Ok((pid > 0).then(|| (Pid(pid as i32), WaitStatus::from_raw(raw))))
}
