//! What is looked at before anything is started: terminal, locale, /proc and limits. What cannot do is refused in a
//! sentence.

use super::Failure;
use crate::app::{App, Theme};
use crate::cli::LookArgs;
use crate::model::Pid;
use crate::{sys, ui};

/// Descriptors that screen needs for each lab process: channel, pidfd, stat and children files; and one with the
/// keeper.
const DESCRIPTORS_EACH: u64 = 5;

/// Descriptors for everything else.
const DESCRIPTORS_OWN: u64 = 64;

/// What the command line and the environment say of the look.
pub(super) fn dress(app: &mut App, look: &LookArgs) {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    app.view.theme = look.theme.unwrap_or(match () {
        () if no_color => Theme::Plain,
        () if has_light_background() => Theme::Light,
        () => Theme::Dark,
    });
    app.view.ascii = look.ascii || !is_utf8();
}

/// Some terminals tell their colours: `COLORFGBG` is foreground;background, 7 and 15 are white.
fn has_light_background() -> bool {
    std::env::var("COLORFGBG").is_ok_and(|colors| matches!(colors.rsplit(';').next(), Some("7" | "15")))
}

/// Whether the locale, as locale(7) orders its variables, is one of UTF-8.
fn is_utf8() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .is_some_and(|value| {
            let value = value.to_ascii_lowercase();
            value.contains("utf-8") || value.contains("utf8")
        })
}

/// One sentence for each way in which a terminal cannot do.
pub(super) fn check_terminal(instead: &str) -> Result<(), Failure> {
    let usage = |text: String| Err(Failure::Usage(text));
    if !rustix::termios::isatty(rustix::stdio::stdin()) {
        return usage(format!("standard input is no terminal; {instead}."));
    }
    if !rustix::termios::isatty(rustix::stdio::stdout()) {
        return usage(format!("standard output is no terminal; {instead}."));
    }
    if matches!(std::env::var("TERM").as_deref(), Err(_) | Ok("" | "dumb")) {
        return usage(format!(
            "the terminal is dumb: TERM names none that can place text; set TERM, or {instead}."
        ));
    }
    let (columns, rows) = crossterm::terminal::size().map_err(Failure::Output)?;
    let (least_columns, least_rows) = ui::LEAST;
    if columns < least_columns || rows < least_rows {
        return Err(Failure::Usage(format!(
            "the terminal has {columns}x{rows} cells; make it at least {least_columns}x{least_rows}."
        )));
    }
    Ok(())
}

/// Without /proc nothing could be shown.
pub(super) fn check_proc() -> Result<(), Failure> {
    match sys::proc::comm(Pid(std::process::id() as i32)) {
        Some(_) => Ok(()),
        None => Err(Failure::Usage(
            "/proc does not show this process, and all that is shown is read there; mount it: mount -t proc proc /proc."
                .to_owned(),
        )),
    }
}

/// Raises the soft limit on descriptors as far as the lab may need; refuses a lab that cannot fit.
pub(super) fn make_room(limit: u32) -> Result<(), Failure> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let need = u64::from(limit) * DESCRIPTORS_EACH + DESCRIPTORS_OWN;
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return Ok(());
    };
    if hard < need {
        let remedy = match hard.saturating_sub(DESCRIPTORS_OWN) / DESCRIPTORS_EACH {
            0 => format!("raise it, as ulimit -n {need} does in a shell"),
            most => format!("use --limit {most} or less"),
        };
        return Err(Failure::Usage(format!(
            "--limit {limit} needs {need} descriptors, and RLIMIT_NOFILE allows {hard}; {remedy}."
        )));
    }
    if soft < need {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, need, hard);
    }
    Ok(())
}
