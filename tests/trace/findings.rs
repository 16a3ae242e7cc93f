//! What is wrong with a program, and where; and that nothing is said of programs that are right.

use crate::harness::{Fixture, c};

/// A program whose first statement stands in line 15: the headers take the lines before.
#[track_caller]
fn check(body: &str, findings: &[&str]) {
    let run = c(body).run();
    let found: Vec<_> = run.findings.lines().collect();
    assert_eq!(found, findings, "{}\n{}", run.report, run.all());
}

/// Asks for fork's failure, so that other findings stand alone.
const CHECKED: &str = "static pid_t make(void) { pid_t pid = fork(); if (pid < 0) exit(1); return pid; }\n";

#[track_caller]
fn check_checked(body: &str, findings: &[&str]) {
    check(&format!("{CHECKED}{body}"), findings);
}

#[test]
fn a_right_program_has_no_findings() {
    check_checked(
        "int main(void) {
        for (int i = 0; i < 3; i++) if (make() == 0) _exit(i);
        while (wait(NULL) > 0);
        return 0; }",
        &[],
    );
    check_checked(
        "int main(void) {
        if (make() == 0) { execl(\"/nowhere\", \"nowhere\", NULL); perror(\"exec\"); _exit(127); }
        wait(NULL); return 0; }",
        &[],
    );
}

#[test]
fn children_that_were_never_waited_for() {
    check_checked(
        "int main(void) {
        pid_t pids[3]; siginfo_t info;
        for (int i = 0; i < 3; i++) if ((pids[i] = make()) == 0) _exit(i);
        // All three are zombies before this ends.
        for (int i = 0; i < 3; i++) waitid(P_PID, pids[i], &info, WEXITED | WNOWAIT);
        return 0; }",
        &["program.c:15: never-waited: 3 children were never waited for: zombies until A (program) ended"],
    );
}

#[test]
fn a_child_that_outlived_its_parent() {
    check_checked(
        "int main(void) {
        int p[2]; pipe(p); char x;
        if (make() == 0) { if (make() == 0) { close(p[1]); read(p[0], &x, 1); _exit(0); } _exit(0); }
        wait(NULL); return 0; }",
        &["program.c:15: outlived-parent: C outlived its parent B (program)"],
    );
}

#[test]
fn a_wait_for_nobody() {
    check_checked(
        "int main(void) {
        wait(NULL);
        return 0; }",
        &[
            "program.c:17: wait-echild: waitpid of A at program.c:17 got ECHILD: there was no child to wait for",
        ],
    );
}

#[test]
fn a_fork_that_nobody_looks_at() {
    check(
        "int main(void) {
        pid_t pid = fork();
        if (pid == 0) _exit(0);
        wait(NULL); return 0; }",
        &["program.c:16: fork-unchecked: fork's failure is not looked at: -1 would be taken for a pid"],
    );
}

#[test]
fn an_exec_that_failed_and_a_child_that_went_on() {
    let text =
        "program.c:17: exec-went-on: exec of /nowhere failed and B went on as a second copy of its parent";
    check_checked(
        "int main(void) {
        if (make() == 0) execl(\"/nowhere\", \"nowhere\", NULL);
        while (wait(NULL) > 0);
        return 0; }",
        &[text],
    );
    check_checked(
        "int main(void) {
        pid_t pid = make(); if (pid == 0) execl(\"/nowhere\", \"nowhere\", NULL);
        if (pid > 0) wait(NULL);
        return 0; }",
        &[text],
    );
}

#[test]
fn a_shell_that_is_right_has_no_findings() {
    for script in ["true; nosuchcommand; exit 0", "sleep 0.01 & wait", "true | false"] {
        let run = Fixture::shell("sh", script).run();
        assert_eq!(run.findings, "", "{script}\n{}", run.all());
    }
}

#[test]
fn the_report_tells_the_whole_story() {
    let run = Fixture::shell("sh", "sh -c 'exit 3'; /bin/true & wait").run();
    let mut text = run.report.clone();
    for (proc, name) in [("A", "(a)"), ("B", "(b)"), ("C", "(c)")] {
        text = text.replace(&run.pid(proc).to_string(), name);
    }
    assert_eq!(
        text,
        "A (a) sh -c sh -c 'exit 3'; /bin/true & wait · exit 0 · reaped by forkscope\n\
         ├─ B (b) sh -c exit 3 · exit 3 · reaped by A\n\
         └─ C (c) /bin/true · exit 0 · reaped by A\n\
         3 processes: 2 forked, 3 execs, 3 exited, 0 killed, 0 orphaned, 3 reaped\n"
    );
}
