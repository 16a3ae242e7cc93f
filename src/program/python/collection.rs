//! The built-in functions that make collections and go through them.

use std::cmp::Ordering;

use super::builtin::integer;
use super::library::{Library, arg};
use crate::program::code::Arith;
use crate::program::machine::{Machine, Trouble, truth};
use crate::program::value::{Iterator, Object, Over, Range, Value};

/// Runs one of them; nothing if it is another function.
pub(super) fn call(
    machine: &mut Machine,
    function: Library,
    args: &[Value],
) -> Result<Option<Value>, Trouble> {
    let first = arg(args, 0);
    Ok(Some(match function {
        Library::All => Value::Bool(
            machine
                .take_items(first)?
                .iter()
                .all(|item| truth(item, &machine.heap)),
        ),
        Library::Any => Value::Bool(
            machine
                .take_items(first)?
                .iter()
                .any(|item| truth(item, &machine.heap)),
        ),
        Library::Dict => dict(machine, first)?,
        Library::Enumerate => {
            let from = match arg(args, 1) {
                Value::Unset => 0,
                from => integer(machine, from)?,
            };
            let over = lasting(machine, first)?;
            machine.iterator(Over::Enumerate(over, from))
        }
        Library::Iterator => machine.iterate(first.clone())?,
        Library::Len => Value::Int(len(machine, first)?),
        Library::List | Library::Taken => {
            let items = ordered_items(machine, first)?;
            machine.heap.add(Object::List(items))
        }
        Library::Max | Library::Min => extreme(machine, function, args)?,
        Library::MaxByKeys => extreme_by_keys(machine, args, Ordering::Greater)?,
        Library::MinByKeys => extreme_by_keys(machine, args, Ordering::Less)?,
        Library::Range => range(machine, args)?,
        Library::Reversed => {
            let over = match first {
                Value::Ref(place) if machine.list(*place).is_none() => {
                    return Err(Trouble::unsupported("reversed() of this is not supported here"));
                }
                over => over.clone(),
            };
            let count = len(machine, first)?;
            machine.iterator(Over::Reversed(over, count))
        }
        Library::Set => {
            let items = match first {
                Value::Unset => Vec::new(),
                items => machine.take_items(items)?,
            };
            machine.set_of(items)?
        }
        Library::Sorted => {
            let mut items = machine.take_items(first)?;
            sort(machine, &mut items, arg(args, 1))?;
            machine.heap.add(Object::List(items))
        }
        Library::SortByKeys => {
            let items = machine.items(first)?;
            let keys = machine.items(arg(args, 1))?;
            let mut pairs: Vec<(Value, Value)> = keys.into_iter().zip(items).collect();
            let backwards = truth(arg(args, 2), &machine.heap);
            sort_with(&mut pairs, |a, b| {
                let order = machine.order("<", &a.0, &b.0)?;
                Ok(if backwards { order.reverse() } else { order })
            })?;
            let items = pairs.into_iter().map(|(_, item)| item).collect();
            machine.heap.add(Object::List(items))
        }
        Library::Sum => sum(machine, first, arg(args, 1))?,
        Library::Tuple => Value::Tuple(ordered_items(machine, first)?.into()),
        Library::Zip => {
            let all = args
                .iter()
                .map(|each| lasting(machine, each))
                .collect::<Result<_, _>>()?;
            machine.iterator(Over::Zip(all))
        }
        _ => return Ok(None),
    }))
}

