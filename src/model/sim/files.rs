//! Descriptors, open file descriptions, pipes and a small disk.
//!
//! The three layers are the kernel's: a descriptor is a number in a process's table, a description holds the offset
//! and is shared by every copy that fork and dup made, and behind it stands a pipe or a file. So the shared offset
//! and the end of file that needs *every* write end closed follow by themselves. Sources: pipe(7), open(2), dup(2),
//! read(2), write(2), lseek(2). A pipe holds 64 KiB here to the byte; Linux counts in pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use nix::errno::Errno as E;

use super::call::{OpenFlags, Return, Whence};
use crate::model::Errno;

/// How much a pipe holds.
const CAPACITY: usize = 65536;

/// What is written as a whole or not at all: `PIPE_BUF`.
const ATOMIC: usize = 4096;

/// The pipe that is standard input.
const INPUT: usize = 0;

/// The soft limit on descriptors that Linux gives.
const DESCRIPTORS: usize = 1024;

/// A descriptor table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Table(Vec<Option<Slot>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Slot {
    description: usize,
    cloexec: bool,
}

/// Everything that descriptors lead to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Files {
    descriptions: Vec<Option<Description>>,
    pipes: Vec<Arc<Vec<u8>>>,
    disk: BTreeMap<Vec<u8>, usize>,
    contents: Vec<Arc<Vec<u8>>>,
    output: Arc<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Description {
    copies: u32,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// Where standard output and standard error lead.
    Output,
    ReadEnd(usize),
    WriteEnd(usize),
    File {
        file: usize,
        offset: usize,
        read: bool,
        write: bool,
        append: bool,
    },
}

/// How a write that need not wait came back.
pub(super) enum Written {
    /// It is done.
    Done(Return),
    /// So much is written, and the rest has to wait.
    Partly(usize),
    /// Nobody reads: `EPIPE`, and SIGPIPE.
    Broken,
}

impl Files {
    /// Standard input (a pipe that nobody writes any more, with `input` in it), output and error.
    pub(super) fn new(input: &[u8]) -> (Self, Table) {
        let description = |copies, kind| Some(Description { copies, kind });
        let files = Self {
            descriptions: vec![description(1, Kind::ReadEnd(INPUT)), description(2, Kind::Output)],
            pipes: vec![Arc::new(input.to_vec())],
            disk: BTreeMap::new(),
            contents: Vec::new(),
            output: Arc::new(Vec::new()),
        };
        let slot = |description| {
            Some(Slot {
                description,
                cloexec: false,
            })
        };
        (files, Table(vec![slot(0), slot(1), slot(1)]))
    }

    /// What was written to standard output and standard error.
    pub(super) fn output(&self) -> &[u8] {
        &self.output
    }

    /// A copy of `table` for a child: the descriptions are shared.
    pub(super) fn share(&mut self, table: &Table) {
        for slot in table.0.iter().flatten() {
            if let Some(description) = &mut self.descriptions[slot.description] {
                description.copies += 1;
            }
        }
    }

    /// Closes all of `table`, as an end does, or what is close-on-exec, as exec does.
    pub(super) fn close_all(&mut self, table: &mut Table, exec: bool) {
        for place in &mut table.0 {
            if let Some(slot) = place.take_if(|slot| !exec || slot.cloexec) {
                self.drop_copy(slot.description);
            }
        }
        table.trim();
    }

    /// Whether closing all of `table` closes the last copy of an end of a pipe, which its other end can see.
    pub(super) fn closing_shows(&self, table: &Table) -> bool {
        table.0.iter().flatten().any(|slot| {
            let held = table
                .0
                .iter()
                .flatten()
                .filter(|other| other.description == slot.description);
            self.descriptions[slot.description].is_some_and(|description| {
                matches!(description.kind, Kind::ReadEnd(pipe) | Kind::WriteEnd(pipe) if pipe != INPUT)
                    && description.copies as usize == held.count()
            })
        })
    }

