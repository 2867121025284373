//! The terms of an index that a word of a query means.

use std::collections::BTreeMap;

use frostem::{Algorithm, Stemmer};
use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use tantivy::postings::TermInfo;
use tantivy_fst::Automaton;

use crate::{
    Error,
    fold::has_digit,
    segment::Segment,
    weights::{MOST_EXPANSIONS, Quality, SHORTEST_PREFIX, typos_of},
    words::{Field, PART, read},
};

/// How a word of a query is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mode {
    /// Whether the word may be the beginning of a longer one.
    pub(crate) prefix: bool,
    pub(crate) typos: bool,
}

/// A word of the index, and how well it matches.
#[derive(Debug, Clone)]
pub(crate) struct Match {
    pub(crate) word: String,
    pub(crate) field: Field,
    pub(crate) quality: Quality,
    pub(crate) term: TermInfo,
}

/// Finds the terms that a word means. Typos are looked for only if `mode` says so, and never in SKUs.
pub(crate) fn matches(segment: &Segment, word: &str, mode: Mode) -> Result<Vec<Match>, Error> {
    let mut found = Found::default();
    let stems = Stems::of(word);
    let prefix = mode.prefix && word.chars().count() >= SHORTEST_PREFIX;
    // Words of one stem begin alike, except for the last letter of the stem: `happy` and `happier`.
    let from = if prefix || has_digit(word) { word } else { stems.beginning(word) };
    let mut stream = segment.terms().range().ge(from).lt(after(from)).into_stream().map_err(Error::broken)?;
    while stream.advance() {
        let Some((candidate, field)) = read(stream.key()) else { continue };
        let same = candidate == word || (field != Field::Sku && !has_digit(word) && stems.includes(candidate));
        let begun = prefix && candidate.starts_with(word);
        let quality = if same { Some(Quality::Exact) } else { begun.then_some(Quality::Prefix) };
        if let Some(quality) = quality {
            found.add(candidate, field, quality, stream.value());
        }
    }
    if prefix && !has_digit(word) {
        stemmed(segment, word, &stems, &mut found)?;
    }
    if let (true, typos @ 1..) = (mode.typos, typos_of(word)) {
        mistyped(segment, word, typos, &mut found)?;
    }
    Ok(found.best())
}

/// Adds the words of the same stem that do not begin with the word.
fn stemmed(segment: &Segment, word: &str, stems: &Stems, found: &mut Found) -> Result<(), Error> {
    let from = stems.beginning(word);
    if from == word {
        return Ok(());
    }
    let mut stream = segment.terms().range().ge(from).lt(after(from)).into_stream().map_err(Error::broken)?;
    while stream.advance() {
        let Some((candidate, field)) = read(stream.key()) else { continue };
        if field != Field::Sku && stems.includes(candidate) {
            found.add(candidate, field, Quality::Exact, stream.value());
        }
    }
    Ok(())
}

/// Adds the words that differ by a few letters, but not by the first.
fn mistyped(segment: &Segment, word: &str, typos: u8, found: &mut Found) -> Result<(), Error> {
    let Some(first) = word.chars().next().map(String::from) else { return Ok(()) };
    let automaton = Typos(LevenshteinAutomatonBuilder::new(typos, true).build_dfa(word));
    let stream = segment.terms().search(&automaton).ge(&first).lt(after(&first)).into_stream();
    let mut stream = stream.map_err(Error::broken)?;
    while stream.advance() {
        let Some((candidate, field)) = read(stream.key()) else { continue };
        let quality = match automaton.0.eval(candidate) {
            Distance::Exact(1) => Quality::OneTypo,
            Distance::Exact(2) => Quality::TwoTypos,
            _ => continue,
        };
        if field != Field::Sku && !has_digit(candidate) {
            found.add(candidate, field, quality, stream.value());
        }
    }
    Ok(())
}

/// The first text after all texts that begin with this one.
pub(crate) fn after(prefix: &str) -> Vec<u8> {
    // No text contains this byte.
    [prefix.as_bytes(), &[0xff]].concat()
}

/// The stems of a word.
struct Stems {
    stems: [String; 2],
    /// The most bytes of a word that can have one of them.
    longest: usize,
}

/// The languages whose words are stemmed.
const LANGUAGES: [Algorithm; 2] = [Algorithm::English, Algorithm::German];
/// The fewest letters of a stem. With fewer, words of the other language would meet: in German, `linen` and `lines` do.
const SHORTEST_STEM: usize = 4;
/// The most bytes by which a word of the same stem is longer. It spares stemming what cannot be one.
const LONGEST_ENDING: usize = 6;

