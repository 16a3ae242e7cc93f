//! The memory of a C program: bytes at addresses, copied page by page when somebody writes.
//!
//! Each byte is unmapped, mapped but never assigned, or assigned. From that follow the faults that a student
//! should see told rather than guess: a null pointer, a read of a variable that has no value yet, a write
//! past an array, memory used after free. Pages are shared between copies of a memory until one of them
//! writes, as the kernel does after fork(2); that is what makes a copy cheap. Nothing here knows types or
//! instructions.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

/// Where the functions "are": a function pointer is this plus [`FUNCTION_SIZE`] times its index.
pub(super) const TEXT: u64 = 0x40_1000;
/// The distance of two function pointers.
pub(super) const FUNCTION_SIZE: u64 = 16;
/// String literals; writing to them is a fault.
pub(super) const LITERALS: u64 = 0x48_0000;
/// Global and static variables.
pub(super) const DATA: u64 = 0x4c_0000;
/// What malloc gives out.
const HEAP: u64 = 0x1c3_62a0;
/// The first address above the stack, which grows downwards.
pub(super) const STACK_TOP: u64 = 0x7ffd_3a5c_8000;
/// As much stack as Linux gives by default.
pub(super) const STACK_SIZE: u64 = 8 << 20;

const PAGE: usize = 256;
/// More pages than this (64 MiB) are refused: the screen must stay small enough to fork.
const MAX_PAGES: usize = (64 << 20) / PAGE;

/// Why an access to memory failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Access {
    /// Nothing lives at this address.
    Unmapped(u64),
    /// A literal or a function was written to.
    ReadOnly(u64),
    /// The byte at this address was never assigned.
    Unassigned(u64),
    /// The program wants more than 64 MiB.
    TooMuch,
}

/// The bytes of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Memory {
    pages: BTreeMap<u64, Arc<Page>>,
    /// The blocks that malloc gave out: address and size.
    blocks: BTreeMap<u64, u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Page {
    bytes: [u8; PAGE],
    mapped: Bits,
    assigned: Bits,
}

/// A page that exists and has no values.
static BLANK: LazyLock<Arc<Page>> = LazyLock::new(|| {
    Arc::new(Page {
        mapped: Bits([u64::MAX; PAGE / 64]),
        ..Page::EMPTY
    })
});

/// One bit for each byte of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Bits([u64; PAGE / 64]);

impl Bits {
    fn get(self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    fn set(&mut self, at: usize, on: bool) {
        self.set_all(at..at + 1, on);
    }

    fn set_all(&mut self, range: Range<usize>, on: bool) {
        for (word, mask) in Self::masks(range) {
            if on {
                self.0[word] |= mask;
            } else {
                self.0[word] &= !mask;
            }
        }
    }

    fn all(self, range: Range<usize>) -> bool {
        Self::masks(range).all(|(word, mask)| self.0[word] & mask == mask)
    }

    /// The words that a range touches, each with its bits in the range.
    fn masks(range: Range<usize>) -> impl Iterator<Item = (usize, u64)> {
        (range.start / 64..range.end.div_ceil(64)).map(move |word| {
            let first = range.start.saturating_sub(word * 64);
            let last = (range.end - word * 64).min(64);
            (word, u64::MAX << first & u64::MAX >> (64 - last))
        })
    }
}

impl Page {
    const EMPTY: Self = Self {
        bytes: [0; PAGE],
        mapped: Bits([0; PAGE / 64]),
        assigned: Bits([0; PAGE / 64]),
    };
}

impl Memory {
    /// Makes `size` bytes at `address` exist, without a value.
    pub(super) fn map(&mut self, address: u64, size: u64) -> Result<(), Access> {
        for (number, range) in pieces(address, size)? {
            if self.pages.len() >= MAX_PAGES && !self.pages.contains_key(&number) {
                return Err(Access::TooMuch);
            }
            // Whole pages are all the same one until somebody writes.
            if range.len() == PAGE {
                self.pages.insert(number, Arc::clone(&BLANK));
                continue;
            }
            let page = self.pages.entry(number).or_insert_with(|| Arc::new(Page::EMPTY));
            let page = Arc::make_mut(page);
            page.bytes[range.clone()].fill(0);
            page.mapped.set_all(range.clone(), true);
            page.assigned.set_all(range, false);
        }
        Ok(())
    }

    /// Takes `size` bytes at `address` away.
    pub(super) fn unmap(&mut self, address: u64, size: u64) {
        for (number, range) in pieces(address, size).into_iter().flatten() {
            let Some(page) = self.pages.get_mut(&number) else {
                continue;
            };
            let page = Arc::make_mut(page);
            page.bytes[range.clone()].fill(0);
            page.mapped.set_all(range.clone(), false);
            page.assigned.set_all(range, false);
            // An empty page goes, so that two memories that hold the same are equal.
            if page.mapped == Bits::default() {
                self.pages.remove(&number);
            }
        }
    }

