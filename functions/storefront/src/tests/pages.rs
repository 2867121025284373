//! The pages that need no other service.

use contracts::events::catalog::ProductArchived;

use super::*;

#[tokio::test]
async fn the_first_page_shows_departments_and_what_is_new() {
    let harness = alone().await;
    open_aisles(&harness).await;
    publish(&harness, lamp()).await;
    stock(&harness, "RED", 3, 1).await;
    let page = harness.call(show_home::function, Request::new("GET", "/")).await;
    golden("home", &page);
    assert_eq!((page.status, page.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    for text in ["Home", "Outdoors", "Lighting", "Fold desk lamp", "From €49.99", "2 colours", "Only 3 left"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert_eq!(page.headers["cache-control"], "public, max-age=0, s-maxage=60");
}

#[tokio::test]
async fn a_shop_without_products_says_so() {
    let page = alone().await.call(show_home::function, Request::new("GET", "/")).await;
    assert!(page.text.contains("There is nothing on the stalls yet."), "{}", page.text);
}

#[tokio::test]
async fn a_product_is_shown_with_its_variant_price_and_stock() {
    let harness = alone().await;
    open_aisles(&harness).await;
    publish(&harness, lamp()).await;
    stock(&harness, "INK", 40, 1).await;
    let page = get_lamp(&harness).await;
    golden("product", &page);
    // The first variant that is in stock.
    for text in ["Fold desk lamp, ink", "€54.99", "In stock", "aluminium", "/pictures/lamp-ink.svg", "Folds flat."] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    let path = crate::link::product(lamp_id(), "Fold desk lamp");
    let segment = path.trim_start_matches("/products/").to_owned();
    let red = Request::new("GET", &path).parameter("productId", segment).query("sku", "RED");
    let red = harness.call(show_product::function, red).await;
    for text in ["Fold desk lamp, red", "€49.99", "/pictures/lamp-red.svg"] {
        assert!(red.text.contains(text), "{text}: {}", red.text);
    }
}

#[tokio::test]
async fn the_id_decides_and_an_old_name_leads_to_the_new_one() {
    let harness = alone().await;
    publish(&harness, lamp()).await;
    let segment = format!("{}-old-name", lamp_id());
    let path = format!("/products/{segment}");
    let request = Request::new("GET", &path).parameter("productId", segment).query("sku", "RED");
    let moved = harness.call(show_product::function, request).await;
    let to = format!("/products/{}-fold-desk-lamp?sku=RED", lamp_id());
    assert_eq!((moved.status, moved.headers["location"].as_str()), (301, to.as_str()));
}

#[tokio::test]
async fn what_is_not_there_is_a_page_that_says_so() {
    let harness = alone().await;
    open_aisles(&harness).await;
    let unknown = contracts::ProductId::from(Uuid::from_u128(9)).to_string();
    for id in ["lamp", &unknown] {
        let path = format!("/products/{id}");
        let page = harness.call(show_product::function, Request::new("GET", &path).parameter("productId", id)).await;
        assert_eq!((page.status, page.headers["content-type"].as_str()), (404, "text/html; charset=utf-8"));
        assert!(page.text.contains("This page does not exist.") && page.text.contains("Outdoors"), "{}", page.text);
        assert_eq!(page.headers["cache-control"], "no-store");
        let path = format!("/v1/pages/products/{id}");
        let json = harness.call(show_product::function, Request::new("GET", &path).parameter("productId", id)).await;
        assert_eq!((json.status, json.problem()), (404, "not-found"));
    }
}

#[tokio::test]
async fn a_product_that_is_no_longer_sold_is_gone() {
    let harness = alone().await;
    open_aisles(&harness).await;
    publish(&harness, lamp()).await;
    let archived = ProductArchived { product: Uuid::from_u128(1).into(), skus: Vec::new() };
    harness.deliver(copy_product::function, &harness.envelope("product#1", 2, archived)).await.unwrap();
    let page = get_lamp(&harness).await;
    golden("product-with-few-left", &page);
    assert_eq!(page.status, 410);
    assert!(page.text.contains("We no longer sell this product."), "{}", page.text);
    let home = harness.call(show_home::function, Request::new("GET", "/")).await;
    assert!(!home.text.contains("Fold desk lamp"), "{}", home.text);
}

#[tokio::test]
async fn prices_are_in_the_currency_that_was_chosen() {
    let harness = alone().await;
    publish(&harness, lamp()).await;
    let chosen = Request::new("POST", "/currency").form(&[("currency", "GBP"), ("next", "/search?q=lamp")]);
    let chosen = harness.call(choose_currency::function, chosen).await;
    assert_eq!((chosen.status, chosen.headers["location"].as_str()), (303, "/search?q=lamp"));
    assert!(chosen.cookies[0].starts_with("currency=GBP; "), "{:?}", chosen.cookies);
    let home = Request::new("GET", "/").header("cookie", "a=b; currency=GBP");
    let home = harness.call(show_home::function, home).await;
    assert!(home.text.contains("No price in GBP"), "{}", home.text);
}

#[tokio::test]
async fn a_currency_that_the_shop_does_not_show_is_refused() {
    let harness = alone().await;
    for currency in ["JPY", "XXX", ""] {
        let form = Request::new("POST", "/currency").form(&[("currency", currency)]);
        assert_eq!(harness.call(choose_currency::function, form).await.status, 422, "{currency}");
    }
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let harness = alone().await;
    let form = || Request::new("POST", "/currency").form(&[("currency", "GBP")]);
    let status = async |request: Request| harness.call(choose_currency::function, request).await.status;
    assert_eq!(status(form()).await, 303);
    assert_eq!(status(form().header("origin", "https://evil.example")).await, 403);
    assert_eq!(status(form().header("origin", "null")).await, 403);
    assert_eq!(status(form().header("origin", "http://souk.example")).await, 403);
}

#[tokio::test]
async fn a_title_is_text_whatever_it_looks_like() {
    let harness = alone().await;
    let title = "\"><script>alert(1)</script>{{7*7}}";
    publish(&harness, Product { title: title.to_owned(), description: title.to_owned(), ..lamp() }).await;
    let home = harness.call(show_home::function, Request::new("GET", "/")).await;
    assert!(!home.text.contains("<script>alert"), "{}", home.text);
    let path = crate::link::product(lamp_id(), title);
    let segment = path.trim_start_matches("/products/").to_owned();
    let page = harness.call(show_product::function, Request::new("GET", &path).parameter("productId", segment)).await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("<script>alert") && page.text.contains("{{7*7}}"), "{}", page.text);
}

#[tokio::test]
async fn an_asset_is_kept_for_a_year_under_the_path_of_its_version() {
    let harness = alone().await;
    let get = async |version: &str, name: &str| {
        let request = Request::new("GET", "/assets/x/y").parameter("version", version).parameter("name", name);
        harness.call(get_asset::function, request).await
    };
    let style = get(&crate::assets::version(), "souk.css").await;
    assert_eq!((style.status, style.headers["content-type"].as_str()), (200, "text/css; charset=utf-8"));
    assert_eq!(style.headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(get("0", "souk.css").await.headers["cache-control"], "public, max-age=0, s-maxage=60");
    assert_eq!(get("0", "../lib.rs").await.status, 404);
}

#[tokio::test]
async fn every_reply_says_what_a_browser_may_do_with_it() {
    let harness = alone().await;
    for (function, path) in [
        (show_home::function as fn() -> lambda::Function, "/"),
        (show_nothing::function, "/x"),
        (choose_currency::function, "/currency"),
    ] {
        let reply = harness.call(function, Request::new("GET", path)).await;
        let policy = &reply.headers["content-security-policy"];
        assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.headers["x-content-type-options"], "nosniff");
        assert_eq!(reply.headers["cross-origin-opener-policy"], "same-origin");
        assert_eq!(reply.headers["referrer-policy"], "strict-origin-when-cross-origin");
    }
}

#[tokio::test]
async fn what_a_visitor_with_a_session_gets_is_kept_by_nobody() {
    let harness = alone().await;
    let request = Request::new("GET", "/").header("cookie", "__Host-souk=abc");
    let page = harness.call(show_home::function, request).await;
    assert_eq!(page.headers["cache-control"], "private, no-store");
}
