use super::*;
use crate::operations::{
    add_address::function as add_address, list_addresses::function as list_addresses,
    remove_address::function as remove_address, update_address::function as update_address,
};

fn london(line1: &str) -> Value {
    json!({"name": "Ada Lovelace", "line1": line1, "city": "London", "postcode": "SW1Y 4JH", "country": "GB"})
}

fn addition(owner: UserId, line1: &str, default: bool) -> Request {
    own("POST", "/v1/me/addresses", owner).json(&json!({"address": london(line1), "default": default}))
}

fn one(method: &str, owner: UserId, id: &str) -> Request {
    own(method, &format!("/v1/me/addresses/{id}"), owner).parameter("addressId", id)
}

/// The street and the default flag of each address.
async fn listed(harness: &Harness, owner: UserId) -> Vec<(String, bool)> {
    let answer = harness.call(list_addresses, own("GET", "/v1/me/addresses", owner)).await;
    let items = answer.json["items"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    let line = |item: &Value| item["address"]["line1"].as_str().unwrap().to_owned();
    items.iter().map(|item| (line(item), item["default"].as_bool().unwrap())).collect()
}

#[tokio::test]
async fn addresses_are_added_changed_and_removed() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let home = harness.call(add_address, addition(ada, "12 St James Square", false)).await;
    let id = home.json["id"].as_str().unwrap();
    assert_eq!((home.status, home.headers["location"].clone()), (201, format!("/v1/me/addresses/{id}")));
    harness.call(add_address, addition(ada, "1 Work Street", true)).await;
    let both = [("12 St James Square".to_owned(), false), ("1 Work Street".to_owned(), true)];
    assert_eq!(listed(&harness, ada).await, both);

    let moved = one("PUT", ada, id).json(&json!({"address": london("10 Dorset Street"), "default": true}));
    assert_eq!(harness.call(update_address, moved.clone()).await.status, 428);
    let moved = moved.header("if-match", &home.headers["etag"]);
    let answer = harness.call(update_address, moved.clone()).await;
    assert_eq!((answer.status, &answer.json["version"]), (200, &json!(2)), "{answer:?}");
    assert_eq!(harness.call(update_address, moved).await.status, 412);

    assert_eq!(harness.call(remove_address, one("DELETE", ada, id)).await.status, 204);
    assert_eq!(listed(&harness, ada).await, [("1 Work Street".to_owned(), true)]);
}

#[tokio::test]
async fn an_address_that_is_absent_counts_as_removed() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let never = "adr_0000000000000000000000000000002a";
    assert_eq!(harness.call(remove_address, one("DELETE", ada, never)).await.status, 204);
    let home = harness.call(add_address, addition(ada, "12 St James Square", false)).await;
    let id = home.json["id"].as_str().unwrap();
    assert_eq!(harness.call(remove_address, one("DELETE", ada, id)).await.status, 204);
    let events = harness.event_names().await;
    assert_eq!(harness.call(remove_address, one("DELETE", ada, id)).await.status, 204);
    assert_eq!(harness.event_names().await, events, "nothing happens the second time");
    let guest = one("DELETE", user(9), id).from(user(9), &[Role::Guest]);
    assert_eq!(harness.call(remove_address, guest).await.status, 403, "a guest has no addresses");
}

#[tokio::test]
async fn a_repeated_addition_adds_once() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let request = addition(ada, "12 St James Square", false);
    let (first, again) =
        (harness.call(add_address, request.clone()).await, harness.call(add_address, request.clone()).await);
    assert_eq!((again.status, &again.json), (201, &first.json));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(listed(&harness, ada).await.len(), 1);
}

#[tokio::test]
async fn additions_at_once_are_all_kept() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let additions = (0..8).map(|n| harness.call(add_address, addition(ada, &format!("{n} Street"), false)));
    let answers = futures::future::join_all(additions).await;
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    assert_eq!(listed(&harness, ada).await.len(), 8);
}

#[tokio::test]
async fn an_account_keeps_twenty() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    for n in 0..20 {
        assert_eq!(harness.call(add_address, addition(ada, &format!("{n} Street"), false)).await.status, 201);
    }
    let answer = harness.call(add_address, addition(ada, "21 Street", false)).await;
    assert_eq!((answer.status, answer.problem()), (409, "too-many-addresses"));
}

