use futures::future::join_all;
use jiff::SignedDuration;

use super::*;
use crate::{Users, operations::refresh_session::function as refresh_session};

#[tokio::test]
async fn guesses_at_one_account_come_to_an_end_and_so_does_the_wait() {
    let harness = harness().await;
    register(&harness, ADA, PASSWORD).await;
    let users = harness.service::<Users>();
    let email = ADA.parse().unwrap();
    let guesses = (0..60).map(|_| users.throttle.sign_in(&email, "192.0.2.1", harness.now()));
    let let_through = join_all(guesses).await.into_iter().flatten().count();
    assert_eq!(let_through, 20, "however many come at once");

    let answer = attempt(&harness, ADA, PASSWORD).await;
    assert_eq!((answer.status, answer.problem()), (429, "too-many-requests"));
    let wait: i64 = answer.headers["retry-after"].parse().unwrap();
    assert_eq!(answer.headers["ratelimit"], format!("\"attempts\";r=0;t={wait}"));
    assert!(answer.headers["ratelimit-policy"].starts_with("\"attempts\";q="));
    assert!((1..=61).contains(&wait), "{wait}");
    assert_eq!(attempt(&harness, "other@example.com", PASSWORD).await.status, 401, "others go on");
    harness.advance(SignedDuration::from_secs(wait));
    assert_eq!(attempt(&harness, ADA, PASSWORD).await.status, 201);
}

#[tokio::test]
async fn a_right_password_forgets_the_wrong_ones() {
    let harness = harness().await;
    register(&harness, ADA, PASSWORD).await;
    let (users, email) = (harness.service::<Users>(), ADA.parse().unwrap());
    for _ in 0..2 {
        for _ in 0..19 {
            users.throttle.sign_in(&email, "192.0.2.1", harness.now()).await.unwrap();
        }
        assert_eq!(attempt(&harness, ADA, PASSWORD).await.status, 201);
    }
    assert_eq!(addresses_until_slow(&users, harness.now()).await, 25);
    assert_eq!(attempt(&harness, ADA, PASSWORD).await.status, 201);
    assert_eq!(addresses_until_slow(&users, harness.now()).await, 25, "those from elsewhere too");
}

/// The number of addresses from which Ada's account can be guessed at twice before attempts at it are slow.
async fn addresses_until_slow(users: &Users, now: jiff::Timestamp) -> usize {
    let email = ADA.parse().unwrap();
    let mut count = 0;
    loop {
        for _ in 0..2 {
            if users.throttle.sign_in(&email, &format!("198.51.100.{count}"), now).await.is_err() {
                return count;
            }
        }
        count += 1;
    }
}

#[tokio::test]
async fn guesses_from_elsewhere_slow_the_owner_down_but_do_not_lock_out() {
    let harness = harness().await;
    register(&harness, ADA, PASSWORD).await;
    let (users, email) = (harness.service::<Users>(), ADA.parse().unwrap());
    for guess in 0..200 {
        drop(users.throttle.sign_in(&email, &format!("198.51.100.{guess}"), harness.now()).await);
    }
    assert_eq!(attempt(&harness, ADA, "a mistyped passphrase").await.status, 401, "the owner's first attempt");
    let slow = attempt(&harness, ADA, PASSWORD).await;
    assert_eq!((slow.status, slow.problem()), (429, "too-many-requests"));
    harness.advance(SignedDuration::from_secs(slow.headers["retry-after"].parse().unwrap()));
    assert_eq!(attempt(&harness, ADA, PASSWORD).await.status, 201);
    assert_eq!(attempt(&harness, ADA, PASSWORD).await.status, 201, "a right password ends it");
}

#[tokio::test]
async fn one_stranger_does_not_even_slow_the_owner_down() {
    let harness = harness().await;
    register(&harness, ADA, PASSWORD).await;
    let (users, email) = (harness.service::<Users>(), ADA.parse().unwrap());
    for _ in 0..300 {
        drop(users.throttle.sign_in(&email, "198.51.100.1", harness.now()).await);
    }
    for _ in 0..3 {
        assert_eq!(attempt(&harness, ADA, "a mistyped passphrase").await.status, 401);
    }
    assert_eq!(attempt(&harness, ADA, PASSWORD).await.status, 201);
}

#[tokio::test]
async fn attempts_from_one_address_are_limited_whatever_they_name() {
    let harness = harness().await.with_variable("ATTEMPTS_PER_MINUTE", "3");
    for n in 0..3 {
        assert_eq!(attempt(&harness, &format!("user{n}@example.com"), PASSWORD).await.status, 401);
    }
    assert_eq!(attempt(&harness, "user4@example.com", PASSWORD).await.status, 429);
    assert_eq!(register(&harness, ADA, PASSWORD).await.status, 429);
    harness.advance(SignedDuration::from_secs(20));
    assert_eq!(register(&harness, ADA, PASSWORD).await.status, 201);
    assert_eq!(register(&harness, "eve@example.com", PASSWORD).await.status, 429);
}

#[tokio::test]
async fn guests_from_one_address_are_limited_and_use_up_nobodys_attempts() {
    let harness = harness().await.with_variable("ATTEMPTS_PER_MINUTE", "3");
    for _ in 0..3 {
        guest(&harness).await;
    }
    let answer = harness.call(create_guest, anonymous("/v1/guests", &json!({}))).await;
    assert_eq!((answer.status, answer.problem()), (429, "too-many-requests"));
    assert_eq!((&*answer.headers["retry-after"], &*answer.headers["ratelimit"]), ("21", "\"attempts\";r=0;t=21"));
    assert!(answer.headers["ratelimit-policy"].starts_with("\"attempts\";q=3;"), "{answer:?}");
    assert_eq!(register(&harness, ADA, PASSWORD).await.status, 201);
    harness.advance(SignedDuration::from_secs(20));
    guest(&harness).await;
}

#[tokio::test]
async fn refreshes_from_one_address_are_limited_and_cost_no_session() {
    let harness = harness().await.with_variable("ATTEMPTS_PER_MINUTE", "3");
    let mut session = guest(&harness).await;
    let refresh = async |session: &Value| {
        let body = json!({"refreshToken": session["refreshToken"]});
        harness.call(refresh_session, anonymous("/v1/sessions/refresh", &body)).await
    };
    for _ in 0..3 {
        session = refresh(&session).await.json;
    }
    let answer = refresh(&session).await;
    assert_eq!((answer.status, &*answer.headers["retry-after"]), (429, "21"));
    guest(&harness).await;
    harness.advance(SignedDuration::from_secs(20));
    assert_eq!(refresh(&session).await.status, 201, "the token is as good as before");
}

#[tokio::test]
async fn viewers_behind_the_edge_are_counted_each_by_themselves() {
    let harness = harness().await.with_variable("ATTEMPTS_PER_MINUTE", "1").with_variable("EDGE_SECRET", "the edge");
    let guest_of = async |viewer: &str, secret: &str| {
        let request = anonymous("/v1/guests", &json!({}));
        let request = request.header("souk-viewer-address", viewer).header("souk-edge-secret", secret);
        harness.call(create_guest, request).await.status
    };
    assert_eq!(guest_of("198.51.100.7", "the edge").await, 201);
    assert_eq!(guest_of("198.51.100.8", "the edge").await, 201);
    assert_eq!(guest_of("198.51.100.7", "the edge").await, 429);
    assert_eq!(guest_of("198.51.100.9", "a guess").await, 201, "the first from where it really came from");
    assert_eq!(guest_of("198.51.100.10", "a guess").await, 429);
}
