//! Sessions over HTTP, as a thief of tokens and somebody who wants to know who has an account would use them.

use futures::future::{join, join_all};
use local::{Answer, Client, shopper::made};
use serde_json::{Value, json};

use crate::shop::anyone;

const PASSWORD: &str = "a long enough passphrase";

fn fresh_email() -> String {
    format!("{}@example.com", uuid::Uuid::new_v4().simple())
}

async fn register(email: &str) -> Answer {
    anyone().post("/v1/users", &json!({"email": email, "password": PASSWORD, "name": "Ada"})).await.unwrap()
}

async fn sign_in(email: &str, password: &str) -> Answer {
    anyone().post("/v1/sessions", &json!({"email": email, "password": password})).await.unwrap()
}

async fn refresh(token: &Value) -> Answer {
    anyone().post("/v1/sessions/refresh", &json!({"refreshToken": token})).await.unwrap()
}

async fn sign_out(client: &Client) -> u16 {
    client.send("DELETE", "/v1/sessions/current", &[], Vec::new()).await.unwrap().status
}

/// A new account's session.
async fn session() -> Value {
    let email = fresh_email();
    assert_eq!(register(&email).await.status, 201);
    made(sign_in(&email, PASSWORD).await).unwrap()
}

/// All that an answer tells but for what names the one request: its time and its id.
fn told(answer: &Answer) -> (u16, Vec<(String, String)>, Value) {
    let headers = answer.headers.iter().filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let mut body = answer.json();
    for name in ["requestId", "email"] {
        body.as_object_mut().and_then(|body| body.remove(name));
    }
    (answer.status, headers.collect(), body)
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let (known, unknown) = (fresh_email(), fresh_email());
    let first = register(&known).await;
    assert_eq!(told(&register(&known).await), told(&first), "taken or free");
    let (wrong, nobody) = (sign_in(&known, "wrong wrong wrong").await, sign_in(&unknown, "wrong wrong wrong").await);
    assert_eq!(wrong.status, 401);
    assert_eq!(told(&wrong), told(&nobody), "wrong or unknown");
    let malformed = sign_in(&known, &"x".repeat(129)).await;
    assert_eq!(told(&malformed), told(&sign_in(&unknown, &"x".repeat(129)).await));
}

#[tokio::test]
async fn a_token_refreshed_by_many_at_once_has_one_successor() {
    let session = session().await;
    let answers = join_all((0..10).map(|_| refresh(&session["refreshToken"]))).await;
    let successors: Vec<_> = answers.into_iter().map(|answer| made(answer).unwrap()["refreshToken"].clone()).collect();
    assert!(successors.iter().all(|token| *token == successors[0]), "a lost answer costs nothing");
    assert_eq!(refresh(&successors[0]).await.status, 201);
}

#[tokio::test]
async fn a_spent_token_ends_the_session_of_thief_and_owner() {
    let stolen = session().await["refreshToken"].clone();
    let owners = made(refresh(&stolen).await).unwrap();
    let owners = made(refresh(&owners["refreshToken"]).await).unwrap();
    // Two have come after it: this is no retry, however soon it comes.
    let reused = refresh(&stolen).await;
    assert_eq!((reused.status, reused.header("content-type")), (401, Some("application/problem+json")));
    assert_eq!(refresh(&owners["refreshToken"]).await.status, 401, "nobody can tell who is who");
}

#[tokio::test]
async fn a_session_that_is_signed_out_of_is_over_whatever_comes_at_once() {
    for _ in 0..10 {
        let session = session().await;
        let me = anyone().with_token(session["accessToken"].as_str().unwrap());
        let (refreshed, signed_out) = join(refresh(&session["refreshToken"]), sign_out(&me)).await;
        assert_eq!(signed_out, 204);
        let successor = refreshed.json()["refreshToken"].clone();
        for token in [&session["refreshToken"], &successor].into_iter().filter(|token| token.is_string()) {
            assert_eq!(refresh(token).await.status, 401);
        }
        assert_eq!(sign_out(&me).await, 204, "again is as good as once");
    }
}

#[tokio::test]
async fn a_token_of_one_kind_is_none_of_another() {
    let session = session().await;
    assert_eq!(refresh(&session["accessToken"]).await.status, 422, "longer than any refresh token");
    let refresh_token = session["refreshToken"].as_str().unwrap();
    assert_eq!(anyone().with_token(refresh_token).get("/v1/me").await.unwrap().status, 401);
    let other = self::session().await["refreshToken"].clone();
    // Head of one session, tail of another.
    let spliced = format!("{}{}", &refresh_token[..24], &other.as_str().unwrap()[24..]);
    assert_eq!(refresh(&json!(spliced)).await.status, 401);
    for token in [&session["refreshToken"], &other] {
        assert_eq!(refresh(token).await.status, 201, "a guess ends nobody's session");
    }
}
