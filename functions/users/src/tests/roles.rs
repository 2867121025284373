use super::*;
use crate::operations::{
    grant_admin::function as grant_admin, list_users::function as list_users,
    refresh_session::function as refresh_session, set_roles::function as set_roles,
};

fn assignment(by: UserId, to: UserId, roles: &[&str]) -> Request {
    Request::new("PUT", &format!("/v1/users/{to}/roles"))
        .from(by, &[Role::Admin])
        .parameter("userId", to)
        .json(&json!({"roles": roles}))
}

#[tokio::test]
async fn the_first_admin_is_made_by_who_runs_the_platform() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let granted = harness.invoke(grant_admin, &json!({"email": "ADA@example.com"})).await.unwrap();
    assert_eq!((&granted["id"], &granted["roles"]), (&json!(ada), &json!(["customer", "admin"])));
    assert_eq!(harness.invoke(grant_admin, &json!({"userId": ada})).await.unwrap(), granted, "again changes nothing");
    assert_eq!(attempt(&harness, ADA, PASSWORD).await.json["user"]["roles"], granted["roles"]);
    for wrong in [json!({}), json!({"email": "nobody@example.com"}), json!({"email": ADA, "userId": ada})] {
        assert!(harness.invoke(grant_admin, &wrong).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn an_admin_sets_roles_and_the_next_token_has_them() {
    let harness = harness().await;
    let session = signed_in(&harness, ADA).await;
    let ada = id_of(&session);
    let request = assignment(user(1), ada, &["merchant", "customer"]);
    assert_eq!(harness.call(set_roles, request.clone()).await.status, 428);
    let request = request.header("if-match", "\"1\"");
    let answer = harness.call(set_roles, request.clone()).await;
    assert_eq!((answer.status, &answer.json["roles"]), (200, &json!(["customer", "merchant"])), "{answer:?}");
    assert_eq!(harness.call(set_roles, request).await.status, 412);
    let same = assignment(user(1), ada, &["customer", "merchant"]).header("if-match", &answer.headers["etag"]);
    assert_eq!(harness.call(set_roles, same).await.headers["etag"], answer.headers["etag"]);

    let body = json!({"refreshToken": session["refreshToken"]});
    let fresh = harness.call(refresh_session, anonymous("/v1/sessions/refresh", &body)).await.json;
    assert_eq!(context(&harness, &fresh["accessToken"]).await["roles"], "customer,merchant");
    let names = harness.event_names().await;
    assert_eq!(names.iter().filter(|name| *name == "RolesChanged.v1").count(), 1);
}

#[tokio::test]
async fn only_admins_set_roles() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    for role in [Role::Guest, Role::Customer, Role::Merchant, Role::Courier, Role::Support] {
        let request = assignment(ada, ada, &["admin"]).from(ada, &[role]).header("if-match", "*");
        assert_eq!(harness.call(set_roles, request).await.status, 403, "{role}");
    }
    let anonymous =
        Request::new("PUT", "/v1/users/x/roles").parameter("userId", ada).json(&json!({"roles": ["admin"]}));
    assert_eq!(harness.call(set_roles, anonymous).await.status, 401);
    let nobody = assignment(user(1), user(9), &["merchant"]).header("if-match", "*");
    assert_eq!(harness.call(set_roles, nobody).await.status, 404);
}

#[tokio::test]
async fn wrong_roles_are_refused() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    harness.invoke(grant_admin, &json!({"userId": ada})).await.unwrap();
    let set = async |by, roles: &[&str]| {
        let answer = harness.call(set_roles, assignment(by, ada, roles).header("if-match", "*")).await;
        (answer.status, answer.problem().to_owned())
    };
    let invalid = (422, "invalid-input".to_owned());
    assert_eq!(set(user(1), &[]).await, invalid);
    assert_eq!(set(user(1), &["guest"]).await, invalid);
    assert_eq!(set(user(1), &["emperor"]).await, invalid);
    assert_eq!(set(ada, &["customer"]).await, (409, "own-admin-role".to_owned()));
    assert_eq!(set(user(1), &["customer"]).await.0, 200, "another admin may");
}

