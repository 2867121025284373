//! Tests of the operations, invoked like Lambda does, with the embedded store.

mod addresses;
mod customer_groups;
mod enumeration;
mod payment_methods;
mod profile;
mod registration;
mod roles;
mod sessions;
mod throttling;
mod tokens;

use contracts::{Role, UserId};
use emulators::Cloud;
use lambda::testing::{Answer, Harness, Request, user};
use serde_json::{Value, json};

use crate::operations::{
    authorize::function as authorize, create_guest::function as create_guest, register_user::function as register_user,
    sign_in::function as sign_in,
};

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "a long enough passphrase";

async fn harness() -> Harness {
    Harness::new(Cloud::memory().http_client()).await
}

/// A request without a token and without an idempotency key.
fn anonymous(path: &str, body: &Value) -> Request {
    Request::new("POST", path).header("idempotency-key", "").json(body)
}

async fn register(harness: &Harness, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password, "name": "Ada"});
    harness.call(register_user, anonymous("/v1/users", &body)).await
}

async fn attempt(harness: &Harness, email: &str, password: &str) -> Answer {
    let request = anonymous("/v1/sessions", &json!({"email": email, "password": password}));
    harness.call(sign_in, request.id("req-test")).await
}

async fn guest(harness: &Harness) -> Value {
    let answer = harness.call(create_guest, anonymous("/v1/guests", &json!({}))).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json
}

/// Registers and signs in.
async fn signed_in(harness: &Harness, email: &str) -> Value {
    assert_eq!(register(harness, email, PASSWORD).await.status, 201);
    let answer = attempt(harness, email, PASSWORD).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json
}

/// The user of a session.
fn id_of(session: &Value) -> UserId {
    session["user"]["id"].as_str().unwrap().parse().unwrap()
}

/// A customer with an account.
async fn customer(harness: &Harness) -> UserId {
    id_of(&signed_in(harness, ADA).await)
}

/// A request of a customer.
fn own(method: &str, path: &str, customer: UserId) -> Request {
    Request::new(method, path).from(customer, &[Role::Customer])
}

/// The authorizer's response to a token.
async fn context(harness: &Harness, token: &Value) -> Value {
    let header = format!("Bearer {}", token.as_str().unwrap());
    let answer = harness.invoke(authorize, &json!({"version": "2.0", "headers": {"authorization": header}})).await;
    answer.unwrap()["context"].clone()
}

/// All stored items, as one text.
async fn stored(harness: &Harness) -> String {
    let table = harness.env().table().unwrap();
    let items = table.client().scan().table_name(table.name()).send().await.unwrap().items.unwrap();
    format!("{items:?}")
}
