//! Expressions: each leaves one value on the stack.

use tree_sitter::Node;

use super::library::Attribute;
use super::literal::is_well_grouped;
use super::module::{self, Entry};
use super::scope::{Compiler, Home};
use super::{Compiled, Library, fields, parts};
use crate::program::code::{Arith, Compare, Instr, Test};
use crate::program::value::{Float, Value};

impl<'tree> Compiler<'tree> {
    /// Compiles an expression.
    pub(super) fn value(&mut self, node: Node<'tree>) -> Compiled<()> {
        self.nested(node, |compiler| compiler.value_of(node))
    }

    fn value_of(&mut self, node: Node<'tree>) -> Compiled<()> {
        if let Some(value) = self.literal_value(node) {
            self.constant(value);
            return Ok(());
        }
        match node.kind() {
            "attribute" => self.attribute(node),
            "binary_operator" => self.binary(node),
            "boolean_operator" => self.boolean(node),
            "call" => self.call(node),
            "comparison_operator" => self.comparison(node),
            "concatenated_string" | "string" => self.string(node),
            "conditional_expression" => self.conditional(node),
            "dictionary" => self.dictionary(node),
            "dictionary_comprehension" | "list_comprehension" | "set_comprehension" => {
                self.comprehension(node)
            }
            "expression_list" | "tuple" => self.items(node, Instr::MakeTuple),
            "float" => {
                let text = self.text(node);
                match text.replace('_', "").parse() {
                    Ok(number) if is_well_grouped(text) => {
                        self.constant(Value::Float(Float::new(number)));
                        Ok(())
                    }
                    _ => Err(self.unsupported(node, "such a number")),
                }
            }
            "generator_expression" => Err(self.unsupported(
                node,
                "a generator that is not taken up at once by sum, any, join or the like",
            )),
            "identifier" => self.name(node),
            // Those that fit were literals.
            "integer" => Err(self.unsupported(node, "such a number; integers have 64 bits here")),
            "lambda" => self.lambda(node),
            "list" => self.items(node, Instr::MakeList),
            "named_expression" => self.named(node),
            "not_operator" => {
                let argument = self.field(node, "argument")?;
                self.value(argument)?;
                self.emit(Instr::LogicalNot);
                Ok(())
            }
            "parenthesized_expression" => match parts(node).as_slice() {
                [inner] => self.value(*inner),
                _ => Err(self.broken(node)),
            },
            "set" => self.items(node, Instr::MakeSet),
            "subscript" => self.subscript(node),
            "unary_operator" => self.unary(node),
            other => Err(self.unsupported(node, &format!("a {}", other.replace('_', " ")))),
        }
    }

    fn name(&mut self, node: Node<'tree>) -> Compiled<()> {
        let name = self.text(node);
        match self.home(node)? {
            // What follows the names of a program that nobody binds would be a `NameError`, if Python did not know them.
            Some(Home::Global(_)) if self.is_unknown(name) => Err(self.unsupported(node, name)),
            Some(home) => {
                self.load(home);
                Ok(())
            }
            None => match module::builtin(name) {
                Some(entry) => {
                    self.entry(entry);
                    Ok(())
                }
                None => Err(self.broken(node)),
            },
        }
    }

    fn attribute(&mut self, node: Node<'tree>) -> Compiled<()> {
        let object = self.field(node, "object")?;
        let name = self.text(self.field(node, "attribute")?);
        if let Some(entry) = self.fixed(node) {
            self.check_imported(object)?;
            self.entry(entry);
            return Ok(());
        }
        if let Some(module) = self.module_of(node).map(str::to_owned) {
            return Err(self.unsupported(node, &format!("{module}.{name}")));
        }
        if name == "__name__" {
            return self.type_name(node, object);
        }
        if name == "name"
            && let Some(Entry::Named(named)) = self.fixed(object)
        {
            self.constant(Value::Str(super::name_of(named).into()));
            return Ok(());
        }
        let attribute = match name {
            "args" => Attribute::Args,
            "closed" => Attribute::Closed,
            "code" => Attribute::Code,
            "errno" => Attribute::Errno,
            "filename" => Attribute::Filename,
            "mode" => Attribute::Mode,
            "name" => Attribute::Name,
            "strerror" => Attribute::Strerror,
            "value" => Attribute::Number,
            _ => return Err(self.unsupported(node, &format!("the attribute {name}"))),
        };
        self.value(object)?;
        self.native(Library::Attribute(attribute), 1);
        Ok(())
    }

    /// A module's name must have been imported by now; its value is not needed.
    pub(super) fn check_imported(&mut self, node: Node<'tree>) -> Compiled<()> {
        if let Some(home) = self.home(node)? {
            self.load(home);
            self.emit(Instr::Pop);
        }
        Ok(())
    }

