//! The choice sequence of a run: every source of nondeterminism reads from it, in order. 0 is benign everywhere.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The source of the choices of a run.
#[derive(Debug)]
pub struct Choices(Mutex<Sequence>);

#[derive(Debug)]
struct Sequence {
    /// The recorded choices, which are returned first.
    given: Vec<u32>,
    /// The choices after that: random numbers, or only zeros.
    rng: Option<Rng>,
    drawn: Vec<u32>,
}

impl Choices {
    /// The endless choice sequence of a seed.
    pub fn of_seed(seed: u64) -> Self {
        Self(Mutex::new(Sequence { given: Vec::new(), rng: Some(Rng::new(seed)), drawn: Vec::new() }))
    }

    /// A recorded choice sequence; after its end there are only zeros.
    pub fn replay(choices: Vec<u32>) -> Self {
        Self(Mutex::new(Sequence { given: choices, rng: None, drawn: Vec::new() }))
    }

    /// The next choice.
    pub fn draw(&self) -> u32 {
        let mut sequence = self.sequence();
        let choice = match (sequence.given.get(sequence.drawn.len()).copied(), &mut sequence.rng) {
            (Some(choice), _) => choice,
            (None, Some(rng)) => rng.next(),
            (None, None) => 0,
        };
        sequence.drawn.push(choice);
        choice
    }

    /// A number below `end`, uniformly distributed.
    pub fn below(&self, end: u32) -> u32 {
        let scaled = (u64::from(self.draw()) * u64::from(end)) >> 32;
        u32::try_from(scaled).unwrap_or_default()
    }

    /// A number below `end`, which is 0 in half of the cases.
    pub fn mostly_first(&self, end: usize) -> usize {
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        let choice = self.below(2 * end);
        choice.saturating_sub(end) as usize
    }

    /// Returns true with a probability of `times` in a thousand.
    pub fn happens(&self, times: u32) -> bool {
        self.below(1000) >= 1000 - times.min(1000)
    }

    /// Whether only zeros are left.
    pub fn has_ended(&self) -> bool {
        let sequence = self.sequence();
        sequence.rng.is_none() && sequence.drawn.len() >= sequence.given.len()
    }

    /// All choices that were made.
    pub fn drawn(&self) -> Vec<u32> {
        self.sequence().drawn.clone()
    }

    fn sequence(&self) -> MutexGuard<'_, Sequence> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A random number generator: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// 2014).
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// The generator of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn next(&mut self) -> u32 {
        u32::try_from(self.next_u64() >> 32).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_is_benign_in_every_kind_of_choice() {
        let choices = Choices::replay(Vec::new());
        assert_eq!((choices.draw(), choices.below(7), choices.mostly_first(7), choices.happens(999)), (0, 0, 0, false));
    }

    #[test]
    fn what_a_seed_drew_can_be_replayed() {
        let seeded = Choices::of_seed(7);
        let first: Vec<_> = (0..100).map(|_| seeded.below(10)).collect();
        let replayed = Choices::replay(seeded.drawn());
        assert!(!replayed.has_ended());
        assert_eq!(first, (0..100).map(|_| replayed.below(10)).collect::<Vec<_>>());
        assert!(first.iter().any(|choice| *choice != first[0]));
        assert!(replayed.has_ended() && !seeded.has_ended());
    }

    #[test]
    fn what_happens_so_many_times_in_a_thousand_does() {
        let choices = Choices::of_seed(1);
        let times = (0..10_000).filter(|_| choices.happens(100)).count();
        assert!((800..1200).contains(&times), "{times} of 10,000");
    }
}
