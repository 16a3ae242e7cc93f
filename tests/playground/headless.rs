//! A key string, played without a screen: the facts it printed, and the tree at its end.

use std::process::{Output, Stdio};

use serde_json::Value;

use super::lab::{FORKSCOPE, Mark};

/// What came of a key string.
pub struct Run {
    pub facts: Vec<Value>,
    pub tree: Value,
}

/// Runs forkscope with these arguments.
pub fn forkscope(args: &[&str]) -> Output {
    let mark = Mark::new();
    mark.command(FORKSCOPE)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("forkscope can be started")
}

/// Plays `keys`; fails unless all of it could be played.
pub fn play(keys: &str) -> Run {
    play_with(&[], keys)
}

/// The same, with more arguments.
pub fn play_with(args: &[&str], keys: &str) -> Run {
    let output = forkscope(&[&["play", "--headless", "--json", "--keys", keys], args].concat());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{keys}: {}: {stderr}", output.status);
    Run::read(&output.stdout)
}

impl Run {
    pub fn read(stdout: &[u8]) -> Self {
        let text = std::str::from_utf8(stdout).expect("facts are UTF-8");
        let mut facts: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("every line is JSON"))
            .collect();
        let tree = facts.pop().expect("the last line is the tree");
        assert_eq!(tree["event"], "tree");
        Self { facts, tree }
    }

    /// The tree without what differs from run to run: pids.
    pub fn shape(&self) -> Vec<String> {
        let list = |name: &str| self.tree[name].as_array().expect("a list").clone();
        let one = |process: &Value| {
            let outside = process["proc"] == "keeper";
            let parent = if outside { &Value::Null } else { &process["parent"] };
            format!(
                "{} of {parent}: {} {} {} {}",
                process["proc"], process["state"], process["comm"], process["status"], process["by"]
            )
        };
        list("processes").iter().chain(&list("gone")).map(one).collect()
    }
}
