//! Buyers. The choice sequence decides what each buyer puts into the cart, how they pay, and what they do afterwards.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    actors::{cancellation, find, operation, pause, quote_again, quoted, thief},
    caller::{Answer, Caller},
    prices::SHELF,
    world::World,
};

/// Most customers pay with the first one.
const METHODS: [&str; 8] = [
    "pm_card_visa",
    "pm_sandbox_3ds",
    "pm_sandbox_dispute",
    "pm_card_chargeDeclined",
    "pm_sandbox_timeout",
    "pm_sandbox_flaky",
    "pm_sandbox_dispute",
    "pm_sandbox_unreachable",
];

/// The first request of a buyer to place an order.
struct Purchase<'a> {
    me: &'a Caller,
    cart: &'a str,
    quote: &'a str,
    /// Another quote of the same generation of the cart, if there is one.
    other: Option<&'a str>,
}

/// Places an order, then reads it, cancels it or does nothing.
pub(crate) async fn buyer(world: Arc<World>, number: u32) {
    let me = Caller::new(&world, 100 + u128::from(number), "customer");
    pause(&world, 600).await;
    let Some((cart, quote)) = quoted(&world, &me).await else { return };
    let method = METHODS[world.choices.mostly_first(METHODS.len())];
    let order = json!({"quote": quote, "paymentMethod": method});
    if world.choices.happens(200) {
        thief(&world, &cart, &order).await;
    }
    let other = if world.choices.happens(250) { quote_again(&me, &cart).await } else { None };
    if world.choices.happens(150) {
        return merge(&world, &me, &cart, &order).await;
    }
    if world.choices.happens(300) {
        drop(me.call(&operation("list-products", "GET", "/v1/products", &[], None)).await);
        find(&me, &operation("get-cart", "GET", "/v1/carts/{cartId}", &[("cartId", cart.as_str())], None)).await;
    }
    if world.choices.happens(200) {
        add(&world, &me, &cart).await;
    }
    let Some(answer) = place(&me, &order).await else { return };
    if answer.text("type").ends_with("quote-already-used") {
        world.observed.breaks("who tries again is answered", "the first order of a quote was refused");
    }
    if !answer.is_good() {
        return;
    }
    let id = answer.text("id");
    world.log(|| {
        format!("buyer {number} is told of {}, paid by {method}", crate::plain::short_key(&id.replace('_', "#")))
    });
    world.observed.with(|seen| seen.accepted.insert(id.clone(), quote.clone()));
    let purchase = Purchase { me: &me, cart: &cart, quote: &quote, other: other.as_deref() };
    purchase.place_again(&world, &order, &answer).await;
    if method == "pm_sandbox_3ds" {
        approve(&world, &me, &id).await;
    }
    let cancels_within = match world.choices.mostly_first(4) {
        1 => 10,
        2 => 7200,
        3 => 8 * 24 * 3600,
        _ => {
            let at = [("orderId", id.as_str())];
            find(&me, &operation("get-order-history", "GET", "/v1/orders/{orderId}/history", &at, None)).await;
            return purchase.buy_again(&world, &id).await;
        }
    };
    pause(&world, cancels_within).await;
    drop(me.call(&cancellation(&[("orderId", id.as_str())])).await);
    purchase.buy_again(&world, &id).await;
}

async fn place(me: &Caller, order: &Value) -> Option<Answer> {
    me.call(&operation("place-order", "POST", "/v1/orders", &[], Some(order.clone()))).await
}

