use futures::future::join_all;
use jiff::SignedDuration;

use super::*;
use crate::Users;

#[tokio::test]
async fn guesses_at_one_account_come_to_an_end_and_so_does_the_wait() {
    let harness = harness().await;
    register(&harness, ADA, PASSWORD).await;
    let users = harness.service::<Users>();
    let email = ADA.parse().unwrap();
    let guesses = (0..60).map(|_| users.throttle.sign_in(&email, "192.0.2.1", harness.now()));
    let let_through = join_all(guesses).await.into_iter().flatten().count();
    assert_eq!(let_through, 50, "however many come at once");

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
    for _ in 0..49 {
        users.throttle.sign_in(&email, "192.0.2.1", harness.now()).await.unwrap();
    }
    assert_eq!(attempt(&harness, ADA, PASSWORD).await.status, 201);
    for _ in 0..50 {
        users.throttle.sign_in(&email, "192.0.2.1", harness.now()).await.unwrap();
    }
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
