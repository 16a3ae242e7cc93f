//! waitpid(2): which child, which change, and what if there is none.
//!
//! A wait that cannot return sleeps as long as a child is left that it asks about, and fails with ECHILD once there
//! is none: so with SIGCHLD ignored it blocks to the last child, then fails (NOTES of wait(2)). The three answers of
//! WNOHANG are the pid, 0, and -1. Of several that have changed, Linux takes the first in the list of children (by
//! birth, the adopted last); POSIX promises no order.

use nix::errno::Errno as E;

use super::call::{Call, Return};
use super::facts::Facts;
use super::files::failed;
use super::kernel::Kernel;
use super::process::{Proc, Stage};
use crate::model::event::{Wait, WaitEnd};
use crate::model::{Pid, Ret, WaitCall, WaitStatus, WaitTarget, What};

/// What a wait finds.
enum Found {
    /// This child has changed.
    Changed(Pid, WaitStatus),
    /// There are children to wait for, and none has changed.
    Unchanged,
    /// There is no child to wait for.
    Nobody,
}

impl Kernel {
    /// waitpid(2) as it is called: returns, or sleeps.
    pub(super) fn wait(&mut self, who: Pid, call: WaitCall, facts: &mut Facts) -> Option<Return> {
        let id = self.proc(who).id();
        facts.tell(id, who, || What::Wait(Wait { call, end: None }));
        if self.can_wait(who, call) {
            return Some(self.waited(who, call, facts));
        }
        // The group is the one that the caller had when it called.
        let target = match call.target {
            WaitTarget::OwnGroup => WaitTarget::Group(self.proc(who).group),
            target => target,
        };
        self.block(who, Call::Wait(WaitCall { target, ..call }), facts);
        None
    }

    /// Whether a wait need not sleep.
    pub(super) fn can_wait(&self, who: Pid, call: WaitCall) -> bool {
        call.options.nohang || !matches!(self.find(who, call), Found::Unchanged)
    }

    /// How a wait comes back that need not sleep.
    pub(super) fn waited(&mut self, who: Pid, call: WaitCall, facts: &mut Facts) -> Return {
        let found = self.find(who, call);
        let (ret, status, child) = match found {
            Found::Changed(pid, status) => (Ret::Ok(i64::from(pid.0)), Some(status), self.proc(pid).id()),
            Found::Unchanged => (Ret::Ok(0), None, None),
            Found::Nobody => (Ret::Err(E::ECHILD.into()), None, None),
        };
        facts.tell(self.proc(who).id(), who, || {
            let end = Some(WaitEnd { ret, status, child });
            What::Wait(Wait { call, end })
        });
        match found {
            Found::Changed(pid, status) => {
                if status.is_end() {
                    self.reap(pid, false, facts);
                } else {
                    self.proc_mut(pid).news = None;
                }
                Return::Waited {
                    pid,
                    status: Some(status),
                }
            }
            Found::Unchanged => Return::Waited {
                pid: Pid(0),
                status: None,
            },
            Found::Nobody => failed(E::ECHILD),
        }
    }

    /// A change of `child` wakes its parent from a wait that asks about it. Nothing else does: a child that leaves the
    /// group that is waited for leaves the waiter asleep, though it would find nobody any more.
    pub(super) fn wake_waiter(&mut self, child: &Proc) {
        let parent = self.proc(child.parent);
        if let Some(Call::Wait(call)) = &parent.blocked_in
            && is_meant(child, call.target, parent.group)
        {
            self.look_again(child.parent);
        }
    }

    /// Who sleeps in a wait looks for children again.
    pub(super) fn look_again(&mut self, who: Pid) {
        if let Some(Call::Wait(call)) = self.proc(who).blocked_in
            && self.can_wait(who, call)
        {
            self.proc_mut(who).woken = true;
        }
    }

    /// How a wait comes back when a handler has run meanwhile.
    pub(super) fn wait_interrupted(&self, who: Pid, call: WaitCall, facts: &mut Facts) -> Return {
        facts.tell(self.proc(who).id(), who, || {
            let end = Some(WaitEnd {
                ret: Ret::Err(E::EINTR.into()),
                status: None,
                child: None,
            });
            What::Wait(Wait { call, end })
        });
        failed(E::EINTR)
    }

    fn find(&self, who: Pid, call: WaitCall) -> Found {
        let own = self.proc(who).group;
        let mut found = Found::Nobody;
        for &pid in &self.proc(who).children {
            let child = self.proc(pid);
            if !is_meant(child, call.target, own) {
                continue;
            }
            if let Some(status) = change(child, call) {
                return Found::Changed(pid, status);
            }
            found = Found::Unchanged;
        }
        found
    }
}

fn is_meant(child: &Proc, target: WaitTarget, own: Pid) -> bool {
    match target {
        WaitTarget::Any => true,
        WaitTarget::OwnGroup => child.group == own,
        WaitTarget::Child(pid) => child.pid == pid,
        WaitTarget::Group(group) => child.group == group,
    }
}

fn change(child: &Proc, call: WaitCall) -> Option<WaitStatus> {
    if let Stage::Zombie(status) = child.stage {
        return Some(status);
    }
    child.news.filter(|news| match news {
        WaitStatus::Stopped(_) => call.options.untraced,
        WaitStatus::Continued => call.options.continued,
        _ => false,
    })
}