impl Stems {
    fn of(word: &str) -> Self {
        let stems = LANGUAGES.map(|language| Stemmer::new(language).stem(word).into_owned());
        Self { stems, longest: word.len() + LONGEST_ENDING }
    }

    /// Whether a word has one of the stems, in its language.
    fn includes(&self, word: &str) -> bool {
        if word.len() > self.longest {
            return false;
        }
        let mut both = LANGUAGES.into_iter().zip(&self.stems).filter(|(_, stem)| stem.chars().count() >= SHORTEST_STEM);
        both.any(|(language, stem)| Stemmer::new(language).stem(word) == *stem)
    }

    /// What all words of these stems begin with.
    fn beginning<'a>(&self, word: &'a str) -> &'a str {
        let common = |stem: &String| word.bytes().zip(stem.bytes()).take_while(|(one, other)| one == other).count();
        let shared = self.stems.iter().map(common).min().unwrap_or(0);
        let letters = word.char_indices().map(|(at, _)| at).take_while(|at| *at < shared);
        // Not the last letter that they share, but the first two.
        let end = letters.clone().last().unwrap_or(0).max(letters.take(3).last().unwrap_or(0));
        if end == 0 { word } else { &word[..end] }
    }
}

/// The matches of a word by term, each the best.
#[derive(Default)]
struct Found(BTreeMap<(String, Field), (Quality, TermInfo)>);

impl Found {
    fn add(&mut self, word: &str, field: Field, quality: Quality, term: &TermInfo) {
        let entry = self.0.entry((word.to_owned(), field)).or_insert_with(|| (quality, term.clone()));
        entry.0 = entry.0.min(quality);
    }

    /// The exact matches, and the most frequent of the others, best first.
    fn best(self) -> Vec<Match> {
        let mut frequent: BTreeMap<&str, u32> = BTreeMap::new();
        for ((word, _), (_, term)) in &self.0 {
            *frequent.entry(word).or_default() += term.doc_freq;
        }
        let mut best: Vec<_> = self
            .0
            .iter()
            .map(|((word, _), (quality, _))| (*quality, u32::MAX - frequent[&**word], word.clone()))
            .collect();
        best.sort();
        best.dedup_by(|one, other| one.2 == other.2);
        let exact = best.iter().filter(|one| one.0 == Quality::Exact).count();
        best.truncate(exact.max(MOST_EXPANSIONS));
        let kept: std::collections::BTreeSet<_> = best.into_iter().map(|(.., word)| word).collect();
        let all = self.0.into_iter().filter(|((word, _), _)| kept.contains(word));
        all.map(|((word, field), (quality, term))| Match { word, field, quality, term }).collect()
    }
}

/// Accepts the terms whose word differs by a few letters: the word, a zero and the field.
struct Typos(DFA);

#[derive(Clone, Copy)]
enum State {
    Word(u32),
    /// After a word that is accepted: whether the field is still to come.
    Field(bool),
    Dead,
}

impl Automaton for Typos {
    type State = State;

    fn start(&self) -> State {
        State::Word(self.0.initial_state())
    }

    fn is_match(&self, state: &State) -> bool {
        matches!(state, State::Field(false))
    }

    fn can_match(&self, state: &State) -> bool {
        !matches!(state, State::Dead)
    }

    fn accept(&self, state: &State, byte: u8) -> State {
        match *state {
            State::Word(at) if byte == PART => match self.0.distance(at) {
                Distance::Exact(_) => State::Field(true),
                Distance::AtLeast(_) => State::Dead,
            },
            State::Word(at) => match self.0.transition(at, byte) {
                SINK_STATE => State::Dead,
                next => State::Word(next),
            },
            State::Field(true) => State::Field(false),
            State::Field(false) | State::Dead => State::Dead,
        }
    }
}

/// The words of an index that begin with a text, by the number of documents in whose fields they stand.
pub(crate) fn beginning_with(segment: &Segment, text: &str, fields: &[Field]) -> Result<BTreeMap<String, u32>, Error> {
    let mut words = BTreeMap::new();
    let mut stream = segment.terms().range().ge(text).lt(after(text)).into_stream().map_err(Error::broken)?;
    while stream.advance() {
        match read(stream.key()) {
            Some((word, field)) if fields.contains(&field) => {
                *words.entry(word.to_owned()).or_default() += stream.value().doc_freq;
            }
            _ => {}
        }
    }
    Ok(words)
}
