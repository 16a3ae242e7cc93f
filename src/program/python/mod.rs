//! The Python front end: from tree-sitter's syntax tree to instructions, with the manners of CPython 3.11.
//!
//! Every construct that introductory programs about processes use is compiled; any other is refused with its place, so
//! that no program runs differently from what `python3` would make of it. What can only be known while the program runs
//! (an integer of more than 64 bits, the order of a set, the address of an object) stops it there, with a sentence. Left
//! out on purpose: classes, generators, closures, decorators, `async`, `match`, and modules other than those of
//! [`module`].
//!
//! A failed system call raises `OSError` or the class of it that belongs to the error; an interrupted one is made again
//! after the handler (PEP 475); new descriptors are close-on-exec (PEP 446); SIGPIPE is ignored and SIGINT becomes
//! `KeyboardInterrupt`, from before the first line. Two things differ from CPython and are meant to: a traceback leaves
//! out the source lines and what was "during handling of the above exception", and a file is closed by `close()`, by
//! `with` and by the end of the program, not by losing its last name.

mod assign;
mod bind;
mod builtin;
mod call;
mod collection;
mod comprehension;
mod compute;
mod error;
mod expression;
mod file;
mod flow;
mod format;
mod import;
mod layout;
mod library;
mod literal;
mod method;
mod module;
mod names;
mod output;
mod percent;
mod scope;
mod show;
mod signal;
mod statement;
mod status;
mod string;
mod syscall;
mod text;

use tree_sitter::{Node, Parser};

pub(super) use bind::bind;
pub(super) use error::{construct, os_error};
pub(super) use file::{NextLine, drop_file, next_line};
pub(super) use library::{Library, call};
pub(super) use output::{flush_files, put_back, unwritten_output};
pub(super) use percent::percent;
pub(super) use show::{name_of, quote, quote_bytes, stream_name};
pub(super) use syscall::{Then, finish};

use self::scope::Compiler;
use super::{Program, Reason, Rejected};

/// The result of compiling a part.
type Compiled<T> = Result<T, Rejected>;

/// Compiles a Python program.
pub(super) fn compile(name: &str, source: &str) -> Compiled<Program> {
    let unreadable = || Rejected {
        file: name.to_owned(),
        line: 1,
        column: 1,
        reason: Reason::Syntax("the program could not be read".to_owned()),
    };
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_python::LANGUAGE.into())
        .map_err(|_| unreadable())?;
    let tree = parser.parse(source, None).ok_or_else(unreadable)?;
    let compiler = Compiler::new(name, source);
    if let Some(error) = super::first_error(tree.root_node()) {
        return Err(compiler.broken(error));
    }
    compiler.program(tree.root_node())
}

/// The children of a node that mean something, in order.
fn parts(node: Node) -> Vec<Node> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .filter(|child| !matches!(child.kind(), "comment" | "line_continuation"))
        .collect()
}

/// The children that stand in a field, in order.
fn fields<'tree>(node: Node<'tree>, name: &str) -> Vec<Node<'tree>> {
    let mut cursor = node.walk();
    node.children_by_field_name(name, &mut cursor)
        .filter(|child| child.kind() != "comment")
        .collect()
}
