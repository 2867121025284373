//! List the caller's addresses, oldest first.

use contracts::{Address, AddressId};
use garde::Validate;
use lambda::{Call, Function, Page, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Users,
    address_book::{AddressBook, SavedAddress},
    problem::no_account,
    subject::Subject,
};

/// Nothing to choose: there are few.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ListAddresses {}

/// An address of the caller's.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddressView {
    id: AddressId,
    address: Address,
    /// Whether it is the one to be suggested.
    default: bool,
    /// Its version, as in its `ETag`.
    version: u64,
}

impl AddressView {
    pub(crate) fn of(saved: &SavedAddress, book: &AddressBook, subject: &Subject) -> Result<Self, Problem> {
        let address = subject.open(&saved.sealed)?;
        Ok(Self { id: saved.id, address, default: book.default == Some(saved.id), version: saved.revision })
    }
}

/// This function.
pub fn function() -> Function {
    Function::http("list-addresses", handle)
}

async fn handle(users: Users, call: Call<ListAddresses>) -> Result<Page<AddressView>, Problem> {
    let owner = call.caller.principal()?;
    let (book, subject) = users.store.addresses(owner).await?.ok_or_else(no_account)?;
    let items = book.addresses.iter().map(|saved| AddressView::of(saved, &book, &subject));
    Ok(Page { items: items.collect::<Result<_, _>>()?, next: None })
}