impl Purchase<'_> {
    /// Sends more requests with the same key, quote or cart. None of them may place another order.
    async fn place_again(&self, world: &World, order: &Value, answer: &Answer) {
        // The key with another request.
        if world.choices.happens(200) {
            let other = json!({"quote": self.quote, "paymentMethod": "pm_card_mastercard"});
            let again = operation("place-order", "POST", "/v1/orders", &[], Some(other));
            let again = self.me.call_with_key(&again, &answer.key).await;
            if let Some(again) = again.filter(|again| !again.text("type").ends_with("idempotency-key-reused")) {
                let what = format!("another request was answered {}", again.status);
                world.observed.breaks("one key is one request", what);
            }
        }
        // A second request with another idempotency key: the quote was already used.
        if world.choices.happens(200)
            && let Some(again) = place(self.me, order).await
            && again.is_good()
        {
            world.observed.breaks("one quote is one order", answer.text("id"));
        }
        // Another quote of the same generation of the cart.
        if let Some(other) = self.other {
            let other = json!({"quote": other, "paymentMethod": "pm_card_visa"});
            if let Some(again) = place(self.me, &other).await
                && again.is_good()
            {
                world.observed.breaks("one generation of a cart is one order", answer.text("id"));
            }
        }
    }

    /// Buys what is in the cart after the order was cancelled.
    async fn buy_again(&self, world: &World, id: &str) {
        if !world.choices.happens(400) {
            return;
        }
        pause(world, 3600).await;
        let known = world.observed.with(|seen| seen.has_consumed("checkout/reopen-cart", "OrderCancelled.v1", id));
        let Some(quote) = (if known { quote_again(self.me, self.cart).await } else { None }) else { return };
        let Some(answer) = place(self.me, &json!({"quote": quote, "paymentMethod": "pm_card_visa"})).await else {
            return;
        };
        if answer.is_good() {
            world.log(|| "a reopened cart is bought".to_owned());
            world.observed.with(|seen| {
                seen.bought_again += 1;
                seen.accepted.insert(answer.text("id"), quote)
            });
        } else {
            let what = format!("its quote was answered {}", answer.text("type"));
            world.observed.breaks("a reopened cart can be bought", what);
        }
    }
}

/// Puts something into the cart after the quote.
async fn add(world: &World, me: &Caller, cart: &str) {
    let sku = SHELF[world.choices.mostly_first(SHELF.len())].0;
    let at = [("cartId", cart), ("sku", sku)];
    let put = operation("put-item", "PUT", "/v1/carts/{cartId}/items/{sku}", &at, Some(json!({"quantity": 4})));
    let is_known = me.call(&put).await.is_some_and(|answer| answer.is_good());
    world.observed.with(|seen| match seen.filled.get_mut(cart) {
        Some(filled) if is_known => drop(filled.insert(sku.to_owned(), 4)),
        _ => drop(seen.filled.remove(cart)),
    });
}

/// Merges the cart into another one, and tries to order with its quote: before or after orders knows.
async fn merge(world: &Arc<World>, me: &Caller, cart: &str, order: &Value) {
    let made = operation("create-cart", "POST", "/v1/carts", &[], Some(json!({"currency": "EUR"})));
    let Some(into) = me.call(&made).await.map(|made| made.text("id")) else { return };
    let at = [("cartId", into.as_str())];
    let merged = operation("merge-cart", "POST", "/v1/carts/{cartId}/merge", &at, Some(json!({"from": cart})));
    if !me.call(&merged).await.is_some_and(|answer| answer.is_good()) {
        return;
    }
    if world.choices.happens(500) {
        pause(world, 600).await;
    }
    let known = world.observed.with(|seen| seen.has_consumed("orders/close-merged-cart", "CartMerged.v1", cart));
    let Some(answer) = place(me, order).await.filter(Answer::is_good) else { return };
    if known {
        world.observed.breaks("a merged cart is not ordered", format!("{} was placed from {cart}", answer.text("id")));
    }
    world.observed.with(|seen| {
        seen.ordered_merged += 1;
        seen.accepted.insert(answer.text("id"), String::new())
    });
}

/// Approves or refuses the payment on the bank's page: at once, late, twice, one after the other or never.
async fn approve(world: &Arc<World>, me: &Caller, order: &str) {
    let payment = order.replace("ord_", "pay_");
    let at = [("paymentId", payment.as_str())];
    // The payment is requested when the stock is reserved.
    for _ in 0..10 {
        let seen = me.call(&operation("get-payment", "GET", "/v1/payments/{paymentId}", &at, None)).await;
        if seen.is_some_and(|seen| seen.text("status") == "action-required") {
            break;
        }
        pause(world, 30).await;
    }
    let decisions = match world.choices.mostly_first(7) {
        0 => vec!["approve"],
        1 => vec!["refuse"],
        2 => {
            pause(world, 1800).await;
            vec!["approve"]
        }
        3 => vec!["refuse", "approve"],
        4 => vec!["approve", "approve"],
        5 => vec!["approve", "refuse"],
        _ => Vec::new(),
    };
    for (number, decision) in decisions.into_iter().enumerate() {
        // Another decision comes at once, or when the payment has changed already.
        if number > 0 && world.choices.happens(500) {
            pause(world, 60).await;
        }
        world.provider.approve(world, order, decision);
        if world.choices.happens(500) {
            let confirmed =
                operation("confirm-payment", "POST", "/v1/payments/{paymentId}/confirmation", &at, Some(json!({})));
            drop(me.call(&confirmed).await);
        }
    }
}
