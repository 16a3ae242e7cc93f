//! Lists, dicts, tuples and strings: making them, taking and setting their items.

use super::dynamic::as_int;
use super::{Machine, Trouble};
use crate::program::code::{Arith, Instr};
use crate::program::python;
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
                let items = self.pop_many(count as usize);
                let set = self.set_of(items)?;
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
                let items = self
                    .take_items(&value)
                    .map_err(|trouble| self.not_unpackable(&value, trouble))?;
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
                let iterator = self.iterate(over)?;
                self.push(iterator);
            }
            // Every other instruction was executed before it came here.
            _ => {}
        }
        Ok(())
    }

    /// `container[key]`.
    pub(in crate::program) fn item(&self, container: &Value, key: &Value) -> Result<Value, Trouble> {
        match container {
            Value::Tuple(items) => Ok(items[self.position("tuple", key, items.len())?].clone()),
            Value::Str(text) => {
                let at = self.position("string", key, text.chars().count())?;
                let found = text.chars().nth(at).map(String::from).unwrap_or_default();
                Ok(Value::Str(found.into()))
            }
            Value::Bytes(bytes) => Ok(Value::Int(i64::from(
                bytes[self.position("byte", key, bytes.len())?],
            ))),
            Value::Range(range) => {
                let at = self.position("range object", key, range.len() as usize)?;
                Ok(Value::Int(range.get(at as i64).unwrap_or_default()))
            }
            Value::Ref(place) => match self.heap.get(*place) {
                Object::List(items) => Ok(items[self.position("list", key, items.len())?].clone()),
                Object::Dict(pairs) => pairs
                    .iter()
                    .find(|(other, _)| self.equal(other, key))
                    .map(|(_, value)| value.clone())
                    .ok_or_else(|| key_error(key)),
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
                let at = self.position("list assignment", key, items.len())?;
                if let Object::List(items) = self.heap.get_mut(*place) {
                    items[at] = value;
                }
            }
            Object::Dict(pairs) => {
                self.check_hashable(key)?;
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
                let at = self.position("list assignment", key, items.len())?;
                if let Object::List(items) = self.heap.get_mut(*place) {
                    items.remove(at);
                }
            }
            Object::Dict(pairs) => {
                let Some(at) = pairs.iter().position(|(other, _)| self.equal(other, key)) else {
                    return Err(key_error(key));
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

    /// The index that a key means, counted from the end if it is negative.
    fn position(&self, kind: &str, key: &Value, len: usize) -> Result<usize, Trouble> {
        let Some(index) = as_int(key) else {
            let (what, given) = (kind.trim_end_matches(" assignment"), self.type_name(key));
            let sentence = if what == "string" {
                format!("string indices must be integers, not '{given}'")
            } else {
                format!("{what} indices must be integers or slices, not {given}")
            };
            return Err(Trouble::raise("TypeError", sentence));
        };
        let from_start = if index < 0 { index + len as i64 } else { index };
        let what = if kind == "byte" { "" } else { kind };
        usize::try_from(from_start)
            .ok()
            .filter(|at| *at < len)
            .ok_or_else(|| Trouble::raise("IndexError", format!("{what} index out of range").trim_start()))
    }

    /// A set of these items.
    pub(in crate::program) fn set_of(&mut self, items: Vec<Value>) -> Result<Value, Trouble> {
        let mut set = Vec::new();
        for item in items {
            self.check_hashable(&item)?;
            if !self.contains(&set, &item) {
                set.push(item);
            }
        }
        Ok(self.heap.add(Object::Set(set)))
    }

    /// What can change cannot be a key.
    pub(in crate::program) fn check_hashable(&self, value: &Value) -> Result<(), Trouble> {
        let changes = |value: &Value| match value {
            Value::Ref(place) => matches!(
                self.heap.get(*place),
                Object::List(_) | Object::Dict(_) | Object::Set(_)
            ),
            _ => false,
        };
        let culprit = match value {
            Value::Tuple(items) => items.iter().find(|item| changes(item)),
            value => Some(value).filter(|value| changes(value)),
        };
        culprit.map_or(Ok(()), |culprit| {
            let kind = self.type_name(culprit);
            Err(Trouble::raise("TypeError", format!("unhashable type: '{kind}'")))
        })
    }

    pub(in crate::program) fn pairs(&self, place: Ref) -> Option<&[(Value, Value)]> {
        match self.heap.get(place) {
            Object::Dict(pairs) => Some(pairs),
            _ => None,
        }
    }

    pub(in crate::program) fn list(&self, place: Ref) -> Option<&[Value]> {
        match self.heap.get(place) {
            Object::List(items) => Some(items),
            _ => None,
        }
    }

    /// The sentence for `a, b = value`, where the value has no items at all.
    fn not_unpackable(&self, value: &Value, trouble: Trouble) -> Trouble {
        match trouble {
            Trouble::Raise(_) => Trouble::raise(
                "TypeError",
                format!("cannot unpack non-iterable {} object", self.type_name(value)),
            ),
            other => other,
        }
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
}

/// The exception for a key that is not there.
pub(in crate::program) fn key_error(key: &Value) -> Trouble {
    Trouble::Raise(python::construct("KeyError", vec![key.clone()]))
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

pub(in crate::program) fn limit(len: usize) -> Result<(), Trouble> {
    if len > MAX_LEN {
        return Err(Trouble::unsupported(
            "a value of more than a million items is more than stepping allows",
        ));
    }
    Ok(())
}
