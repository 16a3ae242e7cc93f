//! What C programs do, as (source, output, status).

use crate::model::{Signal, WaitStatus};
use std::sync::Arc;

use crate::program::machine::{Buffering, Machine, Outcome};
use crate::program::table::{First, Table, killed, run};
use crate::program::{Reason, compile};

/// The body of main, with the usual headers.
fn program(body: &str) -> String {
    format!(
        "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n#include <signal.h>\n\
         #include <sys/wait.h>\n{body}\n"
    )
}

#[track_caller]
fn prints(body: &str, output: &str) {
    let source = program(&format!("int main(void) {{ {body} return 0; }}"));
    let (printed, status) = run("test.c", &source);
    assert_eq!(printed, output);
    assert_eq!(status, Some(WaitStatus::Exited(0)));
}

#[track_caller]
fn faults(body: &str, signal: Signal, sentence: &str) {
    let source = program(&format!("int main(void) {{\n{body}\nreturn 0; }}"));
    let mut table = Table::new("test.c", &source, Buffering::Line, First::Child);
    let status = table.run();
    assert_eq!(status, Some(killed(signal)), "{:?}", table.faults);
    assert!(table.faults[0].contains(sentence), "{:?}", table.faults);
}

#[track_caller]
fn refused(source: &str, place: (u32, u32), what: &str) {
    let rejected = compile("test.c", source).expect_err("refused");
    assert_eq!((rejected.line, rejected.column), place, "{rejected}");
    assert!(rejected.to_string().contains(what), "{rejected}");
}

