//! Mangled programs: whatever the front ends are given, they answer with a program or a refusal, and whatever
//! the machine is answered, it goes on or ends. Neither panics, and neither hangs.

use std::path::Path;
use std::sync::Arc;

#[path = "../fuzz/src/programs.rs"]
#[expect(dead_code, reason = "the fuzzers run programs in ways of their own")]
mod programs;

use forkscope::program::{Buffering, Machine, Outcome, compile};
use programs::answer;
use proptest::prelude::*;

/// One change to a text.
#[derive(Clone, Debug)]
enum Change {
    Delete {
        from: usize,
        len: usize,
    },
    Repeat {
        from: usize,
        len: usize,
        times: usize,
    },
    Move {
        from: usize,
        len: usize,
        to: usize,
    },
    Insert {
        at: usize,
        what: String,
    },
    /// One word or number stands where another stood: often still a program, with another meaning.
    Word {
        at: usize,
        from: usize,
    },
}

/// Texts that are likely to confuse a parser, beside arbitrary ones.
const PIECES: &[&str] = &[
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "\\",
    ";",
    ",",
    "*",
    "&",
    "=",
    "->",
    "int ",
    "struct ",
    "#define X ",
    "0x",
    "-",
    "%",
    "/*",
    "*/",
    "sizeof ",
    "return ",
    "case 1:",
    "é",
    "\0",
    "fork()",
    "((((((((((",
    "9999999999999999",
    ":",
    "\n",
    "\n    ",
    "\n\t",
    "\"\"\"",
    "f\"{",
    "}\"",
    "!r:>5",
    "lambda ",
    "def f():\n",
    "try:\n",
    "except OSError as e:\n",
    "finally:\n",
    "global x\n",
    "for x in ",
    "if ",
    "not ",
    "**",
    "//",
    "os.fork()",
    "1e9",
];

fn change() -> impl Strategy<Value = Change> {
    let at = 0..2000_usize;
    prop_oneof![
        (at.clone(), 0..80_usize).prop_map(|(from, len)| Change::Delete { from, len }),
        (at.clone(), 1..20_usize, 2..40_usize).prop_map(|(from, len, times)| Change::Repeat {
            from,
            len,
            times
        }),
        (at.clone(), 0..60_usize, at.clone()).prop_map(|(from, len, to)| Change::Move { from, len, to }),
        (at.clone(), prop::sample::select(PIECES)).prop_map(|(at, what)| Change::Insert {
            at,
            what: what.to_owned()
        }),
        (at.clone(), at.clone()).prop_map(|(at, from)| Change::Word { at, from }),
        (at, ".{0,10}").prop_map(|(at, what)| Change::Insert { at, what }),
    ]
}

fn mangle(source: &str, changes: &[Change]) -> String {
    let mut text: Vec<char> = source.chars().collect();
    for change in changes {
        let clamp = |index: usize, text: &[char]| if text.is_empty() { 0 } else { index % text.len() };
        match change {
            Change::Delete { from, len } => {
                let from = clamp(*from, &text);
                let end = (from + len).min(text.len());
                text.drain(from..end);
            }
            Change::Repeat { from, len, times } => {
                let from = clamp(*from, &text);
                let end = (from + len).min(text.len());
                let part = text[from..end].repeat(*times);
                text.splice(from..from, part);
            }
            Change::Move { from, len, to } => {
                let from = clamp(*from, &text);
                let end = (from + len).min(text.len());
                let part: Vec<char> = text.drain(from..end).collect();
                let to = clamp(*to, &text);
                text.splice(to..to, part);
            }
            Change::Word { at, from } => {
                let words = words(&text);
                if let (Some(at), Some(from)) = (
                    words.get(at % words.len().max(1)),
                    words.get(from % words.len().max(1)),
                ) {
                    let word = text[from.clone()].to_vec();
                    text.splice(at.clone(), word);
                }
            }
            Change::Insert { at, what } => {
                let at = clamp(*at, &text);
                text.splice(at..at, what.chars());
            }
        }
    }
    text.into_iter().collect()
}

