use contracts::events::catalog::CategoryChanged;
use jiff::SignedDuration;
use uuid::Uuid;

use super::{
    finding::{on_sale, search},
    *,
};
use crate::operations::{
    index_category::function as index_category, list_categories::function as list_categories,
    reindex_category::function as reindex_category, update_category::function as update_category,
};

fn rename(id: &str, version: u64, name: &str) -> Request {
    let request = as_merchant("PATCH", &format!("/v1/categories/{id}")).parameter("categoryId", id);
    request.header("if-match", format!("\"{version}\"")).json(&json!({"name": name}))
}

#[tokio::test]
async fn the_tree_is_listed_branch_by_branch() {
    let harness = harness().await;
    let home = category(&harness, "Home", None).await;
    let garden = category(&harness, "Garden", None).await;
    let lamps = category(&harness, "Lamps", Some(&home)).await;
    let page = harness.call(list_categories, Request::new("GET", "/v1/categories")).await;
    let listed = ids(&page);
    let at = |id: &String| listed.iter().position(|one| one == id).unwrap();
    assert_eq!((listed.len(), at(&lamps)), (3, at(&home) + 1), "{page:?}");
    let view = &page.json["items"][at(&lamps)];
    assert_eq!((&view["parentId"], &view["path"]), (&json!(home), &json!([home])));
    assert_eq!(page.json["items"][at(&garden)]["parentId"], Value::Null);
    assert_eq!(harness.event_names().await, ["CategoryChanged.v1"; 3]);
}

#[tokio::test]
async fn a_category_needs_a_parent_that_is_there_and_not_too_deep() {
    let harness = harness().await;
    let wrong = |parent: String| as_merchant("POST", "/v1/categories").json(&json!({"name": "x", "parentId": parent}));
    let nowhere = format!("cat_{:032x}", 7);
    let answer = harness.call(create_category, wrong(nowhere)).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/parentId"]));
    let mut parent = category(&harness, "1", None).await;
    for level in 2..=5 {
        parent = category(&harness, &level.to_string(), Some(&parent)).await;
    }
    let answer = harness.call(create_category, wrong(parent)).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/parentId"]));
}

#[tokio::test]
async fn only_merchants_make_categories_and_each_request_makes_one() {
    let harness = harness().await;
    let request = as_merchant("POST", "/v1/categories").json(&json!({"name": "Lamps"}));
    let (first, again) =
        (harness.call(create_category, request.clone()).await, harness.call(create_category, request.clone()).await);
    assert_eq!(first.json["id"], again.json["id"]);
    let customer = request.clone().from(user(2), &[Role::Customer]);
    assert_eq!(harness.call(create_category, customer).await.status, 403);
    let nameless = as_merchant("POST", "/v1/categories").json(&json!({"name": ""}));
    assert_eq!(harness.call(create_category, nameless).await.pointers(), ["/name"]);
}

#[tokio::test]
async fn a_category_is_renamed_at_the_version_that_was_read() {
    let harness = harness().await;
    let home = category(&harness, "Home", None).await;
    let lamps = category(&harness, "Lamps", Some(&home)).await;
    let renamed = harness.call(update_category, rename(&lamps, 1, "Lights")).await;
    let expected = json!({"id": lamps, "name": "Lights", "parentId": home, "path": [home], "version": 2});
    assert_eq!((renamed.status, &renamed.json, &*renamed.headers["etag"]), (200, &expected, "\"2\""));
    assert_eq!(harness.call(update_category, rename(&lamps, 1, "Lamps")).await.status, 412);
    let same = harness.call(update_category, rename(&lamps, 2, "Lights")).await;
    assert_eq!((same.status, &*same.headers["etag"]), (200, "\"2\""), "nothing has changed");
    let page = harness.call(list_categories, Request::new("GET", "/v1/categories")).await;
    assert_eq!(page.json["items"][1], expected);
    assert_eq!(harness.event_names().await, ["CategoryChanged.v1"; 3]);
}

#[tokio::test]
async fn only_a_merchant_renames_a_category_that_exists() {
    let harness = harness().await;
    let lamps = category(&harness, "Lamps", None).await;
    let customer = rename(&lamps, 1, "Lights").from(user(2), &[Role::Customer]);
    assert_eq!(harness.call(update_category, customer).await.status, 403);
    assert_eq!(harness.call(update_category, rename(&lamps, 1, "")).await.pointers(), ["/name"]);
    let nowhere = format!("cat_{:032x}", 7);
    assert_eq!(harness.call(update_category, rename(&nowhere, 1, "Lights")).await.status, 404);
}

/// Receives the only message of the queue, if there is one.
async fn message(harness: &Harness) -> Option<Value> {
    let (sqs, url) = (harness.env().sqs(), harness.env().variable("SEARCH_CATEGORY_QUEUE_URL").unwrap().to_owned());
    let answer = sqs.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
    let [message] = answer.messages() else {
        assert!(answer.messages().is_empty(), "{answer:?}");
        return None;
    };
    sqs.delete_message().queue_url(&url).receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
    Some(serde_json::from_str(message.body().unwrap()).unwrap())
}

#[tokio::test]
async fn the_products_of_a_renamed_category_are_found_by_its_new_name() {
    let harness = super::finding::harness().await;
    let queue = harness.env().sqs().create_queue().queue_name("search-category").send().await.unwrap();
    let harness = harness.with_variable("SEARCH_CATEGORY_QUEUE_URL", queue.queue_url().unwrap());
    let home = category(&harness, "Home", None).await;
    let lamps = category(&harness, "Lamps", Some(&home)).await;
    for number in 0..101 {
        on_sale(&harness, &with(lamp(&format!("LAMP-{number}")), &json!({"categoryIds": [lamps]}))).await;
    }
    let changed = |name: &str| CategoryChanged { category: home.parse().unwrap(), name: name.to_owned(), parent: None };
    let event = |version, name| harness.envelope(&format!("category#{home}"), version, changed(name));
    harness.deliver(index_category, &event(1, "Home")).await.unwrap();
    assert_eq!(message(&harness).await, None, "a new category has no products");

    harness.call(update_category, rename(&home, 1, "Dwelling")).await;
    harness.deliver(index_category, &event(2, "Dwelling")).await.unwrap();
    harness.advance(SignedDuration::from_secs(1));
    for (number, found) in [(1, 100), (2, 101), (3, 101)] {
        let body = message(&harness).await.unwrap();
        harness.message(reindex_category, Uuid::from_u128(number), &body).await.unwrap();
        harness.advance(SignedDuration::from_secs(1));
        let page = search(&harness, &[("q", "dwelling")]).await;
        let values = page.json["facets"][0]["values"].as_array().unwrap();
        let label = values.iter().find(|value| value["value"] == *home).map(|value| &value["label"]);
        assert_eq!((&page.json["total"], label), (&json!(found), Some(&json!("Dwelling"))));
    }
    assert_eq!(message(&harness).await, None);
    assert_eq!(search(&harness, &[("q", "home")]).await.json["total"], 0);
}
