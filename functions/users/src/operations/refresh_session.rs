//! Exchange a refresh token for a new access token and refresh token.

use garde::Validate;
use lambda::{Call, Created, Function, Problem, TOO_MANY_REQUESTS, UNAUTHENTICATED};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Users,
    refresh_token::RefreshToken,
    session::{Refreshed, Rejection},
    store::session_key,
    tokens::Holder,
    view::{SessionView, UserView},
};

/// The session's latest refresh token.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefreshSession {
    #[garde(length(max = 256))]
    refresh_token: String,
}

/// A retry needs no idempotency key: for ten seconds, the same token gets the same successor.
pub fn function() -> Function {
    Function::http("refresh-session", handle)
        .about(
            "A refresh token is replaced when it is used. If the reply was lost, send the same token again within \
             ten seconds: the reply then has the same new refresh token. If it is sent later, the session ends, \
             and the user must sign in again.",
        )
        .public()
        .problems(&[TOO_MANY_REQUESTS, UNAUTHENTICATED])
}

async fn handle(users: Users, call: Call<RefreshSession>) -> Result<Created<SessionView>, Problem> {
    let token = RefreshToken::read(&call.input.refresh_token, &users.digests).ok_or(Rejection::Ended)?;
    users.throttle.refresh(&call.caller.address, call.now()).await?;
    let session = users.store.session(token.session).await?.ok_or(Rejection::Ended)?;
    let found = users.store.account(session.user).await?;
    let (user, holder) = match (&found, session.guest) {
        (Some((account, subject)), false) => (UserView::of(account, subject)?, Holder::of(account)),
        (None, true) => (UserView::guest(session.user), Holder::guest(session.user)),
        // A guest's session was started without a password, so it does not prove who registered the account.
        (Some(_), true) | (None, false) => return Err(Rejection::Ended.into()),
    };
    let commit = users.store.table().commit(&call.context);
    let (session, successor) = match session.refresh(&token, &users.digests, call.now()) {
        Ok(Refreshed::Rotated(session, successor)) => {
            commit.save(&session).run().await?;
            (session, successor)
        }
        Ok(Refreshed::Again(session, successor)) => (session, successor),
        Err(Rejection::Reused) => {
            tracing::warn!(session = %token.session, "a spent refresh token was used again; the session is ended");
            commit.delete(&session_key(token.session)).run().await?;
            return Err(Rejection::Reused.into());
        }
        Err(rejection) => return Err(rejection.into()),
    };
    let access_token = users.tokens.issue(holder, session.id, &call.context).await?;
    Ok(Created::new(SessionView::new(access_token, &successor, user, &users)))
}
