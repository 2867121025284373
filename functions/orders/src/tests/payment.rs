use contracts::{
    PaymentId,
    events::{
        inventory::StockReserved,
        orders::OrderReserved,
        payments::{PaymentActionRequired, PaymentAuthorized, PaymentDeclined},
    },
};

use super::*;
use crate::operations::{
    advance_order::function as advance_order, get_order_history::function as get_order_history,
    sweep_deadlines::function as sweep_deadlines,
};

fn expires_at() -> jiff::Timestamp {
    START + SignedDuration::from_mins(15)
}

fn payment(order: OrderId) -> PaymentId {
    order.uuid().into()
}

fn action_required(order: OrderId) -> PaymentActionRequired {
    PaymentActionRequired { payment: payment(order), order, expires_at: expires_at() }
}

impl Shop {
    async fn reserved_order(&self, number: u128) -> OrderId {
        let order = self.placed(number).await;
        let reserved = StockReserved { order, lines: Vec::new(), expires_at: START };
        self.harness.consume(advance_order, reserved).await.unwrap();
        order
    }

    async fn declined_order(&self, code: &str) -> OrderId {
        let order = self.reserved_order(1).await;
        let declined = PaymentDeclined { payment: payment(order), order, code: code.to_owned() };
        self.harness.consume(advance_order, declined).await.unwrap();
        order
    }
}

fn returning(quote: &str, url: &str) -> Request {
    placing("").json(&json!({"quote": quote, "paymentMethod": "pm_card_visa", "returnUrl": url}))
}

#[tokio::test]
async fn a_customer_reads_why_the_payment_was_declined_and_support_the_code_too() {
    let shop = shop().await;
    let order = shop.declined_order("insufficient_funds").await;
    let seen = shop.order(order).await.json;
    assert_eq!(seen["declineReason"], "The card does not have enough funds. Use another card.");
    assert_eq!(seen.get("declineCode"), None);
    let support = as_buyer("GET", order, "").from(user(9), &[Role::Support]);
    assert_eq!(shop.harness.call(get_order, support).await.json["declineCode"], "insufficient_funds");
}

#[tokio::test]
async fn an_order_waits_for_its_customer_until_the_payment_is_approved() {
    let shop = shop().await;
    let order = shop.reserved_order(1).await;
    let required = shop.harness.envelope("payment#1", 2, action_required(order));
    shop.harness.deliver(advance_order, &required).await.unwrap();
    shop.harness.deliver(advance_order, &required).await.unwrap();
    let seen = shop.order(order).await.json;
    assert_eq!((&seen["status"], &seen["waitingFor"]["what"]), (&json!("reserved"), &json!("customer")));
    assert_eq!(seen["waitingFor"]["until"], json!(lambda::Time::from(expires_at())));
    assert_eq!(seen["paymentId"], payment(order).to_string());

    let authorized = PaymentAuthorized { payment: payment(order), order, amount: Money::new(2900, Currency::Eur) };
    shop.harness.consume(advance_order, authorized).await.unwrap();
    shop.harness.consume(advance_order, action_required(order)).await.unwrap();
    let seen = shop.order(order).await.json;
    assert_eq!((&seen["status"], seen.get("paymentId")), (&json!("confirmed"), None));
    let history = shop.harness.call(get_order_history, as_buyer("GET", order, "/history")).await.json;
    assert_eq!(history["items"][2]["type"], "OrderActionRequired");
}

#[tokio::test]
async fn an_order_whose_customer_does_not_approve_in_time_is_cancelled() {
    let shop = shop().await;
    let order = shop.reserved_order(1).await;
    shop.harness.consume(advance_order, action_required(order)).await.unwrap();
    shop.harness.advance(SignedDuration::from_secs(899));
    shop.harness.tick(sweep_deadlines).await;
    assert_eq!(shop.status(order).await, "reserved");
    shop.harness.advance(SignedDuration::from_secs(2));
    shop.harness.tick(sweep_deadlines).await;
    assert_eq!(shop.order(order).await.json["reason"], "timed-out");
}

#[tokio::test]
async fn an_action_that_arrives_before_the_stock_waits_in_the_queue() {
    let shop = shop().await;
    let order = shop.placed(1).await;
    assert!(shop.harness.consume(advance_order, action_required(order)).await.is_err());
    assert_eq!(shop.status(order).await, "placed");
}

#[tokio::test]
async fn an_action_never_gives_an_order_more_time() {
    let shop = shop().await;
    let order = shop.reserved_order(1).await;
    let later = START + SignedDuration::from_hours(2);
    let required = PaymentActionRequired { expires_at: later, ..action_required(order) };
    shop.harness.consume(advance_order, required).await.unwrap();
    let until = START + SignedDuration::from_hours(1);
    assert_eq!(shop.order(order).await.json["waitingFor"]["until"], json!(lambda::Time::from(until)));
}

#[tokio::test]
async fn a_customer_returns_only_to_an_allowed_origin() {
    let shop = shop().await;
    let wrong = [
        "https://evil.example/",
        "https://shop.example.evil.example/",
        "https://shop.example@evil.example/",
        "https://shop.example:444/",
        "http://shop.example/",
        "//shop.example/",
        "/orders",
        "javascript:alert(1)",
        "",
    ];
    for url in wrong {
        let refused = shop.harness.call(place_order, returning(&shop.signed(&quote(1)), url)).await;
        assert_eq!((refused.status, refused.pointers()), (422, vec!["/returnUrl"]), "{url}");
    }
    for (number, url) in
        (1..).zip(["https://shop.example/orders?x=1", "https://SHOP.example", "http://localhost:5173/#done"])
    {
        let placed = shop.harness.call(place_order, returning(&shop.signed(&quote(number)), url)).await;
        assert_eq!(placed.status, 201, "{url}");
    }
}

#[tokio::test]
async fn payments_is_told_where_the_customer_returns_to() {
    let shop = shop().await;
    let url = "https://shop.example/orders";
    let placed = shop.harness.call(place_order, returning(&shop.signed(&quote(1)), url)).await;
    let order: OrderId = placed.json["id"].as_str().unwrap().parse().unwrap();
    let reserved = StockReserved { order, lines: Vec::new(), expires_at: START };
    shop.harness.consume(advance_order, reserved).await.unwrap();
    let events = shop.harness.events().await;
    let reserved: contracts::Envelope<OrderReserved> = events[1].envelope().unwrap();
    assert!(events.iter().all(|event| !event.detail.contains("shop.example")), "it is sealed");
    let sealer = shop.harness.env().sealer().unwrap();
    let opened: String = sealer.open(contracts::sealed_for::RETURN_URL, &reserved.data.return_url.unwrap()).unwrap();
    assert_eq!(opened, url);
}