    /// Makes `bytes` exist at `address`.
    pub(super) fn place(&mut self, address: u64, bytes: &[u8]) -> Result<(), Access> {
        self.map(address, bytes.len() as u64)?;
        self.put(address, bytes)
    }

    /// Reads a number of 1, 2, 4 or 8 bytes, little end first, without a sign.
    pub(super) fn number(&self, address: u64, size: u8) -> Result<u64, Access> {
        let mut number = 0;
        for index in (0..u64::from(size)).rev() {
            number = number << 8 | u64::from(self.byte(address.wrapping_add(index))?);
        }
        Ok(number)
    }

    /// Stores the low `size` bytes of a number.
    pub(super) fn set_number(&mut self, address: u64, size: u8, number: u64) -> Result<(), Access> {
        self.write(address, &number.to_le_bytes()[..usize::from(size)])
    }

    /// Reads one byte that must have been assigned.
    pub(super) fn byte(&self, address: u64) -> Result<u8, Access> {
        let (page, at) = self.page(address)?;
        if page.assigned.get(at) {
            Ok(page.bytes[at])
        } else {
            Err(Access::Unassigned(address))
        }
    }

    /// Reads bytes as write(2) does: what was never assigned has some value, and here it is zero.
    pub(super) fn raw(&self, address: u64, size: u64) -> Result<Vec<u8>, Access> {
        (0..size)
            .map(|index| {
                let (page, at) = self.page(address.wrapping_add(index))?;
                Ok(page.bytes[at])
            })
            .collect()
    }

    /// Reads the string at `address`, without its NUL.
    pub(super) fn string(&self, address: u64) -> Result<Vec<u8>, Access> {
        self.string_within(address, u64::MAX)
    }

    /// Reads a string of at most `limit` bytes, as `%.5s` does.
    pub(super) fn string_within(&self, address: u64, limit: u64) -> Result<Vec<u8>, Access> {
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < limit {
            match self.byte(address.wrapping_add(bytes.len() as u64))? {
                0 => break,
                byte => bytes.push(byte),
            }
        }
        Ok(bytes)
    }

    /// Stores bytes where the program may write.
    pub(super) fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), Access> {
        if (TEXT..DATA).contains(&address) {
            return Err(Access::ReadOnly(address));
        }
        self.put(address, bytes)
    }

    /// Copies `size` bytes with what is known of each, as memmove(3) and the assignment of a structure do.
    pub(super) fn copy(&mut self, from: u64, to: u64, size: u64) -> Result<(), Access> {
        if (TEXT..DATA).contains(&to) && size > 0 {
            return Err(Access::ReadOnly(to));
        }
        let mut bytes = Vec::new();
        for index in 0..size {
            let (page, at) = self.page(from.wrapping_add(index))?;
            self.page(to.wrapping_add(index))?;
            bytes.push((page.bytes[at], page.assigned.get(at)));
        }
        for (index, (byte, assigned)) in bytes.into_iter().enumerate() {
            let (page, at) = self.page_mut(to.wrapping_add(index as u64))?;
            page.bytes[at] = byte;
            page.assigned.set(at, assigned);
        }
        Ok(())
    }

    /// Whether all of these bytes have a value.
    pub(super) fn is_assigned(&self, address: u64, size: u64) -> bool {
        (0..size).all(|index| self.byte(address.wrapping_add(index)).is_ok())
    }

    /// Gives out a block, as malloc(3) does: without values, and never at an address that is in use.
    pub(super) fn allocate(&mut self, size: u64) -> Result<u64, Access> {
        if size > (MAX_PAGES * PAGE) as u64 {
            return Err(Access::TooMuch);
        }
        let room = (size.max(1) + 8).next_multiple_of(16);
        let mut address = HEAP;
        for (&start, &taken) in &self.blocks {
            if start - address >= room {
                break;
            }
            address = start + (taken.max(1) + 8).next_multiple_of(16);
        }
        self.map(address, size)?;
        self.blocks.insert(address, size);
        Ok(address)
    }

    /// Takes a block back; its size, or nothing when no block begins at this address.
    pub(super) fn release(&mut self, address: u64) -> Option<u64> {
        let size = self.blocks.remove(&address)?;
        self.unmap(address, size);
        Some(size)
    }

    fn page(&self, address: u64) -> Result<(&Page, usize), Access> {
        let at = address as usize % PAGE;
        self.pages
            .get(&(address / PAGE as u64))
            .filter(|page| page.mapped.get(at))
            .map(|page| (&**page, at))
            .ok_or(Access::Unmapped(address))
    }