    /// pipe(2).
    pub(super) fn pipe(&mut self, table: &mut Table, cloexec: bool) -> Return {
        if table.free() + 1 >= DESCRIPTORS {
            return failed(E::EMFILE);
        }
        let pipe = self.pipes.len();
        self.pipes.push(Arc::new(Vec::new()));
        let read = self.describe(Kind::ReadEnd(pipe));
        let write = self.describe(Kind::WriteEnd(pipe));
        let read = table.put(table.free(), read, cloexec);
        Return::Pipe(read, table.put(table.free(), write, cloexec))
    }

    /// close(2).
    pub(super) fn close(&mut self, table: &mut Table, fd: i32) -> Return {
        let Some(slot) = table.take(fd) else {
            return failed(E::EBADF);
        };
        self.drop_copy(slot.description);
        Return::Value(0)
    }

    /// dup(2): the lowest free number.
    pub(super) fn dup(&mut self, table: &mut Table, fd: i32, cloexec: bool) -> Return {
        match table.get(fd) {
            None => failed(E::EBADF),
            Some(_) if table.free() >= DESCRIPTORS => failed(E::EMFILE),
            Some(slot) => {
                self.add_copy(slot.description);
                Return::Value(i64::from(table.put(table.free(), slot.description, cloexec)))
            }
        }
    }

    /// dup2(2): that number, closed first if it is open. The same twice changes nothing.
    pub(super) fn dup2(&mut self, table: &mut Table, from: i32, to: i32, cloexec: bool) -> Return {
        let Some(slot) = table.get(from) else {
            return failed(E::EBADF);
        };
        let Some(place) = usize::try_from(to).ok().filter(|place| *place < DESCRIPTORS) else {
            return failed(E::EBADF);
        };
        if from != to {
            self.add_copy(slot.description);
            if let Some(old) = table.take(to) {
                self.drop_copy(old.description);
            }
            table.put(place, slot.description, cloexec);
        }
        Return::Value(i64::from(to))
    }

    /// open(2).
    pub(super) fn open(&mut self, table: &mut Table, path: &[u8], flags: OpenFlags) -> Return {
        if table.free() >= DESCRIPTORS {
            return failed(E::EMFILE);
        }
        let file = match self.disk.get(path) {
            Some(_) if flags.create && flags.exclusive => return failed(E::EEXIST),
            Some(&file) => file,
            None if flags.create && !path.is_empty() => {
                self.contents.push(Arc::default());
                let file = self.contents.len() - 1;
                self.disk.insert(path.to_vec(), file);
                file
            }
            None => return failed(E::ENOENT),
        };
        if flags.truncate {
            self.contents[file] = Arc::default();
        }
        let description = self.describe(Kind::File {
            file,
            offset: 0,
            read: flags.read,
            write: flags.write,
            append: flags.append,
        });
        Return::Value(i64::from(table.put(table.free(), description, flags.cloexec)))
    }

    /// lseek(2): the offset is the description's, and so everybody's who shares it.
    pub(super) fn lseek(&mut self, table: &Table, fd: i32, by: i64, whence: Whence) -> Return {
        let Some(slot) = table.get(fd) else {
            return failed(E::EBADF);
        };
        let Some(Description {
            kind: Kind::File { file, offset, .. },
            ..
        }) = &mut self.descriptions[slot.description]
        else {
            return failed(E::ESPIPE);
        };
        let start = match whence {
            Whence::Set => 0,
            Whence::Current => *offset,
            Whence::End => self.contents[*file].len(),
        };
        let place = i64::try_from(start).ok().and_then(|start| start.checked_add(by));
        match place.and_then(|place| usize::try_from(place).ok()) {
            Some(place) => {
                *offset = place;
                Return::Value(place as i64)
            }
            None => failed(E::EINVAL),
        }
    }

    /// unlink(2): the name goes; who has the file open keeps it.
    pub(super) fn unlink(&mut self, path: &[u8]) -> Return {
        match self.disk.remove(path) {
            Some(_) => Return::Value(0),
            None => failed(E::ENOENT),
        }
    }

    /// What a read would do, without doing it: whether it need not wait.
    pub(super) fn can_read(&self, table: &Table, fd: i32, count: usize) -> bool {
        match self.kind(table, fd) {
            Some(Kind::ReadEnd(pipe)) => {
                count == 0 || !self.pipes[pipe].is_empty() || !self.is_open(Kind::WriteEnd(pipe))
            }
            _ => true,
        }
    }

