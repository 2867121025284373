use futures::future::join_all;
use jiff::SignedDuration;

use super::*;
use crate::operations::{refresh_session::function as refresh_session, sign_out::function as sign_out};

async fn refresh(harness: &Harness, token: &Value) -> Answer {
    harness.call(refresh_session, anonymous("/v1/sessions/refresh", &json!({"refreshToken": token}))).await
}

/// Signs out with an access token, with the identity that the authorizer returns.
async fn end(harness: &Harness, access_token: &Value) -> u64 {
    let context = context(harness, access_token).await;
    let request = json!({
        "version": "2.0", "routeKey": "DELETE /v1/sessions/current", "rawPath": "/v1/sessions/current",
        "rawQueryString": "", "headers": {}, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "000000000000", "apiId": "test", "stage": "$default", "requestId": "req-test", "timeEpoch": 0,
            "http": {"method": "DELETE", "path": "/v1/sessions/current", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"},
            "authorizer": {"lambda": context},
        },
    });
    harness.invoke(sign_out, &request).await.unwrap()["statusCode"].as_u64().unwrap()
}

#[tokio::test]
async fn a_session_says_whose_it_is_and_how_long_its_token_holds() {
    let harness = harness().await;
    let session = signed_in(&harness, ADA).await;
    assert_eq!((&session["tokenType"], &session["expiresIn"]), (&json!("Bearer"), &json!(600)));
    let context = context(&harness, &session["accessToken"]).await;
    assert_eq!((&context["principal"], &context["roles"]), (&session["user"]["id"], &json!("customer")));
    assert!(context["session"].as_str().unwrap().starts_with("ses_"));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let harness = harness().await;
    register(&harness, ADA, PASSWORD).await;
    let wrong = attempt(&harness, ADA, "wrong wrong wrong").await;
    let unknown = attempt(&harness, "nobody@example.com", PASSWORD).await;
    assert_eq!((wrong.status, wrong.problem()), (401, "unauthenticated"));
    assert_eq!((unknown.status, &unknown.json), (401, &wrong.json));
}

#[tokio::test]
async fn a_guest_has_a_session_too() {
    let harness = harness().await;
    let session = guest(&harness).await;
    assert_eq!(context(&harness, &session["accessToken"]).await["roles"], "guest");
    assert_eq!(session["user"]["email"], Value::Null);
    let fresh = refresh(&harness, &session["refreshToken"]).await;
    assert_eq!((fresh.status, &fresh.json["user"]), (201, &session["user"]));
}

#[tokio::test]
async fn a_refresh_token_buys_its_successor() {
    let harness = harness().await;
    let session = signed_in(&harness, ADA).await;
    let fresh = refresh(&harness, &session["refreshToken"]).await;
    assert_eq!(fresh.status, 201, "{fresh:?}");
    assert_ne!(fresh.json["refreshToken"], session["refreshToken"]);
    assert_eq!(fresh.json["user"], session["user"]);
    assert_eq!(context(&harness, &fresh.json["accessToken"]).await["principal"], session["user"]["id"]);
    assert_eq!(refresh(&harness, &fresh.json["refreshToken"]).await.status, 201);
}

#[tokio::test]
async fn retries_get_the_same_successor_even_at_once() {
    let harness = harness().await;
    let session = signed_in(&harness, ADA).await;
    let answers = join_all((0..5).map(|_| refresh(&harness, &session["refreshToken"]))).await;
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    assert!(answers.iter().all(|answer| answer.json["refreshToken"] == answers[0].json["refreshToken"]));
    assert_eq!(refresh(&harness, &answers[0].json["refreshToken"]).await.status, 201);
}

#[tokio::test]
async fn a_spent_token_ends_the_whole_session() {
    let harness = harness().await;
    let session = signed_in(&harness, ADA).await;
    let fresh = refresh(&harness, &session["refreshToken"]).await.json;
    harness.advance(SignedDuration::from_secs(11));
    assert_eq!(refresh(&harness, &session["refreshToken"]).await.status, 401);
    assert_eq!(refresh(&harness, &fresh["refreshToken"]).await.status, 401, "the thief's or the owner's: both");
}

#[tokio::test]
async fn a_guess_ends_nobodys_session() {
    let harness = harness().await;
    let session = signed_in(&harness, ADA).await;
    let good = session["refreshToken"].as_str().unwrap();
    // The first part is the session's id, which is known from the access token. The rest is a guess.
    let guess = format!("{}{}", &good[..24], "A".repeat(good.len() - 24));
    for token in ["", "nonsense", &guess] {
        assert_eq!(refresh(&harness, &json!(token)).await.status, 401);
    }
    assert_eq!(refresh(&harness, &session["refreshToken"]).await.status, 201);
}

#[tokio::test]
async fn only_hashes_of_refresh_tokens_are_stored() {
    let harness = harness().await;
    let session = signed_in(&harness, ADA).await;
    let fresh = refresh(&harness, &session["refreshToken"]).await.json;
    let stored = stored(&harness).await;
    for token in [&session["refreshToken"], &fresh["refreshToken"]] {
        assert!(!stored.contains(&token.as_str().unwrap()[30..60]));
    }
}

#[tokio::test]
async fn nothing_refreshes_a_session_that_was_signed_out_of() {
    let harness = harness().await;
    let (session, other) = (signed_in(&harness, ADA).await, attempt(&harness, ADA, PASSWORD).await.json);
    assert_eq!(end(&harness, &session["accessToken"]).await, 204);
    assert_eq!(refresh(&harness, &session["refreshToken"]).await.status, 401);
    assert_eq!(end(&harness, &session["accessToken"]).await, 204, "again is as good as once");
    assert_eq!(refresh(&harness, &other["refreshToken"]).await.status, 201, "other devices stay signed in");
    assert_eq!(end(&harness, &json!("nonsense")).await, 401);
}

#[tokio::test]
async fn a_session_ends_after_thirty_days() {
    let harness = harness().await;
    let session = signed_in(&harness, ADA).await;
    harness.advance(SignedDuration::from_hours(30 * 24));
    assert_eq!(refresh(&harness, &session["refreshToken"]).await.status, 401);
}

#[tokio::test]
async fn a_guests_session_ends_when_the_guest_has_an_account() {
    let harness = harness().await;
    let session = guest(&harness).await;
    let body = json!({"email": ADA, "password": PASSWORD, "name": "Ada", "guestToken": session["accessToken"]});
    harness.call(register_user, anonymous("/v1/users", &body)).await;
    let ended = refresh(&harness, &session["refreshToken"]).await;
    assert_eq!((ended.status, ended.problem()), (401, "unauthenticated"), "whoever holds its token knows no password");
    let customer = attempt(&harness, ADA, PASSWORD).await.json;
    assert_eq!(customer["user"]["id"], session["user"]["id"]);
    assert_eq!(refresh(&harness, &customer["refreshToken"]).await.status, 201);
}