    fn page_mut(&mut self, address: u64) -> Result<(&mut Page, usize), Access> {
        let page = self.pages.get_mut(&(address / PAGE as u64));
        let page = page.ok_or(Access::Unmapped(address))?;
        Ok((Arc::make_mut(page), address as usize % PAGE))
    }

    /// Stores bytes where they have a place: all of them or none.
    fn put(&mut self, address: u64, bytes: &[u8]) -> Result<(), Access> {
        let size = bytes.len() as u64;
        for (number, range) in pieces(address, size)? {
            let page = self.pages.get(&number);
            if !page.is_some_and(|page| page.mapped.all(range.clone())) {
                return Err(self.first_unmapped(address, size));
            }
        }
        let mut rest = bytes;
        for (number, range) in pieces(address, size)? {
            let (now, later) = rest.split_at(range.len());
            let (page, _) = self.page_mut(number * PAGE as u64)?;
            page.bytes[range.clone()].copy_from_slice(now);
            page.assigned.set_all(range, true);
            rest = later;
        }
        Ok(())
    }

    fn first_unmapped(&self, address: u64, size: u64) -> Access {
        let first = (address..address + size).find(|byte| self.page(*byte).is_err());
        Access::Unmapped(first.unwrap_or(address))
    }
}

/// The pages that a range of addresses touches, each with the part of it.
fn pieces(address: u64, size: u64) -> Result<impl Iterator<Item = (u64, Range<usize>)>, Access> {
    let end = address.checked_add(size).ok_or(Access::Unmapped(address))?;
    let page = PAGE as u64;
    let numbers = address / page..end.div_ceil(page);
    Ok(numbers.filter(move |_| size > 0).map(move |number| {
        let from = address.max(number * page) - number * page;
        let until = end.min((number + 1) * page) - number * page;
        (number, from as usize..until as usize)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(size: u64) -> Memory {
        let mut memory = Memory::default();
        memory.map(DATA, size).expect("room");
        memory
    }

    #[test]
    fn a_byte_is_unmapped_then_unassigned_then_has_a_value() {
        let mut memory = with(4);
        assert_eq!(memory.number(DATA, 4), Err(Access::Unassigned(DATA + 3)));
        assert_eq!(memory.number(DATA, 8), Err(Access::Unmapped(DATA + 7)));
        memory.set_number(DATA, 4, 0x1234_5678).expect("a variable");
        assert_eq!(memory.number(DATA, 4), Ok(0x1234_5678));
        assert_eq!(memory.number(DATA, 1), Ok(0x78));
    }

    #[test]
    fn the_null_pointer_and_literals_cannot_be_written() {
        let mut memory = with(4);
        memory.place(LITERALS, b"one\0").expect("a literal");
        assert_eq!(memory.write(0, b"x"), Err(Access::Unmapped(0)));
        assert_eq!(memory.write(LITERALS, b"x"), Err(Access::ReadOnly(LITERALS)));
        assert_eq!(memory.string(LITERALS), Ok(b"one".to_vec()));
    }

    #[test]
    fn a_copy_keeps_its_own_bytes() {
        let mut parent = with(600);
        parent.write(DATA, &[1; 600]).expect("room");
        let mut child = parent.clone();
        child.write(DATA + 300, &[2]).expect("room");
        assert_eq!(parent.byte(DATA + 300), Ok(1));
        assert_eq!(child.byte(DATA + 300), Ok(2));
        child.write(DATA + 300, &[1]).expect("room");
        assert_eq!(parent, child, "the same bytes are the same memory");
    }

    #[test]
    fn blocks_are_reused_and_gone_after_free() {
        let mut memory = Memory::default();
        let before = memory.clone();
        let first = memory.allocate(10).expect("room");
        let second = memory.allocate(10).expect("room");
        assert!(second >= first + 10);
        assert_eq!(memory.release(first), Some(10));
        assert_eq!(memory.release(first), None, "freed twice");
        assert_eq!(memory.byte(first), Err(Access::Unmapped(first)));
        assert_eq!(memory.allocate(10), Ok(first));
        memory.release(first);
        memory.release(second);
        assert_eq!(memory, before);
    }

    #[test]
    fn a_structure_is_copied_with_its_holes() {
        let mut memory = with(16);
        memory.write(DATA, &[7; 4]).expect("room");
        memory.copy(DATA, DATA + 8, 8).expect("room");
        assert!(memory.is_assigned(DATA + 8, 4));
        assert!(!memory.is_assigned(DATA + 8, 8));
    }

    #[test]
    fn more_than_the_limit_is_refused() {
        assert_eq!(Memory::default().allocate(1 << 40), Err(Access::TooMuch));
    }
}
