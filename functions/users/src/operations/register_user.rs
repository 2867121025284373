//! Register an account, or make one of a guest. The answer and its time do not tell whether the e-mail
//! address had one already.

use contracts::{Role, UserId};
use garde::Validate;
use lambda::{Call, Created, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Users, account::Account, email::Email, password::Password, subject::Profile};

/// Who registers.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegisterUser {
    #[garde(skip)]
    email: Email,
    /// 12 to 128 characters.
    #[garde(dive)]
    password: Password,
    /// What they are called.
    #[garde(length(chars, min = 1, max = 100))]
    name: String,
    /// A guest's access token: the account takes over the guest's id, and with it cart and orders.
    #[garde(inner(length(max = 2048)))]
    guest_token: Option<String>,
}

/// The registration was taken down. Signing in shows whether the account is the caller's.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationView {
    email: Email,
}

/// This function. Registering again changes nothing, so a retry needs no idempotency key: its record
/// would keep a quick hash of the password.
pub fn function() -> Function {
    Function::http("register-user", handle).public().repeatable()
}

pub(crate) async fn handle(users: Users, call: Call<RegisterUser>) -> Result<Created<RegistrationView>, Problem> {
    let RegisterUser { email, password, name, guest_token } = &call.input;
    password.check(email)?;
    users.throttle.register(&call.caller.address, call.now()).await?;
    let id = match guest_token {
        Some(token) => match guest(&users, &call, token).await? {
            Some(id) => id,
            None => return Ok(Created::new(RegistrationView { email: email.clone() })),
        },
        None => call.new_id(),
    };
    let hash = users.hasher.hash(password).await?;
    let (key, subject) = users.store.new_subject(id)?;
    let profile = subject.seal(&Profile { email: email.clone(), name: name.clone() })?;
    let (account, registered) = Account::register(id, hash, profile, call.now());
    let commit = users.store.table().commit(&call.cause).claim(&users.store.email_key(email), id);
    match commit.put_record(&key).save(&account).event(&registered).run().await {
        Ok(()) | Err(dynamo::Error::Taken { .. }) => Ok(Created::new(RegistrationView { email: email.clone() })),
        Err(error) => Err(error.into()),
    }
}

/// The id of a guest who has no account yet; none if the guest has registered this address before, and now tries again.
async fn guest(users: &Users, call: &Call<RegisterUser>, token: &str) -> Result<Option<UserId>, Problem> {
    let guest = users.tokens.verify(token, call.now()).await.ok().filter(|guest| guest.roles.contains(&Role::Guest));
    let guest = guest.ok_or_else(|| Problem::invalid("/guestToken", "is not a valid token of a guest"))?;
    match users.store.account(guest.id).await? {
        None => Ok(Some(guest.id)),
        Some(_) if users.store.holder(&call.input.email).await? == Some(guest.id) => Ok(None),
        Some(_) => Err(Problem::new(409, "already-registered", "The guest has an account already")),
    }
}
