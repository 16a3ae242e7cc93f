//! Python's calls: of whatever a value is, with arguments by position, by name, or out of a list.

use super::signals::FrameKind;
use super::{Machine, Outcome, Trouble};
use crate::program::code::{Function, FunctionId, Native};
use crate::program::python;
use crate::program::value::{Tuple, Value};

impl Machine {
    /// Calls a value with these arguments; `names` are those of the last of them.
    pub(super) fn call_value(
        &mut self,
        callee: &Value,
        args: Vec<Value>,
        names: &[Value],
    ) -> Result<Outcome, Trouble> {
        match callee {
            Value::Native(native @ Native::Python(function)) => {
                let args = python::bind(self, *function, args, names)?;
                self.native(*native, args)
            }
            Value::Class(class) if names.is_empty() => {
                self.push(python::construct(class, args));
                Ok(Outcome::Ran)
            }
            Value::Function(id) => {
                let args = self.arrange(*id, args, names)?;
                self.enter(*id, args, FrameKind::Plain)?;
                Ok(Outcome::Ran)
            }
            callee => {
                self.enter_value(callee, args, FrameKind::Plain)?;
                Ok(Outcome::Ran)
            }
        }
    }

    pub(super) fn call_named(&mut self, count: usize, names: u32) -> Result<Outcome, Trouble> {
        let args = self.pop_arguments(count);
        let callee = self.pop();
        let names = self.names(names);
        self.call_value(&callee, args, &names)
    }

    pub(super) fn call_spread(&mut self, names: u32) -> Result<Outcome, Trouble> {
        let names = self.names(names);
        let named = self.pop_many(names.len());
        let list = self.pop();
        let callee = self.pop();
        let args = [self.items(&list)?, named].concat();
        self.call_value(&callee, args, &names)
    }

    fn names(&self, constant: u32) -> Tuple {
        match &self.program.constants[constant as usize] {
            Value::Tuple(names) => names.clone(),
            _ => [].into(),
        }
    }

    /// Puts the arguments of a function in the order of its parameters, with defaults where there are none.
    pub(super) fn arrange(
        &self,
        id: FunctionId,
        mut args: Vec<Value>,
        names: &[Value],
    ) -> Result<Vec<Value>, Trouble> {
        let function = self.program.function(id);
        let named = args.split_off(args.len().saturating_sub(names.len()));
        let wanted = function.params.len();
        let first_default = wanted - function.defaults.len().min(wanted);
        if args.len() > wanted {
            return Err(too_many(function, first_default, args.len()));
        }
        args.resize(wanted, Value::Unset);
        for (name, value) in names.iter().zip(named) {
            let name = self.text(name);
            let Some(at) = parameters(function).position(|parameter| parameter == name) else {
                return Err(type_error(
                    function,
                    &format!("got an unexpected keyword argument '{name}'"),
                ));
            };
            if args[at] != Value::Unset {
                return Err(type_error(
                    function,
                    &format!("got multiple values for argument '{name}'"),
                ));
            }
            args[at] = value;
        }
        for (arg, default) in args[first_default..].iter_mut().zip(&function.defaults) {
            if *arg == Value::Unset {
                *arg = default.clone();
            }
        }
        let missing: Vec<&str> = parameters(function)
            .zip(&args)
            .filter(|(_, arg)| **arg == Value::Unset)
            .map(|(name, _)| name)
            .collect();
        if missing.is_empty() {
            return Ok(args);
        }
        Err(too_few(function, &missing))
    }
}

/// The names of a function's parameters: those of its first variables.
fn parameters(function: &Function) -> impl Iterator<Item = &str> {
    let variables = function.variables.iter().take(function.params.len());
    variables.map(|variable| variable.name.as_str())
}

fn too_many(function: &Function, least: usize, given: usize) -> Trouble {
    let wanted = function.params.len();
    let takes = if least < wanted {
        format!("from {least} to {wanted} positional arguments")
    } else {
        format!(
            "{wanted} positional argument{}",
            if wanted == 1 { "" } else { "s" }
        )
    };
    let were = if given == 1 { "was" } else { "were" };
    type_error(function, &format!("takes {takes} but {given} {were} given"))
}

fn too_few(function: &Function, missing: &[&str]) -> Trouble {
    let quoted: Vec<String> = missing.iter().map(|name| format!("'{name}'")).collect();
    let names = match quoted.as_slice() {
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
        [] => String::new(),
    };
    let plural = if missing.len() == 1 { "" } else { "s" };
    let count = missing.len();
    type_error(
        function,
        &format!("missing {count} required positional argument{plural}: {names}"),
    )
}

fn type_error(function: &Function, what: &str) -> Trouble {
    Trouble::raise("TypeError", format!("{}() {what}", function.name))
}
