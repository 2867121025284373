//! List the caller's addresses, oldest first.

use garde::Validate;
use lambda::{Call, FORBIDDEN, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, problem::no_account, view::AddressView};

/// The page to list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListAddresses {
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("list-addresses", handle)
        .about("An account has at most 20 addresses. Guests get 403.")
        .problems(&[FORBIDDEN])
}

async fn handle(users: Users, call: Call<ListAddresses>) -> Result<Page<AddressView>, Problem> {
    let owner = call.caller.principal()?;
    let (book, subject) = users.store.addresses(owner).await?.ok_or_else(no_account)?;
    let ListAddresses { limit, cursor } = call.input;
    let (list, saved) = (format!("addresses {owner}"), book.addresses.iter().collect());
    let page = users.store.table().slice(&list, saved, |saved| saved.id.to_string(), &Paging { limit, cursor })?;
    let views = page.items.into_iter().map(|saved| AddressView::of(saved, &book, &subject));
    Ok(Page { items: views.collect::<Result<_, _>>()?, next: page.next })
}
