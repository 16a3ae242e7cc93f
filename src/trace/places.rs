//! Where a stopped task is in its source, whatever the language.
//!
//! Most stops are of programs that have nothing to tell, such as a shell's commands: they are known by their file,
//! and cost one look at /proc.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use super::fact::{Line, Place, Variable};
use super::locals::{self, View};
use super::python::{self, Slots};
use super::space::{Cache, Frame, Images, Space, image_of};
use crate::model::Pid;
use crate::sys::ptrace::{Registers, Stop};

/// What is known of the programs that are traced.
pub struct Places {
    python: Option<Slots>,
    images: Images,
    programs: HashMap<Pid, Program>,
    cache: Cache,
}

/// What a process runs.
#[derive(Clone)]
enum Program {
    /// A Python script, which tells its lines itself.
    Script,
    /// Something with neither lines nor functions.
    Silent,
    /// Native code, with all that it has mapped once it has been stopped.
    Native(Option<Rc<Space>>),
}

impl Places {
    /// Knows nothing yet. Without slots, the lines of Python programs are not told.
    pub fn new(python: Option<Slots>) -> Self {
        Self {
            python,
            images: Images::new(),
            programs: HashMap::new(),
            cache: Cache::new(),
        }
    }

    /// The place of a stopped task: the innermost line of the user's; without lines, the function.
    pub fn find(&mut self, pid: Pid, stop: &Stop) -> Option<Place> {
        if let Program::Script = self.program(pid) {
            return self.python.as_ref()?.find(pid);
        }
        let (space, registers) = self.space(pid, stop)?;
        let mut function = None;
        let mut place = None;
        space.find_frame(&registers, &memory_of(stop), &mut self.cache, |frame| {
            place = user_place(&space, frame);
            if place.is_none() && function.is_none() {
                function = own_function(&space, frame);
            }
            place.is_some()
        });
        place.or_else(|| {
            function.map(|function| Place {
                function: Some(function),
                line: None,
            })
        })
    }

    /// The variables at that place.
    pub fn variables(&mut self, pid: Pid, stop: &Stop) -> Vec<Variable> {
        if let (Program::Script, Some(python)) = (self.program(pid), &self.python) {
            return python.variables(pid);
        }
        let Some((space, registers)) = self.space(pid, stop) else {
            return Vec::new();
        };
        let memory = memory_of(stop);
        let frame = space.find_frame(&registers, &memory, &mut self.cache, |frame| {
            user_place(&space, frame).is_some()
        });
        let Some((frame, caller)) = frame else {
            return Vec::new();
        };
        let Some((image, address)) = space.user_image(frame.lookup) else {
            return Vec::new();
        };
        locals::read(&View {
            image,
            address,
            bias: space.bias(frame.lookup),
            frame,
            caller,
            memory: &memory,
        })
    }

    /// Asks a script to stop at each of its lines, or no longer. Whether the process runs one that will.
    pub fn stop_at_lines(&mut self, pid: Pid, stops: bool) -> bool {
        let script = matches!(self.program(pid), Program::Script);
        match &self.python {
            Some(python) if script => {
                python.want(pid, stops);
                stops
            }
            _ => false,
        }
    }

    /// Whether a process runs a script that stops itself at its lines.
    pub fn stops_at_lines(&self, pid: Pid) -> bool {
        matches!(self.programs.get(&pid), Some(Program::Script))
            && self.python.as_ref().is_some_and(|python| python.stops(pid))
    }

    /// Of the frames of a stopped task, the innermost with a line of the user's, and where it is.
    pub fn user_frame(&mut self, pid: Pid, stop: &Stop) -> Option<(Frame, Place)> {
        let (space, registers) = self.space(pid, stop)?;
        let mut place = None;
        let (frame, _) = space.find_frame(&registers, &memory_of(stop), &mut self.cache, |frame| {
            place = user_place(&space, frame);
            place.is_some()
        })?;
        Some((frame, place?))
    }

    /// The user's line that an instruction belongs to.
    pub fn line_at(&self, pid: Pid, instruction: u64) -> Option<Line> {
        let (image, address) = self.known_space(pid)?.user_image(instruction)?;
        image.place(address)?.line
    }

