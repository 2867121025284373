use contracts::ProductId;
use dynamo::Version;
use jiff::SignedDuration;
use search::{Document, Engine, Query};
use uuid::Uuid;

use super::{
    finding::{harness, index, on_sale, published, search},
    *,
};
use crate::{
    Catalog,
    entry::Entry,
    loading::Loaded,
    operations::{
        get_search_status::function as get_search_status, index_product::function as index_product,
        rebuild_search::function as rebuild_search, snapshot_search::function as snapshot_search,
    },
    searching::Searcher,
    store::Store,
};

fn store(harness: &Harness) -> Store {
    harness.service::<Catalog>().store
}

fn document(number: u128, text: &str) -> Document {
    let id: ProductId = Uuid::from_u128(number).into();
    serde_json::from_value(json!({"id": id, "productVersion": 1, "title": format!("Lamp {number}"), "text": text}))
        .unwrap()
}

async fn save(harness: &Harness, document: Document) {
    let entry = Entry {
        id: document.id,
        changed_at: harness.now(),
        happened_at: None,
        document: Some(document),
        version: Version::default(),
    };
    store(harness).table().commit(&harness.context()).save(&entry).run().await.unwrap();
}

/// The parts of the keys of all stored items of a kind.
async fn keys(harness: &Harness, kind: &str) -> Vec<String> {
    let table = store(harness).table().clone();
    let items = table.client().scan().table_name(table.name()).send().await.unwrap().items.unwrap_or_default();
    let keys = items.iter().filter_map(|item| item["pk"].as_s().ok()?.strip_prefix(kind)).map(str::to_owned);
    let mut keys: Vec<_> = keys.collect();
    keys.sort();
    keys
}

async fn forget(harness: &Harness, kind: &str) {
    let (table, context) = (store(harness).table().clone(), harness.context());
    for key in keys(harness, kind).await {
        table.commit(&context).delete(&dynamo::Key::of(kind.trim_end_matches('#'), key)).run().await.unwrap();
    }
}

/// The titles that a new instance finds.
async fn titles(harness: &Harness) -> Vec<String> {
    let current = harness.service::<Searcher>().current(harness.now()).await.unwrap();
    let found = current.index.search(&Query::new("", harness.now())).unwrap();
    found.hits.into_iter().map(|hit| hit.document.title).collect()
}

