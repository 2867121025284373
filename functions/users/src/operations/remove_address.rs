//! Remove one of the caller's addresses. Nothing happens if there is no such address.

use contracts::AddressId;
use garde::Validate;
use lambda::{Call, FORBIDDEN, Function, NOT_FOUND, NoContent, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, problem::no_account};

/// The address to remove.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveAddress {
    #[garde(skip)]
    address_id: AddressId,
}

pub fn function() -> Function {
    Function::http("remove-address", handle)
        .about(
            "If the caller has no such address, nothing changes, and the reply is also 204. If the default \
             address is removed, the oldest of the remaining addresses becomes the default. Guests get 403.",
        )
        .problems(&[FORBIDDEN, NOT_FOUND])
}

async fn handle(users: Users, call: Call<RemoveAddress>) -> Result<NoContent, Problem> {
    let owner = call.caller.principal()?;
    let (book, _) = users.store.addresses(owner).await?.ok_or_else(no_account)?;
    let Some((book, changed)) = book.remove(call.input.address_id) else { return Ok(NoContent::DONE) };
    users.store.table().commit(&call.context).save(&book).event(&changed).run().await?;
    Ok(NoContent::DONE)
}
