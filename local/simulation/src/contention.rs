//! Contention test: in each round, many buyers order one unit over HTTP from a stack in this process, and exactly one
//! gets it.
//!
//! A quote can be used for one order, and so can its cart. So the buyers fill a cart for each of several rounds at once,
//! and only the orders compete. Then a new stack and new buyers are started.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use emulators::BusEvent;
use futures::{StreamExt, TryStreamExt, future::try_join_all, stream};
use indicatif::{ProgressBar, ProgressStyle};
use local::{
    Answer, Client, Options, Stack, demo,
    shopper::{Shopper, made, stocked, text},
};
use serde_json::{Value, json};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    task::JoinSet,
};
use uuid::Uuid;

use crate::provider::live_charges;

/// The number of rounds for which carts are filled at once. Quotes are valid for 15 minutes.
const BATCH: usize = 10;
/// The number of orders whose result is read at once.
const AT_ONCE: usize = 16;
/// The maximum number of attempts to send an order to a server that is too busy.
const TRIES: usize = 5;
/// The maximum time until a round or a read model has settled.
const PATIENCE: Duration = Duration::from_mins(2);

/// The parameters of the test.
#[derive(Debug, Clone, Copy)]
pub struct Contention {
    /// The number of rounds. In each, one unit is on sale.
    pub rounds: usize,
    /// The number of buyers.
    pub buyers: usize,
    /// No round starts after this time.
    pub within: Duration,
}

/// The result of the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Rounds that were run, each with one winner.
    pub rounds: usize,
    /// Orders that were placed.
    pub orders: usize,
    /// The duration.
    pub took: Duration,
}

/// Runs the test with a progress bar, and prints the result.
pub fn prove(contention: Contention) -> Result<()> {
    let bar = ProgressBar::new(contention.rounds as u64);
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} rounds  {elapsed}  {eta} left")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(contention.run(|round| bar.set_position(round as u64)))?;
    bar.finish_and_clear();
    println!(
        "{} of {} rounds of {} buyers for one unit in {:.0} s, {} orders: one winner each, who alone is charged",
        report.rounds,
        contention.rounds,
        contention.buyers,
        report.took.as_secs_f64(),
        report.orders
    );
    if report.rounds < contention.rounds {
        println!("the time was over before the other {} rounds", contention.rounds - report.rounds);
    }
    Ok(())
}

impl Contention {
    /// Runs as many rounds as there is time for. Fails at the first round without exactly one winner.
    pub async fn run(self, progress: impl Fn(usize)) -> Result<Report> {
        let (began, mut rounds) = (Instant::now(), 0);
        while rounds < self.rounds && began.elapsed() < self.within {
            let batch = BATCH.min(self.rounds - rounds);
            // SQLite keeps at most 1 GB in memory, which is about thirty thousand orders.
            let stack = Stack::start(Options { demo: true, ..Options::default() }).await?;
            let shop = Shop::open(&stack).await?;
            let crowd = shop.crowd(self.buyers, batch).await?;
            let mut run = 0;
            while run < batch && began.elapsed() < self.within {
                shop.round(&crowd, run, run == 0).await.with_context(|| format!("round {}", rounds + run + 1))?;
                run += 1;
                progress(rounds + run);
            }
            rounds += run;
            shop.check(&crowd, run).await?;
            check_charges(stack.provider(), run).await?;
            stack.stop().await;
        }
        Ok(Report { rounds, orders: rounds * self.buyers, took: began.elapsed() })
    }
}

/// A buyer, with a quote for each round.
struct Buyer {
    shopper: Shopper,
    quotes: Vec<Value>,
}

/// The shop, with one unit in stock.
struct Shop {
    anyone: Client,
    merchant: Client,
    sku: String,
    bus: broadcast::Receiver<BusEvent>,
}

impl Shop {
    async fn open(stack: &Stack) -> Result<Self> {
        let anyone = stack.client();
        let merchant = demo::sign_in(&anyone, "merchant").await?;
        let sku = stocked(&merchant, 4999, 1).await?;
        Ok(Self { anyone, merchant, sku, bus: stack.cloud().subscribe_events() })
    }

    /// Buyers with full carts, and quotes for a number of rounds.
    async fn crowd(&self, buyers: usize, rounds: usize) -> Result<Vec<Buyer>> {
        let mut crowd = JoinSet::new();
        for _ in 0..buyers {
            let (anyone, sku) = (self.anyone.clone(), self.sku.clone());
            crowd.spawn(async move {
                let shopper = Shopper::guest(&anyone).await?;
                // The carts are filled one after the other, because a server accepts only a limited number of waiting
                // connections.
                let mut quotes = Vec::new();
                for _ in 0..rounds {
                    let cart = shopper.cart().await?;
                    let began = Instant::now();
                    while !shopper.put_in_stock(&cart, &sku, 1).await? {
                        ensure!(began.elapsed() < PATIENCE, "{sku} is never on sale");
                        tokio::task::yield_now().await;
                    }
                    shopper.ship(&cart).await?;
                    quotes.push(shopper.quote(&cart).await?);
                }
                Ok::<_, anyhow::Error>(Buyer { shopper, quotes })
            });
        }
        crowd.join_all().await.into_iter().collect()
    }

