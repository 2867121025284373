use super::*;
use crate::operations::{
    add_group_member::function as add_group_member, create_customer_group::function as create_customer_group,
    list_customer_groups::function as list_customer_groups, refresh_session::function as refresh_session,
    remove_group_member::function as remove_group_member,
};

const PATH: &str = "/v1/customer-groups";

fn creation(name: &str) -> Request {
    Request::new("POST", PATH).from(user(1), &[Role::Merchant]).json(&json!({"name": name}))
}

/// Creates a group, and returns its id.
async fn group(harness: &Harness, name: &str) -> String {
    let answer = harness.call(create_customer_group, creation(name)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json["id"].as_str().unwrap().to_owned()
}

fn membership(method: &str, group: &str, member: UserId) -> Request {
    let path = format!("{PATH}/{group}/members/{member}");
    let request = Request::new(method, &path).from(user(1), &[Role::Merchant]);
    request.parameter("groupId", group).parameter("userId", member)
}

async fn join(harness: &Harness, group: &str, member: UserId) -> Answer {
    harness.call(add_group_member, membership("PUT", group, member)).await
}

async fn leave(harness: &Harness, group: &str, member: UserId) -> Answer {
    harness.call(remove_group_member, membership("DELETE", group, member)).await
}

#[tokio::test]
async fn merchants_and_support_create_and_list_groups() {
    let harness = harness().await;
    let made = harness.call(create_customer_group, creation("Trade")).await;
    let id = made.json["id"].as_str().unwrap();
    assert_eq!((made.status, &made.json), (201, &json!({"id": id, "name": "Trade"})));
    assert!(id.starts_with("cgr_"), "{id}");
    assert_eq!(made.headers["location"], PATH);
    let second = group(&harness, "Staff").await;
    for role in [Role::Merchant, Role::Support, Role::Admin] {
        let page = Request::new("GET", PATH).from(user(1), &[role]).query("limit", 1);
        let first = harness.call(list_customer_groups, page.clone()).await;
        assert_eq!(first.json["items"], json!([{"id": id, "name": "Trade"}]));
        let next = page.query("cursor", first.json["nextCursor"].as_str().unwrap());
        assert_eq!(harness.call(list_customer_groups, next).await.json["items"][0]["id"], second);
    }
}

#[tokio::test]
async fn groups_are_listed_in_pages() {
    let harness = harness().await;
    for _ in 0..5 {
        group(&harness, "Trade").await;
    }
    let list = Request::new("GET", PATH).from(user(1), &[Role::Support]);
    assert_eq!(harness.paged(list_customer_groups, &list).await.len(), 5);
}

#[tokio::test]
async fn a_repeated_request_creates_one_group() {
    let harness = harness().await;
    let request = creation("Trade");
    let first = harness.call(create_customer_group, request.clone()).await;
    let again = harness.call(create_customer_group, request).await;
    assert_eq!((again.status, &again.json), (201, &first.json));
    let listed = harness.call(list_customer_groups, Request::new("GET", PATH).from(user(1), &[Role::Support])).await;
    assert_eq!(listed.json["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn there_are_a_hundred_groups_at_most() {
    let harness = harness().await;
    for _ in 0..100 {
        group(&harness, "Trade").await;
    }
    let answer = harness.call(create_customer_group, creation("Trade")).await;
    assert_eq!((answer.status, answer.problem()), (409, "too-many-customer-groups"));
}

#[tokio::test]
async fn a_wrong_name_is_refused() {
    let harness = harness().await;
    for name in [String::new(), "x".repeat(61), "a\u{0}".to_owned()] {
        let answer = harness.call(create_customer_group, creation(&name)).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec!["/name"]), "{name:?}");
    }
    assert_eq!(harness.call(create_customer_group, creation(&"x".repeat(60))).await.status, 201);
}

#[tokio::test]
async fn only_merchants_and_support_use_groups() {
    let harness = harness().await;
    let (ada, trade) = (customer(&harness).await, group(&harness, "Trade").await);
    for role in [Role::Guest, Role::Customer, Role::Courier] {
        let statuses = [
            harness.call(create_customer_group, creation("x").from(ada, &[role])).await.status,
            harness.call(list_customer_groups, Request::new("GET", PATH).from(ada, &[role])).await.status,
            harness.call(add_group_member, membership("PUT", &trade, ada).from(ada, &[role])).await.status,
            harness.call(remove_group_member, membership("DELETE", &trade, ada).from(ada, &[role])).await.status,
        ];
        assert_eq!(statuses, [403; 4], "{role}");
    }
}

#[tokio::test]
async fn the_next_token_of_a_member_contains_its_groups() {
    let harness = harness().await;
    let session = signed_in(&harness, ADA).await;
    let ada = id_of(&session);
    let said = context(&harness, &session["accessToken"]).await;
    assert_eq!((&said["groups"], &said["verified"]), (&json!(""), &json!("false")));
    let (trade, staff) = (group(&harness, "Trade").await, group(&harness, "Staff").await);
    for id in [&trade, &staff, &trade] {
        assert_eq!(join(&harness, id, ada).await.status, 204);
    }
    let signed_in = attempt(&harness, ADA, PASSWORD).await.json;
    let said = context(&harness, &signed_in["accessToken"]).await;
    assert_eq!((said["groups"].as_str(), &said["verified"]), (Some(&*format!("{trade},{staff}")), &json!("false")));

    assert_eq!(leave(&harness, &trade, ada).await.status, 204);
    assert_eq!(leave(&harness, &trade, ada).await.status, 204);
    let body = json!({"refreshToken": session["refreshToken"]});
    let fresh = harness.call(refresh_session, anonymous("/v1/sessions/refresh", &body)).await.json;
    assert_eq!(context(&harness, &fresh["accessToken"]).await["groups"], *staff);

    let changes = harness.events().await.into_iter().filter(|event| event.name == "CustomerGroupChanged.v1");
    let changes: Vec<_> =
        changes.map(|event| serde_json::from_str::<Value>(&event.detail).unwrap()["data"].clone()).collect();
    let change = |group: &String, member: bool| json!({"group": group, "user": ada, "member": member});
    assert_eq!(changes, [change(&trade, true), change(&staff, true), change(&trade, false)]);
}

#[tokio::test]
async fn a_token_from_before_there_were_groups_is_valid() {
    #[derive(Clone, serde::Serialize, serde::Deserialize)]
    struct OldClaims {
        sub: UserId,
        roles: Vec<Role>,
        sid: contracts::SessionId,
        iat: i64,
        exp: i64,
        jti: String,
    }
    impl lambda::jws::Claims for OldClaims {
        const TYPE: &'static str = "at+jwt";
        const ISSUER: &'static str = "users";
        const AUDIENCE: Option<&'static str> = None;

        fn issued_at(&self) -> i64 {
            self.iat
        }

        fn expires_at(&self) -> i64 {
            self.exp
        }
    }
    let harness = harness().await;
    let key = harness.service::<crate::Users>().tokens.rotate(&harness.context()).await.unwrap();
    let iat = harness.now().as_second();
    let (sid, jti) = (uuid::Uuid::nil().into(), "1".to_owned());
    let claims = OldClaims { sub: user(1), roles: vec![Role::Customer], sid, iat, exp: iat + 600, jti };
    let token = key.sign(&claims, harness.env().variable("STAGE").unwrap()).unwrap();
    let caller = context(&harness, &json!(token)).await;
    assert_eq!(
        (&caller["principal"], &caller["groups"], &caller["verified"]),
        (&json!(user(1)), &json!(""), &json!("false"))
    );
}

#[tokio::test]
async fn an_account_is_in_ten_groups_at_most() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    for _ in 0..10 {
        assert_eq!(join(&harness, &group(&harness, "Trade").await, ada).await.status, 204);
    }
    let answer = join(&harness, &group(&harness, "Trade").await, ada).await;
    assert_eq!((answer.status, answer.problem()), (409, "too-many-groups"));
}

#[tokio::test]
async fn unknown_groups_and_users_are_not_found() {
    let harness = harness().await;
    let (ada, trade) = (customer(&harness).await, group(&harness, "Trade").await);
    let nowhere = format!("cgr_{:032x}", 7);
    for (group, member) in [(&nowhere, ada), (&trade, user(9))] {
        assert_eq!(join(&harness, group, member).await.status, 404);
        assert_eq!(leave(&harness, group, member).await.status, 404);
    }
    let guest = id_of(&guest(&harness).await);
    assert_eq!(join(&harness, &trade, guest).await.status, 404);
}

#[tokio::test]
async fn an_account_that_is_being_erased_is_not_found() {
    let harness = harness().await;
    let (ada, trade) = (customer(&harness).await, group(&harness, "Trade").await);
    let table = harness.env().table().unwrap();
    table.commit(&harness.context()).delete(&dynamo::Key::of("subject-key", ada)).run().await.unwrap();
    assert_eq!(join(&harness, &trade, ada).await.status, 404);
}
