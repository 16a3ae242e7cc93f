//! A program traced on the screen: its processes are stepped with keys, and the kernel is asked whether it is so.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::headless::Run;
use super::kernel;
use super::lab::{FORKSCOPE, Mark};
use super::pty::Terminal;

const COPY: &str = r#"#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
    int n = 10;
    pid_t pid = fork();
    if (pid == 0) {
        n = n + 1;
        printf("child %d\n", n);
        return 7;
    }
    int status;
    waitpid(pid, &status, 0);
    printf("parent %d\n", n);
    return 0;
}
"#;

const COPY_PY: &str = "import os\nn = 10\npid = os.fork()\nif pid == 0:\n    n = n + 1\n    print('child', n)\n    os._exit(7)\nos.waitpid(pid, 0)\nprint('parent', n)\n";

/// Asks for a line, and ends at SIGINT with 5.
const ASKS: &str = r#"#include <signal.h>
#include <stdio.h>
#include <unistd.h>
static void caught(int s) { (void)s; write(1, "caught it\n", 10); _exit(5); }
int main(void)
{
    char line[40];
    signal(SIGINT, caught);
    printf("name? ");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin))
        printf("hello %s", line);
    fflush(stdout);
    for (;;) pause();
}
"#;

/// A folder with a program in it.
struct Homework {
    folder: tempfile::TempDir,
    name: &'static str,
}

