//! The payment provider's webhooks over HTTP, as somebody who wants goods for nothing would send them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use local::{Answer, Client, Options, Secrets, Stack};
use ring::hmac;
use serde_json::{Value, json};

use crate::{
    shop::eventually,
    world::{World, settled},
};

const PATH: &str = "/v1/webhooks/payments";

/// A stack whose secrets are known, and a payment in it.
struct Desk {
    stack: Stack,
    world: World,
    folder: PathBuf,
    secret: String,
}

impl Desk {
    async fn open() -> Self {
        let folder = std::env::temp_dir().join(format!("souk-{}", uuid::Uuid::new_v4().simple()));
        let options = Options { demo: true, data: Some(folder.clone()), ..Options::default() };
        let stack = Stack::start(options).await.unwrap();
        let world = World::of(&stack).await;
        let secret = secret(&stack, &folder, "STRIPE_WEBHOOK_SECRET");
        Self { stack, world, folder, secret }
    }

    /// What the provider would say of the order's intent.
    fn event(&self, kind: &str, status: &str) -> String {
        let intent = json!({
            "id": "pi_1", "object": "payment_intent", "status": status, "amount": 4999, "amount_received": 0,
            "metadata": {"order": self.world.names["orderId"]}, "last_payment_error": null,
        });
        json!({"id": "evt_1", "object": "event", "type": kind, "data": {"object": intent}}).to_string()
    }

    async fn send(&self, signature: &str, body: &str) -> Answer {
        send(&self.world.anyone, &[("stripe-signature", signature)], body.as_bytes()).await
    }

    async fn payment(&self) -> Value {
        let path = format!("/v1/payments/{}", self.world.names["paymentId"]);
        self.world.callers["support"].get(&path).await.unwrap().json()
    }

    async fn close(self) {
        self.stack.stop().await;
        std::fs::remove_dir_all(self.folder).unwrap();
    }
}

async fn send(client: &Client, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    client.send("POST", PATH, headers, body.to_vec()).await.unwrap()
}

/// A secret of a stack, as its functions have it.
pub(crate) fn secret(stack: &Stack, folder: &Path, variable: &str) -> String {
    let kept = Secrets::open(Some(folder.join("secrets.json")), &[]).unwrap();
    let functions = &stack.deployment().functions;
    let given = functions.iter().find_map(|function| function.environment.get(variable)).unwrap();
    kept.resolve(given).unwrap()
}

fn tag(secret: &str, time: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    let digits: Vec<_> = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

fn signed(secret: &str, seconds_ago: i64, body: &str) -> String {
    let time = (Timestamp::now().as_second() - seconds_ago).to_string();
    format!("t={time},v1={}", tag(secret, &time, body))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_webhook_is_refused_and_changes_nothing() {
    let desk = Desk::open().await;
    let (body, secret) = (desk.event("payment_intent.canceled", "canceled"), desk.secret.as_str());
    let (held, before) = (desk.payment().await, settled(&desk.stack).await);
    assert_eq!(held["status"], "authorized");
    let now = Timestamp::now().as_second().to_string();
    let (good, wrong) = (tag(secret, &now, &body), "0".repeat(64));
    let [invalid, stale] = ["/problems/invalid-signature", "/problems/stale-signature"];
    let forged = [
        // First, since it comes nearer to what holds while the others are sent.
        ("in a while", signed(secret, -330, &body), stale),
        ("no values", "t=,v1=".to_owned(), invalid),
        ("no fields", good.clone(), invalid),
        ("no time", format!("v1={good}"), invalid),
        ("no tag", format!("t={now}"), invalid),
        ("another version", format!("t={now},v0={good}"), invalid),
        ("half a tag", format!("t={now},v1={}", &good[..32]), invalid),
        ("a tag of no digits", format!("t={now},v1={}", "+f".repeat(32)), invalid),
        ("a tag of other letters", format!("t={now},v1={}", "ä".repeat(32)), invalid),
        ("another's secret", signed("whsec_another-shops-secret-of-theirs", 0, &body), invalid),
        ("no secret", signed("", 0, &body), invalid),
        ("the secret before the first", signed("none", 0, &body), invalid),
        ("another body", signed(secret, 0, &body.replace("4999", "1")), invalid),
        ("a space more", signed(secret, 0, &format!("{body} ")), invalid),
        ("another time", format!("t={},v1={good}", now.parse::<i64>().unwrap() + 1), invalid),
        ("a time first that was not signed", format!("t=1,t={now},v1={good}"), invalid),
        ("a time that is none", format!("t=now,v1={}", tag(secret, "now", &body)), invalid),
        ("only wrong tags", format!("t={now},v1={wrong},v1={wrong}"), invalid),
        ("the right tag after too many", format!("t={now}{},v1={good}", format!(",v1={wrong}").repeat(500)), invalid),
        ("long ago", signed(secret, 302, &body), stale),
    ];
    for (what, signature, problem) in forged {
        let answer = desk.send(&signature, &body).await;
        assert_eq!((answer.status, answer.json()["type"].as_str()), (400, Some(problem)), "{what}");
    }
    let unsigned = send(&desk.world.anyone, &[], body.as_bytes()).await;
    assert_eq!((unsigned.status, unsigned.json()["type"].as_str()), (400, Some(invalid)));
    for malformed in
        ["", "null", "[]", "{}", r#"{"id": "evt_1", "type": "payment_intent.canceled", "data": {"object": 1}}"#]
    {
        let answer = desk.send(&signed(secret, 0, malformed), malformed).await;
        assert_eq!(answer.json()["type"], "/problems/malformed-webhook", "{malformed}");
    }
    assert!(settled(&desk.stack).await == before, "a forged webhook has changed something");
    assert_eq!(desk.payment().await, held);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_comes_again_or_late_has_no_second_effect() {
    let desk = Desk::open().await;
    let secret = desk.secret.as_str();
    let (cancelled, held) = (
        desk.event("payment_intent.canceled", "canceled"),
        desk.event("payment_intent.amount_capturable_updated", "requires_capture"),
    );
    // As while the secret rotates: the tag of another secret stands beside ours, and the bytes are no text.
    let time = Timestamp::now().as_second().to_string();
    let other = tag("whsec_the-secret-that-comes-next-year", &time, &cancelled);
    let both = format!("t={time},v1={other},v1={}", tag(secret, &time, &cancelled));
    let headers = [("stripe-signature", both.as_str()), ("content-type", "application/octet-stream")];
    assert_eq!(send(&desk.world.anyone, &headers, cancelled.as_bytes()).await.status, 200);
    let support = &desk.world.callers["support"];
    let path = format!("/v1/payments/{}", desk.world.names["paymentId"]);
    let look = async || support.get(&path).await.unwrap();
    let voided = eventually(look, |answer| answer.json()["status"] == "voided").await.json();
    let before = settled(&desk.stack).await;

    let late = signed(secret, 290, &cancelled);
    let replays = [(&cancelled, both.clone()), (&cancelled, late), (&held, signed(secret, 0, &held))];
    for (body, signature) in replays {
        assert_eq!(desk.send(&signature, body).await.status, 200);
    }
    let after = settled(&desk.stack).await;
    assert_eq!(desk.payment().await, voided);
    let events = |stored: &BTreeMap<String, Value>| stored.keys().filter(|key| key.contains("event#")).count();
    assert_eq!(events(&after), events(&before), "no event is stated a second time");
    desk.close().await;
}
