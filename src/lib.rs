//! forkscope: fork real processes with single keys and watch the kernel's tree.
//!
//! The house, from the ground up: [`model`] is pure and knows nobody; `sys` holds the only unsafe code; `lab`,
//! `program`, `trace`, `journal` and `lesson` stand beside each other; `app` is above them and `ui` on top.
//! docs/architecture.md tells the whole story, and `tests/house.rs` holds it.

pub mod app;
pub mod cli;
pub mod export;
pub mod headless;
pub mod input;
pub mod interactive;
pub mod journal;
pub mod keeper;
pub mod lab;
pub mod lesson;
pub mod model;
pub mod modes;
pub mod poll;
pub mod program;
pub mod sys;
pub mod trace;
pub mod traced;
pub mod tty;
pub mod ui;
