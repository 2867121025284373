//! Search the products on sale by words, filters and prices.

use contracts::{CategoryId, Currency};
use garde::Validate;
use lambda::{Call, DEFAULT_LIMIT, Found, Function, Problem};
use schemars::JsonSchema;
use search::{Engine, Place, Query};
use serde::{Deserialize, Serialize};

use crate::{
    search_input::{SortInput, filters, names},
    search_view::SearchView,
    searching::Searcher,
};

#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SearchProducts {
    /// Words or a SKU. Only the first 10 words are used. If absent, all products are found.
    #[garde(length(chars, max = 200))]
    #[serde(default)]
    q: String,
    /// Filters by category, including the categories below it.
    #[garde(skip)]
    category: Option<CategoryId>,
    /// Filters by attributes and options: `colour:red|blue,size:L` finds products that are red or blue and have the size L. At most
    /// 10 names, and 20 values of each. A backslash before a comma, colon or pipe makes it a part of a text.
    #[garde(length(chars, max = 1000))]
    #[serde(default)]
    filters: String,
    /// The minimum catalog price of a variant in minor units. Requires `currency`. Price lists are ignored.
    #[garde(range(min = 0, max = 1_000_000_000))]
    min_price: Option<i64>,
    /// The maximum catalog price of a variant in minor units. Requires `currency`. Price lists are ignored.
    #[garde(range(min = 0, max = 1_000_000_000))]
    max_price: Option<i64>,
    /// The currency of `minPrice`, `maxPrice`, of the orders by price and of the prices in the reply.
    #[garde(skip)]
    currency: Option<Currency>,
    /// Whether to find only products that are in stock.
    #[garde(skip)]
    #[serde(default)]
    in_stock: bool,
    /// The names of up to 10 attributes and options whose values are counted: `colour,size`.
    #[garde(length(chars, max = 1000))]
    #[serde(default)]
    facets: String,
    /// Defaults to `relevance`. The orders by price need `currency`.
    #[garde(skip)]
    #[serde(default)]
    sort: SortInput,
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

/// How long an edge may keep an answer, in seconds.
const MAX_AGE: u32 = 5;

pub fn function() -> Function {
    Function::http("search-products", handle)
        .about(
            "Finds the products that have all words in their SKUs, title, categories, attributes, options or \
             description. Case, accents, and English and German endings are ignored. The last word can be the \
             beginning of a word. If nothing is found, typos are corrected (`correctedTo`): one in words of 4 to 7 \
             letters, two in longer words, but not in the first letter, in SKUs or in words with digits. If still \
             nothing is found, the rarest words without digits are left out (`relaxed`). A change of a product or of \
             its stock is found after about a second. A reply can be 5 seconds old.",
        )
        .public()
        .max_age(MAX_AGE)
}

async fn handle(searcher: Searcher, call: Call<SearchProducts>) -> Result<Found<SearchView>, Problem> {
    let now = call.now();
    let mut query = read(&call.input)?;
    query.now = now;
    let purpose = purpose(&call.input)?;
    if let Some(cursor) = call.input.cursor {
        let sealed = contracts::Sealed::<Place>::from_ciphertext(cursor);
        let place = searcher.sealer.open(&purpose, &sealed).map_err(|_| dynamo::Error::InvalidCursor)?;
        query.after = Some(place);
    }
    let current = searcher.current(now).await?;
    let found = current.index.search(&query).map_err(Problem::internal)?;
    let next = found.next.map(|place| searcher.sealer.seal(&purpose, &place)).transpose().map_err(Problem::internal)?;
    let next = next.map(|sealed| sealed.ciphertext().to_owned());
    Ok(Found::new(SearchView::of(found, call.input.currency, next, now, &current)))
}

fn read(input: &SearchProducts) -> Result<Query, Problem> {
    let by_price = input.sort.needs_currency();
    if input.currency.is_none() && (by_price || input.min_price.or(input.max_price).is_some()) {
        return Err(Problem::invalid(
            "/currency",
            "is required with minPrice, maxPrice, sort=priceAsc and sort=priceDesc",
        ));
    }
    if input.min_price.zip(input.max_price).is_some_and(|(lowest, highest)| highest < lowest) {
        return Err(Problem::invalid("/maxPrice", "must not be less than minPrice"));
    }
    let query = Query {
        filters: filters(&input.filters).map_err(|detail| Problem::invalid("/filters", detail))?,
        in_stock: input.in_stock,
        currency: input.currency,
        min_price: input.min_price,
        max_price: input.max_price,
        facets: names(&input.facets).map_err(|detail| Problem::invalid("/facets", detail))?,
        sort: input.sort.into(),
        limit: usize::try_from(input.limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(usize::MAX),
        ..Query::new(input.q.clone(), jiff::Timestamp::UNIX_EPOCH)
    };
    Ok(match input.category {
        Some(_) if query.filters.iter().any(|filter| filter.name == "category") => {
            return Err(Problem::invalid("/filters", "must not contain category if the parameter category is given"));
        }
        Some(category) => query.in_category(category),
        None => query,
    })
}

/// The purpose of a cursor: it belongs to one search, and to all its pages.
fn purpose(input: &SearchProducts) -> Result<String, Problem> {
    let search = SearchProducts { limit: None, cursor: None, ..input.clone() };
    Ok(format!("search cursor {}", serde_json::to_string(&search).map_err(Problem::internal)?))
}
