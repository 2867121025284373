//! The stack that tests share, and what they do in it.

use std::{
    sync::{LazyLock, mpsc},
    time::{Duration, Instant},
};

use local::{
    Answer, Client, Options, Stack, demo,
    shopper::{Shopper, stocked},
};
use serde_json::Value;

/// How long a read model or a saga may take to settle.
const PATIENCE: Duration = Duration::from_mins(1);

/// The stack that `SOUK_URL` names, or one with demo accounts, started once for all tests, on a runtime of its own.
static URL: LazyLock<String> = LazyLock::new(|| {
    if let Ok(url) = std::env::var("SOUK_URL") {
        return url;
    }
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let stack = Stack::start(Options { demo: true, ..Options::default() }).await;
            let stack = stack.unwrap_or_else(|error| panic!("the stack does not start: {error:#}"));
            tell.send(stack.url().to_owned()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    told.recv().expect("the stack starts")
});

/// The address of the stack.
pub(crate) fn url() -> &'static str {
    &URL
}

/// A caller without a token.
pub(crate) fn anyone() -> Client {
    Client::new(&URL)
}

/// A caller with the demo account of a role.
pub(crate) async fn demo(role: &str) -> Client {
    demo::sign_in(&anyone(), role).await.unwrap()
}

/// A new guest.
pub(crate) async fn guest() -> Shopper {
    Shopper::guest(&anyone()).await.unwrap()
}

/// A product on sale at 49.99 €, with stock; its SKU.
pub(crate) async fn on_sale(stock: usize) -> String {
    stocked(&demo("merchant").await, 4999, stock).await.unwrap()
}

/// A cart with an item and an address; its path.
pub(crate) async fn filled_cart(shopper: &Shopper, sku: &str, quantity: u32) -> String {
    let cart = shopper.cart().await.unwrap();
    eventually(async || shopper.put(&cart, sku, quantity).await.unwrap(), is_in_stock).await;
    shopper.ship(&cart).await.unwrap();
    cart
}

/// Whether checkout knows that an item that was put into a cart is on sale and in stock.
pub(crate) fn is_in_stock(answer: &Answer) -> bool {
    answer.status == 200 && answer.json()["problems"].as_array().is_some_and(Vec::is_empty)
}

/// A quote over an item.
pub(crate) async fn quoted(shopper: &Shopper, sku: &str, quantity: u32) -> Value {
    let cart = filled_cart(shopper, sku, quantity).await;
    shopper.quote(&cart).await.unwrap()
}

/// An order of an item; its id.
pub(crate) async fn ordered(shopper: &Shopper, sku: &str, quantity: u32, method: &str) -> String {
    let quote = quoted(shopper, sku, quantity).await;
    let answer = shopper.order(&quote, method).await.unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// Waits until an order stands so, and answers it.
pub(crate) async fn reaches(shopper: &Shopper, order: &str, status: &str) -> Value {
    let look = async || shopper.client.get(&format!("/v1/orders/{order}")).await.unwrap();
    eventually(look, |answer| answer.json()["status"] == status).await.json()
}

/// Waits until a SKU has so many on hand, reserved and available.
pub(crate) async fn settles(sku: &str, counts: (u64, u64, u64)) {
    let merchant = demo("merchant").await;
    let expected = [("onHand", counts.0), ("reserved", counts.1), ("available", counts.2)];
    let look = async || merchant.get(&format!("/v1/stock/{sku}")).await.unwrap();
    eventually(look, |level| expected.iter().all(|(name, count)| level.json()[name] == *count)).await;
}

/// Waits until the payment of an order stands so, and answers it.
pub(crate) async fn payment(order: &str, status: &str) -> Value {
    let support = demo("support").await;
    let look = async || support.get(&format!("/v1/payments?orderId={order}")).await.unwrap();
    let payments = eventually(look, |answer| answer.json()["items"][0]["status"] == status).await.json();
    assert_eq!(payments["items"].as_array().unwrap().len(), 1, "one payment an order");
    payments["items"][0].clone()
}

/// Asks again until the answer is accepted. There is no other condition to wait on from outside: each
/// question is a request over the network.
pub(crate) async fn eventually(look: impl AsyncFn() -> Answer, accept: impl Fn(&Answer) -> bool) -> Answer {
    let began = Instant::now();
    loop {
        let answer = look().await;
        if accept(&answer) {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "never came; last seen: {} {}", answer.status, answer.text());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
