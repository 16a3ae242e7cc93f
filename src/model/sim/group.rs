//! Process groups and sessions: setpgid(2), setsid(2), and groups that are orphaned.

use nix::errno::Errno as E;

use super::call::Return;
use super::facts::Facts;
use super::files::failed;
use super::kernel::Kernel;
use crate::model::{Pid, Signal, What};

impl Kernel {
    /// setpgid(2). The order of the checks is the kernel's, so that the errors agree where several would fit.
    pub(super) fn setpgid(&mut self, who: Pid, pid: Pid, group: Pid, facts: &mut Facts) -> Return {
        let pid = if pid.0 == 0 { who } else { pid };
        let group = if group.0 == 0 { pid } else { group };
        if group.0 < 0 {
            return failed(E::EINVAL);
        }
        let Some(target) = self.get(pid) else {
            return failed(E::ESRCH);
        };
        let session = self.proc(who).session;
        if target.parent == who && pid != who {
            if target.session != session {
                return failed(E::EPERM);
            }
            if target.execed {
                return failed(E::EACCES);
            }
        } else if pid != who {
            return failed(E::ESRCH);
        }
        let leads_session = target.session == pid;
        let joins = group != pid;
        if leads_session || joins && !self.group(group).any(|member| member.session == session) {
            return failed(E::EPERM);
        }
        self.proc_mut(pid).group = group;
        facts.tell(self.proc(pid).id(), pid, || What::Group { pgid: group });
        Return::Value(0)
    }

    /// setsid(2): refused to whoever's pid names a group, be it its own or one it has left behind.
    pub(super) fn setsid(&mut self, who: Pid, facts: &mut Facts) -> Return {
        if self.group(who).next().is_some() {
            return failed(E::EPERM);
        }
        let proc = self.proc_mut(who);
        proc.group = who;
        proc.session = who;
        let id = proc.id();
        facts.tell(id, who, || What::Group { pgid: who });
        facts.tell(id, who, || What::Session { sid: who });
        Return::Value(i64::from(who.0))
    }

    /// Whether nobody in a group has a parent in another group of the same session: nobody is left who could
    /// continue it (POSIX: orphaned process group). `without` does not count any more.
    pub(super) fn is_orphaned(&self, group: Pid, without: Option<Pid>) -> bool {
        self.group(group)
            .filter(|member| Some(member.pid) != without && member.is_alive() && member.parent != self.init())
            .all(|member| {
                let parent = self.proc(member.parent);
                parent.group == group || parent.session != member.session
            })
    }

    /// What _exit(2) does to the group of `pid` when the link to `parent` goes: if that leaves the group orphaned and
    /// somebody in it stopped, all get SIGHUP and SIGCONT.
    pub(super) fn wake_orphaned(&mut self, pid: Pid, parent: Pid, without: Option<Pid>, facts: &mut Facts) {
        let (group, session) = (self.proc(pid).group, self.proc(pid).session);
        let Some(parent) = self.get(parent) else {
            return;
        };
        let was_link = parent.group != group && parent.session == session;
        let stopped = self.group(group).any(|member| member.stopped.is_some());
        if was_link && stopped && self.is_orphaned(group, without) {
            let members: Vec<_> = self.group(group).map(|member| member.pid).collect();
            for signal in [Signal::HUP, Signal::CONT] {
                for &member in &members {
                    self.send(member, signal, facts);
                }
            }
        }
    }
}
