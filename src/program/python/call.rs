//! Calls: of functions by name or value, of methods, and of what the library computes with the program's functions.

use tree_sitter::Node;

use super::library::Method;
use super::module::Entry;
use super::scope::Compiler;
use super::{Compiled, Library, bind, method, parts};
use crate::program::code::{Instr, Native};
use crate::program::value::Value;

/// The arguments of a call as they are written.
struct Arguments<'tree> {
    positional: Vec<Node<'tree>>,
    /// Whether one of them is `*list`.
    spread: bool,
    named: Vec<(&'tree str, Node<'tree>)>,
}

impl<'tree> Compiler<'tree> {
    pub(super) fn call(&mut self, node: Node<'tree>) -> Compiled<()> {
        let callee = self.field(node, "function")?;
        let arguments = self.arguments(node)?;
        if let Some(Entry::Function(function)) = self.fixed(callee) {
            self.check_callee(callee)?;
            return self.call_library(node, function, &arguments);
        }
        if callee.kind() == "attribute" && self.fixed(callee).is_none() && self.module_of(callee).is_none() {
            return self.call_method(node, callee, &arguments);
        }
        if callee.kind() == "identifier" {
            match self.text(callee) {
                name @ ("map" | "filter") if self.is_unknown(name) => {
                    return self.map(node, name, &arguments);
                }
                _ => {}
            }
        }
        self.value(callee)?;
        self.push_arguments(&arguments)
    }

