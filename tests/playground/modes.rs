//! The modes of forkscope that have a screen, and how the tests of its promises begin each: where there are
//! processes, with a lab that is hard to end.

use std::path::Path;

/// What is hardest to end: deaf to signals, in sessions of its own, orphaned as a daemon is; and one that has thrown
/// away the environment and the output by which it could be known, and is orphaned before anybody has seen it.
pub const DAEMONS: &str = "
trap '' TERM HUP INT QUIT USR1
(setsid sh -c 'sleep 1001; true' &)
(env -i FORKSCOPE_TEST=$FORKSCOPE_TEST setsid -f sh -c 'sleep 1002 &' </dev/null >/dev/null 2>&1 &)
sleep 1003 &
wait
";

/// Two children: one becomes the daemons, the other sleeps.
const PROGRAM: &str = r#"
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    pid_t first = fork();
    if (first == 0) {
        execlp("sh", "sh", "DAEMONS", NULL);
    }
    if (fork() == 0) {
        execlp("sleep", "sleep", "1004", NULL);
    }
    waitpid(first, NULL, 0);
    return 0;
}
"#;

/// A lesson in which all keys work.
const LESSON: &str = r#"+++
title = "Hard to end"
chapter = 1
concepts = [43]
solution = "f"
+++

Whatever is begun here ends with forkscope.

## Goals

- A has ended `A ended`
"#;

/// A mode with a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Play,
    Lesson,
    Run,
    RunPython,
    Trace,
    Replay,
    Quiz,
}

impl Mode {
    /// Whether there are processes, and not only a picture of some.
    pub fn has_lab(self) -> bool {
        self != Self::Replay
    }

    /// The arguments that begin it as a student would.
    pub fn args(self) -> Vec<String> {
        let words: [&str; 2] = match self {
            Self::Play => return vec!["play".to_owned()],
            Self::Lesson => return vec!["lesson".to_owned()],
            Self::Quiz => return vec!["quiz".to_owned()],
            Self::Run => ["run", "assets/programs/five_awaited.c"],
            Self::RunPython => ["run", "assets/programs/five_awaited.py"],
            Self::Trace => ["trace", "assets/programs/five_awaited.c"],
            Self::Replay => ["replay", "tests/recordings/orphan.jsonl"],
        };
        vec![words[0].to_owned(), in_the_repository(words[1])]
    }

    /// The arguments that begin it with a lab that is hard to end, with files in that folder. `first` are keys before all others.
    pub fn hard_args(self, folder: &Path, first: &str) -> Vec<String> {
        let daemons = write(folder, "daemons.sh", DAEMONS);
        let program = PROGRAM.replace("DAEMONS", &daemons);
        let keys = format!(r#"{first} 4f @A f @B e "sh {daemons}" <Enter> @C 7x @D e "sleep 1004" <Enter>"#);
        match self {
            Self::Play => vec!["play".into(), "--keys".into(), keys],
            Self::Lesson => {
                let file = write(folder, "hard.md", LESSON);
                vec!["lesson".into(), file, "--keys".into(), keys]
            }
            Self::Run | Self::RunPython => {
                let file = write(folder, "hard.c", &program);
                vec!["run".into(), file, "--keys".into(), "F".into()]
            }
            Self::Trace => {
                let file = write(folder, "hard.c", &program);
                vec!["trace".into(), "--keys".into(), "F".into(), file]
            }
            // What a quiz shows ends by itself.
            Self::Replay | Self::Quiz => self.args(),
        }
    }
}

fn in_the_repository(path: &str) -> String {
    name(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
}

/// Writes a file into the folder, and gives its name.
fn write(folder: &Path, file: &str, text: &str) -> String {
    let path = folder.join(file);
    std::fs::write(&path, text).expect("there is room for a file");
    name(&path)
}

fn name(path: &Path) -> String {
    path.to_str().expect("a plain name").to_owned()
}
