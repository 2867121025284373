//! The payment provider of a run: the sandbox without a socket. The choice sequence decides when its webhooks are
//! delivered.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use sandbox::{Asked, Options, Outgoing, Said, Webhooks, signature};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::{
    executor::lock,
    world::{START, Stage, World},
};

/// The codes of payments that were withdrawn at the provider: the customer refused, or the order was cancelled.
const WITHDRAWN: [&str; 2] = ["payment_intent_authentication_failure", "canceled"];

/// The provider's record of a charge.
#[derive(Debug, Clone, Default)]
pub(crate) struct Charge {
    pub(crate) order: String,
    pub(crate) status: String,
    pub(crate) amount: i64,
    pub(crate) received: i64,
    pub(crate) refunded: i64,
    /// Whether the customer was asked to approve it.
    pub(crate) asked: bool,
    /// The status of its dispute, if there is one.
    pub(crate) dispute: Option<(String, String)>,
}

impl Charge {
    /// Whether the customer was asked to approve it, and can still pay it.
    pub(crate) fn is_payable(&self) -> bool {
        self.asked && ["requires_action", "requires_payment_method"].contains(&self.status.as_str())
    }

    /// Whether the provider contradicts that it was declined with a code: it has the money, or had it. It never had the
    /// money of a payment that the customer was asked to approve, and that was then withdrawn.
    pub(crate) fn contradicts_decline(&self, code: &str) -> bool {
        match self.status.as_str() {
            "requires_capture" | "succeeded" => true,
            "canceled" => !(self.asked && WITHDRAWN.contains(&code)),
            _ => false,
        }
    }
}

pub(crate) struct Provider {
    books: sandbox::Provider,
    outbox: Mutex<UnboundedReceiver<Outgoing>>,
    secret: String,
    api_key: String,
    /// By intent, in the order in which they were made.
    charges: Mutex<BTreeMap<u64, (String, Charge)>>,
    /// The time until which it does not answer.
    silent_until: Mutex<u64>,
    /// The number of webhooks that are not accepted yet.
    under_way: AtomicUsize,
}

impl Provider {
    pub(crate) fn new(stage: &Stage) -> Self {
        let given = |name: &str| {
            let value = stage.deployment.functions.iter().find_map(|function| function.environment.get(name));
            stage.secrets.resolve(value.map_or("", String::as_str)).expect("every secret is there")
        };
        let (api_key, secret) = (given("STRIPE_API_KEY"), given("STRIPE_WEBHOOK_SECRET"));
        let webhooks = Some(Webhooks { url: String::new(), secret: secret.clone(), events: &[] });
        let options = Options { api_key: api_key.clone(), webhooks, pages: String::new(), folder: None };
        let (sender, outbox) = unbounded_channel();
        let began = u64::try_from(START.as_second()).unwrap_or_default();
        let books = sandbox::Provider::open(&options, sender, began).expect("a provider in memory opens");
        Self {
            books,
            outbox: Mutex::new(outbox),
            secret,
            api_key,
            charges: Mutex::default(),
            silent_until: Mutex::default(),
            under_way: AtomicUsize::new(0),
        }
    }

    /// Every charge, oldest first.
    pub(crate) fn charges(&self) -> Vec<Charge> {
        lock(&self.charges).values().map(|(_, charge)| charge.clone()).collect()
    }

    /// The status of an intent.
    pub(crate) fn status(&self, intent: &str) -> Option<String> {
        lock(&self.charges).values().find(|(known, _)| known == intent).map(|(_, charge)| charge.status.clone())
    }

    /// The open disputes.
    pub(crate) fn open_disputes(&self) -> Vec<String> {
        let disputes = self.charges().into_iter().filter_map(|charge| charge.dispute);
        disputes.filter(|(_, status)| status == "needs_response").map(|(dispute, _)| dispute).collect()
    }

