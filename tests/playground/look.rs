//! What the terminal and its owner's settings make of the picture.

use super::lab::FORKSCOPE;
use super::pty::Terminal;

const KEYS: [&str; 3] = ["play", "--keys", "f @A f @B 7x"];

fn started(env: &[(&str, &str)]) -> Terminal {
    let mut terminal = Terminal::run_in((24, 80), env, FORKSCOPE, &KEYS);
    terminal.shows("ZOMBIE");
    terminal.settles();
    terminal
}

#[test]
fn pasted_text_is_ignored_with_a_word() {
    let mut terminal = started(&[]);
    terminal.press("\x1b[200~fff\x1b[201~");
    terminal.until("a word about it", |terminal| {
        terminal.screen().contents().to_lowercase().contains("paste")
    });
    assert!(terminal.screen().contents().contains("1 alive · 1 zombie"));
}

#[test]
fn no_color_means_none() {
    let terminal = started(&[("NO_COLOR", "1")]);
    let cells = (0..24).flat_map(|row| (0..80).map(move |column| (row, column)));
    for (row, column) in cells {
        let cell = terminal.screen().cell(row, column).expect("it is inside");
        let colors = (cell.fgcolor(), cell.bgcolor());
        assert_eq!(
            colors,
            (vt100::Color::Default, vt100::Color::Default),
            "at {row}, {column}"
        );
    }
}

#[test]
fn a_c_locale_means_ascii() {
    let terminal = started(&[("LC_ALL", "C")]);
    let text = terminal.screen().contents();
    assert!(text.is_ascii(), "{text}");
}

#[test]
fn the_picture_follows_the_window() {
    let mut terminal = started(&[]);
    for (rows, columns) in [(18, 60), (50, 132), (24, 80)] {
        terminal.resize(rows, columns);
        let rule = "─".repeat(columns.into());
        terminal.until("a rule as wide as the window", |terminal| {
            terminal.screen().rows(0, columns).nth(1) == Some(rule.clone())
        });
    }
}

#[test]
fn nothing_is_written_while_nothing_happens() {
    let mut terminal = started(&[]);
    let before = terminal.written;
    terminal.listen(std::time::Duration::from_secs(2));
    assert_eq!(terminal.written, before);
}
