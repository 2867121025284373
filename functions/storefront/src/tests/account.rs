//! The profile of an account, and who sees the pages of an account.

use serde_json::json;

use super::{owners::*, *};

fn profile(name: &str) -> Value {
    json!({"id": lambda::testing::user(CLARA), "email": "clara@example.com", "name": name, "language": "de", "roles": ["customer", "support"]})
}

/// Clara's cookie, in a shop in which users knows her profile.
async fn clara() -> (Harness, Owners, String) {
    let (harness, owners) = shop().await;
    owners.answer_with("GET /v1/me", 200, ("etag", "\"3\""), profile("Clara Okafor"));
    let cookie = sign_in(&harness, &owners).await;
    (harness, owners, cookie)
}

async fn send(harness: &Harness, request: Request) -> Answer {
    harness.call(show_account::function, request).await
}

#[tokio::test]
async fn without_an_account_the_pages_of_an_account_lead_to_signing_in() {
    let (harness, owners) = shop().await;
    let guest = guest(&harness, &owners).await;
    for (function, path) in [
        (show_account::function as fn() -> lambda::Function, "/account"),
        (show_addresses::function, "/account/addresses"),
        (show_address::function, "/account/addresses/new"),
        (show_payment_methods::function, "/account/payment-methods"),
        (show_sessions::function, "/account/sessions"),
    ] {
        let sign_in = format!("/sign-in?next={}", crate::link::part(path));
        for cookie in ["", &guest] {
            let visit = |path: &str| get(path, cookie).parameter("addressId", "new");
            let led_to = harness.call(function, visit(path)).await;
            assert_eq!(
                (led(&led_to), led_to.headers["cache-control"].as_str()),
                ((303, sign_in.as_str()), "private, no-store")
            );
            let json = harness.call(function, visit(&format!("/v1/pages{path}"))).await;
            assert_eq!((json.status, json.problem()), (401, "unauthenticated"), "{path}");
        }
        let form = Request::new("POST", path).form(&[("name", "x")]);
        assert_eq!(harness.call(function, form).await.status, 303, "{path}");
        let form = post(&harness, path, &guest, &[("name", "x")]).await;
        assert_eq!(harness.call(function, form).await.status, 303, "{path}");
    }
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_profile_is_shown_with_one_call() {
    let (harness, owners, cookie) = clara().await;
    let page = send(&harness, get("/account", &cookie)).await;
    golden("account", &page);
    let token = token(&harness, &cookie, "/account").await;
    for text in ["value=\"Clara Okafor\"", "clara@example.com", "German", "customer, support", "&#34;3&#34;", &token] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert!(!page.text.contains("is saved"), "{}", page.text);
    assert!(page.text.contains("<a href=\"/account\" aria-current=\"page\">"), "{}", page.text);
    assert_eq!(page.headers["cache-control"], "private, no-store");
    let asked = owners.asked();
    assert_eq!((asked.len(), asked[0].call.as_str(), asked[0].token()), (1, "GET /v1/me", "clara-access"));
    let json = send(&harness, get("/v1/pages/account", &cookie)).await.json;
    let expected = json!({
        "name": "Clara Okafor", "email": "clara@example.com", "language": "de", "roles": ["customer", "support"],
    });
    assert_eq!(json, expected);
}

#[tokio::test]
async fn a_name_is_changed_at_the_version_that_was_shown() {
    let (harness, owners, cookie) = clara().await;
    owners.answer("PATCH /v1/me", 200, profile("Clara O."));
    let form = post(&harness, "/account", &cookie, &[("name", "Clara O."), ("version", "\"3\"")]).await;
    assert_eq!(led(&send(&harness, form).await), (303, "/account?saved=1"));
    let asked = owners.asked();
    assert_eq!((asked.len(), asked[0].header("if-match")), (1, "\"3\""));
    assert_eq!(asked[0].body, json!({"name": "Clara O."}));
    let page = send(&harness, get("/account", &cookie).query("saved", "1")).await;
    assert!(page.text.contains("Your name is saved."), "{}", page.text);
}

#[tokio::test]
async fn a_profile_that_was_changed_elsewhere_is_shown_anew_with_what_was_entered() {
    let (harness, owners, cookie) = clara().await;
    for (status, slug) in [(412, "version-changed"), (428, "precondition-required"), (400, "precondition-malformed")] {
        owners.refuse("PATCH /v1/me", status, slug, &[]);
        let form = post(&harness, "/account", &cookie, &[("name", "Clara O."), ("version", "\"2\"")]).await;
        let page = send(&harness, form).await;
        assert_eq!(page.status, 422);
        for text in ["was changed elsewhere", "value=\"Clara O.\"", "&#34;3&#34;"] {
            assert!(page.text.contains(text), "{text}: {}", page.text);
        }
    }
    owners.refuse("PATCH /v1/me", 403, "forbidden", &[]);
    let form = post(&harness, "/account", &cookie, &[("name", "Clara O."), ("version", "\"2\"")]).await;
    assert_eq!(send(&harness, form).await.status, 403, "nothing was changed elsewhere");
}

#[tokio::test]
async fn a_wrong_name_says_so() {
    let (harness, owners, cookie) = clara().await;
    let empty = send(&harness, post(&harness, "/account", &cookie, &[("name", " ")]).await).await;
    assert_eq!(empty.status, 422);
    assert!(
        empty.text.contains("Enter your name.") && !empty.text.contains("value=\"Clara Okafor\""),
        "{}",
        empty.text
    );
    assert_eq!(owners.calls(), ["GET /v1/me"]);
    owners.refuse("PATCH /v1/me", 422, "invalid-input", &["/name"]);
    let long = "x".repeat(101);
    let page = send(&harness, post(&harness, "/account", &cookie, &[("name", &long)]).await).await;
    assert!(page.text.contains("Use at most 100 characters.") && page.text.contains(&long), "{}", page.text);
    assert!(!page.text.contains("was changed elsewhere"), "{}", page.text);
}

#[tokio::test]
async fn a_change_without_the_token_of_the_form_is_refused() {
    let (harness, owners, cookie) = clara().await;
    let other = token(&harness, &cookie, "/account/addresses").await;
    for csrf in ["", &other] {
        let form = Request::new("POST", "/account").form(&[("csrf", csrf), ("name", "x")]).header("cookie", &cookie);
        assert_eq!(send(&harness, form).await.status, 403);
    }
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn without_users_there_is_no_profile() {
    let (harness, owners, cookie) = clara().await;
    owners.answer("GET /v1/me", 503, Value::Null);
    assert_eq!(send(&harness, get("/account", &cookie)).await.status, 503);
    owners.answer("PATCH /v1/me", 503, Value::Null);
    let form = post(&harness, "/account", &cookie, &[("name", "x")]).await;
    assert_eq!(send(&harness, form).await.status, 503);
}

#[tokio::test]
async fn a_name_is_text_whatever_it_looks_like() {
    let (harness, owners, cookie) = clara().await;
    owners.answer("GET /v1/me", 200, profile("\"><script>alert(1)</script>{{7*7}}"));
    let page = send(&harness, get("/account", &cookie)).await;
    assert!(!page.text.contains("<script>alert") && page.text.contains("{{7*7}}"), "{}", page.text);
}
