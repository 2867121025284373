use futures::future::join_all;
use jiff::SignedDuration;

use super::*;
use crate::{
    Users,
    operations::{get_jwks::function as get_jwks, rotate_signing_key::function as rotate_signing_key},
    tokens::Holder,
};

async fn jwks(harness: &Harness) -> Vec<Value> {
    let answer = harness.call(get_jwks, Request::new("GET", "/.well-known/jwks.json")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json["keys"].as_array().unwrap().clone()
}

async fn refused(harness: &Harness, token: &str) -> bool {
    context(harness, &json!(token)).await["refused"].is_string()
}

#[tokio::test]
async fn the_first_key_is_made_once_whoever_comes_first() {
    let harness = harness().await;
    assert_eq!(jwks(&harness).await, [] as [Value; 0]);
    let guests = join_all((0..8).map(|_| guest(&harness))).await;
    for session in guests {
        assert_eq!(context(&harness, &session["accessToken"]).await["principal"], session["user"]["id"]);
    }
    assert_eq!(harness.event_names().await, ["SigningKeyPublished.v1"]);
    assert_eq!(jwks(&harness).await.len(), 1);
}

#[tokio::test]
async fn keys_are_published_without_their_private_part() {
    let harness = harness().await;
    harness.tick(rotate_signing_key).await;
    let key = jwks(&harness).await.remove(0);
    let fields: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["alg", "crv", "kid", "kty", "use", "x"]);
    assert_eq!((&key["alg"], &key["crv"]), (&json!("EdDSA"), &json!("Ed25519")));
    assert!(!stored(&harness).await.contains("pkcs8"));
}

#[tokio::test]
async fn a_key_is_rotated_after_a_week_and_verifies_until_its_last_token_has_expired() {
    let harness = harness().await;
    harness.tick(rotate_signing_key).await;
    harness.tick(rotate_signing_key).await;
    assert_eq!(jwks(&harness).await.len(), 1, "a young key stays");
    harness.advance(SignedDuration::from_hours(7 * 24));
    harness.tick(rotate_signing_key).await;
    assert_eq!(jwks(&harness).await.len(), 2, "the successor is published first");

    let header = |session: &Value| session["accessToken"].as_str().unwrap().split('.').next().unwrap().to_owned();
    harness.advance(SignedDuration::from_mins(59));
    let old = guest(&harness).await;
    harness.advance(SignedDuration::from_mins(1));
    let new = guest(&harness).await;
    assert_ne!(header(&old), header(&new));
    harness.advance(SignedDuration::from_mins(8));
    assert!(!refused(&harness, old["accessToken"].as_str().unwrap()).await);
    harness.advance(SignedDuration::from_mins(3));
    assert_eq!(jwks(&harness).await.len(), 1);
}

#[tokio::test]
async fn a_token_holds_for_ten_minutes() {
    let harness = harness().await;
    let session = guest(&harness).await;
    let token = session["accessToken"].as_str().unwrap();
    harness.advance(SignedDuration::from_secs(599));
    assert!(!refused(&harness, token).await);
    harness.advance(SignedDuration::from_secs(1));
    assert!(refused(&harness, token).await);
}

#[tokio::test]
async fn a_token_that_was_changed_or_made_elsewhere_does_not_hold() {
    let harness = harness().await;
    let session = guest(&harness).await;
    let token = session["accessToken"].as_str().unwrap();
    let parts: Vec<_> = token.split('.').collect();
    let unsigned = format!("{}.{}.", parts[0], parts[1]);
    let swapped = format!("{}.{}.{}", parts[0], parts[0], parts[2]);
    for forged in ["", "nonsense", "a.b.c", &unsigned, &swapped, session["refreshToken"].as_str().unwrap()] {
        assert!(refused(&harness, forged).await, "{forged}");
    }
    let other_stage = harness.clone().with_variable("STAGE", "other");
    assert!(refused(&other_stage, token).await, "another stage with the same keys");
    let without = harness.invoke(authorize, &json!({"version": "2.0", "headers": {}})).await.unwrap();
    assert!(without["context"]["refused"].is_string());
}

#[tokio::test]
async fn a_token_is_verified_without_the_store_while_the_keys_are_at_hand() {
    let harness = harness().await;
    let (users, context) = (harness.service::<Users>(), harness.context());
    let token = users.tokens.issue(Holder::guest(user(1)), uuid::Uuid::nil().into(), &context).await.unwrap();
    users.store.table().commit(&context).delete(&lambda::keyring::key()).run().await.unwrap();
    let verify = async || users.tokens.verify(&token, harness.now()).await.map(|identity| identity.id);
    assert_eq!(verify().await.ok(), Some(user(1)));
    harness.advance(SignedDuration::from_mins(5));
    assert_eq!(verify().await.ok(), None, "a copy is not kept for ever");
}

#[tokio::test]
async fn an_unknown_key_is_looked_up_but_not_each_time() {
    let harness = harness().await;
    let verifier = harness.service::<Users>();
    let issue = async || {
        let (issuer, session) = (harness.service::<Users>(), uuid::Uuid::nil().into());
        issuer.tokens.issue(Holder::guest(user(1)), session, &harness.context()).await.unwrap()
    };
    let first = issue().await;
    assert!(verifier.tokens.verify(&first, harness.now()).await.is_ok());

    // The schedule has failed for a month. The next sign-in makes a key that signs at once.
    harness.advance(SignedDuration::from_hours(30 * 24));
    assert!(verifier.tokens.verify(&first, harness.now()).await.is_err());
    let second = issue().await;
    assert!(verifier.tokens.verify(&second, harness.now()).await.is_err(), "it has read them just now");
    harness.advance(SignedDuration::from_secs(1));
    assert!(verifier.tokens.verify(&second, harness.now()).await.is_ok());
}
