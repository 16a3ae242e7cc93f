//! The lessons that come with the program, in the order in which a course goes through them.

use super::{Lesson, parse};

/// Each file of assets/lessons: the lesson's name, and its text.
const FILES: &[(&str, &str)] = &[
    ("first-fork", include_str!("../../assets/lessons/first-fork.md")),
    ("two-roles", include_str!("../../assets/lessons/two-roles.md")),
    (
        "five-children",
        include_str!("../../assets/lessons/five-children.md"),
    ),
    (
        "five-awaited",
        include_str!("../../assets/lessons/five-awaited.md"),
    ),
];

/// All of them.
pub fn shipped() -> impl Iterator<Item = Lesson> {
    // A test holds that each can be read.
    FILES.iter().filter_map(|(name, text)| parse(name, text).ok())
}

/// The one of that name.
pub fn by_name(name: &str) -> Option<Lesson> {
    shipped().find(|lesson| lesson.name == name)
}
