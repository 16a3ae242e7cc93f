//! Recordings read back: whole ones, cut and damaged ones, ones from a newer program, and ones that still grow.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use forkscope::journal::{Header, OpenError, Progress, Recorder, Recording};
use forkscope::model::{Event, World};
use proptest::prelude::*;
use tempfile::TempDir;

const HEADER: &str = r#"{"forkscope":1,"started":"2026-03-21T09:05:00Z","command":"forkscope play"}"#;
const SCREEN: &str = r#"{"t":0,"proc":"screen","pid":10,"event":"born","parent":"9:bash"}"#;
const A: &str = r#"{"t":0.5,"proc":"A","pid":11,"event":"born","parent":"screen"}"#;
const ZOMBIE: &str = r#"{"t":1,"proc":"A","pid":11,"event":"zombie","status":{"exited":7}}"#;

/// A file with this in it, and the directory that it lives in.
fn file(content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("session.jsonl");
    fs::write(&path, content).expect("a file");
    (dir, path)
}

/// After the header come these lines. So many facts are read, and this is said of the rest.
fn check(lines: &[&[u8]], facts: u64, remarks: &[&str]) {
    let mut content = HEADER.as_bytes().to_vec();
    for line in lines {
        content.push(b'\n');
        content.extend_from_slice(line);
    }
    let (_dir, path) = file(&content);
    let recording = Recording::open(&path).expect("a recording");
    let said: Vec<_> = recording.remarks().iter().map(ToString::to_string).collect();
    assert_eq!(recording.journal().len(), facts, "{said:?}");
    assert_eq!(said.len(), remarks.len(), "{said:?}");
    for (said, expected) in said.iter().zip(remarks) {
        assert!(said.starts_with(expected), "{said} is not {expected}");
    }
}

#[test]
fn a_whole_recording_has_no_remarks() {
    check(&[], 0, &[]);
    check(&[b""], 0, &[]);
    check(&[SCREEN.as_bytes(), A.as_bytes(), ZOMBIE.as_bytes(), b""], 3, &[]);
    // Only the last line's end is missing, or there are too many.
    check(&[SCREEN.as_bytes(), A.as_bytes()], 2, &[]);
    check(&[SCREEN.as_bytes(), b"", A.as_bytes(), b"\r", b""], 2, &[]);
}

#[test]
fn the_last_line_of_a_headless_run_is_no_fact_and_no_damage() {
    check(
        &[
            SCREEN.as_bytes(),
            br#"{"event":"tree","processes":[],"gone":[]}"#,
            b"",
        ],
        1,
        &[],
    );
}

#[test]
fn a_cut_line_is_said() {
    check(
        &[SCREEN.as_bytes(), &A.as_bytes()[..20]],
        1,
        &["line 3: skipped: the file ends in the middle of it"],
    );
}

#[test]
fn damaged_lines_are_skipped_and_said() {
    check(
        &[
            SCREEN.as_bytes(),
            &A.as_bytes()[5..],
            b"\xff\xfe\0",
            b"}{",
            A.as_bytes(),
            b"",
        ],
        2,
        &[
            "line 3: skipped: it is damaged",
            "line 4: skipped",
            "line 5: skipped",
        ],
    );
}

#[test]
fn what_a_newer_program_wrote_is_named_once() {
    let event = br#"{"t":1,"proc":"A","pid":11,"event":"moved","to":"mars"}"#;
    let field = br#"{"t":1,"proc":"A","pid":11,"event":"continued","cpu":3}"#;
    check(
        &[SCREEN.as_bytes(), event, event, field, field, b""],
        3,
        &[
            "line 3: skipped: `moved` is an event of a newer forkscope",
            "line 5: shown without `cpu`",
        ],
    );
}

#[test]
fn a_gigantic_line_is_skipped() {
    let gigantic = vec![b'x'; 5 << 20];
    check(
        &[SCREEN.as_bytes(), &gigantic, A.as_bytes(), b""],
        2,
        &["line 3: skipped: it is longer than"],
    );
    check(
        &[SCREEN.as_bytes(), &gigantic],
        1,
        &["line 3: skipped: it is longer than"],
    );
}

