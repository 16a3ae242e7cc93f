//! One executable file or library: where its code was said to be, its lines, functions and frames.
//!
//! All addresses here are the file's own; who loaded it where is `space`'s business. Nothing is read twice: an
//! image is shared by every process that maps the file.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use addr2line::Context;
use framehop::ExplicitModuleSectionInfo;
use gimli::{EndianRcSlice, RunTimeEndian};
use object::{Object, ObjectSection, ObjectSegment, ObjectSymbol, SymbolKind};

use super::fact::{Line, Place};

/// Reads debug information.
pub type Reader = EndianRcSlice<RunTimeEndian>;

/// A file of code.
pub struct Image {
    /// The lowest address that the file asks to be loaded at, aligned to a page.
    pub lowest: u64,
    /// Whether the file has debug information with lines.
    pub has_lines: bool,
    sections: ExplicitModuleSectionInfo<Rc<[u8]>>,
    context: Option<Context<Reader>>,
    functions: Vec<Function>,
    places: RefCell<HashMap<u64, Option<Place>>>,
    files: RefCell<HashMap<String, Rc<PathBuf>>>,
}

struct Function {
    addresses: Range<u64>,
    name: Rc<str>,
}

const PAGE: u64 = 4096;

/// The largest section that is read, in bytes.
const LARGEST: u64 = 1 << 30;

impl Image {
    /// Reads a file; none if it is no code that can be understood. Of what is not the user's, only what unwinding
    /// needs.
    pub fn read(path: &Path, users: bool) -> Option<Self> {
        // What a program has mapped may be /dev/zero, which has no end.
        let is_file = std::fs::metadata(path).ok()?.is_file();
        let bytes = is_file.then(|| std::fs::read(path).ok())??;
        Self::parse(&bytes, users)
    }

    /// The same of a file's content.
    pub fn parse(bytes: &[u8], users: bool) -> Option<Self> {
        let file = object::File::parse(bytes).ok()?;
        let lowest = file.segments().map(|segment| segment.address()).min()? & !(PAGE - 1);
        let has_lines = users && file.section_by_name(".debug_line").is_some();
        Some(Self {
            lowest,
            has_lines,
            sections: frame_sections(&file),
            context: if has_lines { context(&file) } else { None },
            functions: if users { functions(&file) } else { Vec::new() },
            places: RefCell::default(),
            files: RefCell::default(),
        })
    }

    /// Whether anything can be told of a place in this file.
    pub fn tells(&self) -> bool {
        self.has_lines || !self.functions.is_empty()
    }

    /// What unwinding needs.
    pub fn frame_sections(&self) -> ExplicitModuleSectionInfo<Rc<[u8]>> {
        self.sections.clone()
    }

    /// The debug information of the unit that an address belongs to.
    pub fn unit(&self, address: u64) -> Option<gimli::UnitRef<'_, Reader>> {
        self.context_at(address)?
            .find_dwarf_and_unit(address)
            .skip_all_loads()
    }

    /// The debug information, for an address that can be looked up: not the last one, because addr2line counts one on.
    fn context_at(&self, address: u64) -> Option<&Context<Reader>> {
        self.context.as_ref().filter(|_| address < u64::MAX)
    }

    /// The line and function of an address; of an inlined function, if it is in one. None without a line.
    pub fn place(&self, address: u64) -> Option<Place> {
        if let Some(place) = self.places.borrow().get(&address) {
            return place.clone();
        }
        let place = self.look_up(address);
        self.places.borrow_mut().insert(address, place.clone());
        place
    }

    fn look_up(&self, address: u64) -> Option<Place> {
        let mut frames = self
            .context_at(address)?
            .find_frames(address)
            .skip_all_loads()
            .ok()?;
        let frame = frames.next().ok()??;
        let location = frame.location?;
        let name = frame.function.and_then(|name| name.raw_name().ok().map(Rc::from));
        Some(Place {
            function: name.or_else(|| self.function(address)),
            line: Some(Line {
                file: self.file(location.file?),
                line: location.line.filter(|&line| line > 0)?,
            }),
        })
    }

    /// The addresses of the line that an address belongs to.
    pub fn line_range(&self, address: u64) -> Option<Range<u64>> {
        let context = self.context_at(address)?;
        let (start, size, _) = context.find_location_range(address, address + 1).ok()?.next()?;
        Some(start..start.checked_add(size)?)
    }

    /// The function of an address, by the symbol table.
    pub fn function(&self, address: u64) -> Option<Rc<str>> {
        let next = self
            .functions
            .partition_point(|function| function.addresses.start <= address);
        let function = &self.functions[next.checked_sub(1)?];
        function
            .addresses
            .contains(&address)
            .then(|| function.name.clone())
    }

    /// Whether a function begins at an address.
    pub fn begins_function(&self, address: u64) -> bool {
        self.functions
            .binary_search_by_key(&address, |function| function.addresses.start)
            .is_ok()
    }

    /// Where a function begins.
    pub fn start_of(&self, name: &str) -> Option<u64> {
        let function = self.functions.iter().find(|function| &*function.name == name)?;
        Some(function.addresses.start)
    }

    fn file(&self, name: &str) -> Rc<PathBuf> {
        if let Some(file) = self.files.borrow().get(name) {
            return file.clone();
        }
        let file = Rc::new(PathBuf::from(name));
        self.files.borrow_mut().insert(name.to_owned(), file.clone());
        file
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Image")
            .field("lowest", &self.lowest)
            .field("has_lines", &self.has_lines)
            .finish_non_exhaustive()
    }
}

