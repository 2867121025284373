use super::*;

fn record(id: u128, by: &serde_json::Value) -> serde_json::Value {
    let id = uuid::Uuid::from_u128(id);
    let detail = json!({
        "metadata": {"id": format!("evt_{}", id.simple()), "aggregate": "counter#1", "version": 1, "time": "2026-01-01T00:00:00Z",
            "causation": "test", "correlation": "test", "principal": "test"},
        "data": {"by": by},
    });
    let body = json!({"source": "souk.test", "detail-type": "Counted.v1", "detail": detail}).to_string();
    json!({"messageId": id, "receiptHandle": "r", "body": body, "md5OfBody": "", "attributes": {}, "messageAttributes": {},
        "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:test", "awsRegion": "eu-west-1"})
}

#[tokio::test]
async fn a_batch_is_consumed_whole() {
    let harness = harness().await;
    let batch = json!({"Records": [record(1, &json!(1)), record(2, &json!(2)), record(3, &json!(3))]});
    assert_eq!(harness.invoke(on_counted, &batch).await.unwrap(), json!({"batchItemFailures": []}));
    assert_eq!(counted(&harness).await, 6);
}

#[tokio::test]
async fn a_poisoned_message_hurts_nobody_else() {
    let harness = harness().await;
    let (good, panics, unreadable) = (record(1, &json!(1)), record(2, &json!(13)), record(3, &json!("many")));
    let mut no_json = record(4, &json!(1));
    no_json["body"] = json!("poison");
    let batch = json!({"Records": [panics, unreadable, no_json, good]});
    let failed = [2, 3, 4].map(|id| json!({"itemIdentifier": uuid::Uuid::from_u128(id)}));
    assert_eq!(harness.invoke(on_counted, &batch).await.unwrap(), json!({"batchItemFailures": failed}));
    assert_eq!(counted(&harness).await, 1);
}

#[tokio::test]
async fn a_consumer_that_is_idempotent_records_nothing() {
    let harness = harness().await;
    let batch = json!({"Records": [record(1, &json!(5))]});
    // It is not, in truth: so a second delivery counts again, which only a record would prevent.
    let idempotent = || on_counted().idempotent();
    for counted_then in [5, 10] {
        assert_eq!(harness.invoke(idempotent, &batch).await.unwrap(), json!({"batchItemFailures": []}));
        assert_eq!(counted(&harness).await, counted_then);
    }
}

#[tokio::test]
async fn one_event_twice_in_a_batch_counts_once() {
    let harness = harness().await;
    let batch = json!({"Records": [record(1, &json!(5)), record(1, &json!(5))]});
    assert_eq!(harness.invoke(on_counted, &batch).await.unwrap(), json!({"batchItemFailures": []}));
    assert_eq!(counted(&harness).await, 5);
}
