//! Signing in and out.

use serde_json::json;

use super::{owners::*, *};

const RIGHT: [(&str, &str); 2] = [("email", "clara@example.com"), ("password", "a long password")];

fn form(fields: &[(&str, &str)]) -> Request {
    Request::new("POST", "/sign-in").form(fields)
}

async fn send(harness: &Harness, request: Request) -> Answer {
    harness.call(show_sign_in::function, request).await
}

/// Whether a cookie is the session of an account.
async fn is_signed_in(harness: &Harness, owners: &Owners, cookie: &str) -> bool {
    owners.answer_with("GET /v1/me", 200, ("etag", "\"1\""), granted("x", CLARA, "customer")["user"].clone());
    let page = harness.call(show_account::function, get("/account", cookie)).await;
    owners.asked();
    page.status == 200
}

#[tokio::test]
async fn who_signs_in_gets_a_session_and_returns_to_where_it_began() {
    let (harness, owners) = shop().await;
    let page = send(&harness, Request::new("GET", "/sign-in").query("next", "/checkout/address?a=b")).await;
    assert_eq!((page.status, page.headers["cache-control"].as_str()), (200, "private, no-store"));
    for text in ["name=\"next\" value=\"/checkout/address?a=b\"", "/register?next=%2Fcheckout%2Faddress%3Fa%3Db"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    let done = send(&harness, form(&[&RIGHT[..], &[("next", "/checkout/address?a=b")]].concat())).await;
    assert_eq!(led(&done), (303, "/checkout/address?a=b"));
    let asked = owners.asked();
    assert_eq!((asked.len(), asked[0].call.as_str()), (1, "POST /v1/sessions"));
    assert_eq!(asked[0].body, json!({"email": "clara@example.com", "password": "a long password"}));
    assert_eq!(asked[0].header("souk-viewer-address"), "192.0.2.1");
    assert!(is_signed_in(&harness, &owners, &cookie(&done)).await);
}

#[tokio::test]
async fn a_password_is_sent_as_it_was_entered() {
    let (harness, owners) = shop().await;
    let password = "  a  long\tpassword e\u{301} ";
    send(&harness, form(&[RIGHT[0], ("password", password)])).await;
    assert_eq!(owners.asked()[0].body["password"], password);
}

#[tokio::test]
async fn a_wrong_password_and_a_wrong_address_look_the_same() {
    let (harness, owners) = shop().await;
    let mut pages = Vec::new();
    for (status, slug) in [(401, "unauthenticated"), (422, "invalid-input")] {
        owners.refuse("POST /v1/sessions", status, slug, &["/password"]);
        let page = send(&harness, form(&RIGHT)).await;
        assert_eq!((page.status, page.cookies.len()), (422, 0));
        assert!(page.text.contains("E-mail address or password is wrong"), "{}", page.text);
        assert!(page.text.contains("value=\"clara@example.com\"") && !page.text.contains("a long password"));
        pages.push(page.text);
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn an_empty_field_is_named_without_asking_anybody() {
    let (harness, owners) = shop().await;
    let page = send(&harness, form(&[("email", "clara@example.com"), ("password", " ")])).await;
    golden("sign-in-with-a-fault", &page);
    assert_eq!(page.status, 422);
    for text in ["One field needs a correction", "href=\"#password\"", "id=\"password-error\"", "clara@example.com"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert!(!page.text.contains("email-error"), "{}", page.text);
    let page = send(&harness, form(&[])).await;
    assert!(page.text.contains("Two fields need a correction") && page.text.contains("email-error"), "{}", page.text);
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn who_tries_too_often_is_told_when_to_come_back() {
    let (harness, owners) = shop().await;
    for (seconds, text) in [("300", "in 5 minutes."), ("61", "in 2 minutes."), ("1", "in one second.")] {
        owners.answer_with("POST /v1/sessions", 429, ("retry-after", seconds), json!({"title": "Too many"}));
        let page = send(&harness, form(&RIGHT)).await;
        assert_eq!((page.status, page.headers["retry-after"].as_str()), (429, seconds));
        assert!(page.text.contains("Too many attempts") && page.text.contains(text), "{}", page.text);
        assert!(page.text.contains("value=\"clara@example.com\"") && !page.text.contains("a long password"));
    }
}

#[tokio::test]
async fn without_users_nobody_signs_in() {
    let (harness, owners) = shop().await;
    owners.answer("POST /v1/sessions", 503, Value::Null);
    assert_eq!(send(&harness, form(&RIGHT)).await.status, 503);
}

#[tokio::test]
async fn nobody_is_led_to_another_site() {
    let (harness, owners) = shop().await;
    let mut cookie = String::new();
    for next in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
        let done = send(&harness, form(&[RIGHT[0], RIGHT[1], ("next", next)])).await;
        assert_eq!(led(&done), (303, "/"), "{next}");
        cookie = owners::cookie(&done);
        let page = send(&harness, Request::new("GET", "/sign-in").query("next", next)).await;
        assert!(page.text.contains("name=\"next\" value=\"/\""), "{next}: {}", page.text);
        assert_eq!(led(&send(&harness, get("/sign-in", &cookie).query("next", next)).await), (303, "/"), "{next}");
    }
    let next = post(&harness, "/sign-in", &cookie, &[("next", "//evil.example")]).await;
    assert_eq!(led(&send(&harness, next).await), (303, "/"));
    owners.asked();
}

#[tokio::test]
async fn who_is_signed_in_needs_no_form() {
    let (harness, owners) = shop().await;
    let cookie = sign_in(&harness, &owners).await;
    let seen = send(&harness, get("/sign-in", &cookie).query("next", "/basket")).await;
    assert_eq!((led(&seen), seen.headers["cache-control"].as_str()), ((303, "/basket"), "private, no-store"));
    let sent = send(&harness, post(&harness, "/sign-in", &cookie, &RIGHT).await).await;
    assert_eq!((led(&sent), sent.cookies.len()), ((303, "/"), 0));
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_form_of_another_site_signs_nobody_in() {
    let (harness, owners) = shop().await;
    let foreign = form(&RIGHT).header("origin", "https://evil.example");
    assert_eq!(send(&harness, foreign).await.status, 403);
    let cookie = guest(&harness, &owners).await;
    assert_eq!(send(&harness, form(&RIGHT).header("cookie", &cookie)).await.status, 403, "without the guest's token");
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn who_knew_the_cookie_before_knows_nothing_afterwards() {
    let (harness, owners) = shop().await;
    let before = guest(&harness, &owners).await;
    owners.answer(&format!("POST /v1/carts/{}/merge", cart_id(2)), 200, cart(2, &[("RED", 1)], None));
    owners.answer("POST /v1/carts", 201, cart(2, &[], None));
    let page = send(&harness, get("/sign-in", &before)).await;
    assert!(page.text.contains(&token(&harness, &before, "/sign-in").await), "{}", page.text);
    let done = send(&harness, post(&harness, "/sign-in", &before, &RIGHT).await).await;
    let after = cookie(&done);
    assert!(before != after && after.len() > 70, "{after}");
    assert!(is_signed_in(&harness, &owners, &after).await);
    assert!(!is_signed_in(&harness, &owners, &before).await, "the session of the guest is gone");
    let planted = "__Host-souk=planted";
    let done = send(&harness, form(&RIGHT).header("cookie", planted)).await;
    assert_ne!(cookie(&done), planted);
    assert!(!is_signed_in(&harness, &owners, planted).await);
}

#[tokio::test]
async fn what_a_guest_put_into_the_basket_is_in_that_of_the_account() {
    let (harness, owners) = shop().await;
    let before = guest(&harness, &owners).await;
    let (merge, new) = (format!("POST /v1/carts/{}/merge", cart_id(2)), cart(2, &[("RED", 1)], None));
    owners.answer(&merge, 200, new.clone());
    owners.answer("POST /v1/carts", 201, cart(2, &[], None));
    let form = post(&harness, "/sign-in", &before, &RIGHT).await;
    let after = cookie(&send(&harness, form).await);
    let asked = owners.asked();
    let calls: Vec<_> = asked.iter().map(|asked| (asked.call.clone(), asked.token().to_owned())).collect();
    let expected = [
        ("POST /v1/sessions".to_owned(), ""),
        (format!("GET /v1/carts/{}", cart_id(1)), "guest-access"),
        ("POST /v1/carts".to_owned(), "clara-access"),
        (merge, "clara-access"),
    ];
    assert_eq!(calls, expected.map(|(call, token)| (call, token.to_owned())));
    assert_eq!(asked[3].body, json!({"from": cart_id(1), "claim": "the claim"}));
    // A form that is sent twice at once gets the same cart, and merges once.
    let keys = [&asked[2], &asked[3]].map(|asked| asked.header("idempotency-key").to_owned());
    assert_eq!(keys, [format!("basket-of-{}", cart_id(1)), format!("merge-{}-{}", cart_id(1), cart_id(2))]);
    owners.answer(&format!("GET /v1/carts/{}", cart_id(2)), 200, new);
    let basket = harness.call(show_basket::function, get("/basket", &after)).await;
    assert!(basket.text.contains("Thing RED"), "{}", basket.text);
}

#[tokio::test]
async fn an_empty_basket_is_not_merged() {
    let (harness, owners) = shop().await;
    let before = guest(&harness, &owners).await;
    owners.answer(&format!("GET /v1/carts/{}", cart_id(1)), 200, cart(1, &[], Some("the claim")));
    send(&harness, post(&harness, "/sign-in", &before, &RIGHT).await).await;
    assert_eq!(owners.calls(), ["POST /v1/sessions".to_owned(), format!("GET /v1/carts/{}", cart_id(1))]);
}

/// Signs Clara in, adds a lamp to cart 5 and signs her out.
async fn own_basket(harness: &Harness, owners: &Owners) {
    publish(harness, lamp()).await;
    stock(harness, "RED", 9, 1).await;
    let cookie = sign_in(harness, owners).await;
    owners.answer("POST /v1/carts", 201, cart(5, &[], None));
    owners.answer(&format!("PUT /v1/carts/{}/items/RED", cart_id(5)), 200, cart(5, &[("RED", 1)], None));
    let added = add(harness, post(harness, &product_path(), &cookie, &[("sku", "RED")]).await).await;
    assert_eq!(added.status, 303, "{added:?}");
    let out = harness.call(show_sign_out::function, post(harness, "/sign-out", &cookie, &[]).await).await;
    assert_eq!(out.status, 303);
    owners.answer("POST /v1/carts", 201, cart(1, &[], None));
    owners.answer(&format!("GET /v1/carts/{}", cart_id(5)), 200, cart(5, &[("RED", 1)], None));
    owners.asked();
}

#[tokio::test]
async fn an_account_finds_its_basket_again() {
    let (harness, owners) = shop().await;
    own_basket(&harness, &owners).await;
    let cookie = sign_in(&harness, &owners).await;
    let basket = harness.call(show_basket::function, get("/basket", &cookie)).await;
    assert!(basket.text.contains("Thing RED"), "{}", basket.text);
    // Another account does not.
    owners.answer("POST /v1/sessions", 201, granted("dan", 9, "customer"));
    let cookie = sign_in(&harness, &owners).await;
    let basket = harness.call(show_basket::function, get("/basket", &cookie)).await;
    assert!(basket.text.contains("The basket is empty."), "{}", basket.text);
}

#[tokio::test]
async fn a_guests_basket_is_moved_into_that_of_the_account() {
    let (harness, owners) = shop().await;
    own_basket(&harness, &owners).await;
    let own = format!("POST /v1/carts/{}/merge", cart_id(5));
    owners.answer(&own, 200, cart(5, &[("RED", 2)], None));
    let before = guest(&harness, &owners).await;
    send(&harness, post(&harness, "/sign-in", &before, &RIGHT).await).await;
    let guests = format!("GET /v1/carts/{}", cart_id(1));
    assert_eq!(owners.calls(), ["POST /v1/sessions", &guests, &own]);
}

#[tokio::test]
async fn a_guests_basket_is_moved_into_a_new_one_if_the_own_one_takes_it_not() {
    // It was deleted, it was ordered or is full, or it cannot be priced.
    for status in [404, 409, 422] {
        let (harness, owners) = shop().await;
        own_basket(&harness, &owners).await;
        let before = guest(&harness, &owners).await;
        let [own, new] = [5, 6].map(|number| format!("POST /v1/carts/{}/merge", cart_id(number)));
        owners.refuse(&own, status, "cart-closed", &[]);
        owners.answer("POST /v1/carts", 201, cart(6, &[], None));
        owners.answer(&new, 200, cart(6, &[("RED", 1)], None));
        let done = send(&harness, post(&harness, "/sign-in", &before, &RIGHT).await).await;
        assert_eq!(done.status, 303, "{done:?}");
        let guests = format!("GET /v1/carts/{}", cart_id(1));
        assert_eq!(owners.calls(), ["POST /v1/sessions", &guests, &own, "POST /v1/carts", &new], "{status}");
        owners.answer(&format!("GET /v1/carts/{}", cart_id(6)), 200, cart(6, &[("RED", 1)], None));
        let basket = harness.call(show_basket::function, get("/basket", &cookie(&done))).await;
        assert!(basket.text.contains("Thing RED"), "{}", basket.text);
    }
}

#[tokio::test]
async fn a_basket_is_not_lost_while_checkout_does_not_answer() {
    let (harness, owners) = shop().await;
    let before = guest(&harness, &owners).await;
    owners.answer("POST /v1/carts", 503, Value::Null);
    let failed = send(&harness, post(&harness, "/sign-in", &before, &RIGHT).await).await;
    assert_eq!((failed.status, failed.cookies.len()), (503, 0));
    let basket = harness.call(show_basket::function, get("/basket", &before)).await;
    assert!(basket.text.contains("Thing RED"), "the guest's session goes on: {}", basket.text);
}

#[tokio::test]
async fn who_signs_out_leaves_nothing_that_a_stolen_cookie_opens() {
    let (harness, owners) = shop().await;
    let cookie = sign_in(&harness, &owners).await;
    let page = harness.call(show_sign_out::function, get("/sign-out", &cookie)).await;
    assert!(page.text.contains(&token(&harness, &cookie, "/sign-out").await), "{}", page.text);
    let without = Request::new("POST", "/sign-out").form(&[]).header("cookie", &cookie);
    assert_eq!(harness.call(show_sign_out::function, without).await.status, 403);
    assert_eq!(owners.calls(), Vec::<String>::new());
    let form = post(&harness, "/sign-out", &cookie, &[]).await;
    let out = harness.call(show_sign_out::function, form.clone()).await;
    assert_eq!(led(&out), (303, "/"));
    assert!(out.cookies[0].starts_with("__Host-souk=; ") && out.cookies[0].contains("Max-Age=0"), "{:?}", out.cookies);
    let asked = owners.asked();
    assert_eq!((asked[0].call.as_str(), asked[0].token()), ("DELETE /v1/sessions/current", "clara-access"));
    assert!(!is_signed_in(&harness, &owners, &cookie).await);
    assert_eq!(led(&harness.call(show_sign_out::function, form).await), (303, "/"), "a second time, nothing happens");
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn signing_out_works_while_users_does_not_answer() {
    let (harness, owners) = shop().await;
    let cookie = sign_in(&harness, &owners).await;
    owners.answer("DELETE /v1/sessions/current", 503, Value::Null);
    let out = harness.call(show_sign_out::function, post(&harness, "/sign-out", &cookie, &[]).await).await;
    assert_eq!(out.status, 303);
    assert!(!is_signed_in(&harness, &owners, &cookie).await);
}

#[tokio::test]
async fn a_guest_does_not_sign_out_and_keeps_the_basket() {
    let (harness, owners) = shop().await;
    let cookie = guest(&harness, &owners).await;
    for request in [get("/sign-out", &cookie), post(&harness, "/sign-out", &cookie, &[]).await] {
        let out = harness.call(show_sign_out::function, request).await;
        assert_eq!((led(&out), out.cookies.len()), ((303, "/"), 0));
    }
    let basket = harness.call(show_basket::function, get("/basket", &cookie)).await;
    assert!(basket.text.contains("Thing RED"), "{}", basket.text);
}

#[tokio::test]
async fn every_page_shows_who_is_signed_in() {
    let (harness, owners) = shop().await;
    let guest = guest(&harness, &owners).await;
    let clara = sign_in(&harness, &owners).await;
    owners.answer("GET /v1/products/search", 200, json!({"items": [], "total": 0, "facets": [], "relaxed": false}));
    let out = token(&harness, &clara, "/sign-out").await;
    for (function, path) in [
        (show_home::function as fn() -> lambda::Function, "/"),
        (show_listing::function, "/search"),
        (show_basket::function, "/basket"),
        (choose_currency::function, "/currency"),
        (show_nothing::function, "/nowhere"),
    ] {
        let sign_in = if path == "/" {
            "href=\"/sign-in\"".to_owned()
        } else {
            format!("/sign-in?next={}", crate::link::part(path))
        };
        for cookie in ["", guest.as_str()] {
            let page = harness.call(function, get(path, cookie)).await;
            assert!(page.text.contains(&sign_in) && !page.text.contains("/sign-out"), "{path}: {}", page.text);
        }
        let page = harness.call(function, get(path, &clara)).await;
        assert!(!page.text.contains("/sign-in") && page.text.contains("href=\"/account\""), "{path}: {}", page.text);
        assert!(page.text.contains(&out), "{path}: {}", page.text);
    }
}
