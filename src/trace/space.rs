//! The address space of a process: which file is mapped where, and the frames of a stopped task.
//!
//! A newborn has its parent's address space until it execs, so spaces are shared. Frames come from the unwind
//! tables (CFI): frame pointers are missing just where it matters, in the C library's wrappers.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use framehop::x86_64::{CacheX86_64, UnwindRegsX86_64, UnwinderX86_64};
use framehop::{FrameAddress, Module, Unwinder};

use super::image::Image;
use super::python::is_python;
use super::types::Read;
use crate::model::Pid;
use crate::sys::ptrace::Registers;

/// What is mapped where.
pub struct Space {
    mappings: Vec<Mapping>,
    unwinder: UnwinderX86_64<Rc<[u8]>>,
}

struct Mapping {
    start: u64,
    end: u64,
    /// What to add to an address of the file.
    bias: u64,
    /// Whether the file may be the user's.
    users: bool,
    image: Rc<Image>,
}

/// One call on the stack.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The instruction that runs, or to which the callee will return.
    pub address: u64,
    /// An address inside the instruction that runs or calls, for looking it up.
    pub lookup: u64,
    /// The stack pointer here.
    pub stack: u64,
    /// The frame pointer here.
    pub base: u64,
}

/// Files that have been read, by path; none for those that are no code.
pub type Images = HashMap<PathBuf, Option<Rc<Image>>>;

/// The image of a file, read once.
pub fn image_of(path: &Path, images: &mut Images) -> Option<Rc<Image>> {
    if let Some(image) = images.get(path) {
        return image.clone();
    }
    let image = Image::read(path, is_users(path)).map(Rc::new);
    images.insert(path.to_owned(), image.clone());
    image
}

/// Remembers how to unwind from where.
pub type Cache = CacheX86_64;

/// How many frames are looked at to find one of the user's.
const DEEPEST: usize = 64;

/// How much of a stack is read at a time: the frames of a call and of who made it, as a rule, and seldom two pages.
const STACK_READ: usize = 1024;

impl Space {
    /// Reads what a process has mapped now.
    pub fn read(pid: Pid, images: &mut Images) -> Self {
        // One file with a name that is no UTF-8 must not hide the others.
        let maps = std::fs::read(format!("/proc/{pid}/maps")).unwrap_or_default();
        Self::mapped(&String::from_utf8_lossy(&maps), images)
    }

    /// What such a text of /proc/PID/maps lists.
    pub fn mapped(maps: &str, images: &mut Images) -> Self {
        let mut space = Self {
            mappings: Vec::new(),
            unwinder: UnwinderX86_64::new(),
        };
        for (path, range) in files_in(maps) {
            if let Some(image) = image_of(path, images) {
                space.add(path, range, image);
            }
        }
        space
    }

    fn add(&mut self, path: &Path, range: std::ops::Range<u64>, image: Rc<Image>) {
        let bias = range.start.wrapping_sub(image.lowest);
        let name = path.to_string_lossy().into_owned();
        let module = Module::new(name, range.clone(), bias, image.frame_sections());
        self.unwinder.add_module(module);
        self.mappings.push(Mapping {
            start: range.start,
            end: range.end,
            bias,
            users: is_users(path),
            image,
        });
    }

    /// Whether an address is in a known file.
    pub fn knows(&self, address: u64) -> bool {
        self.mapping(address).is_some()
    }

    /// The file that an address is in, if it is no library of the system, and the address as the file has it.
    pub fn program_image(&self, address: u64) -> Option<(&Image, u64)> {
        let mapping = self.mapping(address)?;
        mapping
            .users
            .then(|| (&*mapping.image, address.wrapping_sub(mapping.bias)))
    }

    /// The same, if the file has lines.
    pub fn user_image(&self, address: u64) -> Option<(&Image, u64)> {
        self.program_image(address).filter(|(image, _)| image.has_lines)
    }

    /// What to add to the addresses of the file that is mapped at an address.
    pub fn bias(&self, address: u64) -> u64 {
        self.mapping(address).map_or(0, |mapping| mapping.bias)
    }

    /// Where `main` begins, in the file that has lines.
    pub fn main(&self) -> Option<u64> {
        self.mappings
            .iter()
            .filter(|mapping| mapping.image.has_lines)
            .find_map(|mapping| Some(mapping.image.start_of("main")?.wrapping_add(mapping.bias)))
    }