    /// Puts one unit on sale, lets all buyers order it at once, and reads the results.
    async fn round(&self, crowd: &[Buyer], round: usize, on_sale: bool) -> Result<()> {
        if !on_sale {
            let one = json!({"delta": 1, "reason": "received"});
            made(self.merchant.post(&format!("/v1/stock/{}/adjustments", self.sku), &one).await?)?;
        }
        let news = tokio::spawn(hear_ends(self.bus.resubscribe(), crowd.len()));
        let orders = crowd.iter().map(|buyer| {
            let (shopper, quote) = (buyer.shopper.clone(), &buyer.quotes[round]["quote"]);
            let (body, key) = (json!({"quote": quote, "paymentMethod": "pm_card_visa"}), Uuid::new_v4().to_string());
            tokio::spawn(async move { text(&made(order(&shopper.client, &body, &key).await?)?, "id") })
        });
        let placed = try_join_all(orders.collect::<Vec<_>>()).await?;
        let placed: Vec<_> = placed.into_iter().collect::<Result<_>>()?;
        let heard = tokio::time::timeout(PATIENCE, news).await.context("not every order ended in time")???;
        let mut ends = Vec::new();
        for (buyer, order) in crowd.iter().zip(&placed) {
            ends.push(match heard.get(order) {
                Some(end) => end.clone(),
                None => ended(&buyer.shopper.client, order).await?,
            });
        }
        let winners = ends.iter().filter(|end| *end == "confirmed").count();
        let refused = ends.iter().filter(|end| *end == "out-of-stock").count();
        ensure!(winners == 1, "{winners} orders of {} are confirmed", crowd.len());
        ensure!(refused == crowd.len() - 1, "{refused} orders of {} are out of stock", crowd.len());
        Ok(())
    }

    /// Checks the state after a number of rounds: nothing is oversold, and only the winners have paid.
    async fn check(&self, crowd: &[Buyer], rounds: usize) -> Result<()> {
        let level = made(self.merchant.get(&format!("/v1/stock/{}", self.sku)).await?)?;
        let counts = [&level["onHand"], &level["reserved"], &level["available"]].map(Value::as_u64);
        let sold = Some(rounds as u64);
        ensure!(counts == [sold, sold, Some(0)], "the books after {rounds} rounds: {level}");
        let seen = stream::iter(crowd).map(async |buyer| {
            let listed = made(buyer.shopper.client.get("/v1/orders?limit=100").await?)?;
            let mut won = 0;
            for order in listed["items"].as_array().context("a list without items")? {
                won += usize::from(won_or_lost(&buyer.shopper.client, order).await?);
            }
            Ok::<_, anyhow::Error>(won)
        });
        let won: Vec<_> = seen.buffer_unordered(AT_ONCE).try_collect().await?;
        let won: usize = won.into_iter().sum();
        ensure!(won == rounds, "{won} winners in {rounds} rounds");
        Ok(())
    }
}

/// Checks that the payment provider holds the money of one buyer per round.
async fn check_charges(provider: &Client, rounds: usize) -> Result<()> {
    let intents = made(provider.get("/v1/payment_intents").await?)?;
    let live = live_charges(&intents).count();
    ensure!(live == rounds, "{live} charges at the provider after {rounds} rounds");
    Ok(())
}

/// Places an order. If the server is too busy, this tries again with the same idempotency key, like a client does.
pub(crate) async fn order(buyer: &Client, body: &Value, key: &str) -> Result<Answer> {
    for _ in 1..TRIES {
        let answer = buyer.post_once("/v1/orders", body, key).await?;
        if answer.status < 500 {
            return Ok(answer);
        }
    }
    buyer.post_once("/v1/orders", body, key).await
}

/// Whether an order was confirmed and paid. If not, it was cancelled as out of stock and not charged.
async fn won_or_lost(buyer: &Client, order: &Value) -> Result<bool> {
    let payments = made(buyer.get(&format!("/v1/payments?orderId={}", text(order, "id")?)).await?)?["items"].take();
    match (order["status"].as_str(), order["reason"].as_str()) {
        (Some("confirmed"), _) => {
            let held = payments[0]["status"] == "authorized" && payments[0]["amount"] == order["totals"]["total"];
            ensure!(held, "the payments of a winner: {payments}");
            Ok(true)
        }
        (Some("cancelled"), Some("out-of-stock")) => {
            ensure!(payments[0].is_null(), "the payments of somebody who got nothing: {payments}");
            Ok(false)
        }
        _ => bail!("an order is {} because of {}", order["status"], order["reason"]),
    }
}

/// Waits until an order has ended, and returns its status.
async fn ended(buyer: &Client, order: &str) -> Result<String> {
    let began = Instant::now();
    loop {
        let seen = made(buyer.get(&format!("/v1/orders/{order}")).await?)?;
        match (seen["status"].as_str(), seen["reason"].as_str()) {
            (Some("confirmed"), _) => return Ok("confirmed".to_owned()),
            (Some("cancelled"), Some(reason)) => return Ok(reason.to_owned()),
            _ => ensure!(began.elapsed() < PATIENCE, "{order} does not end"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The results of orders, from the events on the bus. If some events were missed, the orders are read instead.
async fn hear_ends(mut bus: broadcast::Receiver<BusEvent>, orders: usize) -> Result<HashMap<String, String>> {
    let mut ends = HashMap::new();
    while ends.len() < orders {
        let event: Value = match bus.recv().await {
            Ok(event) => serde_json::from_str(&event.envelope)?,
            Err(RecvError::Lagged(_)) => break,
            Err(RecvError::Closed) => bail!("the stack has stopped"),
        };
        let end = match event["detail-type"].as_str() {
            Some("OrderConfirmed.v1") => "confirmed",
            Some("OrderCancelled.v1") => event["detail"]["data"]["reason"].as_str().unwrap_or_default(),
            _ => continue,
        };
        let order = event["detail"]["data"]["order"].as_str().context("an order without an id")?;
        ends.insert(order.to_owned(), end.to_owned());
    }
    Ok(ends)
}
