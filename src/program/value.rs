//! The values that the machine computes with, and the heap on which a Python program's objects live.
//!
//! A C program knows one kind of value, [`Value::Int`]: its integers and its pointers; everything else of C
//! is bytes in [`memory`](super::memory). A Python program knows them all. What cannot change (a number, a
//! string, a tuple) is a value by itself; what can (a list, a dict) is an [`Object`] on the heap, and its
//! value is a [`Ref`]. So a copy of the machine has objects of its own, as a forked process has.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use super::code::{FunctionId, Native};
use super::machine::{Input, Stream};
use crate::model::Signal;

/// One value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Value {
    /// No value yet: a name that was not assigned, or what a C function without `return` gives.
    #[default]
    Unset,
    /// A C integer or pointer, widened to 64 bits, or a Python int.
    Int(i64),
    /// Python's `None`.
    None,
    /// Python's `True` and `False`.
    Bool(bool),
    /// A Python float.
    Float(Float),
    /// A Python string.
    Str(Arc<str>),
    /// Python's bytes.
    Bytes(Arc<[u8]>),
    /// A tuple.
    Tuple(Tuple),
    /// What `range(start, stop, step)` gives.
    Range(Range),
    /// A function of the program.
    Function(FunctionId),
    /// A function or class of the language's library.
    Native(Native),
    /// A module, by its name.
    Module(Arc<str>),
    /// A class of exceptions, by its name.
    Class(Arc<str>),
    /// An exception: its class and its arguments.
    Exception(Arc<Exception>),
    /// A number that Python knows by a name, such as `signal.SIGTERM`.
    Named(Named),
    /// `sys.stdin`, `sys.stdout` or `sys.stderr`.
    Standard(Standard),
    /// What a signal handler gets as its second argument: where the program was. Nothing can be asked of it here.
    Frame,
    /// An object on the heap.
    Ref(Ref),
}

impl Value {
    /// How many tuples and exceptions lie in each other here.
    pub(super) fn nesting(&self) -> u32 {
        match self {
            Self::Tuple(items) => items.nesting,
            Self::Exception(exception) => 1 + nesting_in(&exception.args),
            _ => 0,
        }
    }
}

fn nesting_in(items: &[Value]) -> u32 {
    items.iter().map(Value::nesting).max().unwrap_or(0)
}

/// The items of a tuple.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tuple {
    items: Arc<[Value]>,
    nesting: u32,
}

impl From<Vec<Value>> for Tuple {
    fn from(items: Vec<Value>) -> Self {
        Self {
            nesting: 1 + nesting_in(&items),
            items: items.into(),
        }
    }
}

impl From<&[Value]> for Tuple {
    fn from(items: &[Value]) -> Self {
        items.to_vec().into()
    }
}

impl<const N: usize> From<[Value; N]> for Tuple {
    fn from(items: [Value; N]) -> Self {
        Vec::from(items).into()
    }
}

impl Deref for Tuple {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.items
    }
}

/// A float that can be compared and hashed: by its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Float(u64);

impl Float {
    pub(super) fn new(number: f64) -> Self {
        Self(number.to_bits())
    }

    pub(super) fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// The numbers from `start` to before `stop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Range {
    pub(super) start: i64,
    pub(super) stop: i64,
    /// Never 0.
    pub(super) step: i64,
}

impl Range {
    pub(super) fn len(self) -> i64 {
        let span = i128::from(self.stop) - i128::from(self.start);
        let step = i128::from(self.step);
        let count = (span + step - step.signum()) / step;
        count.clamp(0, i128::from(i64::MAX)) as i64
    }

    pub(super) fn get(self, index: i64) -> Option<i64> {
        (0..self.len())
            .contains(&index)
            .then(|| self.start + index * self.step)
    }

    pub(super) fn contains(self, number: i64) -> bool {
        let distance = i128::from(number) - i128::from(self.start);
        let step = i128::from(self.step);
        distance % step == 0 && (0..i128::from(self.len())).contains(&(distance / step))
    }
}

/// A member of one of the signal module's enumerations: a number whose `repr` is its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Named {
    /// `signal.Signals`.
    Signal(Signal),
    /// `signal.Handlers`: `SIG_DFL` is 0, `SIG_IGN` is 1.
    Handler(u8),
}

impl Named {
    /// The number that it counts as.
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Signal(signal) => i64::from(signal.0),
            Self::Handler(number) => i64::from(number),
        }
    }
}

/// A standard stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Standard {
    In,
    Out,
    Err,
}

/// A raised or caught exception.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Exception {
    /// Its class, such as `ChildProcessError`.
    pub(super) class: Arc<str>,
    /// What it was made with; for an `OSError` the number and the sentence.
    pub(super) args: Vec<Value>,
    /// The functions and lines that it came through, in that order.
    pub(super) trace: Vec<(FunctionId, u32)>,
}

impl Exception {
    /// An exception with one sentence.
    pub(super) fn value(class: &str, sentence: impl Into<Arc<str>>) -> Value {
        Value::Exception(Arc::new(Self {
            class: class.into(),
            args: vec![Value::Str(sentence.into())],
            trace: Vec::new(),
        }))
    }
}

/// The place of an object on the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Ref(pub(super) u32);

/// What can change after it was made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Object {
    List(Vec<Value>),
    /// The pairs in order of insertion, as Python keeps them; dicts of such programs are short.
    Dict(Vec<(Value, Value)>),
    Set(Vec<Value>),
    /// What `keys()`, `values()` and `items()` give: it shows the dict as it is when it is looked at.
    View(View, Value),
    /// A position in what is gone through.
    Iterator(Iterator),
    /// An open file: a descriptor with its buffers.
    File(File),
}

