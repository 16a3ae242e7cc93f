//! One file for each pane: the tree, what explains the selected process, and the panes that `v` shows in turn.

pub mod about;
pub mod descriptors;
pub mod events;
pub mod lanes;
pub mod lesson;
pub mod output;
pub mod ps;
pub mod quiz;
pub mod stepping;
mod terminal;
pub mod tree;
