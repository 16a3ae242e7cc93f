//! What can be seen of a machine: the calls it is in, and every variable with its value and address.

use super::{Frame, Machine};
use crate::program::code::{Place, Variable};
use crate::program::python;
use crate::program::types::{Int, Type};
use crate::program::value::{Object, Value};

/// One call of a function, with its variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameView {
    /// The function, or the name of the file for what belongs to all of them.
    pub function: String,
    /// The line it is at; 0 for what belongs to all.
    pub line: u32,
    /// What is in scope there, in order of declaration.
    pub variables: Vec<VariableView>,
}

/// One variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableView {
    /// Its name.
    pub name: String,
    /// Its type, as the program writes it.
    pub ty: String,
    /// Its value as text; nothing while it has none.
    pub value: Option<String>,
    /// Where it lies.
    pub address: Option<u64>,
}

/// No list of items is shown longer than this.
const MAX_ITEMS: usize = 16;
/// Nor anything deeper within itself.
const MAX_DEPTH: usize = 4;
/// Of a deep recursion only so many calls are shown, the innermost.
const MAX_FRAMES: usize = 64;

impl Machine {
    /// The variables in scope: those of the whole program first, then each call's, the innermost last.
    pub fn variables(&self) -> Vec<FrameView> {
        let globals = FrameView {
            function: self.program.name.clone(),
            line: 0,
            variables: self
                .program
                .globals
                .iter()
                .map(|variable| self.view(None, variable))
                .collect(),
        };
        let skipped = self.called().count().saturating_sub(MAX_FRAMES);
        let frames = self.called().skip(skipped);
        std::iter::once(globals)
            .chain(frames.map(|frame| self.view_frame(frame)))
            .collect()
    }

    /// The names of the functions it is in, the innermost last, each with its line.
    pub fn calls(&self) -> Vec<(&str, u32)> {
        self.called()
            .map(|frame| (self.program.function(frame.function).name.as_str(), frame.line))
            .collect()
    }

    /// The variables of each frame with their places, for a sentence about an address.
    pub(super) fn variables_of_frames(&self) -> impl Iterator<Item = (&str, u64, u64)> {
        self.frames.iter().flat_map(|frame| {
            let variables = &self.program.function(frame.function).variables;
            variables.iter().filter_map(|variable| {
                let address = address(Some(frame), variable)?;
                Some((variable.name.as_str(), address, variable.ty.size()))
            })
        })
    }

    /// The frames that the student wrote: not the one that calls main.
    fn called(&self) -> impl Iterator<Item = &Frame> {
        self.frames
            .iter()
            .filter(|frame| frame.function != self.program.start)
    }

    fn view_frame(&self, frame: &Frame) -> FrameView {
        let function = self.program.function(frame.function);
        let visible = function.variables.iter().filter(|variable| {
            let (from, to) = variable.scope;
            (from..to).contains(&frame.at)
        });
        FrameView {
            function: function.name.clone(),
            line: frame.line,
            variables: visible.map(|variable| self.view(Some(frame), variable)).collect(),
        }
    }

    fn view(&self, frame: Option<&Frame>, variable: &Variable) -> VariableView {
        let address = address(frame, variable);
        let slot = match variable.place {
            Place::Local(slot) => frame.and_then(|frame| frame.locals.get(slot as usize)),
            Place::Global(slot) => self.globals.get(slot as usize),
            Place::Frame(..) | Place::Address(_) => None,
        };
        let value = match slot {
            Some(Value::Unset) => None,
            Some(value) => Some(self.show_value(value, 0)),
            None => address.and_then(|address| self.show(&variable.ty, address, 0)),
        };
        VariableView {
            name: variable.name.clone(),
            ty: slot.map_or_else(
                || variable.ty.to_string(),
                |value| self.type_name(value).to_owned(),
            ),
            value,
            address,
        }
    }

    /// The value of a C variable; nothing if it was never assigned.
    fn show(&self, ty: &Type, address: u64, depth: usize) -> Option<String> {
        match ty {
            Type::Int(int) => {
                let number = self.memory.number(address, int.bytes).ok()?;
                Some(show_int(*int, int.wrap(number as i64)))
            }
            Type::Pointer(to) => {
                let pointer = self.memory.number(address, 8).ok()?;
                Some(self.show_pointer(to, pointer))
            }
            Type::Array(item, _) if item.is_char() => {
                let text = self.memory.string_within(address, ty.size()).ok()?;
                Some(show_text(&text))
            }
            Type::Array(item, len) => {
                let any = (0..*len).any(|index| {
                    self.memory
                        .is_assigned(address + index * item.size(), item.size())
                });
                any.then(|| self.show_items(item, address, *len, depth))
            }
            Type::Struct(layout) if depth < MAX_DEPTH => {
                let fields: Vec<String> = layout
                    .fields
                    .iter()
                    .filter_map(|field| {
                        let value = self.show(&field.ty, address + field.offset, depth + 1)?;
                        Some(format!("{} = {value}", field.name))
                    })
                    .collect();
                (!fields.is_empty()).then(|| format!("{{{}}}", fields.join(", ")))
            }
            Type::Struct(_) | Type::Tag(_) | Type::Void | Type::Function(_) | Type::Dynamic => None,
        }
    }

