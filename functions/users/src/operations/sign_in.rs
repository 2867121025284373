//! Sign in with e-mail address and password.

use garde::Validate;
use lambda::{Call, Created, Function, Problem, TOO_MANY_REQUESTS, UNAUTHENTICATED};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Users,
    email::Email,
    password::{Password, Verdict},
    refresh_token::RefreshToken,
    session::Session,
    tokens::Holder,
    view::{SessionView, UserView},
};

/// The credentials of an account.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignIn {
    #[garde(skip)]
    email: Email,
    #[garde(dive)]
    password: Password,
}

/// It has no idempotency key: a second session is harmless, and tokens are not stored for a repeated reply.
pub fn function() -> Function {
    Function::http("sign-in", handle)
        .about(
            "Starts a session of 30 days. Returns an access token, which is valid for ten minutes, and a refresh \
             token. The reply does not tell whether the e-mail address or the password is wrong. After too many \
             wrong passwords, attempts are limited (429).",
        )
        .public()
        .problems(&[TOO_MANY_REQUESTS, UNAUTHENTICATED])
}

pub(crate) async fn handle(users: Users, call: Call<SignIn>) -> Result<Created<SessionView>, Problem> {
    let SignIn { email, password } = &call.input;
    let attempt = users.throttle.sign_in(email, &call.caller.address, call.now()).await?;
    // For an unknown address, an account that does not exist is loaded, so that the request takes the same time.
    let holder = users.store.holder(email).await?.unwrap_or_else(|| uuid::Uuid::nil().into());
    let found = users.store.account(holder).await?;
    let verdict = users.hasher.verify(password, found.as_ref().map(|(account, _)| &account.password)).await?;
    let refused = || Problem::unauthenticated("The e-mail address or the password is wrong.");
    let (account, subject) = found.filter(|_| verdict != Verdict::Wrong).ok_or_else(refused)?;
    let token = RefreshToken::generate(call.new_id());
    let session = Session::begin(&token, account.id, false, call.now());
    let access_token = users.tokens.issue(Holder::of(&account), session.id, &call.context).await?;
    let view = SessionView::new(access_token, &token, UserView::of(&account, &subject)?, &users);
    let mut commit = users.store.table().commit(&call.context).save(&session);
    if let Verdict::Outdated(hash) = verdict {
        commit = commit.save(&account.rehash(hash));
    }
    for wrong_ones in &attempt.forget {
        commit = commit.delete(wrong_ones);
    }
    commit.run().await?;
    Ok(Created::new(view))
}
