use std::sync::{Arc, Mutex};

use contracts::Sealed;

use super::*;
use crate::{Error, EventRecord};

fn log() -> Key {
    Key::of("log", "l1")
}

const fn counted(count: u32) -> Counted {
    Counted { count }
}

fn sealed(text: &str) -> Sealed<String> {
    Sealed::from_ciphertext(text.to_owned())
}

async fn counts(table: &Table) -> Vec<(u64, u32)> {
    let events: Vec<EventRecord> = table.query(log().pk).all().await.unwrap();
    let count = |event: &EventRecord| (event.version().unwrap(), event.envelope::<Counted>().unwrap().data.count);
    events.iter().map(count).collect()
}

async fn append(table: &Table, seed: u128, after: u64, count: u32) -> Result<(), Error> {
    table.commit(&context(seed)).append(&log(), after, &counted(count)).run().await.map(drop)
}

#[tokio::test]
async fn a_log_takes_one_put_an_event_and_its_last_event_one_read() {
    let targets = Arc::new(Mutex::new(Vec::new()));
    let (cloud, calls) = (Cloud::memory(), targets.clone());
    let client = emulators::http_client(move |target, body| {
        calls.lock().unwrap().push((target.clone(), String::from_utf8_lossy(&body).contains("\"Limit\":1")));
        let cloud = cloud.clone();
        async move { Ok(cloud.dispatch(&target, &body).await) }
    });
    let table = fresh(Harness::with_http_client(client).await);
    targets.lock().unwrap().clear();
    append(&table, 1, 0, 10).await.unwrap();
    append(&table, 2, 1, 20).await.unwrap();
    assert_eq!(table.last_event(&log()).await.unwrap().unwrap().version().unwrap(), 2);
    let seen: Vec<_> = std::mem::take(&mut *targets.lock().unwrap());
    let seen: Vec<_> = seen.iter().map(|(target, one)| (target.rsplit('.').next().unwrap(), *one)).collect();
    assert_eq!(seen, [("PutItem", false), ("PutItem", false), ("Query", true)]);
    assert_eq!(counts(&table).await, [(1, 10), (2, 20)]);
}

#[tokio::test]
async fn the_last_event_of_a_log_has_its_version() {
    let table = table().await;
    assert_eq!(table.last_event(&log()).await.unwrap(), None);
    for after in 0..12 {
        append(&table, after.into(), after, 0).await.unwrap();
    }
    assert_eq!(table.last_event(&log()).await.unwrap().unwrap().version().unwrap(), 12);
    // An entity's state is in the same partition.
    table.commit(&context(1)).save(&counter(1, 0)).event(&counted(1)).run().await.unwrap();
    let mut last = table.last_event(&counter(1, 0).key()).await.unwrap().unwrap();
    assert_eq!((last.name.as_str(), last.version().unwrap()), ("Counted.v1", 1));
    "state".clone_into(&mut last.sk);
    assert!(last.version().is_err());
}

#[tokio::test]
async fn a_log_ends_with_the_last_version_that_sorts() {
    let table = table().await;
    append(&table, 1, 99_999_998, 1).await.unwrap();
    assert!(matches!(append(&table, 2, 99_999_999, 2).await, Err(Error::Malformed(_))));
}

#[tokio::test]
async fn of_two_appends_after_the_same_event_one_fails() {
    let table = table().await;
    let (one, other) = tokio::join!(append(&table, 1, 0, 10), append(&table, 2, 0, 20));
    assert!(
        matches!((&one, &other), (Ok(()), Err(Error::Conflict)) | (Err(Error::Conflict), Ok(()))),
        "{one:?} {other:?}"
    );
}

#[tokio::test]
async fn an_appended_event_whose_reply_was_lost_is_done_before() {
    let table = table().await;
    append(&table, 1, 0, 10).await.unwrap();
    append(&table, 2, 1, 20).await.unwrap();
    append(&table, 1, 0, 10).await.unwrap();
    assert_eq!(counts(&table).await, [(1, 10), (2, 20)]);
    assert!(matches!(append(&table, 1, 0, 11).await, Err(Error::Conflict)), "another event");
    assert!(matches!(append(&table, 3, 0, 10).await, Err(Error::Conflict)), "another request");
}

#[tokio::test]
async fn a_commit_says_the_version_of_its_log() {
    let table = table().await;
    let context = context(1);
    let commit = table.commit(&context).append(&log(), 4, &counted(1)).event(&counted(2));
    assert_eq!(commit.version(), 6);
    commit.run().await.unwrap();
    assert_eq!(counts(&table).await, [(5, 1), (6, 2)]);
}

#[tokio::test]
async fn a_private_part_is_stored_beside_its_event_alone() {
    let table = table().await;
    let context = context(1);
    let commit = table.commit(&context).append(&log(), 0, &counted(1)).private(&sealed("first")).event(&counted(2));
    commit.private(&sealed("second")).event(&counted(3)).run().await.unwrap();
    let events: Vec<EventRecord> = table.query(log().pk).all().await.unwrap();
    let parts: Vec<_> = events.iter().map(EventRecord::private::<String>).collect();
    assert_eq!(parts, [Some(sealed("first")), Some(sealed("second")), None]);
    assert!(events.iter().all(|event| !event.detail.contains("first") && !event.detail.contains("second")));
}

#[tokio::test]
async fn a_private_part_needs_its_event() {
    let table = table().await;
    let context = context(1);
    let entity = table.commit(&context).save(&counter(1, 0)).private(&sealed("x")).run().await;
    assert!(matches!(entity, Err(Error::Malformed(_))), "{entity:?}");
    let nothing = table.commit(&context).private(&sealed("x")).run().await;
    assert!(matches!(nothing, Err(Error::Malformed(_))), "{nothing:?}");
}

#[tokio::test]
async fn a_private_part_is_replaced_and_removed_and_does_not_come_back() {
    let table = table().await;
    let written = context(1);
    table.commit(&written).append(&log(), 0, &counted(1)).private(&sealed("typo")).run().await.unwrap();
    let before = table.event(&log(), 1).await.unwrap().unwrap();

    let edited = context(2);
    let edit = table.commit(&edited).append(&log(), 1, &counted(2)).amend(&log(), 1, Some(&sealed("better")));
    edit.run().await.unwrap();
    let after = table.event(&log(), 1).await.unwrap().unwrap();
    assert_eq!((after.private(), &after.detail), (Some(sealed("better")), &before.detail));

    let removed = context(3);
    let remove = table.commit(&removed).append(&log(), 2, &counted(3)).amend::<String>(&log(), 1, None);
    remove.run().await.unwrap();
    assert_eq!(table.event(&log(), 1).await.unwrap().unwrap().private::<String>(), None);
    assert_eq!(counts(&table).await, [(1, 1), (2, 2), (3, 3)]);

    let late = context(4);
    let late = table.commit(&late).append(&log(), 3, &counted(4)).amend(&log(), 1, Some(&sealed("again")));
    assert!(matches!(late.run().await, Err(Error::Removed)));
    assert_eq!(table.event(&log(), 1).await.unwrap().unwrap().private::<String>(), None);
    assert_eq!(counts(&table).await.len(), 3, "nothing is written");

    let again = context(5);
    table.commit(&again).amend::<String>(&log(), 1, None).run().await.unwrap();
    let nothing = table.commit(&again).amend::<String>(&log(), 9, None).run().await;
    assert!(matches!(nothing, Err(Error::Removed)), "{nothing:?}");
    assert_eq!(table.event(&log(), 9).await.unwrap(), None);
}