    /// Whether an instruction belongs to a line of the user's.
    pub fn has_lines(&self, pid: Pid, instruction: u64) -> bool {
        self.line_at(pid, instruction).is_some()
    }

    /// All addresses around an instruction that belong to the same line.
    pub fn line_range(&self, pid: Pid, instruction: u64) -> Option<Range<u64>> {
        let space = self.known_space(pid)?;
        let (image, address) = space.user_image(instruction)?;
        let range = image.line_range(address)?;
        let bias = space.bias(instruction);
        Some(range.start.wrapping_add(bias)..range.end.wrapping_add(bias))
    }

    /// Whether an instruction is the first of its function.
    pub fn begins_function(&self, pid: Pid, instruction: u64) -> bool {
        let image = self
            .known_space(pid)
            .and_then(|space| space.user_image(instruction));
        image.is_some_and(|(image, address)| image.begins_function(address))
    }

    /// Where `main` begins in the program that a process has loaded.
    pub fn main(&mut self, pid: Pid) -> Option<u64> {
        Space::read(pid, &mut self.images).main()
    }

    /// Whether a process runs something whose places can be told.
    pub fn tells(&mut self, pid: Pid) -> bool {
        !matches!(self.program(pid), Program::Silent)
    }

    fn program(&mut self, pid: Pid) -> Program {
        if let Some(program) = self.programs.get(&pid) {
            return program.clone();
        }
        let program = match std::fs::read_link(format!("/proc/{pid}/exe")) {
            Ok(file) => self.classify(&file),
            Err(_) => Program::Silent,
        };
        self.programs.insert(pid, program.clone());
        program
    }

    fn classify(&mut self, file: &Path) -> Program {
        if python::is_python(file) {
            return Program::Script;
        }
        match image_of(file, &mut self.images) {
            Some(image) if image.tells() => Program::Native(None),
            _ => Program::Silent,
        }
    }

    fn known_space(&self, pid: Pid) -> Option<&Rc<Space>> {
        match self.programs.get(&pid)? {
            Program::Native(space) => space.as_ref(),
            Program::Script | Program::Silent => None,
        }
    }

    /// What the process of a stopped task has mapped, and the registers of the task, which are read once a stop.
    fn space(&mut self, pid: Pid, stop: &Stop) -> Option<(Rc<Space>, Registers)> {
        let Program::Native(space) = self.program(pid) else {
            return None;
        };
        // What is loaded later, by the dynamic loader or dlopen, is found when a task is stopped in it.
        let registers = stop.registers().ok()?;
        if let Some(space) = space.filter(|space| space.knows(registers.instruction)) {
            return Some((space, registers));
        }
        let space = Rc::new(Space::read(pid, &mut self.images));
        self.programs.insert(pid, Program::Native(Some(space.clone())));
        Some((space, registers))
    }

    /// A newborn is a copy of its parent.
    pub fn forked(&mut self, parent: Pid, child: Pid) {
        let program = self.program(parent);
        if let (Program::Script, Some(python)) = (&program, &self.python) {
            python.forked(parent, child);
        }
        self.programs.insert(child, program);
    }

    /// Another program is in the process now, or none any more.
    pub fn forget(&mut self, pid: Pid) {
        let program = self.programs.remove(&pid);
        if let (Some(Program::Script), Some(python)) = (program, &self.python) {
            python.forget(pid);
        }
    }
}

impl std::fmt::Debug for Places {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Places of {} processes", self.programs.len())
    }
}

/// Reads the memory of a stopped task.
fn memory_of(stop: &Stop) -> impl Fn(u64, usize) -> Option<Vec<u8>> {
    |address, length| stop.read(address, length).ok()
}

fn user_place(space: &Space, frame: &Frame) -> Option<Place> {
    let (image, address) = space.user_image(frame.lookup)?;
    image.place(address)
}

fn own_function(space: &Space, frame: &Frame) -> Option<Rc<str>> {
    let (image, address) = space.program_image(frame.lookup)?;
    // Where there are lines, what has none is not the user's: start-up code, a static C library.
    let unknown = !image.has_lines;
    unknown
        .then(|| image.function(address))?
        .filter(|name| &**name != "_start")
}
