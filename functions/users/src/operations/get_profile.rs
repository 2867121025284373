//! Get the caller's profile.

use contracts::Role;
use garde::Validate;
use lambda::{Call, FORBIDDEN, Found, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, problem::no_account, view::UserView};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct GetProfile {}

pub fn function() -> Function {
    Function::http("get-profile", handle)
        .about(
            "Returns the caller's id and roles, and the e-mail address, the name and the language of an account. A \
             guest has no e-mail address, no name, no language and no `ETag`.",
        )
        .versioned()
        .problems(&[FORBIDDEN])
}

async fn handle(users: Users, call: Call<GetProfile>) -> Result<Found<UserView>, Problem> {
    let id = call.caller.principal()?;
    match users.store.account(id).await? {
        Some((account, subject)) => Ok(Found::new(UserView::of(&account, &subject)?).version(&account.version)),
        None if call.caller.roles.contains(&Role::Guest) => Ok(Found::new(UserView::guest(id))),
        None => Err(no_account()),
    }
}
