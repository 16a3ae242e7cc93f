//! `E`: the editor gets the terminal and nothing of the lab; what it leaves is run, or refused for what it is.

use std::path::Path;
use std::time::Duration;

use super::game::{at_prompt, is_installed};
use super::kernel;
use super::lab::FORKSCOPE;
use super::pty::Terminal;

const BEFORE: &str = "int main(void) {\n    return 1;\n}\n";

/// An editor: it says that it has begun, and at the word `go` on a line of its own does what it is there for.
const EDITOR: &str = r#"
trap 'echo interrupted' INT
echo "editing ${1##*/}"
until [ "$answer" = go ]; do read answer; done
"#;

/// A stepped program of the student's own, in a terminal, with an editor that acts so.
struct Desk {
    terminal: Terminal,
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(act: &str) -> Self {
        Self::with(act, |env, file| {
            Terminal::run_in((24, 80), env, FORKSCOPE, &["run", file])
        })
    }

    fn with(act: &str, start: impl FnOnce(&[(&str, &str)], &str) -> Terminal) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| {
            folder
                .path()
                .join(name)
                .to_str()
                .expect("a plain name")
                .to_owned()
        };
        std::fs::write(path("editor"), [EDITOR, act].concat()).expect("it can be written");
        std::fs::write(path("two.c"), BEFORE).expect("it can be written");
        let editor = format!("sh {}", path("editor"));
        let env = [
            ("VISUAL", editor.as_str()),
            ("EDITOR", "false"),
            ("PS1", "ready> "),
        ];
        let terminal = start(&env, &path("two.c"));
        Self { terminal, folder }
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("two.c")
    }

    /// Opens the editor.
    fn edit(&mut self, name: &str) {
        self.terminal.press("E");
        self.terminal.shows(&format!("editing {name}"));
    }

    /// Lets the editor end.
    fn go(&mut self) {
        self.terminal.press("go\r");
    }

    /// Quits, and nothing is left.
    fn leave(mut self) {
        self.terminal.press("\x03");
        let ended = self.terminal.ended();
        assert!(ended.success(), "{ended:?}");
        assert_eq!(self.terminal.mark.living(), [0; 0]);
        assert_eq!(self.terminal.modes(), self.terminal.initial);
    }
}

