//! forkscope: fork real processes with single keys and watch the kernel's tree.
//!
//! The house, from the ground up: [`model`] is pure and knows nobody; `sys` holds the only unsafe code; `lab`,
//! `program`, `trace`, `journal` and `lesson` stand beside each other; `app` is above them and `ui` on top.
//! docs/architecture.md tells the whole story, and `tests/house.rs` holds it.

pub mod model;
pub mod sys;
pub mod trace;
