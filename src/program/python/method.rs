//! Methods: which names are known, and those of lists, dicts and sets.

use super::builtin::integer;
use super::collection;
use super::compute::{append, extend, no_attribute, set_add};
use super::library::{Method, arg};
use super::{file, output, string};
use crate::program::machine::{Flow, Machine, Trouble, as_int, key_error, limit};
use crate::program::value::{Object, Ref, Value, View};

/// The method of a name.
pub(super) fn named(name: &str) -> Option<Method> {
    NAMES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, method)| *method)
}

const NAMES: &[(&str, Method)] = &[
    ("add", Method::Add),
    ("append", Method::Append),
    ("capitalize", Method::Capitalize),
    ("center", Method::Center),
    ("clear", Method::Clear),
    ("close", Method::Close),
    ("copy", Method::Copy),
    ("count", Method::Count),
    ("decode", Method::Decode),
    ("discard", Method::Discard),
    ("encode", Method::Encode),
    ("endswith", Method::EndsWith),
    ("extend", Method::Extend),
    ("fileno", Method::Fileno),
    ("find", Method::Find),
    ("flush", Method::Flush),
    ("format", Method::Format),
    ("get", Method::Get),
    ("index", Method::Index),
    ("insert", Method::Insert),
    ("isalpha", Method::IsAlpha),
    ("isdigit", Method::IsDigit),
    ("isspace", Method::IsSpace),
    ("items", Method::Items),
    ("join", Method::Join),
    ("keys", Method::Keys),
    ("ljust", Method::Ljust),
    ("lower", Method::Lower),
    ("lstrip", Method::Lstrip),
    ("pop", Method::Pop),
    ("read", Method::Read),
    ("readline", Method::Readline),
    ("readlines", Method::Readlines),
    ("remove", Method::Remove),
    ("replace", Method::Replace),
    ("reverse", Method::Reverse),
    ("rjust", Method::Rjust),
    ("rstrip", Method::Rstrip),
    ("setdefault", Method::SetDefault),
    ("sort", Method::Sort),
    ("split", Method::Split),
    ("splitlines", Method::Splitlines),
    ("startswith", Method::StartsWith),
    ("strip", Method::Strip),
    ("title", Method::Title),
    ("update", Method::Update),
    ("upper", Method::Upper),
    ("values", Method::Values),
    ("write", Method::Write),
    ("writelines", Method::Writelines),
    ("zfill", Method::Zfill),
];

/// Calls a method of whatever the first argument is.
pub(super) fn call(machine: &mut Machine, method: Method, args: &[Value]) -> Result<Flow, Trouble> {
    // `format` has a count in front.
    let object = match method {
        Method::Format => arg(args, 1).clone(),
        _ => arg(args, 0).clone(),
    };
    let value = match &object {
        Value::Str(text) => string::call(machine, text, method, args)?,
        Value::Bytes(bytes) => string::of_bytes(machine, bytes, method, args)?,
        Value::Standard(stream) => return output::stream_method(machine, *stream, method, args),
        Value::Ref(place) => match machine.heap.get(*place) {
            Object::List(_) => list(machine, *place, method, args)?,
            Object::Dict(_) => dict(machine, *place, method, args)?,
            Object::Set(_) => set(machine, *place, method, args)?,
            Object::File(_) => return file::method(machine, *place, method, args),
            Object::View(..) | Object::Iterator(_) => None,
        },
        _ => return Err(no_attribute(machine, &object, name(method))),
    };
    match value {
        Some(value) => Ok(Flow::Value(value)),
        None => Err(missing(machine, &object, method)),
    }
}

