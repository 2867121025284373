use futures::future::join_all;

use super::*;

#[tokio::test]
async fn a_product_is_on_sale_once_it_is_created() {
    let harness = harness().await;
    let answer = create(&harness, &lamp("LAMP")).await;
    let id = answer.json["id"].as_str().unwrap();
    assert_eq!((answer.status, &answer.headers["location"]), (201, &format!("/v1/products/{id}")));
    let view = json!({
        "id": id, "title": "Desk lamp", "description": "Folds flat.", "status": "published", "categoryIds": [],
        "images": [], "attributes": {}, "taxClass": "standard", "version": 1,
        "variants": [{"sku": "LAMP", "options": {"colour": "red"}, "prices": [{"amount": 4999, "currency": "EUR"}]}],
    });
    assert_eq!(answer.json, view);
    let found = get(&harness, id).await;
    assert_eq!((found.status, &found.json, &found.headers["etag"]), (200, &view, &answer.headers["etag"]));
    assert_eq!(harness.event_names().await, ["ProductPublished.v1"]);
}

#[tokio::test]
async fn what_the_caller_has_is_not_sent_again() {
    let harness = harness().await;
    let id = created(&harness, &lamp("LAMP")).await;
    let request = Request::new("GET", &format!("/v1/products/{id}")).parameter("productId", &id);
    let answer = harness.call(get_product, request.header("if-none-match", "\"1\"")).await;
    assert_eq!(answer.status, 304);
}

#[tokio::test]
async fn a_repeated_request_creates_one_product() {
    let harness = harness().await;
    let request = as_merchant("POST", "/v1/products").json(&lamp("LAMP"));
    let (first, again) =
        (harness.call(create_product, request.clone()).await, harness.call(create_product, request.clone()).await);
    assert_eq!((again.status, &again.json["id"]), (201, &first.json["id"]));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let other = harness.call(create_product, request.json(&lamp("OTHER"))).await;
    assert_eq!((other.status, other.problem()), (422, "idempotency-key-reused"));
}

#[tokio::test]
async fn a_sku_is_one_products_for_ever_however_many_want_it() {
    let harness = harness().await;
    let answers = join_all((0..5).map(|_| async { create(&harness, &lamp("LAMP")).await })).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409]);
    let winner = answers.iter().find(|answer| answer.status == 201).unwrap();
    archive(&harness, winner.json["id"].as_str().unwrap()).await;
    let late = create(&harness, &lamp("LAMP")).await;
    assert_eq!((late.status, late.problem()), (409, "sku-taken"));
    assert!(late.json["detail"].as_str().unwrap().starts_with("LAMP belongs to prd_"), "{late:?}");
    let other = created(&harness, &lamp("OTHER")).await;
    let answer = harness.call(update_product, patch(&other, 1, &json!({"variants": lamp("LAMP")["variants"]}))).await;
    assert_eq!(answer.problem(), "sku-taken");
}

#[tokio::test]
async fn wrong_input_says_which_fields() {
    let harness = harness().await;
    let priced = |prices: Value| with(lamp("A"), &json!({"variants": [{"sku": "A", "options": {}, "prices": prices}]}));
    let eur = |amount: i64| json!({"currency": "EUR", "amount": amount});
    let unknown = format!("cat_{:032x}", 7);
    let dated =
        json!({"currency": "EUR", "amount": 1, "validFrom": "2026-02-01T00:00:00Z", "validTo": "2026-01-01T00:00:00Z"});
    let cases = [
        (with(priced(json!([eur(-1)])), &json!({"title": ""})), vec!["/title", "/variants/0/prices/0/amount"]),
        (priced(json!([eur(1), {"currency": "USD", "amount": 1}, eur(2)])), vec!["/variants/0/prices/2"]),
        (priced(json!([dated])), vec!["/variants/0/prices/0/validTo"]),
        (priced(json!([{"currency": "XXX", "amount": 1}])), vec!["/variants/0/prices/0/currency"]),
        (with(lamp("no sku!"), &json!({})), vec!["/variants/0/sku"]),
        (with(lamp("A"), &json!({"categoryIds": [unknown]})), vec!["/categoryIds/0"]),
        (
            with(lamp("A"), &json!({"images": ["https://souk.example/lamp.png", "javascript:alert(1)"]})),
            vec!["/images/1"],
        ),
        (
            with(
                lamp("A"),
                &json!({"images": ["/a.png,/b,c.png", "https://a.example/1,https://a.example/2", "/a|/b", "/a;http://b"]}),
            ),
            vec!["/images/1", "/images/2", "/images/3"],
        ),
        (with(lamp("A"), &json!({"attributes": {"": "x"}})), vec!["/attributes"]),
        (with(lamp("A"), &json!({"status": "archived"})), vec!["/status"]),
        (with(lamp("A"), &json!({"surplus": 1})), vec!["/surplus"]),
        (json!({"description": "x", "categoryIds": [], "variants": []}), vec!["/title"]),
    ];
    for (product, pointers) in cases {
        let answer = create(&harness, &product).await;
        assert_eq!((answer.status, answer.pointers()), (422, pointers), "{product}");
    }
    assert_eq!(harness.event_names().await, Vec::<String>::new());
}

