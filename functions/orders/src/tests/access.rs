use super::*;
use crate::operations::{
    cancel_order::function as cancel_order, get_order_history::function as get_order_history,
    list_orders::function as list_orders,
};

fn listing(caller: UserId, role: Role) -> Request {
    Request::new("GET", "/v1/orders").from(caller, &[role])
}

fn ids(answer: &Answer) -> Vec<&str> {
    answer.json["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn nobody_sees_what_is_not_theirs() {
    let shop = shop().await;
    let id = shop.placed(1).await;
    let as_stranger = |method, path| as_buyer(method, id, path).from(user(2), &[Role::Customer]);
    assert_eq!(shop.harness.call(get_order, as_stranger("GET", "")).await.status, 404);
    assert_eq!(shop.harness.call(get_order_history, as_stranger("GET", "/history")).await.status, 404);
    let cancel = as_stranger("POST", "/cancellation").json(&json!({"reason": "x"}));
    assert_eq!(shop.harness.call(cancel_order, cancel).await.status, 404);
    assert_eq!(ids(&shop.harness.call(list_orders, listing(user(2), Role::Customer)).await), [""; 0]);
    let theirs = listing(user(2), Role::Customer).query("customerId", buyer());
    assert_eq!(shop.harness.call(list_orders, theirs).await.status, 403);
}

#[tokio::test]
async fn support_sees_every_order() {
    let shop = shop().await;
    let id = shop.placed(1).await;
    let as_support = as_buyer("GET", id, "").from(user(9), &[Role::Support]);
    assert_eq!(shop.harness.call(get_order, as_support).await.status, 200);
    let theirs = listing(user(9), Role::Support).query("customerId", buyer());
    assert_eq!(ids(&shop.harness.call(list_orders, theirs).await), [id.to_string()]);
}

#[tokio::test]
async fn fifty_orders_are_listed_in_order_also_those_of_one_millisecond() {
    let shop = shop().await;
    let mut placed = Vec::new();
    for number in 1..=50_u32 {
        shop.harness.advance(SignedDuration::from_millis(i64::from(number % 3)));
        // The same ids in every run, of which no two of one millisecond end alike.
        let request = placing(&shop.signed(&quote(number.into()))).header("idempotency-key", number);
        let id = shop.harness.call(place_order, request).await.json["id"].as_str().unwrap().to_owned();
        placed.push((shop.harness.now(), id[id.len() - 4..].to_owned(), id));
    }
    placed.sort_by(|one, other| other.cmp(one));
    let (mut listed, mut cursor) = (Vec::new(), None);
    loop {
        let page = listing(buyer(), Role::Customer).query("limit", 7);
        let page = cursor.iter().fold(page, |page, cursor: &String| page.query("cursor", cursor));
        let page = shop.harness.call(list_orders, page).await;
        listed.extend(ids(&page).into_iter().map(str::to_owned));
        match page.json["nextCursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(listed, placed.into_iter().map(|(.., id)| id).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_list_comes_in_pages_newest_first_and_by_status() {
    let shop = shop().await;
    let mut placed = Vec::new();
    for number in 1..=3 {
        shop.harness.advance(SignedDuration::from_secs(1));
        placed.insert(0, shop.placed(number).await.to_string());
    }
    let first = shop.harness.call(list_orders, listing(buyer(), Role::Customer).query("limit", 2)).await;
    assert_eq!(ids(&first), placed[..2]);
    let cursor = first.json["nextCursor"].as_str().unwrap();
    assert_eq!(first.headers["link"], format!("</v1/orders?limit=2&cursor={cursor}>; rel=\"next\""));
    let second = listing(buyer(), Role::Customer).query("limit", 2).query("cursor", cursor);
    assert_eq!(ids(&shop.harness.call(list_orders, second).await), placed[2..]);

    let foreign = listing(user(2), Role::Customer).query("limit", 2).query("cursor", cursor);
    assert_eq!(shop.harness.call(list_orders, foreign).await.problem(), "invalid-cursor");
    let shipped = listing(buyer(), Role::Customer).query("status", "shipped");
    assert_eq!(ids(&shop.harness.call(list_orders, shipped).await), [""; 0]);
    let wrong = shop
        .harness
        .call(list_orders, listing(buyer(), Role::Customer).query("status", "lost").query("limit", 2))
        .await;
    assert_eq!((wrong.status, wrong.pointers()), (422, vec!["/status/0"]));
}

#[tokio::test]
async fn a_page_of_one_status_is_full_though_newer_orders_have_another() {
    let shop = shop().await;
    let mut placed = Vec::new();
    for number in 1..=6 {
        shop.harness.advance(SignedDuration::from_secs(1));
        placed.push(shop.placed(number).await);
    }
    for id in &placed[..3] {
        let cancel = as_buyer("POST", *id, "/cancellation").json(&json!({"reason": "x"}));
        assert_eq!(shop.harness.call(cancel_order, cancel).await.status, 200);
    }
    let cancelled = listing(buyer(), Role::Customer).query("status", "cancelled").query("limit", 2);
    let first = shop.harness.call(list_orders, cancelled.clone()).await;
    assert_eq!(ids(&first), [placed[2].to_string(), placed[1].to_string()]);
    let next = cancelled.query("cursor", first.json["nextCursor"].as_str().unwrap());
    let second = shop.harness.call(list_orders, next).await;
    assert_eq!((ids(&second), second.json["nextCursor"].as_str()), (vec![&*placed[0].to_string()], None));
}
