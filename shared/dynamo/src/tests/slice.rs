use super::*;
use crate::{Error, Page, Paging};

const LETTERS: &str = "abcde";

fn paging(limit: Option<u32>, cursor: Option<&str>) -> Paging {
    Paging { limit, cursor: cursor.map(str::to_owned) }
}

fn slice(table: &Table, letters: &str, paging: &Paging) -> (String, Option<String>) {
    let page = table.slice("letters", letters.chars().collect(), char::to_string, paging).unwrap();
    (page.items.into_iter().collect(), page.next)
}

#[tokio::test]
async fn a_list_that_is_read_whole_comes_in_pages() {
    let table = table().await;
    let (first, next) = slice(&table, LETTERS, &paging(Some(2), None));
    let (second, next) = slice(&table, LETTERS, &paging(Some(2), next.as_deref()));
    let (third, last) = slice(&table, LETTERS, &paging(Some(2), next.as_deref()));
    assert_eq!((first.as_str(), second.as_str(), third.as_str(), last), ("ab", "cd", "e", None));
    assert_eq!(slice(&table, "ab", &paging(Some(2), None)), ("ab".to_owned(), None), "a full page can be the last");
    assert_eq!(slice(&table, "", &paging(Some(2), None)), (String::new(), None));
    let many: String = ('a'..='z').collect();
    assert_eq!(slice(&table, &many, &paging(None, None)).0, many[..20], "twenty, without a limit");
}

#[tokio::test]
async fn removals_between_pages_leave_no_item_out() {
    let table = table().await;
    let (_, next) = slice(&table, LETTERS, &paging(Some(2), None));
    let rest = |left: &str| slice(&table, left, &paging(Some(9), next.as_deref())).0;
    assert_eq!(rest("cde"), "cde", "the page that was read is gone");
    assert_eq!(rest("bde"), "de", "the item that followed is gone");
    assert_eq!(rest("ade"), "ade", "both are gone: the list begins again");
    assert_eq!(rest("abxcde"), "cde", "an item that was added before the place is not on a later page");
}

#[tokio::test]
async fn a_cursor_of_another_list_that_is_read_whole_is_refused() {
    let table = table().await;
    let (_, next) = slice(&table, LETTERS, &paging(Some(2), None));
    for (list, cursor) in [("digits", next.as_deref()), ("letters", Some("forged"))] {
        let page: Result<Page<char>, _> =
            table.slice(list, LETTERS.chars().collect(), char::to_string, &paging(Some(2), cursor));
        assert!(matches!(page, Err(Error::InvalidCursor)), "{list}");
    }
    let (queried, sliced) = (table.list("letters"), paging(Some(2), next.as_deref()));
    assert!(matches!(queried.page::<Counter>(&sliced).await, Err(Error::InvalidCursor)));
}
