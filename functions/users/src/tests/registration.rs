use futures::future::join_all;

use super::*;

#[tokio::test]
async fn whoever_registers_can_sign_in_as_a_customer() {
    let harness = harness().await;
    let made = register(&harness, " Ada@Example.com ", PASSWORD).await;
    assert_eq!((made.status, made.json), (201, json!({"email": ADA})));
    let session = attempt(&harness, "ADA@example.com", PASSWORD).await;
    assert_eq!((session.status, &session.json["user"]["email"]), (201, &json!(ADA)));
    assert_eq!(session.json["user"]["roles"], json!(["customer"]));
    assert_eq!(harness.event_names().await, ["SigningKeyPublished.v1", "UserRegistered.v1"]);
}

#[tokio::test]
async fn a_taken_address_is_answered_alike_and_nothing_changes() {
    let harness = harness().await;
    let first = register(&harness, ADA, PASSWORD).await;
    let second = register(&harness, ADA, "quite another passphrase").await;
    assert_eq!((second.status, second.json, second.headers.len()), (first.status, first.json, first.headers.len()));
    assert_eq!(attempt(&harness, ADA, "quite another passphrase").await.status, 401);
    assert_eq!(attempt(&harness, ADA, PASSWORD).await.status, 201);
    let names = harness.event_names().await;
    assert_eq!(names.iter().filter(|name| *name == "UserRegistered.v1").count(), 1);
}

#[tokio::test]
async fn an_address_becomes_one_account_however_many_register_it() {
    let harness = harness().await;
    let answers = join_all((0..6).map(|_| register(&harness, ADA, PASSWORD))).await;
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    assert_eq!(harness.event_names().await, ["UserRegistered.v1"]);
}

#[tokio::test]
async fn neither_address_nor_name_nor_password_is_stored_in_the_clear() {
    let harness = harness().await;
    signed_in(&harness, "ada.lovelace@example.com").await;
    let stored = stored(&harness).await.to_lowercase();
    assert!(stored.contains("argon2id"));
    for secret in ["lovelace", "\"ada\"", "example.com", PASSWORD] {
        assert!(!stored.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn wrong_input_says_which_field() {
    let harness = harness().await;
    let wrong = async |body: Value| {
        let answer = harness.call(register_user, anonymous("/v1/users", &body)).await;
        (answer.status, answer.pointers().join(" "))
    };
    let body = |email: &str, password: &str, name: &str| json!({"email": email, "password": password, "name": name});
    assert_eq!(wrong(body("ada", PASSWORD, "Ada")).await, (422, "/email".to_owned()));
    assert_eq!(wrong(body(ADA, "short", "Ada")).await, (422, "/password".to_owned()));
    assert_eq!(wrong(body(ADA, ADA, "Ada")).await, (422, "/password".to_owned()));
    assert_eq!(wrong(body(ADA, &"long".repeat(33), "")).await, (422, "/name /password".to_owned()));
    assert_eq!(wrong(json!({"email": ADA, "password": PASSWORD})).await, (422, "/name".to_owned()));
    let mut surplus = body(ADA, PASSWORD, "Ada");
    surplus["roles"] = json!(["admin"]);
    assert_eq!(wrong(surplus).await, (422, "/roles".to_owned()));
}

#[tokio::test]
async fn a_guest_becomes_a_customer_and_keeps_their_id() {
    let harness = harness().await;
    let session = guest(&harness).await;
    let body = json!({"email": ADA, "password": PASSWORD, "name": "Ada", "guestToken": session["accessToken"]});
    assert_eq!(harness.call(register_user, anonymous("/v1/users", &body)).await.status, 201);
    let customer = attempt(&harness, ADA, PASSWORD).await.json;
    assert_eq!(customer["user"]["id"], session["user"]["id"]);

    // The reply was lost, and the guest tries again.
    let retried = harness.call(register_user, anonymous("/v1/users", &body)).await;
    assert_eq!((retried.status, &retried.json["email"]), (201, &json!(ADA)));

    let mut again = body;
    again["email"] = json!("second@example.com");
    let answer = harness.call(register_user, anonymous("/v1/users", &again)).await;
    assert_eq!((answer.status, answer.problem()), (409, "already-registered"));
}

#[tokio::test]
async fn only_a_guests_own_token_makes_an_account_of_them() {
    let harness = harness().await;
    let customer = signed_in(&harness, ADA).await;
    for token in ["nonsense", customer["accessToken"].as_str().unwrap()] {
        let body = json!({"email": "eve@example.com", "password": PASSWORD, "name": "Eve", "guestToken": token});
        let answer = harness.call(register_user, anonymous("/v1/users", &body)).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec!["/guestToken"]));
    }
}

#[tokio::test]
async fn a_user_has_the_language_that_was_sent_or_accepted() {
    let harness = harness().await;
    let cases = [
        (Some("de"), None, "de"),
        (Some("en"), Some("de"), "en"),
        (None, Some("de-AT,en;q=0.5"), "de"),
        (None, Some("fr"), "en"),
        (None, None, "en"),
    ];
    for (at, (language, accepted, expected)) in cases.into_iter().enumerate() {
        let email = format!("ada{at}@example.com");
        let mut body = json!({"email": email, "password": PASSWORD, "name": "Ada"});
        if let Some(language) = language {
            body["language"] = json!(language);
        }
        let mut request = anonymous("/v1/users", &body);
        if let Some(accepted) = accepted {
            request = request.header("accept-language", accepted);
        }
        assert_eq!(harness.call(register_user, request).await.status, 201);
        assert_eq!(attempt(&harness, &email, PASSWORD).await.json["user"]["language"], expected, "{at}");
    }
    let body = json!({"email": ADA, "password": PASSWORD, "name": "Ada", "language": "fr"});
    assert_eq!(harness.call(register_user, anonymous("/v1/users", &body)).await.pointers(), ["/language"]);
}
