//! The process graph of a whole run as text: who forked whom, what each became, how it ended, who reaped it.
//!
//! A fold of facts. The shape is that of births, so a child stands below who forked it even if it was adopted
//! later; that is said in words. Many children that went the same way share one line.

use std::collections::BTreeMap;
use std::fmt;

use super::fact::{Fact, Place, What};
use crate::model::{Link, Pid, ProcId, WaitStatus, harmless};

/// All processes of a run, whatever became of them.
#[derive(Debug, Default)]
pub struct Report {
    lives: BTreeMap<ProcId, Life>,
    counts: Counts,
}

/// How many of what a run had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Processes, the first among them.
    pub processes: usize,
    /// Forks that made one.
    pub forks: usize,
    /// Forks that failed.
    pub failed_forks: usize,
    /// Programs that were loaded.
    pub execs: usize,
    /// Ends by `_exit`.
    pub exits: usize,
    /// Ends by a signal.
    pub kills: usize,
    /// Zombies that a wait took.
    pub reaped: usize,
    /// Threads beside the first ones.
    pub threads: usize,
    /// Processes whose parent ended first.
    pub orphans: usize,
}

#[derive(Debug)]
struct Life {
    pid: Pid,
    born_at: Option<Place>,
    children: Vec<ProcId>,
    program: Option<String>,
    end: Option<WaitStatus>,
    zombie: bool,
    adopted: Option<Adoption>,
    reaped_by: Option<Link>,
}

#[derive(Debug)]
struct Adoption {
    to: Link,
    was_zombie: bool,
}

impl Report {
    /// Takes one more fact into account.
    pub fn add(&mut self, fact: &Fact) {
        match &fact.what {
            What::Born { by, .. } => self.born(fact, *by),
            What::Fork { child: None, .. } => self.counts.failed_forks += 1,
            What::Fork { .. } => self.counts.forks += 1,
            What::Exec {
                path,
                argv,
                errno: None,
            } => {
                self.counts.execs += 1;
                let program = if argv.is_empty() {
                    path.clone()
                } else {
                    shorten(&argv.join(" "))
                };
                self.change(fact.proc, |life| life.program = Some(program));
            }
            What::Exit { code } => {
                self.counts.exits += 1;
                let end = WaitStatus::Exited(*code);
                self.change(fact.proc, |life| life.end = Some(end));
            }
            What::Killed { signal, core } => {
                self.counts.kills += 1;
                let end = WaitStatus::Signaled {
                    signal: *signal,
                    core: *core,
                };
                self.change(fact.proc, |life| life.end = Some(end));
            }
            What::Adopted { to, .. } => {
                let orphan = self.lives.get(&fact.proc).is_some_and(|life| !life.zombie);
                self.counts.orphans += usize::from(orphan);
                self.change(fact.proc, |life| {
                    life.adopted = Some(Adoption {
                        to: to.clone(),
                        was_zombie: !orphan,
                    });
                });
            }
            What::Zombie { .. } => self.change(fact.proc, |life| life.zombie = true),
            What::Reaped { by, .. } => {
                self.counts.reaped += 1;
                self.change(fact.proc, |life| life.reaped_by = Some(by.clone()));
            }
            What::Thread { threads, .. } => self.thread(fact.proc, *threads),
            _ => {}
        }
    }

    /// The counts so far.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    fn born(&mut self, fact: &Fact, by: ProcId) {
        self.counts.processes += 1;
        self.change(by, |parent| parent.children.push(fact.proc));
        let program = self.lives.get(&by).and_then(|parent| parent.program.clone());
        let life = Life {
            pid: fact.pid,
            born_at: fact.at.clone(),
            children: Vec::new(),
            program,
            end: None,
            zombie: false,
            adopted: None,
            reaped_by: None,
        };
        self.lives.insert(fact.proc, life);
    }

    fn thread(&mut self, _proc: ProcId, threads: u32) {
        // Told at birth and at end; births are those that leave more than one.
        self.counts.threads += usize::from(threads > 1);
    }

    fn change(&mut self, proc: ProcId, how: impl FnOnce(&mut Life)) {
        if let Some(life) = self.lives.get_mut(&proc) {
            how(life);
        }
    }

    fn draw(&self, f: &mut fmt::Formatter<'_>, proc: ProcId, prefix: &str, branch: &str) -> fmt::Result {
        let Some(life) = self.lives.get(&proc) else {
            return Ok(());
        };
        writeln!(f, "{prefix}{branch}{proc} {} {}", life.pid, life.told())?;
        let below = match branch {
            "" => String::new(),
            "├─ " => format!("{prefix}│  "),
            _ => format!("{prefix}   "),
        };
        let groups = self.alike(&life.children);
        for (n, group) in groups.iter().enumerate() {
            let branch = if n + 1 == groups.len() {
                "└─ "
            } else {
                "├─ "
            };
            match group[..] {
                [one] => self.draw(f, one, &below, branch)?,
                [first, .., last] => {
                    let (count, life) = (group.len(), self.lives[&first].told());
                    writeln!(f, "{below}{branch}{first} … {last}, {count} alike: {life}")?;
                }
                [] => {}
            }
        }
        Ok(())
    }

    /// Neighbours without children that went the same way, in groups; small groups are drawn one by one.
    fn alike(&self, children: &[ProcId]) -> Vec<Vec<ProcId>> {
        const FEW: usize = 3;
        let text = |proc: &ProcId| {
            let life = self.lives.get(proc).filter(|life| life.children.is_empty())?;
            Some(life.to_string())
        };
        children
            .chunk_by(|one, next| text(one).is_some() && text(one) == text(next))
            .flat_map(|group| {
                let size = if group.len() > FEW { group.len() } else { 1 };
                group.chunks(size).map(<[ProcId]>::to_vec)
            })
            .collect()
    }
}

