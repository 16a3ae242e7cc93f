//! Calls: of the program's own functions, of the library's, and through pointers.

use std::sync::Arc;

use tree_sitter::Node;

use super::scope::{Compiler, Name};
use super::{Compiled, Library, format, header, parts, scan};
use crate::program::code::Instr;
use crate::program::types::{Signature, Type};

impl Compiler<'_> {
    pub(super) fn call(&mut self, node: Node) -> Compiled<Type> {
        let callee = self.field(node, "function")?;
        let arguments = parts(self.field(node, "arguments")?);
        if let ("parenthesized_expression", [only]) = (callee.kind(), arguments.as_slice())
            && let Some(target) = self.type_in_parentheses(callee)
        {
            // `(pid_t)(x)` looks like a call to the grammar.
            return self.cast_to(node, *only, target);
        }
        if callee.kind() == "identifier" {
            let name = self.text(callee);
            if self.macros.contains_key(name) {
                return Err(self.unsupported(callee, "a macro that is called"));
            }
            let is_variable = matches!(self.find(name), Some(Name::Variable { .. }));
            if !is_variable {
                return self.call_named(node, name, &arguments);
            }
        }
        let ty = self.value(callee)?;
        let signature = match &ty {
            Type::Pointer(to) => match &**to {
                Type::Function(signature) => Arc::clone(signature),
                _ => return Err(self.meaning(callee, format!("{ty} cannot be called"))),
            },
            _ => return Err(self.meaning(callee, format!("{ty} cannot be called"))),
        };
        let args = self.arguments(node, &signature, &arguments)?;
        self.emit(Instr::CallValue { args });
        Ok(signature.result.clone())
    }

    fn call_named(&mut self, node: Node, name: &str, arguments: &[Node]) -> Compiled<Type> {
        if let Some(known) = self.known.get(name).cloned() {
            let args = self.arguments(node, &known.signature, arguments)?;
            self.emit(Instr::Call {
                function: known.id,
                args,
            });
            return Ok(known.signature.result.clone());
        }
        let Some(declared) = header::function(name) else {
            return Err(self.unsupported(node, &format!("the function {name}")));
        };
        let fixed = declared.params.len();
        let fits = if declared.variadic {
            arguments.len() >= fixed
        } else {
            arguments.len() == fixed
        };
        if !fits {
            return Err(self.meaning(
                node,
                format!("{name} takes {fixed} arguments and gets {}", arguments.len()),
            ));
        }
        if arguments.len() > usize::from(u8::MAX) {
            return Err(self.unsupported(node, "so many arguments"));
        }
        // Like gcc on x86-64, from the right to the left.
        let mut types = Vec::new();
        for (index, argument) in arguments.iter().enumerate().rev() {
            types.insert(
                0,
                match declared.params.get(index) {
                    Some(param) => {
                        self.converted(*argument, param)?;
                        param.clone()
                    }
                    None => self.scalar(*argument)?,
                },
            );
        }
        self.check_format(&declared, arguments, &types)?;
        self.emit_native(declared.function, arguments.len());
        // The library computes with 64 bits; -1 of an unsigned result, or what atoi makes of a long number,
        // is cut here.
        if let Type::Int(int) = declared.result
            && int.bytes < 8
        {
            self.emit(Instr::Wrap(int));
        }
        Ok(declared.result)
    }

    /// A format that is a literal is read now, so that what printf does not know here is refused with its
    /// place.
    fn check_format(
        &mut self,
        declared: &header::Declared,
        arguments: &[Node],
        types: &[Type],
    ) -> Compiled<()> {
        let Some(at) = declared.function.format_argument() else {
            return Ok(());
        };
        let node = arguments[at];
        if !matches!(node.kind(), "string_literal" | "concatenated_string") {
            return Ok(());
        }
        let bytes = self.string(node)?;
        let wanted = if declared.function == Library::Scanf {
            scan::check(&bytes)
        } else {
            format::check(&bytes)
        };
        let wanted = wanted.map_err(|what| self.unsupported(node, &format!("{what} in a format")))?;
        let given = &types[at + 1..];
        if wanted.len() != given.len() {
            let (wanted, given) = (wanted.len(), given.len());
            let what = format!("the format wants {wanted} values and gets {given}");
            return Err(self.meaning(node, what));
        }
        match wanted.iter().zip(given).position(|(wanted, ty)| !wanted.fits(ty)) {
            Some(index) => Err(self.meaning(
                arguments[at + 1 + index],
                format!("{} does not fit its place in the format", given[index]),
            )),
            None => Ok(()),
        }
    }

    fn arguments(&mut self, node: Node, signature: &Signature, arguments: &[Node]) -> Compiled<u8> {
        if arguments.len() != signature.params.len() {
            return Err(self.meaning(
                node,
                format!(
                    "the function takes {} arguments and gets {}",
                    signature.params.len(),
                    arguments.len()
                ),
            ));
        }
        if arguments.len() > usize::from(u8::MAX) {
            return Err(self.unsupported(node, "so many arguments"));
        }
        for (argument, param) in arguments.iter().zip(&signature.params).rev() {
            self.converted(*argument, param)?;
        }
        Ok(arguments.len() as u8)
    }
}
