use contracts::{
    TaxClass,
    events::{
        catalog::{self as stated, ProductPublished},
        inventory::{Account, Movement, StockChanged},
    },
};
use jiff::SignedDuration;
use search::{Engine, Query};

use super::*;
use crate::{
    operations::{
        get_synonyms::function as get_synonyms, index_product::function as index_product,
        index_signals::function as index_signals, search_products::function as search_products,
        set_synonyms::function as set_synonyms, suggest_products::function as suggest_products,
    },
    searching::Searcher,
};

pub(super) async fn harness() -> Harness {
    super::harness().await.with_variable("SEARCH_FRESHNESS", "50")
}

/// An event of a product. Its content does not matter.
pub(super) fn published(id: &str) -> ProductPublished {
    ProductPublished {
        product: stated::Product {
            id: id.parse().unwrap(),
            title: String::new(),
            categories: Vec::new(),
            description: String::new(),
            images: Vec::new(),
            attributes: [].into(),
            listed_in: Vec::new(),
            tax_class: TaxClass::default(),
            variants: Vec::new(),
        },
    }
}

/// An event of the product arrives.
pub(super) async fn index(harness: &Harness, id: &str) {
    harness.consume(index_product, published(id)).await.unwrap();
}

async fn stock(harness: &Harness, sku: &str, version: u64, available: u32) {
    let event = StockChanged {
        sku: sku.parse().unwrap(),
        movement: Movement { from: Account::Received, to: Account::Available, quantity: 1 },
        reason: "received".to_owned(),
        on_hand: available,
        reserved: 0,
        available,
        location: None,
    };
    let event = harness.envelope(&format!("stock#{sku}"), version, event);
    harness.deliver(index_signals, &event).await.unwrap();
}

pub(super) async fn search(harness: &Harness, query: &[(&str, &str)]) -> Answer {
    let request = Request::new("GET", "/v1/products/search");
    harness.call(search_products, query.iter().fold(request, |request, (name, value)| request.query(name, value))).await
}

pub(super) async fn on_sale(harness: &Harness, product: &Value) -> String {
    let id = created(harness, product).await;
    index(harness, &id).await;
    id
}

#[tokio::test]
async fn a_product_is_found_as_it_is_now() {
    let harness = harness().await;
    let category = category(&harness, "Lighting", None).await;
    let id = on_sale(&harness, &with(lamp("LAMP"), &json!({"categoryIds": [category]}))).await;
    let found = search(&harness, &[("q", "desk lamp")]).await;
    assert_eq!(ids(&found), [id.as_str()]);
    assert_eq!(found.headers["cache-control"], "public, max-age=5");
    let card = &found.json["items"][0];
    assert_eq!((&card["categoryIds"], &card["inStock"]), (&json!([category]), &json!(false)));
    let euros = json!({"amount": 4999, "currency": "EUR"});
    assert_eq!(card["price"], json!({"from": euros, "to": euros}));
    assert_eq!(found.json["facets"][0]["values"][0]["label"], "Lighting");
    assert_eq!(search(&harness, &[("q", "lamp"), ("inStock", "true")]).await.json["total"], 0);

    stock(&harness, "LAMP", 1, 3).await;
    assert_eq!(search(&harness, &[("q", "lamp"), ("inStock", "true")]).await.json["total"], 1);

    let renamed = harness.call(update_product, patch(&id, 1, &json!({"title": "Stool"}))).await;
    assert_eq!(renamed.status, 200, "{renamed:?}");
    index(&harness, &id).await;
    assert_eq!(ids(&search(&harness, &[("q", "stool"), ("category", &category)]).await), [id.as_str()]);

    archive(&harness, &id).await;
    index(&harness, &id).await;
    assert_eq!(search(&harness, &[]).await.json["total"], 0);
}

#[tokio::test]
async fn a_draft_is_not_found_before_it_is_published() {
    let harness = harness().await;
    let id = created(&harness, &with(lamp("LAMP"), &json!({"status": "draft"}))).await;
    stock(&harness, "LAMP", 1, 3).await;
    assert_eq!(search(&harness, &[]).await.json["total"], 0);
    harness.call(update_product, patch(&id, 1, &json!({"status": "published"}))).await;
    index(&harness, &id).await;
    // Its stock was known before.
    assert_eq!(search(&harness, &[("inStock", "true")]).await.json["total"], 1);
}

