//! The parameters of the library's functions, and how the arguments of a call become them.
//!
//! A function of the library always gets the same number of values: one for each parameter, unset where the call left
//! it out, and after those any number more if it takes any number.

use super::library::{Library, Method};
use crate::program::machine::{Machine, Trouble};
use crate::program::value::Value;

/// The parameters of a function, as it is written down for it: `"fd data"`, `"file mode="`, `"* sep= end="`.
pub(super) struct Shape {
    names: Vec<&'static str>,
    /// How many of them must be given.
    required: usize,
    /// How many can be given by position.
    positional: usize,
    /// Whether any number of values can follow those.
    variadic: bool,
}

impl Shape {
    fn parse(text: &'static str) -> Self {
        let mut shape = Self {
            names: Vec::new(),
            required: 0,
            positional: 0,
            variadic: false,
        };
        let mut by_name_only = false;
        for word in text.split_whitespace() {
            match (word, word.strip_suffix('=')) {
                ("*", _) => (shape.variadic, by_name_only) = (true, true),
                ("|", _) => by_name_only = true,
                (_, Some(name)) => shape.names.push(name),
                (name, None) => {
                    shape.names.push(name);
                    shape.required += 1;
                }
            }
            if !by_name_only {
                shape.positional = shape.names.len();
            }
        }
        shape
    }

    /// How many arguments come before the blanks for those left out, and how many blanks that are.
    pub(super) fn blanks(&self, given: usize) -> (usize, usize) {
        if self.variadic {
            let first = given.min(self.positional);
            (first, self.names.len() - first)
        } else {
            (given, self.names.len().saturating_sub(given))
        }
    }
}

pub(super) fn shape(function: Library) -> Shape {
    Shape::parse(function.parameters())
}

/// Whether a call with so many arguments by position, and these by name, is one that the function takes.
pub(super) fn check(function: Library, given: usize, names: &[&str]) -> Result<(), String> {
    let shape = shape(function);
    if given > shape.positional && !shape.variadic {
        let most = shape.positional;
        return Err(format!(
            "the function takes at most {most} arguments and gets {given}"
        ));
    }
    for name in names {
        match shape.names.iter().position(|known| known == name) {
            None => return Err(format!("the function takes no argument named {name} here")),
            Some(at) if at < given.min(shape.positional) => {
                return Err(format!("the function gets its argument {name} twice"));
            }
            Some(_) => {}
        }
    }
    let missing = shape
        .names
        .iter()
        .take(shape.required)
        .skip(given)
        .find(|name| !names.contains(name));
    match missing {
        Some(name) => Err(format!("the function is called without its argument {name}")),
        None => Ok(()),
    }
}

/// Puts the arguments of a call that is only known while the program runs in the order of the parameters.
pub(in crate::program) fn bind(
    machine: &Machine,
    function: Library,
    mut args: Vec<Value>,
    names: &[Value],
) -> Result<Vec<Value>, Trouble> {
    let named = args.split_off(args.len().saturating_sub(names.len()));
    let texts: Vec<String> = names.iter().map(|name| machine.text(name)).collect();
    if function == Library::Method(Method::Format) {
        // Its names are the program's own; they follow the values, in pairs.
        let count = args.len() as i64;
        let pairs = names
            .iter()
            .zip(named)
            .flat_map(|(name, value)| [name.clone(), value]);
        return Ok([Value::Int(count)].into_iter().chain(args).chain(pairs).collect());
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    check(function, args.len(), &texts).map_err(|what| Trouble::raise("TypeError", what))?;
    let shape = shape(function);
    let rest = args.split_off(args.len().min(shape.positional));
    args.resize(shape.names.len(), Value::Unset);
    for (name, value) in texts.iter().zip(named) {
        if let Some(at) = shape.names.iter().position(|known| known == name) {
            args[at] = value;
        }
    }
    args.extend(rest);
    Ok(args)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_checked_against_the_parameters() {
        for (function, given, names, fits) in [
            (Library::Waitpid, 2, &[][..], true),
            (Library::Waitpid, 1, &[], false),
            (Library::Waitpid, 1, &["options"], true),
            (Library::Waitpid, 2, &["options"], false),
            (Library::Print, 7, &["end", "sep"], true),
            (Library::Print, 0, &["colour"], false),
            (Library::Execl, 1, &[], true),
            (Library::Fork, 1, &[], false),
        ] {
            assert_eq!(
                check(function, given, names).is_ok(),
                fits,
                "{function:?} {given} {names:?}"
            );
        }
    }

    #[test]
    fn blanks_stand_where_nothing_was_given() {
        assert_eq!(shape(Library::Print).blanks(2), (0, 4));
        assert_eq!(shape(Library::Execl).blanks(3), (1, 0));
        assert_eq!(shape(Library::Open).blanks(1), (1, 2));
    }
}
