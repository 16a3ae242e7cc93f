//! Stepping: where processes are held, by call and by line, and what their variables are there.

use crate::harness::{Fixture, Run};

/// The points where a process was held: by line `function:line`, else the point.
pub fn held(run: &Run, proc: &str) -> Vec<String> {
    run.events("held")
        .filter(|fact| fact["proc"] == proc)
        .map(|fact| {
            let point = fact["point"].as_str().unwrap_or_default();
            let kind = point.split_once('(').map_or(point, |(kind, _)| kind);
            let at = &fact["at"];
            let function = at["function"].as_str().unwrap_or("?");
            format!("{kind} {function}:{}", at["line"])
        })
        .collect()
}

const SOURCE: &str = "#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
int twice(int n) {
    int result = n * 2;
    return result;
}
int main(void) {
    int n = 20;
    pid_t pid = fork();
    if (pid == 0) {
        n = twice(n) + 2;
        _exit(n);
    }
    waitpid(pid, NULL, 0);
    printf(\"%d\\n\", n);
    return 0;
}
";

#[test]
fn by_call_each_process_is_held_before_and_after() {
    let run = Fixture::c(SOURCE).stepped("call").run();
    assert_eq!(
        held(&run, "A"),
        [
            "After ?:null",
            "Before main:10",
            "After main:10",
            "Before main:15",
            "After main:15",
            "Before ?:null",
        ],
        "{}",
        run.all()
    );
    assert_eq!(held(&run, "B"), ["Born main:10", "Before main:13"]);
    run.check_complete();
}

#[test]
fn by_line_each_process_is_held_at_every_line() {
    for flags in [
        &["-g", "-O0"][..],
        &["-g", "-O0", "-no-pie"],
        &["-g", "-O0", "-static"],
    ] {
        let run = Fixture::compiled(SOURCE, flags).stepped("line").run();
        assert_eq!(
            held(&run, "A"),
            [
                "After ?:null",
                "Line main:9",
                "Line main:10",
                "After main:10",
                "Line main:11",
                "Line main:15",
                "Line main:16",
                "Line main:17",
                "Line main:18",
                "Before ?:null",
            ],
            "{flags:?}\n{}",
            run.all()
        );
        assert_eq!(
            held(&run, "B"),
            [
                "Born main:10",
                "Line main:11",
                "Line main:12",
                "Line twice:5",
                "Line twice:6",
                "Line twice:7",
                "Line main:12",
                "Line main:13",
                "Before main:13",
            ],
            "{flags:?}\n{}",
            run.all()
        );
        assert_eq!(run.output, "20\n");
    }
}

#[test]
fn a_loop_is_stepped_line_by_line() {
    let source = "int main(void) {
    int sum = 0;
    for (int i = 0; i < 3; i++)
        sum += i;
    return sum;
}
";
    let run = Fixture::c(source).stepped("line").run();
    let lines = held(&run, "A");
    let body = lines.iter().filter(|line| *line == "Line main:4").count();
    assert_eq!(body, 3, "{lines:?}");
    assert_eq!(run.events("exit").next().expect("it exits")["code"], 3);
}

#[test]
fn variables_have_the_values_of_their_process() {
    let run = Fixture::c(SOURCE).stepped("line").run();
    let value = |proc: &str, line: u32, name: &str| {
        let fact = run
            .events("held")
            .find(|fact| fact["proc"] == proc && fact["at"]["line"] == line && fact["point"] == "Line")
            .expect("it was held there");
        let vars = fact["vars"].as_array().expect("a list of variables");
        let var = vars
            .iter()
            .find(|var| var["name"] == name)
            .expect("there is such a variable");
        (
            var["value"].as_str().expect("a text").to_owned(),
            var["address"].clone(),
        )
    };
    assert_eq!(value("A", 16, "n").0, "20");
    assert_eq!(value("A", 11, "pid").0, run.pid("B").to_string());
    assert_eq!(value("B", 11, "pid").0, "0");
    assert_eq!(value("B", 13, "n").0, "42");
    assert_eq!(value("B", 6, "result").0, "40");
    assert_eq!(value("A", 16, "n").1, value("B", 13, "n").1, "the same address");
}

#[test]
fn variables_are_shown_as_c_writes_them() {
    let source = "#include <stdbool.h>
static int count = 7;
typedef enum { RED, GREEN } color;
int main(int argc, char **argv) {
    int pipe_ends[2] = { 3, 4 };
    char name[] = \"ab\", letter = 'x', *text = \"hello\";
    unsigned long big = 1ul << 63;
    bool yes = true; double half = 0.5; color c = GREEN; void *none = 0;
    for (int i = 0; i < 2; i++)
        count += i;
    int later = 1;
    return later - 1;
}
";
    let run = Fixture::c(source).stepped("line").run();
    let at = run
        .events("held")
        .filter(|fact| fact["at"]["line"] == 10)
        .nth(1)
        .expect("the second round");
    let vars: Vec<_> = at["vars"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|var| var["name"] != "argv")
        .map(|var| {
            format!(
                "{}={}",
                var["name"].as_str().expect("a name"),
                var["value"].as_str().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        vars,
        [
            "argc=1",
            "pipe_ends={3, 4}",
            "name=\"ab\"",
            "letter='x'",
            "text=\"hello\"",
            "big=9223372036854775808",
            "yes=true",
            "half=0.5",
            "c=1",
            "none=NULL",
            "later=-",
            "i=1",
            "count=7",
        ]
    );
}

#[test]
fn a_parent_held_before_its_wait_leaves_a_true_zombie() {
    let run = Fixture::c(SOURCE).mode("break").run();
    let seen: Vec<_> = run.story("A", &["state"]);
    assert!(seen.contains(&"seen state=t".to_owned()), "{seen:?}");
    let seen: Vec<_> = run.story("B", &["state"]);
    assert!(seen.contains(&"seen state=Z".to_owned()), "{seen:?}");
    run.check_complete();
    assert_eq!(run.output, "20\n");
}
