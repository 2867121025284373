//! Listings, which the catalog's search finds.

use serde_json::json;

use super::*;

fn found(ids: &[String]) -> Value {
    let items: Vec<_> = ids.iter().map(|id| json!({"id": id, "title": "x"})).collect();
    json!({
        "items": items, "total": ids.len(), "relaxed": false, "correctedTo": null, "nextCursor": "more",
        "facets": [
            {"name": "category", "values": [
                {"value": id(3).to_string(), "label": "Home > Lighting", "count": 1, "selected": false},
                {"value": id(1).to_string(), "label": "Home", "count": 1, "selected": false},
            ]},
            {"name": "colour", "values": [
                {"value": "red", "label": "red", "count": 1, "selected": true},
                {"value": "ink", "label": "ink", "count": 0, "selected": false},
            ]},
        ],
    })
}

async fn search(harness: &Harness, query: &[(&str, &str)]) -> Answer {
    let request =
        query.iter().fold(Request::new("GET", "/search"), |request, (name, value)| request.query(name, value));
    harness.call(show_listing::function, request).await
}

#[tokio::test]
async fn what_is_found_is_shown_with_filters_as_links() {
    let harness = harness(200, found(&[lamp_id()])).await;
    open_aisles(&harness).await;
    publish(&harness, lamp()).await;
    let page = search(&harness, &[("q", "lamp"), ("colour", "red")]).await;
    golden("search", &page);
    for text in [
        "Results for “lamp”",
        "1 product",
        "Fold desk lamp",
        "Filters, 1 active",
        "/search?colour=red&#38;cursor=more&#38;q=lamp",
    ] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert!(page.text.contains("href=\"/search?q=lamp\""), "the filter is removed by a link: {}", page.text);
}

#[tokio::test]
async fn a_search_without_a_result_says_what_was_searched_and_shows_the_departments() {
    let harness = harness(200, json!({"items": [], "total": 0, "facets": [], "relaxed": false})).await;
    open_aisles(&harness).await;
    let page = search(&harness, &[("q", "velvet canoe"), ("colour", "red")]).await;
    golden("search-without-a-result", &page);
    for text in ["No results for “velvet canoe”", "Check the spelling", "Outdoors", "Remove all"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
}

#[tokio::test]
async fn without_the_search_the_departments_are_shown_and_nobody_keeps_that() {
    let harness = alone().await;
    open_aisles(&harness).await;
    let page = search(&harness, &[("q", "lamp")]).await;
    assert_eq!((page.status, page.headers["cache-control"].as_str()), (200, "private, no-store"));
    assert!(page.text.contains("Search is unavailable") && page.text.contains("Outdoors"), "{}", page.text);
}

#[tokio::test]
async fn an_aisle_shows_its_name_and_one_that_is_unknown_does_not_exist() {
    let harness = harness(200, found(&[lamp_id()])).await;
    open_aisles(&harness).await;
    publish(&harness, lamp()).await;
    let get = async |number: u128| {
        let aisle = id(number).to_string();
        let request = Request::new("GET", &format!("/aisles/{aisle}")).parameter("categoryId", aisle);
        harness.call(show_listing::function, request).await
    };
    let page = get(1).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("<h1>Home</h1>") && page.text.contains("Fold desk lamp"), "{}", page.text);
    assert_eq!(get(9).await.status, 404);
}
