//! The table of processes: who is there from the start, who is asked for, who comes and who goes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::call::{Answer, Call};
use super::facts::Facts;
use super::files::{Files, Table};
use super::process::{Proc, Stage};
use super::signals::Signals;
use crate::model::event::{Birth, Fd, Note, Role};
use crate::model::{Link, Pid, ProcId, State, What};

/// The pids of those that are there from the start.
const INIT: Pid = Pid(1);
const KEEPER: Pid = Pid(4099);
const SCREEN: Pid = Pid(4100);
/// The session of the shell that started the keeper.
const SHELL: Pid = Pid(4000);

/// A kernel: init, the keeper, the screen, and what they fork.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kernel {
    pub(super) table: BTreeMap<Pid, Arc<Proc>>,
    pub(super) files: Files,
    pids: i32,
    letters: u32,
    ended: u32,
}

impl Kernel {
    /// init, the keeper (a subreaper that reaps) and the screen below it, which reads `input` and is told to tell
    /// `facts`.
    pub fn boot(input: &[u8], facts: &mut Facts) -> Self {
        let (files, fds) = Files::new(input);
        let mut kernel = Self {
            table: BTreeMap::new(),
            files,
            pids: SCREEN.0,
            letters: 0,
            ended: 0,
        };
        let mut init = first(INIT, Link::Outside(INIT, "init".into()), "init", Table::default());
        init.reaps = true;
        init.children = vec![KEEPER];
        let mut keeper = first(KEEPER, ProcId::Keeper.into(), "forkscope", Table::default());
        (keeper.parent, keeper.group, keeper.session) = (INIT, KEEPER, SHELL);
        (keeper.subreaper, keeper.reaps) = (true, true);
        keeper.children = vec![SCREEN];
        let mut screen = first(SCREEN, ProcId::Screen.into(), "forkscope", fds);
        (screen.parent, screen.group, screen.session) = (KEEPER, KEEPER, SHELL);
        for proc in [init, keeper, screen] {
            let parent = kernel
                .table
                .get(&proc.parent)
                .map_or(proc.name.clone(), |parent| parent.name.clone());
            facts.tell(proc.id(), proc.pid, || {
                What::Born(Birth {
                    parent,
                    start: 0,
                    comm: proc.comm.clone(),
                    pgid: proc.group,
                    sid: proc.session,
                    role: Role::Lab,
                })
            });
            kernel.insert(proc);
        }
        kernel
    }

    /// A kernel in which the screen has forked A, in a session of its own, and reaps it, as a shell would.
    pub fn launch(input: &[u8], facts: &mut Facts) -> (Self, Pid) {
        let mut kernel = Self::boot(input, facts);
        let answer = kernel.call(SCREEN, &Call::Fork, facts);
        kernel.proc_mut(SCREEN).reaps = true;
        let Answer::Forked(pid) = answer else {
            unreachable!("the screen has no limit, so its fork succeeds");
        };
        kernel.setsid(pid, facts);
        (kernel, pid)
    }

    /// The name of the process that has that pid here, or will have it; none for init.
    pub fn name_of(pid: Pid) -> Option<ProcId> {
        match pid {
            KEEPER => Some(ProcId::Keeper),
            SCREEN => Some(ProcId::Screen),
            Pid(other) => {
                let letter = u32::try_from(other - SCREEN.0 - 1).ok()?;
                Some(ProcId::lab(letter))
            }
        }
    }

    /// The screen's pid.
    pub const fn screen(&self) -> Pid {
        SCREEN
    }

    /// The keeper's pid.
    pub const fn keeper(&self) -> Pid {
        KEEPER
    }

    /// The pid of init, which adopts where no subreaper is above.
    pub const fn init(&self) -> Pid {
        INIT
    }

    /// The process of that pid, if it is alive or a zombie.
    pub fn get(&self, pid: Pid) -> Option<&Proc> {
        self.table.get(&pid).map(AsRef::as_ref)
    }

    /// The process of that name.
    pub fn named(&self, id: ProcId) -> Option<&Proc> {
        self.procs().find(|proc| proc.id() == Some(id))
    }

    /// All that are alive or zombies, by pid.
    pub fn procs(&self) -> impl Iterator<Item = &Proc> {
        self.table.values().map(AsRef::as_ref)
    }

    /// The lettered ones.
    pub fn lab(&self) -> impl Iterator<Item = &Proc> {
        self.procs().filter(|proc| proc.id().is_some_and(ProcId::is_lab))
    }

    /// How many lettered processes have been reaped.
    pub const fn gone(&self) -> u32 {
        self.ended
    }

    /// What was written to standard output and standard error.
    pub fn output(&self) -> &[u8] {
        self.files.output()
    }

