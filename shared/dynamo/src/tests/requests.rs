use contracts::OrderId;

use super::*;
use crate::{DerivedIds, Earlier, Error};

/// Something that a request creates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Thing {
    id: OrderId,
    size: u32,
    version: Version,
}

impl Entity for Thing {
    fn key(&self) -> Key {
        Key::of("thing", self.id)
    }
}

fn creating(table: &Fresh) -> Table {
    table.table.clone().creating::<OrderId>("thing", DerivedIds::new(&[7; 32]))
}

async fn create(table: &Table, context: &RequestContext, size: u32) -> Result<&'static str, Error> {
    let thing = Thing { id: table.derived_id(context)?, size, version: Version::default() };
    let commit = table.commit(context).create(&thing).answer("made");
    commit.run().await.map(crate::Committed::into_reply)
}

async fn stored(table: &Table, context: &RequestContext) -> Thing {
    let id: OrderId = table.derived_id(context).unwrap();
    table.get(&Key::of("thing", id)).await.unwrap().unwrap()
}

fn later(context: RequestContext, hours: i64) -> RequestContext {
    RequestContext { now: NOW + SignedDuration::from_hours(hours), ..context }
}

#[tokio::test]
async fn what_a_request_created_is_the_record_of_it() {
    let fresh = table().await;
    let table = creating(&fresh);
    let first = requested(1, "key", "a");
    assert_eq!(create(&table, &first, 3).await.unwrap(), "made");
    for again in [requested(2, "key", "a"), later(requested(3, "key", "a"), 23)] {
        assert!(matches!(create(&table, &again, 3).await, Err(Error::Repeated(Earlier::Created))));
        assert_eq!(table.earlier(&again).await.unwrap(), Some(Earlier::Created));
    }
    assert_eq!(stored(&table, &first).await.version.created_at(), Some(NOW));
    // Another key, or the same of another caller, creates something else.
    assert_eq!(create(&table, &requested(4, "another", "a"), 3).await.unwrap(), "made");
    assert_eq!(table.earlier(&requested(5, "a third", "a")).await.unwrap(), None);
}

#[tokio::test]
async fn a_key_that_created_something_is_for_no_other_request() {
    let fresh = table().await;
    let table = creating(&fresh);
    create(&table, &requested(1, "key", "a"), 3).await.unwrap();
    let other = requested(2, "key", "b");
    assert!(matches!(create(&table, &other, 4).await, Err(Error::KeyReused)));
    assert!(matches!(table.earlier(&other).await, Err(Error::KeyReused)));
    // Nor for one that keeps a record of its reply.
    let kept = async |context: &RequestContext| table.commit(context).save(&counter(1, 0)).answer("kept").run().await;
    assert!(matches!(kept(&other).await, Err(Error::KeyReused)));
    assert_eq!(table.get::<Counter>(&Key::of("counter", 1)).await.unwrap(), None);
    // And the other way round.
    kept(&requested(3, "kept", "b")).await.unwrap();
    assert!(matches!(create(&table, &requested(4, "kept", "a"), 3).await, Err(Error::KeyReused)));
    let again = kept(&requested(5, "kept", "b")).await;
    assert!(matches!(again, Err(Error::Repeated(Earlier::Answered(reply))) if reply == "\"kept\""));
}

#[tokio::test]
async fn a_key_that_created_something_is_refused_after_a_day() {
    let fresh = table().await;
    let table = creating(&fresh);
    create(&table, &requested(1, "key", "a"), 3).await.unwrap();
    let late = later(requested(2, "key", "a"), 24);
    assert!(matches!(create(&table, &late, 3).await, Err(Error::KeyExpired)));
    assert!(matches!(table.earlier(&late).await, Err(Error::KeyExpired)));
    assert!(matches!(create(&table, &later(requested(3, "key", "b"), 24), 3).await, Err(Error::KeyExpired)));
}

