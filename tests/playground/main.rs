//! The playground as a whole: the real program, real processes, a real terminal. Keys go in; what the program says
//! is held against what the kernel says.
//!
//! One binary, since all of it stands on the same three helpers: [`headless`] plays a key string and reads the facts,
//! [`pty`] is a terminal with somebody in front of it, [`kernel`] reads /proc with eyes of its own.

mod game;
mod headless;
mod hostile;
mod kernel;
mod lab;
mod modes;
mod outcomes;
mod pty;

mod agreement;
mod answers;
mod deaths;
mod edit;
mod inheritance;
mod lessons;
mod limits;
mod look;
mod monkey;
mod surroundings;
mod suspend;
mod traced;
