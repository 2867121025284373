//! List accounts, newest first.

use contracts::{Role, UserId};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Users,
    account::Account,
    email::Email,
    subject::{Profile, Subject},
};

/// Which page.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListUsers {
    #[garde(inner(range(min = 1, max = 100)))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

/// An account, as administrators and support see it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    id: UserId,
    email: Email,
    name: String,
    roles: Vec<Role>,
    registered_at: Timestamp,
    /// Its version, for `If-Match`.
    version: u64,
}

impl AccountView {
    pub(crate) fn of(account: &Account, subject: &Subject) -> Result<Self, Problem> {
        let Profile { email, name } = subject.open(&account.profile)?;
        let Account { id, registered_at, version, .. } = *account;
        Ok(Self { id, email, name, roles: account.roles.clone(), registered_at, version })
    }
}

/// This function.
pub fn function() -> Function {
    Function::http("list-users", handle)
}

async fn handle(users: Users, call: Call<ListUsers>) -> Result<Page<AccountView>, Problem> {
    call.caller.require(&[Role::Support])?;
    let ListUsers { limit, cursor } = call.input;
    let Page { items, next } = users.store.accounts(&Paging { limit, cursor }).await?;
    let views = items.iter().map(|(account, subject)| AccountView::of(account, subject));
    Ok(Page { items: views.collect::<Result<_, _>>()?, next })
}
