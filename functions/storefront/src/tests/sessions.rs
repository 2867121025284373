//! Sessions: who gets one, for how long, and what it protects from.

use jiff::SignedDuration;

use super::{owners::*, *};

async fn basket(harness: &Harness, cookie: &str) -> Answer {
    harness.call(show_basket::function, get("/basket", cookie)).await
}

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

#[tokio::test]
async fn who_adds_something_becomes_a_guest_with_a_session_and_a_cart() {
    let (harness, owners) = shop().await;
    publish(&harness, lamp()).await;
    stock(&harness, "RED", 9, 1).await;
    let item = format!("PUT /v1/carts/{}/items/RED", cart_id(1));
    owners.answer(&item, 200, cart(1, &[("RED", 1)], None));
    let added = add(&harness, Request::new("POST", &product_path()).form(&[("sku", "RED")])).await;
    assert_eq!(led(&added), (303, "/basket?added=1"));
    let asked = owners.asked();
    let calls: Vec<_> = asked.iter().map(|asked| asked.call.as_str()).collect();
    assert_eq!(calls, ["POST /v1/guests", "POST /v1/carts", &item]);
    assert_eq!(asked[0].header("souk-viewer-address"), "192.0.2.1");
    assert_eq!((asked[1].token(), asked[1].body["currency"].as_str()), ("guest-access", Some("EUR")));
    assert_eq!((asked[2].token(), asked[2].body["quantity"].as_u64()), ("guest-access", Some(1)));
    let cookie = &added.cookies[0];
    assert!(
        cookie.starts_with("__Host-souk=") && cookie.contains("HttpOnly") && !cookie.contains("access"),
        "{cookie}"
    );
}

#[tokio::test]
async fn who_has_a_session_adds_to_the_same_cart() {
    let (harness, owners) = shop().await;
    let cookie = guest(&harness, &owners).await;
    let page = get_lamp_with(&harness, &cookie).await;
    let path = product_path();
    assert!(page.text.contains(&token(&harness, &cookie, &path).await), "{}", page.text);
    let added = add(&harness, post(&harness, &path, &cookie, &[("sku", "RED")]).await).await;
    assert_eq!((added.status, added.cookies.len()), (303, 0));
    let asked = owners.asked();
    let calls: Vec<_> = asked.iter().map(|asked| asked.call.clone()).collect();
    let cart = cart_id(1);
    assert_eq!(calls, [format!("GET /v1/carts/{cart}"), format!("PUT /v1/carts/{cart}/items/RED")]);
    assert_eq!(asked[1].body["quantity"], 2);
}

#[tokio::test]
async fn a_page_from_before_the_session_still_adds_to_the_basket() {
    let (harness, owners) = shop().await;
    let cookie = guest(&harness, &owners).await;
    let old = Request::new("POST", &product_path()).form(&[("csrf", ""), ("sku", "RED")]).header("cookie", &cookie);
    let added = add(&harness, old).await;
    assert_eq!((led(&added), added.cookies.len()), ((303, "/basket?added=1"), 0));
    assert!(owners.calls().iter().all(|call| !call.contains("/v1/guests")), "the same guest");
}

async fn get_lamp_with(harness: &Harness, cookie: &str) -> Answer {
    let path = product_path();
    let segment = path.trim_start_matches("/products/").to_owned();
    harness.call(show_product::function, get(&path, cookie).parameter("productId", segment)).await
}