fn frame_sections(file: &object::File<'_>) -> ExplicitModuleSectionInfo<Rc<[u8]>> {
    let range = |name| {
        let section = file.section_by_name(name)?;
        Some(section.address()..section.address().checked_add(section.size())?)
    };
    let data = |name| bytes_of(file, name);
    ExplicitModuleSectionInfo {
        base_svma: 0,
        text_svma: range(".text"),
        text: data(".text"),
        got_svma: range(".got"),
        eh_frame_svma: range(".eh_frame"),
        eh_frame: data(".eh_frame"),
        eh_frame_hdr_svma: range(".eh_frame_hdr"),
        eh_frame_hdr: data(".eh_frame_hdr"),
        debug_frame: data(".debug_frame"),
        ..ExplicitModuleSectionInfo::default()
    }
}

fn bytes_of(file: &object::File<'_>, name: &str) -> Option<Rc<[u8]>> {
    let data = file.section_by_name(name)?.compressed_data().ok()?;
    // What a compressed section will come to is only claimed.
    let data = (data.uncompressed_size <= LARGEST).then(|| data.decompress().ok())??;
    Some(Rc::from(&*data))
}

fn context(file: &object::File<'_>) -> Option<Context<Reader>> {
    let endian = if file.is_little_endian() {
        RunTimeEndian::Little
    } else {
        RunTimeEndian::Big
    };
    let section = |id: gimli::SectionId| -> Result<Reader, gimli::Error> {
        let bytes = bytes_of(file, id.name()).unwrap_or_else(|| Rc::from([]));
        Ok(EndianRcSlice::new(bytes, endian))
    };
    Context::from_dwarf(gimli::Dwarf::load(section).ok()?).ok()
}

fn functions(file: &object::File<'_>) -> Vec<Function> {
    let mut functions: Vec<_> = file
        .symbols()
        .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() > 0)
        .filter_map(|symbol| {
            Some(Function {
                addresses: symbol.address()..symbol.address().checked_add(symbol.size())?,
                name: symbol.name().ok()?.into(),
            })
        })
        .collect();
    functions.sort_by_key(|function| function.addresses.start);
    functions.dedup_by_key(|function| function.addresses.start);
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_of_code_is_not_read() {
        for path in ["/dev/zero", "/dev/null", "/", "/no/such/file", "/proc/self/stat"] {
            assert!(Image::read(Path::new(path), true).is_none(), "{path}");
        }
    }

    #[test]
    fn nothing_is_told_of_the_last_address() {
        let image = Image::read(&std::env::current_exe().expect("a path"), true).expect("this test is code");
        assert!(image.tells());
        assert!(image.place(u64::MAX).is_none() && image.line_range(u64::MAX).is_none());
        assert!(image.unit(u64::MAX).is_none() && image.function(u64::MAX).is_none());
    }
}
