//! Computing as Python does: on values that carry their type, with exceptions for what does not fit.
//!
//! Integers are 64 bits wide; what would need more stops the program and says so, rather than give another
//! result. Methods and functions of the library are no instructions: they are
//! [`Native`](crate::program::code::Native)s.

use std::cmp::Ordering;

use super::container::limit;
use super::exception::matches_class;
use super::{Machine, Trouble, number};
use crate::program::code::{Arith, Compare, Instr, Test};
use crate::program::value::{Float, Heap, Named, Object, Value, View};

/// Values nested deeper than this are not compared, so that no program can exhaust the stack of its host.
const MAX_NESTING: usize = 64;

/// Whether a value counts as true. A C number does if it is not 0.
pub(in crate::program) fn truth(value: &Value, heap: &Heap) -> bool {
    match value {
        Value::Unset | Value::None | Value::Bool(false) | Value::Int(0) => false,
        Value::Float(float) => float.get() != 0.0,
        Value::Str(text) => !text.is_empty(),
        Value::Bytes(bytes) => !bytes.is_empty(),
        Value::Tuple(items) => !items.is_empty(),
        Value::Range(range) => range.len() > 0,
        Value::Named(named) => named.number() != 0,
        Value::Ref(place) => match heap.get(*place) {
            Object::List(items) | Object::Set(items) => !items.is_empty(),
            Object::Dict(pairs) => !pairs.is_empty(),
            Object::View(_, Value::Ref(dict)) => truth(&Value::Ref(*dict), heap),
            Object::View(..) | Object::Iterator(_) | Object::File(_) => true,
        },
        _ => true,
    }
}