#[test]
fn of_many_damaged_lines_the_first_are_listed() {
    let (_dir, path) = file(format!("{HEADER}\n{}", "?\n".repeat(250)));
    let recording = Recording::open(&path).expect("a recording");
    assert_eq!((recording.remarks().len(), recording.unlisted()), (100, 150));
}

/// A file with this in it is no recording, for this reason.
fn check_refused(content: &str, reason: &str) {
    let (_dir, path) = file(content);
    let error = Recording::open(&path).expect_err("no recording").to_string();
    assert!(error.contains(reason), "{error}");
}

#[test]
fn what_is_no_recording_is_refused() {
    check_refused("", "its first line does not begin with {\"forkscope\":1");
    check_refused("int main(void) {}\n", "it is no recording");
    check_refused(SCREEN, "it is no recording");
    check_refused(
        "{\"forkscope\":2}\n",
        "a newer forkscope recorded it (format 2); this one reads format 1",
    );
    let error = Recording::open(Path::new("/nonexistent")).expect_err("no file");
    assert!(matches!(error, OpenError::Read { .. }));
    assert!(
        error.to_string().contains("/nonexistent: No such file"),
        "{error}"
    );
    Recording::open(Path::new("/")).expect_err("a directory");
}

#[test]
fn a_growing_file_is_read_as_far_as_its_lines_are_whole() {
    let (_dir, path) = file("");
    let mut out = OpenOptions::new().append(true).open(&path).expect("the file");
    let mut recording = Recording::follow(&path).expect("nothing yet");
    assert_eq!(recording.header(), None);
    for (text, progress) in [
        (&HEADER[..9], Progress::Nothing),
        (&HEADER[9..], Progress::Nothing),
        ("\n", Progress::Nothing),
        ("", Progress::Nothing),
        (SCREEN, Progress::Nothing),
        ("\n{\"t\":", Progress::Facts(1)),
        (&A[5..], Progress::Nothing),
        (&format!("\n{ZOMBIE}\n"), Progress::Facts(2)),
    ] {
        out.write_all(text.as_bytes()).expect("room");
        assert_eq!(recording.read_more().expect("a recording"), progress, "{text}");
    }
    assert_eq!(recording.remarks(), []);
    assert_eq!(recording.journal().live().zombies(), 1);
    assert_eq!(
        recording.header().map(|header| header.command.as_str()),
        Some("forkscope play")
    );
}

/// A recording that is followed is changed like this; that it is another one is noticed, or that it is not.
fn check_anew(change: impl FnOnce(&Path), anew: bool) {
    let (_dir, path) = file(format!("{HEADER}\n{SCREEN}\n"));
    let mut recording = Recording::follow(&path).expect("a recording");
    change(&path);
    let progress = recording.read_more().expect("a recording");
    assert_eq!(progress == Progress::Anew, anew);
}

#[test]
fn a_file_that_was_begun_anew_is_noticed() {
    let longer = format!(
        "{}\n{}",
        HEADER.replace("09:05", "11:15"),
        format!("{A}\n").repeat(9)
    );
    check_anew(|path| drop(File::create(path)), true);
    check_anew(|path| fs::write(path, &longer).expect("room"), true);
    check_anew(
        |path| {
            let other = path.with_extension("new");
            fs::copy(path, &other).expect("room");
            fs::rename(&other, path).expect("the same directory");
        },
        true,
    );
    check_anew(|path| fs::remove_file(path).expect("the file"), false);
    check_anew(|_| {}, false);
}

/// Where the session of the next test records to.
const KILLED: &str = "FORKSCOPE_TEST_KILLED";

#[test]
#[ignore = "the other half of the next test, run by it in a process of its own"]
fn a_session_that_is_killed() {
    let path = PathBuf::from(std::env::var_os(KILLED).expect("run by the other half"));
    let header = Header::new(SystemTime::UNIX_EPOCH, "test");
    let mut recorder = Recorder::create(&path, &header).expect("a file");
    let event: Event = serde_json::from_str(A).expect("a fact");
    // It ends by itself, should nobody kill it.
    for n in 0..1_000_000 {
        recorder.write(&event).expect("room");
        if n == 1000 {
            println!("enough");
        }
    }
}

