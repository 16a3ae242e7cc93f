//! Threads: counted on their process's row, and no processes.

use crate::harness::c;

#[test]
fn threads_are_counted_on_their_process() {
    let run = c("static void *idle(void *p) { return p; }
    int main(void) {
        pthread_t t[4];
        for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, idle, NULL);
        for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
        return 3;
    }")
    .run();
    assert_eq!(run.count("born"), 1);
    assert_eq!(run.count("thread"), 8);
    assert_eq!(run.events("thread").last().expect("a thread")["threads"], 1);
    assert_eq!(run.events("exit").next().expect("it exits")["code"], 3);
}

#[test]
fn exec_from_a_thread_takes_the_pid() {
    let run = c(
        "static void *go(void *p) { execl(\"/bin/sh\", \"sh\", \"-c\", \"exit 6\", NULL); return p; }
    static void *idle(void *p) { for (;;) pause(); }
    int main(void) {
        pthread_t t; pthread_create(&t, NULL, idle, NULL); pthread_create(&t, NULL, go, NULL);
        pthread_join(t, NULL);
        return 1;
    }",
    )
    .run();
    assert_eq!(run.count("born"), 1);
    let exec = run.events("exec").nth(1).expect("two execs");
    assert_eq!((&exec["proc"], &exec["path"]), (&"A".into(), &"/bin/sh".into()));
    assert_eq!(run.events("exit").next().expect("it exits")["code"], 6);
    run.check_complete();
}

#[test]
fn a_leader_that_ends_before_its_threads_is_no_zombie_yet() {
    let run = c("static void *last(void *p) { usleep(20000); exit(9); }
    int main(void) { pthread_t t; pthread_create(&t, NULL, last, NULL); pthread_exit(NULL); }")
    .run();
    assert_eq!(run.count("exit"), 1);
    assert_eq!(run.events("exit").next().expect("it exits")["code"], 9);
    assert_eq!(run.count("zombie"), 1);
}

#[test]
fn a_thread_forks_and_waits() {
    let run = c("static void *go(void *p) { pid_t c = fork(); if (c == 0) _exit(5); int s; waitpid(c, &s, 0); exit(WEXITSTATUS(s)); }
    int main(void) { pthread_t t; pthread_create(&t, NULL, go, NULL); for (;;) pause(); }")
    .run();
    run.check(
        "B",
        &["parent", "code", "by"],
        &["born parent=A by=A", "exit code=5", "zombie", "reaped by=A"],
    );
    assert_eq!(run.events("exit").last().expect("A exits")["code"], 5);
    run.check_complete();
}

#[test]
fn a_process_with_threads_is_killed_as_one() {
    let run = c("static void *idle(void *p) { for (;;) pause(); }
    int main(void) {
        if (fork() == 0) {
            pthread_t t; for (int i = 0; i < 3; i++) pthread_create(&t, NULL, idle, NULL);
            kill(getpid(), SIGKILL);
        }
        int s; wait(&s); return WTERMSIG(s);
    }")
    .run();
    assert_eq!(run.count("killed"), 1);
    assert_eq!(run.events("exit").last().expect("A exits")["code"], 9);
    run.check_complete();
}
