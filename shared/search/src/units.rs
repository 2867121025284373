//! A query as units, all of which a product must match.

use crate::{
    fold::{chunks, umlauts},
    synonyms::Synonyms,
};

/// The most units of a query. What is typed after them is left out.
pub(crate) const MOST_UNITS: usize = 10;
/// The most words of a unit. A longer one is only looked for as one word.
const MOST_WORDS: usize = 6;

/// A part of a query that a product must match, in one of several ways.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unit {
    pub(crate) ways: Vec<Way>,
    /// Whether it has a digit. Such a unit is never left out.
    pub(crate) digits: bool,
}

/// Words, all of which a product must have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Way {
    pub(crate) words: Vec<String>,
    /// Whether a person typed them. Otherwise they are synonyms of what was typed.
    pub(crate) typed: bool,
}

impl Unit {
    /// The words as they were typed.
    pub(crate) fn words(&self) -> &[String] {
        self.ways.first().map_or(&[], |way| &way.words)
    }
}

/// The units of a text.
pub(crate) fn units(text: &str, synonyms: &Synonyms) -> Vec<Unit> {
    let chunks: Vec<_> = chunks(text).take(2 * MOST_UNITS).collect();
    let mut units = Vec::new();
    let mut at = 0;
    while at < chunks.len() && units.len() < MOST_UNITS {
        let rest: Vec<String> = chunks[at..].iter().flat_map(|chunk| chunk.words.clone()).collect();
        let (length, others) = synonyms.of(&rest).unwrap_or_default();
        // The chunks of the term, if it ends where a chunk ends.
        let mut words = 0;
        let ends = chunks[at..].iter().position(|chunk| {
            words += chunk.words.len();
            words >= length.max(1)
        });
        let taken = ends.map_or(1, |last| last + 1);
        let others = if words == length { others } else { Vec::new() };
        let taken = if others.is_empty() { 1 } else { taken };
        let typed = &chunks[at..at + taken];
        let mut ways = Vec::new();
        let words: Vec<String> = typed.iter().flat_map(|chunk| chunk.words.clone()).collect();
        if words.len() <= MOST_WORDS {
            ways.extend(with_umlauts(words).map(|words| Way { words, typed: true }));
        }
        if let [chunk] = typed
            && chunk.words.len() > 1
        {
            ways.push(Way { words: vec![chunk.joined()], typed: true });
        }
        ways.extend(others.into_iter().map(|other| Way { words: other.to_vec(), typed: false }));
        units.push(Unit { ways, digits: typed.iter().any(crate::fold::Chunk::has_digit) });
        at += taken;
    }
    units
}

/// The words, and the words as if `ae` stood for `ä`.
fn with_umlauts(words: Vec<String>) -> impl Iterator<Item = Vec<String>> {
    let other: Vec<_> = words.iter().map(|word| umlauts(word).unwrap_or_else(|| word.clone())).collect();
    let other = (other != words).then_some(other);
    std::iter::once(words).chain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(text: &str, synonyms: &Synonyms) -> Vec<Vec<String>> {
        let units = units(text, synonyms);
        units.iter().map(|unit| unit.ways.iter().map(|way| way.words.join(" ")).collect()).collect()
    }

    #[test]
    fn a_chunk_is_looked_for_by_its_words_and_as_one() {
        assert_eq!(ways("S-12 lamp", &Synonyms::default()), [vec!["s 12", "s12"], vec!["lamp"]]);
        let long = ways("a1b2c3d4", &Synonyms::default());
        assert_eq!(long, [["a1b2c3d4"]]);
        assert_eq!(ways("mueller", &Synonyms::default()), [["mueller", "muller"]]);
    }

    #[test]
    fn synonyms_replace_what_was_typed() {
        let synonyms = Synonyms::new([vec!["tea towel", "dish cloth"]]);
        assert_eq!(ways("red tea towel", &synonyms), [vec!["red"], vec!["tea towel", "dish cloth"]]);
        assert_eq!(ways("tea towel-rack", &synonyms), [vec!["tea"], vec!["towel rack", "towelrack"]]);
    }

    #[test]
    fn a_query_has_ten_units() {
        assert_eq!(units(&"a ".repeat(100), &Synonyms::default()).len(), MOST_UNITS);
        assert_eq!(units("\"\" * \u{1f980}", &Synonyms::default()), []);
    }
}
