use contracts::{
    CustomerGroupId, PriceListId,
    events::catalog::{ListPricesChanged, PriceList, PriceListChanged, PriceTier, SkuPrices},
};

use super::*;
use crate::{
    operations::{
        create_promotion::function as create_promotion, get_quote::function as get_quote,
        list_shipping_options::function as list_shipping_options, merge_cart::function as merge_cart,
    },
    price_list::tests::for_all,
};

fn list_id(number: u128) -> PriceListId {
    Uuid::from_u128(number).into()
}

fn group() -> CustomerGroupId {
    Uuid::from_u128(1).into()
}

/// A list for the members of the group.
fn for_group(number: u128) -> PriceList {
    PriceList { customer_groups: vec![group()], ..for_all(number) }
}

/// Updates the read model with a list at a version.
async fn list(harness: &Harness, version: u64, list: PriceList) {
    let event = harness.envelope(&format!("price-list#{}", list.id), version, PriceListChanged { list });
    harness.deliver(project_product, &event).await.unwrap();
}

/// Updates the read model with the prices of the lamp in a list at a version.
async fn prices(harness: &Harness, version: u64, number: u128, tiers: &[(u32, i64)]) {
    let tiers = tiers.iter().map(|(min_quantity, amount)| PriceTier { min_quantity: *min_quantity, amount: *amount });
    let prices = vec![SkuPrices { sku: "LAMP".parse().unwrap(), product: product_id(1), tiers: tiers.collect() }];
    let event = ListPricesChanged { list: list_id(number), prices };
    let event = harness.envelope(&format!("list-prices#{}", list_id(number)), version, event);
    harness.deliver(project_product, &event).await.unwrap();
}

/// The price of a lamp for everyone.
async fn price(harness: &Harness) -> i64 {
    let cart = new_cart(harness, BUYER, "EUR").await;
    let item = expect(200, harness, put_item, put(BUYER, &cart, "LAMP", 1)).await;
    item.json["unitPrice"]["amount"].as_i64().unwrap()
}

#[tokio::test]
async fn a_line_says_which_list_its_price_is_from_and_what_the_catalog_asks() {
    let harness = shop().await;
    list(&harness, 1, for_all(7)).await;
    prices(&harness, 1, 7, &[(1, 4000), (3, 3000)]).await;
    let cart = filled_cart(&harness, BUYER, 2).await;
    let line = view(&harness, BUYER, &cart).await["lines"][0].clone();
    let eur = |amount: i64| json!({"amount": amount, "currency": "EUR"});
    assert_eq!(
        (&line["unitPrice"], &line["listPrice"], &line["priceList"], &line["total"]),
        (&eur(4000), &eur(4999), &json!(list_id(7)), &eur(8000))
    );
    let item = expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 3)).await.json;
    assert_eq!(
        (&item["unitPrice"], &item["listPrice"], &item["priceList"]),
        (&eur(3000), &eur(4999), &json!(list_id(7)))
    );
    let quote = quoted(&harness, BUYER, &cart).await.json;
    let line = &quote["lines"][0];
    assert_eq!(
        (&line["unitPrice"], &line["listPrice"], &line["priceList"]),
        (&eur(3000), &eur(4999), &json!(list_id(7)))
    );
    assert_eq!(quote["trace"][0]["rule"], format!("price:{}", list_id(7)));
    let signed = super::quote::verified(&harness, quote["quote"].as_str().unwrap()).await.unwrap();
    assert_eq!(signed.lines[0].price_list, Some(list_id(7)));
}

#[tokio::test]
async fn a_line_with_the_price_of_the_catalog_names_no_other() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let line = view(&harness, BUYER, &cart).await["lines"][0].clone();
    assert_eq!((&line["listPrice"], &line["priceList"]), (&Value::Null, &Value::Null));
    list(&harness, 1, for_all(7)).await;
    prices(&harness, 1, 7, &[(1, 4999)]).await;
    let line = view(&harness, BUYER, &cart).await["lines"][0].clone();
    assert_eq!((&line["listPrice"], &line["priceList"]), (&Value::Null, &json!(list_id(7))));
}

