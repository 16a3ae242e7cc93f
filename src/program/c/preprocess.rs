//! What the preprocessor does: headers that are known, and macros that stand for one expression.
//!
//! A macro is text, and is put wherever its name stands. Only such texts are accepted whose meaning does not
//! depend on what stands around them: a literal, a name, something in parentheses. `#if` and its kin and
//! function-like macros are refused.

use tree_sitter::{Node, Parser, Point, Range};

use super::scope::Compiler;
use super::{Compiled, header, parts};

impl Compiler<'_> {
    pub(super) fn directive(&mut self, item: Node) -> Compiled<()> {
        match item.kind() {
            "preproc_include" => {
                let path = item.child_by_field_name("path");
                let path_text = path.map_or("", |path| self.text(path));
                let name = path_text.trim_matches(['<', '>', '"']);
                let own = path_text.starts_with('"');
                if own || !header::HEADERS.contains(&name) {
                    return Err(self.unsupported(item, &format!("the header {name}")));
                }
                Ok(())
            }
            "preproc_def" => self.define(item),
            _ => Err(self.unsupported(item, "this directive of the preprocessor")),
        }
    }

    fn define(&mut self, item: Node) -> Compiled<()> {
        let name = self.text(self.field(item, "name")?);
        let range = match item.child_by_field_name("value") {
            Some(value) => self.macro_range(value),
            None => empty_range(item),
        };
        if self.macros.insert(name.to_owned(), range).is_some() {
            return Err(self.unsupported(item, "a second definition of a macro"));
        }
        Ok(())
    }

    /// Where a macro's text stands, without the comment that may follow it.
    fn macro_range(&self, value: Node) -> Range {
        let text = self.text(value);
        let text = text.split("//").next().unwrap_or_default();
        let text = text.split("/*").next().unwrap_or_default();
        let blank = text.len() - text.trim_start().len();
        let text = text.trim();
        let mut range = value.range();
        range.start_byte += blank;
        range.start_point.column += blank;
        range.end_byte = range.start_byte + text.len();
        range.end_point = Point {
            row: range.start_point.row + text.matches('\n').count(),
            column: text.rsplit('\n').next().map_or(0, str::len),
        };
        if range.end_point.row == range.start_point.row {
            range.end_point.column += range.start_point.column;
        }
        range
    }

    /// Compiles what a macro stands for, where its name stands.
    pub(super) fn with_macro<T>(
        &mut self,
        node: Node,
        name: &str,
        compile: impl FnOnce(&mut Self, Node) -> Compiled<T>,
    ) -> Compiled<T> {
        let unknown = |this: &Self| this.unsupported(node, &format!("what the macro {name} stands for"));
        let Some(range) = self.macros.get(name).copied() else {
            return Err(self.meaning(node, format!("{name} is not declared")));
        };
        // The text is read in its place, so that errors have it; any semicolon further down ends the statement.
        let semicolon = self.source.get(range.end_byte..).and_then(|rest| rest.find(';'));
        let Some(semicolon) = semicolon.filter(|_| range.start_byte < range.end_byte) else {
            return Err(unknown(self));
        };
        let mut parser = Parser::new();
        let ready = parser.set_language(&tree_sitter_c::LANGUAGE.into()).is_ok()
            && parser
                .set_included_ranges(&[range, self.range_of(range.end_byte + semicolon)])
                .is_ok();
        let tree = ready.then(|| parser.parse(self.source, None)).flatten();
        let Some(tree) = tree.filter(|tree| !tree.root_node().has_error()) else {
            return Err(unknown(self));
        };
        let statements = parts(tree.root_node());
        let expression = match statements.as_slice() {
            [only] if only.kind() == "expression_statement" => parts(*only).first().copied(),
            _ => None,
        };
        match expression {
            Some(expression) if stands_alone(expression.kind()) => {
                self.nested(node, |this| compile(this, expression))
            }
            _ => Err(unknown(self)),
        }
    }

    /// The place of one byte.
    fn range_of(&self, byte: usize) -> Range {
        let before = self.source.get(..byte).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let start_point = Point {
            row: before.matches('\n').count(),
            column: byte - line_start,
        };
        Range {
            start_byte: byte,
            end_byte: byte + 1,
            start_point,
            end_point: Point {
                column: start_point.column + 1,
                ..start_point
            },
        }
    }
}

/// Whether an expression means the same whatever stands beside it.
fn stands_alone(kind: &str) -> bool {
    matches!(
        kind,
        "number_literal"
            | "char_literal"
            | "string_literal"
            | "concatenated_string"
            | "identifier"
            | "true"
            | "false"
            | "null"
            | "parenthesized_expression"
            | "call_expression"
            | "subscript_expression"
            | "field_expression"
            | "unary_expression"
    )
}

fn empty_range(item: Node) -> Range {
    Range {
        start_byte: item.end_byte(),
        end_byte: item.end_byte(),
        start_point: item.end_position(),
        end_point: item.end_position(),
    }
}