/// A method that an object does not have here: perhaps it has it in Python.
pub(super) fn missing(machine: &Machine, object: &Value, method: Method) -> Trouble {
    let (kind, name) = (machine.type_name(object), name(method));
    let known: &[&str] = match kind {
        "str" | "tuple" => &["index", "count"],
        "bytes" => &[
            "capitalize",
            "center",
            "count",
            "endswith",
            "find",
            "index",
            "isalpha",
            "isdigit",
            "isspace",
            "join",
            "ljust",
            "lower",
            "lstrip",
            "replace",
            "rjust",
            "rstrip",
            "split",
            "splitlines",
            "startswith",
            "strip",
            "title",
            "upper",
            "zfill",
        ],
        "set" => &["update"],
        _ => &[],
    };
    if known.contains(&name) || matches!(kind, "iterator" | "_io.TextIOWrapper") {
        return Trouble::unsupported(format!("the method {name} of a {kind} is not supported here"));
    }
    no_attribute(machine, object, name)
}

fn name(method: Method) -> &'static str {
    NAMES
        .iter()
        .find(|(_, known)| *known == method)
        .map_or("", |(name, _)| name)
}

fn list(machine: &mut Machine, place: Ref, method: Method, args: &[Value]) -> Result<Option<Value>, Trouble> {
    let items = machine.list(place).unwrap_or_default();
    let len = items.len();
    let value = match method {
        Method::Append => {
            append(machine, &Value::Ref(place), arg(args, 1))?;
            Value::None
        }
        Method::Extend => {
            extend(machine, &Value::Ref(place), arg(args, 1))?;
            Value::None
        }
        Method::Count => {
            let wanted = arg(args, 1);
            Value::Int(items.iter().filter(|item| machine.equal(item, wanted)).count() as i64)
        }
        Method::Index => {
            if let Some(at) = items.iter().position(|item| machine.equal(item, arg(args, 1))) {
                Value::Int(at as i64)
            } else {
                let shown = machine.repr_of(arg(args, 1))?;
                return Err(Trouble::raise("ValueError", format!("{shown} is not in list")));
            }
        }
        Method::Copy => {
            let copy = items.to_vec();
            machine.heap.add(Object::List(copy))
        }
        Method::Pop => return pop(machine, place, len, args).map(Some),
        Method::Remove => {
            let Some(at) = items.iter().position(|item| machine.equal(item, arg(args, 1))) else {
                return Err(Trouble::raise("ValueError", "list.remove(x): x not in list"));
            };
            change(machine, place, |items| {
                items.remove(at);
            })
        }
        Method::Insert => {
            limit(len)?;
            let at = integer(machine, arg(args, 1))?;
            let at = (if at < 0 { at + len as i64 } else { at }).clamp(0, len as i64) as usize;
            let item = arg(args, 2).clone();
            change(machine, place, |items| items.insert(at, item))
        }
        Method::Clear => change(machine, place, Vec::clear),
        Method::Reverse => change(machine, place, |items| items.reverse()),
        Method::Sort => {
            let mut sorted = items.to_vec();
            collection::sort(machine, &mut sorted, arg(args, 1))?;
            change(machine, place, |items| *items = sorted)
        }
        _ => return Ok(None),
    };
    Ok(Some(value))
}

fn change(machine: &mut Machine, place: Ref, what: impl FnOnce(&mut Vec<Value>)) -> Value {
    if let Object::List(items) | Object::Set(items) = machine.heap.get_mut(place) {
        what(items);
    }
    Value::None
}

fn pop(machine: &mut Machine, place: Ref, len: usize, args: &[Value]) -> Result<Value, Trouble> {
    if *arg(args, 2) != Value::Unset {
        return Err(Trouble::raise(
            "TypeError",
            "pop expected at most 1 argument, got 2",
        ));
    }
    let index = match arg(args, 1) {
        Value::Unset => -1,
        index => integer(machine, index)?,
    };
    let at = if index < 0 { index + len as i64 } else { index };
    if len == 0 {
        return Err(Trouble::raise("IndexError", "pop from empty list"));
    }
    if !(0..len as i64).contains(&at) {
        return Err(Trouble::raise("IndexError", "pop index out of range"));
    }
    match machine.heap.get_mut(place) {
        Object::List(items) => Ok(items.remove(at as usize)),
        _ => Ok(Value::None),
    }
}