#[tokio::test]
async fn a_member_of_a_group_has_its_prices_in_each_operation() {
    let harness = shop().await;
    let free = json!([{
        "id": "standard", "name": "Standard", "days": 3, "prices": [{"amount": 499, "currency": "EUR"}],
        "freeFrom": [{"amount": 4500, "currency": "EUR"}],
    }]);
    expect(200, &harness, set_shipping_rates, options(&free)).await;
    list(&harness, 1, for_group(7)).await;
    prices(&harness, 1, 7, &[(1, 4000)]).await;
    let cart = new_cart(&harness, BUYER, "EUR").await;
    let member = |request: Request, member: bool| if member { request.groups(&[group()]) } else { request };
    for (is_member, amount, shipping_price) in [(true, 4000, 499), (false, 4999, 0)] {
        let call = async |function: fn() -> Function, status: u16, request: Request| {
            expect(status, &harness, function, member(request, is_member)).await.json
        };
        let item = call(put_item, 200, put(BUYER, &cart, "LAMP", 1)).await;
        let chosen = call(set_shipping, 200, shipping(BUYER, &cart, "GB", "standard")).await;
        let request = of_cart("GET", BUYER, &cart, "/shipping-options").query("country", "GB");
        let offered = call(list_shipping_options, 200, request).await;
        let seen = call(get_cart, 200, of_cart("GET", BUYER, &cart, "")).await;
        let quote = call(create_quote, 201, of_cart("POST", BUYER, &cart, "/quote").json(&json!({}))).await;
        let other = new_cart(&harness, BUYER, "EUR").await;
        let merge = of_cart("POST", BUYER, &cart, "/merge").json(&json!({"from": other}));
        let merged = call(merge_cart, 200, merge).await;
        let prices = [&item, &seen["lines"][0], &quote["lines"][0], &merged["lines"][0]]
            .map(|line| line["unitPrice"]["amount"].as_i64());
        assert_eq!(prices, [Some(amount); 4], "{is_member}");
        let shipping = [&chosen["option"], &offered["items"][0]].map(|option| option["price"]["amount"].as_i64());
        assert_eq!(shipping, [Some(shipping_price); 2], "{is_member}");
    }
}

#[tokio::test]
async fn a_list_of_a_country_counts_once_the_cart_is_shipped_there() {
    let harness = shop().await;
    list(&harness, 1, PriceList { countries: vec!["GB".to_owned()], ..for_all(7) }).await;
    prices(&harness, 1, 7, &[(1, 4000)]).await;
    let cart = new_cart(&harness, BUYER, "EUR").await;
    let put = || expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 1));
    assert_eq!(put().await.json["unitPrice"]["amount"], 4999);
    expect(200, &harness, set_shipping, shipping(BUYER, &cart, "GB", "standard")).await;
    let line = view(&harness, BUYER, &cart).await["lines"][0].clone();
    assert_eq!((&line["unitPrice"]["amount"], codes(&line["problems"])), (&json!(4000), vec!["price-changed"]));
    assert_eq!(put().await.json["unitPrice"]["amount"], 4000);
    assert_eq!(quoted(&harness, BUYER, &cart).await.json["lines"][0]["unitPrice"]["amount"], 4000);
}