#[tokio::test]
async fn only_merchants_keep_the_catalog() {
    let harness = harness().await;
    let id = created(&harness, &lamp("LAMP")).await;
    let nothing = json!({"title": "x", "description": "", "categoryIds": [], "variants": []});
    let path = format!("/v1/products/{id}");
    let requests: [(fn() -> lambda::Function, Request); 4] = [
        (create_product, as_merchant("POST", "/v1/products").json(&nothing)),
        (update_product, patch(&id, 1, &json!({"title": "Mine"}))),
        (set_price, prices(&id, "LAMP", &json!([]))),
        (archive_product, as_merchant("DELETE", &path).parameter("productId", &id)),
    ];
    for (function, request) in requests {
        let name = function().name();
        let customer = request.clone().from(user(2), &[Role::Guest, Role::Customer, Role::Courier, Role::Support]);
        assert_eq!(harness.call(function, customer).await.status, 403, "{name}");
        let admin = harness.call(function, request.from(user(3), &[Role::Admin])).await;
        assert!(admin.status < 300, "{name} {admin:?}");
    }
    let anonymous = Request::new("POST", "/v1/products").json(&nothing);
    assert_eq!(harness.call(create_product, anonymous).await.status, 401);
}

#[tokio::test]
async fn null_in_a_merge_patch_removes_what_a_product_can_be_without() {
    let harness = harness().await;
    let content = json!({"images": ["https://a.example/1.jpg"], "taxClass": "reduced"});
    let id = created(&harness, &with(lamp("LAMP"), &content)).await;
    let fields = json!({"description": null, "images": null, "taxClass": null, "categoryIds": null});
    let changed = harness.call(update_product, patch(&id, 1, &fields)).await.json;
    let [description, images, tax_class, categories] =
        ["description", "images", "taxClass", "categoryIds"].map(|name| changed[name].clone());
    assert_eq!((description, images, tax_class, categories), (json!(""), json!([]), json!("standard"), json!([])));
    let untitled = harness.call(update_product, patch(&id, 2, &json!({"title": null}))).await;
    assert_eq!((untitled.status, untitled.pointers()), (422, vec!["/title"]));
}

#[tokio::test]
async fn an_update_changes_what_it_names_at_the_version_that_was_read() {
    let harness = harness().await;
    let id = created(&harness, &with(lamp("LAMP"), &json!({"attributes": {"material": "steel", "feet": "3"}}))).await;
    let unread = as_merchant("PATCH", &format!("/v1/products/{id}")).parameter("productId", &id);
    assert_eq!(harness.call(update_product, unread.json(&json!({"title": "Lamp"}))).await.status, 428);
    let fields = json!({"title": "Lamp", "attributes": {"material": null, "weight": "1 kg"}});
    let changed = harness.call(update_product, patch(&id, 1, &fields)).await;
    assert_eq!((changed.status, changed.headers["etag"].as_str()), (200, "\"2\""), "{changed:?}");
    assert_eq!(changed.json["attributes"], json!({"feet": "3", "weight": "1 kg"}));
    assert_eq!((&changed.json["title"], &changed.json["description"]), (&json!("Lamp"), &json!("Folds flat.")));
    assert_eq!(harness.call(update_product, patch(&id, 1, &json!({"title": "Late"}))).await.status, 412);
    let same = harness.call(update_product, patch(&id, 2, &json!({"title": "Lamp"}))).await;
    assert_eq!((same.status, &same.json["version"]), (200, &json!(2)));
    assert_eq!(harness.event_names().await, ["ProductPublished.v1", "ProductChanged.v1"]);
    let wrong = harness
        .call(
            update_product,
            patch(&id, 2, &json!({"variants": [{"sku": "A", "prices": [{"currency": "EUR", "amount": -1}]}]})),
        )
        .await;
    assert_eq!(wrong.pointers(), ["/variants/0/prices/0/amount"]);
}

