//! One sequence on both sides: after every call, what Linux shows must be what the model allows.
//!
//! The model may allow several things (two children killed at once die in either order), so there is a set of
//! kernels, and each look at Linux rules out those that do not fit. When none is left, the model is wrong.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use forkscope::model::event::Action;
use forkscope::model::sim::{Answer, Call, Facts, Kernel, Return, Sigaction, Signals, Step};
use forkscope::model::{Pid, Signal, WaitOptions};

use super::linux::{self, Stage};
use super::plan::{Act, SIGNALS, choose};
use super::puppet::{Report, hex};

/// The first pid of a puppet in the model: A's.
const A: i32 = 4101;

/// One thing that the model allows.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Possible {
    kernel: Kernel,
    /// What has been returned and must have been reported.
    returned: BTreeMap<Pid, Back>,
    /// What has been returned to a process that is stopped, and so cannot report it.
    held: BTreeMap<Pid, Back>,
    /// What has been returned to a process that died at once, and may or may not have reported it.
    last: BTreeMap<Pid, Back>,
    /// The handlers that have run and have not been reported.
    caught: BTreeMap<Pid, Caught>,
}

/// How a call came back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Back {
    ret: Return,
    /// Whether the number is a pid.
    is_pid: bool,
}

impl Back {
    fn new(ret: Return, is_pid: bool) -> Self {
        Self { ret, is_pid }
    }
}

/// Handlers that have run. One that ran after its process had reported is in the next report; and of several that ran
/// for one signal, some may be in the first and some in the next.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Caught {
    before: Signals,
    now: Signals,
    again: Signals,
}

/// A sequence under way.
pub struct Duel {
    stage: Stage,
    possible: Vec<Possible>,
    /// The pid of the real keeper.
    keeper: i32,
    /// How long Linux may take to come to rest.
    patience: Duration,
    /// What was done so far, as it is printed when the two differ.
    pub story: String,
}

impl Duel {
    /// A on both sides.
    pub fn open(keeper: nix::unistd::Pid, patience: Duration) -> Result<Self, String> {
        let (kernel, a) = Kernel::launch(b"", &mut Facts::unheard());
        let mut returned = BTreeMap::new();
        returned.insert(a, Back::new(Return::Value(0), false));
        let mut duel = Self {
            stage: Stage::open().map_err(|error| format!("no stage: {error}"))?,
            possible: vec![Possible {
                kernel,
                returned,
                held: BTreeMap::new(),
                last: BTreeMap::new(),
                caught: BTreeMap::new(),
            }],
            keeper: keeper.as_raw(),
            patience,
            story: String::new(),
        };
        duel.agree()?;
        Ok(duel)
    }

    /// Does one act on both sides and compares. Says whether anybody could do it.
    pub fn act(&mut self, act: &Act) -> Result<bool, String> {
        let Some((who, call)) = choose(&self.possible[0].kernel, act) else {
            return Ok(false);
        };
        let _ = writeln!(self.story, "  {} {call:?}", name(who));
        self.possible = self
            .possible
            .iter()
            .flat_map(|possible| possible.after(who, &call))
            .collect();
        self.perform(who, &call)?;
        self.agree()?;
        Ok(true)
    }

    fn perform(&mut self, who: Pid, call: &Call) -> Result<(), String> {
        if who == self.possible[0].kernel.screen() {
            let Call::Kill { pid, signal } = call else {
                return Err("the screen only kills".into());
            };
            // SAFETY: kill(2) takes two numbers.
            let ret = unsafe { nix::libc::kill(self.real(*pid)?, signal.0) };
            let report = Report {
                ret: ret.into(),
                errno: if ret == -1 {
                    nix::errno::Errno::last_raw()
                } else {
                    0
                },
                ..Report::default()
            };
            self.stage.reports.insert(usize::MAX, report);
            return Ok(());
        }
        let order = self.order(who, call)?;
        self.stage
            .order(letter(who), &order)
            .map_err(|error| format!("no order: {error}"))
    }

    /// Looks until what Linux shows is one of the possible, twice in a row.
    fn agree(&mut self) -> Result<(), String> {
        let end = Instant::now() + self.patience;
        let mut seen_before = false;
        loop {
            self.stage
                .listen(Duration::ZERO)
                .map_err(|error| format!("nothing to hear: {error}"))?;
            let fitting: Vec<_> = self
                .possible
                .iter()
                .filter(|possible| self.differences(possible).is_empty())
                .cloned()
                .collect();
            if !fitting.is_empty() && seen_before {
                self.possible = fitting;
                for possible in &mut self.possible {
                    possible.have_reported(&self.stage.reports);
                }
                self.stage.reports.clear();
                return Ok(());
            }
            seen_before = !fitting.is_empty();
            if !seen_before {
                if Instant::now() > end {
                    return Err(self.explain());
                }
                self.stage
                    .listen(Duration::from_micros(500))
                    .map_err(|error| format!("nothing to hear: {error}"))?;
            }
        }
    }