    /// What the descriptors of a process lead to.
    pub fn descriptors(&self, pid: Pid) -> Vec<Fd> {
        let fds = self
            .get(pid)
            .map(|proc| self.files.names(&proc.fds))
            .unwrap_or_default();
        fds.into_iter()
            .map(|(fd, file, mode, cloexec)| Fd {
                fd,
                file: Some(file),
                mode: Some(mode.to_owned()),
                cloexec,
            })
            .collect()
    }

    /// Whether what descriptor `fd` of `one` leads to can also be reached by a descriptor of `other`.
    pub fn meet(&self, one: &Proc, fd: i32, other: &Proc) -> bool {
        self.files.meet(&one.fds, fd, &other.fds)
    }

    /// Whether both hold ends of one pipe.
    pub fn share_pipe(&self, one: &Proc, other: &Proc) -> bool {
        self.files.share_pipe(&one.fds, &other.fds)
    }

    /// Whether a descriptor of `proc` is an end of a pipe.
    pub fn is_pipe(&self, proc: &Proc, fd: i32) -> bool {
        self.files.is_pipe(&proc.fds, fd)
    }

    /// Takes the signals that a process has caught and whose handlers are to run now.
    pub fn take_caught(&mut self, pid: Pid) -> Signals {
        match self.get(pid) {
            Some(proc) if !proc.caught.is_empty() => std::mem::take(&mut self.proc_mut(pid).caught),
            _ => Signals::NONE,
        }
    }

    /// Turns a reaping parent on or off: one that waits for each child as soon as it ends.
    pub fn set_reaps(&mut self, pid: Pid, reaps: bool) {
        if self.table.contains_key(&pid) {
            self.proc_mut(pid).reaps = reaps;
        }
    }

    pub(super) fn tell_letter(&self, pid: Pid, facts: &mut Facts) {
        let proc = self.proc(pid);
        facts.tell(proc.id(), pid, || letter(proc.state()));
    }

    /// The process of a pid, where 0 is the caller.
    pub(super) fn lookup(&self, who: Pid, pid: Pid) -> Option<&Proc> {
        self.get(if pid.0 == 0 { who } else { pid })
    }

    /// The process of a pid that a link within the table leads to: such links never dangle, for whoever leaves the
    /// table has no children left and is taken out of its parent's.
    pub(super) fn proc(&self, pid: Pid) -> &Proc {
        &self.table[&pid]
    }

    /// The same, to be changed; a copy is made if other states share it.
    pub(super) fn proc_mut(&mut self, pid: Pid) -> &mut Proc {
        let proc = self
            .table
            .get_mut(&pid)
            .expect("links within the table never dangle");
        Arc::make_mut(proc)
    }

    pub(super) fn insert(&mut self, proc: Proc) {
        self.table.insert(proc.pid, Arc::new(proc));
    }

    pub(super) fn remove(&mut self, pid: Pid) {
        if self
            .table
            .remove(&pid)
            .is_some_and(|proc| proc.id().is_some_and(ProcId::is_lab))
        {
            self.ended += 1;
        }
    }

    /// How many processes count against `RLIMIT_NPROC`.
    pub(super) fn count(&self) -> usize {
        self.table.len() - 1
    }

    /// The members of a group.
    pub(super) fn group(&self, group: Pid) -> impl Iterator<Item = &Proc> {
        self.procs().filter(move |proc| proc.group == group)
    }

    /// Whom kill(2) means by -1: everybody but init and the caller.
    pub(super) fn others(&self, who: Pid) -> Vec<Pid> {
        self.table
            .keys()
            .copied()
            .filter(|pid| *pid != INIT && *pid != who)
            .collect()
    }

    pub(super) fn next_pid(&mut self) -> Pid {
        self.pids += 1;
        Pid(self.pids)
    }

    pub(super) fn next_letter(&mut self) -> u32 {
        self.letters += 1;
        self.letters - 1
    }
}

/// A change of the state letter.
pub(super) fn letter(state: State) -> What {
    What::Note(Note {
        state: Some(state),
        ..Note::default()
    })
}

fn first(pid: Pid, name: Link, comm: &str, fds: Table) -> Proc {
    Proc {
        pid,
        name,
        parent: INIT,
        orphan_of: None,
        children: Vec::new(),
        group: pid,
        session: pid,
        stage: Stage::Alive,
        stopped: None,
        news: None,
        blocked_in: None,
        woken: false,
        written: 0,
        vforked: None,
        doomed: None,
        shielded: false,
        ignored: Signals::NONE,
        handled: Signals::NONE,
        mask: Signals::NONE,
        saved_mask: None,
        restarts: false,
        returning: false,
        pending: Signals::NONE,
        caught: Signals::NONE,
        nocldstop: false,
        nocldwait: false,
        subreaper: false,
        reaps: false,
        pdeathsig: None,
        alarm: None,
        limit: None,
        execed: false,
        comm: comm.to_owned(),
        fds,
    }
}
