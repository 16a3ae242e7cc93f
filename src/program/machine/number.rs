//! Arithmetic as C does it: on 64-bit numbers, wrapped to the width of a type.

use super::Trouble;
use crate::model::Signal;
use crate::program::code::{Arith, Compare};
use crate::program::types::Int;
use crate::program::value::Value;

/// The number that a value is.
pub(in crate::program) fn of(value: &Value) -> Result<i64, Trouble> {
    match value {
        Value::Int(number) => Ok(*number),
        Value::Bool(truth) => Ok(i64::from(*truth)),
        _ => Err(Trouble::Fault(
            Signal::ABRT,
            "the value of a function is used that returned none".to_owned(),
        )),
    }
}

/// `a op b` in type `int`. Signed overflow wraps, as compilers without optimisation have it.
pub(super) fn arith(op: Arith, int: Int, a: i64, b: i64) -> Result<i64, Trouble> {
    let number = match op {
        Arith::Add => a.wrapping_add(b),
        Arith::Sub => a.wrapping_sub(b),
        Arith::Mul => a.wrapping_mul(b),
        Arith::Div | Arith::FloorDiv | Arith::Rem => return divide(op, int, a, b),
        Arith::Shl | Arith::Shr => return shift(op, int, a, b),
        Arith::And => a & b,
        Arith::Or => a | b,
        Arith::Xor => a ^ b,
        // C has no such operator, and its front end makes no such instruction.
        Arith::Power => return Err(Trouble::unsupported("C has no power operator")),
    };
    Ok(int.wrap(number))
}

/// Whether `a op b` in type `int`.
pub(super) fn compare(op: Compare, int: Int, a: i64, b: i64) -> bool {
    let order = if int.signed {
        a.cmp(&b)
    } else {
        (a as u64).cmp(&(b as u64))
    };
    holds(op, order)
}

/// Whether an order is what a comparison asks for.
pub(super) fn holds(op: Compare, order: std::cmp::Ordering) -> bool {
    match op {
        Compare::Eq => order.is_eq(),
        Compare::Ne => order.is_ne(),
        Compare::Lt => order.is_lt(),
        Compare::Le => order.is_le(),
        Compare::Gt => order.is_gt(),
        Compare::Ge => order.is_ge(),
    }
}

fn divide(op: Arith, int: Int, a: i64, b: i64) -> Result<i64, Trouble> {
    if b == 0 {
        return Err(Trouble::Fault(Signal::FPE, "division by zero".to_owned()));
    }
    let remainder = op == Arith::Rem;
    if !int.signed {
        let (a, b) = (a as u64, b as u64);
        return Ok(int.wrap(if remainder { a % b } else { a / b } as i64));
    }
    let least = -1_i64 << (u32::from(int.bytes) * 8 - 1);
    if a == least && b == -1 {
        return Err(Trouble::Fault(
            Signal::FPE,
            "the quotient does not fit its type".to_owned(),
        ));
    }
    Ok(if remainder { a % b } else { a / b })
}

fn shift(op: Arith, int: Int, a: i64, b: i64) -> Result<i64, Trouble> {
    if !(0..i64::from(int.bytes) * 8).contains(&b) {
        return Err(Trouble::unsupported(
            "a shift by a negative number or by the whole width means nothing in C",
        ));
    }
    Ok(int.wrap(match (op, int.signed) {
        (Arith::Shl, _) => a << b,
        (_, true) => a >> b,
        (_, false) => (a as u64 >> b) as i64,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_wraps_and_faults_as_the_processor_does() {
        let int = Int::INT;
        for (op, int, a, b, result) in [
            (Arith::Add, int, i64::from(i32::MAX), 1, Ok(i64::from(i32::MIN))),
            (Arith::Div, int, -7, 2, Ok(-3)),
            (Arith::Rem, int, -7, 2, Ok(-1)),
            (Arith::Div, Int::SIZE, -1, 2, Ok(i64::MAX)),
            (Arith::Shr, int, -8, 1, Ok(-4)),
            (Arith::Shr, Int::UNSIGNED, 0xffff_fff8, 1, Ok(0x7fff_fffc)),
            (Arith::Div, int, 1, 0, Err(Signal::FPE)),
            (Arith::Div, int, i64::from(i32::MIN), -1, Err(Signal::FPE)),
            (Arith::Shl, int, 1, 32, Err(Signal::ABRT)),
        ] {
            let told = arith(op, int, a, b).map_err(|trouble| match trouble {
                Trouble::Fault(signal, _) => signal,
                other => panic!("{other:?}"),
            });
            assert_eq!(told, result, "{a} {op:?} {b}");
        }
    }

    #[test]
    fn unsigned_numbers_compare_without_a_sign() {
        assert!(compare(Compare::Lt, Int::INT, -1, 1));
        assert!(compare(Compare::Gt, Int::SIZE, -1, 1));
    }
}
