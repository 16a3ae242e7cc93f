//! Going through things: what a `for` loop, an unpacking and a function such as `sum` see of a value.
//!
//! Items are taken by their index, when they are asked for, so a list that changes under a loop shows what Python shows.
//! The order of a set is not fixed in Python, so nothing that would depend on it is done: the program stops and says so.

use super::{Machine, Outcome, Trouble};
use crate::program::python::{self, NextLine};
use crate::program::value::{Iterator, Object, Over, Ref, Value, View};

impl Machine {
    /// What `iter(value)` gives.
    pub(in crate::program) fn iterate(&mut self, value: Value) -> Result<Value, Trouble> {
        if let Value::Ref(place) = value
            && matches!(self.heap.get(place), Object::Iterator(_) | Object::File(_))
        {
            return Ok(value);
        }
        if matches!(value, Value::Standard(_)) {
            return Ok(value);
        }
        self.check_order(&value)?;
        // Only to raise for what cannot be gone through.
        self.item_at(&value, 0)?;
        Ok(self.iterator(Over::Items(value)))
    }

    /// An iterator at its beginning.
    pub(in crate::program) fn iterator(&mut self, over: Over) -> Value {
        let len = match &over {
            Over::Items(value) | Over::Enumerate(value, _) => self.dict_len(value),
            Over::Zip(_) | Over::Reversed(..) => None,
        };
        self.heap.add(Object::Iterator(Iterator { over, index: 0, len }))
    }

    /// All items of a value; an iterator among them is at its end afterwards.
    pub(in crate::program) fn take_items(&mut self, value: &Value) -> Result<Vec<Value>, Trouble> {
        let items = self.items(value)?;
        if let Value::Ref(place) = value
            && let Object::Iterator(iterator) = self.heap.get_mut(*place)
        {
            iterator.index += items.len() as i64;
        }
        Ok(items)
    }

    /// The items that a loop over a value would see; of a dict, its keys. For a set they come in no order to be
    /// relied on.
    pub(in crate::program) fn items(&self, value: &Value) -> Result<Vec<Value>, Trouble> {
        let mut items = Vec::new();
        if let Value::Str(text) = value {
            return Ok(text.chars().map(|c| Value::Str(c.to_string().into())).collect());
        }
        while let Some(item) = self.item_at(value, items.len() as i64)? {
            super::container::limit(items.len())?;
            items.push(item);
        }
        Ok(items)
    }

    /// Stops a program whose result would depend on the order of a set.
    pub(in crate::program) fn check_order(&self, value: &Value) -> Result<(), Trouble> {
        match value {
            Value::Ref(place) => match self.heap.get(*place) {
                Object::Set(items) if items.len() > 1 => Err(Trouble::unsupported(
                    "the order of a set is not fixed; stepping goes through sorted(…) of it only",
                )),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// `Next`: the item goes on the stack, or the loop ends. A file may have to be read first.
    pub(super) fn next(&mut self, end: u32) -> Result<Outcome, Trouble> {
        let over = self.top(0);
        let item = match &over {
            Value::Ref(place) if matches!(self.heap.get(*place), Object::Iterator(_)) => {
                self.advance_one(*place)?
            }
            file => match python::next_line(self, file)? {
                NextLine::Item(line) => Some(line),
                NextLine::End => None,
                NextLine::Ask(call, then) => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.at -= 1;
                    }
                    return Ok(self.ask(call, super::Then::Python(then)));
                }
            },
        };
        if let Some(item) = item {
            self.push(item);
        } else {
            self.pop();
            self.jump(end);
        }
        Ok(Outcome::Ran)
    }

    fn advance_one(&mut self, place: Ref) -> Result<Option<Value>, Trouble> {
        let Object::Iterator(iterator) = self.heap.get(place) else {
            return Ok(None);
        };
        if let (Some(len), Over::Items(over) | Over::Enumerate(over, _)) = (iterator.len, &iterator.over)
            && self.dict_len(over) != Some(len)
        {
            return Err(Trouble::raise(
                "RuntimeError",
                "dictionary changed size during iteration",
            ));
        }
        let item = self.item_over(&iterator.over, iterator.index)?;
        if item.is_some()
            && let Object::Iterator(iterator) = self.heap.get_mut(place)
        {
            iterator.index += 1;
        }
        Ok(item)
    }

    fn item_over(&self, over: &Over, index: i64) -> Result<Option<Value>, Trouble> {
        match over {
            Over::Items(value) => self.item_at(value, index),
            Over::Enumerate(value, from) => {
                let item = self.item_at(value, index)?;
                Ok(item.map(|item| Value::Tuple([Value::Int(from + index), item].into())))
            }
            Over::Zip(all) => {
                let mut items = Vec::with_capacity(all.len());
                for value in all {
                    match self.item_at(value, index)? {
                        Some(item) => items.push(item),
                        None => return Ok(None),
                    }
                }
                Ok((!all.is_empty()).then(|| Value::Tuple(items.into())))
            }
            Over::Reversed(value, len) => match len - 1 - index {
                negative if negative < 0 => Ok(None),
                at => self.item_at(value, at),
            },
        }
    }

    /// The `index`th item of what can be gone through; of an iterator, counted from where it is.
    fn item_at(&self, value: &Value, index: i64) -> Result<Option<Value>, Trouble> {
        let at = index as usize;
        Ok(match value {
            Value::Tuple(items) => items.get(at).cloned(),
            Value::Str(text) => text.chars().nth(at).map(|c| Value::Str(c.to_string().into())),
            Value::Bytes(bytes) => bytes.get(at).map(|byte| Value::Int(i64::from(*byte))),
            Value::Range(range) => range.get(index).map(Value::Int),
            Value::Ref(place) => match self.heap.get(*place) {
                Object::List(items) | Object::Set(items) => items.get(at).cloned(),
                Object::Dict(pairs) => pairs.get(at).map(|(key, _)| key.clone()),
                Object::View(view, dict) => self.view_item(*view, dict, at),
                // An iterator goes through no other: `iterate` gives the same one back, and the functions that make
                // one take the items out first.
                Object::Iterator(iterator) => match &iterator.over {
                    Over::Items(Value::Ref(inner))
                        if matches!(self.heap.get(*inner), Object::Iterator(_)) =>
                    {
                        None
                    }
                    over => self.item_over(over, iterator.index + index)?,
                },
                Object::File(_) => {
                    return Err(Trouble::unsupported(
                        "a file is gone through by a for loop only; use readlines()",
                    ));
                }
            },
            Value::Standard(_) => {
                return Err(Trouble::unsupported(
                    "a file is gone through by a for loop only; use readlines()",
                ));
            }
            _ => {
                let kind = self.type_name(value);
                return Err(Trouble::raise(
                    "TypeError",
                    format!("'{kind}' object is not iterable"),
                ));
            }
        })
    }

    fn view_item(&self, view: View, dict: &Value, at: usize) -> Option<Value> {
        let Value::Ref(place) = dict else { return None };
        let (key, value) = self.pairs(*place)?.get(at)?;
        Some(match view {
            View::Keys => key.clone(),
            View::Values => value.clone(),
            View::Items => Value::Tuple([key.clone(), value.clone()].into()),
        })
    }

    /// How many pairs a dict has, or the dict that a view shows.
    fn dict_len(&self, value: &Value) -> Option<usize> {
        let Value::Ref(place) = value else { return None };
        match self.heap.get(*place) {
            Object::Dict(pairs) => Some(pairs.len()),
            Object::View(_, Value::Ref(dict)) => self.pairs(*dict).map(<[_]>::len),
            _ => None,
        }
    }
}
