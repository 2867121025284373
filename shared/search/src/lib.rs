//! The search engine of the catalog: documents, an index of them in memory, and what can be asked of it. It reads no
//! store and no clock. Only the functions that search link it.

mod blob;
mod document;
mod expand;
mod facets;
mod fold;
mod index;
mod query;
mod score;
mod segment;
mod suggest;
mod synonyms;
#[cfg(test)]
mod tests;
mod units;
mod weights;
mod words;

pub use document::{Document, Named, Offer, Rating, Signals};
pub use index::{Change, Index, Snapshot, pack};
pub use query::{Engine, Facet, FacetValue, Filter, Found, Hit, Place, Query, Sort, Suggestion};
pub use synonyms::Synonyms;

/// The format of what [`pack`] makes. It must change with the columns, the terms or the stored form of documents, so that
/// a stored snapshot that this engine cannot read is not opened.
pub const FORMAT: u32 = 1;

/// An index that cannot be read or made.
#[derive(Debug, thiserror::Error)]
#[error("the search index is broken: {0}")]
pub struct Error(String);

impl Error {
    pub(crate) fn broken(why: impl std::fmt::Display) -> Self {
        Self(why.to_string())
    }
}
