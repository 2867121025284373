//! The products of the merchant desk.

use serde_json::json;

use super::{buying::has, owners::*, *};

const SEARCH: &str = "GET /v1/products/search";

/// The cookie of a merchant, in a shop with a lamp.
async fn merchant() -> (Harness, Owners, String) {
    let (harness, owners) = shop().await;
    open_aisles(&harness).await;
    publish(&harness, lamp()).await;
    owners.answer(SEARCH, 200, found(&[&lamp_id()], None));
    owners.answer("GET /v1/stock", 200, json!({"items": [level("RED", 4)], "nextCursor": null}));
    let cookie = sign_in_as(&harness, &owners, "merchant").await;
    (harness, owners, cookie)
}

fn found(ids: &[&str], next: Option<&str>) -> Value {
    let items: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
    json!({"items": items, "total": 7, "facets": [], "relaxed": false, "nextCursor": next})
}

pub(super) fn level(sku: &str, available: u32) -> Value {
    json!({"sku": sku, "onHand": available + 2, "reserved": 2, "available": available})
}

async fn show(harness: &Harness, request: Request) -> Answer {
    harness.call(show_desk_products::function, request).await
}

#[tokio::test]
async fn products_have_the_price_and_the_stock_of_each_variant() {
    let (harness, owners, cookie) = merchant().await;
    let page = show(&harness, get("/desk/products", &cookie)).await;
    golden("desk-products", &page);
    has(
        &page,
        &[
            "<body class=\"desk\">",
            "content=\"noindex\"",
            "<a href=\"/desk/products\" aria-current=\"page\">Products</a>",
            "7 products on sale",
            &format!("<a href=\"/desk/products/{}\">Fold desk lamp</a>", lamp_id()),
            "€49.99",
            "€54.99",
            "<span class=\"tag warn\">4</span>",
            "<span class=\"tag bad\">0</span>",
        ],
    );
    assert_eq!((page.status, page.headers["cache-control"].as_str()), (200, "private, no-store"));
    assert!(!page.text.contains("rel=\"next\"") && !page.text.contains("could not be fetched"), "{}", page.text);
    let asked = owners.asked();
    let calls: Vec<_> = asked.iter().map(|asked| asked.call.as_str()).collect();
    assert_eq!(calls, [SEARCH, "GET /v1/stock"]);
    assert!(asked[0].query.contains("sort=newest"), "{}", asked[0].query);
    assert_eq!((asked[1].query.as_str(), asked[1].token()), ("limit=100&skus=RED,INK", "merchant-access"));
    let json = show(&harness, get("/v1/pages/desk/products", &cookie)).await.json;
    let variant = &json["products"][0]["variants"][0];
    assert_eq!(
        (&variant["sku"], &variant["price"]["amount"], &variant["available"]),
        (&json!("RED"), &json!(4999), &json!(4))
    );
}

#[tokio::test]
async fn products_are_searched_page_by_page() {
    let (harness, owners, cookie) = merchant().await;
    owners.answer(SEARCH, 200, found(&[&lamp_id()], Some("c2")));
    let category = id(1).to_string();
    let visit = get("/desk/products", &cookie).query("q", "lamp").query("category", &category);
    let page = show(&harness, visit.query("colour", "red")).await;
    let next = format!("href=\"/desk/products?category={category}&#38;cursor=c2&#38;q=lamp\"");
    for text in [next.as_str(), "value=\"lamp\"", &format!("<option value=\"{category}\" selected>Home")] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    let query = &owners.asked()[0].query;
    assert!(query.contains("q=lamp") && query.contains(&category) && !query.contains("filters"), "{query}");
    let wrong = get("/desk/products", &cookie).query("category", "all");
    assert_eq!(show(&harness, wrong).await.status, 200);
    assert!(!owners.asked()[0].query.contains("category"));
}

#[tokio::test]
async fn a_cursor_of_another_search_leads_to_the_first_page() {
    let (harness, owners, cookie) = merchant().await;
    owners.refuse(SEARCH, 400, "invalid-cursor", &[]);
    let with = get("/desk/products", &cookie).query("cursor", "x");
    assert_eq!(show(&harness, with).await.status, 400);
    let asked = owners.asked();
    assert!(asked.len() == 2 && asked[0].query.contains("cursor=x") && !asked[1].query.contains("cursor"));
    assert_eq!(show(&harness, get("/desk/products", &cookie)).await.status, 400);
    assert_eq!(owners.calls().len(), 1);
}

#[tokio::test]
async fn products_are_shown_without_their_stock_if_inventory_does_not_answer() {
    let (harness, owners, cookie) = merchant().await;
    owners.answer("GET /v1/stock", 503, Value::Null);
    let page = show(&harness, get("/desk/products", &cookie)).await;
    assert!(page.status == 200 && page.text.contains("The stock could not be fetched."), "{}", page.text);
    assert!(page.text.contains("€49.99") && page.text.contains("–") && !page.text.contains("tag bad"), "{}", page.text);
    owners.refuse("GET /v1/stock", 403, "forbidden", &[]);
    assert_eq!(show(&harness, get("/desk/products", &cookie)).await.status, 403);
    owners.answer(SEARCH, 503, Value::Null);
    assert_eq!(show(&harness, get("/desk/products", &cookie)).await.status, 503);
}

#[tokio::test]
async fn nothing_found_is_said_and_asks_for_no_stock() {
    let (harness, owners, cookie) = merchant().await;
    owners.answer(SEARCH, 200, found(&[], None));
    let page = show(&harness, get("/desk/products", &cookie).query("q", "<script>")).await;
    assert!(page.text.contains("There are no such products on sale."), "{}", page.text);
    assert!(!page.text.contains("<script>") && !page.text.contains("<table"), "{}", page.text);
    assert_eq!(owners.calls(), [SEARCH]);
}

#[tokio::test]
async fn a_page_has_at_most_five_calls() {
    let (harness, owners, cookie) = merchant().await;
    let ids: Vec<_> = (1..=11).map(|number| contracts::ProductId::from(Uuid::from_u128(number))).collect();
    for (at, id) in ids.iter().enumerate() {
        let names: Vec<_> = (0..40).map(|number| format!("S{at}-{number}")).collect();
        let variants: Vec<_> = names.iter().map(|name| (name.as_str(), 100)).collect();
        let product = Product { id: *id, ..product("Many", &variants) };
        let event = ProductPublished { product };
        harness.deliver(copy_product::function, &harness.envelope(&format!("product#{at}"), 2, event)).await.unwrap();
    }
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    owners.answer(SEARCH, 200, found(&ids.iter().map(String::as_str).collect::<Vec<_>>(), None));
    let page = show(&harness, get("/desk/products", &cookie)).await;
    // What was not asked for is not known.
    assert!(page.text.contains("S10-39") && page.text.matches("–</td>").count() == 40, "{}", page.text);
    assert_eq!(owners.calls().len(), 5);
}
