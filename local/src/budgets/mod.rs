//! What each function asks of AWS at most, and what a million purchases cost: counted on a tour through everything.
//!
//! The counts are kept in `local/budgets.md`, which a test compares: whoever changes them writes it anew.

mod caps;
mod prices;
mod rest;
mod tour;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use anyhow::{Context, Result};
use emulators::VirtualClock;
use jiff::{Timestamp, Unit};

use crate::{Options, Permission, Stack, Usage, template::FunctionSpec};
use prices::Purchase;
use tour::Tour;

/// Where the counts are kept.
pub const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/budgets.md");

/// What was counted.
#[derive(Debug)]
pub struct Budgets {
    /// The most that one invocation of a function asked for, by service and binary.
    operations: BTreeMap<(String, String), Usage>,
    purchase: Purchase,
    /// Permissions that a function has, and was not seen to use.
    unused: Vec<String>,
}

/// Goes on the tour in a stack of its own, in memory.
pub async fn count() -> Result<Budgets> {
    // Webhooks are signed by the machine's clock; a whole second is always written alike.
    let clock = VirtualClock::new(Timestamp::now().round(Unit::Second)?);
    let options = Options { demo: true, steps: Some(clock.clone()), ..Options::default() };
    let stack = Stack::start(options).await?;
    let counted = on_tour(&stack, clock).await;
    stack.stop().await;
    counted
}

async fn on_tour(stack: &Stack, clock: VirtualClock) -> Result<Budgets> {
    rest::settled(stack).await?;
    let tour = Tour::begin(stack, clock).await?;
    // Keys are read once a process, and kept: the second purchase is like all that follow.
    let sku = tour.stocked().await?;
    tour.purchase(&sku).await.context("a purchase")?;
    let before = stack.ledger().invocations().len();
    let bought = tour.purchase(&sku).await.context("a purchase")?;
    let purchase = Purchase::of(&stack.ledger().invocations()[before..], stack.deployment());
    tour.everything(&bought).await?;
    let functions = &stack.deployment().functions;
    let mut operations = BTreeMap::new();
    for spec in functions {
        operations.insert((spec.service.clone(), spec.binary.clone()), most(stack, spec)?);
    }
    let unused = functions.iter().flat_map(|spec| unused(stack, spec)).collect();
    Ok(Budgets { operations, purchase, unused })
}

fn most(stack: &Stack, spec: &FunctionSpec) -> Result<Usage> {
    let invocations = stack.ledger().invocations().into_iter();
    let usages = invocations.filter(|invocation| invocation.function == spec.name).map(|invocation| invocation.usage);
    usages.reduce(Usage::most).with_context(|| format!("the tour does not come by {}", spec.binary))
}

fn unused(stack: &Stack, spec: &FunctionSpec) -> Vec<String> {
    let used = stack.ledger().used(&spec.name);
    let allowed: BTreeSet<_> = spec
        .policy
        .iter()
        .flat_map(|statement| statement.actions.iter().map(move |action| (action, &statement.resources)))
        .flat_map(|(action, resources)| {
            resources.iter().map(|resource| Permission { action: action.clone(), resource: resource.clone() })
        })
        .collect();
    let unused = allowed.difference(&used);
    unused.map(|Permission { action, resource }| format!("{}: {action} on {resource}", spec.binary)).collect()
}

impl Budgets {
    /// Permissions that a function has, and was not seen to use.
    pub fn unused(&self) -> &[String] {
        &self.unused
    }

    /// Functions that call the store more often than a function should without a reason, and reasons without need.
    pub fn excesses(&self) -> Vec<String> {
        caps::excesses(&self.operations)
    }

    /// What a million purchases cost, in dollars.
    pub fn dollars(&self) -> f64 {
        self.purchase.dollars()
    }

    /// Everything as Markdown: the whole of [`FILE`].
    pub fn page(&self) -> String {
        let mut page = format!("{HEAD}\n{}\n{AIM}\n{}\n{OPERATIONS}\n", self.purchase.table(), self.purchase.steps());
        page += "| service | function | reads | writes | read units | write units | events | messages |\n";
        page += "|---|---|--:|--:|--:|--:|--:|--:|\n";
        for ((service, function), usage) in &self.operations {
            let Usage { reads, writes, read_units, write_units, events, messages } = usage;
            let _ = writeln!(
                page,
                "| {service} | `{function}` | {reads} | {writes} | {read_units} | {write_units} | {events} | {messages} |"
            );
        }
        page + "\n" + caps::HEAD + "\n\n" + &caps::table()
    }
}

const HEAD: &str = "\
# Budgets

What functions ask of AWS, counted between the AWS SDK and the emulators. `cargo run -- budgets --write` writes this
page; a test fails when it is no longer true. Everything runs in single steps on a clock that stands still, so the
counts are the same each time: every message and every change of a table comes by itself. Batches would make a busy
system cheaper than this.

## A million purchases

One purchase of one product, from a guest's token to a delivered parcel, with its authorizers and webhooks; list prices
of eu-west-1, without free tiers. Units are those that the embedded DynamoDB reports, as the real one bills them: the
larger of old and new item, twice in a transaction, and the index's own. The requests to SQS of rules and pollers are
counted with the functions' own. Lambda's time is assumed: 1 ms, 5 ms a call, 300 ms for the payment provider; so are
logs, 600 bytes an invocation and 400 a request. Reading streams costs a function nothing. Left out is what does not
grow with purchases, or is sampled: empty polls, storage, backups, alarms, traces, the edge.
";

const AIM: &str = "\
The aim is 27 $, which is about what this purchase's requests to API Gateway and its events cost by themselves. Most of
the rest is written units: a transaction bills each write twice, and event and inbox are writes beside the state. It is
what the promises are kept with.
";

const OPERATIONS: &str = "\
## Operations

The most that one invocation of each function asked for on a tour through everything that it can do; what a process
reads once and keeps is counted, lost races are not.
";
