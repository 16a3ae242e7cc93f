//! `E`: the terminal in the hands of the student's editor.
//!
//! The keeper runs it, because the screen's own children are rows of the tree; the screen waits, takes in what happens
//! to the lab meanwhile, and draws nothing. What the editor leaves is in [`Draft`].

use std::io::Read as _;
use std::os::fd::{AsFd, OwnedFd};

use nix::sys::signalfd::SignalFd;

use super::draft::Draft;
use super::{Front, Outcome, Watched, arrived, front_effects};
use crate::app::Effect;
use crate::app::stage::Stage;
use crate::model::{Pid, Signal};
use crate::poll;
use crate::sys::signal;

/// Lends the terminal to the student's editor until it ends. With a changed text that can be run, all begins again.
pub(super) fn edit(stage: &mut impl Stage, front: &mut Front<'_>) -> std::io::Result<Option<Outcome>> {
    let Some(source) = stage.app().source.clone() else {
        return Ok(None);
    };
    let draft = match Draft::open(&source) {
        Ok(draft) => draft,
        Err(complaint) => {
            stage.app_mut().notice = Some(complaint);
            return Ok(None);
        }
    };
    front.saved.put_back();
    let lent = match stage.editor(draft.file()) {
        Some(Ok(end)) => await_editor(end, stage, front.watched),
        _ => Lent::Back(Vec::new()),
    };
    let end = match lent {
        Lent::Back(end) => end,
        Lent::Lost(outcome) => return Ok(Some(outcome)),
    };
    front.retake()?;
    *stage.changed() = true;
    let left = draft.close(&end).and_then(|text| match text {
        Some(text) => stage.check(draft.file(), &text).map(|()| text),
        None => Err(format!("{} is unchanged. R starts it again.", draft.name)),
    });
    match left {
        Ok(text) => {
            stage.app_mut().take_edited(text);
            front_effects(vec![Effect::Restart(String::new())], stage, front)
        }
        Err(complaint) => {
            stage.app_mut().notice = Some(complaint);
            Ok(None)
        }
    }
}

/// What came of the terminal while the editor had it.
enum Lent {
    /// The editor has ended; this is what was read of its end.
    Back(Vec<u8>),
    /// Something ended the session meanwhile.
    Lost(Outcome),
}

/// Waits for the editor's end. What happens meanwhile is taken in, and nothing is drawn.
fn await_editor(end: OwnedFd, stage: &mut impl Stage, watched: &Watched) -> Lent {
    loop {
        stage.pump();
        let ready = stage.ready();
        let mut fds: Vec<&dyn AsFd> = vec![&end, &watched.signals];
        fds.extend(watched.keeper.as_ref().map(|keeper| keeper as &dyn AsFd));
        let others = fds.len();
        fds.extend(ready.iter().map(|ready| ready as &dyn AsFd));
        let flags = poll::flags(&fds, stage.next_look());
        if let Some(outcome) = on_signals(&watched.signals) {
            return Lent::Lost(outcome);
        }
        if flags[2..others].iter().any(|flags| !flags.is_empty()) {
            return Lent::Lost(Outcome::Orphaned);
        }
        if !flags[0].is_empty() {
            let mut bytes = Vec::new();
            // What cannot be read says as little as what was not written.
            let _ = std::fs::File::from(end).read_to_end(&mut bytes);
            return Lent::Back(bytes);
        }
    }
}

/// What is typed at the editor is meant for it; when it stops, so does the whole.
fn on_signals(signals: &SignalFd) -> Option<Outcome> {
    for signal in arrived(signals) {
        match signal {
            Signal::TERM | Signal::HUP => return Some(Outcome::Signal(signal)),
            Signal::TSTP => {
                let _ = signal::send(Pid(std::process::id() as i32), Signal::STOP);
            }
            _ => {}
        }
    }
    None
}
