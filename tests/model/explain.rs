//! What the program says about facts and states: the sentence after the facts.

use forkscope::model::World;
use forkscope::model::explain::{about, check as command, status, status_bits, tell};
use forkscope::model::{Signal, WaitStatus};

use super::script::{id, world};

/// The last line of what happened, after `facts`.
fn told(facts: &str) -> String {
    let world = world(facts);
    let told = tell(world.records().back().expect("something happened"));
    format!("{} {}", told.call, told.meaning)
}

/// The status word and what follows it.
fn row(world: &World, name: &str) -> String {
    let status = status(world, world.get(id(name)).expect("a row"));
    format!("{} {}", status.word, status.detail).trim_end().to_owned()
}

/// After `facts`, the last thing that happened is told as `sentence`.
fn check(facts: &str, sentence: &str) {
    assert_eq!(told(&format!("A born screen; B born A; {facts}")), sentence);
}

/// After `facts`, the row of `name` says `words`.
fn check_row(facts: &str, name: &str, words: &str) {
    assert_eq!(
        row(&world(&format!("A born screen; B born A; {facts}")), name),
        words
    );
}

/// After `facts`, the sentence on `name` holds each of `parts`.
fn check_about(facts: &str, name: &str, parts: &[&str]) {
    let world = world(&format!("A born screen; B born A; {facts}"));
    let text = about(&world, world.get(id(name)).expect("a row"));
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing in: {text}");
    }
}

#[test]
fn a_fork_returns_twice() {
    let whole = "fork() returned twice: 4103 in A, 0 in its child C";
    check("A fork C; C born A", whole);
    check("C born A; A fork C", whole);
    check(
        "A fork C",
        "fork() = 4103 in A; the child has not been heard of yet",
    );
    check(
        "A fork EAGAIN",
        "fork() = -1 EAGAIN: no child. The limit on processes (RLIMIT_NPROC or a cgroup's) is reached",
    );
}

#[test]
fn a_death_and_its_zombie_are_one_line() {
    check(
        "B exit 7; B zombie 7",
        "_exit(7) B is a zombie: pid and status are kept for A",
    );
    check(
        "B killed KILL; B zombie",
        "killed by SIGKILL B is a zombie: pid and status are kept for A",
    );
    check(
        "A on CHLD SIG_IGN; B exit 7",
        "_exit(7) no zombie: A ignores SIGCHLD",
    );
}

#[test]
fn a_wait_says_why_it_blocks() {
    check("A wait", "waitpid(-1) blocks: its child B is alive");
    check("C born A; A wait", "waitpid(-1) blocks: its 2 children are alive");
    check(
        "B exit 7; B zombie 7; A wait",
        "waitpid(-1) 1 child is dead already: it need not block",
    );
    check("B wait", "waitpid(-1) B has no child");
    check(
        "A wait NOHANG",
        "waitpid(-1, WNOHANG) only looks: WNOHANG never blocks",
    );
}

#[test]
fn a_wait_says_what_it_brought() {
    check(
        "B exit 7; B zombie 7; A wait = B 7; B reaped A",
        "waitpid(-1) = 4102: B is reaped, exit 7 (0x0700)",
    );
    check(
        "A wait NOHANG = 0",
        "waitpid(-1, WNOHANG) = 0: no child has changed yet, and WNOHANG does not block",
    );
    check(
        "B wait = ECHILD",
        "waitpid(-1) = -1 ECHILD: B has no such child (grandchildren do not count)",
    );
    check(
        "A wait = EINTR",
        "waitpid(-1) = -1 EINTR: a signal handler of A's ran; call it again",
    );
    check(
        "A wait = B stopped",
        "waitpid(-1) = 4102: B was stopped by SIGSTOP (0x137f); it stays",
    );
}

#[test]
fn an_adoption_names_both_parents_and_the_reason() {
    check(
        "C born B; B exit 0; C adopted B keeper",
        "parent: B → keeper B died; keeper is the nearest living subreaper",
    );
    check(
        "C born B; B exit 0; C adopted B 1:systemd",
        "parent: B → 1:systemd B died; init adopts where no subreaper is above",
    );
}

