//! A load of complete purchases, from a guest's token to a delivered parcel, over HTTP against a stack in
//! this process.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use emulators::BusEvent;
use futures::future::try_join_all;
use serde_json::{Value, json};
use tokio::{
    sync::{broadcast, oneshot},
    task::JoinSet,
};

use crate::{
    Client, Stack, demo,
    shopper::{Shopper, made, stocked, text},
};

/// The number of products. It is small, so that some orders want the same product at the same time.
const PRODUCTS: usize = 40;
/// The maximum time that a purchase waits for its next state.
const PATIENCE: Duration = Duration::from_mins(1);

/// The parameters of a load.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// The number of purchases.
    pub orders: usize,
    /// The number of concurrent shoppers.
    pub at_once: usize,
}

/// The result of a load.
#[derive(Debug, Default)]
pub struct Report {
    /// The duration.
    pub took: Duration,
    /// The number of completed purchases.
    pub completed: usize,
    /// The errors, and the number of times that each occurred.
    pub errors: BTreeMap<String, usize>,
    /// The durations of each step, in the order of the purchase.
    pub steps: Vec<(&'static str, Vec<Duration>)>,
}

impl Load {
    /// Makes purchases, and calls `progress` with the number of finished purchases after each.
    pub async fn run(self, stack: &Stack, progress: impl Fn(usize) + Send + Sync + 'static) -> Result<Report> {
        let shop = Arc::new(Shop::open(stack, self.orders).await?);
        let (next, done, progress) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(progress));
        let mut shoppers = JoinSet::new();
        let began = Instant::now();
        for _ in 0..self.at_once {
            let (shop, next, done, progress) = (shop.clone(), next.clone(), done.clone(), progress.clone());
            shoppers.spawn(async move {
                let mut purchases = Vec::new();
                while let number = next.fetch_add(1, Ordering::Relaxed)
                    && number < self.orders
                {
                    let mut steps = Steps::default();
                    let outcome = shop.purchase(number, &mut steps).await;
                    purchases.push((steps, outcome));
                    progress(done.fetch_add(1, Ordering::Relaxed) + 1);
                }
                purchases
            });
        }
        let purchases = shoppers.join_all().await.into_iter().flatten();
        let mut report = Report { took: began.elapsed(), ..Report::default() };
        for (steps, outcome) in purchases {
            match outcome {
                Ok(()) => report.completed += 1,
                Err(error) => *report.errors.entry(format!("{error:#}")).or_default() += 1,
            }
            for (step, took) in steps.taken {
                match report.steps.iter_mut().find(|(name, _)| *name == step) {
                    Some((_, all)) => all.push(took),
                    None => report.steps.push((step, vec![took])),
                }
            }
        }
        report.steps.iter_mut().for_each(|(_, all)| all.sort());
        Ok(report)
    }
}

/// The durations of the steps of a purchase.
#[derive(Default)]
struct Steps {
    taken: Vec<(&'static str, Duration)>,
}

impl Steps {
    async fn time<T>(&mut self, step: &'static str, work: impl Future<Output = Result<T>>) -> Result<T> {
        let began = Instant::now();
        let outcome = work.await.context(step);
        self.taken.push((step, began.elapsed()));
        outcome
    }
}

/// A shop with stock, and its staff.
struct Shop {
    anyone: Client,
    courier: Client,
    skus: Vec<String>,
    news: News,
}

impl Shop {
    async fn open(stack: &Stack, orders: usize) -> Result<Self> {
        let anyone = stack.client();
        let merchant = demo::sign_in(&anyone, "merchant").await?;
        let courier = demo::sign_in(&anyone, "courier").await?;
        let news = News::listen(stack.cloud().subscribe_events());
        let skus = try_join_all((0..PRODUCTS).map(|_| stocked(&merchant, 1999, orders))).await?;
        let shop = Self { anyone, courier, skus, news };
        shop.everything_is_on_sale().await?;
        Ok(shop)
    }

    /// Waits until checkout's read model has every product and its stock.
    async fn everything_is_on_sale(&self) -> Result<()> {
        let shopper = Shopper::guest(&self.anyone).await?;
        let cart = shopper.cart().await?;
        for sku in &self.skus {
            let began = Instant::now();
            while !shopper.put_in_stock(&cart, sku, 1).await? {
                ensure!(began.elapsed() < PATIENCE, "{sku} is never on sale");
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    async fn purchase(&self, number: usize, steps: &mut Steps) -> Result<()> {
        let shopper = steps.time("guest", Shopper::guest(&self.anyone)).await?;
        let cart = steps.time("cart", shopper.cart()).await?;
        let sku = &self.skus[number % self.skus.len()];
        steps.time("item", async { made(shopper.put(&cart, sku, 1).await?) }).await?;
        steps.time("shipping", shopper.ship(&cart)).await?;
        let quote = steps.time("quote", shopper.quote(&cart)).await?;

        let began = Instant::now();
        let order = async { made(shopper.order(&quote, "pm_card_visa").await?) };
        let order = text(&steps.time("order", order).await?, "id")?;
        self.news.wait(&order, "OrderConfirmed.v1").await?;
        steps.taken.push(("order to confirmed", began.elapsed()));

        self.news.wait(&order, "ShipmentScheduled.v1").await?;
        let shipment = order.replacen("ord_", "shp_", 1);
        let dispatch = async {
            made(self.courier.post(&format!("/v1/shipments/{shipment}/dispatch"), &json!({})).await?)?;
            self.news.wait(&order, "OrderShipped.v1").await
        };
        steps.time("dispatch to shipped", dispatch).await?;
        let delivery = async {
            made(self.courier.post(&format!("/v1/shipments/{shipment}/delivery"), &json!({})).await?)?;
            self.news.wait(&order, "OrderDelivered.v1").await
        };
        steps.time("delivery to delivered", delivery).await
    }
}

/// The events of orders on the bus, for the tasks that wait for them.
#[derive(Clone, Default)]
struct News {
    heard: Arc<Mutex<HashMap<(String, String), Heard>>>,
}

enum Heard {
    Already,
    NotYet(oneshot::Sender<()>),
}

impl News {
    fn listen(mut bus: broadcast::Receiver<BusEvent>) -> Self {
        let news = Self::default();
        let listening = news.clone();
        tokio::spawn(async move {
            while let Ok(event) = bus.recv().await {
                listening.hear(&event);
            }
        });
        news
    }

    fn hear(&self, event: &BusEvent) {
        let Ok(event) = serde_json::from_str::<Value>(&event.envelope) else { return };
        let (Some(name), Some(order)) = (event["detail-type"].as_str(), event["detail"]["data"]["order"].as_str())
        else {
            return;
        };
        let key = (order.to_owned(), name.to_owned());
        if let Some(Heard::NotYet(waiting)) = self.lock().insert(key, Heard::Already) {
            // The task may have stopped waiting.
            let _ = waiting.send(());
        }
    }

    /// Waits until an event of an order is on the bus.
    async fn wait(&self, order: &str, name: &str) -> Result<()> {
        let key = (order.to_owned(), name.to_owned());
        let waiting = {
            let mut heard = self.lock();
            if let Some(Heard::Already) = heard.get(&key) {
                return Ok(());
            }
            let (send, receive) = oneshot::channel();
            heard.insert(key, Heard::NotYet(send));
            receive
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(Ok(())) => Ok(()),
            _ => bail!("no {name} within {} s", PATIENCE.as_secs()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), Heard>> {
        // A poisoned map is still a map: entries are only ever inserted whole.
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
