//! A recording on the screen. No keeper and no rights are needed: nothing is started.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use super::{Failure, check_terminal, die_by, dress, guarded, signals};
use crate::app::App;
use crate::app::replay::Replay;
use crate::cli::ReplayArgs;
use crate::interactive::{self, Outcome, Watched};
use crate::journal::Recording;
use crate::tty::Saved;

/// Shows a recording.
pub fn replay(args: &ReplayArgs) -> Result<ExitCode, Failure> {
    let mut app = App::new(0);
    dress(&mut app, &args.look);
    let mut replay = Replay::open(&args.file, args.follow, app)?;
    check_terminal("forkscope export shows a recording where there is no terminal")?;
    let Some(saved) = Saved::of_stdin() else {
        return Err(Failure::Usage(
            "standard input is no terminal any more.".to_owned(),
        ));
    };
    let code = guarded(Some(&saved), || show(&mut replay, &saved));
    print_remarks(&args.file, replay.recording());
    Ok(ExitCode::from(code))
}

fn show(replay: &mut Replay, saved: &Saved) -> Result<u8, Failure> {
    let signals = signals(true)?;
    let watched = Watched {
        signals: &signals,
        keeper: None,
        may_panic: false,
    };
    match interactive::run(replay, &watched, saved).map_err(Failure::Output)? {
        Outcome::Signal(signal) => Ok(die_by(signal)),
        // The others need a keeper, or keys to begin with.
        Outcome::Quit | Outcome::Again(_) | Outcome::Orphaned | Outcome::Failed(_) => Ok(0),
    }
}

/// What of the file is not shown, line by line.
pub fn print_remarks(path: &Path, recording: &Recording) {
    let mut err = std::io::stderr().lock();
    for remark in recording.remarks() {
        let _ = writeln!(err, "forkscope: {}, {remark}", path.display());
    }
    if recording.unlisted() > 0 {
        let _ = writeln!(
            err,
            "forkscope: {}: and {} lines more",
            path.display(),
            recording.unlisted()
        );
    }
}