#[tokio::test]
async fn of_two_updates_of_one_version_one_is_made() {
    let harness = harness().await;
    let id = created(&harness, &lamp("LAMP")).await;
    let titles = ["One", "Two", "Three"].map(|title| patch(&id, 1, &json!({"title": title})));
    let answers = join_all(titles.map(|request| harness.call(update_product, request))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412]);
}

#[tokio::test]
async fn prices_are_set_as_a_whole() {
    let harness = harness().await;
    let id = created(&harness, &lamp("LAMP")).await;
    let new = json!([{"amount": 100, "currency": "USD"}, {"amount": 0, "currency": "EUR", "validTo": "2027-01-01T00:00:00.000Z"}]);
    let answer = harness.call(set_price, prices(&id, "LAMP", &new)).await;
    assert_eq!((answer.status, &answer.json["variants"][0]["prices"]), (200, &new));
    assert_eq!(harness.call(set_price, prices(&id, "LAMP", &new)).await.json["version"], 2);
    assert_eq!(harness.event_names().await, ["ProductPublished.v1", "PriceChanged.v1"]);
    assert_eq!(harness.call(set_price, prices(&id, "OTHER", &new)).await.status, 404);
    let twice = json!([{"amount": 1, "currency": "USD"}, {"amount": 2, "currency": "USD"}]);
    assert_eq!(harness.call(set_price, prices(&id, "LAMP", &twice)).await.pointers(), ["/prices/1"]);
    let negative = json!([{"amount": -1, "currency": "USD"}]);
    assert_eq!(harness.call(set_price, prices(&id, "LAMP", &negative)).await.pointers(), ["/prices/0/amount"]);
}

#[tokio::test]
async fn prices_are_set_at_the_version_that_was_read() {
    let harness = harness().await;
    let id = created(&harness, &lamp("LAMP")).await;
    let set = async |tag: &str| {
        let request = prices(&id, "LAMP", &json!([])).header("if-match", tag);
        harness.call(set_price, request).await.status
    };
    assert_eq!((set("").await, set("\"2\"").await, set("\"1\"").await, set("\"1\"").await), (428, 412, 200, 412));
}

#[tokio::test]
async fn an_archived_product_is_gone_and_its_skus_are_named() {
    let harness = harness().await;
    let id = created(&harness, &lamp("LAMP")).await;
    assert_eq!(archive(&harness, &id).await.status, 204);
    assert_eq!(archive(&harness, &id).await.status, 204, "it stays so");
    assert_eq!(get(&harness, &id).await.status, 404);
    assert_eq!(harness.call(update_product, patch(&id, 2, &json!({"title": "x"}))).await.status, 404);
    assert_eq!(harness.call(set_price, prices(&id, "LAMP", &json!([]))).await.status, 404);
    let events = harness.events().await;
    let archived = events[1].envelope::<contracts::events::catalog::ProductArchived>().unwrap();
    assert_eq!((events.len(), archived.data.skus[0].as_str()), (2, "LAMP"));
    let never = format!("prd_{:032x}", 7);
    assert_eq!(archive(&harness, &never).await.status, 404);
}

