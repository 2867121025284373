//! Change the caller's name.

use garde::Validate;
use lambda::{Call, Committed, FORBIDDEN, Found, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, problem::no_account, subject::Profile, view::UserView};

/// Changes to the caller's profile.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateProfile {
    /// The new name.
    #[garde(length(chars, min = 1, max = 100))]
    name: String,
}

pub fn function() -> Function {
    Function::http("update-profile", handle)
        .about("The e-mail address cannot be changed. Guests have no profile to change, and get 403.")
        .versioned()
        .problems(&[FORBIDDEN])
}

async fn handle(users: Users, call: Call<UpdateProfile>) -> Result<Committed<Found<UserView>>, Problem> {
    let id = call.caller.principal()?;
    let (account, subject) = users.store.account(id).await?.ok_or_else(no_account)?;
    call.expects(&account.version)?;
    let profile = Profile { name: call.input.name, ..subject.open(&account.profile)? };
    let (account, changed) = account.rename(subject.seal(&profile)?);
    let commit = users.store.table().commit(&call.context).save(&account).event(&changed);
    let reply = Found::new(UserView::of(&account, &subject)?).version(&commit.version());
    Ok(commit.answer(reply).run().await?)
}
