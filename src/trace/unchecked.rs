//! Whether a C program looks at the failure of a fork: read in its source, because a run in which fork succeeds
//! does not tell.
//!
//! Looked at means: in the same function, the variable that fork's value went to, or the call itself, is compared
//! so that -1 is told from a pid. Anything unusual counts as looked at: a false alarm is worse than silence.

use std::path::Path;

use tree_sitter::{Node, Parser};

/// Whether the fork in this line of a C file goes unchecked. False if the file cannot be read.
pub fn fork_is_unchecked(file: &Path, line: u32) -> bool {
    file.extension().is_some_and(|extension| extension == "c")
        && std::fs::read_to_string(file).is_ok_and(|source| unchecked_in(&source, line) == Some(true))
}

fn unchecked_in(source: &str, line: u32) -> Option<bool> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_c::LANGUAGE.into()).ok()?;
    let tree = parser.parse(source, None)?;
    let row = usize::try_from(line).ok()?.checked_sub(1)?;
    let call = find(tree.root_node(), &|node| {
        node.kind() == "call_expression"
            && node.start_position().row == row
            && node
                .child_by_field_name("function")
                .is_some_and(|function| matches!(text(function, source), "fork" | "vfork"))
    })?;
    match destination(call, source) {
        Destination::Nobody => Some(true),
        Destination::Compared(checks) => Some(!checks),
        Destination::Variable(name) => {
            let function = ancestor(call, "function_definition")?;
            let looked_at = find(function, &|node| tells_failure(node, name, source));
            Some(looked_at.is_none())
        }
        Destination::Elsewhere => None,
    }
}

/// Where the value of a fork goes.
enum Destination<'a> {
    /// It is dropped, or only asked for zero or not.
    Nobody,
    /// A comparison at once; does it tell failure?
    Compared(bool),
    /// A variable.
    Variable(&'a str),
    /// An argument, a return value: somebody else's to look at.
    Elsewhere,
}

fn destination<'a>(call: Node<'_>, source: &'a str) -> Destination<'a> {
    let mut value = call;
    while let Some(parent) = value.parent() {
        match parent.kind() {
            "parenthesized_expression" | "cast_expression" => value = parent,
            "init_declarator" => return named(parent.child_by_field_name("declarator"), source),
            "assignment_expression" => return named(parent.child_by_field_name("left"), source),
            "binary_expression" => {
                let by_logic = matches!(operator(parent, source), "&&" | "||");
                return if by_logic {
                    Destination::Nobody
                } else {
                    Destination::Compared(separates(parent, source))
                };
            }
            "conditional_expression"
            | "expression_statement"
            | "if_statement"
            | "while_statement"
            | "for_statement"
            | "unary_expression" => {
                return Destination::Nobody;
            }
            _ => return Destination::Elsewhere,
        }
    }
    Destination::Elsewhere
}

fn named<'a>(node: Option<Node<'_>>, source: &'a str) -> Destination<'a> {
    match node {
        Some(node) if matches!(node.kind(), "identifier" | "subscript_expression") => {
            Destination::Variable(text(node, source))
        }
        _ => Destination::Elsewhere,
    }
}

/// Whether a node compares the variable, or the assignment to it, so that failure is told.
fn tells_failure(node: Node<'_>, name: &str, source: &str) -> bool {
    match node.kind() {
        "binary_expression" => mentions(node, name, source) && separates(node, source),
        "switch_statement" => {
            let of_it = node
                .child_by_field_name("condition")
                .is_some_and(|condition| mentions(condition, name, source));
            let cases = find(node, &|node| {
                node.kind() == "case_statement"
                    && (node
                        .child_by_field_name("value")
                        .is_none_or(|value| text(value, source) == "-1"))
            });
            of_it && cases.is_some()
        }
        _ => false,
    }
}

fn mentions(node: Node<'_>, name: &str, source: &str) -> bool {
    find(node, &|inner| text(inner, source) == name).is_some()
}

