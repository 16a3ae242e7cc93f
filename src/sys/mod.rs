//! The only unsafe code: what has to be asked of the kernel by hand, in types that cannot be used wrongly.

pub mod ptrace;
pub mod seccomp;
pub mod spawn;
