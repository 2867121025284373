//! Many buyers for one unit, over HTTP against a stack in this process, round after round: each has one winner.
//!
//! A cart may be quoted more than once, and each quote is an order of its own. So the buyers fill their carts for some
//! rounds at once, and what races is the order. Then a stack and a crowd are fresh again.

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

/// For how many rounds carts are filled at once; quotes hold for 15 minutes.
const BATCH: usize = 10;
/// How many are asked at once how it ended for them.
const AT_ONCE: usize = 16;
/// How often an order is sent to a server that is too busy.
const TRIES: usize = 5;
/// How long a round, or a read model, may take to settle.
const PATIENCE: Duration = Duration::from_mins(2);

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub struct Rush {
    /// How often a unit comes on sale.
    pub rounds: usize,
    /// How many want it.
    pub buyers: usize,
    /// No round begins after so long.
    pub within: Duration,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Rounds that were run, each with one winner.
    pub rounds: usize,
    /// Orders that were placed.
    pub orders: usize,
    /// How long it took.
    pub took: Duration,
}

/// Rushes with a progress bar, and prints what came of it.
pub fn prove(rush: Rush) -> Result<()> {
    let bar = ProgressBar::new(rush.rounds as u64);
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} rounds  {elapsed}  {eta} left")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(rush.run(|round| bar.set_position(round as u64)))?;
    bar.finish_and_clear();
    println!(
        "{} of {} rounds of {} buyers for one unit in {:.0} s, {} orders: one winner each, who alone is charged",
        report.rounds,
        rush.rounds,
        rush.buyers,
        report.took.as_secs_f64(),
        report.orders
    );
    if report.rounds < rush.rounds {
        println!("the time was over before the other {} rounds", rush.rounds - report.rounds);
    }
    Ok(())
}

impl Rush {
    /// Runs as many rounds as there is time for; fails with the first that has not exactly one winner.
    pub async fn run(self, progress: impl Fn(usize)) -> Result<Report> {
        let (began, mut rounds) = (Instant::now(), 0);
        while rounds < self.rounds && began.elapsed() < self.within {
            let batch = BATCH.min(self.rounds - rounds);
            // SQLite keeps no more than 1 GB in memory, which is some thirty thousand orders.
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

/// The shop with one unit on its shelf.
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

    /// Buyers with full carts, and quotes for so many rounds.
    async fn crowd(&self, buyers: usize, rounds: usize) -> Result<Vec<Buyer>> {
        let mut crowd = JoinSet::new();
        for _ in 0..buyers {
            let (anyone, sku) = (self.anyone.clone(), self.sku.clone());
            crowd.spawn(async move {
                let shopper = Shopper::guest(&anyone).await?;
                let cart = shopper.cart().await?;
                let began = Instant::now();
                while shopper.put(&cart, &sku, 1).await?.status != 200 {
                    ensure!(began.elapsed() < PATIENCE, "{sku} is never on sale");
                    tokio::task::yield_now().await;
                }
                shopper.ship(&cart).await?;
                // One after the other: more connections than buyers are more than a server lets wait.
                let mut quotes = Vec::new();
                for _ in 0..rounds {
                    quotes.push(shopper.quote(&cart).await?);
                }
                Ok::<_, anyhow::Error>(Buyer { shopper, quotes })
            });
        }
        crowd.join_all().await.into_iter().collect()
    }

    /// One unit comes on sale, everybody orders it at once, and all hear how it ended.
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

    /// What everybody can see after so many rounds: nothing is oversold, nobody else has paid.
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

/// The payment provider holds the money of one buyer a round.
async fn check_charges(provider: &Client, rounds: usize) -> Result<()> {
    let intents = made(provider.get("/v1/payment_intents").await?)?;
    let live = live_charges(&intents).count();
    ensure!(live == rounds, "{live} charges at the provider after {rounds} rounds");
    Ok(())
}

/// Orders, again and under the same key where the server was too busy, as any client would.
pub(crate) async fn order(buyer: &Client, body: &Value, key: &str) -> Result<Answer> {
    for _ in 1..TRIES {
        let answer = buyer.post_once("/v1/orders", body, key).await?;
        if answer.status < 500 {
            return Ok(answer);
        }
    }
    buyer.post_once("/v1/orders", body, key).await
}

/// Whether an order was confirmed, and is paid for; if not, it was out of stock, and nobody is charged for it.
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

/// Waits until an order has ended, and answers how.
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

/// How orders end, as the bus says it: whoever listens too slowly to hear all of them has to ask for the others.
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
