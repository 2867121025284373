//! Create a guest, who can shop without an account and register later.

use garde::Validate;
use lambda::{Call, Created, Function, Problem, TOO_MANY_REQUESTS};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Users,
    refresh_token::RefreshToken,
    session::Session,
    tokens::Holder,
    view::{SessionView, UserView},
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CreateGuest {}

/// It has no idempotency key: a second guest is harmless, and tokens are not stored for a repeated reply.
pub fn function() -> Function {
    Function::http("create-guest", handle)
        .about(
            "Starts a session for a new guest, and returns an access token and a refresh token. A guest can fill \
             carts and place orders. To keep both, the guest registers with the access token as `guestToken`. The \
             number of guests that a network address can create in a minute is limited.",
        )
        .public()
        .problems(&[TOO_MANY_REQUESTS])
}

async fn handle(users: Users, call: Call<CreateGuest>) -> Result<Created<SessionView>, Problem> {
    users.throttle.guest(&call.caller.address, call.now()).await?;
    let guest = UserView::guest(call.new_id());
    let token = RefreshToken::generate(call.new_id());
    let session = Session::begin(&token, guest.id, true, call.now());
    let access_token = users.tokens.issue(Holder::guest(guest.id), session.id, &call.context).await?;
    users.store.table().commit(&call.context).save(&session).run().await?;
    Ok(Created::new(SessionView::new(access_token, &token, guest, &users)))
}
