//! The variables of a native program at a line, by its debug information (DWARF).
//!
//! Only what a student can check by eye is read: integers, characters, floats, pointers, strings, short arrays
//! of these. Structures are left to a debugger. A variable whose declaration has not run yet has no value.

use gimli::{
    AttributeValue, DebuggingInformationEntry, EvaluationResult, Location, UnitRef, Value, constants,
};

use super::fact::Variable;
use super::image::{Image, Reader};
use super::space::Frame;
use super::types::{self, Read};

type Entry = DebuggingInformationEntry<Reader>;

/// A frame of the user's, of a task that is stopped.
pub struct View<'a> {
    /// The file that its code is from.
    pub image: &'a Image,
    /// Where in it.
    pub address: u64,
    /// What to add to the file's addresses.
    pub bias: u64,
    /// The frame.
    pub frame: Frame,
    /// The frame that called it.
    pub caller: Option<Frame>,
    /// The memory of the task.
    pub memory: Read<'a>,
}

/// A variable that is in scope, before it is read.
struct Found {
    entry: Entry,
    frame_base: Option<AttributeValue<Reader>>,
    /// Where the innermost block begins that it belongs to.
    block: Option<u64>,
    global: bool,
}

/// The variables in scope, inner ones first to last declared, globals of the same file last.
pub fn read(view: &View<'_>) -> Vec<Variable> {
    let Some(unit) = view.image.unit(view.address) else {
        return Vec::new();
    };
    let found = in_scope(&unit, view.address).unwrap_or_default();
    let mut variables: Vec<Variable> = Vec::new();
    for found in &found {
        let Some(variable) = view.variable(&unit, found) else {
            continue;
        };
        match variables.iter_mut().find(|known| known.name == variable.name) {
            // An inner block hides what an outer one calls the same; everything hides a global.
            Some(_) if found.global => {}
            Some(known) => *known = variable,
            None => variables.push(variable),
        }
    }
    variables
}

/// All variables that the blocks around an address declare, outer ones first, then the globals.
fn in_scope(unit: &UnitRef<'_, Reader>, address: u64) -> Result<Vec<Found>, gimli::Error> {
    let (mut locals, mut globals) = (Vec::new(), Vec::new());
    let mut scopes: Vec<Scope> = Vec::new();
    let mut skipped: Option<isize> = None;
    let mut entries = unit.entries();
    while let Some(entry) = entries.next_dfs()? {
        let depth = entry.depth();
        if skipped.is_some_and(|outside| depth > outside) {
            continue;
        }
        skipped = None;
        scopes.retain(|scope| scope.depth < depth);
        match entry.tag() {
            constants::DW_TAG_subprogram
            | constants::DW_TAG_lexical_block
            | constants::DW_TAG_inlined_subroutine => match begin_around(unit, entry, address)? {
                Some(begin) => scopes.push(Scope {
                    depth,
                    begin,
                    block: entry.tag() == constants::DW_TAG_lexical_block,
                    frame_base: entry.attr_value(constants::DW_AT_frame_base),
                }),
                None => skipped = Some(depth),
            },
            constants::DW_TAG_variable | constants::DW_TAG_formal_parameter => {
                let global = scopes.is_empty();
                let found = Found {
                    entry: entry.clone(),
                    frame_base: scopes.iter().rev().find_map(|scope| scope.frame_base.clone()),
                    block: scopes.last().filter(|scope| scope.block).map(|scope| scope.begin),
                    global,
                };
                if global { &mut globals } else { &mut locals }.push(found);
            }
            constants::DW_TAG_compile_unit | constants::DW_TAG_namespace => {}
            _ => skipped = Some(depth),
        }
    }
    locals.append(&mut globals);
    Ok(locals)
}

struct Scope {
    depth: isize,
    begin: u64,
    block: bool,
    frame_base: Option<AttributeValue<Reader>>,
}

/// Whether a scope's beginning and size, which may be nonsense, add up to more than an address: gimli does not look.
fn reaches_too_far(unit: &UnitRef<'_, Reader>, entry: &Entry) -> Result<bool, gimli::Error> {
    let (Some(begin), Some(AttributeValue::Udata(size))) = (
        entry.attr_value(constants::DW_AT_low_pc),
        entry.attr_value(constants::DW_AT_high_pc),
    ) else {
        return Ok(false);
    };
    let begin = unit.attr_address(begin)?;
    Ok(begin.is_some_and(|begin| begin.checked_add(size).is_none()))
}

/// Where a scope begins, if an address is in it.
fn begin_around(
    unit: &UnitRef<'_, Reader>,
    entry: &Entry,
    address: u64,
) -> Result<Option<u64>, gimli::Error> {
    if reaches_too_far(unit, entry)? {
        return Ok(None);
    }
    let mut ranges = unit.die_ranges(entry)?;
    let mut begin = u64::MAX;
    let mut inside = false;
    while let Some(range) = ranges.next()? {
        begin = begin.min(range.begin);
        inside |= (range.begin..range.end).contains(&address);
    }
    Ok(inside.then_some(begin))
}

