//! Operators: assignment, counting, arithmetic, comparison, and the ones that decide what is evaluated at all.

use tree_sitter::Node;

use super::Compiled;
use super::initial::width;
use super::scope::Compiler;
use crate::program::code::{Arith, Compare, Instr};
use crate::program::types::{Int, Type};

impl Compiler<'_> {
    pub(super) fn assignment(&mut self, node: Node) -> Compiled<Type> {
        let target = self.field(node, "left")?;
        let value = self.field(node, "right")?;
        let ty = self.place(target)?;
        self.assignable(target, &ty)?;
        let operator = self.text(self.field(node, "operator")?);
        let Some(arith) = operator.strip_suffix('=').filter(|sign| !sign.is_empty()) else {
            self.assign_value(value, &ty)?;
            return Ok(ty);
        };
        self.emit(Instr::Dup);
        let old = self.load(ty.clone());
        let op = self.arith(node, arith)?;
        let result = self.operate(node, op, &old, value)?;
        self.convert(value, &result, &ty)?;
        self.emit(Instr::Store(width(&ty)));
        Ok(ty)
    }

    fn assignable(&self, node: Node, ty: &Type) -> Compiled<()> {
        match ty {
            Type::Int(_) | Type::Pointer(_) | Type::Struct(_) => Ok(()),
            _ => Err(self.meaning(node, format!("{ty} cannot be assigned"))),
        }
    }

    /// `++` and `--`, before or after.
    pub(super) fn update(&mut self, node: Node) -> Compiled<Type> {
        let argument = self.field(node, "argument")?;
        let ty = self.place(argument)?;
        let step = match &ty {
            Type::Int(_) => 1,
            Type::Pointer(item) => self.item_size(node, item)? as i64,
            _ => return Err(self.meaning(argument, format!("{ty} cannot be counted"))),
        };
        let int = width(&ty);
        let after = node.start_byte() == argument.start_byte();
        let op = if self.text(self.field(node, "operator")?) == "++" {
            Arith::Add
        } else {
            Arith::Sub
        };
        self.emit(Instr::Dup);
        self.emit(Instr::Load(int));
        if after {
            // [address old] → [old address old], so that the old value is left.
            self.emit(Instr::Swap);
            self.emit(Instr::Over);
        }
        self.emit(Instr::Int(step));
        self.emit(Instr::Arith(op, int));
        self.emit(Instr::Store(int));
        if after {
            self.emit(Instr::Pop);
        }
        Ok(ty)
    }

    pub(super) fn unary(&mut self, node: Node) -> Compiled<Type> {
        let argument = self.field(node, "argument")?;
        let operator = node.child(0).map_or("", |operator| self.text(operator));
        let ty = self.scalar(argument)?;
        if operator == "!" {
            self.emit(Instr::Not);
            return Ok(Type::INT);
        }
        let int = self.integer(argument, &ty)?.promoted();
        match operator {
            "-" => self.emit(Instr::Negate(int)),
            "~" => self.emit(Instr::Invert(int)),
            "+" => {}
            _ => return Err(self.unsupported(node, operator)),
        }
        Ok(Type::Int(int))
    }

    pub(super) fn binary(&mut self, node: Node) -> Compiled<Type> {
        let left = self.field(node, "left")?;
        let right = self.field(node, "right")?;
        let operator = self.text(self.field(node, "operator")?);
        match operator {
            "&&" => return self.short_circuit(left, right, Instr::JumpUnless, 0),
            "||" => return self.short_circuit(left, right, Instr::JumpIf, 1),
            _ => {}
        }
        let ty = self.scalar(left)?;
        if let Some(compare) = compare(operator) {
            let other = self.scalar(right)?;
            let int = self.compared(node, (&ty, left), (&other, right))?;
            // The left operand lies below: both are converted by comparing in the common type.
            self.wrap_both(&ty, &other, int);
            self.emit(Instr::Compare(compare, int));
            return Ok(Type::INT);
        }
        let op = self.arith(node, operator)?;
        self.operate(node, op, &ty, right)
    }

    /// `&&` and `||`: the right side is evaluated only if the left leaves it open.
    fn short_circuit(
        &mut self,
        left: Node,
        right: Node,
        jump: fn(u32) -> Instr,
        decided: i64,
    ) -> Compiled<Type> {
        self.scalar(left)?;
        let first = self.jump(jump);
        self.scalar(right)?;
        let second = self.jump(jump);
        self.emit(Instr::Int(1 - decided));
        let end = self.jump(Instr::Jump);
        let line = self.body.line;
        self.land([first, second]);
        self.emit(Instr::Int(decided));
        self.land([end]);
        self.body.line = line;
        Ok(Type::INT)
    }

    /// The type in which two values are compared.
    fn compared(&self, node: Node, (a, left): (&Type, Node), (b, right): (&Type, Node)) -> Compiled<Int> {
        match (a, b) {
            (Type::Int(a), Type::Int(b)) => Ok(a.common(*b)),
            (Type::Pointer(_), Type::Pointer(_)) => Ok(Int::SIZE),
            (Type::Pointer(_), Type::Int(_)) if self.text(right) == "0" => Ok(Int::SIZE),
            (Type::Int(_), Type::Pointer(_)) if self.text(left) == "0" => Ok(Int::SIZE),
            _ => Err(self.meaning(node, format!("{a} and {b} are compared"))),
        }
    }

    /// Brings two integers on the stack to their common type.
    fn wrap_both(&mut self, a: &Type, b: &Type, common: Int) {
        let differs = |ty: &Type| matches!(ty, Type::Int(int) if !int.promoted().same(common));
        if differs(b) {
            self.emit(Instr::Wrap(common));
        }
        if differs(a) {
            self.emit(Instr::Swap);
            self.emit(Instr::Wrap(common));
            self.emit(Instr::Swap);
        }
    }

    /// Compiles `[left on the stack] op right`, for numbers and pointers.
    fn operate(&mut self, node: Node, op: Arith, left: &Type, right: Node) -> Compiled<Type> {
        let ty = self.scalar(right)?;
        match (left, &ty) {
            (Type::Int(a), Type::Int(b)) => {
                // A shift has the type of what is shifted.
                let common = if matches!(op, Arith::Shl | Arith::Shr) {
                    a.promoted()
                } else {
                    let common = a.common(*b);
                    self.wrap_both(left, &ty, common);
                    common
                };
                self.emit(Instr::Arith(op, common));
                Ok(Type::Int(common))
            }
            (Type::Pointer(item), Type::Int(_)) if matches!(op, Arith::Add | Arith::Sub) => {
                self.scale(node, item)?;
                self.emit(Instr::Arith(op, Int::SIZE));
                Ok(left.clone())
            }
            (Type::Int(_), Type::Pointer(item)) if op == Arith::Add => {
                self.emit(Instr::Swap);
                self.scale(node, item)?;
                self.emit(Instr::Arith(op, Int::SIZE));
                Ok(ty.clone())
            }
            (Type::Pointer(item), Type::Pointer(_)) if op == Arith::Sub => {
                let size = self.item_size(node, item)?.max(1);
                self.emit(Instr::Arith(op, Int::LONG));
                self.emit(Instr::Int(size as i64));
                self.emit(Instr::Arith(Arith::Div, Int::LONG));
                Ok(Type::Int(Int::LONG))
            }
            _ => Err(self.meaning(node, format!("{left} and {ty} cannot be computed with"))),
        }
    }

    fn arith(&self, node: Node, operator: &str) -> Compiled<Arith> {
        Ok(match operator {
            "+" => Arith::Add,
            "-" => Arith::Sub,
            "*" => Arith::Mul,
            "/" => Arith::Div,
            "%" => Arith::Rem,
            "<<" => Arith::Shl,
            ">>" => Arith::Shr,
            "&" => Arith::And,
            "|" => Arith::Or,
            "^" => Arith::Xor,
            other => return Err(self.unsupported(node, &format!("the operator {other}"))),
        })
    }

    pub(super) fn conditional(&mut self, node: Node) -> Compiled<Type> {
        self.scalar(self.field(node, "condition")?)?;
        let line = self.body.line;
        let otherwise = self.jump(Instr::JumpUnless);
        let Some(consequence) = node.child_by_field_name("consequence") else {
            return Err(self.unsupported(node, "a conditional without its middle"));
        };
        let alternative = self.field(node, "alternative")?;
        let first = self.value(consequence)?;
        let end = self.jump(Instr::Jump);
        self.land([otherwise]);
        let second = self.value(alternative)?;
        self.land([end]);
        self.body.line = line;
        Ok(match (&first, &second) {
            (Type::Int(a), Type::Int(b)) => {
                // Whichever side was taken is brought to the common type.
                let common = a.common(*b);
                self.emit(Instr::Wrap(common));
                Type::Int(common)
            }
            (Type::Pointer(to), Type::Pointer(_)) if **to == Type::Void => second,
            (Type::Pointer(_), Type::Pointer(_)) => first,
            (Type::Pointer(_), Type::Int(_)) if self.text(alternative) == "0" => first,
            (Type::Int(_), Type::Pointer(_)) if self.text(consequence) == "0" => second,
            (Type::Void, Type::Void) => Type::Void,
            _ => return Err(self.meaning(node, format!("either {first} or {second} comes of this"))),
        })
    }
}

fn compare(operator: &str) -> Option<Compare> {
    Some(match operator {
        "==" => Compare::Eq,
        "!=" => Compare::Ne,
        "<" => Compare::Lt,
        "<=" => Compare::Le,
        ">" => Compare::Gt,
        ">=" => Compare::Ge,
        _ => return None,
    })
}
