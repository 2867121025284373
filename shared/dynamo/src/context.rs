//! The context of a change: the request, event or schedule that causes it.

use std::sync::atomic::{AtomicU64, Ordering};

use contracts::EventId;
use jiff::Timestamp;
use uuid::Uuid;

/// The context of a change, and the records to store with it.
#[derive(Debug)]
pub struct RequestContext {
    /// The time of the request, event or scheduled invocation. Operations use no other clock.
    pub now: Timestamp,
    /// The caller that caused the change: a user's id, or `system`.
    pub principal: String,
    /// The id of the request or event that caused the change.
    pub causation: String,
    /// The id of the first request, message or scheduled invocation in the chain.
    pub correlation: String,
    /// The trace, in the form of X-Ray's header (`Root=1-…;Parent=…;Sampled=1`).
    pub trace: Option<String>,
    /// The source of new ids.
    pub ids: Ids,
    /// The message that is being consumed. Every commit contains its record.
    pub message: Option<ConsumedMessage>,
    /// The idempotency key of the request. Its record is written with the reply.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// A message that must take effect once.
#[derive(Debug, Clone)]
pub struct ConsumedMessage {
    /// The function that consumes it.
    pub consumer: String,
    /// The id of the event or message.
    pub id: EventId,
}

/// The idempotency key of a request, which takes effect once.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// The caller, and the key from its header.
    pub key: String,
    /// A hash of the operation and its input. A request with the same key and another hash is refused.
    pub fingerprint: String,
}

/// New ids from one seed. A handler that runs again makes the same ids again.
#[derive(Debug)]
pub struct Ids {
    millis: u64,
    seed: u128,
    drawn: AtomicU64,
}

impl Ids {
    /// Creates ids of a given time from a seed.
    pub fn new(now: Timestamp, seed: u128) -> Self {
        Self { millis: u64::try_from(now.as_millisecond()).unwrap_or_default(), seed, drawn: AtomicU64::new(0) }
    }

    /// The next id: `let id: OrderId = call.context.ids.next();`
    pub fn next<I: From<Uuid>>(&self) -> I {
        let mut random = [0; 10];
        random.copy_from_slice(&self.draw().to_be_bytes()[..10]);
        uuid::Builder::from_unix_timestamp_millis(self.millis, &random).into_uuid().into()
    }

    /// Splitmix64 (Steele, Lea and Flood, 2014) over both halves of the seed. The values are distinct and evenly
    /// distributed, but not secret.
    fn draw(&self) -> u128 {
        let n = self.drawn.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let mix = |half: u64| {
            let mut z = half.wrapping_add(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            u128::from(z ^ (z >> 31))
        };
        #[expect(clippy::cast_possible_truncation, reason = "the two halves of the seed")]
        let (high, low) = ((self.seed >> 64) as u64, self.seed as u64);
        (mix(high) << 64) | mix(low)
    }
}

#[cfg(test)]
mod tests {
    use contracts::OrderId;

    use super::*;

    #[test]
    fn one_seed_gives_one_sequence_of_distinct_ids() {
        let draw = |seed| {
            let ids = Ids::new(Timestamp::UNIX_EPOCH, seed);
            [ids.next::<OrderId>(), ids.next(), ids.next()]
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert_ne!(draw(7)[0], draw(7)[1]);
    }
}