impl Homework {
    fn new(name: &'static str, text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(name), text).expect("it can be written");
        Self { folder, name }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// forkscope with the program, and these arguments before it.
    fn on_screen(&self, args: &[&str]) -> Terminal {
        let file = self.path(self.name).to_string_lossy().into_owned();
        let args = [args, &[&file]].concat();
        let mut terminal = Terminal::run_in((24, 80), &[], FORKSCOPE, &args);
        terminal.shows("at its first instruction");
        terminal
    }

    /// What it prints to these keys, without a screen, and its exit code.
    fn headless(&self, keys: &str) -> (Run, Option<i32>) {
        let mark = Mark::new();
        let output = mark
            .command(FORKSCOPE)
            .args(["trace", "--headless", "--json", "--keys", keys])
            .arg(self.path(self.name))
            .stdin(std::process::Stdio::null())
            .output()
            .expect("forkscope can be started");
        assert!(
            !output.stdout.is_empty(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        (Run::read(&output.stdout), output.status.code())
    }
}

/// The pid in the row of that process.
fn pid_of(terminal: &Terminal, name: &str) -> Option<i32> {
    let text = terminal.screen().contents();
    let row = text
        .lines()
        .find_map(|line| line.split_once('│')?.1.split_once(&format!("{name} ")))?;
    row.1.split_whitespace().find_map(|word| word.parse().ok())
}

fn state_of(terminal: &Terminal, name: &str) -> Option<char> {
    kernel::stat(pid_of(terminal, name)?).map(|stat| stat.state)
}

/// Presses a key until the screen shows it: how many steps lead there differs from C library to C library.
fn step_until(terminal: &mut Terminal, key: &str, text: &str) {
    for _ in 0..40 {
        if terminal.screen().contents().contains(text) {
            return;
        }
        terminal.press(key);
        terminal.settles();
    }
    panic!("never shown: {text}\n{}", terminal.screen().contents());
}

fn quits(mut terminal: Terminal) {
    terminal.press("q");
    terminal.shows("Quit?");
    terminal.press("q");
    assert!(terminal.ended().success());
    let nothing = |terminal: &Terminal| terminal.mark.living().is_empty();
    terminal.within(Duration::from_secs(1), "nothing is left", nothing);
}

#[test]
fn a_program_in_c_is_stepped_through_its_fork_with_a_cursor_for_each_process() {
    let homework = Homework::new("copy.c", COPY);
    let mut terminal = homework.on_screen(&[]);
    terminal.shows("copy.c is compiled and traced");
    step_until(&mut terminal, "n", "returned twice");
    terminal.shows("▶ ▷   7      pid_t pid = fork();");
    for name in ["A", "B"] {
        assert_eq!(state_of(&terminal, name), Some('t'), "{name}");
    }
    // B's copy of n changes, A's does not.
    terminal.press("'B");
    step_until(&mut terminal, "n", "  n       10       11");
    quits(terminal);
}

#[test]
fn a_program_in_python_is_stepped_through_its_fork() {
    let homework = Homework::new("copy.py", COPY_PY);
    let mut terminal = homework.on_screen(&[]);
    step_until(&mut terminal, "n", "returned twice");
    terminal.shows("▶ ▷   3  pid = os.fork()");
    terminal.press("'B");
    step_until(&mut terminal, "n", "▶   6      print('child', n)");
    quits(terminal);
}

#[test]
fn a_parent_that_is_held_before_its_wait_leaves_its_child_a_true_zombie() {
    let homework = Homework::new("copy.c", COPY);
    let mut terminal = homework.on_screen(&["trace", "--"]);
    terminal.press("bwait\r");
    terminal.shows("Whoever comes to wait is held");
    terminal.press("F");
    terminal.shows("ZOMBIE   exit 7");
    terminal.shows("before wait4");
    terminal.shows("A is about to call waitpid(");
    assert_eq!(state_of(&terminal, "B"), Some('Z'));
    assert_eq!(state_of(&terminal, "A"), Some('t'));
    terminal.press("gn");
    terminal.shows("has returned");
    terminal.shows("reaped   by A");
    terminal.press("F");
    // A shell would be back now.
    terminal.shows("parent 10");
    terminal.until("the prompt", |terminal| {
        let text = terminal.screen().contents();
        text.lines().any(|line| line.trim_end().ends_with("│ $"))
    });
    terminal.shows("1 finding is told above");
    assert!(!terminal.screen().contents().contains("All run freely"));
    terminal.press(",");
    terminal.shows("fork-unchecked");
    terminal.press("q");
    assert!(terminal.ended().success());
}

#[test]
fn what_is_typed_goes_to_the_program_and_ctrl_c_is_a_signal_to_its_group() {
    let homework = Homework::new("asks.c", ASKS);
    let mut terminal = homework.on_screen(&[]);
    terminal.press("F");
    terminal.shows("name?");
    terminal.press("\tEve\r");
    terminal.shows("hello Eve");
    terminal.press("\x03");
    terminal.shows("caught it");
    terminal.press("\t");
    terminal.shows("exit 5");
    terminal.press("q");
    assert!(terminal.ended().success());
}

#[test]
fn what_an_orphan_prints_comes_after_the_prompt() {
    let text = "#include <stdio.h>\n#include <unistd.h>\nint main(void)\n{\n    int p[2];\n    char x;\n    pipe(p);\n    \
                if (fork() == 0) {\n        close(p[1]);\n        read(p[0], &x, 1);\n        usleep(100000);\n        printf(\"late\\n\");\n    }\n    \
                return 0;\n}\n";
    let homework = Homework::new("late.c", text);
    let mut terminal = homework.on_screen(&[]);
    terminal.press("F");
    terminal.shows("│ $ late");
    terminal.shows("findings are told above");
    terminal.press("q");
    assert!(terminal.ended().success());
}

#[test]
fn a_fork_bomb_is_frozen_at_the_limit_and_ends_with_the_session() {
    let text = "#include <unistd.h>\nint main(void) { for (;;) fork(); }\n";
    let homework = Homework::new("bomb.c", text);
    let mut terminal = homework.on_screen(&["trace", "--limit", "6", "--"]);
    terminal.press("F");
    terminal.shows("all are held");
    // Forks that were under way when the limit was met are held too, before they return.
    let alive = terminal.mark.living().len();
    assert!((7..=16).contains(&alive), "{alive} processes");
    quits(terminal);
}

#[test]
fn in_a_burst_of_forks_every_one_is_counted_and_keys_are_answered() {
    let text = "#include <sys/wait.h>\n#include <unistd.h>\nint main(void)\n{\n    for (int i = 0; i < 4000; i++) {\n        \
                if (fork() == 0) _exit(0);\n        wait(0);\n    }\n    return 0;\n}\n";
    let homework = Homework::new("burst.c", text);
    let mut terminal = homework.on_screen(&[]);
    let screen = kernel::screen_below(terminal.leader());
    terminal.press("F");
    // Where in its files the program stands has been looked up by then.
    terminal.until("a hundred forks", |terminal| terminal.count("reaped") >= 100);
    let before = kernel::anonymous_memory(screen);
    for name in ["light", "contrast", "plain"] {
        terminal.press("t");
        // Far more than it takes, for machines that are busy with other tests.
        terminal.within(Duration::from_secs(2), name, |terminal| {
            terminal.screen().contents().contains(&format!("Theme: {name}."))
        });
    }
    let is_over = |terminal: &Terminal| terminal.count("reaped") == 4001;
    assert!(
        !is_over(&terminal),
        "the burst was over before the keys were answered"
    );
    terminal.within(Duration::from_secs(120), "every fork is counted", is_over);
    // The lists of what is shown have filled up; what is gone lies in the journal.
    let grown = kernel::anonymous_memory(screen).saturating_sub(before);
    assert!(grown < 2048, "{grown} KiB more to copy in a fork");
    terminal.press("q");
    assert!(terminal.ended().success());
}

#[test]
fn keys_without_a_screen_give_the_same_tree_and_the_programs_exit_code() {
    let homework = Homework::new("copy.c", COPY);
    let (run, code) = homework.headless("b \"wait\" <Enter> F ?B=Z");
    assert_eq!(code, Some(0));
    assert_eq!(
        run.shape(),
        [
            "\"keeper\" of null: \"S\" \"forkscope\" null null",
            "\"screen\" of \"keeper\": \"R\" \"forkscope\" null null",
            "\"A\" of \"screen\": \"t\" \"copy\" null null",
            "\"B\" of \"A\": \"Z\" \"copy\" {\"exited\":7} null",
        ]
    );
    let (_, code) = homework.headless("F ?A=gone");
    assert_eq!(code, Some(0));
    let text = COPY.replace("return 0;", "return 3;");
    let (run, code) = Homework::new("copy.c", &text).headless("F ?A=gone");
    assert_eq!(code, Some(3));
    let notes: Vec<&Value> = run.facts.iter().filter(|fact| fact["event"] == "note").collect();
    assert!(
        notes.iter().any(|note| note["text"]
            .as_str()
            .is_some_and(|text| text.contains("fork-unchecked"))),
        "{notes:?}"
    );
}

#[test]
fn a_recording_of_a_trace_is_shown_like_any_other() {
    let homework = Homework::new("copy.c", COPY);
    let recording = homework.path("copy.jsonl").to_string_lossy().into_owned();
    let mut terminal = homework.on_screen(&["trace", "--record", &recording, "--"]);
    terminal.press("F");
    terminal.shows("2 reaped");
    terminal.press("q");
    assert!(terminal.ended().success());
    let output = Mark::new()
        .command(FORKSCOPE)
        .args(["export", &recording, "--format", "text"])
        .output()
        .expect("forkscope can be started");
    let tree = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(tree.contains("traces the program"), "{tree}");
    let facts = std::fs::read_to_string(&recording).expect("it was recorded");
    let reaped = r#""event":"reaped","by":"A","status":{"exited":7}"#;
    assert!(facts.contains(reaped), "{facts}");
}

#[test]
fn a_program_is_interpreted_where_there_is_no_compiler() {
    let homework = Homework::new("copy.c", COPY);
    let mark = Mark::new();
    let file = homework.path("copy.c");
    let output = mark
        .command(FORKSCOPE)
        .arg("--headless")
        .arg(&file)
        .env("PATH", homework.folder.path())
        .output()
        .expect("forkscope can be started");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("0 alive, 0 zombies, 2 reaped"), "{text}");
}

#[test]
fn what_the_compiler_says_stands_as_it_is() {
    let homework = Homework::new("wrong.c", "int main(void) { retrun 0; }\n");
    let args = [homework.path("wrong.c").to_string_lossy().into_owned()];
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut terminal = Terminal::run(FORKSCOPE, &args);
    terminal.shows("wrong.c:1:18: error");
    assert_eq!(terminal.ended().code(), Some(1));
}
