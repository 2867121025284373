//! The stored snapshots of the search index: which there are, and when the next one is due.

use std::{fmt, mem};

use dynamo::Version;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Visitor};

/// The size of a chunk in bytes. An item has at most 400 KB.
pub(crate) const CHUNK: usize = 390_000;
/// The number of snapshots that are kept. An instance that reads the last one while the next one is stored can finish.
const KEPT: usize = 2;
/// The number of changes since a snapshot after which the next one is due: a share of its products, within bounds.
/// Every change of the tail is indexed anew with each change that follows.
const SHARE: usize = 20;
const LEAST: usize = 500;
const MOST: usize = 5_000;
/// The age of a tail, however short, at which the next snapshot is due.
const OLDEST_TAIL: SignedDuration = SignedDuration::from_hours(1);
/// The longest time in which a function stores a snapshot, which is the longest time for which Lambda runs a function.
const LONGEST_RUN: SignedDuration = SignedDuration::from_mins(15);

/// All stored snapshots. It is changed last, so the snapshots that it names are complete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// The newest first.
    kept: Vec<Stored>,
    /// Snapshots that are being stored, or were never completed.
    reserved: Vec<Stored>,
    /// Older snapshots whose chunks may still exist.
    replaced: Vec<Stored>,
    pub(crate) version: Version,
}

/// A stored snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stored {
    /// Snapshots are numbered from 1.
    pub(crate) number: u64,
    pub(crate) chunks: u32,
    pub(crate) documents: u32,
    /// It contains the changes until this time. Changes of this time or later are its tail.
    pub(crate) as_of: Timestamp,
    /// The format that the engine has given it.
    pub(crate) format: u32,
}

/// A part of a stored snapshot.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Chunk {
    pub(crate) snapshot: u64,
    pub(crate) part: u32,
    pub(crate) bytes: Bytes,
}

/// Bytes that are stored as bytes, not as a list of numbers.
#[derive(PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

/// The number of changes that a tail may have, after a snapshot with this number of documents.
pub(crate) fn longest_tail(documents: u32) -> usize {
    (usize::try_from(documents).unwrap_or(usize::MAX) / SHARE).clamp(LEAST, MOST)
}

impl Head {
    /// The snapshot to read: the newest, if this engine can read its format.
    pub(crate) fn current(&self) -> Option<&Stored> {
        self.kept.first().filter(|stored| stored.format == search::FORMAT)
    }

    /// Whether the next snapshot is due.
    pub(crate) fn is_due(&self, tail: usize, now: Timestamp) -> bool {
        match self.current() {
            Some(current) => tail > longest_tail(current.documents) || (tail > 0 && current.as_of + OLDEST_TAIL <= now),
            None => tail > 0,
        }
    }

    /// Takes the next number, before any chunk is stored. If storing it ends early, its chunks are known and can be
    /// deleted later.
    pub(crate) fn reserve(&mut self, chunks: usize, documents: u32, as_of: Timestamp) -> Stored {
        let last = self.kept.iter().chain(&self.reserved).map(|stored| stored.number).max();
        let number = last.unwrap_or_default() + 1;
        let chunks = u32::try_from(chunks).unwrap_or(u32::MAX);
        let stored = Stored { number, chunks, documents, as_of, format: search::FORMAT };
        self.reserved.push(stored.clone());
        stored
    }

    /// Makes a snapshot whose chunks are all stored the current one.
    pub(crate) fn swap(&mut self, stored: &Stored) {
        self.reserved.retain(|other| other.number != stored.number);
        self.kept.insert(0, stored.clone());
        self.replaced.extend(self.kept.split_off(self.kept.len().min(KEPT)));
    }

    /// Removes the snapshots that no function reads or stores any more, and returns them.
    pub(crate) fn take_unused(&mut self, now: Timestamp) -> Vec<Stored> {
        let mut unused = mem::take(&mut self.replaced);
        unused.extend(self.reserved.extract_if(.., |stored| stored.as_of + LONGEST_RUN <= now));
        unused
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl Visitor<'_> for Read {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }

            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }

        deserializer.deserialize_byte_buf(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn stored(head: &mut Head, documents: u32, as_of: Timestamp) -> Stored {
        let stored = head.reserve(3, documents, as_of);
        head.swap(&stored);
        stored
    }

    fn numbers(stored: &[Stored]) -> Vec<u64> {
        stored.iter().map(|stored| stored.number).collect()
    }

    #[test]
    fn the_longest_tail_is_a_twentieth_of_the_products_within_bounds() {
        let tails = [0, 10_000, 10_020, 99_999, 100_000, 1_000_000].map(longest_tail);
        assert_eq!(tails, [500, 500, 501, 4_999, 5_000, 5_000]);
    }

    #[test]
    fn a_snapshot_is_due_if_its_tail_is_long_or_old() {
        let mut head = Head::default();
        assert!(!head.is_due(0, START), "nothing to store");
        assert!(head.is_due(1, START), "the first");
        stored(&mut head, 10_020, START);
        assert!(!head.is_due(501, START) && head.is_due(502, START));
        let hour = START + SignedDuration::from_hours(1);
        assert!(!head.is_due(1, hour - SignedDuration::from_secs(1)) && head.is_due(1, hour));
        assert!(!head.is_due(0, hour), "nothing has changed");
    }

    #[test]
    fn a_snapshot_of_another_format_is_not_read() {
        let mut head = Head::default();
        stored(&mut head, 10, START);
        assert_eq!(head.current().map(|stored| stored.number), Some(1));
        head.kept[0].format += 1;
        assert_eq!(head.current(), None);
        assert!(head.is_due(1, START));
    }

    #[test]
    fn the_two_newest_snapshots_are_kept() {
        let mut head = Head::default();
        for _ in 0..2 {
            stored(&mut head, 10, START);
        }
        assert_eq!(head.take_unused(START), []);
        stored(&mut head, 10, START);
        assert_eq!((numbers(&head.kept), numbers(&head.take_unused(START))), (vec![3, 2], vec![1]));
        assert_eq!(head.take_unused(START), [], "each is returned once");
    }

    #[test]
    fn a_snapshot_that_was_never_completed_is_unused_when_its_function_must_have_ended() {
        let mut head = Head::default();
        head.reserve(3, 10, START);
        let next = stored(&mut head, 10, START);
        assert_eq!(next.number, 2, "a number is used once");
        let end = START + SignedDuration::from_mins(15);
        assert_eq!(head.take_unused(end - SignedDuration::from_secs(1)), []);
        assert_eq!(numbers(&head.take_unused(end)), [1]);
    }
}