impl Life {
    /// The life in one line. Programs and files may be called anything.
    fn told(&self) -> String {
        harmless(&self.to_string()).into_owned()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.draw(f, ProcId::lab(0), "", "")?;
        // Those that were cloned by a process outside the tree would stand for themselves; there are none.
        writeln!(f, "{}", self.counts)
    }
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program.as_deref().unwrap_or("?"))?;
        if let Some(place) = &self.born_at {
            write!(f, " (forked at {place})")?;
        }
        match self.end {
            Some(end) => write!(f, " · {end}")?,
            None => f.write_str(" · lives")?,
        }
        match &self.adopted {
            Some(Adoption {
                to,
                was_zombie: false,
            }) => write!(f, " · orphan: adopted by {to}")?,
            Some(Adoption { was_zombie: true, .. }) => f.write_str(" · never waited for")?,
            None => {}
        }
        match (&self.reaped_by, self.end) {
            (Some(by), _) => write!(f, " · reaped by {}", reaper(by)),
            (None, Some(_)) => f.write_str(" · still a zombie"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            processes,
            forks,
            failed_forks,
            execs,
            exits,
            kills,
            reaped,
            threads,
            orphans,
        } = self;
        let plural = if *processes == 1 { "" } else { "es" };
        write!(
            f,
            "{processes} process{plural}: {forks} forked, {}, ",
            counted(*execs, "exec")
        )?;
        write!(
            f,
            "{exits} exited, {kills} killed, {orphans} orphaned, {reaped} reaped"
        )?;
        if *failed_forks > 0 {
            write!(f, ", {} failed", counted(*failed_forks, "fork"))?;
        }
        if *threads > 0 {
            write!(f, ", {}", counted(*threads, "thread"))?;
        }
        Ok(())
    }
}

fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// The tracer stands for the terminal's shell: it started the program, and so it waits for it.
fn reaper(by: &Link) -> String {
    match by {
        Link::Proc(ProcId::Screen) => "forkscope".into(),
        by => by.to_string(),
    }
}

fn shorten(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Signal, Time};
    use crate::trace::Returned;

    /// A run written down as (process, fact).
    fn report(facts: &[(u32, What)]) -> String {
        let mut report = Report::default();
        for (n, what) in facts {
            report.add(&Fact {
                time: Time(0),
                proc: ProcId::lab(*n),
                pid: Pid(100 + *n as i32),
                what: what.clone(),
                at: None,
            });
        }
        report.to_string()
    }

    fn born(by: ProcId) -> What {
        What::Born {
            parent: by.into(),
            by,
        }
    }

    fn fork(child: u32) -> What {
        What::Fork {
            kernel: Some("clone"),
            child: Some(ProcId::lab(child)),
            result: Returned {
                ret: i64::from(100 + child),
                errno: None,
            },
        }
    }

    fn exec(program: &str) -> What {
        What::Exec {
            path: program.into(),
            argv: vec![program.into()],
            errno: None,
        }
    }

    fn reaped(by: ProcId) -> What {
        What::Reaped {
            by: by.into(),
            status: WaitStatus::Exited(0),
            auto: false,
        }
    }

    #[test]
    fn the_graph_says_who_forked_whom_and_what_became_of_each() {
        let a = ProcId::lab(0);
        let facts = [
            (0, born(ProcId::Screen)),
            (0, exec("./a.out")),
            (0, fork(1)),
            (1, born(a)),
            (1, fork(2)),
            (2, born(ProcId::lab(1))),
            (2, exec("sleep")),
            (1, What::Exit { code: 7 }),
            (
                2,
                What::Adopted {
                    from: ProcId::lab(1).into(),
                    to: Link::Outside(Pid(1), "init".into()),
                },
            ),
            (1, reaped(a)),
            (
                2,
                What::Killed {
                    signal: Signal::TERM,
                    core: false,
                },
            ),
            (0, What::Exit { code: 0 }),
            (0, reaped(ProcId::Screen)),
        ];
        assert_eq!(
            report(&facts),
            "A 100 ./a.out · exit 0 · reaped by forkscope\n\
             └─ B 101 ./a.out · exit 7 · reaped by A\n   \
             └─ C 102 sleep · SIGTERM · orphan: adopted by 1:init · still a zombie\n\
             3 processes: 2 forked, 2 execs, 2 exited, 1 killed, 1 orphaned, 2 reaped\n"
        );
    }

    #[test]
    fn many_alike_share_a_line() {
        let a = ProcId::lab(0);
        let mut facts = vec![(0, born(ProcId::Screen)), (0, exec("a"))];
        for child in 1..=100 {
            facts.extend([
                (0, fork(child)),
                (child, born(a)),
                (child, What::Exit { code: 1 }),
                (child, reaped(a)),
            ]);
        }
        let text = report(&facts);
        assert!(
            text.contains("└─ B … CW, 100 alike: a · exit 1 · reaped by A\n"),
            "{text}"
        );
    }
}
