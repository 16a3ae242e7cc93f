//! How often the screen is drawn: at once as long as little happens, and sixty times a second in a flood.
//!
//! A key and what comes of it are a few pictures in a row, which nobody should wait for. A program that runs as fast as
//! it goes changes the picture thousands of times a second, which nobody could see. So a few pictures may be ahead of
//! their time.

use std::time::{Duration, Instant};

/// The time of a picture in a flood.
const PICTURE: Duration = Duration::from_micros(16_667);

/// How many pictures may be ahead of their time.
const AHEAD: u32 = 8;

/// When the next picture may be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// When the pictures so far would have been drawn, had each waited for its time.
    drawn_by: Instant,
}

impl Pace {
    /// Nothing has been drawn yet.
    pub const fn new(now: Instant) -> Self {
        Self { drawn_by: now }
    }

    /// Takes a picture's time if one may be drawn now; else says when.
    pub fn take(&mut self, now: Instant) -> Result<(), Instant> {
        let ahead = PICTURE * AHEAD;
        if self.drawn_by > now + ahead {
            return Err(self.drawn_by.checked_sub(ahead).unwrap_or(now));
        }
        self.drawn_by = self.drawn_by.max(now) + PICTURE;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many pictures are drawn in a second in which the picture changes so often.
    fn check(changes: u32, pictures: u32) {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let drawn = (0..changes)
            .filter(|n| pace.take(start + Duration::from_secs(1) * *n / changes).is_ok())
            .count();
        assert_eq!(drawn, pictures as usize, "{changes} changes");
    }

    #[test]
    fn a_flood_is_shown_sixty_times_a_second() {
        check(10, 10);
        check(50, 50);
        check(1000, 60 + AHEAD);
        check(100_000, 60 + AHEAD);
    }

    #[test]
    fn what_has_to_wait_is_told_until_when() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let drawn = std::iter::from_fn(|| pace.take(start).ok()).count();
        assert_eq!(drawn, AHEAD as usize + 1);
        let due = pace.take(start).expect_err("too many");
        assert_eq!(due, start + PICTURE);
        assert_eq!(pace.take(due), Ok(()));
        let later = due + Duration::from_secs(9);
        assert_eq!(
            std::iter::from_fn(|| pace.take(later).ok()).count(),
            AHEAD as usize + 1
        );
    }
}