#[test]
fn what_is_saved_is_started() {
    let mut desk = Desk::new(r#"sed -i 's/return 1/return 7/' "$1""#);
    desk.terminal.shows("return 1;");
    desk.terminal.press("n");
    desk.terminal.shows("before _exit()");
    desk.edit("two.c");
    assert!(!desk.terminal.screen().alternate_screen());
    assert_eq!(
        desk.terminal.modes(),
        desk.terminal.initial,
        "the terminal is not the editor's"
    );
    desk.go();
    desk.terminal.shows("return 7;");
    desk.terminal.shows("at line 2");
    desk.terminal.press("F");
    desk.terminal.shows("exit 7");
    desk.leave();
}

#[test]
fn what_is_not_changed_goes_on() {
    let mut desk = Desk::new("");
    desk.terminal.press("n");
    desk.terminal.shows("before _exit()");
    desk.edit("two.c");
    desk.go();
    desk.terminal.shows("two.c is unchanged. R starts it again.");
    desk.terminal.shows("before _exit()");
    desk.leave();
}

#[test]
fn what_cannot_be_run_is_refused_and_the_old_goes_on() {
    let mut desk = Desk::new(r#"sed -i 's/return 1/return 1.5/' "$1""#);
    desk.terminal.press("n");
    desk.terminal.shows("before _exit()");
    desk.edit("two.c");
    desk.go();
    desk.terminal
        .shows("two.c:2:12: stepping does not know floating point");
    desk.terminal.shows("return 1;");
    // Whoever starts again all the same starts what there was.
    desk.terminal.press("RR");
    desk.terminal
        .shows("two.c:2:12: stepping does not know floating point");
    desk.terminal.shows("at line 2");
    desk.leave();
}

#[test]
fn an_editor_that_gives_up_changes_nothing() {
    let mut desk = Desk::new(r#"sed -i 's/return 1/return 7/' "$1"; exit 3"#);
    desk.terminal.shows("return 1;");
    desk.edit("two.c");
    desk.go();
    desk.terminal.shows("The editor has ended with exit 3");
    desk.terminal.shows("return 1;");
    desk.leave();
}

#[test]
fn the_editor_holds_nothing_of_the_lab() {
    let mut desk = Desk::new("");
    desk.terminal.shows("at line 2");
    desk.edit("two.c");
    let family = kernel::family(desk.terminal.leader());
    let editor = family
        .values()
        .find(|stat| stat.comm == "sh")
        .expect("the editor");
    assert_eq!(editor.ppid, desk.terminal.leader(), "the keeper runs it");
    for (fd, target) in kernel::descriptors(editor.pid) {
        // The shell that is the editor here holds its script too.
        let is_own = Path::new(&target).starts_with(desk.folder.path());
        assert!(is_own || target.starts_with("/dev/pts/"), "{fd}: {target}");
    }
    desk.go();
    desk.terminal.shows("unchanged");
    desk.leave();
}

#[test]
fn what_is_typed_at_the_editor_is_meant_for_it() {
    let mut desk = Desk::new("");
    desk.terminal.shows("at line 2");
    desk.edit("two.c");
    desk.terminal.press("\x03");
    desk.terminal.shows("interrupted");
    desk.go();
    desk.terminal.shows("two.c is unchanged");
    desk.leave();
}

#[test]
fn an_editor_is_ended_with_the_rest() {
    let mut desk = Desk::new("");
    desk.terminal.shows("at line 2");
    desk.edit("two.c");
    let family = kernel::family(desk.terminal.leader());
    let screen = family
        .values()
        .find(|stat| stat.comm == "forkscope" && stat.ppid == desk.terminal.leader());
    super::game::send(screen.expect("screen").pid, nix::sys::signal::Signal::SIGKILL);
    desk.terminal.ended();
    assert_eq!(desk.terminal.mark.living(), [0; 0]);
    assert_eq!(desk.terminal.modes(), desk.terminal.initial);
}

#[test]
fn a_stopped_editor_gives_the_shell_its_terminal() {
    if !is_installed("bash") {
        return;
    }
    let start = |env: &[(&str, &str)], file: &str| {
        let line = format!("{FORKSCOPE} run {file}");
        let env = [env, &[("COMMAND", line.as_str())]].concat();
        Terminal::run_in((24, 80), &env, "bash", &["--norc", "--noprofile", "-i"])
    };
    let mut desk = Desk::with(r#"sed -i 's/return 1/return 7/' "$1""#, start);
    desk.terminal.until("a prompt", at_prompt);
    desk.terminal.press("eval \"$COMMAND\"\r");
    desk.terminal.shows("at line 2");
    desk.edit("two.c");
    desk.terminal.press("\x1a");
    desk.terminal.until("the shell's prompt", at_prompt);
    desk.terminal.press("fg\r");
    desk.terminal.listen(Duration::from_millis(100));
    desk.go();
    desk.terminal.shows("return 7;");
    desk.terminal.press("\x03");
    desk.terminal.until("the shell's prompt", at_prompt);
}

#[test]
fn a_lesson_lends_a_copy() {
    let act = r#"sed -i 's/one process/just one/' "$1""#;
    let mut desk = Desk::with(act, |env, _| {
        Terminal::run_in((24, 80), env, FORKSCOPE, &["lesson", "first-fork"])
    });
    desk.terminal.shows("first_fork.c");
    desk.edit("first_fork.c");
    desk.go();
    desk.terminal
        .shows("Your own first_fork.c, without the lesson. m leads back to it.");
    assert_eq!(std::fs::read_to_string(desk.file()).expect("it is there"), BEFORE);
    // Starting again keeps what was made; the lesson is where it was.
    desk.terminal.press("R");
    desk.terminal.shows("Start again?");
    desk.terminal.press("R");
    desk.terminal.shows("Your own first_fork.c");
    desk.terminal.press("m");
    desk.terminal.shows("One becomes two");
    desk.terminal.press("\r");
    desk.terminal.shows("Begin the lesson The first fork?");
    desk.terminal.press("\r");
    desk.terminal.shows("lesson · The first fork");
    desk.leave();
}
