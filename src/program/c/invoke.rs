//! Calls: of the program's own functions, of the library's, and through pointers.

use std::sync::Arc;

use tree_sitter::Node;

use super::scope::{Compiler, Name};
use super::{Compiled, Library, format, header, parts};
use crate::program::code::Instr;
use crate::program::types::{Signature, Type};

impl Compiler<'_> {
    pub(super) fn call(&mut self, node: Node) -> Compiled<Type> {
        let callee = self.field(node, "function")?;
        let arguments = parts(self.field(node, "arguments")?);
        if callee.kind() == "identifier" {
            let name = self.text(callee);
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
        self.check_format(&declared, arguments)?;
        // Like gcc on x86-64, from the right to the left.
        for (index, argument) in arguments.iter().enumerate().rev() {
            match declared.params.get(index) {
                Some(param) => self.converted(*argument, param)?,
                None => {
                    self.scalar(*argument)?;
                }
            }
        }
        self.emit_native(declared.function, arguments.len());
        Ok(declared.result)
    }

    /// A format that is a literal is read now, so that what printf does not know here is refused with its place.
    fn check_format(&mut self, declared: &header::Declared, arguments: &[Node]) -> Compiled<()> {
        let Some(at) = declared.function.format_argument() else {
            return Ok(());
        };
        let Some(node) = arguments.get(at) else {
            return Ok(());
        };
        if !matches!(node.kind(), "string_literal" | "concatenated_string") {
            return Ok(());
        }
        let bytes = self.string(*node)?;
        let given = arguments.len() - at - 1;
        let wanted = if declared.function == Library::Scanf {
            super::scan::check(&bytes)
        } else {
            format::check(&bytes)
        };
        match wanted {
            Ok(wanted) if wanted == given => Ok(()),
            Ok(wanted) => Err(self.meaning(
                *node,
                format!("the format wants {wanted} values and gets {given}"),
            )),
            Err(what) => Err(self.unsupported(*node, &format!("{what} in a format"))),
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
