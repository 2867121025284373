//! Verify an access token and identify its caller. No session is looked up: a token holds until it expires.

use lambda::{Credentials, Function, Identity, Problem};

use crate::Users;

pub fn function() -> Function {
    Function::authorizer("authorize", handle)
}

async fn handle(users: Users, credentials: Credentials) -> Result<Identity, Problem> {
    let token = credentials.token.ok_or_else(|| Problem::unauthenticated("Send Authorization: Bearer and a token."))?;
    users.tokens.verify(&token, credentials.now).await
}
