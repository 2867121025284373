//! The tape: every choice of a run, in the order in which it was made. 0 is benign everywhere.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where a run draws its choices from.
#[derive(Debug)]
pub struct Tape(Mutex<Reel>);

#[derive(Debug)]
struct Reel {
    /// What is drawn first, as it stands.
    given: Vec<u32>,
    /// What goes on after that: lots, or nothing but zeros.
    lots: Option<Lots>,
    drawn: Vec<u32>,
}

impl Tape {
    /// The endless tape of a seed.
    pub fn of_seed(seed: u64) -> Self {
        Self(Mutex::new(Reel { given: Vec::new(), lots: Some(Lots::new(seed)), drawn: Vec::new() }))
    }

    /// A tape that was kept; behind its end there are only zeros.
    pub fn replay(choices: Vec<u32>) -> Self {
        Self(Mutex::new(Reel { given: choices, lots: None, drawn: Vec::new() }))
    }

    /// The next choice.
    pub fn draw(&self) -> u32 {
        let mut reel = self.reel();
        let choice = match (reel.given.get(reel.drawn.len()).copied(), &mut reel.lots) {
            (Some(choice), _) => choice,
            (None, Some(lots)) => lots.next(),
            (None, None) => 0,
        };
        reel.drawn.push(choice);
        choice
    }

    /// A number below `end`, each as likely as another.
    pub fn below(&self, end: u32) -> u32 {
        let scaled = (u64::from(self.draw()) * u64::from(end)) >> 32;
        u32::try_from(scaled).unwrap_or_default()
    }

    /// A number below `end`: 0 half of the time.
    pub fn mostly_first(&self, end: usize) -> usize {
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        let choice = self.below(2 * end);
        choice.saturating_sub(end) as usize
    }

    /// Whether something happens that happens `times` times in a thousand.
    pub fn happens(&self, times: u32) -> bool {
        self.below(1000) >= 1000 - times.min(1000)
    }

    /// Whether only zeros are left.
    pub fn has_ended(&self) -> bool {
        let reel = self.reel();
        reel.lots.is_none() && reel.drawn.len() >= reel.given.len()
    }

    /// Every choice that was made.
    pub fn drawn(&self) -> Vec<u32> {
        self.reel().drawn.clone()
    }

    fn reel(&self) -> MutexGuard<'_, Reel> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lots without end: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Debug, Clone)]
pub struct Lots(u64);

impl Lots {
    /// The lots of a seed.
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
        let tape = Tape::replay(Vec::new());
        assert_eq!((tape.draw(), tape.below(7), tape.mostly_first(7), tape.happens(999)), (0, 0, 0, false));
    }

    #[test]
    fn what_a_seed_drew_can_be_replayed() {
        let seeded = Tape::of_seed(7);
        let first: Vec<_> = (0..100).map(|_| seeded.below(10)).collect();
        let replayed = Tape::replay(seeded.drawn());
        assert!(!replayed.has_ended());
        assert_eq!(first, (0..100).map(|_| replayed.below(10)).collect::<Vec<_>>());
        assert!(first.iter().any(|choice| *choice != first[0]));
        assert!(replayed.has_ended() && !seeded.has_ended());
    }

    #[test]
    fn what_happens_so_many_times_in_a_thousand_does() {
        let tape = Tape::of_seed(1);
        let times = (0..10_000).filter(|_| tape.happens(100)).count();
        assert!((800..1200).contains(&times), "{times} of 10,000");
    }
}