    fn mapping(&self, address: u64) -> Option<&Mapping> {
        self.mappings
            .iter()
            .find(|mapping| (mapping.start..mapping.end).contains(&address))
    }

    /// Calls on the stack, innermost first, as far as `wanted` says no to them: the first that it says yes to
    /// is returned, and the frame that called it.
    pub fn find_frame(
        &self,
        registers: &Registers,
        memory: Read<'_>,
        cache: &mut Cache,
        mut wanted: impl FnMut(&Frame) -> bool,
    ) -> Option<(Frame, Option<Frame>)> {
        let mut stack = Stack {
            memory,
            start: 0,
            bytes: Vec::new(),
        };
        let mut read = |address| stack.word(address).ok_or(());
        let mut regs = UnwindRegsX86_64::new(registers.instruction, registers.stack, registers.frame);
        let mut at = FrameAddress::from_instruction_pointer(registers.instruction);
        let mut found: Option<Frame> = None;
        for _ in 0..DEEPEST {
            let frame = Frame {
                address: at.address(),
                lookup: at.address_for_lookup(),
                stack: regs.sp(),
                base: regs.bp(),
            };
            if let Some(found) = found {
                return Some((found, Some(frame)));
            }
            if wanted(&frame) {
                found = Some(frame);
            }
            let caller = self.unwinder.unwind_frame(at, &mut regs, cache, &mut read);
            let Ok(Some(caller)) = caller else { break };
            let Some(next) = FrameAddress::from_return_address(caller) else {
                break;
            };
            at = next;
        }
        found.map(|found| (found, None))
    }
}

impl std::fmt::Debug for Space {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Space of {} files", self.mappings.len())
    }
}

/// The stack of a task, read a piece at a time.
struct Stack<'a> {
    memory: Read<'a>,
    start: u64,
    bytes: Vec<u8>,
}

impl Stack<'_> {
    fn word(&mut self, address: u64) -> Option<u64> {
        let at = address.wrapping_sub(self.start) as usize;
        if address < self.start || at.saturating_add(8) > self.bytes.len() {
            self.bytes = (self.memory)(address, STACK_READ).or_else(|| (self.memory)(address, 8))?;
            self.start = address;
        }
        let at = address.wrapping_sub(self.start) as usize;
        let word = self.bytes.get(at..at + 8)?;
        word.try_into().ok().map(u64::from_le_bytes)
    }
}

/// Whether a file may be the user's: the lines of the system's libraries and of interpreters are not.
fn is_users(path: &Path) -> bool {
    !["/lib", "/usr/lib"].iter().any(|dir| path.starts_with(dir)) && !is_python(path)
}

/// The files that are mapped with code in them, each with all it covers, as /proc/PID/maps lists them.
pub fn files_in(maps: &str) -> Vec<(&Path, std::ops::Range<u64>)> {
    let mut files: Vec<(&Path, std::ops::Range<u64>, bool)> = Vec::new();
    for line in maps.lines() {
        let Some((range, code, path)) = parse(line) else {
            continue;
        };
        match files.last_mut() {
            Some((last, known, has_code)) if *last == path => {
                known.end = range.end;
                *has_code |= code;
            }
            _ => files.push((path, range, code)),
        }
    }
    files
        .into_iter()
        .filter(|&(_, _, code)| code)
        .map(|(path, range, _)| (path, range))
        .collect()
}

fn parse(line: &str) -> Option<(std::ops::Range<u64>, bool, &Path)> {
    let path = &line[line.find('/')?..];
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let start = u64::from_str_radix(start, 16).ok()?;
    let end = u64::from_str_radix(end, 16).ok()?;
    let code = rest.as_bytes().get(2) == Some(&b'x');
    Some((start..end, code, Path::new(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_covers_all_its_mappings() {
        let maps = "\
5586d6ab0000-5586d6ab1000 r--p 00000000 fd:00 5 /home/a user/a.out
5586d6ab1000-5586d6ab2000 r-xp 00001000 fd:00 5 /home/a user/a.out
7f1200000000-7f1200001000 rw-p 00000000 00:00 0
7f1300000000-7f1300004000 r--p 00000000 fd:00 6 /etc/ld.so.cache
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]
";
        assert_eq!(
            files_in(maps),
            [(
                Path::new("/home/a user/a.out"),
                0x5586_d6ab_0000..0x5586_d6ab_2000
            )]
        );
    }
}
