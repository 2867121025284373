use futures::future::join_all;

use super::*;
use crate::{Earlier, Error, EventRecord};

async fn events(table: &Table) -> Vec<EventRecord> {
    table.query("counter#1").prefix("event#").all().await.unwrap()
}

async fn stored(table: &Table) -> Option<Counter> {
    table.get(&Key::of("counter", 1)).await.unwrap()
}

#[tokio::test]
async fn state_and_events_are_written_together() {
    let table = table().await;
    let context = context(1);
    table
        .commit(&context)
        .save(&counter(1, 0))
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
    table.commit(&context(1)).save(&counter(1, 0)).run().await.unwrap();
    assert!(matches!(table.commit(&context(2)).save(&counter(1, 0)).run().await, Err(Error::Conflict)));
    assert!(matches!(table.commit(&context(3)).save(&counter(1, 2)).run().await, Err(Error::Conflict)));
    table.commit(&context(4)).save(&counter(1, 1)).run().await.unwrap();
}

#[tokio::test]
async fn of_many_writers_of_one_version_one_wins() {
    let table = table().await;
    let writes = (0..10).map(|seed| {
        let table = table.clone();
        async move { table.commit(&context(seed)).save(&counter(1, 0)).event(&Counted { count: 1 }).run().await }
    });
    let outcomes = join_all(writes).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(events(&table).await.len(), 1);
}

#[tokio::test]
async fn a_message_takes_effect_once() {
    let table = table().await;
    table.commit(&consuming(1, 9)).save(&counter(1, 0)).run().await.unwrap();
    // The state condition fails as well: the inbox is what tells a repetition from a conflict.
    assert!(matches!(table.commit(&consuming(2, 9)).save(&counter(1, 0)).run().await, Err(Error::Consumed)));
    assert!(matches!(table.commit(&consuming(3, 8)).save(&counter(1, 0)).run().await, Err(Error::Conflict)));
}

#[tokio::test]
async fn a_request_is_answered_as_before() {
    let table = table().await;
    let first = requested(1, "key", "a");
    table.commit(&first).save(&counter(1, 0)).answer(&"made").run().await.unwrap();
    let again = table.commit(&requested(2, "key", "a")).save(&counter(1, 0)).answer(&"other").run().await;
    assert!(matches!(again, Err(Error::Repeated(Earlier::Answered(reply))) if reply == "\"made\""));
    let reused = table.commit(&requested(3, "key", "b")).save(&counter(2, 0)).answer(&"made").run().await;
    assert!(matches!(reused, Err(Error::KeyReused)));
    let made = Earlier::Answered("\"made\"".to_owned());
    assert_eq!(table.earlier(&requested(4, "key", "a")).await.unwrap(), Some(made));
    assert!(matches!(table.earlier(&requested(5, "key", "b")).await, Err(Error::KeyReused)));
    assert_eq!(table.earlier(&requested(6, "another", "a")).await.unwrap(), None);
}

#[tokio::test]
async fn an_answer_is_forgotten_after_a_day_even_if_the_store_still_has_it() {
    let table = table().await;
    table.commit(&requested(1, "key", "a")).save(&counter(1, 0)).answer(&"made").run().await.unwrap();
    let later = NOW + SignedDuration::from_hours(24) + SignedDuration::from_secs(1);
    let later = || RequestContext { now: later, ..requested(2, "key", "b") };
    assert_eq!(table.earlier(&later()).await.unwrap(), None);
    table.commit(&later()).save(&counter(2, 0)).answer(&"made").run().await.unwrap();
}

#[tokio::test]
async fn what_is_unique_has_one_holder() {
    let table = table().await;
    let email = Key::of("email", "ada@example.com");
    table.commit(&context(1)).save(&counter(1, 0)).claim(&email, "ada").run().await.unwrap();
    let second = table.commit(&context(2)).save(&counter(2, 0)).claim(&email, "eve").run().await;
    let Err(Error::Taken { key, holder }) = second else { panic!("{second:?}") };
    assert_eq!((&*key, holder.read::<String>().unwrap()), ("email#ada@example.com", "ada".to_owned()));
    table.commit(&context(3)).delete(&email).run().await.unwrap();
    table.commit(&context(4)).save(&counter(2, 0)).claim(&email, "eve").run().await.unwrap();
}

