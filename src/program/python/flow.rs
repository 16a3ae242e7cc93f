//! Statements with bodies: branches, loops, `try` and `with`, and what leaving one of them early comes to.
//!
//! A `finally` body is compiled once for each way out of its `try`: for falling off its end, for an exception, and for
//! each `break`, `continue` and `return` within.

use tree_sitter::Node;

use super::scope::{Block, Cleanup, Compiler, Exits, Home};
use super::{Compiled, Library, fields, parts};
use crate::program::code::Instr;

impl<'tree> Compiler<'tree> {
    pub(super) fn block(&mut self, node: Node<'tree>) -> Compiled<()> {
        self.statements(node)
    }

    pub(super) fn if_statement(&mut self, node: Node<'tree>) -> Compiled<()> {
        let mut ends = Vec::new();
        let mut branch = node;
        let mut others = fields(node, "alternative").into_iter();
        loop {
            self.line(branch);
            let condition = self.field(branch, "condition")?;
            let consequence = self.field(branch, "consequence")?;
            let unless = self.jump_unless(condition)?;
            self.block(consequence)?;
            ends.push(self.jump(Instr::Jump));
            self.land(unless);
            match others.next() {
                Some(other) if other.kind() == "elif_clause" => branch = other,
                Some(other) => {
                    let body = self.field(other, "body")?;
                    self.block(body)?;
                    break;
                }
                None => break,
            }
        }
        self.land(ends);
        Ok(())
    }

    pub(super) fn while_loop(&mut self, node: Node<'tree>) -> Compiled<()> {
        let condition = self.field(node, "condition")?;
        let body = self.field(node, "body")?;
        self.body.line = None;
        let top = self.here();
        self.line(node);
        let end = self.jump_unless(condition)?;
        let breaks = self.loop_body(body, top, false)?;
        self.land(end);
        self.loop_else(node)?;
        self.land(breaks);
        Ok(())
    }

    pub(super) fn for_loop(&mut self, node: Node<'tree>) -> Compiled<()> {
        if let Some(first) = node.child(0).filter(|first| first.kind() == "async") {
            return Err(self.unsupported(first, "async"));
        }
        let target = self.field(node, "left")?;
        let over = self.field(node, "right")?;
        let body = self.field(node, "body")?;
        self.line(node);
        self.value(over)?;
        self.emit(Instr::Iterate);
        // The line is stopped at once for each round, and at the first it has been already.
        let first = self.jump(Instr::Jump);
        self.body.line = None;
        let top = self.here();
        self.line(node);
        self.land([first]);
        let end = self.jump(Instr::Next);
        self.assign(target)?;
        let breaks = self.loop_body(body, top, true)?;
        self.land([end]);
        self.loop_else(node)?;
        self.land(breaks);
        Ok(())
    }

    /// Compiles the body of a loop up to the jump back; gives the jumps out of it.
    fn loop_body(&mut self, body: Node<'tree>, top: u32, iterator: bool) -> Compiled<Vec<usize>> {
        self.body.blocks.push(Block::Loop { iterator });
        self.body.loops.push(Exits {
            breaks: Vec::new(),
            again: top,
        });
        self.block(body)?;
        self.emit(Instr::Jump(top));
        self.body.blocks.pop();
        Ok(self.body.loops.pop().unwrap_or_default().breaks)
    }

    fn loop_else(&mut self, node: Node<'tree>) -> Compiled<()> {
        match node.child_by_field_name("alternative") {
            Some(other) => {
                let body = self.field(other, "body")?;
                self.block(body)
            }
            None => Ok(()),
        }
    }

    /// `break`, or `continue`.
    pub(super) fn leave_loop(&mut self, node: Node<'tree>, breaks: bool) -> Compiled<()> {
        let blocks = &self.body.blocks;
        let found = blocks
            .iter()
            .rposition(|block| matches!(block, Block::Loop { .. }));
        let Some(at) = found else {
            let what = if breaks {
                "'break' outside loop"
            } else {
                "'continue' not properly in loop"
            };
            return Err(self.syntax(node, what));
        };
        let iterator = matches!(blocks[at], Block::Loop { iterator: true });
        self.leave_blocks(at + 1)?;
        if !breaks {
            let again = self.body.loops.last().map_or(0, |exits| exits.again);
            self.emit(Instr::Jump(again));
            return Ok(());
        }
        if iterator {
            self.emit(Instr::Pop);
        }
        let jump = self.jump(Instr::Jump);
        if let Some(exits) = self.body.loops.last_mut() {
            exits.breaks.push(jump);
        }
        Ok(())
    }

    /// Emits what has to be done on the way out of all blocks but the first so many.
    pub(super) fn leave_blocks(&mut self, keep: usize) -> Compiled<()> {
        let blocks = self.body.blocks.clone();
        for (at, block) in blocks.iter().enumerate().skip(keep).rev() {
            match block {
                Block::Loop { .. } | Block::Handler => {}
                Block::Try => self.emit(Instr::EndTry),
                Block::Finally(cleanup) => {
                    self.emit(Instr::EndTry);
                    self.outside(at, *cleanup)?;
                }
            }
        }
        Ok(())
    }

