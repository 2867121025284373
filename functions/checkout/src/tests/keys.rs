use contracts::events::checkout::QuoteKeyPublished;
use jiff::SignedDuration;

use super::*;
use crate::operations::get_quote_keys::function as get_quote_keys;

async fn kids(harness: &Harness) -> Vec<String> {
    let keys = expect(200, harness, get_quote_keys, Request::new("GET", "/v1/quote-keys")).await.json;
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_first_key_is_published_once_however_often_the_schedule_ticks() {
    let harness = harness().await;
    assert_eq!(kids(&harness).await, Vec::<String>::new());
    futures::future::join_all((0..4).map(|_| harness.tick(rotate_quote_key))).await;
    let events = harness.events().await;
    let published: Vec<_> = events.iter().map(|event| event.envelope::<QuoteKeyPublished>().unwrap().data).collect();
    assert_eq!(published.len(), 1);
    assert_eq!(kids(&harness).await, [published[0].kid.clone()]);
}

#[tokio::test]
async fn a_successor_is_published_an_hour_ahead_and_signs_once_others_know_it() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let kid =
        async || lambda::jws::key_id(quoted(&harness, BUYER, &cart).await.json["quote"].as_str().unwrap()).unwrap();
    let first = kid().await;
    harness.advance(SignedDuration::from_hours(7 * 24));
    harness.tick(rotate_quote_key).await;
    let both = kids(&harness).await;
    assert_eq!((both.len(), kid().await), (2, first));
    harness.advance(SignedDuration::from_hours(1));
    assert_eq!(kid().await, both[1]);
    harness.advance(SignedDuration::from_mins(15));
    assert_eq!(kids(&harness).await, both, "a clock that is late may take its last quote for valid");
    harness.advance(lambda::jws::SKEW);
    assert_eq!(kids(&harness).await, both[1..]);
}

#[tokio::test]
async fn the_private_part_of_a_key_is_neither_stored_nor_stated_in_the_clear() {
    let harness = harness().await;
    harness.tick(rotate_quote_key).await;
    let stored: Value = harness.env().table().unwrap().get(&lambda::keyring::key()).await.unwrap().unwrap();
    assert!(stored["keys"][0]["private"].is_string() && !stored.to_string().contains("pkcs8"), "{stored}");
    assert!(harness.events().await.iter().all(|event| !event.detail.contains("pkcs8")));
}