impl Machine {
    pub(super) fn compute_dynamic(&mut self, instr: Instr) -> Result<(), Trouble> {
        match instr {
            Instr::LoadLocal(slot) => {
                let value = self.local(slot).clone();
                let function = self.frames.last().map(|frame| frame.function);
                let name = function.and_then(|id| {
                    let variables = &self.program.function(id).variables;
                    variables.get(slot as usize).map(|variable| variable.name.clone())
                });
                self.push_set(value, "UnboundLocalError", &name.unwrap_or_default())?;
            }
            Instr::StoreLocal(slot) => {
                let value = self.pop();
                *self.local(slot) = value;
            }
            Instr::DeleteLocal(slot) => *self.local(slot) = Value::Unset,
            Instr::LoadGlobal(slot) => {
                let name = self.program.global_names[slot as usize].clone();
                self.push_set(self.globals[slot as usize].clone(), "NameError", &name)?;
            }
            Instr::StoreGlobal(slot) => self.globals[slot as usize] = self.pop(),
            Instr::DeleteGlobal(slot) => self.globals[slot as usize] = Value::Unset,
            Instr::Binary(op) => {
                let (a, b) = self.pop_two();
                let result = self.binary(op, &a, &b)?;
                self.push(result);
            }
            Instr::Minus => {
                let result = match self.pop() {
                    Value::Float(float) => Value::Float(Float::new(-float.get())),
                    value if as_int(&value).is_some() => self.binary(Arith::Sub, &Value::Int(0), &value)?,
                    value => return Err(self.bad_operand("-", &value)),
                };
                self.push(result);
            }
            Instr::LogicalNot => {
                let value = self.pop();
                self.push(Value::Bool(!truth(&value, &self.heap)));
            }
            Instr::Test(test) => {
                let (a, b) = self.pop_two();
                let result = self.test(test, &a, &b)?;
                self.push(Value::Bool(result));
            }
            Instr::Try(target) => {
                let height = self.stack.len() as u32;
                if let Some(frame) = self.frames.last_mut() {
                    frame.tries.push((target, height));
                }
            }
            Instr::EndTry => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.tries.pop();
                }
            }
            Instr::Raise => return Err(self.raised()),
            Instr::RaiseAgain => self.raise_again(),
            Instr::Matches => {
                let class = self.pop();
                let exception = self.top(0);
                let is = matches_class(&exception, &class);
                self.push(Value::Bool(is));
            }
            containers => self.compute_container(containers)?,
        }
        Ok(())
    }

    /// What `str()` makes of a value.
    pub(in crate::program) fn text(&self, value: &Value) -> String {
        match value {
            Value::Str(text) => text.to_string(),
            other => self.show_value(other, 0),
        }
    }

    /// The name of a value's type.
    pub(in crate::program) fn type_name<'v>(&'v self, value: &'v Value) -> &'v str {
        match value {
            Value::Unset => "",
            Value::Int(_) => "int",
            Value::None => "NoneType",
            Value::Bool(_) => "bool",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::Bytes(_) => "bytes",
            Value::Tuple(_) => "tuple",
            Value::Range(_) => "range",
            Value::Function(_) => "function",
            Value::Native(_) => "builtin_function_or_method",
            Value::Module(_) => "module",
            Value::Class(_) => "type",
            Value::Exception(exception) => &exception.class,
            Value::Named(Named::Signal(_)) => "Signals",
            Value::Named(Named::Handler(_)) => "Handlers",
            Value::Standard(_) => "_io.TextIOWrapper",
            Value::Frame => "frame",
            Value::Ref(place) => match self.heap.get(*place) {
                Object::List(_) => "list",
                Object::Dict(_) => "dict",
                Object::Set(_) => "set",
                Object::View(View::Keys, _) => "dict_keys",
                Object::View(View::Values, _) => "dict_values",
                Object::View(View::Items, _) => "dict_items",
                Object::Iterator(_) => "iterator",
                Object::File(_) => "_io.TextIOWrapper",
            },
        }
    }

    /// `a op b`.
    pub(in crate::program) fn binary(&mut self, op: Arith, a: &Value, b: &Value) -> Result<Value, Trouble> {
        if let (Value::Bool(x), Value::Bool(y)) = (a, b) {
            match op {
                Arith::And => return Ok(Value::Bool(x & y)),
                Arith::Or => return Ok(Value::Bool(x | y)),
                Arith::Xor => return Ok(Value::Bool(x ^ y)),
                _ => {}
            }
        }
        if let (Some(x), Some(y)) = (as_int(a), as_int(b)) {
            return int_binary(op, x, y);
        }
        if matches!((op, a), (Arith::Rem, Value::Str(_))) {
            return crate::program::python::percent(self, a, b);
        }
        if let (Some(x), Some(y)) = (as_float(a), as_float(b)) {
            return float_binary(op, x, y);
        }
        match (op, a, b) {
            (Arith::Add, Value::Str(x), Value::Str(y)) => {
                limit(x.len() + y.len())?;
                Ok(Value::Str(format!("{x}{y}").into()))
            }
            (Arith::Add, Value::Bytes(x), Value::Bytes(y)) => {
                limit(x.len() + y.len())?;
                Ok(Value::Bytes([&**x, &**y].concat().into()))
            }
            (Arith::Add, Value::Tuple(x), Value::Tuple(y)) => {
                limit(x.len() + y.len())?;
                Ok(Value::Tuple([&**x, &**y].concat().into()))
            }
            (Arith::Add, Value::Ref(x), Value::Ref(y)) if self.list(*x).is_some() => {
                if let (Some(x), Some(y)) = (self.list(*x), self.list(*y)) {
                    limit(x.len() + y.len())?;
                    let items = [x, y].concat();
                    return Ok(self.heap.add(Object::List(items)));
                }
                Err(self.unfit(op, a, b))
            }
            (Arith::Mul, sequence, times) if as_int(times).is_some() => {
                self.repeat(sequence, as_int(times).unwrap_or(0))
            }
            (Arith::Mul, times, sequence) if as_int(times).is_some() => {
                self.repeat(sequence, as_int(times).unwrap_or(0))
            }
            _ => Err(self.unfit(op, a, b)),
        }
    }

    /// `a == b`.
    pub(in crate::program) fn equal(&self, a: &Value, b: &Value) -> bool {
        self.equal_within(a, b, MAX_NESTING)
    }

    fn equal_within(&self, a: &Value, b: &Value, depth: usize) -> bool {
        if depth == 0 {
            return false;
        }
        let all = |x: &[Value], y: &[Value]| {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| self.equal_within(x, y, depth - 1))
        };
        if let (Some(x), Some(y)) = (as_int(a), as_int(b)) {
            return x == y;
        }
        if let (Some(x), Some(y)) = (as_float(a), as_float(b)) {
            return x.partial_cmp(&y) == Some(Ordering::Equal);
        }
        match (a, b) {
            (Value::Tuple(x), Value::Tuple(y)) => all(x, y),
            (Value::Ref(x), Value::Ref(y)) if x == y => true,
            (Value::Ref(x), Value::Ref(y)) => match (self.heap.get(*x), self.heap.get(*y)) {
                (Object::List(x), Object::List(y)) => all(x, y),
                (Object::Set(x), Object::Set(y)) => {
                    x.len() == y.len() && x.iter().all(|item| self.contains(y, item))
                }
                (Object::Dict(x), Object::Dict(y)) => {
                    x.len() == y.len()
                        && x.iter().all(|(key, value)| {
                            y.iter().any(|(other, theirs)| {
                                self.equal_within(key, other, depth - 1)
                                    && self.equal_within(value, theirs, depth - 1)
                            })
                        })
                }
                _ => false,
            },
            _ => a == b,
        }
    }

    pub(in crate::program) fn contains(&self, items: &[Value], item: &Value) -> bool {
        items.iter().any(|other| self.equal(other, item))
    }

    /// The order of two values, where they have one; `sign` is the comparison that asks.
    pub(in crate::program) fn order(&self, sign: &str, a: &Value, b: &Value) -> Result<Ordering, Trouble> {
        if let (Some(x), Some(y)) = (as_int(a), as_int(b)) {
            return Ok(x.cmp(&y));
        }
        if let (Some(x), Some(y)) = (as_float(a), as_float(b)) {
            return x
                .partial_cmp(&y)
                .ok_or_else(|| Trouble::unsupported("comparing with nan is not supported here"));
        }
        let (x, y): (&[Value], &[Value]) = match (a, b) {
            (Value::Str(x), Value::Str(y)) => return Ok(x.cmp(y)),
            (Value::Bytes(x), Value::Bytes(y)) => return Ok(x.cmp(y)),
            (Value::Tuple(x), Value::Tuple(y)) => (x, y),
            (Value::Ref(x), Value::Ref(y)) => match (self.list(*x), self.list(*y)) {
                (Some(x), Some(y)) => (x, y),
                _ => return Err(self.unordered(sign, a, b)),
            },
            _ => return Err(self.unordered(sign, a, b)),
        };
        match x.iter().zip(y).find(|(x, y)| !self.equal(x, y)) {
            // One level is enough for pairs; deeper nesting would recurse as deep as the program nests.
            Some((Value::Tuple(_) | Value::Ref(_), _)) => Err(Trouble::unsupported(
                "comparing nested sequences is not supported here",
            )),
            Some((x, y)) => self.order(sign, x, y),
            None => Ok(x.len().cmp(&y.len())),
        }
    }

    fn test(&self, test: Test, a: &Value, b: &Value) -> Result<bool, Trouble> {
        Ok(match test {
            Test::Is => a == b,
            Test::IsNot => a != b,
            Test::In => self.is_in(a, b)?,
            Test::NotIn => !self.is_in(a, b)?,
            Test::Order(Compare::Eq) => self.equal(a, b),
            Test::Order(Compare::Ne) => !self.equal(a, b),
            Test::Order(compare) => number::holds(compare, self.order(sign(compare), a, b)?),
        })
    }

    fn is_in(&self, item: &Value, container: &Value) -> Result<bool, Trouble> {
        match (item, container) {
            (Value::Str(part), Value::Str(text)) => Ok(text.contains(&**part)),
            (_, Value::Str(_)) => Err(Trouble::raise(
                "TypeError",
                format!(
                    "'in <string>' requires string as left operand, not {}",
                    self.type_name(item)
                ),
            )),
            (_, Value::Ref(place)) if self.pairs(*place).is_some() => Ok(self
                .pairs(*place)
                .is_some_and(|pairs| pairs.iter().any(|(key, _)| self.equal(key, item)))),
            (_, Value::Range(range)) => Ok(as_int(item).is_some_and(|number| range.contains(number))),
            (_, Value::Tuple(_) | Value::Bytes(_) | Value::Ref(_)) => {
                Ok(self.contains(&self.items(container)?, item))
            }
            _ => Err(Trouble::raise(
                "TypeError",
                format!("argument of type '{}' is not iterable", self.type_name(container)),
            )),
        }
    }

    fn local(&mut self, slot: u32) -> &mut Value {
        // A frame is on the stack while its instructions are executed, with as many slots as its function has.
        let frame = self.frames.last_mut().expect("a frame executes");
        &mut frame.locals[slot as usize]
    }

    fn push_set(&mut self, value: Value, class: &str, name: &str) -> Result<(), Trouble> {
        if value != Value::Unset {
            self.push(value);
            return Ok(());
        }
        let sentence = match class {
            "NameError" => format!("name '{name}' is not defined"),
            _ => format!("cannot access local variable '{name}' where it is not associated with a value"),
        };
        Err(Trouble::raise(class, sentence))
    }

    pub(super) fn unfit(&self, op: Arith, a: &Value, b: &Value) -> Trouble {
        let sign = match op {
            Arith::Add => "+",
            Arith::Sub => "-",
            Arith::Mul => "*",
            Arith::Div => "/",
            Arith::FloorDiv => "//",
            Arith::Rem => "%",
            Arith::Power => "** or pow()",
            Arith::Shl => "<<",
            Arith::Shr => ">>",
            Arith::And => "&",
            Arith::Or => "|",
            Arith::Xor => "^",
        };
        let (left, right) = (self.type_name(a), self.type_name(b));
        let sentence = match (op, a, left) {
            (Arith::Sub | Arith::And | Arith::Or | Arith::Xor, _, "set" | "dict")
            | (Arith::Rem, _, "bytes") => {
                return Trouble::unsupported(format!("{sign} of a {left} is not supported here"));
            }
            (Arith::Add, Value::Bytes(_), _) => format!("can't concat {right} to bytes"),
            (Arith::Add, _, "str" | "list" | "tuple") => {
                format!("can only concatenate {left} (not \"{right}\") to {left}")
            }
            (Arith::Mul, _, "str" | "list" | "tuple" | "bytes") => {
                format!("can't multiply sequence by non-int of type '{right}'")
            }
            (Arith::Mul, ..) if matches!(right, "str" | "list" | "tuple" | "bytes") => {
                format!("can't multiply sequence by non-int of type '{left}'")
            }
            _ => format!("unsupported operand type(s) for {sign}: '{left}' and '{right}'"),
        };
        Trouble::raise("TypeError", sentence)
    }

    pub(in crate::program) fn bad_operand(&self, sign: &str, value: &Value) -> Trouble {
        let kind = self.type_name(value);
        Trouble::raise(
            "TypeError",
            format!("bad operand type for unary {sign}: '{kind}'"),
        )
    }

    fn unordered(&self, sign: &str, a: &Value, b: &Value) -> Trouble {
        let (a, b) = (self.type_name(a), self.type_name(b));
        if a == b && matches!(a, "set" | "dict_keys" | "dict_items") {
            return Trouble::unsupported("comparing sets is not supported here");
        }
        Trouble::raise(
            "TypeError",
            format!("'{sign}' not supported between instances of '{a}' and '{b}'"),
        )
    }
}

