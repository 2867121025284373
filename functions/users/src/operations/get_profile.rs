//! Get the caller's own profile.

use contracts::{Role, UserId};
use garde::Validate;
use lambda::{Call, Found, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Users,
    account::Account,
    email::Email,
    problem::no_account,
    subject::{Profile, Subject},
};

/// Nothing to choose.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct GetProfile {}

/// A user, as themselves see it. A guest has neither e-mail address nor name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserView {
    /// Whoever calls.
    pub id: UserId,
    /// Where mail reaches them.
    pub email: Option<Email>,
    /// What they are called.
    pub name: Option<String>,
    /// What they may do.
    pub roles: Vec<Role>,
}

impl UserView {
    pub(crate) fn of(account: &Account, subject: &Subject) -> Result<Self, Problem> {
        let Profile { email, name } = subject.open(&account.profile)?;
        Ok(Self { id: account.id, email: Some(email), name: Some(name), roles: account.roles.clone() })
    }

    pub(crate) fn guest(id: UserId) -> Self {
        Self { id, email: None, name: None, roles: vec![Role::Guest] }
    }
}

/// This function.
pub fn function() -> Function {
    Function::http("get-profile", handle)
}

async fn handle(users: Users, call: Call<GetProfile>) -> Result<Found<UserView>, Problem> {
    let id = call.caller.principal()?;
    match users.store.account(id).await? {
        Some((account, subject)) => Ok(Found::new(UserView::of(&account, &subject)?).version(account.version)),
        None if call.caller.roles.contains(&Role::Guest) => Ok(Found::new(UserView::guest(id))),
        None => Err(no_account()),
    }
}
