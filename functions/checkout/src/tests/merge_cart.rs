use super::*;
use crate::operations::merge_cart::function as merge_cart;

/// The number of the guest: the buyer before they signed in.
const GUEST: u128 = 2;

fn merge(by: u128, cart: &str, from: &str, claim: Option<&Value>) -> Request {
    let mut body = json!({"from": from});
    if let Some(claim) = claim {
        body["claim"] = claim.clone();
    }
    of_cart("POST", by, cart, "/merge").from(user(by), &[Role::Customer]).json(&body)
}

#[tokio::test]
async fn a_guests_cart_is_taken_over_at_sign_in_with_its_claim() {
    let harness = shop().await;
    let guests = filled_cart(&harness, GUEST, 2).await;
    let claim = view(&harness, GUEST, &guests).await["claim"].clone();
    let cart = new_cart(&harness, BUYER, "EUR").await;
    expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 1)).await;

    let request = merge(BUYER, &cart, &guests, Some(&claim));
    let merged = expect(200, &harness, merge_cart, request.clone()).await;
    assert_eq!(
        (&merged.json["lines"][0]["quantity"], &merged.json["shipping"]["option"]["id"]),
        (&json!(3), &json!("standard"))
    );
    assert_eq!(merged.json.get("claim"), None, "a customer's cart has no claim");
    let again = expect(200, &harness, merge_cart, request).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(view(&harness, BUYER, &cart).await["lines"][0]["quantity"], 3);
    assert_eq!(view(&harness, GUEST, &guests).await["status"], "merged");
    let twice = expect(409, &harness, merge_cart, merge(BUYER, &cart, &guests, Some(&claim))).await;
    assert_eq!(twice.problem(), "cart-closed");
}

#[tokio::test]
async fn nobody_takes_over_the_cart_of_another_without_its_claim() {
    let harness = shop().await;
    let guests = filled_cart(&harness, GUEST, 2).await;
    let other = new_cart(&harness, GUEST, "EUR").await;
    let cart = new_cart(&harness, BUYER, "EUR").await;
    let of_other = view(&harness, GUEST, &other).await["claim"].clone();
    for claim in [None, Some(&json!("forged")), Some(&of_other)] {
        expect(404, &harness, merge_cart, merge(BUYER, &cart, &guests, claim)).await;
    }
    let claim = view(&harness, GUEST, &guests).await["claim"].clone();
    expect(404, &harness, merge_cart, merge(3, &cart, &guests, Some(&claim))).await;
    assert_eq!(view(&harness, GUEST, &guests).await["lines"][0]["quantity"], 2);
}

#[tokio::test]
async fn carts_of_one_owner_need_no_claim() {
    let harness = shop().await;
    let (cart, from) = (new_cart(&harness, BUYER, "EUR").await, filled_cart(&harness, BUYER, 2).await);
    expect(200, &harness, merge_cart, merge(BUYER, &cart, &from, None)).await;
    let itself = expect(422, &harness, merge_cart, merge(BUYER, &cart, &cart, None)).await;
    assert_eq!(itself.pointers(), ["/from"]);
}