#[test]
fn a_signal_says_what_comes_of_it() {
    check("B signal TERM", "SIGTERM kill() = 0: sent by screen");
    check(
        "B exit 0; B zombie 0; B signal KILL",
        "SIGKILL kill() = 0, yet nothing comes of it: B is dead already",
    );
    check(
        "B stopped STOP; B signal TERM",
        "SIGTERM kill() = 0; B is stopped: it stays pending until SIGCONT",
    );
    check(
        "B signal TERM = ESRCH",
        "SIGTERM kill() = -1 ESRCH: No such process",
    );
    check("B caught USR1", "SIGUSR1 caught a handler in B ran");
}

#[test]
fn exec_keeps_the_process() {
    check(
        "B exec sleep 60",
        "exec sleep 60 same process, same pid 4102: only its program is another",
    );
    check(
        "B exec = ENOENT nothing",
        "exec nothing = -1 ENOENT (No such file or directory): B goes on in its old program",
    );
}

#[test]
fn a_row_says_more_than_the_letter() {
    check_row("B state S", "B", "ready");
    check_row("B exit 7; B zombie 7", "B", "ZOMBIE exit 7, kept until A waits");
    check_row("A wait; A state S", "A", "WAITING in waitpid: B has not ended");
    check_row("C born A; A wait", "A", "WAITING in waitpid: B and C are alive");
    check_row(
        "C born A; A wait for C",
        "A",
        "WAITING in waitpid: C has not ended",
    );
    check_row("B stopped STOP", "B", "STOPPED until SIGCONT");
    check_row("B exec sleep 60; B state S", "B", "asleep hears signals only");
    check_row("B exit 0; B reaped A", "B", "reaped by A");
    check_row(
        "A exit 0; B adopted A keeper; B state S",
        "B",
        "ready orphan: A's, now keeper's",
    );
}

#[test]
fn a_state_is_explained_by_its_cause() {
    check_about(
        "A wait",
        "A",
        &[
            "waitpid(-1, &status, 0)",
            "its only child, B, is alive",
            "It wakes when B ends",
        ],
    );
    check_about(
        "B exit 7; B zombie 7",
        "B",
        &["B is dead", "its status, exit 7", "until A waits"],
    );
    check_about(
        "A exit 0; B adopted A keeper",
        "B",
        &["orphan", "A ended before it", "nearest living subreaper"],
    );
    check_about(
        "A exit 0; B adopted A 1:systemd",
        "B",
        &["the init of this PID namespace"],
    );
    check_about("B stopped STOP", "B", &["SIGSTOP stopped B", "until SIGCONT"]);
    check_about("A on CHLD SIG_IGN", "A", &["ignores SIGCHLD", "ECHILD"]);
    check_about(
        "A on CHLD SIG_IGN; B exit 0; B reaped auto A",
        "B",
        &["no zombie", "its status is lost"],
    );
}

#[test]
fn a_pid_that_comes_again_is_another_process() {
    check_about("B exit 0; B reaped A", "B", &["Pid 4102 may be used again."]);
    let lent = "B exit 0; B reaped A; C born A again B";
    check_about(lent, "B", &["Pid 4102 is C's now, another process."]);
    check_about(lent, "C", &["Pid 4102 was B's before."]);
}

#[test]
fn each_state_can_be_checked_in_another_terminal() {
    let check = |facts: &str, name: &str, typed: &str| {
        let world = world(&format!("A born screen; B born A; {facts}"));
        let check = command(&world, world.get(id(name)).expect("a row"));
        assert_eq!(check.command, typed);
    };
    check("A wait", "A", "cat /proc/4101/wchan");
    check("B exit 0; B zombie 0", "B", "ps -o pid,ppid,stat,comm 4102");
    check("B exit 0; B reaped A", "B", "kill -0 4102");
    let lent = "B exit 0; B reaped A; C born A again B";
    check(lent, "B", "ps -o pid,lstart,comm 4102");
    check("A exit 0; B adopted A keeper", "B", "ps -o ppid= 4102");
    check("B exec sleep 60", "B", "ls -l /proc/4102/exe");
}

#[test]
fn the_sixteen_bits_are_boxed() {
    for (status, boxed) in [
        (
            WaitStatus::Exited(7),
            "0x0700 = 1792: [code 00000111|core 0|signal 0000000]",
        ),
        (
            WaitStatus::signaled(Signal::KILL),
            "0x0009 = 9: [unused 00000000|core 0|signal 0001001]",
        ),
        (
            WaitStatus::Stopped(Signal::STOP),
            "0x137f = 4991: [signal 00010011|core 0|signal 1111111]",
        ),
    ] {
        assert_eq!(status_bits(status), boxed);
    }
}
