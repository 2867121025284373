//! Get the synonyms of the search.

use contracts::Role;
use garde::Validate;
use lambda::{Call, Found, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Catalog,
    synonyms::{Groups, SynonymSet},
};

/// Nothing.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetSynonyms {}

pub fn function() -> Function {
    Function::http("get-synonyms", handle).roles(&[Role::Merchant]).versioned()
}

async fn handle(catalog: Catalog, _: Call<GetSynonyms>) -> Result<Found<Groups>, Problem> {
    let SynonymSet { groups, version } = catalog.store.synonyms().await?;
    Ok(Found::new(Groups { groups }).version(SynonymSet::number(&version)))
}
