//! Every event once more: each consumer finds again, in another order, what it has consumed before.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use dynamo::INBOX_KEPT;
use jiff::Timestamp;
use lambda::Trigger;
use serde_json::{Value, json};

use crate::{deliveries::ask, rest, world::World};

/// How often each event comes again.
const TIMES: usize = 2;
/// Most entries of one `PutEvents` call.
const ENTRIES: usize = 10;
/// How often it is looked whether everything is consumed, and after which time each.
const LOOKS: u32 = 100;
const LOOK: Duration = Duration::from_mins(1);

/// When everything is at rest: every event comes again, and no consumer changes anything, or fails.
pub(crate) async fn changes_nothing(world: &Arc<World>) {
    world.observed.with(|seen| seen.is_consumed = true);
    publish_again(world).await;
    let mut looks = LOOKS;
    while !rest::is_consumed(world).await && looks > 0 {
        looks -= 1;
        tokio::time::sleep(LOOK).await;
    }
    rest::expect(world, looks > 0, "no message is left", || "some are, of events that came again".to_owned());
}

/// Puts every event that was published on the bus again, twice and in an order that the seed makes.
pub(crate) async fn publish_again(world: &Arc<World>) {
    world.tell(|| "--- every event comes again".to_owned());
    let bus = world.stage.deployment.buses.first().expect("the templates declare the bus");
    let mut entries = Vec::new();
    for (source, name, detail) in published(world) {
        let entry = json!({"EventBusName": bus, "Source": source, "DetailType": name, "Detail": detail.to_string()});
        entries.extend(std::iter::repeat_n(entry, TIMES));
    }
    entries.sort_by_cached_key(|_| world.random());
    for entries in entries.chunks(ENTRIES) {
        ask(world, "AWSEvents.PutEvents", &json!({"Entries": entries})).await;
    }
}

/// Source, name and detail of each event. Of those that some consumer must have recorded, only what is recorded still.
fn published(world: &World) -> Vec<(String, String, Value)> {
    let events = world.stage.triggers.values().filter_map(|trigger| match trigger {
        Trigger::Events { events, idempotent: false } => Some(events),
        _ => None,
    });
    let recorded: BTreeSet<_> = events.flatten().map(|(_, name)| *name).collect();
    let (now, mut found) = (world.now(), Vec::new());
    world.observed.with(|seen| {
        for (id, (source, name, detail)) in &seen.committed {
            let time = detail["metadata"]["time"].as_str().and_then(|time| time.parse::<Timestamp>().ok());
            let is_recorded = time.is_some_and(|time| now.duration_since(time) < INBOX_KEPT);
            if seen.published.contains(id) && (is_recorded || !recorded.contains(name.as_str())) {
                found.push((source.clone(), name.clone(), detail.clone()));
            }
        }
    });
    found
}