/// A comparison as the program writes it.
fn sign(compare: Compare) -> &'static str {
    match compare {
        Compare::Eq => "==",
        Compare::Ne => "!=",
        Compare::Lt => "<",
        Compare::Le => "<=",
        Compare::Gt => ">",
        Compare::Ge => ">=",
    }
}

/// The integer that a value counts as.
pub(in crate::program) fn as_int(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Bool(truth) => Some(i64::from(*truth)),
        Value::Named(named) => Some(named.number()),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "Python rounds the same way")]
pub(in crate::program) fn as_float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(float) => Some(float.get()),
        other => as_int(other).map(|number| number as f64),
    }
}

#[expect(clippy::cast_precision_loss, reason = "Python rounds the same way")]
fn int_binary(op: Arith, a: i64, b: i64) -> Result<Value, Trouble> {
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    let by_zero = |sentence| Err(Trouble::raise("ZeroDivisionError", sentence));
    let number = match op {
        Arith::Add => a.checked_add(b),
        Arith::Sub => a.checked_sub(b),
        Arith::Mul => a.checked_mul(b),
        Arith::Div if b == 0 => return by_zero("division by zero"),
        Arith::Div if a.unsigned_abs().max(b.unsigned_abs()) > EXACT => None,
        Arith::Div => return Ok(Value::Float(Float::new(a as f64 / b as f64))),
        Arith::FloorDiv if b == 0 => return by_zero("integer division or modulo by zero"),
        Arith::Rem if b == 0 => return by_zero("integer modulo by zero"),
        // Python rounds towards minus infinity, and a remainder has the sign of the divisor.
        Arith::FloorDiv => {
            let quotient = a.checked_div(b);
            quotient.map(|q| {
                if a.wrapping_rem(b) != 0 && (a < 0) != (b < 0) {
                    q - 1
                } else {
                    q
                }
            })
        }
        Arith::Rem => {
            let rest = a.wrapping_rem(b);
            Some(if rest != 0 && (rest < 0) != (b < 0) {
                rest + b
            } else {
                rest
            })
        }
        Arith::Power if b < 0 && a == 0 => {
            return by_zero("0.0 cannot be raised to a negative power");
        }
        Arith::Power if b < 0 => {
            return Ok(Value::Float(Float::new((a as f64).powf(b as f64))));
        }
        Arith::Power => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
        Arith::Shl | Arith::Shr if b < 0 => {
            return Err(Trouble::raise("ValueError", "negative shift count"));
        }
        Arith::Shl => (b < 63)
            .then(|| a.checked_mul(1 << b))
            .flatten()
            .or((a == 0).then_some(0)),
        Arith::Shr => Some(a >> b.min(63)),
        Arith::And => Some(a & b),
        Arith::Or => Some(a | b),
        Arith::Xor => Some(a ^ b),
    };
    number
        .map(Value::Int)
        .ok_or_else(|| Trouble::unsupported("integers of more than 64 bits are not supported here"))
}