    fn explain(&self) -> String {
        let mut text =
            String::from("Linux shows none of what the model allows. Differences, model | Linux:\n");
        for (n, possible) in self.possible.iter().take(4).enumerate() {
            let _ = writeln!(text, "  possibility {}:", n + 1);
            for difference in self.differences(possible) {
                let _ = writeln!(text, "    {difference}");
            }
        }
        text
    }

    /// Where what the model says and what Linux shows are two things.
    fn differences(&self, possible: &Possible) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |what: String, model: String, linux: String| {
            if model != linux {
                found.push(format!("{what}: {model} | {linux}"));
            }
        };
        let used = possible.kernel.lab().count() + possible.kernel.gone() as usize;
        for letter in 0..used {
            let pid = Pid(A + letter as i32);
            compare(
                name(pid),
                self.model_shows(&possible.kernel, pid),
                self.linux_shows(letter),
            );
        }
        let reported: BTreeMap<usize, String> = self
            .stage
            .reports
            .iter()
            .map(|(letter, report)| (*letter, told(report)))
            .collect();
        // Who was stopped or ended by what its call brought about may have reported before.
        let early = possible.held.iter().chain(&possible.last);
        let early = early.filter(|(pid, _)| self.stage.reports.contains_key(&letter(**pid)));
        let returned: BTreeMap<usize, String> = possible
            .returned
            .iter()
            .chain(early)
            .map(|(pid, back)| (letter(*pid), self.returned(possible, *pid, back)))
            .collect();
        compare("returns".into(), format!("{returned:?}"), format!("{reported:?}"));
        found
    }

    fn model_shows(&self, kernel: &Kernel, pid: Pid) -> String {
        let Some(proc) = kernel.get(pid) else {
            return "gone".into();
        };
        let real = |pid: Pid| self.real(pid.0).unwrap_or(-1);
        let state = match proc.state().0 {
            // A puppet that runs sleeps until it gets an order.
            'R' => 'S',
            state => state,
        };
        let mut text = format!(
            "{state} {} {} {}",
            real(proc.parent),
            real(proc.group),
            real(proc.session)
        );
        if !proc.is_zombie() {
            let awaited = match proc.blocked_in {
                // While it sleeps in sigwait, and only then, the kernel shows what it waits for as not blocked.
                Some(Call::Sigwait(set)) if proc.stopped.is_none() => set,
                _ => Signals::NONE,
            };
            let signals = linux::Signals {
                pending: proc.pending.0,
                blocked: proc.mask.minus(awaited).0,
                ignored: having(proc, Action::Ignore),
                caught: having(proc, Action::Handler),
            };
            let _ = write!(text, " {signals:x?}");
        }
        text
    }

    fn linux_shows(&self, letter: usize) -> String {
        let (Some(pid), Some(seen)) = (self.stage.pid(letter), self.stage.look(letter)) else {
            return if self.stage.pid(letter).is_some() {
                "gone"
            } else {
                "unborn"
            }
            .into();
        };
        let mut text = format!("{} {} {} {}", seen.state, seen.parent, seen.group, seen.session);
        if seen.state != 'Z' {
            let shown = SIGNALS.into_iter().collect::<Signals>().0;
            let _ = write!(text, " {:x?}", linux::Signals::of(pid, shown).unwrap_or_default());
        }
        text
    }

    /// What a puppet reports if the model is right.
    fn returned(&self, possible: &Possible, pid: Pid, back: &Back) -> String {
        let real = |pid: i64| self.real(pid as i32).map_or(-1, i64::from);
        let mut report = Report::default();
        match &back.ret {
            Return::Value(value) if back.is_pid => report.ret = real(*value),
            Return::Value(value) => report.ret = *value,
            Return::Waited { pid, status } => {
                report.ret = real(pid.0.into());
                report.extra = status.map_or(0, |status| status.to_raw().into());
            }
            Return::Data(data) => {
                report.ret = data.len() as i64;
                report.data.clone_from(data);
            }
            Return::Pipe(read, write) => {
                report.ret = (*read).into();
                report.extra = *write as u64;
            }
            Return::Signals(set) => report.extra = set.0,
            Return::Error(errno) => {
                report.ret = -1;
                report.errno = errno.0;
            }
        }
        if let Some(reported) = self.stage.reports.get(&letter(pid)) {
            let own = real(pid.0.into()) as u64;
            if back.ret == Return::Value(0) && reported.extra == own {
                // The report of a birth, or of an exec, brings the pid.
                report.extra = own;
            }
            report.caught = possible.caught_by(pid, Signals(reported.caught)).0;
        }
        told(&report)
    }

    /// The order that makes a puppet make `call`.
    fn order(&self, who: Pid, call: &Call) -> Result<String, String> {
        let next = self.possible[0].kernel.lab().count() + self.possible[0].kernel.gone() as usize - 1;
        let real = |pid: i32| self.real(pid);
        Ok(match call {
            Call::Fork => format!("fork {next}"),
            Call::Vfork => format!("vfork {next}"),
            Call::Exit(code) => format!("exit {code}"),
            Call::Wait(wait) => format!("wait {} {}", real(wait.target.into())?, options(wait.options)),
            Call::Getppid => "getppid".into(),
            Call::Getpgid(pid) => format!("getpgid {}", real(pid.0)?),
            Call::Getsid(pid) => format!("getsid {}", real(pid.0)?),
            Call::Setpgid { pid, group } => format!("setpgid {} {}", real(pid.0)?, real(group.0)?),
            Call::Setsid => "setsid".into(),
            Call::Exec(_) => format!("exec {}", letter(who)),
            Call::Kill { pid, signal } => format!("kill {} {}", real(*pid)?, signal.0),
            Call::Sigaction(action) => {
                let flags = (u32::from(action.nocldwait) << 1) | u32::from(action.nocldstop);
                format!("act {} {} {flags}", action.signal.0, handler(action.action))
            }
            Call::Sigprocmask { how, set } => format!("mask {} {}", *how as i32, set.0),
            Call::Sigpending => "pending".into(),
            Call::Sigsuspend(set) => format!("suspend {}", set.0),
            Call::Sigwait(set) => format!("sigwait {}", set.0),
            Call::Pause => "pause".into(),
            Call::Pipe { cloexec } => {
                format!("pipe {}", if *cloexec { nix::libc::O_CLOEXEC } else { 0 })
            }
            Call::Read { fd, count } => format!("read {fd} {count}"),
            Call::Write { fd, data } => {
                format!("write {fd} {}", hex(data))
            }
            Call::Close(fd) => format!("close {fd}"),
            Call::Dup { fd, .. } => format!("dup {fd}"),
            Call::Dup2 { from, to, .. } => format!("dup2 {from} {to}"),
            Call::Subreaper(on) => format!("subreaper {}", i32::from(*on)),
            Call::Pdeathsig(signal) => format!("pdeathsig {}", signal.0),
            other => return Err(format!("no puppet knows {other:?}")),
        })
    }

    /// The real pid for one of the model's, or for the group of one if it is negative.
    fn real(&self, pid: i32) -> Result<i32, String> {
        let kernel = &self.possible[0].kernel;
        Ok(match pid {
            -1 | 0 => pid,
            pid if pid < 0 => -self.real(-pid)?,
            pid if pid == kernel.keeper().0 => self.keeper,
            pid if pid == kernel.screen().0 => std::process::id() as i32,
            pid if (A..A + linux::LETTERS as i32).contains(&pid) => self
                .stage
                .pid((pid - A) as usize)
                .ok_or_else(|| format!("{pid} was never born"))?,
            pid => pid,
        })
    }
}