#[tokio::test]
async fn the_same_prices_count_in_the_end_whatever_comes_first() {
    let gone = PriceList { deleted: true, ..for_all(8) };
    for order in [[0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0], [3, 6, 0, 5, 1, 4, 2], [2, 0, 4, 6, 5, 3, 1]] {
        let harness = harness().await;
        stock(&harness, 1, "LAMP", 10).await;
        for at in [order, order].concat() {
            match at {
                0 => publish(&harness, 1, product(1, &[("LAMP", 4999)])).await,
                1 => list(&harness, 1, PriceList { currency: Currency::Gbp, ..for_all(7) }).await,
                2 => list(&harness, 2, for_all(7)).await,
                3 => prices(&harness, 1, 7, &[(1, 1000)]).await,
                4 => prices(&harness, 2, 7, &[(1, 2000)]).await,
                5 => list(&harness, 2, gone.clone()).await,
                _ => {
                    list(&harness, 1, for_all(8)).await;
                    prices(&harness, 1, 8, &[(1, 1)]).await;
                }
            }
        }
        assert_eq!(price(&harness).await, 2000, "{order:?}");
    }
}

#[tokio::test]
async fn a_price_that_is_removed_is_the_catalogs_again() {
    let harness = shop().await;
    list(&harness, 1, for_all(7)).await;
    prices(&harness, 1, 7, &[(1, 4000)]).await;
    assert_eq!(price(&harness).await, 4000);
    prices(&harness, 2, 7, &[]).await;
    assert_eq!(price(&harness).await, 4999);
    prices(&harness, 3, 7, &[(1, 3000)]).await;
    list(&harness, 2, PriceList { deleted: true, ..for_all(7) }).await;
    assert_eq!(price(&harness).await, 4999);
}

#[tokio::test]
async fn a_list_sells_nothing_that_the_catalog_does_not_sell() {
    let harness = harness().await;
    list(&harness, 1, for_all(7)).await;
    prices(&harness, 1, 7, &[(1, 4000)]).await;
    let cart = new_cart(&harness, BUYER, "EUR").await;
    let problem = async || harness.call(put_item, put(BUYER, &cart, "LAMP", 1)).await.problem().to_owned();
    assert_eq!(problem().await, "unknown-sku");
    let unpriced = Variant { sku: "LAMP".parse().unwrap(), options: [].into(), prices: Vec::new() };
    publish(&harness, 1, Product { variants: vec![unpriced], ..product(1, &[]) }).await;
    assert_eq!(problem().await, "not-sold");
}

#[tokio::test]
async fn events_of_lists_and_products_that_come_at_once_all_count() {
    let harness = shop().await;
    let (one, two) = (prices(&harness, 1, 7, &[(1, 1000)]), prices(&harness, 1, 8, &[(1, 2000)]));
    let lists = futures::future::join(list(&harness, 1, for_all(7)), list(&harness, 1, for_all(8)));
    let product = publish(&harness, 2, product(1, &[("LAMP", 5999)]));
    futures::join!(one, two, lists, product);
    assert_eq!(price(&harness).await, 1000);
    list(&harness, 2, PriceList { deleted: true, ..for_all(7) }).await;
    assert_eq!(price(&harness).await, 2000);
    list(&harness, 2, PriceList { deleted: true, ..for_all(8) }).await;
    assert_eq!(price(&harness).await, 5999);
}

#[tokio::test]
async fn a_quote_with_prices_and_promotions_of_a_group_can_be_calculated_again() {
    let harness = shop().await;
    list(&harness, 1, for_group(7)).await;
    prices(&harness, 1, 7, &[(1, 4000), (2, 3000)]).await;
    let sale = json!({"kind": "percentage", "percent": "10", "customerGroups": [group()], "items": {"onSale": true}});
    expect(201, &harness, create_promotion, as_merchant("POST", "/v1/promotions").json(&sale)).await;
    let cart = filled_cart(&harness, BUYER, 2).await;
    let request = of_cart("POST", BUYER, &cart, "/quote").json(&json!({})).groups(&[group()]);
    let quote = expect(201, &harness, create_quote, request).await.json;
    assert_eq!(quote["totals"]["discount"]["amount"], 600);
    list(&harness, 2, PriceList { deleted: true, ..for_group(7) }).await;
    let again = expect(200, &harness, get_quote, super::quote::kept(BUYER, quote["id"].as_str().unwrap())).await.json;
    assert_eq!((&again["verified"], &again["trace"]), (&json!(true), &quote["trace"]));
}
