//! When nothing is under way any more: every event is on the bus, and every queue is empty.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::{
    Stack,
    cloud::call,
    template::{Table, queue_url},
};

/// How long it may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// Waits until nothing is under way.
pub(super) async fn settled(stack: &Stack) -> Result<()> {
    until("everything is at rest", async || {
        let before = stack.ledger().invocations().len();
        let quiet = waiting(stack).await? == 0 && relayed(stack) == stored(stack).await?;
        // Whatever went on meanwhile may have been looked at too early.
        Ok(quiet && stack.ledger().invocations().len() == before)
    })
    .await
}

/// Looks again until something is so. There is nothing to be woken by: what is looked at spans tables, queues and
/// other processes.
pub(super) async fn until(what: &str, is_so: impl AsyncFn() -> Result<bool>) -> Result<()> {
    let began = Instant::now();
    while !is_so().await? {
        ensure!(began.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// Events that relays have put on the bus.
fn relayed(stack: &Stack) -> u64 {
    let invocations = stack.ledger().invocations();
    let relays = invocations.iter().filter(|invocation| invocation.function.ends_with("-relay"));
    relays.map(|invocation| u64::from(invocation.usage.events)).sum()
}

/// Events in the tables.
async fn stored(stack: &Stack) -> Result<u64> {
    let mut events = 0;
    for Table { name, .. } in &stack.deployment().tables {
        let mut request = json!({
            "TableName": name,
            "Select": "COUNT",
            "FilterExpression": "begins_with(sk, :event)",
            "ExpressionAttributeValues": {":event": {"S": "event#"}},
        });
        loop {
            let mut page = call(stack.cloud(), "DynamoDB_20120810.Scan", &request).await?;
            events += page["Count"].as_u64().unwrap_or(0);
            match page["LastEvaluatedKey"].take() {
                Value::Null => break,
                from => request["ExclusiveStartKey"] = from,
            }
        }
    }
    Ok(events)
}

/// Messages in queues, dead letters among them: where something failed, nothing comes to rest.
async fn waiting(stack: &Stack) -> Result<u64> {
    let mut messages = 0;
    for queue in &stack.deployment().queues {
        let request = json!({"QueueUrl": queue_url(&queue.name), "AttributeNames": ["All"]});
        let attributes = call(stack.cloud(), "AmazonSQS.GetQueueAttributes", &request).await?["Attributes"].take();
        let counts = ["", "NotVisible", "Delayed"].map(|state| format!("ApproximateNumberOfMessages{state}"));
        let counts = counts.iter().filter_map(|name| attributes[name].as_str()?.parse::<u64>().ok());
        messages += counts.sum::<u64>();
    }
    Ok(messages)
}

/// Deletes what stands in a partition of a service's table under sort keys that begin so.
pub(super) async fn forget(stack: &Stack, service: &str, pk: &str, prefix: &str) -> Result<()> {
    let file = format!("functions/{service}/template.yaml");
    let table = stack.deployment().tables.iter().find(|table| table.place.file == file);
    let table = table.map(|table| table.name.as_str()).unwrap_or_default();
    let query = json!({
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
        "ExpressionAttributeValues": {":pk": {"S": pk}, ":sk": {"S": prefix}},
    });
    let found = call(stack.cloud(), "DynamoDB_20120810.Query", &query).await?;
    let items = found["Items"].as_array().cloned().unwrap_or_default();
    ensure!(!items.is_empty(), "there is no {prefix} in {pk}");
    for item in items {
        let delete = json!({"TableName": table, "Key": {"pk": item["pk"], "sk": item["sk"]}});
        call(stack.cloud(), "DynamoDB_20120810.DeleteItem", &delete).await?;
    }
    Ok(())
}
