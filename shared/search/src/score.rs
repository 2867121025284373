//! How well documents match the units of a query.

use std::collections::BTreeMap;

use crate::{
    Error,
    expand::{Mode, matches},
    segment::Segment,
    units::{Unit, Way},
    weights::{Quality, WEIGHTS},
};

/// A segment, and which of its documents count.
pub(crate) struct Side<'a> {
    pub(crate) segment: &'a Segment,
    /// The documents that were replaced or removed since. Empty if there are none.
    pub(crate) masked: &'a [bool],
}

impl Side<'_> {
    pub(crate) fn alive(&self, doc: u32) -> bool {
        !self.masked.get(doc as usize).copied().unwrap_or(false)
    }
}

/// The matches of one unit.
pub(crate) struct Scores {
    /// The score of each document of each side: 0 if it does not match.
    sides: Vec<Vec<f32>>,
    /// The number of documents that match.
    pub(crate) documents: u32,
    /// The most frequent of the best words that a mistyped word can mean, by the word: the quality, minus the number of
    /// documents, and the word meant.
    meant: BTreeMap<String, (Quality, i64, String)>,
}

impl Scores {
    /// Scores every document by a unit. `last` says whether the unit ends the query.
    pub(crate) fn of(unit: &Unit, sides: &[Side<'_>], last: bool, typos: bool) -> Result<Self, Error> {
        let mut scores = Self { sides: Vec::new(), documents: 0, meant: BTreeMap::new() };
        for side in sides {
            let mut best = vec![0.0; side.segment.len() as usize];
            for way in &unit.ways {
                scores.add(way, side, last, typos, &mut best)?;
            }
            for (doc, score) in (0..).zip(&mut best) {
                if *score > 0.0 {
                    if side.alive(doc) { scores.documents += 1 } else { *score = 0.0 }
                }
            }
            scores.sides.push(best);
        }
        Ok(scores)
    }

    /// Adds the documents that match one way of a unit. They have all its words, and count as the worst of these matches.
    fn add(&mut self, way: &Way, side: &Side<'_>, last: bool, typos: bool, best: &mut [f32]) -> Result<(), Error> {
        let factor = if way.typed { 1.0 } else { WEIGHTS.synonym };
        let mut worst: Option<Vec<f32>> = None;
        for (at, word) in (1..).zip(&way.words) {
            let mode = Mode { prefix: last && way.typed && at == way.words.len(), typos: typos && way.typed };
            let mut scores = vec![0.0; best.len()];
            for one in matches(side.segment, word, mode)? {
                let score = factor * WEIGHTS.quality(one.quality) * WEIGHTS.field(one.field);
                side.segment.each(&one.term, |doc| {
                    if let Some(old) = scores.get_mut(doc as usize) {
                        *old = f32::max(*old, score);
                    }
                })?;
                let meant = (one.quality, -i64::from(one.term.doc_freq), one.word);
                let known = self.meant.entry(word.clone()).or_insert_with(|| meant.clone());
                if meant < *known {
                    *known = meant;
                }
            }
            match &mut worst {
                None => worst = Some(scores),
                Some(worst) => worst.iter_mut().zip(scores).for_each(|(one, other)| *one = one.min(other)),
            }
        }
        best.iter_mut().zip(worst.unwrap_or_default()).for_each(|(one, other)| *one = one.max(other));
        Ok(())
    }

    pub(crate) fn get(&self, side: usize, doc: u32) -> f32 {
        self.sides[side][doc as usize]
    }

    /// How much the unit counts: more if few documents match it.
    pub(crate) fn rarity(&self, documents: u32) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a rough number")]
        let (all, matching) = (documents.max(self.documents) as f32, self.documents as f32);
        (1.0 + (all - matching + 0.5) / (matching + 0.5)).ln()
    }

    /// What a word means if it was mistyped.
    pub(crate) fn meant(&self, word: &str) -> Option<&str> {
        let (quality, _, meant) = self.meant.get(word)?;
        matches!(quality, Quality::OneTypo | Quality::TwoTypos).then_some(meant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rare_counts_more() {
        let scores = |documents| Scores { sides: Vec::new(), documents, meant: BTreeMap::new() };
        assert!(scores(1).rarity(100) > scores(10).rarity(100));
        assert!(scores(100).rarity(100) > 0.0);
    }
}
