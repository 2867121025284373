//! A caller cannot find out which e-mail addresses have accounts, neither from a reply nor from its time.

use std::sync::atomic::Ordering;

use lambda::{Call, Caller, Input};

use super::*;
use crate::{
    Users,
    operations::{list_users::function as list_users, register_user, sign_in},
};

/// Another address of the same length as Ada's.
const EVE: &str = "eve@example.com";

fn call<I: Input>(harness: &Harness, input: Value) -> Call<I> {
    let caller = Caller { address: "192.0.2.1".to_owned(), ..Caller::default() };
    Call::new(I::from_json(input).unwrap(), caller, harness.context())
}

/// The number of password hashes during a request.
async fn hashes(users: &Users, work: impl Future<Output = u16>) -> (usize, u16) {
    let before = users.hasher.runs.load(Ordering::Relaxed);
    let status = work.await;
    (users.hasher.runs.load(Ordering::Relaxed) - before, status)
}

#[tokio::test]
async fn known_and_unknown_addresses_take_the_same_work() {
    let harness = harness().await;
    let users = harness.service::<Users>();
    let register = async |email: &str| {
        let input = json!({"email": email, "password": PASSWORD, "name": "Ada"});
        let answer = Box::pin(register_user::handle(users.clone(), call(&harness, input))).await;
        answer.map_or_else(|problem| problem.status(), |_| 201)
    };
    let sign_in = async |email: &str, password: &str| {
        let input = json!({"email": email, "password": password});
        let answer = Box::pin(sign_in::handle(users.clone(), call(&harness, input))).await;
        answer.map_or_else(|problem| problem.status(), |_| 201)
    };
    assert_eq!(hashes(&users, register(ADA)).await, (1, 201), "free");
    assert_eq!(hashes(&users, register(ADA)).await, (1, 201), "taken");
    assert_eq!(hashes(&users, sign_in(ADA, PASSWORD)).await, (1, 201), "right");
    assert_eq!(hashes(&users, sign_in(ADA, "wrong wrong wrong")).await, (1, 401), "wrong");
    assert_eq!(hashes(&users, sign_in(EVE, "wrong wrong wrong")).await, (1, 401), "unknown");
}

#[tokio::test]
async fn an_address_that_is_tried_too_often_is_refused_whether_or_not_it_has_an_account() {
    let harness = harness().await;
    register(&harness, ADA, PASSWORD).await;
    let users = harness.service::<Users>();
    let mut refusals = Vec::new();
    for email in [ADA, EVE] {
        let parsed = email.parse().unwrap();
        let mut let_through = 0;
        while users.throttle.sign_in(&parsed, "192.0.2.1", harness.now()).await.is_ok() {
            let_through += 1;
        }
        let answer = attempt(&harness, email, PASSWORD).await;
        assert_eq!((let_through, answer.status), (20, 429));
        assert!(answer.headers.contains_key("retry-after"));
        refusals.push((answer.headers, answer.json));
    }
    assert_eq!(refusals[0], refusals[1]);
}

#[tokio::test]
async fn only_support_can_ask_for_the_account_of_an_address() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    for role in [Role::Guest, Role::Customer, Role::Merchant, Role::Courier] {
        let mut refusals = Vec::new();
        for email in [ADA, EVE] {
            let request = Request::new("GET", "/v1/users").from(ada, &[role]).query("email", email).id("req-test");
            let answer = harness.call(list_users, request).await;
            refusals.push((answer.status, answer.json));
        }
        assert_eq!(refusals[0].0, 403, "{role}");
        assert_eq!(refusals[0], refusals[1], "{role}");
    }
    let anonymous = Request::new("GET", "/v1/users").query("email", ADA);
    assert_eq!(harness.call(list_users, anonymous).await.status, 401);
}
