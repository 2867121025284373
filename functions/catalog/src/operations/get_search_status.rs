//! Get the state of the search index.

use contracts::Role;
use garde::Validate;
use lambda::{Call, Found, Function, Problem, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Catalog, loading};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetSearchStatus {}

/// The state of the search index.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchStatus {
    /// The number of the last stored snapshot. 0 if none is stored.
    version: u64,
    /// The number of products in that snapshot.
    documents: u32,
    /// The time until which the snapshot contains all changes. `null` if none is stored.
    as_of: Option<Time>,
    /// The number of products that have changed since the snapshot. Searches find them too.
    tail: usize,
    /// How many milliseconds the last change of a product or of its stock took to reach the index. `null` if no change
    /// has reached it.
    lag: Option<i64>,
}

pub fn function() -> Function {
    Function::http("get-search-status", handle)
        .about(
            "A snapshot of the index is stored when many products have changed, or an hour after the previous one. A \
             new instance of a search function reads the snapshot and the changes since.",
        )
        .roles(&[Role::Merchant])
}

async fn handle(catalog: Catalog, _: Call<GetSearchStatus>) -> Result<Found<SearchStatus>, Problem> {
    let store = &catalog.store;
    let head = store.head().await?;
    let (tail, last) = futures::try_join!(loading::tail(store, &head), store.last_changed())?;
    let current = head.current();
    Ok(Found::new(SearchStatus {
        version: current.map_or(0, |stored| stored.number),
        documents: current.map_or(0, |stored| stored.documents),
        as_of: current.map(|stored| stored.as_of.into()),
        tail,
        lag: last.and_then(|entry| entry.lag()).map(|lag| i64::try_from(lag.as_millis()).unwrap_or(i64::MAX)),
    }))
}
