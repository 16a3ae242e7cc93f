//! A session for other programs: one file for each format.
//!
//! [`text`], [`json`](crate::model::World::tree_json) and [`svg`] show a moment; [`dot`] and [`mermaid`] show its tree,
//! or the whole graph of who forked, ended, reaped and adopted whom up to it; [`cast`] is a film of the session.
//! Pictures of the screen are made from what the screen's own drawing gives: a [`Grid`](svg::Grid) or a string.

pub mod cast;
pub mod dot;
mod graph;
pub mod mermaid;
pub mod svg;
pub mod text;

use crate::model::harmless;

pub use graph::ProcessGraph;

/// A text with nothing in it that could break a line or a format.
fn clean(text: &str) -> String {
    harmless(text).into_owned()
}

/// The beginning of a text, with a sign that there was more.
fn cut(text: &str, room: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= room {
        return text;
    }
    text.chars().take(room - 1).chain(['…']).collect()
}