    fn arguments(&self, node: Node<'tree>) -> Compiled<Arguments<'tree>> {
        let list = self.field(node, "arguments")?;
        let mut arguments = Arguments {
            positional: Vec::new(),
            spread: false,
            named: Vec::new(),
        };
        if list.kind() == "generator_expression" {
            arguments.positional.push(list);
            return Ok(arguments);
        }
        for argument in parts(list) {
            match argument.kind() {
                "keyword_argument" => {
                    let name = self.text(self.field(argument, "name")?);
                    if arguments.named.iter().any(|(other, _)| *other == name) {
                        return Err(self.syntax(argument, &format!("keyword argument repeated: {name}")));
                    }
                    arguments.named.push((name, self.field(argument, "value")?));
                }
                "dictionary_splat" => return Err(self.unsupported(argument, "arguments out of a dict")),
                "list_splat" if !arguments.named.is_empty() => {
                    return Err(self.unsupported(argument, "a list of arguments after named ones"));
                }
                _ if !arguments.named.is_empty() => {
                    return Err(self.syntax(argument, "positional argument follows keyword argument"));
                }
                kind => {
                    arguments.spread |= kind == "list_splat";
                    arguments.positional.push(argument);
                }
            }
        }
        if arguments.positional.len() + arguments.named.len() > 200 {
            return Err(self.unsupported(node, "so many arguments"));
        }
        Ok(arguments)
    }

    /// A name of a module or from one must have been imported by now.
    fn check_callee(&mut self, callee: Node<'tree>) -> Compiled<()> {
        match callee.kind() {
            "attribute" => {
                let object = self.field(callee, "object")?;
                self.check_imported(object)
            }
            _ => self.check_imported(callee),
        }
    }

    /// With the callee on the stack, pushes the arguments and calls it.
    fn push_arguments(&mut self, arguments: &Arguments<'tree>) -> Compiled<()> {
        if arguments.spread {
            self.spread(&arguments.positional)?;
        } else {
            for argument in &arguments.positional {
                self.value(*argument)?;
            }
        }
        for (_, value) in &arguments.named {
            self.value(*value)?;
        }
        let args = (arguments.positional.len() + arguments.named.len()) as u8;
        let names: Vec<Value> = arguments
            .named
            .iter()
            .map(|(name, _)| Value::Str((*name).into()))
            .collect();
        let plain = names.is_empty() && !arguments.spread;
        let names = self.constant_place(Value::Tuple(names.into()));
        self.emit(match (plain, arguments.spread) {
            (true, _) => Instr::CallValue { args },
            (_, true) => Instr::CallSpread { names },
            _ => Instr::CallNamed { args, names },
        });
        Ok(())
    }

    /// Makes one list of arguments, some of which are lists themselves.
    fn spread(&mut self, positional: &[Node<'tree>]) -> Compiled<()> {
        self.emit(Instr::MakeList(0));
        for argument in positional {
            self.emit(Instr::Dup);
            if argument.kind() == "list_splat" {
                let inner = parts(*argument)
                    .first()
                    .copied()
                    .ok_or_else(|| self.broken(*argument))?;
                self.value(inner)?;
                self.native(Library::Extend, 2);
            } else {
                self.value(*argument)?;
                self.native(Library::Append, 2);
            }
            self.emit(Instr::Pop);
        }
        Ok(())
    }

    fn call_library(
        &mut self,
        node: Node<'tree>,
        function: Library,
        arguments: &Arguments<'tree>,
    ) -> Compiled<()> {
        if let Some(()) = self.call_with_function(node, function, arguments)? {
            return Ok(());
        }
        let names: Vec<&str> = arguments.named.iter().map(|(name, _)| *name).collect();
        if !arguments.spread {
            let given = arguments.positional.len();
            bind::check(function, given, &names).map_err(|what| self.meaning(node, what))?;
        }
        if arguments.spread || !names.is_empty() {
            self.constant(Value::Native(Native::Python(function)));
            return self.push_arguments(arguments);
        }
        if function == Library::Open && node.parent().is_some_and(|parent| parent.kind() == "attribute") {
            return Err(self.unsupported(node, "a file without a name; Python closes it at once"));
        }
        let positional = &arguments.positional;
        let eager = takes_all(function) && positional.len() == 1;
        self.push_and_call(function, positional.len(), |compiler, index| {
            if eager {
                compiler.taken_up(positional[index])
            } else {
                compiler.value(positional[index])
            }
        })
    }

    /// Pushes the arguments of a function of the library, with a blank for each that was left out, and calls it.
    fn push_and_call(
        &mut self,
        function: Library,
        given: usize,
        mut push: impl FnMut(&mut Self, usize) -> Compiled<()>,
    ) -> Compiled<()> {
        let shape = bind::shape(function);
        let (first, blanks) = shape.blanks(given);
        for index in 0..first {
            push(self, index)?;
        }
        for _ in 0..blanks {
            self.constant(Value::Unset);
        }
        for index in first..given {
            push(self, index)?;
        }
        self.native(function, given + blanks);
        Ok(())
    }

    /// The functions of the library that call a function of the program, or stop early.
    fn call_with_function(
        &mut self,
        node: Node<'tree>,
        function: Library,
        arguments: &Arguments<'tree>,
    ) -> Compiled<Option<()>> {
        if let ([one], Library::Any | Library::All) = (arguments.positional.as_slice(), function)
            && one.kind() == "generator_expression"
        {
            return self.any_or_all(*one, function == Library::Any).map(Some);
        }
        let Some((_, key)) = arguments.named.iter().find(|(name, _)| *name == "key") else {
            return Ok(None);
        };
        let (Library::Sorted | Library::Max | Library::Min, [items]) =
            (function, arguments.positional.as_slice())
        else {
            return Ok(None);
        };
        if items.kind() == "list_splat" {
            return Err(self.unsupported(node, "a key function for a list of arguments"));
        }
        let reverse = arguments.named.iter().find(|(name, _)| *name == "reverse");
        if arguments.named.len() > 1 + usize::from(reverse.is_some()) {
            return Err(self.unsupported(node, "such an argument beside key"));
        }
        let list = self.hidden_slot();
        self.taken_up(*items)?;
        self.native(Library::Taken, 1);
        self.emit(Instr::StoreLocal(list));
        self.keys(*key, list)?;
        match reverse {
            Some((_, reverse)) if function == Library::Sorted => self.value(*reverse)?,
            Some(_) => return Err(self.unsupported(node, "reverse here")),
            None => self.constant(Value::Bool(false)),
        }
        self.native(
            match function {
                Library::Sorted => Library::SortByKeys,
                Library::Max => Library::MaxByKeys,
                _ => Library::MinByKeys,
            },
            3,
        );
        Ok(Some(()))
    }

    /// Pushes the list in a slot, and the list of its keys.
    fn keys(&mut self, key: Node<'tree>, list: u32) -> Compiled<()> {
        let (called, result) = (self.hidden_slot(), self.hidden_slot());
        self.value(key)?;
        self.emit(Instr::StoreLocal(called));
        self.emit(Instr::LoadLocal(list));
        self.emit(Instr::LoadLocal(list));
        self.emit(Instr::Iterate);
        self.map_slots(called, result);
        Ok(())
    }

    /// An argument of which everything is taken at once.
    fn taken_up(&mut self, node: Node<'tree>) -> Compiled<()> {
        if node.kind() == "generator_expression" {
            return self.nested(node, |compiler| compiler.comprehension(node));
        }
        if node.kind() == "call" {
            let callee = self.field(node, "function")?;
            let name = self.text(callee);
            let arguments = self.arguments(node)?;
            if let ("map", [function, items]) = (name, arguments.positional.as_slice())
                && self.is_unknown("map")
                && arguments.named.is_empty()
                && !arguments.spread
            {
                return self.for_each(*function, *items);
            }
        }
        self.value(node)
    }

    /// `map` where its items are not taken at once: only of functions that nobody notices being called.
    fn map(&mut self, node: Node<'tree>, name: &str, arguments: &Arguments<'tree>) -> Compiled<()> {
        let quiet = |entry: Option<Entry>| {
            matches!(
                entry,
                Some(Entry::Function(
                    Library::Int
                        | Library::Str
                        | Library::Float
                        | Library::Len
                        | Library::Abs
                        | Library::Ord
                        | Library::Chr
                        | Library::Bool
                        | Library::Repr
                ))
            )
        };
        match arguments.positional.as_slice() {
            [function, items] if name == "map" && !arguments.spread && quiet(self.fixed(*function)) => {
                self.for_each(*function, *items)?;
                self.native(Library::Iterator, 1);
                Ok(())
            }
            _ => Err(self.unsupported(node, &format!("{name} here; use a comprehension"))),
        }
    }

    fn call_method(
        &mut self,
        node: Node<'tree>,
        callee: Node<'tree>,
        arguments: &Arguments<'tree>,
    ) -> Compiled<()> {
        let object = self.field(callee, "object")?;
        let name = self.text(self.field(callee, "attribute")?);
        let Some(method) = method::named(name) else {
            return Err(self.unsupported(callee, &format!("the method {name}")));
        };
        let function = Library::Method(method);
        if self.opens_file(object) {
            return Err(self.unsupported(object, "a file without a name; Python closes it at once"));
        }
        let key = arguments.named.iter().find(|(name, _)| *name == "key");
        if let (Method::Sort, Some((_, key))) = (method, key) {
            return self.sort_by(node, object, *key, arguments);
        }
        let names: Vec<&str> = arguments.named.iter().map(|(name, _)| *name).collect();
        if arguments.spread || !names.is_empty() || method == Method::Format {
            self.constant(Value::Native(Native::Python(function)));
            let with_object = Arguments {
                positional: [&[object], arguments.positional.as_slice()].concat(),
                spread: arguments.spread,
                named: arguments.named.clone(),
            };
            if method != Method::Format && !arguments.spread {
                let given = with_object.positional.len();
                bind::check(function, given, &names).map_err(|what| self.meaning(node, what))?;
            }
            return self.push_arguments(&with_object);
        }
        let given = 1 + arguments.positional.len();
        bind::check(function, given, &[]).map_err(|what| self.meaning(node, what))?;
        let positional = &arguments.positional;
        self.push_and_call(function, given, |compiler, index| match index.checked_sub(1) {
            None => compiler.value(object),
            Some(index) if takes_all(function) => compiler.taken_up(positional[index]),
            Some(index) => compiler.value(positional[index]),
        })
    }

    /// `list.sort(key=…)`.
    fn sort_by(
        &mut self,
        node: Node<'tree>,
        object: Node<'tree>,
        key: Node<'tree>,
        arguments: &Arguments<'tree>,
    ) -> Compiled<()> {
        let reverse = arguments.named.iter().find(|(name, _)| *name == "reverse");
        if !arguments.positional.is_empty() || arguments.named.len() > 1 + usize::from(reverse.is_some()) {
            return Err(self.meaning(node, "sort takes key and reverse".to_owned()));
        }
        let list = self.hidden_slot();
        self.value(object)?;
        self.native(Library::CheckList, 1);
        self.emit(Instr::StoreLocal(list));
        self.keys(key, list)?;
        match reverse {
            Some((_, reverse)) => self.value(*reverse)?,
            None => self.constant(Value::Bool(false)),
        }
        self.native(Library::SortByKeys, 3);
        self.emit(Instr::LoadLocal(list));
        self.emit(Instr::Swap);
        self.native(Library::Replace, 2);
        Ok(())
    }
}

/// Whether a function takes all items of its one argument before it does anything else.
fn takes_all(function: Library) -> bool {
    matches!(
        function,
        Library::Dict
            | Library::List
            | Library::Max
            | Library::Min
            | Library::Set
            | Library::Sorted
            | Library::Sum
            | Library::Tuple
            | Library::Method(Method::Join | Method::Extend)
    )
}
