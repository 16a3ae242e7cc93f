//! The C front end: from tree-sitter's syntax tree to instructions, in one pass.
//!
//! Every construct that textbook programs about processes use is compiled; any other is refused with its
//! place, so that no program runs differently from what gcc would make of it. Left out on purpose: floating
//! point, unions, bit fields,
//! `goto`, function-like macros, variable-length arrays, structures by value as arguments and results, and the
//! library beyond [`header`]. Types are checked as far as a wrong one would change what the program does.

mod constant;
mod declare;
mod expression;
mod format;
mod header;
mod initial;
mod invoke;
mod library;
mod operator;
mod preprocess;
mod scan;
mod scope;
mod statement;
mod string;
mod syscall;
#[cfg(test)]
mod tests;

use tree_sitter::{Node, Parser};

pub(super) use library::{Library, call};
pub(super) use syscall::{Then, finish};

use self::scope::Compiler;
use super::{Program, Reason, Rejected};

/// The result of compiling a part.
type Compiled<T> = Result<T, Rejected>;

/// Compiles a C program.
pub(super) fn compile(name: &str, source: &str) -> Compiled<Program> {
    let unreadable = || Rejected {
        file: name.to_owned(),
        line: 1,
        column: 1,
        reason: Reason::Syntax("the program could not be read".to_owned()),
    };
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_c::LANGUAGE.into())
        .map_err(|_| unreadable())?;
    let tree = parser.parse(source, None).ok_or_else(unreadable)?;
    let compiler = Compiler::new(name, source);
    if let Some(error) = super::first_error(tree.root_node()) {
        return Err(compiler.syntax(error));
    }
    compiler.program(tree.root_node())
}

/// The children of a node that mean something, in order.
fn parts(node: Node) -> Vec<Node> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .filter(|child| child.kind() != "comment")
        .collect()
}

/// The children that stand in a field, in order.
fn fields<'tree>(node: Node<'tree>, name: &str) -> Vec<Node<'tree>> {
    let mut cursor = node.walk();
    node.children_by_field_name(name, &mut cursor).collect()
}
