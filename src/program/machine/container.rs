//! Lists, dicts, tuples and strings: making them, going through them, taking and setting their items.

use super::dynamic::as_int;
use super::{Machine, Trouble};
use crate::program::code::{Arith, Instr};
use crate::program::value::{Object, Ref, Value};

/// No list or string grows longer.
const MAX_LEN: usize = 1 << 20;

impl Machine {
    pub(super) fn compute_container(&mut self, instr: Instr) -> Result<(), Trouble> {
        match instr {
            Instr::MakeTuple(count) => {
                let items = self.pop_many(count as usize);
                self.push(Value::Tuple(items.into()));
            }
            Instr::MakeList(count) => {
                let items = self.pop_many(count as usize);
                let list = self.heap.add(Object::List(items));
                self.push(list);
            }
            Instr::MakeSet(count) => {
                let mut set = Vec::new();
                for item in self.pop_many(count as usize) {
                    if !self.contains(&set, &item) {
                        set.push(item);
                    }
                }
                let set = self.heap.add(Object::Set(set));
                self.push(set);
            }
            Instr::MakeDict(count) => {
                let items = self.pop_many(2 * count as usize);
                let dict = self.heap.add(Object::Dict(Vec::new()));
                for pair in items.chunks_exact(2) {
                    self.set_item(&dict, &pair[0], pair[1].clone())?;
                }
                self.push(dict);
            }
            Instr::Unpack(count) => {
                let value = self.pop();
                let items = self.items(&value)?;
                if items.len() != count as usize {
                    let sentence = if items.len() > count as usize {
                        format!("too many values to unpack (expected {count})")
                    } else {
                        format!(
                            "not enough values to unpack (expected {count}, got {})",
                            items.len()
                        )
                    };
                    return Err(Trouble::raise("ValueError", sentence));
                }
                self.stack.extend(items.into_iter().rev());
            }
            Instr::Item => {
                let (container, key) = self.pop_two();
                let item = self.item(&container, &key)?;
                self.push(item);
            }
            Instr::SetItem => {
                let (container, key) = self.pop_two();
                let value = self.pop();
                self.set_item(&container, &key, value)?;
            }
            Instr::DeleteItem => {
                let (container, key) = self.pop_two();
                self.delete_item(&container, &key)?;
            }
            Instr::Slice => {
                let (start, stop) = self.pop_two();
                let sequence = self.pop();
                let part = self.slice(&sequence, &start, &stop)?;
                self.push(part);
            }
            Instr::Iterate => {
                let over = self.pop();
                // Only to raise for what cannot be gone through.
                self.next_of(&over, 0)?;
                let iterator = match over {
                    Value::Ref(place) if matches!(self.heap.get(place), Object::Iterator { .. }) => over,
                    over => self.heap.add(Object::Iterator { over, index: 0 }),
                };
                self.push(iterator);
            }
            Instr::Next(end) => self.next(end)?,
            // Every other instruction was executed before it came here.
            _ => {}
        }
        Ok(())
    }

    /// The items that a loop over a value would see; of a dict, its keys.
    pub(in crate::program) fn items(&self, value: &Value) -> Result<Vec<Value>, Trouble> {
        let mut items = Vec::new();
        while let Some(item) = self.next_of(value, items.len() as i64)? {
            limit(items.len())?;
            items.push(item);
        }
        Ok(items)
    }

    /// The `index`th item of what can be gone through.
    fn next_of(&self, value: &Value, index: i64) -> Result<Option<Value>, Trouble> {
        let at = index as usize;
        Ok(match value {
            Value::Tuple(items) => items.get(at).cloned(),
            Value::Str(text) => text.chars().nth(at).map(|c| Value::Str(c.to_string().into())),
            Value::Bytes(bytes) => bytes.get(at).map(|byte| Value::Int(i64::from(*byte))),
            Value::Range(range) => range.get(index).map(Value::Int),
            Value::Ref(place) => match self.heap.get(*place) {
                Object::List(items) | Object::Set(items) => items.get(at).cloned(),
                Object::Dict(pairs) => pairs.get(at).map(|(key, _)| key.clone()),
                Object::Iterator { over, index: start } => match over {
                    // An iterator over an iterator is never made.
                    Value::Ref(inner) if matches!(self.heap.get(*inner), Object::Iterator { .. }) => None,
                    over => self.next_of(over, start + index)?,
                },
                Object::File(_) => return Err(self.not_iterable(value)),
            },
            _ => return Err(self.not_iterable(value)),
        })
    }

