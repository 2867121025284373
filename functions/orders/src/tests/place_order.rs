use contracts::{CartId, events::checkout::CartMerged};
use futures::future::join_all;

use super::*;
use crate::operations::close_merged_cart::function as close_merged_cart;

#[tokio::test]
async fn a_signed_quote_becomes_an_order() {
    let shop = shop().await;
    let answer = shop.harness.call(place_order, placing(&shop.signed(&quote(1)))).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.json["id"].as_str().unwrap();
    assert_eq!(answer.headers["location"], format!("/v1/orders/{id}"));
    assert_eq!(answer.json["status"], "placed");
    assert_eq!(answer.json["waitingFor"]["what"], "stock");
    assert_eq!(answer.json["totals"]["total"], json!({"amount": 2900, "currency": "EUR"}));
    assert_eq!(shop.order(id.parse().unwrap()).await.json, answer.json);
    assert_eq!(shop.harness.event_names().await, ["OrderPlaced.v1"]);
}

#[tokio::test]
async fn neither_address_nor_payment_method_stands_in_an_event() {
    let shop = shop().await;
    shop.placed(1).await;
    let event = &shop.harness.events().await[0].detail;
    assert!(["James", "London", "SW1Y", "visa"].iter().all(|secret| !event.contains(secret)), "{event}");
}

#[tokio::test]
async fn a_quote_becomes_one_order_however_often_it_is_placed() {
    let shop = shop().await;
    let token = shop.signed(&quote(1));
    let answers = join_all((0..20).map(|_| shop.harness.call(place_order, placing(&token)))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    let refused = answers.iter().filter(|answer| answer.problem() == "quote-already-used");
    assert_eq!(refused.count(), 19);
    assert_eq!(shop.harness.event_names().await, ["OrderPlaced.v1"]);
}

#[tokio::test]
async fn a_generation_of_a_cart_becomes_one_order_whatever_quote_is_used() {
    let shop = shop().await;
    let of_cart = |number, generation| Quote { cart: Uuid::from_u128(7).into(), generation, ..quote(number) };
    let tokens: Vec<_> = (1..=5).map(|number| shop.signed(&of_cart(number, 0))).collect();
    let answers = join_all(tokens.iter().map(|token| shop.harness.call(place_order, placing(token)))).await;
    let placed: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    let [placed] = placed[..] else { panic!("{answers:?}") };
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 409).collect();
    assert_eq!(refused.len(), 4);
    for answer in refused {
        assert_eq!(answer.problem(), "cart-already-ordered");
        let order = placed.json["id"].as_str().unwrap();
        assert!(answer.json["detail"].as_str().unwrap().contains(order), "{answer:?}");
    }
    assert_eq!(shop.harness.event_names().await, ["OrderPlaced.v1"]);
    let next = shop.signed(&of_cart(6, 1));
    assert_eq!(shop.harness.call(place_order, placing(&next)).await.status, 201, "the next generation");
}

#[tokio::test]
async fn the_answers_to_a_used_cart_have_an_order() {
    let shop = shop().await;
    let of_cart = |number| Quote { cart: Uuid::from_u128(7).into(), ..quote(number) };
    let (one, other) = (shop.signed(&of_cart(1)), shop.signed(&of_cart(2)));
    let with_key = |token: &str| placing(token).header("idempotency-key", "mine");
    assert_eq!(shop.harness.call(place_order, with_key(&one)).await.status, 201);
    let replay = shop.harness.call(place_order, with_key(&one)).await;
    assert_eq!((replay.status, replay.headers["idempotency-replayed"].as_str()), (201, "true"));
    assert_eq!(shop.harness.call(place_order, with_key(&other)).await.problem(), "idempotency-key-reused");
    assert_eq!(shop.harness.call(place_order, placing(&one)).await.problem(), "quote-already-used");
    assert_eq!(shop.harness.call(place_order, placing(&other)).await.problem(), "cart-already-ordered");
}

#[tokio::test]
async fn the_quotes_of_a_merged_cart_are_refused_once_orders_knows() {
    let shop = shop().await;
    let [cart, into] = [7, 8].map(|number| CartId::from(Uuid::from_u128(number)));
    let of_cart = |number, generation| Quote { cart, generation, ..quote(number) };
    assert_eq!(shop.harness.call(place_order, placing(&shop.signed(&of_cart(1, 0)))).await.status, 201);
    let merged = shop.harness.envelope("cart#1", 3, CartMerged { cart, generation: 1, into });
    shop.harness.deliver(close_merged_cart, &merged).await.unwrap();
    shop.harness.deliver(close_merged_cart, &merged).await.unwrap();
    let refused = shop.harness.call(place_order, placing(&shop.signed(&of_cart(2, 1)))).await;
    assert_eq!((refused.status, refused.problem()), (409, "cart-closed"));
    assert!(refused.json["detail"].as_str().unwrap().contains(&into.to_string()), "{refused:?}");
}

