//! Signals, stops, interrupted waits.

use crate::harness::{Run, c};

#[test]
fn a_group_stop_and_its_end() {
    let run = c("int main(void) {
        int p[2]; pipe(p); char x;
        pid_t pid = fork(); int status;
        if (pid == 0) { close(p[1]); raise(SIGSTOP); read(p[0], &x, 1); _exit(2); }
        if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status)) return 1;
        kill(pid, SIGCONT);
        if (waitpid(pid, &status, WCONTINUED) != pid || !WIFCONTINUED(status)) return 2;
        close(p[1]);
        return waitpid(pid, &status, 0) == pid ? 0 : 3;
    }")
    .run();
    run.check(
        "B",
        &["code"],
        &[
            "born",
            "returned",
            "signal signal=SIGSTOP",
            "stopped signal=SIGSTOP",
            "continued",
            "signal signal=SIGCONT",
            "exit code=2",
            "zombie",
            "reaped",
        ],
    );
    let statuses: Vec<_> = run
        .events("wait")
        .map(|fact| fact["status"].to_string())
        .collect();
    assert_eq!(
        statuses,
        [
            r#"{"stopped":"SIGSTOP"}"#,
            r#"{"continued":true}"#,
            r#"{"exited":2}"#
        ]
    );
}

#[test]
fn sigkill_ends_a_stopped_process() {
    let run = c("int main(void) {
        pid_t pid = fork(); int status;
        if (pid == 0) { raise(SIGSTOP); _exit(2); }
        waitpid(pid, &status, WUNTRACED);
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        return WTERMSIG(status) == SIGKILL ? 0 : 1;
    }")
    .run();
    run.check(
        "B",
        &["by"],
        &[
            "born by=A",
            "returned",
            "signal signal=SIGSTOP",
            "stopped signal=SIGSTOP",
            "killed signal=SIGKILL",
            "zombie",
            "reaped by=A",
        ],
    );
    assert_eq!(run.events("exit").next().expect("A exits")["code"], 0);
}

#[test]
fn a_signal_tells_who_sent_it() {
    let run = c("int main(void) {
        pid_t pid = fork();
        if (pid == 0) { for (;;) pause(); }
        kill(pid, SIGTERM);
        wait(NULL);
        return 0;
    }")
    .run();
    run.check(
        "B",
        &["from"],
        &[
            "born",
            "signal from=A signal=SIGTERM",
            "killed signal=SIGTERM",
            "zombie",
            "reaped",
        ],
    );
}

#[test]
fn ignored_and_blocked_signals_change_nothing() {
    let run = c("int main(void) {
        sigset_t usr; sigemptyset(&usr); sigaddset(&usr, SIGUSR1);
        sigprocmask(SIG_BLOCK, &usr, NULL);
        signal(SIGTERM, SIG_IGN);
        raise(SIGTERM); raise(SIGUSR1);
        sigpending(&usr);
        return sigismember(&usr, SIGUSR1) ? 0 : 1;
    }")
    .run();
    assert!(run.events("signal").all(|fact| fact["signal"] != "SIGUSR1"));
    assert_eq!(run.events("exit").next().expect("it exits")["code"], 0);
}

