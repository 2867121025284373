//! Remove one of the caller's addresses.

use contracts::AddressId;
use garde::Validate;
use lambda::{Call, Function, NoContent, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, problem::no_account};

/// Which address.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveAddress {
    #[garde(skip)]
    address_id: AddressId,
}

/// This function.
pub fn function() -> Function {
    Function::http("remove-address", handle)
}

async fn handle(users: Users, call: Call<RemoveAddress>) -> Result<NoContent, Problem> {
    let owner = call.caller.principal()?;
    let (book, _) = users.store.addresses(owner).await?.ok_or_else(no_account)?;
    let (book, changed) = book.remove(call.input.address_id)?;
    users.store.table().commit(&call.cause).save(&book).event(&changed).run().await?;
    Ok(NoContent::DONE)
}
