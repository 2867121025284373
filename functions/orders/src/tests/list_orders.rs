use jiff::Timestamp;
use serde_json::Value;

use super::*;
use crate::operations::{
    cancel_order::function as cancel_order, get_order_history::function as get_order_history,
    list_orders::function as list_orders,
};

fn listing(caller: UserId, role: Role) -> Request {
    Request::new("GET", "/v1/orders").from(caller, &[role])
}

fn ids(answer: &Answer) -> Vec<String> {
    let items = answer.json["items"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

impl Shop {
    /// Places an order from the quote with a number, for a customer, and returns its id.
    async fn placed_by(&self, customer: UserId, number: u128) -> String {
        let request =
            placing(&self.signed(&Quote { sub: customer, ..quote(number) })).from(customer, &[Role::Customer]);
        self.harness.call(place_order, request).await.json["id"].as_str().unwrap().to_owned()
    }

    /// Three orders of two customers, a second apart, the newest first.
    async fn of_two_customers(&self) -> [String; 3] {
        let mut placed = Vec::new();
        for (customer, number) in [(buyer(), 1), (user(2), 2), (buyer(), 3)] {
            self.harness.advance(SignedDuration::from_secs(1));
            placed.insert(0, self.placed_by(customer, number).await);
        }
        placed.try_into().unwrap()
    }

    async fn cancel_with_note(&self, id: &str) {
        let cancel = as_buyer("POST", id.parse().unwrap(), "/cancellation").json(&json!({"reason": "a secret"}));
        assert_eq!(self.harness.call(cancel_order, cancel).await.status, 200);
    }
}

#[tokio::test]
async fn merchants_and_support_list_the_orders_of_all_customers_newest_first() {
    let shop = shop().await;
    let placed = shop.of_two_customers().await;
    for role in [Role::Merchant, Role::Support, Role::Admin] {
        let first = shop.harness.call(list_orders, listing(user(9), role).query("limit", 2)).await;
        assert_eq!(ids(&first), placed[..2], "{role}");
        let next = listing(user(9), role).query("limit", 2).query("cursor", first.json["nextCursor"].as_str().unwrap());
        let second = shop.harness.call(list_orders, next).await;
        assert_eq!((ids(&second), &second.json["nextCursor"]), (vec![placed[2].clone()], &Value::Null), "{role}");
    }
    for role in [Role::Guest, Role::Customer, Role::Courier] {
        let own = shop.harness.call(list_orders, listing(buyer(), role)).await;
        assert_eq!(ids(&own), [&*placed[0], &*placed[2]], "{role}");
    }
    assert_eq!(shop.harness.call(list_orders, Request::new("GET", "/v1/orders")).await.status, 401);
}

#[tokio::test]
async fn the_list_of_all_orders_has_no_data_of_customers() {
    let shop = shop().await;
    let [newest, ..] = shop.of_two_customers().await;
    shop.cancel_with_note(&newest).await;
    for role in [Role::Merchant, Role::Support, Role::Admin] {
        let all = shop.harness.call(list_orders, listing(user(9), role).query("limit", 1)).await;
        let mut names: Vec<_> = all.json["items"][0].as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        let shown = [
            "customerId",
            "id",
            "lines",
            "placedAt",
            "reason",
            "shipmentId",
            "shippingOption",
            "status",
            "totals",
            "updatedAt",
            "waitingFor",
        ];
        assert_eq!(names, shown, "{role}");
        assert!(!all.json.to_string().contains("St James") && !all.json.to_string().contains("secret"));
    }
}

#[tokio::test]
async fn a_merchant_gets_no_order_by_its_id() {
    let shop = shop().await;
    let id = shop.placed(1).await;
    let as_merchant = |path| as_buyer("GET", id, path).from(user(9), &[Role::Merchant]);
    assert_eq!(shop.harness.call(get_order, as_merchant("")).await.status, 404);
    assert_eq!(shop.harness.call(get_order_history, as_merchant("/history")).await.status, 404);
}

#[tokio::test]
async fn the_orders_of_one_customer_have_their_addresses() {
    let shop = shop().await;
    let placed = shop.of_two_customers().await;
    let listed = async |caller, role| {
        let answer = shop.harness.call(list_orders, listing(caller, role).query("customerId", buyer())).await;
        assert_eq!(ids(&answer), [&*placed[0], &*placed[2]], "{role}");
        assert_eq!(answer.json["items"][0]["shipTo"]["line1"], "12 St James Square", "{role}");
    };
    listed(buyer(), Role::Customer).await;
    listed(buyer(), Role::Merchant).await;
    listed(user(9), Role::Support).await;
    let others = listing(user(9), Role::Merchant).query("customerId", buyer());
    assert_eq!(shop.harness.call(list_orders, others).await.status, 403);
}

#[tokio::test]
async fn several_statuses_can_be_listed_at_once() {
    let shop = shop().await;
    let placed = shop.of_two_customers().await;
    shop.cancel_with_note(&placed[0]).await;
    let listed = async |caller, role, status| {
        let answer = shop.harness.call(list_orders, listing(caller, role).query("status", status)).await;
        ids(&answer).into_iter().map(|id| placed.iter().position(|one| *one == id).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(listed(user(9), Role::Merchant, "placed,cancelled").await, [0, 1, 2]);
    assert_eq!(listed(user(9), Role::Merchant, "placed").await, [1, 2]);
    assert_eq!(listed(buyer(), Role::Customer, "shipped,cancelled").await, [0]);
    assert_eq!(listed(buyer(), Role::Customer, "shipped,delivered").await, [0; 0]);
    let invalid = async |status| {
        let answer = shop.harness.call(list_orders, listing(buyer(), Role::Customer).query("status", status)).await;
        assert_eq!(answer.status, 422, "{status}");
        answer.pointers().join(" ")
    };
    assert_eq!(invalid("").await, "/status");
    assert_eq!(invalid("placed,placed,placed,placed,placed,placed,placed").await, "/status");
    assert!(invalid("placed,lost").await.starts_with("/status"));
}

#[tokio::test]
async fn orders_are_listed_by_the_time_when_they_were_placed() {
    let shop = shop().await;
    let start = shop.harness.now();
    let placed = shop.of_two_customers().await;
    let at = |seconds, nanos| start + SignedDuration::new(seconds, nanos);
    let listed = async |times: &[(&str, Timestamp)]| {
        let mut seen = Vec::new();
        for (caller, role, customers) in [(user(9), Role::Merchant, 2), (buyer(), Role::Customer, 1)] {
            let request = times.iter().fold(listing(caller, role), |request, (name, time)| request.query(name, time));
            let found = ids(&shop.harness.call(list_orders, request).await);
            let found = found.into_iter().map(|id| placed.iter().rev().position(|one| *one == id).unwrap() + 1);
            seen.push((customers, found.collect::<Vec<_>>()));
        }
        let of_buyer: Vec<_> = seen[0].1.iter().copied().filter(|number| *number != 2).collect();
        assert_eq!(seen[1].1, of_buyer, "a customer's list has the same filters");
        seen.swap_remove(0).1
    };
    // They were placed after one, two and three seconds.
    assert_eq!(listed(&[("from", at(2, 0))]).await, [3, 2], "from is inclusive");
    assert_eq!(listed(&[("to", at(2, 0))]).await, [1], "to is exclusive");
    assert_eq!(listed(&[("from", at(2, 1))]).await, [3], "an instant later");
    assert_eq!(listed(&[("to", at(2, 1))]).await, [2, 1], "an instant later");
    assert_eq!(listed(&[("from", at(1, 0)), ("to", at(3, 0))]).await, [2, 1]);
    assert_eq!(listed(&[("from", at(2, 1)), ("to", at(2, 2))]).await, [0; 0], "within a millisecond");
    assert_eq!(listed(&[("to", "1960-01-01T00:00:00Z".parse().unwrap())]).await, [0; 0]);
    assert_eq!(listed(&[("to", "2400-01-01T00:00:00Z".parse().unwrap())]).await, [3, 2, 1]);
}

#[tokio::test]
async fn a_range_of_time_must_not_be_empty() {
    let shop = shop().await;
    for (from, to) in
        [("2026-11-30T12:00:00Z", "2026-11-30T12:00:00Z"), ("2026-11-30T12:00:00Z", "2026-11-29T12:00:00Z")]
    {
        let request = listing(buyer(), Role::Customer).query("from", from).query("to", to);
        let answer = shop.harness.call(list_orders, request).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec!["/to"]), "{to}");
        assert_eq!(answer.json["errors"][0]["detail"], "must be later than from");
    }
    let wrong = shop.harness.call(list_orders, listing(buyer(), Role::Customer).query("from", "yesterday")).await;
    assert_eq!((wrong.status, wrong.pointers()), (422, vec!["/from"]));
}

#[tokio::test]
async fn filters_and_pages_go_together() {
    let shop = shop().await;
    let start = shop.harness.now();
    let mut placed = Vec::new();
    for number in 1..=5 {
        shop.harness.advance(SignedDuration::from_secs(1));
        placed.push(shop.placed(number).await.to_string());
    }
    shop.cancel_with_note(&placed[2]).await;
    let from = start + SignedDuration::from_secs(2);
    let page =
        listing(user(9), Role::Merchant).query("status", "placed,reserved").query("from", from).query("limit", 2);
    let first = shop.harness.call(list_orders, page.clone()).await;
    assert_eq!(ids(&first), [&*placed[4], &*placed[3]]);
    let cursor = first.json["nextCursor"].as_str().unwrap();
    let second = shop.harness.call(list_orders, page.query("cursor", cursor)).await;
    assert_eq!((ids(&second), &second.json["nextCursor"]), (vec![placed[1].clone()], &Value::Null));
    // A cursor is for the list and the filters that it was made for.
    for other in [listing(user(9), Role::Merchant).query("status", "placed,reserved"), listing(buyer(), Role::Customer)]
    {
        let answer = shop.harness.call(list_orders, other.query("limit", 2).query("cursor", cursor)).await;
        assert_eq!(answer.problem(), "invalid-cursor");
    }
}

#[tokio::test]
async fn a_change_of_an_order_keeps_its_place() {
    let shop = shop().await;
    let placed = shop.of_two_customers().await;
    shop.cancel_with_note(&placed[2]).await;
    assert_eq!(ids(&shop.harness.call(list_orders, listing(user(9), Role::Merchant)).await), placed);
}
