//! What is exported, and that the programs it is meant for can open it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use forkscope::journal::Recording;
use forkscope::journal::export::svg::{Cell, Color, Grid, Ground, Style};
use forkscope::journal::export::{ProcessGraph, cast, dot, mermaid, text};
use forkscope::model::World;

fn recording() -> Recording {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/orphan.jsonl");
    let recording = Recording::open(&path).expect("a recording");
    assert_eq!(recording.remarks(), []);
    recording
}

/// The world right after C has ended: a zombie, an orphan, a wait, another program.
fn moment() -> World {
    let recording = recording();
    let journal = recording.journal();
    let adopted = (1..)
        .zip(journal.events(1, journal.len()))
        .find(|(_, event)| {
            event
                .as_ref()
                .is_ok_and(|event| matches!(event.what, forkscope::model::What::Adopted { .. }))
        })
        .map(|(n, _)| n);
    journal.world_at(adopted.expect("an adoption")).expect("a world")
}

fn graph() -> ProcessGraph {
    let recording = recording();
    let journal = recording.journal();
    let mut graph = ProcessGraph::default();
    for event in journal.events(1, journal.len()) {
        graph.push(&event.expect("an event"));
    }
    graph
}

/// Feeds a text to a program, if it is installed; it must be content.
fn check_with(program: &str, args: &[&str], text: &str) {
    let child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("{program} is not installed: not checked with it");
        return;
    };
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(text.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.is_empty(),
        "{program}: {said}\n{text}"
    );
}

fn check_dot(text: &str) {
    check_with("dot", &["-Tsvg"], text);
}

fn check_mermaid(text: &str) {
    check_with("node", &["tests/tools/mermaid.mjs"], text);
}

fn check_xml(text: &str) {
    let parse = "import sys, xml.dom.minidom; xml.dom.minidom.parseString(sys.stdin.buffer.read())";
    check_with("python3", &["-c", parse], text);
}

#[test]
fn the_tree_as_text() {
    insta::assert_snapshot!(text::tree(&moment()));
}

#[test]
fn what_happened_as_text() {
    insta::assert_snapshot!(text::story(&moment()));
}

#[test]
fn the_tree_for_graphviz() {
    let tree = dot::tree(&moment());
    check_dot(&tree);
    insta::assert_snapshot!(tree);
}

#[test]
fn the_graph_for_graphviz() {
    let graph = dot::graph(&graph());
    check_dot(&graph);
    insta::assert_snapshot!(graph);
}

#[test]
fn the_tree_for_mermaid() {
    let tree = mermaid::tree(&moment());
    check_mermaid(&tree);
    insta::assert_snapshot!(tree);
}

#[test]
fn the_graph_for_mermaid() {
    let graph = mermaid::graph(&graph());
    check_mermaid(&graph);
    insta::assert_snapshot!(graph);
}

#[test]
fn the_world_as_json() {
    insta::assert_snapshot!(moment().tree_json());
}

#[test]
fn the_film() {
    let recording = recording();
    let journal = recording.journal();
    let size = cast::Size {
        width: 80,
        height: 24,
    };
    let mut film = Vec::new();
    let picture = |world: &World| format!("{} alive\n{} zombies\n", world.alive(), world.zombies());
    cast::write(&mut film, journal, journal.len(), size, "orphan", picture).expect("a film");
    let film = String::from_utf8(film).expect("JSON");
    for line in film.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("each line is JSON");
    }
    insta::assert_snapshot!(film);
}

/// A text in cells of one style.
fn cells(text: &str, style: Style) -> Vec<Cell> {
    text.chars()
        .map(|c| Cell {
            symbol: c.to_string(),
            style,
        })
        .collect()
}

#[test]
fn a_picture_of_the_screen() {
    let plain = Style::default();
    let mut row = cells(" A  <4101> & \"x\"   │", plain);
    row.resize(24, Cell::default());
    let mut picture = row;
    picture.extend(cells(
        "WAITING",
        Style {
            bold: true,
            fg: Color::Indexed(3),
            ..plain
        },
    ));
    picture.extend(cells(
        " reaped ",
        Style {
            crossed_out: true,
            ..plain
        },
    ));
    picture.extend(cells(
        "selected ",
        Style {
            reversed: true,
            ..plain
        },
    ));
    picture.extend(cells(
        "日",
        Style {
            bg: Color::Rgb(1, 2, 3),
            underline: true,
            ..plain
        },
    ));
    picture.extend(cells(
        " ",
        Style {
            bg: Color::Rgb(1, 2, 3),
            underline: true,
            ..plain
        },
    ));
    picture.extend(cells(
        "\u{1b}\u{0}end",
        Style {
            fg: Color::Indexed(196),
            bg: Color::Indexed(240),
            ..plain
        },
    ));
    let grid = Grid::new(24, picture);
    for (name, ground) in [("dark", Ground::Dark), ("light", Ground::Light)] {
        let svg = grid.to_svg("A <picture>", ground);
        check_xml(&svg);
        insta::assert_snapshot!(format!("a_picture_{name}"), svg);
    }
}

#[test]
fn names_cannot_break_a_format() {
    let mut world = World::default();
    let nasty = r#""]; }--> <script>#x;\ \u0000\u001b[2J \n end ` | &amp; %% """#;
    for line in [
        format!(
            r#"{{"t":0,"proc":"screen","pid":10,"event":"born","parent":"9:{}"}}"#,
            "a\\\"]-->b;#"
        ),
        r#"{"t":0,"proc":"END","pid":11,"event":"born","parent":"screen"}"#.to_owned(),
        format!(
            r#"{{"t":0,"proc":"END","pid":11,"event":"exec","argv":[{}]}}"#,
            serde_json::Value::from(nasty)
        ),
    ] {
        world.apply(&serde_json::from_str(&line).expect("a fact"));
    }
    check_dot(&dot::tree(&world));
    let grid = Grid::new(200, cells(&text::tree(&world), Style::default()));
    check_xml(&grid.to_svg(nasty, Ground::Dark));
    check_mermaid(&mermaid::tree(&world));
    insta::assert_snapshot!(mermaid::tree(&world));
}