    /// `type(value).__name__`, or the same with `__class__`.
    fn type_name(&mut self, node: Node<'tree>, object: Node<'tree>) -> Compiled<()> {
        let inner = match object.kind() {
            "call" if self.text(self.field(object, "function")?) == "type" => {
                match parts(self.field(object, "arguments")?).as_slice() {
                    [one] => Some(*one),
                    _ => None,
                }
            }
            "attribute" if self.text(self.field(object, "attribute")?) == "__class__" => {
                Some(self.field(object, "object")?)
            }
            _ => None,
        };
        match inner {
            Some(inner) => {
                self.value(inner)?;
                self.native(Library::TypeName, 1);
                Ok(())
            }
            None => Err(self.unsupported(node, "the attribute __name__")),
        }
    }

    fn binary(&mut self, node: Node<'tree>) -> Compiled<()> {
        let left = self.field(node, "left")?;
        let right = self.field(node, "right")?;
        let sign = self.field(node, "operator")?.kind();
        let Some(op) = arith(sign) else {
            return Err(self.unsupported(node, &format!("the operator {sign}")));
        };
        self.value(left)?;
        self.value(right)?;
        self.emit(Instr::Binary(op));
        Ok(())
    }

    fn unary(&mut self, node: Node<'tree>) -> Compiled<()> {
        let argument = self.field(node, "argument")?;
        self.value(argument)?;
        match self.field(node, "operator")?.kind() {
            "-" => self.emit(Instr::Minus),
            "+" => self.native(Library::Plus, 1),
            "~" => self.native(Library::Invert, 1),
            _ => return Err(self.broken(node)),
        }
        Ok(())
    }

    fn boolean(&mut self, node: Node<'tree>) -> Compiled<()> {
        let left = self.field(node, "left")?;
        let right = self.field(node, "right")?;
        let is_and = self.field(node, "operator")?.kind() == "and";
        self.value(left)?;
        self.emit(Instr::Dup);
        let decided = self.jump(if is_and { Instr::JumpUnless } else { Instr::JumpIf });
        self.emit(Instr::Pop);
        self.value(right)?;
        let line = self.body.line;
        self.land([decided]);
        self.body.line = line;
        Ok(())
    }

    fn conditional(&mut self, node: Node<'tree>) -> Compiled<()> {
        let parts = parts(node);
        let [yes, condition, no] = parts.as_slice() else {
            return Err(self.broken(node));
        };
        let line = self.body.line;
        self.value(*condition)?;
        let unless = self.jump(Instr::JumpUnless);
        self.value(*yes)?;
        let end = self.jump(Instr::Jump);
        self.land([unless]);
        self.value(*no)?;
        self.land([end]);
        self.body.line = line;
        Ok(())
    }

    /// Compiles a condition; gives the jumps for when it does not hold.
    pub(super) fn jump_unless(&mut self, condition: Node<'tree>) -> Compiled<Vec<usize>> {
        if condition.kind() == "true" {
            return Ok(Vec::new());
        }
        self.value(condition)?;
        Ok(vec![self.jump(Instr::JumpUnless)])
    }

    /// `a < b < c`: each operand is computed once, and no more of them than are needed.
    fn comparison(&mut self, node: Node<'tree>) -> Compiled<()> {
        let operands = parts(node);
        let signs = signs(node);
        if operands.len() != signs.len() + 1 {
            return Err(self.broken(node));
        }
        let line = self.body.line;
        self.value(operands[0])?;
        let mut failed = Vec::new();
        for (index, sign) in signs.iter().enumerate() {
            let (left, right) = (operands[index], operands[index + 1]);
            let Some(test) = test(sign) else {
                return Err(self.unsupported(node, &format!("the operator {sign}")));
            };
            if matches!(test, Test::Is | Test::IsNot) && !is_single(left) && !is_single(right) {
                return Err(self.unsupported(node, "`is` between anything but None, True and False; use =="));
            }
            self.value(right)?;
            if index + 1 == signs.len() {
                self.emit(Instr::Test(test));
                break;
            }
            // [left right] → [right left right] → [right bool]
            self.emit(Instr::Swap);
            self.emit(Instr::Over);
            self.emit(Instr::Test(test));
            failed.push(self.jump(Instr::JumpUnless));
        }
        if !failed.is_empty() {
            let end = self.jump(Instr::Jump);
            self.land(failed);
            self.emit(Instr::Pop);
            self.constant(Value::Bool(false));
            self.land([end]);
            self.body.line = line;
        }
        Ok(())
    }