    /// Does not answer for a time from now on.
    pub(crate) fn falls_silent(&self, world: &World, hours: u64) {
        *lock(&self.silent_until) = world.unix_time() + 3600 * hours;
        world.log(|| format!("the provider falls silent for {hours} h"));
    }

    pub(crate) fn is_silent(&self, world: &World) -> bool {
        world.unix_time() < *lock(&self.silent_until)
    }

    /// Whether every webhook was accepted.
    pub(crate) fn has_told_all(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) == 0
    }

    /// Sends a request to it, and sends its webhooks.
    pub(crate) fn ask(&self, world: &Arc<World>, asked: &Asked) -> Said {
        let said = self.books.ask(asked, world.unix_time()).expect("a provider in memory keeps what it likes");
        self.report(world);
        said
    }

    /// The customer decides on the bank's page.
    pub(crate) fn approve(&self, world: &Arc<World>, order: &str, decision: &str) {
        let charges = lock(&self.charges).values().cloned().collect::<Vec<_>>();
        let Some((intent, _)) = charges.iter().find(|(_, charge)| charge.order == order) else { return };
        let said = self.books.decide(intent, decision, world.unix_time()).expect("a provider in memory keeps all");
        world.log(|| format!("the customer decides on the bank's page: {decision}: {}", said.status));
        self.report(world);
    }

    /// Sends the webhooks of what was done.
    fn report(&self, world: &Arc<World>) {
        while let Ok(webhook) = lock(&self.outbox).try_recv() {
            self.learn(world, &webhook);
            self.under_way.fetch_add(1, Ordering::Relaxed);
            world.spawner.spawn(deliver(world.clone(), webhook));
        }
    }

    /// Closes a dispute, like the customer's bank does.
    pub(crate) fn decide(&self, world: &Arc<World>, dispute: &str, won: bool) {
        let evidence = if won { "winning_evidence" } else { "losing_evidence" };
        let asked = Asked {
            method: "POST".to_owned(),
            path: format!("/v1/disputes/{dispute}"),
            parameters: [("evidence[uncategorized_text]".to_owned(), evidence.to_owned())].into(),
            api_key: Some(self.api_key.clone()),
            idempotency_key: None,
        };
        world.log(|| format!("the bank decides a dispute: {}", if won { "won" } else { "lost" }));
        self.ask(world, &asked);
    }

    /// Checks that the content of a webhook matches the provider's records.
    fn learn(&self, world: &World, webhook: &Outgoing) {
        let said: Value = serde_json::from_str(&webhook.body).unwrap_or_default();
        let object = &said["data"]["object"];
        let text = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
        let mut charges = lock(&self.charges);
        let id = if object["object"] == "payment_intent" { text("id") } else { text("payment_intent") };
        let known = charges.iter().find(|(_, (known, _))| *known == id).map(|(number, _)| *number);
        let number = known.unwrap_or(charges.len() as u64);
        let (_, charge) = charges.entry(number).or_insert_with(|| (id, Charge::default()));
        match object["object"].as_str() {
            Some("payment_intent") => {
                object["metadata"]["order"].as_str().unwrap_or_default().clone_into(&mut charge.order);
                charge.status = text("status");
                charge.asked |= charge.status == "requires_action";
                charge.amount = object["amount"].as_i64().unwrap_or_default();
                charge.received = object["amount_received"].as_i64().unwrap_or_default();
            }
            // The data about the charge matches the charge.
            Some("refund") => {}
            Some("charge") => charge.refunded = object["amount_refunded"].as_i64().unwrap_or_default(),
            _ => charge.dispute = Some((text("id"), text("status"))),
        }
        let order = charge.order.clone();
        let live = |charge: &&Charge| charge.order == order && is_live(&charge.status);
        let twice = charges.values().map(|(_, charge)| charge).filter(live).count() > 1;
        drop(charges);
        if twice {
            world.observed.breaks("nobody is charged twice", format!("{order} has two charges at the provider"));
        }
    }
}