#[test]
fn a_killed_session_leaves_whole_lines() {
    let (_dir, path) = file("");
    let mut session = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "a_session_that_is_killed", "--ignored", "--nocapture"])
        .env(KILLED, &path)
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test again");
    let out = BufReader::new(session.stdout.take().expect("a pipe"));
    let enough = out
        .lines()
        .any(|line| line.is_ok_and(|line| line.contains("enough")));
    session.kill().expect("it runs");
    session.wait().expect("it ends");
    assert!(enough);
    let recording = Recording::open(&path).expect("a recording");
    assert_eq!(recording.remarks(), []);
    assert!(recording.journal().len() > 1000);
}

/// A line of a recording, whether or not a session could have written it there, with a time of these.
fn line(times: impl Strategy<Value = f64>) -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec!["A", "B", "C", "screen", "keeper", "ZZZZZZ", "9:bash", "?"]);
    let events = prop::sample::select(vec![
        r#""fork","child":"B","ret":5"#,
        r#""born","parent":"A""#,
        r#""born","parent":"C""#,
        r#""adopted","from":"A","by":"B""#,
        r#""adopted","from":"B","by":"A""#,
        r#""adopted","from":"B","by":"1:init""#,
        r#""exit","status":{"exited":7}"#,
        r#""zombie","status":null"#,
        r#""wait","target":-1,"ret":7,"child":"B""#,
        r#""wait","target":-2147483648,"options":["WNOHANG"]"#,
        r#""reaped","by":"A""#,
        r#""reaped","by":"keeper","auto":true"#,
        r#""exec","argv":[]"#,
        r#""exec","argv":["/a/b/ü"],"ret":-1,"errno":"ENOENT""#,
        r#""signal","signal":"SIGKILL","ret":0,"by":"A""#,
        r#""key","key":"f""#,
        r#""note","state":"Z""#,
        r#""line","line":0,"phase":"in","call":"(""#,
        r#""output","text":"\u0000\ud83d\ude00""#,
    ]);
    (names, times, any::<i32>(), events).prop_map(|(name, t, pid, event)| {
        format!("{{\"t\":{t},\"proc\":\"{name}\",\"pid\":{pid},\"event\":{event}}}\n")
    })
}

/// A piece of a recording, or of something that looks like one.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let times = prop_oneof![9 => 0.0..1e5, 1 => any::<f64>().prop_map(f64::abs)];
    prop_oneof![
        8 => line(times).prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => prop::collection::vec(prop::sample::select(b"{}[]\":,\\\n19eE-.n".to_vec()), 0..40),
    ]
}

/// Facts as a session may bring them, each after the one before.
fn facts() -> impl Strategy<Value = Vec<Event>> {
    let line = line(0.0..1e5).prop_filter_map("a fact", |line| serde_json::from_str::<Event>(&line).ok());
    prop::collection::vec(line, 1..60).prop_map(|mut facts| {
        facts.sort_by_key(|fact| fact.t);
        facts
    })
}

/// The file that a session with these facts leaves.
fn recorded(facts: &[Event]) -> (TempDir, PathBuf) {
    let (dir, path) = file("");
    let header = Header::new(SystemTime::UNIX_EPOCH, "test");
    let mut recorder = Recorder::create(&path, &header).expect("a file");
    for fact in facts {
        recorder.write(fact).expect("room");
    }
    (dir, path)
}

