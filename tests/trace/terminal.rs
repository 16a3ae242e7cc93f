//! The program's terminal: one it prints to as at home, that takes no orphan with it.

use crate::harness::{Fixture, c};

#[test]
fn output_is_buffered_as_in_a_terminal() {
    // One line on a terminal, two into a pipe: there the buffer is copied by fork.
    let body = "int main(void) { printf(\"once\\n\"); fork(); return 0; }";
    assert_eq!(c(body).on_a_terminal().run().output, "once\r\n");
    assert_eq!(c(body).run().output, "once\nonce\n");
}

#[test]
fn the_terminal_controls_nobody() {
    let run = Fixture::shell(
        "sh",
        "test -t 0 && test -t 1 && if (: >/dev/tty) 2>/dev/null; then echo no; else echo yes; fi",
    )
    .on_a_terminal()
    .run();
    assert_eq!(run.output, "yes\r\n");
}

#[test]
fn an_orphan_gets_no_hangup() {
    let run = c("int main(void) {
        int p[2]; pipe(p); char x;
        if (fork() == 0) {
            close(p[1]); read(p[0], &x, 1);
            // The parent ends: this one is adopted, and can still print.
            printf(\"orphan\\n\"); fflush(stdout);
            _exit(7);
        }
        return 0;
    }")
    .on_a_terminal()
    .run();
    assert_eq!(run.output, "orphan\r\n");
    assert!(
        run.events("signal").all(|fact| fact["proc"] != "B"),
        "{}",
        run.all()
    );
    run.check_complete();
}

#[test]
fn a_program_inherits_nothing_but_its_three_descriptors() {
    let run = Fixture::shell("sh", "ls /proc/self/fd").run();
    // ls itself has the folder open.
    assert_eq!(run.output, "0\n1\n2\n3\n");
}
