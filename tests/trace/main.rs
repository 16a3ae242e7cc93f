//! Tracing real programs: our facts against what the programs themselves, or the kernel, say.
//!
//! wait(2) belongs to a whole process and ptrace(2) to one thread, so each tracer runs in a process of its own:
//! this very test binary, which is told by the environment to be one.

mod harness;

mod containment;
mod findings;
mod forks;
mod front;
mod lines;
mod others;
mod python;
mod signals;
mod steps;
mod terminal;
mod threads;

#[test]
#[ignore = "the other tests run this as their tracer"]
fn tracer_process() {
    harness::be_the_tracer();
}