impl View<'_> {
    fn variable(&self, unit: &UnitRef<'_, Reader>, found: &Found) -> Option<Variable> {
        let name = unit
            .attr_string(found.entry.attr_value(constants::DW_AT_name)?)
            .ok()?;
        let name = String::from_utf8_lossy(name.bytes()).into_owned();
        let kind = types::of(unit, &found.entry)?;
        let location = self.location(unit, found)?;
        let (address, bytes) = match location {
            Location::Address { address } => {
                let bytes = (self.memory)(address, kind.size())?;
                (Some(address), bytes)
            }
            Location::Register { register } => (None, self.register(register)?.to_le_bytes().to_vec()),
            Location::Value { value } => (None, value.to_u64(u64::MAX).ok()?.to_le_bytes().to_vec()),
            _ => return None,
        };
        let value = if self.declared(found) {
            Some(kind.show(&bytes, self.memory)?)
        } else {
            None
        };
        Some(Variable { name, value, address })
    }

    /// Whether the declaration of a variable has run. One that opens a block, as in `for (int i…`, has: its
    /// line comes again.
    fn declared(&self, found: &Found) -> bool {
        let line_of = |address| self.image.place(address).and_then(|place| place.line);
        let declared = match found.entry.attr_value(constants::DW_AT_decl_line) {
            Some(value) => value.udata_value(),
            None => None,
        };
        let (Some(declared), Some(here)) = (declared, line_of(self.address)) else {
            return true;
        };
        let opens_block = || {
            let first = found.block.and_then(line_of);
            first.is_some_and(|first| u64::from(first.line) == declared)
        };
        found.global
            || found.entry.tag() == constants::DW_TAG_formal_parameter
            || declared < u64::from(here.line)
            || declared == u64::from(here.line) && opens_block()
    }

    fn location(&self, unit: &UnitRef<'_, Reader>, found: &Found) -> Option<Location<Reader>> {
        let attribute = found.entry.attr_value(constants::DW_AT_location)?;
        self.evaluate(unit, attribute, found.frame_base.as_ref())
    }

    fn evaluate(
        &self,
        unit: &UnitRef<'_, Reader>,
        attribute: AttributeValue<Reader>,
        frame_base: Option<&AttributeValue<Reader>>,
    ) -> Option<Location<Reader>> {
        let expression = self.expression(unit, attribute)?;
        let mut evaluation = expression.evaluation(unit.encoding());
        let mut result = evaluation.evaluate().ok()?;
        loop {
            result = match result {
                EvaluationResult::Complete => break,
                EvaluationResult::RequiresFrameBase => {
                    let base = self.frame_base(unit, frame_base?)?;
                    evaluation.resume_with_frame_base(base).ok()?
                }
                // The canonical frame address is the caller's stack pointer, by definition.
                EvaluationResult::RequiresCallFrameCfa => {
                    evaluation.resume_with_call_frame_cfa(self.caller?.stack).ok()?
                }
                EvaluationResult::RequiresRegister { register, .. } => {
                    let value = Value::Generic(self.register(register)?);
                    evaluation.resume_with_register(value).ok()?
                }
                EvaluationResult::RequiresRelocatedAddress(address) => {
                    let address = address.wrapping_add(self.bias);
                    evaluation.resume_with_relocated_address(address).ok()?
                }
                EvaluationResult::RequiresMemory { address, .. } => {
                    let word = (self.memory)(address, 8)?.try_into().ok()?;
                    let value = Value::Generic(u64::from_le_bytes(word));
                    evaluation.resume_with_memory(value).ok()?
                }
                // Thread-local, or known to the caller only.
                _ => return None,
            };
        }
        // What is in several pieces is no number.
        let pieces = evaluation.result();
        match &pieces[..] {
            [piece] => Some(piece.location.clone()),
            _ => None,
        }
    }

    fn expression(
        &self,
        unit: &UnitRef<'_, Reader>,
        attribute: AttributeValue<Reader>,
    ) -> Option<gimli::Expression<Reader>> {
        if let AttributeValue::Exprloc(expression) = attribute {
            return Some(expression);
        }
        let mut list = unit.attr_locations(attribute).ok()??;
        while let Ok(Some(entry)) = list.next() {
            if (entry.range.begin..entry.range.end).contains(&self.address) {
                return Some(entry.data);
            }
        }
        None
    }

    fn frame_base(&self, unit: &UnitRef<'_, Reader>, attribute: &AttributeValue<Reader>) -> Option<u64> {
        match self.evaluate(unit, attribute.clone(), None)? {
            Location::Address { address } => Some(address),
            Location::Register { register } => self.register(register),
            _ => None,
        }
    }

    /// The registers that unwinding restores; others have been overwritten by deeper calls.
    fn register(&self, register: gimli::Register) -> Option<u64> {
        match register {
            gimli::X86_64::RBP => Some(self.frame.base),
            gimli::X86_64::RSP => Some(self.frame.stack),
            _ => None,
        }
    }
}