fn float_binary(op: Arith, a: f64, b: f64) -> Result<Value, Trouble> {
    let number = match op {
        Arith::Add => a + b,
        Arith::Sub => a - b,
        Arith::Mul => a * b,
        Arith::Div | Arith::FloorDiv | Arith::Rem if b == 0.0 => {
            let sentence = match op {
                Arith::FloorDiv => "float floor division by zero",
                Arith::Rem => "float modulo",
                _ => "float division by zero",
            };
            return Err(Trouble::raise("ZeroDivisionError", sentence));
        }
        Arith::Div => a / b,
        Arith::FloorDiv => ((a - modulo(a, b)) / b).round(),
        Arith::Rem => modulo(a, b),
        Arith::Power => a.powf(b),
        Arith::Shl | Arith::Shr | Arith::And | Arith::Or | Arith::Xor => {
            return Err(Trouble::unsupported(
                "a bit operation on a float is not supported here",
            ));
        }
    };
    Ok(Value::Float(Float::new(number)))
}

/// The remainder with the sign of the divisor.
fn modulo(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) {
        rest + b
    } else {
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::value::Range;

    #[test]
    fn integers_divide_as_python_divides() {
        for (op, a, b, result) in [
            (Arith::FloorDiv, -7, 2, -4),
            (Arith::Rem, -7, 2, 1),
            (Arith::Rem, 7, -2, -1),
            (Arith::Power, 2, 10, 1024),
            (Arith::Shl, 1, 40, 1 << 40),
        ] {
            assert_eq!(int_binary(op, a, b), Ok(Value::Int(result)), "{a} {op:?} {b}");
        }
        assert!(matches!(int_binary(Arith::Rem, 1, 0), Err(Trouble::Raise(_))));
        assert!(matches!(
            int_binary(Arith::Power, 10, 30),
            Err(Trouble::Fault(..))
        ));
    }

    #[test]
    fn ranges_count_as_python_counts() {
        for (start, stop, step, len) in [
            (0, 5, 1, 5),
            (0, 5, 2, 3),
            (5, 0, -1, 5),
            (5, 0, 1, 0),
            (0, 5, 10, 1),
        ] {
            assert_eq!(Range { start, stop, step }.len(), len, "{start} {stop} {step}");
        }
    }
}
