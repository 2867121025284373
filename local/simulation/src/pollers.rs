//! The simulated pollers of AWS, which deliver messages, stream records and ticks to functions. The choice sequence
//! decides their order and duplicates.

use std::{sync::Arc, time::Duration};

use emulators::Record;
use jiff::Timestamp;
use local::{
    Filter, failed_items, is_too_old, message_record,
    template::{ACCOUNT, FunctionSpec, QueueSource, REGION, StreamSource, queue_url},
};
use serde_json::{Value, json, value::to_raw_value};

use crate::{bugs::Bug, world::World};

/// The maximum number of messages in one receive call of SQS.
const BATCH: usize = 10;
/// After a batch of a stream that failed.
const PAUSE: Duration = Duration::from_secs(1);

/// How long a relay fails: until shortly before its records are too old, or longer.
const RELAY_DEAD: [(&str, Duration); 2] =
    [("relay dead for 22 hours", Duration::from_hours(22)), ("relay dead for 25 hours", Duration::from_hours(25))];

/// The functions that the templates run every minute. They handle what is overdue.
pub(crate) fn scheduled(world: &World) -> Vec<&str> {
    let schedules = world.stage.deployment.schedules.iter();
    schedules.filter(|schedule| schedule.every <= MINUTE).map(|schedule| schedule.function.as_str()).collect()
}

const MINUTE: Duration = Duration::from_mins(1);

/// Starts all pollers.
pub(crate) fn start(world: &Arc<World>) {
    let stage = world.stage.clone();
    for source in &stage.deployment.queue_sources {
        world.spawner.spawn(empty(world.clone(), source.clone()));
    }
    for source in &stage.deployment.stream_sources {
        world.spawner.spawn(relay(world.clone(), source.clone()));
    }
}

/// Runs the schedules, at varying intervals.
pub(crate) async fn tick(world: Arc<World>) {
    loop {
        // With zeros alone, a tick every minute for 40 days would take a minute of processor time.
        let minutes = if world.choices.has_ended() { 60 } else { 1 + world.choices.below(120) };
        tokio::time::sleep(Duration::from_secs(60 * u64::from(minutes))).await;
        delete_expired(&world);
        let scheduled = scheduled(&world);
        let which = world.choices.below(u32::try_from(scheduled.len()).unwrap_or(1)) as usize;
        tick_once(&world, scheduled[which]).await;
    }
}

/// Deletes expired items now or later, like DynamoDB does.
pub(crate) fn delete_expired(world: &World) {
    if world.choices.happens(100) {
        world.cloud.sweep_ttl().expect("the store is in memory");
    }
}

pub(crate) async fn tick_once(world: &Arc<World>, function: &str) {
    // A failure is repaired at the next tick.
    let _ = world.invoke(function, "a tick", &json!({"source": "aws.scheduler"})).await;
}

/// Delivers the messages of a queue to a function.
async fn empty(world: Arc<World>, source: QueueSource) {
    let url = queue_url(&source.queue);
    let most = source.batch_size.min(BATCH);
    while world.cloud.message_due(&source.queue).await {
        // Queues are not all as quick.
        tokio::time::sleep(Duration::from_secs(world.choices.mostly_first(6) as u64)).await;
        if world.suffers("message delayed") {
            tokio::time::sleep(Duration::from_secs(u64::from(world.choices.below(600)))).await;
        }
        let request = json!({
            "QueueUrl": url, "MaxNumberOfMessages": most, "WaitTimeSeconds": 0, "MessageSystemAttributeNames": ["All"],
        });
        let received = ask(&world, "AmazonSQS.ReceiveMessage", &request).await;
        let messages = received["Messages"].as_array().cloned().unwrap_or_default();
        let records: Vec<_> = messages.into_iter().map(|message| message_record(&source.queue, message)).collect();
        if records.is_empty() {
            continue;
        }
        if world.has(Bug::AcknowledgedFirst) {
            delete(&world, &url, &records).await;
        }
        if world.suffers("message twice") {
            world.spawner.spawn(handle(world.clone(), source.clone(), url.clone(), records.clone()));
        }
        world.spawner.spawn(handle(world.clone(), source.clone(), url.clone(), records));
    }
}

async fn handle(world: Arc<World>, source: QueueSource, url: String, records: Vec<Value>) {
    let about: Vec<_> = records.iter().map(subject).collect();
    let about = about.join(", ");
    let outcome = world.invoke(&source.function, &about, &json!({"Records": records})).await;
    let failed = match &outcome {
        Ok(answer) if source.partial => to_raw_value(answer).ok().and_then(|answer| failed_items(&answer)),
        Ok(_) => Some(Vec::new()),
        Err(_) => None,
    };
    let Some(failed) = failed else { return };
    let failed = |record: &Value| failed.iter().any(|id| record["messageId"] == id.as_str());
    let (failures, done): (Vec<_>, Vec<_>) = records.into_iter().partition(failed);
    if world.has(Bug::WholeBatchAcknowledged) {
        delete(&world, &url, &failures).await;
    }
    for record in &done {
        if let Some(event) = event_id(record) {
            let consumer = world.function(&source.function).id();
            world.observed.with(|seen| seen.consumed.insert((consumer, event)));
        }
    }
    if world.suffers("acknowledgement lost") {
        return;
    }
    delete(&world, &url, &done).await;
}

