//! Pictures of the main situations, compared with those that were looked at and found good.
//!
//! `INSTA_UPDATE=always cargo test ui::` writes them anew; the difference is then for a reader to judge.

mod lesson;
mod outlook;
mod past;
mod quiz;
mod stepping;
mod story;
mod styles;
mod traced;

use ratatui::layout::Rect;

use self::story::{Story, id};
use super::{hit, last_top, render, render_to_buffer, render_to_text};
use crate::app::{App, Key, Pane, Theme};
use crate::model::{Link, Pid, Signal, explain};

/// The picture of that name is the one that was found good.
fn check(name: &str, app: &App, width: u16, height: u16) {
    compare(name, &render_to_text(app, width, height));
}

fn compare(name: &str, picture: &str) {
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, picture);
    });
}

/// The same at each size: as at home, large, and for presenting.
fn sizes(name: &str, app: &App) {
    check(name, app, 80, 24);
    check(&format!("{name}_120x40"), app, 120, 40);
    let mut app = app.clone();
    app.view.presenter = true;
    check(&format!("{name}_presenter"), &app, 60, 18);
}

fn check_80(name: &str, story: &Story) {
    check(name, &story.app, 80, 24);
}

/// The story that SCREENS tells: B waits for D, C is a zombie, E was C's and is the keeper's now.
fn family() -> Story {
    let mut story = Story::three_generations();
    story
        .fork("C", "E")
        .exec("D", &["sleep", "60"])
        .select("B")
        .key()
        .wait("B")
        .exit("C", 7)
        .adopt("E", "C", Link::Proc(id("keeper")));
    story
}

/// A has as many children as make the lab forty.
fn forty() -> Story {
    let mut story = Story::with_a();
    for n in 1..40 {
        let child = crate::model::ProcId::lab(n).to_string();
        story.fork("A", &child);
    }
    story.key();
    story
}

#[test]
fn a_fresh_lab() {
    check_80("fresh", &Story::new());
}

#[test]
fn the_first_fork() {
    check_80("first_fork", &Story::with_a());
}

#[test]
fn generations() {
    let mut story = Story::three_generations();
    check_80("three_generations", story.select("A"));
}

#[test]
fn a_zombie() {
    let mut story = Story::three_generations();
    check_80("zombie_selected", story.exit("C", 7).select("C"));
}

#[test]
fn a_wait_a_zombie_and_an_orphan() {
    check_80("waiting", &family());
    check("waiting_120x40", &family().app, 120, 40);
}

#[test]
fn a_reaping() {
    let mut story = Story::three_generations();
    story.exit("C", 7).key().select("C").reap("A", "C", 7);
    check_80("reaped", &story);
}

#[test]
fn orphans_and_who_adopts_them() {
    let mut story = Story::three_generations();
    story
        .exit("B", 0)
        .adopt("D", "B", Link::Proc(id("keeper")))
        .select("D");
    check_80("adopted_by_keeper", &story);

    let mut story = Story::three_generations();
    let init = Link::Outside(Pid(1), "systemd".to_owned());
    story
        .subreaper("keeper", false)
        .key()
        .exit("B", 0)
        .adopt("D", "B", init)
        .select("D");
    check_80("adopted_outside", &story);
}

#[test]
fn stopped_killed_and_ignored() {
    let mut story = Story::three_generations();
    story
        .ignore_sigchld("A")
        .subreaper("A", true)
        .stop("D")
        .killed("B", Signal::KILL)
        .select("D");
    check_80("signals", &story);
}

#[test]
fn folded_away() {
    let mut story = Story::three_generations();
    story.select("A").app.press(Key::Left);
    check_80("folded", &story);
}

#[test]
fn a_key_that_cannot_work_says_why() {
    let mut story = family();
    check_80("refused", story.press("f"));
}

#[test]
fn what_was_begun_is_shown() {
    let mut story = Story::three_generations();
    story.select("A");
    let mut check = |name, keys| check_80(name, story.press(keys));
    check("prefix_digits", "3");
    check("prefix_goto", "x'");
    check("prefix_all", "'*");
}

#[test]
fn ask_mode() {
    let mut story = Story::three_generations();
    check_80("ask", story.select("A").press("af"));
}