    fn next(&mut self, end: u32) -> Result<(), Trouble> {
        let Value::Ref(place) = self.top(0) else {
            return Err(Trouble::raise("TypeError", "object is not an iterator"));
        };
        let (over, index) = match self.heap.get(place) {
            Object::Iterator { over, index } => (over.clone(), *index),
            _ => return Err(Trouble::raise("TypeError", "object is not an iterator")),
        };
        if let Some(item) = self.next_of(&over, index)? {
            if let Object::Iterator { index, .. } = self.heap.get_mut(place) {
                *index += 1;
            }
            self.push(item);
        } else {
            self.pop();
            if let Some(frame) = self.frames.last_mut() {
                frame.at = end;
            }
        }
        Ok(())
    }

    /// `container[key]`.
    pub(in crate::program) fn item(&self, container: &Value, key: &Value) -> Result<Value, Trouble> {
        match container {
            Value::Tuple(items) => Ok(items[position("tuple", key, items.len())?].clone()),
            Value::Str(text) => {
                let at = position("string", key, text.chars().count())?;
                let found = text.chars().nth(at).map(String::from).unwrap_or_default();
                Ok(Value::Str(found.into()))
            }
            Value::Bytes(bytes) => Ok(Value::Int(i64::from(bytes[position("index", key, bytes.len())?]))),
            Value::Range(range) => {
                let at = position("range object", key, range.len() as usize)?;
                Ok(Value::Int(range.get(at as i64).unwrap_or_default()))
            }
            Value::Ref(place) => match self.heap.get(*place) {
                Object::List(items) => Ok(items[position("list", key, items.len())?].clone()),
                Object::Dict(pairs) => pairs
                    .iter()
                    .find(|(other, _)| self.equal(other, key))
                    .map(|(_, value)| value.clone())
                    .ok_or_else(|| self.key_error(key)),
                _ => Err(self.not_subscriptable(container)),
            },
            _ => Err(self.not_subscriptable(container)),
        }
    }

    /// `container[key] = value`.
    pub(in crate::program) fn set_item(
        &mut self,
        container: &Value,
        key: &Value,
        value: Value,
    ) -> Result<(), Trouble> {
        let Value::Ref(place) = container else {
            return Err(self.not_assignable(container));
        };
        match self.heap.get(*place) {
            Object::List(items) => {
                let at = position("list assignment", key, items.len())?;
                if let Object::List(items) = self.heap.get_mut(*place) {
                    items[at] = value;
                }
            }
            Object::Dict(pairs) => {
                let found = pairs.iter().position(|(other, _)| self.equal(other, key));
                limit(pairs.len())?;
                if let Object::Dict(pairs) = self.heap.get_mut(*place) {
                    match found {
                        Some(at) => pairs[at].1 = value,
                        None => pairs.push((key.clone(), value)),
                    }
                }
            }
            _ => return Err(self.not_assignable(container)),
        }
        Ok(())
    }

    fn delete_item(&mut self, container: &Value, key: &Value) -> Result<(), Trouble> {
        let Value::Ref(place) = container else {
            return Err(self.not_assignable(container));
        };
        match self.heap.get(*place) {
            Object::List(items) => {
                let at = position("list assignment", key, items.len())?;
                if let Object::List(items) = self.heap.get_mut(*place) {
                    items.remove(at);
                }
            }
            Object::Dict(pairs) => {
                let Some(at) = pairs.iter().position(|(other, _)| self.equal(other, key)) else {
                    return Err(self.key_error(key));
                };
                if let Object::Dict(pairs) = self.heap.get_mut(*place) {
                    pairs.remove(at);
                }
            }
            _ => return Err(self.not_assignable(container)),
        }
        Ok(())
    }