fn dict(machine: &mut Machine, place: Ref, method: Method, args: &[Value]) -> Result<Option<Value>, Trouble> {
    let key = arg(args, 1);
    let pairs = machine.pairs(place).unwrap_or_default();
    let found = pairs.iter().position(|(other, _)| machine.equal(other, key));
    let default = match arg(args, 2) {
        Value::Unset => Value::None,
        default => default.clone(),
    };
    let value = match method {
        Method::Keys => machine.heap.add(Object::View(View::Keys, Value::Ref(place))),
        Method::Values => machine.heap.add(Object::View(View::Values, Value::Ref(place))),
        Method::Items => machine.heap.add(Object::View(View::Items, Value::Ref(place))),
        Method::Get => found.map_or(default, |at| pairs[at].1.clone()),
        Method::SetDefault => {
            if let Some(at) = found {
                pairs[at].1.clone()
            } else {
                machine.set_item(&Value::Ref(place), key, default.clone())?;
                default
            }
        }
        Method::Pop => match (found, arg(args, 2)) {
            _ if *key == Value::Unset => {
                return Err(Trouble::raise(
                    "TypeError",
                    "pop expected at least 1 argument, got 0",
                ));
            }
            (Some(at), _) => match machine.heap.get_mut(place) {
                Object::Dict(pairs) => pairs.remove(at).1,
                _ => Value::None,
            },
            (None, Value::Unset) => return Err(key_error(key)),
            (None, _) => default,
        },
        Method::Copy => {
            let copy = pairs.to_vec();
            machine.heap.add(Object::Dict(copy))
        }
        Method::Clear => {
            if let Object::Dict(pairs) = machine.heap.get_mut(place) {
                pairs.clear();
            }
            Value::None
        }
        Method::Update => {
            let Value::Ref(other) = key else {
                return Err(Trouble::unsupported(
                    "updating a dict from this is not supported here",
                ));
            };
            let Some(more) = machine.pairs(*other).map(<[_]>::to_vec) else {
                return Err(Trouble::unsupported(
                    "updating a dict from this is not supported here",
                ));
            };
            for (key, value) in more {
                machine.set_item(&Value::Ref(place), &key, value)?;
            }
            Value::None
        }
        _ => return Ok(None),
    };
    Ok(Some(value))
}

fn set(machine: &mut Machine, place: Ref, method: Method, args: &[Value]) -> Result<Option<Value>, Trouble> {
    let item = arg(args, 1);
    let items = match machine.heap.get(place) {
        Object::Set(items) => items.as_slice(),
        _ => &[],
    };
    let found = items.iter().position(|other| machine.equal(other, item));
    let value = match method {
        Method::Add => {
            set_add(machine, &Value::Ref(place), item)?;
            Value::None
        }
        Method::Discard | Method::Remove => match found {
            Some(at) => change(machine, place, |items| {
                items.remove(at);
            }),
            None if method == Method::Discard => Value::None,
            None => return Err(key_error(item)),
        },
        Method::Clear => change(machine, place, Vec::clear),
        Method::Copy => {
            let copy = items.to_vec();
            machine.heap.add(Object::Set(copy))
        }
        // Which one it takes is not fixed, unless there is only one.
        Method::Pop if items.len() > 1 => {
            return Err(Trouble::unsupported("which item a set pops is not fixed"));
        }
        Method::Pop => match items.first().cloned() {
            Some(only) => {
                change(machine, place, Vec::clear);
                only
            }
            None => {
                return Err(key_error(&Value::Str("pop from an empty set".into())));
            }
        },
        _ => return Ok(None),
    };
    Ok(Some(value))
}

/// The number that an argument is, or what stands for it when it was left out.
pub(super) fn number_or(machine: &Machine, value: &Value, missing: i64) -> Result<i64, Trouble> {
    match (value, as_int(value)) {
        (Value::Unset | Value::None, _) => Ok(missing),
        (_, Some(number)) => Ok(number),
        (other, None) => integer(machine, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_one_method() {
        for (index, (name, method)) in NAMES.iter().enumerate() {
            assert_eq!(named(name), Some(*method));
            assert!(NAMES[..index].iter().all(|(other, _)| other != name), "{name}");
        }
    }
}
