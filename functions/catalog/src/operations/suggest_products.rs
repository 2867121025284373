//! Complete what a person types into the search field.

use garde::Validate;
use lambda::{Call, DEFAULT_LIMIT, Found, Function, Problem};
use schemars::JsonSchema;
use search::Engine;
use serde::Deserialize;

use crate::{search_view::SuggestionsView, searching::Searcher};

/// The text to complete.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SuggestProducts {
    /// The text to complete, 1 to 50 characters.
    #[garde(length(chars, min = 1, max = 50))]
    q: String,
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// How long an edge may keep an answer, in seconds.
const MAX_AGE: u32 = 5;

pub fn function() -> Function {
    Function::http("suggest-products", handle)
        .about(
            "Returns at most 3 terms to search for, then at most 3 categories, then the products that a search for the \
             text finds. A category is returned if its name has all words of the text. The last word can be the \
             beginning of a word. Terms and categories need at least 2 letters of the last word. A reply can be 5 \
             seconds old.",
        )
        .public()
        .max_age(MAX_AGE)
}

async fn handle(searcher: Searcher, call: Call<SuggestProducts>) -> Result<Found<SuggestionsView>, Problem> {
    let current = searcher.current(call.now()).await?;
    let limit = usize::try_from(call.input.limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(usize::MAX);
    let suggestions = current.index.suggest(&call.input.q, limit).map_err(Problem::internal)?;
    Ok(Found::new(SuggestionsView::of(suggestions)))
}
