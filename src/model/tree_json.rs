//! The tree as one line of JSON: what is, and who is gone. The last line of a headless run, and `export --format json`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::gone::Gone;
use super::ident::{Link, Pid, ProcId};
use super::state::State;
use super::status::WaitStatus;
use super::world::World;

impl World {
    /// The tree as one line of JSON, without the line's end. All stand in the order of their names: the order in
    /// which orphans are reaped is the kernel's to choose, and a script is to give the same tree every time.
    pub fn tree_json(&self) -> String {
        let pids = self.pids();
        let ppid = |parent: &Link| match parent {
            Link::Proc(id) => pids.get(id).copied(),
            Link::Outside(pid, _) => Some(*pid),
        };
        let processes = self
            .processes()
            .filter(|process| !process.is_reaped())
            .map(|process| Entry {
                proc: process.id,
                pid: process.pid,
                ppid: ppid(&process.parent),
                parent: &process.parent,
                state: Some(process.state),
                comm: &process.comm,
                status: process.status(),
                by: None,
            })
            .collect();
        let reaped: Vec<Gone> = self.gone().collect();
        let mut gone: Vec<Entry<'_>> = reaped
            .iter()
            .map(|gone| Entry {
                proc: gone.id,
                pid: gone.pid,
                ppid: ppid(&gone.by),
                parent: &gone.by,
                state: None,
                comm: &gone.comm,
                status: gone.status,
                by: Some(&gone.by),
            })
            .collect();
        gone.sort_unstable_by_key(|entry| entry.proc);
        let tree = Tree {
            event: "tree",
            processes,
            gone,
        };
        // Names, numbers and strings can always be written.
        serde_json::to_string(&tree).unwrap_or_default()
    }

    /// What the kernel called each process. Letters are never reused, so the gone keep theirs.
    fn pids(&self) -> BTreeMap<ProcId, Pid> {
        let gone = self.gone().map(|gone| (gone.id, gone.pid));
        let known = self.processes().map(|process| (process.id, process.pid));
        gone.chain(known).collect()
    }
}

#[derive(Serialize)]
struct Tree<'a> {
    event: &'static str,
    processes: Vec<Entry<'a>>,
    gone: Vec<Entry<'a>>,
}

/// A process. The gone have no state, since there is nothing left for /proc to show.
#[derive(Serialize)]
struct Entry<'a> {
    proc: ProcId,
    pid: Pid,
    ppid: Option<Pid>,
    parent: &'a Link,
    state: Option<State>,
    comm: &'a str,
    status: Option<WaitStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a Link>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Event;

    /// After these facts the tree is this.
    fn check(facts: &[&str], tree: &str) {
        let mut world = World::default();
        for (n, fact) in facts.iter().enumerate() {
            let line = format!(r#"{{"t":{n},{fact}}}"#);
            world.apply(&serde_json::from_str::<Event>(&line).expect("a fact"));
        }
        assert_eq!(world.tree_json(), tree);
    }

    #[test]
    fn a_tree_of_nothing() {
        check(&[], r#"{"event":"tree","processes":[],"gone":[]}"#);
    }

    #[test]
    fn a_zombie_and_one_that_was_reaped() {
        check(
            &[
                r#""proc":"screen","pid":10,"event":"born","parent":"9:bash","comm":"forkscope""#,
                r#""proc":"A","pid":11,"event":"born","parent":"screen","comm":"forkscope""#,
                r#""proc":"B","pid":12,"event":"born","parent":"A","comm":"forkscope""#,
                r#""proc":"A","pid":11,"event":"zombie","status":{"exited":7}"#,
                r#""proc":"B","pid":12,"event":"zombie","status":null"#,
                r#""proc":"B","pid":12,"event":"reaped","by":"A","status":null"#,
            ],
            concat!(
                r#"{"event":"tree","processes":["#,
                r#"{"proc":"screen","pid":10,"ppid":9,"parent":"9:bash","state":"R","comm":"forkscope","status":null},"#,
                r#"{"proc":"A","pid":11,"ppid":10,"parent":"screen","state":"Z","comm":"forkscope","status":{"exited":7}}],"#,
                r#""gone":[{"proc":"B","pid":12,"ppid":11,"parent":"A","state":null,"comm":"forkscope","status":null,"by":"A"}]}"#,
            ),
        );
    }
}
