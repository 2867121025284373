use super::*;

/// Something that waits; a later version may not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    id: u32,
    until: Option<Timestamp>,
    version: u64,
}

impl Entity for Waiting {
    fn key(&self) -> Key {
        Key::of("waiting", self.id)
    }

    fn version(&self) -> u64 {
        self.version
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

    fn version(&self) -> u64 {
        1
    }

    fn due(&self) -> Option<Timestamp> {
        Some(NOW)
    }
}

fn at(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

async fn due(table: &Table, now: Timestamp) -> Vec<u32> {
    table.due("waiting", now).await.unwrap().iter().map(|waiting: &Waiting| waiting.id).collect()
}

/// Ten of them: number 1 is due after a second, number 2 after two.
async fn ten() -> Fresh {
    let table = table().await;
    for id in 1..=10 {
        let waiting = Waiting { id, until: Some(at(id.into())), version: 1 };
        table.commit(&cause(id.into())).save(&waiting).run().await.unwrap();
    }
    table
}

#[tokio::test]
async fn what_was_due_before_a_time_is_found() {
    let table = ten().await;
    assert!(due(&table, at(1)).await.is_empty());
    assert_eq!(due(&table, at(4)).await, [1, 2, 3]);
    assert_eq!(due(&table, at(60)).await.len(), 10);
    assert!(table.due::<Waiting>("other", at(60)).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_waits_no_more_or_for_longer_is_not_due() {
    let table = ten().await;
    for (id, until) in [(1, None), (2, Some(at(30)))] {
        table.commit(&cause(20)).save(&Waiting { id, until, version: 2 }).run().await.unwrap();
    }
    assert_eq!(due(&table, at(4)).await, [3]);
    assert_eq!(due(&table, at(31)).await.len(), 9);
}

#[tokio::test]
async fn what_cannot_be_read_holds_up_nothing_else() {
    let table = ten().await;
    table.commit(&cause(20)).put_record(&Unreadable { id: 2 }).run().await.unwrap();
    assert_eq!(due(&table, at(4)).await, [1, 3]);
}