/// Delivers a webhook until it is accepted. It can be late, early or duplicated.
async fn deliver(world: Arc<World>, webhook: Outgoing) {
    let said: Value = serde_json::from_str(&webhook.body).unwrap_or_default();
    let kind = said["type"].as_str().unwrap_or_default().to_owned();
    if world.suffers("webhook delayed") {
        tokio::time::sleep(Duration::from_secs(u64::from(world.choices.below(7200)))).await;
    }
    if kind == "charge.dispute.created" && world.suffers_often("dispute decided at once") {
        let dispute = said["data"]["object"]["id"].as_str().unwrap_or_default();
        world.provider.decide(&world, dispute, world.choices.mostly_first(2) == 0);
        tokio::time::sleep(Duration::from_secs(u64::from(world.choices.below(60)))).await;
    }
    let mut times = 1 + u32::from(world.suffers("webhook twice"));
    let mut pause = Duration::from_secs(5);
    while times > 0 {
        let signed = signature(&world.provider.secret, world.unix_time(), &webhook.body);
        let payload = json!({
            "version": "2.0", "routeKey": "POST /v1/webhooks/payments", "rawPath": "/v1/webhooks/payments",
            "rawQueryString": "",
            "headers": {"content-type": "application/json", "stripe-signature": signed},
            "requestContext": {
                "accountId": "000000000000", "apiId": "simulation", "stage": "$default", "requestId": "webhook",
                "http": {"method": "POST", "path": "/v1/webhooks/payments", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.9", "userAgent": "provider"},
                "timeEpoch": 0,
            },
            "body": webhook.body, "isBase64Encoded": false,
        });
        match world.invoke("receive-webhook", &kind, &payload).await {
            Ok(answer) if answer["statusCode"] == 200 => times -= 1,
            _ => {
                tokio::time::sleep(pause).await;
                pause = (2 * pause).min(Duration::from_mins(10));
            }
        }
    }
    world.provider.books.delivered(webhook.id);
    world.provider.under_way.fetch_sub(1, Ordering::Relaxed);
}

/// A request, as the provider reads it.
pub(crate) fn read(request: &http::Request<Bytes>) -> Asked {
    let query = request.uri().query().unwrap_or_default().as_bytes();
    let owned = |(name, value): (Cow<'_, str>, Cow<'_, str>)| (name.into_owned(), value.into_owned());
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Asked {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        parameters: form_urlencoded::parse(query).chain(form_urlencoded::parse(request.body())).map(owned).collect(),
        api_key: header("authorization").and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned)),
        idempotency_key: header("idempotency-key"),
    }
}

/// The charges in the provider's list of payment intents that hold or have captured money.
pub(crate) fn live_charges(intents: &Value) -> impl Iterator<Item = &Value> {
    let live = |intent: &&Value| intent["status"].as_str().is_some_and(is_live);
    intents["data"].as_array().into_iter().flatten().filter(live)
}

fn is_live(status: &str) -> bool {
    matches!(status, "requires_capture" | "succeeded")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge(status: &str, asked: bool) -> Charge {
        Charge { status: status.to_owned(), asked, ..Charge::default() }
    }

    #[test]
    fn only_the_code_of_a_withdrawn_payment_excuses_a_decline_of_a_released_hold() {
        for code in WITHDRAWN {
            assert!(!charge("canceled", true).contradicts_decline(code));
            assert!(charge("canceled", false).contradicts_decline(code), "the customer was not asked");
            for status in ["requires_capture", "succeeded"] {
                assert!(charge(status, true).contradicts_decline(code), "{status}");
            }
        }
        assert!(charge("canceled", true).contradicts_decline("card_declined"));
        assert!(!charge("requires_payment_method", false).contradicts_decline("card_declined"));
    }

    #[test]
    fn a_charge_can_be_paid_later_only_if_the_customer_was_asked() {
        for status in ["requires_action", "requires_payment_method"] {
            assert!(charge(status, true).is_payable() && !charge(status, false).is_payable(), "{status}");
        }
        assert!(!charge("canceled", true).is_payable());
    }
}