async fn delete(world: &World, url: &str, records: &[Value]) {
    let entries = records.iter().enumerate();
    let entries: Vec<_> =
        entries.map(|(id, record)| json!({"Id": id.to_string(), "ReceiptHandle": record["receiptHandle"]})).collect();
    if !entries.is_empty() {
        ask(world, "AmazonSQS.DeleteMessageBatch", &json!({"QueueUrl": url, "Entries": entries})).await;
    }
}

/// Delivers a table's changes to its relay, in order, until it succeeds.
async fn relay(world: Arc<World>, source: StreamSource) {
    let mut stream = world.cloud.stream(&source.table, &source.function).expect("the table has a stream");
    let filter = Filter::new(&source.filters, &source.function).expect("the templates are checked");
    loop {
        let Ok(batch) = stream.next_batch(source.batch_size).await else { return };
        let records: Vec<_> = batch.iter().filter(|record| filter.passes(record.json())).collect();
        if records.is_empty() {
            stream.commit().expect("the store is in memory");
            continue;
        }
        let (dead, time) = RELAY_DEAD[world.choices.mostly_first(RELAY_DEAD.len())];
        if world.suffers_seldom(dead) {
            tokio::time::sleep(time).await;
        }
        let too_old = batch.iter().take_while(|record| is_too_old(&source, record.created(), world.now())).count();
        if let (Some(queue), Some(last)) = (&source.on_failure, batch[..too_old].last()) {
            give_up(&world, queue, &batch[0]).await;
            stream.commit_through(last.sequence_number()).expect("the store is in memory");
            continue;
        }
        if world.has(Bug::CheckpointBeforePublishing) {
            stream.commit().expect("the store is in memory");
        }
        let outcome = world.invoke(&source.function, "new events", &json!({"Records": records})).await;
        let failed =
            outcome.ok().and_then(|answer| to_raw_value(&answer).ok().and_then(|answer| failed_items(&answer)));
        let first = failed.and_then(|failed| match failed.first() {
            None => Some(batch.len()),
            Some(failed) => batch.iter().position(|record| record.sequence_number() == failed),
        });
        match first {
            Some(end) if end == batch.len() => stream.commit().expect("the store is in memory"),
            Some(end) if end > 0 => {
                stream.commit_through(batch[end - 1].sequence_number()).expect("the store is in memory");
                tokio::time::sleep(PAUSE).await;
            }
            _ => {
                stream.rewind();
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Reports records that are too old, as Lambda does.
async fn give_up(world: &World, queue: &str, first: &Record) {
    let arrived = Timestamp::from_second(first.created()).unwrap_or_default().to_string();
    world.log(|| format!("the relay gives up on what has come since {arrived}"));
    let body = json!({"DDBStreamBatchInfo": {"approximateArrivalOfFirstRecord": arrived}});
    let message = json!({"QueueUrl": queue_url(queue), "MessageBody": body.to_string()});
    ask(world, "AmazonSQS.SendMessage", &message).await;
}

/// Republishes what relays gave up on, as their alarm says.
pub(crate) async fn republish_given_up(world: &Arc<World>) {
    for source in &world.stage.deployment.stream_sources {
        let Some(queue) = &source.on_failure else { continue };
        let functions = &mut world.stage.deployment.functions.iter();
        let of_table = |function: &&FunctionSpec| {
            function.binary == "republish" && function.environment.get("TABLE") == Some(&source.table)
        };
        if let (true, Some(republish)) = (depth(world, queue).await > 0, functions.find(of_table)) {
            drop(world.invoke(&republish.name, "an alarm", &json!({"since": "dead-letters"})).await);
        }
    }
}

/// Redrives every dead letter to its queue.
pub(crate) async fn redrive(world: &World) {
    let deployment = &world.stage.deployment;
    for queue in deployment.queues.iter().filter_map(|queue| queue.dead_letters.as_deref()) {
        let arn = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}");
        ask(world, "AmazonSQS.StartMessageMoveTask", &json!({"SourceArn": arn})).await;
    }
}

/// The number of messages in a queue, including those in flight.
pub(crate) async fn depth(world: &World, queue: &str) -> u64 {
    let said =
        ask(world, "AmazonSQS.GetQueueAttributes", &json!({"QueueUrl": queue_url(queue), "AttributeNames": ["All"]}))
            .await;
    let names = ["", "NotVisible", "Delayed"].map(|kind| format!("ApproximateNumberOfMessages{kind}"));
    let counts = names.iter().filter_map(|name| said["Attributes"][name].as_str()?.parse::<u64>().ok());
    counts.sum()
}

/// Calls AWS without a function.
pub(crate) async fn ask(world: &World, target: &str, body: &Value) -> Value {
    let answer = world.cloud.dispatch(target, body.to_string().as_bytes()).await;
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

fn body(record: &Value) -> Value {
    serde_json::from_str(record["body"].as_str().unwrap_or_default()).unwrap_or_default()
}

fn event_id(record: &Value) -> Option<String> {
    body(record)["detail"]["metadata"]["id"].as_str().map(str::to_owned)
}

/// A short description of a message, for the trace.
fn subject(record: &Value) -> String {
    let body = body(record);
    let attempt = record["attributes"]["ApproximateReceiveCount"].as_str().unwrap_or("1");
    let again = if attempt == "1" { String::new() } else { format!(" (time {attempt})") };
    match body["detail-type"].as_str() {
        Some(name) => {
            let aggregate = body["detail"]["metadata"]["aggregate"].as_str().unwrap_or_default();
            format!("{name} of {}{again}", crate::plain::short_key(aggregate))
        }
        None => format!("a message{again}"),
    }
}
