use std::sync::{Arc, Mutex};

use super::*;
use crate::{Error, EventRecord, Page, Paging, Query, age, by_age};

async fn counters(count: u32) -> Fresh {
    let table = table().await;
    for id in 1..=count {
        table.commit(&context(id.into())).save(&counter(id, 0)).run().await.unwrap();
    }
    table
}

fn paging(limit: u32, cursor: Option<String>) -> Paging {
    Paging { limit: Some(limit), cursor }
}

fn ids(page: &Page<Counter>) -> Vec<u32> {
    page.items.iter().map(|counter| counter.id).collect()
}

#[tokio::test]
async fn a_list_comes_in_pages() {
    let table = counters(5).await;
    let query = table.list("owner#ada").newest_first();
    let first = query.page(&paging(2, None)).await.unwrap();
    let second = query.page(&paging(2, first.next.clone())).await.unwrap();
    let third = query.page(&paging(2, second.next.clone())).await.unwrap();
    assert_eq!([ids(&first), ids(&second), ids(&third)], [vec![5, 4], vec![3, 2], vec![1]]);
    assert_eq!(third.next, None);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let table = counters(3).await;
    let page: Page<Counter> = table.list("owner#ada").page(&paging(1, None)).await.unwrap();
    let elsewhere = table.list("owner#eve").page::<Counter>(&paging(1, page.next)).await;
    assert!(matches!(elsewhere, Err(Error::InvalidCursor)));
    let forged = table.list("owner#ada").page::<Counter>(&paging(1, Some("forged".to_owned()))).await;
    assert!(matches!(forged, Err(Error::InvalidCursor)));
}

#[tokio::test]
async fn prefixes_and_filters_narrow_a_list() {
    let table = counters(5).await;
    let prefixed: Vec<Counter> = table.list("owner#ada").prefix("0004").all().await.unwrap();
    assert_eq!(prefixed.len(), 1);
    let none: Vec<Counter> = table.list("owner#ada").only("owner", "eve").all().await.unwrap();
    assert_eq!(none, []);
}

#[tokio::test]
async fn a_list_can_be_read_from_a_place_on() {
    let table = counters(5).await;
    let query = table.list("owner#ada").from("0004");
    let all: Vec<Counter> = query.all().await.unwrap();
    assert_eq!(all.iter().map(|counter| counter.id).collect::<Vec<_>>(), [4, 5]);
    let first = query.page(&paging(1, None)).await.unwrap();
    let second = query.page(&paging(1, first.next.clone())).await.unwrap();
    assert_eq!([ids(&first), ids(&second)], [vec![4], vec![5]]);
    assert_eq!([query.count().await.unwrap(), table.list("owner#ada").count().await.unwrap()], [2, 5]);
    let elsewhere = table.list("owner#ada").from("0003").page::<Counter>(&paging(1, first.next)).await;
    assert!(matches!(elsewhere, Err(Error::InvalidCursor)));
}

#[tokio::test]
async fn a_list_can_be_read_up_to_a_place() {
    let table = counters(5).await;
    let query = table.list("owner#ada");
    let read = async |query: &Query| ids(&query.page(&paging(9, None)).await.unwrap());
    assert_eq!(read(&query.clone().to("0002")).await, [1, 2]);
    assert_eq!(read(&query.clone().from("0002").to("0004")).await, [2, 3, 4]);
    assert_eq!(read(&query.clone().prefix("0005").to("0001")).await, [1], "it replaces a prefix");
    let first = query.clone().to("0004").page::<Counter>(&paging(1, None)).await.unwrap();
    let elsewhere = query.to("0003").page::<Counter>(&paging(1, first.next)).await;
    assert!(matches!(elsewhere, Err(Error::InvalidCursor)));
}

#[tokio::test]
async fn several_values_of_an_attribute_can_pass() {
    let table = table().await;
    for (id, kind) in [(1, "odd"), (2, "usual"), (3, "rare")] {
        let one = Counter { kind: kind.to_owned(), ..counter(id, 0) };
        table.commit(&context(id.into())).save(&one).run().await.unwrap();
    }
    let query = table.list("owner#ada").only_any("kind", ["rare", "odd"]);
    let first = query.page(&paging(1, None)).await.unwrap();
    assert_eq!(ids(&first), [1]);
    assert_eq!(ids(&query.page(&paging(1, first.next.clone())).await.unwrap()), [3]);
    let elsewhere = table.list("owner#ada").only("kind", "odd").page::<Counter>(&paging(1, first.next)).await;
    assert!(matches!(elsewhere, Err(Error::InvalidCursor)));
}

