//! What comes to screen by itself: the epoll set, and what is done with whatever is ready in it.
//!
//! Follows epoll(7), and pidfd_open(2) for when a pidfd is readable and when it hangs up. It only takes in and answers;
//! what is given as an order is [`Lab::order`]'s.

use std::os::fd::AsFd;

use rustix::event::epoll::{self, EventData, EventFlags};

use super::Lab;
use super::wire::{self, Down, Up};
use crate::model::{Letter, Pid, ProcId, Signal};
use crate::sys::signal;
use crate::sys::socket::{self, Received};

/// What a descriptor in the epoll set is, as its 64 bits of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Reports,
    Outputs,
    Channel(ProcId),
    Pidfd(ProcId),
}

impl Source {
    fn data(self) -> EventData {
        let (kind, id) = match self {
            Self::Reports => (0, None),
            Self::Outputs => (1, None),
            Self::Channel(id) => (2, Some(id)),
            Self::Pidfd(id) => (3, Some(id)),
        };
        let number = match id {
            None | Some(ProcId::Keeper) => 0,
            Some(ProcId::Screen) => 1,
            Some(ProcId::Lab(Letter(n))) => u64::from(n) + 2,
        };
        EventData::new_u64(number << 2 | kind)
    }

    fn of(data: EventData) -> Self {
        let bits = data.u64();
        let id = match bits >> 2 {
            0 => ProcId::Keeper,
            1 => ProcId::Screen,
            n => ProcId::lab((n - 2) as u32),
        };
        match bits & 3 {
            0 => Self::Reports,
            1 => Self::Outputs,
            2 => Self::Channel(id),
            _ => Self::Pidfd(id),
        }
    }
}

impl Lab {
    pub(super) fn watch(&self, fd: impl AsFd, source: Source, flags: EventFlags) {
        // It can fail only for want of memory or watches; the periodic look finds the same, later.
        let _ = epoll::add(&self.epoll, fd, source.data(), flags);
    }

    pub(super) fn unwatch(&self, fd: impl AsFd) {
        let _ = epoll::delete(&self.epoll, fd);
    }

    /// Handles one round of what epoll says; whether there was anything.
    pub(super) fn drain(&mut self) -> bool {
        let mut events: Vec<epoll::Event> = Vec::with_capacity(64);
        let none = rustix::event::Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let spare = rustix::buffer::spare_capacity(&mut events);
        if epoll::wait(&self.epoll, spare, Some(&none)).is_err() || events.is_empty() {
            return false;
        }
        // Reports first: they say in order what channels and pidfds only hint at.
        self.read_reports();
        for event in &events {
            match Source::of(event.data) {
                Source::Reports => {}
                Source::Outputs => self.read_outputs(),
                Source::Channel(id) => self.read_channel(id),
                Source::Pidfd(id) => self.on_pidfd(id, event.flags),
            }
        }
        true
    }

    /// Reads the channel of a process, or of one that was to be born.
    pub(super) fn read_channel(&mut self, id: ProcId) {
        if let Some(channel) = self.granted.get(&id) {
            // The parent died before it forked: nobody holds the other end.
            if matches!(socket::receive(channel, true), Ok(Received::End) | Err(_)) {
                self.take_back(id);
            }
            return;
        }
        let Some(channel) = self.tracked.get(&id).and_then(|tracked| tracked.channel.as_ref()) else {
            return;
        };
        match socket::receive(channel, true) {
            Ok(Received::Message(bytes, _)) => match serde_json::from_slice(&bytes) {
                Ok(Up::Fork) => self.asked_to_fork(id),
                Ok(Up::Kill(pid)) => self.asked_to_kill(id, pid),
                // Only processes of ours hold the other end, and they say nothing else.
                Err(_) => {}
            },
            Ok(Received::Nothing) => {}
            Ok(Received::End) | Err(_) => self.channel_closed(id),
        }
    }

    fn asked_to_fork(&mut self, parent: ProcId) {
        let granted = self.grant();
        let Some(channel) = self
            .tracked
            .get(&parent)
            .and_then(|tracked| tracked.channel.as_ref())
        else {
            return;
        };
        let sent = match &granted {
            Ok(Some((child, theirs))) => wire::send(channel, &Down::Granted(*child), Some(theirs.as_fd())),
            Ok(None) | Err(_) => wire::send(channel, &Down::Refused, None),
        };
        match (granted, sent) {
            (Ok(Some((child, _))), Err(_)) => self.take_back(child),
            (Err(failed), _) => self.remark(format!("no channel for a child: {failed}")),
            _ => {}
        }
    }

    /// A program may reach those of the lab, and find out that there is nobody.
    fn asked_to_kill(&self, id: ProcId, pid: Pid) {
        let Some(tracked) = self.tracked.get(&id) else {
            return;
        };
        let Some(channel) = &tracked.channel else { return };
        let is_lab = |pid: Pid| self.pids.get(&pid).is_some_and(|id| id.is_lab());
        let allowed = match pid.0 {
            1.. => is_lab(pid) || signal::send(pid, Signal(0)).is_err(),
            0 => true,
            -1 => false,
            group => self.members(Pid(-group)).iter().all(|id| id.is_lab()),
        };
        let _ = wire::send(
            channel,
            if allowed { &Down::Allowed } else { &Down::Denied },
            None,
        );
    }

    fn on_pidfd(&mut self, id: ProcId, flags: EventFlags) {
        let Some(pidfd) = self.tracked.get(&id).and_then(|tracked| tracked.pidfd.as_ref()) else {
            return;
        };
        if flags.contains(EventFlags::HUP) {
            self.unwatch(pidfd);
        } else {
            // It stays readable from now on: only the hang-up, the reaping, is still of interest.
            let _ = epoll::modify(&self.epoll, pidfd, Source::Pidfd(id).data(), EventFlags::empty());
        }
    }
}
