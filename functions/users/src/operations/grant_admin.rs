//! Grant the admin role to an account, such as the first administrator.

use contracts::UserId;
use garde::Validate;
use lambda::{Call, Found, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Users,
    account::{Account, Rejection},
    email::Email,
    view::AccountView,
};

/// The account, by either `email` or `userId`.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GrantAdmin {
    #[garde(skip)]
    email: Option<Email>,
    #[garde(skip)]
    user_id: Option<UserId>,
}

pub fn function() -> Function {
    Function::invoked("grant-admin", handle)
}

async fn handle(users: Users, call: Call<GrantAdmin>) -> Result<Found<AccountView>, Problem> {
    let id = match (&call.input.email, call.input.user_id) {
        (Some(email), None) => users.store.holder(email).await?,
        (None, id @ Some(_)) => id,
        _ => return Err(Problem::invalid("", "must have either email or userId")),
    };
    let id = id.ok_or_else(|| Problem::not_found("user"))?;
    let (account, subject) = users.store.account(id).await?.ok_or_else(|| Problem::not_found("user"))?;
    let account = match account.clone().grant_admin() {
        Err(Rejection::SameRoles) => account,
        decided => {
            let (account, changed) = decided?;
            let commit = users.store.table().commit(&call.context).save(&account).event(&changed);
            let version = commit.version();
            commit.run().await?;
            Account { version, ..account }
        }
    };
    Ok(Found::new(AccountView::of(&account, &subject)?).version(&account.version))
}
