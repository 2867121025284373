//! Registering.

use serde_json::json;

use super::{owners::*, *};

const RIGHT: [(&str, &str); 3] =
    [("name", "Clara Okafor"), ("email", "clara@example.com"), ("password", "a long password")];

fn form(fields: &[(&str, &str)]) -> Request {
    Request::new("POST", "/register").form(fields)
}

async fn send(harness: &Harness, request: Request) -> Answer {
    harness.call(show_registration::function, request).await
}

async fn open() -> (Harness, Owners) {
    let (harness, owners) = shop().await;
    owners.answer("POST /v1/users", 201, json!({"email": "clara@example.com"}));
    (harness, owners)
}

#[tokio::test]
async fn who_registers_is_signed_in() {
    let (harness, owners) = open().await;
    let page = send(&harness, Request::new("GET", "/register").query("next", "/basket")).await;
    assert!(page.text.contains("name=\"next\" value=\"/basket\"") && page.text.contains("/sign-in?next=%2Fbasket"));
    let fields = [&RIGHT[..], &[("next", "/basket")]].concat();
    let done = send(&harness, form(&fields).header("accept-language", "de-AT, en;q=0.5")).await;
    assert_eq!(led(&done), (303, "/basket"));
    let asked = owners.asked();
    assert_eq!(
        asked.iter().map(|asked| asked.call.as_str()).collect::<Vec<_>>(),
        ["POST /v1/users", "POST /v1/sessions"]
    );
    let expected = json!({
        "name": "Clara Okafor", "email": "clara@example.com", "password": "a long password", "language": "de",
    });
    assert_eq!((&asked[0].body, asked[0].header("souk-viewer-address")), (&expected, "192.0.2.1"));
    let page = harness.call(show_sign_out::function, get("/sign-out", &cookie(&done))).await;
    assert_eq!(page.status, 200);
}

#[tokio::test]
async fn a_guest_who_registers_keeps_the_basket_under_another_cookie() {
    let (harness, owners) = open().await;
    let before = guest(&harness, &owners).await;
    // The account has the id of the guest.
    owners.answer("POST /v1/sessions", 201, granted("clara", GUEST, "customer"));
    let page = send(&harness, get("/register", &before)).await;
    assert!(page.text.contains(&token(&harness, &before, "/register").await), "{}", page.text);
    assert_eq!(send(&harness, form(&RIGHT).header("cookie", &before)).await.status, 403, "without the form's token");
    assert_eq!(owners.calls(), Vec::<String>::new());
    let done = send(&harness, post(&harness, "/register", &before, &RIGHT).await).await;
    let asked = owners.asked();
    assert_eq!(asked[0].body["guestToken"], "guest-access");
    assert_eq!(asked.len(), 2, "the cart is the account's already: {asked:?}");
    let after = cookie(&done);
    assert_ne!(before, after);
    let basket = async |cookie: &str| harness.call(show_basket::function, get("/basket", cookie)).await.text;
    assert!(basket(&after).await.contains("Thing RED"));
    assert!(basket(&before).await.contains("The basket is empty."), "the session of the guest is gone");
}

#[tokio::test]
async fn each_wrong_field_says_what_is_wrong_and_keeps_what_was_entered() {
    let (harness, owners) = open().await;
    owners.refuse("POST /v1/users", 422, "invalid-input", &["/email", "/password", "/password"]);
    let page = send(&harness, form(&[("name", "Clara Okafor"), ("email", "clara"), ("password", "eight888")])).await;
    golden("register-with-faults", &page);
    assert_eq!((page.status, page.cookies.len()), (422, 0));
    for text in [
        "Two fields need a correction",
        "href=\"#email\"",
        "id=\"email-error\">Enter an e-mail address such as name@example.com.",
        "id=\"password-error\">Use at least 12 characters. This one has 8.",
        "value=\"Clara Okafor\"",
        "value=\"clara\"",
        "aria-invalid=\"true\"",
    ] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert!(!page.text.contains("eight888") && !page.text.contains("name-error"), "{}", page.text);
    assert_eq!(owners.calls(), ["POST /v1/users"], "nobody is signed in");
    owners.refuse("POST /v1/users", 422, "invalid-input", &["/name", "/password"]);
    let page = send(&harness, form(&RIGHT)).await;
    for text in ["Use at most 100 characters", "Use a less common password"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
}

#[tokio::test]
async fn empty_fields_are_named_without_asking_anybody() {
    let (harness, owners) = open().await;
    let page = send(&harness, form(&[])).await;
    assert_eq!(page.status, 422);
    for text in ["Three fields need a correction", "name-error", "email-error", "password-error"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn an_address_that_is_in_use_or_a_guest_who_has_an_account_signs_in_instead() {
    let (harness, owners) = open().await;
    let refused = async || {
        let page = send(&harness, form(&RIGHT)).await;
        assert_eq!((page.status, page.cookies.len()), (422, 0));
        assert!(page.text.contains("There is no new account") && page.text.contains("sign in."), "{}", page.text);
        assert!(page.text.contains("value=\"clara@example.com\"") && !page.text.contains("a long password"));
    };
    owners.refuse("POST /v1/sessions", 401, "unauthenticated", &[]);
    refused().await;
    owners.refuse("POST /v1/users", 409, "already-registered", &[]);
    refused().await;
    owners.refuse("POST /v1/users", 422, "invalid-input", &["/guestToken"]);
    refused().await;
}

#[tokio::test]
async fn who_registers_too_often_is_told_when_to_come_back() {
    let (harness, owners) = open().await;
    owners.answer_with("POST /v1/users", 429, ("retry-after", "45"), json!({"title": "Too many requests"}));
    let page = send(&harness, form(&RIGHT)).await;
    assert_eq!((page.status, page.headers["retry-after"].as_str()), (429, "45"));
    assert!(page.text.contains("in 45 seconds.") && page.text.contains("value=\"clara@example.com\""), "{}", page.text);
}

#[tokio::test]
async fn without_users_nobody_registers() {
    let (harness, owners) = open().await;
    owners.answer("POST /v1/users", 503, Value::Null);
    assert_eq!(send(&harness, form(&RIGHT)).await.status, 503);
}

#[tokio::test]
async fn who_is_signed_in_registers_nobody() {
    let (harness, owners) = open().await;
    let cookie = sign_in(&harness, &owners).await;
    assert_eq!(led(&send(&harness, get("/register", &cookie).query("next", "/basket")).await), (303, "/basket"));
    assert_eq!(led(&send(&harness, post(&harness, "/register", &cookie, &RIGHT).await).await), (303, "/"));
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn what_was_entered_is_text_whatever_it_looks_like() {
    let (harness, owners) = open().await;
    owners.refuse("POST /v1/users", 422, "invalid-input", &["/email"]);
    let hostile = "\"><script>alert(1)</script>{{7*7}}\u{202e}";
    let page = send(&harness, form(&[("name", hostile), ("email", hostile), ("password", hostile)])).await;
    assert_eq!(page.status, 422);
    assert!(!page.text.contains("<script>alert") && page.text.contains("{{7*7}}"), "{}", page.text);
}
