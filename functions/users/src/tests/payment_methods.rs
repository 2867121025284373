use super::*;
use crate::operations::{
    add_payment_method::function as add_payment_method, list_payment_methods::function as list_payment_methods,
    remove_payment_method::function as remove_payment_method,
};

fn addition(owner: UserId, reference: &str) -> Request {
    let body = json!({"reference": reference, "brand": "visa", "last4": "4242"});
    own("POST", "/v1/me/payment-methods", owner).json(&body)
}

fn removal(owner: UserId, id: &str) -> Request {
    own("DELETE", &format!("/v1/me/payment-methods/{id}"), owner).parameter("paymentMethodId", id)
}

async fn listed(harness: &Harness, owner: UserId) -> Vec<Value> {
    let answer = harness.call(list_payment_methods, own("GET", "/v1/me/payment-methods", owner)).await;
    answer.json["items"].as_array().unwrap_or_else(|| panic!("{answer:?}")).clone()
}

#[tokio::test]
async fn payment_methods_are_added_and_removed() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let request = addition(ada, "pm_card_visa");
    let card = harness.call(add_payment_method, request.clone()).await;
    assert_eq!((card.status, &card.json["reference"]), (201, &json!("pm_card_visa")));
    assert_eq!(harness.call(add_payment_method, request).await.headers["idempotency-replayed"], "true");
    assert_eq!(listed(&harness, ada).await, std::slice::from_ref(&card.json));
    let id = card.json["id"].as_str().unwrap();
    assert_eq!(harness.call(remove_payment_method, removal(ada, id)).await.status, 204);
    assert_eq!(listed(&harness, ada).await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_payment_method_that_is_absent_counts_as_removed() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let never = "pmt_0000000000000000000000000000002a";
    assert_eq!(harness.call(remove_payment_method, removal(ada, never)).await.status, 204);
    let card = harness.call(add_payment_method, addition(ada, "pm_card_visa")).await;
    let id = card.json["id"].as_str().unwrap();
    assert_eq!(harness.call(remove_payment_method, removal(ada, id)).await.status, 204);
    let events = harness.event_names().await;
    assert_eq!(harness.call(remove_payment_method, removal(ada, id)).await.status, 204);
    assert_eq!(harness.event_names().await, events, "nothing happens the second time");
    let guest = removal(user(9), id).from(user(9), &[Role::Guest]);
    assert_eq!(harness.call(remove_payment_method, guest).await.status, 403, "a guest has no payment methods");
}

#[tokio::test]
async fn card_numbers_are_refused() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    for reference in ["4242424242424242", "pm_4242424242424242"] {
        let answer = harness.call(add_payment_method, addition(ada, reference)).await;
        assert_eq!(answer.status, 422);
        assert!(answer.pointers().contains(&"/reference"), "{answer:?}");
    }
    let surplus = json!({"reference": "pm_card_visa", "number": "4242424242424242"});
    let answer = harness.call(add_payment_method, own("POST", "/v1/me/payment-methods", ada).json(&surplus)).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/number"]));
}

#[tokio::test]
async fn payment_methods_come_in_pages() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let references = ["pm_1", "pm_2", "pm_3", "pm_4", "pm_5"];
    for reference in references {
        assert_eq!(harness.call(add_payment_method, addition(ada, reference)).await.status, 201);
    }
    let own_list = |of| own("GET", "/v1/me/payment-methods", of);
    let listed = harness.paged(list_payment_methods, &own_list(ada)).await;
    assert_eq!(listed.iter().map(|item| item["reference"].as_str().unwrap()).collect::<Vec<_>>(), references);
    let first = harness.call(list_payment_methods, own_list(ada).query("limit", 2)).await;
    let eve = id_of(&signed_in(&harness, "eve@example.com").await);
    let foreign = own_list(eve).query("cursor", first.json["nextCursor"].as_str().unwrap());
    assert_eq!(harness.call(list_payment_methods, foreign).await.problem(), "invalid-cursor");
}

#[tokio::test]
async fn nobody_reaches_the_payment_method_of_another() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let eve = id_of(&signed_in(&harness, "eve@example.com").await);
    let card = harness.call(add_payment_method, addition(ada, "pm_card_visa")).await;
    assert_eq!(listed(&harness, eve).await, [] as [Value; 0]);
    let theirs = removal(eve, card.json["id"].as_str().unwrap());
    // It is not one of Eve's payment methods, and Ada still has it.
    assert_eq!(harness.call(remove_payment_method, theirs).await.status, 204);
    assert_eq!(listed(&harness, ada).await, std::slice::from_ref(&card.json));
    let guest = addition(user(9), "pm_card_visa").from(user(9), &[Role::Guest]);
    assert_eq!(harness.call(add_payment_method, guest).await.status, 403);
    assert_eq!(harness.call(list_payment_methods, Request::new("GET", "/v1/me/payment-methods")).await.status, 401);
}
