//! The addresses of an account.

use contracts::AddressId;
use serde_json::json;

use super::{owners::*, *};

const FIELDS: [(&str, &str); 6] = [
    ("country", "DE"),
    ("name", "Clara Okafor"),
    ("line1", "Torstraße 12"),
    ("postcode", "10115"),
    ("city", "Berlin"),
    ("key", "key-1"),
];

fn address_id(number: u128) -> AddressId {
    Uuid::from_u128(number).into()
}

fn saved(number: u128, line1: &str, is_default: bool) -> Value {
    let address =
        json!({"name": "Clara Okafor", "line1": line1, "city": "Berlin", "postcode": "10115", "country": "DE"});
    json!({"id": address_id(number), "address": address, "default": is_default, "problems": [], "version": 4})
}

/// Clara's cookie, in a shop in which she has two addresses.
async fn clara() -> (Harness, Owners, String) {
    let (harness, owners) = shop().await;
    let items = [saved(1, "Torstraße 12", true), saved(2, "Brunnenweg 3", false)];
    owners.answer("GET /v1/me/addresses", 200, json!({"items": items, "nextCursor": null}));
    let cookie = sign_in(&harness, &owners).await;
    (harness, owners, cookie)
}

async fn list(harness: &Harness, request: Request) -> Answer {
    harness.call(show_addresses::function, request).await
}

fn path(id: &str) -> String {
    format!("/account/addresses/{id}")
}

async fn edit(harness: &Harness, id: &str, request: Request) -> Answer {
    harness.call(show_address::function, request.parameter("addressId", id)).await
}

#[tokio::test]
async fn addresses_are_shown_with_one_call() {
    let (harness, owners, cookie) = clara().await;
    let page = list(&harness, get("/account/addresses", &cookie)).await;
    golden("addresses", &page);
    let token = token(&harness, &cookie, "/account/addresses").await;
    let edit = format!("href=\"{}\"", path(&address_id(2).to_string()));
    for text in ["Clara Okafor<br>Torstraße 12<br>10115 Berlin, Germany", "Brunnenweg 3", &token, &edit] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert_eq!(page.text.matches(">Default<").count(), 1);
    assert!(!page.text.contains("The address is saved."), "{}", page.text);
    let asked = owners.asked();
    assert_eq!((asked.len(), asked[0].token()), (1, "clara-access"));
    let json = list(&harness, get("/v1/pages/account/addresses", &cookie)).await.json;
    assert_eq!(
        (&json["addresses"][0]["default"], &json["addresses"][1]["address"]["line1"]),
        (&json!(true), &json!("Brunnenweg 3"))
    );
    let page = list(&harness, get("/account/addresses", &cookie).query("saved", "1")).await;
    assert!(page.text.contains("The address is saved."), "{}", page.text);
}

#[tokio::test]
async fn who_has_no_address_is_told_so_and_a_failure_is_no_empty_list() {
    let (harness, owners, cookie) = clara().await;
    owners.answer("GET /v1/me/addresses", 200, json!({"items": [], "nextCursor": null}));
    let page = list(&harness, get("/account/addresses", &cookie)).await;
    assert!(page.text.contains("There is no address yet.") && page.text.contains("/account/addresses/new"));
    owners.answer("GET /v1/me/addresses", 503, Value::Null);
    assert_eq!(list(&harness, get("/account/addresses", &cookie)).await.status, 503);
}

