//! End the caller's session. Its access tokens hold until they expire.

use garde::Validate;
use lambda::{Call, Function, NoContent, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, store::session_key};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct SignOut {}

pub fn function() -> Function {
    Function::http("sign-out", handle).about(
        "The refresh token of the session can no longer be used. Its access tokens remain valid until they \
         expire, ten minutes later at most.",
    )
}

async fn handle(users: Users, call: Call<SignOut>) -> Result<NoContent, Problem> {
    call.caller.principal()?;
    if let Some(session) = call.caller.session {
        users.store.table().commit(&call.context).delete(&session_key(session)).run().await?;
    }
    Ok(NoContent::DONE)
}
