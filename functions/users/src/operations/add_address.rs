//! Add an address to the caller's account.

use contracts::Address;
use garde::Validate;
use lambda::{Call, Committed, Created, FORBIDDEN, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, problem::no_account, view::AddressView};

/// A new address.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddAddress {
    #[garde(dive)]
    address: Address,
    /// Whether it becomes the default address. The first address always does.
    #[garde(skip)]
    #[serde(default)]
    default: bool,
}

pub fn function() -> Function {
    Function::http("add-address", handle)
        .about(
            "The first address becomes the default address. The required fields depend on the country. A postcode \
             of an unusual form is accepted, and reported in `problems`. An account has at most 20 addresses. \
             Guests get 403.",
        )
        .versioned()
        .problems(&[FORBIDDEN, (409, "too-many-addresses")])
}

async fn handle(users: Users, call: Call<AddAddress>) -> Result<Committed<Created<AddressView>>, Problem> {
    let owner = call.caller.principal()?;
    let (book, subject) = users.store.addresses(owner).await?.ok_or_else(no_account)?;
    let AddAddress { address, default } = &call.input;
    let (id, address) = (call.new_id(), addresses::check(address.clone())?);
    let (book, changed) = book.add(id, subject.seal(&address)?, *default)?;
    let saved = book.find(id)?;
    let view = AddressView::of(saved, &book, &subject)?;
    let reply = Created::at(format!("/v1/me/addresses/{id}"), view).version(saved.revision);
    Ok(users.store.table().commit(&call.context).save(&book).event(&changed).answer(reply).run().await?)
}
