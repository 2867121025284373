//! The cost of a million purchases: the counted calls of one purchase with AWS's list prices.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use crate::{
    handlers::Handler,
    ledger::{Invocation, Usage},
    template::{Deployment, name_in_arn},
};

/// Dollars for a million, as listed for eu-west-1 on the pricing pages of <https://aws.amazon.com/pricing/>, without
/// free tiers and discounts for volume.
mod list {
    /// Lambda: requests, and GB-seconds on arm64.
    pub(super) const INVOCATIONS: f64 = 0.20;
    pub(super) const GB_SECONDS: f64 = 13.3334;
    /// `DynamoDB`, on demand: half of 0.283 and 1.4135, the prices until November 2024.
    pub(super) const READ_UNITS: f64 = 0.1415;
    pub(super) const WRITE_UNITS: f64 = 0.706_75;
    /// `EventBridge`: custom events of up to 64 KB.
    pub(super) const EVENTS: f64 = 1.00;
    /// SQS, standard queues.
    pub(super) const SQS_REQUESTS: f64 = 0.40;
    /// API Gateway: HTTP APIs.
    pub(super) const HTTP_REQUESTS: f64 = 1.11;
    /// `CloudWatch` logs: the ingestion of a million megabytes.
    pub(super) const LOG_MEGABYTES: f64 = 570.0;
}

/// The billed duration of an invocation without its calls, in seconds.
const OVERHEAD: f64 = 0.001;
/// The duration of a call from Lambda to AWS.
const CALL: f64 = 0.005;
/// The duration of a call to the payment provider, and the functions that make one.
const PROVIDER: f64 = 0.3;
const ASKS_THE_PROVIDER: [&str; 2] = ["payments/authorize-payment", "payments/capture-payment"];
/// The size of API Gateway's log of a request, in megabytes.
const ACCESS_LOG: f64 = 400e-6;
/// The number of messages that one request receives, or deletes, on a busy system. It is the maximum of SQS.
const BATCH: f64 = 10.0;

/// A kind of cost of one purchase.
struct Item {
    what: &'static str,
    count: f64,
    /// Dollars for a million.
    price: f64,
}

/// The number for one purchase.
#[derive(Debug, Clone)]
pub(super) struct Purchase {
    invocations: f64,
    gb_seconds: f64,
    http_requests: f64,
    sqs_requests: f64,
    /// The part that receives and deletes messages one by one.
    polls: f64,
    usage: Usage,
    /// The invocations of each handler, and their calls.
    steps: BTreeMap<Handler, (u32, Usage)>,
}

impl Purchase {
    pub(super) fn of(invocations: &[Invocation], deployment: &Deployment) -> Self {
        let routed: BTreeSet<_> = deployment.routes.iter().map(|route| &route.function).collect();
        let filled_by_rules: BTreeSet<_> = deployment
            .rules
            .iter()
            .flat_map(|rule| &rule.targets)
            .filter_map(|target| target["Arn"].as_str().map(name_in_arn))
            .collect();
        let count = u32::try_from(invocations.len()).unwrap_or(u32::MAX);
        let mut purchase = Self {
            invocations: f64::from(count),
            gb_seconds: 0.0,
            http_requests: 0.0,
            sqs_requests: 0.0,
            polls: 0.0,
            usage: Usage::default(),
            steps: BTreeMap::new(),
        };
        for Invocation { function, event, usage } in invocations {
            purchase.usage += *usage;
            let Some(spec) = deployment.function(function) else { continue };
            let step = purchase.steps.entry(deployment.handler(spec, event.as_deref())).or_default();
            step.0 += 1;
            step.1 += *usage;
            let calls = f64::from(usage.reads + usage.writes + usage.messages + usage.events.min(1));
            let provider = if ASKS_THE_PROVIDER.contains(&spec.id().as_str()) { PROVIDER } else { 0.0 };
            purchase.gb_seconds += f64::from(spec.memory) / 1024.0 * (OVERHEAD + CALL * calls + provider);
            if routed.contains(function) {
                purchase.http_requests += 1.0;
            }
            purchase.sqs_requests += f64::from(usage.messages);
            if let Some(source) = deployment.queue_sources.iter().find(|source| source.function == *function) {
                // The message is received and deleted. It was sent by a rule, unless a function sent it.
                purchase.sqs_requests += 2.0;
                purchase.polls += 2.0;
                if filled_by_rules.contains(source.queue.as_str()) {
                    purchase.sqs_requests += 1.0;
                }
            }
        }
        purchase
    }

    fn items(&self) -> [Item; 8] {
        let item = |what, count, price| Item { what, count, price };
        [
            item("`DynamoDB` write units", self.usage.write_units, list::WRITE_UNITS),
            item("`DynamoDB` read units", self.usage.read_units, list::READ_UNITS),
            item("API Gateway requests", self.http_requests, list::HTTP_REQUESTS),
            item("`EventBridge` events", f64::from(self.usage.events), list::EVENTS),
            item("SQS requests", self.sqs_requests, list::SQS_REQUESTS),
            item("Lambda requests", self.invocations, list::INVOCATIONS),
            item("Lambda GB-seconds", self.gb_seconds, list::GB_SECONDS),
            item("logs, MB", f64::from(self.usage.logged) / 1e6 + self.http_requests * ACCESS_LOG, list::LOG_MEGABYTES),
        ]
    }

    /// Dollars for a million purchases.
    pub(super) fn dollars(&self) -> f64 {
        self.items().iter().map(|item| item.count * item.price).sum()
    }

    /// The same with messages that are received and deleted in batches of ten.
    pub(super) fn dollars_in_batches(&self) -> f64 {
        self.dollars() - self.polls * (1.0 - 1.0 / BATCH) * list::SQS_REQUESTS
    }

    pub(super) fn table(&self) -> String {
        let mut table =
            "| what | a purchase | $ a million units | $ a million purchases |\n|---|--:|--:|--:|\n".to_owned();
        for Item { what, count, price } in self.items() {
            let cost = count * price;
            let _ = writeln!(table, "| {what} | {} | {price} | {cost:.2} |", rounded(count));
        }
        let _ = writeln!(table, "| **all** | | | **{:.2}** |", self.dollars());
        let _ = writeln!(
            table,
            "| all, with messages received and deleted in tens | | | {:.2} |",
            self.dollars_in_batches()
        );
        table
    }

    /// The calls of each function.
    pub(super) fn steps(&self) -> String {
        let mut table = "| service | function | invocations | read units | write units | events |\n".to_owned();
        table += "|---|---|--:|--:|--:|--:|\n";
        for (handler, (times, usage)) in &self.steps {
            let Usage { read_units, write_units, events, .. } = usage;
            let (service, name) = (&handler.service, handler.name());
            let _ = writeln!(table, "| {service} | `{name}` | {times} | {read_units} | {write_units} | {events} |");
        }
        table
    }
}

/// Formats a number: whole numbers and halves exactly, small numbers with four decimals.
fn rounded(count: f64) -> String {
    if (count * 2.0).fract() == 0.0 { count.to_string() } else { format!("{count:.4}") }
}