#[test]
fn a_line_being_typed() {
    let mut story = Story::three_generations();
    check_80("prompt_exec", story.select("B").press("e"));
    check_80("prompt_typed", story.press("sh -c 'exit 3"));
    story.app.press(Key::Enter);
    check_80("prompt_complaint", &story);
    story.app.press(Key::Esc);
    check_80("prompt_signal", story.press("k"));
    story.app.press(Key::Esc);
    check_80("prompt_wait", story.press("W"));
}

#[test]
fn a_long_line_scrolls_with_its_cursor() {
    let mut story = Story::with_a();
    let long = format!("echo {}end", "日本".repeat(30));
    check_80("prompt_long", story.select("A").press("e").press(&long));
}

#[test]
fn the_cursor_is_where_the_attention_belongs() {
    let mut story = Story::three_generations();
    story.select("B");
    let window = Rect::new(0, 0, 80, 24);
    let mut check = |keys, column, row| {
        story.press(keys);
        let mut buf = render_to_buffer(&story.app, 80, 24);
        let cursor = render(&story.app, window, &mut buf).expect("a cursor");
        assert_eq!((cursor.x, cursor.y), (column, row), "after {keys}");
    };
    check("", 12, 6);
    check("e", 3, 13);
    check("abc", 6, 13);
}

#[test]
fn a_click_finds_the_row() {
    let story = family();
    let check = |column, row, who: Option<&str>| {
        let window = Rect::new(0, 0, 80, 24);
        assert_eq!(
            hit(&story.app, window, column, row),
            who.map(id),
            "{column},{row}"
        );
    };
    check(0, 3, Some("keeper"));
    check(79, 6, Some("B"));
    check(20, 9, Some("E"));
    check(20, 10, None);
    check(20, 2, None);
    check(20, 15, None);
}

#[test]
fn help_and_menu() {
    let mut story = Story::with_a();
    check_80("help", story.press("?"));
    check("help_120x40", &story.app, 120, 40);
    story.app.press(Key::End);
    check_80("help_end", &story);
    check_80("menu", story.press("qm"));
}

#[test]
fn a_list_knows_where_its_end_begins() {
    let mut story = Story::with_a();
    let last = |story: &Story, height| last_top(&story.app, Rect::new(0, 0, 80, height));
    assert_eq!(last(&story, 24), None);
    story.press("?");
    let (small, large) = (last(&story, 24), last(&story, 30));
    assert_eq!(small.expect("a list"), large.expect("a list") + 6);
    assert_eq!(last(&story, 200), Some(0));

    // Past the end, one key up would otherwise change nothing.
    story.app.press(Key::End);
    story.app.clamp_scroll(small.expect("a list"));
    let end = render_to_text(&story.app, 80, 24);
    story.app.press(Key::Up);
    assert_ne!(render_to_text(&story.app, 80, 24), end);
}

#[test]
fn leaving_while_processes_live() {
    let mut story = family();
    check_80("confirm_quit", story.press("q"));
}

#[test]
fn evidence() {
    let mut story = Story::with_a();
    story.app.looks.evidence = [
        "/proc/4101/stat: state S, ppid 4100, pgrp 4101, session 4101",
        "/proc/4101/status: Threads 1, SigBlk none, SigIgn PIPE, SigCgt USR1",
        "/proc/4101/wchan: unix_stream_read_generic",
        "/proc/4101/syscall: 45 (recvfrom) 0x3",
    ]
    .map(str::to_owned)
    .to_vec();
    check_80("evidence", story.select("A").press("d"));
}

#[test]
fn the_panes() {
    let mut story = Story::three_generations();
    story.app.view.pane = Pane::Descriptors;
    check_80("descriptors_unread", &story);
    for who in ["A", "B"] {
        story
            .hold(who, 0, "/dev/null", "r")
            .hold(who, 1, "socket:[90210]", "rw")
            .hold(who, 2, "socket:[90210]", "rw")
            .hold(who, 4, "pipe:[4711]", "w");
    }
    story.hold("A", 3, "pipe:[4711]", "r").select("A");
    check_80("descriptors", &story);

    story.app.view.pane = Pane::Output;
    check_80("output_none", &story);
    story
        .write("A", "one\n")
        .type_in("B", "5 3\n")
        .write(
            "B",
            "\x1b[31mred\x1b[0m and a line that is so long that it cannot possibly stand in eighty columns\n",
        )
        .write("D", "no end of line");
    check_80("output", &story);

    story.app.view.pane = Pane::Ps;
    story.app.looks.ps = [
        "ps -o pid,ppid,pgid,sid,stat,comm --forest",
        "    PID    PPID    PGID     SID STAT COMMAND",
        "   4099    3900    4099    3900 S+   forkscope",
        "   4100    4099    4099    3900 R+    \\_ forkscope",
        "   4101    4100    4101    4101 Ss        \\_ forkscope",
    ]
    .map(str::to_owned)
    .to_vec();
    check_80("ps", &story);
}