#[tokio::test]
async fn a_merge_that_arrives_after_the_order_changes_nothing() {
    let shop = shop().await;
    let [cart, into] = [7, 8].map(|number| CartId::from(Uuid::from_u128(number)));
    let token = shop.signed(&Quote { cart, ..quote(1) });
    assert_eq!(shop.harness.call(place_order, placing(&token)).await.status, 201);
    shop.harness.consume(close_merged_cart, CartMerged { cart, generation: 0, into }).await.unwrap();
    assert_eq!(shop.harness.call(place_order, placing(&token)).await.problem(), "quote-already-used");
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer_and_another_body_none() {
    let shop = shop().await;
    let request = placing(&shop.signed(&quote(1))).header("idempotency-key", "mine");
    let first = shop.harness.call(place_order, request.clone()).await;
    let again = shop.harness.call(place_order, request.clone()).await;
    assert_eq!((again.status, &again.json), (201, &first.json));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let other = placing(&shop.signed(&quote(2))).header("idempotency-key", "mine");
    assert_eq!(shop.harness.call(place_order, other).await.problem(), "idempotency-key-reused");
    let without = placing(&shop.signed(&quote(3))).header("idempotency-key", "");
    assert_eq!(shop.harness.call(place_order, without).await.status, 400);
}

#[tokio::test]
async fn a_key_that_placed_an_order_is_refused_for_another_and_a_day_later_altogether() {
    let shop = shop().await;
    let request = placing(&shop.signed(&quote(1))).header("idempotency-key", "mine");
    assert_eq!(shop.harness.call(place_order, request).await.status, 201);
    shop.harness.advance(SignedDuration::from_hours(23));
    let later = Quote { exp: START.as_second() + 40 * 3600, ..quote(2) };
    let request = placing(&shop.signed(&later)).header("idempotency-key", "mine");
    assert_eq!(shop.harness.call(place_order, request.clone()).await.status, 422);
    shop.harness.advance(SignedDuration::from_mins(59));
    assert_eq!(shop.harness.call(place_order, request.clone()).await.problem(), "idempotency-key-reused");
    shop.harness.advance(SignedDuration::from_mins(1));
    assert_eq!(shop.harness.call(place_order, request).await.problem(), "idempotency-key-expired");
}

#[tokio::test]
async fn a_quote_that_was_forged_expired_or_made_for_another_is_refused() {
    let shop = shop().await;
    let stranger = SigningKey::generate().sign(&quote(1), "test").unwrap();
    assert_eq!(shop.harness.call(place_order, placing(&stranger)).await.problem(), "invalid-quote");
    assert_eq!(shop.harness.call(place_order, placing("nonsense")).await.problem(), "invalid-quote");
    let theirs = shop.signed(&Quote { sub: user(2), ..quote(1) });
    assert_eq!(shop.harness.call(place_order, placing(&theirs)).await.problem(), "invalid-quote");
    let token = shop.signed(&quote(1));
    let elsewhere = shop.harness.clone().with_variable("STAGE", "other");
    assert_eq!(elsewhere.call(place_order, placing(&token)).await.problem(), "invalid-quote", "the keys are the same");
    let early = shop.signed(&Quote { iat: START.as_second() + 60, ..quote(1) });
    assert_eq!(shop.harness.call(place_order, placing(&early)).await.problem(), "invalid-quote");
    shop.harness.advance(SignedDuration::from_mins(15));
    assert_eq!(shop.harness.call(place_order, placing(&token)).await.problem(), "quote-expired");
}

#[tokio::test]
async fn a_key_that_has_expired_is_not_kept() {
    let shop = shop().await;
    for (kid, expires_at) in [("old", START), ("new", START + SignedDuration::from_secs(1))] {
        let published = QuoteKeyPublished { kid: kid.to_owned(), x: shop.key.x.clone(), expires_at };
        shop.harness.consume(project_quote_key, published).await.unwrap();
    }
    let table = shop.harness.env().table().unwrap();
    let kept = async |kid| table.get::<serde_json::Value>(&dynamo::Key::of("quote-key", kid)).await.unwrap();
    assert_eq!((kept("old").await.is_some(), kept("new").await.is_some()), (false, true));
}

#[tokio::test]
async fn a_key_id_that_no_store_takes_is_a_wrong_quote() {
    let shop = shop().await;
    // {"alg":"EdDSA", "kid": "kkk…"} and {}
    let token = format!("eyJhbGciOiJFZERTQSIsICJraWQiOiAi{}In0.e30.AA", "a2tr".repeat(1000));
    let answer = shop.harness.call(place_order, placing(&token)).await;
    assert_eq!((answer.status, answer.problem()), (422, "invalid-quote"));
}

#[tokio::test]
async fn only_a_reference_is_a_payment_method() {
    let shop = shop().await;
    for method in ["4242424242424242", "pm_4242424242424242", "pm_"] {
        let body = json!({"quote": shop.signed(&quote(1)), "paymentMethod": method});
        let answer = shop.harness.call(place_order, placing("").json(&body)).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec!["/paymentMethod"]), "{method}");
    }
}
