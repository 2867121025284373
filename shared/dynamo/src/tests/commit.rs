use futures::future::join_all;

use super::*;
use crate::{Error, EventRecord};

async fn events(table: &Table) -> Vec<EventRecord> {
    table.query("counter#1").prefix("event#").all().await.unwrap()
}

async fn stored(table: &Table) -> Option<Counter> {
    table.get(&Key::of("counter", 1)).await.unwrap()
}

#[tokio::test]
async fn state_and_events_are_written_together() {
    let table = table().await;
    let cause = cause(1);
    table
        .commit(&cause)
        .save(&counter(1, 2))
        .event(&Counted { count: 1 })
        .event(&Counted { count: 2 })
        .run()
        .await
        .unwrap();
    assert_eq!(stored(&table).await, Some(counter(1, 2)));
    let events = events(&table).await;
    let versions: Vec<_> = events.iter().map(|event| event.envelope::<Counted>().unwrap().metadata.version).collect();
    assert_eq!(versions, [1, 2]);
    assert_eq!((events[0].sk.as_str(), events[0].name.as_str()), ("event#00000001", "Counted.v1"));
    assert_eq!(events[0].expires, Some(3600));
}

#[tokio::test]
async fn a_change_of_another_version_than_the_stored_one_is_a_conflict() {
    let table = table().await;
    table.commit(&cause(1)).save(&counter(1, 1)).run().await.unwrap();
    assert!(matches!(table.commit(&cause(2)).save(&counter(1, 1)).run().await, Err(Error::Conflict)));
    assert!(matches!(table.commit(&cause(3)).save(&counter(1, 3)).run().await, Err(Error::Conflict)));
    table.commit(&cause(4)).save(&counter(1, 2)).run().await.unwrap();
}

#[tokio::test]
async fn of_many_writers_of_one_version_one_wins() {
    let table = table().await;
    let writes = (0..10).map(|seed| {
        let table = table.clone();
        async move { table.commit(&cause(seed)).save(&counter(1, 1)).event(&Counted { count: 1 }).run().await }
    });
    let outcomes = join_all(writes).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(events(&table).await.len(), 1);
}

#[tokio::test]
async fn a_message_takes_effect_once() {
    let table = table().await;
    table.commit(&consuming(1, 9)).save(&counter(1, 1)).run().await.unwrap();
    // The state condition fails as well: the inbox is what tells a repetition from a conflict.
    assert!(matches!(table.commit(&consuming(2, 9)).save(&counter(1, 1)).run().await, Err(Error::Consumed)));
    assert!(matches!(table.commit(&consuming(3, 8)).save(&counter(1, 1)).run().await, Err(Error::Conflict)));
}

#[tokio::test]
async fn an_unconsumed_message_is_consumed_by_a_later_commit() {
    let table = table().await;
    table.commit(&consuming(1, 9)).save(&counter(1, 1)).unconsumed().run().await.unwrap();
    table.commit(&consuming(2, 9)).save(&counter(1, 2)).run().await.unwrap();
    assert!(matches!(table.commit(&consuming(3, 9)).save(&counter(1, 3)).run().await, Err(Error::Consumed)));
}

#[tokio::test]
async fn a_request_is_answered_as_before() {
    let table = table().await;
    let first = requested(1, "key", "a");
    table.commit(&first).save(&counter(1, 1)).answer(&"made").run().await.unwrap();
    let again = table.commit(&requested(2, "key", "a")).save(&counter(1, 1)).answer(&"other").run().await;
    assert!(matches!(again, Err(Error::Answered(answer)) if answer == "\"made\""));
    let reused = table.commit(&requested(3, "key", "b")).save(&counter(2, 1)).answer(&"made").run().await;
    assert!(matches!(reused, Err(Error::KeyReused)));
    assert_eq!(table.answered(&requested(4, "key", "a")).await.unwrap().as_deref(), Some("\"made\""));
    assert!(matches!(table.answered(&requested(5, "key", "b")).await, Err(Error::KeyReused)));
}

#[tokio::test]
async fn an_answer_is_forgotten_after_a_day_even_if_the_store_still_has_it() {
    let table = table().await;
    table.commit(&requested(1, "key", "a")).save(&counter(1, 1)).answer(&"made").run().await.unwrap();
    let later = NOW + SignedDuration::from_hours(24) + SignedDuration::from_secs(1);
    let later = || Cause { now: later, ..requested(2, "key", "b") };
    assert_eq!(table.answered(&later()).await.unwrap(), None);
    table.commit(&later()).save(&counter(2, 1)).answer(&"made").run().await.unwrap();
}

#[tokio::test]
async fn what_is_unique_has_one_holder() {
    let table = table().await;
    let email = Key::of("email", "ada@example.com");
    table.commit(&cause(1)).save(&counter(1, 1)).claim(&email, "ada").run().await.unwrap();
    let second = table.commit(&cause(2)).save(&counter(2, 1)).claim(&email, "eve").run().await;
    assert!(matches!(second, Err(Error::Taken { holder, .. }) if holder == "ada"));
    table.commit(&cause(3)).delete(&email).run().await.unwrap();
    table.commit(&cause(4)).save(&counter(2, 1)).claim(&email, "eve").run().await.unwrap();
}

#[tokio::test]
async fn a_read_model_only_moves_forward() {
    let table = table().await;
    table.commit(&cause(1)).project(&counter(1, 5)).run().await.unwrap();
    assert!(matches!(table.commit(&cause(2)).project(&counter(1, 4)).run().await, Err(Error::Stale)));
    assert!(matches!(table.commit(&cause(3)).project(&counter(1, 5)).run().await, Err(Error::Stale)));
    table.commit(&cause(4)).project(&counter(1, 9)).run().await.unwrap();
    assert_eq!(stored(&table).await.unwrap().version, 9);
}

#[tokio::test]
async fn nothing_is_written_when_one_part_fails() {
    let table = table().await;
    table.commit(&cause(1)).save(&counter(2, 1)).run().await.unwrap();
    let failed =
        table.commit(&cause(2)).save(&counter(1, 1)).event(&Counted { count: 1 }).save(&counter(2, 1)).run().await;
    assert!(matches!(failed, Err(Error::Conflict)));
    assert_eq!(stored(&table).await, None);
    assert_eq!(events(&table).await, []);
}

#[tokio::test]
async fn an_event_needs_the_entity_that_it_belongs_to() {
    let table = table().await;
    assert!(matches!(table.commit(&cause(1)).event(&Counted { count: 1 }).run().await, Err(Error::Malformed(_))));
    let cause = cause(2);
    let too_many = table.commit(&cause).save(&counter(1, 1)).event(&Counted { count: 1 }).event(&Counted { count: 2 });
    assert!(matches!(too_many.run().await, Err(Error::Malformed(_))));
}
