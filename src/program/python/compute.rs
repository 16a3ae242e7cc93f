//! What the language itself does with values where no instruction serves: attributes, formats, growing in place.

use super::builtin::integer;
use super::library::{Attribute, Conversion, Library, arg};
use super::{collection, format};
use crate::program::code::Arith;
use crate::program::machine::{Machine, Trouble, as_int, limit};
use crate::program::value::{Named, Object, Standard, Value};

/// Does one of them; nothing if it is another function.
pub(super) fn call(
    machine: &mut Machine,
    function: Library,
    args: &[Value],
) -> Result<Option<Value>, Trouble> {
    let (first, second) = (arg(args, 0), arg(args, 1));
    Ok(Some(match function {
        Library::AddInPlace => match first {
            Value::Ref(place) if machine.list(*place).is_some() => {
                extend(machine, first, second)?;
                first.clone()
            }
            _ => machine.binary(Arith::Add, first, second)?,
        },
        Library::RepeatInPlace => match first {
            Value::Ref(place) if machine.list(*place).is_some() => {
                let repeated = machine.binary(Arith::Mul, first, second)?;
                replace(machine, first, &repeated)?;
                first.clone()
            }
            _ => machine.binary(Arith::Mul, first, second)?,
        },
        Library::Append => {
            append(machine, first, second)?;
            Value::None
        }
        Library::Extend => {
            extend(machine, first, second)?;
            Value::None
        }
        Library::Replace => {
            replace(machine, first, second)?;
            Value::None
        }
        Library::CheckList => match first {
            Value::Ref(place) if machine.list(*place).is_some() => first.clone(),
            other => return Err(no_attribute(machine, other, "sort")),
        },
        Library::SetAdd => {
            set_add(machine, first, second)?;
            Value::None
        }
        Library::Attribute(attribute) => attribute_of(machine, first, attribute)?,
        Library::Concat => {
            let mut text = String::new();
            for part in args {
                text += &machine.str_of(part)?;
                limit(text.len())?;
            }
            Value::Str(text.into())
        }
        Library::Format(conversion) => {
            let value = match conversion {
                Conversion::None => first.clone(),
                Conversion::Repr => Value::Str(machine.repr_of(first)?.into()),
                Conversion::Str => Value::Str(machine.str_of(first)?.into()),
            };
            let spec = machine.text(second);
            Value::Str(format::formatted(machine, &value, &spec)?.into())
        }
        Library::SliceBy => slice(machine, args)?,
        Library::TypeName => {
            let name = machine.type_name(first);
            Value::Str(name.rsplit('.').next().unwrap_or(name).into())
        }
        _ => return Ok(None),
    }))
}

pub(super) fn append(machine: &mut Machine, list: &Value, item: &Value) -> Result<(), Trouble> {
    if let Value::Ref(place) = list
        && let Object::List(items) = machine.heap.get_mut(*place)
    {
        limit(items.len())?;
        items.push(item.clone());
    }
    Ok(())
}

pub(super) fn extend(machine: &mut Machine, list: &Value, more: &Value) -> Result<(), Trouble> {
    let more = collection::ordered_items(machine, more)?;
    if let Value::Ref(place) = list
        && let Object::List(items) = machine.heap.get_mut(*place)
    {
        limit(items.len() + more.len())?;
        items.extend(more);
    }
    Ok(())
}

/// Gives a list the items of another.
fn replace(machine: &mut Machine, list: &Value, by: &Value) -> Result<(), Trouble> {
    let new = machine.items(by)?;
    if let Value::Ref(place) = list
        && let Object::List(items) = machine.heap.get_mut(*place)
    {
        *items = new;
    }
    Ok(())
}

pub(super) fn set_add(machine: &mut Machine, set: &Value, item: &Value) -> Result<(), Trouble> {
    machine.check_hashable(item)?;
    let Value::Ref(place) = set else { return Ok(()) };
    let known = match machine.heap.get(*place) {
        Object::Set(items) => machine.contains(items, item),
        _ => true,
    };
    if let (false, Object::Set(items)) = (known, machine.heap.get_mut(*place)) {
        limit(items.len())?;
        items.push(item.clone());
    }
    Ok(())
}

