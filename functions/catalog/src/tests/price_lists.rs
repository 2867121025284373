use super::*;
use crate::operations::{
    create_price_list::function as create_price_list, delete_price_list::function as delete_price_list,
    get_list_prices::function as get_list_prices, get_price_list::function as get_price_list,
    list_price_lists::function as list_price_lists, set_list_prices::function as set_list_prices,
    update_price_list::function as update_price_list,
};

const PATH: &str = "/v1/price-lists";

fn sale() -> Value {
    json!({"name": "Summer", "currency": "EUR", "kind": "sale"})
}

async fn create_list(harness: &Harness, body: &Value) -> Answer {
    harness.call(create_price_list, as_merchant("POST", PATH).json(body)).await
}

async fn new_list(harness: &Harness) -> String {
    let answer = create_list(harness, &sale()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json["id"].as_str().unwrap().to_owned()
}

fn of_list(method: &str, id: &str, rest: &str) -> Request {
    as_merchant(method, &format!("{PATH}/{id}{rest}")).parameter("priceListId", id)
}

async fn set(harness: &Harness, id: &str, prices: &Value) -> Answer {
    harness.call(set_list_prices, of_list("PUT", id, "/prices").json(&json!({"prices": prices}))).await
}

async fn listed(harness: &Harness, id: &str) -> Value {
    let answer = harness.call(get_list_prices, of_list("GET", id, "/prices")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json["items"].clone()
}

async fn changes(harness: &Harness, name: &str) -> Vec<Value> {
    let events = harness.events().await.into_iter().filter(|event| event.name == name);
    events.map(|event| serde_json::from_str::<Value>(&event.detail).unwrap()["data"].clone()).collect()
}

#[tokio::test]
async fn a_price_list_is_created_and_read() {
    let harness = harness().await;
    let group = format!("cgr_{:032x}", 1);
    let body = json!({
        "name": "Trade", "currency": "GBP", "kind": "group", "customerGroups": [group], "countries": ["GB", "IE"],
        "validFrom": "2026-01-01T00:00:00Z", "validTo": "2027-01-01T00:00:00Z", "priority": 0,
    });
    let answer = create_list(&harness, &body).await;
    let id = answer.json["id"].as_str().unwrap();
    assert!(id.starts_with("pls_"), "{id}");
    assert_eq!((answer.status, &answer.headers["location"]), (201, &format!("{PATH}/{id}")));
    let view = with(
        body,
        &json!({"id": id, "version": 1, "validFrom": "2026-01-01T00:00:00.000Z", "validTo": "2027-01-01T00:00:00.000Z"}),
    );
    assert_eq!(answer.json, view);
    let found = harness.call(get_price_list, of_list("GET", id, "")).await;
    assert_eq!((found.status, &found.json, &found.headers["etag"]), (200, &view, &answer.headers["etag"]));
    let told = changes(&harness, "PriceListChanged.v1").await;
    assert_eq!(
        (told.len(), &told[0]["list"]["name"], &told[0]["list"]["deleted"]),
        (1, &json!("Trade"), &json!(false))
    );
}

#[tokio::test]
async fn a_list_that_names_nothing_else_is_for_everyone() {
    let harness = harness().await;
    let view = create_list(&harness, &sale()).await.json;
    let usual = json!({"customerGroups": [], "countries": [], "validFrom": null, "validTo": null, "priority": 500});
    assert_eq!(with(view.clone(), &usual), view);
}

#[tokio::test]
async fn lists_are_listed_newest_first() {
    let harness = harness().await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.insert(0, new_list(&harness).await);
        harness.advance(jiff::SignedDuration::from_secs(1));
    }
    let page = as_merchant("GET", PATH).query("limit", 2);
    let first = harness.call(list_price_lists, page.clone()).await;
    let next = page.query("cursor", first.json["nextCursor"].as_str().unwrap());
    assert_eq!([ids(&first), ids(&harness.call(list_price_lists, next).await)].concat(), made);
}

#[tokio::test]
async fn a_wrong_list_says_which_field() {
    let harness = harness().await;
    let many = |prefix: &str, count: u32| (0..count).map(|n| format!("{prefix}_{n:032x}")).collect::<Vec<_>>();
    let letters = || (b'A'..=b'Z').map(char::from);
    let codes = letters().flat_map(|one| letters().map(move |other| format!("{one}{other}")));
    let countries: Vec<_> = codes.filter(|code| addresses::is_country(code)).take(51).collect();
    let cases = [
        (json!({"name": ""}), "/name"),
        (json!({"name": "x".repeat(61)}), "/name"),
        (json!({"currency": "XXX"}), "/currency"),
        (json!({"kind": "cheap"}), "/kind"),
        (json!({"kind": "group"}), "/customerGroups"),
        (json!({"customerGroups": many("cgr", 21)}), "/customerGroups"),
        (json!({"customerGroups": many("usr", 1)}), "/customerGroups/0"),
        (json!({"countries": countries}), "/countries"),
        (json!({"countries": ["DE", "DE"]}), "/countries"),
        (json!({"customerGroups": [many("cgr", 1)[0], many("cgr", 1)[0]]}), "/customerGroups"),
        (json!({"countries": ["DE", "XX"]}), "/countries/1"),
        (json!({"validFrom": "2026-01-01T00:00:00"}), "/validFrom"),
        (json!({"validFrom": "1999-12-31T23:59:59Z"}), "/validFrom"),
        (json!({"validTo": "2100-01-01T00:00:00Z"}), "/validTo"),
        (json!({"validFrom": "2026-02-01T00:00:00Z", "validTo": "2026-02-01T00:00:00Z"}), "/validTo"),
        (json!({"priority": 1001}), "/priority"),
        (json!({"priority": -1}), "/priority"),
        (json!({"prices": []}), "/prices"),
    ];
    for (fields, pointer) in cases {
        let answer = create_list(&harness, &with(sale(), &fields)).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec![pointer]), "{fields}");
    }
}

