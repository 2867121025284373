//! Where an account is signed in, and signing out elsewhere.

use super::{owners::*, *};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// Signs Clara in with another browser. Returns her cookie.
async fn signed_in_with(harness: &Harness, user_agent: &str) -> String {
    let form = [("email", "clara@example.com"), ("password", "a long password")];
    let request = Request::new("POST", "/sign-in").form(&form).header("user-agent", user_agent);
    cookie(&harness.call(show_sign_in::function, request).await)
}

async fn show(harness: &Harness, cookie: &str) -> Answer {
    harness.call(show_sessions::function, get("/account/sessions", cookie)).await
}

async fn devices(harness: &Harness, cookie: &str) -> Vec<(String, bool)> {
    let json = harness.call(show_sessions::function, get("/v1/pages/account/sessions", cookie)).await.json;
    let sessions = json["sessions"].as_array().unwrap_or_else(|| panic!("{json}"));
    let device = |session: &Value| session["device"].as_str().unwrap_or_default().to_owned();
    sessions.iter().map(|session| (device(session), session["isCurrent"].as_bool().unwrap())).collect()
}

/// The values of the fields that name a session to end.
fn others(page: &Answer) -> Vec<String> {
    let fields = page.text.split("name=\"session\" value=\"").skip(1);
    fields.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

async fn end(harness: &Harness, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    harness.call(show_sessions::function, post(harness, "/account/sessions", cookie, fields).await).await
}

/// Clara at three browsers. The last one is where she is.
async fn clara() -> (Harness, Owners, [String; 3]) {
    let (harness, owners) = shop().await;
    let mut cookies = Vec::new();
    for user_agent in ["curl/8.5.0", "something else", FIREFOX] {
        cookies.push(signed_in_with(&harness, user_agent).await);
        harness.advance(jiff::SignedDuration::from_secs(60));
    }
    owners.asked();
    (harness, owners, cookies.try_into().unwrap())
}

#[tokio::test]
async fn an_account_sees_where_it_is_signed_in_and_nobody_else_does() {
    let (harness, owners, [_, _, here]) = clara().await;
    assert_eq!(
        devices(&harness, &here).await,
        [("Firefox, Linux".to_owned(), true), (String::new(), false), ("curl".to_owned(), false)]
    );
    let page = show(&harness, &here).await;
    golden("devices", &page);
    for text in ["Firefox, Linux", "An unknown browser", "This device", "Sign out everywhere else", "Signed in: "] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert_eq!((others(&page).len(), owners.calls()), (2, Vec::new()));
    owners.answer("POST /v1/sessions", 201, granted("other", 9, "customer"));
    let other = sign_in(&harness, &owners).await;
    assert_eq!(devices(&harness, &other).await, [(String::new(), true)]);
    assert!(!show(&harness, &other).await.text.contains("Sign out everywhere else"));
}

#[tokio::test]
async fn a_session_that_is_ended_elsewhere_is_over_here_and_at_users() {
    let (harness, owners, [_, there, here]) = clara().await;
    let id = others(&show(&harness, &here).await)[0].clone();
    assert_eq!(led(&end(&harness, &here, &[("session", &id)]).await), (303, "/account/sessions"));
    assert_eq!(owners.calls(), ["DELETE /v1/sessions/current"]);
    assert_eq!(led(&show(&harness, &there).await), (303, "/sign-in?next=%2Faccount%2Fsessions"));
    assert_eq!(devices(&harness, &here).await, [("Firefox, Linux".to_owned(), true), ("curl".to_owned(), false)]);
    // This ends neither the own session nor the session of another account.
    owners.answer("POST /v1/sessions", 201, granted("other", 9, "customer"));
    let other = sign_in(&harness, &owners).await;
    let own = crate::session::id_of(here.split_once('=').unwrap().1);
    for cookie in [&here, &other] {
        end(&harness, cookie, &[("session", &own)]).await;
        assert_eq!(devices(&harness, &here).await.len(), 2);
    }
}

#[tokio::test]
async fn all_other_sessions_are_ended_at_once_also_those_with_an_old_token() {
    let (harness, owners, [_, _, here]) = clara().await;
    harness.advance(jiff::SignedDuration::from_mins(20));
    owners.answer("POST /v1/sessions/refresh", 201, granted("next", CLARA, "customer"));
    end(&harness, &here, &[]).await;
    let calls = owners.calls();
    let count = |call: &str| calls.iter().filter(|own| *own == call).count();
    assert_eq!((count("POST /v1/sessions/refresh"), count("DELETE /v1/sessions/current")), (3, 2), "{calls:?}");
    assert_eq!(devices(&harness, &here).await, [("Firefox, Linux".to_owned(), true)]);
}

#[tokio::test]
async fn a_session_is_over_here_although_users_does_not_answer() {
    let (harness, owners, [first, _, here]) = clara().await;
    owners.answer("DELETE /v1/sessions/current", 503, Value::Null);
    assert_eq!(end(&harness, &here, &[]).await.status, 303);
    assert_eq!(show(&harness, &first).await.status, 303);
    assert_eq!(devices(&harness, &here).await.len(), 1);
}

#[tokio::test]
async fn a_session_that_nobody_uses_is_not_listed() {
    let (harness, owners, _) = clara().await;
    harness.advance(jiff::SignedDuration::from_hours(30 * 24));
    let new = sign_in(&harness, &owners).await;
    assert_eq!(devices(&harness, &new).await, [(String::new(), true)]);
}
