//! What is asked, and what is answered.

use contracts::{CategoryId, Currency, ProductId, Sku};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Document, Error};

/// A search engine: all that the operations of the catalog know of one.
pub trait Engine {
    /// Finds products.
    ///
    /// # Errors
    /// [`Error`] if the index is broken.
    fn search(&self, query: &Query) -> Result<Found, Error>;

    /// Completes what a person has typed so far.
    ///
    /// # Errors
    /// [`Error`] if the index is broken.
    fn suggest(&self, text: &str, limit: usize) -> Result<Vec<Suggestion>, Error>;
}

/// A search.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The words. Without words, everything is found.
    pub text: String,
    /// The values that a product must have: of each name, one of the values.
    pub filters: Vec<Filter>,
    /// Only products that can be sold now.
    pub in_stock: bool,
    /// The currency of prices that filter and sort.
    pub currency: Option<Currency>,
    /// The lowest price, in that currency.
    pub min_price: Option<i64>,
    /// The highest price, in that currency.
    pub max_price: Option<i64>,
    /// The facets to count, beside the category and the names of the filters.
    pub facets: Vec<String>,
    /// The order.
    pub sort: Sort,
    /// The time whose prices are valid.
    pub now: Timestamp,
    /// The most hits to return.
    pub limit: usize,
    /// The last hit of the page before.
    pub after: Option<Place>,
}

impl Query {
    /// A search for words among all products.
    pub fn new(text: impl Into<String>, now: Timestamp) -> Self {
        Self {
            text: text.into(),
            filters: Vec::new(),
            in_stock: false,
            currency: None,
            min_price: None,
            max_price: None,
            facets: Vec::new(),
            sort: Sort::Relevance,
            now,
            limit: 20,
            after: None,
        }
    }

    /// The same search, in a category and the categories below it.
    #[must_use]
    pub fn in_category(mut self, category: CategoryId) -> Self {
        self.filters.push(Filter { name: crate::document::CATEGORY.to_owned(), values: vec![category.to_string()] });
        self
    }
}

/// The values that a product may have of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The name of an attribute or of an option, or `category`.
    pub name: String,
    /// Its values. One must be the product's.
    pub values: Vec<String>,
}

/// The order of hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// The best match first.
    Relevance,
    /// The newest product first.
    Newest,
    /// The lowest price first; products without a price last.
    PriceAscending,
    /// The highest price first; products without a price last.
    PriceDescending,
    /// The best rating first.
    Rating,
    /// The most popular first.
    BestSelling,
}

/// The place of a hit in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The number of hits up to it.
    pub seen: u32,
    pub(crate) key: u64,
    pub(crate) rating: u8,
    pub(crate) id: ProductId,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// A page of hits, in the order asked for.
    pub hits: Vec<Hit>,
    /// The number of all hits.
    pub total: u32,
    /// The facets.
    pub facets: Vec<Facet>,
    /// Whether words were left out, because no product has all of them.
    pub relaxed: bool,
    /// The words with their typos corrected, if there were any.
    pub corrected_to: Option<String>,
    /// The last hit, if there are more.
    pub next: Option<Place>,
}

/// A product that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The product.
    pub document: Document,
    /// The SKU that was searched for.
    pub matched_sku: Option<Sku>,
}

/// How many hits have which values of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The name.
    pub name: String,
    /// Its values, the most frequent first.
    pub values: Vec<FacetValue>,
}

/// A value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    /// The value, as it is sent in a filter.
    pub value: String,
    /// The text to show.
    pub label: String,
    /// The number of hits that have it. The selected values of this facet do not count.
    pub count: u32,
    /// Whether the search filters by it.
    pub selected: bool,
}

/// A completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suggestion {
    /// Words to search for.
    Term(String),
    /// A category.
    Category(CategoryId, String),
    /// A product.
    Product(ProductId, String),
}
