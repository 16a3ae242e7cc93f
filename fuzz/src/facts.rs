//! Facts in their JSON form: recordings, and reports of processes.

use std::io::Write as _;

use forkscope::app::App;
use forkscope::app::save::Format;
use forkscope::export;
use forkscope::export::Size;
use forkscope::journal::Recording;
use forkscope::lab::wire::{self, PIPE_BUF, Reader};
use forkscope::model::wire::Heard;
use forkscope::model::{Pid, explain};
use forkscope::ui;

use super::assert_harmless;

/// The window that is drawn into.
const SIZE: Size = Size {
    width: 80,
    height: 24,
};

/// A recording: opened, shown as it ends, exported in every format, and each of its facts
/// written and read back.
pub fn journal(input: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(input).expect("the file can be written");
    let Ok(recording) = Recording::open(file.path()) else {
        return;
    };
    let mut app = App::new(40);
    let journal = recording.journal();
    for event in journal.events(1, journal.len()) {
        app.learn(&event.expect("what was taken in can be given out"));
    }
    app.select_latest();
    assert_harmless(&ui::render_to_text(&app, SIZE.width, SIZE.height));
    exported(&app, &recording);
    read_back(&recording);
}

fn exported(app: &App, recording: &Recording) {
    for format in [
        Format::Text,
        Format::Svg,
        Format::Mermaid,
        Format::Dot,
        Format::Json,
        Format::Cast,
    ] {
        // A film has a picture for each fact; the first few are as good as all.
        if format == Format::Cast && recording.journal().len() > 20 {
            continue;
        }
        for graph in [false, true] {
            let mut text = Vec::new();
            export::write(app, recording.journal(), format, graph, SIZE, &mut text)
                .expect("there is room for it");
            assert_harmless(&String::from_utf8(text).expect("exports are UTF-8"));
        }
    }
}

fn read_back(recording: &Recording) {
    let journal = recording.journal();
    for event in journal.events(1, journal.len()) {
        let event = event.expect("what was taken in can be given out");
        let line = serde_json::to_string(&event).expect("a fact can be written");
        let heard = Heard::read(line.as_bytes()).expect("what is written can be read");
        assert_eq!(heard, Heard::Fact(event, None), "{line}");
    }
    let world = journal.live();
    for process in world.processes() {
        explain::about(world, process);
    }
}

/// The bytes of a report pipe: each line that is one fits into a pipe, and is read back the same.
pub fn report(input: &[u8]) {
    for line in Reader::default().take(input) {
        let lines = wire::lines(&line, Pid(4101));
        assert!(lines.iter().all(|line| line.len() <= PIPE_BUF));
        let again = Reader::default().take(lines.concat().as_bytes());
        assert_eq!(again, [line]);
    }
}