#[tokio::test]
async fn addresses_come_in_pages() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    for n in 0..5 {
        assert_eq!(harness.call(add_address, addition(ada, &format!("{n} Street"), false)).await.status, 201);
    }
    let own_list = |of| own("GET", "/v1/me/addresses", of);
    let streets: Vec<_> = harness.paged(list_addresses, &own_list(ada)).await;
    let streets: Vec<_> = streets.iter().map(|item| item["address"]["line1"].as_str().unwrap()).collect();
    assert_eq!(streets, ["0 Street", "1 Street", "2 Street", "3 Street", "4 Street"]);
    let first = harness.call(list_addresses, own_list(ada).query("limit", 2)).await;
    let eve = id_of(&signed_in(&harness, "eve@example.com").await);
    let foreign = own_list(eve).query("cursor", first.json["nextCursor"].as_str().unwrap());
    assert_eq!(harness.call(list_addresses, foreign).await.problem(), "invalid-cursor");
}

#[tokio::test]
async fn nobody_reaches_the_address_of_another() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let eve = id_of(&signed_in(&harness, "eve@example.com").await);
    let home = harness.call(add_address, addition(ada, "12 St James Square", false)).await;
    let id = home.json["id"].as_str().unwrap();
    assert_eq!(listed(&harness, eve).await, []);
    let theirs = one("PUT", eve, id).json(&json!({"address": london("Mine")})).header("if-match", "*");
    assert_eq!(harness.call(update_address, theirs).await.status, 404);
    // It is not one of Eve's addresses, and Ada still has it.
    assert_eq!(harness.call(remove_address, one("DELETE", eve, id)).await.status, 204);
    assert_eq!(listed(&harness, ada).await, [("12 St James Square".to_owned(), true)]);
    assert_eq!(harness.call(list_addresses, Request::new("GET", "/v1/me/addresses")).await.status, 401);
    let guest = addition(user(9), "12 St James Square", false).from(user(9), &[Role::Guest]);
    assert_eq!(harness.call(add_address, guest).await.status, 403);
}

#[tokio::test]
async fn an_address_has_the_fields_of_its_country() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let base = json!({"name": "Ada Wong", "line1": "88 Queensway", "city": "Admiralty"});
    let with = |fields: Value| {
        let mut address = base.clone();
        address.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        own("POST", "/v1/me/addresses", ada).json(&json!({"address": address}))
    };
    for country in ["HK", "QA", "AE"] {
        for fields in [json!({"country": country}), json!({"country": country, "postcode": ""})] {
            let answer = harness.call(add_address, with(fields)).await;
            assert_eq!((answer.status, &answer.json["problems"]), (201, &json!([])), "{answer:?}");
            assert_eq!(answer.json["address"].get("postcode"), None);
        }
    }
    let incomplete = harness.call(add_address, with(json!({"country": "US", "city": ""}))).await;
    assert_eq!(incomplete.status, 422);
    assert_eq!(incomplete.pointers(), ["/address/city", "/address/postcode", "/address/region"]);
    let nowhere = harness.call(add_address, with(json!({"country": "ZZ"}))).await;
    assert_eq!((nowhere.status, nowhere.pointers()), (422, vec!["/address/country"]));

    let unusual = with(json!({"country": "US", "region": "New York", "postcode": "1A"}));
    let saved = harness.call(add_address, unusual).await;
    assert_eq!((saved.status, &saved.json["address"]["region"]), (201, &json!("NY")), "{saved:?}");
    assert_eq!(saved.json["problems"][0]["code"], "unusual-postcode");
    let id = saved.json["id"].as_str().unwrap();
    let update = |address: Value| {
        one("PUT", ada, id).json(&json!({"address": address, "default": true})).header("if-match", "*")
    };
    let mut california = base.clone();
    california
        .as_object_mut()
        .unwrap()
        .extend([("country".to_owned(), json!("US")), ("postcode".to_owned(), json!("95014"))]);
    let stateless = harness.call(update_address, update(california.clone())).await;
    assert_eq!((stateless.status, stateless.pointers()), (422, vec!["/address/region"]));
    california["region"] = json!("california");
    let moved = harness.call(update_address, update(california)).await;
    assert_eq!((&moved.json["address"]["region"], &moved.json["problems"]), (&json!("CA"), &json!([])), "{moved:?}");
}

#[tokio::test]
async fn wrong_input_says_which_field() {
    let harness = harness().await;
    let ada = customer(&harness).await;
    let mut address = london("");
    address["country"] = json!("England");
    let request = own("POST", "/v1/me/addresses", ada).json(&json!({"address": address}));
    let answer = harness.call(add_address, request).await;
    let mut pointers = answer.pointers();
    pointers.sort_unstable();
    assert_eq!((answer.status, pointers), (422, vec!["/address/country", "/address/line1"]));
    assert_eq!(harness.call(remove_address, one("DELETE", ada, "adr_1")).await.status, 404);
}