/// Whether a comparison has -1 on one side and pids on the other. `> 0` does, if something is done otherwise.
fn separates(comparison: Node<'_>, source: &str) -> bool {
    let side = |name| {
        comparison
            .child_by_field_name(name)
            .map(|node| text(node, source))
    };
    let (operator, left, right) = (operator(comparison, source), side("left"), side("right"));
    let with = |value| left == Some(value) || right == Some(value);
    match operator {
        "<" | ">=" => right == Some("0") || left == Some("-1"),
        ">" | "<=" => {
            right == Some("-1") || left == Some("0") || (right == Some("0") && has_else(comparison))
        }
        "==" | "!=" => with("-1"),
        _ => false,
    }
}

fn has_else(comparison: Node<'_>) -> bool {
    ancestor(comparison, "if_statement")
        .is_some_and(|branch| branch.child_by_field_name("alternative").is_some())
}

fn operator<'a>(node: Node<'_>, source: &'a str) -> &'a str {
    node.child_by_field_name("operator")
        .map_or("", |node| text(node, source))
}

fn ancestor<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    std::iter::successors(node.parent(), Node::parent).find(|node| node.kind() == kind)
}

/// The first node at or below this one that is as wanted.
fn find<'t>(node: Node<'t>, wanted: &dyn Fn(Node<'t>) -> bool) -> Option<Node<'t>> {
    if wanted(node) {
        return Some(node);
    }
    let mut cursor = node.walk();
    let children: Vec<_> = node.named_children(&mut cursor).collect();
    children.into_iter().find_map(|child| find(child, wanted))
}

fn text<'a>(node: Node<'_>, source: &'a str) -> &'a str {
    source.get(node.byte_range()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A function whose second line is `fork_line`, and what follows it.
    #[track_caller]
    fn check(fork_line: &str, rest: &str, unchecked: Option<bool>) {
        let source = format!("int main(void) {{\n{fork_line}\n{rest}\n}}\n");
        assert_eq!(unchecked_in(&source, 2), unchecked, "{source}");
    }

    #[test]
    fn a_fork_that_nobody_looks_at() {
        check("fork();", "", Some(true));
        check("if (fork() == 0) _exit(0);", "", Some(true));
        check("if (!fork()) _exit(0);", "", Some(true));
        check("fork() && fork();", "", Some(true));
        check("return fork() ? 0 : 1;", "", Some(true));
        check(
            "pid_t pid = fork();",
            "if (pid == 0) _exit(0); else wait(0);",
            Some(true),
        );
        check("pid = fork();", "if (pid) wait(0);", Some(true));
        check("pid_t pid = fork();", "if (pid > 0) wait(0);", Some(true));
    }

    #[test]
    fn a_fork_whose_failure_is_looked_at() {
        check("pid_t pid = fork();", "if (pid < 0) return 1;", Some(false));
        check("pid_t pid = fork();", "if (pid == -1) return 1;", Some(false));
        check("pid_t pid = fork();", "if (-1 == pid) return 1;", Some(false));
        check(
            "pid_t pid = fork();",
            "if (pid == 0) f(); else if (pid > 0) g(); else h();",
            Some(false),
        );
        check(
            "pid_t pid = fork();",
            "switch (pid) { case -1: return 1; case 0: break; }",
            Some(false),
        );
        check(
            "pid_t pid = fork();",
            "switch (pid) { case 0: break; default: break; }",
            Some(false),
        );
        check("if ((pid = fork()) < 0) return 1;", "", Some(false));
        check("if ((pid = fork()) == -1) return 1;", "", Some(false));
        check("pids[i] = fork();", "if (pids[i] < 0) return 1;", Some(false));
    }

    #[test]
    fn what_is_not_understood_is_no_finding() {
        check("return check(fork());", "", None);
        check("int x = 1;", "", None);
        check("s->pid = fork();", "", None);
    }
}
