//! Keys that lead through time, and those of a replay.

use crate::app::past::Travel;
use crate::app::replay::Turn;
use crate::app::{App, Command, Effect, Pane};

impl App {
    /// What a command of these asks for; none if it is no such command.
    pub(super) fn travel_command(&mut self, command: Command, times: u64) -> Option<Vec<Effect>> {
        let who = self.view.selected;
        let effect = match command {
            Command::Back => Effect::Travel(Travel::Back(times)),
            Command::Forth => Effect::Travel(Travel::Forth(times)),
            Command::BackOf => Effect::Travel(Travel::BackOf(who, times)),
            Command::ForthOf => Effect::Travel(Travel::ForthOf(who, times)),
            Command::FirstEvent => Effect::Travel(Travel::First),
            Command::LastEvent => Effect::Travel(Travel::Last),
            Command::PlayPause => Effect::Replay(Turn::PlayPause),
            Command::Faster => Effect::Replay(Turn::Faster),
            Command::Slower => Effect::Replay(Turn::Slower),
            Command::Closer | Command::Wider => {
                self.zoom(command);
                return Some(Vec::new());
            }
            _ => return None,
        };
        Some(vec![effect])
    }

    fn zoom(&mut self, command: Command) {
        if self.view.pane != Pane::Lanes {
            self.notice = Some("z and Z are for the lanes: v leads to them.".to_owned());
        } else if command == Command::Closer {
            self.view.zoom = self.view.zoom.closer();
        } else {
            self.view.zoom = self.view.zoom.wider();
        }
    }
}
