//! Get the public keys that verify access tokens.

use garde::Validate;
use lambda::{Call, Found, Function, Problem, jws::JwkSet};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Users;

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct GetJwks {}

pub fn function() -> Function {
    // A key is published an hour before it signs.
    Function::http("get-jwks", handle)
        .about(
            "Returns a JSON Web Key Set (RFC 7517). The reply can be cached for five minutes: a new key is \
             published an hour before it signs tokens. A key stays in the set until the last token that it signed \
             has expired.",
        )
        .public()
        .max_age(300)
}

async fn handle(users: Users, call: Call<GetJwks>) -> Result<Found<JwkSet>, Problem> {
    Ok(Found::new(users.tokens.jwk_set(call.now()).await?))
}
