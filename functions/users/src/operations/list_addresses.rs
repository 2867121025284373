//! List the caller's addresses, oldest first.

use garde::Validate;
use lambda::{Call, FORBIDDEN, Function, Page, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, problem::no_account, view::AddressView};

/// All addresses are in one page.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ListAddresses {}

pub fn function() -> Function {
    Function::http("list-addresses", handle).problems(&[FORBIDDEN])
}

async fn handle(users: Users, call: Call<ListAddresses>) -> Result<Page<AddressView>, Problem> {
    let owner = call.caller.principal()?;
    let (book, subject) = users.store.addresses(owner).await?.ok_or_else(no_account)?;
    let items = book.addresses.iter().map(|saved| AddressView::of(saved, &book, &subject));
    Ok(Page { items: items.collect::<Result<_, _>>()?, next: None })
}