impl Possible {
    /// What is possible once `who` has called `call` and everything has come to rest.
    fn after(&self, who: Pid, call: &Call) -> Vec<Self> {
        let mut next = self.clone();
        let is_pid = is_pid(call);
        let answer = next.kernel.call(who, call, &mut Facts::unheard());
        match answer {
            Answer::Returned(ret) => {
                next.returned.insert(who, Back::new(ret, is_pid));
            }
            Answer::Forked(child) => {
                next.returned
                    .insert(who, Back::new(Return::Value(child.0.into()), true));
                next.returned.insert(child, Back::new(Return::Value(0), false));
            }
            Answer::Vforked(child) => {
                next.returned.insert(child, Back::new(Return::Value(0), false));
            }
            // The new program is a puppet too, and reports.
            Answer::Replaced => {
                next.caught.remove(&who);
                next.start_up(who);
                next.returned.insert(who, Back::new(Return::Value(0), false));
            }
            Answer::Blocked | Answer::Ended => {}
        }
        let mut rest = HashSet::new();
        let mut seen = HashSet::new();
        let mut open = vec![next];
        while let Some(state) = open.pop() {
            let steps = state.kernel.steps();
            if steps.is_empty() {
                rest.insert(state.at_rest());
                continue;
            }
            for step in steps {
                let next = state.stepped(step);
                if seen.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
        rest.into_iter().collect()
    }

    /// What Rust's runtime does at the start of a program, and `puppet::revive` takes back: it ignores SIGPIPE, which
    /// discards one that is pending.
    fn start_up(&mut self, who: Pid) {
        let before = self
            .kernel
            .get(who)
            .map(|proc| proc.action(Signal::PIPE))
            .unwrap_or_default();
        for action in [Action::Ignore, before] {
            let call = Call::Sigaction(Sigaction::plain(Signal::PIPE, action));
            self.kernel.call(who, &call, &mut Facts::unheard());
        }
    }

    /// What a report must say of handlers: at least what ran before the call, at most what has run since, and
    /// between the two whatever it does say.
    fn caught_by(&self, pid: Pid, reported: Signals) -> Signals {
        let Caught { before, now, again } = self.caught.get(&pid).copied().unwrap_or_default();
        before.or(now.or(again).and(reported))
    }

    /// The reports have been taken: what they did not say stays for the next ones.
    fn have_reported(&mut self, reports: &BTreeMap<usize, Report>) {
        self.returned.clear();
        self.last.clear();
        self.held.retain(|pid, _| !reports.contains_key(&letter(*pid)));
        for (pid, caught) in &mut self.caught {
            let all = caught.before.or(caught.now);
            let report = reports.get(&letter(*pid));
            let reported = Signals(report.map_or(0, |report| report.caught));
            *caught = Caught {
                before: all.minus(reported),
                now: Signals::NONE,
                again: report.map_or(caught.again, |_| caught.now.and(reported)),
            };
        }
    }

    fn stepped(&self, step: Step) -> Self {
        let mut next = self.clone();
        let is_pid = self
            .kernel
            .get(step.pid())
            .and_then(|proc| proc.blocked_in.as_ref())
            .is_some_and(is_pid);
        if let Some((pid, ret)) = next.kernel.step(step, &mut Facts::unheard()) {
            let is_pid = is_pid && matches!(step, Step::Complete(_));
            next.returned.insert(pid, Back::new(ret, is_pid));
        }
        next
    }

    /// Sorts out who can report: the dead cannot, the stopped will later.
    fn at_rest(mut self) -> Self {
        let mut all = std::mem::take(&mut self.held);
        all.append(&mut self.returned);
        let lab: Vec<Pid> = self.kernel.lab().map(|proc| proc.pid).collect();
        for pid in lab {
            let ran = self.kernel.take_caught(pid);
            let caught = self.caught.entry(pid).or_default();
            caught.now = caught.now.or(ran);
        }
        for (pid, back) in all {
            match self.kernel.get(pid) {
                _ if pid == self.kernel.screen() => {
                    self.returned.insert(pid, back);
                }
                Some(proc) if proc.is_alive() && proc.stopped.is_some() => {
                    self.held.insert(pid, back);
                }
                Some(proc) if proc.is_alive() => {
                    self.returned.insert(pid, back);
                }
                _ => {
                    self.last.insert(pid, back);
                }
            }
        }
        self
    }
}

fn is_pid(call: &Call) -> bool {
    matches!(
        call,
        Call::Getppid | Call::Getpgid(_) | Call::Getsid(_) | Call::Setsid | Call::Vfork
    )
}

fn having(proc: &forkscope::model::sim::Proc, action: Action) -> u64 {
    SIGNALS
        .into_iter()
        .filter(|signal| proc.action(*signal) == action)
        .collect::<Signals>()
        .0
}

fn handler(action: Action) -> i32 {
    match action {
        Action::Ignore => 1,
        Action::Handler => 2,
        _ => 0,
    }
}

fn options(options: WaitOptions) -> i32 {
    let bits = [
        (options.nohang, nix::libc::WNOHANG),
        (options.untraced, nix::libc::WUNTRACED),
        (options.continued, nix::libc::WCONTINUED),
    ];
    bits.into_iter()
        .filter(|(on, _)| *on)
        .fold(0, |bits, (_, bit)| bits | bit)
}

fn told(report: &Report) -> String {
    let Report {
        ret,
        errno,
        extra,
        caught,
        data,
    } = report;
    format!("{ret} errno {errno} extra {extra:#x} caught {caught:#x} {data:?}")
}

/// The letter's number; the screen, which reports to nobody, has the last.
fn letter(pid: Pid) -> usize {
    usize::try_from(pid.0 - A).unwrap_or(usize::MAX)
}

fn name(pid: Pid) -> String {
    match u32::try_from(pid.0 - A) {
        Ok(n) => forkscope::model::Letter(n).to_string(),
        Err(_) => "screen".into(),
    }
}