#[test]
fn the_end_of_a_pipe_is_told() {
    let mut story = Story::three_generations();
    story.hold("A", 4, "pipe:[4711]", "w");
    assert_eq!(
        explain::end_of_file(&story.app.world, id("A")),
        None,
        "nobody reads"
    );
    let mut check = |who, fd, mode, expected: &str| {
        story.hold(who, fd, "pipe:[4711]", mode);
        let told = explain::end_of_file(&story.app.world, id("A")).unwrap_or_default();
        assert!(told.contains(expected), "`{expected}` is missing in: {told}");
    };
    check("B", 3, "r", "B sees end of file once A has closed its write end");
    check("B", 4, "w", "only once A and B have all closed their write ends");
    check("C", 3, "r", "B and C see end of file only once");

    let mut story = Story::with_a();
    story
        .hold("A", 3, "pipe:[4711]", "r")
        .hold("A", 4, "pipe:[4711]", "w");
    let told = explain::end_of_file(&story.app.world, id("A")).expect("a reader");
    assert!(told.contains("A holds the last write end itself"), "{told}");
}

#[test]
fn many_processes_scroll() {
    let mut story = forty();
    check_80("forty_top", &story);
    check_80("forty_middle", story.select("T"));
    check_80("forty_end", story.select("AN"));
}

#[test]
fn a_deep_chain_keeps_its_names() {
    let mut story = Story::with_a();
    for n in 1..40 {
        let [parent, child] = [n - 1, n].map(|n| crate::model::ProcId::lab(n).to_string());
        story.fork(&parent, &child);
    }
    story.key().select("AN");
    check_80("chain", &story);
    check("chain_160x50", &story.app, 160, 50);
}

#[test]
fn hostile_names_do_no_harm() {
    let mut story = Story::with_a();
    story
        .fork("A", "B")
        .fork("A", "C")
        .exec("A", &["\x1b[2J\x07", "\u{202e}gnp.exe"])
        .exec("B", &["日本語プログラム", "größe"])
        .exec(
            "C",
            &[
                "e\u{301}\u{302}\u{303}x",
                "\u{200d}\u{feff}🙂",
                "tab\tand\nnew line",
            ],
        )
        .adopt("C", "A", Link::Outside(Pid(1), "\x1b]0;owned\x07".to_owned()))
        .select("C");
    check_80("hostile", &story);
}

#[test]
fn the_presenter() {
    let mut story = family();
    story.app.view.presenter = true;
    check("presenter_60x18", &story.app, 60, 18);
    check("presenter_80x24", &story.app, 80, 24);
    story.press("f");
    check("presenter_refused", &story.app, 60, 18);
}

#[test]
fn small_windows() {
    let story = family();
    check("least_40x10", &story.app, 40, 10);
    check("too_small_38x9", &story.app, 38, 9);
    check("narrow_60x40", &story.app, 60, 40);
}

#[test]
fn ascii_alone_leaves_the_screen() {
    let mut story = family();
    story.app.view.ascii = true;
    check_80("ascii", &story);
    for keys in ["?", "qm", "qe"] {
        let text = render_to_text(&story.press(keys).app, 100, 50);
        assert!(text.is_ascii(), "{text}");
    }
}

#[test]
fn no_window_breaks_the_drawing() {
    let mut stories = [Story::new(), family(), forty()];
    for story in &mut stories {
        for pane in Pane::ALL {
            story.app.view.pane = pane;
            for keys in ["", "?", "qm", "qe", "\u{1b}"] {
                story.press(keys);
                for (width, height) in [
                    (0, 0),
                    (1, 1),
                    (40, 10),
                    (41, 11),
                    (69, 19),
                    (70, 20),
                    (300, 10),
                    (40, 200),
                ] {
                    let picture = render_to_buffer(&story.app, width, height);
                    assert_eq!(picture.area, Rect::new(0, 0, width, height));
                }
            }
            story.app.layer = None;
        }
    }
}
