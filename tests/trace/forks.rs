//! fork, vfork, `posix_spawn`, exec, exit, wait; daemons.

use crate::harness::c;

#[test]
fn a_fork_a_wait_and_a_status() {
    let run = c("int main(void) {
        pid_t pid = fork();
        if (pid == 0) _exit(7);
        int status;
        return waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7 ? 0 : 1;
    }")
    .run();
    run.check(
        "A",
        &["child", "code", "by"],
        &[
            "born by=screen",
            "exec",
            "fork child=B",
            "wait child=B",
            "exit code=0",
            "zombie",
            "reaped by=screen",
        ],
    );
    run.check(
        "B",
        &["parent", "code", "by"],
        &["born parent=A by=A", "exit code=7", "zombie", "reaped by=A"],
    );
}

#[test]
fn a_vfork_and_an_exec() {
    let run = c("int main(void) {
        if (vfork() == 0) { execl(\"/bin/true\", \"true\", NULL); _exit(127); }
        return wait(NULL) > 0 ? 0 : 1;
    }")
    .run();
    let fork = run.events("fork").next().expect("one fork");
    assert_eq!(fork["kernel"], "vfork");
    run.check(
        "B",
        &["path", "code", "by"],
        &[
            "born by=A",
            "exec path=/bin/true",
            "exit code=0",
            "zombie",
            "reaped by=A",
        ],
    );
}

#[test]
fn a_posix_spawn() {
    let run = c("extern char **environ; int main(void) {
        char *argv[] = { \"sh\", \"-c\", \"exit 9\", NULL }; pid_t pid; int status;
        if (posix_spawn(&pid, \"/bin/sh\", NULL, NULL, argv, environ)) return 1;
        waitpid(pid, &status, 0);
        return WEXITSTATUS(status);
    }")
    .run();
    let exec = run.events("exec").nth(1).expect("two execs");
    assert_eq!((&exec["proc"], &exec["path"]), (&"B".into(), &"/bin/sh".into()));
    run.check_complete();
    assert_eq!(run.events("exit").last().expect("A exits")["code"], 9);
}

#[test]
fn a_clone_with_clone_parent_makes_a_sibling() {
    let run = c("static char stack[65536]; static int child(void *p) { return 5; }
    int main(void) {
        int pid = clone(child, stack + sizeof stack, CLONE_PARENT | SIGCHLD, NULL);
        return pid > 0 && wait(NULL) == -1 && errno == ECHILD ? 0 : 1;
    }")
    .run();
    run.check_complete();
    let born = run.events("born").nth(1).expect("two are born");
    assert_eq!((&born["parent"], &born["by"]), (&"screen".into(), &"A".into()));
    assert_eq!(run.events("wait").next().expect("a wait")["errno"], "ECHILD");
}

#[test]
fn a_newborn_that_is_not_to_be_traced_is_seen_all_the_same() {
    for make in [
        "syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0)",
        "syscall(SYS_clone3, &with, sizeof with)",
    ] {
        let run = c(&format!(
            "#include <linux/sched.h>
            #include <sys/syscall.h>
            // It may be where the program cannot write.
            static const struct clone_args with = {{ .flags = CLONE_UNTRACED, .exit_signal = SIGCHLD }};
            int main(void) {{
                pid_t pid = {make};
                if (pid == 0) {{
                    if (fork() == 0) _exit(1);
                    wait(NULL);
                    _exit(3);
                }}
                int status;
                return waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3 ? 0 : 1;
            }}"
        ))
        .run();
        run.check(
            "B",
            &["by", "code", "child"],
            &[
                "born by=A",
                "fork child=C",
                "wait child=C",
                "exit code=3",
                "zombie",
                "reaped by=A",
            ],
        );
        let notes = run.events("note").filter(|note| note["proc"] == "A");
        assert_eq!(notes.count(), 1, "{}", run.all());
        run.check_complete();
        assert_eq!(run.count("born"), 3);
        assert_eq!(run.events("exit").last().expect("A exits")["code"], 0);
    }
}

#[test]
fn a_daemon_forks_twice_and_leads_a_session() {
    let run = c("int main(void) {
        if (fork() == 0) {
            setsid();
            if (fork() == 0) _exit(3);
            _exit(0);
        }
        wait(NULL); return 0;
    }")
    .run();
    run.check_complete();
    let sid = run.events("session").next().expect("a session");
    assert_eq!(sid["proc"], "B");
    assert_eq!(sid["sid"], sid["pid"]);
    let born = run
        .facts
        .iter()
        .find(|fact| fact["event"] == "born" && fact["proc"] == "C");
    assert_eq!(born.expect("C is born")["parent"], "B");
}

#[test]
fn when_a_parent_ends_only_its_direct_children_move() {
    // B ends while its child C and grandchild D live; a pipe keeps both alive until then.
    let run = c("int main(void) {
        int p[2]; pipe(p); char x;
        if (fork() == 0) {
            if (fork() == 0) {
                if (fork() == 0) { close(p[1]); read(p[0], &x, 1); _exit(4); }
                close(p[1]); read(p[0], &x, 1); wait(NULL); _exit(3);
            }
            _exit(2);
        }
        wait(NULL);
        return 0;
    }")
    .run();
    run.check_complete();
    let moved: Vec<_> = run.events("adopted").map(|fact| fact["proc"].clone()).collect();
    assert_eq!(moved, ["C"]);
    let adopted = run.events("adopted").next().expect("one is adopted");
    assert_eq!(adopted["from"], "B");
    run.check(
        "D",
        &["parent", "code", "by"],
        &["born parent=C by=C", "exit code=4", "zombie", "reaped by=C"],
    );
}

#[test]
fn a_subreaper_in_the_tree_adopts() {
    let run = c("int main(void) {
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        int p[2]; pipe(p); char x;
        if (fork() == 0) { if (fork() == 0) { close(p[1]); read(p[0], &x, 1); _exit(6); } _exit(0); }
        wait(NULL); close(p[1]);
        int status; wait(&status);
        return WEXITSTATUS(status);
    }")
    .run();
    run.check(
        "C",
        &["parent", "from", "to", "code", "by"],
        &[
            "born parent=B by=B",
            "adopted from=B to=A",
            "exit code=6",
            "zombie",
            "reaped by=A",
        ],
    );
    assert_eq!(run.events("subreaper").next().expect("it says so")["on"], true);
}

#[test]
fn waits_that_do_not_reap() {
    let run = c("int main(void) {
        int p[2]; pipe(p); char x; siginfo_t info;
        pid_t pid = fork();
        if (pid == 0) { close(p[1]); read(p[0], &x, 1); _exit(8); }
        if (waitpid(pid, NULL, WNOHANG) != 0) return 1;
        close(p[1]);
        if (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) != 0) return 2;
        if (waitid(P_ALL, 0, NULL, WEXITED) != 0) return 3;
        return waitpid(-1, NULL, 0) == -1 ? 0 : 4;
    }")
    .run();
    run.check(
        "A",
        &["child", "ret", "errno", "code", "by"],
        &[
            "born by=screen",
            "exec",
            &format!("fork child=B ret={}", run.pid("B")),
            "wait ret=0",
            "wait child=B ret=0",
            "wait child=B ret=0",
            "wait ret=-1 errno=ECHILD",
            "exit code=0",
            "zombie",
            "reaped by=screen",
        ],
    );
    assert_eq!(run.events("reaped").filter(|fact| fact["proc"] == "B").count(), 1);
}

#[test]
fn with_sigchld_ignored_there_is_no_zombie() {
    for how in [
        "signal(SIGCHLD, SIG_IGN)",
        "sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = nothing, .sa_flags = SA_NOCLDWAIT | SA_RESTART }, NULL)",
    ] {
        let run = c(&format!(
            "static void nothing(int s) {{ }}
        int main(void) {{
            {how};
            if (fork() == 0) _exit(1);
            return wait(NULL) == -1 && errno == ECHILD ? 0 : 1;
        }}"
        ))
        .run();
        run.check("B", &["code", "by"], &["born by=A", "exit code=1", "reaped by=A"]);
        assert_eq!(run.events("wait").next().expect("a wait")["errno"], "ECHILD");
        assert_eq!(run.count("disposition"), 1);
    }
}

#[test]
fn an_exec_that_fails_returns() {
    let run = c("int main(void) {
        execl(\"/nowhere/prog\", \"prog\", NULL);
        return errno == ENOENT ? 0 : 1;
    }")
    .run();
    run.check(
        "A",
        &["path", "errno", "code"],
        &[
            "born",
            &format!("exec path={}", run.program()),
            "exec path=/nowhere/prog errno=ENOENT",
            "exit code=0",
            "zombie",
            "reaped",
        ],
    );
}

#[test]
fn a_fork_that_fails_tells_why() {
    // CLONE_THREAD without CLONE_SIGHAND is refused, whoever asks.
    let run = c("#include <sys/syscall.h>
    int main(void) {
        return syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0) == -1 && errno == EINVAL ? 0 : 1;
    }")
    .run();
    let fork = run.events("fork").next().expect("the fork is told");
    assert_eq!((&fork["ret"], &fork["errno"]), (&(-1).into(), &"EINVAL".into()));
}

#[test]
fn a_burst_of_forks_is_counted_to_the_last() {
    const COUNT: usize = 2000;
    let run = c(&format!(
        "int main(void) {{
        for (int i = 0; i < {COUNT}; i++) {{
            pid_t pid = fork();
            if (pid == 0) _exit(i & 127);
            printf(\"%d\\n\", pid);
            if (i % 10 == 9) for (int j = 0; j < 10; j++) wait(NULL);
        }}
        return 0;
    }}"
    ))
    .run();
    run.check_complete();
    let told: Vec<_> = run
        .events("fork")
        .map(|fact| format!("{}\n", fact["ret"]))
        .collect();
    assert_eq!(run.output, told.concat());
    assert_eq!(run.count("reaped"), COUNT + 1);
    assert_eq!(run.count("zombie"), COUNT + 1);
}

#[test]
fn every_process_of_a_deep_tree_is_told() {
    let run = c("int main(void) {
        for (int i = 0; i < 6; i++) fork();
        while (wait(NULL) > 0);
        printf(\"%d\\n\", getpid());
        return 0;
    }")
    .run();
    run.check_complete();
    let mut told: Vec<_> = run.events("born").map(|fact| fact["pid"].to_string()).collect();
    let mut own: Vec<_> = run.output.lines().map(str::to_owned).collect();
    told.sort();
    own.sort();
    assert_eq!(told, own);
    assert_eq!(told.len(), 64);
}