/// Which part of a dict a view shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum View {
    Keys,
    Values,
    Items,
}

/// What a loop holds: where it is, in what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Iterator {
    pub(super) over: Over,
    pub(super) index: i64,
    /// How long the dict was when the loop began; it may not grow or shrink meanwhile.
    pub(super) len: Option<usize>,
}

/// What an iterator goes through. Items are taken by their index at the time, so a list may change meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Over {
    Items(Value),
    /// Pairs of a number, from this one up, and an item.
    Enumerate(Value, i64),
    /// Tuples of one item of each, to the end of the shortest.
    Zip(Vec<Value>),
    /// From the last to the first; the length is that of the beginning.
    Reversed(Value, i64),
}

/// A Python file object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct File {
    /// The descriptor; nothing after `close()`.
    pub(super) fd: Option<i32>,
    /// The path that it was opened with, or the descriptor.
    pub(super) name: Value,
    pub(super) mode: Arc<str>,
    /// What was written and not yet given to write(2).
    pub(super) output: Stream,
    /// What read(2) gave and nobody took yet.
    pub(super) input: Input,
}

/// The objects of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Heap {
    objects: Vec<Arc<Object>>,
    /// How many objects were kept when it was last cleared of garbage.
    kept: usize,
    /// How many of them are files.
    files: usize,
}

/// So many objects are no burden.
const FEW: usize = 256;

impl Heap {
    /// Puts an object on the heap.
    pub(super) fn add(&mut self, object: Object) -> Value {
        self.files += usize::from(matches!(object, Object::File(_)));
        self.objects.push(Arc::new(object));
        Value::Ref(Ref(self.objects.len() as u32 - 1))
    }

    pub(super) fn get(&self, place: Ref) -> &Object {
        &self.objects[place.0 as usize]
    }

    /// An object to be changed; other copies of this heap keep theirs.
    pub(super) fn get_mut(&mut self, place: Ref) -> &mut Object {
        Arc::make_mut(&mut self.objects[place.0 as usize])
    }

    /// The places of all objects, reachable or not.
    pub(super) fn places(&self) -> impl std::iter::Iterator<Item = Ref> + use<> {
        (0..self.objects.len() as u32).map(Ref)
    }

    /// Whether it should be cleared of garbage: half of it may be, or a file may be, which is then to be closed.
    pub(super) fn is_due(&self) -> bool {
        self.files > 0 || self.objects.len() > FEW.max(2 * self.kept)
    }

    /// Drops what cannot be reached from `roots`. Open files stay; gives the first of those that only stay for that.
    pub(super) fn collect<'a>(
        &mut self,
        roots: impl std::iter::Iterator<Item = &'a mut Value>,
    ) -> Option<Ref> {
        let mut old: Vec<Option<Arc<Object>>> = self.objects.drain(..).map(Some).collect();
        let mut moved = Moved::default();
        for root in roots {
            moved.visit(root);
        }
        self.take_reached(&mut old, &mut moved);
        let reached = self.objects.len();
        let is_open = |object: &Option<Arc<Object>>| matches!(object.as_deref(), Some(Object::File(file)) if file.fd.is_some());
        for place in (0..old.len()).filter(|place| is_open(&old[*place])) {
            moved.visit(&mut Value::Ref(Ref(place as u32)));
        }
        self.take_reached(&mut old, &mut moved);
        self.kept = self.objects.len();
        self.files = self
            .objects
            .iter()
            .filter(|object| matches!(***object, Object::File(_)))
            .count();
        (reached < self.kept).then_some(Ref(reached as u32))
    }

    /// Takes what was reached out of the old objects, and what is reached from there.
    fn take_reached(&mut self, old: &mut [Option<Arc<Object>>], moved: &mut Moved) {
        while let Some(place) = moved.order.get(self.objects.len()) {
            // Each place is in the order once.
            let Some(mut object) = old[place.0 as usize].take() else {
                return;
            };
            for value in Arc::make_mut(&mut object).values_mut() {
                moved.visit(value);
            }
            self.objects.push(object);
        }
    }
}

/// Where the objects that were reached so far go.
#[derive(Default)]
struct Moved {
    places: HashMap<Ref, Ref>,
    order: Vec<Ref>,
}

impl Moved {
    fn visit(&mut self, value: &mut Value) {
        match value {
            Value::Ref(place) => {
                let next = Ref(self.order.len() as u32);
                let old = *place;
                *place = *self.places.entry(old).or_insert(next);
                if *place == next {
                    self.order.push(old);
                }
            }
            Value::Tuple(_) | Value::Exception(_) => self.visit_nested(value),
            _ => {}
        }
    }

    fn visit_nested(&mut self, value: &mut Value) {
        let items = match value {
            Value::Tuple(items) => items.to_vec(),
            Value::Exception(exception) => exception.args.clone(),
            _ => return,
        };
        let mut items = items;
        for item in &mut items {
            self.visit(item);
        }
        match value {
            Value::Tuple(old) if **old != *items => *old = items.into(),
            Value::Exception(old) if old.args != items => Arc::make_mut(old).args = items,
            _ => {}
        }
    }
}

impl Object {
    fn values_mut(&mut self) -> Vec<&mut Value> {
        match self {
            Self::List(items) | Self::Set(items) => items.iter_mut().collect(),
            Self::Dict(pairs) => pairs.iter_mut().flat_map(|(key, value)| [key, value]).collect(),
            Self::Iterator(iterator) => match &mut iterator.over {
                Over::Items(over) | Over::Enumerate(over, _) | Over::Reversed(over, _) => vec![over],
                Over::Zip(all) => all.iter_mut().collect(),
            },
            Self::View(_, dict) => vec![dict],
            Self::File(_) => Vec::new(),
        }
    }
}
