//! List accounts, newest first.

use contracts::Role;
use garde::Validate;
use lambda::{Call, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, email::Email, view::AccountView};

/// The page to list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListUsers {
    /// Filters by e-mail address: the account with this address. Case does not matter.
    #[garde(skip)]
    email: Option<Email>,
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("list-users", handle)
        .about(
            "Returns the e-mail address, the name and the roles of each account. Guests are not listed. With `email`, the page \
             has the account with this address, or is empty.",
        )
        .roles(&[Role::Support])
}

async fn handle(users: Users, call: Call<ListUsers>) -> Result<Page<AccountView>, Problem> {
    let ListUsers { email, limit, cursor } = call.input;
    let paging = Paging { limit, cursor };
    let Page { items, next } = match email {
        Some(email) => users.store.accounts_of(&email, &paging).await?,
        None => users.store.accounts(&paging).await?,
    };
    let views = items.iter().map(|(account, subject)| AccountView::of(account, subject));
    Ok(Page { items: views.collect::<Result<_, _>>()?, next })
}