#[test]
fn numbers_and_operators() {
    prints(r#"printf("%d %d %d\n", 7 / 2, -7 / 2, -7 % 3);"#, "3 -3 -1\n");
    prints(r#"int i = 2147483647; i++; printf("%d\n", i);"#, "-2147483648\n");
    prints(r#"unsigned u = 0; u--; printf("%u\n", u);"#, "4294967295\n");
    prints(r#"char c = 200; printf("%d\n", c);"#, "-56\n");
    prints(r#"printf("%d\n", -1 < 1u);"#, "0\n");
    prints(
        r#"int a = 1, b; b = a++ + ++a; printf("%d %d\n", a, b);"#,
        "3 4\n",
    );
    prints(
        r#"int x = 5; x += 3; x <<= 2; x ^= 1; printf("%d %d\n", x, x & 12 | 2);"#,
        "33 2\n",
    );
    prints(r#"printf("%d\n", (1, 2) ? 3 : 4);"#, "3\n");
    prints(
        r#"long l = 1L << 40; printf("%ld %zu\n", l, sizeof l);"#,
        "1099511627776 8\n",
    );
    prints(r#"int n = 0; (n || 1) && (n = 4); printf("%d\n", !n);"#, "0\n");
}

#[test]
fn pointers_arrays_and_structures() {
    prints(
        r#"int a[3] = {1, 2}; int *p = a; *(p + 2) = 7; printf("%d %d %ld\n", a[1], p[2], &a[2] - p);"#,
        "2 7 2\n",
    );
    prints(
        r#"char s[] = "one"; s[0] = 'O'; printf("%s %zu\n", s, sizeof s);"#,
        "One 4\n",
    );
    prints(
        r#"struct point { int x; char *name; } a = { .name = "here", .x = 3 }, b; b = a; b.x++;
           struct point *p = &b; printf("%d %d %s\n", a.x, p->x, p->name);"#,
        "3 4 here\n",
    );
    prints(
        r#"char *argv[] = {"ls", "-l", NULL}; int n = 0; for (char **a = argv; *a; a++) n++; printf("%d\n", n);"#,
        "2\n",
    );
    prints(
        r#"int m[2][3]; for (int i = 0; i < 6; i++) m[i / 3][i % 3] = i; printf("%d %d\n", m[1][2], (int)sizeof m);"#,
        "5 24\n",
    );
    prints(
        r#"int *p = malloc(2 * sizeof(int)); p[0] = 1; p[1] = 2; printf("%d\n", p[0] + p[1]); free(p);"#,
        "3\n",
    );
}

#[test]
fn control_flow() {
    prints(
        r#"for (int i = 0; i < 5; i++) { if (i == 1) continue; if (i == 4) break; printf("%d", i); } puts("");"#,
        "023\n",
    );
    prints(
        r#"for (int i = 0; i < 4; i++) switch (i) { case 0: printf("a"); case 1: printf("b"); break;
           default: printf("d"); continue; } puts(".");"#,
        "abbdd.\n",
    );
    prints(
        r#"int i = 3; do { printf("%d", i); } while (--i); puts("");"#,
        "321\n",
    );
    prints(
        r#"int i = 0; while (1) { if (++i > 3) break; } printf("%d\n", i);"#,
        "4\n",
    );
}

#[test]
fn functions_globals_and_statics() {
    let source = program(
        "#define N 5\nenum { RED, GREEN = 7, BLUE };\ntypedef struct { int n; } counter;\nstatic int total = N;\n\
         int twice(int n);\nint fact(int n) { return n < 2 ? 1 : n * fact(n - 1); }\n\
         static int count(void) { static int calls; return ++calls; }\n\
         int main(void) { counter c = {0}; count(); count(); c.n = count();\n\
         printf(\"%d %d %d %d %d\\n\", fact(N), twice(total), c.n, BLUE, (int)sizeof(counter)); return N; }\n\
         int twice(int n) { return 2 * n; }",
    );
    assert_eq!(
        run("test.c", &source),
        ("120 10 3 8 4\n".into(), Some(WaitStatus::Exited(5)))
    );
}

#[test]
fn what_never_was_assigned_is_told_by_name() {
    faults("int n; printf(\"%d\", n);", Signal::ABRT, "8: `n` is used before");
    faults("int *p = NULL; *p = 1;", Signal::SEGV, "null pointer");
    faults("char *s = \"x\"; s[0] = 'y';", Signal::SEGV, "literal");
    faults("int a[2]; a[2] = 1;", Signal::SEGV, "belongs to no variable");
    faults(
        "int z = 0; printf(\"%d\", 1 / z);",
        Signal::FPE,
        "division by zero",
    );
    faults("int *p = malloc(4); free(p); free(p);", Signal::ABRT, "free()");
}

#[test]
fn endless_recursion_fills_the_stack() {
    let source = program("int f(int n) { return f(n + 1); } int main(void) { return f(0); }");
    assert_eq!(run("test.c", &source).1, Some(killed(Signal::SEGV)));
}

#[test]
fn exit_flushes_and_runs_handlers_and_the_direct_one_does_not() {
    let handlers = "void a(void) { puts(\"a\"); } void b(void) { puts(\"b\"); }";
    let with = |end: &str| {
        program(&format!(
            "{handlers} int main(void) {{ atexit(a); atexit(b); printf(\"text \"); {end} }}"
        ))
    };
    assert_eq!(
        run("test.c", &with("exit(259);")),
        ("text b\na\n".into(), Some(WaitStatus::Exited(3)))
    );
    assert_eq!(
        run("test.c", &with("_exit(1);")),
        (String::new(), Some(WaitStatus::Exited(1)))
    );
}

#[test]
fn a_buffer_is_copied_by_fork() {
    let source = program("int main(void) { printf(\"once\\n\"); fork(); return 0; }");
    for (buffering, output) in [(Buffering::Line, "once\n"), (Buffering::Block, "once\nonce\n")] {
        let mut table = Table::new("test.c", &source, buffering, First::Child);
        table.run();
        assert_eq!(table.output, output);
    }
}

#[test]
fn handlers_run_between_instructions() {
    let source = program(
        "volatile sig_atomic_t seen;\nvoid handler(int number) { seen = number; }\n\
         int main(void) { signal(SIGUSR1, handler); raise(SIGUSR1); printf(\"%d\\n\", seen); return 0; }",
    );
    assert_eq!(run("test.c", &source).0, "10\n");
}

#[test]
fn input_is_read_as_far_as_it_is_needed() {
    let source = program(
        "int main(void) { int a, b; char s[20]; printf(\"? \"); int n = scanf(\"%d %d\", &a, &b);\n\
         getchar(); fgets(s, sizeof s, stdin); printf(\"%d %d %s\", n, a + b, s);\n\
         printf(\"%d\\n\", getchar()); return 0; }",
    );
    let mut table = Table::new("test.c", &source, Buffering::Line, First::Child);
    table.input = vec!["4", "0 2\nwo", "rd\n"];
    table.run();
    assert_eq!(table.output, "? 2 42 word\n-1\n");
}

#[test]
fn the_four_programs_that_a_course_opens_with() {
    let show = |source: &str, first| {
        let mut table = Table::new("show.c", source, Buffering::Line, first);
        assert_eq!(table.run(), Some(WaitStatus::Exited(0)));
        table.output
    };
    let first_fork = include_str!("../../../assets/programs/first_fork.c");
    assert_eq!(
        show(first_fork, First::Child),
        "one process\nI am 101, got 0\nI am 100, got 101\n"
    );
    let two_roles = include_str!("../../../assets/programs/two_roles.c");
    assert_eq!(show(two_roles, First::Parent), "parent of 101\nchild of 100\n");
    let five_children = include_str!("../../../assets/programs/five_children.c");
    assert_eq!(
        show(five_children, First::Parent),
        "parent closes\nchild 0\nchild 1\nchild 2\nchild 3\nchild 4\n"
    );
    let five_awaited = include_str!("../../../assets/programs/five_awaited.c");
    assert_eq!(
        show(five_awaited, First::Parent),
        "child 0\nchild 1\nchild 2\nchild 3\nchild 4\nparent closes last\n"
    );
}

#[test]
fn what_cannot_be_stepped_is_refused_with_its_place() {
    refused("int main(void) {\n  double d;\n}", (2, 3), "floating point");
    refused("int main(void) {\n  goto end;\nend: return 0;\n}", (2, 3), "goto");
    refused(
        "#include <pthread.h>\nint main(void) { return 0; }",
        (1, 1),
        "pthread.h",
    );
    refused(
        "#define F(x) x\nint main(void) { return 0; }",
        (1, 1),
        "forkscope trace test.c",
    );
    refused("int main(void) { printf(\"%f\", 1); }", (1, 25), "%f in a format");
    refused("int main(void) { printf(\"%d\\n\"); }", (1, 25), "wants 1 values");
    refused(
        "int main(void) { printf(\"%ld\\n\", 1); }",
        (1, 34),
        "does not fit",
    );
    refused(
        "int main(void) { int n; scanf(\"%d\", n); }",
        (1, 37),
        "does not fit",
    );
    refused("#define F 1 +\nint main(void) { return F 2; }", (2, 27), "2");
    refused(
        "#define N 1 + 2\nint main(void) { return 2 * N; }",
        (2, 29),
        "the macro N",
    );
    refused(
        "extern char **environ; int main(void) { return 0; }",
        (1, 1),
        "another file",
    );
    refused(
        "#define fork vfork\nint main(void) { return fork(); }",
        (2, 25),
        "a macro",
    );
    refused("int main(void) { return x; }", (1, 25), "x is not declared");
    refused(
        "int main(void) { system(\"ls\"); }",
        (1, 18),
        "the function system",
    );
    refused("int f(void) { return 1; }", (1, 1), "no function main");
    refused(
        "int g(int); int main(void) { return g(1); }",
        (1, 1),
        "not defined",
    );
    refused("int main(void) { int *p = 5; }", (1, 27), "without a cast");
}

#[test]
fn a_syntax_error_has_its_place() {
    let rejected = compile("test.c", "int main(void) {\n  int a = 1\n  return a;\n}").expect_err("refused");
    assert!(matches!(rejected.reason, Reason::Syntax(_)));
    assert_eq!(rejected.line, 2);
}

#[test]
fn variables_are_shown_with_their_types_and_values() {
    let source = program(
        "struct point { int x, y; };\nint total = 3;\nint main(void) {\n  int n = 10, later;\n  char c = 'A';\n  \
         char *text = \"one\";\n  int pids[3];\n  pids[1] = 7;\n  struct point p = {1, 2};\n  int *null = NULL;\n  \
         raise(SIGUSR2);\n  later = n;\n  return later;\n}",
    );
    let compiled = compile("test.c", &source).expect("a program");
    let mut machine = Machine::new(Arc::new(compiled), &["test".to_owned()], Buffering::Line);
    while !matches!(machine.step(), Outcome::Call(_)) {}
    let views = machine.variables();
    let shown: Vec<String> = views
        .iter()
        .flat_map(|frame| &frame.variables)
        .map(|variable| {
            let value = variable.value.as_deref().unwrap_or("not yet");
            format!("{} {} = {value}", variable.ty, variable.name)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "int total = 3",
            "int n = 10",
            "int later = not yet",
            "char c = 65 'A'",
            "char * text = \"one\"",
            "int[3] pids = {?, 7, ?}",
            "struct point p = {x = 1, y = 2}",
            "int * null = NULL",
        ]
    );
    assert!(
        views[1]
            .variables
            .iter()
            .all(|variable| variable.address > Some(0x7ffd_0000_0000))
    );
    assert_eq!(machine.calls(), [("main", 17)]);
}

#[test]
fn the_child_of_vfork_may_exec_or_end_and_nothing_else() {
    let with = |child: &str| {
        program(&format!(
            "void leave(void) {{ return; }}\nint n;\nint main(void) {{\n  pid_t pid = vfork();\n  if (pid == 0) {{\n    \
             {child}\n    _exit(0);\n  }}\n  return 0;\n}}"
        ))
    };
    for (child, faults) in [
        ("leave();", 0),
        ("printf(\"a line\\n\");", 0),
        ("n = 1;", 1),
        ("return 1;", 1),
    ] {
        let mut table = Table::new("test.c", &with(child), Buffering::Line, First::Child);
        assert_eq!(table.run(), Some(WaitStatus::Exited(0)));
        assert_eq!(table.faults.len(), faults, "{child}: {:?}", table.faults);
    }
}

#[test]
fn a_handler_that_exits_runs_once() {
    let source = program(
        "void leave(int n) { printf(\"%d\\n\", n); raise(n); exit(5); }\n\
         int main(void) { signal(SIGUSR1, leave); raise(SIGUSR1); return 0; }",
    );
    assert_eq!(
        run("test.c", &source),
        ("10\n".into(), Some(WaitStatus::Exited(5)))
    );
}