#[tokio::test]
async fn all_lists_can_be_read_as_one() {
    let table = table().await;
    for (id, owner) in [(1, "ada"), (2, "eve"), (3, "ada"), (4, "eve")] {
        let one = Counter { owner: owner.to_owned(), ..counter(id, 0) };
        // Neither the event nor the claim is in a list.
        let (context, claimed) = (context(id.into()), Key::of("claim", id));
        table.commit(&context).save(&one).event(&Counted { count: 1 }).claim(&claimed, id).run().await.unwrap();
    }
    let query = table.states().newest_first();
    let first = query.page(&paging(3, None)).await.unwrap();
    let second = query.page(&paging(3, first.next.clone())).await.unwrap();
    assert_eq!([ids(&first), ids(&second)], [vec![4, 3, 2], vec![1]]);
    assert_eq!(ids(&query.clone().from("0002").to("0003").page(&paging(9, None)).await.unwrap()), [3, 2]);
    let elsewhere = table.list("state").newest_first().page::<Counter>(&paging(1, first.next)).await;
    assert!(matches!(elsewhere, Err(Error::InvalidCursor)));
}

#[tokio::test]
async fn a_filtered_page_is_full_or_the_last() {
    let table = table().await;
    // One of a hundred passes, so that a page takes more than one query.
    for id in 1..=450 {
        let kind = if id % 100 == 0 { "odd" } else { "usual" };
        let one = Counter { kind: kind.to_owned(), ..counter(id, 0) };
        table.commit(&context(id.into())).save(&one).run().await.unwrap();
    }
    let query = table.list("owner#ada").only("kind", "odd");
    let first = query.page(&paging(3, None)).await.unwrap();
    let second = query.page(&paging(3, first.next.clone())).await.unwrap();
    assert_eq!([ids(&first), ids(&second)], [vec![100, 200, 300], vec![400]]);
    assert_eq!(second.next, None);
    // Two that pass are read at once, and the second one is on the next page.
    let few = table.list("owner#ada").only("kind", "odd").prefix("04");
    table.commit(&context(451)).save(&Counter { kind: "odd".to_owned(), ..counter(401, 1) }).run().await.unwrap();
    let first = few.page(&paging(1, None)).await.unwrap();
    assert_eq!(ids(&first), [400]);
    assert_eq!(ids(&few.page(&paging(1, first.next)).await.unwrap()), [401]);
}

#[tokio::test]
async fn a_page_of_what_items_refer_to_is_full_or_the_last() {
    let table = counters(45).await;
    let query = table.list("owner#ada");
    let mut read = Vec::new();
    let mut cursor = None;
    for full in [3, 3, 3] {
        let every_fifth = |counters: Vec<Counter>| async move {
            Ok::<_, Error>(counters.into_iter().map(|counter| (counter.id % 5 == 0).then_some(counter.id)).collect())
        };
        let page: Page<u32> = query.page_of(&paging(3, cursor), every_fifth).await.unwrap();
        assert_eq!(page.items.len(), full);
        read.extend(page.items);
        cursor = page.next;
    }
    assert_eq!(read, [5, 10, 15, 20, 25, 30, 35, 40, 45]);
    assert_eq!(cursor, None);
}

#[tokio::test]
async fn a_page_stops_reading_on_and_can_be_continued() {
    let table = table().await;
    for id in 1..=310 {
        let kind = if id > 300 { "odd" } else { "usual" };
        let one = Counter { kind: kind.to_owned(), ..counter(id, 0) };
        table.commit(&context(id.into())).save(&one).run().await.unwrap();
    }
    let mut query = table.list("owner#ada").only("kind", "odd");
    query.most_reads = 2;
    let short = query.page(&paging(20, None)).await.unwrap();
    assert_eq!(ids(&short), [0; 0]);
    let rest = query.page(&paging(20, short.next)).await.unwrap();
    assert_eq!((ids(&rest), rest.next), ((301..=310).collect(), None));
}

#[tokio::test]
async fn a_list_shows_items_as_they_are_stored() {
    let table = counters(2).await;
    table.commit(&context(3)).save(&Counter { count: 7, ..counter(1, 1) }).run().await.unwrap();
    let all: Vec<Counter> = table.list("owner#ada").all().await.unwrap();
    assert_eq!(all.iter().map(|counter| counter.count).collect::<Vec<_>>(), [7, 0]);
}

#[tokio::test]
async fn what_an_index_still_shows_and_has_left_the_list_is_left_out() {
    let table = counters(3).await;
    let places = [3, 9, 1].map(|id| crate::item::primary(&Key::of("counter", id))).to_vec();
    let read = async |list: &str| {
        let found = table.list(list).read_listed(places.clone()).await.unwrap();
        found.into_iter().map(|(_, item)| serde_dynamo::from_item::<_, Counter>(item).unwrap().id).collect::<Vec<_>>()
    };
    // There is no ninth, and none of them is on Eve's list any more.
    assert_eq!(read("owner#ada").await, [3, 1]);
    assert_eq!(read("owner#eve").await, Vec::<u32>::new());
}

#[tokio::test]
async fn what_all_lists_still_show_and_is_in_no_list_any_more_is_left_out() {
    let table = counters(1).await;
    table.commit(&context(2)).claim(&Key::of("counter", 2), 2).run().await.unwrap();
    let places = [1, 2].map(|id| crate::item::primary(&Key::of("counter", id))).to_vec();
    let found = table.states().read_listed(places).await.unwrap();
    let keys: Vec<_> = found.iter().map(|(_, item)| item["pk"].as_s().unwrap()).collect();
    assert_eq!(keys, ["counter#1"]);
}

