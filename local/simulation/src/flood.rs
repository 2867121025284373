//! Delivers all events again: each consumer receives the events that it has consumed, in another order.

use std::{sync::Arc, time::Duration};

use dynamo::INBOX_KEPT;
use jiff::Timestamp;
use lambda::Trigger;
use local::template::queue_url;
use serde_json::{Value, json};

use crate::{
    pollers::ask,
    quiescence::{self, Subscription, subscriptions},
    world::World,
};

/// The number of times that each event is delivered again.
const TIMES: usize = 2;
/// The number of checks whether everything is consumed, and the time between them.
const LOOKS: u32 = 100;
const LOOK: Duration = Duration::from_mins(1);

/// Delivers every event again at quiescence. No consumer may change anything, or fail.
pub(crate) async fn changes_nothing(world: &Arc<World>) {
    world.observed.with(|seen| seen.is_consumed = true);
    publish_again(world).await;
    let mut looks = LOOKS;
    while !quiescence::is_consumed(world).await && looks > 0 {
        looks -= 1;
        tokio::time::sleep(LOOK).await;
    }
    quiescence::expect(world, looks > 0, "no message is left", || "some are, of events that came again".to_owned());
}

/// Sends every published event to its subscribers again, twice and in an order that the seed determines.
pub(crate) async fn publish_again(world: &Arc<World>) {
    world.log(|| "--- every event comes again".to_owned());
    let mut messages = Vec::new();
    for subscription in subscriptions(world) {
        let events = published(world, &subscription);
        messages.extend(events.into_iter().map(|event| (subscription.queue.clone(), event.to_string())));
    }
    let mut messages: Vec<_> = messages.iter().flat_map(|message| std::iter::repeat_n(message, TIMES)).collect();
    messages.sort_by_cached_key(|_| world.random());
    for (queue, body) in messages {
        let url = queue_url(queue);
        ask(world, "AmazonSQS.SendMessage", &json!({"QueueUrl": url, "MessageBody": body})).await;
    }
}

/// The events of a subscription as the bus delivered them. A consumer that records what it consumed gets those that
/// it still has a record of.
fn published(world: &World, subscription: &Subscription) -> Vec<Value> {
    let trigger = &world.stage.triggers[&subscription.consumer];
    let records = matches!(trigger, Trigger::Events { idempotent: false, .. });
    let now = world.now();
    let event = |(source, name, detail): &(String, String, Value)| {
        let event = json!({"source": source, "detail-type": name, "detail": detail});
        let time = detail["metadata"]["time"].as_str().and_then(|time| time.parse::<Timestamp>().ok())?;
        let comes = !records || now.duration_since(time) < INBOX_KEPT;
        (comes && subscription.events.passes(&event.to_string())).then_some(event)
    };
    world.observed.with(|seen| {
        let published = seen.committed.iter().filter(|(id, _)| seen.published.contains(*id));
        published.filter_map(|(_, committed)| event(committed)).collect()
    })
}
