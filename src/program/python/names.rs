//! Which names a module or a function binds, and how: known before anything is compiled, because in Python a name that
//! is assigned anywhere in a function is the function's own everywhere in it.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::{fields, parts};

/// How a name is bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// By `import` alone: it is this module.
    Module(String),
    /// By `from module import member` alone.
    Member(String, String),
    /// By `def` alone.
    Function,
    /// By an assignment, a loop, or in several ways.
    Value,
}

/// The names that a module or function binds.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings {
    bound: BTreeMap<String, Bound>,
    globals: BTreeSet<String>,
}

impl Bindings {
    pub(super) fn get(&self, name: &str) -> Option<&Bound> {
        self.bound.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.bound.keys().map(String::as_str)
    }

    /// The names that are the function's own.
    pub(super) fn locals(&self) -> impl Iterator<Item = &str> {
        self.names().filter(|name| !self.is_global(name))
    }

    /// Whether the function says `global name`.
    pub(super) fn is_global(&self, name: &str) -> bool {
        self.globals.contains(name)
    }

    /// A parameter is bound before anything else.
    pub(super) fn bind_parameter(&mut self, name: &str) {
        self.bind(name, Bound::Value);
    }

    fn bind(&mut self, name: &str, how: Bound) {
        self.bound
            .entry(name.to_owned())
            .and_modify(|known| {
                if *known != how {
                    *known = Bound::Value;
                }
            })
            .or_insert(how);
    }
}

/// The names of the module: those that it binds, and those that its functions declare global.
pub(super) fn of_module(root: Node, source: &str) -> Bindings {
    let mut bindings = of_body(root, source);
    // As if assigned: which value it has depends on which function ran.
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        if node.kind() == "global_statement" {
            for name in parts(node) {
                bindings.bind(text(name, source), Bound::Value);
            }
        }
        waiting.extend(parts(node));
    }
    bindings.bind("__name__", Bound::Value);
    bindings
}

/// The names that the statements below a node bind, without those of functions in it.
pub(super) fn of_body(root: Node, source: &str) -> Bindings {
    let mut bindings = Bindings::default();
    let mut waiting = parts(root);
    while let Some(node) = waiting.pop() {
        match node.kind() {
            "function_definition" => {
                if let Some(name) = node.child_by_field_name("name") {
                    bindings.bind(text(name, source), Bound::Function);
                }
                continue;
            }
            "lambda" => continue,
            "class_definition" | "named_expression" => {
                if let Some(name) = node.child_by_field_name("name") {
                    bindings.bind(text(name, source), Bound::Value);
                }
            }
            "assignment" | "augmented_assignment" | "for_statement" => {
                if let Some(left) = node.child_by_field_name("left") {
                    bind_targets(&mut bindings, left, source);
                }
            }
            "delete_statement" | "as_pattern_target" => {
                for target in parts(node) {
                    bind_targets(&mut bindings, target, source);
                }
            }
            "global_statement" => {
                let names = parts(node).into_iter().map(|name| text(name, source).to_owned());
                bindings.globals.extend(names);
            }
            "import_statement" | "import_from_statement" => import(&mut bindings, node, source),
            _ => {}
        }
        waiting.extend(parts(node));
    }
    bindings
}

fn bind_targets(bindings: &mut Bindings, target: Node, source: &str) {
    let mut waiting = vec![target];
    while let Some(node) = waiting.pop() {
        match node.kind() {
            "identifier" => bindings.bind(text(node, source), Bound::Value),
            "pattern_list"
            | "tuple_pattern"
            | "list_pattern"
            | "expression_list"
            | "tuple"
            | "list"
            | "list_splat_pattern"
            | "parenthesized_expression" => waiting.extend(parts(node)),
            _ => {}
        }
    }
}

fn import(bindings: &mut Bindings, node: Node, source: &str) {
    let module = node
        .child_by_field_name("module_name")
        .map(|name| text(name, source));
    for item in fields(node, "name") {
        let (name, alias) = imported(item, source);
        let how = match module {
            None => Bound::Module(name.to_owned()),
            Some(module) => Bound::Member(module.to_owned(), name.to_owned()),
        };
        bindings.bind(alias, how);
    }
}

/// The name that is imported, and the name that it gets here.
pub(super) fn imported<'s>(item: Node, source: &'s str) -> (&'s str, &'s str) {
    let part = |field| item.child_by_field_name(field).map(|node| text(node, source));
    match (part("name"), part("alias")) {
        (Some(name), Some(alias)) => (name, alias),
        _ => (text(item, source), text(item, source)),
    }
}

fn text<'s>(node: Node, source: &'s str) -> &'s str {
    source.get(node.byte_range()).unwrap_or_default()
}