    fn slice(&mut self, sequence: &Value, start: &Value, stop: &Value) -> Result<Value, Trouble> {
        let items = match sequence {
            Value::Bytes(bytes) => {
                let (from, to) = bounds(start, stop, bytes.len())?;
                return Ok(Value::Bytes(bytes[from..to].into()));
            }
            Value::Str(_) | Value::Tuple(_) => self.items(sequence)?,
            Value::Ref(place) if self.list(*place).is_some() => self.items(sequence)?,
            _ => return Err(self.not_subscriptable(sequence)),
        };
        let (from, to) = bounds(start, stop, items.len())?;
        let part = items[from..to].to_vec();
        Ok(match sequence {
            Value::Str(_) => {
                let text: String = part.iter().map(|item| self.text(item)).collect();
                Value::Str(text.into())
            }
            Value::Tuple(_) => Value::Tuple(part.into()),
            _ => self.heap.add(Object::List(part)),
        })
    }

    pub(super) fn repeat(&mut self, sequence: &Value, times: i64) -> Result<Value, Trouble> {
        let times = usize::try_from(times).unwrap_or(0);
        let total = |len: usize| limit(len.saturating_mul(times));
        match sequence {
            Value::Str(text) => {
                total(text.len())?;
                Ok(Value::Str(text.repeat(times).into()))
            }
            Value::Bytes(bytes) => {
                total(bytes.len())?;
                Ok(Value::Bytes(bytes.repeat(times).into()))
            }
            Value::Tuple(items) => {
                total(items.len())?;
                Ok(Value::Tuple(repeated(items, times).into()))
            }
            Value::Ref(place) => match self.list(*place) {
                Some(items) => {
                    total(items.len())?;
                    let items = repeated(items, times);
                    Ok(self.heap.add(Object::List(items)))
                }
                None => Err(self.unfit(Arith::Mul, sequence, &Value::Int(0))),
            },
            _ => Err(self.unfit(Arith::Mul, sequence, &Value::Int(0))),
        }
    }

    pub(super) fn list(&self, place: Ref) -> Option<&[Value]> {
        match self.heap.get(place) {
            Object::List(items) => Some(items),
            _ => None,
        }
    }

    fn not_iterable(&self, value: &Value) -> Trouble {
        Trouble::raise(
            "TypeError",
            format!("'{}' object is not iterable", self.type_name(value)),
        )
    }

    fn not_subscriptable(&self, value: &Value) -> Trouble {
        Trouble::raise(
            "TypeError",
            format!("'{}' object is not subscriptable", self.type_name(value)),
        )
    }

    fn not_assignable(&self, value: &Value) -> Trouble {
        Trouble::raise(
            "TypeError",
            format!(
                "'{}' object does not support item assignment",
                self.type_name(value)
            ),
        )
    }

    fn key_error(&self, key: &Value) -> Trouble {
        Trouble::raise("KeyError", self.show_value(key, 0))
    }
}

/// The index that a key means, counted from the end if it is negative.
fn position(kind: &str, key: &Value, len: usize) -> Result<usize, Trouble> {
    let Some(index) = as_int(key) else {
        return Err(Trouble::raise(
            "TypeError",
            format!("{kind} indices must be integers"),
        ));
    };
    let from_start = if index < 0 { index + len as i64 } else { index };
    usize::try_from(from_start)
        .ok()
        .filter(|at| *at < len)
        .ok_or_else(|| Trouble::raise("IndexError", format!("{kind} index out of range")))
}

fn bounds(start: &Value, stop: &Value, len: usize) -> Result<(usize, usize), Trouble> {
    let bound = |value: &Value, missing: usize| match value {
        Value::None => Ok(missing),
        other => as_int(other)
            .map(|index| (if index < 0 { index + len as i64 } else { index }).clamp(0, len as i64) as usize)
            .ok_or_else(|| Trouble::raise("TypeError", "slice indices must be integers or None")),
    };
    let (from, to) = (bound(start, 0)?, bound(stop, len)?);
    Ok((from, to.max(from)))
}

/// The items, so many times over.
fn repeated(items: &[Value], times: usize) -> Vec<Value> {
    std::iter::repeat_n(items, times).flatten().cloned().collect()
}

pub(super) fn limit(len: usize) -> Result<(), Trouble> {
    if len > MAX_LEN {
        return Err(Trouble::unsupported(
            "a value of more than a million items is more than stepping allows",
        ));
    }
    Ok(())
}