async fn status(harness: &Harness) -> Value {
    let answer = harness.call(get_search_status, as_merchant("GET", "/v1/search/status")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json
}

async fn snapshot(harness: &Harness) {
    harness.advance(SignedDuration::from_secs(1));
    harness.tick(snapshot_search).await;
}

#[tokio::test]
async fn a_new_instance_reads_the_snapshot_and_the_changes_since() {
    let harness = harness().await;
    on_sale(&harness, &with(lamp("LAMP"), &json!({"title": "Old lamp"}))).await;
    snapshot(&harness).await;
    // If the entry were read, this one would be missed.
    forget(&harness, "doc#").await;
    harness.advance(SignedDuration::from_mins(5));
    let id = on_sale(&harness, &with(lamp("NEW"), &json!({"title": "New lamp"}))).await;
    assert_eq!(titles(&harness).await, ["New lamp", "Old lamp"]);
    archive(&harness, &id).await;
    index(&harness, &id).await;
    assert_eq!(titles(&harness).await, ["Old lamp"]);
    assert_eq!(search(&harness, &[]).await.json["index"]["version"], 1);
}

#[tokio::test]
async fn a_change_that_is_dated_before_the_snapshot_and_stored_after_it_is_found() {
    let harness = harness().await;
    on_sale(&harness, &lamp("LAMP")).await;
    harness.advance(SignedDuration::from_secs(1));
    let id = created(&harness, &with(lamp("LATE"), &json!({"title": "Late lamp"}))).await;
    let early = harness.context();
    harness.advance(SignedDuration::from_secs(13));
    snapshot(&harness).await;
    store(&harness).index(id.parse().unwrap(), None, &early).await.unwrap();
    assert_eq!(titles(&harness).await, ["Late lamp", "Desk lamp"]);
}

#[tokio::test]
async fn a_snapshot_is_stored_only_when_it_is_due() {
    let harness = harness().await;
    snapshot(&harness).await;
    assert_eq!(status(&harness).await["version"], 0, "there is nothing to store");
    on_sale(&harness, &lamp("LAMP")).await;
    snapshot(&harness).await;
    assert_eq!(status(&harness).await["version"], 1);
    on_sale(&harness, &lamp("OTHER")).await;
    snapshot(&harness).await;
    assert_eq!(status(&harness).await["version"], 1, "one change is not enough");
    harness.advance(SignedDuration::from_hours(1));
    snapshot(&harness).await;
    let after = status(&harness).await;
    assert_eq!((&after["version"], &after["documents"], &after["tail"]), (&json!(2), &json!(2), &json!(0)));
}

#[tokio::test]
async fn a_long_tail_makes_a_snapshot_due_and_an_instance_reads_it() {
    let harness = harness().await;
    save(&harness, document(0, "")).await;
    snapshot(&harness).await;
    let searcher = harness.service::<Searcher>();
    let number = async || searcher.current(harness.now()).await.unwrap().number;
    assert_eq!(number().await, 1);
    harness.advance(SignedDuration::from_secs(1));
    for number in 1..=501 {
        save(&harness, document(number, "")).await;
    }
    assert_eq!(status(&harness).await["tail"], 501);
    snapshot(&harness).await;
    assert_eq!(number().await, 2);
    let all = searcher.current(harness.now()).await.unwrap().index.search(&Query::new("lamp", harness.now())).unwrap();
    assert_eq!(all.total, 502);
}

#[tokio::test]
async fn an_instance_reads_what_only_a_newer_snapshot_can_tell() {
    let harness = harness().await;
    save(&harness, document(0, "")).await;
    snapshot(&harness).await;
    let searcher = harness.service::<Searcher>();
    let total = async || {
        let index = searcher.current(harness.now()).await.unwrap().index;
        index.search(&Query::new("lamp", harness.now())).unwrap().total
    };
    assert_eq!(total().await, 1);
    // A rebuild stores a snapshot of entries that are dated at its beginning, which may be long ago.
    harness.advance(SignedDuration::from_secs(1));
    let (store, all) = (store(&harness), vec![document(0, ""), document(1, "")]);
    let head = store.head().await.unwrap();
    store.take_snapshot(head, all, harness.now(), &harness.context()).await.unwrap();
    assert_eq!(total().await, 2);
}

#[tokio::test]
async fn a_snapshot_of_several_chunks_is_read_whole_or_not_at_all() {
    let harness = harness().await;
    let (store, context) = (store(&harness), harness.context());
    let mut number: u64 = 7;
    let mut word = || {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{number:x} ")
    };
    let documents: Vec<_> =
        (0..400).map(|number| document(number, &(0..80).map(|_| word()).collect::<String>())).collect();
    let head = store.head().await.unwrap();
    let stored = store.take_snapshot(head, documents.clone(), harness.now(), &context).await.unwrap();
    assert!(stored.chunks > 1, "{stored:?}");
    let loaded = Loaded::read(&store).await.unwrap();
    assert_eq!((loaded.number, loaded.documents().unwrap()), (1, documents));

    store.table().commit(&context).delete(&dynamo::Key::of("snap", "1#1")).run().await.unwrap();
    save(&harness, document(1, "")).await;
    let loaded = Loaded::read(&store).await.unwrap();
    assert_eq!(
        (loaded.number, loaded.documents().unwrap()),
        (0, vec![document(1, "")]),
        "all entries are read instead"
    );
}

#[tokio::test]
async fn the_chunks_of_the_two_newest_snapshots_are_kept() {
    let harness = harness().await;
    let (store, context) = (store(&harness), harness.context());
    for number in 0..4 {
        let head = store.head().await.unwrap();
        store.take_snapshot(head, vec![document(number, "")], harness.now(), &context).await.unwrap();
    }
    assert_eq!(keys(&harness, "snap#").await, ["3#0", "4#0"]);
}

#[tokio::test]
async fn of_two_functions_that_store_a_snapshot_at_once_one_fails_and_leaves_nothing() {
    let harness = harness().await;
    let store = store(&harness);
    let head = store.head().await.unwrap();
    let take = async |head, number| {
        store.take_snapshot(head, vec![document(number, "")], harness.now(), &harness.context()).await
    };
    take(head.clone(), 1).await.unwrap();
    assert!(matches!(take(head, 2).await, Err(lambda::Problem::Conflict)));
    assert_eq!(Loaded::read(&store).await.unwrap().documents().unwrap(), [document(1, "")]);

    // This one ended after its chunks.
    let mut head = store.head().await.unwrap();
    head.reserve(1, 1, harness.now());
    store.table().commit(&harness.context()).save(&head).run().await.unwrap();
    let chunk = crate::snapshot::Chunk { snapshot: 2, part: 0, bytes: crate::snapshot::Bytes(vec![1]) };
    store.table().commit(&harness.context()).put_record(&chunk).run().await.unwrap();
    harness.advance(SignedDuration::from_mins(15));
    take(store.head().await.unwrap(), 3).await.unwrap();
    assert_eq!(keys(&harness, "snap#").await, ["1#0", "3#0"]);
}

#[tokio::test]
async fn the_status_states_how_long_the_last_change_took() {
    let harness = harness().await;
    let before = status(&harness).await;
    assert_eq!(before, json!({"version": 0, "documents": 0, "asOf": null, "tail": 0, "lag": null}));
    let id = created(&harness, &lamp("LAMP")).await;
    let event = harness.envelope(&format!("product#{id}"), 1, published(&id));
    harness.advance(SignedDuration::from_millis(700));
    harness.deliver(index_product, &event).await.unwrap();
    assert_eq!(status(&harness).await, json!({"version": 0, "documents": 0, "asOf": null, "tail": 1, "lag": 700}));
    snapshot(&harness).await;
    let as_of = lambda::Time::from(harness.now());
    assert_eq!(status(&harness).await, json!({"version": 1, "documents": 1, "asOf": as_of, "tail": 0, "lag": 700}));
}

#[tokio::test]
async fn a_rebuild_makes_lost_entries_anew() {
    let harness = harness().await;
    on_sale(&harness, &lamp("LAMP")).await;
    let archived = on_sale(&harness, &lamp("OTHER")).await;
    created(&harness, &with(lamp("DRAFT"), &json!({"status": "draft"}))).await;
    harness.advance(SignedDuration::from_secs(1));
    created(&harness, &with(lamp("LOST"), &json!({"title": "Lost lamp"}))).await;
    archive(&harness, &archived).await;
    assert_eq!(titles(&harness).await, ["Desk lamp", "Desk lamp"]);
    harness.advance(SignedDuration::from_secs(1));
    let rebuilt = harness.invoke(rebuild_search, &json!({})).await.unwrap();
    assert_eq!(rebuilt, json!({"version": 1, "documents": 2}));
    assert_eq!(titles(&harness).await, ["Lost lamp", "Desk lamp"]);
}

#[tokio::test]
async fn a_rebuild_whose_count_is_wrong_replaces_nothing() {
    let harness = harness().await;
    on_sale(&harness, &lamp("LAMP")).await;
    snapshot(&harness).await;
    // No product has this entry.
    save(&harness, document(1, "")).await;
    let error = harness.invoke(rebuild_search, &json!({})).await.unwrap_err();
    assert!(format!("{error:?}").contains("the index has 2 products, and 1 are on sale"), "{error:?}");
    assert_eq!(status(&harness).await["version"], 1);
}
