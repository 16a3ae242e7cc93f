//! Where a replay stands: playing or not, how fast, at which position. Pure: the clock is passed in, and the times of
//! the facts come from the journal.
//!
//! A pause of the session longer than three seconds is played as three seconds: nobody wants to sit through a
//! teacher's talk without hearing it.

use std::time::Duration;

use super::history::{Journal, JournalError};
use crate::model::Time;

/// How long a pause between two facts lasts at most, before speed.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// A replay under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Player {
    position: u64,
    speed: Speed,
    /// While it plays: when the fact at `position` was reached, by the clock that is passed in.
    since: Option<Duration>,
}

/// How fast a replay plays: a power of two, from an eighth to 64 times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Speed(i8);

impl Player {
    /// A replay that stands at a position.
    pub fn at(position: u64) -> Self {
        Self {
            position,
            speed: Speed::default(),
            since: None,
        }
    }

    /// How many facts have been played.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// How fast it plays.
    pub const fn speed(&self) -> Speed {
        self.speed
    }

    /// Whether it plays.
    pub const fn is_playing(&self) -> bool {
        self.since.is_some()
    }

    /// Plays from here on, or from the beginning if this is the end.
    pub fn play(&mut self, journal: &Journal, now: Duration) {
        if self.position >= journal.len() {
            self.position = 0;
        }
        self.since = Some(now);
    }

    /// Stands still.
    pub fn pause(&mut self) {
        self.since = None;
    }

    /// Goes to a position, at most to the end. If it plays, it plays on from there.
    pub fn jump(&mut self, position: u64, journal: &Journal, now: Duration) {
        self.position = position.min(journal.len());
        self.since = self.since.map(|_| now);
    }

    /// Plays twice as fast.
    pub fn faster(&mut self) {
        self.speed = Speed((self.speed.0 + 1).min(Speed::FASTEST));
    }

    /// Plays half as fast.
    pub fn slower(&mut self) {
        self.speed = Speed((self.speed.0 - 1).max(Speed::SLOWEST));
    }

    /// Goes on to where the clock says it should be, and pauses at the end. Says whether the position has changed.
    pub fn advance(&mut self, journal: &Journal, now: Duration) -> Result<bool, JournalError> {
        let Some(mut since) = self.since else {
            return Ok(false);
        };
        let before = self.position;
        let mut here = journal.event(before)?.map(|event| event.t);
        for event in journal.events(before + 1, journal.len()) {
            let next = event?.t;
            let due = since + self.pause_between(here, next);
            if due > now {
                break;
            }
            (since, here) = (due, Some(next));
            self.position += 1;
        }
        self.since = (self.position < journal.len()).then_some(since);
        Ok(self.position != before)
    }

    /// When the next fact is to be played, by the clock that is passed in; none if none is.
    pub fn due(&self, journal: &Journal) -> Result<Option<Duration>, JournalError> {
        let (Some(since), Some(next)) = (self.since, journal.event(self.position + 1)?) else {
            return Ok(None);
        };
        let here = journal.event(self.position)?.map(|event| event.t);
        Ok(Some(since + self.pause_between(here, next.t)))
    }

    /// How long to wait between two facts. Before the first there is no wait.
    fn pause_between(&self, here: Option<Time>, next: Time) -> Duration {
        let micros = here.map_or(0, |here| next.0.saturating_sub(here.0));
        self.speed
            .applied_to(Duration::from_micros(micros).min(LONGEST_PAUSE))
    }
}

impl Speed {
    const FASTEST: i8 = 6;
    const SLOWEST: i8 = -3;

    fn applied_to(self, pause: Duration) -> Duration {
        if self.0 >= 0 {
            pause / (1 << self.0)
        } else {
            pause * (1 << -self.0)
        }
    }
}

impl std::fmt::Display for Speed {
    /// `1x`, `4x`, `1/2x`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 >= 0 {
            write!(f, "{}x", 1 << self.0)
        } else {
            write!(f, "1/{}x", 1 << -self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Event;

    /// A journal whose facts happened at these seconds.
    fn journal(times: &[f64]) -> Journal {
        let mut journal = Journal::new().expect("memory");
        for t in times {
            let line = format!(r#"{{"t":{t},"proc":"A","pid":1,"event":"continued"}}"#);
            let event: Event = serde_json::from_str(&line).expect("a fact");
            journal.push(&event).expect("memory");
        }
        journal
    }

    /// A replay that begins to play at 100 s, with this done to it, stands there at the times given.
    fn check(times: &[f64], prepare: impl FnOnce(&mut Player), stands: &[(f64, u64)]) {
        let journal = journal(times);
        let mut player = Player::at(0);
        prepare(&mut player);
        player.play(&journal, Duration::from_secs(100));
        for &(after, position) in stands {
            let now = Duration::from_secs(100) + Duration::from_secs_f64(after);
            player.advance(&journal, now).expect("a journal");
            assert_eq!(player.position(), position, "{after} s later");
        }
    }

    #[test]
    fn it_keeps_the_time_of_the_facts() {
        check(
            &[0.0, 0.5, 0.5, 2.0],
            |_| {},
            &[(0.0, 1), (0.4, 1), (0.5, 3), (1.9, 3), (2.0, 4), (9.0, 4)],
        );
    }

    #[test]
    fn speed_divides_the_pauses() {
        check(&[0.0, 1.0, 2.0], Player::faster, &[(0.4, 1), (0.5, 2), (1.0, 3)]);
        check(&[0.0, 1.0], Player::slower, &[(1.9, 1), (2.0, 2)]);
    }

    #[test]
    fn long_pauses_are_cut() {
        check(&[0.0, 600.0, 601.0], |_| {}, &[(2.9, 1), (3.0, 2), (4.0, 3)]);
    }

    #[test]
    fn times_that_go_backwards_do_not_hold_it_up() {
        check(&[5.0, 1.0, 1.0], |_| {}, &[(0.0, 3)]);
    }

    #[test]
    fn it_pauses_at_the_end_and_begins_again() {
        let journal = journal(&[0.0, 1.0]);
        let mut player = Player::at(0);
        player.play(&journal, Duration::ZERO);
        player
            .advance(&journal, Duration::from_secs(5))
            .expect("a journal");
        assert_eq!((player.position(), player.is_playing()), (2, false));
        assert_eq!(player.due(&journal).expect("a journal"), None);
        player.play(&journal, Duration::from_secs(6));
        assert_eq!((player.position(), player.is_playing()), (0, true));
    }

    #[test]
    fn a_jump_plays_on_from_there_only_if_it_played() {
        let journal = journal(&[0.0, 1.0, 2.0]);
        let mut player = Player::at(0);
        player.jump(9, &journal, Duration::ZERO);
        assert_eq!((player.position(), player.is_playing()), (3, false));
        player.play(&journal, Duration::ZERO);
        player.jump(2, &journal, Duration::from_secs(7));
        assert_eq!(
            player.due(&journal).expect("a journal"),
            Some(Duration::from_secs(8))
        );
    }

    #[test]
    fn speeds_end_somewhere() {
        let mut player = Player::at(0);
        (0..99).for_each(|_| player.faster());
        assert_eq!(player.speed().to_string(), "64x");
        (0..99).for_each(|_| player.slower());
        assert_eq!(player.speed().to_string(), "1/8x");
    }
}