#[tokio::test]
async fn a_late_event_does_not_turn_back_the_stock() {
    let harness = harness().await;
    on_sale(&harness, &lamp("LAMP")).await;
    let in_stock = async || search(&harness, &[("inStock", "true")]).await.json["total"] == 1;
    stock(&harness, "LAMP", 4, 2).await;
    stock(&harness, "LAMP", 3, 0).await;
    assert!(in_stock().await);
    // It stays in stock, and the version is still noted.
    stock(&harness, "LAMP", 6, 1).await;
    stock(&harness, "LAMP", 5, 0).await;
    assert!(in_stock().await);
    stock(&harness, "LAMP", 7, 0).await;
    assert!(!in_stock().await);
}

#[tokio::test]
async fn the_stock_reaches_the_entry_at_the_second_delivery() {
    let harness = harness().await;
    let id = created(&harness, &lamp("LAMP")).await;
    // The first delivery noted the stock, and ended before it reached the entry.
    let noted = crate::entry::Stocked { sku: "LAMP".parse().unwrap(), available: true, version: 1 };
    let context = harness.context();
    let catalog = harness.service::<crate::Catalog>();
    index(&harness, &id).await;
    catalog.store.table().commit(&context).project(&noted).run().await.unwrap();
    stock(&harness, "LAMP", 1, 3).await;
    assert_eq!(search(&harness, &[("inStock", "true")]).await.json["total"], 1);
}

#[tokio::test]
async fn pages_hold_every_hit_once() {
    let harness = harness().await;
    let mut made = Vec::new();
    for number in 0..5 {
        harness.advance(SignedDuration::from_secs(1));
        made.insert(0, on_sale(&harness, &lamp(&format!("LAMP-{number}"))).await);
    }
    let (mut seen, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let mut query = vec![("q", "lamp"), ("limit", "2")];
        query.extend(cursor.as_str().map(|cursor| ("cursor", cursor)));
        let page = search(&harness, &query).await;
        seen.extend(ids(&page));
        if let Some(other) = page.json["nextCursor"].as_str() {
            let foreign = search(&harness, &[("q", "stool"), ("cursor", other)]).await;
            assert_eq!((foreign.status, foreign.problem()), (400, "invalid-cursor"));
        }
        cursor = page.json["nextCursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(seen, made);
}

#[tokio::test]
async fn a_wrong_search_is_told() {
    let harness = harness().await;
    let long = "x".repeat(201);
    let names: Vec<_> = (0..11).map(|number| format!("n{number}:v")).collect();
    let names = names.join(",");
    for (query, pointer) in [
        (&[("q", &*long)][..], "/q"),
        (&[("sort", "cheapest")], "/sort"),
        (&[("sort", "priceAsc")], "/currency"),
        (&[("minPrice", "5")], "/currency"),
        (&[("minPrice", "9"), ("maxPrice", "5"), ("currency", "EUR")], "/maxPrice"),
        (&[("filters", "colour")], "/filters"),
        (&[("filters", &*names)], "/filters"),
        (&[("facets", "a,b,c,d,e,f,g,h,i,j,k")], "/facets"),
        (&[("category", "cat_0198c2f06d2a7c1e9d4b8a3f5e6c7d80"), ("filters", "category:x")], "/filters"),
        (&[("limit", "0")], "/limit"),
    ] {
        let answer = search(&harness, query).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec![pointer]), "{query:?}");
    }
    let forged = search(&harness, &[("cursor", "forged")]).await;
    assert_eq!((forged.status, forged.problem()), (400, "invalid-cursor"));
}