    /// Compiles a cleanup as it stands outside of the block that it belongs to.
    fn outside(&mut self, at: usize, cleanup: Cleanup<'tree>) -> Compiled<()> {
        let inner = self.body.blocks.split_off(at);
        let count = |what: fn(&Block) -> bool| inner.iter().filter(|block| what(block)).count();
        let loops = count(|block| matches!(block, Block::Loop { .. }));
        let handlers = count(|block| matches!(block, Block::Handler));
        let loops = self.body.loops.split_off(self.body.loops.len() - loops);
        let caught = self.body.caught.split_off(self.body.caught.len() - handlers);
        self.clean_up(cleanup)?;
        self.body.blocks.extend(inner);
        self.body.loops.extend(loops);
        self.body.caught.extend(caught);
        Ok(())
    }

    fn clean_up(&mut self, cleanup: Cleanup<'tree>) -> Compiled<()> {
        match cleanup {
            Cleanup::Body(body) => {
                self.body.line = None;
                self.nested(body, |compiler| compiler.block(body))?;
            }
            Cleanup::Forget(name) => match self.home(name)? {
                Some(Home::Local(slot)) => self.emit(Instr::DeleteLocal(slot)),
                Some(Home::Global(slot)) => self.emit(Instr::DeleteGlobal(slot)),
                None => {}
            },
            Cleanup::Close(slot) => {
                self.emit(Instr::LoadLocal(slot));
                self.native(Library::CloseFile, 1);
                self.emit(Instr::Pop);
            }
        }
        Ok(())
    }

    /// Compiles `what` so that the cleanup runs after it, whatever happens.
    fn guarded(
        &mut self,
        cleanup: Cleanup<'tree>,
        what: impl FnOnce(&mut Self) -> Compiled<()>,
    ) -> Compiled<()> {
        let handler = self.jump(Instr::Try);
        self.body.blocks.push(Block::Finally(cleanup));
        what(self)?;
        self.body.blocks.pop();
        self.emit(Instr::EndTry);
        self.clean_up(cleanup)?;
        let end = self.jump(Instr::Jump);
        self.land([handler]);
        let exception = self.hidden_slot();
        self.emit(Instr::StoreLocal(exception));
        self.clean_up(cleanup)?;
        self.emit(Instr::LoadLocal(exception));
        self.emit(Instr::RaiseAgain);
        self.land([end]);
        Ok(())
    }

    pub(super) fn try_statement(&mut self, node: Node<'tree>) -> Compiled<()> {
        let clauses = parts(node);
        let finally = clauses.iter().find(|clause| clause.kind() == "finally_clause");
        let body = finally.and_then(|clause| parts(*clause).first().copied());
        match body {
            Some(body) => self.guarded(Cleanup::Body(body), |compiler| compiler.try_except(node)),
            None => self.try_except(node),
        }
    }

    fn try_except(&mut self, node: Node<'tree>) -> Compiled<()> {
        let body = self.field(node, "body")?;
        let clauses: Vec<Node> = parts(node)
            .into_iter()
            .filter(|clause| clause.kind() == "except_clause")
            .collect();
        if clauses.is_empty() {
            let has_finally = parts(node).iter().any(|clause| clause.kind() == "finally_clause");
            return if has_finally {
                self.block(body)
            } else {
                Err(self.syntax(node, "expected 'except' or 'finally' block"))
            };
        }
        let handler = self.jump(Instr::Try);
        self.body.blocks.push(Block::Try);
        self.block(body)?;
        self.body.blocks.pop();
        self.emit(Instr::EndTry);
        let other = parts(node)
            .into_iter()
            .find(|clause| clause.kind() == "else_clause");
        if let Some(other) = other {
            let body = self.field(other, "body")?;
            self.block(body)?;
        }
        let mut ends = vec![self.jump(Instr::Jump)];
        self.land([handler]);
        let exception = self.hidden_slot();
        self.emit(Instr::StoreLocal(exception));
        for (index, clause) in clauses.iter().enumerate() {
            let last = index + 1 == clauses.len();
            ends.push(self.except_clause(*clause, exception, last)?);
        }
        self.emit(Instr::LoadLocal(exception));
        self.emit(Instr::RaiseAgain);
        self.land(ends);
        Ok(())
    }

