use super::*;

/// Something that waits; a later version may not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    id: u32,
    until: Option<Timestamp>,
    version: Version,
}

impl Entity for Waiting {
    fn key(&self) -> Key {
        Key::of("waiting", self.id)
    }

    fn due(&self) -> Option<Timestamp> {
        self.until
    }
}

/// Something else under a key of the same kind.
#[derive(Serialize, Deserialize)]
struct Unreadable {
    id: u32,
}

impl Entity for Unreadable {
    fn key(&self) -> Key {
        Key::of("waiting", self.id)
    }

    fn due(&self) -> Option<Timestamp> {
        Some(NOW)
    }
}

fn at(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

/// What is due of a kind, page by page.
async fn pages(table: &Table, now: Timestamp) -> Vec<Vec<u32>> {
    let (mut due, mut pages) = (table.due::<Waiting>("waiting", now), Vec::new());
    while due.more() {
        pages.push(due.next().await.unwrap().iter().map(|waiting| waiting.id).collect());
    }
    pages
}

async fn due(table: &Table, now: Timestamp) -> Vec<u32> {
    pages(table, now).await.concat()
}

/// Ten of them: number 1 is due after a second, number 2 after two.
async fn ten() -> Fresh {
    let table = table().await;
    for id in 1..=10 {
        let waiting = Waiting { id, until: Some(at(id.into())), version: Version::of(0) };
        table.commit(&context(id.into())).save(&waiting).run().await.unwrap();
    }
    table
}

#[tokio::test]
async fn what_was_due_before_a_time_is_found() {
    let table = ten().await;
    assert!(due(&table, at(1)).await.is_empty());
    assert_eq!(due(&table, at(4)).await, [1, 2, 3]);
    assert_eq!(due(&table, at(60)).await.len(), 10);
    assert!(table.due::<Waiting>("other", at(60)).next().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_waits_no_more_or_for_longer_is_not_due() {
    let table = ten().await;
    for (id, until) in [(1, None), (2, Some(at(30)))] {
        table.commit(&context(20)).save(&Waiting { id, until, version: Version::of(1) }).run().await.unwrap();
    }
    assert_eq!(due(&table, at(4)).await, [3]);
    assert_eq!(due(&table, at(31)).await.len(), 9);
}

#[tokio::test]
async fn what_cannot_be_read_holds_up_nothing_else() {
    let table = ten().await;
    table.commit(&context(20)).put_record(&Unreadable { id: 2 }).run().await.unwrap();
    assert_eq!(due(&table, at(4)).await, [1, 3]);
}

/// The first numbers whose keys are in one partition of the index: it goes by the sum of their bytes.
fn of_one_partition() -> impl Iterator<Item = u32> {
    (1..).filter(|id: &u32| id.to_string().bytes().map(u32::from).sum::<u32>().is_multiple_of(4))
}

#[tokio::test]
async fn what_was_looked_at_is_passed_over_whatever_became_of_it() {
    let table = table().await;
    let ids: Vec<u32> = of_one_partition().take(60).collect();
    for (place, id) in (1..).zip(&ids) {
        let waiting = Waiting { id: *id, until: Some(at(place)), version: Version::of(0) };
        table.commit(&context(1)).save(&waiting).run().await.unwrap();
    }
    let mut due = table.due::<Waiting>("waiting", at(61));
    let first = due.next().await.unwrap();
    for waiting in first.iter().skip(10) {
        let done = Waiting { id: waiting.id, until: None, version: Version::of(1) };
        table.commit(&context(2)).save(&done).run().await.unwrap();
    }
    let found = [first, due.next().await.unwrap(), due.next().await.unwrap()];
    assert_eq!(found.each_ref().map(Vec::len), [25, 25, 10]);
    assert!(found.iter().flatten().map(|waiting| waiting.id).eq(ids));
    assert!(!due.more());
}

#[tokio::test]
async fn many_that_cannot_be_read_hold_up_nothing_else() {
    let table = table().await;
    let mut ids = of_one_partition();
    for id in ids.by_ref().take(30) {
        table.commit(&context(1)).put_record(&Unreadable { id }).run().await.unwrap();
    }
    let last = ids.next().unwrap();
    table
        .commit(&context(1))
        .save(&Waiting { id: last, until: Some(at(1)), version: Version::of(0) })
        .run()
        .await
        .unwrap();
    assert_eq!(pages(&table, at(2)).await, [vec![], vec![last]]);
}

#[tokio::test]
async fn a_page_that_is_not_full_is_the_last() {
    let table = ten().await;
    assert_eq!(pages(&table, at(0)).await, [vec![0; 0]]);
    assert_eq!(pages(&table, at(4)).await, [[1, 2, 3]]);
}

/// Where something is in the index.
async fn place(table: &Table, id: u32) -> Timestamp {
    let item = table.get_items(&[Key::of("waiting", id)]).await.unwrap().remove(0);
    Timestamp::from_millisecond(item["dueAt"].as_n().unwrap().parse().unwrap()).unwrap()
}

#[tokio::test]
async fn an_entity_keeps_its_place_for_a_tenth_of_the_time_until_the_scan_moves_it() {
    let table = table().await;
    let wait = async |seconds| {
        let stored = table.get::<Waiting>(&Key::of("waiting", 1)).await.unwrap();
        let version = stored.map(|stored| stored.version).unwrap_or_default();
        let waiting = Waiting { id: 1, until: Some(at(seconds)), version };
        table.commit(&context(1)).save(&waiting).run().await.unwrap();
        place(&table, 1).await
    };
    assert_eq!(wait(100).await, at(100));
    assert_eq!(wait(1000).await, at(100));
    // It is found early: it is not due, and is moved, which raises no version.
    assert!(due(&table, at(200)).await.is_empty());
    assert_eq!(place(&table, 1).await, at(1000));
    assert_eq!(table.get::<Waiting>(&Key::of("waiting", 1)).await.unwrap().unwrap().version, 2);
    assert_eq!(due(&table, at(1001)).await, [1]);
    // Too near, and after the deadline.
    assert_eq!(wait(10_001).await, at(10_001));
    assert_eq!(wait(50).await, at(50));
}

#[tokio::test]
async fn an_entity_that_cannot_be_moved_holds_up_nothing_else() {
    let table = table_without_updates().await;
    let save = async |id, until| {
        let stored = table.get::<Waiting>(&Key::of("waiting", id)).await.unwrap();
        let version = stored.map(|stored| stored.version).unwrap_or_default();
        let waiting = Waiting { id, until: Some(at(until)), version };
        table.commit(&context(1)).save(&waiting).run().await.unwrap();
    };
    for (id, until) in [(1, 100), (1, 1000), (2, 150)] {
        save(id, until).await;
    }
    assert_eq!(due(&table, at(200)).await, [2]);
    assert_eq!(place(&table, 1).await, at(100));
}

#[tokio::test]
async fn a_place_that_is_over_is_not_kept() {
    let table = table().await;
    let waiting = |until, version| Waiting { id: 1, until: Some(at(until)), version: Version::of(version) };
    table.commit(&context(1)).save(&waiting(10, 0)).run().await.unwrap();
    let stored: Waiting = table.get(&Key::of("waiting", 1)).await.unwrap().unwrap();
    let later = RequestContext { now: at(10), ..context(2) };
    table.commit(&later).save(&Waiting { until: Some(at(11)), ..stored }).run().await.unwrap();
    assert_eq!(place(&table, 1).await, at(11));
}