#[tokio::test]
async fn the_forms_of_a_session_are_refused_without_their_own_token() {
    let (harness, owners) = shop().await;
    let cookie = guest(&harness, &owners).await;
    let other = sign_in(&harness, &owners).await;
    let wrong = [
        String::new(),
        "forged".to_owned(),
        token(&harness, &cookie, "/basket/").await,
        token(&harness, &cookie, &product_path()).await,
        token(&harness, &other, "/basket").await,
    ];
    for csrf in &wrong {
        let form = Request::new("POST", "/basket").form(&[("csrf", csrf), ("sku", "RED"), ("action", "remove")]);
        let refused = harness.call(show_basket::function, form.header("cookie", &cookie)).await;
        assert_eq!(refused.status, 403, "{csrf}");
    }
    for csrf in &wrong[1..3] {
        let form = Request::new("POST", &product_path()).form(&[("csrf", csrf), ("sku", "RED")]);
        assert_eq!(add(&harness, form.header("cookie", &cookie)).await.status, 403, "{csrf}");
    }
    assert_eq!(owners.calls(), Vec::<String>::new());
    owners.answer(&format!("DELETE /v1/carts/{}/items/RED", cart_id(1)), 204, Value::Null);
    let form = post(&harness, "/basket", &cookie, &[("sku", "RED"), ("action", "remove")]).await;
    assert_eq!(led(&harness.call(show_basket::function, form).await), (303, "/basket"));
    let page = basket(&harness, &cookie).await;
    assert!(page.text.contains(&token(&harness, &cookie, "/basket").await), "{}", page.text);
}

#[tokio::test]
async fn an_access_token_is_replaced_a_minute_before_its_end() {
    let (harness, owners) = shop().await;
    let cookie = guest(&harness, &owners).await;
    let cart = format!("GET /v1/carts/{}", cart_id(1));
    owners.answer("POST /v1/sessions/refresh", 201, granted("next", GUEST, "guest"));
    harness.advance(seconds(539));
    basket(&harness, &cookie).await;
    assert_eq!(owners.calls(), [cart.as_str()]);
    harness.advance(seconds(1));
    assert_eq!(basket(&harness, &cookie).await.status, 200);
    let asked = owners.asked();
    assert_eq!(asked[0].call, "POST /v1/sessions/refresh");
    assert_eq!((asked[0].body["refreshToken"].as_str(), asked[1].token()), (Some("guest-refresh"), "next-access"));
    basket(&harness, &cookie).await;
    let asked = owners.asked();
    assert_eq!((asked.len(), asked[0].call.as_str(), asked[0].token()), (1, cart.as_str(), "next-access"));
    harness.advance(seconds(540));
    basket(&harness, &cookie).await;
    assert_eq!(owners.asked()[0].body["refreshToken"], "next-refresh");
}

#[tokio::test]
async fn of_many_requests_one_replaces_the_token_and_all_have_it() {
    let (harness, owners) = shop().await;
    let cookie = guest(&harness, &owners).await;
    owners.answer("POST /v1/sessions/refresh", 201, granted("next", GUEST, "guest"));
    harness.advance(seconds(600));
    let pages = futures::future::join_all((0..5).map(|_| basket(&harness, &cookie))).await;
    assert!(pages.iter().all(|page| page.status == 200 && page.text.contains("Thing RED")), "{pages:?}");
    let asked = owners.asked();
    let (refreshed, others): (Vec<_>, Vec<_>) =
        asked.iter().partition(|asked| asked.call == "POST /v1/sessions/refresh");
    // Who asks at the same time gets the same tokens; who lost reads the session again and does not ask again.
    assert!((1..=5).contains(&refreshed.len()), "{}", refreshed.len());
    assert!(others.len() == 5 && others.iter().all(|asked| asked.token() == "next-access"), "{others:?}");
    basket(&harness, &cookie).await;
    assert_eq!(owners.calls().len(), 1);
}

#[tokio::test]
async fn a_session_that_was_ended_elsewhere_is_over() {
    let (harness, owners) = shop().await;
    let cookie = guest(&harness, &owners).await;
    owners.refuse("POST /v1/sessions/refresh", 401, "unauthenticated", &[]);
    harness.advance(seconds(600));
    let page = basket(&harness, &cookie).await;
    assert!(page.status == 200 && page.text.contains("The basket is empty."), "{}", page.text);
    basket(&harness, &cookie).await;
    assert_eq!(owners.calls(), ["POST /v1/sessions/refresh"], "there is nothing left to refresh");
}