#[tokio::test]
async fn a_patch_replaces_what_it_names_and_null_clears() {
    let harness = harness().await;
    let group = format!("cgr_{:032x}", 1);
    let body = with(
        sale(),
        &json!({"countries": ["DE"], "customerGroups": [group], "priority": 1, "validTo": "2027-01-01T00:00:00Z"}),
    );
    let made = create_list(&harness, &body).await;
    let id = made.json["id"].as_str().unwrap();
    let patch = |fields: Value| of_list("PATCH", id, "").json(&fields);
    assert_eq!(harness.call(update_price_list, patch(json!({"name": "Autumn"}))).await.status, 428);
    let tagged = |fields: Value, version: u64| patch(fields).header("if-match", format!("\"{version}\""));
    let renamed = harness.call(update_price_list, tagged(json!({"name": "Autumn"}), 1)).await;
    assert_eq!(renamed.json, with(made.json.clone(), &json!({"name": "Autumn", "version": 2})));
    assert_eq!(harness.call(update_price_list, tagged(json!({"name": "Winter"}), 1)).await.status, 412);
    let same = harness.call(update_price_list, tagged(json!({"name": "Autumn"}), 2)).await;
    assert_eq!((same.status, &same.headers["etag"]), (200, &"\"2\"".to_owned()));

    let cleared = json!({"countries": null, "customerGroups": null, "priority": null, "validTo": null});
    let answer = harness.call(update_price_list, tagged(cleared, 2)).await;
    let usual = json!({"countries": [], "customerGroups": [], "priority": 500, "validTo": null, "version": 3});
    assert_eq!(answer.json, with(renamed.json, &usual));
    assert_eq!(changes(&harness, "PriceListChanged.v1").await.len(), 3);
}

#[tokio::test]
async fn a_wrong_patch_says_which_field() {
    let harness = harness().await;
    let id = new_list(&harness).await;
    let cases = [
        (json!({"name": null}), "/name"),
        (json!({"currency": "USD"}), "/currency"),
        (json!({"kind": "group"}), "/kind"),
        (json!({"countries": ["XX"]}), "/countries/0"),
        (json!({"validFrom": "2200-01-01T00:00:00Z"}), "/validFrom"),
        (json!({"validFrom": "2026-02-01T00:00:00Z", "validTo": "2026-01-01T00:00:00Z"}), "/validTo"),
        (json!({"priority": 1001}), "/priority"),
    ];
    for (fields, pointer) in cases {
        let request = of_list("PATCH", &id, "").header("if-match", "*").json(&fields);
        let answer = harness.call(update_price_list, request).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec![pointer]), "{fields}");
    }
}