#[tokio::test]
async fn a_draft_is_heard_of_when_it_is_published() {
    let harness = harness().await;
    let id = created(&harness, &with(lamp("LAMP"), &json!({"status": "draft"}))).await;
    assert_eq!(get(&harness, &id).await.json["status"], "draft");
    assert_eq!(harness.event_names().await, Vec::<String>::new());
    let answer = harness.call(update_product, patch(&id, 1, &json!({"status": "published"}))).await;
    assert_eq!((answer.status, &answer.json["status"]), (200, &json!("published")), "{answer:?}");
    assert_eq!(harness.event_names().await, ["ProductPublished.v1"]);
    let back = harness.call(update_product, patch(&id, 2, &json!({"status": "draft"}))).await;
    assert_eq!(back.pointers(), ["/status"]);
}

#[tokio::test]
async fn the_largest_product_is_changed_in_one_transaction() {
    let harness = harness().await;
    let mut leaves = Vec::new();
    for branch in 0..10 {
        let mut leaf = category(&harness, &branch.to_string(), None).await;
        for _ in 1..5 {
            leaf = category(&harness, "below", Some(&leaf)).await;
        }
        leaves.push(leaf);
    }
    let variants = |prefix: &str| -> Vec<Value> {
        (0..40)
            .map(|at| json!({"sku": format!("{prefix}-{at}"), "prices": [{"currency": "EUR", "amount": 1}]}))
            .collect()
    };
    let whole = with(lamp("A"), &json!({"categoryIds": leaves[..5], "variants": variants("A")}));
    let id = created(&harness, &whole).await;
    let fields = json!({"categoryIds": leaves[5..], "variants": variants("B")});
    let answer = harness.call(update_product, patch(&id, 1, &fields)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn a_product_has_a_tax_class_and_each_of_its_events_names_it() {
    let harness = harness().await;
    let id = created(&harness, &with(lamp("BOOK"), &json!({"taxClass": "reduced"}))).await;
    let priced = harness.call(set_price, prices(&id, "BOOK", &json!([{"currency": "EUR", "amount": 5}]))).await;
    let renamed = harness.call(update_product, patch(&id, 2, &json!({"title": "Book"}))).await;
    let changed = harness.call(update_product, patch(&id, 3, &json!({"taxClass": "zero"}))).await;
    assert_eq!([priced.status, renamed.status, changed.status], [200; 3]);
    assert_eq!((&renamed.json["taxClass"], &changed.json["taxClass"]), (&json!("reduced"), &json!("zero")));
    let told = harness.events().await.into_iter().map(|event| {
        let data = &serde_json::from_str::<Value>(&event.detail).unwrap()["data"];
        data.get("product").filter(|product| product.is_object()).unwrap_or(data)["taxClass"].clone()
    });
    assert_eq!(told.collect::<Vec<_>>(), ["reduced", "reduced", "reduced", "zero"]);
    for (class, pointer) in
        [(json!("Reduced"), "/taxClass"), (json!("proportional"), "/taxClass"), (json!(1), "/taxClass")]
    {
        let refused = create(&harness, &with(lamp("OTHER"), &json!({"taxClass": class}))).await;
        assert_eq!((refused.status, refused.pointers()), (422, vec![pointer]), "{class}");
    }
}

#[tokio::test]
async fn each_event_of_a_product_names_its_categories_and_all_above() {
    let harness = harness().await;
    let root = category(&harness, "Home", None).await;
    let lamps = category(&harness, "Lamps", Some(&root)).await;
    let id = created(&harness, &with(lamp("LAMP"), &json!({"categoryIds": [lamps]}))).await;
    harness.call(set_price, prices(&id, "LAMP", &json!([{"currency": "EUR", "amount": 5}]))).await;
    let events = harness.events().await.into_iter().filter(|event| event.name != "CategoryChanged.v1");
    let told: Vec<Vec<String>> = events
        .map(|event| {
            let data = &serde_json::from_str::<Value>(&event.detail).unwrap()["data"];
            let product = data.get("product").filter(|product| product.is_object()).unwrap_or(data);
            serde_json::from_value(product["listedIn"].clone()).unwrap()
        })
        .collect();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|ids| ids.len() == 2 && ids.contains(&root) && ids.contains(&lamps)), "{told:?}");
}
