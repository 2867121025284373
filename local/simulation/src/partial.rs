//! Answers that are only partly so: entries that failed, keys that were not processed, an index that lags.

use std::{collections::BTreeMap, sync::Mutex};

use emulators::Answer;
use serde_json::{Value, json};

use crate::{executor::lock, fates::Fate, world::World};

/// The last answer of each partition of each index.
pub(crate) type Indexes = Mutex<BTreeMap<String, Vec<Value>>>;

pub(crate) async fn answer(world: &World, fate: Fate, target: &str, asked: &Value) -> Answer {
    match (fate, target) {
        (Fate::Partial, "AWSEvents.PutEvents") => some_entries(world, asked).await,
        (Fate::Partial, "DynamoDB_20120810.BatchGetItem") => some_keys(world, asked).await,
        (Fate::Stale, _) => lagging(world, target, asked).await,
        _ => world.cloud.dispatch(target, asked.to_string().as_bytes()).await,
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
    let key = asked["ExpressionAttributeValues"][":pk"]["S"].as_str()?;
    Some(format!("{}/{index}/{key}", asked["TableName"].as_str()?))
}

/// One entry fails; the call succeeds.
async fn some_entries(world: &World, asked: &Value) -> Answer {
    let entries = asked["Entries"].as_array().cloned().unwrap_or_default();
    let failed = world.tape.below(u32::try_from(entries.len()).unwrap_or(1)) as usize;
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
async fn some_keys(world: &World, asked: &Value) -> Answer {
    let mut asked = asked.clone();
    let mut left = None;
    if let Some((table, request)) = asked["RequestItems"].as_object_mut().and_then(|tables| tables.iter_mut().next()) {
        let keys = request["Keys"].as_array_mut().expect("a batch has keys");
        // The SDK keeps items in maps without an order: choose by what the key says.
        keys.sort_by_key(ToString::to_string);
        if keys.len() > 1 {
            let at = world.tape.below(u32::try_from(keys.len()).unwrap_or(1)) as usize;
            let key = keys.remove(at);
            left = Some((table.clone(), json!({"Keys": [key], "ConsistentRead": true})));
        }
    }
    let answer = world.cloud.dispatch("DynamoDB_20120810.BatchGetItem", asked.to_string().as_bytes()).await;
    let mut said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if let Some((table, request)) = left {
        said["UnprocessedKeys"] = json!({table: request});
    }
    ok(&said)
}

/// An index as it was: either the newest change is not in it yet, or what has left is still there.
async fn lagging(world: &World, target: &str, asked: &Value) -> Answer {
    let answer = world.cloud.dispatch(target, asked.to_string().as_bytes()).await;
    let mut said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let before = partition(asked).and_then(|partition| lock(&world.observed.indexes).get(&partition).cloned());
    let Some(items) = said["Items"].as_array_mut() else { return answer };
    match before {
        Some(before) if world.tape.happens(500) => *items = before,
        _ => drop(items.pop()),
    }
    let count = items.len();
    said["Count"] = count.into();
    ok(&said)
}

fn ok(said: &Value) -> Answer {
    let headers = vec![("content-type", "application/x-amz-json-1.0".to_owned())];
    Answer { status: 200, headers, body: said.to_string().into() }
}
