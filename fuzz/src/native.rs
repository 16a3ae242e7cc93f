//! What the kernel and compilers write: /proc, and files of native code with their debug information.

use std::path::Path;
use std::rc::Rc;

use forkscope::sys::proc::Seen;
use forkscope::sys::ptrace::Registers;
use forkscope::trace::image::Image;
use forkscope::trace::locals::{self, View};
use forkscope::trace::space::{Cache, Images, Space, files_in};

/// A stat file, and a list of mappings.
pub fn stat(input: &[u8]) {
    for status_shown in [false, true] {
        let _ = Seen::read(input, status_shown);
    }
    let maps = String::from_utf8_lossy(input);
    for (path, _) in files_in(&maps) {
        assert!(path.is_absolute());
    }
}

/// A file of native code: its lines, functions, frames and variables at every address worth asking about, with a memory
/// that holds the file itself.
pub fn file(input: &[u8]) {
    let Some(image) = Image::parse(input, true) else {
        return;
    };
    let image = Rc::new(image);
    let path = Path::new("/home/student/a.out");
    let mut images = Images::from([(path.to_owned(), Some(Rc::clone(&image)))]);
    let end = image.lowest.saturating_add(0x10_0000);
    let maps = format!(
        "{:x}-{end:x} r-xp 00000000 fd:00 5 {}",
        image.lowest,
        path.display()
    );
    let space = Space::mapped(&maps, &mut images);
    let memory = |address: u64, length: usize| {
        let from = usize::try_from(address.checked_sub(image.lowest)?).ok()?;
        let end = from.saturating_add(length).min(input.len());
        input.get(from..end).map(<[u8]>::to_vec)
    };
    let mut cache = Cache::new();
    for instruction in addresses(&image) {
        let _ = (image.place(instruction), image.function(instruction));
        let _ = (image.line_range(instruction), image.begins_function(instruction));
        let registers = Registers {
            instruction,
            stack: image.lowest.wrapping_add(0x40),
            frame: image.lowest.wrapping_add(0x80),
            call: -1,
        };
        let found = space.find_frame(&registers, &memory, &mut cache, |frame| {
            space.user_image(frame.lookup).is_some()
        });
        let Some((frame, caller)) = found else { continue };
        let view = View {
            image: &image,
            address: instruction,
            bias: 0,
            frame,
            caller,
            memory: &memory,
        };
        locals::read(&view);
    }
}

/// The edges of the address space, where `main` begins, and a few instructions after.
fn addresses(image: &Image) -> Vec<u64> {
    let main = image.start_of("main").unwrap_or(image.lowest);
    let near = (0..96).step_by(4).map(|offset| main.wrapping_add(offset));
    near.chain([0, 1, image.lowest, u64::MAX]).collect()
}
