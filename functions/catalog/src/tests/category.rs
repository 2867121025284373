use super::*;
use crate::operations::list_categories::function as list_categories;

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
