use std::collections::HashSet;

use super::*;
use crate::Tick;

/// Counts, and finds after the first time that another writer was there.
fn count_twice() -> Function {
    Function::schedule("count-twice", |counters: Counters, tick: Tick| async move {
        let Counter { count, version } = counters.counter().await?;
        let counter = Counter { count: count + 1, version: version + 1 };
        counters.table.commit(&tick.cause).save(&counter).event(&Counted { by: 1 }).run().await?;
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