proptest! {
    #[test]
    fn a_replay_has_the_world_of_the_session_at_every_event(facts in facts()) {
        let (_dir, path) = recorded(&facts);
        let recording = Recording::open(&path).expect("a recording");
        prop_assert_eq!(recording.remarks(), []);
        prop_assert_eq!(recording.journal().len(), facts.len() as u64);
        let mut world = World::default();
        for (n, fact) in (0..).zip(&facts) {
            prop_assert_eq!(&recording.journal().world_at(n).expect("a world"), &world);
            world.apply(fact);
        }
        prop_assert_eq!(recording.journal().live(), &world);
    }

    #[test]
    fn a_cut_file_shows_what_is_whole(facts in facts(), cut in any::<prop::sample::Index>()) {
        let (_dir, path) = recorded(&facts);
        let content = fs::read(&path).expect("the file");
        let header = content.iter().position(|&byte| byte == b'\n').expect("a first line");
        let kept = &content[..=header + cut.index(content.len() - header)];
        fs::write(&path, kept).expect("room");
        let recording = Recording::open(&path).expect("a recording");
        let whole = kept.split(|byte| *byte == b'\n').count() - 2;
        // What lacks only the end of its line is whole.
        let rest = kept.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
        let lacks_end = content[kept.len()..].first() == Some(&b'\n');
        prop_assert_eq!(recording.journal().len(), (whole + usize::from(lacks_end)) as u64);
        let said: Vec<_> = recording.remarks().iter().map(ToString::to_string).collect();
        let cut_off = format!("line {}: skipped: the file ends in the middle of it", whole + 2);
        let expected = if rest.is_empty() || lacks_end { vec![] } else { vec![cut_off] };
        prop_assert_eq!(said, expected);
    }

    #[test]
    fn a_damaged_line_is_named_and_the_rest_is_shown(facts in facts(), at in any::<prop::sample::Index>()) {
        let (_dir, path) = recorded(&facts);
        let content = fs::read_to_string(&path).expect("the file");
        let damaged = at.index(facts.len()) + 1;
        let lines = content.lines().enumerate();
        let lines: Vec<_> = lines.map(|(n, line)| if n == damaged { &line[1..] } else { line }).collect();
        fs::write(&path, lines.join("\n") + "\n").expect("room");
        let recording = Recording::open(&path).expect("a recording");
        prop_assert_eq!(recording.journal().len(), facts.len() as u64 - 1);
        let remarks: Vec<_> = recording.remarks().iter().map(|remark| remark.line).collect();
        prop_assert_eq!(remarks, [damaged as u64 + 1]);
        let rest = facts.iter().enumerate().filter(|(n, _)| n + 1 != damaged);
        let mut world = World::default();
        rest.for_each(|(_, fact)| world.apply(fact));
        prop_assert_eq!(recording.journal().live(), &world);
    }

    #[test]
    fn no_file_makes_the_reader_panic(
        pieces in prop::collection::vec(piece(), 0..60),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
    ) {
        let mut content = pieces.concat();
        for (at, byte) in cuts {
            if !content.is_empty() {
                let at = at.index(content.len());
                content[at] = byte;
            }
        }
        let content = [HEADER.as_bytes(), b"\n", &content].concat();
        let (_dir, path) = file(&content);
        let recording = Recording::open(&path).expect("a recording");
        let journal = recording.journal();
        // Whatever was read makes a world that can be drawn and gone back in.
        for n in [0, journal.len() / 2, journal.len()] {
            let world = journal.world_at(n).expect("a world");
            world.rows(&std::collections::BTreeSet::new());
            world.tree_json();
            world.records().iter().for_each(|record| { forkscope::model::explain::tell(record); });
            world.processes().for_each(|process| { forkscope::model::explain::about(&world, process); });
        }
        // And one that can be laid aside: only the list of the gone is kept elsewhere.
        let json = serde_json::to_string(journal.live()).expect("json");
        let mut again: World = serde_json::from_str(&json).expect("a world");
        again.remember(journal.live().gone_list().clone());
        prop_assert_eq!(&again, journal.live());
        prop_assert_eq!(&journal.world_at(journal.len()).expect("a world"), journal.live());
    }
}

/// The names between `from` and the next line that is `end`, each a line's first word, in lower case.
fn names<'a>(source: &'a str, from: &str, end: &'a str) -> impl Iterator<Item = String> + 'a {
    let (_, rest) = source.split_once(from).expect("the reader has this list");
    rest.lines()
        .skip(1)
        .take_while(move |line| *line != end)
        .filter_map(|line| line.trim().split([' ', ',', '(']).next())
        .map(str::to_lowercase)
        .filter(|name| name != "other")
}

#[test]
fn the_format_is_documented_whole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = fs::read_to_string(root.join("src/model/wire.rs")).expect("the reader's source");
    let page = fs::read_to_string(root.join("docs/journal-format.md")).expect("the page");
    let known: Vec<_> = names(&source, "\nfields! {", "}")
        .chain(names(&source, "\nenum Kind {", "}"))
        .collect();
    assert!(known.len() > 60, "{known:?}");
    for name in known {
        assert!(
            page.contains(&format!("`{name}`")),
            "docs/journal-format.md does not tell of `{name}`"
        );
    }
}
