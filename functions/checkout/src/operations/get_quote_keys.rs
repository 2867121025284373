//! Get the public keys that verify quotes.

use garde::Validate;
use lambda::{Call, Found, Function, Problem, jws::JwkSet};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Checkout, quote::QuoteKeys};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetQuoteKeys {}

pub fn function() -> Function {
    // A key is published an hour before it signs.
    Function::http("get-quote-keys", handle)
        .about(
            "Returns a JSON Web Key Set (RFC 7517). The reply can be cached for five minutes: a new key is \
             published an hour before it signs quotes. A key stays in the set until the last quote that it signed \
             has expired.",
        )
        .public()
        .max_age(300)
}

async fn handle(checkout: Checkout, call: Call<GetQuoteKeys>) -> Result<Found<JwkSet>, Problem> {
    Ok(Found::new(QuoteKeys::load(checkout.store.table()).await?.jwk_set(call.now())))
}
