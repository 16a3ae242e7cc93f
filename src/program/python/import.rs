//! Imports: of the modules that are known here, and of names from them.

use tree_sitter::Node;

use super::module::{self, Entry};
use super::names::imported;
use super::scope::{ARGV, Compiler};
use super::{Compiled, fields, parts};
use crate::program::code::Instr;
use crate::program::value::Value;

impl<'tree> Compiler<'tree> {
    pub(super) fn import(&mut self, node: Node<'tree>) -> Compiled<()> {
        self.check_end(node)?;
        for item in fields(node, "name") {
            let (name, _) = imported(item, self.whole());
            self.check_module(item, name)?;
            self.constant(Value::Module(name.into()));
            self.bind_import(item)?;
        }
        Ok(())
    }

    pub(super) fn import_from(&mut self, node: Node<'tree>) -> Compiled<()> {
        self.check_end(node)?;
        let from = self.field(node, "module_name")?;
        let module = self.text(from);
        self.check_module(from, module)?;
        if let Some(star) = parts(node)
            .into_iter()
            .find(|part| part.kind() == "wildcard_import")
        {
            return Err(self.unsupported(star, "import *"));
        }
        for item in fields(node, "name") {
            let (name, _) = imported(item, self.whole());
            let Some(entry) = module::member(module, name) else {
                return Err(self.unsupported(item, &format!("{module}.{name}")));
            };
            self.entry(entry);
            self.bind_import(item)?;
        }
        Ok(())
    }

    /// Pushes what a name of the library stands for.
    pub(super) fn entry(&mut self, entry: Entry) {
        match entry {
            Entry::Arguments => self.emit(Instr::LoadGlobal(ARGV)),
            entry => self.constant(entry.value()),
        }
    }

    /// No comma may end an import, unless brackets do.
    fn check_end(&self, node: Node) -> Compiled<()> {
        match node.child(node.child_count().saturating_sub(1)) {
            Some(last) if last.kind() == "," => Err(self.broken(last)),
            _ => Ok(()),
        }
    }

    fn check_module(&self, node: Node, name: &str) -> Compiled<()> {
        if module::MODULES.contains(&name) {
            return Ok(());
        }
        Err(self.unsupported(node, &format!("the module {name}")))
    }

    fn bind_import(&mut self, item: Node<'tree>) -> Compiled<()> {
        let target = item.child_by_field_name("alias").unwrap_or(item);
        match target.kind() {
            "dotted_name" => match parts(target).as_slice() {
                [name] => self.assign(*name),
                _ => Err(self.broken(target)),
            },
            _ => self.assign(target),
        }
    }
}