    fn subscript(&mut self, node: Node<'tree>) -> Compiled<()> {
        let container = self.field(node, "value")?;
        let keys = fields(node, "subscript");
        let [key] = keys.as_slice() else {
            return Err(self.unsupported(node, "an item with several keys"));
        };
        self.value(container)?;
        if key.kind() != "slice" {
            self.value(*key)?;
            self.emit(Instr::Item);
            return Ok(());
        }
        let bounds = self.bounds(*key)?;
        for bound in &bounds {
            match bound {
                Some(bound) => self.value(*bound)?,
                None => self.constant(Value::None),
            }
        }
        if bounds[2].is_some() {
            self.native(Library::SliceBy, 4);
        } else {
            self.emit(Instr::Pop);
            self.emit(Instr::Slice);
        }
        Ok(())
    }

    /// Start, stop and step of a slice, as far as they are there.
    fn bounds(&self, slice: Node<'tree>) -> Compiled<[Option<Node<'tree>>; 3]> {
        let mut bounds = [None; 3];
        let mut at = 0;
        let mut cursor = slice.walk();
        for child in slice.children(&mut cursor) {
            match child.kind() {
                ":" => at += 1,
                "comment" => {}
                _ if at < 3 => bounds[at] = Some(child),
                _ => return Err(self.broken(slice)),
            }
        }
        Ok(bounds)
    }

    fn items(&mut self, node: Node<'tree>, make: fn(u32) -> Instr) -> Compiled<()> {
        let items = parts(node);
        for item in &items {
            self.value(*item)?;
        }
        self.emit(make(items.len() as u32));
        Ok(())
    }

    fn dictionary(&mut self, node: Node<'tree>) -> Compiled<()> {
        let pairs = parts(node);
        for pair in &pairs {
            if pair.kind() != "pair" {
                return Err(self.unsupported(*pair, "unpacking a dict into another"));
            }
            let (key, value) = (self.field(*pair, "key")?, self.field(*pair, "value")?);
            self.value(key)?;
            self.value(value)?;
        }
        self.emit(Instr::MakeDict(pairs.len() as u32));
        Ok(())
    }

    fn named(&mut self, node: Node<'tree>) -> Compiled<()> {
        let name = self.field(node, "name")?;
        let value = self.field(node, "value")?;
        let around = node.parent().map_or("", |around| around.kind());
        if !MAY_HOLD_NAMED.contains(&around) {
            return Err(self.syntax(node, "such an assignment needs brackets around it"));
        }
        if !self.body.inner.is_empty() {
            return Err(self.unsupported(node, ":= within a comprehension"));
        }
        self.value(value)?;
        self.emit(Instr::Dup);
        self.assign(name)
    }
}

/// Where `:=` needs no brackets of its own.
const MAY_HOLD_NAMED: &[&str] = &[
    "parenthesized_expression",
    "argument_list",
    "if_statement",
    "elif_clause",
    "while_statement",
    "if_clause",
    "list",
    "set",
    "tuple",
];

/// The operator of a sign.
pub(super) fn arith(sign: &str) -> Option<Arith> {
    Some(match sign {
        "+" => Arith::Add,
        "-" => Arith::Sub,
        "*" => Arith::Mul,
        "/" => Arith::Div,
        "//" => Arith::FloorDiv,
        "%" => Arith::Rem,
        "**" => Arith::Power,
        "<<" => Arith::Shl,
        ">>" => Arith::Shr,
        "&" => Arith::And,
        "|" => Arith::Or,
        "^" => Arith::Xor,
        _ => return None,
    })
}

fn test(sign: &str) -> Option<Test> {
    Some(match sign {
        "==" => Test::Order(Compare::Eq),
        "!=" => Test::Order(Compare::Ne),
        "<" => Test::Order(Compare::Lt),
        "<=" => Test::Order(Compare::Le),
        ">" => Test::Order(Compare::Gt),
        ">=" => Test::Order(Compare::Ge),
        "is" => Test::Is,
        "is not" => Test::IsNot,
        "in" => Test::In,
        "not in" => Test::NotIn,
        _ => return None,
    })
}

/// The signs of a comparison; `not in` and `is not` may come as one token or as two.
fn signs(node: Node) -> Vec<String> {
    let mut signs: Vec<String> = Vec::new();
    let mut cursor = node.walk();
    let mut joins = false;
    for child in node.children(&mut cursor) {
        if child.is_named() {
            joins = false;
            continue;
        }
        match signs.last_mut() {
            Some(sign) if joins => *sign = format!("{sign} {}", child.kind()),
            _ => signs.push(child.kind().to_owned()),
        }
        joins = true;
    }
    signs
}

/// Whether there is only one object of this value.
fn is_single(node: Node) -> bool {
    matches!(node.kind(), "none" | "true" | "false")
}