    /// read(2), where [`Self::can_read`].
    pub(super) fn read(&mut self, table: &Table, fd: i32, count: usize) -> Return {
        let Some(slot) = table.get(fd) else {
            return failed(E::EBADF);
        };
        match self.descriptions[slot.description]
            .as_mut()
            .map(|description| &mut description.kind)
        {
            Some(Kind::ReadEnd(pipe)) => {
                let bytes = Arc::make_mut(&mut self.pipes[*pipe]);
                let count = count.min(bytes.len());
                Return::Data(bytes.drain(..count).collect())
            }
            Some(Kind::File {
                file,
                offset,
                read: true,
                ..
            }) => {
                let rest = self.contents[*file].get(*offset..).unwrap_or_default();
                let data = rest[..count.min(rest.len())].to_vec();
                *offset += data.len();
                Return::Data(data)
            }
            Some(Kind::Output) => Return::Data(Vec::new()),
            _ => failed(E::EBADF),
        }
    }

    /// Whether a write need not wait.
    pub(super) fn can_write(&self, table: &Table, fd: i32, count: usize) -> bool {
        match self.kind(table, fd) {
            Some(Kind::WriteEnd(pipe)) => {
                let room = CAPACITY.saturating_sub(self.pipes[pipe].len());
                !self.is_open(Kind::ReadEnd(pipe)) || room >= count.clamp(0, ATOMIC)
            }
            _ => true,
        }
    }

    /// write(2), where [`Self::can_write`].
    pub(super) fn write(&mut self, table: &Table, fd: i32, data: &[u8]) -> Written {
        let Some(slot) = table.get(fd) else {
            return Written::Done(failed(E::EBADF));
        };
        let Some(kind) = self.descriptions[slot.description].map(|description| description.kind) else {
            return Written::Done(failed(E::EBADF));
        };
        match kind {
            Kind::Output => Arc::make_mut(&mut self.output).extend_from_slice(data),
            Kind::WriteEnd(_) if data.is_empty() => {}
            Kind::WriteEnd(pipe) if !self.is_open(Kind::ReadEnd(pipe)) => return Written::Broken,
            Kind::WriteEnd(pipe) => {
                let room = CAPACITY.saturating_sub(self.pipes[pipe].len());
                let (now, later) = data.split_at(room.min(data.len()));
                Arc::make_mut(&mut self.pipes[pipe]).extend_from_slice(now);
                if !later.is_empty() {
                    return Written::Partly(now.len());
                }
            }
            Kind::File {
                file,
                offset,
                write: true,
                append,
                ..
            } => {
                let at = if append { self.contents[file].len() } else { offset };
                self.write_file(slot.description, file, at, data);
            }
            Kind::File { .. } | Kind::ReadEnd(_) => return Written::Done(failed(E::EBADF)),
        }
        Written::Done(Return::Value(data.len() as i64))
    }

    /// What the descriptors of a table lead to, by number, in the words of proc(5).
    pub(super) fn names(&self, table: &Table) -> Vec<(i32, String, &'static str, bool)> {
        let named = |(fd, slot): (usize, &Option<Slot>)| {
            let slot = (*slot)?;
            let (name, mode) = match self.descriptions[slot.description]?.kind {
                Kind::Output => ("output".to_owned(), "w"),
                Kind::ReadEnd(pipe) => (format!("pipe:[{pipe}]"), "r"),
                Kind::WriteEnd(pipe) => (format!("pipe:[{pipe}]"), "w"),
                Kind::File {
                    file, read, write, ..
                } => (format!("file:[{file}]"), mode(read, write)),
            };
            Some((fd as i32, name, mode, slot.cloexec))
        };
        table.0.iter().enumerate().filter_map(named).collect()
    }

    /// Whether descriptor `fd` of `one` and any of `other` lead to one thing: the output, a pipe, a file.
    pub(super) fn meet(&self, one: &Table, fd: i32, other: &Table) -> bool {
        let Some(object) = self.kind(one, fd).map(Kind::object) else {
            return false;
        };
        self.objects(other).any(|reached| reached == object)
    }

