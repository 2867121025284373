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

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetSynonyms {}

pub fn function() -> Function {
    Function::http("get-synonyms", handle)
        .about("Returns every group of terms with the same meaning. Before the first PUT there are no groups.")
        .roles(&[Role::Merchant])
        .versioned()
}

async fn handle(catalog: Catalog, _: Call<GetSynonyms>) -> Result<Found<Groups>, Problem> {
    let SynonymSet { groups, version } = catalog.store.synonyms().await?;
    Ok(Found::new(Groups { groups }).version(SynonymSet::number(&version)))
}
