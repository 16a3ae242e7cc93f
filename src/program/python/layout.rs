//! Where lines may begin and end, and what is no name: there the parser is more forgiving than Python.

use std::collections::HashSet;

use tree_sitter::Node;

use super::scope::Compiler;
use super::{Compiled, parts};

/// The words that cannot be names. Those that the grammar does not take for one never become one.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

impl<'tree> Compiler<'tree> {
    /// Checks what the parser lets through.
    pub(super) fn check_layout(&self, root: Node<'tree>) -> Compiled<()> {
        self.check_blocks(root)?;
        self.check_leaves(root)
    }

    fn check_blocks(&self, root: Node) -> Compiled<()> {
        let mut waiting = vec![root];
        while let Some(node) = waiting.pop() {
            match node.kind() {
                "module" => self.check_block(node, None)?,
                "block" => self.check_block(node, node.parent())?,
                "elif_clause" | "else_clause" | "except_clause" | "finally_clause" => {
                    let own = self.text_before(node);
                    let outer = node.parent().map(|parent| self.text_before(parent));
                    if outer.is_some_and(|outer| own != outer) {
                        return Err(self.syntax(node, "unindent does not match any outer indentation level"));
                    }
                }
                _ => {}
            }
            waiting.extend(parts(node));
        }
        Ok(())
    }

    fn check_block(&self, block: Node, header: Option<Node>) -> Compiled<()> {
        let statements = parts(block);
        let outer = header.map(|header| self.text_before(header));
        let Some(first) = statements.first() else {
            return match header {
                Some(_) => Err(self.syntax(block, "expected an indented block")),
                None => Ok(()),
            };
        };
        let row = first.start_position().row;
        let behind = header.is_some_and(|header| header_end(header, block) == row);
        let indent = self.text_before(*first);
        for statement in &statements {
            let before = self.text_before(*statement);
            if before.trim().is_empty() && (behind || before != indent) {
                return Err(self.syntax(*statement, "unexpected indent"));
            }
        }
        match outer {
            _ if behind => Ok(()),
            None if indent.is_empty() => Ok(()),
            Some(outer) if indent.len() > outer.len() && indent.starts_with(outer) => Ok(()),
            _ => Err(self.syntax(*first, "unexpected indent")),
        }
    }

    /// Checks that a line ends only where a statement or a clause does, or within brackets, that no keyword is a name,
    /// and that a comma follows something.
    fn check_leaves(&self, root: Node<'tree>) -> Compiled<()> {
        let beginnings = beginnings(root);
        let mut depth = 0_usize;
        let mut before: Option<Node> = None;
        for leaf in leaves(root) {
            if leaf.kind() == "identifier" && KEYWORDS.contains(&self.text(leaf)) {
                return Err(self.broken(leaf));
            }
            let ends = before.is_some_and(|before| self.line_ends(before, leaf));
            if depth == 0 && ends && !beginnings.contains(&leaf.start_byte()) {
                return Err(self.syntax(leaf, "a line ended before this, where it must go on"));
            }
            let after = before.map_or("", |before| before.kind());
            if leaf.kind() == "," && matches!(after, "(" | "[" | "{" | ",") {
                return Err(self.broken(leaf));
            }
            match leaf.kind() {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            before = Some(leaf);
        }
        Ok(())
    }

    /// Whether a line ends between two leaves, and is not continued by a backslash.
    fn line_ends(&self, before: Node, leaf: Node) -> bool {
        let between = self.whole().get(before.end_byte()..leaf.start_byte());
        between.is_some_and(|between| between.replace("\\\n", "").contains('\n'))
    }
}

/// Where statements and clauses begin.
fn beginnings(root: Node) -> HashSet<usize> {
    let mut beginnings = HashSet::new();
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        let parts = parts(node);
        match node.kind() {
            "module" | "block" => beginnings.extend(parts.iter().map(Node::start_byte)),
            "elif_clause" | "else_clause" | "except_clause" | "finally_clause" => {
                beginnings.insert(node.start_byte());
            }
            _ => {}
        }
        waiting.extend(parts);
    }
    beginnings
}

/// The smallest pieces of the program, in order; a string is one of them.
fn leaves(root: Node) -> Vec<Node> {
    let mut leaves = Vec::new();
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        if node.kind() == "string" || node.child_count() == 0 {
            leaves.push(node);
            continue;
        }
        let mut cursor = node.walk();
        let children: Vec<Node> = node.children(&mut cursor).collect();
        waiting.extend(children.into_iter().rev());
    }
    leaves.retain(|leaf| {
        !matches!(leaf.kind(), "comment" | "line_continuation" | "module")
            && leaf.start_byte() < leaf.end_byte()
    });
    leaves
}

/// The row in which the header of a block ends, with its colon.
fn header_end(header: Node, block: Node) -> usize {
    let mut cursor = header.walk();
    header
        .children(&mut cursor)
        .take_while(|child| child.start_byte() < block.start_byte())
        .filter(|child| child.kind() == ":")
        .last()
        .map_or(header.start_position().row, |colon| colon.end_position().row)
}