#[tokio::test]
async fn accounts_are_listed_in_pages_for_admins_and_support() {
    let harness = harness().await;
    for name in ["a", "b", "c"] {
        assert_eq!(register(&harness, &format!("{name}@example.com"), PASSWORD).await.status, 201);
        harness.advance(jiff::SignedDuration::from_secs(1));
    }
    let page = |role| Request::new("GET", "/v1/users").from(user(1), &[role]).query("limit", 2);
    let first = harness.call(list_users, page(Role::Admin)).await;
    let emails = |answer: &Answer| {
        let items = answer.json["items"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
        items.iter().map(|item| item["email"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(emails(&first), ["c@example.com", "b@example.com"]);
    let next = page(Role::Support).query("cursor", first.json["nextCursor"].as_str().unwrap());
    assert_eq!(emails(&harness.call(list_users, next).await), ["a@example.com"]);
    for role in [Role::Guest, Role::Customer, Role::Merchant, Role::Courier] {
        assert_eq!(harness.call(list_users, page(role)).await.status, 403, "{role}");
    }
    assert_eq!(harness.call(list_users, Request::new("GET", "/v1/users")).await.status, 401);
}

#[tokio::test]
async fn support_finds_an_account_by_its_address_in_any_spelling() {
    let harness = harness().await;
    let zoe = id_of(&signed_in(&harness, "zoë@bücher.example").await);
    customer(&harness).await;
    let by = |role, email| Request::new("GET", "/v1/users").from(user(1), &[role]).query("email", email);
    for role in [Role::Support, Role::Admin] {
        for spelling in ["zoë@bücher.example", " ZOE\u{308}@BU\u{308}CHER.example ", "Zoë@xn--bcher-kva.example"] {
            let found = harness.call(list_users, by(role, spelling)).await;
            let ids: Vec<_> = found.json["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
            assert_eq!((ids, &found.json["nextCursor"]), (vec![&json!(zoe)], &Value::Null), "{spelling}");
        }
        for other in ["zoe@bücher.example", "zoë@bücher.examples", "nobody@example.com"] {
            let found = harness.call(list_users, by(role, other)).await;
            assert_eq!((found.status, &found.json["items"]), (200, &json!([])), "{other}");
        }
    }
    let wrong = harness.call(list_users, by(Role::Support, "zoë")).await;
    assert_eq!((wrong.status, wrong.pointers()), (422, vec!["/email"]));
    let other = harness.call(list_users, by(Role::Support, ADA).query("cursor", "forged")).await;
    assert_eq!(other.problem(), "invalid-cursor");
}

#[tokio::test]
async fn an_account_that_is_being_erased_is_not_found_by_its_address() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let table = harness.env().table().unwrap();
    table.commit(&harness.context()).delete(&dynamo::Key::of("subject-key", ada)).run().await.unwrap();
    let request = Request::new("GET", "/v1/users").from(user(1), &[Role::Support]).query("email", ADA);
    let found = harness.call(list_users, request).await;
    assert_eq!((found.status, &found.json["items"]), (200, &json!([])));
}

#[tokio::test]
async fn a_page_of_accounts_is_full_though_one_is_being_erased() {
    let harness = harness().await;
    for name in ["a", "b", "c"] {
        assert_eq!(register(&harness, &format!("{name}@example.com"), PASSWORD).await.status, 201);
        harness.advance(jiff::SignedDuration::from_secs(1));
    }
    let page = Request::new("GET", "/v1/users").from(user(1), &[Role::Admin]).query("limit", 2);
    let newest = harness.call(list_users, page.clone()).await.json["items"][0]["id"].as_str().unwrap().to_owned();
    let table = harness.env().table().unwrap();
    table.commit(&harness.context()).delete(&dynamo::Key::of("subject-key", newest)).run().await.unwrap();
    let left = harness.call(list_users, page).await;
    let emails: Vec<_> = left.json["items"].as_array().unwrap().iter().map(|item| &item["email"]).collect();
    assert_eq!(emails, ["b@example.com", "a@example.com"]);
}
