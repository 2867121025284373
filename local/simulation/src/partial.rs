//! Answers that are only partly so: entries that failed, keys that were not processed, an index that lags.

use std::{collections::BTreeMap, sync::Mutex};

use emulators::Answer;
use serde_json::{Value, json};

use crate::{executor::lock, faults::Fault, world::World};

/// The last answer of each partition of each index.
pub(crate) type Indexes = Mutex<BTreeMap<String, Vec<Value>>>;

/// An answer that is only partly so; none where nothing can be left out of it.
pub(crate) async fn answer(world: &World, fault: Fault, target: &str, asked: &Value) -> Option<Answer> {
    match (fault, target) {
        (Fault::Partial, "AWSEvents.PutEvents") => Some(some_entries(world, asked).await),
        (Fault::Partial, "DynamoDB_20120810.BatchGetItem") => some_keys(world, asked).await,
        (Fault::Stale, _) => lagging(world, target, asked).await,
        _ => None,
    }
}

/// Remembers what an index showed.
pub(crate) fn remember(world: &World, asked: &Value, answer: &Answer) {
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if let (Some(partition), Some(items)) = (partition(asked), said["Items"].as_array()) {
        lock(&world.observed.indexes).insert(partition, items.clone());
    }
}

fn partition(asked: &Value) -> Option<String> {
    let index = asked["IndexName"].as_str()?;
    let values = &asked["ExpressionAttributeValues"];
    let key = [":pk", ":shard"].iter().find_map(|name| values[*name]["S"].as_str())?;
    Some(format!("{}/{index}/{key}", asked["TableName"].as_str()?))
}

/// One entry fails; the call succeeds.
async fn some_entries(world: &World, asked: &Value) -> Answer {
    let entries = asked["Entries"].as_array().cloned().unwrap_or_default();
    let failed = world.choices.below(u32::try_from(entries.len()).unwrap_or(1)) as usize;
    let kept: Vec<_> = entries.iter().enumerate().filter(|(at, _)| *at != failed).map(|(_, entry)| entry).collect();
    let mut said: Value = if kept.is_empty() {
        json!({"Entries": []})
    } else {
        let answer = world.cloud.dispatch("AWSEvents.PutEvents", json!({"Entries": kept}).to_string().as_bytes()).await;
        serde_json::from_slice(&answer.body).unwrap_or_default()
    };
    if let Some(entries) = said["Entries"].as_array_mut() {
        entries.insert(failed, json!({"ErrorCode": "InternalFailure", "ErrorMessage": "simulated"}));
    }
    said["FailedEntryCount"] = 1.into();
    ok(&said)
}

/// One key is not processed; the call succeeds.
async fn some_keys(world: &World, asked: &Value) -> Option<Answer> {
    let mut asked = asked.clone();
    let (table, request) = asked["RequestItems"].as_object_mut()?.iter_mut().next()?;
    let keys = request["Keys"].as_array_mut().filter(|keys| keys.len() > 1)?;
    // The SDK keeps items in maps without an order: choose by what the key says.
    keys.sort_by_key(ToString::to_string);
    let key = keys.remove(world.choices.below(u32::try_from(keys.len()).unwrap_or(1)) as usize);
    let left = json!({table: {"Keys": [key], "ConsistentRead": true}});
    let answer = world.cloud.dispatch("DynamoDB_20120810.BatchGetItem", asked.to_string().as_bytes()).await;
    let mut said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    said["UnprocessedKeys"] = left;
    Some(ok(&said))
}

/// An index as it was: either the newest change is not in it yet, or what has left is still there.
async fn lagging(world: &World, target: &str, asked: &Value) -> Option<Answer> {
    let answer = world.cloud.dispatch(target, asked.to_string().as_bytes()).await;
    let mut said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let before = partition(asked).and_then(|partition| lock(&world.observed.indexes).get(&partition).cloned());
    let items = said["Items"].as_array_mut()?;
    match before.filter(|before| before != items) {
        Some(before) if world.choices.happens(500) => *items = before,
        _ => drop(items.pop()?),
    }
    let count = items.len();
    said["Count"] = count.into();
    Some(ok(&said))
}

fn ok(said: &Value) -> Answer {
    let headers = vec![("content-type", "application/x-amz-json-1.0".to_owned())];
    Answer { status: 200, headers, body: said.to_string().into() }
}
