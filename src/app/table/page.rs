//! docs/keys.md, made from the key table; a test holds the page to it.

use super::{Binding, Context, TABLE};

/// What stands before the tables.
const BEFORE: &str = "# Keys

This page is made from the program's key table (`UPDATE_DOCS=1 cargo test --test docs` writes it anew).
The last line of the screen shows what can be pressed now, and `?` shows all of it.

A number typed before a key is a count or an argument: `3f` forks three times, `7x` is `_exit(7)`, `9k` sends
signal 9. `*` before a key sends it to every lab process that can: `*f`, `*x`, `*9k`. When a key cannot work now,
the line above the keys says why.
";

/// What stands after them: the language of `--keys`.
const AFTER: &str = r#"
## Keys as text, for `--keys`

Every mode that takes keys takes them as text too: `forkscope play --keys "f @A f f @B 7x @A w"`. With `--headless`
there is no screen, and what is left at the end is printed. Tokens stand apart by blanks:

| token | what it is |
| --- | --- |
| `f`, `3f`, `*f`, `*9k` | a key, with what is typed before it |
| `<Down>` | a key by name: Up Down Left Right Enter Esc Space Tab Home End PageUp PageDown Backspace, `<C-c>` and its like, `<lt>` and `<gt>` for the characters themselves |
| `@C` | select C; also `@screen` and `@keeper` |
| `"sleep 60"` | text for the open line; `\"` and `\\` stand for a quote and a backslash |
| `?C=Z` | wait up to five seconds until C is in state R, S, T or Z, or `gone`; else the program ends with exit code 1 |

`ff` is an error: between two keys stands a blank. `e`, `k` and `W` take their line at once, each closed with Enter:

| keys | what they do |
| --- | --- |
| `e "sleep 60" <Enter>` | exec; the line is split as a shell would split it |
| `k "TERM" <Enter>`, `k "9 group" <Enter>` | a signal by name or number; with `group` to the whole process group |
| `W "C WNOHANG" <Enter>` | waitpid: a letter, a pid, -1 or 0, then options |

After each token the program waits until the lab has settled: every order is answered or its process blocks, and
/proc does not change any more. So the same keys make the same tree every time. Text without an open line ends the
program with exit code 1; an error in the keys with exit code 2, before anything is started.
"#;

/// The page, as Markdown.
pub fn markdown() -> String {
    let mut page = BEFORE.to_owned();
    for context in Context::ALL {
        page.push_str(&heading(context.title()));
        for binding in TABLE.iter().filter(|binding| binding.context == context) {
            page.push_str(&row(binding));
        }
    }
    page.push_str(AFTER);
    page
}

fn heading(title: &str) -> String {
    format!("\n## {title}\n\n| key | what it does |\n| --- | --- |\n")
}

fn row(binding: &Binding) -> String {
    let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
    format!("| {} | {} |\n", keys.join(" "), escaped(binding.doc))
}

/// The text without what Markdown would obey.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '_' | '|' | '<' | '&' | '\\') {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}