/// `len(value)`.
pub(super) fn len(machine: &Machine, value: &Value) -> Result<i64, Trouble> {
    let count = match value {
        Value::Str(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Tuple(items) => items.len(),
        Value::Range(range) => return Ok(range.len()),
        Value::Ref(place) => match machine.heap.get(*place) {
            Object::List(items) | Object::Set(items) => items.len(),
            Object::Dict(pairs) => pairs.len(),
            Object::View(_, dict) => return len(machine, dict),
            Object::Iterator(_) | Object::File(_) => return Err(no_len(machine, value)),
        },
        _ => return Err(no_len(machine, value)),
    };
    Ok(count as i64)
}

fn no_len(machine: &Machine, value: &Value) -> Trouble {
    let kind = machine.type_name(value);
    Trouble::raise("TypeError", format!("object of type '{kind}' has no len()"))
}

/// The items in an order that Python gives them in, too.
pub(super) fn ordered_items(machine: &mut Machine, value: &Value) -> Result<Vec<Value>, Trouble> {
    if *value == Value::Unset {
        return Ok(Vec::new());
    }
    machine.check_order(value)?;
    machine.take_items(value)
}

/// What an iterator can go through by index. The items of another iterator are taken out for it.
fn lasting(machine: &mut Machine, value: &Value) -> Result<Value, Trouble> {
    machine.check_order(value)?;
    match value {
        Value::Ref(place) => match machine.heap.get(*place) {
            Object::Iterator(Iterator { .. }) => Ok(Value::Tuple(machine.take_items(value)?.into())),
            Object::File(_) => Err(Trouble::unsupported(
                "enumerate and zip of a file are not supported here",
            )),
            _ => Ok(value.clone()),
        },
        // Only to raise for what cannot be gone through.
        other => machine.items(other).map(|_| other.clone()),
    }
}

fn dict(machine: &mut Machine, from: &Value) -> Result<Value, Trouble> {
    let new = machine.heap.add(Object::Dict(Vec::new()));
    if let Value::Ref(place) = from
        && let Some(pairs) = machine.pairs(*place).map(<[_]>::to_vec)
    {
        for (key, value) in pairs {
            machine.set_item(&new, &key, value)?;
        }
        return Ok(new);
    }
    for (index, pair) in ordered_items(machine, from)?.iter().enumerate() {
        match machine.items(pair).as_deref() {
            Ok([key, value]) => machine.set_item(&new, key, value.clone())?,
            Ok(other) => {
                let count = other.len();
                let sentence =
                    format!("dictionary update sequence element #{index} has length {count}; 2 is required");
                return Err(Trouble::raise("ValueError", sentence));
            }
            Err(_) => {
                let sentence =
                    format!("cannot convert dictionary update sequence element #{index} to a sequence");
                return Err(Trouble::raise("TypeError", sentence));
            }
        }
    }
    Ok(new)
}

fn range(machine: &Machine, args: &[Value]) -> Result<Value, Trouble> {
    let number = |index: usize| integer(machine, arg(args, index));
    let (start, stop) = match arg(args, 1) {
        Value::Unset => (0, number(0)?),
        _ => (number(0)?, number(1)?),
    };
    let step = match arg(args, 2) {
        Value::Unset => 1,
        _ => number(2)?,
    };
    if step == 0 {
        return Err(Trouble::raise("ValueError", "range() arg 3 must not be zero"));
    }
    Ok(Value::Range(Range { start, stop, step }))
}

fn sum(machine: &mut Machine, items: &Value, start: &Value) -> Result<Value, Trouble> {
    let mut total = match start {
        Value::Unset => Value::Int(0),
        start => start.clone(),
    };
    if matches!(total, Value::Str(_)) {
        return Err(Trouble::raise(
            "TypeError",
            "sum() can't sum strings [use ''.join(seq) instead]",
        ));
    }
    for item in machine.take_items(items)? {
        total = machine.binary(Arith::Add, &total, &item)?;
    }
    Ok(total)
}

/// `max` and `min` of several values, or of one iterable.
fn extreme(machine: &mut Machine, function: Library, args: &[Value]) -> Result<Value, Trouble> {
    let (sign, wanted, name) = match function {
        Library::Max => (">", Ordering::Greater, "max"),
        _ => ("<", Ordering::Less, "min"),
    };
    let items = match args {
        [_, one] => machine.take_items(one)?,
        [_, many @ ..] if !many.is_empty() => many.to_vec(),
        _ => {
            let sentence = format!("{name} expected at least 1 argument, got 0");
            return Err(Trouble::raise("TypeError", sentence));
        }
    };
    let mut items = items.into_iter();
    let Some(mut best) = items.next() else {
        return match arg(args, 0) {
            Value::Unset => Err(Trouble::raise(
                "ValueError",
                format!("{name}() arg is an empty sequence"),
            )),
            default => Ok(default.clone()),
        };
    };
    for item in items {
        if machine.order(sign, &item, &best)? == wanted {
            best = item;
        }
    }
    Ok(best)
}

fn extreme_by_keys(machine: &mut Machine, args: &[Value], wanted: Ordering) -> Result<Value, Trouble> {
    let items = machine.items(arg(args, 0))?;
    let keys = machine.items(arg(args, 1))?;
    let (name, sign) = match wanted {
        Ordering::Greater => ("max", ">"),
        _ => ("min", "<"),
    };
    let mut pairs = keys.into_iter().zip(items);
    let Some(mut best) = pairs.next() else {
        return Err(Trouble::raise(
            "ValueError",
            format!("{name}() arg is an empty sequence"),
        ));
    };
    for pair in pairs {
        if machine.order(sign, &pair.0, &best.0)? == wanted {
            best = pair;
        }
    }
    Ok(best.1)
}

/// Sorts as Python does: equal items keep their order, backwards, too.
pub(super) fn sort(machine: &Machine, items: &mut [Value], backwards: &Value) -> Result<(), Trouble> {
    let backwards = truth(backwards, &machine.heap);
    sort_with(items, |a, b| {
        let order = machine.order("<", a, b)?;
        Ok(if backwards { order.reverse() } else { order })
    })
}

/// A sort whose comparison may fail; the first failure, in Python's order of comparing, is what counts.
fn sort_with<T>(
    items: &mut [T],
    mut order: impl FnMut(&T, &T) -> Result<Ordering, Trouble>,
) -> Result<(), Trouble> {
    // Python compares the second item with the first; whether all are comparable shows on the way.
    for index in 1..items.len() {
        order(&items[index], &items[index - 1])?;
    }
    let mut trouble = None;
    items.sort_by(|a, b| {
        order(a, b).unwrap_or_else(|failed| {
            trouble.get_or_insert(failed);
            Ordering::Equal
        })
    });
    trouble.map_or(Ok(()), Err)
}
