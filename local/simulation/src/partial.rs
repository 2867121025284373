//! Answers that are only partly so: entries that failed, keys that were not processed, reads that miss the newest change.

use emulators::Answer;
use serde_json::{Value, json};

use crate::{faults::Fault, observed::image_key, world::World};

/// An answer that is only partly so; none where nothing can be left out of it.
pub(crate) async fn answer(world: &World, fault: Fault, target: &str, asked: &Value) -> Option<Answer> {
    match (fault, target) {
        (Fault::Partial, "AWSEvents.PutEvents") => Some(some_entries(world, asked).await),
        (Fault::Partial, "DynamoDB_20120810.BatchGetItem") => some_keys(world, asked).await,
        (Fault::Stale, _) if asked["IndexName"].is_string() => lagging(world, target, asked).await,
        (Fault::Stale, _) => before_the_last_change(world, target, asked).await,
        _ => None,
    }
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
    let left = json!({table: {"Keys": [key], "ConsistentRead": request["ConsistentRead"]}});
    let answer = world.cloud.dispatch("DynamoDB_20120810.BatchGetItem", asked.to_string().as_bytes()).await;
    let mut said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    said["UnprocessedKeys"] = left;
    Some(ok(&said))
}

/// An index that does not contain the last change of one item: the item is in its place of before, or in none.
async fn lagging(world: &World, target: &str, asked: &Value) -> Option<Answer> {
    let (partition, sort) = match asked["IndexName"].as_str() {
        Some("due") => ("dueShard", "dueAt"),
        Some("states") => ("sk", "listSort"),
        _ => ("listName", "listSort"),
    };
    let values = &asked["ExpressionAttributeValues"];
    let name = [":pk", ":shard"].iter().find_map(|name| values[*name]["S"].as_str())?;
    let table = asked["TableName"].as_str()?;
    if asked["ExclusiveStartKey"].is_object() {
        return None;
    }
    let place = |item: &Option<Value>| {
        // An item without the sort key is in no index.
        let item = item.as_ref().filter(|item| item[partition]["S"] == name && item[sort].is_object())?;
        Some(json!({"pk": item["pk"], "sk": item["sk"], partition: item[partition], sort: item[sort]}))
    };
    let mut moved: Vec<_> = world.observed.with(|seen| {
        let items = seen.images.iter().filter(|(key, _)| key.starts_with(&format!("{table}/")));
        items.map(|(_, [before, now])| (place(before), place(now))).filter(|(before, now)| before != now).collect()
    });
    if moved.is_empty() {
        return None;
    }
    let (before, now) = moved.swap_remove(world.choices.below(u32::try_from(moved.len()).unwrap_or(1)) as usize);
    let answer = world.cloud.dispatch(target, asked.to_string().as_bytes()).await;
    let mut said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let items = said.pointer_mut("/Items")?.as_array_mut()?;
    items.retain(|item| now.as_ref().is_none_or(|now| image_key(&Value::Null, item) != image_key(&Value::Null, now)));
    items.extend(before.filter(|before| values[":now"].is_null() || number(&before[sort]) < number(&values[":now"])));
    items.sort_by_key(|item| (number(&item[sort]), item[sort]["S"].as_str().map(str::to_owned)));
    if asked["ScanIndexForward"] == false {
        items.reverse();
    }
    let count = items.len();
    said["Count"] = count.into();
    Some(ok(&said))
}

fn number(value: &Value) -> Option<i64> {
    value["N"].as_str()?.parse().ok()
}

/// A read that does not see the last change of one item.
async fn before_the_last_change(world: &World, target: &str, asked: &Value) -> Option<Answer> {
    let answer = world.cloud.dispatch(target, asked.to_string().as_bytes()).await;
    let mut said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let before = |table: &Value, item: &Value| {
        world.observed.with(|seen| seen.images.get(&image_key(table, item)).map(|[before, _]| before.clone()))
    };
    if target.ends_with("GetItem") && said["Item"].is_object() {
        said["Item"] = before(&asked["TableName"], &said["Item"])?.into();
        return Some(ok(&said));
    }
    let (table, items) = match said.pointer_mut("/Responses").and_then(Value::as_object_mut) {
        Some(tables) => tables.iter_mut().next().map(|(table, items)| (Value::from(table.as_str()), items))?,
        None => (asked["TableName"].clone(), said.pointer_mut("/Items")?),
    };
    let items = items.as_array_mut().filter(|items| !items.is_empty())?;
    items.sort_by_key(|item| image_key(&table, item));
    let which = world.choices.below(u32::try_from(items.len()).unwrap_or(1)) as usize;
    match before(&table, &items[which])? {
        Some(item) => items[which] = item,
        None => drop(items.remove(which)),
    }
    if said["Count"].is_u64() {
        said["Count"] = said["Items"].as_array().map_or(0, Vec::len).into();
    }
    Some(ok(&said))
}

fn ok(said: &Value) -> Answer {
    let headers = vec![("content-type", "application/x-amz-json-1.0".to_owned())];
    Answer { status: 200, headers, body: said.to_string().into() }
}
