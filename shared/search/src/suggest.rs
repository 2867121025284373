//! Completions of what a person has typed.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Document, Error, Suggestion,
    document::CATEGORY,
    expand::{after, beginning_with},
    fold::{chunks, fold, umlauts},
    score::Side,
    weights::SHORTEST_PREFIX,
    words::{Field, read, term},
};

/// The most completions that are words, and that are categories. Products are the rest.
const MOST_WORDS: usize = 3;

/// The words and categories that complete a text.
pub(crate) fn words(sides: &[Side<'_>], text: &str, limit: usize) -> Result<Vec<Suggestion>, Error> {
    let typed: Vec<String> = chunks(text).flat_map(|chunk| chunk.words).collect();
    let Some((last, before)) = typed.split_last() else { return Ok(Vec::new()) };
    if last.chars().count() < SHORTEST_PREFIX {
        return Ok(Vec::new());
    }
    // At least half of the completions are products.
    let most = MOST_WORDS.min(limit / 4);
    let mut frequent: BTreeMap<String, u32> = BTreeMap::new();
    let mut categories = BTreeSet::new();
    for side in sides {
        for (word, documents) in beginning_with(side.segment, last, &[Field::Title, Field::Category])? {
            *frequent.entry(word).or_default() += documents;
        }
        categories.extend(self::categories(side, &typed)?);
    }
    let mut frequent: Vec<_> = frequent.into_iter().filter(|(word, _)| word != last).collect();
    frequent.sort_by(|one, other| (other.1, &one.0).cmp(&(one.1, &other.0)));
    let mut suggestions = Vec::new();
    for (word, _) in frequent {
        if suggestions.len() == most {
            break;
        }
        if is_alive(sides, &word)? {
            let all = before.iter().cloned().chain([shown(sides, &word)?]);
            let term = Suggestion::Term(all.collect::<Vec<_>>().join(" "));
            // A word and the word as if `ae` stood for `ä` are shown alike.
            if !suggestions.contains(&term) {
                suggestions.push(term);
            }
        }
    }
    suggestions.extend(categories.into_iter().take(most).map(|(name, id)| Suggestion::Category(id, name)));
    Ok(suggestions)
}

/// The categories whose name has all words, the last one begun.
fn categories(side: &Side<'_>, typed: &[String]) -> Result<Vec<(String, contracts::CategoryId)>, Error> {
    let mut found = Vec::new();
    for number in side.segment.values(&format!("{CATEGORY}\0"))? {
        let text = side.segment.value(number)?;
        let mut parts = text.split('\0').skip(1);
        let (Some(id), Some(name)) = (parts.next(), parts.next()) else { continue };
        let words: Vec<String> = chunks(name).flat_map(|chunk| chunk.words).collect();
        let (last, before) = typed.split_last().unwrap_or((&typed[0], &[]));
        let whole = before.iter().all(|word| words.contains(word));
        let matches = whole && words.iter().any(|word| word.starts_with(&**last));
        if matches && is_in_use(side, number, &words)? {
            found.extend(id.parse().ok().map(|id| (name.to_owned(), id)));
        }
    }
    Ok(found)
}

/// Whether a document has a category, whose name has these words. The documents that had it may have changed since.
fn is_in_use(side: &Side<'_>, category: u64, words: &[String]) -> Result<bool, Error> {
    let Some(word) = words.first() else { return Ok(false) };
    let Some(named) = side.segment.terms().get(term(word, Field::Category)).map_err(Error::broken)? else {
        return Ok(false);
    };
    let (mut found, mut numbers) = (false, Vec::new());
    side.segment.each(&named, |doc| {
        if !found && side.alive(doc) {
            side.segment.values_of(doc, &mut numbers);
            found = numbers.contains(&category);
        }
    })?;
    Ok(found)
}

/// The first document that has a word.
fn example(sides: &[Side<'_>], word: &str) -> Result<Option<Document>, Error> {
    let key = format!("{word}\0");
    for side in sides {
        let stream = side.segment.terms().range().ge(&key).lt(after(&key)).into_stream();
        let mut stream = stream.map_err(Error::broken)?;
        let mut first = None;
        while let (true, None) = (stream.advance(), first) {
            if read(stream.key()).is_some_and(|(found, _)| found == word) {
                side.segment.each(stream.value(), |doc| {
                    if first.is_none() && side.alive(doc) {
                        first = Some(doc);
                    }
                })?;
            }
        }
        if let Some(doc) = first {
            return side.segment.document(doc).map(Some);
        }
    }
    Ok(None)
}

fn is_alive(sides: &[Side<'_>], word: &str) -> Result<bool, Error> {
    Ok(example(sides, word)?.is_some())
}

/// A word of the index as a product writes it, in lower case.
pub(crate) fn shown(sides: &[Side<'_>], word: &str) -> Result<String, Error> {
    let Some(document) = example(sides, word)? else { return Ok(word.to_owned()) };
    let Document { title, text, attributes, .. } = &document;
    let names = document.categories.iter().map(|category| &category.name);
    let all = [title, text].into_iter().chain(names).chain(attributes.values());
    let mut written = all.flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()));
    let same = |written: &str| {
        let folded = fold(written);
        folded == word || umlauts(&folded).is_some_and(|other| other == word)
    };
    Ok(written.find(|written| same(written)).map_or_else(|| word.to_owned(), str::to_lowercase))
}
