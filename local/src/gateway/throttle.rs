//! Throttling: a token bucket per route.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use crate::template::Throttling;

/// Holds as many tokens as requests may come at once, and fills up at the rate of requests a second.
pub(super) struct Bucket {
    limits: Option<Throttling>,
    level: Mutex<Option<(f64, Instant)>>,
}

impl Bucket {
    pub(super) fn new(limits: Option<Throttling>) -> Self {
        Self { limits, level: Mutex::new(None) }
    }

    /// Whether a request may pass.
    pub(super) fn take(&self, now: Instant) -> bool {
        let Some(Throttling { rate, burst }) = self.limits else { return true };
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, since) = level.unwrap_or((burst, now));
        let tokens = (tokens + now.saturating_duration_since(since).as_secs_f64() * rate).min(burst);
        let pass = tokens >= 1.0;
        *level = Some((if pass { tokens - 1.0 } else { tokens }, now));
        pass
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let bucket = Bucket::new(Some(Throttling { rate: 10.0, burst: 3.0 }));
        let start = Instant::now();
        assert_eq!((0..5).filter(|_| bucket.take(start)).count(), 3);
        let later = start + Duration::from_millis(210);
        assert_eq!((0..5).filter(|_| bucket.take(later)).count(), 2);
    }
}
