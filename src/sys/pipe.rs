//! Pipes. See pipe(7).

use std::os::fd::OwnedFd;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};

use super::{Named, Result, socket};

/// The report pipe: (reading end, which never blocks; writing end, which does). Made as big as asked for where
/// the system allows that (/proc/sys/fs/pipe-max-size); a smaller one works too, only its writers wait more.
pub fn report_pipe(bytes: usize) -> Result<(OwnedFd, OwnedFd)> {
    let (read, write) = pipe()?;
    let _ = fcntl_setpipe_size(&write, bytes);
    socket::never_block(&read)?;
    Ok((read, write))
}

/// A pipe, close-on-exec: (reading end, writing end).
pub fn pipe() -> Result<(OwnedFd, OwnedFd)> {
    pipe_with(PipeFlags::CLOEXEC).named("pipe")
}

/// A text as a file without a name, to be opened anew as `/proc/self/fd/N`; who reads on from this very descriptor
/// finds its end. See memfd_create(2).
pub fn text(text: &str) -> Result<OwnedFd> {
    let file = memfd_create("text", MemfdFlags::CLOEXEC).named("memfd_create")?;
    socket::write_whole(&file, text.as_bytes())?;
    Ok(file)
}
