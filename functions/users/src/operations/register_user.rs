//! Register an account, for a new user or for a guest. The answer and its time do not tell whether the e-mail
//! address had one already.

use contracts::{Language, Role, UserId};
use garde::Validate;
use lambda::{Call, Created, Function, Problem, TOO_MANY_REQUESTS};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Users, account::Account, email::Email, password::Password, subject::Profile};

/// A new account.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegisterUser {
    #[garde(skip)]
    email: Email,
    /// 12 to 128 characters.
    #[garde(dive)]
    password: Password,
    /// The name of the user.
    #[garde(length(chars, min = 1, max = 100))]
    name: String,
    /// The language of messages to the user. Defaults to the first language of `Accept-Language` that is supported, or to
    /// `en`.
    #[garde(skip)]
    language: Option<Language>,
    /// A guest's access token. The account gets the guest's id, and so the guest's cart and orders.
    #[garde(length(max = 2048))]
    guest_token: Option<String>,
}

/// The registration was received. The reply is the same if the e-mail address is in use; a sign-in shows whether the
/// account was created.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationView {
    email: Email,
}

/// A second registration changes nothing, so a retry needs no idempotency key. An idempotency record would contain a
/// fast hash of the password.
pub fn function() -> Function {
    Function::http("register-user", handle)
        .about(
            "Creates an account with the role `customer`. If the e-mail address is in use, the reply is the same, \
             but no account is created: sign in to find out. With `guestToken`, the account keeps the guest's id, \
             carts and orders, and the guest's session ends. The number of attempts of a network address in a \
             minute is limited.",
        )
        .public()
        .problems(&[TOO_MANY_REQUESTS, (409, "already-registered")])
}

pub(crate) async fn handle(users: Users, call: Call<RegisterUser>) -> Result<Created<RegistrationView>, Problem> {
    let RegisterUser { email, password, name, language, guest_token } = &call.input;
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
    let accepted = || call.accept_language.as_deref().and_then(Language::accepted);
    let language = language.or_else(accepted).unwrap_or_default();
    let profile = subject.seal(&Profile { email: email.clone(), name: name.clone(), language })?;
    let (account, registered) = Account::register(id, hash, profile, call.now());
    let commit = users.store.table().commit(&call.context).claim(&users.store.email_key(email), id);
    match commit.put_record(&key).save(&account).event(&registered).run().await {
        Ok(_) | Err(dynamo::Error::Taken { .. }) => Ok(Created::new(RegistrationView { email: email.clone() })),
        Err(error) => Err(error.into()),
    }
}

/// Returns the id of a guest without an account. Returns `None` if the guest has already registered this address.
async fn guest(users: &Users, call: &Call<RegisterUser>, token: &str) -> Result<Option<UserId>, Problem> {
    let guest = users.tokens.verify(token, call.now()).await.ok().filter(|guest| guest.roles.contains(&Role::Guest));
    let guest = guest.ok_or_else(|| Problem::invalid("/guestToken", "is not a valid token of a guest"))?;
    match users.store.account(guest.id).await? {
        None => Ok(Some(guest.id)),
        Some(_) if users.store.holder(&call.input.email).await? == Some(guest.id) => Ok(None),
        Some(_) => Err(Problem::new(409, "already-registered", "The guest already has an account")
            .detail("Sign in, or register without guestToken.")),
    }
}
