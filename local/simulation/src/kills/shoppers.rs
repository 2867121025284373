//! Shoppers who order until the process has ended, and the orders that they sent.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use local::{
    Client, demo,
    shopper::{Shopper, made, text},
};
use serde_json::{Value, json};
use tokio::{sync::Notify, task::JoinSet};

use super::{AT_ONCE, is_there, program::Program};
use crate::contention;

/// An order that a shopper sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    /// The shopper's token. It stays valid after a restart.
    token: String,
    key: String,
    body: Value,
    pub(super) sku: usize,
    /// The id of the order, if there was a reply.
    pub(super) order: Option<String>,
}

/// All orders that were sent to all processes.
pub(super) struct Books {
    pub(super) skus: Vec<String>,
    pub(super) sent: Vec<Sent>,
    pub(super) accepted: usize,
    pub(super) unknown: usize,
}

impl Books {
    pub(super) fn new(skus: Vec<String>) -> Self {
        Self { skus, sent: Vec::new(), accepted: 0, unknown: 0 }
    }

    /// Notes what shoppers sent; answers from where on.
    pub(super) fn add(&mut self, sent: Vec<Sent>) -> usize {
        let (from, answered) = (self.sent.len(), sent.iter().filter(|sent| sent.order.is_some()).count());
        self.accepted += answered;
        self.unknown += sent.len() - answered;
        self.sent.extend(sent);
        from
    }

    /// Sends the orders without a reply again, with the same idempotency key. Each becomes an order now, or already
    /// is one.
    pub(super) async fn send_again(&mut self, program: &Program) -> Result<()> {
        for sent in self.sent.iter_mut().filter(|sent| sent.order.is_none()) {
            let shopper = program.anyone.with_token(&sent.token);
            let answer = contention::order(&shopper, &sent.body, &sent.key).await?;
            sent.order = Some(text(&made(answer).context("an order that is sent again")?, "id")?);
        }
        Ok(())
    }

    /// Checks that each shopper has exactly the order that they sent.
    pub(super) async fn look_for(&self, program: &Program, from: usize) -> Result<()> {
        let looks = stream::iter(&self.sent[from..]).map(async |sent| {
            let listed = is_there(&program.anyone.with_token(&sent.token), "/v1/orders").await?;
            let known: Vec<_> = listed["items"].as_array().into_iter().flatten().map(|order| &order["id"]).collect();
            ensure!(known == [&json!(sent.order)], "{:?} was accepted, and {known:?} are there", sent.order);
            Ok(())
        });
        looks.buffer_unordered(AT_ONCE).try_collect().await
    }
}

/// The running shoppers.
pub(super) struct Crowd {
    shoppers: JoinSet<Vec<Sent>>,
    courier: JoinSet<()>,
    answered: Arc<(AtomicUsize, Notify)>,
}

impl Crowd {
    /// Starts a number of shoppers and a courier.
    pub(super) async fn send(program: &Program, books: &Books, at_once: usize) -> Result<Self> {
        let answered = Arc::new((AtomicUsize::new(0), Notify::new()));
        let (mut shoppers, mut courier) = (JoinSet::new(), JoinSet::new());
        for number in 0..at_once {
            let (anyone, skus, answered) = (program.anyone.clone(), books.skus.clone(), answered.clone());
            shoppers.spawn(async move {
                let mut sent = Vec::new();
                for round in number.. {
                    let sku = round % skus.len();
                    if shop(&anyone, &skus[sku], sku, round % 7 == 6, &mut sent).await.is_err() {
                        break;
                    }
                    answered.0.fetch_add(1, Ordering::Relaxed);
                    answered.1.notify_one();
                }
                sent
            });
        }
        let carrier = demo::sign_in(&program.anyone, "courier").await?;
        // Parcels of earlier rounds leave and arrive meanwhile. How far that comes is told by the parcels.
        courier.spawn(async move { while deliver(&carrier).await.is_ok() {} });
        Ok(Self { shoppers, courier, answered })
    }

    /// Waits until a number of orders have a reply.
    pub(super) async fn wait_for_orders(&self, orders: usize) {
        while self.answered.0.load(Ordering::Relaxed) < orders {
            self.answered.1.notified().await;
        }
    }

    /// The orders that the shoppers sent, after the last reply.
    pub(super) async fn come_home(self) -> Vec<Sent> {
        self.courier.join_all().await;
        self.shoppers.join_all().await.into_iter().flatten().collect()
    }
}

/// A purchase of a new guest, who may cancel it at once. It fails if the process has ended.
async fn shop(anyone: &Client, sku: &str, at: usize, cancels: bool, sent: &mut Vec<Sent>) -> Result<()> {
    let shopper = Shopper::guest(anyone).await?;
    let cart = shopper.cart().await?;
    while !shopper.put_in_stock(&cart, sku, 1).await? {
        tokio::task::yield_now().await;
    }
    shopper.ship(&cart).await?;
    let quote = shopper.quote(&cart).await?;
    let body = json!({"quote": quote["quote"], "paymentMethod": "pm_card_visa"});
    let key = format!("{:032x}", fastrand::u128(..));
    let token = shopper.client.token().unwrap_or_default().to_owned();
    sent.push(Sent { token, key: key.clone(), body: body.clone(), sku: at, order: None });
    let order = text(&made(shopper.client.post_once("/v1/orders", &body, &key).await?)?, "id")?;
    if let Some(sent) = sent.last_mut() {
        sent.order = Some(order.clone());
    }
    if cancels {
        let reason = json!({"reason": "changed my mind"});
        shopper.client.post(&format!("/v1/orders/{order}/cancellation"), &reason).await?;
    }
    Ok(())
}

/// Dispatches or delivers a parcel. It fails if the process has ended.
async fn deliver(courier: &Client) -> Result<()> {
    for (status, then) in [("dispatched", "delivery"), ("scheduled", "dispatch")] {
        let listed = made(courier.get(&format!("/v1/shipments?status={status}&limit=2")).await?)?;
        for shipment in listed["items"].as_array().into_iter().flatten() {
            // It may have been called off or taken meanwhile: then it is no longer listed.
            let path = format!("/v1/shipments/{}/{then}", text(shipment, "id")?);
            courier.post(&path, &json!({})).await?;
        }
    }
    // A courier takes their time: most parcels are still here when the process dies.
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    Ok(())
}
