//! What is wrong with a program, from the facts of one run: each finding has a stable name, and a place.
//!
//! A finding is what did happen, not a guess about style, with one exception: whether anybody looks at the failure
//! of fork is read in the source. Idioms are no findings: a loop that waits until ECHILD, a daemon that outlives its
//! parent on purpose, a child that ends when its exec failed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use serde::Serialize;

use super::call::{Ask, Kind};
use super::fact::{Fact, Line, Place, What};
use super::unchecked;
use crate::model::{Errno, ProcId};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its name.
    pub finding: Name,
    /// In a sentence.
    pub text: String,
    /// Where the program should be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
}

/// The names of findings. They are stable: graders compare them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    /// Children ended and no wait took them before their parent ended.
    NeverWaited,
    /// A child lived on after its parent.
    OutlivedParent,
    /// A wait failed because there was nobody to wait for.
    WaitEchild,
    /// Nobody looks whether fork failed.
    ForkUnchecked,
    /// After a failed exec the child went on with its parent's program.
    ExecWentOn,
}

/// Collects findings while facts come in.
#[derive(Debug, Default)]
pub struct Findings {
    lives: BTreeMap<ProcId, Life>,
    never_waited: BTreeMap<ProcId, Vec<ProcId>>,
    outlived: Vec<(ProcId, ProcId)>,
    /// Whom these two name: they are not forgotten.
    named: BTreeSet<ProcId>,
    echild: Vec<(ProcId, Option<Place>)>,
    /// Where a wait has succeeded: there, ECHILD is how a loop ends.
    succeeded: BTreeSet<String>,
    forks: HashMap<Line, Option<Errno>>,
    went_on: Vec<(ProcId, String, Option<Place>)>,
    cut_short: bool,
}

#[derive(Debug, Default)]
struct Life {
    program: String,
    born_at: Option<Place>,
    zombie: bool,
    leads_session: bool,
    /// Its last wait does not sleep.
    polls: bool,
    failed_exec: Option<(String, Option<Place>)>,
}

impl Findings {
    /// Takes one more fact into account.
    pub fn add(&mut self, fact: &Fact) {
        let proc = fact.proc;
        match &fact.what {
            What::Born { by, .. } => self.born(fact, *by),
            What::Call { call, .. } => {
                if let Ask::Wait { options, .. } = call.ask {
                    self.life(proc).polls = options & libc::WNOHANG != 0;
                }
                if matches!(call.kind(), Kind::Fork | Kind::Wait) {
                    self.goes_on(proc);
                }
            }
            What::Fork { child, result, .. } => self.forked(fact, child.is_some(), result.errno),
            What::Exec {
                argv, errno: None, ..
            } => {
                let life = self.life(proc);
                life.failed_exec = None;
                life.program = name_of(argv);
            }
            What::Exec { path, .. } => {
                self.life(proc).failed_exec = Some((path.clone(), fact.at.clone()));
            }
            // Whoever calls exit after a failed exec is at a line then; whoever returns from main is not.
            What::Exit { .. } if fact.at.is_none() && self.life(proc).failed_at_a_line() => {
                self.goes_on(proc);
            }
            What::Zombie { .. } => self.life(proc).zombie = true,
            What::Session { .. } => self.life(proc).leads_session = true,
            What::Wait { child, result, .. } => self.waited(fact, child.is_some(), result.errno),
            What::Adopted { from, .. } => {
                if let Some(parent) = from.proc() {
                    self.orphaned(proc, parent);
                }
            }
            What::Reaped { .. } => self.forget(proc),
            What::Limit { .. } => self.cut_short = true,
            _ => {}
        }
    }

    fn life(&mut self, proc: ProcId) -> &mut Life {
        self.lives.entry(proc).or_default()
    }

    /// A process that is gone does nothing more that could be wrong.
    fn forget(&mut self, proc: ProcId) {
        if !self.named.contains(&proc) {
            self.lives.remove(&proc);
        }
    }

    fn born(&mut self, fact: &Fact, by: ProcId) {
        let program = self.life(by).program.clone();
        let life = self.life(fact.proc);
        life.program = program;
        life.born_at.clone_from(&fact.at);
    }

    fn forked(&mut self, fact: &Fact, success: bool, errno: Option<Errno>) {
        let Some(line) = fact.at.as_ref().and_then(|place| place.line.clone()) else {
            return;
        };
        let failed = self.forks.entry(line).or_default();
        if !success {
            *failed = errno;
        }
    }

    fn waited(&mut self, fact: &Fact, success: bool, errno: Option<Errno>) {
        if success {
            self.succeeded.insert(key(fact));
        } else if errno == Some(Errno(libc::ECHILD)) && !self.life(fact.proc).polls {
            self.echild.push((fact.proc, fact.at.clone()));
        }
    }