#[tokio::test]
async fn a_session_outlives_a_failure_of_users() {
    let (harness, owners) = shop().await;
    let cookie = guest(&harness, &owners).await;
    harness.advance(seconds(600));
    assert_eq!(basket(&harness, &cookie).await.status, 503);
    owners.answer("POST /v1/sessions/refresh", 201, granted("next", GUEST, "guest"));
    let page = basket(&harness, &cookie).await;
    assert!(page.text.contains("Thing RED"), "{}", page.text);
}

#[tokio::test]
async fn a_session_that_nobody_used_for_thirty_days_is_none() {
    let (harness, owners) = shop().await;
    let cookie = guest(&harness, &owners).await;
    owners.answer("POST /v1/sessions/refresh", 201, granted("next", GUEST, "guest"));
    harness.advance(SignedDuration::from_hours(30 * 24));
    let page = basket(&harness, &cookie).await;
    assert!(page.text.contains("The basket is empty."), "{}", page.text);
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_browser_that_keeps_no_cookie_is_told_so() {
    let (harness, owners) = shop().await;
    let without = async |request: Request| harness.call(show_basket::function, request).await.text;
    let added = without(Request::new("GET", "/basket").query("added", "1")).await;
    assert!(added.contains("The basket needs a cookie."), "{added}");
    let empty = without(Request::new("GET", "/basket")).await;
    assert!(empty.contains("The basket is empty.") && !empty.contains("needs a cookie"), "{empty}");
    let cookie = guest(&harness, &owners).await;
    let kept = without(get("/basket", &cookie).query("added", "1")).await;
    assert!(!kept.contains("needs a cookie"), "{kept}");
}

#[tokio::test]
async fn a_cookie_that_the_shop_did_not_make_is_no_session() {
    let (harness, owners) = shop().await;
    for forged in ["__Host-souk=", "__Host-souk=forged", "__Host-souk=../../x"] {
        assert!(basket(&harness, forged).await.text.contains("The basket is empty."));
    }
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_form_of_another_session_keeps_what_was_entered_and_can_be_sent_again() {
    let (harness, owners) = shop().await;
    let cookie = guest(&harness, &owners).await;
    let csrf = token(&harness, &sign_in(&harness, &owners).await, "/basket").await;
    let form = [("csrf", csrf.as_str()), ("action", "apply"), ("code", "\"TEN\"")];
    let request = Request::new("POST", "/basket").form(&form).header("cookie", &cookie);
    let refused = harness.call(show_basket::function, request).await;
    assert_eq!(refused.status, 403);
    let own = token(&harness, &cookie, "/basket").await;
    for kept in ["action=\"/basket\"", "name=\"action\" value=\"apply\"", "value=\"&#34;TEN&#34;\"", &own] {
        assert!(refused.text.contains(kept), "{kept}: {}", refused.text);
    }
    assert!(!refused.text.contains(&csrf), "{}", refused.text);
    // No password is shown to a browser.
    let form = [("csrf", "forged"), ("email", "clara@example.com"), ("password", "a long password")];
    let request = Request::new("POST", "/sign-in").form(&form).header("cookie", &cookie);
    let refused = harness.call(show_sign_in::function, request).await;
    assert_eq!(refused.status, 403);
    assert!(!refused.text.contains("a long password") && !refused.text.contains("Send it again"), "{}", refused.text);
    // A form of another site is not made again.
    let form = [("csrf", csrf.as_str()), ("action", "apply"), ("code", "TEN")];
    let foreign = Request::new("POST", "/basket").form(&form).header("cookie", &cookie);
    let refused = harness.call(show_basket::function, foreign.header("origin", "https://evil.example")).await;
    assert_eq!(refused.status, 403);
    assert!(!refused.text.contains("TEN"), "{}", refused.text);
}
