//! The `forkscope` command.

fn main() {}
