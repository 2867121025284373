//! An access token: only one that was issued says who calls.

use lambda::testing::Request;
use serde_json::json;

use users::operations::{authorize::function as authorize, create_guest::function as create_guest};

use crate::{Service, near};

thread_local! {
    /// The users, and the token of one.
    static USERS: (Service, String) = {
        let users = Service::open();
        let request = Request::new("POST", "/v1/guests").json(&json!({}));
        let guest = users.run(users.harness.call(create_guest, request)).json;
        let token = guest["accessToken"].as_str().map(str::to_owned);
        (users, token.expect("a guest has a token"))
    };
}

/// Shows a token near one that holds.
pub fn token(bytes: &[u8]) {
    USERS.with(|(users, known)| {
        let token = near(known, bytes);
        let event = json!({"headers": {"authorization": format!("Bearer {token}")}});
        let answer = users.run(users.harness.invoke(authorize, &event)).expect("the authorizer always answers");
        let accepted = answer["context"]["principal"].is_string();
        assert_eq!(accepted, token.trim() == known, "{answer} for {token}");
    });
}
