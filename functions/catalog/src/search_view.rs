//! Hits, facets and suggestions, as replies contain them.

use contracts::{CategoryId, Currency, Money, ProductId, Sku};
use jiff::Timestamp;
use lambda::Time;
use schemars::JsonSchema;
use search::{Facet, FacetValue, Found, Hit, Suggestion};
use serde::Serialize;

use crate::searching::Current;

/// A page of hits.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SearchView {
    items: Vec<CardView>,
    /// The number of all hits.
    total: u32,
    /// The numbers of hits by value. The facet `category` is always included, and so is each name in `filters`.
    facets: Vec<FacetView>,
    /// Whether words were left out because no product has all of them.
    relaxed: bool,
    /// The text with its typos corrected. `null` if nothing was corrected.
    corrected_to: Option<String>,
    /// The cursor of the next page. `null` on the last page, and after the first 1,000 hits.
    next_cursor: Option<String>,
    index: IndexView,
}

/// The state of the index.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct IndexView {
    /// The number of the stored snapshot that the index is based on. 0 before the first snapshot.
    version: u64,
    /// When the index was last compared with the catalog.
    as_of: Time,
}

/// A product that was found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CardView {
    id: ProductId,
    title: String,
    /// The URL of its first image. `null` if it has no image.
    image: Option<String>,
    category_ids: Vec<CategoryId>,
    /// Its catalog prices, without price lists, in the `currency` of the search. Defaults to the currency of its first
    /// price. `null` if it has no price in the currency.
    price: Option<PriceRangeView>,
    /// Whether a variant can be sold now.
    in_stock: bool,
    /// `null` if it has no ratings. Always `null` at present.
    rating: Option<RatingView>,
    /// The SKU that was searched for.
    #[serde(skip_serializing_if = "Option::is_none")]
    matched_sku: Option<Sku>,
}

/// The lowest and the highest price of the variants.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PriceRangeView {
    from: Money,
    to: Money,
}

/// The rating of a product.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RatingView {
    /// 1 to 5, to a tenth.
    average: f64,
    /// The number of ratings.
    count: u32,
}

/// The numbers of hits with each value of a name.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FacetView {
    /// The name of an attribute or option, or `category`.
    name: String,
    /// At most 50 values, and those that are selected. The most frequent is first.
    values: Vec<FacetValueView>,
}

/// A value of a facet.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FacetValueView {
    /// The value, as `filters` takes it.
    value: String,
    /// The text to show.
    label: String,
    /// The number of hits with this value. The filters of the facet itself do not count.
    count: u32,
    /// Whether `filters` has this value.
    selected: bool,
}

impl SearchView {
    pub(crate) fn of(
        found: Found,
        currency: Option<Currency>,
        next_cursor: Option<String>,
        now: Timestamp,
        current: &Current,
    ) -> Self {
        let Found { hits, total, facets, relaxed, corrected_to, next: _ } = found;
        Self {
            items: hits.into_iter().map(|hit| CardView::of(hit, currency, now)).collect(),
            total,
            facets: facets.into_iter().map(FacetView::of).collect(),
            relaxed,
            corrected_to,
            next_cursor,
            index: IndexView { version: current.number, as_of: current.as_of.into() },
        }
    }
}

impl CardView {
    fn of(Hit { document, matched_sku }: Hit, currency: Option<Currency>, now: Timestamp) -> Self {
        let price = document.price_at(currency, now);
        Self {
            id: document.id,
            price: price.map(|(from, to, currency)| PriceRangeView {
                from: Money::new(from, currency),
                to: Money::new(to, currency),
            }),
            title: document.title,
            image: document.image,
            category_ids: document.own_categories,
            in_stock: document.signals.in_stock,
            rating: document
                .signals
                .rating
                .map(|rating| RatingView { average: f64::from(rating.tenths) / 10.0, count: rating.count }),
            matched_sku,
        }
    }
}

impl FacetView {
    fn of(Facet { name, values }: Facet) -> Self {
        let value = |FacetValue { value, label, count, selected }| FacetValueView { value, label, count, selected };
        Self { name, values: values.into_iter().map(value).collect() }
    }
}

/// Completions of a text.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SuggestionsView {
    items: Vec<SuggestionView>,
}

/// A completion.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SuggestionView {
    kind: SuggestionKind,
    text: String,
    /// The id of the product or category.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// What a completion is.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum SuggestionKind {
    /// Words to search for.
    Term,
    /// A category.
    Category,
    /// A product.
    Product,
}

impl SuggestionsView {
    pub(crate) fn of(suggestions: Vec<Suggestion>) -> Self {
        Self { items: suggestions.into_iter().map(SuggestionView::of).collect() }
    }
}

impl SuggestionView {
    fn of(suggestion: Suggestion) -> Self {
        match suggestion {
            Suggestion::Term(text) => Self { kind: SuggestionKind::Term, text, id: None },
            Suggestion::Category(id, text) => Self { kind: SuggestionKind::Category, text, id: Some(id.to_string()) },
            Suggestion::Product(id, text) => Self { kind: SuggestionKind::Product, text, id: Some(id.to_string()) },
        }
    }
}
