//! Publish a new signing key for access tokens when the current one is a week old.

use lambda::{Function, Problem, Tick};

use crate::Users;

pub fn function() -> Function {
    Function::schedule("rotate-signing-key", handle)
}

async fn handle(users: Users, tick: Tick) -> Result<(), Problem> {
    users.tokens.rotate(&tick.context).await.map(drop)
}