#[tokio::test]
async fn a_request_is_remembered_however_often_what_it_created_is_changed() {
    let fresh = table().await;
    let table = creating(&fresh);
    let first = requested(1, "key", "a");
    create(&table, &first, 3).await.unwrap();
    for seed in 10..16 {
        let thing = stored(&table, &first).await;
        let (context, even) = (context(seed), seed % 2 == 0);
        let commit = table.commit(&context).save(&Thing { size: thing.size + 1, ..thing });
        if even { commit.event(&Counted { count: 1 }) } else { commit }.run().await.unwrap();
    }
    assert!(matches!(create(&table, &requested(2, "key", "a"), 3).await, Err(Error::Repeated(Earlier::Created))));
    assert!(matches!(create(&table, &requested(3, "key", "b"), 3).await, Err(Error::KeyReused)));
    assert_eq!(stored(&table, &first).await.version, 7);
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_done_before() {
    let fresh = table().await;
    let table = creating(&fresh);
    let request = requested(1, "key", "a");
    assert_eq!(create(&table, &request, 3).await.unwrap(), "made");
    // The SDK tries again with the same request.
    assert_eq!(create(&table, &request, 3).await.unwrap(), "made");
}

#[tokio::test]
async fn a_derived_id_depends_on_the_key_and_the_secret() {
    let fresh = table().await;
    let of = |secret: u8, key: &str| {
        let table = fresh.table.clone().creating::<OrderId>("thing", DerivedIds::new(&[secret; 32]));
        table.derived_id::<OrderId>(&requested(1, key, "a")).unwrap()
    };
    assert_eq!(of(7, "usr_1#key"), of(7, "usr_1#key"));
    assert_ne!(of(7, "usr_1#key"), of(7, "usr_2#key"));
    assert_ne!(of(7, "usr_1#key"), of(8, "usr_1#key"));
    assert_eq!(of(7, "usr_1#key").uuid().get_version_num(), 8);
    assert!(creating(&fresh).derived_id::<OrderId>(&context(1)).is_err());
    assert!(fresh.table.derived_id::<OrderId>(&requested(1, "key", "a")).is_err());
}

#[tokio::test]
async fn only_an_entity_with_the_derived_id_is_created() {
    let fresh = table().await;
    let table = creating(&fresh);
    let other = Thing { id: Uuid::from_u128(1).into(), size: 3, version: Version::default() };
    for request in [requested(1, "key", "a"), context(1)] {
        let refused = table.commit(&request).create(&other).answer("made").run().await;
        assert!(matches!(refused, Err(Error::Malformed(_))), "{refused:?}");
    }
    let derived = Thing { id: table.derived_id(&requested(1, "key", "a")).unwrap(), ..other.clone() };
    let refused = fresh.table.commit(&requested(1, "key", "a")).create(&derived).answer("made").run().await;
    assert!(matches!(refused, Err(Error::Malformed(_))), "{refused:?}");
    assert_eq!(table.get::<Thing>(&other.key()).await.unwrap(), None);
    assert_eq!(table.get::<Thing>(&derived.key()).await.unwrap(), None);
}

#[tokio::test]
async fn what_was_created_and_is_changed_by_the_same_process_remembers_its_request() {
    let fresh = table().await;
    let table = creating(&fresh);
    let request = requested(1, "key", "a");
    let thing = Thing { id: table.derived_id(&request).unwrap(), size: 3, version: Version::default() };
    let commit = table.commit(&request).create(&thing);
    let version = commit.version();
    commit.run().await.unwrap();
    table.commit(&context(2)).save(&Thing { size: 4, version, ..thing }).run().await.unwrap();
    assert!(matches!(create(&table, &requested(3, "key", "a"), 3).await, Err(Error::Repeated(Earlier::Created))));
}

#[tokio::test]
async fn a_key_that_created_an_entity_is_not_for_a_change_of_it() {
    let fresh = table().await;
    let table = creating(&fresh);
    let first = requested(1, "key", "a");
    create(&table, &first, 3).await.unwrap();
    let thing = stored(&table, &first).await;
    let change = requested(2, "key", "b");
    let changed = table.commit(&change).save(&Thing { size: 4, ..thing }).answer("changed").run().await;
    assert!(matches!(changed, Err(Error::KeyReused)));
    assert_eq!(stored(&table, &first).await.size, 3);
}