    fn show_items(&self, item: &Type, address: u64, len: u64, depth: usize) -> String {
        let mut items: Vec<String> = (0..len.min(MAX_ITEMS as u64))
            .map(|index| {
                self.show(item, address + index * item.size(), depth + 1)
                    .unwrap_or_else(|| "?".to_owned())
            })
            .collect();
        if len > MAX_ITEMS as u64 {
            items.push("…".to_owned());
        }
        format!("{{{}}}", items.join(", "))
    }

    fn show_pointer(&self, to: &Type, pointer: u64) -> String {
        if pointer == 0 {
            return "NULL".to_owned();
        }
        if let Some(id) = self.function_at(pointer) {
            return self.program.function(id).name.clone();
        }
        match self.memory.string_within(pointer, 80) {
            Ok(text) if to.is_char() => show_text(&text),
            _ => format!("{pointer:#x}"),
        }
    }

    /// A Python value as `repr` shows it, cut where it is long.
    pub(super) fn show_value(&self, value: &Value, depth: usize) -> String {
        if depth > MAX_DEPTH {
            return "…".to_owned();
        }
        match value {
            Value::Unset => "not yet".to_owned(),
            Value::Int(number) => number.to_string(),
            Value::None => "None".to_owned(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Float(number) => format!("{:?}", number.get()),
            Value::Str(text) => python::quote(text),
            Value::Bytes(bytes) => python::quote_bytes(bytes),
            Value::Tuple(items) if items.len() == 1 => {
                format!("({},)", self.show_value(&items[0], depth + 1))
            }
            Value::Tuple(items) => format!("({})", self.show_values(items, depth)),
            Value::Range(range) => format!("range({}, {})", range.start, range.stop),
            Value::Function(id) => self.program.function(*id).name.clone(),
            Value::Native(_) => "built-in".to_owned(),
            Value::Frame => "where the program was".to_owned(),
            Value::Named(named) => python::name_of(*named),
            Value::Standard(stream) => python::stream_name(*stream).to_owned(),
            Value::Module(name) | Value::Class(name) => name.to_string(),
            Value::Exception(exception) => {
                format!(
                    "{}({})",
                    exception.class,
                    self.show_values(&exception.args, depth)
                )
            }
            Value::Ref(place) => self.show_object(self.heap.get(*place), depth),
        }
    }

    fn show_values(&self, items: &[Value], depth: usize) -> String {
        let mut shown: Vec<String> = items
            .iter()
            .take(MAX_ITEMS)
            .map(|item| self.show_value(item, depth + 1))
            .collect();
        if items.len() > MAX_ITEMS {
            shown.push("…".to_owned());
        }
        shown.join(", ")
    }

    fn show_object(&self, object: &Object, depth: usize) -> String {
        match object {
            Object::List(items) => format!("[{}]", self.show_values(items, depth)),
            Object::Set(items) => format!("{{{}}}", self.show_values(items, depth)),
            Object::Dict(pairs) => {
                let shown: Vec<String> = pairs
                    .iter()
                    .take(MAX_ITEMS)
                    .map(|(key, value)| {
                        format!(
                            "{}: {}",
                            self.show_value(key, depth + 1),
                            self.show_value(value, depth + 1)
                        )
                    })
                    .collect();
                format!("{{{}}}", shown.join(", "))
            }
            Object::View(_, dict) => format!("view of {}", self.show_value(dict, depth + 1)),
            Object::Iterator(_) => "iterator".to_owned(),
            Object::File(file) => format!("file {}", self.show_value(&file.name, depth + 1)),
        }
    }
}

/// Where a variable lies, if it is in memory.
fn address(frame: Option<&Frame>, variable: &Variable) -> Option<u64> {
    match variable.place {
        Place::Frame(offset, _) => frame.map(|frame| frame.base + u64::from(offset)),
        Place::Address(address) => Some(address),
        Place::Local(_) | Place::Global(_) => None,
    }
}

fn show_int(int: Int, number: i64) -> String {
    match u8::try_from(number) {
        Ok(byte) if int.bytes == 1 && (byte.is_ascii_graphic() || byte == b' ') => {
            format!("{number} '{}'", char::from(byte))
        }
        _ if int.signed => number.to_string(),
        _ => (number as u64).to_string(),
    }
}

fn show_text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{text}\"")
}
