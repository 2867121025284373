//! The pages of the shop, as a browser without JavaScript gets them.

use std::collections::{BTreeSet, VecDeque};

use local::{Answer, browser::Browser};

use crate::shop::*;

async fn page(path: &str) -> Answer {
    anyone().get(path).await.unwrap()
}

#[tokio::test]
async fn no_link_leads_nowhere() {
    let browser = Browser::new(anyone());
    let (mut seen, mut left) = (BTreeSet::new(), VecDeque::from(["/".to_owned()]));
    while let Some(path) = left.pop_front() {
        // Every combination of filters is a link: a hundred pages have one of each kind.
        if seen.len() >= 100 || !seen.insert(path.clone()) {
            continue;
        }
        let page = browser.visit(&path).await.unwrap();
        assert_eq!(page.status, 200, "{path}");
        left.extend(page.links());
    }
    for start in ["/aisles/", "/products/", "/assets/", "/search"] {
        assert!(seen.iter().any(|path| path.starts_with(start)), "{start}: {seen:?}");
    }
}

#[tokio::test]
async fn what_is_shown_as_a_page_is_there_as_json() {
    let home = page("/v1/pages/home").await.json();
    let card = &home["newest"][0];
    let (title, path) = (card["title"].as_str().unwrap(), card["path"].as_str().unwrap());
    assert!(page("/").await.text().contains(path));
    let product = page(&format!("/v1/pages{path}")).await.json();
    assert_eq!(product["title"], title);
    assert!(page(path).await.text().contains(product["variants"][0]["sku"].as_str().unwrap()));
}

#[tokio::test]
async fn a_new_price_and_new_stock_are_on_the_page_of_the_product() {
    let (merchant, sku) = (demo("merchant").await, on_sale(7).await);
    let found = merchant.get(&format!("/v1/products?sku={sku}")).await.unwrap().json();
    let id = found["items"][0]["id"].as_str().unwrap();
    let look = async || page(&format!("/v1/pages/products/{id}")).await;
    eventually(look, |page| page.json()["variants"][0]["stock"]["status"] == "inStock").await;
    let prices = serde_json::json!({"prices": [{"currency": "EUR", "amount": 1234}]});
    let headers = [("content-type", "application/json"), ("if-match", "*")];
    let path = format!("/v1/products/{id}/variants/{sku}/prices");
    let answer = merchant.send("PUT", &path, &headers, prices.to_string().into_bytes()).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    eventually(look, |page| page.json()["variants"][0]["price"]["amount"] == 1234).await;
}

#[tokio::test]
async fn a_page_that_does_not_exist_says_so_in_the_form_that_was_asked_for() {
    let html = page("/no/such/page").await;
    assert_eq!((html.status, html.header("content-type")), (404, Some("text/html; charset=utf-8")));
    let json = page("/v1/no-such-operation").await;
    assert_eq!((json.status, json.header("content-type")), (404, Some("application/problem+json")));
}
