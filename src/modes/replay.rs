//! A recording on the screen. No process is started but the screen itself: the keeper stands beside it for the
//! terminal's sake.

use std::cell::RefCell;
use std::path::Path;
use std::process::ExitCode;

use super::{Failure, ORPHANED, check_terminal, complain, die_by, dress, guarded, say, signals};
use crate::app::App;
use crate::app::replay::Replay;
use crate::cli::ReplayArgs;
use crate::interactive::{self, Outcome, Watched};
use crate::journal::Recording;
use crate::keeper::{self, Endowment};
use crate::model::Pid;
use crate::tty::Saved;

/// Shows a recording.
pub fn replay(args: &ReplayArgs) -> Result<ExitCode, Failure> {
    let mut app = App::new(0);
    dress(&mut app, &args.look);
    let replay = RefCell::new(Replay::open(&args.file, args.follow, app)?);
    check_terminal("forkscope export shows a recording where there is no terminal")?;
    let Some(saved) = Saved::of_stdin() else {
        return Err(Failure::Usage(
            "standard input is no terminal any more.".to_owned(),
        ));
    };
    let show = |given: Endowment| {
        let code = guarded(Some(&saved), || show(&replay, given.keeper, args.panic, &saved));
        print_remarks(&args.file, replay.borrow().recording());
        code
    };
    Ok(keeper::run(show)?)
}

fn show(replay: &RefCell<Replay>, keeper: Pid, may_panic: bool, saved: &Saved) -> Result<u8, Failure> {
    let watched = Watched::new(signals(true)?, keeper, may_panic);
    let outcome = interactive::run(&mut *replay.borrow_mut(), &watched, saved);
    match outcome.map_err(Failure::Output)? {
        Outcome::Signal(signal) => Ok(die_by(signal)),
        Outcome::Orphaned => Ok(complain(ORPHANED)),
        // The others need processes, or keys to begin with.
        Outcome::Quit | Outcome::Again(_) | Outcome::Failed(_) => Ok(0),
    }
}

/// What of the file is not shown, line by line.
pub fn print_remarks(path: &Path, recording: &Recording) {
    for remark in recording.remarks() {
        say(&format!("forkscope: {}, {remark}", path.display()));
    }
    let more = recording.unlisted();
    if more > 0 {
        say(&format!("forkscope: {}: and {more} lines more", path.display()));
    }
}