#[tokio::test]
async fn an_address_is_removed_by_its_form_only() {
    let (harness, owners, cookie) = clara().await;
    let id = address_id(2).to_string();
    let call = format!("DELETE /v1/me/addresses/{id}");
    owners.answer(&call, 204, Value::Null);
    let form = post(&harness, "/account/addresses", &cookie, &[("address", &id)]).await;
    assert_eq!(led(&list(&harness, form).await), (303, "/account/addresses"));
    assert_eq!(owners.calls(), [call]);
    let without = Request::new("POST", "/account/addresses").form(&[("address", &id)]).header("cookie", &cookie);
    assert_eq!(list(&harness, without).await.status, 403);
    let other = post(&harness, "/account/addresses", &cookie, &[("address", "../me")]).await;
    assert_eq!(list(&harness, other).await.status, 422);
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_new_address_has_the_fields_of_a_country_and_the_name_of_the_account() {
    let (harness, owners, cookie) = clara().await;
    let form = async |currency: &str| {
        let cookie = format!("{cookie}; currency={currency}");
        edit(&harness, "new", get(&path("new"), &cookie)).await.text
    };
    let german = form("EUR").await;
    let token = token(&harness, &cookie, &path("new")).await;
    for text in ["value=\"Clara Okafor\"", "<option value=\"DE\" selected>Germany", &token, "name=\"key\" value=\""] {
        assert!(german.contains(text), "{text}: {german}");
    }
    assert!(!german.contains("id=\"region\"") && !german.contains("name=\"version\""), "{german}");
    let american = form("USD").await;
    assert!(american.contains("<option value=\"CA\">California") && american.contains("value=\"US\" selected"));
    let british = form("GBP").await;
    assert!(british.contains("value=\"GB\" selected"), "{british}");
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn another_country_has_other_fields_and_keeps_what_was_entered() {
    let (harness, owners, cookie) = clara().await;
    let fields = [("change", "country"), ("country", "US"), ("line1", "Main St 1"), ("default", "1"), ("key", "key-1")];
    let page = edit(&harness, "new", post(&harness, &path("new"), &cookie, &fields).await).await;
    for text in ["value=\"Main St 1\"", "California", "value=\"US\" selected", "value=\"key-1\"", "value=\"1\" checked"]
    {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert!(!page.text.contains("need a correction"), "{}", page.text);
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn an_address_is_added_once_with_the_key_of_its_form() {
    let (harness, owners, cookie) = clara().await;
    owners.answer("POST /v1/me/addresses", 201, saved(3, "Torstraße 12", false));
    let add = async |more: &[(&str, &str)]| {
        let fields = [&FIELDS[..], more].concat();
        let done = edit(&harness, "new", post(&harness, &path("new"), &cookie, &fields).await).await;
        assert_eq!(led(&done), (303, "/account/addresses?saved=1"));
        let asked = owners.asked();
        assert_eq!((asked.len(), asked[0].header("idempotency-key")), (1, "key-1"));
        asked[0].body.clone()
    };
    let address = json!({"country": "DE", "name": "Clara Okafor", "line1": "Torstraße 12", "postcode": "10115", "city": "Berlin"});
    assert_eq!(add(&[]).await, json!({"address": address, "default": false}));
    assert_eq!(add(&[("default", "1")]).await["default"], true);
    let without = Request::new("POST", &path("new")).form(&FIELDS).header("cookie", &cookie);
    assert_eq!(edit(&harness, "new", without).await.status, 403);
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn each_wrong_field_of_an_address_says_what_is_missing() {
    let (harness, owners, cookie) = clara().await;
    let fields = [("country", "US"), ("line2", "Floor 3"), ("key", "key-1")];
    let page = edit(&harness, "new", post(&harness, &path("new"), &cookie, &fields).await).await;
    assert_eq!((page.status, owners.calls()), (422, Vec::new()));
    for text in [
        "5 fields need a correction",
        "name-error\">Enter the name of the recipient.",
        "line1-error\">Enter the street and the number.",
        "postcode-error\">Enter a postcode, for example 95014.",
        "city-error\">Enter the town or city.",
        "region-error\">Choose a state or province.",
        "value=\"Floor 3\"",
        "value=\"key-1\"",
    ] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
}

#[tokio::test]
async fn each_field_of_an_address_says_what_the_owner_found_wrong() {
    let (harness, owners, cookie) = clara().await;
    let all = ["name", "line1", "line2", "postcode", "city", "region", "country"];
    let pointers = all.map(|field| format!("/address/{field}"));
    owners.refuse("POST /v1/me/addresses", 422, "invalid-input", &pointers.each_ref().map(String::as_str));
    let fields = [&FIELDS[..], &[("country", "US"), ("region", "CA")]].concat();
    let fields: Vec<_> = fields.into_iter().filter(|field| *field != ("country", "DE")).collect();
    let page = edit(&harness, "new", post(&harness, &path("new"), &cookie, &fields).await).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("7 fields need a correction"), "{}", page.text);
    for field in all {
        assert!(page.text.contains(&format!("id=\"{field}-error\"")), "{field}: {}", page.text);
    }
}

#[tokio::test]
async fn a_refused_address_says_why_and_can_be_sent_again() {
    let (harness, owners, cookie) = clara().await;
    let add = async || edit(&harness, "new", post(&harness, &path("new"), &cookie, &FIELDS).await).await;
    owners.refuse("POST /v1/me/addresses", 409, "too-many-addresses", &[]);
    let full = add().await;
    assert!(full.status == 422 && full.text.contains("at most 20 addresses"), "{}", full.text);
    for (status, slug) in [(422, "idempotency-key-reused"), (400, "idempotency-key-missing")] {
        owners.refuse("POST /v1/me/addresses", status, slug, &[]);
        let again = add().await;
        assert!(again.status == 422 && again.text.contains("was sent before"), "{}", again.text);
        assert!(!again.text.contains("value=\"key-1\"") && again.text.contains("value=\"Torstraße 12\""), "a new key");
    }
    owners.answer("POST /v1/me/addresses", 503, Value::Null);
    assert_eq!(add().await.status, 503);
}

#[tokio::test]
async fn an_address_is_changed_at_the_version_that_was_shown() {
    let (harness, owners, cookie) = clara().await;
    let id = address_id(1).to_string();
    let call = format!("PUT /v1/me/addresses/{id}");
    let page = edit(&harness, &id, get(&path(&id), &cookie)).await;
    for text in ["Edit the address", "value=\"Torstraße 12\"", "name=\"version\" value=\"4\"", "value=\"1\" checked"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert_eq!(owners.calls(), ["GET /v1/me/addresses"]);
    owners.answer(&call, 200, saved(1, "Torstraße 13", true));
    let fields = [&FIELDS[..5], &[("version", "4")]].concat();
    let change = async || edit(&harness, &id, post(&harness, &path(&id), &cookie, &fields).await).await;
    assert_eq!(led(&change().await), (303, "/account/addresses?saved=1"));
    let asked = owners.asked();
    assert_eq!((asked.len(), asked[0].call.as_str(), asked[0].header("if-match")), (1, call.as_str(), "\"4\""));
    for (status, slug) in [(412, "version-changed"), (428, "precondition-required")] {
        owners.refuse(&call, status, slug, &[]);
        let fields = [&FIELDS[..5], &[("version", "3")]].concat();
        let page = edit(&harness, &id, post(&harness, &path(&id), &cookie, &fields).await).await;
        assert_eq!(page.status, 422);
        for text in ["was changed elsewhere", "name=\"version\" value=\"4\"", "value=\"Torstraße 12\""] {
            assert!(page.text.contains(text), "{text}: {}", page.text);
        }
    }
    owners.refuse(&call, 422, "invalid-input", &["/address/city"]);
    assert!(change().await.text.contains("city-error"));
    owners.refuse(&call, 404, "not-found", &[]);
    assert_eq!(change().await.status, 404);
}

#[tokio::test]
async fn an_address_that_is_not_there_does_not_exist() {
    let (harness, _, cookie) = clara().await;
    for id in [address_id(9).to_string(), "x".to_owned(), "adr_x".to_owned()] {
        assert_eq!(edit(&harness, &id, get(&path(&id), &cookie)).await.status, 404, "{id}");
    }
    let form = post(&harness, &path("x"), &cookie, &FIELDS).await;
    assert_eq!(edit(&harness, "x", form).await.status, 404);
}

#[tokio::test]
async fn an_address_is_text_whatever_it_looks_like() {
    let (harness, owners, cookie) = clara().await;
    let hostile = "\"><script>alert(1)</script>{{7*7}}";
    owners.answer("GET /v1/me/addresses", 200, json!({"items": [saved(1, hostile, true)]}));
    let page = list(&harness, get("/account/addresses", &cookie)).await;
    assert!(!page.text.contains("<script>alert") && page.text.contains("{{7*7}}"), "{}", page.text);
    let id = address_id(1).to_string();
    let page = edit(&harness, &id, get(&path(&id), &cookie)).await;
    assert!(!page.text.contains("<script>alert") && page.text.contains("{{7*7}}"), "{}", page.text);
}
