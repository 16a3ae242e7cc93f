//! Declarations: types, declarators, structures, enumerations, functions, and what the preprocessor says.

use std::sync::Arc;

use tree_sitter::Node;

use super::scope::{Body, Compiler, Known, Name, param_place};
use super::{Compiled, fields, header, parts};
use crate::program::code::{Function, FunctionId, Instr, Place, Variable};
use crate::program::types::{Int, Signature, Struct, Type};

/// What a declarator says: a name and a type around the one on its left.
pub(super) struct Declarator<'tree> {
    pub(super) name: String,
    pub(super) node: Node<'tree>,
    pub(super) ty: Type,
    /// The parameters, if it declares a function.
    params: Option<Vec<Param<'tree>>>,
}

/// A parameter with its name, if it has one.
#[derive(Clone)]
struct Param<'tree> {
    name: String,
    node: Node<'tree>,
    ty: Type,
}

impl Compiler<'_> {
    /// Everything at the level of the file, in order.
    pub(super) fn file_level(&mut self, root: Node) -> Compiled<()> {
        for item in parts(root) {
            match item.kind() {
                "function_definition" => self.function(item)?,
                "declaration" => self.global_declaration(item)?,
                "preproc_function_def" | "preproc_if" | "preproc_ifdef" => {
                    return Err(self.unsupported(item, "this directive of the preprocessor"));
                }
                kind if kind.starts_with("preproc") => self.directive(item)?,
                "type_definition" => self.typedef(item)?,
                "struct_specifier" | "enum_specifier" | "union_specifier" => {
                    self.specifier(item)?;
                }
                ";" => {}
                _ if item.kind() == "expression_statement" && parts(item).is_empty() => {}
                _ => return Err(self.meaning(item, "a statement stands outside of every function".into())),
            }
        }
        Ok(())
    }

    /// The type that stands at the left of a declaration.
    pub(super) fn base_type(&mut self, declaration: Node) -> Compiled<Type> {
        for part in parts(declaration) {
            let text = self.text(part);
            match part.kind() {
                "storage_class_specifier" if text == "extern" && !declares_function(declaration) => {
                    return Err(self.unsupported(part, "a variable of another file"));
                }
                "storage_class_specifier"
                    if matches!(text, "static" | "extern" | "inline" | "register" | "auto") => {}
                "type_qualifier" if matches!(text, "const" | "volatile") => {}
                "storage_class_specifier" | "type_qualifier" => {
                    return Err(self.unsupported(part, text));
                }
                kind if kind.contains("attribute") => return Err(self.unsupported(part, "attributes")),
                _ => {}
            }
        }
        match declaration.child_by_field_name("type") {
            Some(ty) => self.specifier(ty),
            None => Err(self.meaning(declaration, "a declaration without a type".into())),
        }
    }

    /// A type specifier.
    pub(super) fn specifier(&mut self, node: Node) -> Compiled<Type> {
        let text = self.text(node);
        match node.kind() {
            "primitive_type" if text == "void" => Ok(Type::Void),
            "primitive_type" if text == "int" => Ok(Type::INT),
            "primitive_type" if text == "char" => Ok(Type::Int(Int::CHAR)),
            "primitive_type" | "type_identifier" => self.named_type(node),
            "sized_type_specifier" => self.sized_type(node),
            "struct_specifier" => self.structure(node),
            "enum_specifier" => self.enumeration(node),
            "union_specifier" => Err(self.unsupported(node, "unions")),
            _ => Err(self.unsupported(node, &format!("the type {text}"))),
        }
    }

    fn named_type(&mut self, node: Node) -> Compiled<Type> {
        let name = self.text(node);
        if self.macros.contains_key(name) {
            return Err(self.unsupported(node, "a macro that stands for a type"));
        }
        if let Some(Name::Type(ty)) = self.find(name) {
            return Ok(self.resolved(ty.clone()));
        }
        header::type_named(name).ok_or_else(|| match name {
            "float" | "double" => self.unsupported(node, "floating point"),
            _ => self.unsupported(node, &format!("the type {name}")),
        })
    }

    /// `unsigned long int` and its like.
    fn sized_type(&mut self, node: Node) -> Compiled<Type> {
        let text = self.text(node);
        let count = |word: &str| text.split_whitespace().filter(|part| *part == word).count();
        if count("double") + count("float") > 0 {
            return Err(self.unsupported(node, "floating point"));
        }
        let unsigned = count("unsigned") > 0;
        let (bytes, signed_name, unsigned_name) = if count("char") > 0 {
            (1, "signed char", "unsigned char")
        } else if count("short") > 0 {
            (2, "short", "unsigned short")
        } else if count("long") > 1 {
            (8, "long long", "unsigned long long")
        } else if count("long") > 0 {
            (8, "long", "unsigned long")
        } else {
            (4, "int", "unsigned int")
        };
        if let Some(inner) = node.child_by_field_name("type")
            && !matches!(self.text(inner), "int" | "char")
        {
            return Err(self.unsupported(node, &format!("the type {text}")));
        }
        let name = if unsigned { unsigned_name } else { signed_name };
        Ok(Type::Int(Int::new(bytes, !unsigned, name)))
    }

    fn structure(&mut self, node: Node) -> Compiled<Type> {
        let tag = node.child_by_field_name("name").map(|name| self.text(name));
        let Some(list) = node.child_by_field_name("body") else {
            let tag = tag.unwrap_or_default();
            return Ok(self.find_tag(tag).unwrap_or_else(|| Type::Tag(tag.into())));
        };
        let mut members: Vec<(String, Type)> = Vec::new();
        for field in parts(list) {
            if field.kind() != "field_declaration"
                || parts(field).iter().any(|part| part.kind() == "bitfield_clause")
            {
                return Err(self.unsupported(field, "this kind of field"));
            }
            let base = self.base_type(field)?;
            for declarator in fields(field, "declarator") {
                let declared = self.declarator(declarator, base.clone())?;
                if declared.ty.size() == 0 {
                    return Err(
                        self.meaning(declarator, format!("a field of type {} has no size", declared.ty))
                    );
                }
                if members.iter().any(|(name, _)| *name == declared.name) {
                    return Err(self.meaning(declarator, format!("a second field {}", declared.name)));
                }
                members.push((declared.name, declared.ty));
            }
        }
        if members.is_empty() {
            return Err(self.unsupported(node, "a structure without fields"));
        }
        let name = tag.unwrap_or("{…}").to_owned();
        let ty = Type::Struct(Arc::new(Struct::new(name.clone(), members)));
        if let (Some(scope), true) = (self.tags.last_mut(), tag.is_some()) {
            scope.insert(name, ty.clone());
        }
        Ok(ty)
    }

    fn enumeration(&mut self, node: Node) -> Compiled<Type> {
        let Some(list) = node.child_by_field_name("body") else {
            return Ok(Type::INT);
        };
        let mut next = 0;
        for enumerator in parts(list) {
            let Some(name) = enumerator.child_by_field_name("name") else {
                return Err(self.unsupported(enumerator, "this in an enumeration"));
            };
            if let Some(value) = enumerator.child_by_field_name("value") {
                next = self.constant_value(value)?;
            }
            let name = self.text(name).to_owned();
            self.declare(&name, Name::Constant(next));
            next += 1;
        }
        Ok(Type::INT)
    }

    pub(super) fn typedef(&mut self, node: Node) -> Compiled<()> {
        let base = self.base_type(node)?;
        for declarator in fields(node, "declarator") {
            let declared = self.declarator(declarator, base.clone())?;
            self.declare(&declared.name, Name::Type(declared.ty));
        }
        Ok(())
    }

    /// Reads a declarator: from the outside in, as its grammar nests, the type grows around the base.
    pub(super) fn declarator<'tree>(&mut self, node: Node<'tree>, base: Type) -> Compiled<Declarator<'tree>> {
        self.nested(node, |this| this.declarator_inner(node, base))
    }

    fn declarator_inner<'tree>(&mut self, node: Node<'tree>, base: Type) -> Compiled<Declarator<'tree>> {
        let inner = node.child_by_field_name("declarator");
        match node.kind() {
            "identifier" | "field_identifier" | "type_identifier" | "primitive_type" => Ok(Declarator {
                name: self.text(node).to_owned(),
                node,
                ty: base,
                params: None,
            }),
            "pointer_declarator" | "abstract_pointer_declarator" => {
                self.inner_declarator(node, inner, Type::pointer(base))
            }
            "array_declarator" | "abstract_array_declarator" => {
                let len = match node.child_by_field_name("size") {
                    Some(size) => u64::try_from(self.constant_value(size)?)
                        .map_err(|_| self.meaning(size, "an array of negative length".into()))?,
                    // The initialiser, or the caller, says how long.
                    None => 0,
                };
                self.inner_declarator(node, inner, Type::Array(Arc::new(base), len))
            }
            "parenthesized_declarator" | "abstract_parenthesized_declarator" => {
                let inner = parts(node).into_iter().next();
                self.inner_declarator(node, inner, base)
            }
            "function_declarator" | "abstract_function_declarator" => {
                self.function_declarator(node, inner, base)
            }
            _ => Err(self.unsupported(node, "this declarator")),
        }
    }

    fn inner_declarator<'tree>(
        &mut self,
        outer: Node<'tree>,
        inner: Option<Node<'tree>>,
        ty: Type,
    ) -> Compiled<Declarator<'tree>> {
        match inner {
            Some(inner) => self.declarator(inner, ty),
            None => Ok(Declarator {
                name: String::new(),
                node: outer,
                ty,
                params: None,
            }),
        }
    }

    fn function_declarator<'tree>(
        &mut self,
        node: Node<'tree>,
        inner: Option<Node<'tree>>,
        result: Type,
    ) -> Compiled<Declarator<'tree>> {
        let Some(list) = node.child_by_field_name("parameters") else {
            return Err(self.unsupported(node, "this declarator"));
        };
        let params = self.params(list)?;
        let signature = Signature {
            result,
            params: params.iter().map(|param| param.ty.clone()).collect(),
        };
        let mut declared = self.inner_declarator(node, inner, Type::Function(Arc::new(signature)))?;
        if declared.params.is_none() {
            declared.params = Some(params);
        }
        Ok(declared)
    }

    fn params<'tree>(&mut self, list: Node<'tree>) -> Compiled<Vec<Param<'tree>>> {
        let mut params = Vec::new();
        for param in parts(list) {
            if param.kind() != "parameter_declaration" {
                return Err(self.unsupported(param, "this kind of parameter"));
            }
            let base = self.base_type(param)?;
            let declared = match param.child_by_field_name("declarator") {
                Some(declarator) => self.declarator(declarator, base)?,
                None => Declarator {
                    name: String::new(),
                    node: param,
                    ty: base,
                    params: None,
                },
            };
            let ty = match declared.ty {
                Type::Array(item, _) => Type::Pointer(item),
                Type::Function(signature) => Type::pointer(Type::Function(signature)),
                Type::Struct(_) => return Err(self.unsupported(param, "a structure as an argument")),
                other => other,
            };
            params.push(Param {
                name: declared.name,
                node: declared.node,
                ty,
            });
        }
        let is_void = matches!(params.as_slice(), [only] if only.ty == Type::Void && only.name.is_empty());
        if is_void {
            params.clear();
        }
        if let Some(bad) = params.iter().find(|param| param.ty == Type::Void) {
            return Err(self.meaning(bad.node, "a parameter of type void".into()));
        }
        Ok(params)
    }

    /// Makes a function known, defined or not.
    pub(super) fn declare_function(
        &mut self,
        node: Node,
        name: &str,
        signature: &Arc<Signature>,
    ) -> Compiled<FunctionId> {
        if matches!(signature.result, Type::Struct(_)) {
            return Err(self.unsupported(node, "a structure as a result"));
        }
        if let Some(known) = self.known.get_mut(name) {
            // `()` says nothing about parameters; a later declaration does.
            if known.signature.params.is_empty() {
                known.signature = Arc::clone(signature);
            }
            return Ok(known.id);
        }
        let id = FunctionId(self.functions.len() as u32);
        self.functions.push(None);
        let known = Known {
            id,
            signature: Arc::clone(signature),
            defined: false,
        };
        self.known.insert(name.to_owned(), known);
        Ok(id)
    }

    fn function(&mut self, node: Node) -> Compiled<()> {
        let base = self.base_type(node)?;
        let (Some(declarator), Some(block)) = (
            node.child_by_field_name("declarator"),
            node.child_by_field_name("body"),
        ) else {
            return Err(self.unsupported(node, "this kind of function"));
        };
        let declared = self.declarator(declarator, base)?;
        let (Type::Function(signature), Some(params)) = (&declared.ty, declared.params) else {
            return Err(self.meaning(declarator, "this is no function".into()));
        };
        let name = declared.name;
        let id = self.declare_function(declared.node, &name, signature)?;
        if let Some(known) = self.known.get_mut(&name) {
            known.signature = Arc::clone(signature);
            if std::mem::replace(&mut known.defined, true) {
                return Err(self.meaning(node, format!("a second definition of {name}")));
            }
        }
        self.body = Body::new(signature.result.clone());
        self.open_scope();
        let mut places = Vec::new();
        for param in params {
            let offset = self.reserve_local(param.node, &param.ty)?;
            let place = param_place(offset, &param.ty);
            places.push(place);
            self.variable(&param.name, param.ty, place, 0);
        }
        self.block(block)?;
        self.close_scope();
        self.end_function(&name, block);
        let body = std::mem::replace(&mut self.body, Body::new(Type::Void));
        self.functions[id.0 as usize] = Some(Function {
            name,
            code: body.code,
            params: places,
            defaults: Vec::new(),
            frame: body.frame,
            locals: 0,
            variables: body.variables,
            line: node.start_position().row as u32 + 1,
        });
        Ok(())
    }

    /// What happens at the closing brace: main gives 0, any other function nothing.
    fn end_function(&mut self, name: &str, block: Node) {
        self.body.line = None;
        self.mark_line(block.end_position().row as u32 + 1);
        self.emit(if name == "main" {
            Instr::Int(0)
        } else {
            Instr::Const(0)
        });
        self.emit(Instr::Return);
    }

    /// Makes a variable of the function at hand known.
    pub(super) fn variable(&mut self, name: &str, ty: Type, place: Place, from: u32) {
        if name.is_empty() {
            return;
        }
        self.body.variables.push(Variable {
            name: name.to_owned(),
            ty: ty.clone(),
            place,
            scope: (from, u32::MAX),
        });
        self.declare(name, Name::Variable { place, ty });
    }

    fn global_declaration(&mut self, node: Node) -> Compiled<()> {
        let base = self.base_type(node)?;
        // What the initialisers compute runs before main.
        std::mem::swap(&mut self.body, &mut self.initialisers);
        let result = self.declared_globals(node, &base);
        std::mem::swap(&mut self.body, &mut self.initialisers);
        result
    }

    fn declared_globals(&mut self, node: Node, base: &Type) -> Compiled<()> {
        for declarator in fields(node, "declarator") {
            let (declared, value) = self.init_declarator(declarator, base.clone())?;
            if let Type::Function(signature) = &declared.ty {
                self.declare_function(declarator, &declared.name, signature)?;
                continue;
            }
            let redeclared = matches!(self.scopes[0].get(&declared.name), Some(Name::Variable { .. }));
            if redeclared && declared.name != "errno" {
                return Err(self.unsupported(declarator, "a second declaration of a variable"));
            }
            if !redeclared {
                self.place_global(declarator, &declared, value)?;
            }
        }
        Ok(())
    }

    /// A declarator with the initialiser beside it; the length of an array may come from that.
    pub(super) fn init_declarator<'tree>(
        &mut self,
        node: Node<'tree>,
        base: Type,
    ) -> Compiled<(Declarator<'tree>, Option<Node<'tree>>)> {
        let (declarator, value) = match (node.kind(), node.child_by_field_name("declarator")) {
            ("init_declarator", Some(inner)) => (inner, node.child_by_field_name("value")),
            _ => (node, None),
        };
        let mut declared = self.declarator(declarator, base)?;
        if let (Type::Array(item, 0), Some(value)) = (&declared.ty, value) {
            let len = self.initial_len(value)?;
            declared.ty = Type::Array(Arc::clone(item), len);
        }
        Ok((declared, value))
    }

    /// Gives a variable a fixed address, and its first value before main.
    pub(super) fn place_global(
        &mut self,
        node: Node,
        declared: &Declarator,
        value: Option<Node>,
    ) -> Compiled<()> {
        let address = self.reserve(node, &declared.ty)?;
        let place = Place::Address(address);
        self.globals.push(Variable {
            name: declared.name.clone(),
            ty: declared.ty.clone(),
            place,
            scope: (0, u32::MAX),
        });
        let ty = declared.ty.clone();
        self.declare(&declared.name, Name::Variable { place, ty });
        match value {
            Some(value) => self.initialise(value, place, &declared.ty),
            None => Ok(()),
        }
    }
}

/// Whether a declaration is that of a function.
fn declares_function(declaration: Node) -> bool {
    fields(declaration, "declarator")
        .into_iter()
        .all(|mut declarator| {
            while let Some(inner) = declarator.child_by_field_name("declarator") {
                if declarator.kind() == "function_declarator" {
                    return true;
                }
                declarator = inner;
            }
            false
        })
}