#[tokio::test]
async fn synonyms_are_changed_by_who_has_read_them() {
    let harness = harness().await;
    on_sale(&harness, &with(lamp("SOFA"), &json!({"title": "Sofa for two"}))).await;
    let put = |tag: &str| {
        let request = as_merchant("PUT", "/v1/search/synonyms").header("if-match", tag);
        request.json(&json!({"groups": [["sofa", "couch"]]}))
    };
    let read = harness.call(get_synonyms, as_merchant("GET", "/v1/search/synonyms")).await;
    assert_eq!((read.status, &read.json["groups"]), (200, &json!([])));
    assert_eq!(harness.call(set_synonyms, put("\"2\"")).await.status, 412);
    let set = harness.call(set_synonyms, put(&read.headers["etag"])).await;
    assert_eq!((set.status, &*set.headers["etag"]), (200, "\"2\""));
    assert_eq!(harness.call(set_synonyms, put("\"1\"")).await.status, 412);
    let read = harness.call(get_synonyms, as_merchant("GET", "/v1/search/synonyms")).await;
    assert_eq!((&*read.headers["etag"], &read.json["groups"]), ("\"2\"", &json!([["sofa", "couch"]])));
    assert_eq!(search(&harness, &[("q", "couch")]).await.json["total"], 1);
}

#[tokio::test]
async fn synonyms_have_bounds_of_their_own_and_together() {
    let harness = harness().await;
    let put = async |groups: &Value| {
        let request = as_merchant("PUT", "/v1/search/synonyms").header("if-match", "*");
        harness.call(set_synonyms, request.json(&json!({"groups": groups}))).await
    };
    // 20 terms of 50 bytes are 1,000 bytes.
    let group = vec!["x".repeat(50); 20];
    for groups in [json!([["sofa"]]), json!([vec!["sofa"; 21]]), json!([["sofa", "x".repeat(51)]])] {
        let answer = put(&groups).await;
        assert_eq!(answer.status, 422, "{answer:?}");
    }
    assert_eq!(put(&json!(vec![group.clone(); 100])).await.status, 200);
    assert_eq!(put(&json!(vec![group; 101])).await.pointers(), ["/groups"]);
}

#[tokio::test]
async fn what_is_typed_is_completed() {
    let harness = harness().await;
    let id = on_sale(&harness, &lamp("LAMP")).await;
    let answer =
        harness.call(suggest_products, Request::new("GET", "/v1/products/suggestions").query("q", "desk la")).await;
    let items =
        [json!({"kind": "term", "text": "desk lamp"}), json!({"kind": "product", "text": "Desk lamp", "id": id})];
    assert_eq!(answer.json["items"], json!(items));
}

#[tokio::test]
async fn an_index_follows_the_table_no_more_often_than_it_must() {
    let harness = harness().await;
    let searcher = harness.service::<Searcher>();
    let titles = async || {
        let current = searcher.current(harness.now()).await.unwrap();
        let found = current.index.search(&Query::new("", harness.now())).unwrap();
        found.hits.into_iter().map(|hit| hit.document.title).collect::<Vec<_>>()
    };
    let id = on_sale(&harness, &lamp("LAMP")).await;
    assert_eq!(titles().await, ["Desk lamp"]);
    harness.call(update_product, patch(&id, 1, &json!({"title": "Stool"}))).await;
    index(&harness, &id).await;
    harness.advance(SignedDuration::from_millis(49));
    assert_eq!(titles().await, ["Desk lamp"]);
    harness.advance(SignedDuration::from_millis(1));
    assert_eq!(titles().await, ["Stool"]);

    archive(&harness, &id).await;
    index(&harness, &id).await;
    harness.advance(SignedDuration::from_mins(5));
    assert_eq!(titles().await, Vec::<String>::new());
}

/// A change is dated when its function starts, and is stored later.
#[tokio::test]
async fn a_change_is_seen_though_it_was_dated_before_the_last_look() {
    let harness = harness().await;
    let searcher = harness.service::<Searcher>();
    let id = created(&harness, &lamp("LAMP")).await;
    let early = harness.context();
    harness.advance(SignedDuration::from_secs(9));
    let total = async || {
        let current = searcher.current(harness.now()).await.unwrap();
        current.index.search(&Query::new("", harness.now())).unwrap().total
    };
    assert_eq!(total().await, 0);
    harness.service::<crate::Catalog>().store.index(id.parse().unwrap(), None, &early).await.unwrap();
    harness.advance(SignedDuration::from_secs(1));
    assert_eq!(total().await, 1);
}
