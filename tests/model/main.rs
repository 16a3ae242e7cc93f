//! The model, without a kernel: facts go in, and what is known of the processes comes out.
//!
//! Each test is (before, events, after) in the notation of [`script`]; `laws` are property tests over random ones.

mod explain;
mod explore;
mod laws;
mod quiz;
mod reduction;
mod script;
mod sim;
mod tree;
mod world;
