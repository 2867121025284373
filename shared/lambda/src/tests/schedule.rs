use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::*;
use crate::{Context, Tick, testing::START};

/// Counts, and finds after the first time that another writer was there.
fn count_twice() -> Function {
    Function::schedule("count-twice", |counters: Counters, tick: Tick| async move {
        let Counter { count, version } = counters.counter().await?;
        let counter = Counter { count: count + 1, version };
        counters.table.commit(&tick.context).save(&counter).event(&Counted { by: 1 }).run().await?;
        if count == 0 { Err(Problem::Conflict) } else { Ok(()) }
    })
}

#[tokio::test]
async fn a_tick_that_runs_again_makes_other_ids() {
    let harness = harness().await;
    harness.tick(count_twice).await;
    let events = harness.events().await;
    let ids: HashSet<_> =
        events.iter().map(|event| event.envelope::<Counted>().unwrap().metadata.id.to_string()).collect();
    assert_eq!((events.len(), ids.len()), (2, 2));
}

/// Something that has waited since a second of 1970, and may be hopeless.
#[derive(Debug, Serialize, Deserialize)]
struct Thing {
    id: u32,
    since: Option<i64>,
    hopeless: bool,
    version: Version,
}

impl Entity for Thing {
    fn key(&self) -> Key {
        Key::of("thing", self.id)
    }

    fn due(&self) -> Option<Timestamp> {
        self.since.and_then(|second| Timestamp::from_second(second).ok())
    }
}

fn sweep() -> Function {
    Function::schedule("sweep", |counters: Counters, tick: Tick| async move {
        tick.each(counters.table.due("thing", tick.context.now), |thing| finish(&counters, thing, &tick)).await
    })
}

fn sweep_at_once() -> Function {
    Function::schedule("sweep-at-once", |counters: Counters, tick: Tick| async move {
        tick.each_at_once(counters.table.due("thing", tick.context.now), |thing| finish(&counters, thing, &tick)).await
    })
}

async fn finish(counters: &Counters, thing: Thing, tick: &Tick) -> Result<(), Problem> {
    if thing.hopeless {
        return Err(Problem::internal("it is hopeless"));
    }
    let done = Thing { since: None, ..thing };
    counters.table.commit(&tick.context).save(&done).run().await?;
    Ok(())
}

/// Waiting things, hopeless or not.
async fn waiting(harness: &Harness, ids: impl Iterator<Item = u32>, hopeless: bool) {
    let (table, context) = (harness.service::<Counters>().table, harness.context());
    for (id, since) in ids.zip(if hopeless { 0.. } else { 100.. }) {
        let thing = Thing { id, since: Some(since), hopeless, version: Version::default() };
        table.commit(&context).save(&thing).run().await.unwrap();
    }
}

/// How many things wait.
async fn left(harness: &Harness) -> usize {
    let mut due = harness.service::<Counters>().table.due::<Thing>("thing", harness.now());
    let mut left = 0;
    while due.more() {
        left += due.next().await.unwrap().len();
    }
    left
}

#[tokio::test]
async fn a_tick_does_everything_that_is_due_however_much_it_is() {
    for sweep in [sweep, sweep_at_once] {
        let harness = harness().await;
        waiting(&harness, 1..=250, false).await;
        harness.tick(sweep).await;
        assert_eq!(left(&harness).await, 0);
    }
}

#[tokio::test]
async fn what_always_fails_keeps_nothing_else_from_being_done() {
    for sweep in [sweep, sweep_at_once] {
        let harness = harness().await;
        // These are in one partition of the index, which goes by the sum of the bytes of their keys.
        let mut alike = (1..).filter(|id: &u32| id.to_string().bytes().map(u32::from).sum::<u32>().is_multiple_of(4));
        waiting(&harness, alike.by_ref().take(30), true).await;
        waiting(&harness, alike.take(30), false).await;
        harness.tick(sweep).await;
        assert_eq!(left(&harness).await, 30, "those that are hopeless");
    }
}

#[tokio::test]
async fn a_tick_whose_time_is_nearly_over_leaves_the_rest_to_the_next() {
    let harness = harness().await;
    waiting(&harness, 1..=150, false).await;
    let mut context = Context::default();
    context.deadline = u64::try_from(START.as_millisecond()).unwrap() + 10_000;
    let payload = RawValue::from_string("{}".to_owned()).unwrap();
    sweep().start(harness.env()).unwrap().invoke(payload, context).await.unwrap();
    let rest = left(&harness).await;
    assert!((50..150).contains(&rest), "{rest}");
    harness.tick(sweep).await;
    assert_eq!(left(&harness).await, 0);
}
