//! What every list must do with `limit` and `cursor`.

use serde_json::Value;

use super::{Answer, Harness, Request};
use crate::Function;

impl Harness {
    /// Reads a list whole, and again in pages of one, of two and of all items. Returns its items. Panics if a page is
    /// neither full nor the last one, if the pages together are not the list, or if a limit outside 1 to 100 or a cursor
    /// of another list is accepted.
    pub async fn paged(&self, function: fn() -> Function, request: &Request) -> Vec<Value> {
        let get = async |limit: usize, cursor: Option<&str>| {
            let request = request.clone().query("limit", limit);
            self.call(function, cursor.into_iter().fold(request, |request, cursor| request.query("cursor", cursor)))
                .await
        };
        let whole = get(100, None).await;
        let items = items(&whole).to_vec();
        assert_eq!(whole.json["nextCursor"], Value::Null, "the list has more than 100 items: {whole:?}");
        for limit in [1, 2, items.len().clamp(1, 100)] {
            let (mut read, mut cursor) = (Vec::new(), None::<String>);
            loop {
                let page = get(limit, cursor.as_deref()).await;
                read.extend_from_slice(self::items(&page));
                cursor = page.json["nextCursor"].as_str().map(str::to_owned);
                assert_eq!(cursor.is_some(), read.len() < items.len(), "limit {limit}: {page:?}");
                assert_eq!(page.headers.contains_key("link"), cursor.is_some(), "{page:?}");
                if cursor.is_none() {
                    break;
                }
                assert_eq!(self::items(&page).len(), limit, "{page:?}");
            }
            assert_eq!(read, items, "in pages of {limit}");
        }
        for limit in [0, 101] {
            let refused = get(limit, None).await;
            let error = &refused.json["errors"][0];
            let found = (refused.status, error["pointer"].as_str(), error["detail"].as_str());
            assert_eq!(found, (422, Some("/limit"), Some("must be a whole number from 1 to 100")), "{refused:?}");
        }
        let forged = get(1, Some("forged")).await;
        assert_eq!((forged.status, forged.problem()), (400, "invalid-cursor"), "{forged:?}");
        items
    }
}

fn items(page: &Answer) -> &[Value] {
    assert_eq!(page.status, 200, "{page:?}");
    page.json["items"].as_array().expect("a page has items")
}