    /// Whether both tables hold ends of one pipe, so that one can see the other's be closed. The input's writer is gone
    /// already, so of that there is nothing to see.
    pub(super) fn share_pipe(&self, one: &Table, other: &Table) -> bool {
        self.objects(one)
            .filter(|object| matches!(object, Object::Pipe(pipe) if *pipe != INPUT))
            .any(|pipe| self.objects(other).any(|reached| reached == pipe))
    }

    /// Whether a descriptor leads to an end of a pipe.
    pub(super) fn is_pipe(&self, table: &Table, fd: i32) -> bool {
        matches!(self.kind(table, fd).map(Kind::object), Some(Object::Pipe(_)))
    }

    fn objects(&self, table: &Table) -> impl Iterator<Item = Object> {
        let described = |slot: &Slot| self.descriptions[slot.description];
        table
            .0
            .iter()
            .flatten()
            .filter_map(described)
            .map(|description| description.kind.object())
    }

    fn write_file(&mut self, description: usize, file: usize, at: usize, data: &[u8]) {
        let contents = Arc::make_mut(&mut self.contents[file]);
        let end = at + data.len();
        if contents.len() < end {
            // A gap reads as zeros: lseek(2).
            contents.resize(end, 0);
        }
        contents[at..end].copy_from_slice(data);
        if let Some(Description {
            kind: Kind::File { offset, .. },
            ..
        }) = &mut self.descriptions[description]
        {
            *offset = end;
        }
    }

    fn kind(&self, table: &Table, fd: i32) -> Option<Kind> {
        let slot = table.get(fd)?;
        Some(self.descriptions[slot.description]?.kind)
    }

    /// Whether anybody holds that end of a pipe. The program's own input has no writer.
    fn is_open(&self, end: Kind) -> bool {
        self.descriptions
            .iter()
            .flatten()
            .any(|description| description.kind == end)
    }

    fn describe(&mut self, kind: Kind) -> usize {
        let free = self.descriptions.iter().position(Option::is_none);
        let place = free.unwrap_or_else(|| {
            self.descriptions.push(None);
            self.descriptions.len() - 1
        });
        self.descriptions[place] = Some(Description { copies: 1, kind });
        place
    }

    fn add_copy(&mut self, description: usize) {
        if let Some(description) = &mut self.descriptions[description] {
            description.copies += 1;
        }
    }

    fn drop_copy(&mut self, place: usize) {
        let last = self.descriptions[place].as_mut().is_none_or(|description| {
            description.copies -= 1;
            description.copies == 0
        });
        if last {
            self.descriptions[place] = None;
        }
    }
}

/// What a description leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Object {
    Output,
    Pipe(usize),
    File(usize),
}

impl Kind {
    const fn object(self) -> Object {
        match self {
            Self::Output => Object::Output,
            Self::ReadEnd(pipe) | Self::WriteEnd(pipe) => Object::Pipe(pipe),
            Self::File { file, .. } => Object::File(file),
        }
    }
}

impl Table {
    fn get(&self, fd: i32) -> Option<Slot> {
        *self.0.get(usize::try_from(fd).ok()?)?
    }

    fn take(&mut self, fd: i32) -> Option<Slot> {
        let slot = self.0.get_mut(usize::try_from(fd).ok()?)?.take();
        self.trim();
        slot
    }

    /// The lowest number that is not open.
    fn free(&self) -> usize {
        self.0.iter().position(Option::is_none).unwrap_or(self.0.len())
    }

    fn put(&mut self, place: usize, description: usize, cloexec: bool) -> i32 {
        if self.0.len() <= place {
            self.0.resize(place + 1, None);
        }
        self.0[place] = Some(Slot { description, cloexec });
        place as i32
    }

    /// Equal tables are to be equal values, so nothing closed is kept at the end.
    fn trim(&mut self) {
        while self.0.last().is_some_and(Option::is_none) {
            self.0.pop();
        }
    }
}

const fn mode(read: bool, write: bool) -> &'static str {
    match (read, write) {
        (true, true) => "rw",
        (false, true) => "w",
        _ => "r",
    }
}

/// A call that failed.
pub(super) fn failed(errno: E) -> Return {
    Return::Error(Errno::from(errno))
}
