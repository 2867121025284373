//! What counts how much.

use crate::{fold::has_digit, words::Field};

/// The weights of the ranking. A word counts as its best match: quality × rarity × field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weights {
    pub(crate) exact: f32,
    pub(crate) synonym: f32,
    pub(crate) prefix: f32,
    pub(crate) one_typo: f32,
    pub(crate) two_typos: f32,
    pub(crate) sku: f32,
    pub(crate) title: f32,
    pub(crate) category: f32,
    pub(crate) attribute: f32,
    pub(crate) text: f32,
    /// What the most popular product gains.
    pub(crate) popularity: f32,
    /// The factor of a product that is out of stock.
    pub(crate) out_of_stock: f32,
}

/// The weights in use. The golden set judges them.
pub(crate) const WEIGHTS: Weights = Weights {
    exact: 1.0,
    synonym: 0.9,
    prefix: 0.8,
    one_typo: 0.5,
    two_typos: 0.25,
    sku: 10.0,
    title: 5.0,
    category: 2.0,
    attribute: 2.0,
    text: 1.0,
    popularity: 0.2,
    out_of_stock: 0.5,
};

/// The number of words that are tried for one word of a query, beside its own forms.
pub(crate) const MOST_EXPANSIONS: usize = 50;
/// The fewest letters that may be the beginning of a word.
pub(crate) const SHORTEST_PREFIX: usize = 2;
/// The highest popularity.
const MOST_POPULAR: f32 = 16.0;

/// How well a word of the index matches a word of a query, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Quality {
    Exact,
    Prefix,
    OneTypo,
    TwoTypos,
}

/// The number of typos that a word is forgiven.
pub(crate) fn typos_of(word: &str) -> u8 {
    match word.chars().count() {
        _ if has_digit(word) => 0,
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

impl Weights {
    pub(crate) fn quality(&self, quality: Quality) -> f32 {
        match quality {
            Quality::Exact => self.exact,
            Quality::Prefix => self.prefix,
            Quality::OneTypo => self.one_typo,
            Quality::TwoTypos => self.two_typos,
        }
    }

    pub(crate) fn field(&self, field: Field) -> f32 {
        match field {
            Field::Sku => self.sku,
            Field::Title => self.title,
            Field::Category => self.category,
            Field::Attribute => self.attribute,
            Field::Text => self.text,
        }
    }

    /// The factor of a product. It does not depend on the query.
    pub(crate) fn product(&self, popularity: u8, in_stock: bool) -> f32 {
        let popularity = (f32::from(popularity) / MOST_POPULAR).min(1.0);
        (1.0 + self.popularity * popularity) * if in_stock { 1.0 } else { self.out_of_stock }
    }
}
