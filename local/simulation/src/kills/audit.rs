//! The checks at the end: every order with its payment and stock, the queues, and checkout's read model.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use local::{Client, demo};
use serde_json::{Value, json};

use super::{
    AT_ONCE, PATIENCE, is_there,
    program::Program,
    received,
    shoppers::{Books, Sent},
};

/// The interval of the checks while the system settles.
const PAUSE: Duration = Duration::from_millis(100);

/// A caller who may read everything.
pub(super) struct Audit<'p> {
    program: &'p Program,
    support: Client,
    merchant: Client,
}

impl<'p> Audit<'p> {
    pub(super) async fn of(program: &'p Program) -> Result<Self> {
        let support = demo::sign_in(&program.anyone, "support").await?;
        let merchant = demo::sign_in(&program.anyone, "merchant").await?;
        Ok(Self { program, support, merchant })
    }

    /// Runs all checks. Returns the orders and their final status.
    pub(super) async fn everything(&self, books: &Books) -> Result<Vec<(String, String)>> {
        eventually(async || self.queues_are_empty().await).await?;
        let ends = stream::iter(&books.sent).map(async |sent| {
            let order = sent.order.as_deref().context("an order that was never answered")?;
            let end = eventually(async || self.order(order).await).await.with_context(|| order.to_owned())?;
            Ok::<_, anyhow::Error>((sent, end))
        });
        let ends: Vec<_> = ends.buffer_unordered(AT_ONCE).try_collect().await?;
        for (at, sku) in books.skus.iter().enumerate() {
            eventually(async || self.stock(sku, &ends, at).await).await.with_context(|| sku.clone())?;
        }
        eventually(async || self.queues_are_empty().await).await?;
        Ok(ends.into_iter().filter_map(|(sent, end)| Some((sent.order.clone()?, end))).collect())
    }

    /// No message is in a queue or in flight, and there are no dead letters.
    async fn queues_are_empty(&self) -> Result<()> {
        let status = is_there(&self.program.anyone, "/_souk/status").await?;
        let queues = status["queues"].as_array().context("a status without queues")?;
        let inside = |queue: &&Value| ["waiting", "inFlight", "delayed"].iter().any(|part| queue[*part] != 0);
        let full: Vec<_> = queues.iter().filter(inside).collect();
        ensure!(full.is_empty(), "queues are not empty: {full:?}");
        Ok(())
    }

    /// An order has reached its final status, and its payment and history agree with it.
    async fn order(&self, id: &str) -> Result<String> {
        let answer = self.support.get(&format!("/v1/orders/{id}")).await?;
        ensure!(answer.status == 200, "it is gone: {}", answer.text());
        let (order, version) = (answer.json(), answer.header("etag").unwrap_or_default().trim_matches('"'));
        let status = order["status"].as_str().unwrap_or_default().to_owned();
        let payments = is_there(&self.support, &format!("/v1/payments?orderId={id}")).await?["items"].take();
        let payment = payments[0]["status"].as_str().unwrap_or("none");
        let settled = match status.as_str() {
            "confirmed" => payment == "authorized",
            "shipped" | "delivered" => payment == "captured",
            "cancelled" => matches!(payment, "none" | "voided" | "refunded"),
            _ => false,
        };
        ensure!(settled, "it is {status}, its payment {payment}");
        money(&payments[0], &order["totals"]["total"])?;
        let history = is_there(&self.support, &format!("/v1/orders/{id}/history")).await?["items"].take();
        let facts = history.as_array().map(Vec::len).unwrap_or_default();
        let last = history[facts.saturating_sub(1)]["type"].as_str().unwrap_or_default().to_lowercase();
        ensure!(version == facts.to_string() && last == format!("order{status}"), "{status} v{version}: {history}");
        Ok(status)
    }

    /// All received units are available, held or sold, and checkout's read model agrees.
    async fn stock(&self, sku: &str, ends: &[(&Sent, String)], at: usize) -> Result<()> {
        let of = |wanted: &[&str]| {
            let mine = ends.iter().filter(|(sent, end)| sent.sku == at && wanted.contains(&end.as_str()));
            mine.count() as u64
        };
        let (held, left) = (of(&["confirmed"]), of(&["shipped", "delivered"]));
        let level = is_there(&self.merchant, &format!("/v1/stock/{sku}")).await?;
        let counts = [&level["onHand"], &level["reserved"], &level["available"]].map(Value::as_u64);
        let expected = [received() - left, held, received() - left - held].map(Some);
        ensure!(counts == expected, "{level}, with {held} held and {left} sent of {}", received());

        let key = json!({"pk": {"S": format!("stock#{sku}")}, "sk": {"S": "state"}});
        let request = json!({"TableName": "souk-local-Checkout-Table", "Key": key}).to_string().into_bytes();
        let target = [("x-amz-target", "DynamoDB_20120810.GetItem")];
        let known = self.program.aws.send("POST", "/", &target, request).await?.json();
        let available = known["Item"]["available"]["N"].as_str().map(str::to_owned);
        ensure!(available == counts[2].map(|count| count.to_string()), "checkout knows {known}, and it is {level}");
        Ok(())
    }
}

/// Repeats a check until it succeeds, or the time is over.
async fn eventually<T>(look: impl AsyncFn() -> Result<T>) -> Result<T> {
    let began = Instant::now();
    loop {
        let seen = look().await;
        if seen.is_ok() || began.elapsed() > PATIENCE {
            return seen;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The accounts with the money of a payment, by its transactions. They must match its status.
fn money(payment: &Value, total: &Value) -> Result<()> {
    let balance = |account: &str| {
        let moved = |side: &str| {
            let transactions = payment["transactions"].as_array().into_iter().flatten();
            let on_side = transactions.filter(|transaction| transaction[side] == account);
            on_side.filter_map(|transaction| transaction["amount"]["amount"].as_i64()).sum::<i64>()
        };
        moved("to") - moved("from")
    };
    let total = total["amount"].as_i64().context("an order without a total")?;
    let balances = ["customer", "held", "cash", "disputed"].map(balance);
    let expected = match payment["status"].as_str() {
        Some("authorized") => [-total, total, 0, 0],
        Some("captured") => [-total, 0, total, 0],
        _ => [0, 0, 0, 0],
    };
    ensure!(balances == expected, "customer, held, cash and disputed are {balances:?}, not {expected:?}");
    Ok(())
}
