//! The terms of a document: its words, each with the field in which it stands.

use std::collections::BTreeSet;

use crate::{
    Document,
    fold::{chunks, umlauts},
};

/// Separates the word of a term from its field.
pub(crate) const PART: u8 = 0;

/// The field of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    Sku = 1,
    Title,
    Category,
    Attribute,
    Text,
}

impl Field {
    const ALL: [Self; 5] = [Self::Sku, Self::Title, Self::Category, Self::Attribute, Self::Text];

    pub(crate) fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|field| *field as u8 == number)
    }
}

/// The most words of which a chunk is also one word.
const MOST_JOINED: usize = 3;

/// All terms of a document.
pub(crate) fn indexed(document: &Document) -> BTreeSet<Vec<u8>> {
    let mut terms = BTreeSet::new();
    let mut add = |text: &str, field: Field| {
        for chunk in chunks(text) {
            let joined = (chunk.words.len() > 1 && chunk.words.len() <= MOST_JOINED).then(|| chunk.joined());
            for word in chunk.words.iter().chain(&joined) {
                terms.insert(term(word, field));
                terms.extend(umlauts(word).map(|other| term(&other, field)));
            }
        }
    };
    add(&document.title, Field::Title);
    add(&document.text, Field::Text);
    for category in &document.categories {
        add(&category.name, Field::Category);
    }
    let options = document.variants.iter().flat_map(|variant| variant.options.values());
    for value in document.attributes.values().chain(options) {
        add(value, Field::Attribute);
    }
    for variant in &document.variants {
        terms.extend(chunks(variant.sku.as_str()).map(|chunk| term(&chunk.joined(), Field::Sku)));
    }
    terms
}

/// A word in a field, as a term.
pub(crate) fn term(word: &str, field: Field) -> Vec<u8> {
    let mut term = word.as_bytes().to_vec();
    term.extend([PART, field as u8]);
    term
}

/// The word and the field of a term.
pub(crate) fn read(term: &[u8]) -> Option<(&str, Field)> {
    let [word @ .., PART, field] = term else { return None };
    Some((std::str::from_utf8(word).ok()?, Field::of(*field)?))
}
