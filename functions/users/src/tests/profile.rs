use super::*;
use crate::operations::{get_profile::function as get_profile, update_profile::function as update_profile};

async fn me(harness: &Harness, caller: UserId, role: Role) -> Answer {
    harness.call(get_profile, Request::new("GET", "/v1/me").from(caller, &[role])).await
}

#[tokio::test]
async fn customers_see_and_change_who_they_are() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let seen = me(&harness, ada, Role::Customer).await;
    assert_eq!(seen.json, json!({"id": ada, "email": ADA, "name": "Ada", "language": "en", "roles": ["customer"]}));

    let rename = own("PATCH", "/v1/me", ada).json(&json!({"name": "Ada Lovelace"}));
    assert_eq!(harness.call(update_profile, rename.clone()).await.status, 428);
    let rename = rename.header("if-match", &seen.headers["etag"]);
    let changed = harness.call(update_profile, rename.clone()).await;
    assert_eq!((changed.status, &changed.json["name"]), (200, &json!("Ada Lovelace")));
    assert_eq!(harness.call(update_profile, rename).await.status, 412);
    assert_eq!(me(&harness, ada, Role::Customer).await.json, changed.json);
    assert!(harness.event_names().await.contains(&"ProfileChanged.v1".to_owned()));
}

#[tokio::test]
async fn events_say_that_something_changed_and_not_what() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let rename = own("PATCH", "/v1/me", ada).json(&json!({"name": "Countess"})).header("if-match", "*");
    assert_eq!(harness.call(update_profile, rename).await.status, 200);
    for event in harness.events().await {
        assert!(!["Countess", "Ada", ADA].iter().any(|text| event.detail.contains(text)), "{}", event.detail);
    }
}

#[tokio::test]
async fn guests_are_nobody_in_particular() {
    let harness = harness().await;
    let id = id_of(&guest(&harness).await);
    let seen = me(&harness, id, Role::Guest).await;
    let nobody = json!({"id": id, "email": null, "name": null, "language": null, "roles": ["guest"]});
    assert_eq!((seen.status, seen.json), (200, nobody));
    let rename = Request::new("PATCH", "/v1/me").from(id, &[Role::Guest]).json(&json!({"name": "Ada"}));
    assert_eq!(harness.call(update_profile, rename.header("if-match", "*")).await.status, 403);
}

#[tokio::test]
async fn nobody_is_nobody() {
    let harness = harness().await;
    assert_eq!(harness.call(get_profile, Request::new("GET", "/v1/me")).await.status, 401);
    assert_eq!(me(&harness, user(9), Role::Customer).await.status, 403, "an account that is gone");
}

#[tokio::test]
async fn wrong_input_says_which_field() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    for (body, pointer) in [(json!({"name": ""}), "/name"), (json!({"name": "A", "email": "b@c.de"}), "/email")] {
        let answer = harness.call(update_profile, own("PATCH", "/v1/me", ada).json(&body)).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec![pointer]));
    }
}