/// A slice with a step.
fn slice(machine: &mut Machine, args: &[Value]) -> Result<Value, Trouble> {
    let (sequence, start, stop, step) = (arg(args, 0), arg(args, 1), arg(args, 2), arg(args, 3));
    let kind = machine.type_name(sequence);
    if !matches!(kind, "str" | "list" | "tuple") {
        return Err(Trouble::unsupported(format!(
            "a slice with a step of a {kind} is not supported here"
        )));
    }
    let step = match step {
        Value::None => 1,
        step => integer(machine, step)?,
    };
    if step == 0 {
        return Err(Trouble::raise("ValueError", "slice step cannot be zero"));
    }
    let items = machine.items(sequence)?;
    let len = items.len() as i64;
    let (low, high) = if step > 0 { (0, len) } else { (-1, len - 1) };
    let bound = |value: &Value, missing: i64| match value {
        Value::None => Ok(missing),
        value => match as_int(value) {
            Some(index) => Ok((if index < 0 { index + len } else { index }).clamp(low, high)),
            None => Err(Trouble::raise(
                "TypeError",
                "slice indices must be integers or None or have an __index__ method",
            )),
        },
    };
    let (first, end) = if step > 0 { (low, high) } else { (high, low) };
    let (mut at, end) = (bound(start, first)?, bound(stop, end)?);
    let mut part = Vec::new();
    while (step > 0 && at < end) || (step < 0 && at > end) {
        part.extend(items.get(at as usize).cloned());
        at = at.saturating_add(step);
    }
    Ok(match sequence {
        Value::Str(_) => {
            let text: String = part.iter().map(|item| machine.text(item)).collect();
            Value::Str(text.into())
        }
        Value::Tuple(_) => Value::Tuple(part.into()),
        _ => machine.heap.add(Object::List(part)),
    })
}

/// An attribute of an exception, a file or a signal.
fn attribute_of(machine: &Machine, value: &Value, attribute: Attribute) -> Result<Value, Trouble> {
    let found = match value {
        Value::Exception(exception) => super::error::attribute(exception, attribute),
        Value::Named(named) => match attribute {
            Attribute::Name => Some(Value::Str(super::name_of(*named).into())),
            Attribute::Number => Some(Value::Int(named.number())),
            _ => None,
        },
        Value::Standard(stream) => match attribute {
            Attribute::Name => Some(Value::Str(
                match stream {
                    Standard::In => "<stdin>",
                    Standard::Out => "<stdout>",
                    Standard::Err => "<stderr>",
                }
                .into(),
            )),
            Attribute::Closed => Some(Value::Bool(false)),
            _ => None,
        },
        Value::Ref(place) => match (machine.heap.get(*place), attribute) {
            (Object::File(file), Attribute::Name) => Some(file.name.clone()),
            (Object::File(file), Attribute::Mode) => Some(Value::Str(std::sync::Arc::clone(&file.mode))),
            (Object::File(file), Attribute::Closed) => Some(Value::Bool(file.fd.is_none())),
            _ => None,
        },
        _ => None,
    };
    found.ok_or_else(|| no_attribute(machine, value, attribute.name()))
}

/// The error for an attribute or method that an object does not have.
pub(super) fn no_attribute(machine: &Machine, value: &Value, name: &str) -> Trouble {
    let kind = machine.type_name(value);
    Trouble::raise(
        "AttributeError",
        format!("'{kind}' object has no attribute '{name}'"),
    )
}

impl Attribute {
    fn name(self) -> &'static str {
        match self {
            Self::Args => "args",
            Self::Closed => "closed",
            Self::Code => "code",
            Self::Errno => "errno",
            Self::Filename => "filename",
            Self::Mode => "mode",
            Self::Name => "name",
            Self::Number => "value",
            Self::Strerror => "strerror",
        }
    }
}

/// Whether a value is a signal's or a handler's name.
pub(super) fn is_handler(value: &Value) -> Option<u8> {
    match value {
        Value::Named(Named::Handler(number)) => Some(*number),
        Value::Int(number @ (0 | 1)) => Some(*number as u8),
        _ => None,
    }
}
