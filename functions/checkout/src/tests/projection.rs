use contracts::events::catalog::{PriceChanged, ProductArchived, ProductChanged};
use futures::future::join_all;

use super::*;

fn changed(product: Product) -> ProductChanged {
    ProductChanged { product, removed: Vec::new() }
}

fn priced(sku: &str, amount: i64) -> PriceChanged {
    let (product, title) = (product_id(1), "Desk lamp".to_owned());
    PriceChanged {
        product,
        title,
        listed_in: Vec::new(),
        tax_class: TaxClass::STANDARD,
        sku: sku.parse().unwrap(),
        prices: vec![euros(amount)],
    }
}

/// The price at which a line is added to a cart, or the problem.
async fn price(harness: &Harness, sku: &str) -> Result<i64, String> {
    let cart = new_cart(harness, BUYER, "EUR").await;
    let answer = harness.call(put_item, put(BUYER, &cart, sku, 1)).await;
    answer.json["unitPrice"]["amount"].as_i64().ok_or_else(|| answer.problem().to_owned())
}

#[tokio::test]
async fn a_late_event_changes_the_skus_that_no_later_one_told_of() {
    let harness = harness().await;
    publish(&harness, 1, product(1, &[("RED", 10), ("BLUE", 10)])).await;
    harness.deliver(project_product, &harness.envelope("product#1", 5, priced("RED", 50))).await.unwrap();
    let late = changed(product(1, &[("RED", 40), ("BLUE", 40)]));
    harness.deliver(project_product, &harness.envelope("product#1", 4, late)).await.unwrap();
    assert_eq!((price(&harness, "RED").await, price(&harness, "BLUE").await), (Ok(50), Ok(40)));
}

#[tokio::test]
async fn the_same_is_known_in_the_end_whatever_comes_first() {
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]] {
        let harness = harness().await;
        let gone = ProductChanged { removed: vec!["BLUE".parse().unwrap()], ..changed(product(1, &[("RED", 30)])) };
        for at in order {
            match at {
                0 => publish(&harness, 1, product(1, &[("RED", 10), ("BLUE", 10)])).await,
                1 => deliver(&harness, 2, priced("BLUE", 20)).await,
                2 => deliver(&harness, 3, gone.clone()).await,
                _ => deliver(&harness, 4, priced("RED", 40)).await,
            }
        }
        assert_eq!(price(&harness, "RED").await, Ok(40), "{order:?}");
        assert_eq!(price(&harness, "BLUE").await, Err("not-sold".to_owned()), "{order:?}");
    }
}

async fn deliver<E: contracts::Event>(harness: &Harness, version: u64, event: E) {
    harness.deliver(project_product, &harness.envelope("product#1", version, event)).await.unwrap();
}

#[tokio::test]
async fn events_that_come_at_once_and_again_all_count() {
    let harness = harness().await;
    let events: Vec<_> = (1..=6).map(|version| harness.envelope("product#1", version, priced("RED", 10))).collect();
    let whole = harness.envelope("product#1", 7, changed(product(1, &[("RED", 70), ("BLUE", 70)])));
    let prices = events.iter().chain(&events).map(|event| harness.deliver(project_product, event));
    let (prices, whole) = futures::join!(join_all(prices), harness.deliver(project_product, &whole));
    assert!(whole.is_ok() && prices.iter().all(Result::is_ok));
    assert_eq!((price(&harness, "RED").await, price(&harness, "BLUE").await), (Ok(70), Ok(70)));
}

#[tokio::test]
async fn an_archived_product_is_no_longer_sold() {
    let harness = shop().await;
    deliver(&harness, 2, ProductArchived { product: product_id(1), skus: vec!["LAMP".parse().unwrap()] }).await;
    assert_eq!(price(&harness, "LAMP").await, Err("not-sold".to_owned()));
}

#[tokio::test]
async fn a_product_of_more_skus_than_a_transaction_holds_is_known_whole() {
    let harness = harness().await;
    let skus: Vec<_> = (0..200).map(|at| format!("SKU-{at}")).collect();
    let variants: Vec<_> = skus.iter().map(|sku| (sku.as_str(), 100)).collect();
    let event = harness.envelope("product#1", 1, changed(product(1, &variants)));
    harness.deliver(project_product, &event).await.unwrap();
    harness.deliver(project_product, &event).await.unwrap();
    for sku in ["SKU-0", "SKU-109", "SKU-110", "SKU-199"] {
        assert_eq!(price(&harness, sku).await, Ok(100), "{sku}");
    }
}

#[tokio::test]
async fn an_older_level_does_not_replace_a_newer_one() {
    let harness = shop().await;
    stock(&harness, 3, "LAMP", 1).await;
    stock(&harness, 2, "LAMP", 9).await;
    let cart = new_cart(&harness, BUYER, "EUR").await;
    let item = expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 2)).await;
    assert_eq!(codes(&item.json["problems"]), ["low-stock"]);
}

#[tokio::test]
async fn the_tax_class_of_a_product_follows_each_of_its_events() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let class_of = async || view(&harness, BUYER, &cart).await["lines"][0]["taxClass"].clone();
    assert_eq!(class_of().await, "standard");
    let reduced = Product { tax_class: "reduced".parse().unwrap(), ..product(1, &[("LAMP", 10)]) };
    deliver(&harness, 2, changed(reduced)).await;
    assert_eq!(class_of().await, "reduced");
    deliver(&harness, 3, PriceChanged { tax_class: "zero".parse().unwrap(), ..priced("LAMP", 20) }).await;
    assert_eq!(class_of().await, "zero", "a change of the price names the class too");
}
