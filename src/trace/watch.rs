//! Whether to stay awake between stops.
//!
//! One stop is soon followed by the next, and to be woken, on another processor as a rule, takes longer than the tracee
//! needs until then. Where the tracees or others need the processor, to stay awake would only keep them waiting.

use std::cmp::Ordering;
use std::num::NonZero;
use std::time::{Duration, Instant};

/// How long to stay awake after news where a processor is left over.
const WAKEFUL: Duration = Duration::from_millis(1);

/// How long where the traced tasks want every processor: a fork is soon followed by a wait.
const BRIEFLY: Duration = Duration::from_micros(75);

/// Who was away so long between two looks had its processor taken by somebody else.
const TAKEN: Duration = Duration::from_millis(1);

/// How long it is then left to them.
const LEFT: Duration = Duration::from_millis(100);

/// Since when there has been no news, and who else may want the processor.
#[derive(Debug)]
pub struct Watch {
    latest: Instant,
    looked: Instant,
    asleep_until: Option<Instant>,
    wakeful: Duration,
    processors: usize,
}

impl Watch {
    /// There is no news yet.
    pub fn new() -> Self {
        let now = Instant::now();
        Self {
            latest: now,
            looked: now,
            asleep_until: None,
            wakeful: Duration::ZERO,
            processors: std::thread::available_parallelism().map_or(1, NonZero::get),
        }
    }

    /// There was news, and now so many tasks may want a processor.
    pub fn heard(&mut self, busy: usize) {
        self.latest = Instant::now();
        self.looked = self.latest;
        self.wakeful = match busy.cmp(&self.processors) {
            _ if self.processors == 1 => Duration::ZERO,
            Ordering::Less => WAKEFUL,
            Ordering::Equal => BRIEFLY,
            Ordering::Greater => Duration::ZERO,
        };
    }

    /// It slept in between: nobody took the processor.
    pub fn slept(&mut self) {
        self.looked = Instant::now();
    }

    /// Whether to look again at once, when there was no news.
    pub fn goes_on(&mut self) -> bool {
        let now = Instant::now();
        if now - self.looked > TAKEN {
            self.asleep_until = Some(now + LEFT);
        }
        self.looked = now;
        let asleep = self.asleep_until.is_some_and(|until| now < until);
        !asleep && now - self.latest < self.wakeful
    }
}