#[test]
fn a_real_time_signal_is_delivered() {
    let run = c("static volatile int got; static void note(int s) { got = s; }
    int main(void) { signal(SIGRTMIN + 3, note); raise(SIGRTMIN + 3); return got == SIGRTMIN + 3 ? 0 : 1; }")
    .run();
    assert_eq!(
        run.events("signal").next().expect("a signal")["signal"],
        "SIGRTMIN+3"
    );
    assert_eq!(run.events("exit").next().expect("it exits")["code"], 0);
}

#[test]
fn an_interrupted_wait_is_told_as_the_program_sees_it() {
    for (flags, waits) in [("SA_RESTART", vec![""]), ("0", vec!["EINTR", ""])] {
        let run = c(&format!(
            "static int p[2];
            static void note(int s) {{ write(p[1], \"x\", 1); }}
            int main(void) {{
                sigaction(SIGUSR1, &(struct sigaction){{ .sa_handler = note, .sa_flags = {flags} }}, NULL);
                pid_t me = getpid(); char x;
                pipe(p);
                if (fork() == 0) {{
                    char path[64], state;
                    sprintf(path, \"/proc/%d/stat\", me);
                    // The parent sleeps in its wait before it is interrupted.
                    do {{
                        FILE *f = fopen(path, \"r\");
                        fscanf(f, \"%*d %*s %c\", &state);
                        fclose(f);
                    }} while (state != 'S');
                    kill(me, SIGUSR1);
                    read(p[0], &x, 1);
                    _exit(0);
                }}
                int interrupted = 0;
                while (wait(NULL) == -1 && errno == EINTR) interrupted++;
                printf(\"%d\", interrupted);
                return 0;
            }}"
        ))
        .run();
        let told: Vec<_> = run
            .events("wait")
            .map(|fact| fact["errno"].as_str().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(told, waits, "{}", run.all());
        assert_eq!(run.output, (waits.len() - 1).to_string());
        let calls = run
            .events("call")
            .filter(|fact| fact["kernel"] == "wait4")
            .count();
        assert_eq!(calls, waits.len(), "{}", run.all());
    }
}

#[test]
fn a_handler_that_reaps_while_a_wait_sleeps() {
    let run = c("static void reap(int s) { int saved = errno; while (waitpid(-1, NULL, WNOHANG) > 0); errno = saved; }
    int main(void) {
        signal(SIGCHLD, reap);
        for (int i = 0; i < 5; i++) if (fork() == 0) _exit(i);
        while (wait(NULL) > 0);
        return errno == ECHILD ? 0 : 1;
    }")
    .run();
    run.check_complete();
    assert_eq!(run.count("reaped"), 6);
    assert_eq!(run.events("exit").last().expect("it exits")["code"], 0);
}

#[test]
fn what_waits_return_is_told_whatever_becomes_of_sigchld() {
    for prepare in [
        "",
        "sigset_t set; sigemptyset(&set); sigaddset(&set, SIGCHLD); sigprocmask(SIG_BLOCK, &set, NULL);",
        "signal(SIGCHLD, SIG_IGN);",
        "act(0);",
        "act(SA_RESTART);",
        "act(SA_NOCLDSTOP | SA_NOCLDWAIT);",
        "fork_with = vfork;",
        "fork_with = without_signal;",
        "kill(getpid(), SIGCHLD);",
        "backwards = 1;",
        "backwards = 1; act(0);",
    ] {
        let run = c(&format!(
            "#include <sys/syscall.h>
            static void note(int s) {{}}
            static void act(int flags) {{
                sigaction(SIGCHLD, &(struct sigaction){{ .sa_handler = note, .sa_flags = flags }}, NULL);
            }}
            // The kernel sends nobody a signal at its end, and wait finds it with __WALL only.
            static pid_t without_signal(void) {{ return syscall(SYS_clone, 0, 0, 0, 0, 0); }}
            static int asleep(pid_t pid) {{
                char path[64], state;
                sprintf(path, \"/proc/%d/stat\", pid);
                FILE *f = fopen(path, \"r\");
                fscanf(f, \"%*d %*s %c\", &state);
                fclose(f);
                return state == 'S';
            }}
            int main(int argc, char **argv) {{
                pid_t (*volatile fork_with)(void) = fork, child[4], me = getpid();
                int backwards = 0, plain;
                if (argc > 1) {{ while (!asleep(getppid())); return 0; }}
                {prepare}
                plain = fork_with == fork;
                for (int i = 0; i < 4; i++) {{
                    child[i] = i % 2 || plain ? fork_with() : fork();
                    if (child[i] == 0 && fork_with == vfork)
                        execl(argv[0], argv[0], \"x\", NULL);
                    if (child[i] == 0) {{ while (!asleep(me)); _exit(i); }}
                }}
                for (int left = 6; left-- > 0;) {{
                    pid_t pid = waitpid(backwards && left > 1 ? child[left - 2] : -1, NULL, left > 1 ? 0 : __WALL);
                    int failed = errno;
                    printf(\"%d\\n\", pid == -1 ? -failed : pid);
                    // An interrupted wait took nobody.
                    left += pid == -1 && failed == EINTR;
                }}
                return 0;
            }}"
        ))
        .run();
        let told = waits_told(&run);
        let returned: Vec<_> = run.output.lines().collect();
        assert_eq!(told, returned, "{prepare}\n{}", run.all());
        assert!(told.len() >= 6, "{prepare}\n{}", run.all());
        run.check_complete();
        assert_eq!(run.count("reaped"), 5, "{prepare}\n{}", run.all());
    }
}

/// What the waits returned, as the kernel hands it over: a negative error.
fn waits_told(run: &Run) -> Vec<String> {
    run.events("wait")
        .map(|fact| match fact["errno"].as_str() {
            None => fact["ret"].to_string(),
            Some("ESRCH") => "-3".to_owned(),
            Some("EINTR") => "-4".to_owned(),
            Some("ECHILD") => "-10".to_owned(),
            Some("EINVAL") => "-22".to_owned(),
            Some(other) => other.to_owned(),
        })
        .collect()
}

#[test]
fn whether_a_wait_finds_a_child_is_told_as_the_kernel_has_it() {
    let mut outside = std::process::Command::new("sleep")
        .arg("60")
        .spawn()
        .expect("sleep is installed");
    for children in [
        "",
        "CHECK(-1, 0x40); CHECK(INT_MIN, 0); CHECK(0, 0); CHECK(-getpgrp(), WNOHANG); CHECK(1, WNOHANG);",
        "CHECK(-1, WNOHANG | WUNTRACED | WCONTINUED); CHECK(-1, WNOHANG | __WALL | __WNOTHREAD);",
        "fork() || (_exit(0), 0); CHECK(-1, 0);",
        // A sibling of its maker, which has ended when it is waited for.
        "pid_t pid = fork();
        if (pid == 0) { syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0); _exit(0); }
        CHECK(pid, 0); CHECK(-1, 0);",
        // An orphan.
        "prctl(PR_SET_CHILD_SUBREAPER, 1);
        pid_t pid = fork();
        if (pid == 0) { fork(); _exit(0); }
        CHECK(pid, 0); CHECK(-1, 0);",
        // A child of another thread.
        "pthread_t thread;
        pthread_create(&thread, NULL, make, NULL); pthread_join(thread, NULL);
        CHECK(-1, 0);",
        // Nobody's child that is waited for, where that is allowed.
        "pid_t other = atoi(getenv(\"OTHER\"));
        if (ptrace(PTRACE_SEIZE, other, 0, 0) == 0) ptrace(PTRACE_INTERRUPT, other, 0, 0);
        CHECK(-1, 0);
        ptrace(PTRACE_DETACH, other, 0, 0);",
    ] {
        let run = c(&format!(
            "#include <limits.h>
            #include <sys/syscall.h>
            #define CHECK(pid, options) check(syscall(SYS_wait4, (pid), NULL, (options), NULL))
            static void check(long got) {{ printf(\"%ld\\n\", got == -1 ? -(long)errno : got); }}
            static void *make(void *unused) {{ if (fork() == 0) _exit(0); return unused; }}
            int main(void) {{
                setvbuf(stdout, NULL, _IOLBF, 0);
                CHECK(-1, WNOHANG);
                {children}
                CHECK(-1, WNOHANG);
                CHECK(-1, 0);
                return 0;
            }}"
        ))
        .with_environment("OTHER", outside.id().to_string())
        .run();
        let returned: Vec<_> = run.output.lines().collect();
        assert_eq!(waits_told(&run), returned, "{children}\n{}", run.all());
        assert!(returned.len() >= 3, "{children}\n{}", run.all());
        run.check_complete();
    }
    outside.kill().expect("it is our child");
    outside.wait().expect("it is our child");
}

#[test]
fn a_fault_ends_a_process_and_has_no_sender() {
    let run = c("int main(void) {
        if (fork() == 0) { *(volatile int *)0 = 1; }
        wait(NULL); return 0;
    }")
    .run();
    let signal = run
        .events("signal")
        .find(|fact| fact["proc"] == "B")
        .expect("a signal");
    assert_eq!(signal["signal"], "SIGSEGV");
    assert!(signal["from"].is_null());
    assert_eq!(
        run.events("killed").next().expect("B is killed")["signal"],
        "SIGSEGV"
    );
}
