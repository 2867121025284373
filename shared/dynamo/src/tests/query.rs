use super::*;
use crate::{Error, Page, Paging};

async fn counters(count: u32) -> Fresh {
    let table = table().await;
    for id in 1..=count {
        table.commit(&cause(id.into())).save(&counter(id, 1)).run().await.unwrap();
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
    let query = table.query_index("owner#ada").newest_first();
    let first = query.page(&paging(2, None)).await.unwrap();
    let second = query.page(&paging(2, first.next.clone())).await.unwrap();
    let third = query.page(&paging(2, second.next.clone())).await.unwrap();
    assert_eq!([ids(&first), ids(&second), ids(&third)], [vec![5, 4], vec![3, 2], vec![1]]);
    assert_eq!(third.next, None);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let table = counters(3).await;
    let page: Page<Counter> = table.query_index("owner#ada").page(&paging(1, None)).await.unwrap();
    let elsewhere = table.query_index("owner#eve").page::<Counter>(&paging(1, page.next)).await;
    assert!(matches!(elsewhere, Err(Error::InvalidCursor)));
    let forged = table.query_index("owner#ada").page::<Counter>(&paging(1, Some("forged".to_owned()))).await;
    assert!(matches!(forged, Err(Error::InvalidCursor)));
}

#[tokio::test]
async fn prefixes_and_filters_narrow_a_list() {
    let table = counters(5).await;
    let prefixed: Vec<Counter> = table.query_index("owner#ada").prefix("0004").all().await.unwrap();
    assert_eq!(prefixed.len(), 1);
    let none: Vec<Counter> = table.query_index("owner#ada").only("owner", "eve").all().await.unwrap();
    assert_eq!(none, []);
}

#[tokio::test]
async fn many_items_are_read_in_one_call_for_each_hundred() {
    let table = counters(120).await;
    let keys: Vec<_> = (1..=130).map(|id| Key::of("counter", id)).collect();
    let found: Vec<Counter> = table.get_many(&keys).await.unwrap();
    assert_eq!(found.len(), 120);
}
