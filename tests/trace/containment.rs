//! Nothing escapes, nothing is left, and what cannot be traced is said.

use std::time::{Duration, Instant};

use crate::harness::{Fixture, c};

/// Waits until no process has this pid, or a zombie of someone else does.
#[track_caller]
fn check_gone(pid: i64) {
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = text.rsplit_once(')').map_or("", |(_, after)| after.trim_start());
        if state.is_empty() || state.starts_with('Z') || state.starts_with('X') {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "{pid} is left: {text}");
        std::thread::yield_now();
    }
}

#[test]
fn a_fork_bomb_is_frozen_at_the_limit() {
    let run = c("int main(void) { for (;;) fork(); }").limit(25).run();
    let limit = run.events("limit").next().expect("it is told");
    assert_eq!(limit["limit"], 25);
    // Forks that were under way when the limit was passed are born, too, and never run.
    assert!((26..=52).contains(&run.count("born")), "{}", run.all());
    for fact in run.events("born") {
        check_gone(fact["pid"].as_i64().expect("a pid"));
    }
}

#[test]
fn zombies_count_against_the_limit() {
    let run =
        c("int main(void) { for (int i = 0; i < 50; i++) if (fork() == 0) _exit(0); for (;;) pause(); }")
            .limit(10)
            .run();
    assert_eq!(run.count("limit"), 1);
    assert_eq!(run.count("born"), 11);
}

#[test]
fn nothing_outlives_a_tracer_that_is_killed() {
    let fixture = c("int main(void) {
        signal(SIGTERM, SIG_IGN); signal(SIGHUP, SIG_IGN);
        for (int i = 0; i < 3; i++) if (fork() == 0) { setsid(); if (i == 1) raise(SIGSTOP); for (;;) pause(); }
        printf(\"%d\\n\", getpid()); fflush(stdout);
        for (;;) pause();
    }");
    let mut tracer = fixture.start();
    fixture.until(|fact| fact["event"] == "stopped");
    let mut pids = Vec::new();
    for proc in ["A", "B", "C", "D"] {
        let born = fixture.until(|fact| fact["event"] == "born" && fact["proc"] == proc);
        pids.push(born["pid"].as_i64().expect("a pid"));
    }
    tracer.kill().expect("it runs");
    tracer.wait().expect("it is our child");
    pids.into_iter().for_each(check_gone);
}

#[test]
fn a_program_that_traces_itself_is_told_of_it() {
    let run =
        c("int main(void) { return ptrace(PTRACE_TRACEME, 0, 0, 0) == -1 && errno == EPERM ? 0 : 1; }").run();
    assert_eq!(run.count("note"), 1);
    assert_eq!(run.events("exit").next().expect("it exits")["code"], 0);
}

#[test]
fn a_program_with_a_filter_of_its_own_is_traced() {
    let run = c("#include <linux/seccomp.h>
    #include <linux/filter.h>
    int main(void) {
        struct sock_filter f[] = { { 6, 0, 0, SECCOMP_RET_ALLOW } };
        struct sock_fprog p = { 1, f };
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p)) return 1;
        if (fork() == 0) _exit(4);
        int s; wait(&s); return WEXITSTATUS(s);
    }")
    .run();
    run.check("B", &["code"], &["born", "exit code=4", "zombie", "reaped"]);
}

#[test]
fn a_32_bit_program_is_traced() {
    // Without a 32-bit C library: fork, exit, waitpid by their numbers.
    let source = "void _start(void) {
        int r, status;
        __asm__ volatile (\"int $0x80\" : \"=a\"(r) : \"a\"(2));
        if (r == 0) __asm__ volatile (\"int $0x80\" :: \"a\"(1), \"b\"(3));
        __asm__ volatile (\"int $0x80\" : \"=a\"(r) : \"a\"(7), \"b\"(-1), \"c\"(&status), \"d\"(0) : \"memory\");
        __asm__ volatile (\"int $0x80\" :: \"a\"(252), \"b\"(status >> 8));
        for (;;);
    }";
    let Some(fixture) = Fixture::try_compiled(source, &["-m32", "-nostdlib", "-static", "-ffreestanding"])
    else {
        eprintln!("skipped: this compiler makes no 32-bit programs");
        return;
    };
    let run = fixture.run();
    run.check(
        "B",
        &["code", "by"],
        &["born by=A", "exit code=3", "zombie", "reaped by=A"],
    );
    assert_eq!(run.events("wait").next().expect("a wait")["call"], "waitpid");
    assert_eq!(run.events("exit").last().expect("A exits")["code"], 3);
}

#[test]
fn nothing_outlives_a_tracer_that_is_dropped() {
    let run = c("int main(void) {
        signal(SIGTERM, SIG_IGN);
        for (int i = 0; i < 3; i++) if (fork() == 0) { setsid(); for (;;) pause(); }
        if (vfork() == 0) { execlp(\"sleep\", \"sleep\", \"60\", NULL); _exit(1); }
        raise(SIGSTOP);
        for (;;) pause();
    }")
    .mode("drop")
    .run();
    assert_eq!(run.count("born"), 5);
    for fact in run.events("born") {
        check_gone(fact["pid"].as_i64().expect("a pid"));
    }
}

#[test]
fn no_newborn_is_lost_when_its_parent_is_killed_while_forking() {
    let run = c("int main(void) {
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        for (int i = 0; i < 100; i++) {
            pid_t pid = fork();
            if (pid == 0) for (;;) if (fork() == 0) _exit(0);
            usleep(i * 7 % 1500);
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
            while (waitpid(-1, NULL, WNOHANG) > 0);
        }
        while (wait(NULL) > 0);
        return 0;
    }")
    .limit(100_000)
    .run();
    run.check_complete();
    assert_eq!(run.count("born"), run.count("reaped"), "{}", run.all());
}
