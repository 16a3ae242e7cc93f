//! Socket pairs: the control channels, which carry whole messages and descriptors, and the output socket, on
//! which the kernel says who wrote. See unix(7).

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair, sockopt,
};

use super::{CallFailed, Named, Result};
use crate::model::{Errno, Pid};

/// The longest message of a control channel, in bytes.
pub const LONGEST: usize = 64 * 1024;

/// A pair of connected ends that keep messages whole, close-on-exec.
pub fn channel() -> Result<(OwnedFd, OwnedFd)> {
    socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )
    .named("socketpair")
}

/// A stream whose reading end learns who wrote each piece: (reading end, writing end).
pub fn stream_with_writers() -> Result<(OwnedFd, OwnedFd)> {
    let (read, write) = socketpair(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC,
        None,
    )
    .named("socketpair")?;
    sockopt::set_socket_passcred(&read, true).named("setsockopt")?;
    rustix::net::shutdown(&read, rustix::net::Shutdown::Write).named("shutdown")?;
    Ok((read, write))
}

/// Sends one message, with a descriptor if there is one to pass.
pub fn send(to: impl AsFd, message: &[u8], fd: Option<BorrowedFd<'_>>) -> Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let fds = fd.as_slice();
    if !fds.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(fds));
    }
    retry(|| sendmsg(&to, &[IoSlice::new(message)], &mut control, SendFlags::NOSIGNAL))
        .named("sendmsg")
        .map(drop)
}

/// What came in.
#[derive(Debug)]
pub enum Received {
    /// A message, and the descriptor that came with it.
    Message(Vec<u8>, Option<OwnedFd>),
    /// Nothing, for now.
    Nothing,
    /// The other end is closed, and nothing more will come.
    End,
}

/// Receives one message; waits for it unless `now`.
pub fn receive(from: impl AsFd, now: bool) -> Result<Received> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut bytes = vec![0; LONGEST];
    let flags = if now {
        RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT
    } else {
        RecvFlags::CMSG_CLOEXEC
    };
    let received = match retry(|| recvmsg(&from, &mut [IoSliceMut::new(&mut bytes)], &mut control, flags)) {
        Err(rustix::io::Errno::AGAIN) => return Ok(Received::Nothing),
        Err(rustix::io::Errno::CONNRESET) => return Ok(Received::End),
        other => other.named("recvmsg")?,
    };
    let fd = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
        _ => None,
    });
    if received.bytes == 0 && fd.is_none() {
        return Ok(Received::End);
    }
    bytes.truncate(received.bytes);
    Ok(Received::Message(bytes, fd))
}

/// Reads a piece of the output and who wrote it, without waiting. `None` where nothing is there.
pub fn read_written(from: impl AsFd, bytes: &mut [u8]) -> Result<Option<(usize, Option<Pid>)>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmCredentials(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = match retry(|| {
        recvmsg(
            &from,
            &mut [IoSliceMut::new(bytes)],
            &mut control,
            RecvFlags::DONTWAIT,
        )
    }) {
        Err(rustix::io::Errno::AGAIN) => return Ok(None),
        other => other.named("recvmsg")?,
    };
    let writer = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmCredentials(who) => Some(Pid(who.pid.as_raw_nonzero().get())),
        _ => None,
    });
    Ok((received.bytes > 0).then_some((received.bytes, writer)))
}

/// Makes reads of `fd` return at once. The mark belongs to the open file description: only for ends that one
/// process alone reads.
pub fn never_block(fd: impl AsFd) -> Result<()> {
    let flags = rustix::fs::fcntl_getfl(&fd).named("fcntl")?;
    rustix::fs::fcntl_setfl(&fd, flags | rustix::fs::OFlags::NONBLOCK).named("fcntl")
}

/// Writes all of `bytes` in one write(2), which a pipe keeps whole up to `PIPE_BUF` bytes (pipe(7)).
pub fn write_whole(to: impl AsFd, bytes: &[u8]) -> Result<()> {
    let written = retry(|| rustix::io::write(&to, bytes)).named("write")?;
    if written == bytes.len() {
        Ok(())
    } else {
        Err(CallFailed {
            call: "write",
            errno: Errno(nix::libc::EIO),
        })
    }
}

fn retry<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> rustix::io::Result<T> {
    loop {
        match call() {
            Err(rustix::io::Errno::INTR) => {}
            other => return other,
        }
    }
}
