//! Sign in with e-mail address and password.

use garde::Validate;
use lambda::{Call, Created, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Users,
    email::Email,
    operations::get_profile::UserView,
    password::{Password, Verdict},
    refresh_token::RefreshToken,
    session::Session,
    tokens::TOKEN_LASTS,
};

/// Who signs in.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignIn {
    #[garde(skip)]
    email: Email,
    #[garde(dive)]
    password: Password,
}

/// A session, and what it is used with.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionView {
    /// To be sent with each request: `Authorization: Bearer …`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: i64,
    /// Buys the next access token, once.
    refresh_token: String,
    user: UserView,
}

impl SessionView {
    pub(crate) fn new(access_token: String, refresh_token: &RefreshToken, user: UserView, users: &Users) -> Self {
        let refresh_token = refresh_token.text(&users.digests);
        Self { access_token, token_type: "Bearer", expires_in: TOKEN_LASTS.as_secs(), refresh_token, user }
    }
}

/// This function. A second session is harmless, and tokens are not kept to be answered again.
pub fn function() -> Function {
    Function::http("sign-in", handle).public().repeatable()
}

pub(crate) async fn handle(users: Users, call: Call<SignIn>) -> Result<Created<SessionView>, Problem> {
    let SignIn { email, password } = &call.input;
    let attempt = users.throttle.sign_in(email, &call.caller.address, call.now()).await?;
    // Nobody's account is looked for as well, so that this takes as long for an unknown address.
    let holder = users.store.holder(email).await?.unwrap_or_else(|| uuid::Uuid::nil().into());
    let found = users.store.account(holder).await?;
    let verdict = users.hasher.verify(password, found.as_ref().map(|(account, _)| &account.password)).await?;
    let refused = || Problem::unauthenticated("The e-mail address or the password is wrong.");
    let (account, subject) = found.filter(|_| verdict != Verdict::Wrong).ok_or_else(refused)?;
    let token = RefreshToken::generate(call.new_id());
    let session = Session::begin(&token, account.id, false, call.now());
    let access_token = users.tokens.issue(account.id, &account.roles, session.id, &call.cause).await?;
    let view = SessionView::new(access_token, &token, UserView::of(&account, &subject)?, &users);
    let mut commit = users.store.table().commit(&call.cause).save(&session);
    if let Verdict::Outdated(hash) = verdict {
        commit = commit.save(&account.rehash(hash));
    }
    if let Some(wrong_ones) = &attempt.forget {
        commit = commit.delete(wrong_ones);
    }
    commit.run().await?;
    Ok(Created::new(view))
}