#[tokio::test]
async fn a_deleted_list_is_gone_and_makes_room_for_another() {
    let harness = harness().await;
    let first = new_list(&harness).await;
    for _ in 1..50 {
        new_list(&harness).await;
    }
    let full = create_list(&harness, &sale()).await;
    assert_eq!((full.status, full.problem()), (409, "too-many-price-lists"));
    for _ in 0..2 {
        assert_eq!(harness.call(delete_price_list, of_list("DELETE", &first, "")).await.status, 204);
    }
    assert_eq!(create_list(&harness, &sale()).await.status, 201);
    let deletions = changes(&harness, "PriceListChanged.v1").await;
    assert_eq!(deletions.iter().filter(|event| event["list"]["deleted"] == true).count(), 1);
    let patch = of_list("PATCH", &first, "").header("if-match", "*").json(&json!({"name": "x"}));
    let answers = [
        harness.call(get_price_list, of_list("GET", &first, "")).await.status,
        harness.call(update_price_list, patch).await.status,
        harness.call(get_list_prices, of_list("GET", &first, "/prices")).await.status,
        set(&harness, &first, &json!([])).await.status,
    ];
    assert_eq!(answers, [404; 4]);
    let listed = ids(&harness.call(list_price_lists, as_merchant("GET", PATH).query("limit", 100)).await);
    assert!(listed.len() == 50 && !listed.contains(&first), "{listed:?}");
    let nowhere = format!("pls_{:032x}", 7);
    assert_eq!(harness.call(delete_price_list, of_list("DELETE", &nowhere, "")).await.status, 404);
}

#[tokio::test]
async fn prices_are_set_removed_and_listed_by_sku() {
    let harness = harness().await;
    let lamp_id = created(&harness, &lamp("LAMP")).await;
    created(&harness, &lamp("STOOL")).await;
    let id = new_list(&harness).await;
    let prices = json!([
        {"sku": "STOOL", "amount": 0}, {"sku": "LAMP", "amount": 3999, "minQuantity": 10}, {"sku": "LAMP", "amount": 4499},
    ]);
    let answer = set(&harness, &id, &prices).await;
    assert_eq!((answer.status, &answer.json), (200, &json!({"changed": 3})));
    assert_eq!(set(&harness, &id, &prices).await.json, json!({"changed": 0}));
    let tiers = json!([{"minQuantity": 1, "amount": 4499}, {"minQuantity": 10, "amount": 3999}]);
    let items = listed(&harness, &id).await;
    assert_eq!(items[0], json!({"sku": "LAMP", "productId": lamp_id, "prices": tiers}));
    assert_eq!((items.as_array().unwrap().len(), &items[1]["sku"]), (2, &json!("STOOL")));

    let removed = json!([{"sku": "STOOL", "amount": null}, {"sku": "LAMP", "amount": null}]);
    assert_eq!(set(&harness, &id, &removed).await.json, json!({"changed": 2}));
    let items = listed(&harness, &id).await;
    assert_eq!(items, json!([{"sku": "LAMP", "productId": lamp_id, "prices": [{"minQuantity": 10, "amount": 3999}]}]));
    let told = changes(&harness, "ListPricesChanged.v1").await;
    assert_eq!(told.len(), 2, "a request that changes nothing states nothing");
    assert_eq!((&told[0]["list"], &told[0]["prices"][1]["tiers"]), (&json!(id), &tiers));
    assert_eq!(told[1]["prices"][0]["tiers"], json!([]));
    let versions = harness.events().await.into_iter().filter(|event| event.name == "ListPricesChanged.v1");
    let versions: Vec<_> =
        versions.map(|event| serde_json::from_str::<Value>(&event.detail).unwrap()["metadata"].clone()).collect();
    let aggregate = format!("list-prices#{id}");
    let ordered = versions.iter().map(|metadata| (metadata["aggregate"].as_str(), metadata["version"].as_u64()));
    assert_eq!(ordered.collect::<Vec<_>>(), [(Some(&*aggregate), Some(1)), (Some(&*aggregate), Some(2))]);
}