    /// One `except`; gives the jump to the end. What it does not catch goes on after it.
    fn except_clause(&mut self, clause: Node<'tree>, exception: u32, last: bool) -> Compiled<usize> {
        let mut cursor = clause.walk();
        if clause.children(&mut cursor).any(|child| child.kind() == "*") {
            return Err(self.unsupported(clause, "except*"));
        }
        self.body.line = None;
        self.line(clause);
        let parts = parts(clause);
        let Some((body, caught)) = parts.split_last() else {
            return Err(self.broken(clause));
        };
        let (class, name) = match caught {
            [] if !last => return Err(self.syntax(clause, "default 'except:' must be last")),
            [] => (None, None),
            [one] if one.kind() == "as_pattern" => self.class_and_name(*one)?,
            [one] => (Some(*one), None),
            _ => return Err(self.broken(clause)),
        };
        let other = match class {
            Some(class) => {
                self.emit(Instr::LoadLocal(exception));
                self.exception_class(class)?;
                self.emit(Instr::Matches);
                let other = self.jump(Instr::JumpUnless);
                self.emit(Instr::Pop);
                Some(other)
            }
            None => None,
        };
        self.body.blocks.push(Block::Handler);
        self.body.caught.push(exception);
        match name {
            Some(name) => {
                self.emit(Instr::LoadLocal(exception));
                self.assign(name)?;
                self.guarded(Cleanup::Forget(name), |compiler| compiler.block(*body))?;
            }
            None => self.block(*body)?,
        }
        self.body.blocks.pop();
        self.body.caught.pop();
        let end = self.jump(Instr::Jump);
        if let Some(other) = other {
            self.land([other]);
            self.emit(Instr::Pop);
        }
        Ok(end)
    }

    fn class_and_name(&self, node: Node<'tree>) -> Compiled<(Option<Node<'tree>>, Option<Node<'tree>>)> {
        match parts(node).as_slice() {
            [class, target] => match parts(*target).as_slice() {
                [name] if name.kind() == "identifier" => Ok((Some(*class), Some(*name))),
                _ => Err(self.broken(*target)),
            },
            _ => Err(self.broken(node)),
        }
    }

    /// A class of exceptions, or a tuple of them, that is known to be one.
    fn exception_class(&mut self, node: Node<'tree>) -> Compiled<()> {
        let named = match node.kind() {
            "tuple" => parts(node),
            _ => vec![node],
        };
        for class in &named {
            if !matches!(self.fixed(*class), Some(super::module::Entry::Class(_))) {
                let text = self.text(*class).to_owned();
                return Err(self.unsupported(
                    *class,
                    &format!("catching {text}, which is no built-in exception"),
                ));
            }
        }
        self.value(node)
    }

    pub(super) fn raise(&mut self, node: Node<'tree>) -> Compiled<()> {
        let cause = node.child_by_field_name("cause");
        let raised = parts(node).into_iter().find(|part| Some(*part) != cause);
        match raised {
            Some(many) if many.kind() == "expression_list" => return Err(self.broken(many)),
            Some(exception) => self.value(exception)?,
            None => match self.body.caught.last() {
                Some(slot) => {
                    self.emit(Instr::LoadLocal(*slot));
                    self.emit(Instr::RaiseAgain);
                    return Ok(());
                }
                None => return Err(self.unsupported(node, "a bare raise outside of except")),
            },
        }
        if let Some(cause) = cause {
            // It only changes what a traceback tells beside the last line.
            self.value(cause)?;
            self.emit(Instr::Pop);
        }
        self.emit(Instr::Raise);
        Ok(())
    }

    pub(super) fn with_statement(&mut self, node: Node<'tree>) -> Compiled<()> {
        if let Some(first) = node.child(0).filter(|first| first.kind() == "async") {
            return Err(self.unsupported(first, "async"));
        }
        self.line(node);
        let body = self.field(node, "body")?;
        let items: Vec<Node> = parts(node)
            .into_iter()
            .filter(|part| part.kind() == "with_clause")
            .flat_map(parts)
            .collect();
        self.with_items(&items, body)
    }

    fn with_items(&mut self, items: &[Node<'tree>], body: Node<'tree>) -> Compiled<()> {
        let Some((item, rest)) = items.split_first() else {
            return self.block(body);
        };
        let value = self.field(*item, "value")?;
        let (opened, target) = match value.kind() {
            "as_pattern" => match parts(value).as_slice() {
                [opened, target] => (*opened, parts(*target).first().copied()),
                _ => return Err(self.broken(value)),
            },
            _ => (value, None),
        };
        if !self.opens_file(opened) {
            return Err(self.unsupported(opened, "with something that is not open(…)"));
        }
        self.value(opened)?;
        let file = self.hidden_slot();
        self.emit(Instr::StoreLocal(file));
        self.nested(value, |compiler| {
            compiler.guarded(Cleanup::Close(file), |compiler| {
                if let Some(target) = target {
                    compiler.emit(Instr::LoadLocal(file));
                    compiler.assign(target)?;
                }
                compiler.with_items(rest, body)
            })
        })
    }

    /// Whether an expression is a call that gives a file.
    pub(super) fn opens_file(&self, node: Node) -> bool {
        let callee = node.child_by_field_name("function");
        let fixed = callee.and_then(|callee| self.fixed(callee));
        matches!(
            fixed,
            Some(super::module::Entry::Function(Library::Open | Library::Fdopen))
        )
    }
}
