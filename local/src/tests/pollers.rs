//! From a commit to its consumers: stream, relay, bus, rule, queue, function.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::probe;
use crate::Stack;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Asks until the answer is as wanted: what happens behind a queue takes its own time.
async fn eventually(what: &str, mut look: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !look().await {
        assert!(Instant::now() < deadline, "it never came to this: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn seen(stack: &Stack) -> Vec<String> {
    serde_json::from_value(stack.invoke("seen", &json!({})).await.unwrap()).unwrap()
}

async fn take_note(stack: &Stack, text: &str) {
    let answer = stack.client().with_token("good").post("/v1/notes", &json!({"text": text})).await.unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text());
}

async fn status(stack: &Stack) -> Value {
    stack.client().get("/_souk/status").await.unwrap().json()
}

fn queue(status: &Value, name: &str) -> (u64, u64) {
    let queues = status["queues"].as_array().unwrap();
    let queue = queues.iter().find(|queue| queue["name"] == name).unwrap();
    (queue["waiting"].as_u64().unwrap(), queue["inFlight"].as_u64().unwrap())
}

#[tokio::test]
async fn an_event_reaches_its_consumer_and_its_message_is_deleted() {
    let stack = probe::start().await;
    take_note(&stack, "hello").await;
    eventually("the note is recorded", async || seen(&stack).await.contains(&"hello".to_owned())).await;
    eventually("the queue is empty", async || queue(&status(&stack).await, "souk-local-notes") == (0, 0)).await;
    stack.stop().await;
}

#[tokio::test]
async fn poison_ends_among_the_dead_letters_and_takes_nothing_with_it() {
    let stack = probe::start().await;
    for text in ["poison", "one", "two"] {
        take_note(&stack, text).await;
    }
    eventually("the others are recorded", async || seen(&stack).await.len() == 3).await;
    eventually("the poison is put aside", async || {
        queue(&status(&stack).await, "souk-local-notes-dead-letters") == (1, 0)
    })
    .await;
    assert_eq!(seen(&stack).await, ["one", "tick", "two"]);
    stack.stop().await;
}

#[tokio::test]
async fn what_a_filter_does_not_let_through_is_done_with() {
    let stack = probe::start().await;
    take_note(&stack, "secret").await;
    take_note(&stack, "open").await;
    eventually("the open one is recorded", async || seen(&stack).await.contains(&"open".to_owned())).await;
    eventually("both are gone", async || queue(&status(&stack).await, "souk-local-notes") == (0, 0)).await;
    assert!(!seen(&stack).await.contains(&"secret".to_owned()));
    stack.stop().await;
}

#[tokio::test]
async fn what_a_stream_consumer_cannot_do_is_given_up_and_reported() {
    let stack = probe::start().await;
    take_note(&stack, "one").await;
    take_note(&stack, "two").await;
    eventually("both are reported", async || queue(&status(&stack).await, "souk-local-lost").0 > 0).await;
    let receive = json!({"QueueUrl": crate::template::queue_url("souk-local-lost"), "WaitTimeSeconds": 5});
    let message = crate::cloud::call(stack.cloud(), "AmazonSQS.ReceiveMessage", &receive).await.unwrap();
    let report: Value = serde_json::from_str(message["Messages"][0]["Body"].as_str().unwrap()).unwrap();
    assert_eq!(report["requestContext"]["condition"], "RetryAttemptsExhausted", "{report}");
    let batch = &report["DDBStreamBatchInfo"];
    assert!(batch["startSequenceNumber"].is_string(), "{report}");
    let arrived: jiff::Timestamp = batch["approximateArrivalOfFirstRecord"].as_str().unwrap().parse().unwrap();
    assert!(arrived.duration_since(jiff::Timestamp::now()).abs() < jiff::SignedDuration::from_mins(1), "{report}");
    eventually("the other consumer is not held up", async || seen(&stack).await.len() == 3).await;
    stack.stop().await;
}

#[tokio::test]
async fn what_was_accepted_survives_a_restart() {
    let folder = std::env::temp_dir().join(format!("souk-test-{}", uuid::Uuid::new_v4()));
    let options = || crate::Options { data: Some(folder.clone()), ..probe::options() };
    let stack = Stack::start(options()).await.unwrap();
    assert!(stack.first_start());
    let in_use = Stack::start(options()).await.unwrap_err();
    assert!(in_use.to_string().contains("in use"), "{in_use:#}");
    for number in 0..10 {
        take_note(&stack, &format!("note {number}")).await;
    }
    stack.stop().await;
    let stack = Stack::start(options()).await.unwrap();
    eventually("every note is recorded", async || seen(&stack).await.len() == 11).await;
    stack.stop().await;
    std::fs::remove_dir_all(folder).unwrap();
}
