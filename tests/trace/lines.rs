//! The user's file, line and function at each stop, however the program was compiled.

use crate::harness::{Fixture, Run};

const SOURCE: &str = "#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static inline pid_t make(void) {
    return fork();
}
int main(void) {
    pid_t pid = make();
    if (pid == 0)
        _exit(3);
    waitpid(pid, NULL, 0);
    exit(0);
}
";

/// `event` of `proc` at `function:line`.
#[track_caller]
fn check_at(run: &Run, proc: &str, event: &str, at: &str) {
    let places: Vec<_> = run
        .events(event)
        .filter(|fact| fact["proc"] == proc)
        .map(|fact| {
            let at = &fact["at"];
            let function = at["function"].as_str().unwrap_or("?");
            format!("{function}:{}", at["line"])
        })
        .collect();
    assert!(
        places.iter().any(|place| place == at),
        "{event} of {proc} at {places:?}\n{}",
        run.all()
    );
}

#[track_caller]
fn check(flags: &[&str]) {
    let Some(fixture) = Fixture::try_compiled(SOURCE, flags) else {
        eprintln!("skipped: this compiler does not know {flags:?}");
        return;
    };
    let run = fixture.run();
    check_at(&run, "A", "fork", "make:5");
    check_at(&run, "B", "born", "make:5");
    check_at(&run, "B", "exit", "main:10");
    check_at(&run, "A", "call", "main:11");
    check_at(&run, "A", "exit", "main:12");
}

#[test]
fn lines_are_right_however_a_program_is_compiled() {
    check(&["-g", "-O0"]);
    check(&["-g", "-O2"]);
    check(&["-g", "-no-pie"]);
    check(&["-g", "-static"]);
    check(&["-g", "-static-pie"]);
    check(&["-g", "-gdwarf-4"]);
    check(&["-g", "-gz"]);
}

#[test]
fn without_debug_information_there_is_still_the_function() {
    let run = Fixture::compiled(SOURCE, &["-O0"]).run();
    check_at(&run, "A", "fork", "make:null");
    check_at(&run, "A", "call", "main:null");
}

#[test]
fn a_stripped_program_is_traced_without_places() {
    let run = Fixture::compiled(SOURCE, &["-O0", "-s"]).run();
    assert!(run.facts.iter().all(|fact| fact["at"].is_null()), "{}", run.all());
    run.check_complete();
}