#[tokio::test]
async fn a_read_model_only_moves_forward() {
    let table = table().await;
    table.commit(&context(1)).project(&counter(1, 5)).run().await.unwrap();
    assert!(matches!(table.commit(&context(2)).project(&counter(1, 4)).run().await, Err(Error::Stale)));
    assert!(matches!(table.commit(&context(3)).project(&counter(1, 5)).run().await, Err(Error::Stale)));
    table.commit(&context(4)).project(&counter(1, 9)).run().await.unwrap();
    assert_eq!(stored(&table).await.unwrap().version, 9);
}

#[tokio::test]
async fn nothing_is_written_when_one_part_fails() {
    let table = table().await;
    table.commit(&context(1)).save(&counter(2, 0)).run().await.unwrap();
    let failed =
        table.commit(&context(2)).save(&counter(1, 0)).event(&Counted { count: 1 }).save(&counter(2, 0)).run().await;
    assert!(matches!(failed, Err(Error::Conflict)));
    assert_eq!(stored(&table).await, None);
    assert_eq!(events(&table).await, []);
}

#[tokio::test]
async fn an_event_needs_the_entity_that_it_belongs_to() {
    let table = table().await;
    assert!(matches!(table.commit(&context(1)).event(&Counted { count: 1 }).run().await, Err(Error::Malformed(_))));
}

/// Raises the counter by a change of its own, in one put or with an event.
async fn change(table: &Table, seed: u128, with_event: bool) {
    let read = stored(table).await.unwrap();
    let context = context(seed);
    let commit = table.commit(&context).save(&Counter { count: read.count + 1, ..read });
    let commit = if with_event { commit.event(&Counted { count: 1 }) } else { commit };
    commit.run().await.unwrap();
}

#[tokio::test]
async fn a_put_whose_answer_was_lost_is_done_before() {
    for with_event in [false, true] {
        let table = table().await;
        // The SDK tries again with the same request.
        let put = async || table.commit(&context(1)).save(&counter(1, 0)).run().await;
        put().await.unwrap();
        put().await.unwrap();
        assert_eq!(stored(&table).await, Some(counter(1, 1)));
        // Others may have written meanwhile.
        for seed in 2..=4 {
            change(&table, seed, with_event).await;
            put().await.unwrap();
        }
        assert_eq!(stored(&table).await.unwrap().version, 4);
    }
}

#[tokio::test]
async fn only_the_last_four_puts_are_remembered() {
    let table = table().await;
    table.commit(&context(1)).save(&counter(1, 0)).run().await.unwrap();
    for seed in 2..=5 {
        change(&table, seed, false).await;
    }
    assert!(matches!(table.commit(&context(1)).save(&counter(1, 0)).run().await, Err(Error::Conflict)));
}

#[tokio::test]
async fn another_cause_content_or_version_is_another_put() {
    let table = table().await;
    table.commit(&context(1)).save(&counter(1, 0)).run().await.unwrap();
    let conflict = async |seed, counter: Counter| {
        matches!(table.commit(&context(seed)).save(&counter).run().await, Err(Error::Conflict))
    };
    assert!(conflict(2, counter(1, 0)).await);
    assert!(conflict(1, Counter { count: 1, ..counter(1, 0) }).await);
    change(&table, 3, false).await;
    assert!(conflict(1, counter(1, 1)).await);
}

#[tokio::test]
async fn the_version_of_a_commit_is_the_one_that_is_stored() {
    let table = table().await;
    let context = context(1);
    let commit = table.commit(&context).save(&counter(1, 0)).event(&Counted { count: 1 }).event(&Counted { count: 2 });
    assert_eq!(commit.version(), 2);
    assert_eq!(commit.answer("made").run().await.unwrap().into_reply(), "made");
    assert_eq!(stored(&table).await.unwrap().version, 2);
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Parcel {
    id: String,
    key: String,
    version: Version,
}

impl Entity for Parcel {
    fn key(&self) -> Key {
        Key::of("parcel", &self.key)
    }
}

#[tokio::test]
async fn an_id_that_the_key_contains_is_not_stored_twice_and_is_read_from_the_key() {
    let table = table().await;
    for (id, key, is_stored) in [("a#1", "a#1", false), ("a", "another", true)] {
        let parcel = |version| Parcel { id: id.to_owned(), key: key.to_owned(), version: Version::of(version) };
        table.commit(&context(1)).save(&parcel(0)).run().await.unwrap();
        let request = table.client().get_item().table_name(table.name());
        let request = request.set_key(Some(crate::item::primary(&parcel(0).key())));
        assert_eq!(request.send().await.unwrap().item.unwrap().contains_key("id"), is_stored);
        assert_eq!(table.get(&parcel(0).key()).await.unwrap(), Some(parcel(1)));
    }
}
