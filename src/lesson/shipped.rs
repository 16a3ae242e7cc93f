//! The lessons that come with the program, in the order in which a course goes through them.

use super::{Lesson, parse};

/// Includes each file of assets/lessons, by the lesson's name.
macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../assets/lessons/", $name, ".md")))),*]
    };
}

/// The lessons' names and texts.
const FILES: &[(&str, &str)] = files! {
    "first-fork"
    "two-roles"
    "fork-refused"
    "copied-memory"
    "copy-on-write"
    "five-children"
    "forgot-to-leave"
    "three-forks"
    "scheduler"
    "orphans"
    "five-awaited"
    "any-child"
    "blocking"
    "wnohang"
    "grandchild"
    "zombie"
    "zombies-count"
    "status-word"
    "doubled-output"
    "zombies-parent"
    "subreaper"
    "outside"
    "exec"
    "survives-exec"
    "shell"
    "redirection"
    "sigchld"
    "interrupted"
    "ignored-sigchld"
    "stopped"
    "groups"
    "double-fork"
    "death-signal"
    "job-race"
    "job-list"
    "end-of-file"
    "pipeline"
    "shared-offset"
    "reused-pid"
    "threads"
    "vfork"
};

/// All of them.
pub fn shipped() -> impl Iterator<Item = Lesson> {
    // A test holds that each can be read.
    FILES.iter().filter_map(|(name, text)| parse(name, text).ok())
}

/// The one of that name.
pub fn by_name(name: &str) -> Option<Lesson> {
    shipped().find(|lesson| lesson.name == name)
}
