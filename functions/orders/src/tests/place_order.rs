use futures::future::join_all;

use super::*;

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
