//! Replace one of the caller's addresses.

use contracts::{Address, AddressId};
use garde::Validate;
use lambda::{Call, FORBIDDEN, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, problem::no_account, view::AddressView};

/// The new address.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateAddress {
    #[garde(skip)]
    address_id: AddressId,
    #[garde(dive)]
    address: Address,
    /// Whether it becomes the default address. `false` does not change which address is the default.
    #[garde(skip)]
    #[serde(default)]
    default: bool,
}

pub fn function() -> Function {
    Function::http("update-address", handle)
        .about(
            "Replaces all fields of the address. The required fields depend on the country. A postcode of an \
             unusual form is accepted, and reported in `problems`. Orders that were placed with the old address \
             keep it. Guests get 403.",
        )
        .versioned()
        .problems(&[NOT_FOUND, FORBIDDEN])
}

async fn handle(users: Users, call: Call<UpdateAddress>) -> Result<Found<AddressView>, Problem> {
    let owner = call.caller.principal()?;
    let (book, subject) = users.store.addresses(owner).await?.ok_or_else(no_account)?;
    let UpdateAddress { address_id, address, default } = &call.input;
    call.expects(book.find(*address_id)?.revision)?;
    let address = addresses::check(address.clone())?;
    let (book, changed) = book.update(*address_id, subject.seal(&address)?, *default)?;
    users.store.table().commit(&call.context).save(&book).event(&changed).run().await?;
    let saved = book.find(*address_id)?;
    Ok(Found::new(AddressView::of(saved, &book, &subject)?).version(saved.revision))
}