#[tokio::test]
async fn wrong_prices_say_which_field_and_change_nothing() {
    let harness = harness().await;
    created(&harness, &lamp("LAMP")).await;
    let id = new_list(&harness).await;
    let price = |fields: Value| json!([{"sku": "LAMP", "amount": 5}, with(json!({"sku": "LAMP", "amount": 1, "minQuantity": 2}), &fields)]);
    let cases = [
        (price(json!({"sku": "NONE"})), "/prices/1/sku"),
        (price(json!({"sku": "no sku!"})), "/prices/1/sku"),
        (json!([{"sku": "LAMP"}]), "/prices/0/amount"),
        (price(json!({"amount": -1})), "/prices/1/amount"),
        (price(json!({"amount": 1_000_000_001})), "/prices/1/amount"),
        (price(json!({"amount": 1.5})), "/prices/1/amount"),
        (price(json!({"minQuantity": 0})), "/prices/1/minQuantity"),
        (price(json!({"minQuantity": 1000})), "/prices/1/minQuantity"),
        (price(json!({"minQuantity": 1})), "/prices/1"),
        (price(json!({"currency": "EUR"})), "/prices/1/currency"),
        (
            json!((1..=11).map(|tier| json!({"sku": "LAMP", "amount": 1, "minQuantity": tier})).collect::<Vec<_>>()),
            "/prices/10",
        ),
        (json!(vec![json!({"sku": "LAMP", "amount": 1}); 501]), "/prices"),
    ];
    for (prices, pointer) in cases {
        let answer = set(&harness, &id, &prices).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec![pointer]), "{prices}");
    }
    assert_eq!(listed(&harness, &id).await, json!([]));
    let nowhere = format!("pls_{:032x}", 7);
    assert_eq!(set(&harness, &nowhere, &json!([])).await.status, 404);
}

#[tokio::test]
async fn many_prices_are_set_at_once() {
    let harness = harness().await;
    let mut prices = Vec::new();
    for product in 0..3 {
        let sku = |at: usize| format!("SKU-{product}-{at}");
        let variants = (0..40).map(|at| json!({"sku": sku(at), "options": {"size": at.to_string()}, "prices": []}));
        created(&harness, &with(lamp("LAMP"), &json!({"variants": variants.collect::<Vec<_>>()}))).await;
        for at in 0..40 {
            prices.extend((1..=4).map(|tier| json!({"sku": sku(at), "amount": 100 - tier, "minQuantity": tier})));
        }
    }
    let id = new_list(&harness).await;
    assert_eq!(set(&harness, &id, &json!(prices)).await.json, json!({"changed": 480}));
    let told = changes(&harness, "ListPricesChanged.v1").await;
    let sizes: Vec<_> = told.iter().map(|event| event["prices"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [50, 50, 20]);
    let mut page = of_list("GET", &id, "/prices").query("limit", 100);
    let mut count = 0;
    loop {
        let answer = harness.call(get_list_prices, page.clone()).await;
        count += answer.json["items"].as_array().unwrap().len();
        let Some(cursor) = answer.json["nextCursor"].as_str() else { break };
        page = page.query("cursor", cursor);
    }
    assert_eq!(count, 120);
}

#[tokio::test]
async fn prices_that_are_set_at_once_all_count() {
    let harness = harness().await;
    created(&harness, &lamp("LAMP")).await;
    let id = new_list(&harness).await;
    let prices = (1..=4).map(|tier| json!([{"sku": "LAMP", "amount": 5, "minQuantity": tier}])).collect::<Vec<_>>();
    let answers = futures::future::join_all(prices.iter().map(|prices| set(&harness, &id, prices))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!(listed(&harness, &id).await[0]["prices"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn only_merchants_use_price_lists() {
    let harness = harness().await;
    let id = new_list(&harness).await;
    for role in [Role::Guest, Role::Customer, Role::Courier, Role::Support] {
        let by = |request: Request| request.from(user(2), &[role]);
        let prices = of_list("PUT", &id, "/prices").json(&json!({"prices": []}));
        let statuses = [
            harness.call(create_price_list, by(as_merchant("POST", PATH).json(&sale()))).await.status,
            harness.call(list_price_lists, by(as_merchant("GET", PATH))).await.status,
            harness.call(get_price_list, by(of_list("GET", &id, ""))).await.status,
            harness.call(update_price_list, by(of_list("PATCH", &id, "").json(&json!({})))).await.status,
            harness.call(delete_price_list, by(of_list("DELETE", &id, ""))).await.status,
            harness.call(set_list_prices, by(prices)).await.status,
            harness.call(get_list_prices, by(of_list("GET", &id, "/prices"))).await.status,
        ];
        assert_eq!(statuses, [403; 7], "{role}");
    }
}