#[tokio::test]
async fn rows_are_told_apart_by_the_kind_of_their_key() {
    let table = counters(2).await;
    let event = Counted { count: 1 };
    table.commit(&context(3)).save(&Counter { count: 1, ..counter(1, 1) }).event(&event).run().await.unwrap();
    let mut rows = table.query("counter#1").rows().await.unwrap();
    assert_eq!(rows.take_one::<Counter>("counter").unwrap().map(|counter| counter.count), Some(1));
    assert_eq!(rows.take::<EventRecord>("event").unwrap().len(), 1);
    assert_eq!(rows.take_one::<Counter>("counter").unwrap(), None);
    let keys = [Key::of("counter", 1), Key::of("counter", 2), Key::of("counter", 9)];
    let mut rows = table.get_rows(&keys).await.unwrap();
    assert_eq!(rows.take::<Counter>("counter").unwrap().len(), 2);
    assert!(matches!(table.get_rows(&keys).await.unwrap().take::<EventRecord>("counter"), Err(Error::Malformed(_))));
}

#[tokio::test]
async fn many_items_are_read_in_one_call_for_each_hundred() {
    let table = counters(120).await;
    let keys: Vec<_> = (1..=130).map(|id| Key::of("counter", id)).collect();
    let found: Vec<Counter> = table.get_many(&keys).await.unwrap();
    assert_eq!(found.len(), 120);
}

#[tokio::test]
async fn reads_are_strong_unless_the_table_is_eventual() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (cloud, calls) = (Cloud::memory(), asked.clone());
    let client = emulators::http_client(move |target, body| {
        if ["GetItem", "Query", "BatchGetItem"].iter().any(|read| target.ends_with(&format!(".{read}"))) {
            calls.lock().unwrap().push(String::from_utf8_lossy(&body).contains("\"ConsistentRead\":true"));
        }
        let cloud = cloud.clone();
        async move { Ok(cloud.dispatch(&target, &body).await) }
    });
    let table = fresh(Harness::with_http_client(client).await);
    let key = counter(1, 0).key();
    for table in [table.clone(), table.eventual()] {
        table.get::<Counter>(&key).await.unwrap();
        table.get_many::<Counter>(std::slice::from_ref(&key)).await.unwrap();
        table.query(&key.pk).all::<Counter>().await.unwrap();
    }
    assert_eq!(*asked.lock().unwrap(), [true, true, true, false, false, false]);
}

#[tokio::test]
async fn a_scan_reads_the_entities_of_a_kind_page_by_page() {
    let table = table().await;
    for id in 0..5 {
        let large = Counter { kind: "x".repeat(300_000), ..counter(id, 0) };
        let context = context(id.into());
        let commit = table.commit(&context).save(&large).event(&Counted { count: 1 });
        commit.claim(&Key::of("counters", id), id).run().await.unwrap();
    }
    let (mut ids, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let (page, next) = table.scan::<Counter>("counter", after.as_ref()).await.unwrap();
        ids.extend(page.iter().map(|counter| counter.id));
        pages += 1;
        after = next;
        if after.is_none() {
            break;
        }
    }
    ids.sort_unstable();
    assert_eq!((ids, pages > 1), (vec![0, 1, 2, 3, 4], true));
}

#[test]
fn a_list_by_age_sorts_by_time_and_then_by_the_end_of_the_id() {
    let at = |millis, id| by_age(Timestamp::from_millisecond(millis).unwrap(), id);
    assert_eq!(at(1_790_000_000_000, "ord_00ff01"), "1790000000000#ff01");
    assert_eq!(at(7, "ab"), "0000000000007#ab");
    assert!(at(999, "ord_ffff") < at(1000, "ord_0000") && at(1000, "ord_0000") < at(1000, "ord_0001"));
}

#[test]
fn a_time_divides_a_list_by_age() {
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    let now = time("2026-11-30T12:00:00.001Z");
    let (before, after) = (time("2026-11-30T12:00:00Z"), time("2026-11-30T12:00:00.002Z"));
    assert!(by_age(before, "ffff") < age(now) && age(now) < by_age(now, "0000"));
    // What is a part of a millisecond later is later than all that happened in the millisecond.
    let later = now + jiff::SignedDuration::from_nanos(1);
    assert_eq!(age(later), age(after));
    assert_eq!(age(after - jiff::SignedDuration::from_nanos(1)), age(after));
    // Times of any year are in order with those of lists.
    for (early, late) in
        [("-009998-01-01T00:00:00Z", "1969-12-31T23:59:59Z"), ("2286-11-21T00:00:00Z", "9999-01-01T00:00:00Z")]
    {
        assert!(age(time(early)) <= age(time(late)), "{early}");
    }
    assert!(age(time("1969-12-31T23:59:59Z")) < by_age(now, "0000"));
    assert!(age(time("2400-01-01T00:00:00Z")) > by_age(now, "0000"));
}
