//! Processes that obey keys.

pub mod order;