/// Where the words and numbers of a text stand.
fn words(text: &[char]) -> Vec<std::ops::Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (index, c) in text.iter().chain([&' ']).enumerate() {
        match (c.is_alphanumeric() || *c == '_', start) {
            (true, None) => start = Some(index),
            (false, Some(from)) => {
                words.push(from..index);
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// The languages, as the endings of their files.
const LANGUAGES: [(&str, &str); 2] = [("c", "c"), ("python", "py")];

/// The programs of the corpus in one language.
fn corpus((folder, ending): (&str, &str)) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("assets/corpus")
        .join(folder);
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the corpus")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| std::fs::read_to_string(path).expect("a program"))
        .collect()
}

/// Steps a program for a while; its calls get answers that fit, and answers that do not.
fn run_for_a_while(ending: &str, source: &str, answers: &[u8]) {
    let Ok(program) = compile(&format!("mangled.{ending}"), source) else {
        return;
    };
    let mut machine = Machine::new(Arc::new(program), &["mangled".to_owned()], Buffering::Line);
    let mut answers = answers.iter().cycle();
    for _ in 0..3000 {
        match machine.step() {
            Outcome::Ran | Outcome::Line(_) | Outcome::Fault(_) => {}
            Outcome::Done(_) => break,
            Outcome::Call(call) => machine.resume(answer(&call, answers.next().copied().unwrap_or(0))),
        }
    }
    // Looking at it is always possible.
    let views = machine.variables();
    assert!(!views.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_mangled_program_is_compiled_or_refused_and_then_runs(
        language in prop::sample::select(&LANGUAGES),
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 0..6),
        answers in prop::collection::vec(any::<u8>(), 1..20),
    ) {
        let corpus = corpus(language);
        let source = mangle(&corpus[which.index(corpus.len())], &changes);
        run_for_a_while(language.1, &source, &answers);
    }

    #[test]
    fn any_text_is_compiled_or_refused(text in ".{0,400}") {
        for (_, ending) in LANGUAGES {
            run_for_a_while(ending, &text, &[0]);
        }
    }
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    for source in [
        format!(
            "int main(void) {{ return {}1{}; }}",
            "(".repeat(50_000),
            ")".repeat(50_000)
        ),
        format!("int main(void) {}{}", "{".repeat(50_000), "}".repeat(50_000)),
        format!("int {}p{};", "(*".repeat(20_000), ")".repeat(20_000)),
        format!("int main(void) {{ return {}1; }}", "-".repeat(50_000)),
        format!("int main(void) {{ return 1{}; }}", " + 1".repeat(50_000)),
        format!("int main(void) {{ if (1) {} ; }}", "else if (1) ;".repeat(20_000)),
        format!(
            "int main(void) {{ int x = 1; return {}x{} + 1; }}",
            "(".repeat(50_000),
            ")".repeat(50_000)
        ),
        "#define A B\n#define B A\nint main(void) { return A; }".to_owned(),
    ] {
        assert!(compile("deep.c", &source).is_err());
    }
    for source in [
        format!("x = {}1{}", "(".repeat(50_000), ")".repeat(50_000)),
        format!("x = {}{}", "[".repeat(50_000), "]".repeat(50_000)),
        format!("x = {}1", "-".repeat(50_000)),
        format!("x = {}1", "not ".repeat(50_000)),
        format!("x = 1{}", " + 1".repeat(50_000)),
        format!("x = 1{}", " if 1 else 1".repeat(50_000)),
        format!("x = {}1", "lambda: ".repeat(50_000)),
        format!("x = f\"{}\"", "{f'".repeat(20_000)),
        format!("x = a{}", ".b".repeat(50_000)),
        format!("x = a{}", "[0]".repeat(50_000)),
        format!("x = a{}", "()".repeat(50_000)),
        (0..5_000).map(|depth| " ".repeat(depth) + "if 1:\n").collect(),
    ] {
        assert!(compile("deep.py", &source).is_err(), "{}", &source[..20]);
    }
}

#[test]
fn a_program_that_asks_for_everything_is_stopped() {
    for body in [
        "malloc(-1);",
        "char *p = malloc(60000000); memset(p, 1, 1L << 40);",
        "while (1) malloc(1 << 20);",
        "printf(\"%1000000000d\", 1);",
        "char a[1 << 19]; main();",
        "for (;;) { char *p = malloc(100); *p = 1; }",
    ] {
        let source = format!(
            "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint main(void) {{ {body} return 0; }}"
        );
        run_for_a_while("c", &source, &[0]);
    }
    for body in [
        "x = [0] * 10 ** 9",
        "x = 'a' * 2 ** 62",
        "x = 2 ** 10 ** 9",
        "x = 1\nwhile True: x = x * x + 10",
        "x = []\nwhile True: x.append(x)",
        "x = []\nx.append(x)\nprint(x, str(x), x == x)",
        "x = 'a'\nwhile True: x += x",
        "def f(): f()\nf()",
        "print(f'{1:1000000000}')",
        "print('%1000000000d' % 1)",
        "x = list(range(10 ** 12))",
        "x = {}\nwhile True: x[len(x)] = [0] * 1000",
        "print('a'.join(['b' * 10 ** 6] * 10 ** 6))",
        "print('a'.rjust(10 ** 12))",
    ] {
        run_for_a_while("py", body, &[0]);
    }
}

#[test]
fn what_lies_in_each_other_without_end_is_stopped() {
    for body in [
        "t = ()\nwhile True: t = (t,)",
        "t = ()\nwhile True: t = tuple([t])",
        "t = ()\nwhile True:\n    for t in zip([t]): pass",
        "t = ()\nwhile True: t = list({1: t}.items())[0]",
        "e = 0\nwhile True: e = ValueError(e)",
    ] {
        let program = compile("nested.py", body).expect("it is a program");
        let mut machine = Machine::new(Arc::new(program), &["nested".to_owned()], Buffering::Line);
        let fault = (0..100_000).find_map(|_| match machine.step() {
            Outcome::Fault(fault) => Some(fault.sentence),
            Outcome::Call(call) => {
                machine.resume(answer(&call, 3));
                None
            }
            _ => None,
        });
        let fault = fault.unwrap_or_default();
        assert!(fault.contains("tuples in each other"), "{body}: {fault}");
    }
}
