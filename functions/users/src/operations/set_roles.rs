//! Set the roles of an account. Tokens that are out keep the old ones until they expire.

use contracts::{Role, UserId};
use garde::Validate;
use lambda::{Call, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Users,
    account::{Account, Rejection},
    view::AccountView,
};

/// The new roles of the account.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetRoles {
    #[garde(skip)]
    user_id: UserId,
    /// All roles of the account: at least one, and not `guest`.
    #[garde(length(min = 1, max = 10))]
    roles: Vec<Role>,
}

pub fn function() -> Function {
    Function::http("set-roles", handle)
        .about(
            "Replaces all roles of the account. Access tokens that were issued before keep the old roles until \
             they expire, ten minutes later at most. Administrators cannot remove their own role `admin`.",
        )
        .roles(&[Role::Admin])
        .versioned()
        .problems(&[NOT_FOUND, (409, "own-admin-role")])
}

async fn handle(users: Users, call: Call<SetRoles>) -> Result<Found<AccountView>, Problem> {
    let admin = call.caller.principal()?;
    let SetRoles { user_id, roles } = &call.input;
    let (account, subject) = users.store.account(*user_id).await?.ok_or_else(|| Problem::not_found("user"))?;
    call.expects(&account.version)?;
    let account = match account.clone().set_roles(roles.clone(), admin) {
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