    /// After a failed exec, a second copy of the parent forks, waits, or returns from main.
    fn goes_on(&mut self, proc: ProcId) {
        if proc == ProcId::lab(0) {
            return;
        }
        if let Some((path, at)) = self.life(proc).failed_exec.take() {
            self.went_on.push((proc, path, at));
        }
    }

    fn orphaned(&mut self, child: ProcId, parent: ProcId) {
        let daemon = self.life(child).leads_session || self.life(parent).leads_session;
        self.named.extend([child, parent]);
        if self.life(child).zombie {
            self.never_waited.entry(parent).or_default().push(child);
        } else if !daemon {
            self.outlived.push((child, parent));
        }
    }

    /// All findings. A run that was cut short at the limit has none about its end: we made that.
    pub fn finish(self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if !self.cut_short {
            findings.extend(
                self.never_waited
                    .iter()
                    .map(|(parent, children)| self.unwaited(*parent, children)),
            );
            findings.extend(
                self.outlived
                    .iter()
                    .map(|&(child, parent)| self.outlives(child, parent)),
            );
        }
        findings.extend(self.echild());
        findings.extend(self.unchecked());
        findings.extend(self.went_on.iter().map(|(proc, path, at)| Finding {
            finding: Name::ExecWentOn,
            text: format!("exec of {path} failed and {proc} went on as a second copy of its parent"),
            at: at.clone(),
        }));
        findings
    }

    fn unwaited(&self, parent: ProcId, children: &[ProcId]) -> Finding {
        let (were, they) = match children {
            [_] => ("1 child was".to_owned(), "a zombie"),
            many => (format!("{} children were", many.len()), "zombies"),
        };
        Finding {
            finding: Name::NeverWaited,
            text: format!(
                "{were} never waited for: {they} until {} ended",
                self.name(parent)
            ),
            at: children
                .first()
                .and_then(|child| self.lives.get(child)?.born_at.clone()),
        }
    }

    fn outlives(&self, child: ProcId, parent: ProcId) -> Finding {
        Finding {
            finding: Name::OutlivedParent,
            text: format!("{child} outlived its parent {}", self.name(parent)),
            at: self.lives.get(&child).and_then(|life| life.born_at.clone()),
        }
    }

    fn name(&self, proc: ProcId) -> String {
        match self.lives.get(&proc) {
            Some(life) if !life.program.is_empty() => format!("{proc} ({})", life.program),
            _ => proc.to_string(),
        }
    }

    /// Each place once, however many processes came by.
    fn echild(&self) -> Vec<Finding> {
        let mut told = BTreeSet::new();
        self.echild
            .iter()
            .filter(|(_, at)| {
                let key = key_of(at.as_ref());
                !self.succeeded.contains(&key) && told.insert(key)
            })
            .map(|(proc, at)| {
                let place = at
                    .as_ref()
                    .map_or_else(|| proc.to_string(), |at| format!("{proc} at {at}"));
                Finding {
                    finding: Name::WaitEchild,
                    text: format!("waitpid of {place} got ECHILD: there was no child to wait for"),
                    at: at.clone(),
                }
            })
            .collect()
    }

    fn unchecked(&self) -> Vec<Finding> {
        let mut found: Vec<_> = self
            .forks
            .iter()
            .filter(|(line, _)| unchecked::fork_is_unchecked(&line.file, line.line))
            .collect();
        found.sort_by_key(|(line, _)| (&line.file, line.line));
        found
            .into_iter()
            .map(|(line, failed)| Finding {
                finding: Name::ForkUnchecked,
                text: match failed {
                    Some(errno) => {
                        format!("fork failed with {errno}, and nobody looked: -1 was taken for a pid")
                    }
                    None => "fork's failure is not looked at: -1 would be taken for a pid".into(),
                },
                at: Some(Place {
                    function: None,
                    line: Some(line.clone()),
                }),
            })
            .collect()
    }
}

impl Life {
    fn failed_at_a_line(&self) -> bool {
        let at = self.failed_exec.as_ref().and_then(|(_, at)| at.as_ref());
        at.is_some_and(|at| at.line.is_some())
    }
}

/// What distinguishes places: the line, or the function, or the program as a whole.
fn key(fact: &Fact) -> String {
    key_of(fact.at.as_ref())
}

fn key_of(at: Option<&Place>) -> String {
    at.map(Place::to_string).unwrap_or_default()
}

fn name_of(argv: &[String]) -> String {
    let name = argv.first().map(String::as_str).unwrap_or_default();
    name.rsplit('/').next().unwrap_or(name).to_owned()
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NeverWaited => "never-waited",
            Self::OutlivedParent => "outlived-parent",
            Self::WaitEchild => "wait-echild",
            Self::ForkUnchecked => "fork-unchecked",
            Self::ExecWentOn => "exec-went-on",
        })
    }
}

impl fmt::Display for Finding {
    /// `loop.c:31: wait-echild: …`, as compilers write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = &self.at {
            write!(f, "{at}: ")?;
        }
        write!(f, "{}: {}", self.finding, self.text)
    }
}
